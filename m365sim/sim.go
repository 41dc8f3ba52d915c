package m365sim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Options say what to simulate and where its state lies.
type Options struct {
	DataDir      string           // its state; survives restart and SIGKILL
	Latency      time.Duration    // added to every Graph and Entra answer; a $batch counts once
	Now          func() time.Time // nil: time.Now; POST /sim/clock adds an offset on top
	Log          *slog.Logger     // nil: discards
	Organisation Organisation     // what to create in an empty data folder
}

// Server is one simulated Microsoft 365. It is safe for use by many goroutines.
type Server struct {
	opt      Options
	db       *database
	clock    *clock
	dir      *directory
	tokens   *tokens
	exchange *exchange
	notifier *notifier
	throttle *throttle
	faults   *faults
	record   *recorder
	entra    *entra
	graph    *graphAPI
	handler  http.Handler

	mu   sync.Mutex
	smtp []*smtp.Server
}

// New opens the state in opt.DataDir and starts delivering notifications. One
// data folder serves one Server at a time.
func New(opt Options) (*Server, error) {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	db, err := openDatabase(opt.DataDir)
	if err != nil {
		return nil, fmt.Errorf("open simulator: %w", err)
	}
	s := &Server{opt: opt, db: db}
	if err := s.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("open simulator: %w", err), db.close())
	}
	s.handler = s.newHandler()
	s.notifier.start()
	return s, nil
}

func (s *Server) open() error {
	var err error
	if s.clock, err = openClock(s.opt.Now, s.db); err != nil {
		return err
	}
	if s.dir, err = openDirectory(s.db, s.opt.Organisation, s.clock.now()); err != nil {
		return err
	}
	if s.tokens, err = openTokens(s.db, s.dir, s.clock); err != nil {
		return err
	}
	if s.exchange, err = openExchange(s.db, s.dir, s.clock, s.opt.Log); err != nil {
		return err
	}
	s.faults, s.record, s.throttle = newFaults(s.clock.now), newRecorder(), newThrottle(s.clock.now)
	if s.notifier, err = openNotifier(s.db, s.dir, s.clock, s.faults, s.opt.Log); err != nil {
		return err
	}
	s.exchange.publish = s.notifier.publish
	if s.entra, err = openEntra(s.db, s.dir, s.tokens, s.clock, s.faults, s.record, s.opt.Latency, s.opt.Log); err != nil {
		return err
	}
	s.graph = &graphAPI{
		dir: s.dir, tokens: s.tokens, exchange: s.exchange, notifier: s.notifier, throttle: s.throttle,
		faults: s.faults, record: s.record, clock: s.clock, latency: s.opt.Latency, log: s.opt.Log,
	}
	s.graph.routes = s.graph.newRoutes()
	return nil
}

// Handler serves Entra, Graph, the controls under /sim and the page at /.
func (s *Server) Handler() http.Handler { return s.handler }

// newHandler tells the services apart by the first segment of the path; all
// that is none of the others is a tenant's, and so Entra's.
func (s *Server) newHandler() http.Handler {
	entra, controls, page := s.entra.handler(), s.controls(), pageHandler()
	userinfo, upload := http.HandlerFunc(s.entra.userinfo), http.HandlerFunc(s.graph.serveUpload)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		switch {
		case first != "sim" && rest != "" && s.away(w, r):
		case first == "v1.0":
			s.graph.ServeHTTP(w, r)
		case first == "sim":
			controls.ServeHTTP(w, r)
		case first == "oidc" && rest == "userinfo":
			userinfo.ServeHTTP(w, r)
		case first == "api":
			upload.ServeHTTP(w, r)
		case rest == "":
			page.ServeHTTP(w, r)
		default:
			entra.ServeHTTP(w, r)
		}
	})
}

// Deliver puts raw into the Inbox of address and returns its immutable id, as
// POST /sim/mailboxes/{address}/messages does.
func (s *Server) Deliver(ctx context.Context, address string, raw []byte, opts ...DeliverOption) (string, error) {
	var d delivery
	for _, o := range opts {
		o(&d)
	}
	delivered, err := s.exchange.deliver(ctx, []string{address}, raw, d)
	if err != nil {
		return "", err
	}
	return delivered[0].identity(true).String(), nil
}

// Close stops taking mail, ends delivery of notifications and closes the state.
// HTTP requests should have ended before.
func (s *Server) Close() error {
	s.mu.Lock()
	listening := s.smtp
	s.smtp = nil
	s.mu.Unlock()
	var errs []error
	for _, l := range listening {
		errs = append(errs, l.Close())
	}
	s.notifier.close()
	return errors.Join(append(errs, s.db.close())...)
}
