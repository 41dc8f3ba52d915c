package m365sim_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/m365sim"
)

func TestTooManyRequestsInTenMinutes(t *testing.T) {
	w := setup(t)
	w.fault(object{"kind": "limits", "requests": 5})
	g := w.as(support)
	for range 5 {
		g.get("/me/messages").expect(200)
	}
	refused := g.get("/me/messages").refused(429, "TooManyRequests")
	wait, err := strconv.ParseFloat(refused.header.Get("Retry-After"), 64)
	if err != nil || wait <= 0 || wait > 610 || refused.text("error", "innerError", "code") != "429" {
		t.Errorf("refusal: Retry-After %q, %s", refused.header.Get("Retry-After"), refused.body)
	}
	w.as(sales).get("/me/messages").expect(200) // limits are per mailbox
	if a := g.batch(item("1", "GET", "/me/messages", nil))["1"]; a["status"] != float64(429) || a["headers"].(object)["Retry-After"] == nil {
		t.Errorf("item of a batch: %v", a)
	}
	w.advance(time.Duration(wait * float64(time.Second)))
	g.get("/me/messages").expect(200)
}

func TestFourRequestsAtOnce(t *testing.T) {
	w := setup(t)
	w.fault(object{"kind": "slow", "delay": "150ms", "mailbox": support})
	g := w.as(support)
	var answers sync.Map
	var running sync.WaitGroup
	for i := range 8 {
		running.Go(func() {
			r, err := g.try("GET", "/v1.0/me/messages", nil, "Authorization", "Bearer "+g.token)
			if err == nil {
				answers.Store(i, r)
			}
		})
	}
	running.Wait()
	good, throttled := 0, 0
	answers.Range(func(_, v any) bool {
		if r := v.(response); r.status == 200 {
			good++
		} else {
			throttled++
			r.refused(429, "ApplicationThrottled")
			if r.text("error", "message") != "Application is over its MailboxConcurrency limit." {
				t.Errorf("refusal: %s", r.body)
			}
		}
		return true
	})
	if good < 4 || throttled == 0 || good+throttled != 8 {
		t.Errorf("%d answered, %d throttled", good, throttled)
	}
	// A batch of more than four keeps within the limit by itself.
	var items []object
	for i := range 8 {
		items = append(items, item(strconv.Itoa(i), "GET", "/me/messages", nil))
	}
	for id, a := range g.batch(items...) {
		if a["status"] != float64(200) {
			t.Errorf("item %s: %v", id, a)
		}
	}
}

func TestFaultsOfRequests(t *testing.T) {
	w := setup(t)
	id := w.deliver(support, "one")
	g := w.as(support)
	w.fault(object{"kind": "throttle", "count": 1, "retry_after": 2.5})
	if r := g.get("/me/messages").refused(429, "TooManyRequests"); r.header.Get("Retry-After") != "2.5" {
		t.Errorf("Retry-After %q", r.header.Get("Retry-After"))
	}
	w.fault(object{"kind": "throttle", "count": 1})
	if r := g.get("/me/messages").refused(429, "TooManyRequests"); r.header.Get("Retry-After") != "" {
		t.Errorf("Retry-After %q", r.header.Get("Retry-After"))
	}
	w.fault(object{"kind": "server_errors", "status": 504, "count": 2, "path": "mailFolders", "method": "GET", "mailbox": support})
	g.get("/me/messages").expect(200)
	w.as(sales).get("/me/mailFolders").expect(200)
	g.get("/me/mailFolders").expect(504)
	g.get("/me/mailFolders").expect(504)
	g.get("/me/mailFolders").expect(200)

	w.fault(object{"kind": "delete_before_fetch", "count": 1})
	g.get("/me/messages/"+id+"/$value").refused(404, "ErrorItemNotFound")
	g.get("/me/messages/"+id).refused(404, "ErrorItemNotFound")

	w.fault(object{"kind": "throttle", "duration": "1m"})
	g.get("/me").expect(429)
	w.advance(time.Minute)
	g.get("/me").expect(200)

	w.do("POST", "/sim/faults", object{"kind": "rain"}).expect(400)
	w.do("POST", "/sim/faults", object{"kind": "slow"}).expect(400)
	w.do("POST", "/sim/faults", object{"kind": "throttle", "mailbox": "nobody@contoso.example"}).expect(404)
}

// unchecked serves the simulator without the conformance checker, which holds
// back whole answers and complains of broken ones.
func (w *world) unchecked() {
	w.web.Config.Handler = w.sim.Handler()
}

func TestBrokenAnswers(t *testing.T) {
	w := setup(t)
	w.unchecked()
	id := w.deliver(support, strings.Repeat("long", 5000))
	g := w.as(support)
	w.fault(object{"kind": "cut", "count": 1})
	r, err := g.try("GET", "/v1.0/me/messages/"+id+"/$value", nil, "Authorization", "Bearer "+g.token)
	if err == nil {
		t.Errorf("the connection was not cut: %d, %d bytes", r.status, len(r.body))
	}
	if len(r.body) == 0 {
		t.Error("the connection should be cut in the middle of the mail")
	}
	g.get("/me/messages/" + id + "/$value").expect(200)

	w.fault(object{"kind": "broken_body", "count": 1})
	broken := g.get("/me/messages").expect(200)
	if strings.HasSuffix(strings.TrimSpace(string(broken.body)), "}") {
		t.Errorf("the JSON is whole: %s", broken.body)
	}
}

func TestTokensExpire(t *testing.T) {
	w := setup(t)
	g := w.as(support)
	g.get("/me").expect(200)
	w.advance(time.Hour)
	r := g.get("/me").refused(401, "InvalidAuthenticationToken")
	if r.text("error", "message") != "Lifetime validation failed, the token is expired." || r.header.Get("WWW-Authenticate") == "" || r.text("error", "innerError", "request-id") == "" {
		t.Errorf("refusal: %s", r.body)
	}
	g = w.as(support)
	w.fault(object{"kind": "expire_tokens"})
	g.get("/me").refused(401, "InvalidAuthenticationToken")
	w.as(support).get("/me").expect(200)

	w.do("GET", "/v1.0/me", nil).refused(401, "InvalidAuthenticationToken")
	bad := &graph{world: w, token: g.token + "x"}
	if m := bad.get("/me").refused(401, "InvalidAuthenticationToken").text("error", "message"); m != "CompactToken parsing failed with error code: 80049217" {
		t.Errorf("message %q", m)
	}
}

func TestPermissionsAreChecked(t *testing.T) {
	w := setup(t)
	id := w.deliver(support, "one")
	basic := w.with(support, "Mail.ReadBasic")
	m := basic.get("/me/messages/" + id).expect(200)
	if m.text("subject") != "one" || m.at("body") != nil || m.at("bodyPreview") != nil {
		t.Errorf("with Mail.ReadBasic: %s", m.body)
	}
	basic.get("/me/messages/"+id+"/$value").refused(403, "ErrorAccessDenied")
	basic.get("/me/messages/"+id+"/attachments").refused(403, "ErrorAccessDenied")
	basic.call("PATCH", "/me/messages/"+id, object{"isRead": true}).refused(403, "ErrorAccessDenied")
	reader := w.with(sales, "Mail.Read")
	reader.post("/me/sendMail", object{"message": object{}}).refused(403, "ErrorAccessDenied")
	reader.get("/users/"+support+"/messages").refused(403, "ErrorAccessDenied")
	w.as("nomailbox@contoso.example").get("/me/messages").refused(404, "MailboxNotEnabledForRESTAPI")

	app := w.app()
	app.get("/users/" + support + "/messages").expect(200)
	app.get("/me/messages").refused(400, "BadRequest")
	app.get("/users/nobody@contoso.example/messages").refused(404, "ErrorInvalidUser")
	app.get("/me/letters").refused(400, "BadRequest")
	app.call("PUT", "/users/"+support+"/messages", nil).expect(405)
}

func TestAccessPolicies(t *testing.T) {
	w := setup(t)
	policy := "/sim/applications/" + m365sim.ContosoClientID + "/access_policy"
	w.do("PUT", policy, object{"mailboxes": []string{sales}}).expect(200)
	app := w.app()
	app.get("/users/" + sales + "/messages").expect(200)
	denied := app.get("/users/"+support+"/messages").refused(403, "ErrorAccessDenied")
	if !strings.Contains(denied.text("error", "message"), "Blocked by tenant configured AppOnly AccessPolicy settings.") {
		t.Errorf("refusal: %s", denied.body)
	}
	w.as(support).get("/me/messages").expect(200) // delegated access is not meant

	// RBAC for Applications: no role in the token, and yet access.
	w.do("PATCH", "/sim/applications/"+m365sim.ContosoClientID, object{"application_permissions": []string{}}).expect(200)
	w.do("PUT", policy, object{"mailboxes": []string{sales}, "permissions": []string{"Mail.ReadWrite"}}).expect(200)
	app = w.app()
	app.get("/users/" + sales + "/messages").expect(200)
	app.get("/users/"+support+"/messages").refused(403, "ErrorAccessDenied")
	app.post("/users/"+sales+"/sendMail", object{"message": object{}}).refused(403, "ErrorAccessDenied")
}
