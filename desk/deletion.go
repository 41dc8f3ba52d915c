package desk

import (
	"context"
	"fmt"
	"time"

	"tandem/access"
	"tandem/directory"
	"tandem/event"
	"tandem/problem"
)

// DeletedLife is how long a deleted ticket can be restored.
const DeletedLife = 30 * day

// Delete takes a ticket out of everybody's sight. Restore brings it back; after
// DeletedLife it is deleted for good.
func (s *Service) Delete(ctx context.Context, by access.Actor, id TicketID) error {
	if err := by.MustWork(); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error { return s.remove(ctx, tx, by, id) })
}

// remove deletes a ticket in the caller's transaction.
func (s *Service) remove(ctx context.Context, tx Tx, by access.Actor, id TicketID) error {
	if _, err := tx.LockTicket(ctx, id); err != nil { // refuses a deleted one
		return err
	}
	return s.changeTicket(ctx, tx, id, by.UserID, channelBy(by), func(t *Ticket, u *update) error {
		t.Delete(by.UserID)
		u.silent = true // no trigger speaks about what nobody sees
		return nil
	})
}

// Delete notes who deletes the ticket and what it was.
func (t *Ticket) Delete(by directory.UserID) {
	t.DeletedFrom, t.DeletedBy, t.Status = t.Status, by, Deleted
}

// Restore makes a deleted ticket what it was before.
func (t *Ticket) Restore() {
	t.Status, t.DeletedFrom, t.DeletedBy = t.DeletedFrom, "", 0
}

// Deleted lists deleted tickets, the last deleted first.
func (s *Service) Deleted(ctx context.Context, by access.Actor, f TicketFilter) (*Listing, error) {
	f.Statuses = []Status{Deleted}
	return s.List(ctx, by, f)
}

// CountDeleted counts them.
func (s *Service) CountDeleted(ctx context.Context, by access.Actor) (int, error) {
	return s.Count(ctx, by, TicketFilter{Statuses: []Status{Deleted}})
}

// Restore brings a deleted ticket back as it was.
func (s *Service) Restore(ctx context.Context, by access.Actor, id TicketID) error {
	if err := by.MustWork(); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error { return s.bringBack(ctx, tx, by, id) })
}

func (s *Service) bringBack(ctx context.Context, tx Tx, by access.Actor, id TicketID) error {
	return s.changeTicket(ctx, tx, id, by.UserID, channelBy(by), func(t *Ticket, u *update) error {
		if t.Status != Deleted {
			return notDeleted(id)
		}
		t.Restore()
		u.silent = true
		return nil
	})
}

func notDeleted(id TicketID) error {
	return problem.New(problem.NotFound, "not_deleted", "Ticket %d is not among the deleted ones.", id).
		On(problem.Yours, "Load the page again. It has been restored, or deleted for good.").With("ticket", fmt.Sprint(id))
}

// DeleteForGood removes a deleted ticket with everything that was said in it,
// its files and raw mails included. Nothing brings it back.
func (s *Service) DeleteForGood(ctx context.Context, by access.Actor, id TicketID) error {
	if err := by.MustAdminister(); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error { return s.removeForGood(ctx, tx, by, id) })
}

func (s *Service) removeForGood(ctx context.Context, tx Tx, by access.Actor, id TicketID) error {
	t, err := tx.AnyTicket(ctx, id)
	if err != nil {
		return err
	}
	if t.Status != Deleted {
		return notDeleted(id)
	}
	if err := s.purge(ctx, tx, t); err != nil {
		return err
	}
	return access.Record(ctx, tx, by, s.now(), access.Change{
		Action: "ticket.deleted_for_good", Object: "ticket", Subject: int64(id), Label: fmt.Sprintf("#%d", id),
	})
}

// purge removes what a ticket consists of. What the ledger holds of its mails
// goes first, while the comments still say which they were.
func (s *Service) purge(ctx context.Context, tx Tx, t *Ticket) error {
	if s.forgetMails != nil {
		if err := s.forgetMails(ctx, tx, t.ID); err != nil {
			return fmt.Errorf("forget the mails of ticket %d: %w", t.ID, err)
		}
	}
	if err := tx.PurgeTicket(ctx, t.ID); err != nil {
		return fmt.Errorf("purge ticket %d: %w", t.ID, err)
	}
	tx.Publish(event.Event{Kind: event.TicketUpdated, ID: int64(t.ID)})
	return nil
}

// PurgeDeleted deletes for good what was deleted DeletedLife ago. A schedule
// asks for it every day.
type PurgeDeleted struct{}

// Kind names the job.
func (PurgeDeleted) Kind() string { return "desk.purge_deleted" }

// PurgeDeleted works a PurgeDeleted job.
func (s *Service) PurgeDeleted(ctx context.Context) error {
	return s.inBatches(ctx, func(tx Tx, _ TicketID) (purged []TicketID, err error) {
		old, err := tx.ListTickets(ctx, TicketFilter{Statuses: []Status{Deleted}, Sort: SortUpdated, Limit: batchSize})
		if err != nil {
			return nil, err
		}
		for _, t := range old {
			if t.UpdatedAt.After(s.now().Add(-DeletedLife)) {
				break // and so are all behind it
			}
			if err := s.purge(ctx, tx, t); err != nil {
				return nil, err
			}
			purged = append(purged, t.ID)
		}
		if len(purged) == 0 {
			return nil, nil
		}
		return purged, access.Record(ctx, tx, access.System(), s.now(), access.Change{
			Action: "ticket.deleted_for_good", Object: "ticket", Label: fmt.Sprintf("%d", len(purged)),
			After: map[string]int{"tickets": len(purged), "after_days": int(DeletedLife / day)},
		})
	})
}

// MarkAsSpam deletes a ticket and suspends its requester, whose mail is kept
// among the suspended from then on.
func (s *Service) MarkAsSpam(ctx context.Context, by access.Actor, id TicketID) error {
	if err := by.MustWork(); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error { return s.condemn(ctx, tx, by, id) })
}

func (s *Service) condemn(ctx context.Context, tx Tx, by access.Actor, id TicketID) error {
	t, err := tx.LockTicket(ctx, id)
	if err != nil {
		return err
	}
	requester, err := tx.GetUser(ctx, t.RequesterID)
	if err != nil {
		return fmt.Errorf("requester of ticket %d: %w", id, err)
	}
	if err := s.suspend(ctx, tx, by, requester); err != nil {
		return err
	}
	return s.remove(ctx, tx, by, id)
}

// suspend suspends a requester who is not suspended yet.
func (s *Service) suspend(ctx context.Context, tx Tx, by access.Actor, u *directory.User) error {
	if u.Works() {
		return problem.New(problem.Conflict, "spam_of_agent", "%s works here, so this is no spam.", u.Name).
			On(problem.Yours, "Delete the ticket instead.").With("name", u.Name)
	}
	if u.Suspended {
		return nil
	}
	u.Suspended, u.UpdatedAt = true, s.now().Truncate(time.Millisecond)
	if err := tx.UpdateUser(ctx, u); err != nil {
		return fmt.Errorf("suspend %s: %w", u.Email, err)
	}
	tx.Publish(event.Event{Kind: event.UserUpdated, ID: int64(u.ID)})
	return access.Record(ctx, tx, by, s.now(), access.Change{
		Action: "user.suspended", Object: "user", Subject: int64(u.ID), Label: u.Label(),
		Before: map[string]bool{"suspended": false}, After: map[string]bool{"suspended": true},
	})
}
