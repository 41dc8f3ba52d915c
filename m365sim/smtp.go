package m365sim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/emersion/go-smtp"
)

// maxReceiveSize is what Exchange Online takes from strangers by default
// (Exchange Online limits: message size limits).
const maxReceiveSize = 36 << 20

// ServeSMTP takes mail from strangers until the listener or the Server is
// closed. It knows the addresses of the organisation and no others.
func (s *Server) ServeSMTP(l net.Listener) error {
	server := smtp.NewServer(smtpBackend{s})
	server.Domain = "mail." + s.dir.organisation().Domain
	server.MaxMessageBytes = maxReceiveSize
	server.MaxRecipients = maxRecipients
	server.ReadTimeout, server.WriteTimeout = 5*time.Minute, time.Minute // RFC 5321 section 4.5.3.2
	server.EnableSMTPUTF8 = true
	s.mu.Lock()
	s.smtp = append(s.smtp, server)
	s.mu.Unlock()
	err := server.Serve(l)
	if errors.Is(err, smtp.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

type smtpBackend struct{ s *Server }

func (b smtpBackend) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &smtpSession{s: b.s, peer: c.Conn().RemoteAddr().String(), helo: c.Hostname()}, nil
}

// smtpSession is one connection of a stranger's mail server.
type smtpSession struct {
	s          *Server
	peer, helo string
	from       string
	to         []string
	outside    []string // recipients that the organisation itself writes to through us
}

func (c *smtpSession) Mail(from string, _ *smtp.MailOptions) error {
	c.from = from
	return nil
}

func (c *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if c.s.dir.recipient(to) == nil {
		if c.s.dir.isInside(c.from) && !c.s.dir.isInside(to) {
			c.outside = append(c.outside, to)
			return nil
		}
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "The email account that you tried to reach does not exist."}
	}
	c.to = append(c.to, to)
	return nil
}

func (c *smtpSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err // go-smtp answers 552 for what is too large
	}
	if err := c.relay(raw); err != nil || len(c.to) == 0 {
		return err
	}
	now := c.s.clock.now()
	trace := []header{
		{"Return-Path", "<" + c.from + ">"},
		{"Received", fmt.Sprintf("from %s (%s) by mail.%s with ESMTP; %s", c.helo, c.peer, c.s.dir.organisation().Domain, now.Format(time.RFC1123Z))},
	}
	if _, err := c.s.exchange.deliver(context.Background(), c.to, raw, delivery{trace: trace}); err != nil {
		c.s.opt.Log.Error("smtp delivery", "err", err)
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "The mail could not be stored. Try again later."}
	}
	return nil
}

// relay keeps in the outbox what the organisation writes to others, as a
// connector does for the devices of an organisation ("How to set up a
// multifunction device or application to send emails using Microsoft 365",
// option 3: SMTP relay).
func (c *smtpSession) relay(raw []byte) error {
	if len(c.outside) == 0 {
		return nil
	}
	list, err := json.Marshal(c.outside)
	if err != nil {
		return err
	}
	return c.s.db.update(func(t *tx) error {
		_, err := t.exec("INSERT INTO outbox (sender, recipients, sent, raw) VALUES (?, ?, ?, ?)", c.from, string(list), millis(c.s.clock.now()), raw)
		return err
	})
}

func (c *smtpSession) Reset() { c.from, c.to, c.outside = "", nil, nil }

func (c *smtpSession) Logout() error { return nil }
