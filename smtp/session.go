package smtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"tandem/email"
	"tandem/problem"
)

// session is what a peer says between EHLO and QUIT.
type session struct {
	server *Server
	conn   *conn
	hello  string
	secure bool
	log    *slog.Logger

	mu   sync.Mutex // a mail in chunks is read beside the commands
	from string
	to   []string
}

// askWithin bounds a question to the Door, keepWithin the keeping of a mail.
const (
	askWithin  = 30 * time.Second
	keepWithin = 5 * time.Minute // RFC 5321 section 4.5.3.2.6: the peer waits ten
)

// Mail begins a mail.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.server.peers.mayMail(s.conn.peer) {
		s.server.metrics.mails.WithLabelValues("too_many").Inc()
		s.conn.lastWord()
		return reply(421, 4, 7, 0, "Too many mails, try again later")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.from, s.to = from, nil
	return nil
}

// Rcpt says whether anybody lives at the address.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	ctx, cancel := context.WithTimeout(context.Background(), askWithin)
	defer cancel()
	err := s.server.door.Recipient(ctx, to)
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.to = append(s.to, to)
		return nil
	}
	switch problem.KindOf(err) {
	case problem.NotFound:
		return s.bad(reply(550, 5, 1, 1, "There is no such address here"))
	case problem.Forbidden:
		return s.bad(reply(550, 5, 7, 1, "Mail is not relayed here"))
	case problem.Unavailable:
		return reply(450, 4, 2, 1, "The address is closed for the moment, try again later")
	}
	s.log.Error("look up a recipient", "err", err)
	return reply(451, 4, 3, 0, "Try again later")
}

// bad answers for a recipient that does not exist: later each time, so that
// guessing takes long, and not for ever.
func (s *session) bad(answer *smtp.SMTPError) error {
	s.server.metrics.refused.Inc()
	n := s.conn.badRecipient()
	limits := s.server.opts.Limits
	if n >= limits.BadRecipients {
		s.log.Info("smtp connection closed: too many unknown recipients", "recipients", n)
		s.conn.lastWord()
		return reply(421, 4, 7, 0, "Too many unknown recipients")
	}
	s.server.pause(min(time.Duration(n-1)*limits.Tarpit, 10*time.Second))
	return answer
}

// Data takes in the mail itself. It returns nil when the mail is stored for good.
func (s *session) Data(r io.Reader) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("panic at a mail by smtp", "panic", p, "stack", string(debug.Stack()))
			err = reply(451, 4, 3, 0, "The mail could not be stored, try again later")
		}
		s.server.metrics.mails.WithLabelValues(outcomeOf(err)).Inc()
	}()
	s.conn.setBusy(true)
	defer s.conn.setBusy(false)
	s.mu.Lock()
	e := email.Envelope{From: s.from, Recipients: s.to, Peer: s.conn.peer, Hello: s.hello, TLS: s.secure, ReceivedAt: s.server.opts.Now()}
	s.mu.Unlock()
	mail, err := spoolMail(r)
	if err != nil {
		var answer *smtp.SMTPError
		if errors.As(err, &answer) {
			return answer // too large
		}
		s.log.Info("smtp mail not taken in", "err", err)
		return reply(451, 4, 3, 0, "The mail did not arrive whole, try again later")
	}
	defer mail.close()
	e.Content = mail.sum
	ctx, cancel := context.WithTimeout(context.Background(), keepWithin)
	defer cancel()
	return s.keep(ctx, e, mail)
}

// keep writes the trace on top of the mail and has the Door keep both.
func (s *session) keep(ctx context.Context, e email.Envelope, mail *spool) error {
	trace := s.server.trace(ctx, e, mail)
	mail.removeFields(s.server.isOurs)
	err := s.server.door.Accept(ctx, e, io.MultiReader(trace, mail.reader()))
	if err != nil {
		s.log.Error("smtp mail not stored", "from", e.From, "size", mail.size, "err", err)
		return reply(451, 4, 3, 0, "The mail could not be stored, try again later")
	}
	s.server.metrics.bytes.Add(float64(mail.size))
	s.log.Info("smtp mail taken in", "from", e.From, "recipients", len(e.Recipients), "size", mail.size, "tls", e.TLS)
	return nil
}

// Reset forgets the mail under way.
func (s *session) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.from, s.to = "", nil
}

// Logout is called when the connection ends.
func (s *session) Logout() error { return nil }

// reply is an answer with its enhanced code (RFC 3463).
func reply(code, class, subject, detail int, format string, args ...any) *smtp.SMTPError {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{class, subject, detail}, Message: fmt.Sprintf(format, args...)}
}

// outcomeOf names what became of a mail, for the metrics.
func outcomeOf(err error) string {
	var answer *smtp.SMTPError
	switch {
	case err == nil:
		return "accepted"
	case errors.As(err, &answer) && answer.Code == smtp.ErrDataTooLarge.Code:
		return "too_large"
	}
	return "failed"
}
