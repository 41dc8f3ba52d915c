package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"tandem/config"
	"tandem/problem"
	"tandem/store"
)

type rotateKeyCommand struct {
	settings
	Forget bool `help:"Also remove the old keys from the key file. Keep a copy of it for your backups."`
}

// Run replaces the key that seals the secrets in the database. It may be killed
// at any moment: every secret opens with the key file as it is then, and the
// next run goes on where this one ended.
func (c rotateKeyCommand) Run(term *terminal) error {
	cfg, err := c.load(nil)
	if err != nil {
		return err
	}
	if err := mustExist(cfg); err != nil {
		return err
	}
	ctx := context.Background()
	begun, err := c.begun(ctx, term, cfg)
	if err != nil {
		return err
	}
	if begun {
		fmt.Fprintln(term.out, "A rotation was interrupted; it goes on.")
	} else {
		if _, err := store.AddKey(cfg.KeyPath()); err != nil {
			return err
		}
		fmt.Fprintf(term.out, "A new key stands first in %s.\n", cfg.KeyPath())
	}
	db, err := openDatabase(cfg, term.logger(cfg.Log), false)
	if err != nil {
		return err
	}
	n, err := db.Reseal(ctx)
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	fmt.Fprintf(term.out, "%d secrets are sealed with it.\n", n)
	if !c.Forget {
		_, err = fmt.Fprintln(term.out, "The old keys stay in the file: they open backups made until now. Copy the file to every node before you start it.")
		return err
	}
	if err := store.DropOldKeys(cfg.KeyPath()); err != nil {
		return err
	}
	_, err = fmt.Fprintln(term.out, "The old keys are gone from the file. Copy it to every node before you start it.")
	return err
}

// begun tells whether an earlier run added a key and came no further.
func (c rotateKeyCommand) begun(ctx context.Context, term *terminal, cfg config.Config) (bool, error) {
	db, err := openDatabase(cfg, term.logger(cfg.Log), false)
	if err != nil {
		return false, err
	}
	n, err := db.SealedWithOldKeys(ctx)
	return n > 0, errors.Join(err, db.Close())
}

// mustExist refuses to make a database or a key where there is none: it would be the wrong folder.
func mustExist(cfg config.Config) error {
	files := []string{cfg.KeyPath()}
	if path, ok := sqliteFile(cfg.DatabaseURL()); ok {
		files = append(files, path)
	}
	for _, file := range files {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return problem.New(problem.NotFound, "nothing_to_rotate", "There is no %s.", file).
				On(problem.Yours, "Name the folder that Tandem runs with by --data.")
		}
	}
	return nil
}
