package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"tandem/desk"
)

type asideRow struct {
	bun.BaseModel `bun:"table:set_aside,alias:set_aside"`

	MailID    int64  `bun:"mail_id,pk"`
	CommentID int64  `bun:"comment_id"`
	Size      int64  `bun:"size"`
	State     string `bun:"state"`
	ErrorCode string `bun:"error_code"`
	Error     string `bun:"error"`
	Remedy    string `bun:"remedy"`
}

func (r *asideRow) aside() *desk.Aside {
	return &desk.Aside{
		MailID: r.MailID, CommentID: desk.CommentID(r.CommentID), Size: r.Size, State: desk.AsideState(r.State),
		ErrorCode: r.ErrorCode, Error: r.Error, Remedy: r.Remedy,
	}
}

// SaveAside notes that the files of a mail are at Microsoft, or how far fetching them is.
func (tx *Tx) SaveAside(ctx context.Context, a desk.Aside) error {
	_, err := tx.exec(ctx, `INSERT INTO set_aside (mail_id, comment_id, size, state, error_code, error, remedy) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (mail_id) DO UPDATE SET state = excluded.state, error_code = excluded.error_code, error = excluded.error, remedy = excluded.remedy`,
		a.MailID, a.CommentID, a.Size, string(a.State), a.ErrorCode, a.Error, a.Remedy)
	if err != nil {
		return fmt.Errorf("set the files of mail %d aside: %w", a.MailID, err)
	}
	return nil
}

// FindAside returns nil when the mail's files are not set aside; in an Update it also locks the row.
func (tx *Tx) FindAside(ctx context.Context, mail int64) (*desk.Aside, error) {
	row, err := lockOne[asideRow](ctx, tx, "mail_id = $1", mail)
	return find(row, err, "files set aside", (*asideRow).aside)
}

// FillAttachment writes blob, size and scan state of a file that was set aside.
func (tx *Tx) FillAttachment(ctx context.Context, a desk.Attachment) error {
	_, err := tx.exec(ctx, "UPDATE attachment SET blob = $1, size = $2, scan = $3 WHERE id = $4", a.Blob, a.Size, string(a.Scan), a.ID)
	if err != nil {
		return fmt.Errorf("fill attachment %d: %w", a.ID, err)
	}
	return nil
}

// addAsides tells of comments with a file that is not here where it is. Once
// fetched, nothing needs to be said any more.
func (tx *Tx) addAsides(ctx context.Context, comments []*desk.Comment) error {
	byID := make(map[int64]*desk.Comment)
	var ids []int64
	for _, c := range comments {
		for _, a := range c.Attachments {
			if a.SetAside() && byID[int64(c.ID)] == nil {
				byID[int64(c.ID)], ids = c, append(ids, int64(c.ID))
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := many[asideRow](ctx, tx, tx.bun.NewSelect().Where("comment_id IN (?)", bun.List(ids)))
	if err != nil {
		return fmt.Errorf("files set aside: %w", err)
	}
	for i := range rows {
		byID[rows[i].CommentID].Aside = rows[i].aside()
	}
	return nil
}
