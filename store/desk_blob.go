package store

import (
	"context"
	"fmt"
	"time"

	"tandem/desk"
)

// blobColumns are the columns that refer to blobs. One that is missing here
// loses its bytes when another reference to them is removed.
var blobColumns = []struct{ table, column string }{
	{"attachment", "blob"},
	{"mail", "blob"},
	{"remote_image", "blob"},
	{"brand", "logo_blob"},
	{"csv_import", "blob"},
}

// DiscardBlob notes that a reference to the blob was removed.
func (tx *Tx) DiscardBlob(ctx context.Context, blob string) error {
	if blob == "" {
		return nil
	}
	_, err := tx.exec(ctx, "INSERT INTO discarded_blob (blob, since) VALUES ($1, $2) ON CONFLICT (blob) DO NOTHING", blob, millis(tx.db.opts.Now()))
	if err != nil {
		return fmt.Errorf("discard blob %s: %w", blob, err)
	}
	return nil
}

// ListDiscardedBlobs gives keys in order, those behind the given one.
func (tx *Tx) ListDiscardedBlobs(ctx context.Context, after string, limit int) ([]string, error) {
	var blobs []string
	err := tx.bun.NewSelect().Table("discarded_blob").Column("blob").Where("blob > ?", after).Order("blob").Limit(int64(limit)).Scan(ctx, &blobs)
	return blobs, tx.db.explain(err)
}

// BlobInUse tells whether any row refers to the blob.
func (tx *Tx) BlobInUse(ctx context.Context, blob string) (bool, error) {
	for _, c := range blobColumns {
		var n int
		found, err := tx.queryRow(ctx, fmt.Sprintf("SELECT 1 FROM %s WHERE %s = $1 LIMIT 1", c.table, c.column), []any{blob}, &n)
		if err != nil || found {
			return found, err
		}
	}
	return false, nil
}

// ForgetDiscardedBlob ends the matter: the blob is gone, or in use.
func (tx *Tx) ForgetDiscardedBlob(ctx context.Context, blob string) error {
	_, err := tx.exec(ctx, "DELETE FROM discarded_blob WHERE blob = $1", blob)
	return err
}

// FindRemoteImage returns the blob of an image fetched after since; empty when there is none.
func (tx *Tx) FindRemoteImage(ctx context.Context, hash string, since time.Time) (blob, contentType string, err error) {
	_, err = tx.queryRow(ctx, "SELECT blob, content_type FROM remote_image WHERE hash = $1 AND fetched_at > $2", []any{hash, millis(since)}, &blob, &contentType)
	return blob, contentType, err
}

// SaveRemoteImage notes where an image is that was fetched; an older copy is discarded.
func (tx *Tx) SaveRemoteImage(ctx context.Context, hash, blob, contentType string, at time.Time) error {
	if err := tx.discardRemoteImages(ctx, "hash = $1 AND blob <> $2", hash, blob); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `INSERT INTO remote_image (hash, content_type, blob, fetched_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (hash) DO UPDATE SET content_type = excluded.content_type, blob = excluded.blob, fetched_at = excluded.fetched_at`,
		hash, contentType, blob, millis(at))
	return err
}

// DeleteRemoteImages forgets images fetched before, and discards their blobs.
func (tx *Tx) DeleteRemoteImages(ctx context.Context, before time.Time) error {
	if err := tx.discardRemoteImages(ctx, "fetched_at < $1", millis(before)); err != nil {
		return err
	}
	_, err := tx.exec(ctx, "DELETE FROM remote_image WHERE fetched_at < $1", millis(before))
	return err
}

// discardRemoteImages discards the blobs of the images that meet a condition.
func (tx *Tx) discardRemoteImages(ctx context.Context, where string, args ...any) error {
	discard := "INSERT INTO discarded_blob (blob, since) SELECT DISTINCT blob, CAST(" + fmt.Sprint(millis(tx.db.opts.Now())) +
		" AS BIGINT) FROM remote_image WHERE " + where + " ON CONFLICT (blob) DO NOTHING"
	_, err := tx.exec(ctx, discard, args...)
	return err
}

// GetFileSettings returns what was saved last, or the defaults.
func (tx *Tx) GetFileSettings(ctx context.Context) (desk.FileSettings, error) {
	f := desk.DefaultFileSettings
	var days int64
	found, err := tx.queryRow(ctx, "SELECT link_above, link_days, hold_unscanned, remote_images FROM file_settings WHERE id = 1", nil,
		&f.LinkAbove, &days, &f.HoldUnscanned, &f.RemoteImages)
	if err != nil || !found {
		return desk.DefaultFileSettings, err
	}
	f.LinkLife = time.Duration(days) * 24 * time.Hour
	return f, nil
}

// SaveFileSettings replaces the settings.
func (tx *Tx) SaveFileSettings(ctx context.Context, f desk.FileSettings) error {
	_, err := tx.exec(ctx, `INSERT INTO file_settings (id, link_above, link_days, hold_unscanned, remote_images) VALUES (1, $1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET link_above = excluded.link_above, link_days = excluded.link_days,
			hold_unscanned = excluded.hold_unscanned, remote_images = excluded.remote_images`,
		f.LinkAbove, int64(f.LinkLife/(24*time.Hour)), f.HoldUnscanned, f.RemoteImages)
	return err
}
