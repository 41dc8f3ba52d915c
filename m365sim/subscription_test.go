package m365sim_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tandem/m365sim"
)

// receiver is an endpoint for notifications that does as it is told.
type receiver struct {
	*testing.T
	url   string
	items chan object // what was delivered, one by one
	posts chan int    // how many items each POST had
	// answer decides the status of a delivery; nil is 202.
	answer func() int
	// validate answers the handshake; nil does it as Microsoft asks.
	validate http.HandlerFunc
}

func (w *world) receiver() *receiver {
	r := &receiver{T: w.T, items: make(chan object, 1000), posts: make(chan int, 1000)}
	server := httptest.NewServer(r)
	w.Cleanup(server.Close)
	r.url = server.URL + "/hook?tenant=7"
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.URL.Query().Get("tenant") != "7" {
		r.Errorf("the query of the URL was lost: %s", req.URL)
	}
	if token := req.URL.Query().Get("validationToken"); token != "" {
		if r.validate != nil {
			r.validate(w, req)
			return
		}
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, token)
		return
	}
	if r.answer != nil {
		if status := r.answer(); status != 202 {
			w.WriteHeader(status)
			return
		}
	}
	var in struct{ Value []object }
	if err := json.NewDecoder(req.Body).Decode(&in); err != nil {
		r.Errorf("delivery is not JSON: %v", err)
	}
	w.WriteHeader(http.StatusAccepted)
	r.posts <- len(in.Value)
	for _, item := range in.Value {
		r.items <- item
	}
}

// next waits for the next item.
func (r *receiver) next() object {
	r.Helper()
	select {
	case item := <-r.items:
		return item
	case <-time.After(10 * time.Second):
		r.Fatal("no notification came")
		return nil
	}
}

func (w *world) subscription(r *receiver, more ...object) object {
	s := object{
		"changeType": "created", "notificationUrl": r.url, "resource": "/me/mailFolders('inbox')/messages", "clientState": "secret",
		"expirationDateTime": w.in(24 * time.Hour),
	}
	for _, o := range more {
		for name, value := range o {
			s[name] = value
		}
	}
	return s
}

// in is an instant by the simulator's clock.
func (w *world) in(d time.Duration) string {
	w.Helper()
	now, err := time.Parse(time.RFC3339Nano, w.do("GET", "/sim/clock", nil).expect(200).text("now"))
	if err != nil {
		w.Fatal(err)
	}
	return now.Add(d).Format("2006-01-02T15:04:05.0000000Z")
}

// waiting returns how many notifications of a subscription are undelivered.
func (w *world) waiting(id string) float64 {
	for _, s := range w.do("GET", "/sim/subscriptions", nil).expect(200).list("subscriptions") {
		if s["id"] == id {
			return s["undelivered"].(float64)
		}
	}
	return 0
}

// until asks again until the state is reached.
func (w *world) until(what string, reached func() bool) {
	w.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		if reached() {
			return
		}
	}
	w.Fatalf("never: %s", what)
}

func TestSubscriptionTellsOfNewMail(t *testing.T) {
	w := setup(t)
	r := w.receiver()
	g := w.as(support).immutable()
	created := g.post("/subscriptions", w.subscription(r)).expect(201)
	if created.text("applicationId") != m365sim.ContosoClientID || created.text("clientState") != "secret" || created.text("latestSupportedTlsVersion") != "v1_2" {
		t.Errorf("subscription: %s", created.body)
	}
	id := w.deliver(support, "one")
	w.deliver(sales, "other mailbox")
	n := r.next()
	me := g.get("/me").text("id")
	data := n["resourceData"].(object)
	if n["subscriptionId"] != created.text("id") || n["clientState"] != "secret" || n["changeType"] != "created" || n["tenantId"] != m365sim.ContosoTenantID ||
		n["resource"] != "Users/"+me+"/Messages/"+id || data["id"] != id || data["@odata.type"] != "#Microsoft.Graph.Message" {
		t.Errorf("notification: %v", n)
	}
	g.call("PATCH", "/me/messages/"+id, object{"isRead": true}).expect(200) // was not subscribed to
	second := w.deliver(support, "two")
	if n := r.next(); n["resourceData"].(object)["id"] != second {
		t.Errorf("notification: %v", n)
	}
	if list := g.get("/subscriptions").expect(200).list("value"); len(list) != 1 {
		t.Errorf("subscriptions: %v", list)
	}
	if list := w.as(sales).get("/subscriptions").expect(200).list("value"); len(list) != 0 {
		t.Errorf("another user sees %v", list)
	}
	g.call("DELETE", "/subscriptions/"+created.text("id"), nil).expect(204)
	g.get("/subscriptions/"+created.text("id")).refused(404, "ResourceNotFound")
}

func TestSubscriptionToAWholeMailbox(t *testing.T) {
	w := setup(t)
	r := w.receiver()
	g := w.app().immutable()
	g.post("/subscriptions", w.subscription(r, object{"resource": "users/" + support + "/messages", "changeType": "created,updated,deleted"})).expect(201)
	id := w.deliver(support, "one")
	kinds := []any{r.next()["changeType"]}
	g.post("/users/"+support+"/messages/"+id+"/move", object{"destinationId": "archive"}).expect(201)
	kinds = append(kinds, r.next()["changeType"])
	w.do("DELETE", "/sim/mailboxes/"+support+"/messages/"+id, nil).expect(204)
	kinds = append(kinds, r.next()["changeType"])
	if fmt.Sprint(kinds) != "[created updated deleted]" {
		t.Errorf("changes: %v", kinds)
	}
}

func TestHandshake(t *testing.T) {
	w := setup(t)
	g := w.as(support)
	answers := map[string]struct {
		handler http.HandlerFunc
		message string
	}{
		"wrong status": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(400) }, "HTTP status code is 'BadRequest'. Notification endpoint must respond with 200 OK to validation request."},
		"wrong token":  {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }, "Response must exactly match validationToken query parameter."},
		"not decoded": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			_, token, _ := strings.Cut(r.URL.RawQuery, "validationToken=")
			io.WriteString(w, token)
		}, "Response must exactly match validationToken query parameter."},
		"as JSON": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, r.URL.Query().Get("validationToken"))
		}, "Response must exactly match validationToken query parameter."},
	}
	for name, a := range answers {
		r := w.receiver()
		r.validate = a.handler
		got := g.post("/subscriptions", w.subscription(r)).refused(400, "ValidationError")
		if want := "Subscription validation request failed. " + a.message; got.text("error", "message") != want {
			t.Errorf("%s: %q, want %q", name, got.text("error", "message"), want)
		}
	}
	good, bad := w.receiver(), w.receiver()
	bad.validate = answers["wrong status"].handler
	g.post("/subscriptions", w.subscription(good, object{"lifecycleNotificationUrl": bad.url})).refused(400, "ValidationError")
}

func TestSubscriptionsThatAreRefused(t *testing.T) {
	w := setup(t)
	r := w.receiver()
	g := w.as(support)
	refused := func(status int, code string, o object) {
		t.Helper()
		g.post("/subscriptions", w.subscription(r, o)).refused(status, code)
	}
	refused(400, "InvalidRequest", object{"notificationUrl": "http://tandem.example/hook"})
	refused(400, "InvalidRequest", object{"changeType": "renamed"})
	refused(400, "InvalidRequest", object{"resource": ""})
	refused(400, "InvalidRequest", object{"resource": "me/calendar"})
	refused(400, "InvalidRequest", object{"clientState": strings.Repeat("x", 129)})
	refused(400, "InvalidRequest", object{"expirationDateTime": w.in(-time.Minute)})
	refused(400, "InvalidRequest", object{"expirationDateTime": w.in(10081 * time.Minute)})
	refused(403, "ErrorAccessDenied", object{"resource": "users/" + sales + "/messages"})
	w.with("agent1@contoso.example", "User.Read").post("/subscriptions", w.subscription(r)).refused(403, "ErrorAccessDenied")

	first := g.post("/subscriptions", w.subscription(r)).expect(201)
	again := g.post("/subscriptions", w.subscription(r)).expect(409)
	if want := "Subscription Id " + first.text("id") + " already exists for the requested combination"; again.text("error", "message") != want {
		t.Errorf("duplicate: %s", again.body)
	}
	g.post("/subscriptions", w.subscription(r, object{"changeType": "updated"})).expect(201)
}

func TestSubscriptionsExpireUnlessRenewed(t *testing.T) {
	w := setup(t)
	r, life := w.receiver(), w.receiver()
	g := w.as(support)
	s := g.post("/subscriptions", w.subscription(r, object{"expirationDateTime": w.in(time.Minute), "lifecycleNotificationUrl": life.url})).expect(201)
	if got, want := s.text("expirationDateTime"), w.in(44*time.Minute); got < want {
		t.Errorf("a life below 45 minutes was not raised: %s", got)
	}
	path := "/subscriptions/" + s.text("id")
	w.advance(40 * time.Minute)
	n := life.next()
	if n["lifecycleEvent"] != "reauthorizationRequired" || n["clientState"] != "secret" || n["subscriptionId"] != s.text("id") {
		t.Errorf("life cycle: %v", n)
	}
	g.post(path+"/reauthorize", nil).expect(204)
	g.call("PATCH", path, object{"expirationDateTime": w.in(50 * time.Minute)}).expect(200)
	w.advance(20 * time.Minute)
	w.deliver(support, "still")
	r.next()
	g = w.as(support)
	g.call("PATCH", path, object{"expirationDateTime": w.in(10081 * time.Minute)}).refused(400, "InvalidRequest")
	g.call("PATCH", path, object{"lifecycleNotificationUrl": life.url}).refused(400, "InvalidRequest")

	w.advance(31 * time.Minute)
	w.deliver(support, "too late")
	g = w.as(support)
	g.call("PATCH", path, object{"expirationDateTime": w.in(time.Hour)}).refused(404, "ResourceNotFound")
	g.post("/subscriptions", w.subscription(r)).expect(201)
	after := w.deliver(support, "after")
	if n := r.next(); !strings.HasSuffix(n["resource"].(string), g.post("/me/translateExchangeIds", object{
		"inputIds": []string{after}, "sourceIdType": "restImmutableEntryId", "targetIdType": "restId"}).list("value")[0]["targetId"].(string)) {
		t.Errorf("the expired subscription was told: %v", n)
	}
}

func TestDeliveryIsTriedAgain(t *testing.T) {
	w := setup(t)
	r := w.receiver()
	down := make(chan struct{}, 100)
	r.answer = func() int {
		select {
		case <-down:
			return 503
		default:
			return 202
		}
	}
	down <- struct{}{}
	down <- struct{}{}
	g := w.as(support)
	id := g.post("/subscriptions", w.subscription(r)).expect(201).text("id")
	w.deliver(support, "one")
	// The answer was given first: what waits then has come back from a delivery.
	w.until("the first delivery fails", func() bool { return len(down) == 1 && w.waiting(id) == 1 })
	w.deliver(support, "two")
	w.advance(11 * time.Second)
	w.until("the second delivery fails", func() bool { return len(down) == 0 && w.waiting(id) == 2 })
	w.advance(21 * time.Second)
	r.next()
	r.next()
	if n := <-r.posts; n != 2 {
		t.Errorf("%d notifications in the POST, want both", n)
	}
}

func TestMissedNotificationsAreSaid(t *testing.T) {
	w := setup(t)
	r, life := w.receiver(), w.receiver()
	r.answer = func() int { return 500 }
	id := w.as(support).post("/subscriptions", w.subscription(r, object{"lifecycleNotificationUrl": life.url})).expect(201).text("id")
	w.deliver(support, "one")
	w.until("the delivery fails", func() bool { return w.waiting(id) == 1 })
	w.advance(4*time.Hour + time.Minute)
	if n := life.next(); n["lifecycleEvent"] != "missed" {
		t.Errorf("life cycle: %v", n)
	}
	w.until("the notification is dropped", func() bool { return w.waiting(id) == 0 })
}

func TestFaultsOfNotifications(t *testing.T) {
	w := setup(t)
	r, life := w.receiver(), w.receiver()
	id := w.as(support).post("/subscriptions", w.subscription(r, object{"lifecycleNotificationUrl": life.url})).expect(201).text("id")

	w.fault(object{"kind": "drop_notifications", "count": 1})
	w.deliver(support, "dropped")
	w.fault(object{"kind": "duplicate_notifications", "count": 1})
	w.deliver(support, "twice")
	if a, b := r.next(), r.next(); a["id"] != b["id"] {
		t.Errorf("not the same twice: %v %v", a, b)
	}
	w.fault(object{"kind": "delay_notifications", "delay": "10m", "count": 1})
	w.deliver(support, "late")
	if w.waiting(id) != 1 {
		t.Error("the notification should wait")
	}
	w.advance(11 * time.Minute)
	r.next()

	w.fault(object{"kind": "lifecycle", "event": "reauthorizationRequired", "mailbox": support})
	if n := life.next(); n["lifecycleEvent"] != "reauthorizationRequired" {
		t.Errorf("life cycle: %v", n)
	}
	w.deliver(support, "held back")
	w.until("it waits", func() bool { return w.waiting(id) == 1 })
	w.as(support).post("/subscriptions/"+id+"/reauthorize", nil).expect(204)
	r.next()

	w.fault(object{"kind": "revoke_grants", "mailbox": support})
	if n := life.next(); n["lifecycleEvent"] != "subscriptionRemoved" {
		t.Errorf("life cycle: %v", n)
	}
	if list := w.do("GET", "/sim/subscriptions", nil).list("subscriptions"); len(list) != 0 {
		t.Errorf("subscriptions: %v", list)
	}
}

func TestSubscriptionsSurviveARestart(t *testing.T) {
	w := setup(t)
	r, life := w.receiver(), w.receiver()
	w.as(support).post("/subscriptions", w.subscription(r, object{"lifecycleNotificationUrl": life.url})).expect(201)
	w.web.Close()
	if err := w.sim.Close(); err != nil {
		t.Fatal(err)
	}
	w.open()
	// What was waiting is lost, and that is said.
	if n := life.next(); n["lifecycleEvent"] != "missed" {
		t.Errorf("life cycle: %v", n)
	}
	if _, err := w.sim.Deliver(context.Background(), support, []byte("Subject: x\r\n\r\nx")); err != nil {
		t.Fatal(err)
	}
	r.next()
}
