package store_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"tandem/desk"
	"tandem/directory"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
)

// define inserts a custom field of tickets.
func (h *house) define(t testing.TB, f directory.Field) *directory.Field {
	t.Helper()
	if f.Owner == "" {
		f.Owner = directory.TicketFields
	}
	if f.Title == "" {
		f.Title = string(f.Type)
	}
	f.Active = true
	update(t, h.DB, func(tx *store.Tx) error { return tx.InsertField(t.Context(), &f) })
	return &f
}

func products() []directory.Option {
	return []directory.Option{{Name: "Coffee machine", Value: "coffee"}, {Name: "Kettle", Value: "kettle"}, {Name: "Toaster", Value: "toaster"}}
}

func TestFieldKeepsItsOptionsByID(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		f := h.define(t, directory.Field{Type: directory.DropdownField, Options: products()})
		kettle := f.Options[1].ID
		f.Options = []directory.Option{f.Options[1], {Name: "Mixer", Value: "mixer", Default: true}, f.Options[0]}
		f.Options[0].Name = "Electric kettle"
		update(t, db, func(tx *store.Tx) error { return tx.UpdateField(t.Context(), f) })
		got := read(t, db, func(tx *store.Tx) (*directory.Field, error) {
			return tx.GetField(t.Context(), directory.TicketFields, f.ID)
		})
		if !slices.Equal(got.Options, f.Options) || got.Options[0].ID != kettle || got.ID <= 1000 {
			t.Errorf("field %d has options %+v, want %+v", got.ID, got.Options, f.Options)
		}
		err := db.View(t.Context(), func(tx *store.Tx) error {
			_, err := tx.GetField(t.Context(), directory.UserFields, f.ID)
			return err
		})
		wantKind(t, err, problem.NotFound)
	})
}

func TestTicketsAreFoundByTheirFields(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		text := h.define(t, directory.Field{Type: directory.TextField})
		number := h.define(t, directory.Field{Type: directory.DecimalField})
		date := h.define(t, directory.Field{Type: directory.DateField})
		check := h.define(t, directory.Field{Type: directory.CheckboxField})
		product := h.define(t, directory.Field{Type: directory.DropdownField, Options: products()})
		several := h.define(t, directory.Field{Type: directory.MultiselectField, Options: products()})

		values := []directory.FieldValues{
			{text.ID: "Order ABC", number.ID: "-2.5", date.ID: "1969-12-31", check.ID: "true", product.ID: "kettle", several.ID: "coffee toaster"},
			{text.ID: "order ＡＢＣ", number.ID: "10", date.ID: "2026-03-31", several.ID: "toaster"},
			{number.ID: "9"},
			{},
		}
		for i, v := range values {
			ticket := h.ticket(i + 1)
			ticket.Fields = v
			h.insertTickets(t, ticket)
			got := read(t, db, func(tx *store.Tx) (*desk.Ticket, error) { return tx.GetTicket(t.Context(), ticket.ID) })
			if !maps.Equal(got.Fields, v) {
				t.Errorf("ticket %d came back with %v, want %v", i+1, got.Fields, v)
			}
		}
		for _, test := range []struct {
			field    *directory.Field
			operator directory.FieldOperator
			value    string
			want     []desk.TicketID
		}{
			{text, directory.FieldIs, "ORDER abc", []desk.TicketID{1, 2}},
			{text, directory.FieldIsNot, "order abc", []desk.TicketID{3, 4}},
			{text, directory.FieldBegins, "Ord", []desk.TicketID{1, 2}},
			{text, directory.FieldBegins, "der", nil},
			{text, directory.FieldIs, "' OR 1=1 --", nil},
			{number, directory.FieldIs, "10.0", []desk.TicketID{2}},
			{number, directory.FieldMore, "9", []desk.TicketID{2}},
			{number, directory.FieldAtLeast, "9", []desk.TicketID{2, 3}},
			{number, directory.FieldLess, "9", []desk.TicketID{1}},
			{number, directory.FieldAbsent, "", []desk.TicketID{4}},
			{date, directory.FieldLess, "1970-01-01", []desk.TicketID{1}},
			{date, directory.FieldAtMost, "2026-03-31", []desk.TicketID{1, 2}},
			{date, directory.FieldIs, "2026-03-31", []desk.TicketID{2}},
			{check, directory.FieldIs, "true", []desk.TicketID{1}},
			{check, directory.FieldIs, "false", []desk.TicketID{2, 3, 4}},
			{product, directory.FieldIs, "Kettle", []desk.TicketID{1}},
			{product, directory.FieldIs, "", []desk.TicketID{2, 3, 4}},
			{product, directory.FieldPresent, "", []desk.TicketID{1}},
			{several, directory.FieldIs, "toaster", []desk.TicketID{1, 2}},
			{several, directory.FieldIsNot, "coffee", []desk.TicketID{2, 3, 4}},
		} {
			c, err := test.field.Where(test.operator, test.value)
			if err != nil {
				t.Fatal(err)
			}
			f := desk.TicketFilter{Where: asking(c), Sort: desk.SortID}
			if got := h.list(t, f); !slices.Equal(got, test.want) {
				t.Errorf("%s %s %q finds %v, want %v", test.field.Title, test.operator, test.value, got, test.want)
			}
			n := read(t, db, func(tx *store.Tx) (int, error) { return tx.CountTickets(t.Context(), f) })
			if n != len(test.want) {
				t.Errorf("%s %s %q counts %d, want %d", test.field.Title, test.operator, test.value, n, len(test.want))
			}
		}
	})
}

// asking is what a list asks of one field.
func asking(c directory.FieldCondition) desk.Where {
	return desk.Where{All: []desk.Match{{Custom: &c}}}
}

func TestChangedFieldsAreWrittenWithTheTicket(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		text := h.define(t, directory.Field{Type: directory.TextField})
		several := h.define(t, directory.Field{Type: directory.MultiselectField, Options: products()})
		ticket := h.ticket(1)
		ticket.Fields = directory.FieldValues{text.ID: "a", several.ID: "coffee kettle toaster"}
		h.insertTickets(t, ticket)
		for _, values := range []directory.FieldValues{{text.ID: "b", several.ID: "kettle"}, {several.ID: "coffee kettle"}, {}} {
			ticket.Fields = values
			update(t, db, func(tx *store.Tx) error { return tx.UpdateTicket(t.Context(), ticket) })
			got := read(t, db, func(tx *store.Tx) (*desk.Ticket, error) { return tx.GetTicket(t.Context(), ticket.ID) })
			if !maps.Equal(got.Fields, values) {
				t.Errorf("got %v, want %v", got.Fields, values)
			}
		}
	})
}

func TestDeletedFieldLosesItsValuesInBatches(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		gone := h.define(t, directory.Field{Type: directory.MultiselectField, Options: products()})
		kept := h.define(t, directory.Field{Type: directory.TextField})
		for n := range 3 {
			ticket := h.ticket(n)
			ticket.Fields = directory.FieldValues{gone.ID: "coffee kettle", kept.ID: "x"}
			h.insertTickets(t, ticket)
		}
		if n := read(t, db, func(tx *store.Tx) (int, error) { return tx.CountFieldValues(t.Context(), gone.ID) }); n != 3 {
			t.Errorf("%d tickets have a value, want 3", n)
		}
		update(t, db, func(tx *store.Tx) error { return tx.ConcealField(t.Context(), gone.ID) })
		ticket := read(t, db, func(tx *store.Tx) (*desk.Ticket, error) { return tx.GetTicket(t.Context(), 1) })
		if want := (directory.FieldValues{kept.ID: "x"}); !maps.Equal(ticket.Fields, want) {
			t.Errorf("the ticket has %v, want %v", ticket.Fields, want)
		}
		// A change that was made for the field as it was is not lost, nor does it bring the field back.
		ticket.Fields = directory.FieldValues{gone.ID: "toaster", kept.ID: "y"}
		update(t, db, func(tx *store.Tx) error { return tx.UpdateTicket(t.Context(), ticket) })
		var batches []int
		for {
			var n int
			update(t, db, func(tx *store.Tx) (err error) {
				n, err = tx.DeleteFieldValues(t.Context(), gone.ID, 4)
				return err
			})
			if n == 0 {
				break
			}
			batches = append(batches, n)
		}
		if !slices.Equal(batches, []int{4, 2}) {
			t.Errorf("values went in batches of %v", batches)
		}
		if got := read(t, db, func(tx *store.Tx) (*desk.Ticket, error) { return tx.GetTicket(t.Context(), 1) }); got.Fields[kept.ID] != "y" {
			t.Errorf("the other field has %v", got.Fields)
		}
	})
}

// A condition on a field must be answered from an index: with a million tickets
// there are millions of values.
func TestFieldConditionsComeOutOfAnIndex(t *testing.T) {
	db := storetest.OpenSQLite(t)
	h := furnish(t, db)
	text := h.define(t, directory.Field{Type: directory.TextField})
	number := h.define(t, directory.Field{Type: directory.IntegerField})
	for _, test := range []struct {
		field    *directory.Field
		operator directory.FieldOperator
		index    string
	}{
		{text, directory.FieldIs, "field_value_text (field_id=? AND folded=?)"},
		{text, directory.FieldIsNot, "field_value_text (field_id=? AND folded=?)"},
		{text, directory.FieldBegins, "field_value_text (field_id=? AND folded>? AND folded<?)"},
		{text, directory.FieldPresent, "(field_id=?)"},
		{number, directory.FieldMore, "field_value_number (field_id=? AND number>?)"},
		{number, directory.FieldAtMost, "field_value_number (field_id=? AND number<?)"},
	} {
		c, err := test.field.Where(test.operator, "7")
		if err != nil {
			t.Fatal(err)
		}
		f := desk.TicketFilter{Where: asking(c), Limit: 50}
		plan := read(t, db, func(tx *store.Tx) (string, error) { return tx.ExplainTickets(t.Context(), f) })
		if !strings.Contains(plan, test.index) || strings.Contains(plan, "SCAN field_value") {
			t.Errorf("%s does not use %s:\n%s", fmt.Sprint(test.operator), test.index, plan)
		}
	}
}
