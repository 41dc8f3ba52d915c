package desk

import (
	"time"

	"tandem/directory"
)

// CommentID identifies a comment.
type CommentID int64

// AttachmentID identifies an attachment.
type AttachmentID int64

// Comment is one thing said about a ticket: public (a reply, the requester
// sees it) or internal (a note).
type Comment struct {
	ID              CommentID
	TicketID        TicketID
	AuthorID        directory.UserID
	Public          bool
	Text            string // plain text, always there; for mail without its quoted history
	HTML            string // sanitised; empty when the comment is plain text only
	QuotedText      string // the quoted history that was folded away; empty when there was none
	QuotedHTML      string
	HasRemoteImages bool // images that are only loaded when somebody asks for them
	Via             Channel
	MailID          int64              // the mail in the ledger that it came by or leaves with; 0: none
	Flag            Flag               // why an agent must look before it counts; empty: nothing
	CreatedAt       time.Time          // when it was said: for imported mail, when the mail was received
	Attachments     []Attachment       // in order, inline images included
	Delivery        *Delivery          // of a public comment that leaves by mail; nil otherwise
	CCs             []directory.UserID // additional people this very reply goes to, besides the ticket's
	Links           []FileLink         // to those of its files that were too large to be attached
	Aside           *Aside             // set when the mail it came by was too large; nil otherwise
	Facts           MailFacts          // of the mail that it came by
}

// Flag says why a comment waits for an agent's eye.
type Flag string

// FlagStranger marks a mail that knows the ticket's thread but comes from
// somebody who is neither the requester, nor in copy, nor an agent. It stays an
// internal note until an agent accepts it.
const FlagStranger Flag = "stranger"

// DeliveryState is what became of the mail of a public comment.
type DeliveryState string

// The delivery states.
const (
	DeliveryWaiting DeliveryState = "waiting" // queued, or waits for the connection
	DeliverySending DeliveryState = "sending"
	DeliverySent    DeliveryState = "sent"
	DeliveryFailed  DeliveryState = "failed"  // somebody has to decide; Error says why
	DeliveryBounced DeliveryState = "bounced" // sent, and came back; Bounces say from whom and why
)

// Delivery is how far the mail of a public comment has come.
type Delivery struct {
	State     DeliveryState
	ErrorCode string
	Error     string // what happened
	Remedy    string // what to do
	Attempts  int
	SentAt    time.Time
	Bounces   []Bounce
}

// Bounce tells that a sent mail did not reach somebody.
type Bounce struct {
	Recipient  string // empty when the report does not say
	Status     string // enhanced status code (RFC 3463); empty when the report does not say
	Diagnostic string // what the other server said
	Code       string // stable: "bounce_unknown_address", ...
	Message    string
	Remedy     string
	At         time.Time
	MailID     int64 // the report in the ledger
}

// Attachment is a file at a comment, or an upload that waits for its comment.
type Attachment struct {
	ID          AttachmentID
	CommentID   CommentID // 0 while it is an upload
	UploadToken string    // of the upload it belongs to
	FileName    string
	ContentType string
	Size        int64
	Blob        string // key in the blob store; empty: set aside, see Aside
	Inline      bool   // shown inside the HTML by its ContentID
	ContentID   string
	Secret      string           // unguessable part of its address
	UploadedBy  directory.UserID // 0: it came by mail
	Scan        ScanState        // empty when inserted: NotScanned
	Finding     string           // what the scanner found
	ScannedAt   time.Time        // zero: never
	CreatedAt   time.Time
}
