package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Exchange, or a mailing list, may deliver the same mail again.
func TestSameMailThriceIsOneTicket(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{}))
	raw := hello("Only once").Raw()
	for range 3 {
		w.Deliver(Support, raw)
	}
	w.Until("three mails in the ledger", func() bool { return len(w.ledger("state=ticketed,duplicate")) == 3 })
	made := w.awaitTicket()
	var original int64
	for _, m := range w.ledger("state=ticketed") {
		original = m.ID
	}
	duplicates := w.ledger("state=duplicate")
	if len(duplicates) != 2 || made.Comments != 1 {
		t.Errorf("%d duplicates, %d comments, want 2 and 1", len(duplicates), made.Comments)
	}
	for _, m := range duplicates {
		if m.Original != original || m.Ticket != made.ID || m.Rule != "duplicate" {
			t.Errorf("the duplicate is %+v, want it to name mail %d and ticket %d", m, original, made.ID)
		}
	}
	w.Until("all filed", func() bool { return len(w.Folder(Support, "Tandem")) == 3 })
}

// Who writes to two of our addresses gets two tickets that know of each other.
func TestSameMailToTwoAddressesIsTwoLinkedTickets(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{}))
	w.Connect(Sales, false)
	raw := strings.Replace(hello("To both").Raw(), "To: "+Support, "To: "+Support+", "+Sales, 1)
	w.Deliver(Support, raw)
	w.Deliver(Sales, raw)
	w.Until("two linked tickets", func() bool {
		all := w.tickets("")
		return len(all) == 2 && slices.Contains(all[0].Siblings, all[1].ID) && slices.Contains(all[1].Siblings, all[0].ID)
	})
	all := w.tickets("")
	if all[0].Recipient == all[1].Recipient {
		t.Errorf("both tickets are %s's", all[0].Recipient)
	}
}

// Whoever got hold of a mail of the thread may write, but does not count until
// an agent says so.
func TestStrangerInAThreadIsFlagged(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{}))
	w.Mail(hello("My invoice"))
	made := w.awaitTicket()
	w.change(made.ID, change{"status": "pending"})
	w.Mail(Letter{
		From: "Mallory <mallory@stranger.example>", To: Support, Subject: "Re: My invoice", Text: "Please send it to me instead.",
		MessageID: "<mallory@stranger.example>", InReplyTo: "<My-invoice@customer.example>",
	})
	w.Until("the flagged ticket", func() bool { return w.ticket(made.ID).Flagged })
	if got := w.ticket(made.ID); got.Status != "pending" {
		t.Errorf("a stranger's mail made the ticket %s", got.Status)
	}
	note := w.comments(made.ID)[1]
	if note.Public || note.Flag != "stranger" {
		t.Errorf("the stranger's mail is %+v, want a flagged note", note)
	}

	w.API.Post(fmt.Sprintf("/api/v2/tickets/%d/comments/%d/accept", made.ID, note.ID), nil).Want(200)
	if got := w.comments(made.ID)[1]; !got.Public || got.Flag != "" {
		t.Errorf("accepted, it is %+v", got)
	}
	if got := w.ticket(made.ID); got.Flagged || got.Status != "open" {
		t.Errorf("after the acceptance the ticket is %+v", got)
	}
}

func TestReplyToSolvedTicketReopensItToClosedOneFollowsUp(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{}))
	w.Mail(hello("The lamp"))
	made := w.awaitTicket()
	again := func(id, text string) {
		w.Mail(Letter{
			From: "kim@customer.example", To: Support, Subject: "Re: The lamp", Text: text,
			MessageID: "<" + id + "@customer.example>", InReplyTo: "<The-lamp@customer.example>",
		})
	}
	w.change(made.ID, change{"status": "solved"})
	again("second", "It is dark again.")
	w.Until("the ticket open again", func() bool { return w.ticket(made.ID).Status == "open" })

	w.change(made.ID, change{"status": "solved"})
	w.change(made.ID, change{"status": "closed"})
	again("third", "And again.")
	w.Until("the follow-up", func() bool { return len(w.tickets("")) == 2 })
	next := w.tickets("?sort=-id")[0]
	if next.FollowUpOf != made.ID || next.Status != "new" || next.Comments != 1 {
		t.Errorf("the follow-up is %+v", next)
	}
	if got := w.ticket(made.ID); got.Status != "closed" || got.Comments != 2 {
		t.Errorf("the closed ticket is %+v", got)
	}
}
