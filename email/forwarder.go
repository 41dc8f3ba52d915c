package email

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"tandem/access"
	"tandem/directory"
	"tandem/event"
	"tandem/problem"
)

// Forwarder is the way in for mail that other mail systems forward to us, and
// the administrator's hand on it.
type Forwarder struct {
	store       Store
	blobs       Blobs
	connections *Connections
	sender      *Sender
	opts        ForwarderOptions
	now         func() time.Time
	log         *slog.Logger
}

// ForwarderOptions say how forwarded mail reaches us and how we answer.
type ForwarderOptions struct {
	Domain    string // of the forwarding addresses; empty: no mail is taken in by SMTP
	Relay     bool   // mail leaves through an SMTP relay
	NewSecret func() string
	Now       func() time.Time
	Log       *slog.Logger
}

// NewForwarder makes a Forwarder. The sender sends the verification mails.
func NewForwarder(store Store, blobs Blobs, connections *Connections, sender *Sender, opts ForwarderOptions) *Forwarder {
	return &Forwarder{
		store: store, blobs: blobs, connections: connections, sender: sender, opts: opts, now: opts.Now, log: opts.Log,
	}
}

// Recipient tells whether mail to the address is taken in. The problem says
// why not: Forbidden when the domain is not ours, NotFound when there is no
// such address, Unavailable when mail should come again later.
func (f *Forwarder) Recipient(ctx context.Context, address string) error {
	return f.store.View(ctx, func(tx Tx) error {
		_, _, err := f.find(ctx, tx, address)
		return err
	})
}

// find returns the connection behind a forwarding address, locked.
func (f *Forwarder) find(ctx context.Context, tx Tx, address string) (*Connection, *Forward, error) {
	secret, ours := forwardSecret(address, f.opts.Domain)
	if !ours {
		return nil, nil, problem.New(problem.Forbidden, "no_relaying", "Mail is not relayed here.")
	}
	fw, err := tx.FindForwardBySecret(ctx, secret, f.now())
	if err != nil {
		return nil, nil, fmt.Errorf("look up a forwarding address: %w", err)
	}
	if fw == nil {
		return nil, nil, noSuchForward()
	}
	c, err := tx.GetConnection(ctx, fw.ConnectionID)
	switch {
	case err != nil:
		return nil, nil, err
	case c.State == Connected:
		return c, fw, nil
	case !fw.ClosesAt.IsZero():
		return nil, nil, noSuchForward() // it was replaced long ago
	}
	a, err := tx.FindSupportAddressByConnection(ctx, c.ID)
	if err != nil {
		return nil, nil, err
	}
	if a == nil {
		return nil, nil, noSuchForward()
	}
	// An administrator may connect it again: the peer keeps the mail until then.
	return nil, nil, problem.New(problem.Unavailable, "address_disconnected", "%s is disconnected.", c.Email)
}

func noSuchForward() *problem.Error {
	return problem.New(problem.NotFound, "no_such_forward", "There is no such forwarding address.")
}

// Accept keeps a forwarded mail. When it returns nil the mail is in the ledger
// of every recipient, with its bytes, and may be acknowledged; the readers of
// the connections decide it like any other. A mail that is delivered once more,
// because our answer was lost, is accepted and not kept again.
func (f *Forwarder) Accept(ctx context.Context, e Envelope, raw io.Reader) error {
	key, size, err := f.blobs.Put(ctx, raw)
	if err != nil {
		return fmt.Errorf("keep a forwarded mail: %w", err)
	}
	err = f.store.Update(ctx, func(tx Tx) error {
		for _, recipient := range e.Recipients {
			if err := f.enter(ctx, tx, e, recipient, key, size); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("enter a forwarded mail: %w", err)
	}
	return nil
}

// enter notes a forwarded mail in the ledger of one recipient.
func (f *Forwarder) enter(ctx context.Context, tx Tx, e Envelope, recipient, blob string, size int64) error {
	c, fw, err := f.find(ctx, tx, recipient)
	if err != nil {
		return err
	}
	if known, err := tx.HasEnvelope(ctx, c.ID, e.Content); err != nil || known {
		return err
	}
	now := f.now()
	m := &Mail{
		ConnectionID: c.ID, Direction: Inbound, State: Noticed, NoticedBy: BySMTP, From: Party{Email: e.From},
		Size: size, Blob: blob, ReceivedAt: e.ReceivedAt, NoticedAt: e.ReceivedAt, FetchedAt: now, StoredAt: now, UpdatedAt: now,
	}
	if _, err := tx.InsertMail(ctx, m); err != nil {
		return err
	}
	if err := tx.InsertEnvelope(ctx, c.ID, m.ID, e); err != nil {
		return fmt.Errorf("keep the envelope of mail %d: %w", m.ID, err)
	}
	fw.ReceivedAt = now
	if err := tx.UpdateForward(ctx, fw); err != nil {
		return err
	}
	c.LastMailAt = latest(c.LastMailAt, e.ReceivedAt)
	if err := tx.UpdateConnection(ctx, c); err != nil {
		return err
	}
	tx.Publish(event.Event{Kind: event.MailUpdated, ID: int64(m.ID)})
	tx.Publish(event.Event{Kind: event.MailboxKicked, ID: int64(c.ID)})
	return tx.KickConnection(ctx, c.ID, now)
}

// noteForwarded looks at a forwarded mail that is being decided: it may be the
// proof that the support address is forwarded to us.
func noteForwarded(ctx context.Context, tx Tx, c *Connection, a *arrival, now time.Time) error {
	if c.Kind != Forwarding {
		return nil
	}
	fw, err := tx.FindForward(ctx, c.ID)
	if err != nil || fw == nil || !fw.proves(a, c.Serves) {
		return err
	}
	fw.proved(now)
	tx.Publish(event.Event{Kind: event.ConnectionUpdated, ID: int64(c.ID)})
	tx.Publish(event.Event{Kind: event.SettingsUpdated, ID: int64(c.ID)})
	return tx.UpdateForward(ctx, fw)
}

// ForwardSettings are what the operator has set up for forwarding.
type ForwardSettings struct {
	Domain string // of the forwarding addresses; empty: Tandem takes in no mail by SMTP
	Relay  bool   // replies leave through an SMTP relay
}

// Settings tells what the operator has set up. Administrators may read it.
func (f *Forwarder) Settings(by access.Actor) (ForwardSettings, error) {
	return ForwardSettings{Domain: f.opts.Domain, Relay: f.opts.Relay}, by.MustAdminister()
}

// Of returns the forwarding that serves a support address, and its connection;
// nil when there has never been one.
func (f *Forwarder) Of(ctx context.Context, by access.Actor, a *SupportAddress) (fw *Forward, c *Connection, err error) {
	fw, err = view(ctx, f.store, by.MustAdminister(), func(tx Tx) (*Forward, error) {
		fw, err := tx.FindForwardOf(ctx, a.Email)
		if err != nil || fw == nil {
			return nil, err
		}
		c, err = tx.GetConnection(ctx, fw.ConnectionID)
		return fw, err
	})
	return fw, c, err
}

// Add adds a support address whose mail is forwarded to us, and begins to
// verify that it is.
func (f *Forwarder) Add(ctx context.Context, by access.Actor, n ForwardedAddress) (*SupportAddress, error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	if err := f.mustListen(); err != nil {
		return nil, err
	}
	email, err := directory.NormalizeEmail(n.Email)
	if err != nil {
		return nil, err
	}
	var a *SupportAddress
	err = f.store.Update(ctx, func(tx Tx) error {
		if err := mustBeFree(ctx, tx, email); err != nil {
			return err
		}
		r := &Request{BrandID: n.BrandID}
		if err := chooseBrand(ctx, tx, r); err != nil {
			return err
		}
		c, err := f.open(ctx, tx, email)
		if err != nil {
			return err
		}
		fallback, err := tx.DefaultSupportAddress(ctx)
		if err != nil {
			return err
		}
		a = &SupportAddress{
			Email: email, Name: n.Name, BrandID: r.BrandID, Default: fallback == nil, ConnectionID: c.ID,
			CreatedAt: f.now(), UpdatedAt: f.now(),
		}
		if err := tx.InsertSupportAddress(ctx, a); err != nil {
			return err
		}
		if err := f.verify(ctx, tx, c); err != nil {
			return err
		}
		if err := ResumeWaiting(ctx, tx, c.ID, f.now()); err != nil {
			return err
		}
		tx.Publish(event.Event{Kind: event.SettingsUpdated, ID: int64(a.ID)})
		return f.connections.record(ctx, tx, by, "connection.forwarding_added", c)
	})
	return a, err
}

func (f *Forwarder) mustListen() error {
	if f.opts.Domain != "" {
		return nil
	}
	return problem.New(problem.Conflict, "smtp_off", "Tandem does not listen for forwarded mail.").
		On(problem.Admin, "Set smtp.listen and smtp.domain in the configuration, and start Tandem again.")
}

// open makes the connection and forwarding of a support address, or opens those
// that it had before: then its forwarding address is the same again.
func (f *Forwarder) open(ctx context.Context, tx Tx, support string) (*Connection, error) {
	now := f.now()
	fw, err := tx.FindForwardOf(ctx, support)
	if err != nil {
		return nil, err
	}
	if fw == nil {
		c := newForwarding(support, now)
		if err := tx.InsertConnection(ctx, c); err != nil {
			return nil, err
		}
		return c, tx.InsertForward(ctx, &Forward{ConnectionID: c.ID, Secret: f.opts.NewSecret(), State: ForwardWaiting})
	}
	c, err := tx.GetConnection(ctx, fw.ConnectionID)
	if err != nil {
		return nil, err
	}
	c.State, c.NextSyncAt, c.UpdatedAt = Connected, now, now
	if err := tx.UpdateConnection(ctx, c); err != nil {
		return nil, err
	}
	fw.ClosesAt, fw.State, fw.Token, fw.AskedAt = time.Time{}, ForwardWaiting, "", time.Time{}
	return c, tx.UpdateForward(ctx, fw)
}

// Verify begins a round trip, and opens a forwarding that was disconnected.
func (f *Forwarder) Verify(ctx context.Context, by access.Actor, id AddressID) (*SupportAddress, error) {
	return f.change(ctx, by, id, "connection.forwarding_verification", func(tx Tx, c *Connection, fw *Forward) error {
		if c.State != Connected {
			c.State, c.NextSyncAt, c.UpdatedAt = Connected, f.now(), f.now()
			if err := tx.UpdateConnection(ctx, c); err != nil {
				return err
			}
			if err := ResumeWaiting(ctx, tx, c.ID, f.now()); err != nil {
				return err
			}
		}
		if fw.State == ForwardFailed {
			fw.State = ForwardWaiting
		}
		fw.Token = ""
		if err := tx.UpdateForward(ctx, fw); err != nil {
			return err
		}
		return f.verify(ctx, tx, c)
	})
}

// Renew gives the support address a new forwarding address. The one before
// takes in mail for another week.
func (f *Forwarder) Renew(ctx context.Context, by access.Actor, id AddressID) (*SupportAddress, error) {
	return f.change(ctx, by, id, "connection.forwarding_renewed", func(tx Tx, c *Connection, fw *Forward) error {
		fw.renew(f.opts.NewSecret(), f.now())
		return tx.UpdateForward(ctx, fw)
	})
}

// change changes the forwarding of a support address.
func (f *Forwarder) change(ctx context.Context, by access.Actor, id AddressID, action string, change func(Tx, *Connection, *Forward) error) (*SupportAddress, error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	var a *SupportAddress
	err := f.store.Update(ctx, func(tx Tx) (err error) {
		if a, err = tx.GetSupportAddress(ctx, id); err != nil {
			return err
		}
		fw, err := tx.FindForwardOf(ctx, a.Email)
		if err != nil {
			return err
		}
		if fw == nil || fw.ConnectionID != a.ConnectionID && fw.ConnectionID != a.NextConnectionID {
			return problem.New(problem.Conflict, "not_forwarded", "The mail of %s is not forwarded to Tandem.", a.Email).
				On(problem.Yours, "Change the address to forwarding first.").With("address", a.Email)
		}
		c, err := tx.GetConnection(ctx, fw.ConnectionID)
		if err != nil {
			return err
		}
		if err := change(tx, c, fw); err != nil {
			return err
		}
		tx.Publish(event.Event{Kind: event.SettingsUpdated, ID: int64(id)})
		return f.connections.record(ctx, tx, by, action, c)
	})
	return a, err
}
