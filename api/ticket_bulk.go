package api

import (
	"context"

	"tandem/access"
	"tandem/desk"
	"tandem/problem"
)

func (s *server) bulkTicketRoutes() {
	const tag = "tickets"
	route(s, op{on: "PUT /tickets/update_many", id: "update_many_tickets", says: "Change many tickets, all alike or each in its own way, in the background", tag: tag, may: agents}, s.updateManyTickets)
	route(s, op{on: "POST /tickets/create_many", id: "create_many_tickets", says: "Open many tickets, in the background", tag: tag, may: agents}, s.createManyTickets)
}

type updateManyIn struct {
	IDs         []int64  `query:"ids" doc:"The tickets that change alike"`
	ExternalIDs []string `query:"external_ids" doc:"Likewise, by the ids of another system"`
	Body        struct {
		Ticket  *TicketChangeBody `json:"ticket,omitempty" doc:"What changes at all of them"`
		IDs     []int64           `json:"ids,omitempty" maxItems:"10000" doc:"The same as in the query; a browser may name up to 10000"`
		Tickets []OwnChangeBody   `json:"tickets,omitempty" maxItems:"100" doc:"Instead: tickets, each with what changes at it"`
	}
}

// OwnChangeBody is a ticket of several, with what changes at it.
type OwnChangeBody struct {
	ID int64 `json:"id,omitempty"`
	TicketChangeBody
}

// updateManyTickets changes each ticket by itself: what one refuses does not
// hold up the others.
func (s *server) updateManyTickets(ctx context.Context, by access.Actor, in *updateManyIn) (*jobStatusOut, error) {
	q := requestOf(ctx)
	var own desk.ChangeEachTicket
	for _, t := range in.Body.Tickets {
		own.Tickets = append(own.Tickets, t.change(q))
	}
	if in.Body.Ticket == nil {
		if len(own.Tickets) == 0 {
			return nil, problem.New(problem.Invalid, "ids_needed", "The request names no tickets.").On(problem.Yours, "Send ticket and ids, or tickets.").In("tickets")
		}
		return s.begun(ctx, by, own)
	}
	alike := in.Body.Ticket.change(q)
	if len(in.ExternalIDs) == 0 {
		return s.begun(ctx, by, desk.ChangeTickets{IDs: ids[desk.TicketID](append(in.Body.IDs, in.IDs...)), Change: alike})
	}
	for _, id := range in.ExternalIDs {
		own.Tickets = append(own.Tickets, desk.TicketChange{ExternalID: id, Change: alike})
	}
	return s.begun(ctx, by, own)
}

// change is what changes at this ticket. Without an id, the external id names
// the ticket and is not what changes.
func (b OwnChangeBody) change(q *request) desk.TicketChange {
	c := desk.TicketChange{ID: desk.TicketID(b.ID), Change: b.TicketChangeBody.change(q)}
	if c.ID == 0 && c.Change.ExternalID != nil {
		c.ExternalID, c.Change.ExternalID = *c.Change.ExternalID, nil
	}
	return c
}

type createManyIn struct {
	Body struct {
		Tickets []NewTicketBody `json:"tickets" maxItems:"100"`
	}
}

func (s *server) createManyTickets(ctx context.Context, by access.Actor, in *createManyIn) (*jobStatusOut, error) {
	var work desk.CreateTickets
	for _, t := range in.Body.Tickets {
		work.Requests = append(work.Requests, t.request(requestOf(ctx)))
	}
	return s.begun(ctx, by, work)
}
