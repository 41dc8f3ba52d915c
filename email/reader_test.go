package email_test

import (
	"io"
	"testing"
	"testing/synctest"
	"time"

	"tandem/email"
	"tandem/event"
	"tandem/problem"
	"tandem/store"
)

// inBubble runs a test on a real database whose clock stands still while
// anything works, and leaps ahead when all wait.
func inBubble(t *testing.T, test func(t *testing.T, o *office)) {
	synctest.Test(t, func(t *testing.T) {
		bus := event.NewBus()
		o := open(t, openSQLite(t, store.Options{Bus: bus}))
		o.bus, o.clock.real = bus, true
		o.reader = o.newReader("first")
		o.connect(support)
		test(t, o)
	})
}

func TestHintMakesAMailATicketAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, o *office) {
		o.reader.Start()
		defer o.reader.Stop()
		synctest.Wait()
		created := o.bus.Subscribe(event.Kinds(event.TicketCreated))
		defer created.Close()
		o.deliver(support, mail("one@client"))
		before := time.Now()
		o.bus.Publish(event.Event{Kind: event.MailboxKicked, ID: int64(o.ids[support])})
		<-created.Events()
		if waited := time.Since(before); waited > 0 {
			t.Errorf("the ticket appeared after %v, want without waiting", waited)
		}
		synctest.Wait()
		if m := o.only(); m.NoticedBy != email.ByPush {
			t.Errorf("noticed by %s", m.NoticedBy)
		}
	})
}

func TestPollingSlowsDownWhileNothingComes(t *testing.T) {
	inBubble(t, func(t *testing.T, o *office) {
		o.reader.Start()
		defer o.reader.Stop()
		synctest.Wait()
		interval := func() time.Duration {
			c := o.connection(support)
			return c.NextSyncAt.Sub(c.SyncedAt).Round(time.Second)
		}
		if got := interval(); got != 5*time.Second {
			t.Errorf("polls again after %v, want 5 s", got)
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if got := interval(); got != time.Minute {
			t.Errorf("polls every %v after ten quiet minutes, want 1 m", got)
		}
		o.deliver(support, mail("one@client"))
		time.Sleep(time.Minute)
		synctest.Wait()
		o.expect("ticketed")
	})
}

// Microsoft says that it notifies us, and does not, or a proxy swallows it.
func TestNotificationsThatStayAwayAreMadeUpForByPolling(t *testing.T) {
	inBubble(t, func(t *testing.T, o *office) {
		c := o.connection(support)
		c.SubscriptionID, c.SubscriptionExpiresAt = "subscription", time.Now().Add(24*time.Hour)
		o.update(func(tx email.Tx) error { return tx.UpdateConnection(t.Context(), c) })
		o.reader.Start()
		defer o.reader.Stop()
		synctest.Wait()
		waits := func() time.Duration {
			c := o.connection(support)
			return c.NextSyncAt.Sub(c.SyncedAt).Round(time.Second)
		}
		if got := waits(); got != 5*time.Minute {
			t.Errorf("polls every %v while notifications work, want 5 m", got)
		}
		o.deliver(support, mail("one@client"))
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		o.expect("ticketed")
		if c := o.connection(support); c.Mode(time.Now()) != email.Poll || c.ModeReason(time.Now()) != email.PushLate {
			t.Errorf("the mode is %s because %s, want polling because notifications are late", c.Mode(time.Now()), c.ModeReason(time.Now()))
		}
		if got := waits(); got > time.Minute {
			t.Errorf("polls every %v though no notification told of the mail, want 1 m at most", got)
		}
		o.deliver(support, mail("two@client"))
		o.bus.Publish(event.Event{Kind: event.MailboxKicked, ID: int64(o.ids[support])})
		synctest.Wait()
		if got := waits(); got != 5*time.Minute {
			t.Errorf("polls every %v after a notification told of a mail, want 5 m", got)
		}
		if c := o.connection(support); c.Mode(time.Now()) != email.Push || c.ModeReason(time.Now()) != email.PushWorks {
			t.Errorf("the mode is %s because %s, want push again", c.Mode(time.Now()), c.ModeReason(time.Now()))
		}
		// A person moves an old mail into the folder: nobody has to tell of that in time.
		o.boxes[support].deliver(time.Now().Add(-time.Hour), mail("moved@client"))
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if c := o.connection(support); c.Mode(time.Now()) != email.Push {
			t.Errorf("the mode is %s after an old mail was moved", c.Mode(time.Now()))
		}
	})
}

func TestStoppedReaderGivesTheMailboxToAnother(t *testing.T) {
	inBubble(t, func(t *testing.T, o *office) {
		second := o.newReader("second")
		o.reader.Start()
		synctest.Wait()
		second.Start()
		defer second.Stop()
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if owner := o.connection(support).LeaseOwner; owner != "first" {
			t.Errorf("after five minutes %q reads the mailbox, want the first reader still", owner)
		}
		o.reader.Stop()
		o.deliver(support, mail("one@client"))
		time.Sleep(10 * time.Second)
		synctest.Wait()
		o.expect("ticketed")
		if owner := o.connection(support).LeaseOwner; owner != "second" {
			t.Errorf("%q reads the mailbox", owner)
		}
	})
}

// After an outage Microsoft delivers the hints that it could not deliver before.
func TestHintEndsTheWaitingAfterAnOutage(t *testing.T) {
	for name, test := range map[string]struct {
		fault   *problem.Error
		hurries bool
	}{
		"no answer":    {problem.New(problem.Unavailable, "microsoft_unavailable", "No answer."), true},
		"asks to wait": {problem.New(problem.Unavailable, "microsoft_throttled", "Wait.").After(time.Hour), false},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, o *office) {
				box := o.boxes[support]
				box.change(func() { box.listFault = test.fault })
				o.reader.Start()
				defer o.reader.Stop()
				time.Sleep(10*time.Minute + 10*time.Second)
				box.change(func() { box.listFault = nil })
				o.deliver(support, mail("one@client"))
				o.bus.Publish(event.Event{Kind: event.MailboxKicked, ID: int64(o.ids[support])})
				time.Sleep(5 * time.Second)
				synctest.Wait()
				want := ""
				if test.hurries {
					want = "ticketed"
				}
				o.expect(want)
			})
		})
	}
}

// A process that dies releases nothing: its lease has to run out.
func TestMailboxOfADeadReaderIsReadByAnother(t *testing.T) {
	inBubble(t, func(t *testing.T, o *office) {
		dead := time.Now().Add(15 * time.Second)
		o.update(func(tx email.Tx) error {
			_, err := tx.LeaseConnection(t.Context(), o.ids[support], "dead", time.Now(), dead)
			return err
		})
		o.reader.Start()
		defer o.reader.Stop()
		o.deliver(support, mail("one@client"))
		time.Sleep(time.Until(dead) - time.Second)
		synctest.Wait()
		o.expect("")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		o.expect("ticketed")
	})
}

// Whoever holds a lease for long has to renew it, or nothing could be written.
func TestLongPassKeepsItsLease(t *testing.T) {
	inBubble(t, func(t *testing.T, o *office) {
		o.boxes[support].rawReader = func(_ string, raw io.Reader) io.Reader {
			time.Sleep(5 * time.Minute)
			return raw
		}
		o.deliver(support, mail("one@client"))
		o.reader.Start()
		defer o.reader.Stop()
		time.Sleep(6 * time.Minute)
		synctest.Wait()
		o.expect("ticketed")
		if n := o.boxes[support].fetched["AAMk0001"]; n != 1 {
			t.Errorf("the mail was fetched %d times", n)
		}
	})
}

func TestReconnectedMailboxIsReadAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, o *office) {
		o.reader.Start()
		defer o.reader.Stop()
		synctest.Wait()
		change := func(state email.ConnectionState) {
			c := o.connection(support)
			c.State, c.NextSyncAt = state, time.Now()
			o.update(func(tx email.Tx) error {
				tx.Publish(event.Event{Kind: event.ConnectionUpdated, ID: int64(c.ID)})
				return tx.UpdateConnection(t.Context(), c)
			})
			synctest.Wait()
		}
		change(email.Disconnected)
		o.deliver(support, mail("one@client"))
		time.Sleep(time.Hour)
		o.expect("")
		change(email.Connected)
		o.expect("ticketed")
	})
}
