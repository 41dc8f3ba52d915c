package email

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tandem/event"
)

// listing asks for the changes of the folders that are read, one after the
// other, one page at a time and beside everything else.
type listing struct {
	box           Mailbox
	folders       []*folder
	at            int       // the folder that is asked about
	answer        chan page // nil: nothing has been asked
	fromBeginning bool      // a folder of this round had no cursor
}

// page is Microsoft's answer.
type page struct {
	changes *Changes
	err     error
}

func (l *listing) idle() bool { return l.answer == nil }

// begin begins a round: each folder is asked for its changes to their end.
func (l *listing) begin(ctx context.Context) {
	l.at, l.fromBeginning = 0, false
	l.ask(ctx)
}

// ask asks for the changes of the current folder since its cursor.
func (l *listing) ask(ctx context.Context) {
	f := l.folders[l.at]
	if f.Cursor == "" {
		l.fromBeginning = true
	}
	answer := make(chan page, 1)
	l.answer = answer
	id, cursor, since := f.ID, cmp.Or(f.Cursor, f.next), f.since
	go func() {
		changes, err := l.box.Changes(ctx, id, cursor, since)
		answer <- page{changes, err}
	}()
}

// listed commits a page and asks for the next one, of this folder or of the
// one behind it. It is false at the end of the round.
func (p *pass) listed(ctx context.Context, l *listing, answer page) (more bool, err error) {
	l.answer = nil
	f := l.folders[l.at]
	switch err := answer.err; {
	case err == nil:
		last := l.at == len(l.folders)-1
		if err := p.take(ctx, f, answer.changes, last); err != nil {
			return false, err
		}
		if !answer.changes.More {
			l.at++
		}
	case errors.Is(err, ErrResync) && !f.resynced:
		// Microsoft has forgotten the cursor. What is known already is
		// recognised by its immutable id when the folder is read again.
		f.resynced, f.first, f.next = true, nil, ""
		p.log.Info("the cursor is no longer known at Microsoft, the folder is read again", "folder", f.Path)
		if err := p.saveCursor(ctx, f, ""); err != nil {
			return false, err
		}
	case isGone(err) && f.below:
		// Deleted since it was looked for. The next pass forgets it.
		l.folders = slices.Delete(slices.Clone(l.folders), l.at, l.at+1)
	case isGone(err) && f.ID != "":
		return false, p.chosenGone(ctx, err)
	default:
		return false, fmt.Errorf("list the changes of a folder: %w", err)
	}
	if l.at == len(l.folders) {
		return false, nil
	}
	l.ask(ctx)
	return true, nil
}

// take enters a page of a folder's changes.
func (p *pass) take(ctx context.Context, f *folder, changes *Changes, last bool) error {
	if f.Cursor == "" {
		return p.takeFirst(ctx, f, changes, last)
	}
	return p.enter(ctx, f, changes, last && !changes.More)
}

// takeFirst keeps the pages of a reading from the beginning, and enters all of
// them, oldest first, when the last one is there: Microsoft begins with the
// newest, and tells the time of receipt in whole seconds. Until then no cursor
// is saved, so that a reading that breaks off does not leave the older mails
// to be found after the newer ones have been decided.
func (p *pass) takeFirst(ctx context.Context, f *folder, page *Changes, last bool) error {
	f.first = append(f.first, page.Mails...)
	if page.More {
		f.next = page.Cursor
		return nil
	}
	mails := f.first
	f.first, f.next = nil, ""
	slices.Reverse(mails)
	for len(mails) > chunk {
		if err := p.enter(ctx, f, &Changes{Mails: mails[:chunk]}, false); err != nil {
			return err
		}
		mails = mails[chunk:]
	}
	return p.enter(ctx, f, &Changes{Mails: mails, Cursor: page.Cursor}, last)
}

// enter writes a page of changes into the ledger and advances the folder's
// cursor, in one transaction: what the cursor has passed is never forgotten.
func (p *pass) enter(ctx context.Context, f *folder, changes *Changes, last bool) error {
	var fresh []*Mail
	err := p.r.store.Update(ctx, func(tx Tx) error {
		c, err := p.mine(ctx, tx)
		if err != nil {
			return err
		}
		now := p.r.now()
		if fresh, err = notice(ctx, tx, c, changes.Mails, f.since, p.by, now); err != nil {
			return err
		}
		if last {
			c.SyncedAt = now
		}
		if len(fresh) > 0 {
			p.tell(tx)
		}
		return keepCursor(ctx, tx, c, f, changes.Cursor)
	})
	if err != nil {
		return ourFault("enter the changes of a folder", err)
	}
	f.Cursor = changes.Cursor
	p.judgePush(fresh)
	p.noticed(len(fresh))
	return nil
}

// keepCursor writes a folder's new cursor, and the connection.
func keepCursor(ctx context.Context, tx Tx, c *Connection, f *folder, cursor string) error {
	if !f.below {
		c.Cursor = cursor
	} else if err := tx.SaveReadFolder(ctx, c.ID, &ReadFolder{ID: f.ID, Path: f.Path, Cursor: cursor}); err != nil {
		return err
	}
	return tx.UpdateConnection(ctx, c)
}

// noticed counts new rows of the ledger.
func (p *pass) noticed(n int) {
	p.fresh += n
	p.stale = p.stale || n > 0
}

func (p *pass) saveCursor(ctx context.Context, f *folder, cursor string) error {
	err := p.r.store.Update(ctx, func(tx Tx) error {
		c, err := p.mine(ctx, tx)
		if err != nil {
			return err
		}
		return keepCursor(ctx, tx, c, f, cursor)
	})
	if err != nil {
		return ourFault("save the cursor of a folder", err)
	}
	f.Cursor = cursor
	return nil
}

// notice enters the unknown mails of a listing into the ledger and returns
// them. Drafts, removals and what was there before the folder was read are left
// alone. A mail that was gone and is there again counts as new.
func notice(ctx context.Context, tx Tx, c *Connection, mails []Headline, since time.Time, by NoticedBy, now time.Time) (fresh []*Mail, err error) {
	wanted := slices.DeleteFunc(slices.Clone(mails), func(h Headline) bool { return !h.concerns(since) })
	if len(wanted) == 0 {
		return nil, nil
	}
	slices.SortStableFunc(wanted, func(a, b Headline) int { return a.ReceivedAt.Compare(b.ReceivedAt) })
	known, err := tx.KnownMicrosoftIDs(ctx, c.ID, microsoftIDs(wanted))
	if err != nil {
		return nil, fmt.Errorf("look for known mails: %w", err)
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
			return nil, fmt.Errorf("enter mail %s: %w", h.MicrosoftID, err)
		}
		if added {
			fresh = append(fresh, m)
			tx.Publish(event.Event{Kind: event.MailUpdated, ID: int64(m.ID)})
		}
		if h.ReceivedAt.After(c.LastMailAt) {
			c.LastMailAt = h.ReceivedAt
		}
	}
	return fresh, nil
}

// concerns tells whether a mail is one to be taken in of a folder that is read since then.
func (h Headline) concerns(since time.Time) bool {
	return !h.Draft && !h.Removed && h.MicrosoftID != "" && !h.ReceivedAt.Before(since)
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
