// Package remoteimage fetches images that strangers name, without letting them
// reach what only we can reach.
//
// An attacker who chooses the address wants our server to ask for them: of the
// cloud's metadata service, of a router, of a database's admin page. So each
// address, and each that a redirect leads to, is http or https at its usual
// port; its name is resolved once, every address behind it must belong to the
// public internet, and the connection goes to the very address that was judged,
// so that a name which answers differently the second time gains nothing. No
// proxy of the environment is used, as it would resolve the name again.
//
// What comes back is kept only if its first bytes are those of a raster image;
// what the server calls it does not matter. SVG is a document that can hold
// script and is none. Nothing is sent along that tells who looks: no cookies,
// no referrer, no name of ours.
//
// The package knows nothing of the product but its error type.
package remoteimage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"tandem/problem"
)

// Limits of one image.
const (
	MaxSize      = 5 << 20
	maxRedirects = 3
	maxAddress   = 4 << 10 // characters of an address
	timeLimit    = 15 * time.Second
	atOnce       = 8 // images fetched at a time
)

// userAgent tells nobody what fetches the image.
const userAgent = "Mozilla/5.0"

// Options replace the network, for tests and for networks with a resolver of
// their own. The zero value is the machine's.
type Options struct {
	// Resolve gives the addresses of a name.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	// Dial connects to an address that has been judged.
	Dial func(ctx context.Context, to netip.AddrPort) (net.Conn, error)
}

// Fetcher fetches images. It is safe for use by several goroutines.
type Fetcher struct {
	opt    Options
	client *http.Client
	slots  chan struct{}
}

// New returns a Fetcher.
func New(o Options) *Fetcher {
	if o.Resolve == nil {
		o.Resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	if o.Dial == nil {
		dialer := &net.Dialer{Timeout: 5 * time.Second}
		o.Dial = func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
			return dialer.DialContext(ctx, "tcp", to.String())
		}
	}
	f := &Fetcher{opt: o, slots: make(chan struct{}, atOnce)}
	f.client = &http.Client{
		Transport: &http.Transport{
			Proxy:                  nil,
			DialContext:            f.dial,
			DisableKeepAlives:      true, // each connection is judged anew
			DisableCompression:     true, // so that what is counted is what comes
			TLSHandshakeTimeout:    5 * time.Second,
			ResponseHeaderTimeout:  10 * time.Second,
			MaxResponseHeaderBytes: 32 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return f
}

// errForbidden says that an address is not for us to ask.
var errForbidden = errors.New("not an address of the public internet")

// FetchPicture fetches an image, following at most three redirects, and tells
// what it is. The
// problem image_refused says that we do not ask that address, image_not_one that
// what is there is no image we show, image_unavailable that nothing came.
func (f *Fetcher) FetchPicture(ctx context.Context, address string) (contentType string, content []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	select {
	case f.slots <- struct{}{}:
		defer func() { <-f.slots }()
	case <-ctx.Done():
		return "", nil, unavailable(ctx.Err())
	}
	response, err := f.follow(ctx, address)
	if err != nil {
		return "", nil, explain(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", nil, unavailable(fmt.Errorf("status %d", response.StatusCode))
	}
	content, err = io.ReadAll(io.LimitReader(response.Body, MaxSize+1))
	if err != nil {
		return "", nil, unavailable(err)
	}
	if len(content) > MaxSize {
		return "", nil, noImage("It is larger than %d MB.", MaxSize>>20)
	}
	if contentType = Sniff(content); contentType == "" {
		return "", nil, noImage("What is there is not an image.")
	}
	return contentType, content, nil
}

// follow asks the address and where it redirects to, each judged anew.
func (f *Fetcher) follow(ctx context.Context, address string) (*http.Response, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errForbidden, err)
	}
	for range maxRedirects + 1 {
		if err := judge(u); err != nil {
			return nil, err
		}
		response, err := f.ask(ctx, u)
		if err != nil || !isRedirect(response.StatusCode) {
			return response, err
		}
		response.Body.Close()
		if u, err = u.Parse(response.Header.Get("Location")); err != nil {
			return nil, fmt.Errorf("%w: redirect: %w", errForbidden, err)
		}
	}
	return nil, fmt.Errorf("%w: more than %d redirects", errForbidden, maxRedirects)
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

func (f *Fetcher) ask(ctx context.Context, u *url.URL) (*http.Response, error) {
	clean := *u
	clean.User, clean.Fragment = nil, "" // a password in an address is not ours to send
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, clean.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errForbidden, err)
	}
	r.Header.Set("User-Agent", userAgent)
	r.Header.Set("Accept", "image/png,image/jpeg,image/gif,image/webp,image/*;q=0.8")
	return f.client.Do(r)
}

// judge accepts web addresses at the web's ports.
func judge(u *url.URL) error {
	port := u.Port()
	switch {
	case u.Scheme == "http" && (port == "" || port == "80"):
	case u.Scheme == "https" && (port == "" || port == "443"):
	default:
		return fmt.Errorf("%w: %s at port %q", errForbidden, u.Scheme, port)
	}
	if u.Hostname() == "" || len(u.String()) > maxAddress {
		return fmt.Errorf("%w: no usable address", errForbidden)
	}
	return nil
}

// dial resolves a name, judges what it stands for, and connects to that. One
// bad address among good ones is enough to refuse: nobody has such a name by chance.
func (f *Fetcher) dial(ctx context.Context, _, hostPort string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(hostPort)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errForbidden, err)
	}
	addresses, err := f.opt.Resolve(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("resolve %s: %w", host, err)
	}
	for _, a := range addresses {
		if !Public(a) {
			return nil, fmt.Errorf("%w: %s is %s", errForbidden, host, a)
		}
	}
	err = fmt.Errorf("%s has no address", host)
	for _, a := range addresses {
		to, parseErr := netip.ParseAddrPort(net.JoinHostPort(a.Unmap().String(), port))
		if parseErr != nil {
			return nil, fmt.Errorf("%w: %w", errForbidden, parseErr)
		}
		var conn net.Conn
		if conn, err = f.opt.Dial(ctx, to); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

func explain(err error) error {
	if errors.Is(err, errForbidden) {
		return problem.New(problem.Forbidden, "image_refused", "Tandem does not fetch images from this address.").Because(err)
	}
	return unavailable(err)
}

func unavailable(err error) error {
	return problem.New(problem.NotFound, "image_unavailable", "The image could not be fetched.").Because(err)
}

func noImage(why string, args ...any) error {
	return problem.New(problem.NotFound, "image_not_one", "This is no image that Tandem shows. "+why, args...)
}
