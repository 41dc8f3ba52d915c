package email

import (
	"context"
	"time"

	"tandem/access"
	"tandem/event"
	"tandem/problem"
)

// Addresses lists the support addresses. Agents may read them.
func (s *Connections) Addresses(ctx context.Context, by access.Actor) ([]*SupportAddress, error) {
	return view(ctx, s.store, by.MustWork(), func(tx Tx) ([]*SupportAddress, error) { return tx.ListSupportAddresses(ctx) })
}

// Address returns one support address. Agents may read it.
func (s *Connections) Address(ctx context.Context, by access.Actor, id AddressID) (*SupportAddress, error) {
	return view(ctx, s.store, by.MustWork(), func(tx Tx) (*SupportAddress, error) { return tx.GetSupportAddress(ctx, id) })
}

// List returns the connections that have an address.
func (s *Connections) List(ctx context.Context, by access.Actor) ([]*Connection, error) {
	return view(ctx, s.store, by.MustAdminister(), func(tx Tx) ([]*Connection, error) {
		addresses, err := tx.ListSupportAddresses(ctx)
		if err != nil {
			return nil, err
		}
		var all []*Connection
		for _, a := range addresses {
			if a.Outbound {
				continue
			}
			c, err := tx.GetConnection(ctx, a.ConnectionID)
			if err != nil {
				return nil, err
			}
			all = append(all, c)
		}
		return all, nil
	})
}

// Get returns one connection.
func (s *Connections) Get(ctx context.Context, by access.Actor, id ConnectionID) (*Connection, error) {
	return view(ctx, s.store, by.MustAdminister(), func(tx Tx) (*Connection, error) { return tx.GetConnection(ctx, id) })
}

// Figures counts the last 24 hours; requests is what this process asked of
// Microsoft in the last one.
func (s *Connections) Figures(ctx context.Context, by access.Actor, id ConnectionID) (f Figures, requests int, err error) {
	f, err = view(ctx, s.store, by.MustAdminister(), func(tx Tx) (Figures, error) {
		return tx.ConnectionFigures(ctx, id, s.now().Add(-24*time.Hour))
	})
	return f, s.mailboxes.Requests(id), err
}

// Activity gives Received, Sent and LagMedian of each of the last 24 hours,
// oldest first; the first begins at from.
func (s *Connections) Activity(ctx context.Context, by access.Actor, id ConnectionID) (from time.Time, hours []Figures, err error) {
	from = s.now().UTC().Truncate(time.Hour).Add(-23 * time.Hour)
	hours, err = view(ctx, s.store, by.MustAdminister(), func(tx Tx) ([]Figures, error) {
		return tx.ConnectionActivity(ctx, id, from, 24)
	})
	return from, hours, err
}

// LatestImport is nil when there was none.
func (s *Connections) LatestImport(ctx context.Context, by access.Actor, id ConnectionID) (*Import, error) {
	return view(ctx, s.store, by.MustAdminister(), func(tx Tx) (*Import, error) { return tx.FindLatestImport(ctx, id) })
}

// view reads one thing unless the actor may not.
func view[T any](ctx context.Context, store Store, forbidden error, read func(Tx) (T, error)) (T, error) {
	var result T
	if forbidden != nil {
		return result, forbidden
	}
	err := store.View(ctx, func(tx Tx) (err error) {
		result, err = read(tx)
		return err
	})
	return result, err
}

// ChangeAddress applies the change to the address and stores it. Making it the
// default takes that from the one before.
func (s *Connections) ChangeAddress(ctx context.Context, by access.Actor, id AddressID, change func(*SupportAddress)) (*SupportAddress, error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	var a *SupportAddress
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		if a, err = tx.GetSupportAddress(ctx, id); err != nil {
			return err
		}
		before := *a
		change(a)
		a.ID, a.Email, a.ConnectionID, a.Outbound, a.CreatedAt, a.UpdatedAt = before.ID, before.Email, before.ConnectionID, before.Outbound, before.CreatedAt, s.now()
		if _, err := tx.GetBrand(ctx, a.BrandID); err != nil {
			return err
		}
		if a.Default != before.Default {
			if err := moveDefault(ctx, tx, a, a.Default, s.now()); err != nil {
				return err
			}
		}
		tx.Publish(event.Event{Kind: event.SettingsUpdated, ID: int64(a.ID)})
		if err := s.audit(ctx, tx, by, "address.updated", "support_address", int64(a.ID), a.Email); err != nil {
			return err
		}
		return tx.UpdateSupportAddress(ctx, a)
	})
	return a, err
}

// moveDefault makes the address the default in place of the one that is.
func moveDefault(ctx context.Context, tx Tx, a *SupportAddress, yes bool, now time.Time) error {
	if a.Outbound {
		return problem.New(problem.Invalid, "default_outbound", "%s takes in no mail and cannot be the default.", a.Email).
			On(problem.Yours, "Make an address the default that customers can write to.").In("default").With("address", a.Email)
	}
	if !yes {
		return problem.New(problem.Invalid, "default_needed", "One address has to be the default.").
			On(problem.Yours, "Make another address the default instead.").In("default")
	}
	old, err := tx.DefaultSupportAddress(ctx)
	if err != nil {
		return err
	}
	if old != nil {
		old.Default, old.UpdatedAt = false, now
		if err := tx.UpdateSupportAddress(ctx, old); err != nil {
			return err
		}
	}
	a.Default = true
	return nil
}

// Disconnect stops reading and sending for a connection. Its tickets stay, its
// cursor too: after reconnecting the mails missed meanwhile are taken in.
func (s *Connections) Disconnect(ctx context.Context, by access.Actor, id ConnectionID) error {
	if err := by.MustAdminister(); err != nil {
		return err
	}
	var before Connection
	err := s.store.Update(ctx, func(tx Tx) error {
		c, err := tx.GetConnection(ctx, id)
		if err != nil {
			return err
		}
		if err := mayDisconnect(ctx, tx, id); err != nil {
			return err
		}
		before = *c
		c.disconnect(s.now())
		if err := tx.UpdateConnection(ctx, c); err != nil {
			return err
		}
		return s.record(ctx, tx, by, "connection.disconnected", c)
	})
	if err == nil && before.SubscriptionID != "" {
		s.unsubscribe(ctx, &before)
	}
	return err
}

func (c *Connection) disconnect(at time.Time) {
	c.State, c.UpdatedAt = Disconnected, at
	c.RefreshToken, c.Scopes = "", nil
	c.forgetSubscription()
	c.recover()
}

// unsubscribe is a courtesy: notifications of a subscription that we no longer
// know are ignored, and it ends by itself.
func (s *Connections) unsubscribe(ctx context.Context, c *Connection) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second) // somebody waits
	defer cancel()
	box, err := s.mailboxes.Open(c)
	if err == nil {
		err = box.Unsubscribe(ctx, c.SubscriptionID)
	}
	if err != nil {
		s.log.Info("end a subscription at Microsoft", "connection", c.ID, "err", err)
	}
}

// mayDisconnect refuses for the default address, and says which other could take its place.
func mayDisconnect(ctx context.Context, tx Tx, id ConnectionID) error {
	a, err := tx.FindSupportAddressByConnection(ctx, id)
	if err != nil || a == nil || !a.Default {
		return err
	}
	all, err := tx.ListSupportAddresses(ctx)
	if err != nil {
		return err
	}
	p := problem.New(problem.Conflict, "address_is_default", "%s is the default address.", a.Email).With("address", a.Email)
	for _, other := range all {
		if other.ID != a.ID && !other.Outbound {
			return p.On(problem.Yours, "Make "+other.Email+" the default first.").With("other", other.Email)
		}
	}
	return p.On(problem.Yours, "Connect another address and make it the default first.")
}

// RemoveAddress disconnects and removes an address. Tickets, mails and the
// ledger stay; replies on its tickets wait until the address is there again.
func (s *Connections) RemoveAddress(ctx context.Context, by access.Actor, id AddressID) error {
	a, err := s.Address(ctx, by, id)
	if err != nil {
		return err
	}
	if err := by.MustAdminister(); err != nil {
		return err
	}
	if !a.Outbound {
		if err := s.Disconnect(ctx, by, a.ConnectionID); err != nil {
			return err
		}
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := mayDisconnect(ctx, tx, a.ConnectionID); err != nil && !a.Outbound {
			return err
		}
		tx.Publish(event.Event{Kind: event.SettingsUpdated, ID: int64(id)})
		if err := s.audit(ctx, tx, by, "address.removed", "support_address", int64(id), a.Email); err != nil {
			return err
		}
		return tx.DeleteSupportAddress(ctx, id)
	})
}

// SyncNow asks for the mailbox to be read at once.
func (s *Connections) SyncNow(ctx context.Context, by access.Actor, id ConnectionID) error {
	return s.changeConnected(ctx, by, id, func(c *Connection) { c.NextSyncAt, c.WaitingUntil = s.now(), time.Time{} })
}

// Reconcile asks for mailbox and ledger to be compared at once.
func (s *Connections) Reconcile(ctx context.Context, by access.Actor, id ConnectionID) error {
	return s.changeConnected(ctx, by, id, func(c *Connection) { c.ReconciledAt, c.NextSyncAt = time.Time{}, s.now() })
}

// changeConnected changes a connected connection and wakes its reader.
func (s *Connections) changeConnected(ctx context.Context, by access.Actor, id ConnectionID, change func(*Connection)) error {
	if err := by.MustAdminister(); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		c, err := tx.GetConnection(ctx, id)
		if err != nil {
			return err
		}
		if err := c.mustBeConnected(); err != nil {
			return err
		}
		change(c)
		if err := tx.UpdateConnection(ctx, c); err != nil {
			return err
		}
		if err := tx.KickConnection(ctx, id, s.now()); err != nil {
			return err
		}
		tx.Publish(event.Event{Kind: event.MailboxKicked, ID: int64(id)})
		return nil
	})
}

func (c *Connection) mustBeConnected() error {
	if c.State == Connected {
		return nil
	}
	return problem.New(problem.Conflict, "not_connected", "%s is not connected.", c.Email).
		On(problem.Yours, "Reconnect it first.").With("address", c.Email)
}

// StartImport makes tickets from the latest mails of the mailbox.
func (s *Connections) StartImport(ctx context.Context, by access.Actor, id ConnectionID) (*Import, error) {
	var imp *Import
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	err := s.store.Update(ctx, func(tx Tx) error {
		c, err := tx.GetConnection(ctx, id)
		if err != nil {
			return err
		}
		if err := c.mustBeConnected(); err != nil {
			return err
		}
		if err := startImport(ctx, tx, id, s.now()); err != nil {
			return err
		}
		if imp, err = tx.FindLatestImport(ctx, id); err != nil {
			return err
		}
		return s.record(ctx, tx, by, "connection.import_started", c)
	})
	return imp, err
}

// CancelImport stops the import that runs. What it has made already stays.
func (s *Connections) CancelImport(ctx context.Context, by access.Actor, id ConnectionID) (*Import, error) {
	var imp *Import
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		c, err := tx.GetConnection(ctx, id)
		if err != nil {
			return err
		}
		if imp, err = tx.FindLatestImport(ctx, id); err != nil {
			return err
		}
		if imp == nil || imp.State.Finished() {
			return problem.New(problem.Conflict, "no_import", "No import is running.")
		}
		imp.State, imp.FinishedAt = ImportCancelled, s.now()
		if err := tx.UpdateImport(ctx, imp); err != nil {
			return err
		}
		return s.record(ctx, tx, by, "connection.import_cancelled", c)
	})
	return imp, err
}

// startImport begins an import unless one runs already; the mailbox's reader works it.
func startImport(ctx context.Context, tx Tx, id ConnectionID, now time.Time) error {
	last, err := tx.FindLatestImport(ctx, id)
	if err != nil {
		return err
	}
	if last != nil && !last.State.Finished() {
		return nil
	}
	return tx.InsertImport(ctx, &Import{ConnectionID: id, State: ImportRunning, CreatedAt: now})
}
