package desk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/problem"
)

// define adds a custom field of tickets.
func (w *world) define(kind directory.FieldType, title string, ch desk.FieldChange) *directory.Field {
	w.t.Helper()
	ch.Type, ch.Title = &kind, &title
	f, err := w.desk.CreateField(w.t.Context(), w.admin, directory.TicketFields, ch)
	w.must(err)
	return f
}

// product is a dropdown of three products.
func (w *world) product(ch desk.FieldChange) *directory.Field {
	w.t.Helper()
	ch.Options = &[]directory.Option{{Name: "Coffee machine", Value: "coffee"}, {Name: "Kettle", Value: "kettle"}, {Name: "Toaster", Value: "toaster"}}
	return w.define(directory.DropdownField, "Product", ch)
}

func (w *world) setField(id desk.TicketID, f *directory.Field, values ...string) error {
	_, _, err := w.desk.Update(w.t.Context(), w.agent, id, desk.Change{Fields: map[directory.FieldID][]string{f.ID: values}})
	return err
}

// tagged checks tags and a field of the ticket.
func (w *world) tagged(id desk.TicketID, f *directory.Field, value, tags string) {
	w.t.Helper()
	t := w.ticket(id)
	if got := strings.Join(t.Tags, " "); t.Fields[f.ID] != value || got != tags {
		w.t.Errorf("%s is %q with the tags %q, want %q with %q", f.Title, t.Fields[f.ID], got, value, tags)
	}
}

func TestTagsAndFieldsKeepInStep(t *testing.T) {
	each(t, func(w *world) {
		product := w.product(desk.FieldChange{})
		tag := "vip_order"
		vip := w.define(directory.CheckboxField, "VIP", desk.FieldChange{Tag: &tag})
		id := w.mailIn().ID
		retag := func(tags ...string) {
			t.Helper()
			_, _, err := w.desk.Update(t.Context(), w.agent, id, desk.Change{Tags: &tags})
			w.must(err)
		}
		retag("other")
		w.must(w.setField(id, product, "kettle"))
		w.tagged(id, product, "kettle", "other kettle")
		w.must(w.setField(id, product, "toaster"))
		w.tagged(id, product, "toaster", "other toaster")
		retag("other", "coffee", "toaster")
		w.tagged(id, product, "coffee", "other coffee")
		retag("other")
		w.tagged(id, product, "", "other")
		w.must(w.setField(id, vip, "true"))
		w.tagged(id, vip, "true", "other vip_order")
		retag("vip_order", "kettle")
		w.tagged(id, product, "kettle", "vip_order kettle")
		w.tagged(id, vip, "true", "vip_order kettle")
		retag()
		w.tagged(id, product, "", "")
		w.tagged(id, vip, "", "")
		w.refused(w.setField(id, product, "mixer"), "field_option_unknown")
		w.must(w.setField(id, &directory.Field{ID: 4711}, "x")) // of another product: left out
		w.tagged(id, vip, "", "")
	})
}

func TestNewTicketHasTheDefaultUnlessSomethingElseWasSaid(t *testing.T) {
	each(t, func(w *world) {
		options := []directory.Option{{Name: "Kettle"}, {Name: "Toaster", Default: true}}
		f := w.define(directory.DropdownField, "Product", desk.FieldChange{Options: &options})
		open := func(values map[directory.FieldID][]string, tags ...string) desk.TicketID {
			t.Helper()
			ticket, _, err := w.desk.Create(t.Context(), w.agent, desk.Request{Subject: "x", Fields: values, Tags: tags, Comment: desk.Draft{Text: "x"}})
			w.must(err)
			return ticket.ID
		}
		w.tagged(w.mailIn().ID, f, "toaster", "toaster")
		w.tagged(open(nil), f, "toaster", "toaster")
		w.tagged(open(map[directory.FieldID][]string{f.ID: {"kettle"}}), f, "kettle", "kettle")
		w.tagged(open(map[directory.FieldID][]string{f.ID: {""}}), f, "", "")
		w.tagged(open(nil, "kettle"), f, "kettle", "kettle")
	})
}

func TestRequiredFieldHoldsUpSolving(t *testing.T) {
	each(t, func(w *world) {
		yes := true
		order := w.define(directory.IntegerField, "Order number", desk.FieldChange{Required: &yes})
		w.product(desk.FieldChange{Required: &yes})
		id := w.mailIn().ID
		solved, kettle := desk.Solved, "kettle"
		_, _, err := w.desk.Update(t.Context(), w.agent, id, desk.Change{Status: &solved, Comment: &desk.Draft{Public: true, Text: "Done"}})
		w.refused(err, "fields_required")
		if d := problem.As(err).Details; len(d) != 2 || d[0].Field != order.Name() || d[0].Code != "field_required" {
			t.Errorf("the problem names %+v", d)
		}
		if len(w.comments(id)) != 1 {
			t.Error("the reply was added although the ticket could not be solved")
		}
		_, _, err = w.desk.Update(t.Context(), w.agent, id, desk.Change{
			Status: &solved, Tags: &[]string{kettle}, Fields: map[directory.FieldID][]string{order.ID: {"12"}},
		})
		w.must(err)
		w.refused(w.setField(id, order, ""), "fields_required")
		_, _, err = w.desk.Create(t.Context(), w.agent, desk.Request{Subject: "x", Status: desk.Solved, Comment: desk.Draft{Text: "x"}})
		w.refused(err, "fields_required")
		no := false
		_, err = w.desk.ChangeField(t.Context(), w.admin, directory.TicketFields, order.ID, desk.FieldChange{Active: &no})
		w.must(err)
		w.must(w.setField(id, order, ""))
	})
}

func TestHistoryKnowsHowADeletedFieldWasCalled(t *testing.T) {
	each(t, func(w *world) {
		order := w.define(directory.TextField, "Order number", desk.FieldChange{})
		id := w.mailIn().ID
		w.must(w.setField(id, order, "A-1"))
		w.must(w.setField(id, order, "A-2"))
		w.must(w.desk.DeleteField(t.Context(), w.admin, directory.TicketFields, order.ID))
		w.must(w.desk.RemoveFieldValues(t.Context(), order.ID))
		if got := w.ticket(id).Fields; len(got) != 0 {
			t.Errorf("the ticket still has %v", got)
		}
		audits, err := w.desk.Audits(t.Context(), w.agent, desk.AuditFilter{Ticket: id})
		w.must(err)
		e := audits[len(audits)-1].Events[0]
		if e.Field != order.Name() || e.FieldTitle != "Order number" || e.Before != "A-1" || e.After != "A-2" {
			t.Errorf("the last change was written down as %+v", e)
		}
		w.must(w.setField(id, order, "A-3"))
		if got := w.ticket(id).Fields; len(got) != 0 {
			t.Errorf("the deleted field came back: %v", got)
		}
	})
}

func TestOnlyAdministratorsChangeFields(t *testing.T) {
	each(t, func(w *world) {
		f := w.product(desk.FieldChange{})
		for _, try := range []func(access.Actor) error{
			func(by access.Actor) error {
				_, err := w.desk.CreateField(t.Context(), by, directory.UserFields, desk.FieldChange{})
				return err
			},
			func(by access.Actor) error {
				_, err := w.desk.ChangeField(t.Context(), by, directory.TicketFields, f.ID, desk.FieldChange{})
				return err
			},
			func(by access.Actor) error { return w.desk.DeleteField(t.Context(), by, directory.TicketFields, f.ID) },
			func(by access.Actor) error {
				return w.desk.ReorderFields(t.Context(), by, directory.TicketFields, []directory.FieldID{f.ID})
			},
			func(by access.Actor) error {
				_, err := w.desk.SaveOption(t.Context(), by, directory.TicketFields, f.ID, directory.Option{Name: "x"})
				return err
			},
			func(by access.Actor) error {
				return w.desk.DeleteOption(t.Context(), by, directory.TicketFields, f.ID, f.Options[0].ID)
			},
		} {
			if err := try(w.agent); problem.KindOf(err) != problem.Forbidden {
				t.Errorf("an agent may: %v", err)
			}
		}
	})
}

func TestFieldsKeepTheirOrder(t *testing.T) {
	each(t, func(w *world) {
		first := 1
		a := w.define(directory.TextField, "A", desk.FieldChange{})
		b := w.define(directory.TextField, "B", desk.FieldChange{})
		w.define(directory.TextField, "C", desk.FieldChange{Position: &first})
		order := func() (titles string) {
			fields, err := w.desk.Fields(t.Context(), w.agent, directory.TicketFields)
			w.must(err)
			for i, f := range fields {
				if f.Position != i+1 {
					t.Errorf("%s has position %d, want %d", f.Title, f.Position, i+1)
				}
				titles += f.Title
			}
			return titles
		}
		if got := order(); got != "CAB" {
			t.Errorf("got %s", got)
		}
		w.must(w.desk.ReorderFields(t.Context(), w.admin, directory.TicketFields, []directory.FieldID{b.ID}))
		if got := order(); got != "BCA" {
			t.Errorf("got %s", got)
		}
		w.must(w.desk.DeleteField(t.Context(), w.admin, directory.TicketFields, b.ID))
		w.refused(w.desk.ReorderFields(t.Context(), w.admin, directory.TicketFields, []directory.FieldID{a.ID, a.ID}), "unknown_field")
		if got := order(); got != "CA" {
			t.Errorf("got %s", got)
		}
	})
}

func TestTypeAndKeyOfAFieldStay(t *testing.T) {
	each(t, func(w *world) {
		kind, title, key, date, other := directory.TextField, "Plan", "plan", directory.DateField, "plan2"
		f, err := w.desk.CreateField(t.Context(), w.admin, directory.UserFields, desk.FieldChange{Type: &kind, Title: &title, Key: &key})
		w.must(err)
		_, err = w.desk.ChangeField(t.Context(), w.admin, directory.UserFields, f.ID, desk.FieldChange{Type: &date})
		w.refused(err, "field_type_fixed")
		_, err = w.desk.ChangeField(t.Context(), w.admin, directory.UserFields, f.ID, desk.FieldChange{Key: &other})
		w.refused(err, "field_key_fixed")
		_, err = w.desk.CreateField(t.Context(), w.admin, directory.UserFields, desk.FieldChange{Type: &kind, Title: &title, Key: &key})
		w.refused(err, "field_invalid")
		_, err = w.desk.CreateField(t.Context(), w.admin, directory.OrganizationFields, desk.FieldChange{Type: &kind, Title: &title, Key: &key})
		w.must(err) // keys of people and organizations are apart
	})
}

func TestOptionsAreChangedOneByOne(t *testing.T) {
	each(t, func(w *world) {
		f := w.product(desk.FieldChange{})
		o, err := w.desk.SaveOption(t.Context(), w.admin, directory.TicketFields, f.ID, directory.Option{Name: "Mixer"})
		w.must(err)
		if o.ID == 0 || o.Value != "mixer" {
			t.Errorf("the new option is %+v", o)
		}
		_, err = w.desk.SaveOption(t.Context(), w.admin, directory.TicketFields, f.ID, directory.Option{ID: o.ID, Name: "Hand mixer", Value: "mixer"})
		w.must(err)
		id := w.mailIn().ID
		w.must(w.setField(id, f, "mixer"))
		w.must(w.desk.DeleteOption(t.Context(), w.admin, directory.TicketFields, f.ID, o.ID))
		w.tagged(id, f, "mixer", "mixer") // who had it keeps it
		w.must(w.setField(id, f, "mixer"))
		w.refused(w.desk.DeleteOption(t.Context(), w.admin, directory.TicketFields, f.ID, o.ID), "not_found")
	})
}

func TestTriggersLookAtFieldsAndSetThem(t *testing.T) {
	each(t, func(w *world) {
		product, order := w.product(desk.FieldChange{}), w.define(directory.IntegerField, "Order number", desk.FieldChange{})
		until := w.define(directory.DateField, "Contract end", desk.FieldChange{})
		note := w.define(directory.TextField, "Remark", desk.FieldChange{})
		several := []directory.Option{{Name: "Red"}, {Name: "Blue"}}
		colours := w.define(directory.MultiselectField, "Colours", desk.FieldChange{Options: &several})
		vip := w.define(directory.CheckboxField, "VIP", desk.FieldChange{})
		id := w.mailIn().ID
		for _, test := range []struct {
			field    *directory.Field
			value    []string
			operator desk.Operator
			want     string
			met      bool
		}{
			{product, []string{"kettle"}, desk.Is, "kettle", true},
			{product, []string{"kettle"}, desk.IsNot, "toaster", true},
			{product, []string{""}, desk.Present, "", false},
			{product, []string{""}, desk.NotPresent, "", true},
			{order, []string{"9"}, desk.LessThan, "10", true},
			{order, []string{"10"}, desk.LessThan, "10", false},
			{order, []string{"11"}, desk.GreaterThan, "10", true},
			{order, []string{""}, desk.LessThan, "10", false},
			{until, []string{"2026-02-28"}, desk.LessThan, "2026-03-01", true},
			{until, []string{"2026-02-28"}, desk.Is, "2026-02-28", true},
			{note, []string{"Please CALL back"}, desk.Includes, "call write", true},
			{note, []string{"Please CALL back"}, desk.Is, "please call back", true},
			{note, []string{"recall"}, desk.IncludesNot, "call", true},
			{colours, []string{"red", "blue"}, desk.Includes, "blue", true},
			{colours, []string{"red"}, desk.IncludesNot, "blue", true},
			{vip, []string{"true"}, desk.Is, "true", true},
			{vip, []string{""}, desk.Is, "false", true},
		} {
			w.must(w.setField(id, test.field, test.value...))
			trigger, err := w.desk.CreateTrigger(t.Context(), w.admin, desk.TriggerChange{
				Title:      ptr("Looks at " + test.field.Title),
				Conditions: &desk.Conditions{All: []desk.Condition{{Field: test.field.Name(), Operator: test.operator, Value: test.want}}},
				Actions:    &[]desk.Action{{Field: "priority", Value: []string{"high"}}},
			})
			w.must(err)
			trial, err := w.desk.Rehearse(t.Context(), w.admin, desk.Rehearsal{Ticket: id})
			w.must(err)
			if got := trial.Triggers[0]; got.Met != test.met {
				t.Errorf("%s %q %s %q: met is %v", test.field.Title, test.value, test.operator, test.want, got.Met)
			}
			w.must(w.desk.DeleteTriggers(t.Context(), w.admin, trigger.ID))
		}
		_, err := w.desk.CreateTrigger(t.Context(), w.admin, desk.TriggerChange{
			Title:      ptr("Sets"),
			Conditions: &desk.Conditions{All: []desk.Condition{{Field: "current_tags", Operator: desk.Includes, Value: "go"}}},
			Actions: &[]desk.Action{
				{Field: product.Name(), Value: []string{"toaster"}}, {Field: order.Name(), Value: []string{"007"}},
				{Field: colours.Name(), Value: []string{"blue red"}}, {Field: vip.Name(), Value: []string{"true"}},
				{Field: "internal_note", Value: []string{fmt.Sprintf("Order {{ticket.ticket_field_%d}}: {{ticket.ticket_field_option_title_%d}}", order.ID, product.ID)}},
			},
		})
		w.must(err)
		_, _, err = w.desk.Update(t.Context(), w.agent, id, desk.Change{Tags: &[]string{"go"}})
		w.must(err)
		got := w.ticket(id)
		if got.Fields[order.ID] != "7" || got.Fields[colours.ID] != "red blue" || got.Fields[vip.ID] != "true" {
			t.Errorf("the trigger set %v", got.Fields)
		}
		w.tagged(id, product, "toaster", "go toaster red blue")
		comments := w.comments(id)
		if text := comments[len(comments)-1].Text; text != "Order 7: Toaster" {
			t.Errorf("the note says %q", text)
		}
	})
}

func ptr[T any](v T) *T { return &v }

func TestTriggerWithADeletedFieldRestsAndSaysSo(t *testing.T) {
	each(t, func(w *world) {
		product := w.product(desk.FieldChange{})
		_, err := w.desk.CreateTrigger(t.Context(), w.admin, desk.TriggerChange{
			Title:      ptr("Kettles"),
			Conditions: &desk.Conditions{All: []desk.Condition{{Field: product.Name(), Operator: desk.Is, Value: "kettle"}}},
			Actions:    &[]desk.Action{{Field: product.Name(), Value: []string{"toaster"}}},
		})
		w.must(err)
		id := w.mailIn().ID
		w.must(w.setField(id, product, "kettle"))
		w.tagged(id, product, "toaster", "toaster")
		w.must(w.desk.DeleteField(t.Context(), w.admin, directory.TicketFields, product.ID))
		_, _, err = w.desk.Update(t.Context(), w.agent, id, desk.Change{Subject: ptr("Still works")})
		w.must(err)
		views, err := w.desk.Triggers(t.Context(), w.admin, desk.TriggerFilter{})
		w.must(err)
		if broken := views[0].Broken; len(broken) != 2 || broken[0].Code != "gone_field" || broken[0].Name != "Product" {
			t.Errorf("the trigger is broken by %+v", broken)
		}
		if got := w.ticket(id).Tags; !slices.Equal(got, []string{"toaster"}) {
			t.Errorf("the ticket has the tags %v", got)
		}
	})
}

func TestTriggerTakesNoImpossibleValue(t *testing.T) {
	each(t, func(w *world) {
		order := w.define(directory.IntegerField, "Order number", desk.FieldChange{})
		product := w.product(desk.FieldChange{})
		for _, c := range []desk.Condition{
			{Field: order.Name(), Operator: desk.Is, Value: "many"}, {Field: order.Name(), Operator: desk.Is}, {Field: order.Name(), Operator: desk.Includes, Value: "1"},
			{Field: product.Name(), Operator: desk.Is, Value: "mixer"}, {Field: "custom_fields_4711", Operator: desk.Is, Value: "1"},
		} {
			_, err := w.desk.CreateTrigger(t.Context(), w.admin, desk.TriggerChange{
				Title: ptr("x"), Conditions: &desk.Conditions{All: []desk.Condition{c}}, Actions: &[]desk.Action{{Field: "priority", Value: []string{"high"}}},
			})
			w.refused(err, "trigger_invalid")
		}
	})
}
