package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"tandem/event"
	"tandem/problem"
	"tandem/store/migrations"
)

// The kinds of databases.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Publisher hears what committed transactions published.
type Publisher interface {
	Publish(...event.Event)
	// Lose tells that events of other nodes may have been missed.
	Lose()
}

// Options are what Open may be told. The zero value is complete, but cannot
// keep secrets.
type Options struct {
	Log       *slog.Logger
	Keys      *KeyRing  // seals secrets; nil: reading or writing a secret is an error
	Bus       Publisher // hears the events; nil: nobody does
	BackupDir string    // where SQLite is copied to before it is migrated; empty: "backups" beside the file
	Now       func() time.Time

	// ReadOnly opens a database for inspection and backup, even while another
	// process owns it. Nothing is migrated and Update fails.
	ReadOnly bool

	migrations fs.FS // a folder for each kind of database; tests add to ours
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Bus == nil {
		o.Bus = nobody{}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.migrations == nil {
		o.migrations = migrations.FS
	}
	return o
}

type nobody struct{}

func (nobody) Publish(...event.Event) {}
func (nobody) Lose()                  {}

// DB is an open database. It is safe for use by several goroutines.
type DB struct {
	engine
	opts    Options
	read    *bun.DB
	write   *bun.DB // the same as read on Postgres
	tables  tables
	stmts   *statements
	version int64
}

// engine is what differs between the two databases. Everything else is one text for both.
type engine interface {
	// Kind is SQLite or Postgres.
	Kind() string
	// Backup writes a consistent copy to a new file, while others work.
	Backup(ctx context.Context, file string) error

	// viewOptions begin a transaction that reads one state of the database.
	viewOptions() *sql.TxOptions
	// conflicted tells that the transaction lost against another one and may simply run again.
	conflicted(error) bool
	// duplicate names what must be unique and is not, as "table.column, table.column"; empty when err is something else.
	duplicate(error) string
	// trouble explains an error that the operator has to do something about; nil when err is something else.
	trouble(error) *problem.Error
	// listColumns is the query for table, column and type of all tables.
	listColumns() string
	// rowLock ends a SELECT whose rows nobody else is to change until the transaction ends.
	rowLock() string
	// skipLocked is rowLock, passing over what others have locked.
	skipLocked() string
	// announce is called before the commit, with the events of the transaction.
	announce(context.Context, *Tx) error
	// committed is called after the commit.
	committed([]event.Event)
	// writeDocument puts a text's document into the index in place of the one
	// before; nil takes it out.
	writeDocument(context.Context, *Tx, indexed, *document) error
	// gatherTexts prepares a transaction that writes many documents while more wait.
	gatherTexts(context.Context, *Tx) error
	// mergeTexts does a step of bringing the pieces of a kind's index together.
	mergeTexts(ctx context.Context, tx *Tx, kind string, begin bool) (more bool, err error)
	// matching is the condition on a table of the index that its text has the
	// phrases, of which at least one is wanted, with its argument. The id of the
	// text is the column that textID names.
	matching(kind string, all []phrase) (condition string, argument any)
	textID() string
	// hits says how texts with some words are collected: MATERIALIZED all of them,
	// or not, because very many are expected and the newest are enough.
	hits(many bool) string
	// guessTexts is how many texts the database believes to meet a condition,
	// without looking; 0 when it has no idea.
	guessTexts(ctx context.Context, tx *Tx, kind, condition string, argument any) (int, error)
	// close ends what belongs to the engine alone.
	close() error
}

// Open opens the database that the URL names, sqlite:PATH or postgres://...,
// creates or migrates its tables, and starts to listen to other nodes. It
// returns a problem when the URL is wrong, when another process owns the file,
// when the database is newer than this program, or when secrets in it are
// sealed with a key that is not in the ring.
func Open(ctx context.Context, url string, opts Options) (*DB, error) {
	opts = opts.withDefaults()
	scheme, rest, _ := strings.Cut(url, ":")
	switch scheme {
	case "sqlite":
		return openSQLite(ctx, strings.TrimPrefix(rest, "//"), opts)
	case "postgres", "postgresql":
		return openPostgres(ctx, url, opts)
	}
	return nil, problem.New(problem.Invalid, "database_url", "The database URL begins with neither sqlite: nor postgres://.").
		On(problem.Admin, "Use sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE.").In("database")
}

// prepare makes a migrated database ready for use.
func (db *DB) prepare(ctx context.Context) error {
	db.tables = newTables(db.write)
	db.stmts = db.newStatements()
	if db.opts.ReadOnly {
		return nil
	}
	return db.checkKeys(ctx)
}

// Version is the number of the newest migration in the database.
func (db *DB) Version() int64 { return db.version }

// Ping tells whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.read.PingContext(ctx); err != nil {
		return db.explain(err)
	}
	return nil
}

// Close waits for nothing: end everything that uses the database first.
func (db *DB) Close() error {
	errs := []error{db.stmts.close(), db.read.Close()}
	if db.write != db.read {
		errs = append(errs, db.write.Close())
	}
	return errors.Join(append(errs, db.engine.close())...)
}
