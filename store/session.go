package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/alexedwards/scs/v2"
)

// SessionStore keeps browser sessions. It stores the hash of the token that
// the cookie carries, so that a stolen database signs nobody in.
type SessionStore struct{ db *DB }

var _ scs.CtxStore = (*SessionStore)(nil)

// NewSessionStore gives the sessions in the database to scs.
func NewSessionStore(db *DB) *SessionStore { return &SessionStore{db} }

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// FindCtx returns the session's data; false when it is unknown or has expired.
func (s *SessionStore) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = s.db.View(ctx, func(tx *Tx) error {
		found, err = tx.queryRow(ctx, "SELECT data FROM browser_session WHERE token = $1 AND expires_at > $2",
			[]any{hashToken(token), millis(s.db.opts.Now())}, &data)
		return err
	})
	return data, found, err
}

// CommitCtx stores the session, and removes those that have expired.
func (s *SessionStore) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		if _, err := tx.exec(ctx, "DELETE FROM browser_session WHERE expires_at <= $1", millis(s.db.opts.Now())); err != nil {
			return err
		}
		_, err := tx.exec(ctx, `INSERT INTO browser_session (token, data, expires_at) VALUES ($1, $2, $3)
			ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at`,
			hashToken(token), data, millis(expiry))
		return err
	})
}

// DeleteCtx ends the session; nothing happens when there is none.
func (s *SessionStore) DeleteCtx(ctx context.Context, token string) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		_, err := tx.exec(ctx, "DELETE FROM browser_session WHERE token = $1", hashToken(token))
		return err
	})
}

// Find is FindCtx for callers without a context.
func (s *SessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx for callers without a context.
func (s *SessionStore) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx for callers without a context.
func (s *SessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
