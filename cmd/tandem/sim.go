package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"tandem/config"
	"tandem/m365sim"
)

type simCommand struct {
	HTTP    string        `name:"http" help:"Address and port of Entra, Graph and the page." default:"127.0.0.1:8365" env:"TANDEM_SIM_HTTP,TANDEM_HTTP"`
	SMTP    string        `name:"smtp" help:"Address and port for mail from strangers." default:"127.0.0.1:8366" env:"TANDEM_SIM_SMTP"`
	Data    string        `help:"Folder for its state." default:"tandem-sim" env:"TANDEM_SIM_DATA,TANDEM_DATA" placeholder:"DIR"`
	Latency time.Duration `help:"Added to every answer." env:"TANDEM_SIM_LATENCY"`
	TLS     bool          `name:"tls" help:"Serve HTTPS, as Microsoft's own libraries insist on; its CA is in the data folder." env:"TANDEM_SIM_TLS"`
}

// Run simulates until a signal comes.
func (c simCommand) Run(term *terminal) error {
	log := term.logger(config.Default().Log)
	sim, err := startSimulator(c, log)
	if err != nil {
		return err
	}
	fmt.Fprintf(term.out, "Simulated Microsoft 365 is at %s, SMTP at %s\n", sim.URL(), sim.smtp.Addr())
	ctx, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer release()
	select {
	case <-ctx.Done():
	case err = <-sim.failed:
	}
	cutAtNextSignal()
	return errors.Join(err, sim.Close())
}

// simulator is a simulated Microsoft 365 with its two listeners.
type simulator struct {
	server *m365sim.Server
	scheme string
	web    net.Listener
	smtp   net.Listener
	http   *http.Server
	failed chan error // a listener ended by itself
}

// startSimulator opens the state and listens.
func startSimulator(c simCommand, log *slog.Logger) (*simulator, error) {
	server, err := m365sim.New(m365sim.Options{
		DataDir: c.Data, Latency: c.Latency, Log: log, Organisation: m365sim.Contoso(),
	})
	if err != nil {
		return nil, fmt.Errorf("start the simulator: %w", err)
	}
	s := &simulator{
		server: server, scheme: "http", failed: make(chan error, 2),
		http: &http.Server{Handler: server.Handler(), ReadHeaderTimeout: 10 * time.Second},
	}
	if err := s.listen(c); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	go s.serveHTTP()
	go s.serveSMTP()
	return s, nil
}

func (s *simulator) listen(c simCommand) (err error) {
	if s.web, err = net.Listen("tcp", c.HTTP); err != nil {
		return fmt.Errorf("listen for the simulator: %w", err)
	}
	if s.smtp, err = net.Listen("tcp", c.SMTP); err != nil {
		return fmt.Errorf("listen for the simulator's mail: %w", err)
	}
	if !c.TLS {
		return nil
	}
	host, _, err := net.SplitHostPort(c.HTTP)
	if err != nil {
		return err
	}
	s.scheme = "https"
	s.http.TLSConfig, err = s.server.TLSConfig(host)
	return err
}

func (s *simulator) serveHTTP() {
	serve := s.http.Serve
	if s.scheme == "https" {
		serve = func(l net.Listener) error { return s.http.ServeTLS(l, "", "") }
	}
	if err := serve(s.web); !errors.Is(err, http.ErrServerClosed) {
		s.failed <- fmt.Errorf("simulator: %w", err)
	}
}

func (s *simulator) serveSMTP() {
	if err := s.server.ServeSMTP(s.smtp); err != nil && !errors.Is(err, net.ErrClosed) {
		s.failed <- fmt.Errorf("simulator's mail: %w", err)
	}
}

// URL is where Entra and Graph are.
func (s *simulator) URL() string { return s.scheme + "://" + s.web.Addr().String() }

// Close ends the listeners and closes the state.
func (s *simulator) Close() error {
	errs := []error{s.http.Close(), s.server.Close()}
	for _, l := range []net.Listener{s.web, s.smtp} {
		if l == nil {
			continue
		}
		if err := l.Close(); !errors.Is(err, net.ErrClosed) { // those that were served are closed by now
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
