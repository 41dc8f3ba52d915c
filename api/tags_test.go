package api

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestTagsAreCountedFoundAndChanged(t *testing.T) {
	everywhere(t, func(w *world) {
		agent := w.as(w.agent)
		a, b := agent.open("One"), agent.open("Two")
		path := fmt.Sprintf("/tickets/%d/tags.json", a)
		if got := agent.send("POST", path, object{"tags": []string{"VIP", "refund", "100%_sure"}}).is(201); len(got.list("tags")) != 3 {
			w.t.Errorf("set %s", got.text)
		}
		agent.send("PUT", fmt.Sprintf("/tickets/%d/tags", b), object{"tags": []string{"refund", "re_vip"}}).is(200)
		stamp := agent.get("/tickets/%d", a).string("ticket.updated_stamp")
		agent.send("PUT", path, object{"tags": []string{"late"}, "updated_stamp": stamp, "safe_update": "true"}).is(200)
		agent.send("DELETE", path, object{"tags": []string{"late"}, "updated_stamp": stamp, "safe_update": true}).refused(409, "ticket_changed")
		if got := agent.send("DELETE", path, object{"tags": []string{"late"}}).is(200); slices.Contains(got.list("tags"), any("late")) {
			w.t.Errorf("removed %s", got.text)
		}

		all := agent.get("/tags.json").is(200)
		if all.string("tags.0.name") != "refund" || all.number("tags.0.count") != 2 || all.number("count") != 4 {
			w.t.Errorf("all tags are %s", all.text)
		}
		var names []string
		for next := "/tags?page[size]=1"; next != ""; {
			page := agent.get("%s", next).is(200)
			for _, tag := range page.list("tags") {
				names = append(names, tag.(map[string]any)["name"].(string))
			}
			if next = ""; page.at("meta.has_more") == true {
				next = "/tags?page[size]=1&page[after]=" + page.string("meta.after_cursor")
			}
		}
		if !slices.Equal(names, []string{"refund", "100%_sure", "re_vip", "vip"}) {
			w.t.Errorf("page by page they are %q", names)
		}
		for part, want := range map[string]int{"vip": 2, "RE": 3, "0%25_": 1, "%25": 1, "none": 0} {
			if got := agent.get("/autocomplete/tags?name=%s", part).is(200); len(got.list("tags")) != want {
				w.t.Errorf("%s is in %s", part, got.text)
			}
		}
		if got := agent.get("/autocomplete/tags?name=vip"); got.string("tags.0") != "vip" {
			w.t.Errorf("what begins with it is not first: %s", got.text)
		}

		// Nothing is counted that no ticket has any more.
		admin := w.as(w.admin)
		for _, id := range []int{a, b} {
			admin.send("DELETE", fmt.Sprintf("/tickets/%d", id), nil).is(204)
			admin.send("DELETE", fmt.Sprintf("/deleted_tickets/%d", id), nil).worked(admin)
		}
		if got := agent.get("/tags/count").is(200); got.number("count.value") != 0 {
			w.t.Errorf("still counted: %s", got.text)
		}
	})
}

func TestPeopleAndOrganizationsHaveTags(t *testing.T) {
	everywhere(t, func(w *world) {
		agent, admin := w.as(w.agent), w.as(w.admin)
		company := admin.send("POST", "/organizations", object{"organization": object{"name": "Tailspin", "tags": []string{"Gold"}}}).is(201).number("organization.id")
		person := agent.send("POST", "/users", object{"user": object{"name": "Rui", "email": "rui@example.com", "organization_id": company}}).is(201).number("user.id")
		ofPerson, ofCompany := fmt.Sprintf("/users/%d/tags.json", person), fmt.Sprintf("/organizations/%d/tags", company)
		agent.send("POST", ofPerson, object{"tags": []string{"VIP", "late payer"}}).is(201)
		agent.send("PUT", ofPerson, object{"tags": []string{"vip", "kettle"}}).is(200)
		if got := agent.send("DELETE", ofPerson, object{"tags": []string{"late_payer"}}).is(200); fmt.Sprint(got.list("tags")) != "[vip kettle]" {
			w.t.Errorf("the person has %s", got.text)
		}
		agent.send("PUT", ofCompany, object{"tags": []string{"x"}}).refused(403, "administrators_only")
		agent.send("POST", fmt.Sprintf("/users/%d/tags", w.admin.ID), object{"tags": []string{"x"}}).refused(403, "administrators_only")
		admin.send("PUT", ofCompany, object{"tags": []string{"europe"}}).is(200)
		if got := agent.get("%s", ofCompany).is(200); fmt.Sprint(got.list("tags")) != "[gold europe]" {
			w.t.Errorf("the organization has %s", got.text)
		}
		ticket := agent.send("POST", "/tickets", object{"ticket": object{"subject": "Hello", "requester_id": person, "tags": []string{"own"}, "comment": object{"body": "Hi"}}}).is(201)
		if got := fmt.Sprint(ticket.list("ticket.tags")); got != "[own vip kettle gold europe]" {
			w.t.Errorf("a new ticket has %s", got)
		}
		for query, want := range map[string]string{
			"tags:kettle type:user": "Rui", "tags:europe type:organization": "Tailspin", "type:user -tags:kettle rui": "", "tags:gold": "Hello Tailspin", "type:organization -tags:gold": "",
			`type:user tags:"kettle nothing"`: "Rui", "type:user tags:late_payer": "",
		} {
			if got := strings.Join(agent.search(query), " "); got != want {
				w.t.Errorf("%q finds %q, want %q", query, got, want)
			}
		}
	})
}

// search gives the subjects and names that a query finds.
func (c *caller) search(query string) (found []string) {
	for _, one := range c.get("/search?query=%s", url.QueryEscape(query)).is(200).list("results") {
		o := one.(map[string]any)
		name, _ := o["name"].(string)
		if subject, ok := o["subject"].(string); ok {
			name = subject
		}
		found = append(found, name)
	}
	return found
}
