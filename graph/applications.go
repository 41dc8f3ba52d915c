package graph

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Application is what the directory knows of an app registration's secrets.
//
// "application resource type"
type Application struct {
	ID        string               `json:"id"` // object id
	AppID     string               `json:"appId"`
	Name      string               `json:"displayName"`
	Passwords []PasswordCredential `json:"passwordCredentials"`
}

// PasswordCredential is a client secret without its value.
//
// "passwordCredential resource type"
type PasswordCredential struct {
	KeyID string    `json:"keyId"`
	Name  string    `json:"displayName"`
	Hint  string    `json:"hint"` // the secret's first three characters
	End   time.Time `json:"endDateTime"`
}

// Application reads an app registration by its client id. It needs the
// application permission Application.Read.All; without it ErrAccessDenied.
//
// "Get application"
func (c *Client) Application(ctx context.Context, clientID string) (*Application, error) {
	r := request{
		op:     "get application",
		method: http.MethodGet,
		url: c.base + "/applications(appId='" + url.PathEscape(clientID) + "')" +
			query("$select", "id,appId,displayName,passwordCredentials"),
		repeat: true,
	}
	return fetch(ctx, c, r, func(a *Application) error { return wantID(a.ID) })
}
