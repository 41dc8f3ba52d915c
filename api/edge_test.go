package api

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"tandem/event"
	"tandem/problem"
)

func TestPagesOfTheApplication(t *testing.T) {
	w := one(t)
	for path, want := range map[string]struct {
		status       int
		content      string
		cacheControl string
	}{
		"/":                     {200, "<title>Tandem</title>", "no-cache"},
		"/tickets/12":           {200, "<title>Tandem</title>", "no-cache"},
		"/index.html":           {200, "<title>Tandem</title>", "no-cache"},
		"/assets/app-1f3d.js":   {200, "console.log", "public, max-age=31536000, immutable"},
		"/assets/app-gone.js":   {404, "", ""},
		"/favicon.svg":          {200, "<svg/>", "no-cache"},
		"/../../etc/passwd":     {200, "<title>Tandem</title>", "no-cache"},
		"/assets/../index.html": {200, "<title>Tandem</title>", "no-cache"},
	} {
		got := w.anonymous().send("GET", "!"+path, nil).is(want.status)
		if !strings.Contains(got.text, want.content) || got.header.Get("Cache-Control") != want.cacheControl {
			t.Errorf("%s: %q, %q", path, got.text, got.header.Get("Cache-Control"))
		}
		if policy := got.header.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self';") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: policy %q", path, policy)
		}
	}
	w.anonymous().send("POST", "!/tickets", "x").is(404)
	w.anonymous().get("!/api/v1/anything").refused(404, "not_found")
	w.as(w.admin).get("/nothing").refused(404, "not_found")
}

func TestApplicationThatWasNotBuiltSaysSo(t *testing.T) {
	s := newServer(Deps{}, Options{})
	recorder := httptest.NewRecorder()
	s.servePages().ServeHTTP(recorder, httptest.NewRequest("GET", "/tickets", nil))
	if recorder.Code != http.StatusServiceUnavailable || !strings.Contains(recorder.Body.String(), "make build") {
		t.Errorf("got %d: %s", recorder.Code, recorder.Body)
	}
}

func TestAnswersAreCompressed(t *testing.T) {
	w := one(t)
	zipped := &caller{w, w.http.Client(), func(r *http.Request) {
		w.as(w.admin).prepare(r)
		r.Header.Set("Accept-Encoding", "br, gzip;q=0.8")
	}}
	for _, path := range []string{"/users/me", "!/assets/app-1f3d.js"} {
		r, err := http.NewRequest("GET", w.http.URL, nil)
		w.must(err)
		if rest, static := strings.CutPrefix(path, "!"); static {
			r.URL.Path = rest
		} else {
			r.URL.Path = prefix + path
		}
		zipped.prepare(r)
		response, err := w.http.Client().Do(r)
		w.must(err)
		defer response.Body.Close()
		if response.Header.Get("Content-Encoding") != "gzip" || !strings.Contains(strings.Join(response.Header.Values("Vary"), ","), "Accept-Encoding") {
			t.Fatalf("%s: %v", path, response.Header)
		}
		z, err := gzip.NewReader(response.Body)
		w.must(err)
		text, err := io.ReadAll(z)
		w.must(err)
		if !strings.Contains(string(text), "Eve Admin") && !strings.Contains(string(text), "console.log") {
			t.Errorf("%s: %s", path, text)
		}
	}
	for header, want := range map[string]bool{"gzip": true, "gzip;q=0": false, "": false, "deflate": false, "br,gzip": true} {
		if got := takesGzip(header); got != want {
			t.Errorf("Accept-Encoding %q: %t", header, got)
		}
	}
}

func TestHealth(t *testing.T) {
	w := one(t)
	w.anonymous().send("GET", "!/healthz", nil).is(200)
	w.anonymous().send("GET", "!/readyz", nil).is(200)
	w.ready = errors.New("database is away")
	w.anonymous().send("GET", "!/readyz", nil).refused(503, "not_ready")
	w.anonymous().send("GET", "!/healthz", nil).is(200)
}

func TestMetricsAreForThisMachineOrTheToken(t *testing.T) {
	w := one(t)
	w.as(w.admin).get("/users/me").is(200)
	got := w.anonymous().send("GET", "!/metrics", nil).is(200)
	if !strings.Contains(got.text, `tandem_http_requests_total{route="GET /api/v2/users/me",status="200"} 1`) || !strings.Contains(got.text, "tandem_http_panics_total 0") {
		t.Errorf("got %s", got.text)
	}
	proxied := &caller{w, w.http.Client(), func(r *http.Request) { r.Header.Set("X-Forwarded-For", "203.0.113.9") }}
	proxied.send("GET", "!/metrics", nil).refused(403, "metrics_protected")
	w.server.options.MetricsToken = "scrape"
	w.anonymous().send("GET", "!/metrics", nil).refused(403, "metrics_protected")
	bearer := &caller{w, w.http.Client(), func(r *http.Request) { r.Header.Set("Authorization", "Bearer scrape") }}
	bearer.send("GET", "!/metrics", nil).is(200)
}

func TestPanicIsAnsweredAndCounted(t *testing.T) {
	w := one(t)
	w.server.mux.HandleFunc("GET /panics", func(http.ResponseWriter, *http.Request) { panic("unthinkable") })
	got := w.anonymous().send("GET", "!/panics", nil).refused(500, "internal")
	if strings.Contains(got.text, "unthinkable") || got.string("error") != "InternalError" {
		t.Errorf("got %s", got.text)
	}
	for _, want := range []string{"unthinkable", got.string("reference"), "edge_test.go"} {
		if !strings.Contains(w.log.String(), want) {
			t.Errorf("the log does not say %q", want)
		}
	}
	if metrics := w.anonymous().send("GET", "!/metrics", nil); !strings.Contains(metrics.text, "tandem_http_panics_total 1") {
		t.Error("the panic was not counted")
	}
}

func TestKindsOfProblemsAsStatus(t *testing.T) {
	for kind, want := range map[problem.Kind]string{
		problem.Invalid: "422 RecordInvalid", problem.Unauthenticated: "401 Couldn't authenticate you", problem.Forbidden: "403 Forbidden",
		problem.NotFound: "404 RecordNotFound", problem.Conflict: "409 Conflict", problem.Limit: "429 TooManyRequests",
		problem.Unavailable: "503 ServiceUnavailable", problem.Internal: "500 InternalError", "unheard of": "500 InternalError",
	} {
		status, name := statusOf(kind)
		if got := fmt.Sprint(status, " ", name); got != want {
			t.Errorf("%s: got %s, want %s", kind, got, want)
		}
	}
}

func TestErrorsDoNotRepeatPasswords(t *testing.T) {
	w := one(t)
	got := w.anonymous().send("POST", "/session", object{"email": 5, "password": strings.Repeat("hunter2", 200)}).refused(422, "invalid")
	if strings.Contains(got.text, "hunter2") || strings.Contains(w.log.String(), "hunter2") {
		t.Errorf("got %s", got.text)
	}
	if !strings.Contains(got.text, `"password":[{`) || !strings.Contains(got.text, `"email":[{`) {
		t.Errorf("does not name the fields: %s", got.text)
	}
	long := w.as(w.admin).send("PUT", "/users/me", object{"user": object{"name": strings.Repeat("n", 300)}}).refused(422, "value_too_long")
	if !strings.Contains(long.text, "longer than 200 characters") || !strings.Contains(long.text, `"name":[{`) {
		t.Errorf("a name that is too long: %s", long.text)
	}
	w.as(w.admin).get("/tickets/abc").refused(422, "invalid")
	w.as(w.admin).send("POST", "/tickets", strings.NewReader(`{"ticket":{"subject":"`+strings.Repeat("x", maxJSON)+`"}}`)).refused(413, "too_large")
}

func TestClientsAddressBehindAProxy(t *testing.T) {
	own := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, test := range []struct {
		name      string
		proxies   []netip.Prefix
		forwarded string
		want      string
	}{
		{"behind our proxy", own, "198.51.100.7, 203.0.113.9", "203.0.113.9 https://tandem.example"},
		{"behind two of ours", own, "198.51.100.7, 203.0.113.9, 10.0.0.2", "203.0.113.9 https://tandem.example"},
		{"with a port", own, "203.0.113.9:50123", "203.0.113.9 https://tandem.example"},
		{"with a port, IPv6", own, "[2001:db8::9]:50123", "2001:db8::9 https://tandem.example"},
		{"from among our own", own, "10.0.0.3", "10.0.0.3 https://tandem.example"},
		{"nonsense", own, "203.0.113.9, unknown", "10.0.0.1 https://tandem.example"},
		{"nothing forwarded", own, "", "10.0.0.1 https://tandem.example"},
		{"behind nobody's", []netip.Prefix{netip.MustParsePrefix("192.0.2.7/32")}, "203.0.113.9", "10.0.0.1 http://tandem.example"},
		{"without one", nil, "203.0.113.9", "10.0.0.1 http://tandem.example"},
	} {
		r := httptest.NewRequest("GET", "http://tandem.example/", nil)
		r.RemoteAddr = "10.0.0.1:1234"
		r.Header.Set("X-Forwarded-For", test.forwarded)
		r.Header.Set("X-Forwarded-Proto", "https")
		s := newServer(Deps{}, Options{TrustedProxies: test.proxies})
		if got := s.clientAddress(r) + " " + s.origin(r); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

func TestSlowSenderIsGivenUp(t *testing.T) {
	w := one(t)
	w.server.bodyTime = time.Millisecond
	for _, head := range []string{
		"GET /healthz HTTP/1.1\r\nHost: tandem.example\r\nContent-Length: 100\r\n\r\n",
		"POST /microsoft/notifications HTTP/1.1\r\nHost: tandem.example\r\nContent-Length: 100\r\n\r\n{",
	} {
		conn := w.dial(head)
		if _, err := io.Copy(io.Discard, conn); err != nil { // until the server hangs up
			t.Errorf("%q: %v", head, err)
		}
	}
}

func TestSlowReaderIsGivenUp(t *testing.T) {
	w := one(t)
	w.server.writeTime = time.Millisecond
	ended := make(chan error, 1)
	w.server.mux.HandleFunc("GET /endless", func(w http.ResponseWriter, _ *http.Request) {
		for piece := make([]byte, 1<<16); ; {
			if _, err := w.Write(piece); err != nil {
				ended <- err
				return
			}
		}
	})
	w.dial("GET /endless HTTP/1.1\r\nHost: tandem.example\r\n\r\n")
	if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// dial sends the beginning of a request and leaves the rest to the test.
func (w *world) dial(head string) net.Conn {
	w.t.Helper()
	conn, err := net.Dial("tcp", w.http.Listener.Addr().String())
	w.must(err)
	w.t.Cleanup(func() { conn.Close() })
	_, err = io.WriteString(conn, head)
	w.must(err)
	return conn
}

// listen opens the event stream and gives its lines without the empty ones.
func (c *caller) listen() <-chan string {
	c.w.t.Helper()
	ctx, cancel := context.WithCancel(c.w.t.Context())
	c.w.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", c.w.http.URL+prefix+"/events", nil)
	c.w.must(err)
	c.prepare(r)
	response, err := c.client.Do(r)
	c.w.must(err)
	if media := response.Header.Get("Content-Type"); response.StatusCode != 200 || media != "text/event-stream" {
		c.w.t.Fatalf("got %d %q", response.StatusCode, media)
	}
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		defer response.Body.Close()
		for scanner := bufio.NewScanner(response.Body); scanner.Scan(); {
			if scanner.Text() != "" {
				lines <- scanner.Text()
			}
		}
	}()
	c.w.next(lines, "retry: 2000")
	c.w.next(lines, ": hello")
	return lines
}

// next fails the test unless the next line is the wanted one.
func (w *world) next(lines <-chan string, want string) {
	w.t.Helper()
	select {
	case got, open := <-lines:
		if got != want || !open {
			w.t.Fatalf("heard %q (open: %t), want %q", got, open, want)
		}
	case <-time.After(10 * time.Second):
		w.t.Fatalf("heard nothing, want %q", want)
	}
}

func TestEventsReachWhomTheyConcern(t *testing.T) {
	w := one(t)
	agent, admin := w.as(w.agent).listen(), w.as(w.admin).listen()
	w.bus.Publish(
		event.Event{Kind: event.MailboxKicked, ID: 1}, event.Event{Kind: event.JobUpdated, ID: 2}, event.Event{Kind: event.SettingsUpdated, ID: 3},
		event.Event{Kind: event.CommentAdded, ID: 4, Parent: 5}, event.Event{Kind: event.OrganizationUpdated, ID: 6}, event.Event{Kind: event.TeamUpdated, ID: 7},
	)
	w.next(admin, "event: job.updated")
	w.next(admin, `data: {"kind":"job.updated","id":2}`)
	w.next(admin, "event: settings.updated")
	w.next(admin, `data: {"kind":"settings.updated","id":3}`)
	for _, lines := range []<-chan string{admin, agent} {
		w.next(lines, "event: comment.added")
		w.next(lines, `data: {"kind":"comment.added","id":4,"parent":5}`)
		w.next(lines, "event: organization.updated")
		w.next(lines, `data: {"kind":"organization.updated","id":6}`)
		w.next(lines, "event: group.updated")
		w.next(lines, `data: {"kind":"group.updated","id":7}`)
	}
}

func TestStreamEndsWhenThePersonChanges(t *testing.T) {
	w := one(t)
	lines := w.as(w.agent).listen()
	w.bus.Publish(event.Event{Kind: event.UserUpdated, ID: int64(w.agent.ID)})
	w.next(lines, "event: user.updated")
	<-lines
	if line, open := <-lines; open {
		t.Errorf("still heard %q", line)
	}
}

func TestStreamEndsWithTheSessionOrTokenItBelongsTo(t *testing.T) {
	everywhere(t, func(w *world) {
		w.withPassword()
		browser, agent := w.signedIn(), w.as(w.agent).listen()
		signedIn := browser.listen()
		browser.send("DELETE", "/session", nil).is(204)
		if line, open := <-signedIn; open {
			w.t.Errorf("heard %q after the sign-out", line)
		}
		browser = w.signedIn()
		made := browser.send("POST", "/api_tokens", object{"api_token": object{"name": "Screens"}}).is(201)
		secret := made.string("api_token.full_token")
		withToken := (&caller{w, w.http.Client(), func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+secret) }}).listen()
		browser.send("DELETE", fmt.Sprintf("/api_tokens/%d", made.number("api_token.id")), nil).is(204)
		if line, open := <-withToken; open {
			w.t.Errorf("heard %q after the token was deleted", line)
		}
		w.bus.Publish(event.Event{Kind: event.CommentAdded, ID: 4, Parent: 5})
		w.next(agent, "event: comment.added")
	})
}

func TestStreamEndsWhenEventsWereLost(t *testing.T) {
	w := one(t)
	lines := w.as(w.agent).listen()
	w.bus.Lose()
	if line, open := <-lines; open {
		t.Errorf("still heard %q: what it shows may be old", line)
	}
}

func TestStreamEndsNowAndThen(t *testing.T) {
	w := one(t)
	w.server.streamLife = time.Millisecond
	lines := w.as(w.agent).listen()
	if line, open := <-lines; open {
		t.Errorf("still heard %q: the token may be deleted by now", line)
	}
}

func TestStreamIsKeptAlive(t *testing.T) {
	w := one(t)
	w.server.keepAlive = time.Millisecond
	lines := w.as(w.agent).listen()
	w.next(lines, ": keep-alive")
}
