package api

import (
	"net/url"
	"strings"
	"testing"
)

func TestSearchFollowsZendesksAPI(t *testing.T) {
	everywhere(t, func(w *world) {
		agent := w.as(w.agent)
		made := w.as(w.admin).send("POST", "/tickets", object{"ticket": object{
			"subject": "返品 Zeppelin", "comment": object{"body": "The <b>engine</b> of the airship is loud"}, "requester_id": w.requester.ID, "tags": []string{"loud"},
		}}).is(201)
		id := made.number("ticket.id")
		search := func(query, more string) *answer {
			return agent.get("/search.json?query=%s%s", url.QueryEscape(query), more)
		}

		found := search("type:ticket zeppelin airship", "&include=users,highlights").is(200)
		if found.number("count") != 1 || found.string("results.0.result_type") != "ticket" || found.number("results.0.id") != id || found.at("next_page") != nil || found.at("facets") != nil {
			t.Errorf("found %s", found.text)
		}
		if !strings.Contains(found.text, `{"text":"airship","found":true}`) || !strings.Contains(found.text, `{"text":"Zeppelin","found":true}`) {
			t.Errorf("highlights are %s", found.text)
		}
		if count := agent.get("/search/count.json?query=%s", url.QueryEscape("返品")).is(200).number("count"); count != 1 {
			t.Errorf("count is %d", count)
		}
		exported := agent.get("/search/export.json?filter[type]=ticket&page[size]=1&query=tags:loud").is(200)
		if exported.number("results.0.id") != id || exported.at("meta.has_more") != false {
			t.Errorf("exported %s", exported.text)
		}
		if users := search("type:user "+w.requester.Email, "").is(200); users.number("results.0.id") != int(w.requester.ID) {
			t.Errorf("people: %s", users.text)
		}
		if list := agent.get("/tickets?query=zeppelin").is(200); list.number("count") != 1 {
			t.Errorf("the list finds %s", list.text)
		}
		search("statsu:open", "").is(422)
		search(strings.Repeat("x", 5000), "").is(422)
		search("a", "&page=11&per_page=100").is(422)
		search("\" OR ) : * ' ; DROP TABLE ticket --", "").is(200)
	})
}
