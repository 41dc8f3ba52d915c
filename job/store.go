package job

import (
	"context"
	"time"

	"tandem/event"
)

// Store runs functions in a transaction. The function may run again after a
// busy or serialization error, so it has no effects outside the transaction.
type Store interface {
	View(context.Context, func(StoreTx) error) error
	Update(context.Context, func(StoreTx) error) error
}

// StoreTx is what running jobs needs of a transaction, beyond queueing them.
type StoreTx interface {
	Tx
	event.Tx

	// ClaimJobs gives the worker up to n jobs of the given kinds: those that
	// wait and are due, and those whose worker let its lease run out. They come
	// in the order of RunAt and then ID, as Running, with Worker and LeaseUntil
	// set, Attempt raised by one and the error fields as the last attempt left
	// them. No job goes to two workers, and of those with one unique key only
	// one runs at a time.
	ClaimJobs(ctx context.Context, worker string, kinds []string, n int, now, leaseUntil time.Time) ([]Job, error)
	// ExtendJobLeases moves the end of the leases that worker still holds, and
	// returns the ids of those. An id that is missing was taken over.
	ExtendJobLeases(ctx context.Context, worker string, ids []ID, until time.Time) ([]ID, error)
	// EndJobLeases lets running jobs that have been started at most so often be
	// taken over at once.
	EndJobLeases(ctx context.Context, attempts int, now time.Time) error
	// FinishJob ends a run: it writes State, RunAt, Attempt, the error fields
	// and FinishedAt, and clears Worker and LeaseUntil, provided that j.Worker
	// still holds the lease; otherwise it returns problem.Conflict and changes
	// nothing. A job that would wait again while another one waits with its
	// kind and unique key becomes Cancelled: the other does its work.
	FinishJob(ctx context.Context, j Job) error

	GetJob(context.Context, ID) (*Job, error) // or problem.NotFound
	// UpdateJob writes what FinishJob writes, whoever holds the lease.
	UpdateJob(context.Context, *Job) error
	// ListJobs gives the newest first.
	ListJobs(context.Context, Filter) ([]Job, error)
	// CountJobs counts by state; states without jobs may be missing.
	CountJobs(context.Context) (map[State]int, error)
	// DeleteFinishedJobs removes what was completed or cancelled before the
	// given time, and returns how many. Dead jobs stay.
	DeleteFinishedJobs(ctx context.Context, before time.Time) (int, error)
	// NextJobAt returns the earliest time after now at which ClaimJobs could
	// find something new: the RunAt of a waiting job or the end of a lease.
	// It is zero when there is none.
	NextJobAt(ctx context.Context, now time.Time) (time.Time, error)

	// DueSchedule tells whether the named schedule is due at now and, if so,
	// moves it to next: of all nodes that ask, exactly one is told true. A name
	// seen for the first time is stored with next and is not due.
	DueSchedule(ctx context.Context, name string, now, next time.Time) (bool, error)
}

// Filter chooses jobs; the zero value means all.
type Filter struct {
	State  State
	Kind   string
	Limit  int
	Offset int
}
