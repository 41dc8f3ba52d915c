package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"tandem/problem"
)

// versionTable is where goose notes which migrations have run.
const versionTable = "schema_version"

func newProvider(pool *sql.DB, kind string, opts Options) (*goose.Provider, error) {
	dir, err := fs.Sub(opts.migrations, kind)
	if err != nil {
		return nil, err
	}
	dialect := database.DialectSQLite3
	if kind == Postgres {
		dialect = database.DialectPostgres
	}
	return goose.NewProvider(dialect, pool, dir, goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true))
}

// migrate brings the tables up to date and returns their version. A database
// that holds something already is first given to backup.
func migrate(ctx context.Context, pool *sql.DB, kind string, opts Options, backup func(version int64) error) (int64, error) {
	provider, err := newProvider(pool, kind, opts)
	if err != nil {
		return 0, fmt.Errorf("read the migrations: %w", err)
	}
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the database's version: %w", err)
	}
	if current > target {
		return 0, newer(current, target)
	}
	if current == target {
		return current, nil
	}
	if current > 0 {
		if err := backup(current); err != nil {
			return 0, fmt.Errorf("back up the database before migrating it: %w", err)
		}
	}
	if _, err := provider.Up(ctx); err != nil {
		return 0, fmt.Errorf("migrate the database from version %d to %d: %w", current, target, err)
	}
	opts.Log.Info("database migrated", "from", current, "to", target)
	return target, nil
}

func newer(current, target int64) error {
	return problem.New(problem.Conflict, "database_newer",
		"The database has version %d, but this Tandem knows only version %d.", current, target).
		On(problem.Admin, "Start the newer Tandem that migrated it, or restore the backup that was made before.")
}

// currentVersion reads the version without changing anything.
func currentVersion(ctx context.Context, pool *sql.DB, kind string, opts Options) (int64, error) {
	provider, err := newProvider(pool, kind, opts)
	if err != nil {
		return 0, err
	}
	var current int64
	row := pool.QueryRowContext(ctx, "SELECT COALESCE(MAX(version_id), 0) FROM "+versionTable)
	if err := row.Scan(&current); err != nil {
		return 0, fmt.Errorf("read the database's version: %w", err)
	}
	sources := provider.ListSources()
	if target := sources[len(sources)-1].Version; current > target {
		return 0, newer(current, target)
	}
	return current, nil
}

// copyInto copies an SQLite database into a new file, by way of another name
// so that a file with the right name is always whole.
func copyInto(ctx context.Context, pool *sql.DB, file string) error {
	if _, err := os.Lstat(file); err == nil {
		return problem.New(problem.Conflict, "backup_exists", "The file %s exists already.", file).
			On(problem.Yours, "Name a file that does not exist.").In("file")
	}
	part, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".part-*") // 0600, empty
	if err != nil {
		return fmt.Errorf("create the backup: %w", err)
	}
	defer os.Remove(part.Name()) // does nothing once it is renamed
	// SQLite, VACUUM: the file named by INTO must not exist or be empty.
	if _, err := pool.ExecContext(ctx, "VACUUM INTO $1", part.Name()); err != nil {
		return errors.Join(fmt.Errorf("copy the database: %w", err), part.Close())
	}
	if err := errors.Join(part.Sync(), part.Close()); err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	if err := os.Rename(part.Name(), file); err != nil {
		return fmt.Errorf("name the backup: %w", err)
	}
	return nil
}
