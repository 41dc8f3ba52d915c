package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"tandem/desk"
	"tandem/directory"
)

type commentRow struct {
	bun.BaseModel `bun:"table:comment,alias:comment"`

	ID              int64  `bun:"id,pk"`
	TicketID        int64  `bun:"ticket_id,skipupdate"`
	AuthorID        int64  `bun:"author_id,skipupdate"`
	Public          bool   `bun:"public"`
	Text            string `bun:"text,skipupdate"`
	HTML            string `bun:"html,skipupdate"`
	QuotedText      string `bun:"quoted_text,skipupdate"`
	QuotedHTML      string `bun:"quoted_html,skipupdate"`
	HasRemoteImages bool   `bun:"has_remote_images,skipupdate"`
	Via             string `bun:"via,skipupdate"`
	MailID          int64  `bun:"mail_id"`
	Flag            string `bun:"flag"`
	CCs             string `bun:"ccs,skipupdate"`
	MailFacts       string `bun:"mail_facts,skipupdate"`
	CreatedAt       int64  `bun:"created_at,skipupdate"`
}

func rowOfComment(c *desk.Comment) commentRow {
	return commentRow{
		TicketID: int64(c.TicketID), AuthorID: int64(c.AuthorID), Public: c.Public, Text: c.Text, HTML: c.HTML,
		QuotedText: c.QuotedText, QuotedHTML: c.QuotedHTML, HasRemoteImages: c.HasRemoteImages, Via: string(c.Via),
		MailID: c.MailID, Flag: string(c.Flag), CCs: list(c.CCs), MailFacts: mailFactsText(c.Facts), CreatedAt: millis(c.CreatedAt),
	}
}

func (r *commentRow) comment() (*desk.Comment, error) {
	ccs, err := unlist[directory.UserID](r.CCs)
	if err != nil {
		return nil, fmt.Errorf("people in copy of comment %d: %w", r.ID, err)
	}
	facts, err := readMailFacts(r.MailFacts)
	if err != nil {
		return nil, fmt.Errorf("mail facts of comment %d: %w", r.ID, err)
	}
	return &desk.Comment{
		ID: desk.CommentID(r.ID), TicketID: desk.TicketID(r.TicketID), AuthorID: directory.UserID(r.AuthorID),
		Public: r.Public, Text: r.Text, HTML: r.HTML, QuotedText: r.QuotedText, QuotedHTML: r.QuotedHTML,
		HasRemoteImages: r.HasRemoteImages, Via: desk.Channel(r.Via), MailID: r.MailID, Flag: desk.Flag(r.Flag),
		CCs: ccs, Facts: facts, CreatedAt: instant(r.CreatedAt),
	}, nil
}

// InsertComment sets the ID. Its files are inserted, or attached, by themselves.
func (tx *Tx) InsertComment(ctx context.Context, c *desk.Comment) error {
	tx.stamp(&c.CreatedAt)
	id, err := tx.insert(ctx, rowOfComment(c))
	if err != nil {
		return fmt.Errorf("insert comment: %w", err)
	}
	c.ID = desk.CommentID(id)
	tx.retext(ticketText, int64(c.TicketID))
	return nil
}

// UpdateComment writes visibility, flag and mail; what was said does not change.
func (tx *Tx) UpdateComment(ctx context.Context, c *desk.Comment) error {
	return missing(tx.update(ctx, int64(c.ID), rowOfComment(c)), "comment", c.ID)
}

// GetComment reads a comment with its files and its delivery, or returns problem.NotFound.
func (tx *Tx) GetComment(ctx context.Context, id desk.CommentID) (*desk.Comment, error) {
	comments, err := tx.commentsWhere(ctx, tx.bun.NewSelect().Where("id = ?", id))
	if err != nil {
		return nil, fmt.Errorf("read comment %d: %w", id, err)
	}
	if len(comments) == 0 {
		return nil, notFound("comment", id)
	}
	return comments[0], nil
}

// ListComments lists the comments of a ticket, oldest first, with their files and deliveries.
func (tx *Tx) ListComments(ctx context.Context, id desk.TicketID) ([]*desk.Comment, error) {
	comments, err := tx.commentsWhere(ctx, tx.bun.NewSelect().Where("ticket_id = ?", id).Order("created_at", "id"))
	if err != nil {
		return nil, fmt.Errorf("list comments of ticket %d: %w", id, err)
	}
	return comments, nil
}

func (tx *Tx) commentsWhere(ctx context.Context, q *bun.SelectQuery) ([]*desk.Comment, error) {
	rows, err := many[commentRow](ctx, tx, q)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	comments := make([]*desk.Comment, len(rows))
	byID := make(map[desk.CommentID]*desk.Comment, len(rows))
	ids := make([]int64, len(rows))
	for i := range rows {
		c, err := rows[i].comment()
		if err != nil {
			return nil, err
		}
		ids[i], comments[i], byID[c.ID] = rows[i].ID, c, c
	}
	if err := tx.addFiles(ctx, ids, byID); err != nil {
		return nil, err
	}
	if err := tx.addLinks(ctx, comments); err != nil {
		return nil, err
	}
	if err := tx.addAsides(ctx, comments); err != nil {
		return nil, err
	}
	return comments, tx.addDeliveries(ctx, ids, byID)
}

func (tx *Tx) addFiles(ctx context.Context, ids []int64, byID map[desk.CommentID]*desk.Comment) error {
	files, err := many[attachmentRow](ctx, tx, tx.bun.NewSelect().Where("comment_id IN (?)", bun.List(ids)).Order("comment_id", "id"))
	if err != nil {
		return fmt.Errorf("files: %w", err)
	}
	for i := range files {
		file := files[i].attachment()
		c := byID[file.CommentID]
		c.Attachments = append(c.Attachments, file)
	}
	return nil
}

// deliveryStates says of each state of an outgoing mail what the comment shows.
var deliveryStates = map[string]desk.DeliveryState{
	"waiting": desk.DeliveryWaiting,
	"drafted": desk.DeliveryWaiting,
	"sending": desk.DeliverySending,
	"sent":    desk.DeliverySent,
	"bounced": desk.DeliveryBounced,
	"failed":  desk.DeliveryFailed,
}

func (tx *Tx) addDeliveries(ctx context.Context, ids []int64, byID map[desk.CommentID]*desk.Comment) error {
	mails, err := many[mailRow](ctx, tx, tx.bun.NewSelect().
		Column("id", "comment_id", "state", "error_code", "error", "error_remedy", "attempts", "filed_at").
		Where("direction = 'out'").Where("comment_id <> 0 AND comment_id IN (?)", bun.List(ids)))
	if err != nil {
		return fmt.Errorf("deliveries: %w", err)
	}
	sent := make(map[int64]*desk.Comment)
	for _, m := range mails {
		c := byID[desk.CommentID(m.CommentID)]
		if m.FiledAt != 0 {
			sent[m.ID] = c
		}
		c.Delivery = &desk.Delivery{
			State: deliveryStates[m.State], ErrorCode: m.ErrorCode, Error: m.Error, Remedy: m.ErrorRemedy,
			Attempts: m.Attempts, SentAt: instant(m.FiledAt),
		}
	}
	return tx.addBounces(ctx, sent)
}

// DeleteComment removes a comment that was taken back; its files become an upload again.
func (tx *Tx) DeleteComment(ctx context.Context, id desk.CommentID) error {
	if _, err := tx.exec(ctx, "UPDATE attachment SET comment_id = 0 WHERE comment_id = $1", id); err != nil {
		return fmt.Errorf("give back the files of comment %d: %w", id, err)
	}
	if err := tx.DeleteFileLinks(ctx, id); err != nil {
		return fmt.Errorf("remove the links of comment %d: %w", id, err)
	}
	var ticket int64
	found, err := tx.queryRow(ctx, "DELETE FROM comment WHERE id = $1 RETURNING ticket_id", []any{id}, &ticket)
	if err != nil {
		return fmt.Errorf("delete comment %d: %w", id, err)
	}
	if !found {
		return notFound("comment", id)
	}
	tx.retext(ticketText, ticket)
	return nil
}
