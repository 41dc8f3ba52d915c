package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tandem/desk"
	"tandem/directory"
	"tandem/email/eml"
)

func TestTicketFromOpeningToSolved(t *testing.T) {
	everywhere(t, func(w *world) {
		agent := w.as(w.agent)
		made := agent.send("POST", "/tickets.json", object{"ticket": object{
			"subject": "Printer on fire", "comment": object{"body": "Put it out", "public": false},
			"requester": object{"name": "Rui", "email": "Rui@example.com"}, "priority": "urgent", "tags": []string{"Hot"},
			"email_ccs": []object{{"user_email": "boss@example.com", "user_name": "Boss"}}, "external_id": "x-1",
			"custom_fields": []object{{"id": 1, "value": "of another product"}}, // clients send what they know
		}}).is(201)
		id := made.number("ticket.id")
		if location := made.header.Get("Location"); location != w.http.URL+fmt.Sprintf("/api/v2/tickets/%d.json", id) {
			w.t.Errorf("Location %q", location)
		}
		if made.string("ticket.status") != "new" || made.string("ticket.tags.0") != "hot" || made.at("ticket.assignee_id") != nil ||
			made.string("ticket.via.channel") != "api" || made.at("comment.public") != false || made.at("ticket.solved_at") != nil {
			w.t.Errorf("made %s", made.text)
		}

		changed := agent.send("PUT", fmt.Sprintf("/tickets/%d", id), object{"ticket": object{
			"status": "solved", "priority": nil, "assignee_id": w.agent.ID, "comment": object{"html_body": "<p>Done<script>x()</script></p>"},
		}}).is(200)
		if changed.string("ticket.status") != "solved" || changed.at("ticket.priority") != nil || changed.number("ticket.assignee_id") != int(w.agent.ID) ||
			changed.at("ticket.solved_at") == nil || changed.number("ticket.comment_count") != 2 {
			w.t.Errorf("changed to %s", changed.text)
		}
		if changed.at("comment.public") != true || changed.string("comment.html_body") != "<p>Done</p>" || changed.string("comment.delivery.state") != "waiting" {
			w.t.Errorf("comment %s", changed.text)
		}

		agent.send("PUT", fmt.Sprintf("/tickets/%d", id), object{"ticket": object{"assignee_id": nil}}).is(200)
		shown := agent.get("/tickets/%d.json?include=users", id).is(200)
		if shown.at("ticket.assignee_id") != nil || len(shown.list("users")) != 3 || len(shown.list("brands")) != 1 {
			w.t.Errorf("shown %s", shown.text)
		}
		comments := agent.get("/tickets/%d/comments?include=users", id).is(200)
		if len(comments.list("comments")) != 2 || len(comments.list("users")) != 1 || comments.string("comments.0.html_body") != "<p>Put it out</p>" {
			w.t.Errorf("comments %s", comments.text)
		}
	})
}

func TestRefusedTicketSaysWhichInputIsAtFault(t *testing.T) {
	w := one(t)
	got := w.as(w.agent).send("POST", "/tickets", object{"ticket": object{"comment": object{"body": " "}}}).refused(422, "comment_empty")
	if got.string("error") != "RecordInvalid" || !strings.Contains(got.text, `"details":{"comment.body":[{`) {
		t.Errorf("got %s", got.text)
	}
	got = w.as(w.agent).send("POST", "/tickets", object{"ticket": object{"comment": "just text"}}).refused(422, "invalid")
	if len(got.list("details.comment")) == 0 {
		t.Errorf("got %s", got.text)
	}
	w.as(w.agent).send("POST", "/tickets", `{"ticket": `).is(400)
}

func TestOutdatedUpdateIsRefused(t *testing.T) {
	everywhere(t, func(w *world) {
		path := fmt.Sprintf("/tickets/%d", w.ticket.ID)
		seen := w.as(w.agent).get("%s", path).string("ticket.updated_stamp")
		w.as(w.admin).send("PUT", path, object{"ticket": object{"comment": object{"body": "I have it"}}}).is(200)
		got := w.as(w.agent).send("PUT", path, object{"ticket": object{"status": "solved", "safe_update": true, "updated_stamp": seen}}).refused(409, "ticket_changed")
		if got.string("args.by") != w.admin.Name || got.string("error") != "Conflict" || got.string("remedy") == "" {
			w.t.Errorf("got %s", got.text)
		}
		now := w.as(w.agent).get("%s", path).string("ticket.updated_stamp")
		w.as(w.agent).send("PUT", path, object{"ticket": object{"status": "closed", "safe_update": true, "updated_stamp": now}}).is(200)
		w.as(w.agent).send("PUT", path, object{"ticket": object{"status": "open"}}).refused(409, "ticket_closed")
	})
}

// manyTickets opens tickets with the subjects s00, s01, ...; the world has one more.
func (w *world) manyTickets(n int) {
	for i := range n {
		w.as(w.agent).send("POST", "/tickets", object{"ticket": object{"subject": fmt.Sprintf("s%02d", i), "comment": object{"body": "x", "public": false}}}).is(201)
	}
}

func subjects(a *answer) []string {
	return each(a.list("tickets"), func(ticket any) string { return ticket.(object)["subject"].(string) })
}

func TestPagingByNumber(t *testing.T) {
	everywhere(t, func(w *world) {
		w.manyTickets(5)
		agent := w.as(w.agent)
		var all []string
		for path := "/tickets?sort=subject&per_page=2&query=s0*"; path != ""; {
			page := agent.get("%s", path).is(200)
			if page.number("count") != 5 {
				w.t.Fatalf("count %d", page.number("count"))
			}
			all = append(all, subjects(page)...)
			next, _ := page.at("next_page").(string)
			path = strings.TrimPrefix(next, w.http.URL+prefix)
		}
		if want := []string{"s00", "s01", "s02", "s03", "s04"}; !slices.Equal(all, want) {
			w.t.Errorf("got %v, want %v", all, want)
		}
		last := agent.get("/tickets?sort=subject&per_page=2&page=3&query=s0")
		if last.at("previous_page") == nil || last.at("next_page") != nil {
			w.t.Errorf("last page: %s, %v", last.at("previous_page"), last.at("next_page"))
		}
	})
}

func TestPagingByCursor(t *testing.T) {
	everywhere(t, func(w *world) {
		w.manyTickets(5)
		agent := w.as(w.agent)
		for _, order := range []string{"subject", "-created_at", "id", "status", "-priority", "-updated_at"} {
			whole := subjects(agent.get("/tickets?sort=%s", order).is(200))
			var pages [][]string
			path := "/tickets?page[size]=2&sort=" + order
			var lastPage *answer
			for path != "" {
				lastPage = agent.get("%s", path).is(200)
				pages = append(pages, subjects(lastPage))
				next, _ := lastPage.at("links.next").(string)
				path = strings.TrimPrefix(next, w.http.URL+prefix)
			}
			if got := slices.Concat(pages...); !slices.Equal(got, whole) {
				w.t.Errorf("%s forward: got %v, want %v", order, pages, whole)
			}
			back := agent.get("%s", strings.TrimPrefix(lastPage.string("links.prev"), w.http.URL+prefix)).is(200)
			if !slices.Equal(subjects(back), pages[len(pages)-2]) || back.at("meta.has_more") != true {
				w.t.Errorf("%s backward: got %v, want %v", order, subjects(back), pages[len(pages)-2])
			}
		}
		cursor := agent.get("/tickets?page[size]=1&sort=subject").string("meta.after_cursor")
		agent.get("/tickets?page[size]=1&sort=id&page[after]=%s", cursor).refused(422, "invalid_cursor")
		agent.get("/tickets?page[size]=1&page[after]=nonsense").refused(422, "invalid_cursor")
	})
}

func TestFiltersOfTheList(t *testing.T) {
	everywhere(t, func(w *world) {
		agent := w.as(w.agent)
		mine := agent.send("POST", "/tickets", object{"ticket": object{"subject": "Mine", "assignee_id": w.agent.ID, "comment": object{"body": "x", "public": false}}}).number("ticket.id")
		for query, want := range map[string]int{
			"": 2, "assignee=me": 1, "assignee=none": 1, "status=new": 1, "status=new,open": 2, "status=solved": 0,
			"query=order": 1, "query=AIKO": 1, fmt.Sprintf("query=%%23%d", mine): 1, "recipient=Support@contoso.example": 1,
			fmt.Sprintf("requester_id=%d", w.requester.ID): 1, "flagged=true": 0, "delivery_failed=true": 0,
		} {
			if got := agent.get("/tickets?%s", query).is(200).number("count"); got != want {
				w.t.Errorf("%s: %d tickets, want %d", query, got, want)
			}
			if got := agent.get("/tickets/count?%s", query).is(200).number("count.value"); got != want {
				w.t.Errorf("%s: counted %d, want %d", query, got, want)
			}
		}
		agent.get("/tickets?status=lost").refused(422, "invalid")
		agent.get("/tickets?assignee=nobody").refused(422, "invalid")
	})
}

func TestReplyIsUndone(t *testing.T) {
	everywhere(t, func(w *world) {
		path := fmt.Sprintf("/tickets/%d", w.ticket.ID)
		agent := w.as(w.agent)
		id := agent.send("PUT", path, object{"ticket": object{"comment": object{"body": "Too soon"}}}).is(200).number("comment.id")
		comment := fmt.Sprintf("%s/comments/%d", path, id)
		agent.send("POST", comment+"/cancel_delivery", nil).is(200)
		if n := len(agent.get("%s/comments", path).list("comments")); n != 1 {
			w.t.Errorf("%d comments", n)
		}
		agent.send("POST", comment+"/cancel_delivery", nil).refused(404, "not_found")
		received := fmt.Sprintf("%s/comments/%d", path, w.comment.ID)
		agent.send("POST", received+"/cancel_delivery", nil).refused(409, "already_sent")
		agent.send("POST", received+"/retry_delivery", nil).refused(409, "no_delivery")
		agent.send("PUT", received+"/make_private", nil).is(200)
	})
}

func TestStrangersCommentIsAccepted(t *testing.T) {
	w := one(t)
	path := fmt.Sprintf("/tickets/%d", w.ticket.ID)
	stranger := w.as(w.agent).send("POST", "/users", object{"user": object{"email": "sam@elsewhere.example"}}).is(201).number("user.id")
	c := w.say(desk.NewComment{AuthorID: directory.UserID(stranger), Text: "Me too", Flag: desk.FlagStranger})
	agent := w.as(w.agent)
	if agent.get("%s", path).at("ticket.flagged") != true {
		t.Error("the ticket does not say that a comment waits")
	}
	got := agent.send("POST", fmt.Sprintf("%s/comments/%d/accept", path, c.ID), object{"add_to_ccs": true}).is(200)
	if got.at("comment.public") != true || got.at("comment.flag") != nil {
		t.Errorf("got %s", got.text)
	}
	if ccs := agent.get("%s", path).list("ticket.email_cc_ids"); len(ccs) != 1 {
		t.Errorf("in copy: %v", ccs)
	}
	// Without a body it is accepted, too; this one has been already.
	agent.send("POST", fmt.Sprintf("%s/comments/%d/accept", path, c.ID), nil).refused(409, "not_flagged")
}

func TestFrameOfAHostileMail(t *testing.T) {
	w := one(t)
	hostile, _ := eml.Sanitize(`<p onclick="x()">Hello</p><img src="https://tracker.example/p.gif?a=1&amp;b=2">`, nil)
	id := w.say(desk.NewComment{AuthorID: w.requester.ID, Public: true, Text: "Hello", HTML: hostile, HasRemoteImages: true}).ID
	frame := func(query string) *answer {
		return w.as(w.agent).get("/tickets/%d/comments/%d/frame?%s", w.ticket.ID, id, query).is(200)
	}
	blocked := frame("")
	for header, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; img-src 'self' data:; ", "X-Frame-Options": "SAMEORIGIN",
		"Content-Type": "text/html", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
	} {
		if got := blocked.header.Get(header); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	if !strings.Contains(blocked.header.Get("Content-Security-Policy"), "sandbox") || strings.Contains(blocked.text, ` src="https://tracker`) {
		t.Errorf("the tracker is asked: %s", blocked.text)
	}
	shown := frame("images=1&theme=dark")
	if !strings.Contains(shown.text, `<img src="/images/`) || strings.Contains(shown.text, "tracker.example") || !strings.Contains(shown.text, "color-scheme:dark") ||
		shown.header.Get("Content-Security-Policy") != blocked.header.Get("Content-Security-Policy") {
		t.Errorf("got %s", shown.text)
	}
	frame("theme=light")
	if got := w.as(w.agent).get("/tickets/%d/comments/%d/frame?theme=pink", w.ticket.ID, id); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a theme that is none: %d", got.status)
	}
}

func TestTextIsShownAsParagraphs(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "",
		"One":                         "<p>One</p>",
		"One\r\ntwo\r\n\r\n\r\nThree": "<p>One<br>two</p><p>Three</p>",
		"<b> & co":                    "<p>&lt;b&gt; &amp; co</p>",
	} {
		if got := desk.Paragraphs(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestTicketIsGivenToATeam(t *testing.T) {
	everywhere(t, func(w *world) {
		agent, admin := w.as(w.agent), w.as(w.admin)
		team := func(name string) int {
			return admin.send("POST", "/groups", object{"group": object{"name": name}}).is(201).number("group.id")
		}
		sales, support := team("Sales"), team("Support")
		admin.send("POST", "/group_memberships", object{"group_membership": object{"user_id": w.agent.ID, "group_id": sales}}).is(201)
		id := agent.open("Whose is it")
		change := func(ticket object) *answer {
			return agent.send("PUT", fmt.Sprintf("/tickets/%d.json", id), object{"ticket": ticket})
		}
		if got := change(object{"assignee_id": w.agent.ID}).is(200); got.number("ticket.group_id") != sales {
			w.t.Errorf("with its assignee it is %s", got.text)
		}
		if got := change(object{"group_id": support}).is(200); got.number("ticket.group_id") != support || got.at("ticket.assignee_id") != nil {
			w.t.Errorf("with another team it is %s", got.text)
		}
		change(object{"group_id": support, "assignee_id": w.agent.ID}).refused(422, "assignee_not_in_team")
		change(object{"group_id": 999}).refused(422, "unknown_team")
		if got := agent.get("/tickets/%d?include=groups", id); got.string("groups.0.name") != "Support" {
			w.t.Errorf("got %s", got.text)
		}
		if got := agent.get("/tickets?group_id=%d", support).is(200); got.number("count") != 1 {
			w.t.Errorf("of the team are %s", got.text)
		}
		if got := change(object{"group_id": nil}).is(200); got.at("ticket.group_id") != nil {
			w.t.Errorf("with no team it is %s", got.text)
		}
	})
}

func TestPeopleInCopyAndFollowersOfATicket(t *testing.T) {
	everywhere(t, func(w *world) {
		agent := w.as(w.agent)
		made := agent.send("POST", "/tickets", object{"ticket": object{
			"subject": "Copies", "comment": object{"body": "Hello", "public": false},
			"collaborators": []any{w.requester.ID, "two@example.com", object{"name": "Three", "email": "three@example.com"}},
			"followers":     []object{{"user_id": w.admin.ID}},
		}}).is(201)
		id := made.number("ticket.id")
		if len(made.list("ticket.email_cc_ids")) != 3 || made.number("ticket.follower_ids.0") != int(w.admin.ID) || len(made.list("ticket.collaborator_ids")) != 4 {
			w.t.Errorf("made %s", made.text)
		}
		change := func(ticket object) *answer {
			return agent.send("PUT", fmt.Sprintf("/tickets/%d", id), object{"ticket": ticket})
		}
		got := change(object{
			"email_ccs": []object{{"user_email": "two@example.com", "action": "delete"}, {"user_email": "four@example.com", "action": "put"}},
			"followers": []object{{"user_id": w.agent.ID, "action": "put"}},
		}).is(200)
		if len(got.list("ticket.email_cc_ids")) != 3 || len(got.list("ticket.follower_ids")) != 2 {
			w.t.Errorf("changed %s", got.text)
		}
		got = change(object{"email_ccs": []object{{"user_email": "three@example.com"}}, "follower_ids": []int64{int64(w.agent.ID)}}).is(200)
		if len(got.list("ticket.email_cc_ids")) != 1 || len(got.list("ticket.follower_ids")) != 1 {
			w.t.Errorf("set %s", got.text)
		}
		change(object{"followers": []object{{"user_id": w.requester.ID}}}).refused(422, "follower_is_no_agent")
		for path, name := range map[string]string{"followers": w.agent.Name, "email_ccs": "Three"} {
			if got := agent.get("/tickets/%d/%s.json", id, path).is(200); got.number("count") != 1 || got.string("users.0.name") != name {
				w.t.Errorf("%s are %s", path, got.text)
			}
		}
		if got := agent.get("/users/%d/tickets/followed", w.agent.ID).is(200); got.number("count") != 1 {
			w.t.Errorf("followed are %s", got.text)
		}
	})
}
