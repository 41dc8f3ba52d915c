package api

import (
	"context"
	"net/http"

	"tandem/access"
	"tandem/email"
)

func (s *server) forwardingRoutes() {
	const tag = "recipient addresses"
	route(s, op{on: "GET /forwarding", id: "show_forwarding", says: "Whether Tandem takes in forwarded mail", tag: tag, may: admins}, s.showForwarding)
	route(s, op{on: "PUT /recipient_addresses/{id}/verify", id: "verify_address", says: "Verify that forwarded mail arrives", tag: tag, may: admins}, s.verifyAddress)
	route(s, op{on: "POST /recipient_addresses/{id}/renew_forwarding", id: "renew_forwarding", says: "Give the address a new forwarding address", tag: tag, may: admins}, s.renewForwarding)
	route(s, op{on: "POST /recipient_addresses/{id}/change", id: "begin_change", says: "Begin to change the address to another route", tag: tag, may: admins}, s.beginChange)
	route(s, op{on: "POST /recipient_addresses/{id}/change/finish", id: "finish_change", says: "Make the new route the only one", tag: tag, may: admins}, s.finishChange)
	route(s, op{on: "DELETE /recipient_addresses/{id}/change", id: "cancel_change", says: "Keep the old route", tag: tag, may: admins, status: http.StatusOK}, s.cancelChange)
}

// Forwarding is how mail of an address is forwarded to Tandem.
type Forwarding struct {
	Address      string         `json:"address" doc:"Where to forward to"`
	State        string         `json:"state" enum:"waiting,verified,failed"`
	Error        maybe[Trouble] `json:"error"`
	ByHand       bool           `json:"by_hand" doc:"Tandem has no way to send a verification mail: any mail to the address proves it"`
	VerifyingAt  stamp          `json:"verifying_at" doc:"When the verification mail under way was sent"`
	VerifiedAt   stamp          `json:"verified_at"`
	LastMailAt   stamp          `json:"last_mail_at"`
	FormerUntil  stamp          `json:"former_until" doc:"Until when the forwarding address before the renewal takes in mail"`
	ClosesAt     stamp          `json:"closes_at" doc:"The address has another route now; mail that is still forwarded is taken in until then"`
	ConnectionID int64          `json:"connection_id"`
}

// Change is a change of an address's route that is under way.
type Change struct {
	To         string     `json:"to" enum:"exchange,forwarding"`
	Ready      bool       `json:"ready" doc:"The new route has proved itself"`
	Connection Connection `json:"connection" doc:"The new route"`
}

func encodeForwarding(f *email.Forward, c *email.Connection, domain string) Forwarding {
	out := Forwarding{
		Address: f.Address(c.Serves, domain), State: string(f.State), ByHand: f.State == email.ForwardWaiting && f.Token == "",
		VerifiedAt: stamp(f.VerifiedAt), LastMailAt: stamp(f.ReceivedAt), ClosesAt: stamp(f.ClosesAt), ConnectionID: int64(c.ID),
	}
	if f.Token != "" {
		out.VerifyingAt = stamp(f.AskedAt)
	}
	if f.Former != "" {
		out.FormerUntil = stamp(f.FormerUntil)
	}
	if p := f.Problem(c.Serves); p != nil {
		out.Error = encodeTrouble(p.Code, p.Message, string(p.Side), p.Remedy, f.AskedAt)
		out.Error.value.Args = p.Args
	}
	return out
}

// describeRoutes shows administrators how mail of the address is forwarded and
// to which route it changes.
func (s *server) describeRoutes(ctx context.Context, by access.Actor, a *email.SupportAddress, out *Address) error {
	f, c, err := s.forwarder.Of(ctx, by, a)
	if err != nil {
		return err
	}
	if f != nil && c.State == email.Connected {
		settings, err := s.forwarder.Settings(by)
		if err != nil {
			return err
		}
		shown := encodeForwarding(f, c, settings.Domain)
		out.Forwarding.value = &shown
		if f.ConnectionID == a.ConnectionID {
			out.ForwardingStatus = string(f.State)
		}
	}
	if a.NextConnectionID == 0 {
		return nil
	}
	next, err := s.connections.Get(ctx, by, a.NextConnectionID)
	if err != nil {
		return err
	}
	shown, err := s.describeConnection(ctx, by, next, a.ID)
	if err != nil {
		return err
	}
	to := string(email.Exchange)
	if next.Kind == email.Forwarding {
		to = string(email.Forwarding)
	}
	ready := shown.Status == string(email.StatusVerified) && (next.Kind == email.Forwarding || !next.SyncedAt.IsZero())
	out.Change.value = &Change{To: to, Ready: ready, Connection: shown}
	return nil
}

// describeArrival shows how a connection stands by which mail is forwarded.
func (s *server) describeArrival(ctx context.Context, by access.Actor, c *email.Connection, out *Connection) error {
	if c.Kind != email.Forwarding {
		return nil
	}
	f, _, err := s.forwarder.Of(ctx, by, &email.SupportAddress{Email: c.Serves})
	if err != nil || f == nil || f.ConnectionID != c.ID {
		return err
	}
	if out.Error.value == nil {
		out.Status = string(f.Status(c))
		out.Error = encodeForwarding(f, c, "").Error
	}
	return nil
}

// ForwardingSettings tell what the operator has set up.
type ForwardingSettings struct {
	Enabled bool   `json:"enabled" doc:"Tandem listens for forwarded mail"`
	Domain  string `json:"domain" doc:"Of the forwarding addresses"`
	Relay   bool   `json:"relay" doc:"Replies leave through an SMTP relay"`
	Listen  string `json:"listen" doc:"Where it listens, in the demo; else empty"`
}

type forwardingOut struct {
	Body struct {
		Forwarding ForwardingSettings `json:"forwarding"`
	}
}

func (s *server) showForwarding(_ context.Context, by access.Actor, _ *none) (*forwardingOut, error) {
	settings, err := s.forwarder.Settings(by)
	out := new(forwardingOut)
	out.Body.Forwarding = ForwardingSettings{Enabled: settings.Domain != "", Domain: settings.Domain, Relay: settings.Relay, Listen: s.options.SMTPAddress}
	return out, err
}

type verifyAddressIn struct {
	ID   int64 `path:"id"`
	Body struct {
		Type string `json:"type,omitempty" enum:"forwarding" doc:"What to verify"`
	}
}

func (s *server) verifyAddress(ctx context.Context, by access.Actor, in *verifyAddressIn) (*addressOut, error) {
	a, err := s.forwarder.Verify(ctx, by, email.AddressID(in.ID))
	return s.shownAddress(ctx, by, a, err)
}

func (s *server) renewForwarding(ctx context.Context, by access.Actor, in *addressIn) (*addressOut, error) {
	a, err := s.forwarder.Renew(ctx, by, email.AddressID(in.ID))
	return s.shownAddress(ctx, by, a, err)
}

type beginChangeIn struct {
	ID   int64 `path:"id"`
	Body struct {
		To string `json:"to" enum:"exchange,forwarding"`
	}
}

type beginChangeOut struct {
	Body struct {
		Address maybe[Address]       `json:"recipient_address" doc:"When the change has begun"`
		Request maybe[SignInStarted] `json:"connection_request" doc:"When somebody has to sign in to the mailbox first"`
	}
}

func (s *server) beginChange(ctx context.Context, by access.Actor, in *beginChangeIn) (*beginChangeOut, error) {
	out := new(beginChangeOut)
	id := email.AddressID(in.ID)
	if in.Body.To == string(email.Exchange) {
		r, page, err := s.connections.ChangeToExchange(ctx, by, id)
		if err != nil {
			return nil, err
		}
		out.Body.Request.value = &SignInStarted{State: r.State, AuthorizeURL: page}
		return out, nil
	}
	a, err := s.forwarder.ChangeToForwarding(ctx, by, id)
	if err != nil {
		return nil, err
	}
	shown, err := s.addressWithConnection(ctx, by, a)
	out.Body.Address.value = &shown
	return out, err
}

func (s *server) finishChange(ctx context.Context, by access.Actor, in *addressIn) (*addressOut, error) {
	a, err := s.forwarder.FinishChange(ctx, by, email.AddressID(in.ID))
	return s.shownAddress(ctx, by, a, err)
}

func (s *server) cancelChange(ctx context.Context, by access.Actor, in *addressIn) (*addressOut, error) {
	a, err := s.forwarder.CancelChange(ctx, by, email.AddressID(in.ID))
	return s.shownAddress(ctx, by, a, err)
}
