package graph

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// serve returns a client of a Graph on loopback that answers as h does.
func serve(t *testing.T, h http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return newClient(t, Endpoints{Login: server.URL, Graph: server.URL}, StaticToken("token"), Options{})
}

func newClient(t *testing.T, ep Endpoints, ts TokenSource, opts Options) *Client {
	t.Helper()
	c, err := New(ep, ts, opts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// inMemory returns a client of a Graph without a network, for tests of time in
// a synctest bubble.
func inMemory(t *testing.T, ts TokenSource, h http.HandlerFunc) *Client {
	t.Helper()
	return newClient(t, GlobalCloud(), ts, Options{HTTPClient: &http.Client{Transport: handlerTransport(h)}})
}

// handlerTransport answers requests by calling a handler.
type handlerTransport http.HandlerFunc

func (h handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	rec := httptest.NewRecorder()
	h(rec, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	resp := rec.Result()
	resp.Request = r
	resp.ContentLength = int64(rec.Body.Len())
	return resp, nil
}

// steps answers the first request with the first handler, and so on; the last
// one answers all further ones. It counts.
type steps struct {
	mu    sync.Mutex
	count int
	do    []http.HandlerFunc
}

func (s *steps) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	h := s.do[min(s.count, len(s.do)-1)]
	s.count++
	s.mu.Unlock()
	h(w, r)
}

func (s *steps) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// reply answers with a status, a body and header lines in pairs.
func reply(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// refuse answers with an error as Graph writes it.
func refuse(status int, code string, header ...string) http.HandlerFunc {
	return reply(status, `{"error":{"code":"`+code+`","message":"refused","innerError":{"request-id":"r-1"}}}`, header...)
}

// hangUp breaks the connection before any answer.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func decodeBody[T any](t *testing.T, r *http.Request) T {
	t.Helper()
	var v T
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.NewDecoder(bytes.NewReader(body)).Decode(&v)
	}
	if err != nil {
		t.Errorf("%s %s: body %q: %v", r.Method, r.URL.Path, body, err)
	}
	return v
}

func TestReadingBehindTheEndOfAMail(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, "Subject: x\r\n\r\nbody")
	}))
	defer server.Close()
	c, err := New(Endpoints{Graph: server.URL}, StaticToken("t"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	mail, _, err := c.Mailbox("me").MIME(t.Context(), "m")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(mail); err != nil {
		t.Fatal(err)
	}
	// Readers may ask again after the end, as a MultiReader or a Peek does.
	if _, err := mail.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("behind the end: %v, want EOF", err)
	}
}
