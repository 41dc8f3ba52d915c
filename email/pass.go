package email

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"tandem/event"
	"tandem/problem"
)

const (
	fetchers  = 5   // the mailbox lets three ask at a time; the others store and parse meanwhile
	window    = 16  // mails between fetching and decision
	batchSize = 16  // mails decided in one transaction at most
	chunk     = 100 // rows read from the ledger at a time
)

// pass is one complete reading of a mailbox. Four parties work at once:
//
//	feed     notes what is new in the ledger and hands out its undecided rows, oldest first
//	fetch    three of them bring mails into the blob store and parse them
//	decide   takes them in the order in which they were handed out
//
// The ledger is the queue: what a crash leaves undecided is handed out again.
type pass struct {
	r     *Reader
	id    ConnectionID
	box   Mailbox
	log   *slog.Logger
	kicks <-chan struct{}
	by    NoticedBy

	// Of the feed.
	chosen  string          // the folder that the connection reads, when the pass began
	folders []*folder       // it and, where they are read too, those below
	taken   map[MailID]bool // handed out already
	queue   []*item
	stale   bool    // the ledger may hold rows that are not in the queue
	latest  []*item // of an import, oldest first
	imp     *Import // that this pass works; nil: none

	// Of the decisions.
	suspects int   // mails in a row that Microsoft did not deliver
	turns    turns // of mails that answer one that failed

	fresh  int           // mails noticed
	synced time.Time     // when the mailbox was last read before this pass; zero: notifications are not judged
	late   bool          // mail is here of which no notification told in time
	prompt bool          // a notification told of mail in time
	told   *atomic.Int64 // when listeners were last told of the connection, in Unix milliseconds
}

// item is one mail on its way through a pass.
type item struct {
	mail *Mail         // its row; without an id when an import has not entered it yet
	done chan struct{} // closed when it has been fetched, or not

	arrival  *arrival
	unparsed bool // too large to be parsed beside others
	step     string
	err      error
}

// run lists, fetches and decides until nothing is left.
func (p *pass) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	order, work := make(chan *item, window), make(chan *item, window+1)
	p.taken, p.queue, p.stale = make(map[MailID]bool), nil, true
	group.Go(func() error {
		defer close(order)
		defer close(work)
		return p.feed(ctx, order, work)
	})
	for range fetchers {
		group.Go(func() error {
			p.fetchAll(ctx, work)
			return nil
		})
	}
	group.Go(func() error { return p.decideAll(ctx, order) })
	return group.Wait()
}

// feed reads the folders' changes one page ahead and hands out undecided mails.
// Nothing is handed out before Microsoft has answered, so that an outage does
// not count against single mails; nor, when a folder is read from the
// beginning, before all of them have been listed, because Microsoft promises no
// order of pages.
func (p *pass) feed(ctx context.Context, order, work chan<- *item) error {
	l := &listing{box: p.box, folders: p.folders}
	l.begin(ctx)
	hold := true
	for {
		var next *item
		var out chan<- *item
		if !hold {
			var err error
			if next, err = p.next(ctx, l.idle()); err != nil {
				return err
			}
			if next != nil {
				out = order
			} else if l.idle() {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case answer := <-l.answer:
			more, err := p.listed(ctx, l, answer)
			if err != nil {
				return err
			}
			hold = more && l.fromBeginning
		case <-p.hints(l, next):
			p.by = ByPush
			l.begin(ctx)
		case out <- next:
			work <- next
			p.queue = p.queue[1:]
		}
	}
}

// hints is where hints of new mail come from. While new mail is being worked,
// or a question is open, they can wait: one listing then answers them all.
func (p *pass) hints(l *listing, next *item) <-chan struct{} {
	if !l.idle() || (next != nil && !next.mail.Imported) {
		return nil
	}
	return p.kicks
}

// next returns the oldest undecided mail that has not been handed out, or nil.
// Imported mails come when there is nothing else to do.
func (p *pass) next(ctx context.Context, listed bool) (*item, error) {
	if len(p.queue) == 0 && p.stale {
		if err := p.load(ctx); err != nil {
			return nil, err
		}
	}
	if len(p.queue) == 0 && listed && len(p.latest) > 0 {
		p.queue, p.latest = append(p.queue, p.latest[0]), p.latest[1:]
	}
	if len(p.queue) == 0 {
		return nil, nil
	}
	return p.queue[0], nil
}

// load reads undecided rows from the ledger.
func (p *pass) load(ctx context.Context) error {
	var rows []*Mail
	err := p.r.store.View(ctx, func(tx Tx) (err error) {
		rows, err = tx.ListUnfetched(ctx, p.id, p.r.now(), chunk)
		return err
	})
	if err != nil {
		return &storageError{fmt.Errorf("list undecided mails: %w", err)}
	}
	p.stale = len(rows) == chunk
	for _, m := range rows {
		if !p.taken[m.ID] {
			p.taken[m.ID] = true
			p.queue = append(p.queue, newItem(m))
		}
	}
	return nil
}

func newItem(m *Mail) *item { return &item{mail: m, done: make(chan struct{})} }

// mine returns the connection if it is still ours to read. Each transaction of
// a pass begins with it: whoever has lost the lease writes nothing.
func (p *pass) mine(ctx context.Context, tx Tx) (*Connection, error) {
	c, err := tx.GetConnection(ctx, p.id)
	switch {
	case problem.KindOf(err) == problem.NotFound:
		return nil, errNotConnected
	case err != nil:
		return nil, fmt.Errorf("get connection %d: %w", p.id, err)
	case c.State != Connected:
		return nil, errNotConnected
	case c.LeaseOwner != p.r.opts.Owner || p.r.now().After(c.LeaseUntil.Add(-p.r.opts.Lease/6)):
		return nil, errLeaseLost // with room for the transaction itself
	case c.Folder != p.chosen:
		return nil, errReadingChanged
	}
	return c, nil
}

// tellEvery is how often listeners hear of a connection that is being read.
const tellEvery = 500 * time.Millisecond

// tell publishes a change of the connection, but not for every mail. It tells
// whether it did.
func (p *pass) tell(tx event.Tx) bool {
	last, now := p.told.Load(), p.r.now().UnixMilli()
	if now-last < tellEvery.Milliseconds() || !p.told.CompareAndSwap(last, now) {
		return false
	}
	tx.Publish(event.Event{Kind: event.ConnectionUpdated, ID: int64(p.id)})
	return true
}
