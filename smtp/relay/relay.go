// Package relay sends mail through an SMTP relay, for support addresses whose
// mail is forwarded to Tandem: they have no mailbox that could send it.
//
// SMTP knows no drafts, and sending is not idempotent. A draft lives in the
// memory of the attempt that made it; the ledger notes that sending begins
// before the relay hears of the mail. From the final dot to the relay's answer
// nobody but the relay knows whether the mail has left. An attempt that ends
// there, or dies, leaves a mail of which Tandem says that it does not know; it
// is never sent again unless a person asks for that.
package relay

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"tandem/email"
	"tandem/problem"
)

// Options say where the relay is. URL is smtp://user:password@host:port, with
// STARTTLS that is insisted on, or smtps:// for TLS from the start. With
// ?tls=off, and on this machine without ?tls=on, smtp:// does without. No URL:
// there is no relay.
type Options struct {
	URL   string
	Hello string // our name
	// Roots are the certificate authorities that are trusted; nil: the system's.
	Roots *x509.CertPool
}

// Check tells whether a text can be the URL of a relay.
func Check(text string) error {
	_, err := parse(Options{URL: text})
	return err
}

// relay is where mail goes.
type relay struct {
	address  string
	host     string
	user     string
	password string
	direct   bool // TLS from the start
	plain    bool // without TLS
	hello    string
	roots    *x509.CertPool
}

func parse(o Options) (*relay, error) {
	u, err := url.Parse(o.URL)
	if err != nil {
		return nil, errors.New("the relay's address is no URL") // the error would hold the password
	}
	if u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" {
		return nil, errors.New("the relay's address is not like smtp://host:port")
	}
	r := &relay{host: u.Hostname(), direct: u.Scheme == "smtps", hello: cmp.Or(o.Hello, "localhost"), roots: o.Roots}
	port := cmp.Or(u.Port(), map[bool]string{true: "465", false: "587"}[r.direct])
	r.address = net.JoinHostPort(r.host, port)
	r.user = u.User.Username()
	r.password, _ = u.User.Password()
	ip := net.ParseIP(r.host)
	here := r.host == "localhost" || ip != nil && ip.IsLoopback()
	wish := u.Query().Get("tls")
	r.plain = !r.direct && (wish == "off" || here && wish != "on")
	return r, nil
}

// dialWithin bounds the way to the relay, answerWithin its answer to the mail
// (RFC 5321 section 4.5.3.2.6 has ten minutes; a job cannot wait so long).
const (
	dialWithin   = 30 * time.Second
	answerWithin = 2 * time.Minute
)

// send gives a mail to the relay. A problem has email.ErrNotSent in its chain
// when the mail has certainly not left.
func (r *relay) send(ctx context.Context, from string, to []string, mail io.Reader) error {
	c, err := r.dial(ctx)
	if err != nil {
		return notSent(err, r.unreachable)
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	w, err := begin(c, r, from, to)
	if err != nil {
		return notSent(err, r.unreachable)
	}
	if _, err := io.Copy(w, mail); err != nil {
		return notSent(err, r.unreachable) // without the final dot it is no mail
	}
	err = w.Close()
	if answer, ok := errors.AsType[*smtp.SMTPError](err); ok {
		return notSent(answer, r.unreachable)
	}
	if err != nil {
		return r.unknown().Because(err)
	}
	_ = c.Quit() // the mail has left already
	return nil
}

// dial connects, with TLS where that is wanted.
func (r *relay) dial(ctx context.Context) (*smtp.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, dialWithin)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", r.address)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{ServerName: r.host, RootCAs: r.roots, MinVersion: tls.VersionTLS12}
	switch {
	case r.plain:
		return r.patient(smtp.NewClient(conn)), nil
	case r.direct:
		return r.patient(smtp.NewClient(tls.Client(conn, config))), nil
	}
	_ = conn.SetDeadline(time.Now().Add(dialWithin))
	c, err := smtp.NewClientStartTLS(conn, config)
	if err != nil {
		return nil, fmt.Errorf("begin TLS: %w", err)
	}
	return r.patient(c), conn.SetDeadline(time.Time{})
}

func (r *relay) patient(c *smtp.Client) *smtp.Client {
	c.CommandTimeout, c.SubmissionTimeout = answerWithin, answerWithin
	return c
}

// begin says who we are, who sends and who gets the mail.
func begin(c *smtp.Client, r *relay, from string, to []string) (io.WriteCloser, error) {
	if r.direct || r.plain { // behind STARTTLS we have been introduced
		if err := c.Hello(r.hello); err != nil {
			return nil, err
		}
	}
	if r.user != "" {
		if err := c.Auth(sasl.NewPlainClient("", r.user, r.password)); err != nil {
			return nil, &signInError{err}
		}
	}
	if err := c.Mail(from, nil); err != nil {
		return nil, err
	}
	for _, address := range to {
		if err := c.Rcpt(address, nil); err != nil {
			return nil, fmt.Errorf("recipient %s: %w", address, err)
		}
	}
	return c.Data()
}

// signInError is a refusal of our user or password.
type signInError struct{ err error }

func (e *signInError) Error() string { return "sign in: " + e.err.Error() }
func (e *signInError) Unwrap() error { return e.err }

// notSent explains why a mail has not left.
func notSent(err error, unreachable func() *problem.Error) *problem.Error {
	cause := errors.Join(email.ErrNotSent, err)
	answer, answered := errors.AsType[*smtp.SMTPError](err)
	_, atSignIn := errors.AsType[*signInError](err)
	switch {
	case !answered:
		return unreachable().Because(cause)
	case answer.Temporary():
		return problem.New(problem.Unavailable, "relay_busy", "The SMTP relay cannot take the mail now: %s", said(answer)).
			On(problem.Admin, "It is tried again by itself. If it stays, ask whoever runs the relay.").
			After(time.Minute).With("answer", said(answer)).Because(cause)
	case atSignIn:
		return problem.New(problem.Unauthenticated, "relay_sign_in", "The SMTP relay refuses the user or the password: %s", said(answer)).
			On(problem.Admin, "Correct smtp.relay_url in the configuration, and start Tandem again.").With("answer", said(answer)).Because(cause)
	}
	return problem.New(problem.Invalid, "relay_refused", "The SMTP relay refuses the mail: %s", said(answer)).
		On(problem.Admin, "Check the recipients, and that the relay accepts mail from this address. Then try again.").
		With("answer", said(answer)).Because(cause)
}

// said is the relay's answer as people read it.
func said(answer *smtp.SMTPError) string { return fmt.Sprintf("%d %s", answer.Code, answer.Message) }

func (r *relay) unreachable() *problem.Error {
	return problem.New(problem.Unavailable, "relay_unreachable", "The SMTP relay %s does not answer.", r.address).
		On(problem.Admin, "It is tried again by itself. Check smtp.relay_url and the network.").After(30*time.Second).With("relay", r.address)
}

func (r *relay) unknown() *problem.Error {
	return email.OutcomeUnknown(
		"The SMTP relay "+r.address+" was given this mail, but the connection ended before it answered. It may have been sent.",
		"Ask the requester, or look into the relay's log. Try again to send it once more.").With("relay", r.address)
}
