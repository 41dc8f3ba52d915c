package api

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"

	"tandem/access"
)

// request is what is known of the request under way.
type request struct {
	id      string
	base    string   // scheme and host under which the client reached us
	url     *url.URL // as asked for, absolute
	address string   // the client's network address
	route   string   // pattern of the route; what the log and metrics show, since paths carry secrets
	known   bool     // somebody has proved who they are
	actor   access.Actor
}

type requestKey struct{}

// requestOf gives what is known of the request; every request that reaches a route has one.
func requestOf(ctx context.Context) *request {
	if q, ok := ctx.Value(requestKey{}).(*request); ok {
		return q
	}
	return &request{url: &url.URL{}}
}

func requestID(ctx context.Context) string { return requestOf(ctx).id }

// newRequest notes what the request itself tells.
func (s *server) newRequest(r *http.Request) *request {
	base := s.origin(r)
	q := &request{id: s.newID(), base: base, address: s.clientAddress(r)}
	absolute := *r.URL
	if u, err := url.Parse(base); err == nil {
		absolute.Scheme, absolute.Host = u.Scheme, u.Host
	}
	q.url = &absolute
	return q
}

// origin is the scheme and host under which the client reached us: as
// configured, else as the request says.
func (s *server) origin(r *http.Request) string {
	if s.options.PublicURL != "" {
		return strings.TrimSuffix(s.options.PublicURL, "/")
	}
	scheme := "http"
	if r.TLS != nil || s.options.TrustProxy && r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

// clientAddress is the address of the client: behind a trusted proxy the one
// that the proxy added last, which a client cannot forge.
func (s *server) clientAddress(r *http.Request) string {
	if s.options.TrustProxy {
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		if last := strings.TrimSpace(hops[len(hops)-1]); net.ParseIP(last) != nil {
			return last
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
