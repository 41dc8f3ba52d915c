package api

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"

	"tandem/access"
	"tandem/problem"
)

const (
	idempotencyHeader = "Idempotency-Key"
	lookupHeader      = "X-Idempotency-Lookup" // miss, or hit when the answer is that of before
	maxIdempotencyKey = 255
)

// creations are the routes whose answers are remembered, as patterns of path.Match.
// Answers that hold secrets, such as new API tokens, are not among them.
var creations = []string{
	"/tickets", "/tickets/create_many", "/users", "/users/create_many", "/users/create_or_update", "/users/create_or_update_many",
	"/users/*/identities", "/users/*/group_memberships", "/users/*/organization_memberships",
	"/organizations", "/organizations/create_many", "/organizations/create_or_update",
	"/organization_memberships", "/organization_memberships/create_many", "/groups", "/group_memberships", "/group_memberships/create_many",
	"/brands", "/recipient_addresses", "/views", "/macros", "/triggers",
	"/ticket_fields", "/user_fields", "/organization_fields", "/ticket_fields/*/options", "/user_fields/*/options", "/organization_fields/*/options",
}

// creates tells whether a request is one of the creations.
func creates(r *http.Request) bool {
	return r.Method == http.MethodPost && slices.ContainsFunc(creations, func(pattern string) bool {
		fits, _ := path.Match(prefix+pattern, r.URL.Path) // the patterns are good
		return fits
	})
}

// once answers a creation that names its request with a key the same way when
// it comes again, and creates nothing then (Zendesk: "Idempotency").
func (s *server) once(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q, key := requestOf(r.Context()), r.Header.Get(idempotencyHeader)
		if key == "" || !creates(r) || !q.known {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxJSON))
		if err == nil && len(key) > maxIdempotencyKey {
			err = problem.New(problem.Invalid, "idempotency_key_too_long", "The Idempotency-Key is longer than %d characters.", maxIdempotencyKey).
				On(problem.Yours, "Send a shorter one.")
		} else if err != nil {
			err = problem.New(problem.Invalid, "too_large", "The request is too large, or was cut in the middle.").
				On(problem.Yours, "Send less at once.").Because(err)
		}
		var before *access.Answer
		if err == nil {
			before, err = s.access.ClaimAnswer(r.Context(), q.actor, key, fmt.Sprintf("%s\n%s\n%s", r.URL.Path, r.URL.RawQuery, body))
		}
		if err != nil {
			writeProblem(w, r, s.log, err)
			return
		}
		if before != nil {
			s.again(w, before)
			return
		}
		w.Header().Set(lookupHeader, "miss")
		r.Body = io.NopCloser(bytes.NewReader(body))
		kept := &keptAnswer{ResponseWriter: w, status: http.StatusOK}
		defer func() { s.keep(context.WithoutCancel(r.Context()), q.actor, key, kept) }()
		next.ServeHTTP(kept, r)
		kept.whole = true
	})
}

// again gives the answer of before.
func (s *server) again(w http.ResponseWriter, a *access.Answer) {
	w.Header().Set(lookupHeader, "hit")
	w.Header().Set("Content-Type", "application/json")
	if a.Location != "" {
		w.Header().Set("Location", a.Location)
	}
	w.WriteHeader(a.Status)
	_, _ = io.WriteString(w, a.Body) // the client may be gone
}

// keep remembers the answer of what was created. What was refused may be tried again.
func (s *server) keep(ctx context.Context, by access.Actor, key string, kept *keptAnswer) {
	var err error
	if kept.whole && kept.status < http.StatusMultipleChoices {
		err = s.access.SaveAnswer(ctx, by, access.Answer{Key: key, Status: kept.status, Location: kept.Header().Get("Location"), Body: kept.body.String()})
	} else {
		err = s.access.DropAnswer(ctx, by, key)
	}
	if err != nil { // the claim stays, so that nothing is created twice
		s.log.Error("remember an answer", "request", requestID(ctx), "err", err)
	}
}

// keptAnswer notes what is answered.
type keptAnswer struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
	whole  bool // the handler came to its end
}

func (k *keptAnswer) WriteHeader(status int) {
	k.status = status
	k.ResponseWriter.WriteHeader(status)
}

func (k *keptAnswer) Write(b []byte) (int, error) {
	k.body.Write(b)
	return k.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (k *keptAnswer) Unwrap() http.ResponseWriter { return k.ResponseWriter }
