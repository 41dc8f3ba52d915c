package store

import (
	"context"
	"fmt"
	"slices"

	"tandem/desk"
)

// ListTags lists tags by what is kept of them: there are few for a million tickets.
func (tx *Tx) ListTags(ctx context.Context, f desk.TagFilter) ([]desk.TagCount, error) {
	query := "SELECT tag, CAST(SUM(n) AS BIGINT) AS tickets FROM tag_count"
	order := " ORDER BY tickets DESC, tag"
	var args []any
	if f.Within != "" {
		query += ` WHERE tag LIKE ? ESCAPE '\'`
		args = append(args, containing(f.Within))
	}
	query += " GROUP BY tag HAVING SUM(n) > 0"
	switch {
	case f.Within != "":
		order = ` ORDER BY CASE WHEN tag LIKE ? ESCAPE '\' THEN 0 ELSE 1 END, tickets DESC, tag`
		args = append(args, containing(f.Within)[1:])
	case f.After != nil:
		query += " AND (SUM(n) < ? OR SUM(n) = ? AND tag > ?)"
		args = append(args, f.After.Tickets, f.After.Tickets, f.After.Tag)
	case f.Before != nil:
		query += " AND (SUM(n) > ? OR SUM(n) = ? AND tag < ?)"
		order = " ORDER BY tickets, tag DESC"
		args = append(args, f.Before.Tickets, f.Before.Tickets, f.Before.Tag)
	}
	query += order
	if f.Limit > 0 {
		query += fmt.Sprintf(" LIMIT %d", f.Limit)
	}
	rows, err := tx.bun.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list tags: %w", tx.db.explain(err))
	}
	defer rows.Close()
	var tags []desk.TagCount
	for rows.Next() {
		var t desk.TagCount
		if err := rows.Scan(&t.Tag, &t.Tickets); err != nil {
			return nil, err
		}
		tags = append(tags, t)
	}
	if f.Before != nil && f.After == nil {
		slices.Reverse(tags)
	}
	return tags, rows.Err()
}

// CountTags counts the tags that a ticket has.
func (tx *Tx) CountTags(ctx context.Context) (n int, err error) {
	_, err = tx.queryRow(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM tag_count GROUP BY tag HAVING SUM(n) > 0) AS used", nil, &n)
	return n, err
}
