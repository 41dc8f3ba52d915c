package store

import (
	"context"
	"io/fs"
	"strings"
	"testing/fstest"

	"tandem/desk"
	"tandem/store/migrations"
)

// Reseals tells whether a column, as "table.column", is among those that Reseal knows.
func Reseals(column string) bool {
	for _, c := range sealedColumns {
		if c.table+"."+c.column == column {
			return true
		}
	}
	return false
}

// WithMigration adds a later migration to ours, as an upgrade brings it.
func WithMigration(opts Options, name, statements string) Options {
	later := make(fstest.MapFS)
	for _, kind := range []string{SQLite, Postgres} {
		files, err := fs.Glob(migrations.FS, kind+"/*.sql")
		if err != nil {
			panic(err)
		}
		for _, file := range files {
			text, err := migrations.FS.ReadFile(file)
			if err != nil {
				panic(err)
			}
			later[file] = &fstest.MapFile{Data: text}
		}
		later[kind+"/"+name] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + statements)}
	}
	opts.migrations = later
	return opts
}

// LimitPages makes an SQLite database full when it has n pages; 0 lifts the limit.
func (db *DB) LimitPages(ctx context.Context, n int) error {
	if n == 0 {
		n = 1 << 30
	}
	_, err := db.write.ExecContext(ctx, "PRAGMA max_page_count = ?", n)
	return err
}

// ExplainTickets gives the plan for a page of tickets.
func (tx *Tx) ExplainTickets(ctx context.Context, f desk.TicketFilter) (string, error) {
	source, err := tx.having(ctx, ticketText, f.Text)
	if err != nil {
		return "", err
	}
	order, err := tx.ticketOrder(ctx, f)
	if err != nil {
		return "", err
	}
	query, args, err := ticketQuery(f, order, source)
	if err != nil {
		return "", err
	}
	return tx.Explain(ctx, query, args...)
}

// ExplainCount gives the plan for the count of tickets.
func (tx *Tx) ExplainCount(ctx context.Context, f desk.TicketFilter) (string, error) {
	query, args, err := countQuery(f, textSource{}, desk.CountedUpTo)
	if err != nil {
		return "", err
	}
	return tx.Explain(ctx, query, args...)
}

// Explain gives the plan for a query.
func (tx *Tx) Explain(ctx context.Context, query string, args ...any) (string, error) {
	if tx.db.Kind() == Postgres {
		var lines []string
		err := tx.bun.NewRaw("EXPLAIN "+query, args...).Scan(ctx, &lines)
		return strings.Join(lines, "\n"), err
	}
	rows, err := tx.bun.QueryContext(ctx, "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	plan := ""
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			return "", err
		}
		plan += detail + "\n"
	}
	return plan, rows.Err()
}

// ExplainMetrics gives SQLite's plan for a count of a report.
func (tx *Tx) ExplainMetrics(ctx context.Context, c desk.MetricsCount) (string, error) {
	query, args := metricsQuery(c)
	return tx.Explain(ctx, query, args...)
}

// ForgetMetrics makes all tickets older than metrics are.
func (tx *Tx) ForgetMetrics(ctx context.Context) error {
	_, err := tx.exec(ctx, "DELETE FROM ticket_metric")
	return err
}

// DeleteAllTickets empties the desk between two runs of a property.
func (tx *Tx) DeleteAllTickets(ctx context.Context) error {
	_, err := tx.exec(ctx, "DELETE FROM ticket")
	return err
}

// FillTickets adds n tickets of n/10 requesters as a busy desk has them after
// years: nearly all are closed.
func (tx *Tx) FillTickets(ctx context.Context, n int, brand int64) error {
	const people = `WITH RECURSIVE series (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM series WHERE i < $1)
		INSERT INTO person (name, email, role, folded, created_at, updated_at)
		SELECT 'Customer ' || i, 'customer' || i || '@example.com', 'end-user',
			'customer ' || i || CHR10 || 'customer' || i || '@example.com', i, i FROM series`
	const tickets = `WITH RECURSIVE series (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM series WHERE i < $1)
		INSERT INTO ticket (subject, folded, status, priority, requester_id, submitter_id, assignee_id, brand_id, recipient,
			via, tags, reply_token, imported, created_at, updated_at, version)
		SELECT 'Question ' || i, 'question ' || i,
			CASE WHEN i % 500 = 0 THEN 'new' WHEN i % 200 = 1 THEN 'open' WHEN i % 300 = 2 THEN 'pending'
				WHEN i % 1000 = 3 THEN 'hold' WHEN i % 50 = 4 THEN 'solved' ELSE 'closed' END,
			CASE WHEN i % 10 = 0 THEN 'high' WHEN i % 3 = 0 THEN 'low' ELSE '' END,
			(SELECT MIN(id) FROM person WHERE role = 'end-user') + i % ($1 / 10), 1, CASE WHEN i % 4 = 0 THEN 0 ELSE i % 50 END,
			$2, 'support@contoso.example', 'email', '[]', 'fill-' || i, FALSE, 1700000000000 + i * 1000, 1700000000000 + i * 1000, 1
		FROM series`
	newline := strings.ReplaceAll(people, "CHR10", "'\n'")
	if _, err := tx.exec(ctx, newline, n/10); err != nil {
		return err
	}
	_, err := tx.exec(ctx, tickets, n, brand)
	return err
}

// FillComments adds comments to tickets that FillTickets made, and notes the tickets to be indexed.
func (tx *Tx) FillComments(ctx context.Context, first, last int64, each int, words func() string) error {
	var rows []commentRow
	for id := first; id <= last; id++ {
		for range each {
			rows = append(rows, commentRow{TicketID: id, AuthorID: 1, Public: true, Text: words(), Via: "email", CCs: "[]", CreatedAt: 1700000000000 + id})
		}
	}
	if _, err := tx.bun.NewInsert().Model(&rows).ExcludeColumn("id").Exec(ctx); err != nil {
		return err
	}
	_, err := tx.exec(ctx, "INSERT INTO text_due (kind, id) SELECT 'ticket', id FROM ticket WHERE id BETWEEN $1 AND $2", first, last)
	return err
}

// FillTexts indexes the tickets that FillTickets made: all have the word
// "everywhere", every third "often", every hundredth "seldom", and in the subject of those "question".
func (tx *Tx) FillTexts(ctx context.Context) error {
	fill := `INSERT INTO ticket_text (rowid, title, people, details, said) SELECT id, CASE WHEN id % 100 = 0 THEN 'question' ELSE '' END, '', '',
		'everywhere' || CASE WHEN id % 3 = 0 THEN ' often' ELSE '' END || CASE WHEN id % 100 = 0 THEN ' seldom' ELSE ' question' END FROM ticket`
	if tx.db.textID() == "id" {
		fill = `INSERT INTO ticket_text (id, words) SELECT id, CAST('''everywhere'':2D' || CASE WHEN id % 3 = 0 THEN ' ''often'':3D' ELSE '' END ||
			CASE WHEN id % 100 = 0 THEN ' ''question'':1A ''seldom'':4D' ELSE ' ''question'':4D' END AS TSVECTOR) FROM ticket`
	}
	if _, err := tx.exec(ctx, fill); err != nil {
		return err
	}
	_, err := tx.exec(ctx, "UPDATE ticket SET subject = 'Order' WHERE id % 100 <> 0")
	return err
}

// Analyze lets Postgres see how large its tables have become; its autovacuum would do so later.
func (db *DB) Analyze(ctx context.Context) error {
	_, err := db.write.ExecContext(ctx, "ANALYZE")
	return err
}

// The conditions of queries whose plans are tested.
const (
	Original = original
	Unfiled  = unfiled
)

// PurgedRows and SolvedBefore are statements for tests to look at.
var PurgedRows, SolvedBefore = purgedRows, solvedBefore

// RefersToBlob tells whether a column, as "table.column", counts as a reference to a blob.
func RefersToBlob(column string) bool {
	for _, c := range blobColumns {
		if c.table+"."+c.column == column {
			return true
		}
	}
	return false
}

// ColumnsNamed lists the columns of an SQLite database whose name has the word in it, as "table.column".
func (tx *Tx) ColumnsNamed(ctx context.Context, word string) ([]string, error) {
	var columns []string
	err := tx.bun.NewRaw(`SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND c.name LIKE ? ORDER BY 1`, "%"+word+"%").Scan(ctx, &columns)
	return columns, err
}

// CountTextPieces tells of how many pieces the index of tickets consists on SQLite.
func (tx *Tx) CountTextPieces(ctx context.Context) (n int, err error) {
	_, err = tx.queryRow(ctx, "SELECT COUNT(DISTINCT segid) FROM ticket_text_idx", nil, &n)
	return n, err
}
