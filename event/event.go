// Package event tells live screens, workers and other nodes what happened.
//
// An event carries ids only; whoever hears it reads the rest from the store.
// It is published by a committed transaction and never before. It is a hint
// that makes things quick, not a record: a listener that missed one (a browser
// that was away, a node that restarted) reads the current state and is right.
package event

// Kind names what happened, as "thing.verb".
type Kind string

// The kinds of events.
const (
	TicketCreated     Kind = "ticket.created"
	TicketUpdated     Kind = "ticket.updated"
	TicketTouched     Kind = "ticket.touched" // its properties changed; ID says which, in the desk's bits, for counts of views
	ViewUpdated       Kind = "view.updated"   // a view appeared, changed or went
	MacroUpdated      Kind = "macro.updated"
	CommentAdded      Kind = "comment.added"
	DraftUpdated      Kind = "draft.updated"   // what somebody has written and not sent; ID is the ticket, Parent the person
	CommentUpdated    Kind = "comment.updated" // its delivery or its acceptance changed
	MailUpdated       Kind = "mail.updated"    // a row of the ledger appeared or changed
	ConnectionUpdated Kind = "connection.updated"
	MailboxKicked     Kind = "mailbox.kicked" // a hint that new mail waits at Microsoft
	JobInserted       Kind = "job.inserted"
	JobUpdated        Kind = "job.updated"  // a job failed for good, was tried again or cancelled
	BulkUpdated       Kind = "bulk.updated" // how far bulk work is; Parent is who asked for it
	UserUpdated       Kind = "user.updated"
	AccessEnded       Kind = "access.ended" // somebody signed out (ID), or a token was deleted (Parent); between the parts of Tandem only

	OrganizationUpdated Kind = "organization.updated" // or its members
	TeamUpdated         Kind = "group.updated"        // likewise
	// Who is at a ticket: ID is the ticket, Parent the person.
	TicketViewed  Kind = "ticket.viewed"
	TicketWriting Kind = "ticket.writing"
	TicketLeft    Kind = "ticket.left"
	ViewerRenewed Kind = "viewer.renewed" // still there; between nodes only

	SettingsUpdated Kind = "settings.updated" // brands, addresses, tokens: what an administrator sets
)

// Event is one thing that happened.
type Event struct {
	Kind   Kind  `json:"kind"`
	ID     int64 `json:"id"`               // of the thing itself
	Parent int64 `json:"parent,omitempty"` // the ticket of a comment or mail, the connection of a mailbox; 0 when there is none
}

// Tx is what a transaction offers: the event goes out when it commits.
type Tx interface {
	Publish(Event)
}
