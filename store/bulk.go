package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"tandem/bulk"
	"tandem/directory"
)

type bulkRow struct {
	bun.BaseModel `bun:"table:bulk,alias:bulk"`

	ID         int64  `bun:"id,pk"`
	Key        string `bun:"key,skipupdate"`
	Kind       string `bun:"kind,skipupdate"`
	Args       string `bun:"args,skipupdate"`
	UserID     int64  `bun:"user_id,skipupdate"`
	TokenID    int64  `bun:"token_id,skipupdate"`
	Address    string `bun:"address,skipupdate"`
	State      string `bun:"state"`
	Total      int    `bun:"total,skipupdate"`
	Done       int    `bun:"done,skipupdate"`    // by AdvanceBulk only
	Refused    int    `bun:"refused,skipupdate"` // likewise
	Code       string `bun:"code"`
	Message    string `bun:"message"`
	CreatedAt  int64  `bun:"created_at,skipupdate"`
	FinishedAt int64  `bun:"finished_at"`
}

func rowOfBulk(b *bulk.Bulk) bulkRow {
	return bulkRow{
		Key: b.Key, Kind: b.Kind, Args: string(b.Args), UserID: int64(b.By), TokenID: b.Token, Address: b.Address, State: string(b.State),
		Total: b.Total, Code: b.Code, Message: b.Message, CreatedAt: millis(b.CreatedAt), FinishedAt: millis(b.FinishedAt),
	}
}

func (r *bulkRow) bulk() *bulk.Bulk {
	return &bulk.Bulk{
		ID: bulk.ID(r.ID), Key: r.Key, Kind: r.Kind, Args: json.RawMessage(r.Args), By: directory.UserID(r.UserID), Token: r.TokenID,
		Address: r.Address, State: bulk.State(r.State), Total: r.Total, Done: r.Done, Refused: r.Refused, Code: r.Code, Message: r.Message,
		CreatedAt: instant(r.CreatedAt), FinishedAt: instant(r.FinishedAt),
	}
}

// InsertBulk sets the ID.
func (tx *Tx) InsertBulk(ctx context.Context, b *bulk.Bulk) error {
	id, err := tx.insert(ctx, rowOfBulk(b))
	b.ID = bulk.ID(id)
	return err
}

// GetBulk reads a bulk, or returns problem.NotFound. In an Update it also locks the row.
func (tx *Tx) GetBulk(ctx context.Context, id bulk.ID) (*bulk.Bulk, error) {
	row, err := lockOne[bulkRow](ctx, tx, "id = $1", int64(id))
	return get(row, err, "bulk", id, (*bulkRow).bulk)
}

// FindBulk reads the bulk with the key, or nil.
func (tx *Tx) FindBulk(ctx context.Context, key string) (*bulk.Bulk, error) {
	row, err := one[bulkRow](ctx, tx, "key = $1", key)
	if err != nil || row == nil {
		return nil, err
	}
	return row.bulk(), nil
}

// UpdateBulk writes how a bulk ended.
func (tx *Tx) UpdateBulk(ctx context.Context, b *bulk.Bulk) error {
	return missing(tx.update(ctx, int64(b.ID), rowOfBulk(b)), "bulk", b.ID)
}

// AdvanceBulk counts item i as done, provided that it is the next one of a bulk that goes on.
func (tx *Tx) AdvanceBulk(ctx context.Context, id bulk.ID, i int, refused bool) (bool, error) {
	n, err := tx.exec(ctx, `UPDATE bulk SET state = 'working', done = done + 1, refused = refused + CASE WHEN $1 THEN 1 ELSE 0 END
		WHERE id = $2 AND done = $3 AND state IN ('queued', 'working')`, refused, int64(id), i)
	if err != nil {
		return false, fmt.Errorf("advance bulk %d to %d: %w", id, i, err)
	}
	return n == 1, nil
}

// ListBulks gives the newest first, without their arguments.
func (tx *Tx) ListBulks(ctx context.Context, f bulk.Filter) ([]*bulk.Bulk, error) {
	q := tx.bun.NewSelect().Model((*bulkRow)(nil)).ExcludeColumn("args")
	if f.By != 0 {
		q.Where("user_id = ?", f.By)
	}
	if f.Keys != nil {
		q.Where("key IN (?)", bun.List(f.Keys))
	}
	rows, err := part[bulkRow](ctx, tx, q, newestFirst, f.Part)
	return convert(rows, (*bulkRow).bulk), err
}

// CountUnfinishedBulks counts the bulks of a person that have not ended.
func (tx *Tx) CountUnfinishedBulks(ctx context.Context, of directory.UserID) (int, error) {
	return count[bulkRow](ctx, tx, tx.bun.NewSelect().Where("user_id = ? AND state IN ('queued', 'working')", of))
}

// DeleteBulks forgets the bulks that were asked for before a time; their results go with them.
func (tx *Tx) DeleteBulks(ctx context.Context, before time.Time) error {
	_, err := tx.exec(ctx, "DELETE FROM bulk WHERE created_at < $1", millis(before))
	return err
}

// InsertBulkResult writes down what became of an item.
func (tx *Tx) InsertBulkResult(ctx context.Context, id bulk.ID, r bulk.Result) error {
	_, err := tx.exec(ctx, "INSERT INTO bulk_result (bulk_id, item, record_id, action, code, message, field) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		int64(id), r.Index, r.ID, r.Action, r.Code, r.Message, r.Field)
	if err != nil {
		return fmt.Errorf("result %d of bulk %d: %w", r.Index, id, err)
	}
	return nil
}

// ListBulkResults gives the results in the order of their items.
func (tx *Tx) ListBulkResults(ctx context.Context, id bulk.ID, refusedOnly bool) (results []bulk.Result, err error) {
	query := "SELECT item, record_id, action, code, message, field FROM bulk_result WHERE bulk_id = ?"
	if refusedOnly {
		query += " AND code <> ''"
	}
	rows, err := tx.bun.QueryContext(ctx, query+" ORDER BY item", id)
	if err != nil {
		return nil, tx.db.explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		var r bulk.Result
		if err := rows.Scan(&r.Index, &r.ID, &r.Action, &r.Code, &r.Message, &r.Field); err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	return results, rows.Err()
}
