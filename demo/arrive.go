package demo

import (
	"context"
	"fmt"
	"path"
	"slices"
	"time"

	"tandem/access"
	"tandem/email"
	"tandem/m365sim"
	"tandem/store"
)

// connect fills the mailbox with the mails of the last month and connects it,
// unless an earlier start has come as far.
func (s *seeder) connect(ctx context.Context) error {
	address, err := s.supportAddress(ctx)
	if err != nil || address != nil {
		return err
	}
	if err := s.deliverHistory(ctx); err != nil {
		return err
	}
	grant, err := s.mailbox.grant(ctx)
	if err != nil {
		return err
	}
	_, err = s.Connections.Connect(ctx, access.System(), 0, grant, true)
	return err
}

// supportAddress is nil as long as the mailbox is not connected.
func (s *seeder) supportAddress(ctx context.Context) (a *email.SupportAddress, err error) {
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		a, err = tx.FindSupportAddress(ctx, Support)
		return err
	})
	return a, err
}

// posting is one mail on its way into the mailbox.
type posting struct {
	id     string // Message-ID
	at     time.Time
	copies int
	write  func() ([]byte, error)
}

// deliverHistory delivers all mails of the past, oldest first, but those that
// lie in the Inbox already.
func (s *seeder) deliverHistory(ctx context.Context) error {
	var all []posting
	for _, t := range s.stories.history {
		if t.Raw != "" {
			all = append(all, t.rawPosting(s.now))
			continue
		}
		for i, at := range t.times(s.now) {
			if t.Steps[i].isMail() {
				all = append(all, posting{t.messageID(i), at, max(1, t.Steps[i].Copies), t.letter(s.now, i).compose})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b posting) int { return a.at.Compare(b.at) })
	held, err := s.mailbox.held(ctx, "inbox")
	if err != nil {
		return err
	}
	for _, p := range all {
		for range p.copies - len(held[p.id]) {
			if err := s.deliver(ctx, p, m365sim.ReceivedAt(p.at)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *seeder) deliver(ctx context.Context, p posting, options ...m365sim.DeliverOption) error {
	raw, err := p.write()
	if err != nil {
		return fmt.Errorf("write the mail %s: %w", p.id, err)
	}
	_, err = s.mailbox.sim.Deliver(ctx, Support, raw, options...)
	return err
}

// rawPosting delivers a file as it is.
func (t *thread) rawPosting(now time.Time) posting {
	return posting{t.rawID(), t.began(now), 1, func() ([]byte, error) { return mails.ReadFile(path.Join("mails", t.Raw)) }}
}

// rawID is the Message-ID that the file of a raw mail has to carry.
func (t *thread) rawID() string { return t.ID + "@mfp." + domain }

// awaitImport waits until every mail of the past has been decided.
func (s *seeder) awaitImport(ctx context.Context) error {
	address, err := s.supportAddress(ctx)
	if err != nil {
		return err
	}
	told := 0
	return s.until(ctx, "the import of the mailbox", func(ctx context.Context) (bool, error) {
		imp, err := s.Connections.LatestImport(ctx, access.System(), address.ConnectionID)
		if err != nil || imp == nil {
			return false, err
		}
		if imp.Done >= told+50 {
			told = imp.Done
			s.Log.Info("reading the demo's mailbox", "done", imp.Done, "total", imp.Total)
		}
		return imp.State.Finished(), nil
	})
}

// deliverFresh delivers the mails of this moment by the ordinary way, and
// waits for Tandem to take them in.
func (s *seeder) deliverFresh(ctx context.Context) error {
	address, err := s.supportAddress(ctx)
	if err != nil {
		return err
	}
	held, err := s.mailbox.held(ctx, "all")
	if err != nil {
		return err
	}
	var ids []string
	for _, t := range s.stories.fresh {
		l := s.stories.answer(t, time.Now(), held)
		l.id = t.messageID(0)
		ids = append(ids, l.id)
		if len(held[l.id]) > 0 {
			continue
		}
		if err := s.deliver(ctx, posting{id: l.id, write: l.compose}); err != nil {
			return err
		}
	}
	if err := s.Connections.SyncNow(ctx, access.System(), address.ConnectionID); err != nil {
		return err
	}
	err = s.until(ctx, "the newest mails", func(ctx context.Context) (bool, error) { return s.known(ctx, ids) })
	if err != nil {
		return err
	}
	return s.Store.Update(ctx, func(tx *store.Tx) error { return mark(ctx, tx, completed, time.Now()) })
}

// answer is the mail of a thread with one step, which may answer another
// thread, whose mails are among those held.
func (all *stories) answer(t *thread, at time.Time, held map[string][]kept) letter {
	l := letter{
		from: t.author(0), to: support, subject: t.Subject, at: at, lang: t.lang, cc: t.CC, step: &t.Steps[0],
	}
	before := all.byID[t.Answers]
	if before == nil {
		return l
	}
	l.subject = before.Subject
	l.earlier = before.conversation(at, len(before.Steps))
	for i := range l.earlier {
		if found := held[l.earlier[i].id]; len(found) > 0 {
			l.earlier[i].at = found[0].SentAt
		}
	}
	return l
}

// known tells whether every one of the mails belongs to a ticket.
func (s *seeder) known(ctx context.Context, messageIDs []string) (all bool, err error) {
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		for _, id := range messageIDs {
			ticket, _, err := tx.FindTicketByMessageIDs(ctx, []string{id}, Support)
			if err != nil || ticket == 0 {
				all = false
				return err
			}
		}
		all = true
		return nil
	})
	return all, err
}
