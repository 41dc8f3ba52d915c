package email

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tandem/event"
	"tandem/problem"
)

// importStep is how many imported mails pass between two reports of progress.
const importStep = 10

// prepareImport lists the mails of an import that has been asked for. They are
// worked oldest first, behind everything new, and enter the ledger together
// with their decision: an import that is cancelled leaves nothing behind, and
// one that is interrupted is listed again without what it has done.
func (p *pass) prepareImport(ctx context.Context) error {
	imp, err := p.findImport(ctx)
	if err != nil || imp == nil || imp.State.Finished() {
		return err
	}
	old, err := p.latestBefore(ctx)
	if err != nil {
		return fmt.Errorf("list the latest mails: %w", err)
	}
	err = p.r.store.Update(ctx, func(tx Tx) error {
		if _, err := p.mine(ctx, tx); err != nil {
			return err
		}
		known, err := tx.KnownMicrosoftIDs(ctx, p.id, microsoftIDs(old))
		if err != nil {
			return err
		}
		unknown := slices.DeleteFunc(slices.Clone(old), func(h Headline) bool { return known[h.MicrosoftID] != "" })
		if imp, err = tx.GetImport(ctx, imp.ID); err != nil || imp.State.Finished() {
			return err
		}
		if imp.Total == 0 {
			imp.Total, imp.Done = len(old), len(old)-len(unknown)
		}
		// What was filed has left the Inbox and made room for older mails.
		unknown = unknown[:min(len(unknown), imp.Total-imp.Done)]
		p.imp, p.latest = imp, importItems(p.id, unknown, p.r.now())
		tx.Publish(event.Event{Kind: event.ConnectionUpdated, ID: int64(p.id)})
		return tx.UpdateImport(ctx, imp)
	})
	return ourFault("begin an import", err)
}

// latestBefore lists the latest mails that were in the folders before they were
// read, newest first.
func (p *pass) latestBefore(ctx context.Context) ([]Headline, error) {
	var old []Headline
	for _, f := range p.folders {
		headlines, err := p.box.Latest(ctx, f.ID, ImportSize)
		if err != nil {
			return nil, err
		}
		for _, h := range headlines {
			if !h.Draft && !h.Removed && h.MicrosoftID != "" && h.ReceivedAt.Before(f.since) {
				old = append(old, h)
			}
		}
	}
	slices.SortStableFunc(old, func(a, b Headline) int { return b.ReceivedAt.Compare(a.ReceivedAt) })
	return old[:min(len(old), ImportSize)], nil
}

func (p *pass) findImport(ctx context.Context) (imp *Import, err error) {
	err = p.r.store.View(ctx, func(tx Tx) (err error) {
		imp, err = tx.FindLatestImport(ctx, p.id)
		return err
	})
	return imp, ourFault("look for an import", err)
}

// importItems turns a listing, newest first, into work, oldest first.
func importItems(c ConnectionID, newestFirst []Headline, now time.Time) []*item {
	var items []*item
	for _, h := range slices.Backward(newestFirst) {
		m := newRow(c, h, ByImport, now)
		m.Imported = true
		items = append(items, newItem(m))
	}
	return items
}

// advanceImport counts mails of the import that are in the ledger now.
func (p *pass) advanceImport(ctx context.Context, tx Tx, n int) error {
	imp, err := tx.GetImport(ctx, p.imp.ID)
	if err != nil || imp.State.Finished() {
		return err
	}
	before := imp.Done
	imp.Done = min(imp.Done+n, imp.Total)
	if imp.Done/importStep != before/importStep {
		tx.Publish(event.Event{Kind: event.ConnectionUpdated, ID: int64(p.id)})
	}
	return tx.UpdateImport(ctx, imp)
}

// completeImport ends the import when this pass has worked all of it.
func (p *pass) completeImport(ctx context.Context, tx Tx) error {
	if p.imp == nil || len(p.latest) > 0 {
		return nil
	}
	imp, err := tx.GetImport(ctx, p.imp.ID)
	if problem.KindOf(err) == problem.NotFound || (err == nil && imp.State.Finished()) {
		return nil
	}
	if err != nil {
		return err
	}
	imp.State, imp.Done, imp.FinishedAt = ImportCompleted, imp.Total, p.r.now()
	return tx.UpdateImport(ctx, imp)
}
