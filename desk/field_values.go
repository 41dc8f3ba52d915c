package desk

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"tandem/access"
	"tandem/directory"
	"tandem/problem"
)

// fieldSet are the custom fields of tickets, inactive ones included.
type fieldSet []*directory.Field

// fieldCache keeps them as of a revision.
type fieldCache struct {
	mu       sync.Mutex
	revision int64
	fields   fieldSet
}

// ticketFields gives the custom fields of tickets. They are read anew when
// somebody has changed one, on whatever node: the revision is read in the same
// transaction. Nobody changes what it gives.
func (s *Service) ticketFields(ctx context.Context, tx Tx) (fieldSet, error) {
	revision, err := tx.FieldRevision(ctx)
	if err != nil {
		return nil, err
	}
	s.fields.mu.Lock()
	defer s.fields.mu.Unlock()
	if s.fields.revision == revision {
		return s.fields.fields, nil
	}
	fields, err := tx.ListFields(ctx, directory.TicketFields)
	if err != nil {
		return nil, fmt.Errorf("list the fields of tickets: %w", err)
	}
	s.fields.revision, s.fields.fields = revision, fields
	return fields, nil
}

// TicketFields gives the custom fields of tickets, by which their values are
// read: inactive ones included, in their order.
func (s *Service) TicketFields(ctx context.Context, by access.Actor) (fields []*directory.Field, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		fields, err = s.ticketFields(ctx, tx)
		return err
	})
	return fields, err
}

// find gives a field, nil when there is none.
func (s fieldSet) find(id directory.FieldID) *directory.Field {
	i := slices.IndexFunc(s, func(f *directory.Field) bool { return f.ID == id })
	if i < 0 {
		return nil
	}
	return s[i]
}

// set changes a value of the ticket. A field that is not there is left out, as
// Zendesk does: programs send what they know from elsewhere, or from before a
// field was deleted.
func (s fieldSet) set(t *Ticket, id directory.FieldID, values []string) error {
	f := s.find(id)
	if f == nil {
		return nil
	}
	value, err := f.Read(values, t.Fields[id])
	if err != nil {
		return err
	}
	t.Fields = t.Fields.With(id, value)
	return nil
}

// setAll changes several values, and keeps the tags in step.
func (s fieldSet) setAll(before, t *Ticket, changes map[directory.FieldID][]string) error {
	for _, id := range slices.Sorted(maps.Keys(changes)) {
		if err := s.set(t, id, changes[id]); err != nil {
			return err
		}
	}
	return s.keepInStep(before, t)
}

// keepInStep makes tags and fields of a changed ticket agree, as Zendesk does:
// a value that was chosen puts its tag, one that no longer is takes it away.
// Where only tags were changed, the field follows them. before is the ticket as
// it was; without fields and tags when it is new.
func (s fieldSet) keepInStep(before, t *Ticket) error {
	tags := slices.Clone(t.Tags)
	for _, f := range s {
		had, has := before.Fields[f.ID], t.Fields[f.ID]
		if had == has {
			if has = f.Follow(had, before.Tags, t.Tags); had == has {
				continue
			}
			t.Fields = t.Fields.With(f.ID, has)
		}
		gone := f.Tags(had)
		tags = slices.DeleteFunc(tags, func(tag string) bool { return slices.Contains(gone, tag) })
		tags = append(tags, f.Tags(has)...)
	}
	if slices.Equal(tags, t.Tags) {
		return nil
	}
	return t.SetTags(tags)
}

// begin gives a new ticket the values that it begins with, and the default
// options of the fields of which nothing was said.
func (s fieldSet) begin(t *Ticket, n NewTicket) error {
	for id, value := range n.Fields {
		t.Fields = t.Fields.With(id, value)
	}
	if err := s.keepInStep(&Ticket{}, t); err != nil || n.Imported {
		return err
	}
	for _, f := range s {
		_, said := n.Fields[f.ID]
		if value := f.Default(); f.Active && !said && t.Fields[f.ID] == "" && value != "" {
			t.Fields = t.Fields.With(f.ID, value)
			t.Tags = atMost(MaxTags, NormalizeTags(append(t.Tags, f.Tags(value)...)))
		}
	}
	return nil
}

// readFields reads the values that a new ticket shall begin with.
func (s *Service) readFields(ctx context.Context, tx Tx, n *NewTicket, given map[directory.FieldID][]string) error {
	if given == nil {
		return nil
	}
	fields, err := s.ticketFields(ctx, tx)
	if err != nil {
		return err
	}
	var t Ticket
	n.Fields = make(directory.FieldValues)
	for _, id := range slices.Sorted(maps.Keys(given)) {
		if err := fields.set(&t, id, given[id]); err != nil {
			return err
		}
		if fields.find(id) != nil {
			n.Fields[id] = t.Fields[id]
		}
	}
	return nil
}

// mustBeComplete refuses to solve a ticket while a field is empty that is
// required for it, and names each. before is nil for a new ticket.
func (s *Service) mustBeComplete(ctx context.Context, tx Tx, before, t *Ticket) error {
	if t.Status != Solved || before != nil && before.Status == Solved && maps.Equal(before.Fields, t.Fields) {
		return nil
	}
	fields, err := s.ticketFields(ctx, tx)
	if err != nil {
		return err
	}
	var missing []problem.Detail
	for _, f := range fields {
		if f.Active && f.Required && t.Fields[f.ID] == "" {
			missing = append(missing, problem.Detail{Field: f.Name(), Code: "field_required", Message: fmt.Sprintf("%s is needed to solve a ticket.", f.Title)})
		}
	}
	if len(missing) == 0 {
		return nil
	}
	p := problem.New(problem.Invalid, "fields_required", "The ticket cannot be solved yet: %s", missing[0].Message).
		On(problem.Yours, "Fill in what is named, or choose another status.")
	p.Details = missing
	return p
}

// nameFields notes in events how the custom fields are called at this time.
func (s *Service) nameFields(ctx context.Context, tx Tx, events []AuditEvent) error {
	for i := range events {
		id := directory.TicketFieldNamed(events[i].Field)
		if id == 0 {
			continue
		}
		fields, err := s.ticketFields(ctx, tx)
		if err != nil {
			return err
		}
		if f := fields.find(id); f != nil {
			events[i].FieldTitle = f.Title
		}
	}
	return nil
}

// fieldDifference tells which custom fields changed; before is nil for a new ticket.
func fieldDifference(before, after *Ticket) []AuditEvent {
	var had directory.FieldValues
	kind := FieldSet
	if before != nil {
		had, kind = before.Fields, FieldChanged
	}
	ids := slices.AppendSeq(slices.Collect(maps.Keys(had)), maps.Keys(after.Fields))
	slices.Sort(ids)
	var events []AuditEvent
	for _, id := range slices.Compact(ids) {
		if had[id] != after.Fields[id] {
			events = append(events, AuditEvent{Type: kind, Field: directory.TicketFieldName(id), Before: had[id], After: after.Fields[id]})
		}
	}
	return events
}
