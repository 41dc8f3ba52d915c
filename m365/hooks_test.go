package m365

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tandem/email"
	"tandem/graph"
	"tandem/problem"
)

// hooks serves the hooks; what arrives is appended to received.
func hooks(received *[]email.Notice, fails error, returned SignInReturn) http.Handler {
	receive := func(_ context.Context, notices []email.Notice) error {
		*received = append(*received, notices...)
		return fails
	}
	return Hooks(receive, returned, slog.New(slog.DiscardHandler))
}

func post(h http.Handler, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, strings.NewReader(body)))
	return w
}

func TestNotificationURLAnswersTheHandshake(t *testing.T) {
	var received []email.Notice
	w := post(hooks(&received, nil, nil), "/microsoft/notifications?validationToken=a%20%3Cb%3E", "")
	body, _ := io.ReadAll(w.Body)
	if w.Code != http.StatusOK || string(body) != "a <b>" {
		t.Errorf("answered %d %q, want the decoded token", w.Code, body)
	}
	if ct := w.Header().Get("Content-Type"); !strings.HasPrefix(ct, "text/plain") {
		t.Errorf("the token comes back as %q: a browser could run it", ct)
	}
}

func TestNotificationIsAcceptedWhenStored(t *testing.T) {
	const body = `{"value":[{"subscriptionId":"s1","clientState":"secret","changeType":"created","resource":"Users/u/Messages/m"}]}`
	var received []email.Notice
	if w := post(hooks(&received, nil, nil), "/microsoft/notifications", body); w.Code != http.StatusAccepted {
		t.Errorf("answered %d, want 202", w.Code)
	}
	if len(received) != 1 || received[0].SubscriptionID != "s1" || received[0].ClientState != "secret" {
		t.Errorf("received %v", received)
	}
	w := post(hooks(&received, errors.New("disk full"), nil), "/microsoft/notifications", body)
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("answered %d though nothing was stored: Microsoft would not come again", w.Code)
	}
}

func TestLifecycleNotificationNamesItsEvent(t *testing.T) {
	const body = `{"value":[{"subscriptionId":"s1","clientState":"secret","lifecycleEvent":"missed"}]}`
	var received []email.Notice
	post(hooks(&received, nil, nil), "/microsoft/lifecycle", body)
	if len(received) != 1 || received[0].Lifecycle != graph.Missed {
		t.Errorf("received %+v, want the event missed", received)
	}
}

func TestNonsenseIsRefused(t *testing.T) {
	for _, body := range []string{"", "{", "[]", `{"value":7}`, `{"value":[` + strings.Repeat("[", 100_000), strings.Repeat("x", graph.MaxNotificationBytes+1)} {
		var received []email.Notice
		if w := post(hooks(&received, nil, nil), "/microsoft/notifications", body); w.Code != http.StatusBadRequest {
			t.Errorf("answered %d to %.20q, want 400", w.Code, body)
		}
		if len(received) > 0 {
			t.Errorf("took %v from %.20q", received, body)
		}
	}
}

func TestBrowserReturnsFromSignIn(t *testing.T) {
	get := func(query string, answer func(state, code string, refusal error) string) string {
		var received []email.Notice
		h := hooks(&received, nil, func(_ *http.Request, state, code string, refusal error) string { return answer(state, code, refusal) })
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/microsoft/callback?"+query, nil))
		if got := w.Header().Get("Referrer-Policy"); got != "no-referrer" {
			t.Errorf("the code in the URL may leak by the referrer: %q", got)
		}
		return w.Header().Get("Location")
	}
	if got := get("code=c1&state=s1", func(state, code string, refusal error) string {
		if refusal != nil {
			t.Errorf("refused: %v", refusal)
		}
		return "/" + state + "/" + code
	}); got != "/s1/c1" {
		t.Errorf("went to %q", got)
	}
	get("error=access_denied&error_description=AADSTS65004%3A+User+declined+to+consent&state=s2", func(state, code string, refusal error) string {
		if state != "s2" || code != "" || problem.As(refusal) == nil || problem.As(refusal).Code != "consent_declined" {
			t.Errorf("Cancel came as state %q, code %q, %v", state, code, refusal)
		}
		return "/"
	})
}

func TestReturnPath(t *testing.T) {
	tests := []struct {
		req  *email.Request
		err  error
		want string
	}{
		{&email.Request{Outcome: email.RequestConnected, AddressID: 7}, nil, "/admin/email/addresses/7?connected=1"},
		{&email.Request{State: "s", Outcome: email.RequestOtherAccount}, nil, "/admin/email/new?state=s"},
		{&email.Request{State: "s", Outcome: email.RequestFailed, Problem: &email.RequestProblem{Code: "permissions_missing"}}, nil, "/admin/email/new?problem=permissions_missing&state=s"},
		{nil, problem.New(problem.NotFound, "sign_in_unknown", "No."), "/admin/email/new?problem=sign_in_unknown"},
	}
	for _, test := range tests {
		if got := ReturnPath(test.req, test.err); got != test.want {
			t.Errorf("goes to %q, want %q", got, test.want)
		}
	}
}
