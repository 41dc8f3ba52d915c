package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Options of a Client; the zero value is complete.
type Options struct {
	HTTPClient  *http.Client      // default: one with NewTransport
	MaxInFlight int               // requests in flight per mailbox; default 3, one below Microsoft's limit
	UserAgent   string            // default: Go's
	Log         *slog.Logger      // default: none
	OnRequest   func(RequestInfo) // called after each request, for counters; must be quick
}

// RequestInfo tells of one HTTP request, repetitions included.
type RequestInfo struct {
	Op        string // such as "get MIME"; the same for all requests of one kind
	Mailbox   string // as given to Client.Mailbox; empty for other requests
	Status    int    // 0 when there was no answer
	Requests  int    // as Microsoft counts: the number of items for a batch, else 1
	Try       int    // 1 for the first
	Throttled bool
	Duration  time.Duration // until the header of the answer
	Date      time.Time     // of the answer, by the server's clock in whole seconds; zero: it told none
	Err       error
}

const (
	apiVersion = "/v1.0"
	maxJSON    = 64 << 20
	// A connection on which nothing arrives for so long is given up.
	stallAfter = 90 * time.Second
)

var errStalled = fmt.Errorf("nothing received for %s", stallAfter)

// Client calls Microsoft Graph for one application in one tenant, or for one
// person. Share one per TokenSource: limits are counted here.
type Client struct {
	base        string // https://graph.microsoft.com/v1.0
	baseURL     *url.URL
	tokens      TokenSource
	http        *http.Client
	maxInFlight int
	userAgent   string
	log         *slog.Logger
	onRequest   func(RequestInfo)

	mu    sync.Mutex
	gates map[string]*gate
}

// New returns a client of Graph at ep. It starts nothing and fails only when
// ep.Graph is not the address of a server.
func New(ep Endpoints, ts TokenSource, opts Options) (*Client, error) {
	base := strings.TrimRight(ep.Graph, "/") + apiVersion
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("address of Microsoft Graph %q: want https://host", ep.Graph)
	}
	c := &Client{
		base:        base,
		baseURL:     u,
		tokens:      ts,
		maxInFlight: opts.MaxInFlight,
		userAgent:   opts.UserAgent,
		log:         opts.Log,
		onRequest:   opts.OnRequest,
		gates:       map[string]*gate{"": newGate(0)},
	}
	if c.maxInFlight <= 0 {
		c.maxInFlight = 3
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	client := http.Client{Transport: NewTransport()}
	if opts.HTTPClient != nil {
		client = *opts.HTTPClient
	}
	client.CheckRedirect = c.checkRedirect
	c.http = &client
	return c, nil
}

// NewTransport returns an HTTP transport fit for Graph: connections are kept
// and shared, and those that died unnoticed are found by pings.
func NewTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          256,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		HTTP2:                 &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second},
	}
}

// checkRedirect keeps a redirected request, which carries the token along, with Graph.
func (c *Client) checkRedirect(req *http.Request, via []*http.Request) error {
	if len(via) >= 5 || via[0].Method != http.MethodGet { // a POST would arrive as a GET
		return http.ErrUseLastResponse
	}
	return c.checkLink(req.URL)
}

// checkLink makes sure that a link leads to the API this client talks to.
func (c *Client) checkLink(u *url.URL) error {
	if strings.EqualFold(u.Scheme, c.baseURL.Scheme) && strings.EqualFold(u.Host, c.baseURL.Host) && u.User == nil &&
		strings.HasPrefix(u.Path, c.baseURL.Path+"/") && !strings.Contains(u.Path, "/../") {
		return nil
	}
	return &ForeignLinkError{Link: u.Scheme + "://" + u.Host + u.Path, Want: c.base}
}

// gate returns the way into a mailbox, "" for requests to none.
func (c *Client) gate(mailbox string) *gate {
	key := strings.ToLower(mailbox)
	c.mu.Lock()
	defer c.mu.Unlock()
	g := c.gates[key]
	if g == nil {
		g = newGate(c.maxInFlight)
		c.gates[key] = g
	}
	return g
}

// request is one call of the API, sent once or, on failures that pass, several times.
type request struct {
	op      string
	method  string
	url     string
	mailbox string
	prefer  []string    // preferences besides immutable ids
	body    any         // sent as JSON when not nil
	repeat  bool        // carrying it out twice is the same as once
	foreign bool        // another host: no token, no Graph headers
	header  http.Header // further headers
	raw     []byte      // sent as it is, instead of body
	items   int         // of a batch
	gate    *gate       // set by do
}

// do sends a request and lets accept have the answer. When accept returns an
// error, the answer counts as broken. accept closes the body, or keeps it to
// stream from.
func (c *Client) do(ctx context.Context, r request, accept func(*answer) error) error {
	if err := r.prepare(c); err != nil {
		return err
	}
	var (
		budget  = maxWait
		renewed bool
		last    error
	)
	for try := 1; ; try++ {
		waited, err := c.once(ctx, &r, try, budget, accept)
		budget -= waited
		switch {
		case err == nil:
			return nil
		case errors.Is(err, ErrUnauthorized) && !renewed && !r.foreign:
			renewed, last = true, err
			try--
			continue
		case ctx.Err() != nil:
			return r.failure(after(err, last))
		case try >= maxTries || !r.again(err):
			return r.failure(err)
		}
		last = err
		var throttled *ThrottledError
		if errors.As(err, &throttled) { // the gate does the waiting
			if throttled.RetryAfter > budget {
				return r.failure(err)
			}
			continue
		}
		wait := min(backOff(try-1), budget)
		if wait <= 0 || !fits(ctx, wait) {
			return r.failure(err)
		}
		if e := sleep(ctx, wait); e != nil {
			return r.failure(after(e, err))
		}
		budget -= wait
	}
}

// after adds to an error the one that a repetition was to mend.
func after(err, last error) error {
	if last == nil {
		return err
	}
	return fmt.Errorf("%w, after %w", err, last)
}

func (r *request) prepare(c *Client) error {
	r.gate = c.gate(r.mailbox)
	if r.body == nil {
		return nil
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false) // an HTML mail would grow by half
	if err := enc.Encode(r.body); err != nil {
		return fmt.Errorf("%s: encode request: %w", r.op, err)
	}
	r.raw = bytes.TrimSuffix(buf.Bytes(), []byte{'\n'})
	return nil
}

// again reports whether a failed request may be sent once more.
func (r *request) again(err error) bool {
	var throttled *ThrottledError
	if errors.As(err, &throttled) && !throttled.processed {
		return true
	}
	var transport *transportError
	if errors.As(err, &transport) && !transport.sent {
		return true
	}
	return r.repeat && Retryable(err)
}

// failure adds to an error that the request may have been carried out.
func (r *request) failure(err error) error {
	if r.repeat || !mayHaveHappened(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnknownOutcome, err)
}

// mayHaveHappened reports whether Graph may have acted on a request that failed so.
func mayHaveHappened(err error) bool {
	var (
		throttled *ThrottledError
		transport *transportError
		broken    *BrokenAnswerError
		graph     *Error
	)
	switch {
	case errors.As(err, &throttled):
		return throttled.processed
	case errors.As(err, &transport):
		return transport.sent
	case errors.As(err, &broken):
		return true
	case errors.As(err, &graph):
		return graph.transient() && graph.Status >= 500
	}
	return false
}

// once sends the request one time. waited is how long a shut gate held it up.
func (c *Client) once(ctx context.Context, r *request, try int, budget time.Duration, accept func(*answer) error) (waited time.Duration, err error) {
	var token string
	if !r.foreign {
		if token, err = c.tokens.Token(ctx); err != nil {
			return 0, fmt.Errorf("%s: %w", r.op, err)
		}
	}
	if waited, err = r.gate.enter(ctx, budget); err != nil {
		return waited, fmt.Errorf("%s: %w", r.op, err)
	}
	a, err := c.exchange(ctx, r, try, token)
	if err != nil {
		return waited, err
	}
	r.gate.accepted()
	if err := accept(a); err != nil {
		a.Close()
		return waited, &BrokenAnswerError{Op: r.op, RequestID: a.header.Get("request-id"), Err: err}
	}
	return waited, nil
}

// exchange sends the request from within the gate. The answer it returns is a
// success and holds the place; on an error the place is free again.
func (c *Client) exchange(ctx context.Context, r *request, try int, token string) (*answer, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	a := &answer{op: r.op, ctx: ctx, cancel: cancel, gate: r.gate, timer: time.AfterFunc(stallAfter, func() { cancel(errStalled) })}
	req, id, err := c.build(ctx, r, token)
	if err != nil {
		a.Close()
		return nil, err
	}
	start := time.Now()
	resp, err := c.http.Do(req)
	info := RequestInfo{Op: r.op, Mailbox: r.mailbox, Requests: max(1, r.items), Try: try, Duration: time.Since(start)}
	if err != nil {
		err = noAnswer(ctx, r.op, err)
		a.Close()
		c.report(r, info, id, err)
		return nil, err
	}
	info.Status = resp.StatusCode
	info.Date, _ = http.ParseTime(resp.Header.Get("Date")) // RFC 9110 section 6.6.1
	a.open(resp)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		err = c.refusal(r, a, token)
		a.Close()
		info.Throttled = errors.As(err, new(*ThrottledError))
	}
	c.report(r, info, id, err)
	if err != nil {
		return nil, err
	}
	return a, nil
}

func (c *Client) build(ctx context.Context, r *request, token string) (*http.Request, string, error) {
	var body io.Reader
	if r.raw != nil {
		body = bytes.NewReader(r.raw)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, r.url, body)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", r.op, bare(err))
	}
	if c.userAgent != "" {
		req.Header.Set("User-Agent", c.userAgent)
	}
	if r.raw != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	if r.foreign {
		return req, "", nil
	}
	id := newRequestID()
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("client-request-id", id)
	req.Header.Set("return-client-request-id", "true")
	req.Header.Set("Prefer", preferences(r.prefer))
	return req, id, nil
}

// preferences asks for ids that do not change when a message moves.
//
// "Get immutable identifiers for Outlook resources"
func preferences(more []string) string {
	return strings.Join(append([]string{`IdType="ImmutableId"`}, more...), ", ")
}

func noAnswer(ctx context.Context, op string, err error) error {
	var foreign *ForeignLinkError
	if errors.As(err, &foreign) {
		return fmt.Errorf("%s: redirect: %w", op, foreign)
	}
	if context.Cause(ctx) == errStalled {
		return &transportError{op: op, err: errStalled, sent: true}
	}
	var dial *net.OpError
	return &transportError{op: op, err: bare(err), sent: !(errors.As(err, &dial) && dial.Op == "dial")}
}

// refusal reads the body of an answer that is not a success.
func (c *Client) refusal(r *request, a *answer, token string) error {
	body, _ := io.ReadAll(io.LimitReader(a, maxErrorBody)) // what can be had of it
	err := decodeError(r.op, a.status, a.header, body, time.Now())
	var throttled *ThrottledError
	if errors.As(err, &throttled) {
		r.gate.refused(throttled)
	}
	if errors.Is(err, ErrUnauthorized) && !r.foreign {
		c.tokens.Invalidate(token)
	}
	return err
}

func (c *Client) report(r *request, info RequestInfo, id string, err error) {
	info.Err = err
	if c.onRequest != nil {
		c.onRequest(info)
	}
	level := slog.LevelDebug
	if info.Throttled {
		level = slog.LevelInfo
	}
	c.log.Log(context.Background(), level, "graph request", "op", r.op, "mailbox", r.mailbox, "status", info.Status,
		"try", info.Try, "duration", info.Duration, "client_request_id", id, "err", err)
}

// fetch sends a request whose answer is JSON. What does not pass check is broken.
func fetch[T any](ctx context.Context, c *Client, r request, check func(*T) error) (*T, error) {
	var out *T
	err := c.do(ctx, r, func(a *answer) error {
		defer a.Close()
		out = new(T) // nothing of a broken answer may remain
		if err := a.decode(out); err != nil {
			return err
		}
		return check(out)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// run sends a request whose answer says nothing.
func (c *Client) run(ctx context.Context, r request) error {
	return c.do(ctx, r, func(a *answer) error {
		a.drain()
		return nil
	})
}
