package e2e

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tandem/app"
	"tandem/config"
	"tandem/m365sim"
)

// Password is everybody's, in Tandem and at the simulated Microsoft.
const Password = m365sim.ContosoPassword

// Support is the mailbox that stories connect.
const Support = "support@contoso.example"

// Options choose the world.
type Options struct {
	Database string        // URL; empty: SQLite in the world's folder
	Latency  time.Duration // of the simulator
	Polling  bool          // no notifications: Microsoft cannot reach us
	Log      slog.Level    // 0: warnings and worse
}

// World is a running Tandem beside a running Microsoft 365.
type World struct {
	testing.TB
	Sim    *m365sim.Server
	SimURL string
	App    *app.App
	API    *Client // as the administrator
	Config config.Config

	log *slog.Logger
}

// Open starts a world that ends with the test.
func Open(t testing.TB, opts Options) *World {
	t.Helper()
	w := &World{TB: t, log: logger(opts.Log)}
	w.startSimulator(opts)
	w.Config = config.Default()
	w.Config.HTTP, w.Config.Data = freeAddress(t), t.TempDir()
	w.Config.Database = opts.Database
	if !opts.Polling {
		w.Config.PublicURL = "http://" + w.Config.HTTP
	}
	w.Config.SimulatorURL = w.SimURL
	w.Config.Microsoft = config.Microsoft{
		Tenant: m365sim.ContosoTenantID, ClientID: m365sim.ContosoClientID, ClientSecret: m365sim.ContosoSecret,
		LoginURL: w.SimURL, GraphURL: w.SimURL,
	}
	w.Start()
	t.Cleanup(w.Stop)
	w.becomeAdministrator()
	return w
}

func logger(level slog.Level) *slog.Logger {
	if os.Getenv("TANDEM_TEST_LOG") != "" {
		level = slog.LevelDebug
	} else if level == 0 {
		level = slog.LevelError + 1
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}

func (w *World) startSimulator(opts Options) {
	w.Helper()
	sim, err := m365sim.New(m365sim.Options{
		DataDir: filepath.Join(w.TempDir(), "microsoft365"), Latency: opts.Latency, Log: w.log, Organisation: m365sim.Contoso(),
	})
	if err != nil {
		w.Fatalf("start the simulator: %v", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	server := &http.Server{Handler: sim.Handler()}
	go server.Serve(listener)
	w.Cleanup(func() { server.Close(); sim.Close() })
	w.Sim, w.SimURL = sim, "http://"+listener.Addr().String()
}

// freeAddress is a loopback address with a port that nobody uses: it has to be
// known before the start, because notifications come there.
func freeAddress(t testing.TB) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// Start starts Tandem, for the first time or again after Stop.
func (w *World) Start() {
	w.Helper()
	a, err := app.New(w.Config, w.log)
	if err == nil {
		err = a.Start(context.Background())
	}
	if err != nil {
		w.Fatalf("start tandem: %v", err)
	}
	w.App = a
}

// Stop stops Tandem, as at the first signal.
func (w *World) Stop() {
	if w.App == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := w.App.Stop(ctx); err != nil {
		w.Errorf("stop tandem: %v", err)
	}
	w.App = nil
}

// becomeAdministrator opens the one-time link, and makes a token for the API.
func (w *World) becomeAdministrator() {
	w.Helper()
	browser := w.Browser()
	var session struct {
		Session struct{ User struct{ Role string } }
	}
	browser.Post("/api/v2/setup/"+filepath.Base(w.App.SetupURL()), map[string]string{
		"name": "Ada Admin", "email": "admin@contoso.example", "password": Password, "locale": "en",
	}).Want(200).Into(&session)
	if session.Session.User.Role != "admin" {
		w.Fatalf("the one-time link made a user with the role %q", session.Session.User.Role)
	}
	var made struct {
		Token struct {
			Full string `json:"full_token"`
		} `json:"api_token"`
	}
	browser.Post("/api/v2/api_tokens", map[string]any{"api_token": map[string]string{"name": "stories"}}).Want(201).Into(&made)
	w.API = &Client{TB: w, Base: w.App.URL(), Token: made.Token.Full, HTTP: http.DefaultClient}
}

// Until polls a condition until it holds, or fails with what was waited for.
func (w *World) Until(what string, holds func() bool) {
	w.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		if holds() {
			return
		}
		<-time.After(10 * time.Millisecond)
	}
	w.Fatalf("waited in vain: %s", what)
}

func drain(r io.ReadCloser) {
	io.Copy(io.Discard, io.LimitReader(r, 1<<20))
	r.Close()
}
