package desk

import (
	"context"
	"strconv"
	"time"

	"tandem/access"
	"tandem/directory"
	"tandem/event"
	"tandem/job"
	"tandem/text"
)

// Store runs functions in a transaction. The function may run again after a
// busy or serialization error, so it has no effects outside the transaction.
type Store interface {
	View(context.Context, func(Tx) error) error
	Update(context.Context, func(Tx) error) error
}

// Tx is what the desk needs of a transaction. Get methods return
// problem.NotFound, Find methods nil when there is nothing.
type Tx interface {
	event.Tx
	job.Tx
	access.AuditTx
	directory.Tx
	TicketTx
	TicketLifeTx
	TicketAuditTx
	MetricsTx
	TriggerTx
	AttachmentTx
	PeopleTx
	ErasureTx
	DraftTx
	AsideTx
	LinkTx
	RemoteImageTx
	GarbageTx
	SettingsTx
	TextIndexTx
	TagTx
	ImportTx

	ViewTx
	MacroTx
}

// TicketTx stores tickets and comments.
type TicketTx interface {
	GetTicket(context.Context, TicketID) (*Ticket, error)
	// LockTicket reads a ticket that will be changed in this transaction.
	LockTicket(context.Context, TicketID) (*Ticket, error)
	// AnyTicket is LockTicket for a ticket that may be deleted; to everything
	// else that finds tickets, deleted ones are not there.
	AnyTicket(context.Context, TicketID) (*Ticket, error)
	FindTicketByReplyToken(ctx context.Context, token string) (*Ticket, error)
	InsertTicket(context.Context, *Ticket) error // sets ID, and writes CCs, Followers, Siblings and Fields
	UpdateTicket(context.Context, *Ticket) error // raises Version
	LinkSiblings(context.Context, TicketID, TicketID) error
	ListTickets(context.Context, TicketFilter) ([]*Ticket, error)
	// FindTickets lists a page of what was searched for, and counts all of it: up
	// to MaxFound + 1 where very many have the words.
	FindTickets(context.Context, TicketFilter) ([]*Ticket, int, error)
	CountTickets(context.Context, TicketFilter) (int, error)
	// CountTicketsUpTo counts as far as most, and tells whether there are more.
	CountTicketsUpTo(ctx context.Context, f TicketFilter, most int) (n int, more bool, err error)
	CountTicketsByStatus(context.Context, TicketFilter) (map[Status]int, error)
	// SummarizeTickets tells of each of the tickets what its comments amount to.
	SummarizeTickets(context.Context, []TicketID) (map[TicketID]Summary, error)

	InsertComment(context.Context, *Comment) error // sets ID
	GetComment(context.Context, CommentID) (*Comment, error)
	UpdateComment(context.Context, *Comment) error // flag, visibility, mail
	ListComments(context.Context, TicketID) ([]*Comment, error)
	// DeleteComment removes a comment that was taken back before it left. Its
	// files become an upload again, under the token they came with.
	DeleteComment(context.Context, CommentID) error
}

// Summary is what the comments of a ticket amount to.
type Summary struct {
	Description    string // the beginning of the first comment's text, at most MaxDescription characters
	Comments       int
	Flagged        bool       // a comment waits for an agent's eye
	DeliveryFailed bool       // the mail of a public comment could not be sent
	FollowUps      []TicketID // tickets that continue this one, oldest first
	Merged         []TicketID // tickets that were merged into this one, oldest first
	Incidents      int        // of a problem
}

// AttachmentTx stores what is known of files; the bytes are in the blob store.
type AttachmentTx interface {
	InsertAttachment(context.Context, *Attachment) error // sets ID
	GetAttachment(context.Context, AttachmentID) (*Attachment, error)
	FindAttachmentBySecret(ctx context.Context, secret string) (*Attachment, error)
	// ListUpload gives the files of an upload that no comment has taken yet.
	ListUpload(ctx context.Context, uploadToken string) ([]Attachment, error)
	// AttachFile gives a file of an upload to its comment, inline or not; it keeps the token.
	AttachFile(context.Context, *Attachment) error
	// DeleteUpload forgets the files of an upload and discards their blobs.
	DeleteUpload(ctx context.Context, uploadToken string) error
	// ListAbandonedUploads gives uploads that nobody used and no draft keeps, so that they can be removed.
	ListAbandonedUploads(ctx context.Context, before time.Time, limit int) ([]Attachment, error)
	// FillAttachment writes blob, size and scan state of a file that was set aside.
	FillAttachment(context.Context, Attachment) error
	// SaveScan writes what the scanner said of a file.
	SaveScan(context.Context, Attachment) error
	// ListUnscanned gives the files that the scanner should look at, oldest first.
	ListUnscanned(ctx context.Context, limit int) ([]Attachment, error)
	// CountScans counts the files that wait for the scanner, failed, or are malware.
	CountScans(context.Context) (map[ScanState]int, error)
}

// DraftTx stores what agents have written and not sent.
type DraftTx interface {
	// LockDraft reads the draft of a person at a ticket, nil when there is
	// none; it may be changed in this transaction.
	LockDraft(context.Context, directory.UserID, TicketID) (*SavedDraft, error)
	// SaveDraft inserts the draft when it has no ID, which it sets, else
	// replaces it. It keeps the uploads that it names from being removed.
	SaveDraft(context.Context, *SavedDraft) error
	DeleteDraft(ctx context.Context, id int64) error
}

// TicketFilter chooses tickets. The zero value means all, newest change first.
type TicketFilter struct {
	IDs          []TicketID
	Statuses     []Status
	Requester    directory.UserID
	Copied       directory.UserID // in copy
	Follower     directory.UserID
	Organization directory.OrganizationID
	Team         directory.TeamID
	Assignee     directory.UserID
	Unassigned   bool
	Brand        directory.BrandID
	Recipient    string
	ExternalID   string
	FollowUpOf   TicketID
	ProblemID    TicketID // only its incidents
	Type         Type
	WithDeleted  bool        // deleted ones, too, when no status is asked for
	Flagged      bool        // only those with a comment that waits for an agent's eye
	Failed       bool        // only those with a public comment whose mail could not be sent
	Where        Where       // what else the conditions of a view ask
	Text         []text.Term // what it has or lacks, all of these
	Group        Sort        // tickets with the same come together; empty: no groups
	GroupDown    bool
	Sort         Sort
	Descending   bool
	After        *Position // cursor: only what comes after it in this order
	Before       *Position // cursor: only what comes before it
	Limit        int
	Offset       int
}

// Sort names an order of tickets; the ticket's number decides among equals.
type Sort string

// The orders.
const (
	SortUpdated  Sort = "updated_at"
	SortCreated  Sort = "created_at"
	SortID       Sort = "id"
	SortStatus   Sort = "status"
	SortPriority Sort = "priority"
	SortSubject  Sort = "subject"
	SortType     Sort = "type"
	SortDue      Sort = "due_at" // what is due next, then what is never due

	// SortRelevance puts those first that have the words in their subject; then
	// the newest change decides. Only FindTickets knows it.
	SortRelevance Sort = "relevance"

	// Those of views besides. People, teams and brands go by their names.
	SortSolved    Sort = "solved_at"
	SortRequester Sort = "requester_id"
	SortAssignee  Sort = "assignee_id"
	SortTeam      Sort = "group_id"
	SortBrand     Sort = "brand_id"

	SortGenerated Sort = "generated_at" // when it was last written, as exports go
)

// customField is the custom field that the order goes by; 0 when it goes by
// something else.
func (s Sort) customField() directory.FieldID { return directory.TicketFieldNamed(string(s)) }

// Where is met when all of All are, and one of Any unless there is none.
type Where struct{ All, Any []Match }

// Match asks one thing of tickets at rest. Of a field with one value it asks for
// one of the values; of the subject's words, for a text that contains one; of
// tags, for a ticket that has one; of an instant, that it lies in a span; of a
// custom field, what Custom says.
type Match struct {
	Field  string                    // of the catalogue of conditions
	Custom *directory.FieldCondition // of a custom field alone; made by directory.Field.Where
	Not    bool
	Values []string
	From   time.Time // zero: from the beginning
	Until  time.Time // zero: without an end; this instant is no longer in it
}

// Position is a place in an ordered list of tickets.
type Position struct {
	Group string // the group key's value, likewise; empty without groups
	Key   string // the sort key's value, as the store writes it: see Ticket.Position
	ID    TicketID
}

// Position tells where the ticket stands in an order, see Key; the number alone
// has no key besides.
func (t *Ticket) Position(s Sort) Position { return Position{Key: t.Key(s), ID: t.ID} }

// Place tells where the ticket stands in the filter's list.
func (f TicketFilter) Place(t *Ticket) Position {
	p := t.Position(f.Sort)
	if f.Group != "" {
		p.Group = t.Key(f.Group)
	}
	return p
}

// Key is what the ticket is sorted or grouped by: instants as decimal
// milliseconds, texts and numbers as they are.
func (t *Ticket) Key(s Sort) string {
	switch s {
	case SortCreated:
		return millis(t.CreatedAt)
	case SortSolved:
		return millis(t.SolvedAt)
	case SortDue:
		return millis(t.DueAt)
	case SortType:
		return string(t.Type)
	case SortGenerated:
		return millis(t.GeneratedAt)
	case SortStatus:
		return string(t.Status)
	case SortPriority:
		return string(t.Priority)
	case SortSubject:
		return t.Subject
	case SortRequester:
		return number(t.RequesterID)
	case SortAssignee:
		return number(t.AssigneeID)
	case SortTeam:
		return number(t.TeamID)
	case SortBrand:
		return number(t.BrandID)
	case SortID:
		return ""
	}
	if id := s.customField(); id != 0 {
		return t.Fields[id]
	}
	return millis(t.UpdatedAt)
}

func millis(at time.Time) string {
	if at.IsZero() {
		return "0"
	}
	return strconv.FormatInt(at.UnixMilli(), 10)
}
