package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// MaxBatch is how many requests Graph takes in one batch.
const MaxBatch = 20

// BatchRequest is one request of a batch.
//
// "Combine multiple HTTP requests using JSON batching"
type BatchRequest struct {
	ID        string            `json:"id"` // default: its position, from "1"
	Method    string            `json:"method"`
	URL       string            `json:"url"` // relative to the version, such as "/me/messages"
	Headers   map[string]string `json:"headers,omitempty"`
	Body      any               `json:"body,omitempty"` // JSON; Content-Type is added
	DependsOn []string          `json:"dependsOn,omitempty"`
}

// BatchResponse is the answer to one request of a batch.
type BatchResponse struct {
	ID     string
	Status int // 0: not sent, because the batch before it failed as a whole
	Body   json.RawMessage
	Err    error // nil, *Error or *ThrottledError
}

// Batch sends requests, twenty at a time, and returns their answers in the
// order of the requests. A refused request is its own matter: see Err of its
// answer. The error tells of a batch that failed as a whole; requests from
// there on have Status 0.
//
// Graph knows three ways to depend on others: not at all, each on the one
// before, or all on the same one. Requests that depend on one in an earlier
// batch get status 424 from here when that one failed.
//
// "Combine multiple HTTP requests using JSON batching"
func (c *Client) Batch(ctx context.Context, requests []BatchRequest) ([]BatchResponse, error) {
	requests = slices.Clone(requests)
	responses := make([]BatchResponse, len(requests))
	position := make(map[string]int, len(requests))
	for i := range requests {
		q := &requests[i]
		if q.ID == "" {
			q.ID = strconv.Itoa(i + 1)
		}
		if _, twice := position[q.ID]; twice {
			return nil, fmt.Errorf("batch: two requests with id %q", q.ID)
		}
		for _, id := range q.DependsOn {
			if _, known := position[id]; !known {
				return nil, fmt.Errorf("batch: request %q depends on %q, which is not before it", q.ID, id)
			}
		}
		position[q.ID] = i
		responses[i].ID = q.ID
	}
	for start := 0; start < len(requests); start += MaxBatch {
		end := min(start+MaxBatch, len(requests))
		if err := c.batchRange(ctx, requests, responses, position, start, end); err != nil {
			return responses, err
		}
	}
	return responses, nil
}

// batchRange sends requests[start:end] as one batch, without those that depend
// on a failure before start.
func (c *Client) batchRange(ctx context.Context, requests []BatchRequest, responses []BatchResponse, position map[string]int, start, end int) error {
	var (
		open []BatchRequest
		at   []int
	)
	for i := start; i < end; i++ {
		q := requests[i]
		if failed := failedBefore(q, responses[:i], position); failed {
			responses[i] = notTried(q.ID)
			continue
		}
		q.DependsOn = slices.DeleteFunc(slices.Clone(q.DependsOn), func(id string) bool { return position[id] < start })
		open, at = append(open, q), append(at, i)
	}
	if len(open) == 0 {
		return nil
	}
	answers, err := c.batch(ctx, "", open, repeatable(open))
	if err != nil {
		return err
	}
	for k, i := range at {
		responses[i] = answers[k]
	}
	return nil
}

// failedBefore reports whether q depends on a request that is known to have failed.
func failedBefore(q BatchRequest, done []BatchResponse, position map[string]int) bool {
	return slices.ContainsFunc(q.DependsOn, func(id string) bool { return done[position[id]].Err != nil })
}

func notTried(id string) BatchResponse {
	return BatchResponse{ID: id, Status: http.StatusFailedDependency,
		Err: decodeError("batch item "+id, http.StatusFailedDependency, http.Header{}, nil, time.Time{})}
}

// repeatable reports whether a whole batch can be sent twice (RFC 9110 section 9.2.2).
func repeatable(requests []BatchRequest) bool {
	return !slices.ContainsFunc(requests, func(q BatchRequest) bool { return q.Method == http.MethodPost })
}

// batch sends one batch through a mailbox's gate and returns the answers in
// the order of the requests. Throttled items shut the gate.
func (c *Client) batch(ctx context.Context, mailbox string, requests []BatchRequest, repeat bool) ([]BatchResponse, error) {
	body := struct {
		Requests []BatchRequest `json:"requests"`
	}{make([]BatchRequest, len(requests))}
	for i, q := range requests {
		body.Requests[i] = q.withHeaders()
	}
	r := request{op: "batch", method: http.MethodPost, url: c.base + "/$batch", mailbox: mailbox, body: body, repeat: repeat, items: len(requests)}
	var sorted []batchItem
	_, err := fetch(ctx, c, r, func(a *batchAnswer) (err error) {
		sorted, err = a.inOrder(requests)
		return err
	})
	if err != nil {
		return nil, err
	}
	responses := make([]BatchResponse, len(sorted))
	for i, item := range sorted {
		responses[i] = item.response(requests[i])
		var throttled *ThrottledError
		if errors.As(responses[i].Err, &throttled) {
			c.gate(mailbox).refused(throttled)
		}
	}
	return responses, nil
}

// withHeaders adds what each item needs on its own: the headers of the batch
// do not count for its items.
func (q BatchRequest) withHeaders() BatchRequest {
	headers := map[string]string{"Prefer": preferences(nil)}
	if q.Body != nil {
		headers["Content-Type"] = "application/json"
	}
	for name, value := range q.Headers {
		if http.CanonicalHeaderKey(name) == "Prefer" {
			value = preferences([]string{value})
		}
		headers[http.CanonicalHeaderKey(name)] = value
	}
	q.Headers = headers
	return q
}

type batchAnswer struct {
	Responses []batchItem `json:"responses"`
}

type batchItem struct {
	ID      string            `json:"id"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
}

// inOrder sorts the answers, which come in any order, by request.
func (a batchAnswer) inOrder(requests []BatchRequest) ([]batchItem, error) {
	byID := make(map[string]batchItem, len(a.Responses))
	for _, item := range a.Responses {
		byID[item.ID] = item
	}
	sorted := make([]batchItem, len(requests))
	for i, q := range requests {
		item, ok := byID[q.ID]
		if !ok || item.Status < 100 {
			return nil, fmt.Errorf("no answer to request %q of the batch", q.ID)
		}
		sorted[i] = item
	}
	return sorted, nil
}

func (item batchItem) response(q BatchRequest) BatchResponse {
	r := BatchResponse{ID: item.ID, Status: item.Status, Body: item.Body}
	if item.Status < 200 || item.Status > 299 {
		header := make(http.Header, len(item.Headers))
		for name, value := range item.Headers {
			header.Set(name, value)
		}
		r.Err = decodeError("batch item "+q.ID, item.Status, header, item.Body, time.Now())
	}
	return r
}
