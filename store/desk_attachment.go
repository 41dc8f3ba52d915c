package store

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"tandem/desk"
	"tandem/directory"
)

type attachmentRow struct {
	bun.BaseModel `bun:"table:attachment,alias:attachment"`

	ID          int64  `bun:"id,pk"`
	CommentID   int64  `bun:"comment_id"`
	UploadToken string `bun:"upload_token"`
	FileName    string `bun:"file_name"`
	ContentType string `bun:"content_type"`
	Size        int64  `bun:"size"`
	Blob        string `bun:"blob"`
	Inline      bool   `bun:"inline"`
	ContentID   string `bun:"content_id"`
	Secret      string `bun:"secret"`
	UploadedBy  int64  `bun:"uploaded_by"`
	CreatedAt   int64  `bun:"created_at"`
	Scan        string `bun:"scan"`
	Finding     string `bun:"finding"`
	ScannedAt   int64  `bun:"scanned_at"`
}

func (r *attachmentRow) attachment() desk.Attachment {
	return desk.Attachment{
		ID: desk.AttachmentID(r.ID), CommentID: desk.CommentID(r.CommentID), UploadToken: r.UploadToken,
		FileName: r.FileName, ContentType: r.ContentType, Size: r.Size, Blob: r.Blob, Inline: r.Inline,
		ContentID: r.ContentID, Secret: r.Secret, UploadedBy: directory.UserID(r.UploadedBy), CreatedAt: instant(r.CreatedAt),
		Scan: desk.ScanState(r.Scan), Finding: r.Finding, ScannedAt: instant(r.ScannedAt),
	}
}

func (r *attachmentRow) pointer() *desk.Attachment {
	a := r.attachment()
	return &a
}

// InsertAttachment sets the ID. A file of which nobody says so has not been scanned.
func (tx *Tx) InsertAttachment(ctx context.Context, a *desk.Attachment) error {
	tx.stamp(&a.CreatedAt)
	a.Scan = cmp.Or(a.Scan, desk.NotScanned)
	id, err := tx.insert(ctx, attachmentRow{
		CommentID: int64(a.CommentID), UploadToken: a.UploadToken, FileName: a.FileName, ContentType: a.ContentType,
		Size: a.Size, Blob: a.Blob, Inline: a.Inline, ContentID: a.ContentID, Secret: a.Secret, UploadedBy: int64(a.UploadedBy),
		CreatedAt: millis(a.CreatedAt), Scan: string(a.Scan), Finding: a.Finding, ScannedAt: millis(a.ScannedAt),
	})
	if err != nil {
		return fmt.Errorf("insert attachment: %w", err)
	}
	a.ID = desk.AttachmentID(id)
	return tx.retextFile(ctx, a.CommentID)
}

// retextFile indexes the ticket of a comment that got a file.
func (tx *Tx) retextFile(ctx context.Context, comment desk.CommentID) error {
	if comment == 0 {
		return nil
	}
	var ticket int64
	found, err := tx.queryRow(ctx, "SELECT ticket_id FROM comment WHERE id = $1", []any{int64(comment)}, &ticket)
	if found {
		tx.retext(ticketText, ticket)
	}
	return err
}

// GetAttachment returns problem.NotFound when there is none.
func (tx *Tx) GetAttachment(ctx context.Context, id desk.AttachmentID) (*desk.Attachment, error) {
	row, err := one[attachmentRow](ctx, tx, "id = $1", int64(id))
	return get(row, err, "attachment", id, (*attachmentRow).pointer)
}

// FindAttachmentBySecret returns nil when there is none.
func (tx *Tx) FindAttachmentBySecret(ctx context.Context, secret string) (*desk.Attachment, error) {
	row, err := one[attachmentRow](ctx, tx, "secret = $1", secret)
	return find(row, err, "attachment by its address", (*attachmentRow).pointer)
}

// ListUpload gives the files of an upload that no comment has taken yet.
func (tx *Tx) ListUpload(ctx context.Context, uploadToken string) ([]desk.Attachment, error) {
	rows, err := many[attachmentRow](ctx, tx, tx.bun.NewSelect().
		Where("upload_token <> '' AND upload_token = ?", uploadToken).Where("comment_id = 0").Order("id"))
	return convert(rows, (*attachmentRow).attachment), err
}

// AttachFile gives a file of an upload to its comment, inline or not; it keeps the token.
func (tx *Tx) AttachFile(ctx context.Context, a *desk.Attachment) error {
	_, err := tx.exec(ctx, "UPDATE attachment SET comment_id = $1, inline = $2, content_id = $3 WHERE id = $4 AND comment_id = 0",
		a.CommentID, a.Inline, a.ContentID, a.ID)
	return cmp.Or(err, tx.retextFile(ctx, a.CommentID))
}

// DeleteUpload forgets the files of an upload that no comment has taken, and discards their blobs.
func (tx *Tx) DeleteUpload(ctx context.Context, uploadToken string) error {
	files, err := tx.ListUpload(ctx, uploadToken)
	if err != nil {
		return err
	}
	for _, a := range files {
		if err := tx.DiscardBlob(ctx, a.Blob); err != nil {
			return err
		}
	}
	_, err = tx.exec(ctx, "DELETE FROM attachment WHERE upload_token <> '' AND upload_token = $1 AND comment_id = 0", uploadToken)
	return err
}

// ListAbandonedUploads gives uploads that nobody used and no draft keeps, oldest first.
func (tx *Tx) ListAbandonedUploads(ctx context.Context, before time.Time, limit int) ([]desk.Attachment, error) {
	q := tx.bun.NewSelect().Where("comment_id = 0").Where("draft_id = 0").Where("created_at < ?", millis(before)).Order("id")
	page(q, limit, 0)
	rows, err := many[attachmentRow](ctx, tx, q)
	return convert(rows, (*attachmentRow).attachment), err
}
