package api

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"testing"
	"time"

	"tandem/desk"
)

// later makes what has just changed old enough to be exported.
func (w *world) later() { w.server.now = func() time.Time { return time.Now().Add(2 * exportLag) } }

// exported walks an export from an address to its end, with something between the pages.
func (c *caller) exported(path, list string, between func()) (records []map[string]any, next string) {
	c.w.t.Helper()
	for {
		page := c.send("GET", path, nil).is(200)
		for _, one := range page.list(list) {
			records = append(records, one.(map[string]any))
		}
		path = "!" + c.w.path(page.string("after_url"))
		if page.at("end_of_stream") == true {
			return records, path
		}
		between()
	}
}

func TestExportHasEveryChangeOnceWhileRowsChange(t *testing.T) {
	everywhere(t, func(w *world) {
		w.later()
		w.manyTickets(12)
		admin, random := w.as(w.admin), rand.New(rand.NewPCG(1, 2))
		var all []desk.TicketID
		for _, one := range admin.get("/tickets?sort=id").list("tickets") {
			all = append(all, desk.TicketID(one.(map[string]any)["id"].(float64)))
		}
		seen := make(map[string]bool)
		latest := make(map[float64]float64)
		changes := 0
		records, next := admin.exported("/incremental/tickets/cursor.json?start_time=0&per_page=3", "tickets", func() {
			if changes++; changes > 10 {
				return
			}
			id := all[random.IntN(len(all))]
			admin.send("PUT", fmt.Sprintf("/tickets/%d", id), object{"ticket": object{"subject": fmt.Sprint("Changed ", changes)}}).is(200)
		})
		for _, r := range records {
			key := fmt.Sprint(r["id"], "/", r["version"])
			if seen[key] {
				w.t.Errorf("%s came twice", key)
			}
			seen[key], latest[r["id"].(float64)] = true, r["version"].(float64)
		}
		for _, one := range admin.get("/tickets?sort=id").list("tickets") {
			now := one.(map[string]any)
			if latest[now["id"].(float64)] != now["version"].(float64) {
				w.t.Errorf("ticket %v is of version %v, exported was %v", now["id"], now["version"], latest[now["id"].(float64)])
			}
		}
		// An export goes on from its end with what changes later.
		admin.send("PUT", fmt.Sprintf("/tickets/%d", all[0]), object{"ticket": object{"subject": "The last change"}}).is(200)
		if more, _ := admin.exported(next, "tickets", func() {}); len(more) != 1 || more[0]["subject"] != "The last change" {
			w.t.Errorf("from the end on: %v", more)
		}
	})
}

func TestWhatMayStillBeOvertakenIsNotExportedYet(t *testing.T) {
	everywhere(t, func(w *world) {
		got := w.as(w.admin).get("/incremental/tickets/cursor?start_time=0").is(200)
		if len(got.list("tickets")) != 0 || got.at("end_of_stream") != true {
			w.t.Errorf("got %s", got.text)
		}
		w.later()
		if got = w.as(w.admin).send("GET", "!"+w.path(got.string("after_url")), nil); len(got.list("tickets")) != 1 {
			w.t.Errorf("later %s", got.text)
		}
	})
}

func TestExportByTimeLeadsOn(t *testing.T) {
	w := one(t)
	w.later()
	w.manyTickets(5)
	got := w.as(w.admin).get("/incremental/tickets?start_time=0&per_page=2").is(200)
	if got.at("end_of_stream") != true && got.number("count") < 2 {
		t.Errorf("got %s", got.text)
	}
	next, err := url.Parse(got.string("next_page"))
	w.must(err)
	if next.Query().Get("start_time") != fmt.Sprint(got.number("end_time")) {
		t.Errorf("the next page is %s", next)
	}
}

func TestPeopleAreExportedInTheOrderOfTheirChange(t *testing.T) {
	everywhere(t, func(w *world) {
		w.later()
		admin := w.as(w.admin)
		records, next := admin.exported("/incremental/users/cursor?start_time=0&per_page=1", "users", func() {})
		if len(records) < 3 {
			w.t.Errorf("exported %v", records)
		}
		admin.send("PUT", fmt.Sprintf("/users/%d", w.requester.ID), object{"user": object{"name": "Renamed"}}).is(200)
		if more, _ := admin.exported(next, "users", func() {}); len(more) != 1 || more[0]["name"] != "Renamed" {
			w.t.Errorf("afterwards %v", more)
		}
		admin.get("/incremental/users/cursor?cursor=nonsense").refused(422, "invalid_cursor")
		w.as(w.agent).get("/incremental/users/cursor").refused(403, "administrators_only")
	})
}
