package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// hello is the mail of a customer, told apart by its subject.
func hello(subject string) Letter {
	return Letter{
		From: "kim@customer.example", To: Support, Subject: subject, Text: strings.Repeat("Hello. ", 200),
		MessageID: "<" + strings.ReplaceAll(subject, " ", "-") + "@customer.example>",
	}
}

func (w *World) awaitTickets(n int) {
	w.Helper()
	w.Until(fmt.Sprintf("%d tickets", n), func() bool { return len(w.tickets("")) >= n })
	if states := w.states(); states["ticketed"] != n || len(states) != 1 {
		w.Errorf("the ledger holds %v, want %d tickets", states, n)
	}
}

// What passes by itself needs nobody: the mail comes in, once, and the
// connection is well again.
func TestTroubleAtMicrosoftThatPasses(t *testing.T) {
	t.Parallel()
	faults := map[string]Fault{
		"delta token expired":               {"kind": "expire_delta_tokens"},
		"access token expired":              {"kind": "expire_tokens"},
		"throttled, with Retry-After":       {"kind": "throttle", "retry_after": 1.5, "count": 2},
		"throttled, without Retry-After":    {"kind": "throttle", "count": 2},
		"unavailable":                       {"kind": "server_errors", "status": 503, "count": 3},
		"broken inside":                     {"kind": "server_errors", "status": 500, "count": 3},
		"a bad gateway":                     {"kind": "server_errors", "status": 502, "count": 3},
		"cut in the middle of a mail":       {"kind": "cut", "count": 2},
		"JSON that ends too early":          {"kind": "broken_body", "path": "/delta", "count": 2},
		"a batch that ends too early":       {"kind": "broken_body", "path": "$batch", "count": 2},
		"notifications twice, answers slow": {"kind": "duplicate_notifications"},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connected(Open(t, Options{}))
			w.Mail(hello("Before"))
			w.awaitTickets(1)
			w.Break(fault)
			w.Mail(hello("During"))
			w.Mail(hello("And again"))
			w.awaitTickets(3)
			w.Until("the mails filed", func() bool { return len(w.Folder(Support, "Tandem")) == 3 })
			w.Until("the connection well", func() bool { return w.connection(Support).Status == "verified" })
		})
	}
}

// When Microsoft wants more patience than one request has, the address says
// until when it waits, and goes on by itself.
func TestThrottledMailboxWaitsVisibly(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{}))
	w.Break(Fault{"kind": "throttle"})
	w.Mail(hello("Patience"))
	w.Until("the status waiting", func() bool {
		c := w.connection(Support)
		return c.Status == "waiting" && c.WaitingUntil.After(time.Now().Add(-time.Minute))
	})
	w.Mend()
	w.awaitTickets(1)
	w.Until("the status verified", func() bool { return w.connection(Support).Status == "verified" })
}

// Nothing is asked of a mailbox before the time that Microsoft named.
func TestRetryAfterIsHeeded(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{}))
	w.Break(Fault{"kind": "throttle", "retry_after": 3, "count": 1})
	w.Mail(hello("Patience"))
	w.awaitTickets(1)
	var refused time.Time
	for _, r := range w.Requests("", "") {
		switch {
		case r.Mailbox != Support:
		case r.Status == http.StatusTooManyRequests:
			refused = r.Time
		case !refused.IsZero() && r.Time.Sub(refused) < 3*time.Second:
			t.Errorf("%s %s came %s after the refusal, want 3s", r.Method, r.Path, r.Time.Sub(refused))
		}
	}
	if refused.IsZero() {
		t.Error("nothing was refused")
	}
}

// A mail can be deleted between our listing and our fetching it.
func TestMailDeletedBeforeItIsFetchedIsGone(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{}))
	w.Break(Fault{"kind": "delete_before_fetch", "path": "$value", "count": 1})
	w.Mail(hello("Never mind"))
	w.Until("the mail gone", func() bool { return w.states()["gone"] == 1 })
	w.Mail(hello("This one stays"))
	w.awaitTicket()
	if c := w.connection(Support); c.Status != "verified" {
		t.Errorf("the status is %s (%s): a deleted mail is nobody's fault", c.Status, c.Error.Code)
	}
}

func (w *World) checkPagesOpen() {
	w.Helper()
	for _, path := range []string{"/api/v2/tickets", "/api/v2/connections", "/api/v2/recipient_addresses", "/api/v2/mail", "/api/v2/jobs", "/api/v2/overview", "/", "/readyz"} {
		w.API.Get(path).Want(200)
	}
}

// Somebody changes the mailbox's password or takes the consent back: only a new
// sign-in helps, and it loses nothing.
func TestRevokedGrantsNeedReconnecting(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{}))
	w.Break(Fault{"kind": "revoke_grants"})
	w.Mail(hello("During"))
	w.Until("the error at the address", func() bool { return w.connection(Support).Status == "error" })
	if c := w.connection(Support); c.Error.Side != "admin" || !strings.Contains(c.Error.Remedy, "Reconnect") {
		t.Errorf("the error is %+v", c.Error)
	}
	w.checkPagesOpen()
	if got := w.reconnect(Support, Support); got.Outcome != "connected" {
		t.Fatalf("reconnected: %+v", got)
	}
	w.awaitTickets(1)
	w.Until("the connection well and notified again", func() bool {
		c := w.connection(Support)
		return c.Status == "verified" && c.Mode == "push"
	})
}
