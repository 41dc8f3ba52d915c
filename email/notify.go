package email

import (
	"context"
	"crypto/subtle"
	"log/slog"
	"sync"
	"time"

	"tandem/event"
)

// Notice is one notification from Microsoft, as far as it matters: a hint that
// a mailbox has news. It carries no truth; anybody could have sent it.
type Notice struct {
	SubscriptionID string
	ClientState    Secret // proves that it is genuine
	Lifecycle      string // empty for news; else what happened to the subscription itself
}

// maxPending bounds what is kept between two commits; beyond it notices are
// dropped, because polling finds the mail all the same.
const maxPending = 100_000

// Notices stores kicks for mailboxes. Notices that arrive while a commit is
// under way share the next one, so that a flood costs few transactions.
type Notices struct {
	store Store
	now   func() time.Time
	log   *slog.Logger

	mu      sync.Mutex
	pending map[Notice]struct{}
	waiters []chan error
	busy    bool
}

// NewNotices makes a Notices.
func NewNotices(store Store, now func() time.Time, log *slog.Logger) *Notices {
	return &Notices{store: store, now: now, log: log, pending: make(map[Notice]struct{})}
}

// Receive returns when the notices are stored as kicks. Those that are not
// genuine are forgotten without a word to the sender.
func (n *Notices) Receive(ctx context.Context, notices []Notice) error {
	done := make(chan error, 1)
	n.mu.Lock()
	for _, notice := range notices {
		if len(n.pending) < maxPending {
			n.pending[notice] = struct{}{}
		}
	}
	n.waiters = append(n.waiters, done)
	if !n.busy {
		n.busy = true
		go n.commit(context.WithoutCancel(ctx))
	}
	n.mu.Unlock()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// commit stores what is pending until nothing is left.
func (n *Notices) commit(ctx context.Context) {
	for {
		n.mu.Lock()
		pending, waiters := n.pending, n.waiters
		if len(waiters) == 0 {
			n.busy = false
			n.mu.Unlock()
			return
		}
		n.pending, n.waiters = make(map[Notice]struct{}), nil
		n.mu.Unlock()
		err := n.save(ctx, pending)
		if err != nil {
			n.log.Error("store notifications", "err", err)
		}
		for _, w := range waiters {
			w <- err
		}
	}
}

func (n *Notices) save(ctx context.Context, notices map[Notice]struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, 8*time.Second) // Microsoft waits 10 s
	defer cancel()
	genuine, err := n.sift(ctx, notices)
	if err != nil || len(genuine) == 0 {
		return err
	}
	now := n.now()
	return n.store.Update(ctx, func(tx Tx) error {
		kicked := make(map[ConnectionID]bool)
		for notice, id := range genuine {
			if err := n.apply(ctx, tx, id, notice, kicked, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// sift returns the genuine notices with their connections. It only reads: a
// flood of inventions does not keep others from writing.
func (n *Notices) sift(ctx context.Context, notices map[Notice]struct{}) (map[Notice]ConnectionID, error) {
	found := make(map[Notice]ConnectionID)
	err := n.store.View(ctx, func(tx Tx) error {
		known := make(map[string]*Connection)
		for notice := range notices {
			c, seen := known[notice.SubscriptionID]
			if !seen {
				var err error
				if c, err = tx.FindConnectionBySubscription(ctx, notice.SubscriptionID); err != nil {
					return err
				}
				known[notice.SubscriptionID] = c
			}
			if c != nil && genuine(c, notice) {
				found[notice] = c.ID
			}
		}
		return nil
	})
	if invented := len(notices) - len(found); invented > 0 && err == nil {
		n.log.Warn("notifications are not genuine", "count", invented)
	}
	return found, err
}

func genuine(c *Connection, notice Notice) bool {
	return c.State == Connected && c.SubscriptionSecret != "" &&
		subtle.ConstantTimeCompare([]byte(c.SubscriptionSecret), []byte(notice.ClientState)) == 1
}

// apply works what happened to the subscription, and kicks the mailbox once.
func (n *Notices) apply(ctx context.Context, tx Tx, id ConnectionID, notice Notice, kicked map[ConnectionID]bool, now time.Time) error {
	c, err := tx.GetConnection(ctx, id) // again, to lock it
	if err != nil {
		return err
	}
	if notice.Lifecycle != "" {
		if err := lifecycle(ctx, tx, c, notice.Lifecycle, now); err != nil {
			return err
		}
	}
	if kicked[id] {
		return nil
	}
	kicked[id] = true
	c.NotifiedAt = now
	if err := tx.UpdateConnection(ctx, c); err != nil {
		return err
	}
	tx.Publish(event.Event{Kind: event.MailboxKicked, ID: int64(id)})
	return tx.KickConnection(ctx, id, now)
}
