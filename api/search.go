package api

import (
	"cmp"
	"context"
	"encoding/json"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/problem"
	"tandem/text"
)

func (s *server) searchRoutes() {
	const tag = "search"
	route(s, op{on: "GET /search", id: "search", says: "Find tickets, people, organizations and groups", tag: tag, may: agents}, s.search)
	route(s, op{on: "GET /search/count", id: "count_search", says: "Count what a search finds", tag: tag, may: agents}, s.countSearch)
	route(s, op{on: "GET /search/export", id: "export_search", says: "Page through everything of one type that a search finds", tag: tag, may: agents}, s.exportSearch)
}

// SearchQuery says what is searched for.
type SearchQuery struct {
	Query string `query:"query" doc:"In Zendesk's query syntax: words, \"phrases\", status<solved, -tags:vip"`
}

type searchIn struct {
	SearchQuery
	OffsetPage
	SortBy    string `query:"sort_by" enum:"relevance,created_at,updated_at,priority,status,ticket_type" doc:"relevance unless told"`
	SortOrder string `query:"sort_order" enum:"asc,desc"`
	Include   string `query:"include" doc:"tickets(users,groups,organizations): also what the tickets name; users(organizations,groups,identities): what belongs to the people; highlights: where the words stand"`
}

func (in *searchIn) request() desk.SearchRequest {
	r := desk.SearchRequest{Query: in.Query, Descending: in.SortOrder != "asc", Offset: in.OffsetPage.offset(), Limit: in.OffsetPage.limit()}
	if r.Sort = desk.Sort(in.SortBy); in.SortBy == "ticket_type" {
		r.Sort = desk.SortType
	}
	return r
}

// result is one of the types that a search finds.
type result struct{ value any }

// MarshalJSON writes what was found.
func (r result) MarshalJSON() ([]byte, error) { return json.Marshal(r.value) }

// Schema documents the types.
func (result) Schema(r huma.Registry) *huma.Schema {
	var types []*huma.Schema
	for _, t := range []reflect.Type{reflect.TypeFor[FoundTicket](), reflect.TypeFor[FoundUser](), reflect.TypeFor[FoundOrganization](), reflect.TypeFor[FoundGroup]()} {
		types = append(types, r.Schema(t, true, ""))
	}
	return &huma.Schema{OneOf: types}
}

// FoundTicket is a ticket that a search found.
type FoundTicket struct {
	Ticket
	ResultType string     `json:"result_type" enum:"ticket"`
	Highlight  *Highlight `json:"highlight,omitempty"`
}

// FoundUser is a person that a search found.
type FoundUser struct {
	User
	ResultType string     `json:"result_type" enum:"user"`
	Highlight  *Highlight `json:"highlight,omitempty"`
}

// FoundOrganization is an organization that a search found.
type FoundOrganization struct {
	Organization
	ResultType string     `json:"result_type" enum:"organization"`
	Highlight  *Highlight `json:"highlight,omitempty"`
}

// FoundGroup is a team that a search found.
type FoundGroup struct {
	Group
	ResultType string     `json:"result_type" enum:"group"`
	Highlight  *Highlight `json:"highlight,omitempty"`
}

// Highlight shows where the words stand.
type Highlight struct {
	Title []HighlightPiece `json:"title" doc:"Subject or name"`
	Text  []HighlightPiece `json:"text" doc:"From the newest comment with a word, or the person's address; empty when there is none"`
}

// HighlightPiece is a part of a text.
type HighlightPiece struct {
	Text  string `json:"text"`
	Found bool   `json:"found" doc:"Was searched for"`
}

func encodePieces(pieces []text.Piece) []HighlightPiece {
	return each(pieces, func(p text.Piece) HighlightPiece { return HighlightPiece{Text: p.Text, Found: p.Found} })
}

// marked is a whole text with what was searched for told apart.
func marked(s string, terms []text.Term) []text.Piece {
	if pieces := text.Excerpt(s, terms, len(s)); pieces != nil {
		return pieces
	}
	return []text.Piece{{Text: s}}
}

type searchOut struct {
	Body struct {
		Results []result `json:"results"`
		FoundSide
		Facets    *string        `json:"facets"`
		Counts    map[string]int `json:"counts" doc:"How many of each type"`
		Unindexed int            `json:"unindexed" doc:"Tickets and people that cannot be found yet"`
		OffsetMeta
	}
}

func (s *server) search(ctx context.Context, by access.Actor, in *searchIn) (*searchOut, error) {
	r := in.request()
	r.Excerpts = includes(in.Include)["highlights"]
	if r.Offset >= desk.MaxFound {
		return nil, problem.New(problem.Invalid, "search_too_far", "A search shows its first %d results.", desk.MaxFound).
			On(problem.Yours, "Ask for less, or use /search/export.").In("page")
	}
	found, err := s.desk.Search(ctx, by, r)
	if err != nil {
		return nil, err
	}
	q := requestOf(ctx)
	out := new(searchOut)
	out.Body.Results = each(found.Found, func(f desk.Found) result { return encodeFound(q, f, found, r.Excerpts) })
	out.Body.Counts, out.Body.Unindexed = make(map[string]int), found.Unindexed
	for kind, n := range found.Counts {
		out.Body.Counts[string(kind)] = n
	}
	count := found.Count()
	out.Body.OffsetMeta = pageOf(q.url, in.OffsetPage, min(count, desk.MaxFound))
	out.Body.Count = &count
	out.Body.FoundSide, err = s.sideOfFound(ctx, by, in.Include, found.Found)
	return out, err
}

// FoundSide is what the results of a search name, and what belongs to the people among them.
type FoundSide struct {
	Side
	Identities []Identity `json:"identities,omitzero"`
}

func (s *server) sideOfFound(ctx context.Context, by access.Actor, include string, found []desk.Found) (side FoundSide, err error) {
	asked := includes(include)
	var tickets []*desk.Ticket
	var people []*directory.User
	for _, f := range found {
		switch {
		case f.Ticket != nil:
			tickets = append(tickets, f.Ticket)
		case f.User != nil:
			people = append(people, f.User)
		}
	}
	theirs, err := s.mentionedByPeople(ctx, by, asked, people)
	if err != nil {
		return side, err
	}
	n := mentionedByTickets(tickets)
	n.organizations, n.groups = append(n.organizations, theirs.organizations...), append(n.groups, theirs.groups...)
	if side.Side, err = s.side(ctx, by, asked, n); err != nil {
		return side, err
	}
	if asked["identities"] {
		side.Identities, err = s.identitiesOf(ctx, by, people)
	}
	return side, err
}

func encodeFound(q *request, f desk.Found, all *desk.SearchResult, highlights bool) result {
	highlight := func(title string, said []text.Piece) *Highlight {
		if !highlights {
			return nil
		}
		return &Highlight{Title: encodePieces(marked(title, all.Text)), Text: encodePieces(said)}
	}
	switch {
	case f.Ticket != nil:
		return result{FoundTicket{
			Ticket: encodeTicket(q, f.Ticket, all.Summaries[f.Ticket.ID]), ResultType: "ticket",
			Highlight: highlight(f.Ticket.Subject, all.Excerpts[f.Ticket.ID]),
		}}
	case f.User != nil:
		return result{FoundUser{User: encodeUser(q, f.User), ResultType: "user", Highlight: highlight(f.User.Name, marked(f.User.Email, all.Text))}}
	case f.Organization != nil:
		o := f.Organization
		return result{FoundOrganization{
			Organization: encodeOrganization(q, o), ResultType: "organization",
			Highlight: highlight(o.Name, marked(strings.Join(o.Domains, ", "), all.Text)),
		}}
	}
	return result{FoundGroup{Group: encodeGroup(q, f.Team), ResultType: "group", Highlight: highlight(f.Team.Name, nil)}}
}

type countSearchIn struct{ SearchQuery }

type countSearchOut struct {
	Body struct {
		Count int `json:"count"`
	}
}

func (s *server) countSearch(ctx context.Context, by access.Actor, in *countSearchIn) (*countSearchOut, error) {
	found, err := s.desk.Search(ctx, by, desk.SearchRequest{Query: in.Query})
	if err != nil {
		return nil, err
	}
	out := new(countSearchOut)
	out.Body.Count = found.Count()
	return out, nil
}

type exportSearchIn struct {
	SearchQuery
	Type  string `query:"filter[type]" required:"true" enum:"ticket,user"`
	Size  int    `query:"page[size]" minimum:"1" doc:"Records on a page, at most 1000"`
	After string `query:"page[after]" doc:"Cursor: only what comes after it"`
}

type exportSearchOut struct {
	Body struct {
		Results []result `json:"results"`
		Facets  *string  `json:"facets"`
		CursorMeta
	}
}

// exportMax is how many records a page of an export has at most.
const exportMax = 1000

func (s *server) exportSearch(ctx context.Context, by access.Actor, in *exportSearchIn) (*exportSearchOut, error) {
	out := new(exportSearchOut)
	limit := min(cmp.Or(in.Size, perPageMax), exportMax)
	var more bool
	var last string
	var err error
	if in.Type == "user" {
		out.Body.Results, last, more, err = s.exportUsers(ctx, by, in, limit)
	} else {
		out.Body.Results, last, more, err = s.exportTickets(ctx, by, in, limit)
	}
	if err != nil {
		return nil, err
	}
	out.Body.CursorMeta = cursorsOf(requestOf(ctx).url, CursorPage{After: in.After}, more, "", last)
	return out, nil
}

func (s *server) exportTickets(ctx context.Context, by access.Actor, in *exportSearchIn, limit int) (results []result, last string, more bool, err error) {
	f, err := s.desk.Filter(ctx, by, in.Query)
	if err != nil {
		return nil, "", false, err
	}
	f.Sort, f.Limit = desk.SortCreated, limit
	if in.After != "" {
		f.After = new(desk.Position)
		if err := decodeCursor(in.After, f.After); err != nil {
			return nil, "", false, err
		}
	}
	list, err := s.desk.List(ctx, by, f)
	if err != nil {
		return nil, "", false, err
	}
	if n := len(list.Tickets); n > 0 {
		last = encodeCursor(list.Tickets[n-1].Position(f.Sort))
	}
	q := requestOf(ctx)
	return each(list.Tickets, func(t *desk.Ticket) result {
		return result{FoundTicket{Ticket: encodeTicket(q, t, list.Summaries[t.ID]), ResultType: "ticket"}}
	}), last, list.More, nil
}

func (s *server) exportUsers(ctx context.Context, by access.Actor, in *exportSearchIn, limit int) (results []result, last string, more bool, err error) {
	f, err := s.desk.PeopleFilter(ctx, by, in.Query)
	if err != nil {
		return nil, "", false, err
	}
	f.Limit = limit + 1
	if f.After, err = placeAtCursor(in.After, "", "page[after]"); err != nil {
		return nil, "", false, err
	}
	users, _, err := s.access.ListUsers(ctx, by, f)
	if err != nil {
		return nil, "", false, err
	}
	if more = len(users) > limit; more {
		users = users[:limit]
	}
	if n := len(users); n > 0 {
		at := f.Place(users[n-1])
		last = encodeCursor(placeCursor{Key: at.Key, ID: at.ID})
	}
	q := requestOf(ctx)
	return each(users, func(u *directory.User) result {
		return result{FoundUser{User: encodeUser(q, u), ResultType: "user"}}
	}), last, more, nil
}
