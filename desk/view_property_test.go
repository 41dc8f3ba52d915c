package desk_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tandem/desk"
	"tandem/event"
)

// What the database finds for a view is what the same conditions would say of
// each ticket in a trigger.
func TestViewsFindWhatTriggersWouldMeet(t *testing.T) {
	each(t, func(w *world) {
		draw := &viewDraw{w: w}
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
				if cs.Met(ticket, w.agent.UserID) {
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
}

// fill adds a ticket, so that the desk grows from run to run.
func (d *viewDraw) fill(rt *rapid.T) {
	w := d.w
	ticket := &desk.Ticket{
		Subject: "Question", RequesterID: w.requester.ID, SubmitterID: w.requester.ID, BrandID: 1, Via: desk.ByEmail,
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
	w.update(func(tx desk.Tx) error {
		ticket.ID = 0
		tx.Publish(event.Event{Kind: event.TicketCreated})
		return tx.InsertTicket(w.t.Context(), ticket)
	})
	d.tickets = append(d.tickets, ticket)
}

func (d *viewDraw) condition(rt *rapid.T) desk.Condition {
	fields := desk.ViewDefinitions()
	known := []string{"status", "priority", "assignee_id", "requester_id", "current_tags", "recipient", "via_id", "imported", "brand_id"}
	fields = slices.DeleteFunc(fields, func(f desk.Definition) bool { return !slices.Contains(known, f.Field) })
	f := rapid.SampledFrom(fields).Draw(rt, "field")
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
	}
	if f.Optional && (c.Operator == desk.Is || c.Operator == desk.IsNot) {
		values = append(values, "")
	}
	c.Value = rapid.SampledFrom(values).Draw(rt, "value")
	return c
}
