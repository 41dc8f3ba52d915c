package e2e

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// FrontDoor stands before the nodes of a Tandem as a load balancer does, taking
// turns, and remembers what Microsoft posts.
type FrontDoor struct {
	URL string

	mu     sync.Mutex
	nodes  []*url.URL
	turn   int
	posted []Post
}

// Post is a notification as Microsoft posted it.
type Post struct{ Path, Body string }

func openDoor(t testing.TB, nodes ...string) *FrontDoor {
	t.Helper()
	d := &FrontDoor{}
	for _, node := range nodes {
		d.Add(node)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(d.next())
			r.Out.Host = r.In.Host
		},
		FlushInterval: -1, // live events
		ErrorLog:      slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug),
	}
	d.URL = listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/microsoft/") && !r.URL.Query().Has("validationToken") {
			d.remember(r)
		}
		proxy.ServeHTTP(w, r)
	}))
	return d
}

// Add lets a node take its turn.
func (d *FrontDoor) Add(node string) {
	u, err := url.Parse(node)
	if err != nil {
		panic(err) // a mistake in the test
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.nodes = append(d.nodes, u)
}

// Remove leaves a node out, as a health check does that finds it dead.
func (d *FrontDoor) Remove(node string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.nodes = slices.DeleteFunc(d.nodes, func(u *url.URL) bool { return u.String() == node })
}

func (d *FrontDoor) next() *url.URL {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.turn++
	return d.nodes[d.turn%len(d.nodes)]
}

func (d *FrontDoor) remember(r *http.Request) {
	body, _ := io.ReadAll(r.Body) // a broken request goes on broken
	r.Body = io.NopCloser(bytes.NewReader(body))
	d.mu.Lock()
	defer d.mu.Unlock()
	d.posted = append(d.posted, Post{r.URL.Path, string(body)})
}

// Posted is what Microsoft has posted so far.
func (d *FrontDoor) Posted() []Post {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.posted)
}
