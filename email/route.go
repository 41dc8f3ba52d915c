package email

import (
	"context"
	"time"

	"tandem/access"
	"tandem/event"
	"tandem/problem"
)

// A support address can change its route, from a mailbox at Microsoft to
// forwarding and back. During the change both routes bring its mail, and what
// comes by both is one mail; replies leave by the old one. When the new route
// has proved itself, an administrator finishes the change: replies leave by the
// new one from then on. Address, tickets, threads and ledger stay.

// ChangeToForwarding begins to change an address from its mailbox to
// forwarding.
func (f *Forwarder) ChangeToForwarding(ctx context.Context, by access.Actor, id AddressID) (*SupportAddress, error) {
	if err := f.mustListen(); err != nil {
		return nil, err
	}
	return f.connections.changeRoute(ctx, by, id, "address.change_begun", func(tx Tx, a *SupportAddress) error {
		if err := a.mustNotChange(); err != nil {
			return err
		}
		old, err := tx.GetConnection(ctx, a.ConnectionID)
		if err != nil {
			return err
		}
		if old.Kind == Forwarding {
			return problem.New(problem.Conflict, "same_route", "The mail of %s is forwarded already.", a.Email).With("address", a.Email)
		}
		if err := serve(ctx, tx, old, a); err != nil {
			return err
		}
		c, err := f.open(ctx, tx, a.Email)
		if err != nil {
			return err
		}
		a.NextConnectionID = c.ID
		if err := tx.UpdateSupportAddress(ctx, a); err != nil {
			return err
		}
		return f.verify(ctx, tx, c)
	})
}

// ChangeToExchange begins to change an address from forwarding to a mailbox at
// Microsoft, and returns the page to send the browser to.
func (s *Connections) ChangeToExchange(ctx context.Context, by access.Actor, id AddressID) (*Request, string, error) {
	if err := by.MustAdminister(); err != nil {
		return nil, "", err
	}
	r := s.newRequest(by)
	err := s.store.Update(ctx, func(tx Tx) error {
		a, err := tx.GetSupportAddress(ctx, id)
		if err != nil {
			return err
		}
		if err := a.mustNotChange(); err != nil {
			return err
		}
		old, err := tx.GetConnection(ctx, a.ConnectionID)
		if err != nil {
			return err
		}
		if old.Kind != Forwarding {
			return problem.New(problem.Conflict, "same_route", "%s is connected to its mailbox already.", a.Email).With("address", a.Email)
		}
		r.Change, r.Intended, r.BrandID, r.AddressID = a.ID, a.Email, a.BrandID, a.ID
		if err := chooseTenant(ctx, tx, r); err != nil {
			return err
		}
		return s.saveNew(ctx, tx, r)
	})
	if err != nil {
		return nil, "", err
	}
	return s.begin(ctx, r)
}

// insertRoute adds the mailbox that was signed in to as the address's next route.
func (s *Connections) insertRoute(ctx context.Context, tx Tx, by access.Actor, r *Request) (*Connection, *SupportAddress, error) {
	a, err := tx.GetSupportAddress(ctx, r.Change)
	if err != nil {
		return nil, nil, err
	}
	if err := a.mustNotChange(); err != nil {
		return nil, nil, err
	}
	if r.Grant.Email != a.Email {
		if err := mustBeFree(ctx, tx, r.Grant.Email); err != nil {
			return nil, nil, err
		}
	}
	old, err := tx.GetConnection(ctx, a.ConnectionID)
	if err != nil {
		return nil, nil, err
	}
	if err := serve(ctx, tx, old, a); err != nil {
		return nil, nil, err
	}
	c, err := s.mailboxConnection(ctx, tx, r.Grant)
	if err != nil {
		return nil, nil, err
	}
	c.Serves, a.NextConnectionID, a.UpdatedAt = a.Email, c.ID, s.now()
	if err := s.audit(ctx, tx, by, "address.change_begun", "support_address", int64(a.ID), a.Email); err != nil {
		return nil, nil, err
	}
	return c, a, tx.UpdateSupportAddress(ctx, a)
}

// serve notes that a connection brings the mail of an address, so that a mail
// that comes by another route, too, is known.
func serve(ctx context.Context, tx Tx, c *Connection, a *SupportAddress) error {
	if c.Serves == a.Email {
		return nil
	}
	c.Serves = a.Email
	return tx.UpdateConnection(ctx, c)
}

// routes are the connections by which mail of the address comes.
func (a *SupportAddress) routes() []ConnectionID {
	if a.NextConnectionID == 0 {
		return []ConnectionID{a.ConnectionID}
	}
	return []ConnectionID{a.ConnectionID, a.NextConnectionID}
}

// endRoutes disconnects what else brings the mail of a connection's address:
// the route that it was changing to, and a forwarding that it changed from.
func endRoutes(ctx context.Context, tx Tx, id ConnectionID, now time.Time) error {
	others, err := tx.ListRoutes(ctx, id)
	if err != nil {
		return err
	}
	for _, other := range others {
		c, err := tx.GetConnection(ctx, other)
		if err != nil {
			return err
		}
		if c.State == Disconnected {
			continue
		}
		c.disconnect(now)
		tx.Publish(event.Event{Kind: event.ConnectionUpdated, ID: int64(other)})
		if err := tx.UpdateConnection(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func (a *SupportAddress) mustNotChange() error {
	if a.NextConnectionID == 0 {
		return nil
	}
	return problem.New(problem.Conflict, "change_under_way", "%s is changing its route already.", a.Email).
		On(problem.Yours, "Finish that change, or give it up.").With("address", a.Email)
}

// FinishChange makes the new route the only one. Mail that is still forwarded
// is taken in for another month, and known when it came the new way as well.
func (f *Forwarder) FinishChange(ctx context.Context, by access.Actor, id AddressID) (*SupportAddress, error) {
	var left *Connection
	a, err := f.connections.changeRoute(ctx, by, id, "address.change_finished", func(tx Tx, a *SupportAddress) (err error) {
		next, err := a.nextRoute(ctx, tx)
		if err != nil {
			return err
		}
		if err := mustBeReady(ctx, tx, a, next); err != nil {
			return err
		}
		old, err := tx.GetConnection(ctx, a.ConnectionID)
		if err != nil {
			return err
		}
		a.ConnectionID, a.NextConnectionID = next.ID, 0
		if err := tx.UpdateSupportAddress(ctx, a); err != nil {
			return err
		}
		if err := takeAlong(ctx, tx, old.ID, next.ID); err != nil {
			return err
		}
		if err := redirect(ctx, tx, old.ID, next.ID, f.now()); err != nil {
			return err
		}
		before := *old
		left = &before
		return f.leave(ctx, tx, old)
	})
	f.connections.farewell(ctx, left, err)
	return a, err
}

// CancelChange gives the change up: the old route stays the only one.
func (f *Forwarder) CancelChange(ctx context.Context, by access.Actor, id AddressID) (*SupportAddress, error) {
	var left *Connection
	a, err := f.connections.changeRoute(ctx, by, id, "address.change_cancelled", func(tx Tx, a *SupportAddress) error {
		next, err := a.nextRoute(ctx, tx)
		if err != nil {
			return err
		}
		a.NextConnectionID = 0
		if err := tx.UpdateSupportAddress(ctx, a); err != nil {
			return err
		}
		before := *next
		left = &before
		return f.leave(ctx, tx, next)
	})
	f.connections.farewell(ctx, left, err)
	return a, err
}

// leave ends a route: a mailbox is disconnected, a forwarding ends later, since
// its rule at the other mail system may outlast it.
func (f *Forwarder) leave(ctx context.Context, tx Tx, c *Connection) error {
	now := f.now()
	tx.Publish(event.Event{Kind: event.ConnectionUpdated, ID: int64(c.ID)})
	if c.Kind != Forwarding {
		c.disconnect(now)
		return tx.UpdateConnection(ctx, c)
	}
	fw, err := tx.FindForward(ctx, c.ID)
	if err != nil || fw == nil {
		return err
	}
	fw.ClosesAt, fw.Token = now.Add(closingFor), ""
	return tx.UpdateForward(ctx, fw)
}

// changeRoute changes by which connections an address is reached.
func (s *Connections) changeRoute(ctx context.Context, by access.Actor, id AddressID, action string, change func(Tx, *SupportAddress) error) (*SupportAddress, error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	var a *SupportAddress
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		if a, err = tx.GetSupportAddress(ctx, id); err != nil {
			return err
		}
		a.UpdatedAt = s.now()
		if err := change(tx, a); err != nil {
			return err
		}
		for _, c := range a.routes() {
			tx.Publish(event.Event{Kind: event.ConnectionUpdated, ID: int64(c)})
		}
		tx.Publish(event.Event{Kind: event.SettingsUpdated, ID: int64(id)})
		return s.audit(ctx, tx, by, action, "support_address", int64(id), a.Email)
	})
	return a, err
}

// farewell ends Microsoft's notifications for a mailbox that is read no more.
func (s *Connections) farewell(ctx context.Context, c *Connection, failed error) {
	if failed == nil && c != nil && c.SubscriptionID != "" {
		s.unsubscribe(ctx, c)
	}
}

// nextRoute is the connection that the address changes to.
func (a *SupportAddress) nextRoute(ctx context.Context, tx Tx) (*Connection, error) {
	if a.NextConnectionID == 0 {
		return nil, problem.New(problem.Conflict, "no_change", "%s is not changing its route.", a.Email).With("address", a.Email)
	}
	return tx.GetConnection(ctx, a.NextConnectionID)
}

// mustBeReady refuses to rely on a route that has not proved itself.
func mustBeReady(ctx context.Context, tx Tx, a *SupportAddress, next *Connection) error {
	if next.Kind == Forwarding {
		fw, err := tx.FindForward(ctx, next.ID)
		if err != nil || fw != nil && fw.State == ForwardVerified {
			return err
		}
		return problem.New(problem.Conflict, "forwarding_not_verified", "No verification mail to %s has come back yet.", a.Email).
			On(problem.Admin, "Set up the forwarding in your mail system, and verify it.").With("address", a.Email)
	}
	if next.State == Connected && next.ErrorCode == "" && !next.SyncedAt.IsZero() {
		return nil
	}
	return problem.New(problem.Conflict, "mailbox_not_read", "The mailbox of %s has not been read yet.", a.Email).
		On(problem.Admin, "Wait until it has been read, or mend what keeps it from being read.").With("address", a.Email)
}

// takeAlong lets the outbound addresses that leave through the old route leave
// by the new one.
func takeAlong(ctx context.Context, tx Tx, from, to ConnectionID) error {
	all, err := tx.ListSupportAddresses(ctx)
	if err != nil {
		return err
	}
	for _, a := range all {
		if !a.Outbound || a.ConnectionID != from {
			continue
		}
		a.ConnectionID = to
		if err := tx.UpdateSupportAddress(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// redirect lets replies that have not left yet leave by the new route. What the
// old one may have sent already is for a person to judge.
func redirect(ctx context.Context, tx Tx, from, to ConnectionID, now time.Time) error {
	unsent, err := tx.ListMail(ctx, MailFilter{Connection: from, Direction: Outbound, States: []MailState{Waiting, Drafted, Sending, Failed}})
	if err != nil {
		return err
	}
	for _, m := range unsent {
		switch m.State {
		case Sending:
			m.State = Failed
			m.setTrouble(outcomeUnknown())
		case Drafted:
			m.State = Waiting
		}
		m.ConnectionID, m.MicrosoftID, m.UpdatedAt = to, "", now // its draft, if any, lies at the old route
		if err := tx.UpdateMail(ctx, m); err != nil {
			return err
		}
		tx.Publish(event.Event{Kind: event.MailUpdated, ID: int64(m.ID), Parent: int64(m.TicketID)})
	}
	return ResumeWaiting(ctx, tx, to, now)
}
