package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"tandem/app"
	"tandem/config"
	"tandem/demo"
	"tandem/m365sim"
	"tandem/problem"
)

type demoCommand struct {
	HTTP    string `name:"http" help:"Address and port of Tandem." default:"127.0.0.1:8080" env:"TANDEM_HTTP"`
	SimHTTP string `name:"sim-http" help:"Address and port of the simulated Microsoft 365." default:"127.0.0.1:8365" env:"TANDEM_SIM_HTTP"`
	SimSMTP string `name:"sim-smtp" help:"Address and port for mail from strangers." default:"127.0.0.1:8366" env:"TANDEM_SIM_SMTP"`
	SMTP    string `name:"smtp" help:"Address and port at which Tandem takes in forwarded mail." default:"127.0.0.1:8367" env:"TANDEM_SMTP"`
	Data    string `help:"Folder for the state of both; remove it to start afresh." default:"tandem-demo" env:"TANDEM_DATA" placeholder:"DIR"`
	Quiet   bool   `help:"No mail comes but what somebody sends." env:"TANDEM_QUIET"`
}

// Run serves the demo until a signal comes.
func (c demoCommand) Run(term *terminal) error {
	for flag, address := range map[string]string{"http": c.HTTP, "sim-http": c.SimHTTP, "sim-smtp": c.SimSMTP, "smtp": c.SMTP} {
		if err := mustBeLoopback(flag, address); err != nil {
			return err
		}
	}
	cfg, err := config.Load("", demoEnv, map[string]string{
		"http": c.HTTP, "data": c.Data, "smtp.listen": c.SMTP, "smtp.domain": "in." + m365sim.Contoso().Domain,
	})
	if err != nil {
		return err
	}
	log := term.logger(cfg.Log)
	sim, err := startSimulator(simCommand{
		HTTP: c.SimHTTP, SMTP: c.SimSMTP, Data: filepath.Join(c.Data, "microsoft365"),
	}, log.With("part", "simulator"))
	if err != nil {
		return err
	}
	cfg = demoConfig(cfg, sim.URL())
	cfg.SMTP.RelayURL = config.Secret("smtp://" + sim.smtp.Addr().String()) // Microsoft relays what Contoso writes
	err = serve(cfg, log, func(ctx context.Context, a *app.App) error {
		return c.play(ctx, term.out, log, a, sim, cfg.Microsoft)
	})
	return errors.Join(err, sim.Close())
}

// demoEnv is the environment, with a terminal that stays readable while the
// demo is played with.
func demoEnv(name string) (string, bool) {
	value, ok := os.LookupEnv(name)
	if name == "TANDEM_LOG_LEVEL" && value == "" {
		return "warn", true
	}
	return value, ok
}

// play gives Contoso its people and its history, says how to reach it, and lets
// mails come until ctx ends.
func (c demoCommand) play(ctx context.Context, out io.Writer, log *slog.Logger, a *app.App, sim *simulator, ms config.Microsoft) error {
	target := demo.Target{Store: a.Store(), Access: a.Access(), Desk: a.Desk(), Connections: a.Connections(), Log: log}
	entra := demo.Entra{LoginURL: ms.LoginURL, Tenant: ms.Tenant, ClientID: ms.ClientID, Secret: ms.ClientSecret.Reveal()}
	fmt.Fprintf(out, "Contoso is being set up at %s ...\n", a.URL())
	if err := demo.Seed(ctx, target, sim.server, entra); err != nil && ctx.Err() == nil {
		log.Error("writing the history of Contoso failed; the demo goes on without", "err", err)
	}
	if err := c.welcome(out, a.URL(), a.SMTPAddress(), sim); err != nil {
		return err
	}
	if c.Quiet {
		<-ctx.Done()
		return nil
	}
	return demo.Live(ctx, sim.server, entra, log)
}

// demoConfig connects Tandem with the simulator.
func demoConfig(cfg config.Config, simulator string) config.Config {
	cfg.Version = version
	cfg.SimulatorURL = simulator
	cfg.Microsoft = config.Microsoft{
		Tenant:       m365sim.ContosoTenantID,
		ClientID:     m365sim.ContosoClientID,
		ClientSecret: m365sim.ContosoSecret,
		LoginURL:     simulator,
		GraphURL:     simulator,
	}
	if _, port, err := net.SplitHostPort(cfg.HTTP); err == nil && port != "0" && cfg.PublicURL == "" {
		cfg.PublicURL = "http://" + cfg.HTTP // the simulator can notify us there
	}
	return cfg
}

// mustBeLoopback refuses to show the demo, whose passwords everybody knows, to others.
func mustBeLoopback(flag, address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return config.Mistakes{{Key: flag, Source: "--" + flag, What: fmt.Sprintf("%q is not an address with a port.", address),
			Remedy: "Write it like 127.0.0.1:8080."}}
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return problem.New(problem.Invalid, "demo_loopback_only", "The demo listens on this machine only, not on %s: everybody knows its passwords.", address).
		On(problem.Yours, "Use 127.0.0.1 or localhost for --"+flag+"; for others, run tandem serve.")
}

func (c demoCommand) welcome(out io.Writer, url, forwarding string, sim *simulator) error {
	_, err := fmt.Fprintf(out, `
Contoso is open.

  Tandem               %[1]s
                       sign in as admin@contoso.example, password %[4]s
  Microsoft 365        %[2]s   (simulated; everybody has the same password)
  Mail from strangers  SMTP at %[3]s
  Forwarded mail       SMTP at %[6]s
  API                  curl -u admin@contoso.example/token:demo-token %[1]s/api/v2/tickets

Try this:
  1. Open Microsoft 365 and send a mail to support@contoso.example.
  2. Watch the ticket appear in Tandem, answer it, and find the answer in Microsoft 365.
  3. Make the client secret expire in Microsoft 365, see what Tandem's admin page says, and add a new one there.

The state is in %[5]s; remove that folder to start afresh. Ctrl+C ends the demo.
`, url, sim.URL(), sim.smtp.Addr(), m365sim.ContosoPassword, c.Data, forwarding)
	return err
}
