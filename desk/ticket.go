package desk

import (
	"time"

	"tandem/directory"
	"tandem/problem"
)

// TicketID is a ticket's number, as people say it.
type TicketID int64

// Limits of a ticket.
const (
	MaxSubject = 500 // characters; longer ones are cut when they come by mail, refused otherwise
	MaxTags    = directory.MaxTags
	MaxTag     = directory.MaxTag
	MaxBody    = 1 << 20 // bytes of one comment
	MaxCCs     = 48      // people in copy

	MaxDescription = 64 << 10 // characters of the first comment that lists tell
)

// Status is where a ticket stands in its life.
type Status string

// The life of a ticket.
const (
	New     Status = "new"     // nobody has taken it yet
	Open    Status = "open"    // waits for us
	Pending Status = "pending" // waits for the requester
	Hold    Status = "hold"    // waits for somebody else
	Solved  Status = "solved"  // answered; a reply reopens it
	Closed  Status = "closed"  // for good; a reply opens a follow-up
)

// Deleted is no stage of a ticket's life: a deleted ticket is in no list, found
// by nobody and answered by no mail, until it is restored or deleted for good.
const Deleted Status = "deleted"

// Statuses are all of them, in the order of a ticket's life.
var Statuses = []Status{New, Open, Pending, Hold, Solved, Closed}

// UnsolvedStatuses are those of tickets that are somebody's work.
var UnsolvedStatuses = []Status{New, Open, Pending, Hold}

// Priority is how urgent a ticket is; empty when nobody has said.
type Priority string

// The priorities.
const (
	Low    Priority = "low"
	Normal Priority = "normal"
	High   Priority = "high"
	Urgent Priority = "urgent"
)

// Channel says by which way something came.
type Channel string

// The channels.
const (
	ByEmail Channel = "email"
	ByWeb   Channel = "web"
	ByAPI   Channel = "api"
	ByRule  Channel = "rule" // a trigger's note
)

// Ticket is a request and everything said about it.
type Ticket struct {
	ID           TicketID
	Subject      string
	Status       Status
	Priority     Priority
	Type         Type
	ProblemID    TicketID  // the problem behind an incident; 0: none is known
	DueAt        time.Time // of a task; zero: nobody has said
	RequesterID  directory.UserID
	SubmitterID  directory.UserID
	AssigneeID   directory.UserID // 0: nobody
	TeamID       directory.TeamID // 0: none
	BrandID      directory.BrandID
	Recipient    string // the support address it came to and is answered from; empty: the brand's
	Via          Channel
	Tags         []string
	CCs          []directory.UserID
	Followers    []directory.UserID    // colleagues who are told of every comment
	Fields       directory.FieldValues // custom fields
	FollowUpOf   TicketID              // the closed ticket that this one continues; 0: none
	MergedInto   TicketID              // the ticket that goes on in its place; 0: it was not merged
	Siblings     []TicketID            // tickets made of the same mail at other support addresses
	ExternalID   string
	ReplyToken   string // unguessable, unique; proves that a mail answers this ticket
	Imported     bool   // made from mail that was there before the address was connected: nothing automatic happens
	CreatedAt    time.Time
	UpdatedAt    time.Time
	SolvedAt     time.Time // zero unless solved or closed
	FirstReplyAt time.Time // first public comment of an agent; zero: none yet
	GeneratedAt  time.Time // when it was last written, whatever its changes are dated; the store says so
	Version      int64     // grows with every change, for optimistic locking

	// Of a deleted ticket, whose last change was the deletion.
	DeletedFrom    Status                   // the status that it gets back when it is restored
	DeletedBy      directory.UserID         // 0: Tandem itself
	OrganizationID directory.OrganizationID // one of the requester's; 0: none
}

// Transition moves the ticket to a status, or says why it cannot.
func (t *Ticket) Transition(to Status, at time.Time) error {
	if t.Status == to {
		return nil
	}
	if t.Status == Closed {
		return t.closed()
	}
	switch to {
	case Open, Pending, Hold:
		t.SolvedAt = time.Time{}
	case Solved:
		t.SolvedAt = at
	case Closed:
		if t.SolvedAt.IsZero() {
			t.SolvedAt = at
		}
	case New:
		return problem.New(problem.Invalid, "status_new", "Ticket %d cannot become new again.", t.ID).
			On(problem.Yours, "Choose open instead.").In("status")
	default:
		return unknownStatus(to)
	}
	t.Status = to
	return nil
}

func unknownStatus(status Status) error {
	return problem.New(problem.Invalid, "unknown_status", "There is no status %q.", status).
		On(problem.Yours, "Use one of new, open, pending, hold, solved and closed.").In("status")
}

func (t *Ticket) closed() error {
	return problem.New(problem.Conflict, "ticket_closed", "Ticket %d is closed and can no longer be changed.", t.ID).
		On(problem.Yours, "Create a follow-up ticket instead.")
}
