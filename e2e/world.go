package e2e

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"tandem/app"
	"tandem/config"
	"tandem/m365sim"
)

// Password is everybody's, in Tandem and at the simulated Microsoft.
const Password = m365sim.ContosoPassword

// The mailboxes that stories connect.
const (
	Support = "support@contoso.example"
	Sales   = "sales@contoso.example"
)

// Box is the address of one of the further mailboxes.
func Box(i int) string { return fmt.Sprintf("box%04d@contoso.example", i) }

// Options choose the world.
type Options struct {
	Database string                          // URL; empty: SQLite in the world's folder
	Latency  time.Duration                   // of the simulator
	Polling  bool                            // no notifications: Microsoft cannot reach us
	Poll     time.Duration                   // how often a mailbox is read all the same while notifications work; 0: as the product does
	Process  bool                            // Tandem is a process of its own, which can be killed
	Door     bool                            // a FrontDoor stands before Tandem
	SMTP     bool                            // Tandem takes in forwarded mail, and Microsoft relays its replies
	Boxes    int                             // further mailboxes at Microsoft; Box names them
	Between  func(http.Handler) http.Handler // stands before Microsoft; nil: nothing does
	Beside   *World                          // whose Microsoft this world shares; nil: it has its own
	Limited  bool                            // the limit of mails per sender and hour is in force
	Log      slog.Level                      // least level that is written; 0: none
	Adjust   func(*config.Config)            // what else the configuration says; nil: nothing
}

// World is a running Tandem beside a running Microsoft 365.
type World struct {
	testing.TB
	Sim     *m365sim.Server
	SimURL  string
	App     *app.App   // nil when Tandem is a process of its own
	Process *Process   // nil when it is not
	Door    *FrontDoor // nil: Tandem is reached directly
	URL     string     // where Tandem answers
	API     *Client    // as the administrator
	Config  config.Config

	opts Options
	log  *slog.Logger
}

// Open starts a world that ends with the test.
func Open(t testing.TB, opts Options) *World {
	t.Helper()
	w := &World{TB: t, opts: opts, log: logger(opts.Log)}
	if opts.Beside != nil {
		w.Sim, w.SimURL = opts.Beside.Sim, opts.Beside.SimURL
	} else {
		w.startSimulator()
	}
	w.Config = config.Default()
	w.Config.HTTP, w.Config.Data = freeAddress(t), t.TempDir()
	w.Config.Database, w.Config.SafetyPoll = opts.Database, opts.Poll
	w.Config.RateLimit = 0 // stories look again and again, as no program does
	w.URL = "http://" + w.Config.HTTP
	if opts.Door {
		w.Door = openDoor(t, w.URL)
		w.URL = w.Door.URL
	}
	if !opts.Polling {
		w.Config.PublicURL = w.URL
	}
	w.Config.SimulatorURL = w.SimURL
	w.Config.Microsoft = config.Microsoft{
		Tenant: m365sim.ContosoTenantID, ClientID: m365sim.ContosoClientID, ClientSecret: m365sim.ContosoSecret,
		LoginURL: w.SimURL, GraphURL: w.SimURL,
	}
	if opts.SMTP {
		w.Config.SMTP.Listen, w.Config.SMTP.Domain = freeAddress(t), "in.contoso.example"
		w.Config.SMTP.RelayURL = config.Secret("smtp://" + w.serveSimSMTP())
	}
	if opts.Adjust != nil {
		opts.Adjust(&w.Config)
	}
	w.Start()
	t.Cleanup(w.Stop)
	w.becomeAdministrator()
	if !opts.Limited { // a story tells in seconds what takes its people days
		w.API.Put("/api/v2/mail_settings", map[string]any{"mail_settings": map[string]int{"hourly_limit": 0}}).Want(200)
	}
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

func (w *World) startSimulator() {
	w.Helper()
	organisation := m365sim.Contoso()
	for i := range w.opts.Boxes {
		organisation.Users = append(organisation.Users, m365sim.User{UserPrincipalName: Box(i), DisplayName: "Box", Password: Password})
	}
	sim, err := m365sim.New(m365sim.Options{
		DataDir: filepath.Join(w.TempDir(), "microsoft365"), Latency: w.opts.Latency, Log: w.log, Organisation: organisation,
	})
	if err != nil {
		w.Fatalf("start the simulator: %v", err)
	}
	handler := sim.Handler()
	if w.opts.Between != nil {
		handler = w.opts.Between(handler)
	}
	w.Sim, w.SimURL = sim, listen(w, handler)
	w.Cleanup(func() { sim.Close() })
}

// listen serves a handler on loopback until the test ends, and returns its URL.
func listen(t testing.TB, handler http.Handler) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return "http://" + listener.Addr().String()
}

// freeAddress is a loopback address with a port that nobody uses: it has to be
// known before the start, because notifications come there. Systems give ports
// from 32768 on to outgoing connections, of which the stories make so many that
// one would take it before Tandem does. And no process is begun meanwhile: it
// would listen there until it is its own program.
func freeAddress(t testing.TB) string {
	t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	var err error
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 20_000+rand.IntN(12_000))
		var listener net.Listener
		if listener, err = net.Listen("tcp", address); err == nil {
			listener.Close()
			return address
		}
	}
	t.Fatal(err)
	return ""
}

// Start starts Tandem, for the first time or again after Stop.
func (w *World) Start() {
	w.Helper()
	if w.opts.Process {
		w.Process = StartProcess(w, w.Config)
		return
	}
	// A process that another story begins holds the former listener, until it is its own program.
	var err error
	w.Until("the port to be free", func() bool {
		err = w.start()
		return !errors.Is(err, syscall.EADDRINUSE)
	})
	if err != nil {
		w.Fatalf("start tandem: %v", err)
	}
}

func (w *World) start() error {
	a, err := app.New(w.Config, w.log)
	if err == nil {
		err = a.Start(context.Background())
	}
	if err == nil {
		w.App = a
	}
	return err
}

// Stop stops Tandem, as at the first signal.
func (w *World) Stop() {
	if w.Process != nil {
		w.Process.Stop()
		w.Process = nil
	}
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

// setupSecret is the secret of the one-time link for the first administrator.
func (w *World) setupSecret() string {
	if w.Process != nil {
		return path.Base(w.Process.SetupURL())
	}
	return path.Base(w.App.SetupURL())
}

// becomeAdministrator opens the one-time link, and makes a token for the API.
func (w *World) becomeAdministrator() {
	w.Helper()
	browser := w.Browser()
	var session struct {
		Session struct{ User struct{ Role string } }
	}
	browser.Post("/api/v2/setup/"+w.setupSecret(), map[string]string{
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
	w.API = &Client{TB: w, Base: w.URL, Token: made.Token.Full, HTTP: http.DefaultClient}
}

// Until polls a condition until it holds, or fails with what was waited for.
func (w *World) Until(what string, holds func() bool) {
	w.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		if holds() {
			return
		}
		<-time.After(20 * time.Millisecond)
	}
	w.Fatalf("waited in vain: %s", what)
}
