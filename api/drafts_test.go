package api

import (
	"fmt"
	"strings"
	"testing"

	"tandem/event"
)

func TestDraftMovesBetweenBrowsers(t *testing.T) {
	everywhere(t, func(w *world) {
		agent := w.as(w.agent)
		path := fmt.Sprintf("/tickets/%d/draft", w.ticket.ID)
		empty := agent.get("%s.json", path).is(200)
		if empty.at("draft.updated_stamp") != nil || empty.at("draft.email_ccs") != nil || empty.string("draft.mode") != "reply" || len(empty.list("draft.reply.uploads")) != 0 {
			w.t.Errorf("nothing written: %s", empty.text)
		}
		up := agent.upload("a.png", "image/png", "", strings.NewReader("\x89PNG")).is(201)
		token, address := up.string("upload.token"), up.string("upload.attachment.content_url")
		saved := agent.send("PUT", path, object{"draft": object{
			"mode": "note", "email_ccs": []string{}, "updated_stamp": nil,
			"reply": object{"html_body": `<p onclick="x()">See <img src="` + address + `"></p>`, "uploads": []string{token}},
		}}).is(200)
		got := agent.get("%s", path).is(200)
		if got.text != saved.text || got.string("draft.mode") != "note" || len(got.list("draft.email_ccs")) != 0 {
			w.t.Errorf("saved %s, read %s", saved.text, got.text)
		}
		shown := strings.TrimSuffix(address, "?name=a.png") + "?inline=1"
		if html := got.string("draft.reply.html_body"); html != `<p>See <img src="`+shown+`"></p>` {
			w.t.Errorf("html %s", html)
		}
		if got.string("draft.reply.uploads.0.token") != token || got.string("draft.reply.uploads.0.attachment.content_url") != address {
			w.t.Errorf("uploads %s", got.text)
		}

		// The other browser has not seen this.
		agent.send("PUT", path, object{"draft": object{"note": object{"html_body": "<p>late</p>"}}}).refused(409, "draft_changed")
		next := object{"note": object{"html_body": "<p>next</p>"}, "updated_stamp": got.string("draft.updated_stamp")}
		agent.send("PUT", path, object{"draft": next}).is(200)
		if other := w.as(w.admin).get("%s", path).is(200); other.at("draft.updated_stamp") != nil {
			w.t.Errorf("somebody else reads %s", other.text)
		}
		agent.send("DELETE", path, nil).is(204)
		if left := agent.get("%s", path).is(200); left.at("draft.updated_stamp") != nil {
			w.t.Errorf("left over %s", left.text)
		}
		agent.get("/tickets/4711/draft").refused(404, "not_found")
		agent.get("/tickets/0/draft").is(200) // of a ticket that is yet to be opened
	})
}

func TestDraftsAreTheirWritersNews(t *testing.T) {
	w := one(t)
	agent, admin := w.as(w.agent).listen(), w.as(w.admin).listen()
	w.bus.Publish(
		event.Event{Kind: event.DraftUpdated, ID: 7, Parent: int64(w.agent.ID)},
		event.Event{Kind: event.CommentAdded, ID: 4, Parent: 7},
	)
	w.next(agent, "event: draft.updated")
	w.next(agent, fmt.Sprintf(`data: {"kind":"draft.updated","id":7,"parent":%d}`, w.agent.ID))
	w.next(admin, "event: comment.added")
}

func TestFollowUpIsLinked(t *testing.T) {
	w := one(t)
	agent := w.as(w.agent)
	open := object{"subject": "Again", "comment": object{"body": "Hello"}, "via_followup_source_id": w.ticket.ID}
	agent.send("POST", "/tickets", object{"ticket": open}).refused(422, "not_closed")
	agent.send("PUT", fmt.Sprintf("/tickets/%d", w.ticket.ID), object{"ticket": object{"status": "closed"}}).is(200)
	made := agent.send("POST", "/tickets", object{"ticket": open}).is(201)
	if made.number("ticket.followup_source_id") != int(w.ticket.ID) {
		t.Errorf("made %s", made.text)
	}
}
