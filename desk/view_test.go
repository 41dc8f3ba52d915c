package desk_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/problem"
)

func ref[T any](v T) *T { return &v }

// view saves a view of tickets that meet all conditions.
func (w *world) view(by access.Actor, audience desk.Audience, conditions ...desk.Condition) *desk.ShownView {
	w.t.Helper()
	v, err := w.desk.CreateView(w.t.Context(), by, desk.ViewChange{
		Title: ref("A view"), Audience: &audience, Conditions: &desk.Conditions{All: conditions},
	})
	w.must(err)
	return v
}

// counted is the count of a view, once it is known to be right.
func (w *world) counted(by access.Actor, id desk.ViewID) int {
	w.t.Helper()
	counts, err := w.desk.ViewCounts(w.t.Context(), by, id)
	w.must(err)
	if !counts[0].Known || !counts[0].Fresh {
		w.t.Fatalf("view %d: %+v", id, counts[0])
	}
	return counts[0].Value
}

func (w *world) shippedCounts(by access.Actor) map[string]int {
	w.t.Helper()
	views, err := w.desk.Views(w.t.Context(), by, desk.ViewsFilter{})
	w.must(err)
	counts := make(map[string]int)
	for _, v := range views {
		if n := w.counted(by, v.ID); n > 0 {
			counts[v.Shipped] = n
		}
	}
	return counts
}

func TestShippedViewsAnswerWhatAnAgentAsksFirst(t *testing.T) {
	each(t, func(w *world) {
		w.must(w.desk.ShipViews(w.t.Context()))
		w.must(w.desk.ShipViews(w.t.Context())) // the next start
		mine, flagged, solved := w.mailIn(), w.mailIn(), w.mailIn()
		w.mailIn()
		_, _, err := w.desk.Update(w.t.Context(), w.agent, mine.ID, desk.Change{AssigneeID: &w.agent.UserID})
		w.must(err)
		_, err = w.say(flagged.ID, desk.NewComment{AuthorID: w.stranger.ID, Text: "Me too", Flag: desk.FlagStranger})
		w.must(err)
		w.setStatus(solved.ID, desk.Solved)
		want := map[string]int{"mine": 1, "unassigned": 2, "open": 3, "new": 2, "all": 4, "solved": 1, "flagged": 1}
		if diff := cmp.Diff(want, w.shippedCounts(w.agent)); diff != "" {
			w.t.Error(diff)
		}
		delete(want, "mine")
		if diff := cmp.Diff(want, w.shippedCounts(w.colleague)); diff != "" {
			w.t.Errorf("somebody else's: %s", diff)
		}
		w.clock.pass(31 * 24 * time.Hour)
		if diff := cmp.Diff(map[string]int{"mine": 1, "unassigned": 2, "open": 3, "new": 2, "all": 4, "flagged": 1}, w.shippedCounts(w.agent)); diff != "" {
			w.t.Errorf("a month later: %s", diff)
		}
	})
}

func TestViewsAskWhatIsDue(t *testing.T) {
	each(t, func(w *world) {
		late, soon, later := w.mailIn().ID, w.mailIn().ID, w.mailIn().ID
		w.mailIn()
		for id, due := range map[desk.TicketID]time.Duration{late: -2 * time.Hour, soon: 3 * time.Hour, later: 50 * time.Hour} {
			w.must(w.classify(id, desk.Change{Type: ref(desk.Task), DueAt: ref(noon.Add(due))}))
		}
		for _, c := range []struct {
			desk.Condition
			want []desk.TicketID
		}{
			{desk.Condition{Field: "until_due_date", Operator: desk.LessThan, Value: "24"}, []desk.TicketID{soon}},
			{desk.Condition{Field: "until_due_date", Operator: desk.GreaterThan, Value: "24"}, []desk.TicketID{later}},
			{desk.Condition{Field: "due_date", Operator: desk.LessThan, Value: "24"}, []desk.TicketID{late}},
			{desk.Condition{Field: "due_date", Operator: desk.GreaterThan, Value: "1"}, []desk.TicketID{late}},
			{desk.Condition{Field: "due_date", Operator: desk.GreaterThan, Value: "3"}, nil},
			{desk.Condition{Field: "due_date", Operator: desk.After, Value: "2026-11-23"}, []desk.TicketID{later}},
			{desk.Condition{Field: "type", Operator: desk.Is, Value: "task"}, []desk.TicketID{late, soon, later}},
		} {
			_, f, err := w.desk.OpenView(t.Context(), w.agent, w.view(w.admin, desk.Audience{}, c.Condition).ID)
			w.must(err)
			f.Sort, f.Descending = desk.SortDue, false
			list, err := w.desk.List(t.Context(), w.agent, f)
			w.must(err)
			var got []desk.TicketID
			for _, one := range list.Tickets {
				got = append(got, one.ID)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%+v: %s", c.Condition, diff)
			}
		}
	})
}

func TestCountsFollowWhatHappens(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		open := w.view(w.admin, desk.Audience{}, desk.Condition{Field: "status", Operator: desk.Is, Value: "open"}, desk.Condition{Field: "current_tags", Operator: desk.Includes, Value: "vip"})
		if n := w.counted(w.agent, open.ID); n != 0 {
			w.t.Fatalf("%d before anything happened", n)
		}
		_, _, err := w.desk.Update(w.t.Context(), w.agent, ticket.ID, desk.Change{Status: ref(desk.Open), Tags: &[]string{"vip"}})
		w.must(err)
		w.clock.pass(desk.CountPause)
		w.eventually(func() bool { n := w.counted(w.agent, open.ID); return n == 1 })
		_, _, err = w.desk.Update(w.t.Context(), w.agent, ticket.ID, desk.Change{Tags: &[]string{}})
		w.must(err)
		w.clock.pass(desk.CountPause)
		w.eventually(func() bool { return w.counted(w.agent, open.ID) == 0 })
	})
}

// A busy desk does not count after every change: in between people get what was
// counted a moment ago, marked as such.
func TestCountsRestBetweenChanges(t *testing.T) {
	each(t, func(w *world) {
		v := w.view(w.admin, desk.Audience{}, desk.Condition{Field: "status", Operator: desk.LessThan, Value: "solved"}, desk.Condition{Field: "assignee_id", Operator: desk.Is, Value: ""})
		w.mailIn()
		if n := w.counted(w.agent, v.ID); n != 1 {
			w.t.Fatalf("%d at first", n)
		}
		w.mailIn()
		w.eventually(func() bool {
			counts, err := w.desk.ViewCounts(w.t.Context(), w.agent, v.ID)
			w.must(err)
			return counts[0].Value == 1 && !counts[0].Fresh
		})
		w.clock.pass(desk.CountPause)
		w.eventually(func() bool { return w.counted(w.agent, v.ID) == 2 })
	})
}

// eventually waits for events of PostgreSQL, which come some time after the commit.
func (w *world) eventually(done func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !done(); {
		if time.Now().After(deadline) {
			w.t.Fatal("it did not happen")
		}
		w.clock.pass(desk.CountPause)
	}
}

func TestViewsBelongToSomebody(t *testing.T) {
	each(t, func(w *world) {
		own := w.view(w.agent, desk.Audience{Owner: w.agent.UserID}, desk.Condition{Field: "status", Operator: desk.Is, Value: "new"})
		shared := w.view(w.admin, desk.Audience{}, desk.Condition{Field: "status", Operator: desk.Is, Value: "new"})
		ctx := w.t.Context()
		for _, other := range []access.Actor{w.colleague, w.admin} {
			_, err := w.desk.View(ctx, other, own.ID)
			w.refused(err, "not_found")
			_, _, err = w.desk.OpenView(ctx, other, own.ID)
			w.refused(err, "not_found")
			_, err = w.desk.ViewCounts(ctx, other, own.ID)
			w.refused(err, "not_found")
			_, err = w.desk.ChangeView(ctx, other, own.ID, desk.ViewChange{Active: ref(false)})
			w.refused(err, "not_found")
			w.refused(w.desk.DeleteViews(ctx, other, own.ID), "not_found")
		}
		_, err := w.desk.ChangeView(ctx, w.agent, shared.ID, desk.ViewChange{Title: ref("Mine now")})
		w.refused(err, "shared_by_administrators")
		_, err = w.desk.ChangeView(ctx, w.agent, own.ID, desk.ViewChange{Audience: &desk.Audience{}})
		w.refused(err, "shared_by_administrators")
		w.refused(w.desk.DeleteViews(ctx, w.agent, own.ID, shared.ID), "shared_by_administrators")
		_, err = w.desk.CreateView(ctx, w.agent, desk.ViewChange{Title: ref("For all"), Audience: &desk.Audience{}, Conditions: &shared.Conditions})
		w.refused(err, "shared_by_administrators")
		requester := access.Actor{UserID: w.requester.ID, Role: directory.EndUser}
		_, err = w.desk.Views(ctx, requester, desk.ViewsFilter{})
		w.refused(err, "agents_only")
		_, err = w.desk.View(ctx, w.agent, own.ID)
		w.must(err)
	})
}

func TestStrangeViewsAreRefused(t *testing.T) {
	each(t, func(w *world) {
		status := desk.Condition{Field: "status", Operator: desk.Is, Value: "open"}
		for code, ch := range map[string]desk.ViewChange{
			"anchor_missing":   {Conditions: &desk.Conditions{All: []desk.Condition{{Field: "priority", Operator: desk.Is, Value: "high"}}}},
			"unknown_field":    {Conditions: &desk.Conditions{All: []desk.Condition{status, {Field: "comment_is_public", Operator: desk.Is, Value: "true"}}}},
			"unknown_operator": {Conditions: &desk.Conditions{All: []desk.Condition{status, {Field: "status", Operator: desk.Changed}}}},
			"unknown_value":    {Conditions: &desk.Conditions{All: []desk.Condition{status, {Field: "updated_at", Operator: desk.LessThan, Value: "-3"}}}},
			"gone_agent":       {Conditions: &desk.Conditions{All: []desk.Condition{{Field: "assignee_id", Operator: desk.Is, Value: "4711"}}}},
			"unknown_column":   {Conditions: &desk.Conditions{All: []desk.Condition{status}}, Columns: &[]string{"custom_fields_7"}},
			"title_missing":    {Conditions: &desk.Conditions{All: []desk.Condition{status}}, Title: ref(" ")},
		} {
			if ch.Title == nil {
				ch.Title = ref("Strange")
			}
			_, err := w.desk.CreateView(w.t.Context(), w.admin, ch)
			w.refused(err, "view_invalid")
			if details := problem.As(err).Details; details[0].Code != code {
				w.t.Errorf("%v, want %s", details, code)
			}
		}
	})
}

// Who or what a view names may go: then the view says what is wrong with it, can
// be switched off, and works again once it is mended.
func TestViewOfWhatIsGoneIsBroken(t *testing.T) {
	each(t, func(w *world) {
		v := w.view(w.admin, desk.Audience{}, desk.Condition{Field: "status", Operator: desk.Is, Value: "new"})
		w.update(func(tx desk.Tx) error {
			stored, err := tx.GetView(w.t.Context(), v.ID)
			if err != nil {
				return err
			}
			stored.Conditions.All = append(stored.Conditions.All, desk.Condition{Field: "assignee_id", Operator: desk.Is, Value: "4711"}, desk.Condition{Field: "gone", Operator: desk.Is, Value: "x"})
			stored.Columns = append(stored.Columns, "gone")
			return tx.UpdateView(w.t.Context(), stored)
		})
		ctx := w.t.Context()
		shown, err := w.desk.View(ctx, w.agent, v.ID)
		w.must(err)
		if len(shown.Broken) != 3 {
			w.t.Errorf("broken: %v", shown.Broken)
		}
		_, _, err = w.desk.OpenView(ctx, w.agent, v.ID)
		w.refused(err, "view_broken")
		if p := problem.As(err); p.Remedy == "" || len(p.Details) != 2 {
			w.t.Errorf("says %+v", p)
		}
		counts, err := w.desk.ViewCounts(ctx, w.agent, v.ID)
		w.must(err)
		if !counts[0].Broken {
			w.t.Errorf("counted %+v", counts[0])
		}
		_, err = w.desk.ChangeView(ctx, w.admin, v.ID, desk.ViewChange{Active: ref(false)})
		w.must(err)
		_, err = w.desk.ChangeView(ctx, w.admin, v.ID, desk.ViewChange{Conditions: &v.Conditions, Columns: &v.Columns})
		w.must(err)
		_, _, err = w.desk.OpenView(ctx, w.agent, v.ID)
		w.must(err)
	})
}

func TestViewsKeepTheirOrder(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		status := desk.Condition{Field: "status", Operator: desk.Is, Value: "new"}
		first, own, second, third := w.view(w.admin, desk.Audience{}, status), w.view(w.agent, desk.Audience{Owner: w.agent.UserID}, status), w.view(w.admin, desk.Audience{}, status), w.view(w.admin, desk.Audience{}, status)
		_, err := w.desk.ChangeView(ctx, w.admin, third.ID, desk.ViewChange{Position: ref(1)})
		w.must(err)
		w.must(w.desk.DeleteViews(ctx, w.admin, first.ID))
		views, err := w.desk.Views(ctx, w.agent, desk.ViewsFilter{})
		w.must(err)
		var order []desk.ViewID
		for i, v := range views {
			order = append(order, v.ID)
			if want := []int{1, 2, 1}[i]; v.Position != want {
				w.t.Errorf("view %d stands at %d", v.ID, v.Position)
			}
		}
		if diff := cmp.Diff([]desk.ViewID{third.ID, second.ID, own.ID}, order); diff != "" {
			w.t.Error(diff)
		}
	})
}

func TestViewsLookAtCustomFields(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		product, weight := w.product(desk.FieldChange{}), w.define(directory.DecimalField, "Weight", desk.FieldChange{})
		v, err := w.desk.CreateView(ctx, w.admin, desk.ViewChange{
			Title:   ref("Products by weight"),
			Columns: &[]string{"subject", fmt.Sprint(int64(product.ID)), weight.Name()},
			Conditions: &desk.Conditions{
				All: []desk.Condition{{Field: "status", Operator: desk.LessThan, Value: "solved"}, {Field: product.Name(), Operator: desk.Present}},
				Any: []desk.Condition{{Field: weight.Name(), Operator: desk.LessThan, Value: "5"}, {Field: product.Name(), Operator: desk.Is, Value: "toaster"}},
			},
			Group: ref(desk.Sort(product.Name())), Sort: ref(desk.Sort(weight.Name())), Descending: ref(true),
		})
		w.must(err)
		if v.Columns[1] != product.Name() {
			w.t.Errorf("columns %v", v.Columns)
		}
		var ids []desk.TicketID
		for _, values := range [][2]string{{"toaster", "9"}, {"kettle", "2"}, {"kettle", "10"}, {"kettle", "4.5"}, {"", "1"}, {"toaster", "12"}} {
			id := w.mailIn().ID
			w.must(w.setField(id, product, values[0]))
			w.must(w.setField(id, weight, values[1]))
			ids = append(ids, id)
		}
		_, f, err := w.desk.OpenView(ctx, w.agent, v.ID)
		w.must(err)
		list, err := w.desk.List(ctx, w.agent, f)
		w.must(err)
		var got []desk.TicketID
		for _, ticket := range list.Tickets {
			got = append(got, ticket.ID)
		}
		// Kettles stand before toasters among the options, and within them the heaviest comes first.
		if diff := cmp.Diff([]desk.TicketID{ids[3], ids[1], ids[5], ids[0]}, got); diff != "" {
			w.t.Error(diff)
		}
		if n := w.counted(w.agent, v.ID); n != 4 {
			w.t.Fatalf("counted %d", n)
		}
		w.must(w.setField(ids[2], weight, "3"))
		w.clock.pass(desk.CountPause)
		w.eventually(func() bool { return w.counted(w.agent, v.ID) == 5 })
	})
}

// A field may be deleted that a view looks at: the view rests, and says which field it was.
func TestViewOfADeletedFieldRestsAndSaysWhich(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		product := w.product(desk.FieldChange{})
		v := w.view(w.admin, desk.Audience{}, desk.Condition{Field: "status", Operator: desk.LessThan, Value: "solved"}, desk.Condition{Field: product.Name(), Operator: desk.Is, Value: "kettle"})
		w.must(w.desk.DeleteField(ctx, w.admin, directory.TicketFields, product.ID))
		w.must(w.desk.RemoveFieldValues(ctx, product.ID))
		_, _, err := w.desk.OpenView(ctx, w.agent, v.ID)
		w.refused(err, "view_broken")
		shown, err := w.desk.View(ctx, w.agent, v.ID)
		w.must(err)
		want := []problem.Detail{{Field: "conditions.all.1.field", Code: "gone_field", Message: `The field "Product" was deleted.`, Name: "Product"}}
		if diff := cmp.Diff(want, shown.Broken); diff != "" {
			w.t.Error(diff)
		}
		_, err = w.desk.ChangeView(ctx, w.admin, v.ID, desk.ViewChange{Conditions: &desk.Conditions{All: v.Conditions.All[:1]}})
		w.must(err)
		_, _, err = w.desk.OpenView(ctx, w.agent, v.ID)
		w.must(err)
	})
}
