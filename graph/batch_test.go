package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// item is one request of a batch as it arrives.
type item struct {
	ID, Method, URL string
	Headers         map[string]string
	Body            json.RawMessage
	DependsOn       []string
}

// batchServer answers each item by status and, when not nil, header; it
// respects dependsOn and answers in reverse order.
func batchServer(t *testing.T, answer func(item) (status int, header map[string]string)) (http.HandlerFunc, *[][]item) {
	t.Helper()
	var batches [][]item
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1.0/$batch" {
			t.Errorf("path %s", r.URL.Path)
		}
		items := decodeBody[struct{ Requests []item }](t, r).Requests
		batches = append(batches, items)
		failed := make(map[string]bool)
		var responses []string
		for _, it := range items {
			if !strings.HasPrefix(it.Headers["Prefer"], `IdType="ImmutableId"`) {
				t.Errorf("item without immutable ids: %v", it.Headers)
			}
			status, header := http.StatusFailedDependency, map[string]string(nil)
			if !slices.ContainsFunc(it.DependsOn, func(id string) bool { return failed[id] }) {
				status, header = answer(it)
			}
			failed[it.ID] = status > 299
			responses = append(responses, itemAnswer(it.ID, status, header))
		}
		slices.Reverse(responses)
		reply(200, `{"responses":[`+strings.Join(responses, ",")+`]}`)(w, r)
	}, &batches
}

func itemAnswer(id string, status int, header map[string]string) string {
	body := `{"id":"x"}`
	switch status {
	case 404:
		body = `{"error":{"code":"ErrorItemNotFound","message":"gone"}}`
	case 429:
		body = `{"error":{"code":"TooManyRequests"}}`
	case 403:
		body = `{"error":{"code":"ErrorAccessDenied"}}`
	}
	h, _ := json.Marshal(header)
	return fmt.Sprintf(`{"id":%q,"status":%d,"headers":%s,"body":%s}`, id, status, h, body)
}

func TestBatchIsSplitAtTwenty(t *testing.T) {
	h, batches := batchServer(t, func(it item) (int, map[string]string) {
		if it.URL == "/me/messages/21" {
			return 404, nil
		}
		return 200, nil
	})
	requests := make([]BatchRequest, 45)
	for i := range requests {
		requests[i] = BatchRequest{Method: "PATCH", URL: fmt.Sprintf("/me/messages/%d", i), Body: map[string]bool{"isRead": true}}
	}
	responses, err := serve(t, h).Batch(t.Context(), requests)
	if err != nil {
		t.Fatal(err)
	}
	if got := []int{len((*batches)[0]), len((*batches)[1]), len((*batches)[2])}; !slices.Equal(got, []int{20, 20, 5}) {
		t.Errorf("batches of %v", got)
	}
	for i, r := range responses {
		if want := fmt.Sprint(i + 1); r.ID != want || (i == 21) != errors.Is(r.Err, ErrNotFound) || (i == 21) == (r.Status == 200) {
			t.Errorf("answer %d: %+v", i, r)
		}
	}
	if it := (*batches)[0][0]; it.Headers["Content-Type"] != "application/json" || string(it.Body) != `{"isRead":true}` {
		t.Errorf("item %+v", it)
	}
}

func TestDependenciesAcrossBatches(t *testing.T) {
	for _, fails := range []bool{false, true} {
		h, batches := batchServer(t, func(it item) (int, map[string]string) {
			if fails && it.ID == "20" {
				return 500, nil
			}
			return 200, nil
		})
		requests := make([]BatchRequest, 22)
		for i := range requests {
			requests[i] = BatchRequest{Method: "GET", URL: "/me"}
			if i > 0 {
				requests[i].DependsOn = []string{fmt.Sprint(i)}
			}
		}
		responses, err := serve(t, h).Batch(t.Context(), requests)
		if err != nil {
			t.Fatal(err)
		}
		if fails {
			if len(*batches) != 1 || !errors.Is(responses[20].Err, ErrFailedDependency) || !errors.Is(responses[21].Err, ErrFailedDependency) {
				t.Errorf("%d batches; %+v", len(*batches), responses[20:])
			}
			continue
		}
		if second := (*batches)[1]; len(second[0].DependsOn) != 0 || !slices.Equal(second[1].DependsOn, []string{"21"}) {
			t.Errorf("second batch %+v", second)
		}
	}
}

func TestThrottledItemKeepsItsRetryAfter(t *testing.T) {
	h, _ := batchServer(t, func(it item) (int, map[string]string) {
		if it.ID == "2" {
			return 429, map[string]string{"Retry-After": "17"}
		}
		return 200, nil
	})
	responses, err := serve(t, h).Batch(t.Context(), []BatchRequest{{Method: "GET", URL: "/me"}, {Method: "GET", URL: "/me"}})
	if err != nil {
		t.Fatal(err)
	}
	var throttled *ThrottledError
	if responses[0].Err != nil || !errors.As(responses[1].Err, &throttled) || throttled.RetryAfter != 17*time.Second {
		t.Errorf("got %+v", responses)
	}
}

func TestBatchRefusesWhatGraphWouldRefuse(t *testing.T) {
	c := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("sent") })
	for _, requests := range [][]BatchRequest{
		{{ID: "a", Method: "GET", URL: "/me"}, {ID: "a", Method: "GET", URL: "/me"}},
		{{ID: "a", Method: "GET", URL: "/me", DependsOn: []string{"b"}}, {ID: "b", Method: "GET", URL: "/me"}},
	} {
		if _, err := c.Batch(t.Context(), requests); err == nil {
			t.Errorf("accepted %+v", requests)
		}
	}
}

func TestBatchWithMissingAnswerIsBroken(t *testing.T) {
	t.Parallel()
	s := &steps{do: []http.HandlerFunc{reply(200, `{"responses":[]}`), reply(200, `{"responses":[{"id":"1","status":200}]}`)}}
	responses, err := serve(t, s.ServeHTTP).Batch(t.Context(), []BatchRequest{{Method: "GET", URL: "/me"}})
	if err != nil || responses[0].Status != 200 || s.requests() != 2 {
		t.Errorf("%d requests, %+v, %v", s.requests(), responses, err)
	}
}

// fileInMemory files n messages m0, m1, ... in a bubble and returns the results
// and the batches that went out.
func fileInMemory(t *testing.T, n int, answer func(item) (int, map[string]string)) ([]FileResult, [][]item) {
	t.Helper()
	h, batches := batchServer(t, answer)
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("m%d", i)
	}
	return inMemory(t, StaticToken("t"), h).Mailbox("me").FileAll(t.Context(), ids, "tandem"), *batches
}

func ok(item) (int, map[string]string) { return 200, nil }

func TestFilingTakesTenMailsToABatchAsOneChain(t *testing.T) {
	results, batches := fileInMemory(t, 25, ok)
	if len(batches) != 3 || len(batches[0]) != 20 || len(batches[2]) != 10 {
		t.Fatalf("%d batches", len(batches))
	}
	for i, it := range batches[0] {
		if i > 0 && !slices.Equal(it.DependsOn, []string{batches[0][i-1].ID}) {
			t.Errorf("item %d depends on %v", i, it.DependsOn)
		}
	}
	mark, move := batches[0][2], batches[0][3]
	if mark.Method != "PATCH" || mark.URL != "/me/messages/m1" || string(mark.Body) != `{"isRead":true}` {
		t.Errorf("mark: %+v", mark)
	}
	if move.Method != "POST" || move.URL != "/me/messages/m1/move" || string(move.Body) != `{"destinationId":"tandem"}` {
		t.Errorf("move: %+v", move)
	}
	for i, r := range results {
		if r != (FileResult{ID: fmt.Sprintf("m%d", i)}) {
			t.Errorf("result %+v", r)
		}
	}
}

func TestFilingGoesOnAfterMailsThatAreGone(t *testing.T) {
	results, batches := fileInMemory(t, 10, func(it item) (int, map[string]string) {
		if strings.HasSuffix(it.URL, "m3") || strings.HasSuffix(it.URL, "m7") {
			return 404, nil
		}
		return 200, nil
	})
	for i, r := range results {
		if r.Err != nil || r.Gone != (i == 3 || i == 7) {
			t.Errorf("result %+v", r)
		}
	}
	if len(batches) != 3 || len(batches[1]) != 12 || len(batches[2]) != 4 {
		t.Errorf("%d batches: what was done is done again, or not", len(batches))
	}
}

func TestFilingIntoAFolderThatIsGone(t *testing.T) {
	results, batches := fileInMemory(t, 30, func(it item) (int, map[string]string) {
		if strings.HasSuffix(it.URL, "/move") {
			return 404, nil
		}
		return 200, nil
	})
	for _, r := range results {
		if r.Gone || !errors.Is(r.Err, ErrNotFound) {
			t.Errorf("result %+v: taken for a mail that is gone", r)
		}
	}
	if len(batches) != 1 {
		t.Errorf("%d batches for a folder that does not exist", len(batches))
	}
}

func TestFilingWaitsWhenThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		throttled, start := false, time.Now()
		results, batches := fileInMemory(t, 3, func(it item) (int, map[string]string) {
			if !throttled && strings.HasSuffix(it.URL, "m1/move") {
				throttled = true
				return 429, map[string]string{"Retry-After": "3"}
			}
			return 200, nil
		})
		for _, r := range results {
			if r.Err != nil || r.Gone {
				t.Errorf("result %+v", r)
			}
		}
		if time.Since(start) != 3*time.Second || len(batches) != 2 || len(batches[1]) != 4 {
			t.Errorf("%d batches in %s", len(batches), time.Since(start))
		}
	})
}

func TestFilingGivesUpAfterSomeTries(t *testing.T) {
	for name, answer := range map[string]func(item) (int, map[string]string){
		"throttled for long": func(item) (int, map[string]string) { return 429, map[string]string{"Retry-After": "300"} },
		"failing":            func(item) (int, map[string]string) { return 500, nil },
	} {
		synctest.Test(t, func(t *testing.T) {
			results, batches := fileInMemory(t, 15, answer)
			for _, r := range results {
				if !Retryable(r.Err) {
					t.Errorf("%s: result %+v", name, r)
				}
			}
			if len(batches) > maxTries {
				t.Errorf("%s: %d batches", name, len(batches))
			}
		})
	}
}

func TestFilingStopsWhenTheMailboxIsClosedToUs(t *testing.T) {
	results, batches := fileInMemory(t, 30, func(item) (int, map[string]string) { return 403, nil })
	for _, r := range results {
		if !errors.Is(r.Err, ErrAccessDenied) {
			t.Errorf("result %+v", r)
		}
	}
	if len(batches) != 1 {
		t.Errorf("%d batches", len(batches))
	}
}
