package store

import (
	"context"

	"github.com/uptrace/bun"

	"tandem/email"
)

type importRow struct {
	bun.BaseModel `bun:"table:import,alias:import"`

	ID           int64  `bun:"id,pk"`
	ConnectionID int64  `bun:"connection_id,skipupdate"`
	State        string `bun:"state"`
	Total        int    `bun:"total"`
	Done         int    `bun:"done"`
	Error        string `bun:"error"`
	CreatedAt    int64  `bun:"created_at,skipupdate"`
	FinishedAt   int64  `bun:"finished_at"`
}

func rowOfImport(i *email.Import) importRow {
	return importRow{
		ConnectionID: int64(i.ConnectionID), State: string(i.State), Total: i.Total, Done: i.Done, Error: i.Error,
		CreatedAt: millis(i.CreatedAt), FinishedAt: millis(i.FinishedAt),
	}
}

func (r *importRow) imported() *email.Import {
	return &email.Import{
		ID: email.ImportID(r.ID), ConnectionID: email.ConnectionID(r.ConnectionID), State: email.ImportState(r.State),
		Total: r.Total, Done: r.Done, Error: r.Error, CreatedAt: instant(r.CreatedAt), FinishedAt: instant(r.FinishedAt),
	}
}

// InsertImport sets the ID.
func (tx *Tx) InsertImport(ctx context.Context, i *email.Import) error {
	tx.stamp(&i.CreatedAt)
	id, err := tx.insert(ctx, rowOfImport(i))
	if err == nil {
		i.ID = email.ImportID(id)
	}
	return err
}

// UpdateImport writes how far the import has come.
func (tx *Tx) UpdateImport(ctx context.Context, i *email.Import) error {
	return missing(tx.update(ctx, int64(i.ID), rowOfImport(i)), "import", i.ID)
}

// GetImport reads an import, or returns problem.NotFound. In an Update it also locks the row.
func (tx *Tx) GetImport(ctx context.Context, id email.ImportID) (*email.Import, error) {
	row, err := lockOne[importRow](ctx, tx, "id = $1", int64(id))
	return get(row, err, "import", id, (*importRow).imported)
}

// FindLatestImport returns nil when the connection never had one.
func (tx *Tx) FindLatestImport(ctx context.Context, id email.ConnectionID) (*email.Import, error) {
	row, err := one[importRow](ctx, tx, "connection_id = $1 ORDER BY id DESC", int64(id))
	return find(row, err, "latest import", (*importRow).imported)
}
