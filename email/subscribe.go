package email

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"tandem/event"
	"tandem/job"
	"tandem/problem"
)

// TendSubscriptions looks after Microsoft's notifications for all connections:
// it subscribes, renews at half-life and notes what does not work. A schedule
// asks for it every minute.
type TendSubscriptions struct{}

// Kind names the job.
func (TendSubscriptions) Kind() string { return tendKey }

// tendKey keeps two of these jobs from subscribing to one mailbox twice. It is
// the schedule's key, too: a schedule bears the name of its job.
const tendKey = "email.tend_subscriptions"

// subscriptionLife is Microsoft's longest for Outlook messages: 10,080 minutes
// ("subscription resource type", Subscription lifetime).
const subscriptionLife = 7 * 24 * time.Hour

// retryPush is how long polling alone has to do after a subscription was refused.
const retryPush = 10 * time.Minute

// Subscriber keeps Microsoft's notifications coming.
type Subscriber struct {
	store     Store
	mailboxes Mailboxes
	publicURL string // empty: Microsoft cannot reach us, polling has to do
	newSecret func() string
	now       func() time.Time
	log       *slog.Logger
}

// NewSubscriber makes a Subscriber. publicURL is our address as Microsoft sees
// it, or empty.
func NewSubscriber(store Store, mailboxes Mailboxes, publicURL string, newSecret func() string, now func() time.Time, log *slog.Logger) *Subscriber {
	return &Subscriber{store, mailboxes, publicURL, newSecret, now, log}
}

// Tend works a TendSubscriptions job: one pass over all connections. A
// connection that fails does not keep the others waiting.
func (s *Subscriber) Tend(ctx context.Context) error {
	if s.publicURL == "" {
		return nil
	}
	var all []*Connection
	err := s.store.View(ctx, func(tx Tx) (err error) {
		all, err = tx.ListConnections(ctx)
		return err
	})
	if err != nil {
		return err
	}
	var failed []error
	for _, c := range all {
		if c.State == Connected && s.due(c) {
			failed = append(failed, s.tendOne(ctx, c))
		}
	}
	return errors.Join(failed...)
}

// due tells whether a connection needs a subscription, or its renewal.
func (s *Subscriber) due(c *Connection) bool {
	now := s.now()
	switch {
	case c.PushError != "":
		return !now.Before(c.SubscriptionExpiresAt) // holds the time of the next try
	case c.SubscriptionID == "":
		return true
	}
	return now.After(c.SubscriptionExpiresAt.Add(-subscriptionLife / 2))
}

func (s *Subscriber) tendOne(ctx context.Context, c *Connection) error {
	box, err := s.mailboxes.Open(c)
	if err != nil {
		return err
	}
	if c.SubscriptionID != "" && c.PushError == "" && s.now().Before(c.SubscriptionExpiresAt) {
		expires, err := box.Renew(ctx, c.SubscriptionID)
		if err == nil {
			return s.note(ctx, c, func(c *Connection) { c.SubscriptionExpiresAt = expires })
		}
		if problem.KindOf(err) != problem.NotFound {
			// It lasts for days yet, and the next pass tries again.
			s.log.Warn("subscription not renewed", "connection", c.ID, "until", c.SubscriptionExpiresAt, "err", err)
			return nil
		}
	}
	return s.subscribe(ctx, c, box)
}

func (s *Subscriber) subscribe(ctx context.Context, c *Connection, box Mailbox) error {
	secret := Secret(s.newSecret())
	id, expires, err := box.Subscribe(ctx, Subscription{
		Folder: c.Folder, Whole: c.Subfolders,
		NotificationURL: s.publicURL + "/microsoft/notifications",
		LifecycleURL:    s.publicURL + "/microsoft/lifecycle",
		ClientState:     secret,
	})
	if err != nil {
		return s.notePushError(ctx, c, err)
	}
	s.log.Info("subscribed to notifications", "connection", c.ID, "until", expires)
	// Of mail that came after the last reading and before the subscription
	// nobody tells: the mailbox is read once more.
	return s.note(ctx, c, func(c *Connection) {
		c.SubscriptionID, c.SubscriptionSecret, c.SubscriptionExpiresAt, c.PushError = id, secret, expires, ""
		c.PushLateAt = time.Time{}
	}, event.MailboxKicked)
}

// notePushError falls back to polling for a while. Trouble with the mailbox
// itself is not push's fault and shows at the connection anyway.
func (s *Subscriber) notePushError(ctx context.Context, c *Connection, cause error) error {
	p := problem.As(cause)
	if p == nil {
		return cause
	}
	s.log.Warn("no notifications from Microsoft", "connection", c.ID, "code", p.Code, "err", cause)
	return s.note(ctx, c, func(c *Connection) {
		c.SubscriptionID, c.PushError, c.SubscriptionExpiresAt = "", p.Message, s.now().Add(retryPush)
	})
}

// note changes the connection and tells of it.
func (s *Subscriber) note(ctx context.Context, c *Connection, change func(*Connection), tell ...event.Kind) error {
	return s.store.Update(ctx, func(tx Tx) error {
		fresh, err := tx.GetConnection(ctx, c.ID)
		if err != nil || fresh.State != Connected {
			return err
		}
		change(fresh)
		for _, kind := range append(tell, event.ConnectionUpdated) {
			tx.Publish(event.Event{Kind: kind, ID: int64(c.ID)})
		}
		return tx.UpdateConnection(ctx, fresh)
	})
}

// lifecycle works what Microsoft tells about a subscription itself.
//
// "Reduce missing subscriptions and change notifications"
func lifecycle(ctx context.Context, tx Tx, c *Connection, kind string, now time.Time) error {
	switch kind {
	case "reauthorizationRequired":
		// Renewing answers it: it is what a pass does when less than half of the life is left.
		c.SubscriptionExpiresAt = minTime(c.SubscriptionExpiresAt, now.Add(time.Hour))
	case "subscriptionRemoved":
		c.SubscriptionID, c.ReconciledAt = "", time.Time{}
	case "missed":
		c.ReconciledAt = time.Time{}
	}
	c.NextSyncAt = now
	if err := tx.UpdateConnection(ctx, c); err != nil {
		return err
	}
	_, err := job.Insert(ctx, tx, TendSubscriptions{}, job.Options{UniqueKey: tendKey})
	return err
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
