package job

import (
	"context"
	"slices"
	"time"
)

// heartbeatLoop extends the leases of what runs here, until the runner has
// stopped and nothing does.
func (r *Runner) heartbeatLoop() {
	interval := r.opt.Lease / 3
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	last := r.opt.Now()
	for {
		select {
		case <-r.ctx.Done():
			return
		case <-ticker.C:
		}
		ctx, cancel := context.WithTimeout(r.ctx, interval)
		if err := r.heartbeat(ctx); err == nil {
			last = r.opt.Now()
		} else {
			r.opt.Log.Error("extending the leases of jobs failed", "err", err)
			if r.opt.Now().Sub(last) >= r.opt.Lease {
				r.abandon(r.held())
			}
		}
		cancel()
	}
}

// heartbeat extends the leases once and gives up what others have taken over.
func (r *Runner) heartbeat(ctx context.Context) error {
	held := r.held()
	if len(held) == 0 {
		return nil
	}
	var kept []ID
	err := r.store.Update(ctx, func(tx StoreTx) (err error) {
		kept, err = tx.ExtendJobLeases(ctx, r.opt.Worker, held, r.opt.Now().Add(r.opt.Lease))
		return err
	})
	if err != nil {
		return err
	}
	r.abandon(slices.DeleteFunc(held, func(id ID) bool { return slices.Contains(kept, id) }))
	return nil
}

// held lists the jobs that run here.
func (r *Runner) held() []ID {
	r.mu.Lock()
	defer r.mu.Unlock()
	ids := make([]ID, 0, len(r.running))
	for id := range r.running {
		ids = append(ids, id)
	}
	return ids
}

// abandon cancels the handlers of jobs that are no longer ours.
func (r *Runner) abandon(ids []ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range ids {
		if cancel := r.running[id]; cancel != nil {
			cancel(errLeaseLost)
		}
	}
}
