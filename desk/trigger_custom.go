package desk

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"tandem/access"
	"tandem/directory"
	"tandem/text"
)

// condition gives what a condition can look at, custom fields included; nil
// when there is nothing of the name.
func (s fieldSet) condition(name string) *field {
	if known := conditionField(name); known != nil {
		return known
	}
	f := s.find(directory.TicketFieldNamed(name))
	if f == nil {
		return nil
	}
	return conditionOn(f)
}

// conditions describe what can be looked at, active custom fields last.
func (s fieldSet) conditions(v vocabulary) []Definition {
	fields := slices.Clone(conditionFields)
	for _, f := range s {
		if f.Active {
			fields = append(fields, conditionOn(f))
		}
	}
	return v.definitions(fields)
}

// action gives what can be done, setting custom fields included; nil when there
// is nothing of the name.
func (s fieldSet) action(can repertoire, name string) *action {
	if known := can.named(name); known != nil {
		return known
	}
	f := s.find(directory.TicketFieldNamed(name))
	if f == nil {
		return nil
	}
	d := definitionOf(f)
	d.Optional = true
	return &action{Definition: d, do: func(_ context.Context, r *run, _ *Trigger, a Action) error {
		values := []string{a.value(0)}
		if f.Type == directory.MultiselectField {
			values = strings.Fields(a.value(0))
		}
		return s.set(r.update.ticket, f.ID, values)
	}}
}

func definitionOf(f *directory.Field) Definition {
	d := Definition{Field: f.Name(), Title: f.Title, Group: "custom", Input: InputText, custom: f}
	switch f.Type {
	case directory.IntegerField, directory.DecimalField:
		d.Input = InputNumber
	case directory.DateField:
		d.Input = InputDate
	case directory.CheckboxField:
		d.Input, d.Values = InputList, yesNo
	case directory.DropdownField, directory.MultiselectField:
		d.Input = InputList
		if f.Type == directory.MultiselectField {
			d.Input = InputOptions
		}
		for _, o := range f.Options {
			d.Values, d.Titles = append(d.Values, o.Value), append(d.Titles, o.Name)
		}
	}
	return d
}

var (
	presence = []Operator{Present, NotPresent}
	altered  = []Operator{Changed, NotChanged}
)

// conditionOn is the condition on a custom field: what may be asked of tickets
// at rest, and of changes besides how they change it.
func conditionOn(f *directory.Field) *field {
	made := &field{
		Definition: definitionOf(f), met: compareCustom,
		now:  func(u *update) string { return u.ticket.Fields[f.ID] },
		was:  func(t *Ticket) string { return t.Fields[f.ID] },
		tidy: strings.TrimSpace,
	}
	switch made.Input {
	case InputNumber, InputDate:
		made.rest, made.Operators = slices.Concat(ordered, presence), altered
		made.tidy = func(v string) string {
			if canonical, err := f.Read([]string{v}, ""); err == nil {
				return canonical
			}
			return v
		}
	case InputText:
		made.rest, made.Operators = slices.Concat(wording, presence), altered
	case InputOptions:
		made.Input = InputList
		made.rest, made.Operators = slices.Concat(tagging, presence), altered
	default:
		made.rest, made.Operators = slices.Concat(equality, presence), changes
	}
	if f.Type == directory.CheckboxField {
		made.rest, made.Operators = []Operator{Is}, altered
		made.now = func(u *update) string { return cmp.Or(u.ticket.Fields[f.ID], "false") }
		made.was = func(t *Ticket) string { return cmp.Or(t.Fields[f.ID], "false") }
	}
	made.Operators = slices.Concat(made.rest, made.Operators)
	return made
}

// atRest is what the condition asks of the custom field of tickets at rest.
func (c *condition) atRest() Match {
	m := Match{Field: c.Field, Not: c.Operator == IncludesNot}
	operator := map[Operator]directory.FieldOperator{
		Is: directory.FieldIs, IsNot: directory.FieldIsNot, LessThan: directory.FieldLess, GreaterThan: directory.FieldMore,
		Includes: directory.FieldIncludes, IncludesNot: directory.FieldIncludes, Present: directory.FieldPresent, NotPresent: directory.FieldAbsent,
	}[c.Operator]
	if operator == directory.FieldIncludes && c.custom.Type == directory.MultiselectField {
		operator = directory.FieldIs
	}
	asked, _ := c.custom.Where(operator, c.Value) // brokenView has seen to it
	m.Custom = &asked
	return m
}

// compareCustom judges a custom field.
func compareCustom(c *condition, u *update) bool {
	now := c.now(u)
	switch c.Operator {
	case Present, NotPresent:
		return (now != "") == (c.Operator == Present)
	case Includes, IncludesNot:
		return c.includes(now) == (c.Operator == Includes)
	case LessThan, GreaterThan:
		have, ok := c.custom.Type.Number(now)
		want, valid := c.custom.Type.Number(c.Value)
		return ok && valid && (have < want) == (c.Operator == LessThan) && have != want
	case Is, IsNot:
		return (text.Fold(now) == text.Fold(c.Value)) == (c.Operator == Is)
	}
	return compare(c, u)
}

// includes tells whether one of several options is chosen, or a text has one of the words.
func (c *condition) includes(now string) bool {
	if c.custom.Type == directory.MultiselectField {
		return slices.Contains(strings.Fields(now), c.Value)
	}
	now = text.Fold(now)
	return slices.ContainsFunc(strings.Fields(text.Fold(c.Value)), func(word string) bool { return text.HasWord(now, word) })
}

// customPlaceholder names the value of a custom field, or how its option is
// called, as Zendesk does.
var customPlaceholder = regexp.MustCompile(`^ticket\.ticket_field_(option_title_)?([0-9]+)$`)

// placeholder gives what a placeholder is filled in with, custom fields
// included; nil when there is nothing of the name.
func (s fieldSet) placeholder(name string) func(context.Context, *run, audience) (string, error) {
	if known := placeholders[name]; known != nil {
		return known
	}
	parts := customPlaceholder.FindStringSubmatch(name)
	if parts == nil {
		return nil
	}
	f := s.find(idOf[directory.FieldID](parts[2]))
	if f == nil {
		return nil
	}
	return of(func(u *update) string {
		if parts[1] != "" {
			return f.Shown(u.ticket.Fields[f.ID])
		}
		return u.ticket.Fields[f.ID]
	})
}

// Vocabulary is what triggers can look at, do, and fill in.
type Vocabulary struct {
	Conditions   []Definition
	Actions      []Definition
	Placeholders []string
}

// Vocabulary gives what triggers can look at, do, and fill in.
func (s *Service) Vocabulary(ctx context.Context, by access.Actor) (*Vocabulary, error) {
	fields, err := s.TicketFields(ctx, by)
	if err != nil {
		return nil, err
	}
	return fieldSet(fields).vocabulary(), nil
}

// vocabulary names everything, active custom fields last.
func (s fieldSet) vocabulary() *Vocabulary {
	v := &Vocabulary{Conditions: s.conditions(ofChanges), Actions: ActionDefinitions(), Placeholders: Placeholders()}
	for _, f := range s {
		if !f.Active {
			continue
		}
		v.Actions = append(v.Actions, s.action(triggerActions, f.Name()).Definition)
		v.Placeholders = append(v.Placeholders, "ticket.ticket_field_"+number(f.ID))
		if f.Type.Chooses() {
			v.Placeholders = append(v.Placeholders, "ticket.ticket_field_option_title_"+number(f.ID))
		}
	}
	return v
}
