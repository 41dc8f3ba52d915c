package email_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"tandem/email"
	"tandem/event"
	"tandem/problem"
	"tandem/store"
)

// subscribe gives the mailbox a subscription with so much of its life left.
func (o *office) subscribe(left time.Duration) {
	o.t.Helper()
	o.update(func(tx email.Tx) error {
		c, err := tx.GetConnection(o.t.Context(), o.ids[support])
		if err != nil {
			return err
		}
		c.SubscriptionID, c.SubscriptionSecret, c.SubscriptionExpiresAt = "known", "secret", o.clock.Now().Add(left)
		return tx.UpdateConnection(o.t.Context(), c)
	})
}

func TestOnlyGenuineNotificationsKickAMailbox(t *testing.T) {
	bus := event.NewBus()
	o := open(t, openSQLite(t, store.Options{Bus: bus}), support)
	o.subscribe(24 * time.Hour)
	kicks := bus.Subscribe(event.Kinds(event.MailboxKicked))
	defer kicks.Close()
	notices := email.NewNotices(o.store, o.clock.Now, slog.New(slog.DiscardHandler))
	flood := []email.Notice{{SubscriptionID: "known", ClientState: "guessed"}, {ClientState: "secret"}}
	for i := range 1000 {
		flood = append(flood, email.Notice{SubscriptionID: fmt.Sprint("invented-", i), ClientState: "secret"})
	}
	check(t, notices.Receive(t.Context(), flood))
	if c := o.connection(support); !c.NotifiedAt.IsZero() || !c.KickedAt.IsZero() {
		t.Error("notifications without the secret counted")
	}
	genuine := email.Notice{SubscriptionID: "known", ClientState: "secret"}
	check(t, notices.Receive(t.Context(), []email.Notice{genuine, genuine, genuine}))
	if e := <-kicks.Events(); email.ConnectionID(e.ID) != o.ids[support] || len(kicks.Events()) != 0 {
		t.Errorf("kicked: %d, and %d more", e.ID, len(kicks.Events()))
	}
	if c := o.connection(support); !c.NotifiedAt.Equal(o.clock.Now()) {
		t.Errorf("last notified at %v", c.NotifiedAt)
	}
}

func TestMissedNotificationsLeadToAComparison(t *testing.T) {
	o := setup(t)
	o.subscribe(24 * time.Hour)
	o.read(support)
	notices := email.NewNotices(o.store, o.clock.Now, slog.New(slog.DiscardHandler))
	check(t, notices.Receive(t.Context(), []email.Notice{{SubscriptionID: "known", ClientState: "secret", Lifecycle: "missed"}}))
	if c := o.connection(support); !c.ReconciledAt.IsZero() {
		t.Error("mailbox and ledger will not be compared though Microsoft lost notifications")
	}
}

func TestSubscriptionOutlivesARenewalThatFails(t *testing.T) {
	o := setup(t)
	o.subscribe(24 * time.Hour) // of seven days: to be renewed
	box := o.boxes[support]
	box.renewed = o.clock.Now().Add(7 * 24 * time.Hour)
	subscriber := email.NewSubscriber(o.store, o.boxes, "https://tandem.example", func() string { return "new" }, o.clock.Now, slog.New(slog.DiscardHandler))
	box.renewFault = unavailable(0)
	check(t, subscriber.Tend(t.Context()))
	if c := o.connection(support); c.SubscriptionID != "known" || c.Mode(o.clock.Now()) != email.Push {
		t.Errorf("after a hiccup: subscription %q, mode %s", c.SubscriptionID, c.Mode(o.clock.Now()))
	}
	box.renewFault = problem.New(problem.NotFound, "not_at_microsoft", "Gone.")
	check(t, subscriber.Tend(t.Context()))
	if c := o.connection(support); c.SubscriptionID != "subscription-1" || c.SubscriptionSecret != "new" || !c.SubscriptionExpiresAt.Equal(box.renewed) {
		t.Errorf("after the subscription was lost: %q until %v", c.SubscriptionID, c.SubscriptionExpiresAt)
	}
}
