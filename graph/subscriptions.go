package graph

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// MaxMessageSubscription is the longest life of a subscription to messages
// without resource data.
//
// "subscription resource type", "Subscription lifetime"
const MaxMessageSubscription = 10_080 * time.Minute

// Subscription asks Microsoft to tell an HTTPS address about changes.
//
// "subscription resource type"
type Subscription struct {
	ID              string    `json:"id,omitempty"`
	Resource        string    `json:"resource,omitempty"`   // such as "users/{id}/mailFolders('inbox')/messages"
	ChangeType      string    `json:"changeType,omitempty"` // such as "created,updated"
	NotificationURL string    `json:"notificationUrl,omitempty"`
	LifecycleURL    string    `json:"lifecycleNotificationUrl,omitempty"` // only at creation
	ClientState     string    `json:"clientState,omitempty"`              // a secret, comes back with each notification; 128 characters at most
	Expiry          time.Time `json:"expirationDateTime,omitzero"`
}

// CreateSubscription creates a subscription. Before it returns, Microsoft calls
// both addresses once, see [AnswerValidation]; [ErrEndpointValidation] says that
// this did not work. The ids in notifications are immutable ones.
//
// "Create subscription"
func (c *Client) CreateSubscription(ctx context.Context, s Subscription) (*Subscription, error) {
	r := c.subscription("create subscription", http.MethodPost, "")
	r.body = s
	return c.subscriptionAnswer(ctx, r)
}

// RenewSubscription sets a new expiry and returns what Microsoft made of it.
//
// "Update subscription"
func (c *Client) RenewSubscription(ctx context.Context, id string, expiry time.Time) (*Subscription, error) {
	r := c.subscription("renew subscription", http.MethodPatch, "/"+url.PathEscape(id))
	r.body = Subscription{Expiry: expiry.UTC()}
	return c.subscriptionAnswer(ctx, r)
}

// ReauthorizeSubscription answers a reauthorizationRequired notification
// without changing the expiry.
//
// "subscription: reauthorize"
func (c *Client) ReauthorizeSubscription(ctx context.Context, id string) error {
	r := c.subscription("reauthorize subscription", http.MethodPost, "/"+url.PathEscape(id)+"/reauthorize")
	r.repeat = true
	return c.run(ctx, r)
}

// DeleteSubscription ends a subscription.
//
// "Delete subscription"
func (c *Client) DeleteSubscription(ctx context.Context, id string) error {
	return c.run(ctx, c.subscription("delete subscription", http.MethodDelete, "/"+url.PathEscape(id)))
}

// Subscriptions lists the subscriptions of the application, or of the person who signed in.
//
// "List subscriptions"
func (c *Client) Subscriptions(ctx context.Context) ([]Subscription, error) {
	var all []Subscription
	r := c.subscription("list subscriptions", http.MethodGet, "")
	for r.url != "" {
		some, next, err := collection[Subscription](ctx, c, r)
		if err != nil {
			return nil, err
		}
		all, r.url = append(all, some...), next
	}
	return all, nil
}

func (c *Client) subscription(op, method, path string) request {
	return request{op: op, method: method, url: c.base + "/subscriptions" + path, repeat: method != http.MethodPost}
}

func (c *Client) subscriptionAnswer(ctx context.Context, r request) (*Subscription, error) {
	return fetch(ctx, c, r, func(s *Subscription) error { return wantID(s.ID) })
}
