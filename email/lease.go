package email

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"tandem/event"
)

// leases are the mailboxes that this process reads. They are renewed together:
// a thousand idle mailboxes cost a few small writes every few seconds instead of
// hundreds each second.
type leases struct {
	mu   sync.Mutex
	held map[ConnectionID]*heldLease
}

type heldLease struct {
	until time.Time
	lose  context.CancelCauseFunc // ends what is done under it
}

func (l *leases) add(id ConnectionID, h *heldLease) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == nil {
		l.held = make(map[ConnectionID]*heldLease)
	}
	l.held[id] = h
}

func (l *leases) remove(id ConnectionID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.held, id)
}

func (l *leases) ids() []ConnectionID {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.held))
}

// renewed notes that leases last longer.
func (l *leases) renewed(ids []ConnectionID, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		if h := l.held[id]; h != nil {
			h.until = until
		}
	}
}

// ending lists the leases that end before a time.
func (l *leases) ending(before time.Time) (ids []ConnectionID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, h := range l.held {
		if h.until.Before(before) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// lost ends what is done under a lease.
func (l *leases) lost(id ConnectionID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if h := l.held[id]; h != nil {
		h.lose(errLeaseLost)
	}
}

// hold runs f while this process holds the mailbox's lease, and releases it
// afterwards. It returns errLeaseLost when another process holds it. The
// context of f ends when the lease is lost: nothing goes on without it.
func (r *Reader) hold(ctx context.Context, id ConnectionID, f func(context.Context) error) error {
	until, err := r.lease(ctx, id)
	if err != nil {
		return err
	}
	r.metrics.reading.Inc()
	defer r.metrics.reading.Dec()
	held, lose := context.WithCancelCause(ctx)
	defer lose(nil)
	r.leases.add(id, &heldLease{until, lose})
	err = f(held)
	r.leases.remove(id)
	if cause := context.Cause(held); cause != nil && ctx.Err() == nil {
		err = cause
	}
	return errors.Join(err, r.release(ctx, id))
}

// lease takes or renews the lease of a mailbox, and returns until when it lasts.
func (r *Reader) lease(ctx context.Context, id ConnectionID) (until time.Time, err error) {
	var ours bool
	err = r.store.Update(ctx, func(tx Tx) (err error) {
		now := r.now()
		until = now.Add(r.opts.Lease)
		ours, err = tx.LeaseConnection(ctx, id, r.opts.Owner, now, until)
		return err
	})
	if err == nil && !ours {
		err = errLeaseLost
	}
	return until, err
}

// keepLeases renews all leases until the context ends.
func (r *Reader) keepLeases(ctx context.Context) {
	ticker := time.NewTicker(r.opts.Lease / 3)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			r.renewLeases(ctx)
		}
	}
}

// renewLeases renews all leases at once, but for those of mailboxes that are
// being written at this moment: they can wait for the next time. Those that have
// waited too long, or are no longer ours, are looked at one by one.
func (r *Reader) renewLeases(ctx context.Context) {
	for part := range slices.Chunk(r.leases.ids(), chunk) {
		var renewed []ConnectionID
		until := r.now().Add(r.opts.Lease)
		err := r.store.Update(ctx, func(tx Tx) (err error) {
			renewed, err = tx.RenewLeases(ctx, part, r.opts.Owner, until)
			return err
		})
		if err != nil && ctx.Err() == nil {
			r.log.Warn("renew leases of mailboxes", "mailboxes", len(part), "err", err)
			continue
		}
		r.leases.renewed(renewed, until)
	}
	for _, id := range r.leases.ending(r.now().Add(r.opts.Lease / 2)) {
		r.renewOne(ctx, id)
	}
}

func (r *Reader) renewOne(ctx context.Context, id ConnectionID) {
	until, err := r.lease(ctx, id)
	switch {
	case err == nil:
		r.leases.renewed([]ConnectionID{id}, until)
	case ctx.Err() != nil:
	case errors.Is(err, errLeaseLost) || slices.Contains(r.leases.ending(r.now()), id):
		r.log.Warn("the lease of a mailbox is lost", "connection", id, "err", err)
		r.leases.lost(id)
	}
}

// release ends the lease, also while we are being stopped, and lets other
// processes know that the mailbox is free.
func (r *Reader) release(ctx context.Context, id ConnectionID) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := r.store.Update(ctx, func(tx Tx) error {
		tx.Publish(event.Event{Kind: event.MailboxKicked, ID: int64(id)})
		return tx.ReleaseConnection(ctx, id, r.opts.Owner)
	})
	if err != nil {
		return fmt.Errorf("release the lease of connection %d: %w", id, err)
	}
	return nil
}
