package m365sim

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	_ "modernc.org/sqlite" // the database/sql driver "sqlite"
)

//go:embed schema.sql
var schema string

// database is one SQLite file with one writer and several readers. The writer
// is a single connection behind a lock, so that change numbers grow in the
// order of commits and a reader never sees a number before a smaller one.
type database struct {
	mu      sync.Mutex // held for a whole write transaction
	pool    *sql.DB    // owns writer
	writer  *sql.Conn
	written map[string]*sql.Stmt // statements of writer, by text

	read  *sql.DB
	reads sync.Map // *sql.Stmt of read, by text
}

// queryer reads: inside a write transaction or beside it.
type queryer interface {
	rows(query string, args ...any) (*sql.Rows, error)
	row(query string, args ...any) rowScanner
}

// rowScanner is *sql.Row, or the error that kept one from being made.
type rowScanner interface{ Scan(dest ...any) error }

type failedRow struct{ err error }

func (r failedRow) Scan(...any) error { return r.err }

// openDatabase opens the file sim.db in dir and creates its tables when new.
func openDatabase(dir string) (*database, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create data folder: %w", err)
	}
	// WAL with synchronous NORMAL: a commit is in the file system when it
	// returns, so it survives a killed process (not a power cut).
	pragmas := url.Values{"_pragma": {"journal_mode(WAL)", "synchronous(NORMAL)", "busy_timeout(10000)", "cache_size(-16000)"}}
	name := "file:" + filepath.Join(dir, "sim.db") + "?" + pragmas.Encode()
	pool, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, err)
	}
	pool.SetMaxOpenConns(1)
	writer, err := pool.Conn(context.Background())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", dir, err), pool.Close())
	}
	read, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	read.SetMaxOpenConns(4)
	read.SetMaxIdleConns(4)
	d := &database{pool: pool, writer: writer, written: map[string]*sql.Stmt{}, read: read}
	if err := d.create(); err != nil {
		return nil, errors.Join(fmt.Errorf("create tables in %s: %w", dir, err), d.close())
	}
	return d, nil
}

func (d *database) create() error {
	var n int
	err := d.writer.QueryRowContext(context.Background(), "SELECT count(*) FROM sqlite_master WHERE name = 'setting'").Scan(&n)
	if err != nil || n > 0 {
		return err
	}
	_, err = d.writer.ExecContext(context.Background(), "BEGIN IMMEDIATE;\n"+schema+"\nCOMMIT;")
	return err
}

func (d *database) close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.written {
		s.Close()
	}
	return errors.Join(d.read.Close(), d.writer.Close(), d.pool.Close())
}

// update runs fn in a write transaction; an error of fn rolls it back.
func (d *database) update(fn func(*tx) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &tx{d: d}
	if _, err := t.exec("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	committed := false
	defer func() {
		if !committed {
			t.exec("ROLLBACK") // best effort: also runs when fn panics
		}
	}()
	if err := fn(t); err != nil {
		return err
	}
	if _, err := t.exec("COMMIT"); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	committed = true
	return nil
}

func (d *database) prepareRead(query string) (*sql.Stmt, error) {
	if s, ok := d.reads.Load(query); ok {
		return s.(*sql.Stmt), nil
	}
	s, err := d.read.Prepare(query)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", query, err)
	}
	if old, loaded := d.reads.LoadOrStore(query, s); loaded {
		s.Close()
		return old.(*sql.Stmt), nil
	}
	return s, nil
}

// adHoc marks a query as made for one request, by its filter; it is not kept
// as a prepared statement.
const adHoc = "/* ad hoc */ "

func (d *database) rows(query string, args ...any) (*sql.Rows, error) {
	if strings.HasPrefix(query, adHoc) {
		return d.read.Query(query, args...)
	}
	s, err := d.prepareRead(query)
	if err != nil {
		return nil, err
	}
	return s.Query(args...)
}

func (d *database) row(query string, args ...any) rowScanner {
	if strings.HasPrefix(query, adHoc) {
		return d.read.QueryRow(query, args...)
	}
	s, err := d.prepareRead(query)
	if err != nil {
		return failedRow{err}
	}
	return s.QueryRow(args...)
}

// setting returns the value stored under name, or "".
func (d *database) setting(name string) (string, error) {
	var value string
	err := d.row("SELECT value FROM setting WHERE name = ?", name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, err
}

// tx is the write transaction that runs. Statements run without a context: a
// request that goes away must not leave half a change.
type tx struct{ d *database }

func (t *tx) prepare(query string) (*sql.Stmt, error) {
	if s, ok := t.d.written[query]; ok {
		return s, nil
	}
	s, err := t.d.writer.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", query, err)
	}
	t.d.written[query] = s
	return s, nil
}

func (t *tx) exec(query string, args ...any) (sql.Result, error) {
	s, err := t.prepare(query)
	if err != nil {
		return nil, err
	}
	return s.Exec(args...)
}

func (t *tx) rows(query string, args ...any) (*sql.Rows, error) {
	s, err := t.prepare(query)
	if err != nil {
		return nil, err
	}
	return s.Query(args...)
}

func (t *tx) row(query string, args ...any) rowScanner {
	s, err := t.prepare(query)
	if err != nil {
		return failedRow{err}
	}
	return s.QueryRow(args...)
}

func (t *tx) setSetting(name, value string) error {
	_, err := t.exec("INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
	return err
}
