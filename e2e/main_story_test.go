package e2e

import (
	"fmt"
	"strings"
	"testing"
)

type ticket struct {
	ID        int64
	Subject   string
	Status    string
	Recipient string
	Requester int64 `json:"requester_id"`
	Comments  int   `json:"comment_count"`
}

func (w *World) tickets(query string) []ticket {
	w.Helper()
	var list struct{ Tickets []ticket }
	w.API.Get("/api/v2/tickets" + query).Want(200).Into(&list)
	return list.Tickets
}

// A mail becomes a ticket, the answer finds its way into the sender's mailbox
// threaded, and the sender's answer to it comes back to the ticket.
func TestMailBecomesTicketAndAnswerGoesBack(t *testing.T) {
	for _, mode := range []string{"push", "poll"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			w := Open(t, Options{Polling: mode == "poll"})
			w.Connect(Support, false)

			w.Mail(Letter{
				From: "Yuki Tanaka <yuki@customer.example>", To: Support, Subject: "The grinder is stuck",
				MessageID: "<first@customer.example>", Text: "It makes a noise and stops.",
			})
			w.Until("the ticket", func() bool { return len(w.tickets("")) == 1 })
			made := w.tickets("")[0]
			if made.Subject != "The grinder is stuck" || made.Status != "new" || made.Recipient != Support {
				t.Errorf("the ticket is %+v", made)
			}
			w.Until("the mail read and in the folder Tandem", func() bool {
				filed := w.Folder(Support, "Tandem")
				return len(filed) == 1 && filed[0].IsRead && len(w.Folder(Support, "inbox")) == 0
			})

			w.API.Put(fmt.Sprintf("/api/v2/tickets/%d", made.ID), map[string]any{"ticket": map[string]any{
				"status": "pending", "comment": map[string]any{"body": "Please open the lid and remove the bean.", "public": true},
			}}).Want(200)
			w.Until("the answer in Sent Items", func() bool { return len(w.Folder(Support, "sentitems")) == 1 })
			sent := w.Folder(Support, "sentitems")[0]
			if sent.InReplyTo != "<first@customer.example>" || !strings.Contains(fmt.Sprint(sent.References), "first@customer.example") {
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
		})
	}
}
