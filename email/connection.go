package email

import (
	"log/slog"
	"time"

	"tandem/directory"
	"tandem/tenant"
)

// The identifiers of the mail channel.
type (
	AddressID    int64
	ConnectionID int64
	ImportID     int64
)

// SupportAddress is an address that customers write to, or an outbound one:
// mail leaves under it, and none is taken in.
type SupportAddress struct {
	ID             AddressID
	Email          string // lower case; of an outbound one also "@domain": any address of the domain
	Outbound       bool   // leaves through the connection of another address, which answers come to
	Name           string // sender's name of replies; empty: the brand's
	BrandID        directory.BrandID
	Default        bool // exactly one is: mail that belongs to no other address leaves from it
	ConnectionID   ConnectionID
	PlusAddressing bool        // the mailbox accepts support+anything@, so replies may carry the ticket's token in the address
	Destination    Destination // for mail to several addresses; empty: the organisation's
	Priority       int         // among addresses, for PriorityAddress; higher goes first
	Aliases        []string    // further addresses of the mailbox, lower case, as Microsoft knows them
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// ConnectionKind says how mail arrives and leaves.
type ConnectionKind string

// The kinds of connections.
const (
	Exchange    ConnectionKind = "exchange"     // a Microsoft 365 mailbox whose owner signed in (delegated permission)
	ExchangeApp ConnectionKind = "exchange_app" // a Microsoft 365 mailbox that a tenant's app registration may open (application permission)
	Forwarding  ConnectionKind = "forwarding"   // mail is forwarded to us by SMTP
)

// Afterwards says what is done at Microsoft with a mail that we have taken in.
type Afterwards string

// What is done afterwards.
const (
	MoveAfterwards Afterwards = "move" // marked read and moved to the "Tandem" folder
	ReadAfterwards Afterwards = "read" // marked read
	KeepAfterwards Afterwards = "keep" // left as it is
)

// ConnectionState is what the administrator decided; trouble is told apart from it.
type ConnectionState string

// The states of a connection.
const (
	Authorizing  ConnectionState = "authorizing" // the wizard has begun, Microsoft has not confirmed yet
	Connected    ConnectionState = "connected"
	Disconnected ConnectionState = "disconnected" // by an administrator; keeps its cursor
)

// Mode is how new mail is noticed.
type Mode string

// The modes.
const (
	Push Mode = "push" // Microsoft notifies; polling is only a safety net
	Poll Mode = "poll" // no public address, or notifications fail
)

// Secret is a token or password in memory. It never prints.
type Secret string

func (Secret) String() string               { return "(secret)" }
func (Secret) LogValue() slog.Value         { return slog.StringValue("(secret)") }
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"(secret)"`), nil }

// Connection is how mail of a support address arrives and leaves, together
// with the mailbox behind it.
type Connection struct {
	ID        ConnectionID
	Kind      ConnectionKind
	State     ConnectionState
	Email     string    // the mailbox's primary address
	Tenant    tenant.ID // whose app registration opens the mailbox; 0: that of the configuration
	TenantID  string    // the mailbox owner's Microsoft tenant
	UserID    string    // the owner's object id at Microsoft
	CreatedAt time.Time
	UpdatedAt time.Time

	// Credentials.
	RefreshToken Secret    // encrypted at rest
	Scopes       []string  // what Microsoft granted
	TokenAt      time.Time // when Microsoft last gave us a token
	AuthorizedAt time.Time // when somebody last signed in at Microsoft; a newer one replaces clients in use

	// What is read, and what becomes of it.
	Folder          string    // id of the folder that is read; empty: the Inbox
	FolderName      string    // its path, for people
	Subfolders      bool      // the folders below it are read too
	SubfoldersSince time.Time // mail in those received before was there before us; zero: Since counts
	Afterwards      Afterwards

	// Reading.
	Since          time.Time // mail received before was there before us: only imports take it
	Cursor         string    // delta link of the folder; empty: read from the beginning. Those below have a ReadFolder each.
	KickedAt       time.Time // newest hint that mail waits
	SyncedAt       time.Time // last complete reading
	NextSyncAt     time.Time // when polling reads again
	LastMailAt     time.Time // when the newest mail was received at Microsoft
	ReconciledAt   time.Time // last comparison of mailbox and ledger
	ReconcileFound int       // how many mails that comparison had to fetch: "0 missing" is the good answer
	LeaseOwner     string    // the process that reads the mailbox
	LeaseUntil     time.Time

	// Trouble.
	WaitingUntil time.Time // Microsoft asked us to wait until then
	ErrorCode    string    // empty: none
	Error        string    // what happened
	ErrorSide    string    // problem.Side
	ErrorRemedy  string
	ErrorAt      time.Time

	// Notifications.
	SubscriptionID        string
	SubscriptionSecret    Secret // clientState, encrypted at rest
	SubscriptionExpiresAt time.Time
	NotifiedAt            time.Time // last notification that was genuine
	PushError             string    // why notifications do not work; empty: they do, or none are wanted
	PushLateAt            time.Time // when reading last found mail that a notification should have told of; zero: they come in time

	AliasesAt time.Time // when Microsoft was last asked for the mailbox's further addresses
}

// Mode tells how new mail is noticed at the moment.
func (c *Connection) Mode(now time.Time) Mode {
	if c.subscribed(now) && c.PushLateAt.IsZero() {
		return Push
	}
	return Poll
}

func (c *Connection) subscribed(now time.Time) bool {
	return c.SubscriptionID != "" && c.PushError == "" && now.Before(c.SubscriptionExpiresAt)
}

// ModeReason is why mail is noticed as it is.
type ModeReason string

// The reasons of a mode.
const (
	PushWorks     ModeReason = "notified"
	PushLate      ModeReason = "late"         // notifications come, but mail is here before them
	PushRefused   ModeReason = "refused"      // PushError says why
	NotSubscribed ModeReason = "unsubscribed" // not yet, or nobody can notify us
)

// ModeReason tells why mail is noticed as it is at the moment.
func (c *Connection) ModeReason(now time.Time) ModeReason {
	switch {
	case c.PushError != "":
		return PushRefused
	case !c.subscribed(now):
		return NotSubscribed
	case !c.PushLateAt.IsZero():
		return PushLate
	}
	return PushWorks
}

// Status is what the address shows.
type Status string

// The statuses of an address.
const (
	StatusVerified     Status = "verified"
	StatusImporting    Status = "importing"
	StatusWaiting      Status = "waiting" // for Microsoft, until Connection.WaitingUntil
	StatusError        Status = "error"
	StatusAuthorizing  Status = "authorizing"
	StatusDisconnected Status = "disconnected"
)

// Status judges the connection; imp is its unfinished import, or nil.
func (c *Connection) Status(imp *Import, now time.Time) Status {
	switch {
	case c.State == Disconnected:
		return StatusDisconnected
	case c.State == Authorizing:
		return StatusAuthorizing
	case c.ErrorCode != "":
		return StatusError
	case now.Before(c.WaitingUntil):
		return StatusWaiting
	case imp != nil && !imp.State.Finished():
		return StatusImporting
	}
	return StatusVerified
}

// ImportState is where an import stands.
type ImportState string

// The states of an import.
const (
	ImportRunning   ImportState = "running"
	ImportCompleted ImportState = "completed"
	ImportCancelled ImportState = "cancelled"
	ImportFailed    ImportState = "failed"
)

// Finished tells whether the import has come to an end.
func (s ImportState) Finished() bool { return s != ImportRunning }

// ImportSize is how many of the latest mails an import takes, read or unread.
const ImportSize = 300

// Import makes tickets from the latest mails that were there before the address was connected.
type Import struct {
	ID           ImportID
	ConnectionID ConnectionID
	State        ImportState
	Total        int // known after the listing; 0 before
	Done         int
	Error        string
	CreatedAt    time.Time
	FinishedAt   time.Time
}
