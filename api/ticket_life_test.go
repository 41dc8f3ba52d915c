package api

import (
	"fmt"
	"testing"
)

func (c *caller) open(subject string) int {
	c.w.t.Helper()
	return c.send("POST", "/tickets", object{"ticket": object{
		"subject": subject, "requester": object{"name": "Rui", "email": "rui@example.com"}, "comment": object{"body": "Hello", "public": false},
	}}).is(201).number("ticket.id")
}

func TestTicketIsDeletedRestoredAndDeletedForGood(t *testing.T) {
	everywhere(t, func(w *world) {
		agent, admin := w.as(w.agent), w.as(w.admin)
		id := agent.open("Wrong number")
		path := fmt.Sprintf("/deleted_tickets/%d", id)
		agent.send("DELETE", fmt.Sprintf("/tickets/%d.json", id), nil).is(204)
		agent.get("/tickets/%d", id).refused(404, "ticket_deleted")
		list := agent.get("/deleted_tickets.json").is(200)
		if len(list.list("deleted_tickets")) != 1 || list.number("deleted_tickets.0.id") != id || list.string("deleted_tickets.0.actor.name") != w.agent.Name ||
			list.string("deleted_tickets.0.previous_state") != "new" || list.number("count") != 1 {
			w.t.Errorf("deleted are %s", list.text)
		}
		agent.send("PUT", path+"/restore.json", nil).is(200)
		agent.get("/tickets/%d", id).is(200)
		agent.send("PUT", path+"/restore", nil).refused(404, "not_deleted")

		agent.send("DELETE", fmt.Sprintf("/tickets/%d", id), nil).is(204)
		agent.send("DELETE", path, nil).is(403)
		if got := admin.send("DELETE", path, nil).worked(admin); got.string("job_status.status") != "completed" {
			w.t.Errorf("got %s", got.text)
		}
		agent.send("PUT", path+"/restore", nil).refused(404, "not_found")
	})
}

func TestManyTicketsAreDeletedAndRestoredEachByItself(t *testing.T) {
	w := one(t)
	agent := w.as(w.agent)
	a, b := agent.open("One"), agent.open("Two")
	got := agent.send("DELETE", fmt.Sprintf("/tickets/destroy_many.json?ids=%d,%d,9999", a, b), nil).worked(agent)
	if got.number("job_status.total") != 3 || got.string("job_status.results.0.status") != "Deleted" || got.at("job_status.results.2.success") != false ||
		got.string("job_status.results.2.error") != "NotFound" {
		t.Errorf("got %s", got.text)
	}
	agent.send("PUT", fmt.Sprintf("/deleted_tickets/restore_many.json?ids=%d,%d", a, b), nil).worked(agent)
	agent.get("/tickets/%d", b).is(200)
	agent.send("PUT", fmt.Sprintf("/tickets/mark_many_as_spam.json?ids=%d", a), nil).worked(agent)
	agent.get("/tickets/%d", a).refused(404, "ticket_deleted")
}

func TestSpamSuspendsTheRequester(t *testing.T) {
	w := one(t)
	agent := w.as(w.agent)
	id := agent.open("Buy now")
	requester := agent.get("/tickets/%d", id).number("ticket.requester_id")
	agent.send("PUT", fmt.Sprintf("/tickets/%d/mark_as_spam.json", id), nil).is(200)
	agent.get("/tickets/%d", id).refused(404, "ticket_deleted")
	if got := agent.get("/users/%d", requester); got.at("user.suspended") != true {
		t.Errorf("got %s", got.text)
	}
}

func TestMergeLinksBothTickets(t *testing.T) {
	everywhere(t, func(w *world) {
		agent := w.as(w.agent)
		target, source := agent.open("One"), agent.open("Two")
		got := agent.send("POST", fmt.Sprintf("/tickets/%d/merge.json", target), object{
			"ids": []int{source}, "target_comment": "Merged", "source_comment": "Goes on there",
		}).worked(agent)
		if got.string("job_status.status") != "completed" || got.number("job_status.results.0.id") != target {
			w.t.Errorf("got %s", got.text)
		}
		if got := agent.get("/tickets/%d", source); got.string("ticket.status") != "closed" || got.number("ticket.merged_into_id") != target || got.string("ticket.tags.0") != "closed_by_merge" {
			w.t.Errorf("the source is %s", got.text)
		}
		if got := agent.get("/tickets/%d", target); got.number("ticket.merged_ids.0") != source {
			w.t.Errorf("the target is %s", got.text)
		}
		again := agent.send("POST", fmt.Sprintf("/tickets/%d/merge", target), object{"ids": []int{source}}).worked(agent)
		if again.string("job_status.results.0.code") != "merge_closed" {
			w.t.Errorf("merging it again: %s", again.text)
		}
		agent.send("POST", fmt.Sprintf("/tickets/%d/merge", target), object{"ids": []int{target}}).refused(422, "merge_itself")
	})
}

func TestWhenSolvedTicketsCloseIsSet(t *testing.T) {
	w := one(t)
	if got := w.as(w.agent).get("/ticket_settings").is(200); got.number("ticket_settings.close_after_days") != 4 {
		t.Errorf("got %s", got.text)
	}
	body := object{"ticket_settings": object{"close_after_days": 0}}
	w.as(w.agent).send("PUT", "/ticket_settings", body).is(403)
	if got := w.as(w.admin).send("PUT", "/ticket_settings", body).is(200); got.number("ticket_settings.close_after_days") != 0 {
		t.Errorf("got %s", got.text)
	}
	w.as(w.admin).send("PUT", "/ticket_settings", object{"ticket_settings": object{"close_after_days": 400}}).refused(422, "close_after")
}

func TestFollowUpOfAClosedTicket(t *testing.T) {
	w := one(t)
	agent := w.as(w.agent)
	id := agent.open("Once more")
	followUp := object{"ticket": object{"via_followup_source_id": id, "comment": object{"body": "Still broken"}}}
	agent.send("POST", "/tickets", followUp).refused(422, "not_closed")
	agent.send("PUT", fmt.Sprintf("/tickets/%d", id), object{"ticket": object{"status": "closed"}}).is(200)
	made := agent.send("POST", "/tickets", followUp).is(201)
	if made.number("ticket.followup_source_id") != id {
		t.Errorf("made %s", made.text)
	}
	if got := agent.get("/tickets/%d", id); got.number("ticket.followup_ids.0") != made.number("ticket.id") {
		t.Errorf("the closed one is %s", got.text)
	}
}
