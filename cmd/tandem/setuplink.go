package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"tandem/access"
	"tandem/app"
	"tandem/problem"
	"tandem/store"
)

type setupLinkCommand struct {
	settings
	Email string `arg:"" help:"Mail address of the person."`
}

// Run prints a link with which a person chooses a new password: the way back in
// for the only administrator. Whoever may read the database could as well have
// changed it, so nobody is asked who they are.
func (c setupLinkCommand) Run(term *terminal) error {
	cfg, err := c.load(nil)
	if err != nil {
		return err
	}
	if path, ok := sqliteFile(cfg.DatabaseURL()); ok && !exists(path) {
		return problem.New(problem.NotFound, "no_database", "There is no database at %s.", path).
			On(problem.Yours, "Name the folder that Tandem runs with by --data.")
	}
	ctx := context.Background()
	db, err := store.Open(ctx, cfg.DatabaseURL(), store.Options{Log: term.logger(cfg.Log)}) // no secret is read, so no key is needed
	if err != nil {
		return err
	}
	defer db.Close()
	people := access.NewService(store.For[access.Tx](db), time.Now)
	secret, err := people.SetupLinkForAddress(ctx, access.System(), c.Email)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.out, "Open this link within a day to choose a new password for %s; it works once:\n\n  %s/setup/%s\n\n",
		c.Email, cmp.Or(cfg.PublicURL, app.LocalURL(cfg.HTTP)), secret)
	return err
}
