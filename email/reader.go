package email

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tandem/desk"
	"tandem/email/eml"
	"tandem/event"
)

// ReaderOptions change how a Reader works. Owner is required.
type ReaderOptions struct {
	// Owner names this process in leases. Where only one process can own the
	// database it should be the same after a restart: then no lease has to run
	// out first.
	Owner   string
	Lease   time.Duration // of a mailbox; 15 s when 0, renewed at a third of it
	Limits  eml.Limits    // of one mail; eml.DefaultLimits when zero
	Metrics prometheus.Registerer
	Now     func() time.Time
	Log     *slog.Logger

	// Polling: PollFast after mail came, growing to PollSlow while none does,
	// and PollPush as a safety net while notifications work.
	PollFast, PollSlow, PollPush time.Duration
	// Mail that lay at Microsoft for so long without a notification was told of
	// too late; 30 s when 0, or a quarter of PollPush if that is shorter.
	PushGrace time.Duration
}

func (o ReaderOptions) withDefaults() ReaderOptions {
	o.Lease = cmp.Or(o.Lease, 15*time.Second)
	o.Limits = cmp.Or(o.Limits, eml.DefaultLimits)
	o.PollFast = cmp.Or(o.PollFast, 5*time.Second)
	o.PollSlow = cmp.Or(o.PollSlow, time.Minute)
	o.PollPush = cmp.Or(o.PollPush, 5*time.Minute)
	o.PushGrace = cmp.Or(o.PushGrace, min(30*time.Second, o.PollPush/4))
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// Reader takes in the mail of all connected mailboxes. One goroutine watches
// each mailbox of which this process holds the lease, and one renews all leases.
type Reader struct {
	store     Store
	mailboxes Mailboxes
	blobs     Blobs
	intake    intake
	bus       *event.Bus
	opts      ReaderOptions
	now       func() time.Time
	log       *slog.Logger
	metrics   *metrics
	leases    leases

	cancel  context.CancelFunc
	running sync.WaitGroup
}

// NewReader makes a Reader that reads nothing before Start.
func NewReader(store Store, mailboxes Mailboxes, blobs Blobs, d *desk.Service, bus *event.Bus, opts ReaderOptions) *Reader {
	opts = opts.withDefaults()
	return &Reader{
		store: store, mailboxes: mailboxes, blobs: blobs, intake: intake{desk: d, now: opts.Now}, bus: bus,
		opts: opts, now: opts.Now, log: opts.Log, metrics: newMetrics(opts.Metrics),
	}
}

// Start begins to watch the mailboxes.
func (r *Reader) Start() {
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	sub := r.bus.Subscribe(event.Kinds(event.MailboxKicked, event.ConnectionUpdated))
	r.running.Go(func() {
		defer sub.Close()
		r.supervise(ctx, sub)
	})
	r.running.Go(func() { r.keepLeases(ctx) })
}

// Stop ends all reading and waits for it. What was not decided is decided
// after the next start.
func (r *Reader) Stop() {
	r.cancel()
	r.running.Wait()
}

// How often mailboxes are looked for that this process may read.
const (
	lookEvery = 30 * time.Second       // though nothing tells of one
	lookPause = 500 * time.Millisecond // after the last time, however much is told
)

// A process that finds many mailboxes at once begins a few at once and then one
// after the other: the first pass compares mailbox and ledger, and a thousand
// of those together would need a thousand times the memory of one.
const (
	startAtOnce = 16
	startPause  = 10 * time.Millisecond
)

// supervise owns the watches: one for each connected mailbox that no other
// process reads. When another one dies its lease runs out, and that is when it looks.
func (r *Reader) supervise(ctx context.Context, sub *event.Subscription) {
	watches := make(map[ConnectionID]*watch)
	ended := make(chan *watch)
	var group sync.WaitGroup
	defer group.Wait()
	start := func(id ConnectionID, pause time.Duration) {
		w := newWatch(r, id)
		watches[id] = w
		group.Go(func() {
			if sleep(ctx, pause) {
				w.run(ctx)
			}
			select {
			case ended <- w:
			case <-ctx.Done():
			}
		})
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	var looked time.Time
	soon := func() { timer.Reset(lookPause - time.Since(looked)) }
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			ids, next := r.readable(ctx)
			looked = time.Now()
			timer.Reset(next)
			begun := 0
			for _, id := range ids {
				if watches[id] == nil {
					start(id, startPause*time.Duration(max(0, begun-startAtOnce)))
					begun++
				}
			}
		case w := <-ended:
			delete(watches, w.id)
			soon()
		case <-sub.Lost():
			soon()
			for _, w := range watches {
				signal(w.kicks)
			}
		case e, open := <-sub.Events():
			if !open {
				<-ctx.Done() // the bus ended first; polling goes on until Stop
				return
			}
			w := watches[ConnectionID(e.ID)]
			switch {
			case w == nil:
				soon()
			case e.Kind == event.MailboxKicked:
				signal(w.kicks)
			default:
				signal(w.changed)
			}
		}
	}
}

// readable lists the connected mailboxes that no other process reads, and tells
// how long there may be no others; none when the store does not answer.
func (r *Reader) readable(ctx context.Context) (ids []ConnectionID, next time.Duration) {
	err := r.store.View(ctx, func(tx Tx) error {
		all, err := tx.ListConnections(ctx)
		now := r.now()
		ids, next = nil, lookEvery
		for _, c := range all {
			switch left := c.LeaseUntil.Sub(now); {
			case c.State != Connected:
			case c.LeaseOwner == "" || c.LeaseOwner == r.opts.Owner || left <= 0:
				ids = append(ids, c.ID)
			default:
				next = min(next, max(left, lookPause))
			}
		}
		return err
	})
	if err != nil && ctx.Err() == nil {
		r.log.Error("list connections", "err", err)
	}
	return ids, max(next, lookPause)
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// signal wakes a goroutine; one signal that has not been seen is enough.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// connection reads a connection, or returns errNotConnected.
func (r *Reader) connection(ctx context.Context, id ConnectionID) (*Connection, error) {
	var c *Connection
	err := r.store.View(ctx, func(tx Tx) (err error) {
		c, err = tx.GetConnection(ctx, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("get connection %d: %w", id, err)
	}
	if c.State != Connected {
		return nil, errNotConnected
	}
	return c, nil
}
