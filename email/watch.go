package email

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"tandem/event"
)

// watch looks after one mailbox: it reads when a hint comes or the time has
// come, and remembers between its passes how things went.
type watch struct {
	r       *Reader
	id      ConnectionID
	kicks   chan struct{} // mail may wait
	changed chan struct{} // somebody changed the connection

	idle     time.Duration // until the next polling
	failures int           // passes in a row
	vain     int           // passes in a row that hints led to and that found nothing
	calm     time.Time     // until then hints have to wait
	compared bool          // mailbox and ledger, since the lease is ours
	by       NoticedBy     // what woke us
	told     atomic.Int64  // when listeners last heard of the connection
	untold   bool          // they have not heard of the last change
}

func newWatch(r *Reader, id ConnectionID) *watch {
	return &watch{r: r, id: id, kicks: make(chan struct{}, 1), changed: make(chan struct{}, 1), by: ByPoll}
}

// run watches until the mailbox is disconnected, its lease is lost or the
// context ends.
func (w *watch) run(ctx context.Context) {
	err := w.r.hold(ctx, w.id, w.read)
	if err != nil && ctx.Err() == nil && !isLost(err) {
		w.r.log.Error("watch a mailbox", "connection", w.id, "err", err)
	}
}

// read makes one pass after the other while the lease is ours.
func (w *watch) read(ctx context.Context) error {
	w.compared = false
	for {
		next, err := w.runOnce(ctx)
		if err != nil {
			return err
		}
		if err := w.wait(ctx, next); err != nil {
			return err
		}
	}
}

// runOnce makes one complete pass and returns when the next one is due. An
// error means that the mailbox is no longer ours; trouble with Microsoft or
// with storage is written down at the connection instead.
func (w *watch) runOnce(ctx context.Context) (next time.Time, err error) {
	select {
	case <-w.kicks: // answered by this pass
		w.by = ByPush
	default:
	}
	c, err := w.r.connection(ctx, w.id)
	if err != nil {
		return time.Time{}, err
	}
	p := &pass{
		r: w.r, id: w.id, kicks: w.kicks, by: w.by, told: &w.told, log: w.r.log.With("connection", w.id),
	}
	if w.compared && w.failures == 0 { // else nobody can tell what came while we did not look
		p.synced = c.SyncedAt.Truncate(time.Second) // as Microsoft tells the time of receipt
	}
	started := w.r.now()
	failure := w.work(ctx, p, c)
	if isLost(failure) || ctx.Err() != nil {
		return time.Time{}, cmp.Or(context.Cause(ctx), failure)
	}
	if errors.Is(failure, errReadingChanged) {
		return started, nil
	}
	outcome := "ok"
	if failure != nil {
		outcome = "failed"
	}
	w.r.metrics.passes.WithLabelValues(outcome).Observe(w.r.now().Sub(started).Seconds())
	w.by = ByPoll
	w.calmDown(p)
	return w.finish(ctx, p, failure)
}

// Hints that lead to nothing are answered ever later, so that a flood of them
// costs few readings; the first one that brings mail ends that.
const (
	firstCalm = 100 * time.Millisecond
	maxCalm   = 2 * time.Second
)

func (w *watch) calmDown(p *pass) {
	switch {
	case p.fresh > 0:
		w.vain, w.calm = 0, time.Time{}
	case p.by == ByPush:
		w.vain++
		w.calm = w.r.now().Add(growing(firstCalm, w.vain, maxCalm))
	}
}

// work is the pass itself.
func (w *watch) work(ctx context.Context, p *pass, c *Connection) error {
	var err error
	if p.box, err = w.r.mailboxes.Open(c); err != nil {
		return fmt.Errorf("open the mailbox %s: %w", c.Email, err)
	}
	if err := p.findFolders(ctx, c); err != nil {
		return err
	}
	if err := p.refreshAliases(ctx, c); err != nil {
		return err
	}
	if err := p.prepareImport(ctx); err != nil {
		return err
	}
	if err := p.run(ctx); err != nil {
		return err
	}
	if w.compared && !c.ReconciledAt.IsZero() && w.r.now().Sub(c.ReconciledAt) < reconcileEvery {
		return nil
	}
	if err := p.reconcile(ctx, c); err != nil {
		return err
	}
	w.compared = true
	return nil
}

// finish writes down how the pass went and returns when the next one is due.
func (w *watch) finish(ctx context.Context, p *pass, failure error) (next time.Time, err error) {
	if failure != nil {
		w.failures++
		w.r.log.Warn("mailbox could not be read", "connection", w.id, "failures", w.failures, "err", failure)
	} else {
		w.failures = 0
	}
	err = w.r.store.Update(ctx, func(tx Tx) error {
		c, err := p.mine(ctx, tx)
		if err != nil {
			return err
		}
		now := w.r.now()
		if failure != nil {
			t := troubleOf(failure, w.failures, now)
			c.suffer(t, now)
			w.calm = t.hints
			tx.Publish(event.Event{Kind: event.ConnectionUpdated, ID: int64(w.id)})
		} else if err := w.succeed(ctx, tx, p, c, now); err != nil {
			return err
		}
		next = c.NextSyncAt
		return tx.UpdateConnection(ctx, c)
	})
	if err != nil && !isLost(err) {
		// The store itself is in trouble: nothing could be written down.
		w.r.log.Error("write down a pass", "connection", w.id, "err", err)
		return w.r.now().Add(growing(time.Second, w.failures+1, time.Minute)), nil
	}
	return next, err
}

// succeed notes a good pass: what was wrong is mended, and polling goes on.
func (w *watch) succeed(ctx context.Context, tx Tx, p *pass, c *Connection, now time.Time) error {
	mended := c.ErrorCode != ""
	c.recover()
	if mended { // replies waited for it too
		if err := ResumeWaiting(ctx, tx, w.id, now); err != nil {
			return err
		}
	}
	if err := p.completeImport(ctx, tx); err != nil {
		return err
	}
	w.notePush(tx, p, c, now)
	c.NextSyncAt = now.Add(w.interval(c, p.fresh > 0, now))
	if due, err := tx.NextAttempt(ctx, w.id); err != nil {
		return err
	} else if !due.IsZero() && due.Before(c.NextSyncAt) {
		c.NextSyncAt = due
	}
	if again, err := w.asked(ctx, tx, p, c); err != nil {
		return err
	} else if again {
		c.NextSyncAt = now
	}
	w.untold = !p.tell(tx)
	if mended || p.imp != nil {
		tx.Publish(event.Event{Kind: event.ConnectionUpdated, ID: int64(w.id)})
	}
	return nil
}

// asked tells whether somebody asked for something during the pass that it did not do.
func (w *watch) asked(ctx context.Context, tx Tx, p *pass, c *Connection) (bool, error) {
	if c.ReconciledAt.IsZero() {
		return true, nil
	}
	imp, err := tx.FindLatestImport(ctx, w.id)
	if err != nil || imp == nil || imp.State.Finished() {
		return false, err
	}
	return p.imp == nil || p.imp.ID != imp.ID, nil
}

// interval is how long to wait when no hint comes. Notifications that are
// promised but come late are not relied upon.
func (w *watch) interval(c *Connection, fresh bool, now time.Time) time.Duration {
	o := w.r.opts
	switch {
	case c.Mode(now) == Push:
		w.idle = o.PollPush
	case fresh || w.idle == 0 || w.idle > o.PollSlow:
		w.idle = o.PollFast
	default:
		w.idle = min(w.idle*3/2, o.PollSlow)
	}
	return w.idle
}

// wait returns when the next pass is due. In trouble a hint hurries us only where
// it may mean that the trouble is over, but an administrator who has mended
// something always does.
func (w *watch) wait(ctx context.Context, next time.Time) error {
	timer := time.NewTimer(next.Sub(w.r.now()))
	defer timer.Stop()
	tell := w.tellLater()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timer.C:
			return nil
		case <-tell:
			tell = nil
			w.tell(ctx)
			continue
		case <-w.kicks:
			w.by = ByPush
			now := w.r.now()
			if !now.Before(w.calm) {
				return nil
			}
			timer.Reset(min(w.calm.Sub(now), next.Sub(now)))
			continue
		case <-w.changed:
		}
		due, err := w.changedTo(ctx, next)
		if due || errors.Is(err, errNotConnected) {
			return err
		}
	}
}

// changedTo looks at the connection and tells whether somebody wants it read
// sooner than planned.
func (w *watch) changedTo(ctx context.Context, next time.Time) (due bool, err error) {
	c, err := w.r.connection(ctx, w.id)
	if err != nil {
		return false, err
	}
	return c.NextSyncAt.Before(next) && !w.r.now().Before(c.NextSyncAt), nil
}

// tellLater is when listeners hear of a pass that came too soon after the one before.
func (w *watch) tellLater() <-chan time.Time {
	if !w.untold {
		return nil
	}
	return time.After(tellEvery)
}

func (w *watch) tell(ctx context.Context) {
	w.untold = false
	err := w.r.store.Update(ctx, func(tx Tx) error {
		tx.Publish(event.Event{Kind: event.ConnectionUpdated, ID: int64(w.id)})
		return nil
	})
	if err != nil {
		w.r.log.Warn("tell of a connection", "connection", w.id, "err", err)
	}
	w.told.Store(w.r.now().UnixMilli())
}
