package email

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tandem/event"
)

// listing asks for the Inbox's changes, one page at a time and beside
// everything else.
type listing struct {
	box           Mailbox
	since         time.Time  // where the beginning is
	answer        chan page  // nil: nothing has been asked
	fromBeginning bool       // without a cursor, until the end is reached
	first         []Headline // what has been listed from the beginning so far, newest first
	resynced      bool       // the cursor was refused once already
}

// page is Microsoft's answer.
type page struct {
	changes *Changes
	err     error
}

func (l *listing) idle() bool { return l.answer == nil }

// ask asks for the changes since the cursor.
func (l *listing) ask(ctx context.Context, cursor string) {
	if cursor == "" {
		l.fromBeginning, l.first = true, nil
	}
	answer := make(chan page, 1)
	l.answer = answer
	go func() {
		changes, err := l.box.Changes(ctx, cursor, l.since)
		answer <- page{changes, err}
	}()
}

// listed commits a page and asks for the next one when there is one.
func (p *pass) listed(ctx context.Context, l *listing, answer page) (more bool, err error) {
	l.answer = nil
	if errors.Is(answer.err, ErrResync) && !l.resynced {
		// Microsoft has forgotten the cursor. What is known already is
		// recognised by its immutable id when the Inbox is read again.
		l.resynced = true
		p.log.Info("the cursor is no longer known at Microsoft, the Inbox is read again")
		if err := p.saveCursor(ctx, ""); err != nil {
			return false, err
		}
		l.ask(ctx, "")
		return true, nil
	}
	if answer.err != nil {
		return false, fmt.Errorf("list changes of the Inbox: %w", answer.err)
	}
	if more = answer.changes.More; l.fromBeginning {
		err = p.enterFirst(ctx, l, answer.changes)
	} else {
		err = p.enter(ctx, answer.changes)
	}
	if err == nil && more {
		l.ask(ctx, answer.changes.Cursor)
	}
	return more && err == nil, err
}

// enterFirst keeps the pages of a reading from the beginning, and enters all of
// them, oldest first, when the last one is there: Microsoft begins with the
// newest, and tells the time of receipt in whole seconds. Until then no cursor
// is saved, so that a reading that breaks off does not leave the older mails
// to be found after the newer ones have been decided.
func (p *pass) enterFirst(ctx context.Context, l *listing, page *Changes) error {
	l.first = append(l.first, page.Mails...)
	if page.More {
		return nil
	}
	slices.Reverse(l.first)
	for len(l.first) > chunk {
		if err := p.enter(ctx, &Changes{Mails: l.first[:chunk], More: true}); err != nil {
			return err
		}
		l.first = l.first[chunk:]
	}
	rest := &Changes{Mails: l.first, Cursor: page.Cursor}
	l.fromBeginning, l.first = false, nil
	return p.enter(ctx, rest)
}

// enter writes a page of changes into the ledger and advances the cursor, in
// one transaction: what the cursor has passed is never forgotten.
func (p *pass) enter(ctx context.Context, changes *Changes) error {
	var fresh int
	err := p.r.store.Update(ctx, func(tx Tx) error {
		c, err := p.mine(ctx, tx)
		if err != nil {
			return err
		}
		now := p.r.now()
		if fresh, err = notice(ctx, tx, c, changes.Mails, p.by, now); err != nil {
			return err
		}
		c.Cursor = changes.Cursor
		if !changes.More {
			c.SyncedAt = now
		}
		if fresh > 0 {
			p.tell(tx)
		}
		return tx.UpdateConnection(ctx, c)
	})
	if err != nil {
		return ourFault("enter changes of the Inbox", err)
	}
	p.cursor = changes.Cursor
	p.noticed(fresh)
	return nil
}

// noticed counts new rows of the ledger.
func (p *pass) noticed(n int) {
	p.fresh += n
	p.stale = p.stale || n > 0
}

func (p *pass) saveCursor(ctx context.Context, cursor string) error {
	err := p.r.store.Update(ctx, func(tx Tx) error {
		c, err := p.mine(ctx, tx)
		if err != nil {
			return err
		}
		c.Cursor = cursor
		return tx.UpdateConnection(ctx, c)
	})
	if err != nil {
		return ourFault("save the cursor", err)
	}
	p.cursor = cursor
	return nil
}

// notice enters the unknown mails of a listing into the ledger and returns how
// many. Drafts, removals and what was there before the address was connected
// are left alone. A mail that was gone and is there again counts as new.
func notice(ctx context.Context, tx Tx, c *Connection, mails []Headline, by NoticedBy, now time.Time) (fresh int, err error) {
	wanted := slices.DeleteFunc(slices.Clone(mails), func(h Headline) bool { return !h.concerns(c) })
	if len(wanted) == 0 {
		return 0, nil
	}
	slices.SortStableFunc(wanted, func(a, b Headline) int { return a.ReceivedAt.Compare(b.ReceivedAt) })
	known, err := tx.KnownMicrosoftIDs(ctx, c.ID, microsoftIDs(wanted))
	if err != nil {
		return 0, fmt.Errorf("look for known mails: %w", err)
	}
	for _, h := range wanted {
		state, found := known[h.MicrosoftID]
		if found && state != Gone {
			continue
		}
		m, added := newRow(c.ID, h, by, now), true
		if found {
			m, err = revive(ctx, tx, c.ID, h.MicrosoftID, now)
		} else {
			added, err = tx.InsertMail(ctx, m)
		}
		if err != nil {
			return 0, fmt.Errorf("enter mail %s: %w", h.MicrosoftID, err)
		}
		if added {
			fresh++
			tx.Publish(event.Event{Kind: event.MailUpdated, ID: int64(m.ID)})
		}
		if h.ReceivedAt.After(c.LastMailAt) {
			c.LastMailAt = h.ReceivedAt
		}
	}
	return fresh, nil
}

// concerns tells whether a mail is one to be taken in. Microsoft tells the
// time of receipt in whole seconds.
func (h Headline) concerns(c *Connection) bool {
	return !h.Draft && !h.Removed && h.MicrosoftID != "" && !h.ReceivedAt.Before(c.Since.Truncate(time.Second))
}

func microsoftIDs(mails []Headline) []string {
	ids := make([]string, len(mails))
	for i, h := range mails {
		ids[i] = h.MicrosoftID
	}
	return ids
}

// newRow is the row of a mail of which only a listing has told.
func newRow(c ConnectionID, h Headline, by NoticedBy, now time.Time) *Mail {
	return &Mail{
		ConnectionID: c, Direction: Inbound, State: Noticed, NoticedBy: by,
		MicrosoftID: h.MicrosoftID, MessageID: h.MessageID, Subject: h.Subject, From: h.From,
		ReceivedAt: h.ReceivedAt, NoticedAt: now, UpdatedAt: now,
	}
}

// revive makes a mail undecided again that was gone at Microsoft.
func revive(ctx context.Context, tx Tx, c ConnectionID, microsoftID string, now time.Time) (*Mail, error) {
	m, err := tx.FindMailByMicrosoftID(ctx, c, microsoftID)
	if err != nil {
		return nil, err
	}
	m.tryAgain(now)
	return m, tx.UpdateMail(ctx, m)
}

// tryAgain makes a mail undecided again, as if it had just been noticed.
func (m *Mail) tryAgain(now time.Time) {
	m.State, m.Attempts, m.NextAttemptAt, m.DecidedAt, m.UpdatedAt = Noticed, 0, now, time.Time{}, now
	m.Rule, m.Evidence = "", nil
	m.setTrouble(nil)
}
