package job

import "context"

// Work does one pass of the claiming loop and waits until what it started has ended.
func (r *Runner) Work(ctx context.Context) {
	r.runOnce(ctx)
	r.jobs.Wait()
}

// Claim does one pass of the claiming loop.
func (r *Runner) Claim(ctx context.Context) { r.runOnce(ctx) }

// Heartbeat extends the leases once.
func (r *Runner) Heartbeat(ctx context.Context) error { return r.heartbeat(ctx) }
