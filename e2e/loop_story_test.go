package e2e

import (
	"crypto/rand"
	"log/slog"
	"testing"
	"time"

	"tandem/desk"
	"tandem/email"
	"tandem/store"
)

// answerer is an automatic answer to whatever anybody says on any ticket, with
// none of the caution that a good one has.
type answerer struct {
	*World
	sender   *email.Sender
	answered map[int64]bool
}

func newAnswerer(w *World) *answerer {
	return &answerer{
		World: w, answered: map[int64]bool{},
		sender: email.NewSender(store.For[email.Tx](w.App.Store()), nil, nil, time.Now, rand.Text, slog.New(slog.DiscardHandler)),
	}
}

// answer answers what has not been answered, to the address, and counts the mails.
func (a *answerer) answer(to string) (mails int) {
	a.Helper()
	for _, made := range a.tickets("") {
		for _, c := range a.comments(made.ID) {
			if a.answered[c.ID] || c.Delivery.State != "" {
				continue
			}
			a.answered[c.ID] = true
			err := store.For[email.Tx](a.App.Store()).Update(a.Context(), func(tx email.Tx) error {
				id, err := a.sender.Notify(a.Context(), tx, email.Notification{
					To: []email.Party{{Email: to}}, Subject: "We have received your mail", Text: "Thank you.", Reason: "trigger",
					Ticket: desk.TicketID(made.ID), Auto: true,
				})
				if id != 0 {
					mails++
				}
				return err
			})
			if err != nil {
				a.Fatal(err)
			}
		}
	}
	return mails
}

// count counts rows of the ledger.
func (w *World) count(query string) int { return len(w.ledger(query)) }

// Two Tandems that answer everything write to each other, and soon fall silent.
func TestTwoTandemsThatAnswerEachOtherStop(t *testing.T) {
	t.Parallel()
	one := connected(Open(t, Options{}))
	other := Open(t, Options{Beside: one})
	other.Connect(Sales, false)
	here, there := newAnswerer(one), newAnswerer(other)

	one.API.Post("/api/v2/tickets", map[string]any{"ticket": map[string]any{
		"subject": "A question to you", "comment": map[string]any{"body": "Do you have lamps?"}, "requester": map[string]string{"name": "Sales", "email": Sales},
	}}).Want(201)
	sent := 1
	for range 10 { // rounds; each ends when what was sent has arrived
		one.Until("all mails have arrived", func() bool {
			return one.count("direction=out&state=sent")+other.count("direction=out&state=sent") == sent &&
				one.count("direction=in")+other.count("direction=in") == sent && one.count("state=noticed")+other.count("state=noticed") == 0
		})
		now := here.answer(Sales) + there.answer(Support)
		if now == 0 {
			break
		}
		sent += now
	}
	if sent < 2 || sent > 4 {
		t.Errorf("%d mails went to and fro, want an answer, and silence within 4", sent)
	}
	if n := len(one.tickets("")) + len(other.tickets("")); n != 2 {
		t.Errorf("%d tickets, want one at each side", n)
	}
}

// A reply to an address that does not exist comes back, and the comment says so.
func TestBounceReachesTheComment(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{}))
	w.Mail(Letter{From: "Nobody <nobody@contoso.example>", To: Support, Subject: "Hello", Text: "I am not here any more.", MessageID: "<gone@customer.example>"})
	made := w.awaitTicket()
	said := w.reply(made.ID, "Where are you?")
	w.awaitDelivery(made.ID, said.ID, "bounced")
	for _, c := range w.comments(made.ID) {
		b := c.Delivery.Bounces
		if c.ID == said.ID && (len(b) != 1 || b[0].Code != "bounce_unknown_address" || b[0].Recipient != "nobody@contoso.example") {
			t.Errorf("the comment shows %+v", b)
		}
	}
	if !w.ticket(made.ID).FailedToSend {
		t.Error("the ticket does not call for attention")
	}
	if reports := w.ledger("state=report"); len(reports) != 1 || reports[0].Rule != "bounce" || reports[0].Ticket != made.ID {
		t.Errorf("the ledger has the reports %+v", reports)
	}
	w.Until("the report is filed", func() bool { return len(w.Folder(Support, "Tandem")) == 2 })
}
