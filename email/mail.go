package email

import (
	"time"

	"tandem/desk"
)

// MailID identifies a row of the ledger.
type MailID int64

// Direction tells mail that came from mail that leaves.
type Direction string

// The directions.
const (
	Inbound  Direction = "in"
	Outbound Direction = "out"
)

// MailState is what became of a mail.
type MailState string

// The states of inbound mail.
const (
	Noticed     MailState = "noticed"     // Microsoft told its id; the mail itself is not here yet
	Ticketed    MailState = "ticketed"    // became a new ticket
	Commented   MailState = "commented"   // was added to a ticket
	Flagged     MailState = "flagged"     // was added as a note that waits for an agent's eye
	Duplicate   MailState = "duplicate"   // the same mail is already in the ledger of this mailbox
	HandedOver  MailState = "handed_over" // another address that it was written to handles it
	Ours        MailState = "ours"        // Tandem wrote it, and it came back
	Suspended   MailState = "suspended"   // kept, but no ticket until a person says so; Cause says why
	Reported    MailState = "report"      // told what became of a mail of ours
	Deleted     MailState = "deleted"     // all that it said was removed: it had been suspended, or its ticket was deleted for good
	Quarantined MailState = "quarantined" // kept, but could not be handled; ErrorCode says why
	Gone        MailState = "gone"        // deleted at Microsoft before it could be fetched
)

// The states of outbound mail.
const (
	Waiting MailState = "waiting" // queued, or waits until the address is connected
	Drafted MailState = "drafted" // a draft at Microsoft, its id is written down
	Sending MailState = "sending" // Microsoft was asked to send it; its answer is not known yet
	Sent    MailState = "sent"
	Bounced MailState = "bounced" // sent, and came back from somebody
	Failed  MailState = "failed"  // somebody has to decide
)

// NoticedBy says how a mail came to our attention.
type NoticedBy string

// The ways of noticing.
const (
	ByPush      NoticedBy = "push"
	ByPoll      NoticedBy = "poll"
	ByImport    NoticedBy = "import"
	ByReconcile NoticedBy = "reconcile"
	BySMTP      NoticedBy = "smtp" // it was forwarded to us
)

// Party is a name and address on a mail.
type Party struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email"`
}

// Mail is one row of the ledger: a mail ever seen, and what became of it.
type Mail struct {
	ID           MailID
	ConnectionID ConnectionID
	Direction    Direction
	State        MailState
	MicrosoftID  string // immutable id; unique within the connection; of the draft and the sent copy for outbound
	MessageID    string // Message-ID without brackets; of outbound mail the one Exchange gave it
	DedupeKey    string // the same for every copy of one mail; empty until parsed
	Subject      string
	From         Party
	To           []Party
	CC           []Party
	Size         int64
	Blob         string // key of the raw mail; empty until fetched
	NoticedBy    NoticedBy
	Imported     bool // nothing automatic happens

	// The journey. Zero: not reached.
	ReceivedAt  time.Time // at Microsoft
	NoticedAt   time.Time // by us; for outbound: queued
	FetchedAt   time.Time // for outbound: drafted
	StoredAt    time.Time
	DecidedAt   time.Time  // for outbound: Microsoft was first asked to send it
	FiledAt     time.Time  // done with at Microsoft, see FiledAs; for outbound: sent
	FiledAs     Afterwards // what was done with it at Microsoft; empty: marked read and moved
	ConfirmedAt time.Time  // outbound: its Message-ID was read back

	// The decision.
	Rule      string // which rule decided, e.g. "references", "reply_token", "new_ticket"
	Cause     Cause  // why it is or was suspended; empty: it never was
	Excerpt   string // of a suspended mail: how its text begins
	Evidence  []Fact // what it was judged by
	TicketID  desk.TicketID
	CommentID desk.CommentID
	Original  MailID // of a duplicate: the mail that it repeats; of a report: the one it is about

	// Trouble.
	Attempts      int
	NextAttemptAt time.Time
	ErrorCode     string
	Error         string
	ErrorSide     string
	ErrorRemedy   string

	// Outbound only.
	Mark string // our own mark on the draft, by which a stray one is found again

	UpdatedAt time.Time
}

// Fact is one piece of evidence.
type Fact struct {
	Name  string `json:"name"`  // stable code, e.g. "in_reply_to"
	Value string `json:"value"` // what was found
}

// Attempt is one thing tried for a mail, shown in its journey.
type Attempt struct {
	ID      int64
	MailID  MailID
	At      time.Time
	Step    string // "fetch", "parse", "draft", "attach", "send", "confirm", "file"
	Outcome string // "ok" or the problem's code
	Detail  string // for people; Microsoft's request id where there is one
}

// SettledInbound are the states of inbound mail whose copy at Microsoft is to be filed.
var SettledInbound = []MailState{Ticketed, Commented, Flagged, Duplicate, HandedOver, Ours, Suspended, Reported, Deleted}
