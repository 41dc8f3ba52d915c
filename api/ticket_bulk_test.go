package api

import (
	"fmt"
	"net/http"
	"testing"

	"tandem/access"
	"tandem/bulk"
	"tandem/job"
	"tandem/store"
)

// worked begins bulk work, lets it end, and gives its status.
func (a *answer) worked(by *caller) *answer {
	a.w.t.Helper()
	if a.is(200).string("job_status.status") != "queued" || a.at("job_status.results") != nil {
		a.w.t.Errorf("begun as %s", a.text)
	}
	a.w.workBulk()
	return by.send("GET", "!"+a.w.path(a.string("job_status.url")), nil).is(200)
}

// workBulk does what bulk work is queued.
func (w *world) workBulk() {
	w.t.Helper()
	bulks, err := w.bulk.List(w.t.Context(), access.System(), bulk.Filter{})
	w.must(err)
	for _, b := range bulks {
		w.must(w.bulk.Work(w.t.Context(), b.ID))
	}
	jobs, err := job.NewService(store.For[job.StoreTx](w.db), w.server.now).List(w.t.Context(), job.Filter{Kind: bulk.Run{}.Kind()})
	w.must(err)
	if len(jobs) < len(bulks) {
		w.t.Errorf("%d jobs for %d bulks", len(jobs), len(bulks))
	}
}

func TestManyTicketsAreChangedEachByItself(t *testing.T) {
	everywhere(t, func(w *world) {
		agent := w.as(w.agent)
		agent.send("PUT", fmt.Sprintf("/tickets/%d", w.ticket.ID), object{"ticket": object{"status": "closed"}}).is(200)
		other := agent.send("POST", "/tickets", object{"ticket": object{"comment": object{"body": "Hello"}, "tags": []string{"a", "b"}}}).number("ticket.id")
		got := agent.send("PUT", fmt.Sprintf("/tickets/update_many.json?ids=%d,%d,9999", w.ticket.ID, other), object{
			"ticket": object{"status": "pending", "additional_tags": []string{"c"}, "remove_tags": []string{"a"}},
		}).worked(agent)
		if got.string("job_status.status") != "completed" || got.number("job_status.total") != 3 || got.number("job_status.progress") != 3 {
			w.t.Errorf("ended as %s", got.text)
		}
		if got.string("job_status.results.0.code") != "ticket_closed" || got.at("job_status.results.1.success") != true ||
			got.number("job_status.results.1.id") != other || got.string("job_status.results.1.status") != "Updated" ||
			got.string("job_status.results.2.error") != "NotFound" || got.number("job_status.results.2.index") != 2 {
			w.t.Errorf("results %s", got.text)
		}
		shown := agent.get("/tickets/%d", other)
		if shown.string("ticket.status") != "pending" || fmt.Sprint(shown.at("ticket.tags")) != "[b c]" {
			w.t.Errorf("changed to %s", shown.text)
		}
		if audits := agent.get("/tickets/%d/audits", other); audits.number("audits.1.author_id") != int(w.agent.ID) {
			w.t.Errorf("audits %s", audits.text)
		}
		if refused := agent.get("/job_statuses/%s?results=refused", got.string("job_status.id")); len(refused.list("job_status.results")) != 2 {
			w.t.Errorf("refused %s", refused.text)
		}
	})
}

func TestTicketsAreChangedEachInItsOwnWay(t *testing.T) {
	everywhere(t, func(w *world) {
		agent := w.as(w.agent)
		made := agent.send("POST", "/tickets/create_many", object{"tickets": []object{
			{"subject": "One", "comment": object{"body": "1"}, "external_id": "x-1"},
			{"subject": "Two", "comment": object{"body": " "}},
			{"subject": "Three", "comment": object{"body": "3"}},
		}}).worked(agent)
		if made.string("job_status.results.1.error") != "RecordInvalid" || made.string("job_status.results.0.status") != "Created" {
			w.t.Errorf("made %s", made.text)
		}
		one, three := made.number("job_status.results.0.id"), made.number("job_status.results.2.id")
		agent.send("PUT", "/tickets/update_many", object{"tickets": []object{
			{"external_id": "x-1", "priority": "high"}, {"id": three, "external_id": "x-3"}, {"external_id": "nowhere", "status": "open"},
		}}).worked(agent)
		if got := agent.get("/tickets/%d", one); got.string("ticket.priority") != "high" || got.string("ticket.external_id") != "x-1" {
			w.t.Errorf("one: %s", got.text)
		}
		if got := agent.get("/tickets/%d", three); got.string("ticket.external_id") != "x-3" {
			w.t.Errorf("three: %s", got.text)
		}
	})
}

func TestBulkWorkIsShownToWhoAskedForIt(t *testing.T) {
	w := one(t)
	agent, admin := w.as(w.agent), w.as(w.admin)
	agent.send("PUT", "/tickets/update_many", object{"ticket": object{}}).refused(422, "bulk_empty")
	agent.send("PUT", "/tickets/update_many", object{}).refused(422, "ids_needed")
	mine := agent.send("PUT", "/tickets/update_many?ids=1", object{"ticket": object{"status": "open"}}).string("job_status.id")
	theirs := admin.send("PUT", "/tickets/update_many?ids=1", object{"ticket": object{"status": "open"}}).string("job_status.id")
	agent.get("/job_statuses/%s", theirs).refused(404, "bulk_not_found")
	if got := agent.get("/job_statuses"); len(got.list("job_statuses")) != 1 || got.string("job_statuses.0.id") != mine {
		t.Errorf("an agent sees %s", got.text)
	}
	first := admin.get("/job_statuses?page[size]=1")
	if first.string("job_statuses.0.id") != theirs || first.at("meta.has_more") != true {
		t.Errorf("an administrator sees %s", first.text)
	}
	second := admin.send("GET", "!"+w.path(first.string("links.next")), nil)
	if second.string("job_statuses.0.id") != mine || second.at("meta.has_more") != false {
		t.Errorf("and then %s", second.text)
	}
	if got := admin.get("/job_statuses/show_many?ids=%s,%s,nothing", mine, theirs); len(got.list("job_statuses")) != 2 {
		t.Errorf("several: %s", got.text)
	}
	if got := agent.send("POST", "/job_statuses/"+mine+"/cancel", object{}).is(http.StatusOK); got.string("job_status.status") != "killed" {
		t.Errorf("cancelled: %s", got.text)
	}
	w.workBulk()
	if got := agent.get("/job_statuses/%s", mine); got.number("job_status.progress") != 0 {
		t.Errorf("after it was cancelled: %s", got.text)
	}
}
