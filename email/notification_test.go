package email_test

import (
	"strings"
	"testing"
	"time"

	"tandem/email"
	"tandem/job"
	"tandem/store"
	"tandem/store/storetest"
)

// notify queues a notification; 0 comes back when there is nobody to write to.
func (s *sending) notify(n email.Notification) (id email.MailID) {
	s.t.Helper()
	s.update(func(tx email.Tx) (err error) {
		id, err = s.sender.Notify(s.t.Context(), tx, n)
		return err
	})
	return id
}

func (s *sending) mail(id email.MailID) (m *email.Mail) {
	s.t.Helper()
	check(s.t, s.store.View(s.t.Context(), func(tx email.Tx) (err error) {
		m, err = tx.GetMail(s.t.Context(), id)
		return err
	}))
	return m
}

var eve = email.Party{Name: "Eve", Email: "eve@fabrikam.example"}

func TestNotificationLeavesOnceFromTheDefaultAddress(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSending(t, db, support)
		digest := email.Notification{To: []email.Party{eve}, Subject: "3 mails are suspended", Text: "1 < 2\nLook.", Reason: "digest", Key: "digest:2026-03-02"}
		id := s.notify(digest)
		if again := s.notify(digest); id == 0 || again != 0 {
			t.Fatalf("queued as %d and again as %d, want it once", id, again)
		}
		for range 2 { // a job may be worked twice
			check(t, s.sender.DeliverNotification(t.Context(), id, false))
		}
		if s.exchange.sent() != 1 {
			t.Fatalf("%d mails sent, want 1", s.exchange.sent())
		}
		d := s.exchange.drafts[0].mail
		if d.From.Email != support || len(d.To) != 1 || d.To[0] != eve || d.Subject != digest.Subject || !strings.Contains(d.HTML, "1 &lt; 2<br") || !d.AutoReply {
			t.Errorf("left as %+v", d)
		}
		if m := s.mail(id); m.State != email.Sent || m.TicketID != 0 {
			t.Errorf("the ledger says %s of ticket %d", m.State, m.TicketID)
		}
	})
}

func TestNotificationOnATicketIsThreadedIntoIt(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	id := s.notify(email.Notification{To: []email.Party{eve}, Subject: "Received", Text: "We have your mail.", Ticket: s.ticket.ID, Reason: "trigger"})
	check(t, s.sender.DeliverNotification(t.Context(), id, false))
	d := s.exchange.drafts[0].mail
	if d.InReplyTo != "question."+support || !strings.Contains(d.HTML, "[ref:"+s.ticket.ReplyToken+"]") {
		t.Errorf("answers %q with the text %s, want it in the ticket's thread", d.InReplyTo, d.HTML)
	}
	check(t, s.sender.Confirm(t.Context(), id))
	s.deliver(support, mail("answer", "From: ana."+support, "In-Reply-To: <draft-1@exchange.example>"))
	s.read(support)
	if n := len(s.tickets()); n != 1 {
		t.Errorf("%d tickets, want the answer on the first one", n)
	}
}

func TestNobodyGetsASecondAutomaticAnswerWithinTheHour(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	answer := email.Notification{To: []email.Party{eve}, Subject: "Received", Text: "We have your mail.", Reason: "trigger", Auto: true}
	if first, second := s.notify(answer), s.notify(answer); first == 0 || second != 0 {
		t.Errorf("queued as %d and %d, want the first alone", first, second)
	}
	s.clock.advance(email.AutoReplyEvery + time.Second)
	if s.notify(answer) == 0 {
		t.Error("after the hour nothing was queued")
	}
}

func TestWeDoNotWriteToOurselves(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	note := email.Notification{To: []email.Party{{Email: support}}, Subject: "Hello", Text: "Me", Reason: "trigger"}
	if id := s.notify(note); id != 0 {
		t.Errorf("queued as %d", id)
	}
	note.Reason = email.ReasonProbe
	if s.notify(note) == 0 {
		t.Error("a probe was not queued")
	}
}

func TestNotificationThatCannotLeaveIsSentAfterReconnecting(t *testing.T) {
	db := openSQLite(t, store.Options{})
	s := newSending(t, db, support)
	s.setConnected(false)
	id := s.notify(email.Notification{To: []email.Party{eve}, Subject: "Hello", Text: "Eve", Reason: "digest"})
	check(t, s.sender.DeliverNotification(t.Context(), id, false))
	if m := s.mail(id); m.State != email.Waiting || m.ErrorCode != "address_disconnected" {
		t.Fatalf("the mail is %s (%s), want it waiting", m.State, m.ErrorCode)
	}
	s.setConnected(true)
	s.update(func(tx email.Tx) error {
		return email.ResumeWaiting(t.Context(), tx, s.mail(id).ConnectionID, s.clock.Now())
	})
	jobs, err := job.NewService(store.For[job.StoreTx](db), s.clock.Now).List(t.Context(), job.Filter{Kind: email.DeliverNotification{}.Kind(), State: job.Waiting})
	check(t, err)
	if len(jobs) != 1 {
		t.Fatalf("%d deliveries wait, want 1", len(jobs))
	}
	check(t, s.sender.TendReplies(t.Context())) // it has its job, so it is not stranded
	check(t, s.sender.DeliverNotification(t.Context(), id, false))
	if m := s.mail(id); m.State != email.Sent {
		t.Errorf("the mail is %s, want it sent", m.State)
	}
}
