package api

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
)

// People besides the requester: those in copy get every reply by mail, followers
// are colleagues who are told of every comment ("CCs and followers resources").
func (s *server) collaboratorRoutes() {
	const tag = "tickets"
	route(s, op{on: "GET /tickets/{id}/collaborators", id: "list_collaborators", says: "List the people in copy and the followers", tag: tag, may: agents}, s.listCollaborators)
	route(s, op{on: "GET /tickets/{id}/email_ccs", id: "list_email_ccs", says: "List the people in copy", tag: tag, may: agents}, s.listEmailCCs)
	route(s, op{on: "GET /tickets/{id}/followers", id: "list_followers", says: "List the followers", tag: tag, may: agents}, s.listFollowers)
	route(s, op{on: "GET /users/{id}/tickets/followed", id: "list_followed_tickets", says: "List the tickets that a person follows", tag: tag, may: agents}, s.listFollowedTickets)
}

// collaborators are the people in copy and the followers, each once.
func collaborators(t *desk.Ticket) []directory.UserID {
	all := slices.Concat(t.CCs, t.Followers)
	slices.Sort(all)
	return slices.Compact(all)
}

type ofTicketIn struct {
	ID int64 `path:"id"`
}

type collaboratorsOut struct {
	Body struct {
		Users []User `json:"users"`
		OffsetMeta
	}
}

// peopleOfTicket lists some people of a ticket.
func (s *server) peopleOfTicket(ctx context.Context, by access.Actor, id int64, which func(*desk.Ticket) []directory.UserID) (*collaboratorsOut, error) {
	t, _, err := s.desk.Get(ctx, by, desk.TicketID(id))
	if err != nil {
		return nil, err
	}
	out := new(collaboratorsOut)
	if out.Body.Users, err = s.peopleOf(ctx, by, which(t)); err != nil {
		return nil, err
	}
	out.Body.Users = some(out.Body.Users)
	n := len(out.Body.Users)
	out.Body.Count = &n
	return out, nil
}

func (s *server) listCollaborators(ctx context.Context, by access.Actor, in *ofTicketIn) (*collaboratorsOut, error) {
	return s.peopleOfTicket(ctx, by, in.ID, collaborators)
}

func (s *server) listEmailCCs(ctx context.Context, by access.Actor, in *ofTicketIn) (*collaboratorsOut, error) {
	return s.peopleOfTicket(ctx, by, in.ID, func(t *desk.Ticket) []directory.UserID { return t.CCs })
}

func (s *server) listFollowers(ctx context.Context, by access.Actor, in *ofTicketIn) (*collaboratorsOut, error) {
	return s.peopleOfTicket(ctx, by, in.ID, func(t *desk.Ticket) []directory.UserID { return t.Followers })
}

func (s *server) listFollowedTickets(ctx context.Context, by access.Actor, in *ticketsOfIn) (*ticketsOut, error) {
	in.FollowerID = in.ID
	return s.listTickets(ctx, by, &in.ListTicketsIn)
}

// CopyBody names somebody in copy, or a follower, by id or address.
type CopyBody struct {
	UserID    int64  `json:"user_id,omitempty"`
	UserEmail string `json:"user_email,omitempty" maxLength:"254"`
	UserName  string `json:"user_name,omitempty" maxLength:"200"`
	Action    string `json:"action,omitempty" enum:"put,delete" doc:"Adds or removes; as long as no entry has one, the list is complete"`
}

func (b CopyBody) person() desk.Person {
	return desk.Person{ID: directory.UserID(b.UserID), Name: b.UserName, Email: b.UserEmail}
}

// peopleChange reads a list that is complete, or says who comes and goes.
func peopleChange(bodies *[]CopyBody) (ch desk.PeopleChange) {
	if bodies == nil {
		return ch
	}
	if !slices.ContainsFunc(*bodies, func(b CopyBody) bool { return b.Action != "" }) {
		all := each(*bodies, CopyBody.person)
		ch.Set = &all
		return ch
	}
	for _, b := range *bodies {
		if b.Action == "delete" {
			ch.Remove = append(ch.Remove, b.person())
		} else {
			ch.Add = append(ch.Add, b.person())
		}
	}
	return ch
}

// setByID makes the list complete, when it is given by ids.
func setByID(ch *desk.PeopleChange, ids *[]int64) {
	if ids == nil || ch.Set != nil {
		return
	}
	all := each(*ids, personByID)
	ch.Set = &all
}

func personByID(id int64) desk.Person { return desk.Person{ID: directory.UserID(id)} }

// CollaboratorBody is somebody in copy as Zendesk's older fields name them: an
// id, an address, or an object with name and email.
type CollaboratorBody struct{ desk.Person }

// UnmarshalJSON reads any of the three.
func (b *CollaboratorBody) UnmarshalJSON(data []byte) error {
	switch text := strings.TrimSpace(string(data)); {
	case strings.HasPrefix(text, "{"):
		var person PersonBody
		if err := json.Unmarshal(data, &person); err != nil {
			return err
		}
		b.Name, b.Email = person.Name, person.Email
	case strings.HasPrefix(text, `"`):
		return json.Unmarshal(data, &b.Email)
	default:
		if err := json.Unmarshal(data, &b.ID); err != nil {
			return fmt.Errorf("a person is an id, an address, or an object with name and email")
		}
	}
	return nil
}

// Schema documents the three forms.
func (CollaboratorBody) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{
		{Type: huma.TypeInteger, Format: "int64"}, {Type: huma.TypeString, Format: "email"}, r.Schema(reflect.TypeFor[PersonBody](), true, ""),
	}}
}

func collaboratorsNamed(bodies []CollaboratorBody) []desk.Person {
	return each(bodies, func(b CollaboratorBody) desk.Person { return b.Person })
}
