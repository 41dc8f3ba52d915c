package email

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tandem/event"
)

const (
	reconcileEvery = time.Hour
	// reconcileOverlap is how far a comparison looks back before the last one.
	reconcileOverlap = 7 * 24 * time.Hour
	// filingDelay is how long a filed mail may still show up in the Inbox's listing.
	filingDelay = time.Minute
)

// reconcile compares the mailbox with the ledger and takes in what the ledger
// lacks: Microsoft does not promise that changes tell of every mail (with
// immutable ids, a mail that leaves and comes back between two readings is told
// of as removed). A mail that lies in the Inbox though it was filed is filed again.
func (p *pass) reconcile(ctx context.Context, c *Connection) error {
	missing, err := p.findMissing(ctx, c)
	if err != nil {
		return fmt.Errorf("list what the mailbox holds: %w", err)
	}
	found := 0
	if len(missing) > 0 {
		// Some of it may just have arrived: what the changes tell is not missing.
		if err := p.run(ctx); err != nil {
			return err
		}
		if found, err = p.takeIn(ctx, missing); err != nil {
			return err
		}
	}
	if found > 0 {
		p.log.Warn("mails were missing in the ledger", "found", found)
		if err := p.run(ctx); err != nil {
			return err
		}
	}
	return p.noteComparison(ctx, found)
}

// findMissing compares the folders that are read, and our own, with the ledger.
func (p *pass) findMissing(ctx context.Context, c *Connection) (missing []Headline, err error) {
	from := func(since time.Time) time.Time {
		if c.ReconciledAt.IsZero() {
			return since
		}
		return latest(since, c.ReconciledAt.Add(-reconcileOverlap))
	}
	look := func(since time.Time) func([]Headline) error {
		return func(present []Headline) error {
			unknown, err := p.compare(ctx, present, since)
			missing = append(missing, unknown...)
			return err
		}
	}
	for _, f := range p.folders {
		err := p.box.Present(ctx, f.ID, from(f.since), look(f.since))
		if err != nil && !(f.below && isGone(err)) { // deleted since it was looked for
			return nil, err
		}
	}
	since := p.folders[0].since
	return missing, p.box.PresentFiled(ctx, from(since), look(since))
}

// compare returns what the ledger lacks of a listing, and marks what was moved
// to our folder and lies in one that is read again.
func (p *pass) compare(ctx context.Context, present []Headline, since time.Time) (unknown []Headline, err error) {
	err = p.r.store.Update(ctx, func(tx Tx) error {
		c, err := p.mine(ctx, tx)
		if err != nil {
			return err
		}
		unknown = nil
		known, err := tx.KnownMicrosoftIDs(ctx, p.id, microsoftIDs(present))
		if err != nil {
			return err
		}
		for _, h := range present {
			state, found := known[h.MicrosoftID]
			switch {
			case (!found || state == Gone) && h.concerns(since):
				unknown = append(unknown, h)
			case settled(state) && !h.Filed && c.Afterwards == MoveAfterwards:
				if err := p.unfile(ctx, tx, h); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return unknown, ourFault("compare mailbox and ledger", err)
}

// unfile makes a mail that was moved, and is back, wait for its filing again.
// One that was left where it lay stays there.
func (p *pass) unfile(ctx context.Context, tx Tx, h Headline) error {
	m, err := tx.FindMailByMicrosoftID(ctx, p.id, h.MicrosoftID)
	if err != nil || m == nil || !m.moved() || p.r.now().Sub(m.FiledAt) < filingDelay {
		return err
	}
	m.FiledAt, m.UpdatedAt = time.Time{}, p.r.now()
	if err := tx.UpdateMail(ctx, m); err != nil {
		return err
	}
	tx.Publish(event.Event{Kind: event.MailUpdated, ID: int64(m.ID), Parent: int64(m.TicketID)})
	return nil
}

// takeIn enters mails that the changes did not tell of.
func (p *pass) takeIn(ctx context.Context, missing []Headline) (found int, err error) {
	for part := range slices.Chunk(missing, chunk) {
		var fresh []*Mail
		err := p.r.store.Update(ctx, func(tx Tx) error {
			c, err := p.mine(ctx, tx)
			if err != nil {
				return err
			}
			fresh, err = notice(ctx, tx, c, part, time.Time{}, ByReconcile, p.r.now())
			return err
		})
		if err != nil {
			return found, ourFault("enter missing mails", err)
		}
		found += len(fresh)
		p.noticed(len(fresh))
	}
	return found, nil
}

func (p *pass) noteComparison(ctx context.Context, found int) error {
	err := p.r.store.Update(ctx, func(tx Tx) error {
		c, err := p.mine(ctx, tx)
		if err != nil {
			return err
		}
		c.ReconciledAt, c.ReconcileFound = p.r.now(), found
		if err := tx.UpdateConnection(ctx, c); err != nil {
			return err
		}
		tx.Publish(event.Event{Kind: event.ConnectionUpdated, ID: int64(p.id)})
		return queueFiling(ctx, tx, p.id, p.r.now())
	})
	return ourFault("note the comparison of mailbox and ledger", err)
}
