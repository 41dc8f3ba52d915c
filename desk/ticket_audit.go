package desk

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/access"
	"tandem/directory"
)

// AuditID identifies one change of a ticket.
type AuditID int64

// TicketAudit is one change of a ticket: who made it, when, and everything that
// happened with it, what triggers did included. It is written with the change and
// never altered.
type TicketAudit struct {
	ID        AuditID
	TicketID  TicketID
	AuthorID  directory.UserID // 0: Tandem itself
	Via       Channel
	CommentID CommentID // what was said with it; 0: nothing
	Events    []AuditEvent
	CreatedAt time.Time
}

// EventType says what sort of thing happened, as Zendesk names it ("Ticket
// Audit events reference").
type EventType string

// The types of events.
const (
	FieldSet      EventType = "Create"               // a field of a new ticket
	FieldChanged  EventType = "Change"               // a field of a ticket that was there
	Said          EventType = "Comment"              // a comment or note
	PrivacyChange EventType = "CommentPrivacyChange" // a comment became internal or public
	Withdrawn     EventType = "CommentWithdrawn"     // a reply was taken back before it left
	Notified      EventType = "Notification"         // a trigger sent a mail, or held it back
	Failed        EventType = "Error"                // a trigger could not do what it says
	Merged        EventType = "TicketMerge"          // other tickets were merged into this one
)

// AuditEvent is one thing that happened with a change. Lists such as tags are
// separated by blanks, which no tag and no number contains.
type AuditEvent struct {
	Type   EventType `json:"type"`
	Field  string    `json:"field,omitempty"` // as the API names it
	Before string    `json:"before,omitempty"`
	After  string    `json:"after,omitempty"`
	// FieldTitle is how a custom field was called then.
	FieldTitle string    `json:"field_title,omitempty"`
	Comment    CommentID `json:"comment,omitempty"`
	Public     bool      `json:"public,omitempty"` // of the comment

	// Of what a trigger did.
	Trigger TriggerID `json:"trigger,omitempty"`
	Title   string    `json:"title,omitempty"` // as the trigger was called then

	// Of a notification.
	To      []string `json:"to,omitempty"` // addresses
	Subject string   `json:"subject,omitempty"`
	Body    string   `json:"body,omitempty"`
	Reason  string   `json:"reason,omitempty"` // why it was held back, or what failed; a stable code
}

// TicketAuditTx stores what happened to tickets.
type TicketAuditTx interface {
	InsertTicketAudit(context.Context, *TicketAudit) error // sets ID
	ListTicketAudits(context.Context, AuditFilter) ([]*TicketAudit, error)
	CountTicketAudits(context.Context, TicketID) (int, error)
}

// AuditFilter chooses changes of tickets, oldest first; the zero value means all.
type AuditFilter struct {
	Ticket     TicketID
	ID         AuditID
	Descending bool // newest first
	directory.Part
}

// Audits gives what happened to tickets.
func (s *Service) Audits(ctx context.Context, by access.Actor, f AuditFilter) (audits []*TicketAudit, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		if f.Ticket != 0 {
			if _, err := tx.GetTicket(ctx, f.Ticket); err != nil {
				return err
			}
		}
		audits, err = tx.ListTicketAudits(ctx, f)
		return err
	})
	return audits, err
}

// CountAudits counts what happened to a ticket.
func (s *Service) CountAudits(ctx context.Context, by access.Actor, id TicketID) (n int, err error) {
	if err := by.MustWork(); err != nil {
		return 0, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		if _, err := tx.GetTicket(ctx, id); err != nil {
			return err
		}
		n, err = tx.CountTicketAudits(ctx, id)
		return err
	})
	return n, err
}

// auditedFields are the fields of a ticket whose changes are written down.
var auditedFields = []struct {
	name string
	of   func(*Ticket) string
	set  func(*Ticket, string)
}{
	{"subject", func(t *Ticket) string { return t.Subject }, func(t *Ticket, v string) { t.Subject = v }},
	{"status", func(t *Ticket) string { return string(t.Status) }, func(t *Ticket, v string) { t.Status = Status(v) }},
	{"priority", func(t *Ticket) string { return string(t.Priority) }, func(t *Ticket, v string) { t.Priority = Priority(v) }},
	{"type", func(t *Ticket) string { return string(t.Type) }, func(t *Ticket, v string) { t.Type = Type(v) }},
	{"problem_id", func(t *Ticket) string { return number(t.ProblemID) }, func(t *Ticket, v string) { t.ProblemID = idOf[TicketID](v) }},
	{"due_at", func(t *Ticket) string { return instantText(t.DueAt) }, func(t *Ticket, v string) { t.DueAt, _ = time.Parse(time.RFC3339, v) }},
	{"requester_id", func(t *Ticket) string { return number(t.RequesterID) }, func(t *Ticket, v string) { t.RequesterID = idOf[directory.UserID](v) }},
	{"organization_id", func(t *Ticket) string { return number(t.OrganizationID) }, func(t *Ticket, v string) { t.OrganizationID = idOf[directory.OrganizationID](v) }},
	{"assignee_id", func(t *Ticket) string { return number(t.AssigneeID) }, func(t *Ticket, v string) { t.AssigneeID = idOf[directory.UserID](v) }},
	{"group_id", func(t *Ticket) string { return number(t.TeamID) }, func(t *Ticket, v string) { t.TeamID = idOf[directory.TeamID](v) }},
	{"brand_id", func(t *Ticket) string { return number(t.BrandID) }, func(t *Ticket, v string) { t.BrandID = idOf[directory.BrandID](v) }},
	{"recipient", func(t *Ticket) string { return t.Recipient }, func(t *Ticket, v string) { t.Recipient = v }},
	{"tags", func(t *Ticket) string { return strings.Join(t.Tags, " ") }, func(t *Ticket, v string) { t.Tags = strings.Fields(v) }},
	{"email_cc_ids", func(t *Ticket) string { return numbers(t.CCs) }, func(t *Ticket, v string) { t.CCs = idsOf(v) }},
	{"follower_ids", func(t *Ticket) string { return numbers(t.Followers) }, func(t *Ticket, v string) { t.Followers = idsOf(v) }},
	{"merged_into_id", func(t *Ticket) string { return number(t.MergedInto) }, func(t *Ticket, v string) { t.MergedInto = idOf[TicketID](v) }},
	{"external_id", func(t *Ticket) string { return t.ExternalID }, func(t *Ticket, v string) { t.ExternalID = v }},
}

// difference tells which fields changed; before is nil for a new ticket.
func difference(before, after *Ticket) []AuditEvent {
	var events []AuditEvent
	for _, f := range auditedFields {
		e := AuditEvent{Type: FieldSet, Field: f.name, After: f.of(after)}
		if before != nil {
			e.Type, e.Before = FieldChanged, f.of(before)
		}
		if e.Before != e.After {
			events = append(events, e)
		}
	}
	return append(events, fieldDifference(before, after)...)
}

// number writes an identifier; empty for none.
func number[T ~int64](id T) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(int64(id), 10)
}

// instantText writes an instant; empty for none.
func instantText(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

func numbers[T ~int64](ids []T) string {
	texts := make([]string, len(ids))
	for i, id := range slices.Sorted(slices.Values(ids)) {
		texts[i] = number(id)
	}
	return strings.Join(texts, " ")
}

// copyOf is the ticket as it is now, whatever is changed later.
func copyOf(t *Ticket) *Ticket {
	c := *t
	c.Tags, c.CCs, c.Followers, c.Fields = slices.Clone(t.Tags), slices.Clone(t.CCs), slices.Clone(t.Followers), maps.Clone(t.Fields)
	return &c
}

// setField gives a field the value that an event tells.
func (t *Ticket) setField(name, value string) {
	if id := directory.TicketFieldNamed(name); id != 0 {
		t.Fields = t.Fields.With(id, value)
		return
	}
	for _, f := range auditedFields {
		if f.name == name {
			f.set(t, value)
		}
	}
}

func idsOf(text string) []directory.UserID {
	var ids []directory.UserID
	for id := range strings.FieldsSeq(text) {
		ids = append(ids, idOf[directory.UserID](id))
	}
	return ids
}
