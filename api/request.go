package api

import (
	"cmp"
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"tandem/access"
	"tandem/directory"
	"tandem/problem"
)

// request is what is known of the request under way.
type request struct {
	id      string
	base    string   // scheme and host of links to us
	origin  string   // scheme and host under which the client reached us
	url     *url.URL // as asked for, absolute
	at      time.Time
	address string // the client's network address
	route   string // pattern of the route; what the log and metrics show, since paths carry secrets
	known   bool   // somebody has proved who they are
	actor   access.Actor
	fields  func(directory.FieldOwner) []*directory.Field // definitions of custom fields, read once; nil: none
	failure error                                         // what went wrong while an answer was written
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
	q := &request{id: s.newID(), at: s.now(), origin: s.origin(r), address: s.clientAddress(r)}
	q.base = cmp.Or(strings.TrimSuffix(s.options.PublicURL, "/"), q.origin)
	absolute := *r.URL
	if u, err := url.Parse(q.base); err == nil {
		absolute.Scheme, absolute.Host = u.Scheme, u.Host
	}
	q.url = &absolute
	return q
}

// origin is the scheme and host under which the client reached us.
func (s *server) origin(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil || s.trusts(r) && r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

// trusts tells whether the request comes from one of our own proxies, whose
// word on the client counts.
func (s *server) trusts(r *http.Request) bool {
	peer, ok := hop(r.RemoteAddr)
	return ok && s.ours(peer)
}

// ours tells whether the address is that of one of our own proxies.
func (s *server) ours(address netip.Addr) bool {
	return slices.ContainsFunc(s.options.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(address) })
}

// clientAddress is the address of the client. Each proxy adds whom it was asked
// by; going back from ourselves, the first that is no proxy of ours is the
// client, and what stands before it may be forged.
func (s *server) clientAddress(r *http.Request) string {
	client, ok := hop(r.RemoteAddr)
	if !ok {
		return r.RemoteAddr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, text := range slices.Backward(hops) {
		if !s.ours(client) {
			break
		}
		before, ok := hop(strings.TrimSpace(text))
		if !ok {
			break
		}
		client = before
	}
	return client.String()
}

// hop reads an address, to which some proxies (Azure's Application Gateway is
// one) add the port.
func hop(text string) (netip.Addr, bool) {
	if withPort, err := netip.ParseAddrPort(text); err == nil {
		return withPort.Addr().Unmap(), true
	}
	address, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return address.Unmap(), err == nil
}

// ownFiles turns whole addresses of our files, as clients know them, into
// paths: images in a text are ours only by their path.
func (q *request) ownFiles(html string) string {
	const files = "/attachments/token/"
	for _, base := range []string{q.base, q.origin} {
		if base != "" {
			html = strings.ReplaceAll(html, base+files, files)
		}
	}
	return html
}

// idsNeeded refuses a request that names no records.
func idsNeeded() error {
	return problem.New(problem.Invalid, "ids_needed", "The request names no records.").On(problem.Yours, "Name them in ids or external_ids.").In("ids")
}
