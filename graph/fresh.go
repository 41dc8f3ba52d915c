package graph

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// FreshToken gets a new token, whatever is left of the one in use: a
// permission that was taken back stays in a token for as long as it lasts.
func (c *Client) FreshToken(ctx context.Context) error {
	old, err := c.tokens.Token(ctx)
	if err != nil {
		return err
	}
	c.tokens.Invalidate(old)
	_, err = c.tokens.Token(ctx)
	return err
}

// AccessClaims are what an access token says of itself.
//
// "Access tokens in the Microsoft identity platform" warns that a client must
// not depend on them: they are shown to people, and decide nothing.
type AccessClaims struct {
	AppID    string   `json:"appid"`
	ObjectID string   `json:"oid"` // of the user, or of the service principal when there is none
	TenantID string   `json:"tid"`
	Roles    []string `json:"roles"` // application permissions
	Scopes   string   `json:"scp"`   // delegated ones, separated by spaces
}

// AccessClaims tells what the token in use says of itself. It is not verified,
// and what cannot be read is empty.
func (c *Client) AccessClaims(ctx context.Context) (AccessClaims, error) {
	access, err := c.tokens.Token(ctx)
	return readClaims(access), err
}

func readClaims(access string) AccessClaims {
	var c AccessClaims
	parts := strings.Split(access, ".")
	if len(parts) != 3 {
		return c
	}
	if body, err := base64.RawURLEncoding.DecodeString(parts[1]); err == nil {
		_ = json.Unmarshal(body, &c) // what it does not say stays empty
	}
	return c
}

// Users returns the first n users of the directory, shared mailboxes among them.
//
// "List users"
func (c *Client) Users(ctx context.Context, n int) ([]User, error) {
	r := request{
		op: "list users", method: http.MethodGet, repeat: true,
		url: c.base + "/users" + query("$select", userSelect, "$top", strconv.Itoa(n)),
	}
	users, _, err := collection[User](ctx, c, r)
	return users, err
}
