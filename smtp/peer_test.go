package smtp_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/smtp"
)

func TestGuessingEndsTheConnection(t *testing.T) {
	t.Parallel()
	at, _ := serve(t, &house{}, smtp.Options{Limits: smtp.Limits{BadRecipients: 3}})
	p := greeted(t, at)
	p.say("MAIL FROM:<a@b.example>")
	p.want("250")
	for range 2 {
		p.say("RCPT TO:<guess@in.example>")
		p.want("550")
	}
	p.say("RSET\r\nMAIL FROM:<a@b.example>") // beginning anew does not help
	p.want("250")
	p.want("250")
	p.say("RCPT TO:<guess@in.example>")
	p.want("421 4.7.0")
	p.hangsUp()
}

func TestConnectionsOfOnePeerAreLimited(t *testing.T) {
	t.Parallel()
	at, _ := serve(t, &house{}, smtp.Options{Limits: smtp.Limits{PeerConnections: 2}})
	first, second := greeted(t, at), greeted(t, at)
	third := dial(t, at)
	third.want("421 4.7.0")
	third.hangsUp()
	first.say("QUIT")
	first.want("221")
	first.hangsUp() // now there is room
	fourth := dial(t, at)
	fourth.want("220")
	second.say("NOOP")
	second.want("250")
}

func TestMailsOfOnePeerAreLimitedForAMinute(t *testing.T) {
	t.Parallel()
	var now atomic.Int64
	now.Store(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC).Unix())
	h := &house{}
	at, _ := serve(t, h, smtp.Options{
		Limits: smtp.Limits{PeerMails: 2}, Now: func() time.Time { return time.Unix(now.Load(), 0) },
	})
	p := greeted(t, at)
	for range 2 {
		if answer := p.mail(letter); !strings.HasPrefix(answer, "250") {
			t.Fatalf("the answer is %q", answer)
		}
	}
	p.say("MAIL FROM:<a@b.example>")
	p.want("421 4.7.0")
	p.hangsUp()
	now.Add(60)
	if answer := greeted(t, at).mail(letter); !strings.HasPrefix(answer, "250") {
		t.Errorf("a minute later the answer is %q", answer)
	}
}
