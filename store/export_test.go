package store

import "context"

// Reseals tells whether a column, as "table.column", is among those that Reseal knows.
func Reseals(column string) bool {
	for _, c := range sealedColumns {
		if c.table+"."+c.column == column {
			return true
		}
	}
	return false
}

// Explain gives the plan of a query, for tests of what must use an index.
func (tx *Tx) Explain(ctx context.Context, query string, args ...any) (string, error) {
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

// DeleteAllTickets empties the desk between two runs of a property.
func (tx *Tx) DeleteAllTickets(ctx context.Context) error {
	_, err := tx.exec(ctx, "DELETE FROM ticket")
	return err
}
