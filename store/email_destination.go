package store

import (
	"context"
	"fmt"

	"tandem/email"
)

// DestinationPolicy is empty when nobody has chosen one.
func (tx *Tx) DestinationPolicy(ctx context.Context) (email.Destination, error) {
	var policy string
	_, err := tx.queryRow(ctx, "SELECT policy FROM destination_policy", nil, &policy)
	return email.Destination(policy), err
}

// SetDestinationPolicy stores the organisation's policy.
func (tx *Tx) SetDestinationPolicy(ctx context.Context, d email.Destination) error {
	_, err := tx.exec(ctx, "INSERT INTO destination_policy (id, policy) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET policy = excluded.policy", string(d))
	if err != nil {
		return fmt.Errorf("store the policy for mail to several addresses: %w", err)
	}
	return nil
}

// FindCopy returns nil when the connection has no mail with the key.
func (tx *Tx) FindCopy(ctx context.Context, id email.ConnectionID, dedupeKey string) (*email.Mail, error) {
	return foundMail(one[mailRow](ctx, tx, "dedupe_key <> '' AND dedupe_key = $1 AND connection_id = $2 AND direction = 'in'", dedupeKey, int64(id)))
}

// FindCopyElsewhere returns nil when no other connection handles a mail with the key.
func (tx *Tx) FindCopyElsewhere(ctx context.Context, id email.ConnectionID, dedupeKey string) (*email.Mail, error) {
	return foundMail(one[mailRow](ctx, tx,
		"dedupe_key <> '' AND dedupe_key = $1 AND connection_id <> $2 AND direction = 'in' AND state NOT IN ('handed_over', 'noticed', 'gone')", dedupeKey, int64(id)))
}

// ListHandedOver returns the oldest first.
func (tx *Tx) ListHandedOver(ctx context.Context, limit int) ([]*email.Mail, error) {
	q := tx.bun.NewSelect().Where("state = 'handed_over'").Where("original = 0").Order("id")
	page(q, limit, 0)
	return tx.listMail(ctx, q)
}
