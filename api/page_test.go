package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"tandem/desk"
)

func TestWholeListsEndForClientsThatPageByCursor(t *testing.T) {
	w := one(t)
	for _, path := range []string{"/tickets/1/comments", "/brands", "/groups", "/recipient_addresses"} {
		got := w.as(w.admin).get("%s?page[size]=1", path).is(200)
		if got.at("meta.has_more") != false || got.at("links.next") != nil || got.body["count"] != nil {
			t.Errorf("%s by cursor: %s", path, got.text)
		}
		if got := w.as(w.admin).get("%s", path).is(200); got.body["meta"] != nil || got.body["count"] == nil {
			t.Errorf("%s: %s", path, got.text)
		}
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
