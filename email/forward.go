package email

import (
	"context"
	"strings"
	"time"

	"tandem/directory"
	"tandem/problem"
)

// Forward is the forwarding behind a connection of kind Forwarding: the mail
// system of a support address forwards its mail to an address that only it and
// we know, and we take it in by SMTP.
//
// That the mail really comes is proved by a round trip: a mail to the support
// address carries a token in its subject, and has to come back to us.
type Forward struct {
	ConnectionID ConnectionID
	// Secret is the part of the forwarding address that nobody can guess. It is
	// no key to anything that we hold: it travels in the header of every
	// forwarded mail, so it is kept as it is.
	Secret      string
	Former      string    // the one before it was renewed
	FormerUntil time.Time // until when that still takes in mail
	State       ForwardState
	Token       string    // of the verification mail under way; empty: none is
	AskedAt     time.Time // when it was written; zero: there was no way to send one
	VerifiedAt  time.Time // when a verification mail last came back
	ReceivedAt  time.Time // when mail last came
	ClosesAt    time.Time // the address has changed to another route, and mail that is still forwarded is taken in until then
}

// ForwardState tells whether forwarded mail arrives.
type ForwardState string

// The states of a forwarding.
const (
	ForwardWaiting  ForwardState = "waiting"  // nothing has come back yet
	ForwardVerified ForwardState = "verified" // a verification mail has
	ForwardFailed   ForwardState = "failed"   // one was sent and did not come back in time
)

const (
	// returnWithin is how long a verification mail may be under way.
	returnWithin = 15 * time.Minute
	// askAgain is when a forwarding that failed is verified again by itself.
	askAgain = time.Hour
	// quietDay is after how long without any mail a verified forwarding is verified again.
	quietDay = 24 * time.Hour
	// formerFor is how long the forwarding address before a renewal still takes
	// in mail: long enough to change the rule at the mail system.
	formerFor = 7 * 24 * time.Hour
	// closingFor is how long mail is still taken in that a forgotten rule
	// forwards after the address has changed to another route.
	closingFor = 30 * 24 * time.Hour
)

// maxForwardName bounds the readable part of a forwarding address: with the
// secret it has to stay below 64 bytes (RFC 5321 section 4.5.3.1.1).
const maxForwardName = 24

// Address is the address to forward to, for the support address, in our domain.
func (f *Forward) Address(support, domain string) string {
	name, _, _ := strings.Cut(support, "@")
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return -1
	}, name)
	name = strings.Trim(name[:min(len(name), maxForwardName)], ".")
	if name == "" {
		name = "mail"
	}
	return name + "+" + f.Secret + "@" + domain
}

// forwardSecret takes the secret out of a recipient in our domain. It is false
// for every other address: we relay for nobody.
func forwardSecret(recipient, domain string) (secret string, ours bool) {
	at := strings.LastIndexByte(recipient, '@')
	if at < 0 || !strings.EqualFold(recipient[at+1:], domain) {
		return "", false
	}
	local := recipient[:at]
	return strings.ToLower(local[strings.LastIndexByte(local, '+')+1:]), true
}

// forwardStep is what is to be done about a forwarding.
type forwardStep string

const (
	leaveForward  forwardStep = ""
	verifyForward forwardStep = "verify" // send a verification mail
	failForward   forwardStep = "fail"   // the one under way has not come back
	closeForward  forwardStep = "close"  // the time after a change of route is over
)

// due tells what is to be done. It touches neither clock nor database.
func (f *Forward) due(now time.Time) forwardStep {
	since := func(t time.Time) time.Duration { return now.Sub(t) }
	switch {
	case !f.ClosesAt.IsZero():
		if now.Before(f.ClosesAt) {
			return leaveForward // whether mail still comes no longer matters
		}
		return closeForward
	case f.Token != "" && since(f.AskedAt) >= returnWithin && f.State != ForwardFailed:
		return failForward
	case f.State == ForwardFailed && since(f.AskedAt) >= askAgain:
		return verifyForward
	case f.State == ForwardWaiting && f.Token == "":
		return verifyForward // there may be a way to send it now
	case f.State == ForwardVerified && f.Token == "" && since(latest(f.VerifiedAt, f.ReceivedAt)) >= quietDay:
		return verifyForward
	}
	return leaveForward
}

// ask begins a round trip. A forwarding that was verified counts as that until
// the mail has been under way for too long.
func (f *Forward) ask(token string, now time.Time) {
	f.Token, f.AskedAt = token, now
}

// proved notes that a verification mail has come back.
func (f *Forward) proved(now time.Time) {
	f.State, f.Token, f.VerifiedAt = ForwardVerified, "", now
}

// proves tells whether an arrived mail proves that the support address is
// forwarded: the verification mail does and, while we have no way to send one,
// any mail that was written to the address.
func (f *Forward) proves(a *arrival, support string) bool {
	if f.Token != "" {
		return strings.Contains(a.subject, verificationMark(f.Token))
	}
	if f.State != ForwardWaiting {
		return false
	}
	for _, p := range append(a.to[:len(a.to):len(a.to)], a.cc...) {
		if p.Email == support {
			return true
		}
	}
	return false
}

// verificationMark is how the token stands in a subject.
func verificationMark(token string) string { return "[verify " + token + "]" }

// renew replaces the forwarding address. The one before stays good for a while,
// and until mail has come by the new one it would be careless to end it sooner.
func (f *Forward) renew(secret string, now time.Time) {
	f.Former, f.FormerUntil = f.Secret, now.Add(formerFor)
	f.Secret, f.State, f.Token, f.AskedAt = secret, ForwardWaiting, "", time.Time{}
}

// Status is what an address shows that is reached by this forwarding.
func (f *Forward) Status(c *Connection) Status {
	switch {
	case c.State == Disconnected:
		return StatusDisconnected
	case f.State == ForwardFailed:
		return StatusError
	case f.State == ForwardWaiting:
		return StatusWaiting
	}
	return StatusVerified
}

// Problem says why mail does not come; nil when it does or may yet.
func (f *Forward) Problem(support string) *problem.Error {
	if f.State != ForwardFailed {
		return nil
	}
	return problem.New(problem.Unavailable, "forwarding_not_arriving",
		"A mail to %s did not come back within %d minutes.", support, int(returnWithin.Minutes())).
		On(problem.Admin, "Check the forwarding rule in your mail system: its target, and whether it may forward to other organisations. Then verify again.").
		With("address", support)
}

// Envelope is what SMTP told of a mail, besides its bytes.
type Envelope struct {
	From       string   // MAIL FROM; empty for bounces
	Recipients []string // RCPT TO, all of them known to us
	Peer       string   // the other side's address
	Hello      string   // what it calls itself
	TLS        bool
	ReceivedAt time.Time
	// Content is the same when a peer that missed our answer delivers a mail once more.
	Content string
}

// ForwardTx stores forwardings and what SMTP told of forwarded mail.
type ForwardTx interface {
	InsertForward(context.Context, *Forward) error
	UpdateForward(context.Context, *Forward) error
	// FindForward returns the forwarding of a connection; nil when it has none.
	// Inside Update it also locks the row, as do the other two.
	FindForward(context.Context, ConnectionID) (*Forward, error)
	// FindForwardBySecret finds it by its secret, or by the one before when that still holds.
	FindForwardBySecret(ctx context.Context, secret string, now time.Time) (*Forward, error)
	// FindForwardOf finds the forwarding that serves a support address.
	FindForwardOf(ctx context.Context, support string) (*Forward, error)
	ListForwards(context.Context) ([]*Forward, error)
	// HasEnvelope tells whether the connection has got this very content already.
	HasEnvelope(ctx context.Context, id ConnectionID, content string) (bool, error)
	InsertEnvelope(context.Context, ConnectionID, MailID, Envelope) error
	// ListRoutes returns the other connections, of now and of before, that
	// brought or bring the mail of the same support address.
	ListRoutes(context.Context, ConnectionID) ([]ConnectionID, error)
}

// newForwarding is a connection by which the mail of an address is forwarded to us.
func newForwarding(support string, now time.Time) *Connection {
	return &Connection{
		Kind: Forwarding, State: Connected, Email: support, Serves: support,
		// Of a mailbox there is one connection: the store keeps tenant and user apart.
		UserID: string(Forwarding) + ":" + support, Since: now, CreatedAt: now, UpdatedAt: now, NextSyncAt: now,
	}
}

// ForwardedAddress is a support address to be added whose mail is forwarded.
type ForwardedAddress struct {
	Email   string
	Name    string
	BrandID directory.BrandID // 0: the default one
}
