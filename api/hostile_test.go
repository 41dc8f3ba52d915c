package api

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tandem/desk"
)

func TestClosedTicketRefusesEveryChange(t *testing.T) {
	everywhere(t, func(w *world) {
		agent := w.as(w.agent)
		id, other := agent.open("Done"), agent.open("Other")
		path := fmt.Sprintf("/tickets/%d", id)
		agent.send("PUT", path, object{"ticket": object{"status": "closed"}}).is(200)
		before := agent.get("%s", path).at("ticket.updated_at")
		for _, change := range []object{
			{"status": "open"}, {"subject": "Again"}, {"priority": "high"}, {"group_id": nil}, {"tags": []string{"x"}},
			{"followers": []object{{"user_id": w.agent.ID}}}, {"type": "problem"}, {"comment": object{"body": "Again"}},
		} {
			agent.send("PUT", path, object{"ticket": change}).refused(409, "ticket_closed")
		}
		agent.send("PUT", path+"/tags", object{"tags": []string{"x"}}).refused(409, "ticket_closed")
		many := agent.send("PUT", fmt.Sprintf("/tickets/update_many?ids=%d,%d", id, other), object{"ticket": object{"priority": "high"}}).worked(agent)
		if many.string("job_status.results.0.code") != "ticket_closed" || many.at("job_status.results.1.success") != true {
			w.t.Errorf("changed together: %s", many.text)
		}
		if after := agent.get("%s", path).at("ticket.updated_at"); after != before {
			w.t.Errorf("it changed at %v", after)
		}
	})
}

func TestUnknownTicketIsNotFoundWhateverIsAskedOfIt(t *testing.T) {
	w := one(t)
	agent := w.as(w.agent)
	for _, path := range []string{
		"", "/comments", "/audits", "/metrics", "/collaborators", "/followers", "/email_ccs", "/tags", "/incidents", "/related",
	} {
		agent.get("/tickets/999999%s", path).is(404)
	}
	agent.send("PUT", "/tickets/999999", object{"ticket": object{"status": "open"}}).is(404)
	agent.send("DELETE", "/tickets/999999", nil).is(404)
	agent.send("PUT", "/tickets/999999/tags", object{"tags": []string{"x"}}).is(404)
	for field, change := range map[string]object{
		"assignee_id": {"assignee_id": 999999}, "group_id": {"group_id": 999999}, "followers": {"follower_ids": []int{999999}},
		"problem_id": {"type": "incident", "problem_id": 999999}, "email_ccs": {"email_ccs": []object{{"user_id": 999999}}},
	} {
		if got := agent.send("PUT", fmt.Sprintf("/tickets/%d", w.ticket.ID), object{"ticket": change}); got.status != 422 {
			t.Errorf("unknown %s: %d %s", field, got.status, got.text)
		}
	}
}

func TestRequestersSeeNoTicketByTheAgentsAPI(t *testing.T) {
	w := one(t)
	for _, path := range []string{"/tickets", fmt.Sprintf("/tickets/%d", w.ticket.ID), fmt.Sprintf("/tickets/%d/comments", w.ticket.ID), "/tags", "/problems", "/search?query=a"} {
		if got := w.as(w.requester).get("%s", path); got.status != 403 && got.status != 401 {
			t.Errorf("%s answers a requester with %d", path, got.status)
		}
		w.anonymous().send("GET", path, nil).is(401)
	}
}

func TestOfTwoEditsAtOnceTheSecondIsTold(t *testing.T) {
	everywhere(t, func(w *world) {
		agent, admin := w.as(w.agent), w.as(w.admin)
		id := agent.open("Contended")
		path := fmt.Sprintf("/tickets/%d", id)
		stamp := agent.get("%s", path).string("ticket.updated_stamp")
		answers := make(chan int, 2)
		for i, who := range []*caller{agent, admin} {
			go func() {
				answers <- who.send("PUT", path, object{"ticket": object{"priority": "high", "safe_update": true, "updated_stamp": stamp, "tags": []string{fmt.Sprint("edit", i)}}}).status
			}()
		}
		if a, b := <-answers, <-answers; a+b != 200+409 {
			w.t.Errorf("answered with %d and %d, want one accepted and one refused", a, b)
		}
	})
}

func TestTenThousandTagsAreRefusedWithTheLimit(t *testing.T) {
	w := one(t)
	agent := w.as(w.agent)
	tags := make([]string, 10_000)
	for i := range tags {
		tags[i] = fmt.Sprint("tag", i)
	}
	path := fmt.Sprintf("/tickets/%d", w.ticket.ID)
	for _, got := range []*answer{
		agent.send("PUT", path, object{"ticket": object{"tags": tags}}),
		agent.send("PUT", path, object{"ticket": object{"additional_tags": tags}}),
		agent.send("POST", path+"/tags", object{"tags": tags}),
		agent.send("POST", "/tickets", object{"ticket": object{"subject": "x", "tags": tags, "comment": object{"body": "x"}}}),
	} {
		if got.status != 422 || !strings.Contains(got.text, fmt.Sprint(desk.MaxTags)) {
			t.Errorf("answered with %d %s", got.status, got.text[:min(len(got.text), 300)])
		}
	}
}

func TestCommentOfAMegabyte(t *testing.T) {
	w := one(t)
	agent := w.as(w.agent)
	path := fmt.Sprintf("/tickets/%d", w.ticket.ID)
	note := func(body string) *answer {
		return agent.send("PUT", path, object{"ticket": object{"comment": object{"body": body, "public": false}}})
	}
	note(strings.Repeat("あ", desk.MaxBody/3)).is(200)
	note(strings.Repeat("x", desk.MaxBody+1)).refused(422, "comment_too_long")
	if got := note(strings.Repeat("x", 40<<20)); got.status != 413 && got.status != 422 {
		t.Errorf("40 MB are answered with %d %s", got.status, got.text)
	}
}

// hostileTexts are what no field may stumble over.
var hostileTexts = []string{
	"Robert'); DROP TABLE ticket; --", `" OR ""="`, "%_\\", "<script>alert(1)</script>", `<img src=x onerror="alert(1)">`,
	"{{ticket.reply_token}}", "\u202Eevil\u202C", "a\x00b", "😀👨‍👩‍👧", "\ufeff",
}

func TestHostileTextIsOnlyTextInEveryField(t *testing.T) {
	everywhere(t, func(w *world) {
		agent := w.as(w.agent)
		for _, text := range hostileTexts {
			made := agent.send("POST", "/tickets", object{"ticket": object{
				"subject": text, "external_id": text, "tags": []string{text}, "requester": object{"name": text, "email": "rui@example.com"},
				"comment": object{"body": text, "html_body": "<p>" + text + "</p>", "public": false},
			}}).is(201)
			id := made.number("ticket.id")
			shown := agent.get("/tickets/%d", id).is(200)
			if got, want := shown.string("ticket.subject"), strings.Join(strings.Fields(strings.ReplaceAll(text, "\x00", "")), " "); got != want {
				w.t.Errorf("the subject %q became %q", want, got)
			}
			html := strings.ToLower(agent.get("/tickets/%d/comments", id).string("comments.0.html_body"))
			if strings.Contains(html, "<script") || strings.Contains(html, "onerror") {
				w.t.Errorf("the comment shows %s", html)
			}
			for _, path := range []string{"/tickets?query=", "/search?query=", "/autocomplete/tags?name=", "/tickets?external_id=", "/users/search?query="} {
				if got := agent.get("%s%s", path, url.QueryEscape(text)); got.status >= 500 {
					w.t.Errorf("%s%q answers with %d", path, text, got.status)
				}
			}
		}
		if got := agent.get("/tickets/count").is(200); got.number("count.value") < len(hostileTexts) {
			w.t.Errorf("tickets are lost: %s", got.text)
		}
	})
}

func TestInvalidUTF8IsRefusedOrReplaced(t *testing.T) {
	w := one(t)
	agent := w.as(w.agent)
	body := "{\"ticket\":{\"subject\":\"a\xff\xfeb\",\"comment\":{\"body\":\"\xc3\x28\"}}}"
	raw := &caller{w, agent.client, func(r *http.Request) {
		agent.prepare(r)
		r.Header.Set("Content-Type", "application/json")
	}}
	got := raw.send("POST", "/tickets", io.Reader(strings.NewReader(body)))
	if got.status != 201 && got.status/100 != 4 {
		t.Errorf("answered with %d %s", got.status, got.text)
	}
	if got.status == 201 && !strings.Contains(got.string("ticket.subject"), "\uFFFD") {
		t.Errorf("the subject became %q", got.string("ticket.subject"))
	}
	for _, path := range []string{"/tickets?query=%ff", "/search?query=%c3%28", "/autocomplete/tags?name=%ff"} {
		if got := agent.send("GET", path, nil); got.status >= 500 {
			t.Errorf("%s answers with %d", path, got.status)
		}
	}
}

func TestFileOfADeletedTicketIsGoneUntilItIsRestored(t *testing.T) {
	everywhere(t, func(w *world) {
		agent := w.as(w.agent)
		id := agent.open("With a file")
		up := agent.upload("secret.txt", "text/plain", "", strings.NewReader("secret")).is(201)
		path := fmt.Sprintf("/tickets/%d", id)
		agent.send("PUT", path, object{"ticket": object{"comment": object{"body": "See", "public": false, "uploads": []string{up.string("upload.token")}}}}).is(200)
		address := "!" + w.path(up.string("upload.attachment.content_url"))
		file := up.number("upload.attachment.id")
		agent.send("GET", address, nil).is(200)
		agent.send("DELETE", path, nil).is(204)
		for _, who := range []*caller{agent, w.as(w.admin)} {
			who.send("GET", address, nil).refused(404, "attachment_not_found")
		}
		agent.get("/attachments/%d", file).refused(404, "attachment_not_found")
		agent.send("PUT", fmt.Sprintf("/deleted_tickets/%d/restore", id), nil).is(200)
		agent.send("GET", address, nil).is(200)
	})
}

func TestExportTellsOfDeletedTickets(t *testing.T) {
	everywhere(t, func(w *world) {
		w.later()
		admin := w.as(w.admin)
		id := admin.open("Soon gone")
		_, next := admin.exported("/incremental/tickets/cursor?start_time=0", "tickets", func() {})
		admin.send("DELETE", fmt.Sprintf("/tickets/%d", id), nil).is(204)
		records, _ := admin.exported(next, "tickets", func() {})
		if len(records) != 1 || records[0]["status"] != "deleted" || records[0]["id"] != float64(id) {
			w.t.Errorf("after the deletion come %v, want the ticket as deleted", records)
		}
	})
}

func TestExportGoesOnWhereItWasCut(t *testing.T) {
	w := one(t)
	w.later()
	w.manyTickets(7)
	admin := w.as(w.admin)
	whole, _ := admin.exported("/incremental/tickets/cursor?start_time=0&per_page=2", "tickets", func() {})
	first := admin.get("/incremental/tickets/cursor?start_time=0&per_page=2").is(200)
	// The next page is asked for and lost on its way; it comes again, the same.
	next := "!" + w.path(first.string("after_url"))
	lost := admin.send("GET", next, nil).is(200)
	again, _ := admin.exported(next, "tickets", func() {})
	if again[0]["id"].(float64) != float64(lost.number("tickets.0.id")) || len(again)+2 != len(whole) {
		t.Errorf("after the cut come %d of %d tickets, first %v", len(again), len(whole), again[0]["id"])
	}
}
