package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"tandem/app"
	"tandem/config"
)

// drainTime is how long calls, requests and jobs may take to end after the first signal.
const drainTime = 30 * time.Second

type serveCommand struct {
	settings
	HTTP string `name:"http" help:"Address and port of the pages and the API ($$TANDEM_HTTP)." placeholder:"ADDRESS"`
}

// Run serves until a signal comes.
func (c serveCommand) Run(term *terminal) error {
	cfg, err := c.load(map[string]string{"http": c.HTTP})
	if err != nil {
		return err
	}
	return serve(term, cfg, func(_ context.Context, a *app.App) error { return greet(term.out, a) })
}

// greet says where Tandem is, and prints the link that makes the first
// administrator as long as there is none.
func greet(out io.Writer, a *app.App) error {
	text := fmt.Sprintf("Tandem is at %s\n", a.URL())
	if link := a.SetupURL(); link != "" {
		text += "\nNobody can sign in yet. Open this link within a day to become the administrator; it works once:\n\n  " + link + "\n\n"
	}
	_, err := io.WriteString(out, text)
	return err
}

// serve starts Tandem, calls ready, and waits. The first signal lets running
// work end; the second one cuts it. Whatever is cut is taken up at the next
// start.
func serve(term *terminal, cfg config.Config, ready func(context.Context, *app.App) error) error {
	log := term.logger(cfg.Log)
	a, err := app.New(cfg, log)
	if err != nil {
		return err
	}
	ctx, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer release()
	if err := a.Start(ctx); err != nil {
		return err
	}
	if err := ready(ctx, a); err != nil {
		return errors.Join(err, stop(a))
	}
	<-ctx.Done()
	log.Info("stopping; a second signal cuts short what is still running")
	cutAtNextSignal()
	release()
	return stop(a)
}

// cutAtNextSignal ends the process at the next signal, at once.
func cutAtNextSignal() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		os.Exit(exitCut)
	}()
}

func stop(a *app.App) error {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	if err := a.Stop(ctx); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}
