package m365sim_test

import (
	"fmt"
	"strings"
	"testing"
)

func item(id, method, url string, body any, after ...string) object {
	o := object{"id": id, "method": method, "url": url, "headers": object{"Prefer": `IdType="ImmutableId"`}}
	if body != nil {
		o["body"] = body
		o["headers"].(object)["Content-Type"] = "application/json"
	}
	if len(after) > 0 {
		o["dependsOn"] = after
	}
	return o
}

// batch sends items and returns the answers by id.
func (g *graph) batch(items ...object) map[string]object {
	g.Helper()
	answers := map[string]object{}
	for _, a := range g.post("/$batch", object{"requests": items}).expect(200).list("responses") {
		answers[a["id"].(string)] = a
	}
	if len(answers) != len(items) {
		g.Fatalf("%d answers for %d items", len(answers), len(items))
	}
	return answers
}

func code(a object) string {
	body, _ := a["body"].(object)
	e, _ := body["error"].(object)
	s, _ := e["code"].(string)
	return s
}

func TestBatchAnswersEachItem(t *testing.T) {
	w := setup(t)
	id := w.deliver(support, "one")
	g := w.as(support)
	got := g.batch(
		item("read", "PATCH", "/me/messages/"+id, object{"isRead": true}),
		item("move", "POST", "/me/messages/"+id+"/move", object{"destinationId": "archive"}, "read"),
		item("mime", "GET", "/me/messages/"+id+"/$value", nil, "move"),
		item("lost", "GET", "/me/messages/AAMkAbad", nil),
		item("after", "GET", "/me/messages/"+id, nil, "lost"),
	)
	for id, want := range map[string]float64{"read": 200, "move": 201, "mime": 200, "lost": 400, "after": 424} {
		if got[id]["status"] != want {
			t.Errorf("%s: %v, want %v", id, got[id], want)
		}
	}
	if got["move"]["body"].(object)["id"] != id {
		t.Error("the preference of an item was not kept")
	}
	if code(got["after"]) != "FailedDependency" {
		t.Errorf("after: %v", got["after"])
	}
	if m := w.mails(support, "archive"); len(m) != 1 || m[0]["is_read"] != true {
		t.Errorf("archive: %v", m)
	}
}

func TestMalformedBatchesAreRefused(t *testing.T) {
	w := setup(t)
	g := w.as(support)
	many := make([]object, 21)
	for i := range many {
		many[i] = item(fmt.Sprint(i), "GET", "/me", nil)
	}
	for name, items := range map[string]any{
		"too many":         many,
		"same id":          []object{item("1", "GET", "/me", nil), item("1", "GET", "/me", nil)},
		"no url":           []object{{"id": "1", "method": "GET"}},
		"depends on none":  []object{item("1", "GET", "/me", nil, "2")},
		"circular":         []object{item("1", "GET", "/me", nil, "2"), item("2", "GET", "/me", nil, "1")},
		"not even a batch": nil,
	} {
		t.Run(name, func(t *testing.T) { g.post("/$batch", object{"requests": items}).refused(400, "BadRequest") })
	}
	w.do("POST", "/v1.0/$batch", object{"requests": many[:1]}).refused(401, "InvalidAuthenticationToken")
	noType := item("1", "PATCH", "/me/messages/x", nil)
	noType["body"] = object{"isRead": true}
	if a := g.batch(noType)["1"]; a["status"] != float64(400) || !strings.Contains(fmt.Sprint(a), "Content-Type") {
		t.Errorf("body without Content-Type: %v", a)
	}
}

func TestItemsOfABatchAreCountedAndRecorded(t *testing.T) {
	w := setup(t)
	g := w.as(support)
	w.do("DELETE", "/sim/requests", nil).expect(204)
	g.batch(item("1", "GET", "/me", nil), item("2", "GET", "/me/messages", nil), item("3", "GET", "/me/mailFolders", nil))
	counts := w.do("GET", "/sim/requests", nil).expect(200)
	if counts.at("counts", "round_trips") != float64(1) || counts.at("counts", "counted") != float64(3) {
		t.Errorf("counts: %v", counts.at("counts"))
	}
	records := counts.list("requests")
	if len(records) != 4 || records[0]["mailbox"] != support || records[0]["batch_id"] != records[3]["id"] {
		t.Errorf("records: %v", records)
	}
	if strings.Contains(string(counts.body), g.token) {
		t.Error("the record shows a token")
	}
}
