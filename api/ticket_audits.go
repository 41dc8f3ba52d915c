package api

import (
	"context"
	"slices"
	"strings"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/problem"
)

func (s *server) ticketAuditRoutes() {
	const tag = "ticket audits"
	route(s, op{on: "GET /tickets/{id}/audits", id: "list_audits_of_ticket", says: "List what happened to a ticket", tag: tag, may: agents}, s.listAuditsOfTicket)
	route(s, op{on: "GET /tickets/{id}/audits/count", id: "count_audits_of_ticket", says: "Count what happened to a ticket", tag: tag, may: agents}, s.countAuditsOfTicket)
	route(s, op{on: "GET /tickets/{id}/audits/{audit_id}", id: "show_ticket_audit", says: "Show one change of a ticket", tag: tag, may: agents}, s.showTicketAudit)
	route(s, op{on: "GET /ticket_audits", id: "list_ticket_audits", says: "List what happened to all tickets, newest first", tag: tag, may: agents}, s.listTicketAudits)
}

// TicketAudit is one change of a ticket as the API shows it.
type TicketAudit struct {
	ID        int64        `json:"id"`
	TicketID  int64        `json:"ticket_id"`
	AuthorID  int64        `json:"author_id" doc:"-1: Tandem itself"`
	Via       EventVia     `json:"via"`
	Events    []AuditEvent `json:"events"`
	Metadata  object       `json:"metadata"`
	CreatedAt instant      `json:"created_at"`
}

// AuditEvent is one thing that happened with a change.
type AuditEvent struct {
	ID            int64     `json:"id"`
	Type          string    `json:"type" enum:"Create,Change,Comment,CommentPrivacyChange,CommentWithdrawn,Notification,Error,TicketMerge"`
	FieldName     string    `json:"field_name,omitempty" doc:"Of Create, Change, TicketMerge and Error"`
	FieldTitle    string    `json:"field_title,omitempty" doc:"How a custom field was called then; its field_name is its number"`
	Value         any       `json:"value,omitempty" doc:"Of Create, Change and TicketMerge: text, a list of texts for tags and people in copy, or null"`
	PreviousValue any       `json:"previous_value,omitempty" doc:"Of Change"`
	CommentID     int64     `json:"comment_id,omitempty"`
	Public        *bool     `json:"public,omitempty" doc:"Of comments"`
	Subject       string    `json:"subject,omitempty" doc:"Of Notification"`
	Body          string    `json:"body,omitempty" doc:"Of Notification"`
	Recipients    []string  `json:"recipient_addresses,omitempty" doc:"Of Notification"`
	Reason        string    `json:"reason,omitempty" doc:"Why a notification was held back, or what failed"`
	Via           *EventVia `json:"via,omitempty" doc:"Of what a trigger did"`
}

// EventVia says what caused a change or an event.
type EventVia struct {
	Channel string         `json:"channel" enum:"email,web,api,rule"`
	Source  EventViaSource `json:"source"`
}

// EventViaSource names the trigger.
type EventViaSource struct {
	From EventViaFrom `json:"from"`
	Rel  *string      `json:"rel" doc:"trigger, or null"`
}

// EventViaFrom is the trigger; empty when it was none.
type EventViaFrom struct {
	ID    int64  `json:"id,omitempty"`
	Title string `json:"title,omitempty"`
}

// listFields are those whose values are lists.
var listFields = []string{"tags", "email_cc_ids", "merged_ids"}

// fieldValue gives a value as Zendesk's API does: a list of texts, a text, or null.
func fieldValue(field, text string) any {
	switch {
	case slices.Contains(listFields, field):
		return some(strings.Fields(text))
	case text == "":
		return nil
	}
	return text
}

// eventsOfAudit is how far the numbers of the events of two audits are apart.
const eventsOfAudit = 10_000

// encodeEvents numbers events by their audit.
func encodeEvents(audit desk.AuditID, events []desk.AuditEvent) []AuditEvent {
	out := make([]AuditEvent, 0, len(events))
	for i, e := range events {
		shown := AuditEvent{
			ID: int64(audit)*eventsOfAudit + int64(i), Type: string(e.Type), FieldName: e.Field, CommentID: int64(e.Comment),
			Subject: e.Subject, Body: e.Body, Recipients: e.To, Reason: e.Reason, FieldTitle: e.FieldTitle,
		}
		if id := directory.TicketFieldNamed(e.Field); id != 0 {
			shown.FieldName = idText(id) // as Zendesk names it
		}
		switch e.Type {
		case desk.FieldChanged:
			shown.PreviousValue = fieldValue(e.Field, e.Before)
			fallthrough
		case desk.FieldSet, desk.Merged:
			shown.Value = fieldValue(e.Field, e.After)
		case desk.Said, desk.PrivacyChange:
			shown.Public = &e.Public
		}
		if e.Trigger != 0 {
			rel := "trigger"
			shown.Via = &EventVia{Channel: "rule", Source: EventViaSource{From: EventViaFrom{ID: int64(e.Trigger), Title: e.Title}, Rel: &rel}}
		}
		out = append(out, shown)
	}
	return out
}

func encodeTicketAudit(a *desk.TicketAudit) TicketAudit {
	author := int64(a.AuthorID)
	if author == 0 {
		author = -1 // Zendesk's number of the system
	}
	return TicketAudit{
		ID: int64(a.ID), TicketID: int64(a.TicketID), AuthorID: author, Via: EventVia{Channel: string(a.Via)},
		Events: encodeEvents(a.ID, a.Events), Metadata: object{}, CreatedAt: instant(a.CreatedAt),
	}
}

type listAuditsOfTicketIn struct {
	ID      int64  `path:"id"`
	Include string `query:"include" doc:"users, organizations, groups, tickets: also the people who made the changes, the tickets, and what those name"`
	CursorPage
}

// TicketAudits are changes of one ticket, oldest first.
type TicketAudits struct {
	Audits []TicketAudit `json:"audits"`
	AuditSide
	OffsetMeta
	CursorMeta
}

type ticketAuditsOut struct{ Body TicketAudits }

func (s *server) listAuditsOfTicket(ctx context.Context, by access.Actor, in *listAuditsOfTicketIn) (*ticketAuditsOut, error) {
	f := desk.AuditFilter{Ticket: desk.TicketID(in.ID)}
	out := new(ticketAuditsOut)
	audits, err := s.pageOfAudits(ctx, by, f, in.CursorPage, &out.Body.CursorMeta)
	if err != nil {
		return nil, err
	}
	out.Body.Audits = each(audits, encodeTicketAudit)
	if !in.CursorPage.wanted() {
		n := len(audits)
		out.Body.Count = &n
	}
	out.Body.AuditSide, err = s.sideOfAudits(ctx, by, in.Include, audits)
	return out, err
}

func (s *server) countAuditsOfTicket(ctx context.Context, by access.Actor, in *ofTicketIn) (*countOut, error) {
	n, err := s.desk.CountAudits(ctx, by, desk.TicketID(in.ID))
	return s.counted(n), err
}

// AuditSide is what changes name.
type AuditSide struct {
	Side
	Tickets []Ticket `json:"tickets,omitzero"`
}

// sideOfAudits gives who made changes, the tickets, and what those name.
func (s *server) sideOfAudits(ctx context.Context, by access.Actor, include string, audits []*desk.TicketAudit) (side AuditSide, err error) {
	asked := includes(include)
	var n mentions
	if asked["tickets"] || asked["organizations"] || asked["groups"] {
		list := new(desk.Listing)
		if ids := distinct(each(audits, func(a *desk.TicketAudit) desk.TicketID { return a.TicketID })); len(ids) > 0 {
			if list, err = s.desk.List(ctx, by, desk.TicketFilter{IDs: ids, Sort: desk.SortID}); err != nil {
				return side, err
			}
		}
		if n = mentionedByTickets(list.Tickets); asked["tickets"] {
			side.Tickets = encodeListing(requestOf(ctx), list)
		}
	}
	n.users = each(audits, func(a *desk.TicketAudit) directory.UserID { return a.AuthorID })
	side.Side, err = s.side(ctx, by, asked, n)
	return side, err
}

// pageOfAudits gives one page when cursors are used, else everything.
func (s *server) pageOfAudits(ctx context.Context, by access.Actor, f desk.AuditFilter, p CursorPage, cm *CursorMeta) ([]*desk.TicketAudit, error) {
	if !p.wanted() {
		return s.desk.Audits(ctx, by, f)
	}
	return pagedByCursor(requestOf(ctx), p, cm, pages[*desk.TicketAudit]{
		part: func(p directory.Part) ([]*desk.TicketAudit, error) {
			f.Part = p
			return s.desk.Audits(ctx, by, f)
		},
		place: func(a *desk.TicketAudit) *directory.Place { return directory.NumberPlace(a.ID) },
	})
}

type showTicketAuditIn struct {
	ID      int64 `path:"id"`
	AuditID int64 `path:"audit_id"`
}

type ticketAuditOut struct {
	Body struct {
		Audit TicketAudit `json:"audit"`
	}
}

func (s *server) showTicketAudit(ctx context.Context, by access.Actor, in *showTicketAuditIn) (*ticketAuditOut, error) {
	audits, err := s.desk.Audits(ctx, by, desk.AuditFilter{Ticket: desk.TicketID(in.ID), ID: desk.AuditID(in.AuditID)})
	if err != nil {
		return nil, err
	}
	if len(audits) == 0 {
		return nil, problem.New(problem.NotFound, "audit_not_found", "Ticket %d has no such change.", in.ID)
	}
	out := new(ticketAuditOut)
	out.Body.Audit = encodeTicketAudit(audits[0])
	return out, nil
}

type listTicketAuditsIn struct {
	CursorPage
	Include string `query:"include" doc:"As in a list of changes of one ticket"`
}

type allTicketAuditsOut struct {
	Body struct {
		Audits []TicketAudit `json:"audits"`
		AuditSide
		CursorMeta
	}
}

// listTicketAudits always pages by cursor: there are as many as changes ever made.
func (s *server) listTicketAudits(ctx context.Context, by access.Actor, in *listTicketAuditsIn) (*allTicketAuditsOut, error) {
	out := new(allTicketAuditsOut)
	audits, err := s.pageOfAudits(ctx, by, desk.AuditFilter{Descending: true}, in.CursorPage.always(), &out.Body.CursorMeta)
	if err != nil {
		return nil, err
	}
	out.Body.Audits = each(audits, encodeTicketAudit)
	out.Body.AuditSide, err = s.sideOfAudits(ctx, by, in.Include, audits)
	return out, err
}
