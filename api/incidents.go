package api

import (
	"context"

	"tandem/access"
	"tandem/desk"
)

// A problem is the cause behind incidents ("Problem and incident tickets").
func (s *server) incidentRoutes() {
	const tag = "tickets"
	route(s, op{on: "GET /problems", id: "list_problems", says: "List tickets of the type problem", tag: tag, may: agents}, s.listProblems)
	route(s, op{on: "GET /tickets/{id}/incidents", id: "list_incidents", says: "List the incidents of a problem", tag: tag, may: agents}, s.listIncidents)
}

func (s *server) listProblems(ctx context.Context, by access.Actor, in *ListTicketsIn) (*ticketsOut, error) {
	in.Type = string(desk.Problem)
	return s.listTickets(ctx, by, in)
}

type incidentsIn struct {
	ID int64 `path:"id"`
	ListTicketsIn
}

func (s *server) listIncidents(ctx context.Context, by access.Actor, in *incidentsIn) (*ticketsOut, error) {
	if _, _, err := s.desk.Get(ctx, by, desk.TicketID(in.ID)); err != nil {
		return nil, err
	}
	in.ProblemID = in.ID
	return s.listTickets(ctx, by, &in.ListTicketsIn)
}
