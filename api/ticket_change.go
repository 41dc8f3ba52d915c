package api

import (
	"context"
	"slices"
	"time"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
)

// NewCommentBody is a comment as a client writes it.
type NewCommentBody struct {
	Body     string   `json:"body,omitempty" doc:"Plain text"`
	HTMLBody string   `json:"html_body,omitempty" doc:"HTML; sanitised here"`
	Public   *bool    `json:"public,omitempty" doc:"A reply (when absent, too), else an internal note"`
	Uploads  []string `json:"uploads,omitempty" maxItems:"50" doc:"Tokens of uploads; html_body may show the pictures among them by their content_url"`
	AuthorID int64    `json:"author_id,omitempty" doc:"Who says it; administrators may name others"`
}

func (b NewCommentBody) draft(q *request) desk.Draft {
	return desk.Draft{
		Public: b.Public == nil || *b.Public, Text: b.Body, HTML: q.ownFiles(b.HTMLBody), Uploads: b.Uploads, AuthorID: directory.UserID(b.AuthorID),
	}
}

// PersonBody names somebody by address.
type PersonBody struct {
	Name  string `json:"name,omitempty" maxLength:"200"`
	Email string `json:"email" maxLength:"254"`
}

// NewTicketBody is a ticket as a client opens it.
type NewTicketBody struct {
	Subject     string         `json:"subject,omitempty"`
	Comment     NewCommentBody `json:"comment"`
	RequesterID int64          `json:"requester_id,omitempty"`
	Requester   *PersonBody    `json:"requester,omitempty"`
	Priority    *string        `json:"priority,omitempty"`
	Type        *string        `json:"type,omitempty" doc:"problem, incident, question or task"`
	ProblemID   *int64         `json:"problem_id,omitempty" doc:"The problem behind an incident"`
	DueAt       *time.Time     `json:"due_at,omitempty" doc:"Of a task"`
	Status      *string        `json:"status,omitempty"`
	Tags        []string       `json:"tags,omitempty"`
	AssigneeID  *int64         `json:"assignee_id,omitempty"`
	GroupID     *int64         `json:"group_id,omitempty" doc:"The assignee's default one when absent"`
	BrandID     *int64         `json:"brand_id,omitempty"`
	Recipient   *string        `json:"recipient,omitempty"`
	EmailCCs    []CopyBody     `json:"email_ccs,omitempty"`
	Followers   []CopyBody     `json:"followers,omitempty" doc:"Agents who are told of every comment"`
	FollowerIDs []int64        `json:"follower_ids,omitempty"`

	Collaborators   []CollaboratorBody `json:"collaborators,omitempty" doc:"People in copy, as Zendesk named them before"`
	CollaboratorIDs []int64            `json:"collaborator_ids,omitempty" doc:"Likewise"`

	ExternalID   *string          `json:"external_id,omitempty"`
	CustomFields []FieldValueBody `json:"custom_fields,omitempty"`
	Fields       []FieldValueBody `json:"fields,omitempty" doc:"Zendesk's other name of custom_fields"`
	FollowUpOf   int64            `json:"via_followup_source_id,omitempty" doc:"The closed ticket that this one continues"`
}

type createTicketIn struct {
	Body struct {
		Ticket NewTicketBody `json:"ticket"`
	}
}

func (s *server) createTicket(ctx context.Context, by access.Actor, in *createTicketIn) (*ticketOut, error) {
	t, c, err := s.desk.Create(ctx, by, in.Body.Ticket.request(requestOf(ctx)))
	if err != nil {
		return nil, err
	}
	return s.shown(ctx, t, c, desk.Summary{Description: c.Text, Comments: 1})
}

func (b NewTicketBody) request(q *request) desk.Request {
	r := desk.Request{
		Subject: b.Subject, Requester: desk.Person{ID: directory.UserID(b.RequesterID)}, Tags: b.Tags,
		CCs:        slices.Concat(each(b.EmailCCs, CopyBody.person), collaboratorsNamed(b.Collaborators), each(b.CollaboratorIDs, personByID)),
		Followers:  slices.Concat(each(b.Followers, CopyBody.person), each(b.FollowerIDs, personByID)),
		AssigneeID: directory.UserID(value(b.AssigneeID)), TeamID: directory.TeamID(value(b.GroupID)), BrandID: directory.BrandID(value(b.BrandID)), Recipient: value(b.Recipient),
		Type: desk.Type(value(b.Type)), ProblemID: desk.TicketID(value(b.ProblemID)), DueAt: value(b.DueAt),
		Priority: desk.Priority(value(b.Priority)), Status: desk.Status(value(b.Status)), ExternalID: value(b.ExternalID),
		Fields: givenFields(b.CustomFields, b.Fields), FollowUpOf: desk.TicketID(b.FollowUpOf), Comment: b.Comment.draft(q),
	}
	if b.Requester != nil && b.RequesterID == 0 {
		r.Requester = desk.Person{Name: b.Requester.Name, Email: b.Requester.Email}
	}
	return r
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
	Status     *string             `json:"status,omitempty"`
	Priority   optional[string]    `json:"priority,omitzero"`
	Type       optional[string]    `json:"type,omitzero" doc:"problem, incident, question or task"`
	ProblemID  optional[int64]     `json:"problem_id,omitzero" doc:"The problem behind an incident"`
	DueAt      optional[time.Time] `json:"due_at,omitzero" doc:"Of a task"`
	AssigneeID optional[int64]     `json:"assignee_id,omitzero" doc:"A member of the team, to whose default one the ticket goes otherwise"`
	GroupID    optional[int64]     `json:"group_id,omitzero" doc:"An assignee who is no member loses the ticket"`

	OrganizationID optional[int64] `json:"organization_id,omitzero" doc:"One of the requester's"`

	Subject     *string     `json:"subject,omitempty"`
	Tags        *[]string   `json:"tags,omitempty"`
	AddTags     []string    `json:"additional_tags,omitempty" doc:"Tags to add"`
	RemoveTags  []string    `json:"remove_tags,omitempty" doc:"Tags to remove"`
	EmailCCs    *[]CopyBody `json:"email_ccs,omitempty"`
	Followers   *[]CopyBody `json:"followers,omitempty" doc:"Agents who are told of every comment"`
	FollowerIDs *[]int64    `json:"follower_ids,omitempty" doc:"All of them"`

	CollaboratorIDs *[]int64           `json:"collaborator_ids,omitempty" doc:"All people in copy"`
	Collaborators   []CollaboratorBody `json:"additional_collaborators,omitempty" doc:"More people in copy"`

	ExternalID   optional[string]    `json:"external_id,omitzero"`
	CustomFields []FieldValueBody    `json:"custom_fields,omitempty" doc:"Those not named stay"`
	Fields       []FieldValueBody    `json:"fields,omitempty" doc:"Zendesk's other name of custom_fields"`
	Comment      *NewCommentBody     `json:"comment,omitempty"`
	SafeUpdate   bool                `json:"safe_update,omitempty" doc:"Refuse when the ticket has changed since updated_stamp"`
	UpdatedStamp optional[time.Time] `json:"updated_stamp,omitzero"`
	Version      int64               `json:"version,omitempty" doc:"Refuse when the ticket is no longer of this version"`
}

func (b TicketChangeBody) change(q *request) desk.Change {
	ch := desk.Change{
		Status: convert[desk.Status](b.Status), Priority: convert[desk.Priority](b.Priority.pointer()), Subject: b.Subject,
		Tags: b.Tags, AddTags: b.AddTags, RemoveTags: b.RemoveTags, ExternalID: b.ExternalID.pointer(),
		Fields: givenFields(b.CustomFields, b.Fields), Seen: b.Version,
		Type: convert[desk.Type](b.Type.pointer()), ProblemID: convertID[desk.TicketID](b.ProblemID), DueAt: b.DueAt.pointer(),
		AssigneeID: convertID[directory.UserID](b.AssigneeID), TeamID: convertID[directory.TeamID](b.GroupID),
		OrganizationID: convertID[directory.OrganizationID](b.OrganizationID),
	}
	ch.CCs, ch.Followers = peopleChange(b.EmailCCs), peopleChange(b.Followers)
	setByID(&ch.CCs, b.CollaboratorIDs)
	setByID(&ch.Followers, b.FollowerIDs)
	ch.CCs.Add = append(ch.CCs.Add, collaboratorsNamed(b.Collaborators)...)
	if b.Comment != nil {
		draft := b.Comment.draft(q)
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
	t, c, err := s.desk.Update(ctx, by, desk.TicketID(in.ID), in.Body.Ticket.change(requestOf(ctx)))
	if err != nil {
		return nil, err
	}
	_, summary, err := s.desk.Get(ctx, by, t.ID)
	if err != nil {
		return nil, err
	}
	return s.shown(ctx, t, c, summary)
}
