package api

import (
	"context"
	"strconv"
	"time"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/problem"
)

const (
	incrementalMax = 1000 // records on a page of an export

	// exportLag is how old a change must be to be exported. A change is dated
	// when it is made and seen when it is committed: without the lag one could
	// appear behind a cursor that has passed its time.
	exportLag = 5 * time.Second
)

func (s *server) incrementalRoutes() {
	const tag = "incremental exports"
	route(s, op{on: "GET /incremental/tickets/cursor", id: "export_tickets", says: "Export tickets in the order of their last change, from a time or a cursor", tag: tag, may: admins}, s.incrementalTickets)
	route(s, op{on: "GET /incremental/tickets", id: "export_tickets_by_time", says: "Export tickets in the order of their last change, from a time", tag: tag, may: admins}, s.incrementalTicketsByTime)
	route(s, op{on: "GET /incremental/users/cursor", id: "export_users", says: "Export people in the order of their last change, from a time or a cursor", tag: tag, may: admins}, s.incrementalUsers)
}

// ExportPage asks for one page of an export.
type ExportPage struct {
	StartTime int64  `query:"start_time" minimum:"0" doc:"Seconds since 1970: changes since then"`
	Cursor    string `query:"cursor" doc:"Where the page before ended"`
	PerPage   int    `query:"per_page" minimum:"1" default:"1000" doc:"Records on a page, at most 1000"`
}

// exportPlace is where an export stands: behind the record with the id among
// those changed at that millisecond.
type exportPlace struct {
	At int64 `json:"t"`
	ID int64 `json:"i"`
}

func (in ExportPage) place() (p exportPlace, err error) {
	if in.Cursor != "" {
		return p, decodeCursor(in.Cursor, &p)
	}
	return exportPlace{At: in.StartTime * 1000}, nil
}

// placeAt is behind the record with the id that was changed at a time.
func placeAt(changed time.Time, id int64) exportPlace {
	if changed.IsZero() { // not even known when
		return exportPlace{0, id}
	}
	return exportPlace{changed.UnixMilli(), id}
}

func (in ExportPage) limit() int { return min(max(in.PerPage, 1), incrementalMax) }

// ExportState tells where a page of an export ended.
type ExportState struct {
	AfterURL    string  `json:"after_url" doc:"Address of the next page; the last one's gives what changes from now on"`
	AfterCursor string  `json:"after_cursor"`
	BeforeURL   *string `json:"before_url" doc:"Always null: an export goes forward only"`
	Before      *string `json:"before_cursor" doc:"Always null"`
	EndOfStream bool    `json:"end_of_stream" doc:"There is no more for now"`
}

func (q *request) exportState(at exportPlace, end bool) ExportState {
	cursor := encodeCursor(at)
	return ExportState{
		AfterURL: *linkTo(q.url, map[string]string{"cursor": cursor, "start_time": ""}), AfterCursor: cursor, EndOfStream: end,
	}
}

// settledBefore gives the records that are old enough to be exported, and whether that is all of them.
func settledBefore[T any](list []T, horizon time.Time, at func(T) time.Time) ([]T, bool) {
	for i, one := range list {
		if at(one).After(horizon) {
			return list[:i], false
		}
	}
	return list, true
}

// changedTickets gives a page of tickets in the order in which they were
// written, and whether it is the last one for now.
func (s *server) changedTickets(ctx context.Context, by access.Actor, from exportPlace, limit int) (list *desk.Listing, end bool, err error) {
	list, err = s.desk.List(ctx, by, desk.TicketFilter{
		Sort: desk.SortGenerated, Limit: limit, WithDeleted: true,
		After: &desk.Position{Key: strconv.FormatInt(from.At, 10), ID: desk.TicketID(from.ID)},
	})
	if err != nil {
		return nil, false, err
	}
	tickets, all := settledBefore(list.Tickets, s.now().Add(-exportLag), func(t *desk.Ticket) time.Time { return t.GeneratedAt })
	list.Tickets = tickets
	return list, !all || !list.More, nil
}

type exportTicketsIn struct {
	ExportPage
	Include string `query:"include" doc:"As in a list of tickets"`
}

type exportTicketsOut struct {
	Body struct {
		Tickets []Ticket `json:"tickets"`
		Side
		ExportState
	}
}

func (s *server) incrementalTickets(ctx context.Context, by access.Actor, in *exportTicketsIn) (*exportTicketsOut, error) {
	place, err := in.place()
	if err != nil {
		return nil, err
	}
	list, end, err := s.changedTickets(ctx, by, place, in.limit())
	if err != nil {
		return nil, err
	}
	if n := len(list.Tickets); n > 0 {
		place = placeAt(list.Tickets[n-1].GeneratedAt, int64(list.Tickets[n-1].ID))
	}
	out := new(exportTicketsOut)
	out.Body.Tickets = encodeListing(requestOf(ctx), list)
	out.Body.ExportState = requestOf(ctx).exportState(place, end)
	out.Body.Side, err = s.sideOfTickets(ctx, by, in.Include, list.Tickets, out.Body.Tickets)
	return out, err
}

type exportByTimeOut struct {
	Body struct {
		Tickets []Ticket `json:"tickets"`
		Side
		Count       int     `json:"count"`
		NextPage    *string `json:"next_page"`
		EndTime     *int64  `json:"end_time" doc:"Time of the last ticket: the next page begins with that second again"`
		EndOfStream bool    `json:"end_of_stream"`
	}
}

// incrementalTicketsByTime is the older export, whose pages begin with a second. The
// tickets of the last second of a page come again on the next one.
func (s *server) incrementalTicketsByTime(ctx context.Context, by access.Actor, in *exportTicketsIn) (*exportByTimeOut, error) {
	var list *desk.Listing
	end := false
	last := in.StartTime
	// A page that ends within its first second would lead to itself.
	for limit := in.limit(); !end && last <= in.StartTime; limit *= 2 {
		var err error
		if list, end, err = s.changedTickets(ctx, by, exportPlace{At: in.StartTime * 1000}, limit); err != nil {
			return nil, err
		}
		if n := len(list.Tickets); n > 0 {
			last = list.Tickets[n-1].GeneratedAt.Unix()
		}
		if limit > 64*incrementalMax {
			return nil, problem.New(problem.Invalid, "export_too_dense", "Too many tickets changed within one second.").
				On(problem.Yours, "Use /incremental/tickets/cursor.")
		}
	}
	out := new(exportByTimeOut)
	out.Body.Tickets, out.Body.Count, out.Body.EndOfStream = encodeListing(requestOf(ctx), list), len(list.Tickets), end
	if out.Body.Count > 0 {
		out.Body.EndTime = &last
		out.Body.NextPage = linkTo(requestOf(ctx).url, map[string]string{"start_time": strconv.FormatInt(last, 10)})
	}
	var err error
	out.Body.Side, err = s.sideOfTickets(ctx, by, in.Include, list.Tickets, out.Body.Tickets)
	return out, err
}

type exportUsersIn struct {
	ExportPage
	Include string `query:"include" doc:"As in a list of people"`
}

type exportUsersOut struct {
	Body struct {
		Users []User `json:"users"`
		UserSide
		ExportState
	}
}

func (s *server) incrementalUsers(ctx context.Context, by access.Actor, in *exportUsersIn) (*exportUsersOut, error) {
	place, err := in.place()
	if err != nil {
		return nil, err
	}
	users, err := s.access.ChangedUsers(ctx, by, time.UnixMilli(place.At), directory.UserID(place.ID), in.limit()+1)
	if err != nil {
		return nil, err
	}
	more := len(users) > in.limit()
	users, all := settledBefore(users[:min(len(users), in.limit())], s.now().Add(-exportLag), func(u *directory.User) time.Time { return u.UpdatedAt })
	if n := len(users); n > 0 {
		place = placeAt(users[n-1].UpdatedAt, int64(users[n-1].ID))
	}
	out := new(exportUsersOut)
	out.Body.Users = each(users, encoder(requestOf(ctx), encodeUser))
	out.Body.ExportState = requestOf(ctx).exportState(place, !all || !more)
	out.Body.UserSide, err = s.sideOfPeople(ctx, by, in.Include, users...)
	return out, err
}
