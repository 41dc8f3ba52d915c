package api

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus"

	"tandem/access"
	"tandem/bulk"
	"tandem/desk"
	"tandem/email"
	"tandem/event"
	"tandem/job"
	"tandem/problem"
	"tandem/tenant"
)

// prefix is where the API lies.
const prefix = "/api/v2"

// Deps are the parts of the product that the HTTP edge speaks for.
type Deps struct {
	Access      *access.Service
	Desk        *desk.Service
	Viewers     *desk.Viewers
	Jobs        *job.Service
	Bulk        *bulk.Service
	Connections *email.Connections
	Forwarder   *email.Forwarder
	Ledger      *email.Ledger
	Asides      *email.Asides
	Suspended   *email.SuspendedMail
	Probes      *email.Probes
	Preflights  *email.Preflights
	Tenants     *tenant.Service
	Bus         *event.Bus
	Sessions    scs.CtxStore // where browser sessions are kept

	// Microsoft answers what Microsoft and returning browsers send to
	// /microsoft/; ActorOf tells it who asks. Nil: nothing does.
	Microsoft http.Handler
	// Web is the built browser application; nil or empty: a page that says so.
	Web fs.FS
	// Ready tells whether requests can be served; nil: always.
	Ready func(context.Context) error
}

// Options change how the HTTP edge works; the zero value suits tests.
type Options struct {
	Version      string
	Database     string // "sqlite" or "postgres"
	PublicURL    string // address under which browsers reach us; empty: as the request says
	HideMetrics  bool   // there is no /metrics
	MetricsToken string // empty: metrics are for this machine only
	Demo         bool
	SimulatorURL string // page of the simulator, in the demo
	SMTPAddress  string // where forwarded mail is taken in, in the demo

	// ImageKey signs the addresses of remote images, the same on every node.
	// Empty: one that is made up, for one process.
	ImageKey []byte
	// MaxMail is how large a mail may be that is taken in whole, for people to know.
	MaxMail int64

	// RateLimit is how many requests a minute an API token may send; 0: any number.
	RateLimit int

	// TrustedProxies are the networks of our own proxies, whose X-Forwarded-For
	// and X-Forwarded-Proto are believed.
	TrustedProxies []netip.Prefix

	Log      *slog.Logger
	Registry *prometheus.Registry // nil: one of its own
	Now      func() time.Time
}

// server is the HTTP edge.
type server struct {
	access      *access.Service
	desk        *desk.Service
	viewers     *desk.Viewers
	jobs        *job.Service
	bulk        *bulk.Service
	connections *email.Connections
	forwarder   *email.Forwarder
	ledger      *email.Ledger
	asides      *email.Asides
	suspended   *email.SuspendedMail
	probes      *email.Probes
	preflights  *email.Preflights
	tenants     *tenant.Service
	bus         *event.Bus
	web         fs.FS
	ready       func(context.Context) error

	options  Options
	log      *slog.Logger
	now      func() time.Time
	newID    func() string
	sessions *scs.SessionManager
	registry *prometheus.Registry
	metrics  *metrics
	mux      *http.ServeMux
	api      huma.API
	rates    *rates

	keepAlive, streamLife, bodyTime, writeTime time.Duration // tests shorten them
}

// New makes the handler of everything that Tandem answers over HTTP. Live
// event streams end when the bus is closed: close it before the HTTP server is
// shut down.
func New(d Deps, o Options) http.Handler {
	s := newServer(d, o)
	s.routes()
	s.outside(d.Microsoft)
	return s.layers(named(s.mux))
}

// layers puts around a handler what every request passes, the innermost first.
func (s *server) layers(h http.Handler) http.Handler {
	for _, layer := range []func(http.Handler) http.Handler{plainPaths, compress, s.sameOrigin, s.hurry, s.recover, s.secure, s.identify} {
		h = layer(h)
	}
	return h
}

func newServer(d Deps, o Options) *server {
	s := &server{
		access: d.Access, desk: d.Desk, jobs: d.Jobs, bulk: d.Bulk, connections: d.Connections, forwarder: d.Forwarder, ledger: d.Ledger,
		viewers: d.Viewers,
		asides:  d.Asides, suspended: d.Suspended, probes: d.Probes, preflights: d.Preflights, tenants: d.Tenants, bus: d.Bus, web: d.Web, ready: d.Ready,
		options: o, log: o.Log, now: o.Now, keepAlive: keepAlive, streamLife: streamLife, bodyTime: bodyTime, writeTime: writeTime, registry: o.Registry, mux: http.NewServeMux(),
		newID: func() string { return rand.Text()[:10] },
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.registry == nil {
		s.registry = prometheus.NewRegistry()
	}
	if len(s.options.ImageKey) == 0 {
		s.options.ImageKey = []byte(rand.Text())
	}
	s.rates = &rates{limit: o.RateLimit}
	s.metrics = newMetrics(s.registry)
	s.sessions = newSessions(d.Sessions, strings.HasPrefix(o.PublicURL, "https:"))
	s.sessions.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		writeProblem(w, r, s.log, fmt.Errorf("browser session: %w", err))
	}
	return s
}

// routes adds the API, behind the question who asks.
func (s *server) routes() {
	inner := http.NewServeMux()
	config := newDocument(s.options.Version)
	config.Transformers = []huma.Transformer{translate(s.log)}
	s.api = huma.NewAPI(config, humago.NewAdapter(inner, prefix))
	for _, add := range []func(){
		s.sessionRoutes, s.userRoutes, s.identityRoutes, s.brandRoutes, s.ticketRoutes, s.commentRoutes,
		s.siblingRoutes, s.uploadRoutes, s.addressRoutes, s.forwardingRoutes, s.probeRoutes, s.draftRoutes, s.connectionRoutes,
		s.mailRoutes, s.overviewRoutes, s.jobRoutes, s.tokenRoutes, s.auditRoutes, s.eventRoutes,
		s.triggerRoutes, s.ticketAuditRoutes, s.readingRoutes, s.suspendedRoutes, s.mailSettingsRoutes,
		s.tenantRoutes, s.credentialRoutes, s.preflightRoutes,
		s.fileLinkRoutes, s.asideRoutes, s.attachmentSettingsRoutes,
		s.ticketLifeRoutes,
		s.organizationRoutes, s.groupRoutes, s.membershipRoutes,
		s.viewRoutes, s.macroRoutes,
		s.jobStatusRoutes, s.bulkTicketRoutes, s.bulkDirectoryRoutes, s.csvRoutes, s.csvImportRoutes, s.incrementalRoutes, s.accountRoutes, s.collaboratorRoutes, s.tagRoutes, s.incidentRoutes,
		s.fieldRoutes,
		s.ticketMetricRoutes, s.reportRoutes,
		s.viewerRoutes,
		s.searchRoutes,
	} {
		add()
	}
	finishDocument(s.api.OpenAPI())
	inner.HandleFunc("/", s.notFound)
	s.mux.Handle(prefix+"/", s.authenticate(s.moderate(s.once(named(inner)))))
	s.mux.Handle("/api/", http.HandlerFunc(s.notFound))
	s.mux.Handle("GET /api/openapi.json", http.HandlerFunc(s.serveDocument))
}

// outside adds what lies beside the API.
func (s *server) outside(microsoft http.Handler) {
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	s.mux.HandleFunc("GET /readyz", s.serveReady)
	if !s.options.HideMetrics {
		s.mux.Handle("GET /metrics", s.serveMetrics())
	}
	if microsoft != nil {
		s.mux.Handle("/microsoft/", s.authenticate(microsoft))
	}
	s.mux.HandleFunc("GET /files/{secret}", s.showSharedFile)
	s.mux.HandleFunc("GET /files/{secret}/download", s.downloadSharedFile)
	s.mux.HandleFunc("GET /images/{signed}", s.serveImage)
	s.mux.Handle("/", s.servePages())
}

func (s *server) notFound(w http.ResponseWriter, r *http.Request) {
	writeProblem(w, r, s.log, problem.New(problem.NotFound, "not_found", "There is nothing at this address.").
		On(problem.Yours, "Look it up in /api/openapi.json."))
}

func (s *server) serveReady(w http.ResponseWriter, r *http.Request) {
	if s.ready != nil {
		if err := s.ready(r.Context()); err != nil {
			writeProblem(w, r, s.log, problem.New(problem.Unavailable, "not_ready", "Tandem is not ready to serve.").
				On(problem.Tandem, "Wait a little; the log says why.").Because(err))
			return
		}
	}
	_, _ = w.Write([]byte("ok\n"))
}

func (s *server) serveDocument(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(s.api.OpenAPI()) // the client may be gone
}

// ActorOf tells a handler that was given to this edge who asks; false when
// nobody has signed in.
func ActorOf(ctx context.Context) (access.Actor, bool) {
	q := requestOf(ctx)
	return q.actor, q.known
}
