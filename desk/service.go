package desk

import (
	"context"
	"crypto/rand"
	"io"
	"strings"
	"time"

	"tandem/access"
)

// Blobs keeps the bytes of files.
type Blobs interface {
	// Put stores what it reads and returns the key and how much it was. What
	// is cut in the middle is not stored.
	Put(context.Context, io.Reader) (key string, size int64, err error)
	// Get reads what is stored; problem.NotFound when there is nothing.
	Get(ctx context.Context, key string) (io.ReadSeekCloser, error)
	// Retire removes what nobody has stored or stored again since, and tells
	// whether it is gone.
	Retire(ctx context.Context, key string, since time.Time) (gone bool, err error)
}

// Outbox sends public comments by mail. Queue and Withdraw run in the desk's
// transaction, so that a comment and its mail appear and disappear together.
type Outbox interface {
	// Queue enters the mail of a comment, which leaves at the given time.
	Queue(ctx context.Context, tx Tx, t *Ticket, c *Comment, at time.Time) error
	// Withdraw removes a mail that has not begun to leave, or returns
	// problem.Conflict "already_sent".
	Withdraw(ctx context.Context, tx Tx, id CommentID) error
	// Retry tries a mail again that failed.
	Retry(ctx context.Context, by access.Actor, id CommentID) error
}

// Options change how a Service works; the zero value suits tests.
type Options struct {
	Now        func() time.Time
	NewToken   func() string // unguessable, lower case since it also stands in mail addresses
	UndoWindow time.Duration // how long a reply can be taken back before it leaves
	Outbox     Outbox        // nil: nothing leaves
	// Accepted is told in the same transaction that an agent accepted a
	// stranger's comment; nil: nobody is.
	Accepted func(ctx context.Context, tx Tx, c *Comment) error

	Scanner  Scanner        // nil: files are not scanned
	Pictures PictureFetcher // nil: remote images are never shown
	// Shares tells that people outside reach us: files that are too large to be
	// attached leave as links.
	Shares bool

	// Sanitize makes HTML harmless and tells whether it asks for remote images.
	Sanitize func(html string) (clean string, remoteImages bool)
	// PlainText turns sanitised HTML into text.
	PlainText func(html string) string
}

// Service is the help desk. It is safe for use by several goroutines.
type Service struct {
	store     Store
	blobs     Blobs
	now       func() time.Time
	newToken  func() string
	undo      time.Duration
	outbox    Outbox
	accepted  func(context.Context, Tx, *Comment) error
	sanitize  func(string) (string, bool)
	plainText func(string) string
	scanner   Scanner
	pictures  PictureFetcher
	shares    bool
}

// NewService makes a help desk on the stores.
func NewService(store Store, blobs Blobs, o Options) *Service {
	s := &Service{
		store: store, blobs: blobs, now: o.Now, newToken: o.NewToken, undo: o.UndoWindow, outbox: o.Outbox,
		accepted: o.Accepted, sanitize: o.Sanitize, plainText: o.PlainText,
		scanner: o.Scanner, pictures: o.Pictures, shares: o.Shares,
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.newToken == nil {
		s.newToken = func() string { return strings.ToLower(rand.Text()) }
	}
	return s
}

// UndoWindow is how long a reply can be taken back before it leaves.
func (s *Service) UndoWindow() time.Duration { return s.undo }
