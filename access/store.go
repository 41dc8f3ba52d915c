package access

import (
	"context"
	"time"

	"tandem/directory"
	"tandem/event"
)

// Store runs functions in a transaction. The function may run again after a
// busy or serialization error, so it has no effects outside the transaction.
type Store interface {
	View(context.Context, func(Tx) error) error
	Update(context.Context, func(Tx) error) error
}

// Tx is what access needs of a transaction.
type Tx interface {
	event.Tx
	directory.Tx
	AuditTx

	// GetPasswordHash returns the encoded hash; empty when the person has no password.
	GetPasswordHash(context.Context, directory.UserID) (string, error)
	SetPasswordHash(ctx context.Context, id directory.UserID, hash string, at time.Time) error

	InsertAPIToken(context.Context, *APIToken) error // sets ID
	// FindAPIToken returns the token with the hash, or nil.
	FindAPIToken(ctx context.Context, hash string) (*APIToken, error)
	// ListAPITokens gives the newest first.
	ListAPITokens(context.Context) ([]*APIToken, error)
	DeleteAPIToken(ctx context.Context, id int64) error // or problem.NotFound
	TouchAPIToken(ctx context.Context, id int64, at time.Time) error

	InsertSetupLink(context.Context, SetupLink) error
	// GetSetupLink returns the link with the hash, or nil; used and expired ones too.
	GetSetupLink(ctx context.Context, hash string) (*SetupLink, error)
	// UseSetupLink marks the link as used, or returns problem.Conflict when it was used already.
	UseSetupLink(ctx context.Context, hash string, at time.Time) error
	// DeleteSetupLinks removes the links that expired before a time.
	DeleteSetupLinks(ctx context.Context, before time.Time) error

	// CountAdmins counts the administrators who are not suspended. In an Update
	// nobody else adds or removes one until that ends, so that the last one stays.
	CountAdmins(context.Context) (int, error)

	// GetLoginThrottle returns the zero Throttle with its subject when nothing
	// is known. In an Update nobody else changes it until that ends, so that
	// guesses made at the same time are all counted.
	GetLoginThrottle(ctx context.Context, subject string) (Throttle, error)
	SetLoginThrottle(context.Context, Throttle) error
	// DeleteLoginThrottles removes the counts whose window began before a time
	// and that are not locked now, and the known addresses last seen before known.
	DeleteLoginThrottles(ctx context.Context, window, known, now time.Time) error

	AnswerTx

	// ListChangedUsers gives those changed after a time, or at it with a greater
	// id, in that order; those who were merged into somebody else, too.
	ListChangedUsers(ctx context.Context, at time.Time, after directory.UserID, limit int) ([]*directory.User, error)

	// ListAudit gives the newest first.
	ListAudit(context.Context, AuditFilter) ([]AuditEntry, error)
	CountAudit(context.Context, AuditFilter) (int, error)
}

// AuditFilter chooses entries of the audit trail; the zero value means all.
type AuditFilter struct {
	Object  string
	Subject int64
	Limit   int
	Offset  int
}
