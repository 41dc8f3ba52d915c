package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"sync"

	"github.com/uptrace/bun"
)

const (
	// preparedAfter is how often a statement runs before it is prepared: what
	// runs with every mail is, what an administrator does once a month is not.
	preparedAfter = 10
	// maxPrepared bounds what each connection keeps.
	maxPrepared = 300
)

// statements are those that transactions which write run often, by their text.
// They are parsed and planned once on each connection.
type statements struct {
	pool *bun.DB
	only map[string]bool // what may be prepared; nil: everything

	mu    sync.Mutex
	runs  map[string]int
	ready map[string]*sql.Stmt
	due   []string
}

func (db *DB) newStatements() *statements {
	s := &statements{pool: db.write, runs: make(map[string]int), ready: make(map[string]*sql.Stmt)}
	if db.Kind() == Postgres {
		s.only = db.exact()
	}
	return s
}

// exact are the statements whose arguments have exactly the types of their
// columns. Postgres takes nothing else for what is prepared, and says so only
// when it runs, so what is prepared there is named here.
func (db *DB) exact() map[string]bool {
	texts := map[string]bool{
		rememberMessageID: true, insertPerson("ticket_cc"): true, linkSiblings: true, triggerRevision: true, fieldRevision: true,
		ticketsOfMail: true, fieldValues(1): true, threadsOf(1): true, threadsOf(2): true, threadsOf(3): true,
	}
	for _, t := range db.tables {
		texts[t.insert], texts[t.update], texts[t.find("id = $1")], texts[t.find("id = $1")+db.rowLock()] = true, true, true, true
	}
	for _, lookup := range []struct {
		row   any
		where string
	}{{personRow{}, byEmail}, {addressRow{}, ofConnection}, {mailRow{}, original}, {organizationRow{}, byDomain}} {
		texts[db.tables[reflect.TypeOf(lookup.row)].find(lookup.where)] = true
	}
	return texts
}

// get returns the prepared statement, or nil while there is none.
func (s *statements) get(text string) *sql.Stmt {
	if s.only != nil && !s.only[text] {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if stmt := s.ready[text]; stmt != nil {
		return stmt
	}
	if len(s.runs) == maxPrepared && s.runs[text] == 0 {
		maps.DeleteFunc(s.runs, func(_ string, n int) bool { return n < preparedAfter })
		if len(s.runs) == maxPrepared {
			return nil
		}
	}
	if s.runs[text]++; s.runs[text] == preparedAfter {
		s.due = append(s.due, text)
	}
	return nil
}

// prepare prepares what is due. It runs between transactions: SQLite has one
// connection that writes, which a transaction holds.
func (s *statements) prepare(ctx context.Context) error {
	s.mu.Lock()
	due := s.due
	s.due = nil
	s.mu.Unlock()
	for _, text := range due {
		stmt, err := s.pool.DB.PrepareContext(ctx, text)
		s.mu.Lock()
		if err != nil {
			s.runs[text] = 0 // to be tried again
		} else {
			s.ready[text] = stmt
		}
		s.mu.Unlock()
		if err != nil {
			return fmt.Errorf("prepare %q: %w", text, err)
		}
	}
	return nil
}

func (s *statements) close() error {
	if s == nil {
		return nil // the database could not be opened
	}
	var errs []error
	for _, stmt := range s.ready {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(errs...)
}
