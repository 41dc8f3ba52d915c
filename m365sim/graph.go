package m365sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// maxRequestSize is the most Graph takes in one request; larger attachments go
// through an upload session (Attach large files to Outlook messages).
const maxRequestSize = 4 << 20

// graphAPI serves Microsoft Graph v1.0 over the mail store and the directory.
type graphAPI struct {
	dir      *directory
	tokens   *tokens
	exchange *exchange
	notifier *notifier
	throttle *throttle
	faults   *faults
	record   *recorder
	clock    *clock
	latency  time.Duration
	log      *slog.Logger
	routes   *routeNode
}

// call is one request to Graph, alone or as an item of a $batch.
type call struct {
	method string
	target string // path and query below /v1.0, as received
	header http.Header
	body   []byte
	base   string // the origin links start with, such as http://127.0.0.1:8365
	item   bool   // of a $batch
	travel func() // takes the simulated latency, once; nothing for an item

	// Filled in on the way to the handler:
	token  *accessToken
	user   *user // whose profile or mailbox is meant
	query  queryOptions
	prefer preferences
	vars   map[string]string
	basic  bool // the token sees Mail.ReadBasic only
}

// answer is the response to a call.
type answer struct {
	status int
	header http.Header
	value  any    // sent as JSON
	raw    []byte // sent as it is, when value is nil
	cut    bool   // break the connection in the middle
	broken bool   // send JSON that ends too early
	lost   bool   // break the connection before anything is sent
}

func reply(status int, value any) answer { return answer{status: status, value: value} }

func (a *answer) set(name, value string) {
	if a.header == nil {
		a.header = http.Header{}
	}
	a.header.Set(name, value)
}

type graphHandler func(*call) (answer, error)

// ServeHTTP answers one HTTP request: a call, or a batch of them.
func (g *graphAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := g.clock.now()
	requestID := uuid.NewString()
	setCommonHeaders(w.Header(), r, requestID)
	w.Header().Set("Date", started.Format(http.TimeFormat)) // by the simulated clock
	c := &call{
		method: r.Method,
		target: strings.TrimPrefix(r.URL.EscapedPath(), "/v1.0"),
		header: r.Header,
		base:   origin(r),
	}
	if r.URL.RawQuery != "" {
		c.target += "?" + r.URL.RawQuery
	}
	c.travel = sync.OnceFunc(func() { wait(r, g.latency) })
	var a answer
	var err error
	if c.body, err = readBody(w, r); err != nil {
		a = errorAnswer(errRequestTooLarge)
	} else if isBatch(c) {
		a = g.batch(r, c, requestID)
	} else {
		a = g.perform(c)
	}
	c.travel()
	g.record.add(recordOf(c, requestID, started, g.clock.now(), a.status, r.RemoteAddr))
	send(w, a, requestID, r.Header.Get("client-request-id"), started)
}

// wait holds a request back, unless its client goes away first.
func wait(r *http.Request, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.Body == nil || r.ContentLength == 0 {
		return nil, nil
	}
	return io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestSize))
}

func setCommonHeaders(h http.Header, r *http.Request, requestID string) {
	h.Set("request-id", requestID)
	if id := r.Header.Get("client-request-id"); id != "" {
		h.Set("client-request-id", id)
	} else {
		h.Set("client-request-id", requestID)
	}
	h.Set("Strict-Transport-Security", "max-age=31536000")
	h.Set("Cache-Control", "private")
	h.Set("x-ms-ags-diagnostic", `{"ServerInfo":{"DataCenter":"Simulator","Slice":"E","Ring":"1","ScaleUnit":"000","RoleInstance":"SIM0001"}}`)
}

// origin is scheme and host as the client addressed this server.
func origin(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// perform takes a call through route, token, permission, mailbox, throttling
// and faults to its handler.
func (g *graphAPI) perform(c *call) answer {
	a, err := g.dispatch(c)
	if err != nil {
		known := asGraphError(err)
		if known.status >= 500 && !errors.As(err, new(*graphError)) {
			g.log.Error("graph request broke", "method", c.method, "target", c.target, "err", err)
		}
		return errorAnswer(known)
	}
	if applied := c.prefer.applied(); applied != "" {
		a.set("Preference-Applied", applied)
	}
	return a
}

func (g *graphAPI) dispatch(c *call) (answer, error) {
	token, err := g.authenticate(c.header.Get("Authorization"))
	if err != nil {
		return answer{}, err
	}
	c.token = token
	path, rawQuery, _ := strings.Cut(c.target, "?")
	route, err := g.find(c, path)
	if err != nil {
		return answer{}, err
	}
	if c.query, err = parseQuery(rawQuery); err != nil {
		return answer{}, err
	}
	c.prefer = parsePreferences(c.header.Values("Prefer"))
	if err := g.authorize(c, route); err != nil {
		return answer{}, err
	}
	release, err := g.admit(c)
	if err != nil {
		return answer{}, err
	}
	defer release()
	c.travel() // while it counts as concurrent
	trouble := g.strike(c)
	if trouble.err != nil {
		return answer{}, trouble.err
	}
	a, err := route.handle(c)
	a.cut, a.broken, a.lost = trouble.cut, trouble.broken, trouble.lost
	return a, err
}

func (g *graphAPI) authenticate(authorization string) (*accessToken, error) {
	scheme, raw, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") || raw == "" {
		return nil, errTokenEmpty
	}
	return g.tokens.verify(strings.TrimSpace(raw))
}

// authorize finds the user a call is about and checks that the token may.
func (g *graphAPI) authorize(c *call, r *route) error {
	if err := g.findUser(c, r); err != nil {
		return err
	}
	policy := (*accessPolicy)(nil)
	if app, ok := g.dir.application(c.token.clientID); ok && c.token.appOnly() && r.mailbox {
		policy = app.Policy
	}
	granted := c.token.granted()
	if policy != nil {
		if !policy.covers(c.user) && c.user.hasMailbox() && len(policy.Permissions) == 0 {
			return errAccessPolicy
		}
		if policy.covers(c.user) {
			granted = append(policy.Permissions[:len(policy.Permissions):len(policy.Permissions)], granted...)
		}
	}
	if !r.access.allows(granted, c.token.appOnly()) {
		if r.access.directory {
			return errPrivileges
		}
		return errAccessDenied
	}
	c.basic = !readBodies.allows(granted, c.token.appOnly())
	if r.mailbox && !c.user.hasMailbox() {
		return errMailboxInactive
	}
	return nil
}

func (p *accessPolicy) covers(u *user) bool {
	for _, address := range p.Mailboxes {
		if strings.EqualFold(address, u.UserPrincipalName) || address == u.ID {
			return true
		}
	}
	return false
}

// findUser resolves /me and /users/{id}. A delegated token reaches the mailbox
// of its own user only.
func (g *graphAPI) findUser(c *call, r *route) error {
	name, named := c.vars["user"]
	switch {
	case !r.user:
		return nil
	case !named && c.token.appOnly():
		return badRequest("/me request is only valid with delegated authentication flow.")
	case !named:
		name = c.token.userID
	}
	c.user = g.dir.principal(name)
	if c.user == nil {
		if r.mailbox {
			return refuse(404, "ErrorInvalidUser", "The requested user '%s' is invalid.", name)
		}
		return refuse(404, "Request_ResourceNotFound", "Resource '%s' does not exist or one of its queried reference-property objects are not present.", name)
	}
	if r.mailbox && !c.token.appOnly() && c.user.ID != c.token.userID {
		return errAccessDenied
	}
	return nil
}

// admit counts a call against the limits of its application and mailbox.
func (g *graphAPI) admit(c *call) (release func(), err error) {
	if c.user == nil {
		return func() {}, nil
	}
	uploaded := 0
	if c.method != http.MethodGet {
		uploaded = len(c.body)
	}
	return g.throttle.admit(c.token.clientID, c.user.mailbox, uploaded)
}

func errorAnswer(e *graphError) answer {
	a := reply(e.status, e)
	for name, values := range e.header {
		a.set(name, values[0])
	}
	if e.status == http.StatusUnauthorized {
		a.set("WWW-Authenticate", `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"`)
	}
	return a
}

// body is the JSON of an error, with the ids of the request it answers.
func (e *graphError) body(requestID, clientRequestID string, at time.Time) any {
	inner := map[string]any{
		"date":              at.Format("2006-01-02T15:04:05"),
		"request-id":        requestID,
		"client-request-id": clientRequestID,
	}
	if clientRequestID == "" {
		inner["client-request-id"] = requestID
	}
	for name, value := range e.inner {
		inner[name] = value
	}
	return map[string]any{"error": map[string]any{"code": e.code, "message": e.message, "innerError": inner}}
}

// send writes an answer to the wire, in one piece unless a fault says otherwise.
func send(w http.ResponseWriter, a answer, requestID, clientRequestID string, at time.Time) {
	if a.lost {
		panic(http.ErrAbortHandler) // net/http: breaks the connection
	}
	body := a.raw
	if e, isError := a.value.(*graphError); isError {
		a.value = e.body(requestID, clientRequestID, at)
	}
	if a.value != nil {
		body = encodeJSON(a.value)
		w.Header().Set("Content-Type", "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8")
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if a.broken && len(body) > 1 {
		body = body[:len(body)/2]
	}
	if a.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(a.status)
	if a.cut && len(body) > 0 {
		w.Write(body[:len(body)/2])
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	w.Write(body) // a client that went away has no use for the error
}

// encodeJSON writes JSON the way Graph does: UTF-8, without HTML escapes.
func encodeJSON(v any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return []byte(`{}`)
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// decodeBody reads the JSON body of a call into v. Names are matched without
// regard to case, as the service does.
func (c *call) decodeBody(v any) error {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return nil
	}
	if err := json.Unmarshal(c.body, v); err != nil {
		return badRequest("Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.")
	}
	return nil
}

// contextURL is the @odata.context of an answer.
func (c *call) contextURL(entity string) string { return c.base + "/v1.0/$metadata#" + entity }

// userPath is the path of the call's user as links spell it.
func (c *call) userPath() string {
	if name, ok := c.vars["user"]; ok {
		return "users('" + name + "')"
	}
	return "users('" + c.user.ID + "')"
}
