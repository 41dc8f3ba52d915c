package m365sim_test

import (
	"fmt"
	"strings"
	"testing"
)

// round follows a delta link to its end and returns what it showed by id, and
// the link for the next round.
func (g *graph) round(link string, headers ...string) (items map[string]map[string]any, next string) {
	g.Helper()
	items = map[string]map[string]any{}
	for range 1000 {
		page := g.get(link, headers...).expect(200)
		for _, item := range page.list("value") {
			items[item["id"].(string)] = item
		}
		if next = page.text("@odata.deltaLink"); next != "" {
			if page.at("@odata.nextLink") != nil {
				g.Fatal("a page has both nextLink and deltaLink")
			}
			return items, next
		}
		link = page.text("@odata.nextLink")
	}
	g.Fatal("the round does not end")
	return nil, ""
}

const inboxDelta = "/me/mailFolders/inbox/messages/delta"

func TestDeltaShowsEverythingOnceAndThenChanges(t *testing.T) {
	w := setup(t)
	ids := map[string]bool{}
	for i := range 23 {
		ids[w.deliver(support, fmt.Sprintf("mail %d", i))] = true
	}
	g := w.as(support).immutable()
	page := g.get(inboxDelta+"?$select=subject,receivedDateTime", "Prefer", `IdType="ImmutableId", odata.maxpagesize=5`).expect(200)
	if len(page.list("value")) != 5 || !strings.Contains(page.text("@odata.nextLink"), "$skiptoken=") {
		t.Fatalf("first page: %d mails, next %q", len(page.list("value")), page.text("@odata.nextLink"))
	}
	if m := page.list("value")[0]; m["body"] != nil || m["subject"] == nil {
		t.Errorf("$select was not kept: %v", m)
	}
	items, link := g.round(inboxDelta + "?$select=subject")
	if len(items) != 23 {
		t.Fatalf("first round shows %d mails", len(items))
	}
	for id := range items {
		if !ids[id] {
			t.Errorf("unknown id %s", id)
		}
	}
	if none, again := g.round(link); len(none) != 0 || again == "" {
		t.Errorf("nothing happened, but %d items came", len(none))
	}

	fresh := w.deliver(support, "fresh")
	read, gone, moved := pick(ids, 0), pick(ids, 1), pick(ids, 2)
	g.call("PATCH", "/me/messages/"+read, map[string]any{"isRead": true}).expect(200)
	g.call("DELETE", "/me/messages/"+gone, nil).expect(204)
	g.post("/me/messages/"+moved+"/move", map[string]string{"destinationId": "archive"}).expect(201)
	items, link = g.round(link)
	if len(items) != 4 || items[fresh]["subject"] != "fresh" || items[read]["subject"] == nil {
		t.Errorf("second round: %v", items)
	}
	for _, id := range []string{gone, moved} {
		if removed, _ := items[id]["@removed"].(map[string]any); removed["reason"] != "deleted" {
			t.Errorf("%s should be shown as removed: %v", id, items[id])
		}
	}
	// A mail that came back is there again, under the same immutable id.
	g.post("/me/messages/"+moved+"/move", map[string]string{"destinationId": "inbox"}).expect(201)
	if items, _ = g.round(link); len(items) != 1 || items[moved]["subject"] == nil {
		t.Errorf("third round: %v", items)
	}
}

// pick returns the i-th key in sorted order.
func pick(set map[string]bool, i int) string {
	var best []string
	for k := range set {
		best = append(best, k)
	}
	for a := range best {
		for b := range best {
			if best[a] < best[b] {
				best[a], best[b] = best[b], best[a]
			}
		}
	}
	return best[i]
}

func TestDeltaMissesNothingThatHappensDuringARound(t *testing.T) {
	w := setup(t)
	for i := range 6 {
		w.deliver(support, fmt.Sprintf("mail %d", i))
	}
	g := w.as(support).immutable()
	page := g.get(inboxDelta + "?$top=2").expect(200)
	during := w.deliver(support, "during")
	_, link := g.round(page.text("@odata.nextLink"))
	items, _ := g.round(link)
	if items[during] == nil {
		t.Error("a mail that came during the first round is missing from the second")
	}
}

func TestDeltaSinceADate(t *testing.T) {
	w := setup(t)
	w.do("POST", "/sim/mailboxes/"+support+"/messages?received=2020-01-01T00:00:00Z", "Subject: old\r\n\r\nold").expect(201)
	w.deliver(support, "new")
	g := w.as(support)
	items, _ := g.round(inboxDelta + "?$filter=receivedDateTime+ge+2021-01-01T00:00:00Z&$orderby=receivedDateTime+desc")
	if len(items) != 1 {
		t.Errorf("items: %v", items)
	}
	g.get(inboxDelta+"?$filter=isRead+eq+false").refused(400, "BadRequest")
	g.get(inboxDelta+"?$orderby=subject").refused(400, "BadRequest")
}

func TestDeltaOfChosenChanges(t *testing.T) {
	w := setup(t)
	g := w.as(support).immutable()
	_, link := g.round(inboxDelta + "?changeType=created")
	fresh := w.deliver(support, "fresh")
	items, link := g.round(link)
	if items[fresh] == nil {
		t.Fatal("the new mail is missing")
	}
	g.call("PATCH", "/me/messages/"+fresh, map[string]any{"isRead": true}).expect(200)
	if items, _ = g.round(link); len(items) != 0 {
		t.Errorf("only new mails were asked for: %v", items)
	}
}

func TestExpiredDeltaTokenIsGoneAndStartsAgain(t *testing.T) {
	w := setup(t)
	w.deliver(support, "one")
	g := w.as(support)
	_, link := g.round(inboxDelta)
	other := w.as(sales)
	_, otherLink := other.round(inboxDelta)
	w.fault(map[string]any{"kind": "expire_delta_tokens", "mailbox": support})
	gone := g.get(link).refused(410, "SyncStateNotFound")
	items, next := g.round(gone.header.Get("Location"))
	if len(items) != 1 || next == "" {
		t.Errorf("starting again shows %d mails", len(items))
	}
	other.get(otherLink).expect(200)
	g.get(inboxDelta + "?$deltatoken=nonsense").expect(400)
}
