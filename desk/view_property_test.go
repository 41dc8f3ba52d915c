package desk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tandem/desk"
	"tandem/directory"
	"tandem/event"
)

// What the database finds for a view is what the same conditions would say of
// each ticket in a trigger.
func TestViewsFindWhatTriggersWouldMeet(t *testing.T) {
	each(t, func(w *world) {
		draw := newViewDraw(w)
		rapid.Check(w.t, func(rt *rapid.T) {
			draw.fill(rt)
			cs := desk.Conditions{
				All: append(rapid.SliceOfN(rapid.Custom(draw.condition), 0, 3).Draw(rt, "all"), desk.Condition{Field: "status", Operator: desk.IsNot, Value: "closed"}),
				Any: rapid.SliceOfN(rapid.Custom(draw.condition), 0, 3).Draw(rt, "any"),
			}
			order := desk.SortID
			_, f, err := w.desk.PreviewView(w.t.Context(), w.agent, desk.ViewChange{Conditions: &cs, Sort: &order})
			if err != nil {
				rt.Fatal(err)
			}
			list, err := w.desk.List(w.t.Context(), w.agent, f)
			if err != nil {
				rt.Fatal(err)
			}
			var want, got []desk.TicketID
			for _, ticket := range draw.tickets {
				if cs.Met(ticket, w.agent.UserID, draw.fields) {
					want = append(want, ticket.ID)
				}
			}
			for _, ticket := range list.Tickets {
				got = append(got, ticket.ID)
			}
			if !slices.Equal(got, want) {
				rt.Fatalf("found %v, want %v of %v", got, want, cs)
			}
			count, err := w.desk.CountUpTo(w.t.Context(), w.agent, f)
			if err != nil || count.Value != len(want) || count.More {
				rt.Fatalf("counted %+v (%v), want %d", count, err, len(want))
			}
			w.clock.pass(desk.CountPause)
		})
	})
}

type viewDraw struct {
	w       *world
	tickets []*desk.Ticket
	fields  []*directory.Field
	offered []desk.Definition
}

// fieldValues are what tickets have in the custom fields, by type; nothing as well.
var fieldValues = map[directory.FieldType][]string{
	directory.TextField:        {"", "Blue kettle", "kettles", "ケトル 青"},
	directory.IntegerField:     {"", "-3", "7", "12"},
	directory.DecimalField:     {"", "7.5", "12"},
	directory.DateField:        {"", "1969-12-31", "2026-03-31"},
	directory.CheckboxField:    {"", "true"},
	directory.DropdownField:    {"", "coffee", "kettle"},
	directory.MultiselectField: {"", "m_coffee", "m_kettle m_toaster"},
}

func newViewDraw(w *world) *viewDraw {
	d := &viewDraw{w: w}
	for _, kind := range directory.FieldTypes {
		switch kind {
		case directory.TextareaField, directory.RegexpField: // as texts
		case directory.DropdownField:
			d.fields = append(d.fields, w.product(desk.FieldChange{}))
		case directory.MultiselectField:
			options := []directory.Option{{Name: "Coffee", Value: "m_coffee"}, {Name: "Kettle", Value: "m_kettle"}, {Name: "Toaster", Value: "m_toaster"}}
			d.fields = append(d.fields, w.define(kind, "Several", desk.FieldChange{Options: &options}))
		default:
			d.fields = append(d.fields, w.define(kind, string(kind), desk.FieldChange{}))
		}
	}
	words, err := w.desk.ViewVocabulary(w.t.Context(), w.agent)
	w.must(err)
	known := []string{"status", "priority", "assignee_id", "requester_id", "current_tags", "recipient", "via_id", "imported", "brand_id", "subject_includes_word"}
	d.offered = slices.DeleteFunc(words.Conditions, func(f desk.Definition) bool { return f.Group != "custom" && !slices.Contains(known, f.Field) })
	return d
}

func (d *viewDraw) field(name string) *directory.Field {
	i := slices.IndexFunc(d.fields, func(f *directory.Field) bool { return f.Name() == name })
	if i < 0 {
		return nil
	}
	return d.fields[i]
}

// fill adds a ticket, so that the desk grows from run to run.
func (d *viewDraw) fill(rt *rapid.T) {
	w := d.w
	ticket := &desk.Ticket{
		Subject: rapid.SampledFrom([]string{"Question", "A refund, please", "Refunded", "返金希望です"}).Draw(rt, "subject"), RequesterID: w.requester.ID, SubmitterID: w.requester.ID, BrandID: 1, Via: desk.ByEmail,
		Status:     rapid.SampledFrom(desk.Statuses).Draw(rt, "status"),
		Priority:   rapid.SampledFrom([]desk.Priority{"", desk.Low, desk.Normal, desk.Urgent}).Draw(rt, "priority"),
		Tags:       rapid.SampledFrom([][]string{nil, {"vip"}, {"vip", "返品"}, {"返品"}}).Draw(rt, "tags"),
		Recipient:  rapid.SampledFrom([]string{"", "support@contoso.example"}).Draw(rt, "recipient"),
		ReplyToken: fmt.Sprint("reply", len(d.tickets)),
	}
	if rapid.Bool().Draw(rt, "mine") {
		ticket.AssigneeID = w.agent.UserID
	}
	if rapid.Bool().Draw(rt, "stranger") {
		ticket.RequesterID = w.stranger.ID
	}
	for _, f := range d.fields {
		ticket.Fields = ticket.Fields.With(f.ID, rapid.SampledFrom(fieldValues[f.Type]).Draw(rt, f.Title))
	}
	w.update(func(tx desk.Tx) error {
		ticket.ID = 0
		tx.Publish(event.Event{Kind: event.TicketCreated})
		return tx.InsertTicket(w.t.Context(), ticket)
	})
	d.tickets = append(d.tickets, ticket)
}

func (d *viewDraw) condition(rt *rapid.T) desk.Condition {
	f := rapid.SampledFrom(d.offered).Draw(rt, "field")
	c := desk.Condition{Field: f.Field, Operator: rapid.SampledFrom(f.Operators).Draw(rt, "operator")}
	values := slices.Clone(f.Values)
	switch f.Input {
	case desk.InputTags:
		values = []string{"vip", "返品", "vip 返品", "nobody"}
	case desk.InputAgent, desk.InputPerson:
		values = []string{"current_user", fmt.Sprint(int64(d.w.stranger.ID))}
	case desk.InputSupport:
		values = []string{"support@contoso.example", "sales@contoso.example"}
	case desk.InputBrand:
		values = []string{"1"}
	case desk.InputWords:
		values = []string{"refund", "refund question", "返金", "a refund", "希望 none"}
	}
	if custom := d.field(f.Field); custom != nil && custom.Type != directory.CheckboxField {
		values = slices.DeleteFunc(slices.Clone(fieldValues[custom.Type]), func(v string) bool { return v == "" || strings.Contains(v, "m_kettle m_") })
	}
	if c.Operator.Alone() {
		return c
	}
	if f.Optional && (c.Operator == desk.Is || c.Operator == desk.IsNot) {
		values = append(values, "")
	}
	c.Value = rapid.SampledFrom(values).Draw(rt, "value")
	return c
}
