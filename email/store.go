package email

import (
	"context"
	"time"

	"tandem/desk"
	"tandem/directory"
	"tandem/tenant"
)

// Store runs functions in a transaction; see desk.Store.
type Store interface {
	View(context.Context, func(Tx) error) error
	Update(context.Context, func(Tx) error) error
}

// Tx is what the mail channel needs of a transaction: everything the desk
// needs, since one transaction writes the ledger row and the ticket, and its own.
type Tx interface {
	desk.Tx
	AddressTx
	ConnectionTx
	ReadFolderTx
	LedgerTx
	SuspendTx
	SignInTx
	tenant.ReadTx
	ForwardTx
	ProbeTx
	PreflightTx
}

// PreflightTx stores the latest preflight of each address.
type PreflightTx interface {
	SavePreflight(context.Context, *Preflight) error
	FindPreflight(context.Context, AddressID) (*Preflight, error) // nil before the first
}

// ProbeTx stores probes.
type ProbeTx interface {
	InsertProbe(context.Context, *Probe) error // sets the ID
	UpdateProbe(context.Context, *Probe) error
	GetProbe(context.Context, ProbeID) (*Probe, error)
	LatestProbes(ctx context.Context, id AddressID, limit int) ([]*Probe, error) // newest first
	// FindProbeCopy returns the probe that came in, by the one that left; nil when it has not.
	FindProbeCopy(context.Context, MailID) (*Mail, error)
}

// AddressTx stores support addresses.
type AddressTx interface {
	// GetSupportAddress reads an address; inside Update it also locks the row.
	GetSupportAddress(context.Context, AddressID) (*SupportAddress, error)
	FindSupportAddress(ctx context.Context, email string) (*SupportAddress, error)
	// FindSupportAddressByConnection finds the address that a connection brings
	// the mail of, or that is changing to it.
	FindSupportAddressByConnection(context.Context, ConnectionID) (*SupportAddress, error)
	DefaultSupportAddress(context.Context) (*SupportAddress, error) // nil when there is none
	ListSupportAddresses(context.Context) ([]*SupportAddress, error)
	InsertSupportAddress(context.Context, *SupportAddress) error
	UpdateSupportAddress(context.Context, *SupportAddress) error
	DeleteSupportAddress(context.Context, AddressID) error

	// DestinationPolicy is the organisation's for mail to several addresses; empty when nobody has chosen.
	DestinationPolicy(context.Context) (Destination, error)
	SetDestinationPolicy(context.Context, Destination) error
}

// ConnectionTx stores connections, their leases and imports.
type ConnectionTx interface {
	// GetConnection reads a connection; inside Update it also locks the row, so
	// that changing and writing it back loses nobody else's change.
	GetConnection(context.Context, ConnectionID) (*Connection, error)
	FindConnectionBySubscription(ctx context.Context, subscriptionID string) (*Connection, error) // nil when there is none
	ListConnections(context.Context) ([]*Connection, error)
	InsertConnection(context.Context, *Connection) error
	UpdateConnection(context.Context, *Connection) error // everything but the lease and KickedAt
	// KickConnection notes a hint that mail waits.
	KickConnection(context.Context, ConnectionID, time.Time) error
	// LeaseConnection gives the mailbox to the owner until the time, or returns
	// false when another owner's lease has not ended. Renewing is the same call.
	LeaseConnection(ctx context.Context, id ConnectionID, owner string, now, until time.Time) (bool, error)
	// RenewLeases lets the owner's leases of these mailboxes last until the time,
	// and returns which it could: not those that are others' by now, nor those
	// whose rows somebody is writing.
	RenewLeases(ctx context.Context, ids []ConnectionID, owner string, until time.Time) ([]ConnectionID, error)
	// ReleaseConnection ends the owner's lease.
	ReleaseConnection(ctx context.Context, id ConnectionID, owner string) error

	InsertImport(context.Context, *Import) error
	UpdateImport(context.Context, *Import) error
	GetImport(context.Context, ImportID) (*Import, error)
	FindLatestImport(context.Context, ConnectionID) (*Import, error) // nil when there was none
}

// LedgerTx stores the ledger and the index of Message-IDs.
type LedgerTx interface {
	// InsertMail adds a row and sets its id. An inbound mail that is there
	// already (same connection and Microsoft id) is not added: false comes back
	// and the id of the existing row is set.
	InsertMail(context.Context, *Mail) (bool, error)
	UpdateMail(context.Context, *Mail) error
	DeleteMail(context.Context, MailID) error // of an outgoing mail that was withdrawn
	GetMail(context.Context, MailID) (*Mail, error)
	FindMailByMicrosoftID(context.Context, ConnectionID, string) (*Mail, error)
	// KnownMicrosoftIDs returns which of the ids have a row already, with their state.
	KnownMicrosoftIDs(context.Context, ConnectionID, []string) (map[string]MailState, error)
	// FindOriginal returns the accepted mail of this connection with the key; nil when there is none.
	FindOriginal(ctx context.Context, id ConnectionID, dedupeKey string) (*Mail, error)
	// ListDuplicates returns the mails that were found to be the same as an accepted one.
	ListDuplicates(context.Context, MailID) ([]*Mail, error)
	// ListMailNaming gives the mails behind one id and up to another (0: all behind
	// it) that are from or to one of the addresses, by id.
	ListMailNaming(ctx context.Context, addresses []string, after, until MailID) ([]*Mail, error)
	// FindTicketsOfMail returns the tickets that other connections made of the same mail.
	FindTicketsOfMail(ctx context.Context, other ConnectionID, dedupeKey string) ([]desk.TicketID, error)
	// FindCopy returns the mail of this connection with the key, whatever became of it; nil when there is none.
	FindCopy(ctx context.Context, id ConnectionID, dedupeKey string) (*Mail, error)
	// FindCopyElsewhere returns a mail of another connection with the key that was decided there, and not handed over; nil when there is none.
	FindCopyElsewhere(ctx context.Context, id ConnectionID, dedupeKey string) (*Mail, error)
	// ListHandedOver returns mails handed over that are not linked to the other address's copy yet, oldest first.
	ListHandedOver(ctx context.Context, limit int) ([]*Mail, error)
	FindMailByComment(context.Context, desk.CommentID) (*Mail, error) // outbound; nil when there is none
	ListMail(context.Context, MailFilter) ([]*Mail, error)
	CountMail(context.Context, MailFilter) (int, error) // up to MaxCounted
	// ListThread returns Message-IDs of a ticket's mails but one, oldest first:
	// n at most, the first of all and the newest. Flagged mails and duplicates do not count.
	ListThread(ctx context.Context, id desk.TicketID, except MailID, n int) ([]string, error)
	// ListUnfetched returns rows in state Noticed whose next attempt is due, oldest first.
	ListUnfetched(ctx context.Context, id ConnectionID, due time.Time, limit int) ([]*Mail, error)
	// CountUnfetched counts them, up to a bound.
	CountUnfetched(ctx context.Context, id ConnectionID, due time.Time, most int) (int, error)
	// ListPostponed returns rows in state Noticed whose next attempt comes after the time, oldest first.
	ListPostponed(ctx context.Context, id ConnectionID, now time.Time, limit int) ([]*Mail, error)
	// NextAttempt tells when the first of the mails in state Noticed that failed is due again; zero when none did.
	NextAttempt(context.Context, ConnectionID) (time.Time, error)
	// ListStranded returns outbound rows that are neither sent nor failed, and
	// that no job is about to deliver. The key of a reply's job ends with the
	// comment's id, that of a notification's with the mail's.
	ListStranded(ctx context.Context, reply, notification JobKey, limit int) ([]*Mail, error)
	// ListUnfiled returns settled inbound rows whose copy at Microsoft is not filed yet, oldest first.
	ListUnfiled(ctx context.Context, id ConnectionID, limit int) ([]*Mail, error)
	// MarkFiled notes what was done with the copies at Microsoft.
	MarkFiled(ctx context.Context, ids []MailID, at time.Time, as Afterwards) error

	// InsertNotification keeps what a notification says, and to whom it goes.
	InsertNotification(context.Context, MailID, *Notification, time.Time) error
	GetNotification(context.Context, MailID) (*Notification, error)   // all but the recipients, which the mail has
	DeleteNotification(context.Context, MailID) error                 // nothing happens when there is none
	FindNotification(ctx context.Context, key string) (MailID, error) // 0: none, as for the empty key
	// AutoRepliedSince tells whether the address has got an automatic answer since then.
	AutoRepliedSince(ctx context.Context, email string, since time.Time) (bool, error)

	InsertAttempt(context.Context, *Attempt) error
	ListAttempts(context.Context, MailID) ([]*Attempt, error)

	// RememberMessageID notes that mails referring to this Message-ID belong to the ticket.
	RememberMessageID(ctx context.Context, messageID string, ticket desk.TicketID) error
	// FindTicketByMessageIDs returns the ticket of the first id, in the given
	// order, that is known; 0 when none is. When an id is known for several
	// tickets, the one whose recipient is the given address wins.
	FindTicketByMessageIDs(ctx context.Context, ids []string, recipient string) (desk.TicketID, string, error)

	// ConnectionFigures counts what the details page shows.
	ConnectionFigures(ctx context.Context, id ConnectionID, since time.Time) (Figures, error)
	// ConnectionActivity gives Received, Sent and LagMedian of each of n hours, the first beginning at from.
	ConnectionActivity(ctx context.Context, id ConnectionID, from time.Time, n int) ([]Figures, error)
}

// JobKey is how the jobs of one kind are named.
type JobKey struct{ Kind, Prefix string }

// SuspendTx stores what mail is suspended by, and what came of outgoing mail.
type SuspendTx interface {
	GetPolicy(context.Context) (Policy, error) // DefaultPolicy when nobody has changed it
	SetPolicy(context.Context, Policy) error

	// FindSenderRules returns the entries of all lists with one of the patterns.
	FindSenderRules(ctx context.Context, patterns []string) ([]*SenderRule, error)
	ListSenderRules(context.Context, SenderList) ([]*SenderRule, error) // by pattern
	GetSenderRule(context.Context, SenderRuleID) (*SenderRule, error)
	// InsertSenderRule sets the ID; when the list has the pattern, that of the entry that is there, and false comes back.
	InsertSenderRule(context.Context, *SenderRule) (bool, error)
	DeleteSenderRule(context.Context, SenderRuleID) error

	// CountTaken counts the mails of a sender that were received after from and
	// until to and became tickets or comments of themselves; copies of one mail
	// are one, those of the mail with the key none. Other transactions that ask
	// for the same sender wait for this one.
	CountTaken(ctx context.Context, sender, dedupeKey string, from, to time.Time) (int, error)
	// ListExpired returns suspended mails that were decided before, oldest first.
	ListExpired(ctx context.Context, before time.Time, limit int) ([]*Mail, error)
	// CountSuspendedSince counts those suspended since then, by cause.
	CountSuspendedSince(context.Context, time.Time) (map[Cause]int, error)

	// CountLeaving counts the mails that are leaving, and those that have left and whose Message-ID is still to be read back.
	CountLeaving(context.Context) (int, error)
	// FindOutgoing returns the outgoing mail with our mark, else the one with the Message-ID; nil when there is none.
	FindOutgoing(ctx context.Context, mark, messageID string) (*Mail, error)
	InsertBounce(context.Context, *Bounce) error // once for each mail and recipient: the newest counts
	ListBounces(context.Context, MailID) ([]*Bounce, error)
	DeleteBounces(context.Context, MailID) error
}

// Figures are numbers on one connection.
type Figures struct {
	Backlog     int // noticed, not decided
	Unfiled     int // decided, not filed at Microsoft
	Quarantined int
	Suspended   int
	Waiting     int           // outbound, not sent
	Failed      int           // outbound, somebody has to decide
	Received    int           // inbound, since the time asked for; imported mail was there before
	Sent        int           // outbound, since the time asked for
	LagMedian   time.Duration // received at Microsoft to decided here, of what arrived since
	LagP99      time.Duration
}

// MaxCounted is how far mails are counted: "100,000" then means as many or more.
// Counting a ledger of millions to the end would take longer than anybody waits.
const MaxCounted = 100_000

// MailFilter chooses rows of the ledger, newest first.
type MailFilter struct {
	Connection ConnectionID
	Direction  Direction
	States     []MailState
	Causes     []Cause
	Search     string // in subject, sender, recipients and Message-ID
	Ticket     desk.TicketID
	From, To   time.Time // when we noticed it
	HideProbes bool      // leaves out what only tests an address
	directory.Part
}
