package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"tandem/event"
	"tandem/problem"
	"tandem/text"
)

// registerHasWord makes text.HasWord known to SQL, as a migration does on PostgreSQL.
var registerHasWord = sync.OnceFunc(func() {
	sqlite.MustRegisterDeterministicScalarFunction("has_word", 2, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		body, _ := args[0].(string)
		word, _ := args[1].(string)
		return text.HasWord(body, word), nil
	})
})

// sqliteReaders is how many transactions may read at the same time. Each has a
// cache of 4 MB, the one that writes has 16 MB; what is read often besides is in
// the operating system's.
const sqliteReaders = 8

// liteEngine is one SQLite file, owned by this process.
type liteEngine struct {
	path string
	bus  Publisher
	lock *fileLock // nil when opened for reading only
}

// openSQLite opens the file with one connection that writes and several that
// read. In WAL mode they do not wait for each other; a single writing
// connection queues our writers fairly, where several would poll for the lock.
func openSQLite(ctx context.Context, path string, opts Options) (*DB, error) {
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return nil, problem.New(problem.Invalid, "database_url", "The database URL names no file.").
			On(problem.Admin, "Use sqlite:PATH with the path of a file.").In("database")
	}
	e := &liteEngine{path: path, bus: opts.Bus}
	if !opts.ReadOnly {
		if err := e.own(); err != nil {
			return nil, err
		}
	}
	db := &DB{engine: e, opts: opts}
	if err := e.open(ctx, db); err != nil {
		return nil, errors.Join(err, e.close())
	}
	if err := db.prepare(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// own creates the file, for nobody else to read, and takes its lock.
func (e *liteEngine) own() error {
	if err := os.MkdirAll(filepath.Dir(e.path), 0o700); err != nil {
		return fmt.Errorf("create the database's folder: %w", err)
	}
	file, err := os.OpenFile(e.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("create the database file: %w", err)
	}
	if err := file.Close(); err != nil {
		return err
	}
	e.lock, err = lockFile(e.path + ".lock")
	if errors.Is(err, errLocked) {
		return problem.New(problem.Conflict, "database_in_use", "Another process of Tandem uses the database %s.", e.path).
			On(problem.Admin, "Stop the other process first, or give this one its own data folder.").Because(err)
	}
	return err
}

func (e *liteEngine) open(ctx context.Context, db *DB) error {
	registerHasWord()
	if db.opts.ReadOnly {
		if _, err := os.Stat(e.path); err != nil {
			return fmt.Errorf("open the database: %w", err)
		}
	} else {
		pool, err := sql.Open("sqlite", e.dsn("_txlock=immediate", "_pragma=cache_size(-16000)"))
		if err != nil {
			return err
		}
		pool.SetMaxOpenConns(1)
		db.write = bun.NewDB(pool, tidy{sqlitedialect.New()})
		if db.version, err = e.migrate(ctx, db); err != nil {
			return errors.Join(err, pool.Close())
		}
	}
	pool, err := sql.Open("sqlite", e.dsn("_txlock=deferred", "_pragma=query_only(1)", "_pragma=cache_size(-4000)"))
	if err != nil {
		return err
	}
	pool.SetMaxOpenConns(sqliteReaders)
	pool.SetMaxIdleConns(sqliteReaders)
	db.read = bun.NewDB(pool, tidy{sqlitedialect.New()})
	if db.opts.ReadOnly {
		db.write = db.read
		db.version, err = currentVersion(ctx, pool, SQLite, db.opts)
	}
	return err
}

func (e *liteEngine) dsn(params ...string) string {
	params = append([]string{
		"_pragma=busy_timeout(10000)", "_pragma=journal_mode(WAL)", "_pragma=synchronous(NORMAL)",
		"_pragma=foreign_keys(1)", "_pragma=temp_store(memory)",
		"_pragma=journal_size_limit(67108864)", "_pragma=wal_autocheckpoint(4000)",
	}, params...)
	file := url.URL{Scheme: "file", Opaque: (&url.URL{Path: e.path}).EscapedPath(), RawQuery: strings.Join(params, "&")}
	return file.String()
}

// migrate brings the tables up to date, and keeps a copy of what was there before.
func (e *liteEngine) migrate(ctx context.Context, db *DB) (int64, error) {
	dir := db.opts.BackupDir
	if dir == "" {
		dir = filepath.Join(filepath.Dir(e.path), "backups")
	}
	return migrate(ctx, db.write.DB, SQLite, db.opts, func(version int64) error {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		name := fmt.Sprintf("tandem-%s-version-%d.db", db.opts.Now().UTC().Format("20060102T150405.000"), version)
		return copyInto(ctx, db.write.DB, filepath.Join(dir, name))
	})
}

// Kind is SQLite.
func (e *liteEngine) Kind() string { return SQLite }

// Backup copies the database into a new file while others read and write. It
// has its own connection: those that read may not even write a copy.
func (e *liteEngine) Backup(ctx context.Context, file string) error {
	pool, err := sql.Open("sqlite", e.dsn())
	if err != nil {
		return err
	}
	return errors.Join(copyInto(ctx, pool, file), pool.Close())
}

func (e *liteEngine) viewOptions() *sql.TxOptions { return &sql.TxOptions{ReadOnly: true} }

func (e *liteEngine) conflicted(err error) bool {
	code, ok := liteCode(err)
	return ok && (code&0xff == sqlite3.SQLITE_BUSY || code&0xff == sqlite3.SQLITE_LOCKED)
}

// duplicate reads "UNIQUE constraint failed: person.email (2067)".
func (e *liteEngine) duplicate(err error) string {
	code, ok := liteCode(err)
	if !ok || (code != sqlite3.SQLITE_CONSTRAINT_UNIQUE && code != sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY) {
		return ""
	}
	_, columns, _ := strings.Cut(err.Error(), "constraint failed: ")
	if _, after, nested := strings.Cut(columns, "constraint failed: "); nested {
		columns = after
	}
	columns, _, _ = strings.Cut(columns, " (")
	return columns
}

func (e *liteEngine) trouble(err error) *problem.Error {
	code, ok := liteCode(err)
	if !ok {
		return nil
	}
	switch code & 0xff {
	case sqlite3.SQLITE_FULL:
		return problem.New(problem.Unavailable, "disk_full", "The disk with the database is full.").
			On(problem.Tandem, "Free some space; Tandem continues by itself.")
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN:
		return problem.New(problem.Unavailable, "database_unreachable", "The database file cannot be read or written.").
			On(problem.Tandem, "Check the disk and the permissions of the data folder.")
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return problem.New(problem.Internal, "database_damaged", "The database file is damaged.").
			On(problem.Tandem, "Stop Tandem and restore the newest backup.")
	case sqlite3.SQLITE_BUSY:
		return problem.New(problem.Unavailable, "database_busy", "The database is busy.").
			On(problem.Tandem, "Try again in a moment.")
	}
	return nil
}

func liteCode(err error) (int, bool) {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code(), true
	}
	return 0, false
}

func (e *liteEngine) listColumns() string {
	return "SELECT m.name, p.name, p.type FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS p WHERE m.type = 'table' ORDER BY 1, p.cid"
}

func (e *liteEngine) rowLock() string { return "" }

func (e *liteEngine) skipLocked() string { return "" }

func (e *liteEngine) announce(context.Context, *Tx) error { return nil }

func (e *liteEngine) committed(events []event.Event) { e.bus.Publish(events...) }

// writeDocument gives FTS5 the words of each part, with blanks between them. The
// texts of a part are kept apart by a sign that is in no word.
func (e *liteEngine) writeDocument(ctx context.Context, tx *Tx, t indexed, d *document) error {
	if _, err := tx.exec(ctx, "DELETE FROM "+t.kind+"_text WHERE rowid = $1", t.id); err != nil || d == nil {
		return err
	}
	args := []any{t.id}
	for _, words := range d.words() {
		args = append(args, strings.ReplaceAll(strings.Join(words, " "), "  ", " ¶ "))
	}
	_, err := tx.exec(ctx, "INSERT INTO "+t.kind+"_text (rowid, title, people, details, said) VALUES ($1, $2, $3, $4, $5)", args...)
	return err
}

// mergedAtOnce is how many pages of the index one transaction writes: other writers wait that long.
const mergedAtOnce = 250

// gatherTexts has nothing to prepare: FTS5 gathers by itself.
func (e *liteEngine) gatherTexts(context.Context, *Tx) error { return nil }

// mergeTexts is FTS5's incremental optimisation
// (https://www.sqlite.org/fts5.html, section 6.9): a negative number takes all
// pieces into one merge, positive ones go on with it, and when hardly a row
// changes it is done.
func (e *liteEngine) mergeTexts(ctx context.Context, tx *Tx, kind string, begin bool) (more bool, err error) {
	var before, after int64
	const changes = "SELECT TOTAL_CHANGES()"
	pages := mergedAtOnce
	if begin {
		pages = -pages
	}
	if _, err := tx.queryRow(ctx, changes, nil, &before); err != nil {
		return false, err
	}
	if _, err := tx.exec(ctx, "INSERT INTO "+kind+"_text ("+kind+"_text, rank) VALUES ('merge', $1)", pages); err != nil {
		return false, err
	}
	_, err = tx.queryRow(ctx, changes, nil, &after)
	return after-before >= 2, err
}

// matching writes an FTS5 query (https://www.sqlite.org/fts5.html, section 3):
// title : "red car" AND "wheel" * NOT ("bike" OR "bus").
func (e *liteEngine) matching(kind string, all []phrase) (string, any) {
	var some, none []string
	for _, p := range all {
		part := `"` + strings.Join(p.words, " ") + `"`
		if p.prefix {
			part += " *"
		}
		if p.in != "" {
			part = string(p.in) + " : " + part
		}
		if p.not {
			none = append(none, part)
		} else {
			some = append(some, part)
		}
	}
	query := "(" + strings.Join(some, ") AND (") + ")"
	if len(none) > 0 {
		query = "(" + query + ") NOT ((" + strings.Join(none, ") OR (") + "))"
	}
	return kind + "_text MATCH ?", query
}

func (e *liteEngine) textID() string { return "rowid" }

// hits come out of FTS5 in their order, however many there are.
func (e *liteEngine) hits(bool) string { return "NOT MATERIALIZED" }

// guessTexts knows nothing: counting up to a bound is as quick.
func (e *liteEngine) guessTexts(context.Context, *Tx, string, string, any) (int, error) {
	return 0, nil
}

func (e *liteEngine) close() error {
	if e.lock == nil {
		return nil
	}
	return e.lock.release()
}
