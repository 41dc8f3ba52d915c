package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Bounds of what ParseNotifications takes: anybody can post to a notification URL.
const (
	MaxNotificationBytes = 8 << 20
	maxNotifications     = 20_000
	maxNotificationText  = 4 << 10
	maxValidationToken   = 4 << 10
)

// Lifecycle events of a subscription.
//
// "Reduce missing subscriptions and change notifications"
const (
	ReauthorizationRequired = "reauthorizationRequired" // renew or reauthorize
	SubscriptionRemoved     = "subscriptionRemoved"     // create another and read the delta
	Missed                  = "missed"                  // read the delta
)

// Notification is a hint that something changed, or a lifecycle event. It
// proves nothing until SubscriptionID and ClientState are found to be one's own.
//
// "changeNotification resource type"
type Notification struct {
	SubscriptionID     string    `json:"subscriptionId"`
	SubscriptionExpiry time.Time `json:"subscriptionExpirationDateTime"`
	ClientState        string    `json:"clientState"`
	TenantID           string    `json:"tenantId"`
	ChangeType         string    `json:"changeType"`     // created, updated or deleted; empty for lifecycle events
	LifecycleEvent     string    `json:"lifecycleEvent"` // one of the constants; empty for changes
	Resource           string    `json:"resource"`
	Data               struct {
		Type string `json:"@odata.type"`
		ID   string `json:"id"` // of the message
	} `json:"resourceData"`
}

// ParseNotifications reads the body of a POST to a notification or lifecycle
// URL. It takes all of it or nothing.
//
// "Receive change notifications through webhooks"
func ParseNotifications(body []byte) ([]Notification, error) {
	if len(body) > MaxNotificationBytes {
		return nil, fmt.Errorf("notifications: %d bytes", len(body))
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	if err := expect(dec, json.Delim('{')); err != nil {
		return nil, err
	}
	var found []Notification
	seen := false
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("notifications: %w", err)
		}
		if key != "value" {
			if err := dec.Decode(new(json.RawMessage)); err != nil {
				return nil, fmt.Errorf("notifications: %w", err)
			}
			continue
		}
		if seen {
			return nil, errors.New("notifications: value twice")
		}
		seen = true
		if found, err = parseValue(dec); err != nil {
			return nil, err
		}
	}
	if err := expect(dec, json.Delim('}')); err != nil {
		return nil, err
	}
	if !seen {
		return nil, errors.New("notifications: no value")
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("notifications: more after the end")
	}
	return found, nil
}

func parseValue(dec *json.Decoder) ([]Notification, error) {
	if err := expect(dec, json.Delim('[')); err != nil {
		return nil, err
	}
	var found []Notification
	for dec.More() {
		if len(found) == maxNotifications {
			return nil, fmt.Errorf("notifications: more than %d", maxNotifications)
		}
		var n Notification
		if err := dec.Decode(&n); err != nil {
			return nil, fmt.Errorf("notification %d: %w", len(found), err)
		}
		if err := n.validate(); err != nil {
			return nil, fmt.Errorf("notification %d: %w", len(found), err)
		}
		found = append(found, n)
	}
	return found, expect(dec, json.Delim(']'))
}

func (n *Notification) validate() error {
	for _, text := range []string{n.SubscriptionID, n.ClientState, n.TenantID, n.ChangeType, n.LifecycleEvent, n.Resource, n.Data.Type, n.Data.ID} {
		if len(text) > maxNotificationText {
			return fmt.Errorf("text of %d bytes", len(text))
		}
	}
	switch {
	case n.SubscriptionID == "":
		return errors.New("no subscriptionId")
	case (n.ChangeType == "") == (n.LifecycleEvent == ""):
		return errors.New("want either changeType or lifecycleEvent")
	}
	return nil
}

func expect(dec *json.Decoder, want json.Delim) error {
	got, err := dec.Token()
	if err != nil {
		return fmt.Errorf("notifications: %w", err)
	}
	if got != want {
		return fmt.Errorf("notifications: %v where %q belongs", got, want.String())
	}
	return nil
}

// AnswerValidation answers the request by which Microsoft checks a notification
// URL, and reports whether r was one. It must be answered within 10 seconds.
//
// "Receive change notifications through webhooks", "notificationUrl validation"
func AnswerValidation(w http.ResponseWriter, r *http.Request) bool {
	token := r.URL.Query().Get("validationToken")
	if token == "" {
		return false
	}
	if len(token) > maxValidationToken {
		http.Error(w, "validation token too long", http.StatusBadRequest)
		return true
	}
	// Plain text and nosniff: the token is a stranger's, and a browser may be the caller.
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	io.WriteString(w, token)
	return true
}
