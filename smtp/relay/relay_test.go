package relay_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"tandem/email"
	"tandem/email/eml"
	"tandem/problem"
	"tandem/smtp"
	"tandem/smtp/relay"
)

// post is an SMTP relay as data: what it got, and what it refuses.
type post struct {
	mu       sync.Mutex
	got      []sent
	user     string
	password string
	atRcpt   error
	atData   error
	hangUp   bool // after the mail, without an answer
}

type sent struct {
	from string
	to   []string
	raw  string
}

func (p *post) mails() []sent {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.got
}

func (p *post) NewSession(c *gosmtp.Conn) (gosmtp.Session, error) {
	return &postSession{post: p, conn: c, signedIn: p.user == ""}, nil
}

type postSession struct {
	post     *post
	conn     *gosmtp.Conn
	signedIn bool
	sent     sent
}

func (s *postSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *postSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != s.post.user || password != s.post.password {
			return &gosmtp.SMTPError{Code: 535, EnhancedCode: gosmtp.EnhancedCode{5, 7, 8}, Message: "Wrong password"}
		}
		s.signedIn = true
		return nil
	}), nil
}

func (s *postSession) Mail(from string, _ *gosmtp.MailOptions) error {
	if !s.signedIn {
		return &gosmtp.SMTPError{Code: 530, EnhancedCode: gosmtp.EnhancedCode{5, 7, 0}, Message: "Sign in first"}
	}
	s.sent.from = from
	return nil
}

func (s *postSession) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	s.sent.to = append(s.sent.to, to)
	return s.post.atRcpt
}

func (s *postSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.post.atData != nil {
		return s.post.atData
	}
	s.sent.raw = string(raw)
	s.post.mu.Lock()
	s.post.got = append(s.post.got, s.sent)
	s.post.mu.Unlock()
	if s.post.hangUp {
		s.conn.Conn().Close()
	}
	return nil
}

func (s *postSession) Reset()        {}
func (s *postSession) Logout() error { return nil }

// open starts the relay and returns what stands in for a mailbox.
func (p *post) open(t *testing.T, url func(address string) string, config *tls.Config, roots *x509.CertPool, direct bool) email.Mailbox {
	t.Helper()
	server := gosmtp.NewServer(p)
	server.Domain, server.TLSConfig = "relay.example", config
	server.AllowInsecureAuth = config == nil
	server.ErrorLog = log.New(io.Discard, "", 0)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if direct {
		l = tls.NewListener(l, config)
	}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	boxes, err := relay.NewMailboxes(relay.Options{URL: url(l.Addr().String()), Hello: "tandem.example", Roots: roots}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return boxOf(t, boxes)
}

func boxOf(t *testing.T, boxes *relay.Mailboxes) email.Mailbox {
	t.Helper()
	box, err := boxes.Open(&email.Connection{Kind: email.Forwarding})
	if err != nil {
		t.Fatal(err)
	}
	return box
}

func plainly(address string) string { return "smtp://" + address }

var reply = email.Draft{
	Mark: "mark1", From: email.Party{Name: "Ana (Contoso)", Email: "support@contoso.example"},
	To: []email.Party{{Name: "田中 雪", Email: "yuki@customer.example"}}, CC: []email.Party{{Email: "boss@customer.example"}},
	Subject: "Re: プリンター", HTML: "<p>Please open the <b>lid</b>.</p>", InReplyTo: "1@customer.example", References: []string{"0@customer.example", "1@customer.example"},
}

func TestReplyLeavesWhole(t *testing.T) {
	t.Parallel()
	p := &post{}
	box := p.open(t, plainly, nil, nil, false)
	id, err := box.CreateDraft(t.Context(), reply)
	if err != nil {
		t.Fatal(err)
	}
	if err := box.Attach(t.Context(), id, email.DraftFile{Name: "説明.txt", ContentType: "text/plain", Size: 5}, strings.NewReader("hello")); err != nil {
		t.Fatal(err)
	}
	outcome, err := box.Send(t.Context(), id)
	if err != nil || !outcome.Sent || outcome.MessageID != "mark1@contoso.example" {
		t.Fatalf("the outcome is %+v, %v", outcome, err)
	}
	got := p.mails()
	if len(got) != 1 || got[0].from != "support@contoso.example" || strings.Join(got[0].to, " ") != "yuki@customer.example boss@customer.example" {
		t.Fatalf("the relay got %+v", got)
	}
	var file bytes.Buffer
	m, err := eml.Parse(strings.NewReader(got[0].raw), eml.DefaultLimits, func(_ eml.Part, r io.Reader) (string, error) {
		_, err := file.ReadFrom(r)
		return "file", err
	})
	if err != nil {
		t.Fatal(err)
	}
	if m.MessageID != outcome.MessageID || m.Subject != reply.Subject || len(m.InReplyTo) != 1 || len(m.References) != 2 ||
		m.Header.Get(email.MarkHeader) != "mark1" || !strings.Contains(m.Text, "lid") || !strings.Contains(m.HTML, "<b>lid</b>") {
		t.Errorf("the mail is not the one that was written: %+v", m)
	}
	if len(m.Parts) != 1 || m.Parts[0].FileName != "説明.txt" || file.String() != "hello" {
		t.Errorf("its files are %+v: %q", m.Parts, file.String())
	}
}

// What the relay says decides what becomes of the mail. Only where nobody can
// know whether it has left, it is not offered again by itself.
func TestWhatBecomesOfAMail(t *testing.T) {
	t.Parallel()
	answer := func(code int) error {
		return &gosmtp.SMTPError{Code: code, EnhancedCode: gosmtp.EnhancedCode{code / 100, 0, 0}, Message: "So it is"}
	}
	for name, test := range map[string]struct {
		post    *post
		url     func(string) string
		kind    problem.Kind
		code    string
		notSent bool
		got     int
	}{
		"recipient refused":    {post: &post{atRcpt: answer(550)}, kind: problem.Invalid, code: "relay_refused", notSent: true},
		"not now":              {post: &post{atRcpt: answer(451)}, kind: problem.Unavailable, code: "relay_busy", notSent: true},
		"mail refused":         {post: &post{atData: answer(554)}, kind: problem.Invalid, code: "relay_refused", notSent: true},
		"mail refused for now": {post: &post{atData: answer(452)}, kind: problem.Unavailable, code: "relay_busy", notSent: true},
		"sign-in refused": {
			post: &post{user: "tandem", password: "right"}, url: func(a string) string { return "smtp://tandem:wrong@" + a },
			kind: problem.Unauthenticated, code: "relay_sign_in", notSent: true,
		},
		"nobody there": {
			post: &post{}, url: func(string) string { return "smtp://127.0.0.1:1" }, kind: problem.Unavailable, code: "relay_unreachable", notSent: true,
		},
		"no answer to the mail": {post: &post{hangUp: true}, kind: problem.Conflict, code: "outcome_unknown", got: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.url == nil {
				test.url = plainly
			}
			box := test.post.open(t, test.url, nil, nil, false)
			id, err := box.CreateDraft(t.Context(), reply)
			if err != nil {
				t.Fatal(err)
			}
			_, err = box.Send(t.Context(), id)
			if p := problem.As(err); p == nil || p.Kind != test.kind || p.Code != test.code || p.Remedy == "" {
				t.Errorf("the problem is %+v, want %s %s", err, test.kind, test.code)
			}
			if errors.Is(err, email.ErrNotSent) != test.notSent {
				t.Errorf("that it has not left is said: %t, want %t (%v)", !test.notSent, test.notSent, err)
			}
			if strings.Contains(err.Error(), "wrong@") {
				t.Errorf("the password is in the log: %v", err)
			}
			if got := len(test.post.mails()); got != test.got {
				t.Errorf("the relay got %d mails, want %d", got, test.got)
			}
		})
	}
}

func TestRelayIsSpokenToEncrypted(t *testing.T) {
	t.Parallel()
	config, err := smtp.TLS("localhost", "", "")
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(config.Certificates[0].Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AddCert(leaf)
	for name, test := range map[string]struct {
		url   string
		roots *x509.CertPool
		sent  int
	}{
		"STARTTLS":              {"smtp://tandem:p%40ss@localhost:PORT?tls=on", trusted, 1},
		"STARTTLS, a stranger":  {"smtp://tandem:p%40ss@localhost:PORT?tls=on", x509.NewCertPool(), 0},
		"TLS at once":           {"smtps://tandem:p%40ss@localhost:PORT", trusted, 1},
		"TLS at once, stranger": {"smtps://tandem:p%40ss@localhost:PORT", x509.NewCertPool(), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &post{user: "tandem", password: "p@ss"}
			direct := strings.HasPrefix(test.url, "smtps")
			box := p.open(t, func(address string) string {
				_, port, _ := net.SplitHostPort(address)
				return strings.ReplaceAll(test.url, "PORT", port)
			}, config, test.roots, direct)
			id, err := box.CreateDraft(t.Context(), reply)
			if err != nil {
				t.Fatal(err)
			}
			_, err = box.Send(t.Context(), id)
			if got := len(p.mails()); got != test.sent || (err == nil) != (test.sent == 1) {
				t.Errorf("%d mails were sent, want %d: %v", got, test.sent, err)
			}
			if err != nil && !errors.Is(err, email.ErrNotSent) {
				t.Errorf("it is not said that the mail has not left: %v", err)
			}
		})
	}
}

// A draft does not outlive its attempt; a mail that was being sent then is one
// of which nothing is known.
func TestDraftOfAnEarlierAttempt(t *testing.T) {
	t.Parallel()
	boxes, err := relay.NewMailboxes(relay.Options{URL: "smtp://127.0.0.1:1"}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	box := boxOf(t, boxes)
	if _, err := box.Attached(t.Context(), "old@contoso.example"); problem.KindOf(err) != problem.NotFound {
		t.Errorf("its files: %v, want that there is no such draft", err)
	}
	if _, err := box.Outcome(t.Context(), "old@contoso.example"); problem.As(err) == nil || problem.As(err).Code != "outcome_unknown" {
		t.Errorf("its outcome: %v, want that nobody knows", err)
	}
	if id, err := box.FindByMark(t.Context(), "mark1"); id != "" || err != nil {
		t.Errorf("by its mark: %q, %v", id, err)
	}
}

func TestWithoutRelayMailWaits(t *testing.T) {
	t.Parallel()
	boxes, err := relay.NewMailboxes(relay.Options{}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	_, err = boxOf(t, boxes).CreateDraft(context.Background(), reply)
	if p := problem.As(err); p == nil || p.Kind != problem.Forbidden || p.Code != "relay_missing" || !strings.Contains(p.Remedy, "smtp.relay_url") {
		t.Errorf("the problem is %v, want relay_missing with its remedy", err)
	}
}
