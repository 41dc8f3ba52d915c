package graph

import (
	"context"
	"net/http"
	"strings"
)

// User is a person or a shared mailbox in the tenant's directory.
//
// "user resource type"
type User struct {
	ID                string   `json:"id"`
	Name              string   `json:"displayName"`
	Mail              string   `json:"mail"` // the primary address; empty without a mailbox
	UserPrincipalName string   `json:"userPrincipalName"`
	ProxyAddresses    []string `json:"proxyAddresses"` // "SMTP:" before the primary, "smtp:" before others
}

// Addresses returns all addresses at which the user receives mail, the primary
// first, in lower case.
func (u *User) Addresses() []string {
	var all []string
	seen := make(map[string]bool)
	add := func(address string) {
		address = strings.ToLower(address)
		if address != "" && !seen[address] {
			seen[address] = true
			all = append(all, address)
		}
	}
	add(u.Mail)
	for _, p := range u.ProxyAddresses {
		if kind, address, ok := strings.Cut(p, ":"); ok && strings.EqualFold(kind, "smtp") {
			add(address)
		}
	}
	return all
}

// Me returns the person who signed in.
//
// "Get a user"
func (c *Client) Me(ctx context.Context) (*User, error) { return c.User(ctx, "me") }

// User returns a user by id or user principal name.
//
// "Get a user"
func (c *Client) User(ctx context.Context, user string) (*User, error) {
	r := request{
		op:     "get user",
		method: http.MethodGet,
		url:    c.userURL(user) + query("$select", "id,displayName,mail,userPrincipalName,proxyAddresses"),
		repeat: true,
	}
	return fetch(ctx, c, r, func(u *User) error { return wantID(u.ID) })
}
