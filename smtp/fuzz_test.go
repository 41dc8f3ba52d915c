package smtp_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/email"
	"tandem/smtp"
)

// FuzzSession says anything to the server. It must not panic, must not keep
// what was not ended properly, and must end when the peer does.
func FuzzSession(f *testing.F) {
	begin := "EHLO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<" + known + ">\r\n"
	for _, seed := range []string{
		begin + "DATA\r\n" + letter + "\r\n.\r\nQUIT\r\n",
		begin + "BDAT 5\r\nhelloBDAT 0 LAST\r\n",
		begin + "DATA\r\nDKIM-Signature: v=1; a=rsa-sha256; d=x; s=y; h=from; bh=; b=\r\nFrom: a@b\r\n\r\n..\r\n.\r\n",
		begin + "DATA\r\nAuthentication-Results: in.example; spf=\r\n\t(\r\n.\r\n",
		"HELO a\r\nMAIL FROM:<>\r\nRSET\r\nVRFY x\r\nNOOP\r\nEXPN\r\n",
		"EHLO \r\n\x00\xff\r\nSTARTTLS\r\nAUTH PLAIN\r\n",
	} {
		f.Add(seed)
	}
	h := &counting{}
	panics := &watcher{}
	server := smtp.New(h, smtp.Options{
		Domain: "in.example", MaxSize: 1 << 20, Log: slog.New(slog.NewTextHandler(panics, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Limits: smtp.Limits{
			Tarpit: time.Nanosecond, Connections: 1 << 20, PeerConnections: 1 << 20, PeerMails: 1 << 30, Silence: time.Minute,
		},
		LookupTXT: func(context.Context, string) ([]string, error) { return nil, &net.DNSError{IsNotFound: true} },
	})
	pipes := &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
	go server.Serve(pipes)
	f.Cleanup(func() { pipes.Close() })
	f.Fuzz(func(t *testing.T, said string) {
		client, there := net.Pipe()
		pipes.conns <- there
		heard := make(chan struct{})
		go func() {
			io.Copy(io.Discard, client)
			close(heard)
		}()
		_, _ = client.Write([]byte(said)) // the server may hang up first
		client.Close()
		<-heard
		if panics.seen() {
			t.Fatal("the server panicked")
		}
	})
}

// counting reads mails to their end, as a store does.
type counting struct{ house }

func (c *counting) Accept(_ context.Context, _ email.Envelope, raw io.Reader) error {
	_, err := io.Copy(io.Discard, raw)
	return err
}

// watcher looks for panics in the log.
type watcher struct{ found atomic.Bool }

func (w *watcher) Write(b []byte) (int, error) {
	if strings.Contains(string(b), "panic") {
		w.found.Store(true)
	}
	return len(b), nil
}

func (w *watcher) seen() bool { return w.found.Load() }

// pipeListener hands out connections that never leave the process.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error   { close(l.done); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }
