package desk

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tandem/directory"
	"tandem/problem"
	"tandem/text"
)

// matchFields are the fields of conditions behind the properties of a query.
var matchFields = map[string]string{
	"status": "status", "priority": "priority", "via": "via_id", "id": "id", "external_id": "external_id", "recipient": "recipient",
	"tags": "current_tags", "assignee": "assignee_id", "requester": "requester_id", "submitter": "submitter_id", "cc": "cc_id",
	"commenter": "commenter_id", "group": "group_id", "brand": "brand_id", "organization": "organization_id",
	"created": "created_at", "updated": "updated_at", "solved": "solved_at", "ticket_type": "type", "due_date": "due_date", "has_attachment": "has_attachment",
}

// instant tells whether a time is asked for.
func (p *queryProperty) instant() bool {
	f := conditionField(matchFields[p.name])
	return f != nil && f.Input == InputTime
}

// match turns a property into what is asked of tickets. Names of people, teams
// and brands that nobody has match no ticket: they are no mistakes.
func (f *finder) match(ctx context.Context, a *asked) (Match, error) {
	if a.property.lacking {
		return Match{Field: "id", Not: a.not != (a.value == none)}, nil // of no values, which matches no ticket
	}
	m := Match{Field: matchFields[a.property.name], Not: a.not}
	var err error
	switch a.property.name {
	case "status":
		m.Values, err = a.ranked(names(Statuses))
	case "priority":
		m.Values, err = a.ranked(orNone(priorityValues))
	case "ticket_type":
		m.Values, err = a.ranked(orNone(typeValues))
	case "via":
		m.Values, err = a.channels()
	case "has_attachment":
		if a.value != "true" && a.value != "false" {
			return m, a.oneOf("true", "false")
		}
		m.Values, m.Not = []string{"true"}, a.not != (a.value == "false")
	case "created", "updated", "solved", "due_date":
		m.From, m.Until, err = a.span(f.now)
	case "tags":
		if m.Values = a.tags(); slices.Equal(m.Values, []string{none}) {
			m.Values = []string{""}
		}
	case "external_id":
		m.Values = []string{a.value}
	case "recipient":
		m.Values = a.values()
	case "id":
		m.Values, err = a.numbers()
	case "group":
		m.Values, err = f.teamIDs(ctx, a)
	case "brand":
		m.Values, err = f.brandIDs(ctx, a)
	case "organization":
		var named []directory.OrganizationID
		named, err = f.organizationsNamed(ctx, a)
		for _, id := range named {
			m.Values = append(m.Values, number(id))
		}
	default:
		m.Values, err = f.people(ctx, a)
	}
	if f := conditionField(m.Field); f != nil && f.Optional && f.Input == InputList {
		for i, value := range m.Values {
			if value == none {
				m.Values[i] = ""
			}
		}
	}
	return m, err
}

// none is how queries name a value that is not there.
const none = "none"

func orNone(values []string) []string { return slices.Concat([]string{none}, values) }

func names[T ~string](values []T) (all []string) {
	for _, v := range values {
		all = append(all, string(v))
	}
	return all
}

// ranked gives the values that are asked for among all in their order.
func (a *asked) ranked(all []string) ([]string, error) {
	values := a.values()
	for _, value := range values {
		if !slices.Contains(all, value) {
			return nil, a.oneOf(all...)
		}
	}
	if a.operator == ":" || len(values) == 0 {
		return values, nil
	}
	i := slices.Index(all, values[0])
	switch a.operator {
	case "<":
		return slices.Clone(all[:i]), nil
	case "<=":
		return slices.Clone(all[:i+1]), nil
	case ">":
		return slices.Clone(all[i+1:]), nil
	}
	return slices.Clone(all[i:]), nil
}

// tags gives the tags that are meant: several are separated by commas, in quotation marks by blanks.
func (a *asked) tags() []string {
	if a.quoted {
		return strings.Fields(strings.ToLower(a.value))
	}
	return a.values()
}

func (a *asked) channels() ([]string, error) {
	known := map[string]Channel{"mail": ByEmail, "email": ByEmail, "web": ByWeb, "web_form": ByWeb, "api": ByAPI, "rule": ByRule}
	var values []string
	for _, value := range a.values() {
		channel, ok := known[value]
		if !ok {
			return nil, a.oneOf("email", "web", "api", "rule")
		}
		values = append(values, string(channel))
	}
	return values, nil
}

func (a *asked) numbers() ([]string, error) {
	var values []string
	for _, value := range a.values() {
		value = strings.TrimPrefix(value, "#")
		if _, err := strconv.ParseInt(value, 10, 64); err != nil {
			return nil, a.wrong("Write the number of a ticket.")
		}
		values = append(values, value)
	}
	return values, nil
}

// maxNamed is how many people a name in a query may stand for.
const maxNamed = 200

// people gives the ids of whom a query names: me, none, an id, an address, a
// number, or the beginnings of a name.
func (f *finder) people(ctx context.Context, a *asked) ([]string, error) {
	var ids []string
	for _, value := range a.values() {
		switch {
		case value == "me":
			ids = append(ids, number(f.by.UserID))
			continue
		case value == "none":
			ids = append(ids, "0")
			continue
		}
		if _, err := strconv.ParseInt(value, 10, 64); err == nil && !strings.HasPrefix(value, "+") {
			ids = append(ids, value)
			continue
		}
		if strings.Contains(value, "@") {
			u, err := f.tx.FindUserByEmail(ctx, value)
			if err != nil {
				return nil, err
			}
			if u != nil {
				ids = append(ids, number(u.ID))
				continue
			}
		}
		people, err := f.tx.ListUsers(ctx, directory.UserFilter{Text: []text.Term{{Text: value, Wild: true}}, Part: directory.Part{Limit: maxNamed}})
		if err != nil {
			return nil, err
		}
		for _, u := range people {
			ids = append(ids, number(u.ID))
		}
	}
	return ids, nil
}

// organizationsNamed gives the organizations that a query names: by id, by name, or
// by the beginning of names; 0 for none.
func (f *finder) organizationsNamed(ctx context.Context, a *asked) ([]directory.OrganizationID, error) {
	found := []directory.OrganizationID{}
	for _, value := range a.values() {
		if id := idOf[directory.OrganizationID](value); id > 0 {
			found = append(found, id)
			continue
		}
		if value == "none" {
			found = append(found, 0)
			continue
		}
		exact, err := f.tx.FindOrganizationByName(ctx, value)
		if err != nil {
			return nil, err
		}
		if exact != nil {
			found = append(found, exact.ID)
			continue
		}
		begun, err := f.tx.ListOrganizations(ctx, directory.OrganizationFilter{Prefix: value, Part: directory.Part{Limit: maxNamed}})
		if err != nil {
			return nil, err
		}
		for _, o := range begun {
			found = append(found, o.ID)
		}
	}
	return found, nil
}

func (f *finder) teamIDs(ctx context.Context, a *asked) ([]string, error) {
	teams, err := f.tx.ListTeams(ctx)
	if err != nil {
		return nil, err
	}
	return named(a, teams, func(t *directory.Team) (string, string) { return number(t.ID), t.Name }), nil
}

func (f *finder) brandIDs(ctx context.Context, a *asked) ([]string, error) {
	brands, err := f.tx.ListBrands(ctx)
	if err != nil {
		return nil, err
	}
	return named(a, brands, func(b *directory.Brand) (string, string) { return number(b.ID), b.Name }), nil
}

// named gives the ids of those that a property names by id or name.
func named[T any](a *asked, all []T, known func(T) (id, name string)) []string {
	var ids []string
	for _, value := range a.values() {
		if value == "none" {
			ids = append(ids, "0")
		}
		for _, one := range all {
			if id, name := known(one); id == value || text.Fold(name) == text.Fold(value) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// fieldOperators are the comparisons of custom fields.
var fieldOperators = map[string]directory.FieldOperator{
	":": directory.FieldIs, "<": directory.FieldLess, "<=": directory.FieldAtMost, ">": directory.FieldMore, ">=": directory.FieldAtLeast,
}

// field is what is asked of a custom field, custom_field_1001:value.
func (f *finder) field(ctx context.Context, a *asked) (c directory.FieldCondition, err error) {
	id, err := strconv.ParseInt(strings.TrimPrefix(a.name, customField), 10, 64)
	if err != nil {
		return c, a.wrong("Write the number of the field, like custom_field_1001.")
	}
	field, err := f.tx.GetField(ctx, directory.TicketFields, directory.FieldID(id))
	if problem.KindOf(err) == problem.NotFound {
		return c, a.wrong("There is no field with the number %d.", id)
	}
	if err != nil {
		return c, err
	}
	operator, value := fieldOperators[a.operator], a.value
	switch begin, wild := strings.CutSuffix(value, "*"); {
	case a.not && operator == directory.FieldIs:
		operator = directory.FieldIsNot
	case value == "*":
		operator = directory.FieldPresent
	case value == "none":
		operator = directory.FieldAbsent
	case wild && slices.Contains(field.Operators(), directory.FieldBegins):
		operator, value = directory.FieldBegins, begin
	}
	c, err = field.Where(operator, value)
	if p := problem.As(err); p != nil {
		return c, p.In("query")
	}
	if err != nil {
		return c, fmt.Errorf("field %d of a query: %w", id, err)
	}
	return c, nil
}
