package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tandem/access"
	"tandem/blob"
	"tandem/bulk"
	"tandem/desk"
	"tandem/directory"
	"tandem/email"
	"tandem/email/eml"
	"tandem/event"
	"tandem/job"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
	"tandem/tenant"
)

const password = "correct horse battery"

// world is the HTTP edge over a real store, with people and a support address.
type world struct {
	t       *testing.T
	server  *server
	http    *httptest.Server
	db      *store.DB
	blobs   *blob.Store
	bus     *event.Bus
	log     *logged
	ready   error
	connect *email.Connections
	bulk    *bulk.Service
	tenants *tenant.Service

	admin, agent, requester *directory.User
	token                   string // the administrator's API token
	ticket                  *desk.Ticket
	comment                 *desk.Comment
	address                 *email.SupportAddress
	mail                    *email.Mail
}

// everywhere runs a test on every kind of database.
func everywhere(t *testing.T, test func(*world)) {
	t.Helper()
	storetest.EachURL(t, func(t *testing.T, url string) { test(newWorld(t, url)) })
}

// one runs a test that has nothing to do with the kind of database.
func one(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	return newWorld(t, storetest.SQLiteURL(t))
}

func newWorld(t *testing.T, url string) *world {
	w := &world{t: t, bus: event.NewBus(), log: new(logged)}
	w.db = storetest.Open(t, url, store.Options{Bus: w.bus})
	blobs, err := blob.Open(t.Context(), t.TempDir())
	w.must(err)
	w.blobs = blobs
	log := slog.New(slog.NewTextHandler(w.log, nil))
	mails := store.For[email.Tx](w.db)
	sender := email.NewSender(mails, nil, blobs, time.Now, newToken, log)
	people := access.NewService(store.For[access.Tx](w.db), time.Now)
	d := desk.NewService(store.For[desk.Tx](w.db), blobs, desk.Options{
		UndoWindow: time.Hour, Outbox: sender, NewToken: newToken,
		Sanitize: eml.Sanitize, PlainText: eml.TextFromHTML, EraseMails: email.ErasePerson(time.Now), IsOurs: email.IsOurs, People: people,
		Background: func(ctx context.Context, tx desk.Tx, by access.Actor, work desk.Work) (*bulk.Bulk, error) {
			return w.bulk.Begin(ctx, tx.(bulk.Tx), by, work)
		},
	})
	w.connect = email.NewConnections(mails, microsoft{}, microsoft{}, email.ConnectionOptions{
		CallbackURL: func(origin string) string { return origin + "/microsoft/callback" }, NewSecret: newToken, Now: time.Now, Log: log,
	})
	w.tenants = tenant.NewService(store.For[tenant.Tx](w.db), entra{}, tenant.Options{LoginURL: "https://login.example", Now: time.Now, Log: log})
	forwarder := email.NewForwarder(mails, blobs, w.connect, sender, email.ForwarderOptions{
		Domain: "in.contoso.example", NewSecret: newToken, Now: time.Now, Log: log,
	})
	ledger := email.NewLedger(mails, blobs, d, sender, time.Now)
	w.bulk = bulk.NewService(store.For[bulk.Tx](w.db), people.ActorOf, time.Now, log)
	d.HandleBulk(w.bulk, store.For[desk.BulkTx](w.db))
	w.server = newServer(Deps{
		Tenants: w.tenants,
		Access:  people, Desk: d, Bulk: w.bulk,
		Viewers:     desk.NewViewers(store.For[desk.Tx](w.db), w.bus, time.Now, log),
		Jobs:        job.NewService(store.For[job.StoreTx](w.db), time.Now),
		Connections: w.connect, Forwarder: forwarder, Ledger: ledger, Suspended: email.NewSuspendedMail(mails, blobs, d, ledger, sender, time.Now),
		Asides:     email.NewAsides(mails, microsoft{}, blobs, d, time.Now),
		Probes:     email.NewProbes(mails, nil, sender, rand.Text, time.Now, slog.New(slog.DiscardHandler)),
		Preflights: email.NewPreflights(mails, nil, "", time.Now, slog.New(slog.DiscardHandler)),
		Bus:        w.bus, Sessions: store.NewSessionStore(w.db),
		Web: fstest.MapFS{
			"index.html":            {Data: []byte("<!doctype html><title>Tandem</title>")},
			"assets/app-1f3d.js":    {Data: []byte(strings.Repeat("console.log('Tandem');\n", 200))},
			"favicon.svg":           {Data: []byte("<svg/>")},
			"assets/style-77aa.css": {Data: []byte("body{}")},
		},
		Ready: func(context.Context) error { return w.ready },
	}, Options{Version: "1.2.3", Database: w.db.Kind(), Log: log, Registry: prometheus.NewRegistry()})
	w.server.routes()
	w.server.outside(http.HandlerFunc(whoAsks))
	w.http = httptest.NewServer(w.server.layers(named(w.server.mux)))
	t.Cleanup(func() {
		w.bus.Close() // ends the event streams
		w.http.Close()
	})
	w.populate()
	return w
}

// whoAsks stands for the handler of what Microsoft sends.
func whoAsks(w http.ResponseWriter, r *http.Request) {
	actor, known := ActorOf(r.Context())
	fmt.Fprintf(w, "%t %s", known, actor.Name)
}

var tokens struct {
	sync.Mutex
	n int
}

// newToken counts; the store wants tokens to be unique, nothing guesses them here.
func newToken() string {
	tokens.Lock()
	defer tokens.Unlock()
	tokens.n++
	return fmt.Sprintf("token%d", tokens.n)
}

// logged is a log that tests read.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// microsoft signs everybody in and has no mailboxes to open.
type microsoft struct{}

func (microsoft) Open(*email.Connection) (email.Mailbox, error) { return nil, io.EOF }
func (microsoft) Find(context.Context, tenant.ID, string) (*email.Owner, error) {
	return nil, io.EOF
}
func (microsoft) Requests(email.ConnectionID) int { return 17 }
func (microsoft) Begin(_ context.Context, req email.SignIn) (string, error) {
	return "https://login.example/authorize?state=" + req.State, nil
}
func (microsoft) Complete(_ context.Context, req email.SignIn, _ string) (*email.Grant, error) {
	return &email.Grant{TenantID: "t", UserID: "u-" + req.LoginHint, Email: "support@contoso.example", RefreshToken: "secret-refresh-token", Scopes: []string{"Mail.Send"}}, nil
}

const (
	directoryID = "4f1c2a7e-5b0d-4c8e-9a63-2d7e81c0b5f4"
	clientID    = "9b2f6d31-7c4a-4e05-8d1f-6a3b0c5e7f28"
)

// entra knows one directory, and accepts secrets that are "good".
type entra struct{}

func (entra) Discover(_ context.Context, directory string) (string, error) {
	if directory == directoryID || directory == "contoso.example" {
		return directoryID, nil
	}
	return "", problem.New(problem.Unauthenticated, "tenant_not_found", "Microsoft does not know the tenant.")
}

func (entra) Try(_ context.Context, t *tenant.Tenant, c *tenant.Credential) (tenant.Verdict, error) {
	v := tenant.Verdict{Tenant: t.ID, Credential: c.ID}
	if c.Kind == tenant.ClientSecret && !strings.HasPrefix(string(c.Secret), "good") {
		v.Problem = problem.New(problem.Unauthenticated, "secret_invalid", "Microsoft does not accept the client secret.").On(problem.Admin, "Make another one.")
	}
	return v, nil
}

func (entra) SecretExpiries(context.Context, *tenant.Tenant, *tenant.Credential) (map[string]time.Time, error) {
	return nil, problem.New(problem.Forbidden, "permission_missing", "Not allowed.")
}

func (w *world) populate() {
	ctx := w.t.Context()
	a := w.server.access
	var err error
	w.admin, err = a.CreateUser(ctx, access.System(), access.NewUser{Name: "Eve Admin", Email: "admin@contoso.example", Role: directory.Admin})
	w.must(err)
	by := access.Actor{UserID: w.admin.ID, Name: w.admin.Name, Role: directory.Admin}
	w.agent, err = a.CreateUser(ctx, by, access.NewUser{Name: "Ana Agent", Email: "agent1@contoso.example", Role: directory.Agent})
	w.must(err)
	w.requester, err = a.CreateUser(ctx, by, access.NewUser{Name: "Aiko Tanaka", Email: "aiko@fabrikam.example"})
	w.must(err)
	_, w.token, err = a.CreateAPIToken(ctx, by, "tests")
	w.must(err)
	w.update(func(tx email.Tx) error {
		return tx.InsertBrand(ctx, &directory.Brand{Name: "Contoso", Default: true})
	})
	w.must(w.tenants.Seed(ctx, "contoso.example", clientID, "configured-secret"))
	w.address, err = w.connect.Connect(ctx, by, 0, &email.Grant{TenantID: "t", UserID: "u", Email: "support@contoso.example", RefreshToken: "secret-refresh-token"}, false)
	w.must(err)
	w.update(func(tx email.Tx) (err error) {
		w.ticket, w.comment, err = w.server.desk.Open(ctx, tx, desk.NewTicket{
			Subject: "My order", RequesterID: w.requester.ID, Via: desk.ByEmail, Recipient: w.address.Email,
			Comment: desk.NewComment{Public: true, Text: "Where is it?\n\nAiko"},
		})
		if err != nil {
			return err
		}
		w.mail = &email.Mail{
			ConnectionID: w.address.ConnectionID, Direction: email.Inbound, State: email.Quarantined, MicrosoftID: "AAMk1", Subject: "Broken",
			From: email.Party{Email: "aiko@fabrikam.example"}, NoticedAt: time.Now(), ErrorCode: "not_mail", Error: "This is no mail.",
		}
		_, err = tx.InsertMail(ctx, w.mail)
		return err
	})
}

func (w *world) update(change func(email.Tx) error) {
	w.t.Helper()
	w.must(store.For[email.Tx](w.db).Update(w.t.Context(), change))
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// caller is somebody who sends requests.
type caller struct {
	w       *world
	client  *http.Client
	prepare func(*http.Request)
}

// as sends requests with the token for the person with the address.
func (w *world) as(u *directory.User) *caller {
	return &caller{w, w.http.Client(), func(r *http.Request) { r.SetBasicAuth(u.Email+"/token", w.token) }}
}

// path is the path of a whole address of ours.
func (w *world) path(address string) string {
	w.t.Helper()
	path, ours := strings.CutPrefix(address, w.http.URL)
	if !ours {
		w.t.Fatalf("%s is not at %s", address, w.http.URL)
	}
	return path
}

func (w *world) anonymous() *caller { return &caller{w, w.http.Client(), func(*http.Request) {}} }

// answer is what came back.
type answer struct {
	w      *world
	status int
	header http.Header
	text   string
	body   map[string]any
}

// send sends a request; a body that is no text or reader is sent as JSON.
func (c *caller) send(method, path string, body any) *answer {
	c.w.t.Helper()
	var content io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(body)
	case io.Reader:
		content = body
	default:
		data, err := json.Marshal(body)
		c.w.must(err)
		content = bytes.NewReader(data)
	}
	if !strings.HasPrefix(path, "/api/") && !strings.HasPrefix(path, "!") {
		path = prefix + path
	}
	r, err := http.NewRequestWithContext(c.w.t.Context(), method, c.w.http.URL+strings.TrimPrefix(path, "!"), content)
	c.w.must(err)
	if content != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	c.prepare(r)
	response, err := c.client.Do(r)
	c.w.must(err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	c.w.must(err)
	a := &answer{w: c.w, status: response.StatusCode, header: response.Header, text: string(text)}
	if strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
		c.w.must(json.Unmarshal(text, &a.body))
	}
	return a
}

func (c *caller) get(format string, args ...any) *answer {
	c.w.t.Helper()
	return c.send("GET", fmt.Sprintf(format, args...), nil)
}

// is fails the test unless the status is the given one.
func (a *answer) is(status int) *answer {
	a.w.t.Helper()
	if a.status != status {
		a.w.t.Fatalf("got status %d, want %d: %s", a.status, status, a.text)
	}
	return a
}

// refused fails the test unless it is this error, complete with reference.
func (a *answer) refused(status int, code string) *answer {
	a.w.t.Helper()
	a.is(status)
	if a.body["code"] != code || a.body["reference"] != a.header.Get("X-Request-Id") || a.body["message"] == "" || a.body["error"] == "" {
		a.w.t.Fatalf("got %s (X-Request-Id %s), want the code %q", a.text, a.header.Get("X-Request-Id"), code)
	}
	return a
}

// at finds a value by its path: "ticket.tags.0".
func (a *answer) at(path string) any {
	a.w.t.Helper()
	var here any = a.body
	for _, step := range strings.Split(path, ".") {
		switch v := here.(type) {
		case map[string]any:
			value, found := v[step]
			if !found {
				a.w.t.Fatalf("there is no %s in %s", path, a.text)
			}
			here = value
		case []any:
			var i int
			if _, err := fmt.Sscan(step, &i); err != nil || i >= len(v) {
				a.w.t.Fatalf("there is no %s in %s", path, a.text)
			}
			here = v[i]
		default:
			a.w.t.Fatalf("there is no %s in %s", path, a.text)
		}
	}
	return here
}

func (a *answer) number(path string) int {
	a.w.t.Helper()
	n, ok := a.at(path).(float64)
	if !ok {
		a.w.t.Fatalf("%s is no number in %s", path, a.text)
	}
	return int(n)
}

func (a *answer) string(path string) string {
	a.w.t.Helper()
	text, ok := a.at(path).(string)
	if !ok {
		a.w.t.Fatalf("%s is no text in %s", path, a.text)
	}
	return text
}

func (a *answer) list(path string) []any {
	a.w.t.Helper()
	list, ok := a.at(path).([]any)
	if !ok {
		a.w.t.Fatalf("%s is no list in %s", path, a.text)
	}
	return list
}

// say adds a comment to the world's ticket as the mail channel does.
func (w *world) say(n desk.NewComment) (c *desk.Comment) {
	w.t.Helper()
	w.update(func(tx email.Tx) error {
		ticket, err := tx.LockTicket(w.t.Context(), w.ticket.ID)
		if err != nil {
			return err
		}
		c, err = w.server.desk.AddComment(w.t.Context(), tx, ticket, n)
		return err
	})
	return c
}
