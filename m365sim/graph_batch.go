package m365sim

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"github.com/google/uuid"
)

// Limits of JSON batching (Combine multiple HTTP requests using JSON batching;
// Outlook runs at most 4 items of a batch at a time).
const (
	maxBatch         = 20
	batchConcurrency = 4
)

type batchItem struct {
	ID        string            `json:"id"`
	Method    string            `json:"method"`
	URL       string            `json:"url"`
	Headers   map[string]string `json:"headers"`
	Body      json.RawMessage   `json:"body"`
	DependsOn []string          `json:"dependsOn"`
}

type batchAnswer struct {
	ID      string            `json:"id"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    any               `json:"body,omitempty"`
}

func isBatch(c *call) bool { return pathOf(c.target) == "/$batch" }

// batch runs the items of a batch: those that depend on others after them, the
// rest at once, and answers in the order they finished.
func (g *graphAPI) batch(r *http.Request, c *call, requestID string) answer {
	token, err := g.authenticate(c.header.Get("Authorization"))
	if err != nil {
		return errorAnswer(asGraphError(err))
	}
	c.token = token
	if c.method != http.MethodPost {
		return errorAnswer(refuse(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target."))
	}
	items, err := readBatch(c)
	if err != nil {
		return errorAnswer(asGraphError(err))
	}
	if f := g.faults.hit("", c.method, "$batch", faultBrokenBody); f != nil {
		return answer{status: http.StatusOK, raw: []byte(`{"responses":[{"id":"1","sta`)}
	}
	c.travel()
	run := batchRun{g: g, outer: c, requestID: requestID, remote: r.RemoteAddr, slots: make(chan struct{}, batchConcurrency)}
	a := reply(http.StatusOK, map[string]any{"responses": run.all(items)})
	a.lost = g.faults.hit("", c.method, "$batch", faultLostAnswer) != nil
	return a
}

func readBatch(c *call) ([]batchItem, error) {
	var in struct {
		Requests []batchItem `json:"requests"`
	}
	if err := json.Unmarshal(c.body, &in); err != nil || in.Requests == nil {
		return nil, badRequest("Invalid batch payload format.")
	}
	if len(in.Requests) > maxBatch {
		return nil, badRequest("Number of batch request steps exceeds the maximum value of %d.", maxBatch)
	}
	known := map[string]bool{}
	for _, item := range in.Requests {
		if item.ID == "" || item.Method == "" || item.URL == "" {
			return nil, badRequest("Invalid batch payload format. Each request needs id, method and url.")
		}
		if known[item.ID] {
			return nil, badRequest("Request Id %s is duplicated in the batch.", item.ID)
		}
		known[item.ID] = true
	}
	return in.Requests, checkDependencies(in.Requests, known)
}

// checkDependencies refuses dependencies on nothing and on one another.
func checkDependencies(items []batchItem, known map[string]bool) error {
	resolved := map[string]bool{}
	for range items {
		for _, item := range items {
			ready := true
			for _, dependency := range item.DependsOn {
				if !known[dependency] {
					return badRequest("Request Id %s depends on %s, which is not in the batch.", item.ID, dependency)
				}
				ready = ready && resolved[dependency]
			}
			if ready {
				resolved[item.ID] = true
			}
		}
	}
	if len(resolved) < len(items) {
		return badRequest("The dependencies of the batch are circular.")
	}
	return nil
}

// batchRun is one batch on its way.
type batchRun struct {
	g         *graphAPI
	outer     *call
	requestID string
	remote    string
	slots     chan struct{}

	mu      sync.Mutex
	answers []batchAnswer
	failed  map[string]bool
}

func (b *batchRun) all(items []batchItem) []batchAnswer {
	b.failed, b.answers = map[string]bool{}, []batchAnswer{}
	done := map[string]chan struct{}{}
	for _, item := range items {
		done[item.ID] = make(chan struct{})
	}
	var running sync.WaitGroup
	for _, item := range items {
		running.Go(func() {
			defer close(done[item.ID])
			for _, dependency := range item.DependsOn {
				<-done[dependency]
			}
			b.finish(item, b.one(item))
		})
	}
	running.Wait()
	return b.answers
}

func (b *batchRun) finish(item batchItem, a batchAnswer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failed[item.ID] = a.Status >= 400
	b.answers = append(b.answers, a)
}

func (b *batchRun) dependencyFailed(item batchItem) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, dependency := range item.DependsOn {
		if b.failed[dependency] {
			return true
		}
	}
	return false
}

func (b *batchRun) one(item batchItem) batchAnswer {
	if b.dependencyFailed(item) {
		e := refuse(http.StatusFailedDependency, "FailedDependency", "The request could not be completed because a request it depends on failed.")
		return b.envelope(item, errorAnswer(e), b.requestID)
	}
	b.slots <- struct{}{}
	defer func() { <-b.slots }()
	started, id := b.g.clock.now(), uuid.NewString()
	c, err := b.call(item)
	var a answer
	if err != nil {
		a = errorAnswer(asGraphError(err))
	} else {
		a = b.g.perform(c)
	}
	e := recordOf(c, id, started, b.g.clock.now(), a.status, b.remote)
	e.BatchID = b.requestID
	b.g.record.add(e)
	return b.envelope(item, a, id)
}

// call makes a call of an item. It has the token of the batch and no other of
// its headers.
func (b *batchRun) call(item batchItem) (*call, error) {
	header := http.Header{"Authorization": b.outer.header["Authorization"]}
	for name, value := range item.Headers {
		if !strings.EqualFold(name, "Authorization") {
			header.Set(name, value)
		}
	}
	target := item.URL
	if !strings.HasPrefix(target, "/") {
		target = "/" + target
	}
	c := &call{method: strings.ToUpper(item.Method), target: target, header: header, base: b.outer.base, item: true, travel: func() {}}
	if isBatch(c) {
		return c, badRequest("A batch cannot contain a batch.")
	}
	if len(item.Body) == 0 || bytes.Equal(item.Body, []byte("null")) {
		return c, nil
	}
	contentType := strings.ToLower(header.Get("Content-Type"))
	if contentType == "" {
		return c, badRequest("Write request id : %s does not contain Content-Type header or body.", item.ID)
	}
	if strings.HasPrefix(contentType, "application/json") {
		c.body = item.Body
		return c, nil
	}
	var text string
	if err := json.Unmarshal(item.Body, &text); err != nil {
		return c, badRequest("The body of request id %s is not a string.", item.ID)
	}
	if c.isMIME() {
		c.body = []byte(text) // is base64 anyway, as it is outside a batch
		return c, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return c, badRequest("The body of request id %s is not base64url.", item.ID)
	}
	c.body = raw
	return c, nil
}

func (b *batchRun) envelope(item batchItem, a answer, requestID string) batchAnswer {
	out := batchAnswer{ID: item.ID, Status: a.status, Headers: map[string]string{}}
	for name, values := range a.header {
		out.Headers[name] = values[0]
	}
	switch value := a.value.(type) {
	case *graphError:
		out.Body = value.body(requestID, requestID, b.g.clock.now())
	case nil:
		if len(a.raw) > 0 {
			out.Body = base64.StdEncoding.EncodeToString(a.raw)
		}
	default:
		out.Body = value
	}
	if a.value != nil {
		out.Headers["Content-Type"] = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
	}
	return out
}
