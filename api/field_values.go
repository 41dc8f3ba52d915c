package api

import (
	"context"
	"strconv"
	"strings"

	"tandem/access"
	"tandem/directory"
)

// FieldValue is the value of a custom field of a ticket.
type FieldValue struct {
	ID    int64 `json:"id"`
	Value any   `json:"value" doc:"Text, true or false, a list of the values of options, or null"`
}

// FieldValueBody is a value as a client writes it.
type FieldValueBody struct {
	ID    int64      `json:"id"`
	Value looseTexts `json:"value,omitempty"`
}

// givenFields are the values that a request brings, under either of Zendesk's names.
func givenFields(custom, fields []FieldValueBody) map[directory.FieldID][]string {
	if custom == nil && fields == nil {
		return nil
	}
	given := make(map[directory.FieldID][]string)
	for _, v := range append(fields, custom...) {
		given[directory.FieldID(v.ID)] = v.Value
	}
	return given
}

// fieldsOf reads the definitions of custom fields once for a request, when the
// first of many records is shown. What fails is the request's failure; see route.
func (s *server) fieldsOf(ctx context.Context, by access.Actor, q *request) func(directory.FieldOwner) []*directory.Field {
	read := make(map[directory.FieldOwner][]*directory.Field)
	return func(owner directory.FieldOwner) []*directory.Field {
		fields, known := read[owner]
		if known || by.MustWork() != nil {
			return fields
		}
		var err error
		if owner == directory.TicketFields {
			fields, err = s.desk.TicketFields(ctx, by)
		} else {
			fields, err = s.desk.Fields(ctx, by, owner)
		}
		if err != nil {
			q.failure = err
		}
		read[owner] = fields
		return fields
	}
}

// active gives the fields in which records are shown.
func (q *request) active(owner directory.FieldOwner) (active []*directory.Field) {
	if q.fields == nil {
		return nil
	}
	for _, f := range q.fields(owner) {
		if f.Active {
			active = append(active, f)
		}
	}
	return active
}

// ticketFields are the values of a ticket, all active fields in their order.
func (q *request) ticketFields(values directory.FieldValues) []FieldValue {
	return each(q.active(directory.TicketFields), func(f *directory.Field) FieldValue {
		return FieldValue{ID: int64(f.ID), Value: fieldShown(f, values[f.ID])}
	})
}

// keyedFields are the values of a person or an organization by the keys of the
// fields. Zendesk writes them otherwise than those of tickets: numbers as
// numbers, and days as their first instant.
func (q *request) keyedFields(owner directory.FieldOwner, values directory.FieldValues) object {
	keyed := make(object)
	for _, f := range q.active(owner) {
		value := values[f.ID]
		keyed[f.Key] = fieldShown(f, value)
		switch {
		case value == "":
		case f.Type == directory.DateField:
			keyed[f.Key] = value + "T00:00:00Z"
		case f.Type == directory.IntegerField || f.Type == directory.DecimalField:
			keyed[f.Key], _ = strconv.ParseFloat(value, 64)
		}
	}
	return keyed
}

// fieldShown is a canonical value as Zendesk's API shows it.
func fieldShown(f *directory.Field, value string) any {
	switch {
	case f.Type == directory.CheckboxField:
		return value != ""
	case value == "":
		return nil
	case f.Type == directory.MultiselectField:
		return strings.Fields(value)
	}
	return value
}

// keyedBody are values by key as a client writes them.
type keyedBody map[string]looseTexts

func (b keyedBody) given() map[string][]string {
	if b == nil {
		return nil
	}
	given := make(map[string][]string, len(b))
	for key, value := range b {
		given[key] = value
	}
	return given
}
