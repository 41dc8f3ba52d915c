package email

import (
	"context"
	"errors"
	"io"
	"time"

	"tandem/tenant"
)

// ErrResync is returned by Mailbox.Changes when Microsoft no longer knows the
// cursor: begin again with an empty one.
var ErrResync = errors.New("the cursor is no longer known at Microsoft")

// Mailbox is what the mail channel asks of the mailbox behind a connection, in
// its own words; package m365 implements it on Microsoft Graph.
//
// Every method may return *problem.Error with code and side: Unavailable with
// RetryAfter when Microsoft asks us to wait or does not answer, Unauthenticated
// when the sign-in has to be renewed, Forbidden when a permission is missing,
// NotFound when the mail is gone, and ErrResync from Changes.
type Mailbox interface {
	// Changes reads one page of what changed in a folder since the cursor. An
	// empty cursor reads from the beginning: mail received since then, newest
	// first, of which Microsoft may tell a limited number. The rest is for
	// Present to tell. NotFound means that the folder is gone.
	Changes(ctx context.Context, folder, cursor string, since time.Time) (*Changes, error)
	// Latest lists the newest n mails of a folder, newest first.
	Latest(ctx context.Context, folder string, n int) ([]Headline, error)
	// Present lists a folder's mails received at or after since.
	Present(ctx context.Context, folder string, since time.Time, visit func([]Headline) error) error
	// PresentFiled lists likewise what lies in our folder; nothing when there is none yet.
	PresentFiled(ctx context.Context, since time.Time, visit func([]Headline) error) error
	// Raw streams the whole mail. A mail cut in the middle is an error, never a short mail.
	Raw(ctx context.Context, microsoftID string) (io.ReadCloser, error)
	// File marks the mails read and, to be moved, moves them to our folder, in as
	// few requests as possible. A mail that is gone counts as filed. It returns
	// the ids that are filed.
	File(ctx context.Context, microsoftIDs []string, as Afterwards) (filed []string, err error)

	// Folder describes a folder, NotFound when there is none of that id.
	Folder(ctx context.Context, id string) (*Folder, error)
	// Folders lists the folders directly below one, or with "" those at the top,
	// without those that are never read: drafts, what was sent, deleted or is
	// junk, and our own.
	Folders(ctx context.Context, parent string) ([]Folder, error)
	// Aliases lists the addresses of the mailbox besides its primary one, in
	// lower case. Forbidden means that Microsoft does not let us ask.
	Aliases(ctx context.Context) ([]string, error)

	// CreateDraft puts an outgoing mail into Drafts and returns its immutable id.
	CreateDraft(ctx context.Context, draft Draft) (microsoftID string, err error)
	// FindByMark looks for a draft or sent mail that carries our mark; "" when there is none.
	FindByMark(ctx context.Context, mark string) (microsoftID string, err error)
	// Attach adds a file to a draft.
	Attach(ctx context.Context, microsoftID string, file DraftFile, content io.Reader) error
	// Attached lists the names and sizes of the files at a draft.
	Attached(ctx context.Context, microsoftID string) ([]DraftFile, error)
	// Send sends a draft.
	Send(ctx context.Context, microsoftID string) error
	// Remove deletes a mail of ours that nobody needs any more. One that is gone counts as removed.
	Remove(ctx context.Context, microsoftID string) error
	// Outcome tells whether a draft has been sent, and under which Message-ID.
	Outcome(ctx context.Context, microsoftID string) (*Outcome, error)

	// Subscribe asks Microsoft to notify us of new mail; Renew keeps it; Unsubscribe ends it.
	Subscribe(ctx context.Context, s Subscription) (id string, expires time.Time, err error)
	Renew(ctx context.Context, id string) (expires time.Time, err error)
	Unsubscribe(ctx context.Context, id string) error
}

// Mailboxes opens the mailbox behind a connection. Opening asks nothing of Microsoft.
type Mailboxes interface {
	Open(*Connection) (Mailbox, error)
	// Find looks up at Microsoft whose mailbox a tenant's app registration opens
	// by a name: an address, an alias or a user's id. It opens the mailbox to see
	// that it can. Problems name what is missing, and on whose side.
	Find(ctx context.Context, id tenant.ID, name string) (*Owner, error)
	// Requests counts what we asked of Microsoft for the connection in the last hour.
	Requests(ConnectionID) int
}

// Folder is a folder of a mailbox. Where a folder's id is asked for, "" means the Inbox.
type Folder struct {
	ID       string
	Name     string
	Parent   string // id of the folder above; empty at the top
	Inbox    bool   // the mailbox's Inbox
	Never    bool   // never read, see Mailbox.Folders
	Children int
	Mails    int
}

// Owner is whose mailbox it is: a person or a shared mailbox.
type Owner struct {
	TenantID string
	UserID   string
	Email    string // primary address
	Name     string
}

// Headline is what a listing tells of a mail.
type Headline struct {
	MicrosoftID string
	MessageID   string
	ReceivedAt  time.Time
	Subject     string
	From        Party
	Draft       bool
	Removed     bool // no longer in the folder
	Filed       bool // lies in our folder already
}

// Changes is one page of changes.
type Changes struct {
	Mails  []Headline
	Cursor string // where the next page begins
	More   bool   // whether the next page is there already
}

// Draft is an outgoing mail as it is put into Drafts; files follow by Attach.
type Draft struct {
	Mark       string // our own mark, by which a stray draft is found again
	From       Party
	To, CC     []Party
	ReplyTo    []Party
	Subject    string
	HTML       string
	InReplyTo  string   // Message-ID without brackets
	References []string // likewise, oldest first
	AutoReply  bool     // marks it so that others do not answer it automatically
}

// DraftFile is a file at a draft.
type DraftFile struct {
	Name        string
	ContentType string
	Size        int64
	Inline      bool
	ContentID   string
}

// Outcome is what became of a draft.
type Outcome struct {
	Sent      bool
	MessageID string // that Exchange gave it; empty until sent
	SentAt    time.Time
}

// Subscription is what we ask Microsoft to notify us of: new mail in a folder,
// or in the whole mailbox when the folders below it are read too.
type Subscription struct {
	Folder          string
	Whole           bool
	NotificationURL string
	LifecycleURL    string
	ClientState     Secret // comes back in each notification and proves that it is genuine
}

// Authorizer is the sign-in at Microsoft by which an administrator hands us a mailbox.
type Authorizer interface {
	// Begin returns the page to send the browser to.
	Begin(req SignIn) (url string)
	// Complete redeems the code that came back. Problems name what is missing or wrong.
	Complete(ctx context.Context, req SignIn, code string) (*Grant, error)
}

// SignIn is one sign-in at Microsoft under way.
type SignIn struct {
	State       string // unguessable, once
	Verifier    string // PKCE
	Nonce       string
	LoginHint   string
	RedirectURL string
}

// Grant is what Microsoft gave us.
type Grant struct {
	TenantID     string
	UserID       string
	Email        string // of the mailbox that was signed in to
	Name         string
	RefreshToken Secret
	Scopes       []string
	// Ahead is how far Microsoft's clock is ahead of ours: it is by Microsoft's
	// that mail is older than the connection or not.
	Ahead time.Duration
}
