package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// Checker collects what does not conform. It is safe for use by many requests
// at once.
type Checker struct {
	doc *openapi3.T

	mu         sync.Mutex
	violations []string
	seen       map[string]bool
	checked    int
}

// documentName is where the document lies in a folder above the test's.
const documentName = "shared/reference/graph-openapi-subset.yaml"

// document is the loaded document; nil when there is none. Loading takes longer
// than most tests, so it happens once.
var document = sync.OnceValues(func() (*openapi3.T, error) {
	path := findDocument()
	if path == "" {
		return nil, nil
	}
	doc, err := openapi3.NewLoader().LoadFromFile(path)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", path, err)
	}
	return doc, nil
})

func findDocument() string {
	if path := os.Getenv("TANDEM_GRAPH_OPENAPI"); path != "" {
		return path
	}
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	for {
		path := filepath.Join(dir, documentName)
		if _, err := os.Stat(path); err == nil {
			return path
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// Load returns a checker, or skips the test when the document is absent.
func Load(t testing.TB) *Checker {
	t.Helper()
	c := Find(t)
	if c == nil {
		t.Skip("conformance is not checked: no " + documentName + " above this folder, and TANDEM_GRAPH_OPENAPI names none")
	}
	return c
}

// Find returns a checker, or nil when the document is absent.
func Find(t testing.TB) *Checker {
	t.Helper()
	doc, err := document()
	if err != nil {
		t.Fatal(err)
	}
	if doc == nil {
		return nil
	}
	return &Checker{doc: doc, seen: map[string]bool{}}
}

// Report fails the test for every violation seen.
func (c *Checker) Report(t testing.TB) {
	t.Helper()
	for _, v := range c.Violations() {
		t.Errorf("not as Microsoft describes it: %s", v)
	}
}

// Violations returns what did not conform, each once.
func (c *Checker) Violations() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.violations...)
}

// Checked returns how many requests were judged.
func (c *Checker) Checked() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.checked
}

func (c *Checker) violation(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.seen[text] {
		c.seen[text] = true
		c.violations = append(c.violations, text)
	}
}

// Wrap judges what passes through the handler below /v1.0; the rest passes
// unseen.
func (c *Checker) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		target, isGraph := strings.CutPrefix(r.URL.EscapedPath(), "/v1.0")
		if !isGraph {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			next.ServeHTTP(w, r)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r) // a handler that aborts is not judged
		e := exchange{
			method: r.Method, path: target, query: r.URL.RawQuery,
			requestType: r.Header.Get("Content-Type"), request: body,
			status: answer.Code, responseType: answer.Header().Get("Content-Type"), response: answer.Body.Bytes(),
		}
		c.judge(e)
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.Code)
		w.Write(answer.Body.Bytes())
	})
}

// exchange is one request with its answer.
type exchange struct {
	method, path, query       string
	requestType, responseType string
	request, response         []byte
	status                    int
}

func (e exchange) String() string { return e.method + " " + shape(e.path) }

// judge checks one exchange, and the items of a batch.
func (c *Checker) judge(e exchange) {
	if uncovered(e.path) {
		return
	}
	c.mu.Lock()
	c.checked++
	c.mu.Unlock()
	item, op := c.operation(e)
	if op == nil {
		// A path or method that does not exist must be refused, and is nothing
		// a client should ask for.
		if e.status < 400 {
			c.violation("%s: answered %d, but there is no such operation", e, e.status)
		}
		return
	}
	c.judgeQuery(e, item, op)
	c.judgeRequest(e, op)
	c.judgeAnswer(e, op)
	if e.path == "/$batch" {
		c.judgeBatch(e)
	}
}

// operation finds the operation of a request.
func (c *Checker) operation(e exchange) (*openapi3.PathItem, *openapi3.Operation) {
	for _, pattern := range c.doc.Paths.InMatchingOrder() {
		if matches(pattern, e.path) {
			item := c.doc.Paths.Value(pattern)
			if op := item.GetOperation(e.method); op != nil {
				return item, op
			}
		}
	}
	return nil, nil
}

// segments splits a path as OData reads it: mailFolders('inbox') is
// mailFolders/inbox, and delta() is delta.
func segments(path string) []string {
	var out []string
	for s := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if decoded, err := url.PathUnescape(s); err == nil {
			s = decoded
		}
		name, key, keyed := strings.Cut(s, "('")
		if keyed && strings.HasSuffix(key, "')") {
			out = append(out, name, strings.TrimSuffix(key, "')"))
			continue
		}
		out = append(out, strings.TrimPrefix(strings.TrimSuffix(s, "()"), "microsoft.graph."))
	}
	return out
}

func matches(pattern, path string) bool {
	want, got := segments(pattern), segments(path)
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if !strings.HasPrefix(want[i], "{") && !strings.EqualFold(want[i], got[i]) {
			return false
		}
	}
	return true
}

// shape is a path without the ids in it, for messages.
func shape(path string) string {
	parts := segments(path)
	for i, p := range parts {
		if len(p) > 40 || strings.Contains(p, "@") || strings.Count(p, "-") == 4 {
			parts[i] = "…"
		}
	}
	return "/" + strings.Join(parts, "/")
}

func (c *Checker) judgeQuery(e exchange, item *openapi3.PathItem, op *openapi3.Operation) {
	if e.status >= 400 {
		return
	}
	// Links carry tokens of the service's own choice.
	known := map[string]bool{"skiptoken": true, "deltatoken": true}
	for _, list := range []openapi3.Parameters{item.Parameters, op.Parameters} {
		for _, p := range list {
			if p.Value != nil && p.Value.In == openapi3.ParameterInQuery {
				known[queryName(p.Value.Name)] = true
			}
		}
	}
	given, err := url.ParseQuery(e.query)
	if err != nil {
		c.violation("%s: query %q: %v", e, e.query, err)
	}
	for name := range given {
		if !known[queryName(name)] {
			c.violation("%s: unknown query option %s", e, name)
		}
	}
}

// queryName compares query options without "$" and case.
func queryName(name string) string { return strings.ToLower(strings.TrimPrefix(name, "$")) }

// judgeRequest checks bodies that were accepted; what was refused may be wrong.
func (c *Checker) judgeRequest(e exchange, op *openapi3.Operation) {
	if e.status >= 400 || len(bytes.TrimSpace(e.request)) == 0 {
		return
	}
	if op.RequestBody == nil || op.RequestBody.Value == nil {
		c.violation("%s: takes no body", e)
		return
	}
	media := op.RequestBody.Value.Content.Get(e.requestType)
	if media == nil {
		c.violation("%s: takes no body of type %s", e, e.requestType)
		return
	}
	if media.Schema != nil && strings.Contains(e.requestType, "json") {
		c.judgeJSON(fmt.Sprintf("%s: request", e), media.Schema, e.request, openapi3.VisitAsRequest())
	}
}

func (c *Checker) judgeAnswer(e exchange, op *openapi3.Operation) {
	declared := op.Responses.Status(e.status)
	if declared == nil {
		declared = op.Responses.Value(fmt.Sprintf("%dXX", e.status/100))
	}
	if declared == nil || declared.Value == nil {
		c.violation("%s: status %d is not described", e, e.status)
		return
	}
	if len(declared.Value.Content) == 0 {
		if len(e.response) > 0 {
			c.violation("%s: status %d has no body, but one was sent", e, e.status)
		}
		return
	}
	if !strings.Contains(e.responseType, "json") {
		return
	}
	media := declared.Value.Content.Get("application/json")
	if media == nil || media.Schema == nil {
		c.violation("%s: status %d is not JSON, but JSON was sent", e, e.status)
		return
	}
	c.judgeJSON(fmt.Sprintf("%s: answer %d", e, e.status), media.Schema, e.response, openapi3.VisitAsResponse())
}

func (c *Checker) judgeJSON(what string, schema *openapi3.SchemaRef, raw []byte, how openapi3.SchemaValidationOption) {
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		c.violation("%s: %v", what, err)
		return
	}
	if err := schema.Value.VisitJSON(value, how, openapi3.MultiErrors()); err != nil {
		c.violation("%s: %s", what, firstLines(err.Error()))
	}
	c.judgeNames(what, schema, value)
}

func firstLines(s string) string {
	lines := strings.Split(s, "\n")
	return strings.Join(lines[:min(len(lines), 3)], " ")
}

// judgeBatch judges the items of a batch as requests of their own.
func (c *Checker) judgeBatch(e exchange) {
	var in struct {
		Requests []struct {
			ID, Method, URL string
			Headers         map[string]string
			Body            json.RawMessage
		}
	}
	var out struct {
		Responses []struct {
			ID      string
			Status  int
			Headers map[string]string
			Body    json.RawMessage
		}
	}
	if e.status != http.StatusOK || json.Unmarshal(e.request, &in) != nil || json.Unmarshal(e.response, &out) != nil {
		return
	}
	for _, answer := range out.Responses {
		for _, request := range in.Requests {
			if request.ID != answer.ID {
				continue
			}
			path, query, _ := strings.Cut("/"+strings.TrimPrefix(request.URL, "/"), "?")
			c.judge(exchange{
				method: strings.ToUpper(request.Method), path: path, query: query,
				requestType: headerValue(request.Headers, "Content-Type"), request: request.Body,
				status: answer.Status, responseType: headerValue(answer.Headers, "Content-Type"), response: answer.Body,
			})
		}
	}
}

func headerValue(headers map[string]string, name string) string {
	for n, v := range headers {
		if strings.EqualFold(n, name) {
			return v
		}
	}
	return ""
}
