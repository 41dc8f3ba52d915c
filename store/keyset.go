package store

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"tandem/directory"
)

// keyset is the order of a list whose parts are found by the places of records.
type keyset struct {
	key        sortKey // before the number; without a column: the number alone
	descending bool
}

var (
	oldestFirst = keyset{}
	newestFirst = keyset{descending: true}
)

// cut orders the list, and leaves of it the part that is asked for. The rows of
// a part that is found from its end come the other way round.
func (k keyset) cut(q *bun.SelectQuery, p directory.Part) error {
	for _, at := range []*directory.Place{p.After, p.Before} {
		if at == nil {
			continue
		}
		sign := ">"
		if k.descending != (at == p.Before) {
			sign = "<"
		}
		if k.key.column == "" {
			q.Where("id "+sign+" ?", at.ID)
			continue
		}
		value, err := k.key.parse(at.Key)
		if err != nil {
			return strangeCursor(err)
		}
		q.Where("("+k.key.column+", id) "+sign+" (?, ?)", value, at.ID)
	}
	direction := " ASC"
	if k.descending != p.Backwards() {
		direction = " DESC"
	}
	if k.key.column != "" {
		q.OrderExpr(k.key.column + direction)
	}
	q.OrderExpr("id" + direction)
	page(q, p.Limit, p.Offset)
	return nil
}

// part reads a part of a list, in the list's order.
func part[R any](ctx context.Context, tx *Tx, q *bun.SelectQuery, k keyset, p directory.Part) ([]R, error) {
	if err := k.cut(q, p); err != nil {
		return nil, err
	}
	rows, err := many[R](ctx, tx, q)
	if p.Backwards() {
		slices.Reverse(rows)
	}
	return rows, err
}
