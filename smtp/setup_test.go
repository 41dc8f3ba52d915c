package smtp_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/email"
	"tandem/problem"
	"tandem/smtp"
)

// house is what stands behind the door: one address, and what was brought to it.
type house struct {
	mu    sync.Mutex
	mails []brought
	fault error // of keeping
}

type brought struct {
	email.Envelope
	raw string
}

const known, closed = "support+secret@in.example", "closed+secret@in.example"

func (h *house) Recipient(_ context.Context, address string) error {
	switch {
	case address == known:
		return nil
	case address == closed:
		return problem.New(problem.Unavailable, "closed", "Closed.")
	case !strings.HasSuffix(address, "@in.example"):
		return problem.New(problem.Forbidden, "no_relaying", "Not ours.")
	}
	return problem.New(problem.NotFound, "unknown", "Nobody.")
}

func (h *house) Accept(_ context.Context, e email.Envelope, raw io.Reader) error {
	text, err := io.ReadAll(raw)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fault != nil {
		return h.fault
	}
	h.mails = append(h.mails, brought{e, string(text)})
	return nil
}

func (h *house) kept() []brought {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]brought(nil), h.mails...)
}

// serve opens the door on loopback and returns where.
func serve(t testing.TB, h smtp.Door, opts smtp.Options) (address string, server *smtp.Server) {
	t.Helper()
	opts.Domain = "in.example"
	if opts.Limits.Tarpit == 0 {
		opts.Limits.Tarpit = time.Nanosecond
	}
	if opts.LookupTXT == nil {
		opts.LookupTXT = func(context.Context, string) ([]string, error) { return nil, &net.DNSError{IsNotFound: true} }
	}
	server = smtp.New(h, opts)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	t.Cleanup(func() {
		l.Close()
		cut, cancel := context.WithCancel(context.Background())
		cancel()
		_ = server.Shutdown(cut)
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return l.Addr().String(), server
}

// peer is the other side of a session, line by line.
type peer struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
}

func dial(t testing.TB, address string) *peer {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &peer{t, conn, bufio.NewReader(conn)}
}

// greeted is a peer that has said EHLO.
func greeted(t testing.TB, address string) *peer {
	t.Helper()
	p := dial(t, address)
	p.want("220")
	p.say("EHLO mail.customer.example")
	p.want("250")
	return p
}

func (p *peer) say(format string, args ...any) {
	p.t.Helper()
	if _, err := fmt.Fprintf(p.conn, format+"\r\n", args...); err != nil {
		p.t.Fatalf("say %q: %v", format, err)
	}
}

// answer reads one answer, all its lines; "" when the connection has ended.
func (p *peer) answer() string {
	var all strings.Builder
	for {
		line, err := p.in.ReadString('\n')
		all.WriteString(line)
		if err != nil || len(line) < 4 || line[3] == ' ' {
			return all.String()
		}
	}
}

func (p *peer) want(code string) string {
	p.t.Helper()
	got := p.answer()
	if !strings.HasPrefix(got, code) {
		p.t.Fatalf("the answer is %q, want %s", got, code)
	}
	return got
}

// hangsUp waits for the end of the connection.
func (p *peer) hangsUp() {
	p.t.Helper()
	if rest, err := io.ReadAll(p.in); len(rest) > 0 {
		p.t.Fatalf("after the last answer came %q, %v", rest, err)
	}
}

// mail sends a whole mail and returns the answer to it.
func (p *peer) mail(raw string) string {
	p.t.Helper()
	p.say("MAIL FROM:<ana@customer.example>")
	p.want("250")
	p.say("RCPT TO:<%s>", known)
	p.want("250")
	p.say("DATA")
	p.want("354")
	p.say("%s\r\n.", raw)
	return p.answer()
}

const letter = "From: Ana <ana@customer.example>\r\nTo: support@contoso.example\r\nSubject: Printer\r\nMessage-ID: <1@customer.example>\r\n\r\nIt burns."
