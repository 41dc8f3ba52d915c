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

// UserByAddress returns the user, or shared mailbox, that an address reaches,
// be it the primary one or an alias; nil when there is none.
//
// "List users", "Use the $filter query parameter", any on a collection
func (c *Client) UserByAddress(ctx context.Context, address string) (*User, error) {
	// "SMTP:" stands before the primary address; the directory compares without regard to case.
	filter := "proxyAddresses/any(p:p eq " + literal("smtp:"+address) + ")"
	r := request{
		op: "find user", method: http.MethodGet, repeat: true,
		url: c.base + "/users" + query("$select", userSelect, "$filter", filter),
	}
	users, _, err := collection[User](ctx, c, r)
	if err != nil || len(users) == 0 {
		return nil, err
	}
	return &users[0], nil
}

const userSelect = "id,displayName,mail,userPrincipalName,proxyAddresses"

// User returns a user by id or user principal name.
//
// "Get a user"
func (c *Client) User(ctx context.Context, user string) (*User, error) {
	r := request{
		op:     "get user",
		method: http.MethodGet,
		url:    c.userURL(user) + query("$select", userSelect),
		repeat: true,
	}
	return fetch(ctx, c, r, func(u *User) error { return wantID(u.ID) })
}
