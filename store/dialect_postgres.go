package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"tandem/event"
	"tandem/problem"
	"tandem/text"
)

// postgresConns is how many connections one node opens at most. More would not be
// quicker: they would wait for the same processors, and one that is used for bursts
// only makes these worse, since its process first has to find its way around.
func postgresConns() int { return max(4, 2*runtime.GOMAXPROCS(0)) }

// migrationLock is the advisory lock under which one node at a time migrates.
const migrationLock = 0x74616e64656d // "tandem"

// pgEngine is a Postgres database, shared with other nodes.
type pgEngine struct {
	listener *listener
}

// openPostgres opens a pool. bun writes arguments into the text of a query, so
// every text is new; the simple protocol keeps pgx from preparing each of them.
// What runs with every mail is prepared by us.
func openPostgres(ctx context.Context, url string, opts Options) (*DB, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		// The cause repeats the URL, which may hold a password; it goes to nobody.
		return nil, problem.New(problem.Invalid, "database_url", "The database URL cannot be read.").
			On(problem.Admin, "Write it like postgres://USER:PASSWORD@HOST/DATABASE.").In("database")
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	setDefault(config.RuntimeParams, "application_name", "tandem")
	// A node that hangs in the middle of a transaction must not hold its locks for ever.
	setDefault(config.RuntimeParams, "idle_in_transaction_session_timeout", "60000")
	// Nothing we ask takes so long that compiling it pays, and to load the compiler
	// takes a connection 80 ms, just when many are opened because much is to be done.
	setDefault(config.RuntimeParams, "jit", "off")
	// What waits to be sorted into the index of words is sorted in by whoever exceeds
	// this, who may be an agent's note: 0.1 s now and then rather than 2 s seldom.
	setDefault(config.RuntimeParams, "gin_pending_list_limit", "64kB")

	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(postgresConns())
	pool.SetMaxIdleConns(postgresConns())
	pool.SetConnMaxIdleTime(5 * time.Minute)

	e := &pgEngine{}
	bdb := bun.NewDB(pool, tidy{pgdialect.New()})
	db := &DB{engine: e, opts: opts, read: bdb, write: bdb}
	if err := e.start(ctx, db, config); err != nil {
		return nil, errors.Join(db.explain(err), db.Close())
	}
	return db, nil
}

func setDefault(params map[string]string, name, value string) {
	if _, ok := params[name]; !ok {
		params[name] = value
	}
}

func (e *pgEngine) start(ctx context.Context, db *DB, config *pgx.ConnConfig) (err error) {
	if err := db.read.PingContext(ctx); err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	if db.opts.ReadOnly {
		db.version, err = currentVersion(ctx, db.read.DB, Postgres, db.opts)
	} else {
		db.version, err = e.migrate(ctx, db)
	}
	if err != nil {
		return err
	}
	if err := db.prepare(ctx); err != nil {
		return err
	}
	e.listener, err = listen(ctx, config, db.opts.Bus, db.opts.Log)
	return err
}

// migrate lets one node migrate while others that start at the same time wait.
func (e *pgEngine) migrate(ctx context.Context, db *DB) (int64, error) {
	conn, err := db.read.DB.Conn(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", migrationLock); err != nil {
		return 0, fmt.Errorf("wait for other nodes that migrate: %w", err)
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", migrationLock)
	keepNothing := func(int64) error { return nil } // backups of Postgres are its administrator's
	return migrate(ctx, db.read.DB, Postgres, db.opts, keepNothing)
}

// Kind is Postgres.
func (e *pgEngine) Kind() string { return Postgres }

// Backup returns a problem: Postgres has better means.
func (e *pgEngine) Backup(context.Context, string) error {
	return problem.New(problem.Invalid, "backup_postgres", "Tandem does not back up a Postgres database itself.").
		On(problem.Admin, "Use pg_dump, or the continuous backup of your Postgres service.")
}

// viewOptions: several statements of one View see the same state, as on SQLite.
func (e *pgEngine) viewOptions() *sql.TxOptions {
	return &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
}

// PostgreSQL, Appendix A "Error Codes".
const (
	pgSerializationFailure = "40001"
	pgDeadlock             = "40P01"
	pgUniqueViolation      = "23505"
	pgDiskFull             = "53100"
	pgTooManyConnections   = "53300"
	pgReadOnly             = "25006"
)

func (e *pgEngine) conflicted(err error) bool {
	code := pgCode(err)
	return code == pgSerializationFailure || code == pgDeadlock
}

// pgKey is the beginning of a violation's detail: "Key (email)=(a@b) already exists."
var pgKey = regexp.MustCompile(`^Key \((.*?)\)=`)

func (e *pgEngine) duplicate(err error) string {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || pgErr.Code != pgUniqueViolation {
		return ""
	}
	match := pgKey.FindStringSubmatch(pgErr.Detail)
	if match == nil {
		return pgErr.ConstraintName
	}
	return qualify(pgErr.TableName, match[1])
}

var pgComma = regexp.MustCompile(`, *`)

// qualify writes columns as SQLite does: "mail.connection_id, mail.microsoft_id".
func qualify(table, columns string) string {
	return table + "." + pgComma.ReplaceAllString(columns, ", "+table+".")
}

func (e *pgEngine) trouble(err error) *problem.Error {
	switch code := pgCode(err); {
	case code == pgDiskFull:
		return problem.New(problem.Unavailable, "disk_full", "The disk of the database server is full.").
			On(problem.Tandem, "Free some space; Tandem continues by itself.")
	case code == pgTooManyConnections:
		return problem.New(problem.Unavailable, "database_busy", "The database server takes no more connections.").
			On(problem.Tandem, "Raise max_connections of Postgres, or run fewer nodes.")
	case code == pgReadOnly:
		return problem.New(problem.Unavailable, "database_unreachable", "The database server only allows reading.").
			On(problem.Tandem, "Point Tandem at the primary server.")
	case e.conflicted(err):
		return problem.New(problem.Unavailable, "database_busy", "The database is busy.").
			On(problem.Tandem, "Try again in a moment.")
	case unreachable(err):
		return problem.New(problem.Unavailable, "database_unreachable", "The database server does not answer.").
			On(problem.Tandem, "Check that Postgres runs and that the database URL is right.")
	}
	return nil
}

func unreachable(err error) bool {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	netErr, ok := errors.AsType[net.Error](err)
	return ok && !errors.Is(err, context.DeadlineExceeded) && netErr != nil
}

func pgCode(err error) string {
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pgErr.Code
	}
	return ""
}

func (e *pgEngine) listColumns() string {
	return `SELECT table_name, column_name, data_type FROM information_schema.columns
		WHERE table_schema = CURRENT_SCHEMA() ORDER BY table_name, ordinal_position`
}

// rowLock is weaker than FOR UPDATE: rows that refer to this one can still be inserted.
func (e *pgEngine) rowLock() string { return " FOR NO KEY UPDATE" }

func (e *pgEngine) skipLocked() string { return " FOR NO KEY UPDATE SKIP LOCKED" }

// committed does nothing: the events come back to us as to every other node.
func (e *pgEngine) committed([]event.Event) {}

// weights mark the parts of a document in a tsvector.
const weights = "ABCD"

// writeDocument writes each word with its places: 'car':2A,7D 'red':1A. Between
// the texts of a part a place is left out.
func (e *pgEngine) writeDocument(ctx context.Context, tx *Tx, t indexed, d *document) error {
	if d == nil {
		_, err := tx.exec(ctx, "DELETE FROM "+t.kind+"_text WHERE id = $1", t.id)
		return err
	}
	places := make(map[string][]byte)
	at := 0
	for i, words := range d.words() {
		for _, word := range words {
			at++
			if word != "" {
				places[word] = append(strconv.AppendInt(append(places[word], ','), int64(at), 10), weights[i])
			}
		}
	}
	var vector strings.Builder
	for word, at := range places {
		fmt.Fprintf(&vector, "'%s':%s ", word, at[1:])
	}
	_, err := tx.exec(ctx, "INSERT INTO "+t.kind+`_text (id, words) VALUES ($1, CAST($2 AS TSVECTOR))
		ON CONFLICT (id) DO UPDATE SET words = excluded.words`, t.id, vector.String())
	return err
}

// gatherTexts lets many texts wait to be sorted into the index together, which
// takes a fraction of the time.
func (e *pgEngine) gatherTexts(ctx context.Context, tx *Tx) error {
	_, err := tx.bun.ExecContext(ctx, "SET LOCAL gin_pending_list_limit = '4MB'")
	return err
}

// mergeTexts sorts in what is left of what was gathered.
func (e *pgEngine) mergeTexts(ctx context.Context, tx *Tx, kind string, _ bool) (more bool, err error) {
	_, err = tx.bun.ExecContext(ctx, "SELECT gin_clean_pending_list('"+kind+"_text_words')")
	return false, err
}

// matching writes a tsquery (PostgreSQL, section 8.11.2): ('red':A <-> 'car':A) & ('wheel':*) & !('bike').
func (e *pgEngine) matching(_ string, all []phrase) (string, any) {
	var some []string
	for _, p := range all {
		var words []string
		for i, word := range p.words {
			mark := ""
			if p.prefix && i == len(p.words)-1 {
				mark = "*"
			}
			if p.in != "" {
				mark += weights[slices.Index(text.Parts[:], p.in):][:1]
			}
			if mark != "" {
				mark = ":" + mark
			}
			words = append(words, "'"+word+"'"+mark)
		}
		part := "(" + strings.Join(words, " <-> ") + ")"
		if p.not {
			part = "!" + part
		}
		some = append(some, part)
	}
	return "words @@ CAST(? AS TSQUERY)", strings.Join(some, " & ")
}

func (e *pgEngine) textID() string { return "id" }

// hits keeps Postgres, unless very many are expected, from walking through all
// texts until it has met enough: it takes unpacking a text for cheap.
func (e *pgEngine) hits(many bool) string {
	if many {
		return "NOT MATERIALIZED"
	}
	return "MATERIALIZED"
}

// guessTexts asks the planner, which keeps how frequent words are (PostgreSQL,
// section 14.2 "Statistics Used by the Planner").
func (e *pgEngine) guessTexts(ctx context.Context, tx *Tx, kind, condition string, argument any) (int, error) {
	var answer string
	if err := tx.bun.NewRaw("EXPLAIN (FORMAT JSON) SELECT 1 FROM "+kind+"_text WHERE "+condition, argument).Scan(ctx, &answer); err != nil {
		return 0, fmt.Errorf("ask how many texts have some words: %w", tx.db.explain(err))
	}
	var plans []struct {
		Plan struct {
			Rows float64 `json:"Plan Rows"`
		}
	}
	if err := json.Unmarshal([]byte(answer), &plans); err != nil || len(plans) == 0 {
		return 0, fmt.Errorf("read the plan %q: %w", answer, err)
	}
	return int(plans[0].Plan.Rows), nil
}

func (e *pgEngine) close() error {
	if e.listener != nil {
		e.listener.stop()
	}
	return nil
}
