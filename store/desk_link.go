package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"tandem/desk"
)

type fileLinkRow struct {
	bun.BaseModel `bun:"table:file_link,alias:file_link"`

	ID           int64  `bun:"id,pk"`
	AttachmentID int64  `bun:"attachment_id,skipupdate"`
	CommentID    int64  `bun:"comment_id,skipupdate"`
	Hash         string `bun:"hash,skipupdate"`
	Secret       string `bun:"secret,skipupdate"` // sealed
	ExpiresAt    int64  `bun:"expires_at"`
	RevokedAt    int64  `bun:"revoked_at"`
	Downloads    int    `bun:"downloads,skipupdate"`
	DownloadedAt int64  `bun:"downloaded_at,skipupdate"`
	CreatedAt    int64  `bun:"created_at,skipupdate"`
}

// link opens the secret.
func (tx *Tx) link(r *fileLinkRow) (*desk.FileLink, error) {
	secret, err := tx.db.opts.Keys.open(r.Secret, placeOfLink(r.Hash))
	if err != nil {
		return nil, err
	}
	return &desk.FileLink{
		ID: desk.LinkID(r.ID), AttachmentID: desk.AttachmentID(r.AttachmentID), CommentID: desk.CommentID(r.CommentID), Secret: secret,
		ExpiresAt: instant(r.ExpiresAt), RevokedAt: instant(r.RevokedAt), Downloads: r.Downloads,
		DownloadedAt: instant(r.DownloadedAt), CreatedAt: instant(r.CreatedAt),
	}, nil
}

func placeOfLink(hash string) place { return place{"file_link", "secret", hash} }

// InsertFileLink sets the ID. The secret is sealed, and found again by its hash.
func (tx *Tx) InsertFileLink(ctx context.Context, l *desk.FileLink) error {
	tx.stamp(&l.CreatedAt)
	hash := hashToken(l.Secret)
	sealed, err := tx.db.opts.Keys.seal(l.Secret, placeOfLink(hash))
	if err != nil {
		return err
	}
	id, err := tx.insert(ctx, fileLinkRow{
		AttachmentID: int64(l.AttachmentID), CommentID: int64(l.CommentID), Hash: hash, Secret: sealed,
		ExpiresAt: millis(l.ExpiresAt), RevokedAt: millis(l.RevokedAt), CreatedAt: millis(l.CreatedAt),
	})
	if err != nil {
		return fmt.Errorf("insert link to attachment %d: %w", l.AttachmentID, err)
	}
	l.ID = desk.LinkID(id)
	return nil
}

// GetFileLink returns problem.NotFound when there is none; in an Update it also locks the row.
func (tx *Tx) GetFileLink(ctx context.Context, id desk.LinkID) (*desk.FileLink, error) {
	row, err := lockOne[fileLinkRow](ctx, tx, "id = $1", int64(id))
	if err != nil {
		return nil, fmt.Errorf("read link %d: %w", id, err)
	}
	if row == nil {
		return nil, notFound("link to a file", id)
	}
	return tx.link(row)
}

// FindFileLinkBySecret returns nil when there is none.
func (tx *Tx) FindFileLinkBySecret(ctx context.Context, secret string) (*desk.FileLink, error) {
	row, err := one[fileLinkRow](ctx, tx, "hash = $1", hashToken(secret))
	if err != nil {
		return nil, fmt.Errorf("find a link to a file: %w", err)
	}
	if row == nil {
		return nil, nil
	}
	return tx.link(row)
}

// UpdateFileLink writes expiry and revocation.
func (tx *Tx) UpdateFileLink(ctx context.Context, l *desk.FileLink) error {
	return missing(tx.update(ctx, int64(l.ID), fileLinkRow{ExpiresAt: millis(l.ExpiresAt), RevokedAt: millis(l.RevokedAt)}), "link to a file", l.ID)
}

// CountDownload counts one download of the link's file.
func (tx *Tx) CountDownload(ctx context.Context, id desk.LinkID, at time.Time) error {
	_, err := tx.exec(ctx, "UPDATE file_link SET downloads = downloads + 1, downloaded_at = $1 WHERE id = $2", millis(at), id)
	return err
}

// DeleteFileLinks removes the links of a comment whose mail has not left.
func (tx *Tx) DeleteFileLinks(ctx context.Context, id desk.CommentID) error {
	_, err := tx.exec(ctx, "DELETE FROM file_link WHERE comment_id = $1", id)
	return err
}

// addLinks gives comments that have files, and leave by mail, their links.
func (tx *Tx) addLinks(ctx context.Context, comments []*desk.Comment) error {
	byID := make(map[int64]*desk.Comment)
	var ids []int64
	for _, c := range comments {
		if len(c.Attachments) > 0 && c.Public {
			byID[int64(c.ID)], ids = c, append(ids, int64(c.ID))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := many[fileLinkRow](ctx, tx, tx.bun.NewSelect().Where("comment_id IN (?)", bun.List(ids)).Order("comment_id", "id"))
	if err != nil {
		return fmt.Errorf("links to files: %w", err)
	}
	for i := range rows {
		l, err := tx.link(&rows[i])
		if err != nil {
			return err
		}
		c := byID[rows[i].CommentID]
		c.Links = append(c.Links, *l)
	}
	return nil
}
