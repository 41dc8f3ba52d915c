package api

import (
	"fmt"
	"testing"
)

// unsolvedBy is a view as clients of Zendesk write one.
func unsolvedBy(title string) object {
	return object{"view": object{
		"title": title,
		"all":   []object{{"field": "status", "operator": "less_than", "value": "solved"}, {"field": "via_id", "operator": "is", "value": 4}},
		"output": object{
			"columns": []string{"status", "requester", "updated"}, "group_by": "assignee", "group_order": "desc", "sort_by": "created", "sort_order": "asc",
		},
	}}
}

func TestViewsFollowZendesksAPI(t *testing.T) {
	everywhere(t, func(w *world) {
		admin, agent := w.as(w.admin), w.as(w.agent)
		made := admin.send("POST", "/views.json", unsolvedBy("By mail")).is(201)
		if made.at("view.restriction") != nil || made.string("view.execution.group_by") != "assignee" || made.string("view.execution.group_order") != "desc" ||
			made.string("view.execution.sort.id") != "created" || made.string("view.execution.columns.1.title") != "Requester" || made.string("view.conditions.all.1.value") != "email" {
			w.t.Errorf("made %s", made.text)
		}
		id := made.number("view.id")
		view := fmt.Sprintf("/views/%d", id)
		rows := agent.get("%s/execute.json", view).is(200)
		if rows.number("rows.0.ticket.id") != int(w.ticket.ID) || rows.number("rows.0.requester_id") != int(w.requester.ID) || rows.string("columns.0.id") != "status" || rows.number("count") != 1 {
			w.t.Errorf("rows %s", rows.text)
		}
		if agent.get("%s/tickets?include=users", view).is(200).number("tickets.0.id") != int(w.ticket.ID) {
			w.t.Error("the ticket is not listed")
		}
		byCursor := agent.get("%s/tickets?page[size]=1", view).is(200)
		if byCursor.at("meta.has_more") != false {
			w.t.Errorf("by cursor %s", byCursor.text)
		}
		agent.get("%s/tickets?page[size]=1&sort=subject&page[after]=%s", view, byCursor.string("meta.after_cursor")).refused(422, "invalid_cursor")
		counts := agent.get("/views/count_many?ids=%d,4711", id).is(200)
		if len(counts.list("view_counts")) != 1 || counts.number("view_counts.0.value") != 1 || counts.string("view_counts.0.pretty") != "1" || counts.at("view_counts.0.fresh") != true {
			w.t.Errorf("counts %s", counts.text)
		}
		preview := unsolvedBy("")
		if n := agent.send("POST", "/views/preview/count", preview).is(200).number("view_count.value"); n != 1 {
			w.t.Errorf("previewed %d", n)
		}
		if n := len(agent.send("POST", "/views/preview.json", preview).is(200).list("rows")); n != 1 {
			w.t.Errorf("previewed %d rows", n)
		}
		own := agent.send("POST", "/views", unsolvedBy("Mine")).is(201)
		if own.string("view.restriction.type") != "User" || own.number("view.restriction.id") != int(w.agent.ID) {
			w.t.Errorf("an agent's own is %s", own.text)
		}
		admin.get("/views/%d", own.number("view.id")).refused(404, "not_found")
		agent.send("PUT", view, object{"view": object{"title": "x"}}).refused(403, "shared_by_administrators")
		if n := len(agent.get("/views/active").is(200).list("views")); n != 2 {
			w.t.Errorf("%d views are offered", n)
		}
		admin.send("PUT", "/views/update_many", object{"views": []object{{"id": id, "active": false}}}).is(200)
		if n := len(agent.get("/views/active").is(200).list("views")); n != 1 {
			w.t.Errorf("%d views are offered", n)
		}
		if n := agent.get("/views/count").is(200).number("count.value"); n != 2 {
			w.t.Errorf("%d views", n)
		}
		if n := len(agent.get("/views/search?query=by%%20MAIL").is(200).list("views")); n != 1 {
			w.t.Errorf("found %d views", n)
		}
		if n := len(agent.get("/views/definitions").is(200).list("definitions.conditions_all")); n < 10 {
			w.t.Errorf("%d conditions", n)
		}
		admin.send("POST", "/views", object{"view": object{"title": "All"}}).refused(422, "view_invalid")
		admin.send("DELETE", fmt.Sprintf("/views/destroy_many?ids=%d", id), nil).is(204)
		agent.get("%s/execute", view).refused(404, "not_found")
	})
}

func TestViewsShowCustomFields(t *testing.T) {
	everywhere(t, func(w *world) {
		admin, agent := w.as(w.admin), w.as(w.agent)
		product := admin.field("ticket", object{"type": "tagger", "title": "Product", "custom_field_options": productOptions()})
		name := fmt.Sprintf("custom_fields_%d", product)
		agent.send("PUT", fmt.Sprintf("/tickets/%d", w.ticket.ID), object{"ticket": object{"custom_fields": []object{{"id": product, "value": "kettle"}}}}).is(200)
		made := admin.send("POST", "/views", object{"view": object{
			"title":  "Kettles",
			"all":    []object{{"field": "status", "operator": "less_than", "value": "solved"}, {"field": name, "operator": "is", "value": "kettle"}},
			"output": object{"columns": []any{"subject", product}, "group_by": name, "sort_by": fmt.Sprint(product), "sort_order": "desc"},
		}}).is(201)
		if made.number("view.execution.columns.1.id") != product || made.string("view.execution.columns.1.type") != "tagger" ||
			made.number("view.execution.custom_fields.0.id") != product || made.string("view.execution.custom_fields.0.title") != "Product" ||
			made.number("view.execution.group.id") != product || made.string("view.execution.sort_by") != fmt.Sprint(product) {
			w.t.Errorf("made %s", made.text)
		}
		view := fmt.Sprintf("/views/%d", made.number("view.id"))
		rows := agent.get("%s/execute", view).is(200)
		if rows.number("rows.0.ticket.id") != int(w.ticket.ID) || rows.string("rows.0."+name) != "kettle" || rows.string("rows.0.group") != "kettle" || rows.number("columns.1.id") != product {
			w.t.Errorf("rows %s", rows.text)
		}
		if n := len(agent.get("%s/tickets?sort=-%s&page[size]=1", view, name).is(200).list("tickets")); n != 1 {
			w.t.Errorf("%d tickets", n)
		}
		offered := agent.get("/views/definitions").is(200)
		if last := offered.list("definitions.columns"); offered.number(fmt.Sprintf("definitions.columns.%d.id", len(last)-1)) != product {
			w.t.Errorf("offered %s", offered.text)
		}
		admin.send("DELETE", fmt.Sprintf("/ticket_fields/%d", product), nil).is(204)
		agent.get("%s/execute", view).refused(422, "view_broken")
		if broken := agent.get("%s", view).is(200); broken.string("view.broken.0.code") != "gone_field" || broken.string("view.broken.0.name") != "Product" {
			w.t.Errorf("broken %s", broken.text)
		}
	})
}

func TestMacrosFollowZendesksAPI(t *testing.T) {
	everywhere(t, func(w *world) {
		admin, agent := w.as(w.admin), w.as(w.agent)
		made := admin.send("POST", "/macros.json", object{"macro": object{
			"title": "Orders::Found", "restriction": nil,
			"actions": []object{{"field": "status", "value": "solved"}, {"field": "comment_value", "value": "Hello {{ticket.requester.name}}"}, {"field": "comment_mode_is_public", "value": false}},
		}}).is(201)
		id := made.number("macro.id")
		applied := agent.get("/tickets/%d/macros/%d/apply.json", w.ticket.ID, id).is(200)
		if applied.string("result.ticket.status") != "solved" || applied.string("result.ticket.comment.body") != "Hello "+w.requester.Name ||
			applied.at("result.ticket.comment.public") != false || applied.string("result.changes.0.field_name") != "status" {
			w.t.Errorf("applied %s", applied.text)
		}
		if agent.get("/tickets/%d", w.ticket.ID).is(200).string("ticket.status") == "solved" {
			w.t.Error("applying has changed the ticket")
		}
		if agent.get("/macros/%d/apply", id).is(200).string("result.ticket.status") != "solved" {
			w.t.Error("nothing is applied without a ticket")
		}
		if got := agent.get("/macros/categories").is(200).string("categories.0"); got != "Orders" {
			w.t.Errorf("category %q", got)
		}
		for path, want := range map[string]int{"/macros": 1, "/macros/active": 1, "/macros/search?query=found": 1, "/macros?category=Orders": 1, "/macros?access=personal": 0, "/macros?active=false": 0} {
			if n := len(agent.get("%s", path).is(200).list("macros")); n != want {
				w.t.Errorf("%s: %d macros, want %d", path, n, want)
			}
		}
		if n := len(agent.get("/macros/actions").is(200).list("actions")); n < 10 {
			w.t.Errorf("%d actions", n)
		}
		agent.send("PUT", fmt.Sprintf("/macros/%d", id), object{"macro": object{"title": "x"}}).refused(403, "shared_by_administrators")
		own := agent.send("POST", "/macros", object{"macro": object{"title": "Mine", "actions": []object{{"field": "priority", "value": "high"}}}}).is(201).number("macro.id")
		admin.get("/macros/%d", own).refused(404, "not_found")
		agent.send("PUT", "/macros/update_many", object{"macros": []object{{"id": own, "active": false}}}).is(200)
		agent.send("DELETE", fmt.Sprintf("/macros/%d", own), nil).is(204)
		admin.send("DELETE", fmt.Sprintf("/macros/destroy_many?ids=%d", id), nil).is(204)
	})
}
