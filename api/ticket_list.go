package api

import (
	"context"
	"fmt"
	"slices"
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
	OrganizationID int64    `query:"organization_id"`
	BrandID        int64    `query:"brand_id"`
	Recipient      string   `query:"recipient" doc:"Support address"`
	ExternalID     string   `query:"external_id"`
	Flagged        bool     `query:"flagged" doc:"Only with a comment that waits for acceptance"`
	DeliveryFailed bool     `query:"delivery_failed" doc:"Only with a reply that could not be sent"`
	Query          string   `query:"query" maxLength:"200" doc:"Part of the subject, the number, the requester's name or address"`
}

// filter is the query as the desk knows it.
func (q TicketQuery) filter(by access.Actor) (desk.TicketFilter, error) {
	f := desk.TicketFilter{
		Requester: directory.UserID(q.RequesterID), Brand: directory.BrandID(q.BrandID), Recipient: strings.ToLower(q.Recipient),
		Copied: directory.UserID(q.CopiedID), Organization: directory.OrganizationID(q.OrganizationID),
		ExternalID: q.ExternalID, Flagged: q.Flagged, Failed: q.DeliveryFailed, Search: q.Query,
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
	SortBy    string `query:"sort_by" enum:"updated_at,created_at,id,status,priority,subject" doc:"Zendesk's older way to say it"`
	SortOrder string `query:"sort_order" enum:"asc,desc"`
}

func (o TicketOrder) apply(f *desk.TicketFilter) {
	name, descending := strings.CutPrefix(o.Sort, "-")
	if o.SortBy != "" {
		name, descending = o.SortBy, o.SortOrder == "desc"
	}
	f.Sort, f.Descending = desk.Sort(name), descending
}

type listTicketsIn struct {
	TicketQuery
	TicketOrder
	OffsetPage
	CursorPage
	Include string `query:"include" doc:"users, organizations: also the people and brands, and the organizations, that the tickets name; metric_sets: the metrics of each"`
}

// Side is what a list tells besides, when it is asked to include it.
type Side struct {
	Users  []User  `json:"users,omitempty"`
	Brands []Brand `json:"brands,omitempty"`

	Organizations []Organization `json:"organizations,omitempty"`
}

// Tickets is a list of tickets.
type Tickets struct {
	Tickets []Ticket `json:"tickets"`
	Side
	OffsetMeta
	CursorMeta
}

type ticketsOut struct{ Body Tickets }

func (s *server) listTickets(ctx context.Context, by access.Actor, in *listTicketsIn) (*ticketsOut, error) {
	f, err := in.filter(by)
	if err != nil {
		return nil, err
	}
	in.TicketOrder.apply(&f)
	out := new(ticketsOut)
	var tickets []*desk.Ticket
	if in.CursorPage.wanted() {
		tickets, err = s.ticketsByCursor(ctx, by, f, in.CursorPage, &out.Body)
	} else {
		tickets, err = s.ticketsByOffset(ctx, by, f, in.OffsetPage, &out.Body)
	}
	if err != nil {
		return nil, err
	}
	if err := s.addMetrics(ctx, by, in.Include, out.Body.Tickets); err != nil {
		return nil, err
	}
	out.Body.Side, err = s.sideOf(ctx, by, in.Include, tickets)
	return out, err
}

func (s *server) ticketsByOffset(ctx context.Context, by access.Actor, f desk.TicketFilter, p OffsetPage, out *Tickets) ([]*desk.Ticket, error) {
	count, err := s.desk.Count(ctx, by, f)
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
	Sort string `json:"s"`
	Key  string `json:"k"`
	ID   int64  `json:"i"`
}

func (s *server) ticketsByCursor(ctx context.Context, by access.Actor, f desk.TicketFilter, p CursorPage, out *Tickets) ([]*desk.Ticket, error) {
	order := fmt.Sprint(f.Sort, f.Descending)
	place := func(cursor string) (*desk.Position, error) {
		if cursor == "" {
			return nil, nil
		}
		var c ticketCursor
		if err := decodeCursor(cursor, &c); err != nil {
			return nil, err
		}
		if c.Sort != order {
			return nil, problem.New(problem.Invalid, "invalid_cursor", "The cursor belongs to another order.").
				On(problem.Yours, "Begin again without a cursor.").In("page[after]")
		}
		return &desk.Position{Key: c.Key, ID: desk.TicketID(c.ID)}, nil
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
		at := t.Position(f.Sort)
		return encodeCursor(ticketCursor{Sort: order, Key: at.Key, ID: int64(at.ID)})
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

// sideOf gives the people and brands that tickets name.
func (s *server) sideOf(ctx context.Context, by access.Actor, include string, tickets []*desk.Ticket) (side Side, err error) {
	if strings.Contains(include, "organizations") {
		if side.Organizations, err = s.organizationsOf(ctx, by, tickets); err != nil {
			return side, err
		}
	}
	if !strings.Contains(include, "users") {
		return side, nil
	}
	var ids []directory.UserID
	for _, t := range tickets {
		ids = append(append(ids, t.RequesterID, t.SubmitterID, t.AssigneeID), t.CCs...)
	}
	if side.Users, err = s.peopleOf(ctx, by, ids); err != nil {
		return side, err
	}
	brands, err := s.desk.Brands(ctx, by)
	side.Brands = each(brands, encoder(requestOf(ctx), encodeBrand))
	return side, err
}

// organizationsOf shows the organizations of tickets, each once.
func (s *server) organizationsOf(ctx context.Context, by access.Actor, tickets []*desk.Ticket) ([]Organization, error) {
	named := each(tickets, func(t *desk.Ticket) directory.OrganizationID { return t.OrganizationID })
	slices.Sort(named)
	named = slices.DeleteFunc(slices.Compact(named), func(id directory.OrganizationID) bool { return id == 0 })
	if len(named) == 0 {
		return []Organization{}, nil
	}
	found, err := s.desk.Organizations(ctx, by, directory.OrganizationFilter{IDs: named})
	return each(found, encoder(requestOf(ctx), encodeOrganization)), err
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
	f, err := in.filter(by)
	if err != nil {
		return nil, err
	}
	n, err := s.desk.Count(ctx, by, f)
	return s.counted(n), err
}

// ViewCounts are the counts that the ticket list shows beside its views.
type ViewCounts struct {
	New            int `json:"new"`
	Open           int `json:"open"`
	Pending        int `json:"pending"`
	Hold           int `json:"hold"`
	Solved         int `json:"solved"`
	Closed         int `json:"closed"`
	Mine           int `json:"mine" doc:"Unsolved, mine"`
	Unassigned     int `json:"unassigned" doc:"Unsolved, nobody's"`
	Flagged        int `json:"flagged"`
	DeliveryFailed int `json:"delivery_failed"`
}

type viewCountsOut struct {
	Body struct {
		Counts ViewCounts `json:"counts"`
	}
}

func (s *server) countViews(ctx context.Context, by access.Actor, _ *none) (*viewCountsOut, error) {
	c, err := s.desk.Counts(ctx, by)
	if err != nil {
		return nil, err
	}
	out := new(viewCountsOut)
	out.Body.Counts = ViewCounts{
		New: c.ByStatus[desk.New], Open: c.ByStatus[desk.Open], Pending: c.ByStatus[desk.Pending], Hold: c.ByStatus[desk.Hold],
		Solved: c.ByStatus[desk.Solved], Closed: c.ByStatus[desk.Closed],
		Mine: c.Mine, Unassigned: c.Unassigned, Flagged: c.Flagged, DeliveryFailed: c.Failed,
	}
	return out, nil
}

type showManyIn struct {
	IDs     []int64 `query:"ids" required:"true" maxItems:"100" doc:"At most 100, separated by commas"`
	Include string  `query:"include"`
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
	out.Body.Side, err = s.sideOf(ctx, by, in.Include, list.Tickets)
	return out, err
}
