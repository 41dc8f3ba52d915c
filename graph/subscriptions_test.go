package graph

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestSubscriptionLife(t *testing.T) {
	var c *Client
	var calls []string
	c = serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		calls = append(calls, r.Method+" "+r.URL.Path+" "+string(body))
		switch {
		case r.Method == http.MethodGet && r.URL.RawQuery == "":
			reply(200, `{"value":[{"id":"s1"}],"@odata.nextLink":"`+c.base+`/subscriptions?$skiptoken=x"}`)(w, r)
		case r.Method == http.MethodGet:
			reply(200, `{"value":[{"id":"s2"}]}`)(w, r)
		case r.Method == http.MethodDelete, strings.HasSuffix(r.URL.Path, "reauthorize"):
			w.WriteHeader(204)
		default:
			reply(200, `{"id":"s1","expirationDateTime":"2026-11-29T10:00:00.1234567Z"}`)(w, r)
		}
	})
	ctx, expiry := t.Context(), time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)
	s, err := c.CreateSubscription(ctx, Subscription{Resource: "me/mailFolders('inbox')/messages", ChangeType: "created", NotificationURL: "https://n.example", ClientState: "cs", Expiry: expiry})
	if err != nil || s.ID != "s1" || s.Expiry.IsZero() {
		t.Fatalf("%+v, %v", s, err)
	}
	if _, err := c.RenewSubscription(ctx, "s1", expiry); err != nil {
		t.Error(err)
	}
	if err := c.ReauthorizeSubscription(ctx, "s1"); err != nil {
		t.Error(err)
	}
	if err := c.DeleteSubscription(ctx, "s1"); err != nil {
		t.Error(err)
	}
	all, err := c.Subscriptions(ctx)
	if err != nil || len(all) != 2 || all[1].ID != "s2" {
		t.Errorf("%+v, %v", all, err)
	}
	want := []string{
		`POST /v1.0/subscriptions {"resource":"me/mailFolders('inbox')/messages","changeType":"created","notificationUrl":"https://n.example","clientState":"cs","expirationDateTime":"2026-11-29T10:00:00Z"}`,
		`PATCH /v1.0/subscriptions/s1 {"expirationDateTime":"2026-11-29T10:00:00Z"}`,
		`POST /v1.0/subscriptions/s1/reauthorize `,
		`DELETE /v1.0/subscriptions/s1 `,
	}
	for i, call := range want {
		if calls[i] != call {
			t.Errorf("call %d\n got %s\nwant %s", i, calls[i], call)
		}
	}
}

func TestSubscriptionThatExistsAlready(t *testing.T) {
	c := serve(t, refuse(409, "ExtensionError"))
	if _, err := c.CreateSubscription(t.Context(), Subscription{}); !errors.Is(err, ErrConflict) {
		t.Errorf("got %v", err)
	}
}

const (
	changeNotification = `{"value":[{"id":"lsgT","subscriptionId":"s1","subscriptionExpirationDateTime":"2026-11-23T22:11:09.952Z","clientState":"cs","changeType":"created",
		"resource":"Users/u/Messages/m","tenantId":"t","resourceData":{"@odata.type":"#Microsoft.Graph.Message","@odata.id":"Users/u/Messages/m","id":"m"}}],"validationTokens":["x"]}`
	lifecycleNotification = `{"value":[{"subscriptionId":"s1","subscriptionExpirationDateTime":"2026-11-23T22:11:09Z","tenantId":"t","clientState":"cs","lifecycleEvent":"missed"}]}`
)

func TestNotifications(t *testing.T) {
	got, err := ParseNotifications([]byte(changeNotification))
	if err != nil || len(got) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	if n := got[0]; n.SubscriptionID != "s1" || n.ClientState != "cs" || n.ChangeType != "created" || n.Data.ID != "m" || n.TenantID != "t" || n.SubscriptionExpiry.IsZero() {
		t.Errorf("change %+v", n)
	}
	got, err = ParseNotifications([]byte(lifecycleNotification))
	if err != nil || len(got) != 1 || got[0].LifecycleEvent != Missed {
		t.Errorf("lifecycle %+v, %v", got, err)
	}
}

func TestNotificationsThatAreRefused(t *testing.T) {
	one := `{"subscriptionId":"s","changeType":"created"}`
	for name, body := range map[string]string{
		"empty":             ``,
		"null":              `null`,
		"an array":          `[]`,
		"no value":          `{}`,
		"value twice":       `{"value":[],"value":[]}`,
		"value no array":    `{"value":{}}`,
		"cut":               `{"value":[` + one,
		"more after it":     `{"value":[]}{}`,
		"no subscription":   `{"value":[{"changeType":"created"}]}`,
		"neither kind":      `{"value":[{"subscriptionId":"s"}]}`,
		"both kinds":        `{"value":[{"subscriptionId":"s","changeType":"created","lifecycleEvent":"missed"}]}`,
		"wrong type":        `{"value":[{"subscriptionId":1,"changeType":"created"}]}`,
		"a long text":       `{"value":[{"subscriptionId":"` + strings.Repeat("s", maxNotificationText+1) + `","changeType":"created"}]}`,
		"too many":          `{"value":[` + strings.Repeat(one+",", maxNotifications) + one + `]}`,
		"too many bytes":    `{"value":[]` + strings.Repeat(" ", MaxNotificationBytes) + `}`,
		"nested for ever":   `{"value":[{"a":` + strings.Repeat("[", 20_000),
		"one good, one bad": `{"value":[` + one + `,{}]}`,
	} {
		if got, err := ParseNotifications([]byte(body)); err == nil || got != nil {
			t.Errorf("%s: %d notifications, %v", name, len(got), err)
		}
	}
}

func FuzzNotifications(f *testing.F) {
	f.Add([]byte(changeNotification))
	f.Add([]byte(lifecycleNotification))
	f.Add([]byte(`{"value":[]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := ParseNotifications(body)
		if err != nil {
			return
		}
		for _, n := range got {
			if n.SubscriptionID == "" || (n.ChangeType == "") == (n.LifecycleEvent == "") {
				t.Errorf("%q gave %+v", body, n)
			}
		}
	})
}

func TestValidationTokenIsEchoedDecoded(t *testing.T) {
	w := httptest.NewRecorder()
	if !AnswerValidation(w, httptest.NewRequest("POST", "/n?validationToken=Validation%3A+Testing+%3Cb%3E", nil)) {
		t.Fatal("not recognised")
	}
	if w.Code != 200 || w.Body.String() != "Validation: Testing <b>" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
	}
	if AnswerValidation(httptest.NewRecorder(), httptest.NewRequest("POST", "/n", nil)) {
		t.Error("a notification was taken for a validation")
	}
	w = httptest.NewRecorder()
	AnswerValidation(w, httptest.NewRequest("POST", fmt.Sprintf("/n?validationToken=%s", strings.Repeat("x", maxValidationToken+1)), nil))
	if w.Code != 400 {
		t.Errorf("endless token: %d", w.Code)
	}
}
