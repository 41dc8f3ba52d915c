package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
)

// Client speaks HTTP to Tandem or to the simulator, and fails the test when
// nobody answers.
type Client struct {
	testing.TB
	Base  string
	Token string // bearer token; empty for a browser
	HTTP  *http.Client
}

// Browser returns a client that keeps cookies and follows redirects.
func (w *World) Browser() *Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.Fatal(err)
	}
	return &Client{TB: w, Base: w.URL, HTTP: &http.Client{Jar: jar}}
}

// SimAPI returns a client for the simulator's own controls.
func (w *World) SimAPI() *Client { return &Client{TB: w, Base: w.SimURL, HTTP: http.DefaultClient} }

// Answer is what came back.
type Answer struct {
	t      testing.TB
	what   string
	Status int
	Header http.Header
	Body   []byte
	URL    string // where redirects ended
}

func (c *Client) Get(path string) *Answer            { c.Helper(); return c.Do("GET", path, nil) }
func (c *Client) Post(path string, body any) *Answer { c.Helper(); return c.Do("POST", path, body) }
func (c *Client) Put(path string, body any) *Answer  { c.Helper(); return c.Do("PUT", path, body) }
func (c *Client) Delete(path string) *Answer         { c.Helper(); return c.Do("DELETE", path, nil) }

// Do sends a body as JSON, or as it is when it is a string or bytes.
func (c *Client) Do(method, path string, body any) *Answer {
	c.Helper()
	a, err := c.Try(method, path, body)
	if err != nil {
		c.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

// Try is Do for servers that may be killed at any moment.
func (c *Client) Try(method, path string, body any) (*Answer, error) {
	c.Helper()
	reader, kind := encode(c, body)
	if !strings.Contains(path, "://") {
		path = c.Base + path
	}
	req, err := http.NewRequest(method, path, reader)
	if err != nil {
		c.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	return c.try(req)
}

func (c *Client) send(req *http.Request) *Answer {
	c.Helper()
	a, err := c.try(req)
	if err != nil {
		c.Fatalf("%s %s: %v", req.Method, req.URL, err)
	}
	return a
}

func (c *Client) try(req *http.Request) (*Answer, error) {
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	return &Answer{t: c.TB, what: req.Method + " " + req.URL.Path, Status: resp.StatusCode, Header: resp.Header, Body: b, URL: resp.Request.URL.String()}, nil
}

func encode(t testing.TB, body any) (io.Reader, string) {
	switch b := body.(type) {
	case nil:
		return nil, ""
	case string:
		return strings.NewReader(b), "application/octet-stream"
	case []byte:
		return bytes.NewReader(b), "application/octet-stream"
	}
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b), "application/json"
}

// Want fails the test unless the status is the wanted one.
func (a *Answer) Want(status int) *Answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("%s answered %d, want %d: %.500s", a.what, a.Status, status, a.Body)
	}
	return a
}

// Into decodes the body.
func (a *Answer) Into(v any) {
	a.t.Helper()
	if err := json.Unmarshal(a.Body, v); err != nil {
		a.t.Fatalf("%s answered what is not the JSON wanted: %v: %.500s", a.what, err, a.Body)
	}
}

// Code is the stable code of an error.
func (a *Answer) Code() string {
	var body struct{ Code string }
	json.Unmarshal(a.Body, &body)
	return body.Code
}
