package api

import (
	"context"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
)

func (s *server) viewerRoutes() {
	const tag = "ticket viewers"
	route(s, op{on: "GET /ticket_viewers", id: "list_ticket_viewers", says: "List who is at which ticket now", tag: tag, may: agents}, s.listTicketViewers)
	route(s, op{on: "PUT /tickets/{id}/viewers", id: "view_ticket", says: "Say that one is at a ticket; to be said again every 15 seconds", tag: tag, may: agents}, s.viewTicket)
	route(s, op{on: "DELETE /tickets/{id}/viewers", id: "leave_ticket", says: "Say that one has gone from a ticket", tag: tag, may: agents}, s.leaveTicket)
}

// TicketViewer is somebody at a ticket.
type TicketViewer struct {
	TicketID  int64   `json:"ticket_id"`
	UserID    int64   `json:"user_id"`
	Name      string  `json:"name"`
	State     string  `json:"state" enum:"viewing,writing"`
	ExpiresAt instant `json:"expires_at" doc:"Gone by then unless they say again that they are there"`
}

type ticketViewersOut struct {
	Body struct {
		TicketViewers []TicketViewer `json:"ticket_viewers"`
	}
}

func (s *server) listTicketViewers(ctx context.Context, by access.Actor, _ *none) (*ticketViewersOut, error) {
	list, err := s.viewers.List(by)
	if err != nil {
		return nil, err
	}
	people, err := s.peopleOf(ctx, by, each(list, func(v desk.Viewer) directory.UserID { return v.User }))
	if err != nil {
		return nil, err
	}
	names := make(map[int64]string, len(people))
	for _, p := range people {
		names[p.ID] = p.Name
	}
	out := new(ticketViewersOut)
	out.Body.TicketViewers = each(list, func(v desk.Viewer) TicketViewer {
		return TicketViewer{TicketID: int64(v.Ticket), UserID: int64(v.User), Name: names[int64(v.User)], State: string(v.Doing), ExpiresAt: instant(v.Until)}
	})
	return out, nil
}

type viewTicketIn struct {
	ID   int64 `path:"id"`
	Body struct {
		Viewer struct {
			State string `json:"state" enum:"viewing,writing"`
		} `json:"viewer"`
	}
}

func (s *server) viewTicket(ctx context.Context, by access.Actor, in *viewTicketIn) (*none, error) {
	return nil, s.viewers.See(ctx, by, desk.TicketID(in.ID), desk.Doing(in.Body.Viewer.State))
}

type leaveTicketIn struct {
	ID int64 `path:"id"`
}

func (s *server) leaveTicket(ctx context.Context, by access.Actor, in *leaveTicketIn) (*none, error) {
	return nil, s.viewers.Leave(ctx, by, desk.TicketID(in.ID))
}
