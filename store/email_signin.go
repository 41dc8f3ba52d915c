package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"tandem/problem"
)

type signInRow struct {
	bun.BaseModel `bun:"table:sign_in,alias:sign_in"`

	State     string `bun:"state,pk"`
	Data      string `bun:"data"` // sealed
	ExpiresAt int64  `bun:"expires_at"`
}

// InsertSignIn stores a sign-in at Microsoft under way; the data is sealed.
func (tx *Tx) InsertSignIn(ctx context.Context, stateHash string, data []byte, expires time.Time) error {
	text, err := tx.sealSignIn(stateHash, data)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, "INSERT INTO sign_in (state, data, expires_at) VALUES ($1, $2, $3)", stateHash, text, millis(expires))
	return err
}

// GetSignIn returns the data, or problem.NotFound when there is none or it has
// expired. In an Update it also locks the row, so that a state is redeemed once.
func (tx *Tx) GetSignIn(ctx context.Context, stateHash string) ([]byte, error) {
	row, err := lockOne[signInRow](ctx, tx, "state = $1 AND expires_at > $2", stateHash, millis(tx.db.opts.Now()))
	if err != nil {
		return nil, fmt.Errorf("read sign-in: %w", err)
	}
	if row == nil {
		return nil, noSignIn()
	}
	data, err := tx.db.opts.Keys.open(row.Data, place{"sign_in", "data", stateHash})
	return []byte(data), err
}

// UpdateSignIn replaces the data, or returns problem.NotFound.
func (tx *Tx) UpdateSignIn(ctx context.Context, stateHash string, data []byte) error {
	text, err := tx.sealSignIn(stateHash, data)
	if err != nil {
		return err
	}
	n, err := tx.exec(ctx, "UPDATE sign_in SET data = $1 WHERE state = $2", text, stateHash)
	if err == nil && n == 0 {
		return noSignIn()
	}
	return err
}

// DeleteExpiredSignIns removes what nobody can complete any more.
func (tx *Tx) DeleteExpiredSignIns(ctx context.Context, now time.Time) error {
	_, err := tx.exec(ctx, "DELETE FROM sign_in WHERE expires_at <= $1", millis(now))
	return err
}

func (tx *Tx) sealSignIn(stateHash string, data []byte) (string, error) {
	return tx.db.opts.Keys.seal(string(data), place{"sign_in", "data", stateHash})
}

func noSignIn() error {
	return problem.New(problem.NotFound, "sign_in_unknown", "This sign-in is unknown or has expired.").
		On(problem.Yours, "Begin again.")
}
