package api

import (
	"fmt"
	"slices"
	"testing"

	"tandem/desk"
)

// asZendesk is a trigger as clients of Zendesk write one: with numbers and
// booleans where texts would do.
func asZendesk(title string) object {
	return object{"trigger": object{
		"title":      title,
		"conditions": object{"all": []object{{"field": "status", "operator": "less_than", "value": "solved"}, {"field": "via_id", "operator": "is", "value": 5}}, "any": []object{}},
		"actions":    []object{{"field": "priority", "value": "high"}, {"field": "notification_user", "value": []string{"requester_id", "Hello", "You"}}},
	}}
}

func TestTriggersFollowZendesksAPI(t *testing.T) {
	everywhere(t, func(w *world) {
		admin := w.as(w.admin)
		first := admin.send("POST", "/triggers.json", asZendesk("First")).is(201)
		if first.at("trigger.active") != true || first.number("trigger.position") != 1 || first.at("trigger.default") != false || first.number("trigger.usage_7d") != 0 {
			t.Errorf("made %s", first.text)
		}
		if first.string("trigger.conditions.all.1.value") != "api" || first.string("trigger.actions.0.value") != "high" || first.string("trigger.actions.1.value.1") != "Hello" {
			t.Errorf("made %s", first.text)
		}
		id := first.number("trigger.id")
		second := admin.send("POST", "/triggers", asZendesk("Second")).number("trigger.id")

		created := admin.send("POST", "/tickets", object{"ticket": object{"subject": "Hello", "comment": object{"body": "Hi"}, "requester_id": w.requester.ID}}).is(201)
		if created.string("ticket.priority") != "high" {
			t.Errorf("the ticket is %s", created.text)
		}
		audits := w.as(w.agent).get("/tickets/%d/audits.json?include=users", created.number("ticket.id")).is(200)
		last := audits.list("audits.0.events")
		change := last[len(last)-1].(map[string]any)
		via := change["via"].(map[string]any)
		if change["type"] != "Notification" && change["type"] != "Change" || via["channel"] != "rule" || via["source"].(map[string]any)["rel"] != "trigger" {
			t.Errorf("written down: %v", change)
		}
		if len(audits.list("users")) != 1 {
			t.Errorf("users: %v", audits.at("users"))
		}
		one := w.as(w.agent).get("/tickets/%d/audits/%d", created.number("ticket.id"), audits.number("audits.0.id")).is(200)
		if one.number("audit.author_id") != int(w.admin.ID) {
			t.Errorf("by %v", one.at("audit.author_id"))
		}
		w.as(w.agent).get("/tickets/%d/audits/999999", created.number("ticket.id")).refused(404, "audit_not_found")

		admin.send("PUT", "/triggers/reorder", object{"trigger_ids": []int{second, id}}).is(200)
		titles := func(path string) (titles []string) {
			for _, v := range w.as(w.agent).get("%s", path).is(200).list("triggers") {
				titles = append(titles, v.(map[string]any)["title"].(string))
			}
			return titles
		}
		if got := titles("/triggers"); !slices.Equal(got, []string{"Second", "First"}) {
			t.Errorf("in the order %v", got)
		}
		admin.send("PUT", "/triggers/update_many", object{"triggers": []object{{"id": second, "active": false}, {"id": id, "position": 1}}}).is(200)
		if got := titles("/triggers/active"); !slices.Equal(got, []string{"First"}) {
			t.Errorf("active %v", got)
		}
		if got := titles("/triggers/search?query=seco"); !slices.Equal(got, []string{"Second"}) {
			t.Errorf("found %v", got)
		}
		admin.send("PUT", fmt.Sprintf("/triggers/%d", id), object{"trigger": object{"title": "Renamed"}}).is(200)
		if got := admin.get("/triggers/%d", id); got.string("trigger.title") != "Renamed" || got.number("trigger.usage_7d") != 1 {
			t.Errorf("is %s", got.text)
		}
		admin.send("DELETE", fmt.Sprintf("/triggers/destroy_many?ids=%d,%d", id, second), nil).is(204)
		admin.get("/triggers/%d", id).refused(404, "not_found")
		if log := admin.get("/audit_logs?source_type=trigger"); len(log.list("audit_logs")) != 8 {
			t.Errorf("%d administrative changes are written down", len(log.list("audit_logs")))
		}
	})
}

func TestFaultyTriggerSaysWhichInput(t *testing.T) {
	w := one(t)
	refused := w.as(w.admin).send("POST", "/triggers", object{"trigger": object{
		"title": "x", "conditions": object{"all": []object{{"field": "weather", "operator": "is", "value": "rain"}}},
		"actions": []object{{"field": "notification_user", "value": []string{"requester_id", "{{ticket.nope}}", "x"}}},
	}}).refused(422, "trigger_invalid")
	details := refused.at("details").(map[string]any)
	for field, code := range map[string]string{"conditions.all.0.field": "unknown_field", "actions.0.value.1": "unknown_placeholder"} {
		faults, _ := details[field].([]any)
		if len(faults) != 1 || faults[0].(map[string]any)["type"] != code {
			t.Errorf("%s: %v, want %s", field, details[field], code)
		}
	}
}

func TestEditorOfTriggersLearnsWhatThereIs(t *testing.T) {
	w := one(t)
	got := w.as(w.agent).get("/triggers/definitions").is(200)
	if n := len(got.list("definitions.conditions_all")); n != len(desk.ConditionDefinitions()) {
		t.Errorf("%d fields", n)
	}
	if got.string("definitions.conditions_all.0.subject") != "status" || got.at("definitions.conditions_all.0.operators.4.terminal") != true ||
		got.string("definitions.actions.0.values.0.value") != "open" {
		t.Errorf("got %s", got.text)
	}
}

func TestTriggersAreTestedWithoutATrace(t *testing.T) {
	w := one(t)
	admin := w.as(w.admin)
	ch := asZendesk("On mails")
	ch["trigger"].(object)["conditions"] = object{"all": []object{{"field": "subject_includes_word", "operator": "includes", "value": "order"}}}
	admin.send("POST", "/triggers", ch).is(201)
	got := admin.send("POST", "/triggers/test", object{"test": object{"ticket_id": w.ticket.ID}}).is(200)
	if got.string("test.update_type") != "Create" || got.number("test.triggers.0.order") != 1 || got.at("test.triggers.0.all.0.met") != true ||
		got.string("test.triggers.0.all.0.saw") != "My order" || got.string("test.changes.0.value") != "high" {
		t.Errorf("got %s", got.text)
	}
	if after := admin.get("/tickets/%d", w.ticket.ID); after.at("ticket.priority") != nil {
		t.Errorf("the ticket has changed: %s", after.text)
	}
	w.as(w.agent).send("POST", "/triggers/test", object{"test": object{"ticket_id": w.ticket.ID}}).refused(403, "administrators_only")
	admin.send("POST", "/triggers/test", object{"test": object{}}).refused(422, "nothing_to_test")
	admin.send("POST", "/triggers/test", object{"test": object{"ticket_id": 999999}}).refused(404, "not_found")
}

func TestAuditsOfAllTicketsAreWalkedByCursor(t *testing.T) {
	w := one(t)
	for range 4 {
		w.as(w.agent).send("POST", "/tickets", object{"ticket": object{"subject": "?", "comment": object{"body": "?"}}}).is(201)
	}
	path, seen := "/ticket_audits?page[size]=2", map[int]bool{}
	for path != "" {
		page := w.as(w.agent).get("%s", path).is(200)
		for i := range page.list("audits") {
			seen[page.number(fmt.Sprintf("audits.%d.id", i))] = true
		}
		path = ""
		if page.at("meta.has_more") == true {
			path = "/ticket_audits?page[size]=2&page[after]=" + page.string("meta.after_cursor")
		}
	}
	if len(seen) != 5 { // and that of the world's own ticket
		t.Errorf("saw %d of 5 changes", len(seen))
	}
}
