package email_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/email"
	"tandem/email/eml"
	"tandem/problem"
	"tandem/store"
)

func TestRepliesLeaveInTheOrderInWhichTheyWereWritten(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	first, second := s.reply("Please unplug it."), s.reply("And call me.")
	if err := s.sender.Deliver(t.Context(), second.ID, false); err == nil || problem.As(err) != nil {
		t.Errorf("the second reply before the first: %v, want it to wait", err)
	}
	if len(s.exchange.drafts) > 0 {
		t.Error("the second reply overtook the first")
	}
	check(t, s.sender.Deliver(t.Context(), first.ID, false))
	check(t, s.sender.Deliver(t.Context(), second.ID, false))
	if s.exchange.sent() != 2 || !strings.Contains(s.exchange.drafts[1].mail.HTML, "And call me.") {
		t.Errorf("%d sent", s.exchange.sent())
	}
}

func TestReplyThatFailedHoldsUpNoOther(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	first, second := s.reply("Please unplug it."), s.reply("And call me.")
	s.exchange.fault = func(string) (error, error) {
		return problem.New(problem.Invalid, "invalid_recipients", "Microsoft cannot deliver.").On(problem.Yours, ""), nil
	}
	check(t, s.sender.Deliver(t.Context(), first.ID, false))
	s.exchange.fault = nil
	check(t, s.sender.Deliver(t.Context(), second.ID, false))
	if s.outgoing(second.ID).State != email.Sent {
		t.Errorf("the second reply is %s", s.outgoing(second.ID).State)
	}
}

func TestReplyLeavesFromAnAddressThatWasAddedAgain(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	var address *email.SupportAddress
	s.update(func(tx email.Tx) (err error) {
		if address, err = tx.FindSupportAddress(t.Context(), support); err != nil {
			return err
		}
		return tx.DeleteSupportAddress(t.Context(), address.ID)
	})
	c := s.reply("Please unplug it.")
	check(t, s.sender.Deliver(t.Context(), c.ID, false))
	if m := s.outgoing(c.ID); m.State != email.Waiting || m.ErrorCode != "address_not_connected" {
		t.Fatalf("without its address the mail is %s (%s)", m.State, m.ErrorCode)
	}
	s.update(func(tx email.Tx) error { return tx.InsertSupportAddress(t.Context(), address) })
	check(t, s.sender.Deliver(t.Context(), c.ID, false))
	if m := s.outgoing(c.ID); m.State != email.Sent || m.From.Email != support {
		t.Errorf("with its address again the mail is %s from %q (%s)", m.State, m.From.Email, m.Error)
	}
}

// A worker that lost its job, because its machine stood still, wakes up while
// another one is at it.
func TestAttemptThatWasTakenOverChangesNothing(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	c := s.reply("Please unplug it.")
	s.exchange.fault = func(op string) (error, error) {
		if op != "draft" {
			return nil, nil
		}
		s.exchange.fault = nil
		s.exchange.mu.Unlock() // the other one works while the first is asleep
		check(t, s.sender.Deliver(t.Context(), c.ID, false))
		s.exchange.mu.Lock()
		return nil, nil
	}
	check(t, s.sender.Deliver(t.Context(), c.ID, false))
	if m := s.outgoing(c.ID); m.State != email.Sent || s.exchange.sent() != 1 {
		t.Errorf("sent %d times; the ledger says %s", s.exchange.sent(), m.State)
	}
}

func TestDraftSentByAPersonInOutlookIsNotSentAgain(t *testing.T) {
	for _, then := range []error{
		unavailable(time.Second),
		problem.New(problem.Invalid, "microsoft_refused", "It is no draft.").On(problem.Microsoft, ""),
	} {
		s := newSending(t, openSQLite(t, store.Options{}), support)
		s.exchange.fault = func(op string) (error, error) {
			if op == "send" {
				s.exchange.drafts[0].sent++
				return then, nil
			}
			return nil, nil
		}
		c := s.reply("Please unplug it.")
		_ = s.sender.Deliver(t.Context(), c.ID, false)
		_ = s.sender.Deliver(t.Context(), c.ID, false)
		if m := s.outgoing(c.ID); m.State != email.Sent || s.exchange.sent() != 1 {
			t.Errorf("after %v: sent %d times; the ledger says %s", then, s.exchange.sent(), m.State)
		}
	}
}

func TestReplyThatTakesTooLongFailsVisibly(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	c := s.reply("Please unplug it.")
	ctx := deadline{t.Context(), make(chan struct{})}
	s.exchange.fault = func(op string) (error, error) {
		if op == "send" {
			close(ctx.passed)
			return ctx.Err(), nil
		}
		return nil, nil
	}
	err := s.sender.Deliver(ctx, c.ID, true)
	if m := s.outgoing(c.ID); m.State != email.Failed || m.Error == "" {
		t.Errorf("after its last attempt the mail is %s (%v), want it failed with the reason", m.State, err)
	}
}

// deadline is a context whose deadline passes when the test says so.
type deadline struct {
	context.Context
	passed chan struct{}
}

func (d deadline) Done() <-chan struct{} { return d.passed }

func (d deadline) Err() error {
	select {
	case <-d.passed:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

func TestReplyThatCannotBeWrittenFailsVisibly(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	c := s.reply("Please unplug it.", desk.Attachment{FileName: "gone.pdf", Blob: "no-such-blob", Size: 1, Secret: "s"})
	check(t, s.sender.Deliver(t.Context(), c.ID, true))
	if m := s.outgoing(c.ID); m.State != email.Failed || m.Error == "" {
		t.Errorf("the mail is %s (%s), want it failed with the reason", m.State, m.Error)
	}
}

func TestReplyDoesNotGoToItsOwnAuthor(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	colleague := s.addUser("agent2@contoso.example", directory.Agent)
	s.update(func(tx email.Tx) error {
		ticket, err := tx.LockTicket(t.Context(), s.ticket.ID)
		if err != nil {
			return err
		}
		if err := ticket.SetCCs([]directory.UserID{s.agent.ID, colleague.ID}); err != nil {
			return err
		}
		return tx.UpdateTicket(t.Context(), ticket)
	})
	m := s.outgoing(s.reply("Please unplug it.").ID)
	if len(m.To) != 1 || len(m.CC) != 1 || m.CC[0].Email != colleague.Email {
		t.Errorf("goes to %v, in copy to %v; want the requester and the colleague", m.To, m.CC)
	}
}

func TestImagesThatAnAgentShowsFromElsewhereReachTheRequester(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	s.desk = desk.NewService(store.For[desk.Tx](s.db), s.blobs, desk.Options{Now: s.clock.Now, Outbox: s.sender, Sanitize: eml.Sanitize, PlainText: eml.TextFromHTML})
	_, c, err := s.desk.Reply(t.Context(), access.Actor{UserID: s.agent.ID, Role: directory.Agent}, s.ticket.ID,
		desk.Draft{HTML: `<p>See <img src="https://contoso.example/a.png?x=1&amp;y=2" width="20"></p>`})
	check(t, err)
	check(t, s.sender.Deliver(t.Context(), c.ID, false))
	if body := s.exchange.drafts[0].mail.HTML; !strings.Contains(body, `src="https://contoso.example/a.png?x=1&amp;y=2"`) || strings.Contains(body, "data-") {
		t.Errorf("the requester gets %s", body)
	}
}

func TestReplyMadePrivateWhileItWaitedIsNotSent(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	c := s.reply("The customer's fault again.")
	s.exchange.fault = func(string) (error, error) { return unavailable(0), nil }
	if err := s.sender.Deliver(t.Context(), c.ID, false); err == nil {
		t.Fatal("the broken attempt ended without an error")
	}
	_, err := s.desk.MakePrivate(t.Context(), s.actor(), s.ticket.ID, c.ID)
	check(t, err)
	s.exchange.fault = nil
	check(t, s.sender.Deliver(t.Context(), c.ID, false))
	if m := s.outgoing(c.ID); s.exchange.sent() != 0 || m != nil {
		t.Errorf("a private note was sent %d times; its mail is %+v", s.exchange.sent(), m)
	}
}

func TestReplyWithdrawnWhileItIsBeingSentStops(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	c := s.reply("Oops.")
	s.exchange.fault = func(op string) (error, error) {
		if op == "draft" {
			s.update(func(tx email.Tx) error { return s.sender.Withdraw(t.Context(), tx, c.ID) })
		}
		return nil, nil
	}
	check(t, s.sender.Deliver(t.Context(), c.ID, false))
	if s.exchange.sent() != 0 {
		t.Error("a reply that was withdrawn in time was sent")
	}
}
