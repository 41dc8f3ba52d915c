package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"tandem/config"
	"tandem/store"
)

type migrateCommand struct{ settings }

// Run migrates the database and says which version it has.
func (c migrateCommand) Run(term *terminal) error {
	cfg, err := c.load(nil)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	db, err := openDatabase(cfg, term.logger(cfg.Log), false)
	if err != nil {
		return err
	}
	fmt.Fprintf(term.out, "The database has version %d.\n", db.Version())
	return db.Close()
}

type backupCommand struct {
	settings
	File string `arg:"" help:"File to write; it must not exist."`
}

// Run copies the database and says what else to keep.
func (c backupCommand) Run(term *terminal) error {
	cfg, err := c.load(nil)
	if err != nil {
		return err
	}
	db, err := openDatabase(cfg, term.logger(cfg.Log), true)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Backup(context.Background(), c.File); err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.out, "The database is in %s.\nCopy %s too, after it: mails and attachments. Keep %s in another place: it opens the secrets in the copy.\n",
		c.File, cfg.BlobURL(), cfg.KeyPath())
	return err
}

// openDatabase opens the database with its key. Read-only it looks at what is
// there and makes nothing.
func openDatabase(cfg config.Config, log *slog.Logger, readOnly bool) (*store.DB, error) {
	options := store.Options{Log: log, ReadOnly: readOnly}
	if !readOnly {
		keys, err := store.LoadOrCreateKey(cfg.KeyPath())
		if err != nil {
			return nil, err
		}
		options.Keys = keys
	}
	return store.Open(context.Background(), cfg.DatabaseURL(), options)
}

// sqliteFile is the path of the database when it is a file.
func sqliteFile(url string) (path string, ok bool) { return strings.CutPrefix(url, "sqlite:") }
