package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"tandem/email"
)

type readFolderRow struct {
	bun.BaseModel `bun:"table:connection_folder,alias:connection_folder"`

	ID           int64  `bun:"id,pk"`
	ConnectionID int64  `bun:"connection_id"`
	Folder       string `bun:"folder"`
	Path         string `bun:"path"`
	Cursor       string `bun:"delta_cursor"`
}

func (readFolderRow) onConflict() string {
	return "ON CONFLICT (connection_id, folder) DO UPDATE SET path = excluded.path, delta_cursor = excluded.delta_cursor"
}

func (r *readFolderRow) readFolder() *email.ReadFolder {
	return &email.ReadFolder{ID: r.Folder, Path: r.Path, Cursor: r.Cursor}
}

// ListReadFolders lists them by path.
func (tx *Tx) ListReadFolders(ctx context.Context, id email.ConnectionID) ([]*email.ReadFolder, error) {
	rows, err := many[readFolderRow](ctx, tx, tx.bun.NewSelect().Where("connection_id = ?", id).Order("path", "id"))
	if err != nil {
		return nil, fmt.Errorf("list the folders of connection %d: %w", id, err)
	}
	return convert(rows, (*readFolderRow).readFolder), nil
}

// SaveReadFolder adds a folder, or writes its path and cursor.
func (tx *Tx) SaveReadFolder(ctx context.Context, id email.ConnectionID, f *email.ReadFolder) error {
	_, err := tx.insert(ctx, readFolderRow{ConnectionID: int64(id), Folder: f.ID, Path: f.Path, Cursor: f.Cursor})
	if err != nil {
		return fmt.Errorf("save a folder of connection %d: %w", id, err)
	}
	return nil
}

// DeleteReadFolder forgets one folder; it may be forgotten already.
func (tx *Tx) DeleteReadFolder(ctx context.Context, id email.ConnectionID, folder string) error {
	_, err := tx.exec(ctx, "DELETE FROM connection_folder WHERE connection_id = $1 AND folder = $2", id, folder)
	return err
}

// DeleteReadFolders forgets all of a connection.
func (tx *Tx) DeleteReadFolders(ctx context.Context, id email.ConnectionID) error {
	_, err := tx.exec(ctx, "DELETE FROM connection_folder WHERE connection_id = $1", id)
	return err
}
