package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"tandem/problem"
)

// identify gives the request an id and a place for what is found out about it,
// and writes one line to the log when it has been answered.
func (s *server) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := s.now()
		q := s.newRequest(r)
		w.Header().Set("X-Request-Id", q.id)
		watched := &watchedWriter{ResponseWriter: w, patience: s.writeTime}
		next.ServeHTTP(watched, r.WithContext(context.WithValue(r.Context(), requestKey{}, q)))

		took := s.now().Sub(began)
		s.metrics.observe(q.route, watched.code(), took)
		level := slog.LevelInfo
		if quiet(q.route) {
			level = slog.LevelDebug
		}
		// The route, not the path: paths carry secrets (links, uploads, states).
		s.log.Log(r.Context(), level, "request", "request", q.id, "method", r.Method, "route", q.route, "status", watched.code(),
			"took", took, "bytes", watched.bytes, "user", int64(q.actor.UserID), "address", q.address)
	})
}

// quiet are routes whose every call is no news.
func quiet(route string) bool {
	switch route {
	case "GET /healthz", "GET /readyz", "GET /metrics", "/":
		return true
	}
	return false
}

// bodyTime is how long a request's body may take, and writeTime how long the
// client may take for one piece of the answer: neither a slow sender nor a slow
// reader holds a connection for ever.
const (
	bodyTime  = time.Minute
	writeTime = 30 * time.Second
)

// hurry gives the body of a request a deadline. What the route does not read
// is under it too: the server reads that before it takes the next request.
func (s *server) hurry(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 {
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.bodyTime)) // not every connection has one
		}
		next.ServeHTTP(w, r)
	})
}

// watchedWriter notes what is answered, and gives up a client that does not take it.
type watchedWriter struct {
	http.ResponseWriter
	status   int
	bytes    int64
	patience time.Duration // for one Write
}

func (w *watchedWriter) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watchedWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(time.Now().Add(w.patience)) // not every connection has one
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *watchedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *watchedWriter) code() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}

// recover answers for a handler that panicked, and counts it.
func (s *server) recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler {
				panic(cause) // the standard way to cut an answer short; the server knows it
			}
			s.metrics.panics.Inc()
			s.log.Error("request panicked", "request", requestID(r.Context()), "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
			if watched, ok := w.(*watchedWriter); ok && watched.status != 0 {
				panic(http.ErrAbortHandler) // half an answer must not look whole
			}
			writeProblem(w, r, s.log, fmt.Errorf("panic: %v", cause))
		}()
		next.ServeHTTP(w, r)
	})
}

// pagePolicy is the content security policy of the browser application: what
// it needs is its own; styles are set by Fluent at run time. Mails are shown in
// a frame of ours with a policy of its own.
const pagePolicy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"font-src 'self' data:; connect-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// secure sets the headers that keep browsers from doing what nobody wants.
// Routes that show foreign content replace the policy with a stricter one.
func (s *server) secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), payment=()")
		if strings.HasPrefix(s.options.PublicURL, "https://") {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if strings.HasPrefix(r.URL.Path, "/api/") {
			h.Set("Cache-Control", "no-store")
		}
		next.ServeHTTP(w, r)
	})
}

// sameOrigin refuses what another site makes a browser send
// (MDN: "Sec-Fetch-Site").
func (s *server) sameOrigin(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	if s.options.PublicURL != "" {
		// A proxy may hide the name that browsers know us by.
		if u, err := url.Parse(s.options.PublicURL); err == nil {
			_ = guard.AddTrustedOrigin(u.Scheme + "://" + u.Host) // else only what fits the Host header is ours
		}
	}
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, r, s.log, problem.New(problem.Forbidden, "cross_origin", "The request came from another site.").
			On(problem.Yours, "Open Tandem at its own address and try again."))
	}))
	return guard.Handler(next)
}

// plainPaths removes the ".json" that clients of Zendesk's API may append to a path.
func plainPaths(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path, found := strings.CutSuffix(r.URL.Path, ".json"); found && strings.HasPrefix(path, prefix+"/") {
			u := *r.URL
			u.Path, u.RawPath = path, ""
			r = r.Clone(r.Context())
			r.URL = &u
		}
		next.ServeHTTP(w, r)
	})
}

// named notes the pattern of the route that will answer.
func named(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, pattern := mux.Handler(r)
		requestOf(r.Context()).route = pattern
		mux.ServeHTTP(w, r)
	})
}

// observe counts a request that was answered.
func (m *metrics) observe(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}
