package m365sim_test

import (
	"slices"
	"strconv"
	"testing"
	"time"
)

func TestDuringAnOutageMailArrivesAndNobodyAnswers(t *testing.T) {
	w := setup(t)
	w.unchecked() // what answers is not Graph
	r := w.receiver()
	g := w.as(support)
	id := g.post("/subscriptions", w.subscription(r, nil)).expect(201).text("id")

	w.fault(object{"kind": "outage", "retry_after": 30})
	if refused := g.get("/me/messages").expect(503); refused.header.Get("Retry-After") != "30" {
		t.Errorf("Retry-After %q", refused.header.Get("Retry-After"))
	}
	w.tokenRequest(form("client_credentials", "scope", "https://graph.microsoft.com/.default")).expect(503)
	w.deliver(support, "meanwhile")
	if n := w.waiting(id); n != 1 {
		t.Errorf("%v notifications wait, want 1", n)
	}
	w.do("DELETE", "/sim/faults", nil).expect(204)
	r.next()
	if n := len(g.get("/me/messages").expect(200).list("value")); n != 1 {
		t.Errorf("%d mails after the outage, want 1", n)
	}

	w.fault(object{"kind": "outage", "refuse": true, "duration": "1h"})
	if answer, err := g.try("GET", "/v1.0/me/messages", nil, "Authorization", "Bearer "+g.token); err == nil {
		t.Errorf("answered %d, want no answer", answer.status)
	}
	w.advance(61 * time.Minute)
	w.as(support).get("/me/messages").expect(200)
}

func TestALostAnswerHasHappened(t *testing.T) {
	w := setup(t)
	w.unchecked()
	g := w.as(support)
	w.fault(object{"kind": "lost_answer", "count": 1, "method": "POST"})
	if answer, err := g.try("POST", "/v1.0/me/messages", object{"subject": "Kept"}, "Authorization", "Bearer "+g.token); err == nil {
		t.Errorf("answered %d, want no answer", answer.status)
	}
	if drafts := w.mails(support, "drafts"); len(drafts) != 1 || drafts[0]["subject"] != "Kept" {
		t.Errorf("drafts: %v", drafts)
	}
}

func TestASeedRepeatsTheDraws(t *testing.T) {
	w := setup(t)
	g := w.as(support)
	strikes := func(seed int) (statuses []string) {
		w.fault(object{"kind": "server_errors", "probability": 0.5, "seed": seed})
		for range 40 {
			statuses = append(statuses, strconv.Itoa(g.get("/me").status))
		}
		w.do("DELETE", "/sim/faults", nil).expect(204)
		return statuses
	}
	first := strikes(7)
	if again := strikes(7); !slices.Equal(first, again) {
		t.Errorf("the same seed strikes otherwise:\n%v\n%v", first, again)
	}
	if other := strikes(8); slices.Equal(first, other) {
		t.Error("another seed strikes the same")
	}
	if !slices.Contains(first, "200") || !slices.Contains(first, "503") {
		t.Errorf("a fault of probability 0.5 strikes always or never: %v", first)
	}
}
