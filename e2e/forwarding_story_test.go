package e2e

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// An address whose mail is forwarded lives as one with a mailbox does: the
// round trip proves it, mail becomes tickets, and replies leave by the relay.
func TestForwardedMailBecomesTicketAndAnswerGoesBack(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{SMTP: true})
	w.Connect(Sales, false)
	added := w.AddForwarded(Support)
	if added.ForwardingStatus != "waiting" || added.Connection.Kind != "forwarding" || added.Connection.Status != "waiting" {
		t.Errorf("the new address is %+v", added)
	}
	w.Forward(Support, added.Forwarding.Address)
	w.VerifyForwarding(added.ID)
	if shown := w.Address(added.ID); shown.ForwardingStatus != "verified" || shown.Connection.Status != "verified" {
		t.Errorf("the verified address is %+v", shown)
	}
	if all := w.tickets(""); len(all) != 0 {
		t.Errorf("the verification made tickets: %+v", all)
	}

	w.Mail(Letter{
		From: "Yuki Tanaka <yuki@customer.example>", To: Support, Subject: "The grinder is stuck",
		MessageID: "<first@customer.example>", Text: "It makes a noise and stops.",
	})
	made := w.awaitTicket()
	if made.Recipient != Support || made.Subject != "The grinder is stuck" {
		t.Errorf("the ticket is %+v", made)
	}
	said := w.reply(made.ID, "Please open the lid.")
	w.awaitDelivery(made.ID, said.ID, "sent")
	outbox := w.Outbox()
	if len(outbox) != 1 {
		t.Fatalf("%d mails have left, want 1", len(outbox))
	}
	sent := outbox[0]
	if sent.InReplyTo != "<first@customer.example>" || len(sent.To) != 1 || sent.To[0] != "yuki@customer.example" {
		t.Errorf("the answer is not threaded: %+v", sent)
	}
	w.Mail(Letter{
		From: "Yuki Tanaka <yuki@customer.example>", To: Support, Subject: "Re: The grinder is stuck",
		MessageID: "<second@customer.example>", InReplyTo: sent.MessageID, Text: "Thank you.",
	})
	w.Until("the second mail at the ticket", func() bool { return w.ticket(made.ID).Comments == 3 })
	for _, m := range w.ledger("direction=in&ticket_id=" + strconv.FormatInt(made.ID, 10)) {
		if m.NoticedBy != "smtp" || m.FiledAt.IsZero() {
			t.Errorf("the ledger says of a forwarded mail: %+v", m)
		}
	}
}

// From forwarding to the mailbox and back: during the change both routes bring
// every mail, and it is one mail; tickets and threads go on.
func TestAddressChangesItsRouteAndBack(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{SMTP: true})
	w.Connect(Sales, false)
	added := w.AddForwarded(Support)
	w.Forward(Support, added.Forwarding.Address)
	w.VerifyForwarding(added.ID)
	path := "/api/v2/recipient_addresses/" + strconv.FormatInt(added.ID, 10) + "/change"

	letter := func(n int) Letter {
		id := strconv.Itoa(n)
		l := Letter{From: "yuki@customer.example", To: Support, Subject: "Grinder", MessageID: "<" + id + "@customer.example>", Text: "Letter " + id}
		if n > 1 {
			l.InReplyTo = "<" + strconv.Itoa(n-1) + "@customer.example>"
		}
		return l
	}
	w.Mail(letter(1))
	made := w.awaitTicket()

	// To the mailbox: somebody signs in to it, then both routes run.
	browser := w.SignedIn("admin@contoso.example")
	var begun struct {
		Request struct {
			URL string `json:"authorize_url"`
		} `json:"connection_request"`
	}
	browser.Post(path, map[string]string{"to": "exchange"}).Want(200).Into(&begun)
	if landed := w.SignInAtMicrosoft(browser, begun.Request.URL, Support, "accept"); !strings.Contains(landed, "/admin/email/addresses/") {
		t.Fatalf("after the sign-in the browser is at %s", landed)
	}
	w.Until("the mailbox read", func() bool { c := w.Address(added.ID).Change; return c != nil && c.Ready })
	w.Mail(letter(2))
	w.Until("the second mail by both routes", func() bool { return len(w.ledger("direction=in&query=2@customer.example")) == 2 && w.undecided() == 0 })
	if got := w.ticket(made.ID).Comments; got != 2 || len(w.tickets("")) != 1 {
		t.Errorf("the ticket has %d comments among %d tickets, want 2 among 1", got, len(w.tickets("")))
	}
	w.API.Post(path+"/finish", nil).Want(200)
	after := w.Address(added.ID)
	if after.Connection.Kind != "exchange" || after.Change != nil || after.Forwarding == nil || after.Forwarding.ClosesAt == nil {
		t.Errorf("after the change the address is %+v", after)
	}

	// The rule at the mail system is still there, and does no harm.
	w.Mail(letter(3))
	w.Until("the third mail by both routes", func() bool { return len(w.ledger("direction=in&query=3@customer.example")) == 2 && w.undecided() == 0 })
	said := w.reply(made.ID, "From the mailbox.")
	w.awaitDelivery(made.ID, said.ID, "sent")
	if got := w.Folder(Support, "sentitems"); len(got) != 1 {
		t.Errorf("%d mails lie in Sent Items, want the reply", len(got))
	}

	// And back, by the same forwarding address.
	if back := w.addressFrom(w.API.Post(path, map[string]string{"to": "forwarding"}).Want(200)); back.Forwarding.Address != added.Forwarding.Address {
		t.Errorf("the forwarding address is another one: %s, it was %s", back.Forwarding.Address, added.Forwarding.Address)
	}
	w.Until("the forwarding verified", func() bool { c := w.Address(added.ID).Change; return c != nil && c.Ready })
	w.API.Post(path+"/finish", nil).Want(200)
	w.Mail(letter(4))
	// A reading of the mailbox that had begun may notice it, too, so the ledger is not asked.
	w.Until("the fourth mail", func() bool { return w.ticket(made.ID).Comments == 5 })
	if got := len(w.tickets("")); got != 1 {
		t.Errorf("%d tickets, want 1", got)
	}
}

// undecided counts the mails that nobody has decided yet.
func (w *World) undecided() int { return len(w.ledger("direction=in&state=noticed")) }

// Forwarded mail that was acknowledged is never lost, and mail that was not is
// delivered again and is one mail, however often Tandem is killed.
func TestAcknowledgedMailSurvivesKilling(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{SMTP: true, Process: true})
	target := w.AddForwarded(Support).Forwarding.Address
	const letters = 60
	acknowledged := make(chan int, letters)
	for sender := range 3 {
		go func() {
			for n := sender; n < letters; n += 3 {
				for !w.offer(target, n) { // as a mail server does: until it is taken
					select {
					case <-t.Context().Done():
						return
					case <-time.After(20 * time.Millisecond):
					}
				}
				acknowledged <- n
			}
		}()
	}
	for n := range letters {
		<-acknowledged
		if n%20 == 10 {
			w.Process.Kill()
			w.Start()
		}
	}
	w.Process.Kill() // and what has just been acknowledged is there all the same
	w.Start()
	w.Until("all mails decided", func() bool { return w.undecided() == 0 })
	if tickets := w.ticketCount(); tickets != letters {
		t.Errorf("%d tickets of %d acknowledged mails: %v", tickets, letters, w.states())
	}
}

// offer delivers a mail to Tandem and tells whether it was acknowledged.
func (w *World) offer(to string, n int) bool {
	raw := fmt.Sprintf("From: yuki@customer.example\r\nTo: %s\r\nSubject: Letter %d\r\nDate: Sun, 22 Nov 2026 09:00:00 +0000\r\nMessage-ID: <%d@customer.example>\r\n\r\nText %d\r\n",
		Support, n, n, n)
	c, err := smtp.Dial(w.Config.SMTP.Listen)
	if err != nil {
		return false
	}
	defer c.Close()
	return c.SendMail("yuki@customer.example", []string{to}, strings.NewReader(raw)) == nil
}

func (w *World) ticketCount() int {
	w.Helper()
	var counted struct{ Count struct{ Value int } }
	w.API.Get("/api/v2/tickets/count").Want(200).Into(&counted)
	return counted.Count.Value
}

// Without a relay a reply waits where people see it, says what is missing, and
// leaves once there is one.
func TestReplyWaitsForTheRelay(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{SMTP: true})
	relay := w.Config.SMTP.RelayURL
	w.Stop()
	w.Config.SMTP.RelayURL = ""
	w.Start()
	target := w.AddForwarded(Support).Forwarding.Address
	if !w.offer(target, 1) {
		t.Fatal("the mail was not taken")
	}
	made := w.awaitTicket()
	said := w.reply(made.ID, "Soon.")
	w.Until("the reply waiting for a relay", func() bool { return w.delivery(made.ID, said.ID).ErrorCode == "relay_missing" })
	if d := w.delivery(made.ID, said.ID); d.State != "waiting" {
		t.Errorf("the reply is %+v", d)
	}
	w.Stop()
	w.Config.SMTP.RelayURL = relay
	w.Start()
	w.API.Post(fmt.Sprintf("/api/v2/tickets/%d/comments/%d/retry_delivery", made.ID, said.ID), nil).Want(200)
	w.awaitDelivery(made.ID, said.ID, "sent")
	if left := w.Outbox(); len(left) != 1 {
		t.Errorf("%d mails have left, want 1", len(left))
	}
}
