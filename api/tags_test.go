package api

import (
	"fmt"
	"slices"
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
