package store

import (
	"context"
	"fmt"
	"time"

	"tandem/desk"
	"tandem/email"
)

// InsertNotification keeps what a notification says, and to whom it goes.
func (tx *Tx) InsertNotification(ctx context.Context, id email.MailID, n *email.Notification, at time.Time) error {
	_, err := tx.exec(ctx, `INSERT INTO notification (mail_id, notification_key, reason, ticket_id, recipient, auto, subject, text, html, created_at, in_reply_to)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		int64(id), n.Key, n.Reason, int64(n.Ticket), n.To[0].Email, n.Auto, n.Subject, n.Text, n.HTML, millis(at), n.InReplyTo)
	return err
}

// GetNotification reads what a notification says, or returns problem.NotFound.
func (tx *Tx) GetNotification(ctx context.Context, id email.MailID) (*email.Notification, error) {
	var n email.Notification
	var ticket int64
	found, err := tx.queryRow(ctx, "SELECT notification_key, reason, ticket_id, auto, subject, text, html, in_reply_to FROM notification WHERE mail_id = $1",
		[]any{int64(id)}, &n.Key, &n.Reason, &ticket, &n.Auto, &n.Subject, &n.Text, &n.HTML, &n.InReplyTo)
	if err != nil {
		return nil, fmt.Errorf("read notification %d: %w", id, err)
	}
	if !found {
		return nil, notFound("notification", id)
	}
	n.Ticket = desk.TicketID(ticket)
	return &n, nil
}

// DeleteNotification forgets what a notification said.
func (tx *Tx) DeleteNotification(ctx context.Context, id email.MailID) error {
	_, err := tx.exec(ctx, "DELETE FROM notification WHERE mail_id = $1", int64(id))
	return err
}

// FindNotification gives the mail of the one with the key; 0 when there is none, as for the empty key.
func (tx *Tx) FindNotification(ctx context.Context, key string) (id email.MailID, err error) {
	_, err = tx.queryRow(ctx, "SELECT mail_id FROM notification WHERE notification_key = $1 AND notification_key <> ''", []any{key}, &id)
	return id, err
}

// AutoRepliedSince tells whether the address has got an automatic answer since then.
func (tx *Tx) AutoRepliedSince(ctx context.Context, address string, since time.Time) (bool, error) {
	var one int
	return tx.queryRow(ctx, "SELECT 1 FROM notification WHERE recipient = $1 AND auto AND created_at > $2 LIMIT 1",
		[]any{address, millis(since)}, &one)
}
