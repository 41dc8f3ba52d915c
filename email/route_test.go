package email_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/access"
	"tandem/email"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
)

// bothRoutes is an office whose support address changes from its mailbox to forwarding.
func bothRoutes(t testing.TB, db *store.DB) *forwarding {
	t.Helper()
	f := forwarded(t, db, support, sales)
	a, err := f.forwarder.ChangeToForwarding(t.Context(), access.System(), f.supportAddress().ID)
	check(t, err)
	f.address, f.watch = a, f.reader.Watch(a.NextConnectionID)
	return f
}

func (f *forwarding) supportAddress() (a *email.SupportAddress) {
	f.t.Helper()
	check(f.t, f.store.View(f.t.Context(), func(tx email.Tx) (err error) {
		a, err = tx.FindSupportAddress(f.t.Context(), support)
		return err
	}))
	return a
}

// takeForSupport lets a mail come by the forwarding address of the support address.
func (f *forwarding) takeForSupport(raw string) {
	f.t.Helper()
	e := f.envelope()
	e.Recipients = []string{f.forward().Address(support, "in.example")}
	check(f.t, f.forwarder.Accept(f.t.Context(), e, crlf(raw)))
}

// inbound are the states of what came, oldest first.
func (f *forwarding) inbound() string {
	f.t.Helper()
	var states []string
	for _, m := range f.mails() {
		if m.Direction == email.Inbound {
			states = append(states, string(m.State))
		}
	}
	return strings.Join(states, " ")
}

func TestSameMailByBothRoutesIsOneWhicheverComesFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		f := bothRoutes(t, db)
		first, second := mail("1@client.example"), mail("2@client.example", "In-Reply-To: <1@client.example>")
		f.deliver(support, first)
		f.read(support)
		f.takeForSupport("Received: from mx.contoso.example\nResent-From: <" + support + ">\n" + first)
		f.decide()
		f.takeForSupport(second)
		f.decide()
		f.deliver(support, second)
		f.read(support)
		if got := f.inbound(); got != "ticketed duplicate commented duplicate" {
			t.Errorf("the ledger holds %q", got)
		}
		if tickets := f.tickets(); len(tickets) != 1 {
			t.Errorf("there are %d tickets, want 1", len(tickets))
		}
		for _, m := range f.mails() {
			if m.State == email.Duplicate && (m.Original == 0 || m.TicketID == 0) {
				t.Errorf("a duplicate does not say of what: %+v", m)
			}
		}
	})
}

// Both readers may decide the same mail at the same moment.
func TestSameMailByBothRoutesAtOnceIsOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		f := bothRoutes(t, db)
		for i := range 10 {
			raw := mail(string(rune('a'+i)) + "@client.example")
			f.deliver(support, raw)
			f.takeForSupport(raw)
		}
		var both sync.WaitGroup
		for _, w := range []email.Watch{f.watch, f.watches[support]} {
			both.Go(func() {
				if _, err := w.RunOnce(t.Context()); err != nil {
					t.Errorf("read: %v", err)
				}
			})
		}
		both.Wait()
		if n := len(f.tickets()); n != 10 {
			t.Errorf("%d tickets of 10 mails: %s", n, f.inbound())
		}
	})
}

// The same mail to two addresses stays two tickets, by whatever routes.
func TestMailToAnotherAddressIsItsOwnTicket(t *testing.T) {
	f := bothRoutes(t, openSQLite(t, store.Options{}))
	raw := mail("1@client.example", "To: "+support+", "+sales)
	f.takeForSupport(raw)
	f.decide()
	f.deliver(sales, raw)
	f.read(sales)
	if tickets := f.tickets(); len(tickets) != 2 {
		t.Errorf("there are %d tickets, want 2: %s", len(tickets), f.inbound())
	}
}

func TestChangeIsFinishedOnlyWhenTheNewRouteHasProvedItself(t *testing.T) {
	f := bothRoutes(t, openSQLite(t, store.Options{}))
	id := f.address.ID
	_, err := f.forwarder.FinishChange(t.Context(), access.System(), id)
	if p := problem.As(err); p == nil || p.Code != "forwarding_not_verified" {
		t.Fatalf("finishing too early: %v", err)
	}
	if _, err := f.forwarder.ChangeToForwarding(t.Context(), access.System(), id); problem.KindOf(err) != problem.Conflict {
		t.Errorf("beginning a second change: %v", err)
	}
	f.takeForSupport(mail("v@contoso.example", "From: "+sales, "Subject: [verify "+f.forward().Token+"]", email.MarkHeader+": x"))
	f.decide()
	old := f.address.ConnectionID
	a, err := f.forwarder.FinishChange(t.Context(), access.System(), id)
	check(t, err)
	if a.ConnectionID == old || a.NextConnectionID != 0 {
		t.Errorf("the address is %+v", a)
	}
	if c := f.connection(support); c.State != email.Disconnected || c.RefreshToken != "" {
		t.Errorf("the mailbox is %s and its token is kept: %t", c.State, c.RefreshToken != "")
	}
	// What the mailbox had brought is known by the new route, too.
	if routes := f.routes(a.ConnectionID); len(routes) != 1 || routes[0] != old {
		t.Errorf("the other routes are %v, want %d", routes, old)
	}
}

func (f *forwarding) routes(id email.ConnectionID) (ids []email.ConnectionID) {
	f.t.Helper()
	check(f.t, f.store.View(f.t.Context(), func(tx email.Tx) (err error) {
		ids, err = tx.ListRoutes(f.t.Context(), id)
		return err
	}))
	return ids
}

func TestChangeThatIsGivenUpKeepsTheOldRoute(t *testing.T) {
	f := bothRoutes(t, openSQLite(t, store.Options{}))
	target := f.forward().Address(support, "in.example")
	a, err := f.forwarder.CancelChange(t.Context(), access.System(), f.address.ID)
	check(t, err)
	if a.ConnectionID != f.ids[support] || a.NextConnectionID != 0 || f.connection(support).State != email.Connected {
		t.Errorf("the address is %+v", a)
	}
	// A rule that was made already does no harm for a month.
	check(t, f.forwarder.Recipient(t.Context(), target))
	f.clock.advance(31 * 24 * time.Hour)
	check(t, f.forwarder.Tend(t.Context()))
	if err := f.forwarder.Recipient(t.Context(), target); problem.KindOf(err) != problem.NotFound {
		t.Errorf("a month later: %v, want that nobody lives there", err)
	}
}

// Replies that wait leave by the new route; of one that the old route may have
// sent, a person decides.
func TestWaitingRepliesChangeTheRouteToo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		f := bothRoutes(t, db)
		states := map[email.MailState]email.MailID{}
		f.update(func(tx email.Tx) error {
			for i, state := range []email.MailState{email.Waiting, email.Drafted, email.Sending, email.Sent} {
				m := &email.Mail{
					ConnectionID: f.address.ConnectionID, Direction: email.Outbound, State: state, MicrosoftID: "draft" + string(state),
					Mark: string(state), Attempts: i,
				}
				if _, err := tx.InsertMail(t.Context(), m); err != nil {
					return err
				}
				states[state] = m.ID
			}
			return nil
		})
		f.takeForSupport(mail("v@contoso.example", "From: "+sales, "Subject: [verify "+f.forward().Token+"]"))
		f.decide()
		a, err := f.forwarder.FinishChange(t.Context(), access.System(), f.address.ID)
		check(t, err)
		for state, want := range map[email.MailState]email.MailState{
			email.Waiting: email.Waiting, email.Drafted: email.Waiting, email.Sending: email.Failed, email.Sent: email.Sent,
		} {
			var m *email.Mail
			check(t, f.store.View(t.Context(), func(tx email.Tx) (err error) {
				m, err = tx.GetMail(t.Context(), states[state])
				return err
			}))
			moved := m.ConnectionID == a.ConnectionID && m.MicrosoftID == ""
			if m.State != want || moved != (state != email.Sent) {
				t.Errorf("a %s reply is %s now, moved: %t", state, m.State, moved)
			}
			if state == email.Sending && m.ErrorCode != "outcome_unknown" {
				t.Errorf("of a reply that may have left it is said %q", m.ErrorCode)
			}
		}
	})
}

// Only administrators touch routes.
func TestAgentsDoNotTouchForwarding(t *testing.T) {
	f := bothRoutes(t, openSQLite(t, store.Options{}))
	agent := access.Actor{UserID: 1, Role: "agent"}
	id := f.address.ID
	for name, act := range map[string]func() error{
		"add": func() error {
			_, err := f.forwarder.Add(t.Context(), agent, email.ForwardedAddress{Email: "x@contoso.example"})
			return err
		},
		"verify": func() error { _, err := f.forwarder.Verify(t.Context(), agent, id); return err },
		"renew":  func() error { _, err := f.forwarder.Renew(t.Context(), agent, id); return err },
		"read":   func() error { _, _, err := f.forwarder.Of(t.Context(), agent, f.address); return err },
		"change": func() error { _, err := f.forwarder.ChangeToForwarding(t.Context(), agent, id); return err },
		"back":   func() error { _, _, err := f.connections.ChangeToExchange(t.Context(), agent, id); return err },
		"finish": func() error { _, err := f.forwarder.FinishChange(t.Context(), agent, id); return err },
		"cancel": func() error { _, err := f.forwarder.CancelChange(t.Context(), agent, id); return err },
	} {
		if err := act(); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("%s: %v, want forbidden", name, err)
		}
	}
}

// There is no mailbox to sign in to behind a forwarding.
func TestForwardingIsNotReconnectedBySigningIn(t *testing.T) {
	f := forwarded(t, openSQLite(t, store.Options{}))
	_, _, err := f.connections.Reconnect(t.Context(), access.System(), f.address.ConnectionID)
	if p := problem.As(err); p == nil || p.Code != "forwarding_connected" {
		t.Errorf("signing in again: %v, want to be told that mail is forwarded", err)
	}
}
