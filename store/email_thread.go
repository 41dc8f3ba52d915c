package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"tandem/desk"
)

// maxMessageID is the longest Message-ID that is stored as it is; strangers
// send longer ones than an index of Postgres holds.
const maxMessageID = 255

func threadKey(messageID string) string {
	messageID = cleanText(messageID)
	if len(messageID) <= maxMessageID {
		return messageID
	}
	sum := sha256.Sum256([]byte(messageID))
	return "sha256:" + hex.EncodeToString(sum[:])
}

const rememberMessageID = "INSERT INTO thread_reference (message_id, ticket_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"

// RememberMessageID notes that mails referring to this Message-ID belong to the ticket.
func (tx *Tx) RememberMessageID(ctx context.Context, messageID string, ticket desk.TicketID) error {
	if messageID == "" {
		return nil
	}
	if _, err := tx.exec(ctx, rememberMessageID, threadKey(messageID), int64(ticket)); err != nil {
		return fmt.Errorf("remember Message-ID of ticket %d: %w", ticket, err)
	}
	return nil
}

// threadsOf selects the tickets of n Message-IDs, those of the recipient $1 first.
func threadsOf(n int) string {
	return `SELECT message_id, ticket_id FROM thread_reference JOIN ticket ON ticket.id = ticket_id
		WHERE message_id IN (` + marks(2, n) + `) AND status <> 'deleted' ORDER BY CASE WHEN recipient = $1 THEN 0 ELSE 1 END, ticket_id DESC`
}

// FindTicketByMessageIDs returns the ticket of the first id that is known, and
// that id; 0 when none is, or only deleted ones are. Of several tickets the one with the recipient wins,
// then the newest.
func (tx *Tx) FindTicketByMessageIDs(ctx context.Context, ids []string, recipient string) (desk.TicketID, string, error) {
	if len(ids) == 0 {
		return 0, "", nil
	}
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = threadKey(id)
	}
	tickets := make(map[string]desk.TicketID)
	err := tx.each(ctx, threadsOf(len(keys)), append([]any{recipient}, anys(keys)...), func(scan func(...any) error) error {
		var key string
		var ticket desk.TicketID
		err := scan(&key, &ticket)
		if tickets[key] == 0 {
			tickets[key] = ticket
		}
		return err
	})
	if err != nil {
		return 0, "", fmt.Errorf("find ticket by Message-IDs: %w", err)
	}
	for i, key := range keys {
		if ticket := tickets[key]; ticket != 0 {
			return ticket, ids[i], nil
		}
	}
	return 0, "", nil
}
