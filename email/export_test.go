package email

import (
	"context"
	"time"
)

// Watch is one mailbox's watch whose passes the test makes one by one.
type Watch struct{ w *watch }

// Watch returns a watch that has not read yet.
func (r *Reader) Watch(id ConnectionID) Watch { return Watch{newWatch(r, id)} }

// RunOnce makes one complete pass with the lease held, and returns when the
// next one is due.
func (w Watch) RunOnce(ctx context.Context) (next time.Time, err error) {
	err = w.w.r.hold(ctx, w.w.id, func(ctx context.Context) error {
		next, err = w.w.runOnce(ctx)
		return err
	})
	return next, err
}

// Kick is a hint that mail waits.
func (w Watch) Kick() { signal(w.w.kicks) }

// DueForward tells what is to be done about a forwarding.
func DueForward(f *Forward, now time.Time) string { return string(f.due(now)) }
