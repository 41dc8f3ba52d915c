package desk

import (
	"context"

	"tandem/access"
	"tandem/bulk"
	"tandem/problem"
)

// ChangeTickets is one change for many tickets, as bulk work.
type ChangeTickets struct {
	IDs    []TicketID
	Change Change
}

// Kind names the work.
func (ChangeTickets) Kind() string { return "tickets.update" }

// Len is how many tickets there are.
func (w ChangeTickets) Len() int { return len(w.IDs) }

// ChangeEachTicket is many tickets, each with a change of its own, as bulk work.
type ChangeEachTicket struct{ Tickets []TicketChange }

// TicketChange is a change of the ticket with the number, or else with the external id.
type TicketChange struct {
	ID         TicketID
	ExternalID string
	Change     Change
}

// Kind names the work.
func (ChangeEachTicket) Kind() string { return "tickets.update_each" }

// Len is how many tickets there are.
func (w ChangeEachTicket) Len() int { return len(w.Tickets) }

// CreateTickets is many new tickets, as bulk work.
type CreateTickets struct{ Requests []Request }

// Kind names the work.
func (CreateTickets) Kind() string { return "tickets.create" }

// Len is how many tickets there are.
func (w CreateTickets) Len() int { return len(w.Requests) }

// ChangeIn makes one change of many in the caller's transaction, and tells which ticket it is about.
func (s *Service) ChangeIn(ctx context.Context, tx Tx, by access.Actor, c TicketChange) (TicketID, error) {
	if c.ID == 0 {
		tickets, err := tx.ListTickets(ctx, TicketFilter{ExternalID: c.ExternalID, Sort: SortID, Descending: true, Limit: 1})
		if err != nil {
			return 0, err
		}
		if c.ExternalID == "" || len(tickets) == 0 {
			return 0, problem.New(problem.NotFound, "not_found", "There is no ticket with the external id %q.", c.ExternalID).
				On(problem.Yours, "Name the ticket by its id.")
		}
		c.ID = tickets[0].ID
	}
	_, _, err := s.UpdateIn(ctx, tx, by, c.ID, c.Change)
	return c.ID, err
}

// BulkTx is a transaction in which the desk does an item of bulk work.
type BulkTx interface {
	Tx
	bulk.Tx
}

// HandleBulk registers the bulk work on tickets and on the directory.
func (s *Service) HandleBulk(b *bulk.Service, store bulk.Store[BulkTx]) {
	s.handleBulkLife(b, store)
	s.handleBulkDirectory(b, store)
	bulk.Handle(b, store, func(ctx context.Context, tx BulkTx, by access.Actor, w *ImportCSV, i int) (bulk.Outcome, error) {
		return s.importLine(ctx, tx, by, w, i)
	})
	bulk.Handle(b, store, func(ctx context.Context, tx BulkTx, by access.Actor, w JoinDomain, i int) (bulk.Outcome, error) {
		return bulk.Updated(w.Organization), s.joinDomain(ctx, tx, by, w, i)
	})
	bulk.Handle(b, store, func(ctx context.Context, tx BulkTx, by access.Actor, w RehomeTickets, i int) (bulk.Outcome, error) {
		return bulk.Outcome{Action: "update"}, s.rehomeTickets(ctx, tx, by, w, i)
	})
	bulk.Handle(b, store, func(ctx context.Context, tx BulkTx, by access.Actor, w UnassignTickets, i int) (bulk.Outcome, error) {
		return bulk.Outcome{Action: "update"}, s.unassignTickets(ctx, tx, by, w, i)
	})
	bulk.Handle(b, store, func(ctx context.Context, tx BulkTx, by access.Actor, w ErasePerson, i int) (bulk.Outcome, error) {
		return s.erase(ctx, tx, by, w, i)
	})
	bulk.Handle(b, store, func(ctx context.Context, tx BulkTx, by access.Actor, w SolveIncidents, i int) (bulk.Outcome, error) {
		return bulk.Updated(w.Problem), s.solveIncidents(ctx, tx, by, w, i)
	})
	bulk.Handle(b, store, func(ctx context.Context, tx BulkTx, by access.Actor, all ChangeTickets, i int) (bulk.Outcome, error) {
		_, _, err := s.UpdateIn(ctx, tx, by, all.IDs[i], all.Change)
		return bulk.Updated(all.IDs[i]), err
	})
	bulk.Handle(b, store, func(ctx context.Context, tx BulkTx, by access.Actor, all ChangeEachTicket, i int) (bulk.Outcome, error) {
		id, err := s.ChangeIn(ctx, tx, by, all.Tickets[i])
		return bulk.Updated(id), err
	})
	bulk.Handle(b, store, func(ctx context.Context, tx BulkTx, by access.Actor, all CreateTickets, i int) (bulk.Outcome, error) {
		t, _, err := s.CreateIn(ctx, tx, by, all.Requests[i])
		if err != nil {
			return bulk.Outcome{Action: "create"}, err
		}
		return bulk.Created(t.ID), nil
	})
}
