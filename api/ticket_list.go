package api

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/problem"
)

// TicketQuery chooses and orders tickets.
type TicketQuery struct {
	Status         []string `query:"status" enum:"new,open,pending,hold,solved,closed" doc:"Any of these, separated by commas"`
	Assignee       string   `query:"assignee" doc:"me, none, or an id"`
	RequesterID    int64    `query:"requester_id"`
	CopiedID       int64    `query:"cc_id" doc:"Only those that the person is in copy of"`
	FollowerID     int64    `query:"follower_id" doc:"Only those that the person follows"`
	OrganizationID int64    `query:"organization_id"`
	GroupID        int64    `query:"group_id"`
	BrandID        int64    `query:"brand_id"`
	Type           string   `query:"type" enum:"problem,incident,question,task"`
	ProblemID      int64    `query:"problem_id" doc:"Only the incidents of a problem"`
	Recipient      string   `query:"recipient" doc:"Support address"`
	ExternalID     string   `query:"external_id"`
	Flagged        bool     `query:"flagged" doc:"Only with a comment that waits for acceptance"`
	DeliveryFailed bool     `query:"delivery_failed" doc:"Only with a reply that could not be sent"`
	Query          string   `query:"query" doc:"As in /search"`
}

// ticketFilter is the query as the desk knows it.
func (s *server) ticketFilter(ctx context.Context, by access.Actor, q TicketQuery) (desk.TicketFilter, error) {
	f, err := s.desk.Filter(ctx, by, q.Query)
	if err != nil {
		return f, err
	}
	f.Requester, f.Brand, f.Recipient = directory.UserID(q.RequesterID), directory.BrandID(q.BrandID), strings.ToLower(q.Recipient)
	f.Copied, f.Organization = directory.UserID(q.CopiedID), directory.OrganizationID(q.OrganizationID)
	f.Type, f.ProblemID = desk.Type(q.Type), desk.TicketID(q.ProblemID)
	f.Team, f.Follower = directory.TeamID(q.GroupID), directory.UserID(q.FollowerID)
	f.ExternalID, f.Flagged, f.Failed = q.ExternalID, q.Flagged, q.DeliveryFailed
	if len(f.Statuses) > 0 && len(q.Status) > 0 { // both count
		f.Where.All = append(f.Where.All, desk.Match{Field: "status", Values: each(f.Statuses, func(s desk.Status) string { return string(s) })})
		f.Statuses = nil
	}
	for _, status := range q.Status {
		f.Statuses = append(f.Statuses, desk.Status(status))
	}
	switch q.Assignee {
	case "":
	case "me":
		f.Assignee = by.UserID
	case "none":
		f.Unassigned = true
	default:
		id, err := strconv.ParseInt(q.Assignee, 10, 64)
		if err != nil {
			return f, problem.New(problem.Invalid, "invalid", "%q is no assignee.", q.Assignee).
				On(problem.Yours, "Use me, none, or an id.").In("assignee")
		}
		f.Assignee = directory.UserID(id)
	}
	return f, nil
}

// TicketOrder orders tickets.
type TicketOrder struct {
	Sort      string `query:"sort" enum:"updated_at,-updated_at,created_at,-created_at,id,-id,status,-status,priority,-priority,subject,-subject" default:"-updated_at"`
	SortBy    string `query:"sort_by" enum:"updated_at,created_at,id,status,priority,subject,requester,requester.name,assignee,assignee.name,group" doc:"Zendesk's older way to say it"`
	SortOrder string `query:"sort_order" enum:"asc,desc"`
}

func (o TicketOrder) apply(f *desk.TicketFilter) {
	name, descending := strings.CutPrefix(o.Sort, "-")
	if o.SortBy != "" {
		name, descending = o.SortBy, o.SortOrder == "desc"
	}
	f.Sort, f.Descending = desk.SortOf(strings.TrimSuffix(name, ".name")), descending
}

// ListTicketsIn asks for a page of a list of tickets.
type ListTicketsIn struct {
	TicketQuery
	TicketOrder
	OffsetPage
	CursorPage
	Include string `query:"include" doc:"users, organizations, groups: also the people and brands, the organizations and the teams that the tickets name; metric_sets: the metrics of each"`
}

// Tickets is a list of tickets.
type Tickets struct {
	Tickets []Ticket `json:"tickets"`
	Side
	OffsetMeta
	CursorMeta
}

type ticketsOut struct{ Body Tickets }

func (s *server) listTickets(ctx context.Context, by access.Actor, in *ListTicketsIn) (*ticketsOut, error) {
	f, err := s.ticketFilter(ctx, by, in.TicketQuery)
	if err != nil {
		return nil, err
	}
	in.TicketOrder.apply(&f)
	out := new(ticketsOut)
	out.Body, err = s.ticketPage(ctx, by, f, in.OffsetPage, in.CursorPage, in.Include, func() (int, error) { return s.desk.Count(ctx, by, f) })
	return out, err
}

// ticketPage is one page of a list of tickets, in the way of paging that is asked for.
func (s *server) ticketPage(ctx context.Context, by access.Actor, f desk.TicketFilter, o OffsetPage, c CursorPage, include string,
	count func() (int, error)) (out Tickets, err error) {
	var tickets []*desk.Ticket
	if c.wanted() {
		tickets, err = s.ticketsByCursor(ctx, by, f, c, &out)
	} else {
		tickets, err = s.ticketsByOffset(ctx, by, f, o, &out, count)
	}
	if err != nil {
		return out, err
	}
	out.Side, err = s.sideOfTickets(ctx, by, include, tickets, out.Tickets)
	return out, err
}

func (s *server) ticketsByOffset(ctx context.Context, by access.Actor, f desk.TicketFilter, p OffsetPage, out *Tickets,
	countAll func() (int, error)) ([]*desk.Ticket, error) {
	count, err := countAll()
	if err != nil {
		return nil, err
	}
	f.Limit, f.Offset = p.limit(), p.offset()
	list, err := s.desk.List(ctx, by, f)
	if err != nil {
		return nil, err
	}
	out.Tickets = encodeListing(requestOf(ctx), list)
	out.OffsetMeta = pageOf(requestOf(ctx).url, p, count)
	return list.Tickets, nil
}

// ticketCursor is a place in a list of tickets, valid in one order only.
type ticketCursor struct {
	Sort  string `json:"s"`
	Group string `json:"g,omitempty"`
	Key   string `json:"k"`
	ID    int64  `json:"i"`
}

func (s *server) ticketsByCursor(ctx context.Context, by access.Actor, f desk.TicketFilter, p CursorPage, out *Tickets) ([]*desk.Ticket, error) {
	order := fmt.Sprint(f.Sort, f.Descending, f.Group, f.GroupDown)
	place := func(cursor string) (*desk.Position, error) {
		if cursor == "" {
			return nil, nil
		}
		var c ticketCursor
		if err := decodeCursor(cursor, &c); err != nil {
			return nil, err
		}
		if c.Sort != order {
			return nil, otherOrder("page[after]")
		}
		return &desk.Position{Group: c.Group, Key: c.Key, ID: desk.TicketID(c.ID)}, nil
	}
	var err error
	if f.After, err = place(p.After); err != nil {
		return nil, err
	}
	if f.Before, err = place(p.Before); err != nil {
		return nil, err
	}
	f.Limit = p.limit()
	list, err := s.desk.List(ctx, by, f)
	if err != nil {
		return nil, err
	}
	cursor := func(t *desk.Ticket) string {
		at := f.Place(t)
		return encodeCursor(ticketCursor{Sort: order, Group: at.Group, Key: at.Key, ID: int64(at.ID)})
	}
	out.Tickets = encodeListing(requestOf(ctx), list)
	var first, last string
	if n := len(list.Tickets); n > 0 {
		first, last = cursor(list.Tickets[0]), cursor(list.Tickets[n-1])
	}
	out.CursorMeta = cursorsOf(requestOf(ctx).url, p, list.More, first, last)
	return list.Tickets, nil
}

func encodeListing(q *request, l *desk.Listing) []Ticket {
	return each(l.Tickets, func(t *desk.Ticket) Ticket { return encodeTicket(q, t, l.Summaries[t.ID]) })
}

type countTicketsIn struct{ TicketQuery }

// Count is a number of records.
type Count struct {
	Value       int     `json:"value"`
	RefreshedAt instant `json:"refreshed_at"`
}

type countOut struct {
	Body struct {
		Count Count `json:"count"`
	}
}

func (s *server) counted(n int) *countOut {
	out := new(countOut)
	out.Body.Count = Count{Value: n, RefreshedAt: instant(s.now())}
	return out
}

func (s *server) countTickets(ctx context.Context, by access.Actor, in *countTicketsIn) (*countOut, error) {
	f, err := s.ticketFilter(ctx, by, in.TicketQuery)
	if err != nil {
		return nil, err
	}
	n, err := s.desk.Count(ctx, by, f)
	return s.counted(n), err
}

type showManyIn struct {
	IDs     []int64 `query:"ids" required:"true" maxItems:"100" doc:"At most 100, separated by commas"`
	Include string  `query:"include" doc:"As in a list of tickets"`
}

func (s *server) showManyTickets(ctx context.Context, by access.Actor, in *showManyIn) (*ticketsOut, error) {
	f := desk.TicketFilter{Limit: perPageMax, Sort: desk.SortID}
	for _, id := range in.IDs {
		f.IDs = append(f.IDs, desk.TicketID(id))
	}
	list, err := s.desk.List(ctx, by, f)
	if err != nil {
		return nil, err
	}
	out := new(ticketsOut)
	out.Body.Tickets = encodeListing(requestOf(ctx), list)
	count := len(list.Tickets)
	out.Body.Count = &count
	out.Body.Side, err = s.sideOfTickets(ctx, by, in.Include, list.Tickets, out.Body.Tickets)
	return out, err
}
