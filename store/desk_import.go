package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"tandem/csvfile"
	"tandem/desk"
	"tandem/directory"
)

type csvImportRow struct {
	bun.BaseModel `bun:"table:csv_import,alias:csv_import"`

	ID        int64  `bun:"id,pk"`
	Token     string `bun:"token,skipupdate"`
	Kind      string `bun:"kind,skipupdate"`
	FileName  string `bun:"file_name,skipupdate"`
	Size      int64  `bun:"size,skipupdate"`
	Blob      string `bun:"blob,skipupdate"`
	Encoding  string `bun:"encoding"`
	Separator string `bun:"separator"`
	Job       string `bun:"job"`
	UserID    int64  `bun:"user_id,skipupdate"`
	CreatedAt int64  `bun:"created_at,skipupdate"`
}

func rowOfCSVImport(i *desk.Import) csvImportRow {
	return csvImportRow{
		Token: i.Token, Kind: string(i.Kind), FileName: i.FileName, Size: i.Size, Blob: i.Blob, Encoding: string(i.Format.Encoding),
		Separator: string(i.Format.Separator), Job: i.Job, UserID: int64(i.By), CreatedAt: millis(i.CreatedAt),
	}
}

func (r *csvImportRow) imported() *desk.Import {
	return &desk.Import{
		ID: desk.ImportID(r.ID), Token: r.Token, Kind: desk.ImportKind(r.Kind), FileName: r.FileName, Size: r.Size, Blob: r.Blob,
		Format: csvfile.Format{Encoding: csvfile.Encoding(r.Encoding), Separator: csvfile.Separator(r.Separator)},
		Job:    r.Job, By: directory.UserID(r.UserID), CreatedAt: instant(r.CreatedAt),
	}
}

// InsertCSVImport sets the ID.
func (tx *Tx) InsertCSVImport(ctx context.Context, i *desk.Import) error {
	id, err := tx.insert(ctx, rowOfCSVImport(i))
	i.ID = desk.ImportID(id)
	return err
}

// FindCSVImport returns nil when there is none with the token. In an Update it also locks the row.
func (tx *Tx) FindCSVImport(ctx context.Context, token string) (*desk.Import, error) {
	row, err := lockOne[csvImportRow](ctx, tx, "token = $1", token)
	return find(row, err, "import", (*csvImportRow).imported)
}

// BeginCSVImport writes how the file is read, and by which work.
func (tx *Tx) BeginCSVImport(ctx context.Context, i *desk.Import) error {
	return tx.update(ctx, int64(i.ID), rowOfCSVImport(i))
}

// DeleteCSVImports forgets the imports that ended, or were added and never begun, before a time, and discards their files.
func (tx *Tx) DeleteCSVImports(ctx context.Context, endedBefore time.Time) error {
	const old = ` FROM csv_import WHERE created_at < $1 AND NOT EXISTS (
		SELECT 1 FROM bulk WHERE bulk.key = csv_import.job AND (bulk.state IN ('queued', 'working') OR bulk.finished_at >= $1))`
	discard := fmt.Sprintf("INSERT INTO discarded_blob (blob, since) SELECT DISTINCT blob, CAST(%d AS BIGINT)", millis(tx.db.opts.Now())) + old +
		" ON CONFLICT (blob) DO NOTHING"
	if _, err := tx.exec(ctx, discard, millis(endedBefore)); err != nil {
		return fmt.Errorf("discard the files of old imports: %w", err)
	}
	_, err := tx.exec(ctx, "DELETE"+old, millis(endedBefore))
	return err
}
