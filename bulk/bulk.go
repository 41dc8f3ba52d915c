package bulk

import (
	"encoding/json"
	"time"

	"tandem/directory"
	"tandem/problem"
)

// Limits of bulk work.
const (
	MaxItems      = 10_000 // of one bulk, asked for in the browser
	MaxTokenItems = 100    // of one bulk, asked for by a program, as in Zendesk's API
	MaxUnfinished = 30     // bulks of one person at a time, as in Zendesk's API

	keepFor = 7 * 24 * time.Hour // from when it was asked for
)

// ID identifies a bulk.
type ID int64

// State is where a bulk stands.
type State string

// The states.
const (
	Queued    State = "queued"
	Working   State = "working"
	Completed State = "completed" // each item has its result, which may be a refusal
	Failed    State = "failed"    // it ended before all items were done
	Killed    State = "killed"    // a person cancelled it
)

// Args are the arguments of one kind of bulk work, stored as JSON.
type Args interface {
	Kind() string // stable, e.g. "tickets.update"
	Len() int     // how many items there are
}

// Bulk is one thing that is done to many records.
type Bulk struct {
	ID         ID
	Key        string // by which others know it; cannot be guessed
	Kind       string
	Args       json.RawMessage
	By         directory.UserID // who asked
	Token      int64            // with which API token; 0: in the browser
	Address    string           // from which network address
	State      State
	Total      int
	Done       int    // items that have a result
	Refused    int    // those among them that were refused
	Code       string // of the problem that ended it early
	Message    string // likewise
	CreatedAt  time.Time
	FinishedAt time.Time
}

// Ended tells whether nothing more will happen.
func (b *Bulk) Ended() bool { return b.State != Queued && b.State != Working }

// end closes the bulk in the state that fits.
func (b *Bulk) end(state State, at time.Time) {
	b.State, b.FinishedAt = state, at
}

// cancel ends the bulk on a person's wish: what is done stays done.
func (b *Bulk) cancel(at time.Time) error {
	if b.Ended() {
		return problem.New(problem.Conflict, "bulk_ended", "The work has ended already.").On(problem.Yours, "Reload the page.")
	}
	b.end(Killed, at)
	return nil
}

// Outcome is what became of a record.
type Outcome struct {
	ID     int64  // of the record; 0 when there is none
	Action string // "create", "update", "delete"
}

// Created, Updated and Deleted are the usual outcomes.
func Created[T ~int64](id T) Outcome { return Outcome{int64(id), "create"} }
func Updated[T ~int64](id T) Outcome { return Outcome{int64(id), "update"} }
func Deleted[T ~int64](id T) Outcome { return Outcome{int64(id), "delete"} }

// Result is what became of one item.
type Result struct {
	Index int
	Outcome
	Code    string // of the problem when it was refused; empty: it is done
	Message string // likewise
	Field   string // the input at fault, when one is
}

// OK tells whether the item is done.
func (r *Result) OK() bool { return r.Code == "" }

// refused is the result of an item that could not be done. The outcome tells,
// as far as it is known, what it was about.
func refused(i int, about Outcome, p *problem.Error) Result {
	return Result{Index: i, Outcome: about, Code: p.Code, Message: p.Message, Field: p.Field}
}
