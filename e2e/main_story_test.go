package e2e

import (
	"strings"
	"testing"

	"tandem/store/storetest"
)

// A mail becomes a ticket, the answer finds its way into the sender's mailbox
// threaded, and the sender's answer to it comes back to the ticket.
func TestMailBecomesTicketAndAnswerGoesBack(t *testing.T) {
	t.Parallel()
	t.Run("push", func(t *testing.T) { tellMainStory(t, Options{}) })
	t.Run("poll", func(t *testing.T) { tellMainStory(t, Options{Polling: true}) })
	t.Run("Postgres", func(t *testing.T) { tellMainStory(t, Options{Database: storetest.PostgresURL(t)}) })
}

func tellMainStory(t *testing.T, opts Options) {
	t.Parallel()
	w := Open(t, opts)
	w.Connect(Support, false)

	w.Mail(Letter{
		From: "Yuki Tanaka <yuki@customer.example>", To: Support, Subject: "The grinder is stuck",
		MessageID: "<first@customer.example>", Text: "It makes a noise and stops.",
	})
	made := w.awaitTicket()
	if made.Subject != "The grinder is stuck" || made.Status != "new" || made.Recipient != Support {
		t.Errorf("the ticket is %+v", made)
	}
	w.Until("the mail read and in the folder Tandem", func() bool {
		filed := w.Folder(Support, "Tandem")
		return len(filed) == 1 && filed[0].IsRead && len(w.Folder(Support, "inbox")) == 0
	})

	w.change(made.ID, change{"status": "pending", "comment": change{"body": "Please open the lid and remove the bean."}})
	sent := w.awaitSent()
	if sent.InReplyTo != "<first@customer.example>" || !strings.Contains(sent.References, "first@customer.example") {
		t.Errorf("the answer is not threaded: In-Reply-To %q, References %v", sent.InReplyTo, sent.References)
	}

	w.Mail(Letter{
		From: "Yuki Tanaka <yuki@customer.example>", To: Support, Subject: "Re: The grinder is stuck",
		MessageID: "<second@customer.example>", InReplyTo: sent.MessageID, Text: "That helped, thank you.",
	})
	w.Until("the second mail at the ticket", func() bool {
		all := w.tickets("")
		return len(all) == 1 && all[0].Comments == 3 && all[0].Status == "open"
	})
}
