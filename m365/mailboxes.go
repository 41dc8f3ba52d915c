package m365

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"tandem/email"
	"tandem/graph"
	"tandem/tenant"
)

// Options say where Microsoft is, and who we are there.
type Options struct {
	Endpoints graph.Endpoints
	App       graph.App
	Log       *slog.Logger
	// SaveToken keeps a connection's new refresh token before it is used.
	SaveToken func(context.Context, email.ConnectionID, email.Secret) error
	// OnRequest is called after each request to Graph, for the metrics.
	OnRequest func(graph.RequestInfo)
}

// Mailboxes opens mailboxes of connections. It is safe for concurrent use.
type Mailboxes struct {
	opts  Options
	entra *graph.Entra
	http  *http.Client

	mu           sync.Mutex
	open         map[email.ConnectionID]*client
	applications map[tenant.ID]*application
}

// client is what is kept of one connection. It is replaced when somebody has
// signed in anew, or another way of opening the mailbox was chosen.
type client struct {
	graph        *graph.Client
	user         string // "me", or whose mailbox the application opens
	folder       folderID
	standing     standing
	requests     *hourly
	authorizedAt time.Time
	application  *application // nil: opened by a sign-in
}

// NewMailboxes asks nothing of Microsoft.
func NewMailboxes(opts Options) *Mailboxes {
	transport := &http.Client{Transport: graph.NewTransport()}
	return &Mailboxes{
		opts: opts, http: transport,
		entra:        graph.NewEntra(opts.Endpoints, opts.App, transport),
		open:         make(map[email.ConnectionID]*client),
		applications: make(map[tenant.ID]*application),
	}
}

// Open returns the mailbox behind a connection.
func (ms *Mailboxes) Open(c *email.Connection) (email.Mailbox, error) {
	cl, err := ms.clientOf(c)
	if err != nil {
		return nil, fmt.Errorf("open the mailbox of connection %d: %w", c.ID, err)
	}
	return &mailbox{box: cl.graph.Mailbox(cl.user), client: cl.graph, user: cl.user, folder: &cl.folder, standing: &cl.standing}, nil
}

func (ms *Mailboxes) clientOf(c *email.Connection) (*client, error) {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	cl := &client{authorizedAt: c.AuthorizedAt, user: "me", requests: new(hourly)}
	if c.Kind == email.ExchangeApp {
		app, err := ms.application(c.Tenant)
		if err != nil {
			return nil, err
		}
		cl.application, cl.graph, cl.user, cl.requests = app, app.graph, c.UserID, app.requestsFor(c.UserID)
	}
	if old := ms.open[c.ID]; old != nil && old.authorizedAt.Equal(c.AuthorizedAt) && old.application == cl.application {
		return old, nil
	}
	if cl.application == nil {
		var err error
		if cl.graph, err = ms.delegated(c, cl.requests); err != nil {
			return nil, err
		}
	}
	if c.ID != 0 { // else it is only being looked at
		ms.open[c.ID] = cl
	}
	return cl, nil
}

// delegated returns a graph client that acts for whoever signed in.
func (ms *Mailboxes) delegated(c *email.Connection, requests *hourly) (*graph.Client, error) {
	id := c.ID
	tokens := graph.NewDelegated(ms.entra, graph.Token{Refresh: string(c.RefreshToken)}, func(ctx context.Context, t graph.Token) error {
		return ms.opts.SaveToken(ctx, id, email.Secret(t.Refresh))
	})
	return ms.client(tokens, func(r graph.RequestInfo) { requests.add(time.Now(), r.Requests) })
}

// client returns a graph client whose requests are counted.
func (ms *Mailboxes) client(tokens graph.TokenSource, count func(graph.RequestInfo)) (*graph.Client, error) {
	return graph.New(ms.opts.Endpoints, tokens, graph.Options{
		HTTPClient: ms.http, Log: ms.opts.Log, UserAgent: "Tandem",
		OnRequest: func(r graph.RequestInfo) {
			count(r)
			if ms.opts.OnRequest != nil {
				ms.opts.OnRequest(r)
			}
		},
	})
}

// Requests counts what was asked of Microsoft for a connection in the last hour, by this process.
func (ms *Mailboxes) Requests(id email.ConnectionID) int {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	if cl := ms.open[id]; cl != nil {
		return cl.requests.sum(time.Now())
	}
	return 0
}

// hourly counts events of the last sixty minutes, by the minute.
type hourly struct {
	mu      sync.Mutex
	minutes [60]struct {
		minute int64
		count  int
	}
}

func (h *hourly) add(now time.Time, n int) {
	minute := now.Unix() / 60
	h.mu.Lock()
	defer h.mu.Unlock()
	slot := &h.minutes[minute%60]
	if slot.minute != minute {
		slot.minute, slot.count = minute, 0
	}
	slot.count += n
}

func (h *hourly) sum(now time.Time) int {
	oldest := now.Unix()/60 - 59
	h.mu.Lock()
	defer h.mu.Unlock()
	total := 0
	for _, slot := range h.minutes {
		if slot.minute >= oldest {
			total += slot.count
		}
	}
	return total
}
