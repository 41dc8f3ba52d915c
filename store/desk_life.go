package store

import (
	"context"
	"fmt"
	"time"

	"tandem/desk"
)

// GetTicketSettings returns what was saved last, or the defaults.
func (tx *Tx) GetTicketSettings(ctx context.Context) (desk.TicketSettings, error) {
	var days int64
	found, err := tx.queryRow(ctx, "SELECT close_after_days FROM ticket_settings WHERE id = 1", nil, &days)
	if err != nil || !found {
		return desk.DefaultTicketSettings, err
	}
	return desk.TicketSettings{CloseAfter: time.Duration(days) * 24 * time.Hour}, nil
}

// SaveTicketSettings replaces the settings.
func (tx *Tx) SaveTicketSettings(ctx context.Context, s desk.TicketSettings) error {
	_, err := tx.exec(ctx, `INSERT INTO ticket_settings (id, close_after_days) VALUES (1, $1)
		ON CONFLICT (id) DO UPDATE SET close_after_days = excluded.close_after_days`, int64(s.CloseAfter/(24*time.Hour)))
	return err
}

const solvedBefore = "SELECT id FROM ticket WHERE status = 'solved' AND solved_at <= ? ORDER BY solved_at, id LIMIT ?"

// ListSolved gives tickets that were solved before, the first solved first.
func (tx *Tx) ListSolved(ctx context.Context, before time.Time, limit int) ([]desk.TicketID, error) {
	var ids []desk.TicketID
	if err := tx.bun.NewRaw(solvedBefore, millis(before), limit).Scan(ctx, &ids); err != nil {
		return nil, fmt.Errorf("list solved tickets: %w", tx.db.explain(err))
	}
	return ids, nil
}

// purgedRows are what a ticket consists of, in the order in which it can be
// removed; $1 is the ticket. Its mails stay in the ledger, and are emptied there.
var purgedRows = []string{
	"DELETE FROM file_link WHERE comment_id IN " + itsComments,
	"DELETE FROM set_aside WHERE comment_id IN " + itsComments,
	"DELETE FROM attachment WHERE comment_id IN " + itsComments,
	"DELETE FROM comment WHERE ticket_id = $1",
	"DELETE FROM ticket_audit WHERE ticket_id = $1",
	"DELETE FROM ticket_cc WHERE ticket_id = $1",
	"DELETE FROM ticket_follower WHERE ticket_id = $1",
	"DELETE FROM ticket_tag WHERE ticket_id = $1",
	"DELETE FROM ticket_sibling WHERE ticket_id = $1",
	"DELETE FROM ticket_sibling WHERE sibling_id = $1",
	"DELETE FROM field_value WHERE owner = 'ticket' AND owner_id = $1",
	"DELETE FROM thread_reference WHERE ticket_id = $1",
	"UPDATE ticket SET problem_id = 0 WHERE problem_id <> 0 AND problem_id = $1",
	"UPDATE ticket SET merged_into = 0 WHERE merged_into <> 0 AND merged_into = $1",
	"DELETE FROM ticket WHERE id = $1",
}

const itsComments = "(SELECT id FROM comment WHERE ticket_id = $1)"

// PurgeTicket removes a ticket with everything that was said and done about it.
func (tx *Tx) PurgeTicket(ctx context.Context, id desk.TicketID) error {
	if err := tx.discardFiles(ctx, id); err != nil {
		return fmt.Errorf("discard the files of ticket %d: %w", id, err)
	}
	var drafts []int64
	if err := tx.bun.NewRaw("SELECT id FROM draft WHERE ticket_id = ?", int64(id)).Scan(ctx, &drafts); err != nil {
		return fmt.Errorf("drafts of ticket %d: %w", id, tx.db.explain(err))
	}
	for _, draft := range drafts {
		if err := tx.DeleteDraft(ctx, draft); err != nil {
			return err
		}
	}
	for _, statement := range purgedRows {
		if _, err := tx.exec(ctx, statement, int64(id)); err != nil {
			return fmt.Errorf("purge ticket %d: %w", id, err)
		}
	}
	tx.retext(ticketText, int64(id)) // a deleted one is not searched any more, but not all were deleted before
	return nil
}

func (tx *Tx) discardFiles(ctx context.Context, id desk.TicketID) error {
	comments, err := tx.ListComments(ctx, id)
	if err != nil {
		return err
	}
	for _, c := range comments {
		for _, a := range c.Attachments {
			if err := tx.DiscardBlob(ctx, a.Blob); err != nil {
				return err
			}
		}
	}
	return nil
}
