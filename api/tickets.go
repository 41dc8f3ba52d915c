package api

import (
	"context"
	"fmt"
	"net/http"

	"tandem/access"
	"tandem/desk"
)

func (s *server) ticketRoutes() {
	const tag = "tickets"
	route(s, op{on: "GET /tickets", id: "list_tickets", says: "List tickets", tag: tag, may: agents}, s.listTickets)
	route(s, op{on: "GET /tickets/count", id: "count_tickets", says: "Count tickets", tag: tag, may: agents}, s.countTickets)
	route(s, op{on: "GET /tickets/show_many", id: "show_many_tickets", says: "Show several tickets", tag: tag, may: agents}, s.showManyTickets)
	route(s, op{on: "GET /tickets/{id}", id: "show_ticket", says: "Show a ticket", tag: tag, may: agents}, s.showTicket)
	route(s, op{on: "POST /tickets", id: "create_ticket", says: "Open a ticket", tag: tag, may: agents, status: http.StatusCreated}, s.createTicket)
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
	Status           string   `json:"status" enum:"new,open,pending,hold,solved,closed,deleted" doc:"deleted in exports alone"`
	Priority         *string  `json:"priority" enum:"low,normal,high,urgent"`
	Type             *string  `json:"type" enum:"problem,incident,question,task"`
	ProblemID        *int64   `json:"problem_id" doc:"The problem behind an incident"`
	DueAt            stamp    `json:"due_at" doc:"Of a task"`
	RequesterID      int64    `json:"requester_id"`
	SubmitterID      int64    `json:"submitter_id"`
	AssigneeID       *int64   `json:"assignee_id"`
	GroupID          *int64   `json:"group_id"`
	OrganizationID   *int64   `json:"organization_id"`
	BrandID          int64    `json:"brand_id"`
	Recipient        *string  `json:"recipient" doc:"Support address that it came to"`
	Tags             []string `json:"tags"`
	CollaboratorIDs  []int64  `json:"collaborator_ids" doc:"People in copy and followers"`
	EmailCCIDs       []int64  `json:"email_cc_ids"`
	FollowerIDs      []int64  `json:"follower_ids" doc:"Agents who are told of every comment"`
	FollowupIDs      []int64  `json:"followup_ids"`
	FollowupSourceID *int64   `json:"followup_source_id"`
	MergedIntoID     *int64   `json:"merged_into_id" doc:"The ticket that goes on in place of this one"`
	MergedIDs        []int64  `json:"merged_ids" doc:"Tickets that were merged into this one"`
	SiblingIDs       []int64  `json:"sibling_ids" doc:"Tickets made of the same mail at other support addresses"`
	Via              Via      `json:"via"`
	Imported         bool     `json:"imported"`
	HasIncidents     bool     `json:"has_incidents"`
	IsPublic         bool     `json:"is_public"`
	CreatedAt        instant  `json:"created_at"`
	UpdatedAt        instant  `json:"updated_at"`
	UpdatedStamp     instant  `json:"updated_stamp" doc:"Send it back with safe_update"`
	Version          int64    `json:"version"`
	SolvedAt         stamp    `json:"solved_at"`
	FirstReplyAt     stamp    `json:"first_reply_at"`
	CommentCount     int      `json:"comment_count"`
	Flagged          bool     `json:"flagged" doc:"A comment waits for acceptance"`
	DeliveryFailed   bool     `json:"delivery_failed" doc:"A reply could not be sent"`

	CustomFields []FieldValue `json:"custom_fields" doc:"All active fields, with null where there is no value"`
	Fields       []FieldValue `json:"fields" doc:"Zendesk's other name of custom_fields"`

	MetricSet *TicketMetric `json:"metric_set,omitempty" doc:"With include=metric_sets"`
}

// Via says by which way something came.
type Via struct {
	Channel string    `json:"channel" enum:"email,web,api,rule"`
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
		Type: orNull(string(t.Type)), ProblemID: orNull(int64(t.ProblemID)), DueAt: stamp(t.DueAt), HasIncidents: sum.Incidents > 0,
		RequesterID: int64(t.RequesterID), SubmitterID: int64(t.SubmitterID), AssigneeID: orNull(int64(t.AssigneeID)),
		OrganizationID: orNull(int64(t.OrganizationID)),
		GroupID:        orNull(int64(t.TeamID)), BrandID: int64(t.BrandID), Recipient: orNull(t.Recipient), Tags: some(t.Tags),
		CollaboratorIDs: numbers(collaborators(t)), EmailCCIDs: numbers(t.CCs), FollowerIDs: numbers(t.Followers),
		FollowupIDs: numbers(sum.FollowUps), FollowupSourceID: orNull(int64(t.FollowUpOf)),
		MergedIntoID: orNull(int64(t.MergedInto)), MergedIDs: numbers(sum.Merged), SiblingIDs: numbers(t.Siblings),
		Via:      Via{Channel: string(t.Via), Source: ViaSource{To: ViaParty{Address: t.Recipient}}},
		Imported: t.Imported, IsPublic: true,
		CustomFields: q.ticketFields(t.Fields), Fields: q.ticketFields(t.Fields),
		CreatedAt: instant(t.CreatedAt), UpdatedAt: instant(t.UpdatedAt), UpdatedStamp: instant(t.UpdatedAt), Version: t.Version,
		SolvedAt: stamp(t.SolvedAt), FirstReplyAt: stamp(t.FirstReplyAt),
		CommentCount: sum.Comments, Flagged: sum.Flagged, DeliveryFailed: sum.DeliveryFailed,
	}
}

// link is the absolute address of something in this API.
func (q *request) link(format string, args ...any) string {
	return q.base + prefix + fmt.Sprintf(format, args...)
}

type showTicketIn struct {
	ID      int64  `path:"id"`
	Include string `query:"include" doc:"users, organizations, groups: also the people and brands, the organization and the team that the ticket names; metric_sets: its metrics"`
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
	if out.Body.Ticket.MetricSet, err = s.metricSetOf(ctx, by, in.Include, t.ID); err != nil {
		return nil, err
	}
	out.Body.Side, err = s.sideOfTickets(ctx, by, in.Include, []*desk.Ticket{t}, nil)
	return out, err
}
