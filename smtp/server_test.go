package smtp_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"strings"
	"testing"
	"time"

	"tandem/smtp"
)

func TestMailIsKeptWithItsTrace(t *testing.T) {
	t.Parallel()
	h := &house{}
	at, _ := serve(t, h, smtp.Options{})
	p := greeted(t, at)
	if answer := p.mail(letter); !strings.HasPrefix(answer, "250") {
		t.Fatalf("the answer is %q", answer)
	}
	kept := h.kept()
	if len(kept) != 1 {
		t.Fatalf("%d mails were kept, want 1", len(kept))
	}
	m := kept[0]
	if m.From != "ana@customer.example" || m.Recipients[0] != known || m.Peer != "127.0.0.1" || m.Hello != "mail.customer.example" || m.TLS {
		t.Errorf("the envelope is %+v", m.Envelope)
	}
	trace, rest, _ := strings.Cut(m.raw, "From: Ana")
	for _, want := range []string{
		"Return-Path: <ana@customer.example>\r\n", "Received: from mail.customer.example ([127.0.0.1])\r\n\tby in.example with ESMTP; ",
		"Authentication-Results: in.example;\r\n\tdkim=none",
	} {
		if !strings.Contains(trace, want) {
			t.Errorf("the trace lacks %q:\n%s", want, trace)
		}
	}
	if got := "From: Ana" + rest; got != letter+"\r\n" {
		t.Errorf("the mail has changed: %q", got)
	}
	if answer := p.mail(letter); !strings.HasPrefix(answer, "250") || h.kept()[1].Content != m.Content {
		t.Errorf("the same bytes are not known as the same: %q", answer)
	}
}

// What peers say, line by line, and how the answers begin.
func TestSessions(t *testing.T) {
	t.Parallel()
	type line struct{ said, heard string }
	begin, rcpt := line{"MAIL FROM:<a@b.example>", "250"}, line{"RCPT TO:<" + known + ">", "250"}
	for name, lines := range map[string][]line{
		"nobody lives there":     {begin, {"RCPT TO:<nobody@in.example>", "550 5.1.1"}},
		"relaying":               {begin, {"RCPT TO:<ana@customer.example>", "550 5.7.1"}},
		"closed for the moment":  {begin, {"RCPT TO:<" + closed + ">", "450 4.2.1"}},
		"data without recipient": {begin, {"RCPT TO:<nobody@in.example>", "550"}, {"DATA", "502"}},
		"recipient before mail":  {{"RCPT TO:<" + known + ">", "502"}},
		"data before mail":       {{"DATA", "502"}},
		"bounce":                 {{"MAIL FROM:<>", "250"}, rcpt},
		"said to be too large":   {{"MAIL FROM:<a@b.example> SIZE=1000001", "552"}},
		"8BITMIME and SMTPUTF8":  {{"MAIL FROM:<ana@büro.example> BODY=8BITMIME SMTPUTF8", "250"}},
		"begun anew":             {begin, rcpt, {"RSET", "250"}, {"DATA", "502"}},
		"too many recipients":    {begin, rcpt, rcpt, {"RCPT TO:<" + known + ">", "452 4.5.3"}},
		"unknown command":        {{"WINNIE", "501"}, {"NOOP", "250"}},
		"no sign-in":             {{"AUTH PLAIN AGEAYg==", "523"}},
		"no TLS without a key":   {{"STARTTLS", "502"}},
		"a line without end":     {{"NOOP " + strings.Repeat("x", 70_000), "500"}},
		"goodbye":                {{"QUIT", "221"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, _ := serve(t, &house{}, smtp.Options{MaxSize: 1_000_000, Limits: smtp.Limits{Recipients: 2}})
			p := greeted(t, at)
			for _, l := range lines {
				p.say("%s", l.said)
				p.want(l.heard)
			}
		})
	}
}

func TestWhatEHLOOffers(t *testing.T) {
	t.Parallel()
	config, err := smtp.TLS("in.example", "", "")
	if err != nil {
		t.Fatal(err)
	}
	at, _ := serve(t, &house{}, smtp.Options{TLS: config})
	p := dial(t, at)
	p.want("220 in.example")
	p.say("EHLO mail.customer.example")
	offers := p.want("250")
	for _, want := range []string{"PIPELINING", "8BITMIME", "SMTPUTF8", "STARTTLS", "SIZE 157286400", "ENHANCEDSTATUSCODES"} {
		if !strings.Contains(offers, want) {
			t.Errorf("EHLO does not offer %s:\n%s", want, offers)
		}
	}
	if strings.Contains(offers, "AUTH") {
		t.Errorf("EHLO offers a sign-in:\n%s", offers)
	}
}

func TestMailComesEncrypted(t *testing.T) {
	t.Parallel()
	config, err := smtp.TLS("in.example", "", "")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{}
	at, _ := serve(t, h, smtp.Options{TLS: config})
	p := greeted(t, at)
	p.say("STARTTLS")
	p.want("220")
	// Who forwards does not ask who signed the certificate.
	secure := tls.Client(p.conn, &tls.Config{InsecureSkipVerify: true, ServerName: "in.example"})
	p.conn, p.in = secure, bufio.NewReader(secure)
	p.say("EHLO mail.customer.example")
	if offers := p.want("250"); strings.Contains(offers, "STARTTLS") {
		t.Error("STARTTLS is offered within TLS")
	}
	if answer := p.mail(letter); !strings.HasPrefix(answer, "250") {
		t.Fatalf("the answer is %q", answer)
	}
	if m := h.kept()[0]; !m.TLS || !strings.Contains(m.raw, "with ESMTPS;") {
		t.Errorf("nothing tells of TLS: %+v", m)
	}
}

func TestCommandsInOneGo(t *testing.T) {
	t.Parallel()
	h := &house{}
	at, _ := serve(t, h, smtp.Options{})
	p := greeted(t, at)
	p.say("MAIL FROM:<a@b.example>\r\nRCPT TO:<nobody@in.example>\r\nRCPT TO:<%s>\r\nDATA", known)
	for _, code := range []string{"250", "550", "250", "354"} {
		p.want(code)
	}
	p.say("%s\r\n.\r\nMAIL FROM:<c@d.example>\r\nQUIT", letter)
	for _, code := range []string{"250", "250", "221"} {
		p.want(code)
	}
	if kept := h.kept(); len(kept) != 1 || len(kept[0].Recipients) != 1 {
		t.Errorf("kept %+v", kept)
	}
}

// A line with a single dot between bare line feeds ends no mail: two systems
// that see different ends see different mails ("SMTP smuggling").
func TestOnlyCRLFEndsAMail(t *testing.T) {
	t.Parallel()
	h := &house{}
	at, _ := serve(t, h, smtp.Options{})
	p := greeted(t, at)
	smuggled := letter + "\n.\nMAIL FROM:<boss@contoso.example>\nRCPT TO:<" + known + ">\nDATA\nSubject: Pay\n\r.\r\n..\r\n"
	if answer := p.mail(smuggled); !strings.HasPrefix(answer, "250") {
		t.Fatalf("the answer is %q", answer)
	}
	if kept := h.kept(); len(kept) != 1 || !strings.Contains(kept[0].raw, "Subject: Pay") {
		t.Errorf("%d mails were kept, want one with everything", len(kept))
	}
}

func TestMailInChunks(t *testing.T) {
	t.Parallel()
	h := &house{}
	at, _ := serve(t, h, smtp.Options{})
	p := greeted(t, at)
	p.say("MAIL FROM:<a@b.example>\r\nRCPT TO:<%s>\r\nBDAT 10", known)
	if _, err := p.conn.Write([]byte(letter[:10])); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		p.want("250")
	}
	p.say("BDAT %d LAST\r\n%s", len(letter)-10, letter[10:])
	p.want("250")
	if kept := h.kept(); len(kept) != 1 || !strings.HasSuffix(kept[0].raw, letter) {
		t.Errorf("kept %+v", kept)
	}
}

func TestMailThatIsTooLargeIsRefusedAndTheNextOneIsNot(t *testing.T) {
	t.Parallel()
	h := &house{}
	at, _ := serve(t, h, smtp.Options{MaxSize: 300_000})
	p := greeted(t, at)
	if answer := p.mail(letter + strings.Repeat("\r\n"+strings.Repeat("x", 78), 4000)); !strings.HasPrefix(answer, "552 5.3.4") {
		t.Errorf("the answer is %q, want 552 5.3.4", answer)
	}
	if answer := p.mail(letter); !strings.HasPrefix(answer, "250") || len(h.kept()) != 1 {
		t.Errorf("the next mail was answered %q, %d are kept", answer, len(h.kept()))
	}
}

// Above what is kept in memory a mail goes through a file, and is the same.
func TestLargeMailIsKeptWhole(t *testing.T) {
	t.Parallel()
	h := &house{}
	at, _ := serve(t, h, smtp.Options{})
	large := letter + strings.Repeat("\r\n"+strings.Repeat("0123456789", 10), 20_000)
	if answer := greeted(t, at).mail(large); !strings.HasPrefix(answer, "250") {
		t.Fatalf("the answer is %q", answer)
	}
	if kept := h.kept(); len(kept) != 1 || !strings.HasSuffix(kept[0].raw, large+"\r\n") {
		t.Error("the mail is not the one that was sent")
	}
}

func TestMailThatIsCutIsNotKept(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]string{"DATA": "DATA\r\n" + letter, "BDAT": "BDAT 1000\r\n" + letter} {
		t.Run(name, func(t *testing.T) {
			h := &house{}
			at, server := serve(t, h, smtp.Options{})
			p := greeted(t, at)
			p.say("MAIL FROM:<a@b.example>\r\nRCPT TO:<%s>\r\n%s", known, begin)
			p.want("250")
			p.want("250")
			p.conn.Close()
			if err := server.Shutdown(t.Context()); err != nil { // waits for the session
				t.Fatal(err)
			}
			if kept := h.kept(); len(kept) != 0 {
				t.Errorf("kept %+v", kept)
			}
		})
	}
}

// The sender keeps what we could not store, and delivers it again.
func TestMailThatCannotBeStoredComesAgain(t *testing.T) {
	t.Parallel()
	h := &house{fault: errors.New("disk full")}
	at, _ := serve(t, h, smtp.Options{})
	p := greeted(t, at)
	if answer := p.mail(letter); !strings.HasPrefix(answer, "451 4.3.0") || strings.Contains(answer, "disk") {
		t.Errorf("the answer is %q, want 451 and nothing of our inside", answer)
	}
	h.mu.Lock()
	h.fault = nil
	h.mu.Unlock()
	if answer := p.mail(letter); !strings.HasPrefix(answer, "250") || len(h.kept()) != 1 {
		t.Errorf("the second time it was answered %q, %d are kept", answer, len(h.kept()))
	}
}

func TestShutdownLetsAMailComeToItsEnd(t *testing.T) {
	t.Parallel()
	h := &house{}
	at, server := serve(t, h, smtp.Options{})
	idle, busy := greeted(t, at), greeted(t, at)
	busy.say("MAIL FROM:<a@b.example>\r\nRCPT TO:<%s>\r\nDATA", known)
	busy.want("250")
	busy.want("250")
	busy.want("354")
	busy.say("From: ana@customer.example\r\n")
	done := make(chan error, 1)
	go func() { done <- server.Shutdown(context.Background()) }()
	idle.want("421")
	idle.hangsUp()
	busy.say("It burns.\r\n.")
	busy.want("250")
	busy.hangsUp()
	if err := <-done; err != nil || len(h.kept()) != 1 {
		t.Errorf("shutdown: %v, %d mails kept", err, len(h.kept()))
	}
}

func TestSilentPeerIsLeft(t *testing.T) {
	t.Parallel()
	at, _ := serve(t, &house{}, smtp.Options{Limits: smtp.Limits{Silence: 50 * time.Millisecond}})
	p := dial(t, at)
	p.want("220")
	p.want("421")
	p.hangsUp()
}

// A peer that says a word now and then does not hold its place for ever.
func TestSlowPeerIsLeft(t *testing.T) {
	t.Parallel()
	at, _ := serve(t, &house{}, smtp.Options{Limits: smtp.Limits{Session: 100 * time.Millisecond}})
	p := greeted(t, at)
	for {
		if _, err := p.conn.Write([]byte("NOOP\r\n")); err != nil {
			return // it has hung up
		}
		switch answer := p.answer(); {
		case answer == "", strings.HasPrefix(answer, "421"):
			return
		case !strings.HasPrefix(answer, "250"):
			t.Fatalf("the answer is %q", answer)
		}
	}
}
