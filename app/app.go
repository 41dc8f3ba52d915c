package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"tandem/access"
	"tandem/blob"
	"tandem/config"
	"tandem/desk"
	"tandem/email"
	"tandem/event"
	"tandem/job"
	"tandem/smtp"
	"tandem/store"
	"tandem/tenant"
)

// undoWindow is how long a reply can be taken back.
const undoWindow = 5 * time.Second

// App is one running Tandem.
type App struct {
	cfg config.Config
	log *slog.Logger

	metrics *prometheus.Registry
	bus     *event.Bus
	db      *store.DB
	blobs   *blob.Store
	parts   parts

	imageKey []byte // signs the addresses of remote images

	server       *http.Server
	listener     net.Listener
	smtp         *smtp.Server // nil: no mail is taken in by SMTP
	smtpListener net.Listener
	setup        string // secret of the one-time link for the first administrator; empty when there is one
	draining     atomic.Bool
}

// New checks what can be checked without touching anything.
func New(cfg config.Config, log *slog.Logger) (*App, error) {
	if mistakes := cfg.Validate(); len(mistakes) > 0 {
		return nil, mistakes
	}
	return &App{cfg: cfg, log: log, metrics: newRegistry()}, nil
}

func newRegistry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// Start opens the store, migrates it, and starts everything. When it returns
// without error, Tandem answers at URL. When it fails, nothing is left running.
func (a *App) Start(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	if err := a.open(ctx); err != nil {
		return err
	}
	// The address is taken first: its port may be chosen by the system and is
	// part of what we tell Microsoft.
	if a.listener, err = net.Listen("tcp", a.cfg.HTTP); err != nil {
		return fmt.Errorf("listen on %s: %w", a.cfg.HTTP, err)
	}
	if err := a.openSMTP(); err != nil {
		return err
	}
	if err := a.build(); err != nil {
		return err
	}
	if err := a.parts.desk.ShipTriggers(ctx); err != nil {
		return fmt.Errorf("add the triggers that come with Tandem: %w", err)
	}
	if err := a.parts.desk.ShipViews(ctx); err != nil {
		return fmt.Errorf("add the triggers that come with Tandem: %w", err)
	}
	if err := a.ensureBrand(ctx); err != nil {
		return err
	}
	ms := a.cfg.Microsoft
	if err := a.parts.tenants.Seed(ctx, ms.Tenant, ms.ClientID, tenant.Secret(ms.ClientSecret.Reveal())); err != nil {
		return err
	}
	a.metrics.MustRegister(credentialExpiry{a.parts.tenants, a.log})
	if a.setup, err = a.parts.access.FirstStart(ctx); err != nil {
		return fmt.Errorf("look for an administrator: %w", err)
	}
	if err := a.serveSMTP(); err != nil {
		return err
	}
	a.parts.runner.Start()
	a.parts.viewers.Start(ctx)
	a.parts.reader.Start()
	a.server = &http.Server{
		Handler:           a.parts.http,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	go a.serve()
	a.log.Info("tandem is ready", "url", a.URL(), "database", a.db.Kind(), "version", a.cfg.Version)
	return nil
}

// open opens what keeps data.
func (a *App) open(ctx context.Context) error {
	keys, err := store.LoadOrCreateKey(a.cfg.KeyPath())
	if err != nil {
		return err
	}
	a.imageKey = keys.Derive("addresses of remote images")
	a.bus = event.NewBus()
	if a.db, err = store.Open(ctx, a.cfg.DatabaseURL(), store.Options{Log: a.log, Keys: keys, Bus: a.bus}); err != nil {
		return err
	}
	if a.blobs, err = blob.Open(ctx, a.cfg.BlobURL()); err != nil {
		return fmt.Errorf("open the store of mails and attachments: %w", err)
	}
	return nil
}

func (a *App) serve() {
	if err := a.server.Serve(a.listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
		a.log.Error("http server ended", "err", err)
	}
}

// Stop ends everything, what came last first. Requests and jobs under way may
// finish until ctx ends; then they are cut. Nothing is lost either way.
func (a *App) Stop(ctx context.Context) error {
	a.draining.Store(true)
	a.log.Info("stopping")
	var failed []error
	if a.bus != nil {
		a.bus.Close() // ends live streams, which would never finish
	}
	if err := a.server.Shutdown(ctx); err != nil {
		failed = append(failed, fmt.Errorf("finish requests: %w", err), a.server.Close())
	}
	if a.smtp != nil {
		failed = append(failed, a.smtp.Shutdown(ctx))
	}
	a.parts.reader.Stop()
	a.parts.viewers.Stop()
	if err := a.parts.runner.Stop(ctx); err != nil {
		failed = append(failed, fmt.Errorf("finish jobs: %w", err))
	}
	return errors.Join(append(failed, a.close())...)
}

// close closes what keeps data, and the listener when nobody serves it.
func (a *App) close() error {
	var failed []error
	if a.listener != nil && a.server == nil {
		failed = append(failed, a.listener.Close())
	}
	if a.smtpListener != nil {
		_ = a.smtpListener.Close() // a second time when it was served
	}
	if a.blobs != nil {
		failed = append(failed, a.blobs.Close())
	}
	if a.db != nil {
		failed = append(failed, a.db.Close())
	}
	return errors.Join(failed...)
}

// URL is where Tandem answers: its public address, or where it listens.
func (a *App) URL() string {
	if a.cfg.PublicURL != "" {
		return a.cfg.PublicURL
	}
	return a.localURL()
}

func (a *App) localURL() string { return LocalURL(a.listener.Addr().String()) }

// LocalURL is where a browser on this machine reaches what listens on the address.
func LocalURL(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "http://" + address
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// SetupURL is the one-time link for the first administrator; empty when there is one already.
func (a *App) SetupURL() string {
	if a.setup == "" {
		return ""
	}
	return a.URL() + "/setup/" + a.setup
}

// Ready tells whether requests can be served.
func (a *App) Ready(ctx context.Context) error {
	if a.draining.Load() {
		return errors.New("stopping")
	}
	return a.db.Ping(ctx)
}

// Store, Access, Desk, Connections and Jobs are the parts that the demo and tests use directly.
func (a *App) Store() *store.DB                { return a.db }
func (a *App) Access() *access.Service         { return a.parts.access }
func (a *App) Desk() *desk.Service             { return a.parts.desk }
func (a *App) Connections() *email.Connections { return a.parts.connections }
func (a *App) Forwarder() *email.Forwarder     { return a.parts.forwarder }
func (a *App) Jobs() *job.Service              { return a.parts.jobs }
