package email_test

import (
	"fmt"
	"strings"
	"testing"

	"tandem/desk"
	"tandem/email"
	"tandem/store"
	"tandem/store/storetest"
)

// sent returns a reply that has left, with its mail.
func (s *sending) sent(text string) (*desk.Comment, *email.Mail) {
	s.t.Helper()
	c := s.reply(text)
	check(s.t, s.sender.Deliver(s.t.Context(), c.ID, false))
	check(s.t, s.sender.Confirm(s.t.Context(), s.outgoing(c.ID).ID))
	return c, s.outgoing(c.ID)
}

// comment reads a comment of the ticket.
func (s *sending) comment(id desk.CommentID) (found *desk.Comment) {
	s.t.Helper()
	_, comments := s.office.ticket(s.ticket.ID)
	for _, c := range comments {
		if c.ID == id {
			found = c
		}
	}
	return found
}

func TestBounceIsShownAtTheComment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, test := range []struct {
			name     string
			original func(*email.Mail) (id, mark string)
		}{
			{"by Message-ID", func(m *email.Mail) (string, string) { return m.MessageID, "" }},
			{"by our mark", func(m *email.Mail) (string, string) { return "rewritten@gateway", "X-Tandem-Mail: " + m.Mark }},
		} {
			t.Run(test.name, func(t *testing.T) {
				address := strings.ToLower(strings.ReplaceAll(test.name, " ", "-")) + "@contoso.example"
				s := newSending(t, db, address)
				c, out := s.sent("Please unplug it.")
				id, mark := test.original(out)
				s.deliver(address, bounceOf(id, mark, "ana."+address, "5.2.2"))
				s.read(address)

				mails := s.mails()
				report := mails[len(mails)-1]
				if report.State != email.Reported || report.Rule != "bounce" || report.TicketID != s.ticket.ID || report.Original != out.ID {
					t.Fatalf("the report is %s by %s at ticket %d about %d", report.State, report.Rule, report.TicketID, report.Original)
				}
				d := s.comment(c.ID).Delivery
				if d.State != desk.DeliveryBounced || len(d.Bounces) != 1 {
					t.Fatalf("the delivery is %+v", d)
				}
				if b := d.Bounces[0]; b.Recipient != "ana."+address || b.Code != "bounce_mailbox_full" || b.Remedy == "" || b.Diagnostic != "550 5.2.2 no" {
					t.Errorf("the bounce says %+v", b)
				}
				_, comments := s.office.ticket(s.ticket.ID)
				if len(comments) != 2 {
					t.Errorf("%d comments: the bounce became one", len(comments))
				}
				s.mustNeedAttention(true)
			})
		}
	})
}

// mustNeedAttention checks whether the ticket is among those with trouble.
func (s *sending) mustNeedAttention(want bool) {
	s.t.Helper()
	check(s.t, s.store.View(s.t.Context(), func(tx email.Tx) error {
		list, err := tx.ListTickets(s.t.Context(), desk.TicketFilter{Failed: true, IDs: []desk.TicketID{s.ticket.ID}})
		if err != nil {
			return err
		}
		summaries, err := tx.SummarizeTickets(s.t.Context(), []desk.TicketID{s.ticket.ID})
		if got := summaries[s.ticket.ID].DeliveryFailed; got != want || (len(list) == 1) != want {
			s.t.Errorf("listed with trouble: %v, summarised: %v, want %v", len(list) == 1, got, want)
		}
		return err
	}))
}

func TestBouncedReplyIsSentAgainToWhomItDidNotReach(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	bob := s.addUser("bob@client.example", "end-user")
	s.update(func(tx email.Tx) error {
		ticket, err := tx.LockTicket(t.Context(), s.ticket.ID)
		if err != nil {
			return err
		}
		ticket.CCs = append(ticket.CCs, bob.ID)
		return tx.UpdateTicket(t.Context(), ticket)
	})
	c, out := s.sent("Please unplug it.")
	s.deliver(support, bounceOf(out.MessageID, "", "ana."+support, "5.1.1"))
	s.read(support)

	ana := s.user(s.ticket.RequesterID)
	ana.Email = "ana@right.example" // the agent has asked for the right address
	s.update(func(tx email.Tx) error { return tx.UpdateUser(t.Context(), ana) })
	check(t, s.sender.Retry(t.Context(), s.actor(), c.ID))
	check(t, s.sender.Deliver(t.Context(), c.ID, false))
	if n := s.exchange.sent(); n != 2 {
		t.Fatalf("%d mails sent, want 2", n)
	}
	again := s.exchange.drafts[1].mail
	if len(again.To) != 1 || again.To[0].Email != "ana@right.example" || len(again.CC) != 0 || again.Mark == s.exchange.drafts[0].mail.Mark {
		t.Errorf("sent again to %v and %v, want to whom it did not reach", again.To, again.CC)
	}
	if d := s.comment(c.ID).Delivery; d.State != desk.DeliverySent || len(d.Bounces) != 0 {
		t.Errorf("the delivery is %+v", d)
	}
	s.mustNeedAttention(false)
}

func TestDelayIsInTheLedgerAndNoTrouble(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	c, out := s.sent("Please unplug it.")
	s.deliver(support, strings.ReplaceAll(bounceOf(out.MessageID, "", "ana."+support, "4.4.1"), "Action: failed", "Action: delayed"))
	s.read(support)
	mails := s.mails()
	if m := mails[len(mails)-1]; m.State != email.Reported || m.Rule != "delivery_report" {
		t.Errorf("the report is %s by %s", m.State, m.Rule)
	}
	if d := s.comment(c.ID).Delivery; d.State != desk.DeliverySent {
		t.Errorf("the delivery is %+v", d)
	}
}

func TestBounceProblems(t *testing.T) {
	for status, want := range map[string]string{
		"5.1.1": "bounce_unknown_address", "5.1.10": "bounce_unknown_address", "5.4.4": "bounce_unknown_domain", "5.2.2": "bounce_mailbox_full",
		"4.2.2": "bounce_mailbox_full", "5.2.1": "bounce_mailbox_disabled", "5.3.4": "bounce_too_large", "5.7.1": "bounce_refused",
		"5.7.26": "bounce_refused", "4.4.7": "bounce_unreachable", "5.0.0": "bounce_undeliverable", "": "bounce_undeliverable",
	} {
		if p := email.BounceProblem(status); p.Code != want || p.Message == "" || p.Remedy == "" {
			t.Errorf("%s is %s, want %s", fmt.Sprintf("%q", status), p.Code, want)
		}
	}
}
