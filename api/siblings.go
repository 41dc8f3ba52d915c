package api

import (
	"context"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
)

func (s *server) siblingRoutes() {
	route(s, op{on: "GET /tickets/{id}/siblings", id: "list_siblings", says: "Tickets made of the same mail at other support addresses, and whether they were answered", tag: "tickets", may: agents}, s.listSiblings)
}

// Sibling is a ticket made of the same mail at another support address.
type Sibling struct {
	ID         int64   `json:"id"`
	Subject    string  `json:"subject"`
	Status     string  `json:"status" enum:"new,open,pending,hold,solved,closed"`
	Recipient  *string `json:"recipient"`
	AssigneeID *int64  `json:"assignee_id"`
	AnsweredAt stamp   `json:"answered_at" doc:"The latest reply; null when there is none"`
	AnsweredBy *int64  `json:"answered_by"`
}

type siblingsIn struct {
	ID int64 `path:"id"`
}

type siblingsOut struct {
	Body struct {
		Siblings []Sibling `json:"siblings"`
		Users    []User    `json:"users" doc:"Who wrote the replies"`
	}
}

func (s *server) listSiblings(ctx context.Context, by access.Actor, in *siblingsIn) (*siblingsOut, error) {
	all, err := s.desk.Siblings(ctx, by, desk.TicketID(in.ID))
	if err != nil {
		return nil, err
	}
	out := new(siblingsOut)
	var people []directory.UserID
	for _, sibling := range all {
		people = append(people, sibling.AnsweredBy)
	}
	out.Body.Siblings = each(all, encodeSibling)
	out.Body.Users, err = s.peopleOf(ctx, by, people)
	return out, err
}

func encodeSibling(s desk.Sibling) Sibling {
	t := s.Ticket
	return Sibling{
		ID: int64(t.ID), Subject: t.Subject, Status: string(t.Status), Recipient: orNull(t.Recipient),
		AssigneeID: orNull(int64(t.AssigneeID)), AnsweredAt: stamp(s.AnsweredAt), AnsweredBy: orNull(int64(s.AnsweredBy)),
	}
}
