package desk

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"tandem/directory"
	"tandem/problem"
)

// Validate says everything that is wrong with a trigger, each with the input at
// fault: "conditions.all.0.value". Whether the people and things exist that it
// names is another question; see brokenReferences.
func (t *Trigger) Validate(fields ...*directory.Field) error {
	var f faults
	if t.Title == "" {
		f.add("title", "title_missing", "A trigger needs a title.")
	}
	if n := utf8.RuneCountInString(t.Title); n > MaxTriggerTitle {
		f.add("title", "too_long", "The title is longer than %d characters.", MaxTriggerTitle)
	}
	if utf8.RuneCountInString(t.Description) > MaxTriggerText {
		f.add("description", "too_long", "The description is longer than %d characters.", MaxTriggerText)
	}
	switch n := len(t.Conditions.All) + len(t.Conditions.Any); {
	case n == 0:
		f.add("conditions", "conditions_missing", "A trigger needs a condition; without one it would act on every change.")
	case n > MaxConditions:
		f.add("conditions", "too_many", "A trigger has at most %d conditions.", MaxConditions)
	}
	switch n := len(t.Actions); {
	case n == 0:
		f.add("actions", "actions_missing", "A trigger needs an action.")
	case n > MaxActions:
		f.add("actions", "too_many", "A trigger has at most %d actions.", MaxActions)
	}
	for path, c := range t.Conditions.places() {
		f.condition(path, c, ofChanges, fields)
	}
	for i, a := range t.Actions {
		f.action(fmt.Sprintf("actions.%d", i), a, triggerActions, fields)
	}
	return f.problem()
}

// places gives every condition with its place, as the API names it.
func (cs Conditions) places() iter.Seq2[string, Condition] {
	return func(yield func(string, Condition) bool) {
		for i, c := range cs.All {
			if !yield(fmt.Sprintf("conditions.all.%d", i), c) {
				return
			}
		}
		for i, c := range cs.Any {
			if !yield(fmt.Sprintf("conditions.any.%d", i), c) {
				return
			}
		}
	}
}

// faults are what is wrong with a trigger, a view or a macro.
type faults []problem.Detail

func (f *faults) add(field, code, format string, args ...any) {
	*f = append(*f, problem.Detail{Field: field, Code: code, Message: fmt.Sprintf(format, args...)})
}

// about adds a fault that has a name to tell; see nameGone.
func (f *faults) about(name, field, code, format string, args ...any) {
	f.add(field, code, format, args...)
	(*f)[len(*f)-1].Name = name
}

// nameGone says of the faults about custom fields that were deleted what these
// were called.
func (f faults) nameGone(ctx context.Context, tx Tx) error {
	for i := range f {
		id := directory.TicketFieldNamed(f[i].Name)
		if id == 0 {
			continue
		}
		title, err := tx.FieldTitle(ctx, id)
		if err != nil {
			return err
		}
		if title != "" {
			f[i].Code, f[i].Message, f[i].Name = "gone_field", fmt.Sprintf("The field %q was deleted.", title), title
		}
	}
	return nil
}

// problem is nil when nothing is wrong with a trigger.
func (f faults) problem() error { return f.refuse("trigger") }

// refuse is nil when nothing is wrong with what is named.
func (f faults) refuse(what string) error {
	if len(f) == 0 {
		return nil
	}
	p := problem.New(problem.Invalid, what+"_invalid", "The %s cannot work as it is: %s", what, f[0].Message).
		On(problem.Yours, "Correct the fields named.")
	p.Details = f
	return p
}

func (f *faults) condition(path string, c Condition, v vocabulary, fields fieldSet) {
	known := fields.condition(c.Field)
	if known == nil || len(v(known)) == 0 {
		f.add(path+".field", "unknown_field", "There is no field %q to look at.", c.Field)
		return
	}
	if !slices.Contains(v(known), c.Operator) {
		f.add(path+".operator", "unknown_operator", "%q cannot be asked of %s.", c.Operator, c.Field)
		return
	}
	if c.Operator.Alone() {
		return
	}
	f.value(path+".value", known.Definition, c.prepare(v, fields).Value)
	if (c.Operator == LessThan || c.Operator == GreaterThan) && c.Value == "" {
		f.add(path+".value", "value_missing", "Choose a value to compare %s with.", c.Field)
	}
}

func (f *faults) action(path string, a Action, can repertoire, fields fieldSet) {
	known := fields.action(can, a.Field)
	if known == nil {
		f.add(path+".field", "unknown_field", "There is no action %q.", a.Field)
		return
	}
	if known.Input == InputMail {
		f.mail(path, fields, known.Definition, a)
		return
	}
	if len(a.Value) > 1 {
		f.add(path+".value", "too_many", "%s takes one value.", a.Field)
		return
	}
	f.value(path+".value", known.Definition, a.value(0))
	if known.Group == "message" {
		f.template(path+".value", fields, a.value(0))
	}
}

// mail judges whom a mail goes to, its subject and its text.
func (f *faults) mail(path string, fields fieldSet, d Definition, a Action) {
	if len(a.Value) != 3 {
		f.add(path+".value", "mail_incomplete", "A mail needs a recipient, a subject and a text.")
		return
	}
	if len(d.Values) == 0 {
		if _, err := directory.NormalizeEmail(a.value(0)); err != nil {
			f.add(path+".value.0", "invalid_email", "%q is not a mail address.", a.value(0))
		}
	} else {
		f.value(path+".value.0", Definition{Field: a.Field, Input: InputPerson, Values: d.Values}, a.value(0))
	}
	for i, what := range []string{1: "subject", 2: "text"} {
		if i == 0 {
			continue
		}
		place := fmt.Sprintf("%s.value.%d", path, i)
		if strings.TrimSpace(a.value(i)) == "" {
			f.add(place, "value_missing", "The mail has no %s.", what)
		}
		f.template(place, fields, a.value(i))
	}
}

// value judges one value by how it is chosen.
func (f *faults) value(path string, d Definition, value string) {
	switch {
	case len(value) > MaxTriggerValue:
		f.add(path, "too_long", "The value of %s is longer than %d KiB.", d.Field, MaxTriggerValue>>10)
	case strings.TrimSpace(value) == "":
		if !d.Optional {
			f.add(path, "value_missing", "Choose a value for %s.", d.Field)
		}
	case slices.Contains(d.Values, value) || d.Input == InputTeam && value == currentTeams:
	case d.custom != nil:
		f.custom(path, d, value)
	case d.Input == InputList:
		f.add(path, "unknown_value", "%q is no value of %s.", value, d.Field)
	case d.byID() && idOf[directory.UserID](value) == 0:
		f.add(path, "unknown_value", "%q is no value of %s.", value, d.Field)
	}
}

// custom judges a value of a custom field.
func (f *faults) custom(path string, d Definition, value string) {
	values := []string{value}
	switch d.Input {
	case InputText: // conditions look for parts of a text
		return
	case InputOptions:
		values = strings.Fields(value)
	}
	if p := problem.As(second(d.custom.Read(values, ""))); p != nil {
		f.add(path, p.Code, "%s", p.Message)
	}
}

func second[A any](_ A, err error) error { return err }

// byID tells whether a value names something by its number.
func (d Definition) byID() bool {
	switch d.Input {
	case InputAgent, InputPerson, InputOrganization, InputTeam, InputBrand:
		return true
	}
	return false
}

// template judges the placeholders of a text.
func (f *faults) template(path string, fields fieldSet, text string) {
	for _, found := range placeholder.FindAllStringSubmatch(text, -1) {
		if fields.placeholder(found[1]) == nil {
			f.add(path, "unknown_placeholder", "There is nothing called %s to fill in.", found[0])
		}
	}
	if strings.Count(text, "{{") != len(placeholder.FindAllString(text, -1)) {
		f.add(path, "unknown_placeholder", "A placeholder is not closed: write it like {{ticket.id}}.")
	}
}

// tidy brings values into the form in which they are compared and kept.
func (t *Trigger) tidy(fields fieldSet) {
	t.Title, t.Description = oneLine(clean(t.Title)), strings.TrimSpace(clean(t.Description))
	t.Conditions.tidy(fields)
	triggerActions.tidy(t.Actions)
}

func (cs Conditions) tidy(fields fieldSet) {
	for _, list := range [][]Condition{cs.All, cs.Any} {
		for i := range list {
			c := &list[i]
			c.Value = strings.TrimSpace(clean(c.Value))
			if f := fields.condition(c.Field); f != nil && f.tidy != nil {
				c.Value = f.tidy(c.Value)
			}
			if c.Operator.Alone() {
				c.Value = ""
			}
		}
	}
}

func (r repertoire) tidy(actions []Action) {
	for i := range actions {
		a := &actions[i]
		for n := range a.Value {
			a.Value[n] = clean(a.Value[n])
		}
		known := r.named(a.Field)
		switch {
		case known == nil:
		case known.Input == InputTags:
			a.Value = []string{strings.Join(NormalizeTags(splitTags(a.value(0))), " ")}
		case known.Field == "notification_address" && len(a.Value) > 0:
			if address, err := directory.NormalizeEmail(a.Value[0]); err == nil {
				a.Value[0] = address
			}
		}
	}
}

// validator is what must make sense: a view, a macro or a trigger.
type validator interface {
	Validate(fields ...*directory.Field) error
}

// mustWork refuses what does not make sense, or names what is not there.
func mustWork[T validator](ctx context.Context, s *Service, tx Tx, what string, one T, broken func(context.Context, Tx, T) (faults, error)) error {
	fields, err := s.ticketFields(ctx, tx)
	if err != nil {
		return err
	}
	if err := one.Validate(fields...); err != nil {
		return err
	}
	gone, err := broken(ctx, tx, one)
	if err != nil {
		return err
	}
	return gone.refuse(what)
}

// brokenReferences tells which people and things a trigger names that are no
// longer there, or can no longer be what it says.
func (s *Service) brokenReferences(ctx context.Context, tx Tx, t *Trigger) (faults, error) {
	var f faults
	fields, err := s.ticketFields(ctx, tx)
	if err != nil {
		return nil, err
	}
	if err := f.brokenConditions(ctx, tx, t.Conditions, ofChanges, fields); err != nil {
		return nil, err
	}
	return f, f.brokenActions(ctx, tx, t.Actions, triggerActions, fields)
}

// broken adds a fault when what a value names is no longer there.
func (f *faults) broken(ctx context.Context, tx Tx, path string, d Definition, value string) error {
	if d.custom != nil && value != "" {
		f.value(path, d, value) // an option may be gone
		return nil
	}
	if value == "" || slices.Contains(d.Values, value) || !d.byID() || d.Input == InputTeam && value == currentTeams {
		return nil
	}
	gone, err := isGone(ctx, tx, d.Input, value)
	if gone {
		f.add(path, "gone_"+string(d.Input), "What %s names is no longer there.", d.Field)
	}
	return err
}

func (f *faults) brokenConditions(ctx context.Context, tx Tx, cs Conditions, v vocabulary, fields fieldSet) error {
	for path, c := range cs.places() {
		known := fields.condition(c.Field)
		if known == nil || len(v(known)) == 0 {
			f.about(c.Field, path+".field", "unknown_field", "There is no field %q to look at any more.", c.Field)
			continue
		}
		if err := f.broken(ctx, tx, path+".value", known.Definition, c.Value); err != nil {
			return err
		}
	}
	return f.nameGone(ctx, tx)
}

func (f *faults) brokenActions(ctx context.Context, tx Tx, actions []Action, can repertoire, fields fieldSet) error {
	for i, a := range actions {
		path := fmt.Sprintf("actions.%d", i)
		known := fields.action(can, a.Field)
		if known == nil {
			f.about(a.Field, path+".field", "unknown_field", "There is no action %q any more.", a.Field)
			continue
		}
		d := known.Definition
		if d.Input == InputMail && len(d.Values) > 0 {
			d.Input = InputPerson
		}
		if err := f.broken(ctx, tx, path+".value", d, a.value(0)); err != nil {
			return err
		}
		if d.Input == InputAgent {
			if err := mustWorkOnTickets(ctx, tx, idOf[directory.UserID](a.value(0))); problem.KindOf(err) == problem.Invalid {
				f.add(path+".value", "assignee_is_no_agent", "This person does not work on tickets.")
			} else if err != nil {
				return err
			}
		}
	}
	return f.nameGone(ctx, tx)
}

// isGone looks for what an id names.
func isGone(ctx context.Context, tx Tx, kind Input, id string) (bool, error) {
	var err error
	switch kind {
	case InputBrand:
		_, err = tx.GetBrand(ctx, idOf[directory.BrandID](id))
	case InputOrganization:
		_, err = tx.GetOrganization(ctx, idOf[directory.OrganizationID](id))
	case InputTeam:
		teams, err := tx.ListTeams(ctx)
		return !slices.ContainsFunc(teams, func(t *directory.Team) bool { return number(t.ID) == id }), err
	default:
		_, err = tx.GetUser(ctx, idOf[directory.UserID](id))
	}
	if problem.KindOf(err) == problem.NotFound {
		return true, nil
	}
	return false, err
}
