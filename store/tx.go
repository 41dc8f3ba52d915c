package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"tandem/access"
	"tandem/bulk"
	"tandem/desk"
	"tandem/directory"
	"tandem/email"
	"tandem/event"
	"tandem/job"
	"tandem/tenant"
)

// Tx is a transaction. It implements what every concept needs of one.
//
// After an error the transaction is over: Postgres refuses further statements,
// so return the error. A Tx is for one goroutine.
type Tx struct {
	db     *DB
	bun    bun.Tx
	write  bool
	events []event.Event
	texts  map[indexed]bool // to be indexed before the commit
	fields int64            // their revision; 0: not read yet
}

var (
	_ access.Tx    = (*Tx)(nil)
	_ directory.Tx = (*Tx)(nil)
	_ desk.Tx      = (*Tx)(nil)
	_ email.Tx     = (*Tx)(nil)
	_ job.StoreTx  = (*Tx)(nil)
	_ tenant.Tx    = (*Tx)(nil)
	_ bulk.Tx      = (*Tx)(nil)
)

// Of is the database as one concept sees it: T is the concept's own interface of a transaction.
type Of[T any] struct{ db *DB }

// For gives the database to a concept, as in store.For[desk.Tx](db). It panics
// when *Tx does not implement T.
func For[T any](db *DB) Of[T] {
	_ = any((*Tx)(nil)).(T)
	return Of[T]{db}
}

// View runs a function that reads; see DB.View.
func (o Of[T]) View(ctx context.Context, f func(T) error) error {
	return o.db.View(ctx, func(tx *Tx) error { return f(any(tx).(T)) })
}

// Update runs a function that writes; see DB.Update.
func (o Of[T]) Update(ctx context.Context, f func(T) error) error {
	return o.db.Update(ctx, func(tx *Tx) error { return f(any(tx).(T)) })
}

// maxRuns bounds how often a function runs in all when it loses against others.
const maxRuns = 10

// View runs f in a transaction that sees one state of the database throughout.
func (db *DB) View(ctx context.Context, f func(*Tx) error) error {
	return db.repeat(ctx, func() error { return db.once(ctx, false, f) })
}

// Update runs f in a transaction that is committed when f returns nil, and
// undone otherwise. f may run again when the transaction lost against another
// one, so it reads all that it changes itself, and has no effects outside. An
// Update within an Update waits for itself for ever.
func (db *DB) Update(ctx context.Context, f func(*Tx) error) error {
	return db.repeat(ctx, func() error { return db.once(ctx, true, f) })
}

// repeat runs a transaction until it no longer loses against others.
//
// A uniqueness rule that is violated on Postgres usually means that two nodes
// found nothing and both inserted. A second run then finds what the other one
// inserted; if it fails again, the conflict is the caller's own.
func (db *DB) repeat(ctx context.Context, run func() error) error {
	raced := false
	for runs := 1; ; runs++ {
		err := run()
		switch {
		case err == nil:
			return nil
		case runs < maxRuns && db.conflicted(err):
		case db.Kind() == Postgres && !raced && (db.duplicate(err) != "" || errors.Is(err, errStale)):
			raced = true
		default:
			return db.explain(err)
		}
		if err := pause(ctx, runs); err != nil {
			return err
		}
	}
}

// pause waits longer each time, by chance, so that two that lost against each other part.
func pause(ctx context.Context, runs int) error {
	longest := min(time.Millisecond<<runs, 200*time.Millisecond)
	timer := time.NewTimer(time.Millisecond + rand.N(longest))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func (db *DB) once(ctx context.Context, write bool, f func(*Tx) error) error {
	pool, opts := db.read, db.viewOptions()
	if write {
		pool, opts = db.write, nil
		if err := db.stmts.prepare(ctx); err != nil {
			return err
		}
	}
	btx, err := pool.BeginTx(ctx, opts)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer btx.Rollback() // after a commit it does nothing
	tx := &Tx{db: db, bun: btx, write: write}
	if err := f(tx); err != nil {
		return err
	}
	if len(tx.texts) > 0 {
		if err := tx.indexTexts(ctx); err != nil {
			return err
		}
	}
	if len(tx.events) > 0 {
		if err := db.announce(ctx, tx); err != nil {
			return err
		}
	}
	if err := btx.Commit(); err != nil {
		return fmt.Errorf("commit transaction: %w", err)
	}
	if len(tx.events) > 0 {
		db.committed(tx.events)
	}
	return nil
}

// Publish sends the event out when the transaction commits; the same event only once.
func (tx *Tx) Publish(e event.Event) {
	if !slices.Contains(tx.events, e) {
		tx.events = append(tx.events, e)
	}
}

// prepared returns the prepared statement for the text, or nil. On SQLite only
// the connection that writes has them.
func (tx *Tx) prepared(query string) *sql.Stmt {
	if !tx.write {
		return nil
	}
	return tx.db.stmts.get(query)
}

// exec runs a statement with $1 parameters and returns how many rows it changed.
func (tx *Tx) exec(ctx context.Context, query string, args ...any) (int, error) {
	clean(args)
	var result sql.Result
	var err error
	if stmt := tx.prepared(query); stmt != nil {
		result, err = tx.bun.StmtContext(ctx, stmt).ExecContext(ctx, args...)
	} else {
		result, err = tx.bun.Tx.ExecContext(ctx, query, args...)
	}
	if err != nil {
		return 0, tx.db.explain(err)
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// queryRow runs a query with $1 parameters that gives one row at most; false
// comes back when it gives none.
func (tx *Tx) queryRow(ctx context.Context, query string, args []any, into ...any) (bool, error) {
	clean(args)
	var row *sql.Row
	if stmt := tx.prepared(query); stmt != nil {
		row = tx.bun.StmtContext(ctx, stmt).QueryRowContext(ctx, args...)
	} else {
		row = tx.bun.Tx.QueryRowContext(ctx, query, args...)
	}
	err := row.Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, tx.db.explain(err)
	}
	return true, nil
}

// query runs a query with $1 parameters. Close the rows.
func (tx *Tx) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	clean(args)
	var rows *sql.Rows
	var err error
	if stmt := tx.prepared(query); stmt != nil {
		rows, err = tx.bun.StmtContext(ctx, stmt).QueryContext(ctx, args...)
	} else {
		rows, err = tx.bun.Tx.QueryContext(ctx, query, args...)
	}
	return rows, tx.db.explain(err)
}

// each runs a query with $1 parameters and takes its rows one by one.
func (tx *Tx) each(ctx context.Context, query string, args []any, take func(scan func(into ...any) error) error) error {
	rows, err := tx.query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := take(rows.Scan); err != nil {
			return err
		}
	}
	return tx.db.explain(rows.Err())
}

// marks are n parameters for a list, from the given one on: "$2, $3".
func marks(first, n int) string {
	var list strings.Builder
	for i := range n {
		if i > 0 {
			list.WriteString(", ")
		}
		fmt.Fprintf(&list, "$%d", first+i)
	}
	return list.String()
}

// anys are values as arguments.
func anys[T any](values []T) []any {
	all := make([]any, len(values))
	for i, v := range values {
		all[i] = v
	}
	return all
}

// one reads the first row that meets a condition with $1 parameters, or nil.
func one[R any](ctx context.Context, tx *Tx, where string, args ...any) (*R, error) {
	return readRow(ctx, tx, new(R), tx.db.tables[reflect.TypeFor[R]()].find(where), args)
}

// lockOne is one for a row that this Update may change: nobody else changes it
// until the transaction ends. SQLite has one writer anyway.
func lockOne[R any](ctx context.Context, tx *Tx, where string, args ...any) (*R, error) {
	query := tx.db.tables[reflect.TypeFor[R]()].find(where)
	if tx.write {
		query += tx.db.rowLock()
	}
	return readRow(ctx, tx, new(R), query, args)
}

// every reads all rows that meet a condition with $1 parameters, which may end with an order.
func every[R any](ctx context.Context, tx *Tx, where string, args ...any) (rows []R, err error) {
	t := tx.db.tables[reflect.TypeFor[R]()]
	err = tx.each(ctx, t.selectFrom+where, args, func(scan func(...any) error) error {
		rows = append(rows, *new(R))
		return scan(t.targets(&rows[len(rows)-1])...)
	})
	return rows, err
}

func readRow[R any](ctx context.Context, tx *Tx, row *R, query string, args []any) (*R, error) {
	found, err := tx.queryRow(ctx, query, args, tx.db.tables[reflect.TypeFor[R]()].targets(row)...)
	if err != nil || !found {
		return nil, err
	}
	return row, nil
}

// many reads all rows that the query finds.
func many[R any](ctx context.Context, tx *Tx, q *bun.SelectQuery) ([]R, error) {
	var rows []R
	if err := q.Model(&rows).Scan(ctx); err != nil {
		return nil, tx.db.explain(err)
	}
	return rows, nil
}

// count counts the rows that the query finds.
func count[R any](ctx context.Context, tx *Tx, q *bun.SelectQuery) (int, error) {
	n, err := q.Model((*R)(nil)).Count(ctx)
	if err != nil {
		return 0, tx.db.explain(err)
	}
	return int(n), nil
}
