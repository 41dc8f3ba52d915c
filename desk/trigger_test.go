package desk_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tandem/desk"
	"tandem/directory"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
)

// rule is a trigger as tests write one: field, operator and value in a line for
// each condition, and the actions.
func rule(title string, all []string, actions ...desk.Action) desk.TriggerChange {
	conditions := &desk.Conditions{}
	for _, line := range all {
		conditions.All = append(conditions.All, condition(line))
	}
	return desk.TriggerChange{Title: &title, Conditions: conditions, Actions: &actions}
}

func condition(line string) desk.Condition {
	parts := append(strings.SplitN(line, " ", 3), "", "")
	return desk.Condition{Field: parts[0], Operator: desk.Operator(parts[1]), Value: parts[2]}
}

func do(field string, values ...string) desk.Action { return desk.Action{Field: field, Value: values} }

// add saves a trigger as the administrator.
func (w *world) add(ch desk.TriggerChange) *desk.TriggerView {
	w.t.Helper()
	v, err := w.desk.CreateTrigger(w.t.Context(), w.admin, ch)
	w.must(err)
	return v
}

func (w *world) audits(id desk.TicketID) []*desk.TicketAudit {
	w.t.Helper()
	audits, err := w.desk.Audits(w.t.Context(), w.agent, desk.AuditFilter{Ticket: id})
	w.must(err)
	return audits
}

// open opens a ticket as the mail channel does.
func (w *world) open(n desk.NewTicket) *desk.Ticket {
	w.t.Helper()
	if n.RequesterID == 0 {
		n.RequesterID = w.requester.ID
	}
	if n.Via == "" {
		n.Via = desk.ByEmail
	}
	var ticket *desk.Ticket
	w.update(func(tx desk.Tx) (err error) {
		ticket, _, err = w.desk.Open(w.t.Context(), tx, n)
		return err
	})
	return ticket
}

func TestTriggerActsWhenATicketIsCreated(t *testing.T) {
	each(t, func(w *world) {
		refunds := w.add(rule("Refunds", []string{"update_type is Create", "comment_includes_word includes refund 返金"},
			do("priority", "high"), do("current_tags", "Refund, money"), do("assignee_id", fmt.Sprint(w.agent.UserID)), do("internal_note", "Look at {{ticket.requester.name}}'s order.")))
		ticket := w.open(desk.NewTicket{Subject: "Order", Comment: desk.NewComment{Public: true, Text: "I want a REFUND, please"}})

		stored := w.ticket(ticket.ID)
		if stored.Priority != desk.High || !slices.Equal(stored.Tags, []string{"refund", "money"}) || stored.AssigneeID != w.agent.UserID || stored.Status != desk.Open {
			w.t.Errorf("got %+v", stored)
		}
		if stored.Version != ticket.Version {
			w.t.Errorf("the caller has version %d, stored is %d", ticket.Version, stored.Version)
		}
		comments := w.comments(ticket.ID)
		if len(comments) != 2 || comments[1].Public || comments[1].Text != "Look at Aiko Tanaka's order." || comments[1].AuthorID != w.admin.UserID || comments[1].Via != desk.ByRule {
			w.t.Errorf("the note is %+v", comments[len(comments)-1])
		}
		audits := w.audits(ticket.ID)
		if len(audits) != 1 || audits[0].AuthorID != w.requester.ID || audits[0].Via != desk.ByEmail {
			w.t.Fatalf("got %+v", audits)
		}
		var byTrigger []string
		for _, e := range audits[0].Events {
			if e.Trigger == refunds.ID && e.Title == "Refunds" {
				byTrigger = append(byTrigger, fmt.Sprintf("%s %s %q > %q", e.Type, e.Field, e.Before, e.After))
			}
		}
		want := []string{
			`Change status "new" > "open"`, `Change priority "" > "high"`, fmt.Sprintf(`Change assignee_id "" > "%d"`, w.agent.UserID),
			`Change tags "" > "refund money"`, `Comment  "" > ""`,
		}
		if diff := cmp.Diff(want, byTrigger); diff != "" {
			w.t.Errorf("written down (-want +got):\n%s", diff)
		}
		other := w.open(desk.NewTicket{Subject: "Order", Comment: desk.NewComment{Public: true, Text: "refundable?"}})
		if w.ticket(other.ID).Priority != "" {
			w.t.Error("fired on a part of a word")
		}
		if v, err := w.desk.Trigger(w.t.Context(), w.agent, refunds.ID); err != nil || v.Fired != 1 {
			w.t.Errorf("fired %d times, %v", v.Fired, err)
		}
	})
}

func TestEveryChangeIsWrittenDown(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		w.must(second(w.desk.Reply(w.t.Context(), w.agent, ticket.ID, desk.Draft{Text: "It left today."})))
		tags, status := []string{"parcel"}, desk.Pending
		_, _, err := w.desk.Update(w.t.Context(), w.colleague, ticket.ID, desk.Change{Tags: &tags, Status: &status})
		w.must(err)
		_, _, err = w.desk.Update(w.t.Context(), w.colleague, ticket.ID, desk.Change{Tags: &tags})
		w.must(err)
		w.must(second2(w.desk.MakePrivate(w.t.Context(), w.colleague, ticket.ID, w.comments(ticket.ID)[0].ID)))
		var told []string
		for _, a := range w.audits(ticket.ID) {
			var events []string
			for _, e := range a.Events {
				events = append(events, strings.TrimSpace(fmt.Sprintf("%s %s %s>%s", e.Type, e.Field, e.Before, e.After)))
			}
			told = append(told, fmt.Sprintf("%d: %s", a.AuthorID, strings.Join(events, ", ")))
		}
		want := []string{
			fmt.Sprintf("%d: Create subject >My order, Create status >new, Create requester_id >%d, Create brand_id >%d, Comment  >", w.requester.ID, w.requester.ID, ticket.BrandID),
			fmt.Sprintf("%d: Change status new>open, Change assignee_id >%d, Comment  >", w.agent.UserID, w.agent.UserID),
			fmt.Sprintf("%d: Change status open>pending, Change tags >parcel", w.colleague.UserID),
			fmt.Sprintf("%d: CommentPrivacyChange  >", w.colleague.UserID), // and nothing of the change that changed nothing
		}
		if diff := cmp.Diff(want, told); diff != "" {
			w.t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func second(_ *desk.Ticket, _ *desk.Comment, err error) error { return err }
func second2(_ *desk.Comment, err error) error                { return err }

func TestImportedHistoryFiresNothing(t *testing.T) {
	each(t, func(w *world) {
		w.add(rule("Everything", []string{"status is_not closed"}, do("current_tags", "seen")))
		ticket := w.open(desk.NewTicket{Subject: "Old", Imported: true, CreatedAt: noon.Add(-time.Hour), Comment: desk.NewComment{Public: true, Text: "Old"}})
		w.must(second2(w.say(ticket.ID, desk.NewComment{AuthorID: w.requester.ID, Public: true, Text: "Older", Imported: true, CreatedAt: noon.Add(-30 * time.Minute)})))
		if tags := w.ticket(ticket.ID).Tags; len(tags) > 0 {
			w.t.Errorf("history was tagged %v", tags)
		}
		w.must(second2(w.say(ticket.ID, desk.NewComment{AuthorID: w.requester.ID, Public: true, Text: "New"})))
		if tags := w.ticket(ticket.ID).Tags; !slices.Equal(tags, []string{"seen"}) {
			w.t.Errorf("what came afterwards was tagged %v", tags)
		}
	})
}

func TestLaterTriggerMakesEarlierOneFire(t *testing.T) {
	each(t, func(w *world) {
		first := w.add(rule("Urgent ones are tagged", []string{"priority is urgent"}, do("current_tags", "alarm")))
		second := w.add(rule("Fire is urgent", []string{"subject_includes_word includes fire"}, do("priority", "urgent")))
		ticket := w.open(desk.NewTicket{Subject: "Fire!", Comment: desk.NewComment{Public: true, Text: "Help"}})
		var order []desk.TriggerID
		for _, e := range w.audits(ticket.ID)[0].Events {
			if e.Trigger != 0 {
				order = append(order, e.Trigger)
			}
		}
		if diff := cmp.Diff([]desk.TriggerID{second.ID, first.ID}, order); diff != "" {
			w.t.Errorf("fired (-want +got):\n%s", diff)
		}
	})
}

func TestTriggersThatUndoEachOtherComeToAnEnd(t *testing.T) {
	each(t, func(w *world) {
		w.add(rule("Up", []string{"priority is low"}, do("priority", "high")))
		w.add(rule("Down", []string{"priority is high"}, do("priority", "low")))
		ticket := w.open(desk.NewTicket{Subject: "Up and down", Priority: desk.Low, Comment: desk.NewComment{Public: true, Text: "?"}})
		if got := w.ticket(ticket.ID).Priority; got != desk.Low {
			w.t.Errorf("ended at %s, want each to have fired once", got)
		}
	})
}

// What no trigger names any more does not fail a customer's mail.
func TestTriggerWhoseAgentIsGoneIsSkippedAndShown(t *testing.T) {
	each(t, func(w *world) {
		leaver := w.person("Leaver", "leaver@contoso.example", directory.Agent)
		v := w.add(rule("To the leaver", []string{"status is new"}, do("assignee_id", fmt.Sprint(leaver.ID)), do("current_tags", "given")))
		w.update(func(tx desk.Tx) error {
			gone := *leaver
			gone.Suspended = true
			return tx.UpdateUser(w.t.Context(), &gone)
		})
		ticket := w.mailIn()
		if got := w.ticket(ticket.ID); got.AssigneeID != 0 || len(got.Tags) != 0 {
			w.t.Errorf("got %+v, want nothing done", got)
		}
		events := w.audits(ticket.ID)[0].Events
		if last := events[len(events)-1]; last.Type != desk.Failed || last.Trigger != v.ID || last.Reason != "assignee_is_no_agent" {
			w.t.Errorf("written down: %+v", last)
		}
		shown, err := w.desk.Trigger(w.t.Context(), w.agent, v.ID)
		w.must(err)
		if len(shown.Broken) != 1 || shown.Broken[0].Field != "actions.0.value" || shown.Fired != 0 {
			w.t.Errorf("shown as %+v", shown)
		}
		off := false
		_, err = w.desk.ChangeTrigger(w.t.Context(), w.admin, v.ID, desk.TriggerChange{Active: &off})
		w.must(err) // a broken one can be switched off
	})
}

// The database remembers what triggers there are; each node keeps them in memory.
func TestChangedTriggerIsInForceOnAnotherNodeAtOnce(t *testing.T) {
	each(t, func(w *world) {
		other := desk.NewService(store.For[desk.Tx](w.db), nil, desk.Options{Now: w.clock.Now, NewToken: func() string { return fmt.Sprint("other", w.clock.now.UnixNano()) }})
		v := w.add(rule("Tag", []string{"status is new"}, do("current_tags", "one")))
		first := w.mailIn()
		actions := []desk.Action{do("current_tags", "two")}
		_, err := other.ChangeTrigger(w.t.Context(), w.admin, v.ID, desk.TriggerChange{Actions: &actions})
		w.must(err)
		second := w.mailIn()
		if a, b := w.ticket(first.ID).Tags, w.ticket(second.ID).Tags; !slices.Equal(a, []string{"one"}) || !slices.Equal(b, []string{"two"}) {
			w.t.Errorf("tagged %v and then %v", a, b)
		}
	})
}

func TestTriggersAreKeptInOrder(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		titles := func() string {
			all, err := w.desk.Triggers(ctx, w.agent, desk.TriggerFilter{})
			w.must(err)
			var text []string
			for i, v := range all {
				if v.Position != i+1 {
					w.t.Errorf("%s is at %d, want %d", v.Title, v.Position, i+1)
				}
				text = append(text, v.Title)
			}
			return strings.Join(text, "")
		}
		is := func(want string) {
			w.t.Helper()
			if got := titles(); got != want {
				w.t.Errorf("the order is %s, want %s", got, want)
			}
		}
		byTitle := make(map[string]desk.TriggerID)
		for _, title := range []string{"a", "b", "c", "d"} {
			byTitle[title] = w.add(rule(title, []string{"status is new"}, do("priority", "low"))).ID
		}
		is("abcd")
		two := 2
		_, err := w.desk.ChangeTrigger(ctx, w.admin, byTitle["d"], desk.TriggerChange{Position: &two})
		w.must(err)
		is("adbc")
		w.must(w.desk.ReorderTriggers(ctx, w.admin, []desk.TriggerID{byTitle["c"], byTitle["b"]}))
		is("cbad")
		w.must(w.desk.DeleteTriggers(ctx, w.admin, byTitle["b"]))
		is("cad")
		w.refused(w.desk.ReorderTriggers(ctx, w.admin, []desk.TriggerID{byTitle["b"]}), "unknown_trigger")
		w.refused(w.desk.DeleteTriggers(ctx, w.agent, byTitle["a"]), "administrators_only")
	})
}

func TestFaultyTriggerIsRefusedFieldByField(t *testing.T) {
	w := one(t)
	_, err := w.desk.CreateTrigger(t.Context(), w.admin, rule("", []string{
		"status is broken", "weather is rainy", "status includes new", "assignee_id is 999999", "current_tags includes",
	}, do("status", "new"), do("brand_id", "zero"), do("notification_user", "requester_id", "Hello {{ticket.tittle}}", "{{ticket.id"), do("notification_address", "nowhere", "a", "b"), do("dance")))
	p := problem.As(err)
	if p == nil || p.Code != "trigger_invalid" {
		t.Fatalf("got %v", err)
	}
	var faults []string
	for _, d := range p.Details {
		faults = append(faults, d.Field+" "+d.Code)
	}
	want := []string{
		"title title_missing", "conditions.all.0.value unknown_value", "conditions.all.1.field unknown_field", "conditions.all.2.operator unknown_operator",
		"conditions.all.4.value value_missing", "actions.0.value unknown_value", "actions.1.value unknown_value",
		"actions.2.value.1 unknown_placeholder", "actions.2.value.2 unknown_placeholder", "actions.3.value.0 invalid_email", "actions.4.field unknown_field",
	}
	if diff := cmp.Diff(want, faults); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err = w.desk.CreateTrigger(t.Context(), w.admin, rule("Nobody", []string{"assignee_id is 999999"}, do("priority", "low")))
	if p := problem.As(err); p == nil || len(p.Details) != 1 || p.Details[0].Code != "gone_agent" {
		t.Errorf("somebody who does not exist: %v", err)
	}
	_, err = w.desk.CreateTrigger(t.Context(), w.agent, rule("Mine", []string{"status is new"}, do("priority", "low")))
	w.refused(err, "administrators_only")
}

// plain is a rule that is easily foretold.
type plain struct {
	priority, tag string // wanted
	not           bool   // the tag must be missing
	set, change   string
	remove        bool
}

func (p plain) trigger(position int) *desk.Trigger {
	operator, action := desk.Includes, "current_tags"
	if p.not {
		operator = desk.IncludesNot
	}
	if p.remove {
		action = "remove_tags"
	}
	return &desk.Trigger{
		Title: fmt.Sprint(position), Active: true, Position: position,
		Conditions: desk.Conditions{All: []desk.Condition{{Field: "priority", Operator: desk.Is, Value: p.priority}, {Field: "current_tags", Operator: operator, Value: p.tag}}},
		Actions:    []desk.Action{do("priority", p.set), do(action, p.change)},
	}
}

// Whatever triggers do to each other, a change ends, each fires at most once,
// and nothing fires while one before it, that has not fired yet, wants to.
func TestAnySetOfTriggersEndsInOrder(t *testing.T) {
	w := one(t)
	priorities := []string{"", "low", "normal", "high", "urgent"}
	tags := []string{"a", "b", "c"}
	rapid.Check(t, func(r *rapid.T) {
		rules := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) plain {
			return plain{
				priority: rapid.SampledFrom(priorities).Draw(r, "priority"), tag: rapid.SampledFrom(tags).Draw(r, "tag"), not: rapid.Bool().Draw(r, "not"),
				set: rapid.SampledFrom(priorities).Draw(r, "set"), change: rapid.SampledFrom(tags).Draw(r, "change"), remove: rapid.Bool().Draw(r, "remove"),
			}
		}), 1, 8).Draw(r, "rules")
		byID := make(map[desk.TriggerID]plain)
		var order []desk.TriggerID
		w.update(func(tx desk.Tx) error {
			clear(byID)
			order = nil
			old, err := tx.ListTriggers(t.Context())
			for _, v := range old {
				err = errors.Join(err, tx.DeleteTrigger(t.Context(), v.ID))
			}
			for i, p := range rules {
				v := p.trigger(i + 1)
				err = errors.Join(err, tx.InsertTrigger(t.Context(), v))
				byID[v.ID], order = p, append(order, v.ID)
			}
			return errors.Join(err, tx.RaiseTriggerRevision(t.Context()))
		})
		ticket := w.open(desk.NewTicket{
			Subject: "?", Priority: desk.Priority(rapid.SampledFrom(priorities).Draw(r, "start")),
			Tags:    rapid.SliceOfDistinct(rapid.SampledFrom(tags), rapid.ID).Draw(r, "tags"),
			Comment: desk.NewComment{Public: true, Text: "?"},
		})

		// A plain model of the rule says what has to have happened.
		priority, has := "", map[string]bool{}
		for _, e := range w.audits(ticket.ID)[0].Events {
			if e.Trigger == 0 && e.Field == "priority" {
				priority = e.After
			}
			if e.Trigger == 0 && e.Field == "tags" {
				for tag := range strings.FieldsSeq(e.After) {
					has[tag] = true
				}
			}
		}
		fired := make(map[desk.TriggerID]bool)
		for {
			i := slices.IndexFunc(order, func(id desk.TriggerID) bool {
				p := byID[id]
				return !fired[id] && p.priority == priority && has[p.tag] != p.not
			})
			if i < 0 {
				break
			}
			p := byID[order[i]]
			fired[order[i]], priority, has[p.change] = true, p.set, !p.remove
		}
		got := w.ticket(ticket.ID)
		var left []string
		for _, tag := range tags {
			if has[tag] {
				left = append(left, tag)
			}
		}
		if string(got.Priority) != priority || !slices.Equal(slices.Sorted(slices.Values(got.Tags)), left) {
			r.Fatalf("got %s %v, want %s %v", got.Priority, got.Tags, priority, left)
		}
		views, err := w.desk.Triggers(t.Context(), w.admin, desk.TriggerFilter{})
		w.must(err)
		for _, v := range views {
			if (v.Fired == 1) != fired[v.ID] || v.Fired > 1 {
				r.Fatalf("trigger %d fired %d times, want it to have fired: %t", v.ID, v.Fired, fired[v.ID])
			}
		}
	})
}

// A thousand triggers must not make each change of a ticket read them all.
func TestAThousandTriggersAreReadOnce(t *testing.T) {
	w := one(t)
	w.update(func(tx desk.Tx) error {
		for i := range 1000 {
			err := tx.InsertTrigger(t.Context(), &desk.Trigger{
				Title: fmt.Sprint(i), Active: true, Position: i + 1, Conditions: desk.Conditions{All: []desk.Condition{{Field: "subject_includes_word", Operator: desk.Includes, Value: fmt.Sprintf("word%d other%d", i, i)}}},
				Actions: []desk.Action{{Field: "priority", Value: []string{"high"}}},
			})
			if err != nil {
				return err
			}
		}
		return tx.RaiseTriggerRevision(t.Context())
	})
	counted := &countingStore{Of: store.For[desk.Tx](w.db)}
	service := desk.NewService(counted, nil, desk.Options{Now: w.clock.Now})
	for range 20 {
		_, _, err := service.Create(t.Context(), w.agent, desk.Request{Subject: "nothing of this", Comment: desk.Draft{Text: "x", Public: true}})
		w.must(err)
	}
	if counted.lists != 1 {
		t.Errorf("the triggers were read %d times for 20 tickets", counted.lists)
	}
}

// countingStore counts how often all triggers are read.
type countingStore struct {
	store.Of[desk.Tx]
	lists int
}

type countingTx struct {
	desk.Tx
	lists *int
}

func (s *countingStore) Update(ctx context.Context, f func(desk.Tx) error) error {
	return s.Of.Update(ctx, func(tx desk.Tx) error { return f(countingTx{tx, &s.lists}) })
}

func (tx countingTx) ListTriggers(ctx context.Context) ([]*desk.Trigger, error) {
	*tx.lists++
	return tx.Tx.ListTriggers(ctx)
}

// one is a world on SQLite, for what has nothing to do with the kind of database.
func one(t *testing.T) *world {
	t.Helper()
	return newWorld(t, storetest.SQLiteURL(t))
}
