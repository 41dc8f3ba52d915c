package m365sim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/m365sim"
	"tandem/m365sim/conformance"
)

const (
	support  = "support@contoso.example"
	sales    = "sales@contoso.example"
	callback = "http://127.0.0.1:4711/microsoft/callback"
	allMail  = "openid offline_access email profile User.Read Mail.Send Mail.ReadWrite"
)

// world is one simulator with a client to talk to it.
type world struct {
	*testing.T
	dir string
	sim *m365sim.Server
	url string
	web *httptest.Server
}

// created is a data folder as a first start leaves it; making its keys once
// keeps the tests quick.
var created = sync.OnceValue(func() []byte {
	dir, err := os.MkdirTemp("", "m365sim")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	sim, err := m365sim.New(m365sim.Options{DataDir: dir, Organisation: m365sim.Contoso()})
	if err != nil {
		panic(err)
	}
	if err := sim.Close(); err != nil {
		panic(err)
	}
	state, err := os.ReadFile(filepath.Join(dir, "sim.db"))
	if err != nil {
		panic(err)
	}
	return state
})

func setup(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	w := &world{T: t, dir: t.TempDir()}
	if err := os.WriteFile(filepath.Join(w.dir, "sim.db"), created(), 0o600); err != nil {
		t.Fatal(err)
	}
	w.open()
	return w
}

// open starts the simulator on its data folder; every request to it and every
// answer is held against the OpenAPI description of Graph.
func (w *world) open() {
	w.Helper()
	sim, err := m365sim.New(m365sim.Options{
		DataDir: w.dir, Organisation: m365sim.Contoso(),
		Log: slog.New(slog.NewTextHandler(w.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		w.Fatal(err)
	}
	handler := sim.Handler()
	if checker := conformance.Find(w.T); checker != nil {
		handler = checker.Wrap(handler)
		w.Cleanup(func() { checker.Report(w.T) })
	}
	web := httptest.NewServer(handler)
	w.sim, w.web, w.url = sim, web, web.URL
	w.Cleanup(func() {
		web.Close()
		sim.Close()
	})
}

// response is an answer, read to its end.
type response struct {
	*testing.T
	status int
	header http.Header
	body   []byte
}

func (r response) expect(status int) response {
	r.Helper()
	if r.status != status {
		r.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	return r
}

// refused checks status and error code of a Graph error.
func (r response) refused(status int, code string) response {
	r.Helper()
	r.expect(status)
	if got := r.text("error", "code"); got != code {
		r.Fatalf("error code %q, want %q: %s", got, code, r.body)
	}
	return r
}

func (r response) json() map[string]any {
	r.Helper()
	var v map[string]any
	if err := json.Unmarshal(r.body, &v); err != nil {
		r.Fatalf("not JSON: %v: %.300s", err, r.body)
	}
	return v
}

// at walks into a JSON answer: at("error", "code").
func (r response) at(path ...string) any {
	r.Helper()
	var v any = r.json()
	for _, name := range path {
		object, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = object[name]
	}
	return v
}

func (r response) text(path ...string) string {
	r.Helper()
	s, _ := r.at(path...).(string)
	return s
}

// list is the array of that name.
func (r response) list(name string) []map[string]any {
	r.Helper()
	array, ok := r.at(name).([]any)
	if !ok {
		r.Fatalf("no array %s: %.300s", name, r.body)
	}
	out := make([]map[string]any, len(array))
	for i, item := range array {
		out[i] = item.(map[string]any)
	}
	return out
}

// do sends a request. body is JSON unless it is a string or bytes; headers come
// as pairs.
func (w *world) do(method, target string, body any, headers ...string) response {
	w.Helper()
	r, err := w.try(method, target, body, headers...)
	if err != nil {
		w.Fatal(err)
	}
	return r
}

func (w *world) try(method, target string, body any, headers ...string) (response, error) {
	var reader io.Reader
	contentType := ""
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	case []byte:
		reader = bytes.NewReader(b)
	case url.Values:
		reader, contentType = strings.NewReader(b.Encode()), "application/x-www-form-urlencoded"
	default:
		encoded, err := json.Marshal(b)
		if err != nil {
			return response{}, err
		}
		reader, contentType = bytes.NewReader(encoded), "application/json"
	}
	if !strings.HasPrefix(target, "http") {
		target = w.url + target
	}
	request, err := http.NewRequestWithContext(context.Background(), method, target, reader)
	if err != nil {
		return response{}, err
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	if err != nil {
		return response{}, err
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	return response{T: w.T, status: answer.StatusCode, header: answer.Header, body: read}, err
}

// graph is a client of Graph with a token.
type graph struct {
	*world
	token  string
	prefer []string
}

// as returns a client that acts for a user who consented to all scopes.
func (w *world) as(user string) *graph { return w.with(user, allMail) }

func (w *world) with(user, scopes string) *graph {
	w.Helper()
	w.do("POST", "/sim/applications/"+m365sim.ContosoClientID+"/consent", map[string]any{"user": user, "scopes": strings.Fields(scopes)}).expect(204)
	return &graph{world: w, token: w.tokens(form("password", "username", user, "password", m365sim.ContosoPassword, "scope", scopes)).text("access_token")}
}

// app returns a client with an app-only token.
func (w *world) app() *graph {
	w.Helper()
	return &graph{world: w, token: w.tokens(form("client_credentials", "scope", "https://graph.microsoft.com/.default")).text("access_token")}
}

func form(grant string, pairs ...string) url.Values {
	v := url.Values{"grant_type": {grant}, "client_id": {m365sim.ContosoClientID}, "client_secret": {m365sim.ContosoSecret}}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func (w *world) tokens(v url.Values) response {
	w.Helper()
	return w.tokenRequest(v).expect(200)
}

func (w *world) tokenRequest(v url.Values) response {
	w.Helper()
	return w.do("POST", "/"+m365sim.ContosoTenantID+"/oauth2/v2.0/token", v)
}

// immutable returns a client that asks for immutable ids.
func (g *graph) immutable() *graph {
	return &graph{world: g.world, token: g.token, prefer: []string{`IdType="ImmutableId"`}}
}

func (g *graph) call(method, path string, body any, headers ...string) response {
	g.Helper()
	if !strings.HasPrefix(path, "http") {
		path = "/v1.0" + path
	}
	own := []string{"Authorization", "Bearer " + g.token}
	if len(g.prefer) > 0 {
		own = append(own, "Prefer", strings.Join(g.prefer, ", "))
	}
	return g.do(method, path, body, append(own, headers...)...)
}

func (g *graph) get(path string, headers ...string) response {
	g.Helper()
	return g.call("GET", path, nil, headers...)
}

func (g *graph) post(path string, body any, headers ...string) response {
	g.Helper()
	return g.call("POST", path, body, headers...)
}

// deliver puts a small mail into a mailbox and returns its immutable id.
func (w *world) deliver(address, subject string) string {
	w.Helper()
	raw := fmt.Sprintf("From: Jo Doe <jo@customer.example>\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <%s@customer.example>\r\n"+
		"Date: Mon, 16 Nov 2026 09:00:00 +0000\r\n\r\nHello, %s.\r\n", address, subject, strings.ReplaceAll(subject, " ", "."), subject)
	id, err := w.sim.Deliver(context.Background(), address, []byte(raw))
	if err != nil {
		w.Fatal(err)
	}
	return id
}

func (w *world) advance(d time.Duration) {
	w.Helper()
	w.do("POST", "/sim/clock", map[string]string{"advance": d.String()}).expect(200)
}

func (w *world) fault(f map[string]any) {
	w.Helper()
	w.do("POST", "/sim/faults", f).expect(201)
}

// mails lists a folder of a mailbox through the simulator's own view.
func (w *world) mails(address, folder string) []map[string]any {
	w.Helper()
	return w.do("GET", "/sim/mailboxes/"+address+"/messages?folder="+url.QueryEscape(folder), nil).expect(200).list("messages")
}
