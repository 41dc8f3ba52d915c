package desk

import (
	"context"
	"crypto/rand"
	"io"
	"strings"
	"time"

	"tandem/access"
	"tandem/bulk"
	"tandem/event"
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
	// ForgetMails empties the ledger, in the same transaction, of what the mails of
	// a ticket said that is deleted for good; nil: nobody keeps any.
	ForgetMails func(ctx context.Context, tx Tx, id TicketID) error
	// EraseMails empties the ledger, likewise, of what it holds of a person who is
	// deleted permanently; nil: nobody keeps any.
	EraseMails func(ctx context.Context, tx Tx, e MailErasure) error

	People   *access.Service // adds and changes people; nil: nobody does
	Scanner  Scanner         // nil: files are not scanned
	Pictures PictureFetcher  // nil: remote images are never shown
	// Shares tells that people outside reach us: files that are too large to be
	// attached leave as links.
	Shares bool

	// Notify sends a mail that a trigger wrote, in the same transaction, and gives
	// its row in the ledger; 0 when it holds it back. Nil: nothing leaves.
	Notify func(ctx context.Context, tx Tx, n Notice) (mail int64, err error)
	// Retract takes back the mail of Notify with the key, in the same transaction,
	// unless it has begun to leave; nil: none can be taken back.
	Retract func(ctx context.Context, tx Tx, key string) error
	// IsOurs tells whether mail to an address comes back to us; nil: none does.
	IsOurs func(ctx context.Context, tx Tx, address string) (bool, error)
	// TicketURL is where a browser finds a ticket; nil: nowhere.
	TicketURL func(TicketID) string
	// SketchMail reads a raw mail, or a past one, to rehearse what would become
	// of it; nil: mails cannot be rehearsed.
	SketchMail func(ctx context.Context, tx Tx, raw string, mail int64) (*MailSketch, error)

	// Background begins work on many records, in the same transaction as its
	// cause; nil: none is done.
	Background func(ctx context.Context, tx Tx, by access.Actor, work Work) (*bulk.Bulk, error)
	// Bus tells what happens to tickets, so that counts of views can be kept; nil:
	// they are older than they say once something happens.
	Bus *event.Bus

	// Sanitize makes HTML harmless and tells whether it asks for remote
	// images. It asks which pictures the text may show, and under which address.
	Sanitize func(html string, picture func(source string) (address string, ok bool)) (clean string, remoteImages bool)
	// PlainText turns sanitised HTML into text.
	PlainText func(html string) string
}

// Service is the help desk. It is safe for use by several goroutines.
type Service struct {
	store       Store
	blobs       Blobs
	now         func() time.Time
	newToken    func() string
	undo        time.Duration
	outbox      Outbox
	accepted    func(context.Context, Tx, *Comment) error
	forgetMails func(context.Context, Tx, TicketID) error
	eraseMails  func(context.Context, Tx, MailErasure) error
	sanitize    func(string, func(string) (string, bool)) (string, bool)
	plainText   func(string) string
	people      *access.Service
	scanner     Scanner
	pictures    PictureFetcher
	shares      bool

	notify     func(context.Context, Tx, Notice) (int64, error)
	retract    func(context.Context, Tx, string) error
	isOurs     func(context.Context, Tx, string) (bool, error)
	ticketURL  func(TicketID) string
	sketchMail func(context.Context, Tx, string, int64) (*MailSketch, error)
	background func(context.Context, Tx, access.Actor, Work) (*bulk.Bulk, error)
	triggers   triggerCache
	counter    *counter
	fields     fieldCache
}

// NewService makes a help desk on the stores.
func NewService(store Store, blobs Blobs, o Options) *Service {
	s := &Service{
		store: store, blobs: blobs, now: o.Now, newToken: o.NewToken, undo: o.UndoWindow, outbox: o.Outbox,
		accepted: o.Accepted, forgetMails: o.ForgetMails, eraseMails: o.EraseMails, sanitize: o.Sanitize, plainText: o.PlainText,
		people: o.People, scanner: o.Scanner, pictures: o.Pictures, shares: o.Shares,
		notify: o.Notify, retract: o.Retract, isOurs: o.IsOurs, ticketURL: o.TicketURL, sketchMail: o.SketchMail,
		background: o.Background,
		counter:    newCounter(o.Bus),
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
