package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
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
	SMTP string `name:"smtp" help:"Address and port for forwarded mail ($$TANDEM_SMTP)." placeholder:"ADDRESS"`
}

// Run serves until a signal comes.
func (c serveCommand) Run(term *terminal) error {
	cfg, err := c.load(map[string]string{"http": c.HTTP, "smtp.listen": c.SMTP})
	if err != nil {
		return err
	}
	return serve(cfg, term.logger(cfg.Log), func(ctx context.Context, a *app.App) error {
		if err := greet(term.out, a); err != nil {
			return err
		}
		<-ctx.Done()
		return nil
	})
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

// serve starts Tandem and stops it when meanwhile returns, which it does when
// its context ends: at the first signal. What is under way may then end; a
// second signal cuts it. Whatever is cut is taken up at the next start.
func serve(cfg config.Config, log *slog.Logger, meanwhile func(context.Context, *app.App) error) error {
	a, err := app.New(cfg, log)
	if err != nil {
		return err
	}
	ctx, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer release()
	if err := a.Start(ctx); err != nil {
		return err
	}
	err = meanwhile(ctx, a)
	cutAtNextSignal()
	release()
	log.Info("stopping; a second signal cuts short what is still running")
	return errors.Join(err, stop(a))
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
