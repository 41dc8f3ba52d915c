package email

import (
	"cmp"
	"context"
	"fmt"

	"tandem/access"
	"tandem/directory"
	"tandem/problem"
	"tandem/tenant"
)

// Application is a mailbox to connect by application permission: the app
// registration opens it, nobody signs in. Ordinary and shared mailboxes are
// connected alike.
type Application struct {
	Tenant  tenant.ID // whose app registration; 0: the only one
	Email   string    // primary address or alias
	BrandID directory.BrandID
	Reading Reading
	Import  bool // make tickets from the latest mails
}

// ConnectApplication adds a support address whose mailbox the app registration
// opens. It is connected at once.
func (s *Connections) ConnectApplication(ctx context.Context, by access.Actor, want Application) (*SupportAddress, error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	owner, looked, err := s.look(ctx, want)
	if err != nil {
		return nil, err
	}
	if want.Reading.Afterwards == "" {
		want.Reading.Afterwards = MoveAfterwards
	}
	if err := want.Reading.check(); err != nil {
		return nil, err
	}
	box, err := s.mailboxes.Open(looked)
	if err != nil {
		return nil, err
	}
	reading, err := inspect(ctx, box, want.Reading)
	if err != nil {
		return nil, asAnswer(err)
	}
	r := &Request{
		BrandID: want.BrandID, Import: want.Import,
		Grant: &storedGrant{TenantID: owner.TenantID, UserID: owner.UserID, Email: owner.Email, Name: owner.Name},
	}
	var a *SupportAddress
	err = s.store.Update(ctx, func(tx Tx) error {
		if err := chooseBrand(ctx, tx, r); err != nil {
			return err
		}
		var c *Connection
		if c, a, err = s.insertAddress(ctx, tx, r); err != nil {
			return err
		}
		c.become(ExchangeApp)
		c.Tenant, c.UserID = looked.Tenant, owner.UserID
		if err := c.read(ctx, tx, reading, s.now()); err != nil {
			return err
		}
		if err := s.open(ctx, tx, c, want.Import); err != nil {
			return err
		}
		return s.record(ctx, tx, by, "connection.connected", c)
	})
	return a, err
}

// look finds the mailbox at Microsoft, and a connection to it that nobody has stored.
func (s *Connections) look(ctx context.Context, want Application) (*Owner, *Connection, error) {
	address, err := directory.NormalizeEmail(want.Email)
	if err != nil {
		return nil, nil, err
	}
	id, err := s.tenant(ctx, want.Tenant)
	if err != nil {
		return nil, nil, err
	}
	owner, err := s.mailboxes.Find(ctx, id, address)
	if err != nil {
		return nil, nil, asAnswer(err)
	}
	return owner, &Connection{
		Kind: ExchangeApp, Email: owner.Email, Tenant: id, TenantID: owner.TenantID, UserID: owner.UserID,
	}, nil
}

// LookAtMailbox tells whose mailbox an address is, and lists its folders
// directly below parent, before it is connected.
func (s *Connections) LookAtMailbox(ctx context.Context, by access.Actor, id tenant.ID, address, parent string) (*Owner, []Folder, error) {
	if err := by.MustAdminister(); err != nil {
		return nil, nil, err
	}
	owner, c, err := s.look(ctx, Application{Tenant: id, Email: address})
	if err != nil {
		return nil, nil, err
	}
	box, err := s.mailboxes.Open(c)
	if err != nil {
		return nil, nil, err
	}
	folders, err := box.Folders(ctx, parent)
	return owner, folders, asAnswer(err)
}

// asAnswer makes of Microsoft's refusal of Tandem an answer for the person who
// asks, who is signed in here and may do what was asked.
func asAnswer(err error) error {
	p := problem.As(err)
	if p == nil || p.Kind != problem.Unauthenticated && p.Kind != problem.Forbidden {
		return err
	}
	answer := *p
	answer.Kind = problem.Invalid
	return &answer
}

// UseApplication lets the app registration open a connection's mailbox from now
// on, instead of somebody's sign-in, or connects it again. Cursor, ledger,
// tickets and threads stay: it is the same mailbox. The way back is Reconnect.
func (s *Connections) UseApplication(ctx context.Context, by access.Actor, id ConnectionID, registration tenant.ID) (*Connection, error) {
	c, err := s.Get(ctx, by, id) // administrators only
	if err != nil {
		return nil, err
	}
	if registration, err = s.tenant(ctx, cmp.Or(registration, c.Tenant)); err != nil {
		return nil, err
	}
	owner, err := s.mailboxes.Find(ctx, registration, c.UserID)
	if err != nil {
		return nil, asAnswer(err)
	}
	if owner.TenantID != c.TenantID || owner.UserID != c.UserID {
		return nil, problem.New(problem.Conflict, "other_mailbox", "The app registration opens %s, but this connection belongs to %s.", owner.Email, c.Email).
			On(problem.Yours, "Use the app registration of the mailbox's own Microsoft tenant.").With("actual", owner.Email).With("address", c.Email)
	}
	var before *Connection
	err = s.store.Update(ctx, func(tx Tx) (err error) {
		if c, err = tx.GetConnection(ctx, id); err != nil {
			return err
		}
		action := "connection.reconnected"
		if c.Kind != ExchangeApp {
			action = "connection.kind_changed"
		}
		before = c.become(ExchangeApp)
		c.Tenant = registration
		if err := s.open(ctx, tx, c, false); err != nil {
			return fmt.Errorf("connect by application permission: %w", err)
		}
		return s.record(ctx, tx, by, action, c)
	})
	if err == nil && before != nil {
		s.unsubscribe(ctx, before)
	}
	return c, err
}

// become changes how the mailbox is opened; what was read of it stays. It
// returns the connection as it was when it has notifications that only the old
// way can end.
func (c *Connection) become(kind ConnectionKind) (before *Connection) {
	if c.Kind == kind {
		return nil
	}
	if c.SubscriptionID != "" {
		was := *c
		before = &was
	}
	c.Kind, c.RefreshToken, c.Scopes = kind, "", nil
	c.forgetSubscription()
	return before
}
