package email

import (
	"cmp"
	"context"
	"errors"
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
	Lease   time.Duration // of a mailbox; 30 s when 0, renewed at a third of it
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
	o.Lease = cmp.Or(o.Lease, 30*time.Second)
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
// each mailbox; that of the process which holds the lease reads it.
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
}

// Stop ends all reading and waits for it. What was not decided is decided
// after the next start.
func (r *Reader) Stop() {
	r.cancel()
	r.running.Wait()
}

// findEvery is how often mailboxes are looked for of which no event has told.
const findEvery = 30 * time.Second

// supervise owns the watches: one for each connected mailbox.
func (r *Reader) supervise(ctx context.Context, sub *event.Subscription) {
	watches := make(map[ConnectionID]*watch)
	ended := make(chan *watch)
	var group sync.WaitGroup
	defer group.Wait()
	find := func() {
		for _, id := range r.connected(ctx) {
			if watches[id] == nil {
				w := newWatch(r, id)
				watches[id] = w
				group.Go(func() {
					w.run(ctx)
					select {
					case ended <- w:
					case <-ctx.Done():
					}
				})
			}
		}
	}
	find()
	ticker := time.NewTicker(findEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case w := <-ended:
			delete(watches, w.id)
			find()
		case <-ticker.C:
			find()
		case <-sub.Lost():
			find()
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
				find()
			case e.Kind == event.MailboxKicked:
				signal(w.kicks)
			default:
				signal(w.changed)
			}
		}
	}
}

// connected lists the connected mailboxes; none when the store does not answer.
func (r *Reader) connected(ctx context.Context) []ConnectionID {
	var ids []ConnectionID
	err := r.store.View(ctx, func(tx Tx) error {
		all, err := tx.ListConnections(ctx)
		ids = nil
		for _, c := range all {
			if c.State == Connected {
				ids = append(ids, c.ID)
			}
		}
		return err
	})
	if err != nil && ctx.Err() == nil {
		r.log.Error("list connections", "err", err)
	}
	return ids
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

// hold runs f while this process holds the mailbox's lease, and releases it
// afterwards. It returns errLeaseLost when another process holds it. The
// context of f ends when the lease is lost: nothing goes on without it.
func (r *Reader) hold(ctx context.Context, id ConnectionID, f func(context.Context) error) error {
	if err := r.lease(ctx, id); err != nil {
		return err
	}
	r.metrics.reading.Inc()
	defer r.metrics.reading.Dec()
	held, lose := context.WithCancelCause(ctx)
	var renewing sync.WaitGroup
	renewing.Go(func() { lose(r.renew(held, id)) })
	err := f(held)
	if cause := context.Cause(held); cause != nil && ctx.Err() == nil {
		err = cause
	}
	lose(nil)
	renewing.Wait()
	return errors.Join(err, r.release(ctx, id))
}

func (r *Reader) lease(ctx context.Context, id ConnectionID) error {
	var ours bool
	err := r.store.Update(ctx, func(tx Tx) (err error) {
		now := r.now()
		ours, err = tx.LeaseConnection(ctx, id, r.opts.Owner, now, now.Add(r.opts.Lease))
		return err
	})
	if err == nil && !ours {
		err = errLeaseLost
	}
	return err
}

// renew keeps the lease until the context ends, or returns why it is lost.
func (r *Reader) renew(ctx context.Context, id ConnectionID) error {
	ticker := time.NewTicker(r.opts.Lease / 3)
	defer ticker.Stop()
	until := r.now().Add(r.opts.Lease)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		err := r.lease(ctx, id)
		switch {
		case err == nil:
			until = r.now().Add(r.opts.Lease)
		case errors.Is(err, errLeaseLost) || r.now().After(until):
			r.log.Warn("the lease of a mailbox is lost", "connection", id, "err", err)
			return errLeaseLost
		}
	}
}

// release ends the lease, also while we are being stopped.
func (r *Reader) release(ctx context.Context, id ConnectionID) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := r.store.Update(ctx, func(tx Tx) error { return tx.ReleaseConnection(ctx, id, r.opts.Owner) })
	if err != nil {
		return fmt.Errorf("release the lease of connection %d: %w", id, err)
	}
	return nil
}
