package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"tandem/desk"
	"tandem/directory"
)

type ticketAuditRow struct {
	bun.BaseModel `bun:"table:ticket_audit,alias:ticket_audit"`

	ID        int64  `bun:"id,pk"`
	TicketID  int64  `bun:"ticket_id"`
	AuthorID  int64  `bun:"author_id"`
	Via       string `bun:"via"`
	CommentID int64  `bun:"comment_id"`
	Events    string `bun:"events"`
	CreatedAt int64  `bun:"created_at"`
}

// InsertTicketAudit sets the ID.
func (tx *Tx) InsertTicketAudit(ctx context.Context, a *desk.TicketAudit) error {
	tx.stamp(&a.CreatedAt)
	id, err := tx.insert(ctx, ticketAuditRow{
		TicketID: int64(a.TicketID), AuthorID: int64(a.AuthorID), Via: string(a.Via), CommentID: int64(a.CommentID),
		Events: list(a.Events), CreatedAt: millis(a.CreatedAt),
	})
	if err != nil {
		return fmt.Errorf("insert ticket audit: %w", err)
	}
	a.ID = desk.AuditID(id)
	return nil
}

// CountTicketAudits counts the changes of a ticket.
func (tx *Tx) CountTicketAudits(ctx context.Context, id desk.TicketID) (int, error) {
	return count[ticketAuditRow](ctx, tx, tx.bun.NewSelect().Where("ticket_id = ?", id))
}

// ListTicketAudits lists changes in the order in which they were made, or the newest first.
func (tx *Tx) ListTicketAudits(ctx context.Context, f desk.AuditFilter) ([]*desk.TicketAudit, error) {
	q := tx.bun.NewSelect()
	if f.Ticket != 0 {
		q.Where("ticket_id = ?", f.Ticket)
	}
	if f.ID != 0 {
		q.Where("id = ?", f.ID)
	}
	rows, err := part[ticketAuditRow](ctx, tx, q, keyset{descending: f.Descending}, f.Part)
	if err != nil {
		return nil, fmt.Errorf("list ticket audits: %w", err)
	}
	audits := make([]*desk.TicketAudit, len(rows))
	for i, r := range rows {
		events, err := unlist[desk.AuditEvent](r.Events)
		if err != nil {
			return nil, fmt.Errorf("events of ticket audit %d: %w", r.ID, err)
		}
		audits[i] = &desk.TicketAudit{
			ID: desk.AuditID(r.ID), TicketID: desk.TicketID(r.TicketID), AuthorID: directory.UserID(r.AuthorID), Via: desk.Channel(r.Via),
			CommentID: desk.CommentID(r.CommentID), Events: events, CreatedAt: instant(r.CreatedAt),
		}
	}
	return audits, nil
}
