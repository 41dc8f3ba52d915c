package m365

import (
	"context"
	"errors"
	"strings"
	"time"

	"tandem/email"
	"tandem/graph"
)

// subscriptionLife is just below the longest that Microsoft allows for Outlook
// messages, 10,080 minutes ("subscription resource type").
const subscriptionLife = graph.MaxMessageSubscription - 10*time.Minute

// resource is what a subscription is about.
func (m *mailbox) resource(s email.Subscription) string {
	if s.Whole {
		return m.owner() + "/messages"
	}
	return m.owner() + "/mailFolders('" + folderName(s.Folder) + "')/messages"
}

// owner is how resources of the mailbox begin.
func (m *mailbox) owner() string {
	if m.user == "me" {
		return "me"
	}
	return "users/" + m.user
}

// Subscribe asks for notifications of new mail. When Microsoft
// says that there is such a subscription already, from a start of ours that was
// cut short, that one is ended first: only we know its secret, and we lost it.
func (m *mailbox) Subscribe(ctx context.Context, s email.Subscription) (string, time.Time, error) {
	created, err := m.create(ctx, s)
	if errors.Is(err, graph.ErrConflict) {
		if err = m.endOthers(ctx, s.NotificationURL); err == nil {
			created, err = m.create(ctx, s)
		}
	}
	if err != nil {
		return "", time.Time{}, translate(err)
	}
	return created.ID, created.Expiry, nil
}

func (m *mailbox) create(ctx context.Context, s email.Subscription) (*graph.Subscription, error) {
	return m.client.CreateSubscription(ctx, graph.Subscription{
		Resource: m.resource(s), ChangeType: "created",
		NotificationURL: s.NotificationURL, LifecycleURL: s.LifecycleURL,
		ClientState: string(s.ClientState), Expiry: time.Now().Add(subscriptionLife),
	})
}

// endOthers ends our subscriptions to this mailbox. Microsoft lists those of the
// person who signed in, or all of the application: other mailboxes' stay.
func (m *mailbox) endOthers(ctx context.Context, notificationURL string) error {
	all, err := m.client.Subscriptions(ctx)
	if err != nil {
		return err
	}
	for _, s := range all {
		another := m.user != "me" && !hasPrefixFold(strings.TrimPrefix(s.Resource, "/"), m.owner()+"/")
		if s.NotificationURL != notificationURL || another {
			continue
		}
		if err := m.client.DeleteSubscription(ctx, s.ID); err != nil && !errors.Is(err, graph.ErrNotFound) {
			return err
		}
	}
	return nil
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// Renew prolongs a subscription.
func (m *mailbox) Renew(ctx context.Context, id string) (time.Time, error) {
	renewed, err := m.client.RenewSubscription(ctx, id, time.Now().Add(subscriptionLife))
	if err != nil {
		return time.Time{}, translate(err)
	}
	return renewed.Expiry, nil
}

// Unsubscribe ends a subscription; one that is gone counts as ended.
func (m *mailbox) Unsubscribe(ctx context.Context, id string) error {
	err := m.client.DeleteSubscription(ctx, id)
	if errors.Is(err, graph.ErrNotFound) {
		return nil
	}
	return translate(err)
}
