package conformance_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tandem/m365sim/conformance"
)

// through sends one request through a checker to a handler that answers as told.
func through(t *testing.T, method, target, body string, status int, answer string) []string {
	t.Helper()
	checker := conformance.Load(t)
	handler := checker.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answer != "" {
			w.Header().Set("Content-Type", "application/json")
		}
		w.WriteHeader(status)
		w.Write([]byte(answer))
	}))
	request := httptest.NewRequest(method, target, strings.NewReader(body))
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	if recorder.Code != status || recorder.Body.String() != answer {
		t.Fatalf("the answer was changed: %d %s", recorder.Code, recorder.Body)
	}
	return checker.Violations()
}

func TestTrafficIsHeldAgainstTheDescription(t *testing.T) {
	const messages = "/v1.0/me/mailFolders('inbox')/messages"
	tests := []struct {
		name, method, target, body string
		status                     int
		answer                     string
		complaint                  string // empty: conforms
	}{
		{"good list", "GET", messages + "?$top=5", "", 200, `{"value":[{"id":"1","subject":"x","isRead":true}]}`, ""},
		{"delta with and without brackets", "GET", messages + "/delta?$deltatoken=x", "", 200, `{"value":[{"id":"1","@removed":{"reason":"deleted"}}],"@odata.deltaLink":"x"}`, ""},
		{"error body", "GET", messages, "", 404, `{"error":{"code":"ErrorItemNotFound","message":"gone"}}`, ""},
		{"wrong type", "GET", messages, "", 200, `{"value":[{"id":"1","isRead":"yes"}]}`, "isRead"},
		{"unknown property in an answer", "GET", messages, "", 200, `{"value":[{"id":"1","isSeen":true}]}`, "unknown property isSeen"},
		{"unknown property in a request", "PATCH", "/v1.0/me/messages/1", `{"isSeen":true}`, 200, `{"id":"1"}`, "unknown property isSeen"},
		{"wrong date", "GET", messages, "", 200, `{"value":[{"receivedDateTime":"yesterday"}]}`, "receivedDateTime"},
		{"unknown query option", "GET", messages + "?$page=2", "", 200, `{"value":[]}`, "unknown query option $page"},
		{"unknown operation", "GET", "/v1.0/me/letters", "", 200, `{"value":[]}`, "no such operation"},
		{"wrong status", "POST", "/v1.0/me/messages", `{"subject":"x"}`, 200, `{"id":"1"}`, "status 200 is not described"},
		{"item of a batch", "POST", "/v1.0/$batch", `{"requests":[{"id":"1","method":"PATCH","url":"/me/messages/1","headers":{"Content-Type":"application/json"},"body":{"isSeen":true}}]}`,
			200, `{"responses":[{"id":"1","status":200,"headers":{"Content-Type":"application/json"},"body":{"id":"1"}}]}`, "unknown property isSeen"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := strings.Join(through(t, test.method, test.target, test.body, test.status, test.answer), "; ")
			if test.complaint == "" && got != "" {
				t.Errorf("complaint without reason: %s", got)
			}
			if !strings.Contains(got, test.complaint) {
				t.Errorf("complaints %q do not mention %q", got, test.complaint)
			}
		})
	}
}

func TestOtherTrafficPassesUnseen(t *testing.T) {
	checker := conformance.Load(t)
	handler := checker.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(201) }))
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/sim/faults", nil))
	if checker.Checked() != 0 || len(checker.Violations()) != 0 {
		t.Errorf("checked %d, violations %v", checker.Checked(), checker.Violations())
	}
}
