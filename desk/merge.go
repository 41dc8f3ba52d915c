package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/access"
	"tandem/directory"
	"tandem/problem"
)

// MaxMerged is how many tickets one merge closes.
const MaxMerged = 100

// mergedTag marks tickets that were closed by a merge, as in Zendesk.
const mergedTag = "closed_by_merge"

// TicketMerge says how tickets become one. What was said in the sources stays
// there; the comments say, here and there, what happened.
type TicketMerge struct {
	Sources       []TicketID
	TargetComment string // empty: none, and the files of the sources stay there
	SourceComment string // empty: none
	TargetPublic  bool
	SourcePublic  bool
}

// MergeTickets closes the sources in favour of the target: it gets their
// requesters and people in copy, and what is answered to them from then on.
func (s *Service) MergeTickets(ctx context.Context, by access.Actor, into TicketID, m TicketMerge) (*Ticket, error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	if err := m.Validate(into); err != nil {
		return nil, err
	}
	var target *Ticket
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		target, err = s.merge(ctx, tx, by, into, m)
		return err
	})
	if err != nil {
		return nil, err
	}
	return target, nil
}

func (s *Service) merge(ctx context.Context, tx Tx, by access.Actor, into TicketID, m TicketMerge) (*Ticket, error) {
	tickets, err := lockOpen(ctx, tx, append(slices.Clone(m.Sources), into))
	if err != nil {
		return nil, err
	}
	target := tickets[into]
	before := copyOf(target)
	var files []Attachment
	for _, id := range m.Sources {
		source := tickets[id]
		target.takeIn(source)
		brought, err := s.closeMerged(ctx, tx, by, source, into, m)
		if err != nil {
			return nil, fmt.Errorf("merge ticket %d into %d: %w", id, into, err)
		}
		files = append(files, brought...)
	}
	return target, s.mergeInto(ctx, tx, by, before, target, files, m)
}

// Validate refuses what can be no merge, whatever the tickets are.
func (m *TicketMerge) Validate(into TicketID) error {
	slices.Sort(m.Sources)
	m.Sources = slices.Compact(m.Sources)
	switch {
	case len(m.Sources) == 0 || len(m.Sources) > MaxMerged:
		return problem.New(problem.Invalid, "merge_sources", "A merge needs at least one ticket and at most %d.", MaxMerged).
			On(problem.Yours, "Name them in ids.").In("ids")
	case slices.Contains(m.Sources, into):
		return problem.New(problem.Invalid, "merge_itself", "Ticket %d cannot be merged into itself.", into).
			On(problem.Yours, "Choose another ticket.").With("ticket", fmt.Sprint(into)).In("ids")
	case len(m.TargetComment) > MaxBody || len(m.SourceComment) > MaxBody:
		return commentTooLong()
	}
	return nil
}

// lockOpen locks tickets, in the order of their numbers so that two merges never
// wait for each other, and refuses closed ones.
func lockOpen(ctx context.Context, tx Tx, ids []TicketID) (map[TicketID]*Ticket, error) {
	tickets := make(map[TicketID]*Ticket)
	for _, id := range slices.Sorted(slices.Values(ids)) {
		t, err := tx.LockTicket(ctx, id)
		if err != nil {
			return nil, err
		}
		if t.Status == Closed {
			return nil, problem.New(problem.Conflict, "merge_closed", "Ticket %d is closed and can no longer be merged.", id).
				On(problem.Yours, "Choose tickets that are not closed.").With("ticket", fmt.Sprint(id))
		}
		tickets[id] = t
	}
	return tickets, nil
}

// takeIn puts who wrote to the source, and who was in copy, into copy; who
// followed the source follows on.
func (t *Ticket) takeIn(source *Ticket) {
	people := slices.Concat(t.CCs, []directory.UserID{source.RequesterID}, source.CCs)
	t.CCs = atMost(MaxCCs, without(people, t.RequesterID))
	t.Followers = atMost(MaxFollowers, without(slices.Concat(t.Followers, source.Followers), 0))
}

// closeMerged closes a source and gives the files that its comments bring along.
func (s *Service) closeMerged(ctx context.Context, tx Tx, by access.Actor, t *Ticket, into TicketID, m TicketMerge) ([]Attachment, error) {
	files, err := filesToCarry(ctx, tx, t.ID, m)
	if err != nil {
		return nil, err
	}
	u := &update{before: copyOf(t), ticket: t, by: by.UserID, via: channelBy(by)}
	t.MergedInto = into
	t.Tags = atMost(MaxTags, NormalizeTags(append(slices.Clone(t.Tags), mergedTag)))
	if err := s.remark(ctx, tx, u, NewComment{AuthorID: by.UserID, Public: m.SourcePublic, Text: m.SourceComment, Via: u.via}); err != nil {
		return nil, err
	}
	if err := t.Transition(Closed, s.now()); err != nil {
		return nil, err
	}
	if err := s.save(ctx, tx, t); err != nil {
		return nil, err
	}
	return files, s.settle(ctx, tx, u)
}

// mergeInto writes down at the target what was merged into it.
func (s *Service) mergeInto(ctx context.Context, tx Tx, by access.Actor, before, t *Ticket, files []Attachment, m TicketMerge) error {
	u := &update{before: before, ticket: t, by: by.UserID, via: channelBy(by)}
	u.events = append(u.events, AuditEvent{Type: Merged, Field: "merged_ids", After: numbers(m.Sources)})
	n := NewComment{AuthorID: by.UserID, Public: m.TargetPublic, Text: m.TargetComment, Via: u.via, Attachments: files}
	if err := s.remark(ctx, tx, u, n); err != nil {
		return err
	}
	if err := s.save(ctx, tx, t); err != nil {
		return err
	}
	return s.settle(ctx, tx, u)
}

// remark adds a comment to a change, if there is one to add.
func (s *Service) remark(ctx context.Context, tx Tx, u *update, n NewComment) error {
	if strings.TrimSpace(n.Text) == "" {
		return nil
	}
	c, err := s.addComment(ctx, tx, u.ticket, n)
	if err == nil {
		u.hear(c)
	}
	return err
}

// filesToCarry are the files of a source that go to the target. A public
// comment carries none that the requester was not to see.
func filesToCarry(ctx context.Context, tx Tx, id TicketID, m TicketMerge) ([]Attachment, error) {
	if strings.TrimSpace(m.TargetComment) == "" {
		return nil, nil
	}
	comments, err := tx.ListComments(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("list the comments of ticket %d: %w", id, err)
	}
	var files []Attachment
	for _, c := range comments {
		for _, a := range c.Attachments {
			if a.Inline || a.SetAside() || m.TargetPublic && !c.Public {
				continue
			}
			a.Secret, a.CreatedAt = "", time.Time{} // a copy has an address of its own
			files = append(files, a)
		}
	}
	return files, nil
}

// LockMerged locks the ticket that goes on for the one with the id: itself, or
// what it was merged into. Only tickets that are not closed are merged and
// merged into, so the chain ends: each link leads to what was still open when
// the one before was closed for good.
func LockMerged(ctx context.Context, tx Tx, id TicketID) (*Ticket, error) {
	for {
		t, err := tx.LockTicket(ctx, id)
		if err != nil || t.MergedInto == 0 {
			return t, err
		}
		id = t.MergedInto
	}
}
