package api

import (
	"fmt"
	"testing"
)

// field adds a custom field of "ticket", "user" or "organization" and gives its number.
func (c *caller) field(owner string, f object) int {
	c.w.t.Helper()
	return c.send("POST", "/"+owner+"_fields.json", object{owner + "_field": f}).is(201).number(owner + "_field.id")
}

func productOptions() []object {
	return []object{{"name": "Coffee machine", "value": "coffee"}, {"name": "Kettle", "value": "kettle"}}
}

func TestFieldsFollowZendesksAPI(t *testing.T) {
	everywhere(t, func(w *world) {
		admin, agent := w.as(w.admin), w.as(w.agent)
		product := admin.field("ticket", object{"type": "tagger", "title": "Product", "custom_field_options": productOptions(), "regexp_for_validation": nil})
		admin.field("ticket", object{"type": "integer", "title": "Order number", "position": 1})

		list := agent.get("/ticket_fields.json").is(200)
		if list.string("ticket_fields.0.type") != "subject" || list.at("ticket_fields.0.removable") != false || list.number("count") != 9 ||
			list.string("ticket_fields.7.title") != "Order number" || list.number("ticket_fields.8.position") != 9 {
			t.Errorf("the list is %s", list.text)
		}
		agent.get("/ticket_fields/1").is(200)
		admin.send("PUT", "/ticket_fields/1", object{"ticket_field": object{"title": "x"}}).refused(422, "field_system")
		admin.send("DELETE", "/ticket_fields/7", nil).refused(422, "field_system")
		if n := agent.get("/ticket_fields/count").is(200).number("count.value"); n != 9 {
			t.Errorf("%d fields", n)
		}

		path := fmt.Sprintf("/ticket_fields/%d", product)
		options := admin.send("POST", path+"/options.json", object{"custom_field_option": object{"name": "Toaster", "value": "toaster"}}).is(201)
		id := options.number("custom_field_option.id")
		admin.send("POST", path+"/options.json", object{"custom_field_option": object{"id": id, "name": "Toaster XL", "value": "toaster"}}).is(200)
		if got := agent.get("%s/options", path).is(200); got.string("custom_field_options.2.name") != "Toaster XL" || got.number("custom_field_options.2.id") != id {
			t.Errorf("the options are %s", got.text)
		}
		admin.send("DELETE", fmt.Sprintf("%s/options/%d", path, id), nil).is(204)
		agent.get("%s/options/%d", path, id).refused(404, "not_found")

		admin.send("PUT", "/ticket_fields/reorder", object{"ticket_field_ids": []int{1, product}}).is(200)
		if got := agent.get("/ticket_fields").string("ticket_fields.7.title"); got != "Product" {
			t.Errorf("after the system fields comes %s", got)
		}
		admin.send("PUT", path, object{"ticket_field": object{"active": false, "title": "Device"}}).is(200)
		if got := agent.get("%s", path); got.at("ticket_field.active") != false || got.string("ticket_field.raw_title") != "Device" || len(got.list("ticket_field.custom_field_options")) != 2 {
			t.Errorf("the field is %s", got.text)
		}
		admin.send("DELETE", path, nil).is(204)
		agent.get("%s", path).refused(404, "not_found")
	})
}

func TestTenThousandOptionsAreRefused(t *testing.T) {
	w := one(t)
	options := make([]object, 10_000)
	for i := range options {
		options[i] = object{"name": fmt.Sprint("Option ", i)}
	}
	got := w.as(w.admin).send("POST", "/ticket_fields", object{"ticket_field": object{"type": "tagger", "title": "x", "custom_field_options": options}}).refused(422, "field_invalid")
	if got.at("details.custom_field_options") == nil {
		t.Errorf("got %s", got.text)
	}
}

func TestTicketsCarryFields(t *testing.T) {
	everywhere(t, func(w *world) {
		admin, agent := w.as(w.admin), w.as(w.agent)
		product := admin.field("ticket", object{"type": "tagger", "title": "Product", "custom_field_options": productOptions()})
		colours := admin.field("ticket", object{"type": "multiselect", "title": "Colours", "custom_field_options": []object{{"name": "Red"}, {"name": "Blue"}}})
		vip := admin.field("ticket", object{"type": "checkbox", "title": "VIP", "tag": "vip"})
		amount := admin.field("ticket", object{"type": "decimal", "title": "Amount", "required": true})
		created := agent.send("POST", "/tickets", object{"ticket": object{
			"subject": "Hello", "comment": object{"body": "Hi"}, "requester_id": w.requester.ID,
			"custom_fields": []object{{"id": product, "value": "kettle"}, {"id": colours, "value": []string{"blue", "red"}}, {"id": vip, "value": true}, {"id": amount, "value": 12.50}},
		}}).is(201)
		for path, want := range map[string]string{
			"ticket.custom_fields.0.value": "kettle", "ticket.custom_fields.1.value": "[red blue]", "ticket.custom_fields.2.value": "true",
			"ticket.fields.3.value": "12.5", "ticket.tags": "[kettle red blue vip]",
		} {
			if got := fmt.Sprint(created.at(path)); got != want {
				t.Errorf("%s is %s, want %s", path, got, want)
			}
		}
		id := created.number("ticket.id")
		put := func(fields ...object) *answer {
			return agent.send("PUT", fmt.Sprintf("/tickets/%d.json", id), object{"ticket": object{"fields": fields}})
		}
		changed := put(object{"id": product, "value": nil}, object{"id": colours, "value": []string{}}, object{"id": vip, "value": false}).is(200)
		if changed.at("ticket.custom_fields.0.value") != nil || changed.at("ticket.custom_fields.2.value") != false || len(changed.list("ticket.tags")) != 0 {
			t.Errorf("after it was emptied: %s", changed.text)
		}
		for value, code := range map[any]string{"mixer": "field_option_unknown", 1: "field_option_unknown"} {
			got := put(object{"id": product, "value": value}).refused(422, code)
			if got.at(fmt.Sprintf("details.custom_fields_%d", product)) == nil {
				t.Errorf("which field is at fault: %s", got.text)
			}
		}
		put(object{"id": amount, "value": "<b>' OR 1=1"}).refused(422, "field_not_decimal")
		put(object{"id": 999999, "value": "x"}).is(200) // as Zendesk: left out
		put(object{"id": amount, "value": ""}).is(200)
		solve := agent.send("PUT", fmt.Sprintf("/tickets/%d", id), object{"ticket": object{"status": "solved"}}).refused(422, "fields_required")
		if solve.at(fmt.Sprintf("details.custom_fields_%d", amount)) == nil {
			t.Errorf("which field is missing: %s", solve.text)
		}
		audits := agent.get("/tickets/%d/audits", id).is(200).list("audits")
		event := audits[len(audits)-1].(map[string]any)["events"].([]any)[0].(map[string]any)
		if event["field_name"] != fmt.Sprint(amount) || event["field_title"] != "Amount" || event["previous_value"] != "12.5" {
			t.Errorf("written down: %v", event)
		}
		if n := agent.get("/ticket_fields/%d/usage", amount).is(200).number("count.value"); n != 0 {
			t.Errorf("%d tickets have an amount", n)
		}
	})
}

func TestPeopleCarryFields(t *testing.T) {
	everywhere(t, func(w *world) {
		admin, agent := w.as(w.admin), w.as(w.agent)
		admin.field("user", object{"type": "dropdown", "title": "Plan", "key": "plan", "custom_field_options": []object{{"name": "Gold"}, {"name": "Silver"}}})
		admin.field("user", object{"type": "date", "title": "Customer since", "key": "since"})
		admin.field("user", object{"type": "integer", "title": "Seats", "key": "seats"})
		if got := agent.get("/user_fields").is(200); got.string("user_fields.0.type") != "dropdown" || got.string("user_fields.0.key") != "plan" {
			t.Errorf("the list is %s", got.text)
		}
		admin.send("POST", "/user_fields", object{"user_field": object{"type": "text", "title": "x", "key": "plan"}}).refused(422, "field_invalid")
		put := func(by *caller, fields object) *answer {
			return by.send("PUT", fmt.Sprintf("/users/%d", w.requester.ID), object{"user": object{"user_fields": fields}})
		}
		got := put(agent, object{"plan": "gold", "since": "2024-02-29", "seats": 12}).is(200)
		if got.string("user.user_fields.plan") != "gold" || got.string("user.user_fields.since") != "2024-02-29T00:00:00Z" || got.number("user.user_fields.seats") != 12 {
			t.Errorf("the person is %s", got.text)
		}
		got = put(agent, object{"plan": nil, "since": "2024-02-29T00:00:00Z"}).is(200)
		if got.at("user.user_fields.plan") != nil || got.number("user.user_fields.seats") != 12 {
			t.Errorf("the person is %s", got.text)
		}
		if got := agent.get("/users/show_many?ids=%d", w.requester.ID).is(200); got.number("users.0.user_fields.seats") != 12 {
			t.Errorf("in a list the person is %s", got.text)
		}
		put(agent, object{"plan": "bronze"}).refused(422, "field_option_unknown")
		put(agent, object{"nonsense": 1}).refused(422, "field_unknown")
		made := agent.send("POST", "/users", object{"user": object{"name": "New", "email": "new@fabrikam.example", "user_fields": object{"plan": "silver"}}}).is(201)
		if made.string("user.user_fields.plan") != "silver" {
			t.Errorf("made %s", made.text)
		}
	})
}
