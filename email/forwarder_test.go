package email_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tandem/access"
	"tandem/email"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
)

// forwarding is an office to which mail is forwarded.
type forwarding struct {
	*office
	forwarder   *email.Forwarder
	connections *email.Connections
	address     *email.SupportAddress
	watch       email.Watch
	taken       int
}

const helpdesk = "helpdesk@contoso.example"

// forwarded makes an office with a forwarded address beside those with a mailbox.
func forwarded(t testing.TB, db *store.DB, mailboxes ...string) *forwarding {
	t.Helper()
	f := &forwarding{office: open(t, db, mailboxes...)}
	quiet := slog.New(slog.DiscardHandler)
	f.connections = f.office.connections()
	sender := email.NewSender(f.store, f.boxes, f.blobs, f.clock.Now, rand.Text, quiet)
	f.forwarder = email.NewForwarder(f.store, f.blobs, f.connections, sender, email.ForwarderOptions{
		Domain: "in.example", NewSecret: func() string { return strings.ToLower(rand.Text()) }, Now: f.clock.Now, Log: quiet,
	})
	var err error
	f.address, err = f.forwarder.Add(t.Context(), access.System(), email.ForwardedAddress{Email: helpdesk})
	check(t, err)
	f.watch = f.reader.Watch(f.address.ConnectionID)
	return f
}

// forward reads the forwarding of the address.
func (f *forwarding) forward() *email.Forward {
	f.t.Helper()
	fw, _, err := f.forwarder.Of(f.t.Context(), access.System(), f.address)
	check(f.t, err)
	return fw
}

func (f *forwarding) target() string { return f.forward().Address(helpdesk, "in.example") }

// envelope is that of a mail that comes for the first time.
func (f *forwarding) envelope() email.Envelope {
	f.taken++
	f.clock.advance(time.Second)
	return email.Envelope{
		From: "bounces@contoso.example", Recipients: []string{f.target()}, Peer: "192.0.2.1", Hello: "mx.contoso.example",
		ReceivedAt: f.clock.Now(), Content: "content " + string(rune('a'+f.taken)),
	}
}

// take lets a mail come by SMTP.
func (f *forwarding) take(raw string) {
	f.t.Helper()
	check(f.t, f.forwarder.Accept(f.t.Context(), f.envelope(), crlf(raw)))
}

func crlf(raw string) io.Reader { return strings.NewReader(strings.ReplaceAll(raw, "\n", "\r\n")) }

func (f *forwarding) decide() {
	f.t.Helper()
	_, err := f.watch.RunOnce(f.t.Context())
	check(f.t, err)
}

func TestForwardedMailIsDecidedLikeAnyOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		f := forwarded(t, db)
		f.take(mail("1@client.example", "To: "+helpdesk))
		if m := f.only(); m.State != email.Noticed || m.MicrosoftID != "" || m.Blob == "" || m.NoticedBy != email.BySMTP {
			t.Fatalf("after its acceptance the ledger says %+v", m)
		}
		f.take(mail("2@client.example", "To: "+helpdesk, "In-Reply-To: <1@client.example>"))
		f.decide()
		f.expect("ticketed commented")
		m := f.mails()[0]
		if m.FiledAt.IsZero() || m.MessageID != "1@client.example" || m.From.Email != "ana@client.example" {
			t.Errorf("the ledger says %+v", m)
		}
		if ticket, _ := f.ticket(m.TicketID); ticket.Recipient != helpdesk {
			t.Errorf("the ticket came to %s", ticket.Recipient)
		}
		figures, _, err := f.connections.Figures(t.Context(), access.System(), f.address.ConnectionID)
		check(t, err)
		if figures.Received != 2 || figures.Unfiled != 0 || figures.Backlog != 0 {
			t.Errorf("the figures are %+v", figures)
		}
	})
}

// A peer that does not hear our answer delivers again.
func TestMailThatIsDeliveredAgainIsInTheLedgerOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		f := forwarded(t, db)
		e := f.envelope()
		for range 2 {
			check(t, f.forwarder.Accept(t.Context(), e, crlf(mail("1@client.example"))))
		}
		f.decide()
		f.expect("ticketed")
	})
}

// What cannot be stored is not accepted, and leaves nothing behind.
func TestMailIsAcceptedOnlyWhenItIsStored(t *testing.T) {
	f := forwarded(t, openSQLite(t, store.Options{}))
	full := errors.New("disk full")
	f.blobs.failWith(func() error { return full })
	if err := f.forwarder.Accept(t.Context(), f.envelope(), crlf(mail("1@client.example"))); !errors.Is(err, full) {
		t.Errorf("with a full disk: %v", err)
	}
	f.blobs.failWith(nil)
	cut, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.forwarder.Accept(cut, f.envelope(), crlf(mail("1@client.example"))); err == nil {
		t.Error("a mail was accepted though its transaction was not committed")
	}
	f.expect("")
}

func TestWhoLivesAtAForwardingAddress(t *testing.T) {
	f := forwarded(t, openSQLite(t, store.Options{}), support)
	first := f.target()
	ask := func(what, address string, want problem.Kind) {
		t.Helper()
		err := f.forwarder.Recipient(t.Context(), address)
		if want == "" && err != nil || want != "" && problem.KindOf(err) != want {
			t.Errorf("%s: %v, want %q", what, err, want)
		}
	}
	ask("the forwarding address", first, "")
	ask("in capitals", strings.ToUpper(first), "")
	ask("the secret alone", f.forward().Secret+"@in.example", "")
	ask("a guess", "helpdesk+guess@in.example", problem.NotFound)
	ask("nothing", "@in.example", problem.NotFound)
	ask("the public address", helpdesk, problem.Forbidden)
	ask("a stranger", "ana@client.example", problem.Forbidden)

	_, err := f.forwarder.Renew(t.Context(), access.System(), f.address.ID)
	check(t, err)
	ask("the new one", f.target(), "")
	ask("the one before", first, "")
	f.clock.advance(8 * 24 * time.Hour)
	ask("the one before, a week later", first, problem.NotFound)

	check(t, f.connections.Disconnect(t.Context(), access.System(), f.address.ConnectionID))
	ask("while it is disconnected", f.target(), problem.Unavailable)
	_, err = f.forwarder.Verify(t.Context(), access.System(), f.address.ID)
	check(t, err)
	ask("connected again", f.target(), "")
	check(t, f.connections.RemoveAddress(t.Context(), access.System(), f.address.ID))
	ask("removed", f.target(), problem.NotFound)
}

// The mail that goes round proves the forwarding, and becomes no ticket.
func TestForwardingIsProvedByTheMailThatComesBack(t *testing.T) {
	f := forwarded(t, openSQLite(t, store.Options{}), support)
	if fw := f.forward(); fw.State != email.ForwardWaiting || fw.Token == "" {
		t.Fatalf("after adding it is %+v", fw)
	}
	out := f.only()
	if out.From.Email != support || out.To[0].Email != helpdesk || !strings.Contains(out.Subject, f.forward().Token) {
		t.Fatalf("the verification mail is %+v", out)
	}
	f.take(mail("v@contoso.example", "From: "+support, "To: "+helpdesk, "Subject: "+out.Subject, email.MarkHeader+": "+out.Mark))
	f.decide()
	fw := f.forward()
	if fw.State != email.ForwardVerified || fw.Token != "" || fw.VerifiedAt.IsZero() {
		t.Errorf("afterwards it is %+v", fw)
	}
	f.expect("waiting ours")
}

// An old verification mail, or an ordinary one, proves nothing while another is under way.
func TestOnlyTheVerificationMailUnderWayProves(t *testing.T) {
	f := forwarded(t, openSQLite(t, store.Options{}), support)
	old := f.only().Subject
	_, err := f.forwarder.Verify(t.Context(), access.System(), f.address.ID)
	check(t, err)
	f.take(mail("v@contoso.example", "From: "+support, "To: "+helpdesk, "Subject: "+old))
	f.take(mail("1@client.example", "To: "+helpdesk))
	f.decide()
	if fw := f.forward(); fw.State != email.ForwardWaiting {
		t.Errorf("it is %s", fw.State)
	}
}

// Where Tandem cannot send, a person writes: any mail to the address proves it.
func TestForwardingIsProvedByHand(t *testing.T) {
	f := forwarded(t, openSQLite(t, store.Options{}))
	if fw := f.forward(); fw.Token != "" || !fw.AskedAt.IsZero() {
		t.Fatalf("a verification mail is under way though nothing can be sent: %+v", fw)
	}
	f.take(mail("1@client.example", "To: somebody@else.example"))
	f.decide()
	if fw := f.forward(); fw.State != email.ForwardWaiting {
		t.Errorf("a mail to somebody else proved it: %s", fw.State)
	}
	f.take(mail("2@client.example", "To: "+helpdesk))
	f.decide()
	if fw := f.forward(); fw.State != email.ForwardVerified {
		t.Errorf("it is %s", fw.State)
	}
}

func TestVerificationMailThatDoesNotComeBackIsAnError(t *testing.T) {
	f := forwarded(t, openSQLite(t, store.Options{}), support)
	first := f.forward().Token
	tend := func(after time.Duration) *email.Forward {
		t.Helper()
		f.clock.advance(after)
		check(t, f.forwarder.Tend(t.Context()))
		return f.forward()
	}
	if fw := tend(14 * time.Minute); fw.State != email.ForwardWaiting {
		t.Errorf("after 14 minutes it is %s", fw.State)
	}
	fw := tend(time.Minute)
	if p := fw.Problem(helpdesk); fw.State != email.ForwardFailed || p == nil || p.Remedy == "" {
		t.Errorf("after 15 minutes it is %s: %v", fw.State, p)
	}
	if fw := tend(45 * time.Minute); fw.Token == first || fw.State != email.ForwardFailed {
		t.Errorf("an hour later it is %s, asked again: %t", fw.State, fw.Token != first)
	}
	f.take(mail("v@contoso.example", "From: "+support, "To: "+helpdesk, "Subject: x [verify "+f.forward().Token+"]"))
	f.decide()
	if fw := f.forward(); fw.State != email.ForwardVerified {
		t.Errorf("when it came back it is %s", fw.State)
	}
}

func TestWhatIsDueForAForwarding(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	const hour = time.Hour
	for name, test := range map[string]struct {
		forward email.Forward
		want    string
	}{
		"nothing asked yet":            {email.Forward{State: email.ForwardWaiting}, "verify"},
		"under way":                    {email.Forward{State: email.ForwardWaiting, Token: "t", AskedAt: ago(time.Minute)}, ""},
		"not back":                     {email.Forward{State: email.ForwardWaiting, Token: "t", AskedAt: ago(hour)}, "fail"},
		"failed just now":              {email.Forward{State: email.ForwardFailed, Token: "t", AskedAt: ago(20 * time.Minute)}, ""},
		"failed an hour ago":           {email.Forward{State: email.ForwardFailed, Token: "t", AskedAt: ago(hour)}, "verify"},
		"mail flows":                   {email.Forward{State: email.ForwardVerified, VerifiedAt: ago(100 * hour), ReceivedAt: ago(hour)}, ""},
		"a quiet day":                  {email.Forward{State: email.ForwardVerified, VerifiedAt: ago(100 * hour), ReceivedAt: ago(25 * hour)}, "verify"},
		"a quiet day, asked":           {email.Forward{State: email.ForwardVerified, Token: "t", AskedAt: ago(time.Minute), VerifiedAt: ago(100 * hour)}, ""},
		"a quiet day, asked in vain":   {email.Forward{State: email.ForwardVerified, Token: "t", AskedAt: ago(hour), VerifiedAt: ago(100 * hour)}, "fail"},
		"another route since a while":  {email.Forward{State: email.ForwardFailed, AskedAt: ago(100 * hour), ClosesAt: now.Add(hour)}, ""},
		"another route since a month":  {email.Forward{State: email.ForwardVerified, ClosesAt: ago(hour)}, "close"},
		"another route, a mail is out": {email.Forward{State: email.ForwardWaiting, Token: "t", AskedAt: ago(hour), ClosesAt: now.Add(hour)}, ""},
	} {
		if got := email.DueForward(&test.forward, now); got != test.want {
			t.Errorf("%s: %q is due, want %q", name, got, test.want)
		}
	}
}
