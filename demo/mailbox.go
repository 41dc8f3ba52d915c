package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"tandem/email"
	"tandem/m365sim"
)

// mailbox is the support mailbox at the simulated Microsoft 365, with the
// simulator's controls around it.
type mailbox struct {
	sim   *m365sim.Server
	entra Entra
}

func newMailbox(sim *m365sim.Server, entra Entra) *mailbox {
	entra.LoginURL = strings.TrimRight(entra.LoginURL, "/")
	return &mailbox{sim: sim, entra: entra}
}

// kept is a mail as the simulator shows it.
type kept struct {
	ID         string    `json:"id"` // immutable
	MessageID  string    `json:"internet_message_id"`
	References string    `json:"references"`
	Subject    string    `json:"subject"`
	Text       string    `json:"text"`
	SentAt     time.Time `json:"sent_at"`
	From       string    `json:"from"`
	Recipients []string  `json:"recipients"` // of the outbox
}

// held lists the mails of a folder, or of "all", by Message-ID.
func (m *mailbox) held(ctx context.Context, folder string) (map[string][]kept, error) {
	var answer struct{ Messages []kept }
	path := "/sim/mailboxes/" + Support + "/messages?limit=5000&folder=" + url.QueryEscape(folder)
	if err := m.control(ctx, http.MethodGet, path, nil, &answer); err != nil {
		return nil, fmt.Errorf("list the folder %s: %w", folder, err)
	}
	held := map[string][]kept{}
	for _, k := range answer.Messages {
		id := strings.Trim(k.MessageID, "<>")
		held[id] = append(held[id], k)
	}
	return held, nil
}

// outbox lists what left the organisation, newest first.
func (m *mailbox) outbox(ctx context.Context) ([]kept, error) {
	var answer struct{ Messages []kept }
	err := m.control(ctx, http.MethodGet, "/sim/outbox", nil, &answer)
	return answer.Messages, err
}

// consent does what an administrator of Contoso did before our time: allow
// Tandem to use this one mailbox.
func (m *mailbox) consent(ctx context.Context) error {
	body := map[string]any{"user": Support, "scopes": scopes}
	return m.control(ctx, http.MethodPost, "/sim/applications/"+m.entra.ClientID+"/consent", body, nil)
}

var scopes = []string{"openid", "offline_access", "email", "User.Read", "Mail.Send", "Mail.ReadWrite"}

// grant signs in as the mailbox, with its password instead of a browser
// ("Microsoft identity platform and OAuth 2.0 Resource Owner Password Credentials").
func (m *mailbox) grant(ctx context.Context) (*email.Grant, error) {
	if err := m.consent(ctx); err != nil {
		return nil, fmt.Errorf("consent to the use of %s: %w", Support, err)
	}
	config := oauth2.Config{
		ClientID: m.entra.ClientID, ClientSecret: m.entra.Secret, Scopes: scopes,
		Endpoint: oauth2.Endpoint{
			TokenURL:  m.entra.LoginURL + "/" + m.entra.Tenant + "/oauth2/v2.0/token",
			AuthStyle: oauth2.AuthStyleInParams,
		},
	}
	token, err := config.PasswordCredentialsToken(ctx, Support, Password)
	if err != nil {
		return nil, fmt.Errorf("sign in as %s: %w", Support, err)
	}
	var me struct {
		ID   string `json:"id"`
		Name string `json:"displayName"`
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, m.entra.LoginURL+"/v1.0/me", nil)
	if err != nil {
		return nil, err
	}
	if err := do(config.Client(ctx, token), req, &me); err != nil {
		return nil, fmt.Errorf("ask who signed in: %w", err)
	}
	granted, _ := token.Extra("scope").(string)
	return &email.Grant{
		TenantID: m.entra.Tenant, UserID: me.ID, Email: Support, Name: me.Name,
		RefreshToken: email.Secret(token.RefreshToken), Scopes: strings.Fields(granted),
	}, nil
}

// control talks to the simulator's controls.
func (m *mailbox) control(ctx context.Context, method, path string, body, into any) error {
	var content io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, m.entra.LoginURL+path, content)
	if err != nil {
		return err
	}
	return do(http.DefaultClient, req, into)
}

func do(client *http.Client, req *http.Request, into any) error {
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		text, err := io.ReadAll(io.LimitReader(resp.Body, 500))
		return errors.Join(fmt.Errorf("%s %s: %s: %s", req.Method, req.URL.Path, resp.Status, text), err)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(into)
}
