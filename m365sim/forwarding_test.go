package m365sim_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// elsewhere is another mail system: it refuses the first attempt for the
// moment, as servers do, and keeps what comes then.
type elsewhere struct {
	mails chan forwarded
	tries int
}

type forwarded struct{ from, to, raw string }

func (e *elsewhere) NewSession(*smtp.Conn) (smtp.Session, error) { return &elsewhereSession{e: e}, nil }

type elsewhereSession struct {
	e    *elsewhere
	mail forwarded
}

func (s *elsewhereSession) Mail(from string, _ *smtp.MailOptions) error {
	s.mail.from = from
	if s.e.tries++; s.e.tries == 1 {
		return &smtp.SMTPError{Code: 451, Message: "Later"}
	}
	return nil
}

func (s *elsewhereSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.to = to
	return nil
}

func (s *elsewhereSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	s.mail.raw = string(raw)
	s.e.mails <- s.mail
	return err
}

func (s *elsewhereSession) Reset()        {}
func (s *elsewhereSession) Logout() error { return nil }

func TestMailboxForwardsItsMail(t *testing.T) {
	w := setup(t)
	e := &elsewhere{mails: make(chan forwarded, 1)}
	server := smtp.NewServer(e)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	put := func(body string) {
		t.Helper()
		r, err := http.NewRequest("PUT", w.url+"/sim/mailboxes/"+support+"/forwarding", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != 200 {
			t.Fatalf("status %d", answer.StatusCode)
		}
	}
	put(`{"forwarding_smtp_address":"desk@elsewhere.example","smtp":"` + l.Addr().String() + `"}`)
	const raw = "From: Ana <ana@customer.example>\r\nTo: " + support + "\r\nSubject: Printer\r\nMessage-ID: <1@customer.example>\r\n\r\nIt burns.\r\n"
	if _, err := w.sim.Deliver(t.Context(), support, []byte(raw)); err != nil {
		t.Fatal(err)
	}
	m := <-e.mails
	if m.to != "desk@elsewhere.example" || !strings.HasPrefix(m.from, "bounces+SRS=") || !strings.HasSuffix(m.from, "@contoso.example") {
		t.Errorf("the envelope is %s to %s", m.from, m.to)
	}
	if !strings.HasSuffix(m.raw, raw) || !strings.Contains(m.raw, "Resent-From: <"+support+">\r\n") {
		t.Errorf("the mail is %q", m.raw)
	}
	if kept := count(w, "inbox"); kept != 1 {
		t.Errorf("%d mails lie in the Inbox, want the copy", kept)
	}

	// What comes back by a loop is not forwarded again; nothing is kept without a copy.
	if _, err := w.sim.Deliver(t.Context(), support, []byte(m.raw)); err != nil {
		t.Fatal(err)
	}
	put(`{"forwarding_smtp_address":"desk@elsewhere.example","deliver_to_mailbox_and_forward":false,"smtp":"` + l.Addr().String() + `"}`)
	if _, err := w.sim.Deliver(t.Context(), support, []byte(strings.Replace(raw, "<1@", "<2@", 1))); err != nil {
		t.Fatal(err)
	}
	if m := <-e.mails; !strings.Contains(m.raw, "<2@customer.example>") {
		t.Errorf("forwarded was %q", m.raw)
	}
	if kept := count(w, "inbox"); kept != 2 {
		t.Errorf("%d mails lie in the Inbox, want 2", kept)
	}
}

// count counts the mails in a folder of the support mailbox.
func count(w *world, folder string) int {
	w.Helper()
	answer, err := http.Get(w.url + "/sim/mailboxes/" + support + "/messages?folder=" + folder)
	if err != nil {
		w.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		w.Fatal(err)
	}
	return strings.Count(string(body), `"internet_message_id"`)
}

// Who writes as the organisation may write to the outside; a stranger may not.
func TestOrganisationsOwnMailIsRelayed(t *testing.T) {
	w := setup(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go w.sim.ServeSMTP(l)
	send := func(from string) error {
		c, err := smtp.Dial(l.Addr().String())
		if err != nil {
			return err
		}
		defer c.Close()
		c.CommandTimeout = time.Minute
		return c.SendMail(from, []string{"ana@customer.example"}, strings.NewReader("From: "+from+"\r\nSubject: Hello\r\n\r\nHello.\r\n"))
	}
	if err := send(support); err != nil {
		t.Errorf("mail of the organisation: %v", err)
	}
	if err := send("eve@stranger.example"); err == nil {
		t.Error("a stranger's mail was relayed")
	}
	answer, err := http.Get(w.url + "/sim/outbox")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, _ := io.ReadAll(answer.Body); strings.Count(string(body), "ana@customer.example") == 0 {
		t.Errorf("the outbox is %s", body)
	}
}
