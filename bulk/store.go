package bulk

import (
	"context"
	"time"

	"tandem/directory"
	"tandem/event"
	"tandem/job"
)

// Store runs functions in a transaction. The function may run again after a
// busy or serialization error, so it has no effects outside the transaction.
type Store[T Tx] interface {
	View(context.Context, func(T) error) error
	Update(context.Context, func(T) error) error
}

// Tx is what bulk work needs of a transaction.
type Tx interface {
	event.Tx
	job.Tx

	InsertBulk(context.Context, *Bulk) error // sets ID
	GetBulk(context.Context, ID) (*Bulk, error)
	FindBulk(ctx context.Context, key string) (*Bulk, error) // nil when there is none
	// UpdateBulk writes how a bulk ended.
	UpdateBulk(context.Context, *Bulk) error
	// AdvanceBulk counts item i as done, refused or not, and begins the bulk
	// with its first. It is false and changes nothing when another item is the
	// next one or the bulk has ended.
	AdvanceBulk(ctx context.Context, id ID, i int, refused bool) (bool, error)
	// ListBulks gives the newest first, without their Args.
	ListBulks(context.Context, Filter) ([]*Bulk, error)
	// CountUnfinishedBulks counts those of a person.
	CountUnfinishedBulks(context.Context, directory.UserID) (int, error)
	// DeleteBulks forgets those asked for before a time, with their results.
	DeleteBulks(ctx context.Context, before time.Time) error

	InsertBulkResult(context.Context, ID, Result) error
	// ListBulkResults gives the results in the order of their items, only the refused ones if asked to.
	ListBulkResults(ctx context.Context, id ID, refusedOnly bool) ([]Result, error)
}

// Filter chooses bulks; the zero value means all.
type Filter struct {
	By   directory.UserID
	Keys []string
	directory.Part
}
