package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"testing"

	"tandem/desk"
)

func TestWholeListsComeInPagesWhenAskedTo(t *testing.T) {
	w := one(t)
	for range 4 {
		w.say(desk.NewComment{AuthorID: w.requester.ID, Public: true, Text: "Still nothing."})
	}
	ids := func(got *answer) (all []int) {
		for i := range got.list("comments") {
			all = append(all, got.number(fmt.Sprintf("comments.%d.id", i)))
		}
		return all
	}
	agent := w.as(w.agent)
	path := fmt.Sprintf("/tickets/%d/comments", w.ticket.ID)
	got := agent.get("%s", path).is(200)
	if got.body["meta"] != nil || got.number("count") != 5 || got.body["next_page"] != nil {
		t.Errorf("without a page: %s", got.text)
	}
	whole := ids(got)
	if counted := agent.get("%s/count", path).is(200); counted.number("count.value") != 5 {
		t.Errorf("counted: %s", counted.text)
	}

	second := agent.get("%s?page=2&per_page=2", path).is(200)
	if !slices.Equal(ids(second), whole[2:4]) || second.body["next_page"] == nil || second.body["previous_page"] == nil {
		t.Errorf("the second page is %s", second.text)
	}
	if beyond := agent.get("%s?page=4&per_page=2", path).is(200); len(ids(beyond)) != 0 || beyond.body["next_page"] != nil {
		t.Errorf("behind the last page comes %s", beyond.text)
	}

	var met []int
	page := agent.get("%s?page[size]=2", path).is(200)
	w.say(desk.NewComment{AuthorID: w.requester.ID, Public: true, Text: "One more."}) // while it is paged
	for {
		met = append(met, ids(page)...)
		if page.at("meta.has_more") == false {
			break
		}
		page = agent.send("GET", "!"+w.path(page.string("links.next")), nil).is(200)
	}
	if len(met) != 6 || !slices.Equal(met[:5], whole) {
		t.Errorf("by cursor come %v, want %v and a new one", met, whole)
	}
	back := agent.send("GET", "!"+w.path(page.string("links.prev")), nil).is(200)
	if !slices.Equal(ids(back), met[2:4]) {
		t.Errorf("backwards come %v, want %v", ids(back), met[2:4])
	}
	agent.get("%s?page[size]=2&page[after]=nonsense", path).refused(422, "invalid_cursor")

	for _, path := range []string{"/brands", "/groups", "/recipient_addresses", "/views", "/views/active", "/macros", "/triggers", "/ticket_fields"} {
		if got := agent.get("%s?page[size]=1", path).is(200); got.body["meta"] == nil || got.body["count"] != nil {
			t.Errorf("%s by cursor: %s", path, got.text)
		}
		if got := agent.get("%s", path).is(200); got.body["meta"] != nil || got.body["count"] == nil {
			t.Errorf("%s: %s", path, got.text)
		}
	}
}

func TestWholeListGoesOnBehindARecordThatIsGone(t *testing.T) {
	q := &request{url: &url.URL{Path: "/views"}}
	id := func(n int64) int64 { return n }
	var cursors CursorMeta
	page := func(after string, all ...int64) []int64 {
		got, err := cursorPageOfWhole(q, CursorPage{Size: 2, After: after}, all, id, &cursors)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	page("", 5, 3, 9, 1)
	if got := page(*cursors.Meta.AfterCursor, 5, 9, 1); !slices.Equal(got, []int64{9, 1}) {
		t.Errorf("behind 3, which is gone, comes %v, want 9 and 1", got)
	}
}

func TestCommentsComeInTheOrderAskedFor(t *testing.T) {
	w := one(t)
	later := w.say(desk.NewComment{AuthorID: w.requester.ID, Public: true, Text: "Still nothing."})
	for query, newestFirst := range map[string]bool{"": false, "?sort=created_at": false, "?sort=-created_at": true, "?sort_order=desc": true} {
		first := w.as(w.agent).get("/tickets/%d/comments%s", w.ticket.ID, query).is(200).number("comments.0.id")
		if (first == int(later.ID)) != newestFirst {
			t.Errorf("%q begins with comment %d", query, first)
		}
	}
}

func TestAbandonedRequestIsNoFaultOfOurs(t *testing.T) {
	log := new(logged)
	errorsOnly := slog.New(slog.NewTextHandler(log, nil))
	fail(errorsOnly, "R1", fmt.Errorf("list tickets: %w", context.Canceled))
	if log.String() != "" {
		t.Errorf("logged %s", log)
	}
	fail(errorsOnly, "R2", errors.New("no such table"))
	if !strings.Contains(log.String(), "level=ERROR") || !strings.Contains(log.String(), "R2") {
		t.Errorf("logged %q", log)
	}
}
