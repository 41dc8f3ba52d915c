package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"

	"tandem/directory"
	"tandem/event"
	"tandem/problem"
)

// Service signs people and programs in, and manages who may. It is safe for
// use by several goroutines.
type Service struct {
	store  Store
	now    func() time.Time
	hasher *hasher
}

// NewService returns the service on a store.
func NewService(store Store, now func() time.Time) *Service {
	return &Service{store: store, now: now, hasher: newHasher()}
}

// GetUser returns a person, or problem.NotFound. Agents and administrators may.
func (s *Service) GetUser(ctx context.Context, by Actor, id directory.UserID) (u *directory.User, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		u, err = tx.GetUser(ctx, id)
		return err
	})
	return u, err
}

// ListUsers returns the people that the filter chooses, and how many there are
// without its Limit and Offset. Agents and administrators may.
func (s *Service) ListUsers(ctx context.Context, by Actor, filter directory.UserFilter) (users []*directory.User, count int, err error) {
	if err := by.MustWork(); err != nil {
		return nil, 0, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		if users, err = tx.ListUsers(ctx, filter); err != nil {
			return err
		}
		if count = len(users); filter.Part != (directory.Part{}) {
			count, err = tx.CountUsers(ctx, filter)
		}
		return err
	})
	return users, count, err
}

// ListAudit returns the entries that the filter chooses, the newest first, and
// how many there are without its Limit and Offset. Administrators may.
func (s *Service) ListAudit(ctx context.Context, by Actor, filter AuditFilter) (entries []AuditEntry, count int, err error) {
	if err := by.MustAdminister(); err != nil {
		return nil, 0, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		if entries, err = tx.ListAudit(ctx, filter); err != nil {
			return err
		}
		count, err = tx.CountAudit(ctx, filter)
		return err
	})
	return entries, count, err
}

// newSecret returns 32 random bytes as text that fits into a URL.
func newSecret() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// HashSecret is how tokens and links are kept: long random secrets need no slow hash.
func HashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// publishUser tells live screens about a changed person.
func publishUser(tx event.Tx, id directory.UserID) {
	tx.Publish(event.Event{Kind: event.UserUpdated, ID: int64(id)})
}

func unauthenticated(code, message string) *problem.Error {
	return problem.New(problem.Unauthenticated, code, "%s", message)
}
