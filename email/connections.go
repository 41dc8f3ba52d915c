package email

import (
	"context"
	"log/slog"
	"time"

	"tandem/access"
	"tandem/directory"
	"tandem/event"
	"tandem/job"
	"tandem/problem"
)

// Connections is the administrator's hand on support addresses and their connections.
type Connections struct {
	store      Store
	mailboxes  Mailboxes
	authorizer Authorizer
	opts       ConnectionOptions
	now        func() time.Time
	log        *slog.Logger
}

// ConnectionOptions are what Connections needs to know besides.
type ConnectionOptions struct {
	// CallbackURL is where Microsoft sends the browser back to, given the
	// address under which the browser reached us.
	CallbackURL func(origin string) string
	// NewSecret returns an unguessable string.
	NewSecret func() string
	Now       func() time.Time
	Log       *slog.Logger
}

// NewConnections makes the service.
func NewConnections(store Store, mailboxes Mailboxes, authorizer Authorizer, opts ConnectionOptions) *Connections {
	return &Connections{store: store, mailboxes: mailboxes, authorizer: authorizer, opts: opts, now: opts.Now, log: opts.Log}
}

// Start begins to connect a new address under a brand (0: the default one) and
// returns the page to send the browser to. intended may be empty: then
// whichever mailbox signs in is meant.
func (s *Connections) Start(ctx context.Context, by access.Actor, brand directory.BrandID, intended string, imp bool) (*Request, string, error) {
	if err := by.MustAdminister(); err != nil {
		return nil, "", err
	}
	r := s.newRequest(by)
	r.BrandID, r.Import = brand, imp
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := chooseBrand(ctx, tx, r); err != nil {
			return err
		}
		if intended != "" {
			var err error
			if r.Intended, err = directory.NormalizeEmail(intended); err != nil {
				return err
			}
			if err := mustBeFree(ctx, tx, r.Intended); err != nil {
				return err
			}
		}
		return s.saveNew(ctx, tx, r)
	})
	if err != nil {
		return nil, "", err
	}
	return r, s.authorizer.Begin(r.signIn()), nil
}

func chooseBrand(ctx context.Context, tx Tx, r *Request) error {
	if r.BrandID != 0 {
		_, err := tx.GetBrand(ctx, r.BrandID)
		return err
	}
	brand, err := tx.DefaultBrand(ctx)
	if err == nil {
		r.BrandID = brand.ID
	}
	return err
}

// Reconnect begins to sign in again for a connection; it goes on where it stopped.
func (s *Connections) Reconnect(ctx context.Context, by access.Actor, id ConnectionID) (*Request, string, error) {
	if err := by.MustAdminister(); err != nil {
		return nil, "", err
	}
	r := s.newRequest(by)
	err := s.store.Update(ctx, func(tx Tx) error {
		c, err := tx.GetConnection(ctx, id)
		if err != nil {
			return err
		}
		a, err := tx.FindSupportAddressByConnection(ctx, id)
		if err != nil {
			return err
		}
		if a == nil {
			return problem.New(problem.Conflict, "address_removed", "%s is no longer a support address.", c.Email).
				On(problem.Yours, "Add it as a new address.").With("address", c.Email)
		}
		r.Reconnect, r.Intended, r.BrandID, r.AddressID = c.ID, c.Email, a.BrandID, a.ID
		return s.saveNew(ctx, tx, r)
	})
	if err != nil {
		return nil, "", err
	}
	return r, s.authorizer.Begin(r.signIn()), nil
}

func (s *Connections) newRequest(by access.Actor) *Request {
	return &Request{
		State: s.opts.NewSecret(), Verifier: s.opts.NewSecret(), Nonce: s.opts.NewSecret(),
		RedirectURL: s.opts.CallbackURL(by.Origin), RequestedBy: by.UserID, Outcome: RequestPending,
	}
}

func (r *Request) signIn() SignIn {
	return SignIn{State: r.State, Verifier: r.Verifier, Nonce: r.Nonce, LoginHint: r.Intended, RedirectURL: r.RedirectURL}
}

// Request tells how far a run of the wizard has come.
func (s *Connections) Request(ctx context.Context, by access.Actor, state string) (*Request, error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	var r *Request
	err := s.store.View(ctx, func(tx Tx) (err error) {
		r, err = loadRequest(ctx, tx, state)
		return err
	})
	return r, err
}

// Complete works the browser's return from Microsoft. The state proves that
// one of our administrators began it in this browser, and counts once. The
// request comes back with its outcome; an error only when there is no such request.
func (s *Connections) Complete(ctx context.Context, by access.Actor, state, code string, refusal error) (*Request, error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	r, err := s.claim(ctx, by, state)
	if err != nil {
		return nil, err
	}
	grant, err := (*Grant)(nil), refusal
	if err == nil {
		grant, err = s.authorizer.Complete(ctx, r.signIn(), code)
	}
	if err == nil {
		err = s.accept(ctx, by, r, grant)
	}
	if err != nil {
		err = s.fail(ctx, r, err)
	}
	return r, err
}

// claim takes the request so that a replayed return finds it used.
func (s *Connections) claim(ctx context.Context, by access.Actor, state string) (*Request, error) {
	var r *Request
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		if r, err = loadRequest(ctx, tx, state); err != nil {
			return err
		}
		if r.Redeemed || r.RequestedBy != by.UserID {
			return problem.New(problem.Conflict, "sign_in_used", "This sign-in has been used already, or was begun by somebody else.").
				On(problem.Yours, "Start again.")
		}
		r.Redeemed = true
		return saveRequest(ctx, tx, r)
	})
	return r, err
}

// accept connects the mailbox, or asks first when it is another than intended.
func (s *Connections) accept(ctx context.Context, by access.Actor, r *Request, g *Grant) error {
	r.Grant = &storedGrant{g.TenantID, g.UserID, g.Email, g.Name, string(g.RefreshToken), g.Scopes, g.Ahead}
	err := s.store.Update(ctx, func(tx Tx) error {
		if r.Reconnect != 0 {
			if err := s.mustBeSameMailbox(ctx, tx, r, g); err != nil {
				return err
			}
		} else if r.Intended != "" && r.Intended != g.Email {
			r.Outcome = RequestOtherAccount
			return saveRequest(ctx, tx, r)
		}
		return s.connect(ctx, tx, by, r)
	})
	if err == nil && r.replaced != nil {
		s.unsubscribe(ctx, r.replaced)
	}
	return err
}

func (s *Connections) mustBeSameMailbox(ctx context.Context, tx Tx, r *Request, g *Grant) error {
	c, err := tx.GetConnection(ctx, r.Reconnect)
	if err != nil {
		return err
	}
	if c.TenantID == g.TenantID && (c.UserID == g.UserID || c.UserID == g.Email) { // the address, where Microsoft told no id
		return nil
	}
	return problem.New(problem.Conflict, "other_mailbox", "You signed in as %s, but this connection belongs to %s.", g.Email, c.Email).
		On(problem.Yours, "Sign in again as "+c.Email+". To use the other mailbox, add it as a new address.").
		With("actual", g.Email).With("address", c.Email)
}

// Confirm answers the question whether the other mailbox is the one to connect.
// No is an answer too: then nothing is connected.
func (s *Connections) Confirm(ctx context.Context, by access.Actor, state string, useActual bool) (*Request, error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	var r *Request
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		if r, err = loadRequest(ctx, tx, state); err != nil {
			return err
		}
		if r.Outcome != RequestOtherAccount || r.RequestedBy != by.UserID {
			return problem.New(problem.Conflict, "nothing_to_confirm", "There is no open question about this sign-in.").
				On(problem.Yours, "Start again.")
		}
		if !useActual {
			r.Outcome, r.Grant = RequestFailed, nil
			r.Problem = otherAccountDeclined(r)
			return saveRequest(ctx, tx, r)
		}
		return s.connect(ctx, tx, by, r)
	})
	return r, err
}

func otherAccountDeclined(r *Request) *RequestProblem {
	return &RequestProblem{
		Code: "other_account_declined", Message: "Nothing was connected: the account that signed in was not the intended one.",
		Side: string(problem.Yours), Remedy: "Start again and sign in as " + r.Intended + ".",
		Args: map[string]string{"address": r.Intended},
	}
}

// Connect adds an address from a grant that was got without a browser: the
// demo and tests sign in at the simulator themselves.
func (s *Connections) Connect(ctx context.Context, by access.Actor, brand directory.BrandID, g *Grant, imp bool) (*SupportAddress, error) {
	r, _, err := s.Start(ctx, by, brand, g.Email, imp)
	if err != nil {
		return nil, err
	}
	if err := s.accept(ctx, by, r, g); err != nil {
		return nil, err
	}
	return s.Address(ctx, by, r.AddressID)
}

// connect makes or renews the connection from the request's grant.
func (s *Connections) connect(ctx context.Context, tx Tx, by access.Actor, r *Request) error {
	var c *Connection
	var a *SupportAddress
	var err error
	action := "connection.connected"
	if r.Reconnect != 0 {
		action = "connection.reconnected"
		if c, err = tx.GetConnection(ctx, r.Reconnect); err != nil {
			return err
		}
		if a, err = tx.FindSupportAddressByConnection(ctx, c.ID); err != nil {
			return err
		}
	} else if c, a, err = s.insertAddress(ctx, tx, r); err != nil {
		return err
	}
	r.replaced = c.become(Exchange)
	c.UserID, c.RefreshToken, c.Scopes = r.Grant.UserID, Secret(r.Grant.RefreshToken), r.Grant.Scopes
	if err := s.open(ctx, tx, c, r.Import); err != nil {
		return err
	}
	if a != nil {
		r.AddressID = a.ID
	}
	r.Outcome, r.Grant = RequestConnected, nil
	if err := saveRequest(ctx, tx, r); err != nil {
		return err
	}
	return s.record(ctx, tx, by, action, c)
}

// open lets a connection be read and sent from, from now on.
func (s *Connections) open(ctx context.Context, tx Tx, c *Connection, imp bool) error {
	now := s.now()
	c.State, c.AuthorizedAt, c.TokenAt, c.UpdatedAt = Connected, now, now, now
	c.NextSyncAt, c.ReconciledAt = now, time.Time{} // read at once, and compare with the ledger
	c.AliasesAt = time.Time{}
	c.recover()
	if c.PushError != "" { // what kept notifications away may be mended now
		c.PushError, c.SubscriptionExpiresAt = "", time.Time{}
	}
	if err := tx.UpdateConnection(ctx, c); err != nil {
		return err
	}
	if imp {
		if err := startImport(ctx, tx, c.ID, now); err != nil {
			return err
		}
	}
	if err := ResumeWaiting(ctx, tx, c.ID, now); err != nil {
		return err
	}
	return tendSoon(ctx, tx)
}

// tendSoon asks for the subscriptions to be looked after without waiting for the schedule.
func tendSoon(ctx context.Context, tx Tx) error {
	_, err := job.Insert(ctx, tx, TendSubscriptions{}, job.Options{UniqueKey: tendKey})
	return err
}

// insertAddress adds the address with its connection; the first one becomes the default.
func (s *Connections) insertAddress(ctx context.Context, tx Tx, r *Request) (*Connection, *SupportAddress, error) {
	if err := mustBeFree(ctx, tx, r.Grant.Email); err != nil {
		return nil, nil, err
	}
	fallback, err := tx.DefaultSupportAddress(ctx)
	if err != nil {
		return nil, nil, err
	}
	now := s.now()
	since := now.Add(r.Grant.Ahead)
	c, err := formerConnection(ctx, tx, r.Grant)
	if err != nil {
		return nil, nil, err
	}
	if c == nil {
		c = &Connection{
			Kind: Exchange, State: Authorizing, Email: r.Grant.Email, TenantID: r.Grant.TenantID, UserID: r.Grant.UserID,
			Since: since, CreatedAt: now, UpdatedAt: now,
		}
		if err := tx.InsertConnection(ctx, c); err != nil {
			return nil, nil, err
		}
	}
	c.Email = r.Grant.Email
	if err := c.read(ctx, tx, Reading{Afterwards: MoveAfterwards}, since); err != nil {
		return nil, nil, err
	}
	c.Since, c.Cursor = since, ""
	a := &SupportAddress{Email: c.Email, BrandID: r.BrandID, Default: fallback == nil, ConnectionID: c.ID, CreatedAt: now, UpdatedAt: now}
	return c, a, tx.InsertSupportAddress(ctx, a)
}

// formerConnection finds the connection of a mailbox whose address was removed,
// so that its ledger goes on and no mail is taken in twice; nil when there is none.
func formerConnection(ctx context.Context, tx Tx, g *storedGrant) (*Connection, error) {
	all, err := tx.ListConnections(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if c.TenantID == g.TenantID && (c.UserID == g.UserID || c.UserID == g.Email) {
			a, err := tx.FindSupportAddressByConnection(ctx, c.ID)
			if err == nil && a != nil {
				err = problem.New(problem.Conflict, "mailbox_connected", "The mailbox is connected already, as %s.", a.Email).
					On(problem.Yours, "Use that address.").With("address", a.Email)
			}
			if err != nil {
				return nil, err
			}
			return tx.GetConnection(ctx, c.ID) // to lock it
		}
	}
	return nil, nil
}

// mustBeFree refuses an address that is used already: two readers of one
// mailbox would fight, and an agent's or requester's address would answer itself.
func mustBeFree(ctx context.Context, tx Tx, address string) error {
	inUse := func(code, format string) error {
		return problem.New(problem.Conflict, code, format, address).
			On(problem.Yours, "Choose another mailbox, or free the address first.").In("email").With("address", address)
	}
	own, err := ownAddresses(ctx, tx)
	if err != nil {
		return err
	}
	if own.all[address] != nil {
		return inUse("address_connected", "%s is already a support address, or another name of one.")
	}
	u, err := tx.FindUserByEmail(ctx, address)
	if err != nil || u == nil {
		return err
	}
	if u.Works() {
		return inUse("address_of_agent", "%s is the address of an agent.")
	}
	return inUse("address_of_requester", "%s is the address of a requester.")
}

// fail notes why the wizard did not succeed. The error comes back only when
// it could not be noted.
func (s *Connections) fail(ctx context.Context, r *Request, cause error) error {
	p := problem.As(cause)
	if p == nil {
		s.log.Error("connect a mailbox", "err", cause)
		p = problem.New(problem.Internal, "connect_failed", "Something went wrong in Tandem.").On(problem.Tandem, "Try again.")
	}
	s.log.Info("mailbox not connected", "code", p.Code, "err", cause)
	r.Outcome, r.Grant = RequestFailed, nil
	r.Problem = &RequestProblem{p.Code, p.Message, string(p.Side), p.Remedy, p.Args}
	return s.store.Update(ctx, func(tx Tx) error { return saveRequest(ctx, tx, r) })
}

// SaveToken keeps a connection's new refresh token before it is used. One that
// comes after the mailbox was disconnected is not wanted any more.
func (s *Connections) SaveToken(ctx context.Context, id ConnectionID, token Secret) error {
	return s.store.Update(ctx, func(tx Tx) error {
		c, err := tx.GetConnection(ctx, id)
		if err != nil {
			return err
		}
		if c.State != Connected || c.Kind != Exchange {
			return nil
		}
		c.RefreshToken, c.TokenAt = token, s.now()
		return tx.UpdateConnection(ctx, c)
	})
}

// record writes a change of a connection into the audit trail and tells everybody.
func (s *Connections) record(ctx context.Context, tx Tx, by access.Actor, action string, c *Connection) error {
	tx.Publish(event.Event{Kind: event.ConnectionUpdated, ID: int64(c.ID)})
	tx.Publish(event.Event{Kind: event.MailboxKicked, ID: int64(c.ID)})
	return s.audit(ctx, tx, by, action, "connection", int64(c.ID), c.Email)
}

func (s *Connections) audit(ctx context.Context, tx Tx, by access.Actor, action, object string, id int64, label string) error {
	return tx.InsertAudit(ctx, access.AuditEntry{
		At: s.now(), ActorID: by.UserID, Actor: by.Name, Address: by.Address,
		Action: action, Object: object, Subject: id, Label: label,
	})
}
