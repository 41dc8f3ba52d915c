package api

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tandem/email"
)

// walked is a list that is paged by cursor, with a way to lengthen it.
type walked struct {
	path  string
	key   string
	id    string // what names a record
	order []string
	add   func(n int)
}

// pagedLists are all lists that are read by parts, and not as a whole.
func (w *world) pagedLists() map[string]walked {
	admin := w.as(w.admin)
	made := func(path string, body object) *answer { return admin.send("POST", path, body).is(http.StatusCreated) }
	company := made("/organizations", object{"organization": object{"name": "Fabrikam"}}).number("organization.id")
	names := []string{"Ana", "ａｎａ", "Bob", "佐藤", "Zoe"} // many share one
	person := func(n int) int {
		return made("/users", object{"user": object{"name": names[n%len(names)], "role": "end-user"}}).number("user.id")
	}
	agents := func(n int) int {
		return made("/users", object{"user": object{"name": "Agent", "role": "agent", "email": fmt.Sprintf("new%d@contoso.example", n)}}).number("user.id")
	}
	team := made("/groups", object{"group": object{"name": "Returns"}}).number("group.id")
	tagged := func(tags ...string) {
		made("/tickets", object{"ticket": object{"subject": "Kettle", "comment": object{"body": "Hello"}, "requester_id": w.requester.ID, "tags": tags}})
	}
	ticket := func(n int) { tagged(fmt.Sprint("tag", n)) } // one more of a tag would change its place
	tagged("first", "second", "third")
	tagged("second", "third", "fourth")
	mail := func(int) {
		w.update(func(tx email.Tx) error {
			_, err := tx.InsertMail(w.t.Context(), &email.Mail{
				ConnectionID: w.address.ConnectionID, Direction: email.Inbound, State: email.Suspended, Cause: email.CauseBulk,
				From: email.Party{Email: "aiko@fabrikam.example"}, NoticedAt: w.server.now(),
			})
			return err
		})
	}
	change := func(n int) {
		admin.send("PUT", fmt.Sprintf("/tickets/%d", w.ticket.ID), object{"ticket": object{"subject": fmt.Sprint("Order ", n)}}).is(200)
	}
	return map[string]walked{
		"people": {path: "/users", key: "users", order: []string{"name", "-name", "id", "-created_at", "created_at", "-updated_at"}, add: func(n int) { person(n) }},
		"organizations": {path: "/organizations", key: "organizations", order: []string{"name", "-updated_at"}, add: func(n int) {
			made("/organizations", object{"organization": object{"name": fmt.Sprint(names[n%len(names)], n)}})
		}},
		"organization memberships": {path: "/organization_memberships", key: "organization_memberships", add: func(n int) {
			made("/organization_memberships", object{"organization_membership": object{"user_id": person(n), "organization_id": company}})
		}},
		"group memberships": {path: fmt.Sprintf("/groups/%d/memberships", team), key: "group_memberships", add: func(n int) {
			made("/group_memberships", object{"group_membership": object{"user_id": agents(n), "group_id": team}})
		}},
		"tags":              {path: "/tags", key: "tags", id: "name", add: ticket},
		"tickets":           {path: "/tickets", key: "tickets", order: []string{"-updated_at", "created_at", "id", "-subject"}, add: ticket},
		"audits of all":     {path: "/ticket_audits", key: "audits", add: change},
		"audits of one":     {path: fmt.Sprintf("/tickets/%d/audits", w.ticket.ID), key: "audits", add: change},
		"metrics":           {path: "/ticket_metrics", key: "ticket_metrics", id: "ticket_id", add: ticket},
		"suspended tickets": {path: "/suspended_tickets", key: "suspended_tickets", add: mail},
		"mail":              {path: "/mail", key: "mail", add: mail},
	}
}

// walk follows links from a page on, and gives the names of the records in the
// order of the list.
func (l walked) walk(c *caller, page *answer, link string, between func()) (met []any, last *answer) {
	for {
		var here []any
		for _, record := range page.list(l.key) {
			here = append(here, record.(map[string]any)[l.id])
		}
		if link == "links.next" {
			met = append(met, here...)
		} else {
			met = append(here, met...)
		}
		if page.at("meta.has_more") == false || page.at(link) == nil {
			return met, page
		}
		between()
		page = c.send("GET", "!"+c.w.path(page.string(link)), nil).is(200)
	}
}

// Whoever pages through a list to its end and back meets the same records, each
// once and in the same order, also while others add to it.
func TestCursorsLeadForwardAndBack(t *testing.T) {
	everywhere(t, func(w *world) {
		lists := w.pagedLists()
		serial := 0
		for _, l := range lists {
			for range 4 {
				serial++
				l.add(serial)
			}
		}
		who := w.as(w.admin)
		rapid.Check(t, func(rt *rapid.T) {
			name := rapid.SampledFrom(slices.Sorted(maps.Keys(lists))).Draw(rt, "list")
			l := lists[name]
			if l.id == "" {
				l.id = "id"
			}
			order := ""
			if len(l.order) > 0 {
				order = "&sort=" + rapid.SampledFrom(l.order).Draw(rt, "order")
			}
			left := rapid.IntRange(0, 2).Draw(rt, "to add")
			before := map[any]bool{}
			whole, _ := l.walk(who, who.get("%s?page[size]=100%s", l.path, order).is(200), "links.next", func() {})
			for _, id := range whole {
				before[id] = true
			}
			first := fmt.Sprintf("%s?page[size]=%d%s", l.path, max(len(whole)/rapid.IntRange(1, 6).Draw(rt, "pages"), 1), order)
			between := func() {
				if left > 0 && rapid.Bool().Draw(rt, "add") {
					left, serial = left-1, serial+1
					l.add(serial)
				}
			}
			known := func(met []any) []any {
				return slices.DeleteFunc(slices.Clone(met), func(id any) bool { return !before[id] })
			}
			there, end := l.walk(who, who.get("%s", first).is(200), "links.next", between)
			back := slices.Clone(there[len(there)-len(end.list(l.key)):])
			if end.at("links.prev") != nil {
				earlier, _ := l.walk(who, who.send("GET", "!"+w.path(end.string("links.prev")), nil).is(200), "links.prev", between)
				back = append(earlier, back...)
			}
			if got := known(there); !slices.Equal(got, whole) {
				rt.Fatalf("%s: forward come %v, want %v", first, got, whole)
			}
			if got := known(back); !slices.Equal(got, whole) {
				rt.Fatalf("%s: back come %v, want %v", first, got, whole)
			}
		})
	})
}
