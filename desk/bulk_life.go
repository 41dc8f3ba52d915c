package desk

import (
	"context"

	"tandem/access"
	"tandem/bulk"
)

// Bulk work that ends tickets, or brings them back: one ticket after the other,
// what one refuses does not hold up the others.
type (
	DeleteTickets        struct{ IDs []TicketID }
	RestoreTickets       struct{ IDs []TicketID }
	MarkTicketsAsSpam    struct{ IDs []TicketID }
	DeleteTicketsForGood struct{ IDs []TicketID }
)

// MergeIntoTicket merges tickets into one, as bulk work of one item: all or none.
type MergeIntoTicket struct {
	Target TicketID
	Merge  TicketMerge
}

// The kinds of the work.
func (DeleteTickets) Kind() string        { return "tickets.delete" }
func (RestoreTickets) Kind() string       { return "tickets.restore" }
func (MarkTicketsAsSpam) Kind() string    { return "tickets.mark_as_spam" }
func (DeleteTicketsForGood) Kind() string { return "tickets.delete_for_good" }
func (MergeIntoTicket) Kind() string      { return "tickets.merge" }

// How many records there are.
func (w DeleteTickets) Len() int        { return len(w.IDs) }
func (w RestoreTickets) Len() int       { return len(w.IDs) }
func (w MarkTicketsAsSpam) Len() int    { return len(w.IDs) }
func (w DeleteTicketsForGood) Len() int { return len(w.IDs) }
func (w MergeIntoTicket) Len() int      { return 1 }

// handleBulkLife registers that work.
func (s *Service) handleBulkLife(b *bulk.Service, store bulk.Store[BulkTx]) {
	bulk.Handle(b, store, func(ctx context.Context, tx BulkTx, by access.Actor, all DeleteTickets, i int) (bulk.Outcome, error) {
		return bulk.Deleted(all.IDs[i]), s.remove(ctx, tx, by, all.IDs[i])
	})
	bulk.Handle(b, store, func(ctx context.Context, tx BulkTx, by access.Actor, all RestoreTickets, i int) (bulk.Outcome, error) {
		return bulk.Updated(all.IDs[i]), s.bringBack(ctx, tx, by, all.IDs[i])
	})
	bulk.Handle(b, store, func(ctx context.Context, tx BulkTx, by access.Actor, all MarkTicketsAsSpam, i int) (bulk.Outcome, error) {
		return bulk.Deleted(all.IDs[i]), s.condemn(ctx, tx, by, all.IDs[i])
	})
	bulk.Handle(b, store, func(ctx context.Context, tx BulkTx, by access.Actor, all DeleteTicketsForGood, i int) (bulk.Outcome, error) {
		if err := by.MustAdminister(); err != nil {
			return bulk.Deleted(all.IDs[i]), err
		}
		return bulk.Deleted(all.IDs[i]), s.removeForGood(ctx, tx, by, all.IDs[i])
	})
	bulk.Handle(b, store, func(ctx context.Context, tx BulkTx, by access.Actor, all MergeIntoTicket, _ int) (bulk.Outcome, error) {
		_, err := s.merge(ctx, tx, by, all.Target, all.Merge)
		return bulk.Updated(all.Target), err
	})
}
