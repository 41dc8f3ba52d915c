package m365sim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// mailboxForwarding is what Set-Mailbox sets: ForwardingSmtpAddress and
// DeliverToMailboxAndForward ("Configure email forwarding for a mailbox"). The
// simulator asks no DNS: the host to forward to is part of it.
type mailboxForwarding struct {
	Address string `json:"forwarding_smtp_address"`
	Keep    bool   `json:"deliver_to_mailbox_and_forward"`
	SMTP    string `json:"smtp"` // host and port that take mail for Address
}

func forwardingSetting(mailbox int64) string { return fmt.Sprintf("forwarding:%d", mailbox) }

// forwardingOf returns the forwarding of a mailbox; nil when there is none.
func forwardingOf(q queryer, mailbox int64) (*mailboxForwarding, error) {
	var stored string
	err := each(q, "SELECT value FROM setting WHERE name = ?", func(scan func(...any) error) error { return scan(&stored) }, forwardingSetting(mailbox))
	if err != nil || stored == "" {
		return nil, err
	}
	f := &mailboxForwarding{}
	return f, json.Unmarshal([]byte(stored), f)
}

// loopHeader keeps two mailboxes from forwarding to each other for ever.
const loopHeader = "X-MS-Exchange-ForwardingLoop"

// forward notes that an arriving mail is to be forwarded. It tells whether the
// mailbox keeps a copy.
func (t *mailTx) forward(mailbox int64, raw []byte, parsed parsedMail) (keep bool, err error) {
	f, err := forwardingOf(t, mailbox)
	owner := t.x.dir.ownerOf(mailbox)
	if err != nil || f == nil || owner == nil {
		return true, err
	}
	if strings.Contains(fieldValue(parsed.headers, loopHeader), owner.UserPrincipalName) {
		return true, nil
	}
	// From stays as it was; the envelope's sender is rewritten so that SPF
	// holds ("Sender Rewriting Scheme (SRS) in Microsoft 365").
	forwarded := append([]byte(fmt.Sprintf("%s: %s;%s\r\nResent-From: <%s>\r\n",
		loopHeader, owner.UserPrincipalName, t.x.dir.organisation().ID, owner.UserPrincipalName)), raw...)
	t.forwards = append(t.forwards, forwardedMail{
		host: f.SMTP, to: f.Address, raw: forwarded,
		from: fmt.Sprintf("bounces+SRS=%s=%s@%s", randomToken(5), strings.ToUpper(randomToken(2)), t.x.dir.organisation().Domain),
	})
	return f.Keep, nil
}

// forwardedMail is a mail on its way out by SMTP.
type forwardedMail struct {
	host, from, to string
	raw            []byte
}

// forwarder sends forwarded mail, each in a goroutine of its own. What cannot be
// delivered is tried again at growing intervals, as mail servers do; what is
// waiting when the simulator ends is lost.
type forwarder struct {
	log  *slog.Logger
	ctx  context.Context
	stop context.CancelFunc
	done sync.WaitGroup
}

func newForwarder(log *slog.Logger) *forwarder {
	f := &forwarder{log: log}
	f.ctx, f.stop = context.WithCancel(context.Background())
	return f
}

func (f *forwarder) send(mails []forwardedMail) {
	for _, m := range mails {
		f.done.Go(func() { f.deliver(m) })
	}
}

const (
	firstForwardRetry = 200 * time.Millisecond
	lastForwardRetry  = 10 * time.Second
	forwardAge        = time.Hour
)

func (f *forwarder) deliver(m forwardedMail) {
	deadline := time.Now().Add(forwardAge)
	for wait := firstForwardRetry; ; wait = min(2*wait, lastForwardRetry) {
		err := m.send()
		if err == nil {
			return
		}
		answer, refused := err.(*smtp.SMTPError)
		if refused && !answer.Temporary() || time.Now().After(deadline) {
			f.log.Warn("forwarded mail was refused", "to", m.to, "err", err)
			return
		}
		select {
		case <-f.ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// send hands the mail to the other mail system.
func (m forwardedMail) send() error {
	c, err := smtp.Dial(m.host)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SendMail(m.from, []string{m.to}, bytes.NewReader(m.raw)); err != nil {
		return err
	}
	return c.Quit()
}

func (f *forwarder) close() {
	f.stop()
	f.done.Wait()
}

func (s *Server) controlGetForwarding(w http.ResponseWriter, r *http.Request) error {
	u, err := s.mailboxOf(r)
	if err != nil {
		return err
	}
	f, err := forwardingOf(s.db, u.mailbox)
	if err != nil {
		return err
	}
	if f == nil {
		f = &mailboxForwarding{}
	}
	writeJSON(w, http.StatusOK, f)
	return nil
}

// controlSetForwarding makes a mailbox forward its mail; without an address it
// ends that.
func (s *Server) controlSetForwarding(w http.ResponseWriter, r *http.Request) error {
	u, err := s.mailboxOf(r)
	if err != nil {
		return err
	}
	f := mailboxForwarding{Keep: true}
	if err := readControl(r, &f); err != nil {
		return err
	}
	if f.Address != "" && (!strings.Contains(f.Address, "@") || !strings.Contains(f.SMTP, ":")) {
		return invalid("forwarding_smtp_address is a mail address, and smtp the host and port that take its mail.")
	}
	stored := ""
	if f.Address != "" {
		b, err := json.Marshal(f)
		if err != nil {
			return err
		}
		stored = string(b)
	}
	if err := s.db.update(func(t *tx) error { return t.setSetting(forwardingSetting(u.mailbox), stored) }); err != nil {
		return err
	}
	return s.controlGetForwarding(w, r)
}
