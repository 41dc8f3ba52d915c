package job

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// ID identifies a job.
type ID int64

// State is where a job stands.
type State string

// The states. Completed and cancelled jobs are removed after a while; dead ones stay until somebody decides.
const (
	Waiting   State = "waiting"   // runs when RunAt has come
	Running   State = "running"   // a worker holds its lease
	Completed State = "completed" //
	Cancelled State = "cancelled" //
	Dead      State = "dead"      // out of attempts, or failed for good; an administrator may try again
)

// Args are the arguments of one kind of job, stored as JSON.
type Args interface {
	Kind() string // stable, e.g. "email.deliver"
}

// Job is one piece of durable background work.
type Job struct {
	ID          ID
	Kind        string
	Args        json.RawMessage
	UniqueKey   string // no second unfinished job of this kind has the same key; empty: no limit
	State       State
	RunAt       time.Time
	Attempt     int // how often it has been started
	MaxAttempts int
	Worker      string    // who holds the lease
	LeaseUntil  time.Time // when others may take it over
	ErrorCode   string    // of the last failure; the problem's code when it was one
	Error       string    // what happened, for the administrator
	Cause       string    // the whole chain, for the operator
	CreatedAt   time.Time
	FinishedAt  time.Time
}

// Options change how a job is queued; the zero value runs it at once, up to DefaultMaxAttempts times.
type Options struct {
	UniqueKey   string
	RunAt       time.Time
	MaxAttempts int
}

// DefaultMaxAttempts with the back-off of Backoff spans about three days.
const DefaultMaxAttempts = 25

// Tx is what a transaction offers to queue work together with its cause.
type Tx interface {
	// InsertJob stores the job and returns its id. When an unfinished one that
	// does not run yet has the same kind and unique key, that one's id comes
	// back and its RunAt moves forward to the earlier of the two. A zero RunAt
	// means now. The insertion is announced as event.JobInserted.
	InsertJob(context.Context, Job) (ID, error)
}

// Insert queues work in the caller's transaction.
func Insert(ctx context.Context, tx Tx, args Args, opts Options) (ID, error) {
	body, err := json.Marshal(args)
	if err != nil {
		return 0, fmt.Errorf("encode the arguments of a %s job: %w", args.Kind(), err)
	}
	if opts.MaxAttempts == 0 {
		opts.MaxAttempts = DefaultMaxAttempts
	}
	return tx.InsertJob(ctx, Job{
		Kind: args.Kind(), Args: body, UniqueKey: opts.UniqueKey, RunAt: opts.RunAt, MaxAttempts: opts.MaxAttempts,
	})
}
