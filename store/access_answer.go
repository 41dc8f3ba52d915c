package store

import (
	"context"
	"fmt"
	"time"

	"tandem/access"
	"tandem/directory"
)

// ClaimAnswer stores the claim unless the key has an answer that began since.
func (tx *Tx) ClaimAnswer(ctx context.Context, c *access.Answer, since time.Time) (*access.Answer, error) {
	_, err := tx.exec(ctx, "DELETE FROM remembered_answer WHERE user_id = $1 AND key = $2 AND at < $3", c.By, c.Key, millis(since))
	if err != nil {
		return nil, fmt.Errorf("forget an old answer: %w", err)
	}
	n, err := tx.exec(ctx, `INSERT INTO remembered_answer (user_id, key, request, status, location, body, at) VALUES ($1, $2, $3, 0, '', '', $4)
		ON CONFLICT (user_id, key) DO NOTHING`, c.By, c.Key, c.Request, millis(c.At))
	if err != nil {
		return nil, fmt.Errorf("claim an answer: %w", err)
	}
	if n == 1 {
		return nil, nil
	}
	a := &access.Answer{By: c.By, Key: c.Key}
	var at int64
	_, err = tx.queryRow(ctx, "SELECT request, status, location, body, at FROM remembered_answer WHERE user_id = $1 AND key = $2",
		[]any{c.By, c.Key}, &a.Request, &a.Status, &a.Location, &a.Body, &at)
	a.At = instant(at)
	return a, err
}

// SaveAnswer writes the answer of a claim.
func (tx *Tx) SaveAnswer(ctx context.Context, a *access.Answer) error {
	_, err := tx.exec(ctx, "UPDATE remembered_answer SET status = $1, location = $2, body = $3 WHERE user_id = $4 AND key = $5",
		a.Status, a.Location, a.Body, a.By, a.Key)
	return err
}

// DeleteAnswer forgets one.
func (tx *Tx) DeleteAnswer(ctx context.Context, by directory.UserID, key string) error {
	_, err := tx.exec(ctx, "DELETE FROM remembered_answer WHERE user_id = $1 AND key = $2", by, key)
	return err
}

// DeleteAnswers forgets those that began before a time.
func (tx *Tx) DeleteAnswers(ctx context.Context, before time.Time) error {
	_, err := tx.exec(ctx, "DELETE FROM remembered_answer WHERE at < $1", millis(before))
	return err
}

// ListChangedUsers gives people in the order of their last change.
func (tx *Tx) ListChangedUsers(ctx context.Context, at time.Time, after directory.UserID, limit int) ([]*directory.User, error) {
	q := tx.bun.NewSelect().Where("(updated_at, id) > (?, ?)", millis(at), after).Order("updated_at", "id")
	page(q, limit, 0)
	rows, err := many[personRow](ctx, tx, q)
	return convert(rows, (*personRow).user), err
}
