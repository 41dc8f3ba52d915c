package api

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
)

// keyed sends each request with an Idempotency-Key.
func (c *caller) keyed(key string) *caller {
	return &caller{c.w, c.client, func(r *http.Request) {
		c.prepare(r)
		r.Header.Set(idempotencyHeader, key)
	}}
}

func TestRequestWithAKeyCreatesOnce(t *testing.T) {
	everywhere(t, func(w *world) {
		body := object{"ticket": object{"subject": "Once", "comment": object{"body": "Only"}}}
		agent := w.as(w.agent).keyed("k-1")
		first := agent.send("POST", "/tickets.json", body).is(201)
		again := agent.send("POST", "/tickets.json", body).is(201)
		if first.header.Get(lookupHeader) != "miss" || again.header.Get(lookupHeader) != "hit" || again.text != first.text ||
			again.header.Get("Location") != first.header.Get("Location") {
			w.t.Errorf("first %v %s, then %v %s", first.header, first.text, again.header, again.text)
		}
		if other := w.as(w.admin).keyed("k-1").send("POST", "/tickets.json", body).is(201); other.number("ticket.id") == first.number("ticket.id") {
			w.t.Error("somebody else's key gave this answer")
		}
		got := agent.send("POST", "/tickets.json", object{"ticket": object{"comment": object{"body": "Another"}}}).refused(400, "idempotency_key_reused")
		if got.string("error") != "IdempotentRequestError" {
			w.t.Errorf("got %s", got.text)
		}
	})
}

func TestRequestWithAKeyCreatesOnceBelowAnotherRecord(t *testing.T) {
	w := one(t)
	path := fmt.Sprintf("/users/%d/identities", w.requester.ID)
	body := object{"identity": object{"type": "email", "value": "second@example.com"}}
	agent := w.as(w.agent).keyed("k-4")
	first := agent.send("POST", path, body).is(201)
	if again := agent.send("POST", path, body).is(201); again.header.Get(lookupHeader) != "hit" || again.text != first.text {
		t.Errorf("the second time %v %s", again.header, again.text)
	}
}

func TestRefusedRequestMayBeTriedAgainUnderItsKey(t *testing.T) {
	w := one(t)
	agent := w.as(w.agent).keyed("k-2")
	agent.send("POST", "/tickets", object{"ticket": object{"comment": object{"body": " "}}}).refused(422, "comment_empty")
	agent.send("POST", "/tickets", object{"ticket": object{"comment": object{"body": "Now"}}}).is(201)
}

func TestRequestsAtATimeUnderOneKeyCreateOnce(t *testing.T) {
	everywhere(t, func(w *world) {
		before := w.as(w.agent).get("/tickets/count").number("count.value")
		body := object{"ticket": object{"subject": "Once", "comment": object{"body": "Only"}}}
		statuses := make([]int, 8)
		var all sync.WaitGroup
		for i := range statuses {
			all.Go(func() { statuses[i] = w.as(w.agent).keyed("k-3").send("POST", "/tickets", body).status })
		}
		all.Wait()
		for _, status := range statuses {
			if status != http.StatusCreated && status != http.StatusConflict {
				w.t.Errorf("answered %v", statuses)
			}
		}
		if after := w.as(w.agent).get("/tickets/count").number("count.value"); after != before+1 {
			w.t.Errorf("%d tickets were made", after-before)
		}
	})
}

func TestTokenThatAsksTooMuchIsToldToWait(t *testing.T) {
	w := one(t)
	w.server.rates.limit = 2
	agent := w.as(w.agent)
	for left := 1; left >= 0; left-- {
		got := agent.get("/tickets/count").is(200)
		if got.header.Get("X-Rate-Limit") != "2" || got.header.Get("X-Rate-Limit-Remaining") != fmt.Sprint(left) || got.header.Get("Ratelimit-Reset") == "" {
			t.Errorf("headers %v", got.header)
		}
	}
	got := agent.get("/tickets/count").refused(429, "rate_limited")
	if got.header.Get("Retry-After") == "" || got.string("error") != "TooManyRequests" {
		t.Errorf("refused with %v %s", got.header, got.text)
	}
	w.anonymous().get("/session").is(200) // browsers are not counted
}

func TestLanguagesAndAccountAreShown(t *testing.T) {
	w := one(t)
	agent := w.as(w.agent)
	if got := agent.get("/locales.json").is(200); len(got.list("locales")) != 3 || got.string("locales.1.locale") != "ja" {
		t.Errorf("languages %s", got.text)
	}
	for _, path := range []string{"/locales/public", "/locales/agent", "/locales/current", "/locales/ja.json", "/locales/19"} {
		agent.get("%s", path).is(200)
	}
	agent.get("/locales/xx").refused(404, "not_found")
	if got := agent.get("/account/settings.json").is(200); got.number("settings.brands.default_brand_id") == 0 {
		t.Errorf("settings %s", got.text)
	}
	agent.send("PUT", fmt.Sprintf("/tickets/%d", w.ticket.ID), object{"ticket": object{"email_ccs": []object{{"user_email": "boss@example.com"}}}}).is(200)
	if got := agent.get("/tickets/%d/collaborators", w.ticket.ID).is(200); got.string("users.0.email") != "boss@example.com" {
		t.Errorf("in copy %s", got.text)
	}
	agent.get("/tickets/%d/related.json", w.ticket.ID).is(200)
	agent.get("/tickets/999999/related").refused(404, "not_found")
}
