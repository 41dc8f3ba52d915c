package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/problem"
)

func (s *server) ticketRoutes() {
	const tag = "tickets"
	route(s, op{on: "GET /tickets", id: "list_tickets", says: "List tickets", tag: tag, may: agents}, s.listTickets)
	route(s, op{on: "GET /tickets/count", id: "count_tickets", says: "Count tickets", tag: tag, may: agents}, s.countTickets)
	route(s, op{on: "GET /tickets/counts", id: "count_views", says: "Count the tickets of each view", tag: tag, may: agents}, s.countViews)
	route(s, op{on: "GET /tickets/show_many", id: "show_many_tickets", says: "Show several tickets", tag: tag, may: agents}, s.showManyTickets)
	route(s, op{on: "GET /tickets/{id}", id: "show_ticket", says: "Show a ticket", tag: tag, may: agents}, s.showTicket)
	route(s, op{on: "POST /tickets", id: "create_ticket", says: "Open a ticket", tag: tag, may: agents, status: http.StatusCreated}, s.createTicket)
	route(s, op{on: "PUT /tickets/update_many", id: "update_many_tickets", says: "Change several tickets", tag: tag, may: agents}, s.updateManyTickets)
	route(s, op{on: "PUT /tickets/{id}", id: "update_ticket", says: "Change a ticket, with a comment or without", tag: tag, may: agents}, s.updateTicket)
}

// Ticket is a ticket as the API shows it.
type Ticket struct {
	ID               int64    `json:"id"`
	URL              string   `json:"url"`
	ExternalID       *string  `json:"external_id"`
	Subject          string   `json:"subject"`
	RawSubject       string   `json:"raw_subject"`
	Description      string   `json:"description" doc:"Beginning of the first comment"`
	Status           string   `json:"status" enum:"new,open,pending,hold,solved,closed"`
	Priority         *string  `json:"priority" enum:"low,normal,high,urgent"`
	Type             *string  `json:"type"`
	RequesterID      int64    `json:"requester_id"`
	SubmitterID      int64    `json:"submitter_id"`
	AssigneeID       *int64   `json:"assignee_id"`
	GroupID          *int64   `json:"group_id"`
	BrandID          int64    `json:"brand_id"`
	Recipient        *string  `json:"recipient" doc:"Support address that it came to"`
	Tags             []string `json:"tags"`
	CollaboratorIDs  []int64  `json:"collaborator_ids"`
	EmailCCIDs       []int64  `json:"email_cc_ids"`
	FollowerIDs      []int64  `json:"follower_ids"`
	FollowupIDs      []int64  `json:"followup_ids"`
	FollowupSourceID *int64   `json:"followup_source_id"`
	SiblingIDs       []int64  `json:"sibling_ids" doc:"Tickets made of the same mail at other support addresses"`
	Via              Via      `json:"via"`
	Imported         bool     `json:"imported"`
	HasIncidents     bool     `json:"has_incidents"`
	IsPublic         bool     `json:"is_public"`
	CustomFields     []string `json:"custom_fields"`
	CreatedAt        instant  `json:"created_at"`
	UpdatedAt        instant  `json:"updated_at"`
	UpdatedStamp     instant  `json:"updated_stamp" doc:"Send it back with safe_update"`
	Version          int64    `json:"version"`
	SolvedAt         stamp    `json:"solved_at"`
	FirstReplyAt     stamp    `json:"first_reply_at"`
	CommentCount     int      `json:"comment_count"`
	Flagged          bool     `json:"flagged" doc:"A comment waits for acceptance"`
	DeliveryFailed   bool     `json:"delivery_failed" doc:"A reply could not be sent"`
}

// Via says by which way something came.
type Via struct {
	Channel string    `json:"channel" enum:"email,web,api"`
	Source  ViaSource `json:"source"`
}

// ViaSource is where it came from and to, as far as that is known.
type ViaSource struct {
	From ViaParty `json:"from"`
	To   ViaParty `json:"to"`
	Rel  *string  `json:"rel"`
}

// ViaParty is one end of the way.
type ViaParty struct {
	Address string `json:"address,omitempty"`
}

func encodeTicket(q *request, t *desk.Ticket, sum desk.Summary) Ticket {
	return Ticket{
		ID: int64(t.ID), URL: q.link("/tickets/%d.json", t.ID), ExternalID: orNull(t.ExternalID),
		Subject: t.Subject, RawSubject: t.Subject, Description: sum.Description,
		Status: string(t.Status), Priority: orNull(string(t.Priority)),
		RequesterID: int64(t.RequesterID), SubmitterID: int64(t.SubmitterID), AssigneeID: orNull(int64(t.AssigneeID)),
		GroupID: orNull(int64(t.TeamID)), BrandID: int64(t.BrandID), Recipient: orNull(t.Recipient), Tags: some(t.Tags),
		CollaboratorIDs: numbers(t.CCs), EmailCCIDs: numbers(t.CCs), FollowerIDs: []int64{},
		FollowupIDs: numbers(sum.FollowUps), FollowupSourceID: orNull(int64(t.FollowUpOf)), SiblingIDs: numbers(t.Siblings),
		Via:      Via{Channel: string(t.Via), Source: ViaSource{To: ViaParty{Address: t.Recipient}}},
		Imported: t.Imported, IsPublic: true, CustomFields: []string{},
		CreatedAt: instant(t.CreatedAt), UpdatedAt: instant(t.UpdatedAt), UpdatedStamp: instant(t.UpdatedAt), Version: t.Version,
		SolvedAt: stamp(t.SolvedAt), FirstReplyAt: stamp(t.FirstReplyAt),
		CommentCount: sum.Comments, Flagged: sum.Flagged, DeliveryFailed: sum.DeliveryFailed,
	}
}

// link is the absolute address of something in this API.
func (q *request) link(format string, args ...any) string {
	return q.base + prefix + fmt.Sprintf(format, args...)
}

// TicketQuery chooses and orders tickets.
type TicketQuery struct {
	Status         []string `query:"status" enum:"new,open,pending,hold,solved,closed" doc:"Any of these, separated by commas"`
	Assignee       string   `query:"assignee" doc:"me, none, or an id"`
	RequesterID    int64    `query:"requester_id"`
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
	Include string `query:"include" doc:"users: also the people and brands that the tickets name"`
}

// Side is what a list tells besides, when it is asked to include it.
type Side struct {
	Users  []User  `json:"users,omitempty"`
	Brands []Brand `json:"brands,omitempty"`
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

type showTicketIn struct {
	ID      int64  `path:"id"`
	Include string `query:"include" doc:"users: also the people and brands that the ticket names"`
}

type ticketOut struct {
	Location string `header:"Location"`
	Body     TicketShown
}

// TicketShown is one ticket.
type TicketShown struct {
	Ticket  Ticket   `json:"ticket"`
	Comment *Comment `json:"comment,omitempty" doc:"The comment that came with the change"`
	Side
}

func (s *server) showTicket(ctx context.Context, by access.Actor, in *showTicketIn) (*ticketOut, error) {
	t, summary, err := s.desk.Get(ctx, by, desk.TicketID(in.ID))
	if err != nil {
		return nil, err
	}
	out := new(ticketOut)
	out.Body.Ticket = encodeTicket(requestOf(ctx), t, summary)
	out.Body.Side, err = s.sideOf(ctx, by, in.Include, []*desk.Ticket{t})
	return out, err
}

// NewCommentBody is a comment as a client writes it.
type NewCommentBody struct {
	Body     string   `json:"body,omitempty" doc:"Plain text"`
	HTMLBody string   `json:"html_body,omitempty" doc:"HTML; sanitised here"`
	Public   *bool    `json:"public,omitempty" doc:"A reply (when absent, too), else an internal note"`
	Uploads  []string `json:"uploads,omitempty" maxItems:"20" doc:"Tokens of uploads"`
	AuthorID int64    `json:"author_id,omitempty" doc:"Who says it; administrators may name others"`
}

func (b NewCommentBody) draft() desk.Draft {
	return desk.Draft{
		Public: b.Public == nil || *b.Public, Text: b.Body, HTML: b.HTMLBody, Uploads: b.Uploads, AuthorID: directory.UserID(b.AuthorID),
	}
}

// PersonBody names somebody by address.
type PersonBody struct {
	Name  string `json:"name,omitempty" maxLength:"200"`
	Email string `json:"email" maxLength:"254"`
}

// CopyBody names somebody in copy, by id or address.
type CopyBody struct {
	UserID    int64  `json:"user_id,omitempty"`
	UserEmail string `json:"user_email,omitempty" maxLength:"254"`
	UserName  string `json:"user_name,omitempty" maxLength:"200"`
	Action    string `json:"action,omitempty" enum:"put,delete" doc:"The list is complete: delete leaves somebody out"`
}

func copies(bodies []CopyBody) []desk.Person {
	var people []desk.Person
	for _, b := range bodies {
		if b.Action != "delete" {
			people = append(people, desk.Person{ID: directory.UserID(b.UserID), Name: b.UserName, Email: b.UserEmail})
		}
	}
	return people
}

// NewTicketBody is a ticket as a client opens it.
type NewTicketBody struct {
	Subject     string         `json:"subject,omitempty"`
	Comment     NewCommentBody `json:"comment"`
	RequesterID int64          `json:"requester_id,omitempty"`
	Requester   *PersonBody    `json:"requester,omitempty"`
	Priority    *string        `json:"priority,omitempty"`
	Status      *string        `json:"status,omitempty"`
	Tags        []string       `json:"tags,omitempty"`
	AssigneeID  *int64         `json:"assignee_id,omitempty"`
	BrandID     *int64         `json:"brand_id,omitempty"`
	Recipient   *string        `json:"recipient,omitempty"`
	EmailCCs    []CopyBody     `json:"email_ccs,omitempty"`
	ExternalID  *string        `json:"external_id,omitempty"`
}

type createTicketIn struct {
	Body struct {
		Ticket NewTicketBody `json:"ticket"`
	}
}

func (s *server) createTicket(ctx context.Context, by access.Actor, in *createTicketIn) (*ticketOut, error) {
	b := in.Body.Ticket
	r := desk.Request{
		Subject: b.Subject, Requester: desk.Person{ID: directory.UserID(b.RequesterID)}, Tags: b.Tags, CCs: copies(b.EmailCCs),
		AssigneeID: directory.UserID(value(b.AssigneeID)), BrandID: directory.BrandID(value(b.BrandID)), Recipient: value(b.Recipient),
		Priority: desk.Priority(value(b.Priority)), Status: desk.Status(value(b.Status)), ExternalID: value(b.ExternalID),
		Comment: b.Comment.draft(),
	}
	if b.Requester != nil && b.RequesterID == 0 {
		r.Requester = desk.Person{Name: b.Requester.Name, Email: b.Requester.Email}
	}
	t, c, err := s.desk.Create(ctx, by, r)
	if err != nil {
		return nil, err
	}
	return s.shown(ctx, t, c, desk.Summary{Description: c.Text, Comments: 1})
}

// shown answers with a ticket that was opened or changed.
func (s *server) shown(ctx context.Context, t *desk.Ticket, c *desk.Comment, summary desk.Summary) (*ticketOut, error) {
	q := requestOf(ctx)
	out := new(ticketOut)
	out.Location = q.link("/tickets/%d.json", t.ID)
	out.Body.Ticket = encodeTicket(q, t, summary)
	if c != nil {
		shown := encodeComment(q, c)
		out.Body.Comment = &shown
	}
	return out, nil
}

// TicketChangeBody is what a client changes at a ticket; what is absent stays.
type TicketChangeBody struct {
	Status       *string             `json:"status,omitempty"`
	Priority     optional[string]    `json:"priority,omitzero"`
	AssigneeID   optional[int64]     `json:"assignee_id,omitzero"`
	Subject      *string             `json:"subject,omitempty"`
	Tags         *[]string           `json:"tags,omitempty"`
	EmailCCs     *[]CopyBody         `json:"email_ccs,omitempty"`
	ExternalID   optional[string]    `json:"external_id,omitzero"`
	Comment      *NewCommentBody     `json:"comment,omitempty"`
	SafeUpdate   bool                `json:"safe_update,omitempty" doc:"Refuse when the ticket has changed since updated_stamp"`
	UpdatedStamp optional[time.Time] `json:"updated_stamp,omitzero"`
	Version      int64               `json:"version,omitempty" doc:"Refuse when the ticket is no longer of this version"`
}

func (b TicketChangeBody) change() desk.Change {
	ch := desk.Change{
		Status: convert[desk.Status](b.Status), Priority: convert[desk.Priority](b.Priority.pointer()), Subject: b.Subject,
		Tags: b.Tags, ExternalID: b.ExternalID.pointer(), Seen: b.Version,
	}
	if id := b.AssigneeID.pointer(); id != nil {
		assignee := directory.UserID(*id)
		ch.AssigneeID = &assignee
	}
	if b.EmailCCs != nil {
		people := copies(*b.EmailCCs)
		ch.CCs = &people
	}
	if b.Comment != nil {
		draft := b.Comment.draft()
		ch.Comment = &draft
	}
	if b.SafeUpdate {
		ch.SeenAt = b.UpdatedStamp.Value
	}
	return ch
}

type updateTicketIn struct {
	ID   int64 `path:"id"`
	Body struct {
		Ticket TicketChangeBody `json:"ticket"`
	}
}

func (s *server) updateTicket(ctx context.Context, by access.Actor, in *updateTicketIn) (*ticketOut, error) {
	t, c, err := s.desk.Update(ctx, by, desk.TicketID(in.ID), in.Body.Ticket.change())
	if err != nil {
		return nil, err
	}
	_, summary, err := s.desk.Get(ctx, by, t.ID)
	if err != nil {
		return nil, err
	}
	return s.shown(ctx, t, c, summary)
}

type updateManyIn struct {
	IDs  []int64 `query:"ids" maxItems:"100"`
	Body struct {
		Ticket TicketChangeBody `json:"ticket"`
		IDs    []int64          `json:"ids,omitempty" maxItems:"100"`
	}
}

// Refused is a record that could not be changed, and why.
type Refused struct {
	ID      int64  `json:"id"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

type updateManyOut struct {
	Body struct {
		Tickets []Ticket  `json:"tickets"`
		Failed  []Refused `json:"failed"`
	}
}

// updateManyTickets changes each ticket by itself: what one refuses does not
// hold up the others.
func (s *server) updateManyTickets(ctx context.Context, by access.Actor, in *updateManyIn) (*updateManyOut, error) {
	ids := append(in.Body.IDs, in.IDs...)
	if len(ids) == 0 || len(ids) > perPageMax {
		return nil, problem.New(problem.Invalid, "ids_needed", "Name at least one and at most %d tickets.", perPageMax).
			On(problem.Yours, "Name them in ids.").In("ids")
	}
	out := new(updateManyOut)
	out.Body.Failed = []Refused{}
	changed := desk.TicketFilter{Sort: desk.SortID, Limit: perPageMax}
	for _, id := range ids {
		_, _, err := s.desk.Update(ctx, by, desk.TicketID(id), in.Body.Ticket.change())
		switch p := problem.As(err); {
		case p != nil:
			out.Body.Failed = append(out.Body.Failed, Refused{ID: id, Code: p.Code, Message: p.Message})
		case err != nil:
			return nil, err
		default:
			changed.IDs = append(changed.IDs, desk.TicketID(id))
		}
	}
	out.Body.Tickets = []Ticket{}
	if len(changed.IDs) == 0 {
		return out, nil
	}
	list, err := s.desk.List(ctx, by, changed)
	if err != nil {
		return nil, err
	}
	out.Body.Tickets = encodeListing(requestOf(ctx), list)
	return out, nil
}
