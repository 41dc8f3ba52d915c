package job

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"tandem/event"
	"tandem/problem"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	// defaultLease is how long a job stays with a worker that says nothing.
	defaultLease = 15 * time.Second
	// breather is from one look at the store to the next: when jobs are inserted
	// faster than that, one look serves all of them.
	breather = 20 * time.Millisecond
	// poll bounds the sleep, should an event have been lost.
	poll = 5 * time.Second
	// cutGrace is how long Stop waits for handlers that it cancelled.
	cutGrace = 5 * time.Second
	// writeTimeout bounds the writing of an outcome, which goes on during Stop.
	writeTimeout = 10 * time.Second
)

// RunnerOptions change how a Runner works; the zero value serves.
type RunnerOptions struct {
	Worker  string                // unique among all processes; made up when empty
	Lease   time.Duration         // 15 s when 0; extended at a third of it
	Alone   bool                  // no other process works here: what runs at the start is a dead one's, and is taken over at once
	Events  *event.Bus            // wakes the runner when a job is inserted; nil: it polls
	Metrics prometheus.Registerer // nil: none
	Log     *slog.Logger          // nil: discards
	Now     func() time.Time      // nil: time.Now
}

// HandleOptions change how one kind of job is run; the zero value serves.
type HandleOptions struct {
	Concurrency int           // how many at a time in this process; 4 when 0
	Timeout     time.Duration // when its context ends; 10 minutes when 0
}

// Task is a job in the hands of its handler.
type Task[T Args] struct {
	Job
	Args T
}

// LastAttempt tells whether a failure now is final.
func (t *Task[T]) LastAttempt() bool { return t.Attempt >= t.MaxAttempts }

// Runner claims jobs and runs their handlers. Register handlers and schedules
// first, then Start it.
type Runner struct {
	store     Store
	opt       RunnerOptions
	kinds     map[string]*kind
	schedules []*schedule
	metrics   *metrics

	wake   chan struct{}
	quit   chan struct{} // closed to end claiming
	ctx    context.Context
	cancel context.CancelCauseFunc // ends the heartbeat and the handlers' contexts

	claiming, beating, jobs sync.WaitGroup

	mu      sync.Mutex
	running map[ID]context.CancelCauseFunc
}

// kind is one registered kind of job.
type kind struct {
	HandleOptions
	name   string
	work   func(context.Context, Job) error
	active int // guarded by Runner.mu
}

// NewRunner returns a runner without handlers.
func NewRunner(store Store, opt RunnerOptions) *Runner {
	if opt.Worker == "" {
		host, _ := os.Hostname()
		opt.Worker = fmt.Sprintf("%s-%d-%s", host, os.Getpid(), rand.Text()[:6])
	}
	opt.Lease = cmp.Or(opt.Lease, defaultLease)
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	r := &Runner{
		store:   store,
		opt:     opt,
		kinds:   make(map[string]*kind),
		metrics: newMetrics(opt.Metrics, store),
		wake:    make(chan struct{}, 1),
		quit:    make(chan struct{}),
		running: make(map[ID]context.CancelCauseFunc),
	}
	r.ctx, r.cancel = context.WithCancelCause(context.Background())
	r.scheduleCleaning()
	return r
}

// Handle registers the handler of the kind of job that T belongs to. A second
// handler for a kind is a mistake in the program and panics.
func Handle[T Args](r *Runner, work func(context.Context, *Task[T]) error, opt HandleOptions) {
	var zero T
	name := zero.Kind()
	if r.kinds[name] != nil {
		panic("job: two handlers for " + name)
	}
	opt.Concurrency = cmp.Or(opt.Concurrency, 4)
	opt.Timeout = cmp.Or(opt.Timeout, 10*time.Minute)
	r.kinds[name] = &kind{HandleOptions: opt, name: name, work: func(ctx context.Context, j Job) error {
		task := &Task[T]{Job: j}
		if err := json.Unmarshal(j.Args, &task.Args); err != nil {
			return problem.New(problem.Invalid, "job_unreadable", "This version of Tandem cannot read the job.").
				On(problem.Tandem, "It was queued by another version. Cancel it, or try again after the upgrade.").Because(err)
		}
		return work(ctx, task)
	}}
}

// Start begins to claim and run jobs.
func (r *Runner) Start() {
	r.claiming.Go(r.claimLoop)
	r.beating.Go(r.heartbeatLoop)
}

// Stop claims nothing more and waits until the running jobs have ended. When
// ctx ends first, their contexts are cancelled, and what gives up goes back to
// waiting. The error tells how many did neither; others will take these over.
func (r *Runner) Stop(ctx context.Context) error {
	close(r.quit)
	drained := make(chan struct{})
	go func() {
		r.claiming.Wait()
		r.jobs.Wait()
		close(drained)
	}()
	err := r.drain(ctx, drained)
	r.cancel(errStopping)
	r.beating.Wait()
	return err
}

func (r *Runner) drain(ctx context.Context, drained <-chan struct{}) error {
	select {
	case <-drained:
		return nil
	case <-ctx.Done():
		r.cancel(errStopping)
	}
	select {
	case <-drained:
		return nil
	case <-time.After(cutGrace):
		r.mu.Lock()
		defer r.mu.Unlock()
		return fmt.Errorf("%d jobs did not stop", len(r.running))
	}
}

// Wake makes the runner look for due jobs now.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *Runner) claimLoop() {
	var events <-chan event.Event
	var lost <-chan struct{}
	if r.opt.Events != nil {
		sub := r.opt.Events.Subscribe(event.Kinds(event.JobInserted, event.JobUpdated))
		defer sub.Close()
		events, lost = sub.Events(), sub.Lost()
	}
	if r.opt.Alone {
		r.takeOver()
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-r.quit:
			return
		case _, open := <-events:
			if !open {
				events = nil
			}
			drain(events)
		case <-lost:
		case <-r.wake:
		case <-timer.C:
		}
		next := r.runOnce(r.ctx)
		select {
		case <-r.quit:
			return
		case <-time.After(breather):
		}
		timer.Reset(next - breather)
	}
}

// quickTakeOvers is how often a job may be taken over at the start. One that
// was interrupted more often waits for its lease to run out: a process that
// dies every second would soon use up all attempts.
const quickTakeOvers = 3

// takeOver ends the leases of a process that is no more. When that fails they
// run out by themselves.
func (r *Runner) takeOver() {
	err := r.store.Update(r.ctx, func(tx StoreTx) error { return tx.EndJobLeases(r.ctx, quickTakeOvers, r.opt.Now()) })
	if err != nil {
		r.opt.Log.Warn("take over the jobs of the process before", "err", err)
	}
}

// drain takes what has arrived meanwhile: one look at the store serves all.
func drain(events <-chan event.Event) {
	for {
		select {
		case _, open := <-events:
			if !open {
				return
			}
		default:
			return
		}
	}
}

// runOnce fires due schedules, starts what is due and has room, and returns how
// long to sleep.
func (r *Runner) runOnce(ctx context.Context) time.Duration {
	if err := r.tick(ctx); err != nil {
		r.opt.Log.Error("job schedules failed", "err", err)
		return poll
	}
	if err := r.claim(ctx); err != nil {
		r.opt.Log.Error("claiming jobs failed", "err", err)
		return poll
	}
	r.metrics.looked.SetToCurrentTime()
	next, err := r.nextLook(ctx)
	if err != nil {
		r.opt.Log.Error("looking for the next job failed", "err", err)
		return poll
	}
	return next
}

func (r *Runner) nextLook(ctx context.Context) (time.Duration, error) {
	now := r.opt.Now()
	wait := poll
	err := r.store.View(ctx, func(tx StoreTx) error {
		at, err := tx.NextJobAt(ctx, now)
		if !at.IsZero() {
			wait = min(wait, at.Sub(now))
		}
		return err
	})
	for _, s := range r.schedules {
		wait = min(wait, s.next.Sub(now))
	}
	return max(wait, time.Millisecond), err
}

// claim takes jobs as long as there are some and there is room. Each claim asks
// for no more than fits into the fullest kind, so that nothing claimed waits.
func (r *Runner) claim(ctx context.Context) error {
	for !r.stopping() {
		kinds, n := r.room()
		if n == 0 {
			return nil
		}
		var claimed []Job
		now := r.opt.Now()
		err := r.store.Update(ctx, func(tx StoreTx) (err error) {
			claimed, err = tx.ClaimJobs(ctx, r.opt.Worker, kinds, n, now, now.Add(r.opt.Lease))
			return err
		})
		if err != nil {
			return err
		}
		for _, j := range claimed {
			r.start(j)
		}
		if len(claimed) < n {
			return nil
		}
	}
	return nil
}

func (r *Runner) stopping() bool {
	select {
	case <-r.quit:
		return true
	default:
		return false
	}
}

// room lists the kinds that may start another job, and how many each of them may.
func (r *Runner) room() (kinds []string, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range r.kinds {
		free := k.Concurrency - k.active
		if free <= 0 {
			continue
		}
		if n == 0 || free < n {
			n = free
		}
		kinds = append(kinds, k.name)
	}
	return kinds, n
}

func (r *Runner) start(j Job) {
	k := r.kinds[j.Kind]
	ctx, cancel := context.WithCancelCause(r.ctx)
	r.mu.Lock()
	k.active++
	r.running[j.ID] = cancel
	r.mu.Unlock()
	r.jobs.Go(func() {
		defer cancel(nil)
		r.run(ctx, k, j)
		r.mu.Lock()
		wasFull := k.active == k.Concurrency
		k.active--
		delete(r.running, j.ID)
		r.mu.Unlock()
		if wasFull || j.UniqueKey != "" {
			r.Wake() // another one may have waited for the room, or for this one of its key
		}
	})
}

// run does the work of one job and writes down what became of it.
func (r *Runner) run(ctx context.Context, k *kind, j Job) {
	if j.Attempt > j.MaxAttempts {
		r.finish(ctx, j.abandoned(r.opt.Now()))
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, k.Timeout, errTimeout)
	defer cancel()
	began := time.Now()
	err := r.protect(ctx, k, j)
	r.metrics.duration.WithLabelValues(k.name).Observe(time.Since(began).Seconds())
	r.finish(ctx, j.settle(err, context.Cause(ctx), r.opt.Now(), mathrand.Float64()))
}

// protect runs the handler and turns a panic into an error.
func (r *Runner) protect(ctx context.Context, k *kind, j Job) (err error) {
	defer func() {
		if v := recover(); v != nil {
			stack := debug.Stack()
			r.metrics.panics.Inc()
			r.opt.Log.Error("job panicked", "kind", j.Kind, "job", j.ID, "panic", v, "stack", string(stack))
			err = &panicError{v, stack}
		}
	}()
	return k.work(ctx, j)
}

// finish writes the outcome, also when the runner is being stopped.
func (r *Runner) finish(ctx context.Context, j Job) {
	if context.Cause(ctx) == errLeaseLost {
		r.opt.Log.Warn("job was taken over by another worker", "kind", j.Kind, "job", j.ID)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	err := r.store.Update(ctx, func(tx StoreTx) error {
		if j.State == Dead {
			tx.Publish(event.Event{Kind: event.JobUpdated, ID: int64(j.ID)})
		}
		return tx.FinishJob(ctx, j)
	})
	if err != nil {
		// The lease runs out and the job runs again.
		r.opt.Log.Error("writing a job's outcome failed", "kind", j.Kind, "job", j.ID, "err", err)
		return
	}
	r.metrics.outcomes.WithLabelValues(j.Kind, string(j.State)).Inc()
	r.logOutcome(j)
}

func (r *Runner) logOutcome(j Job) {
	switch {
	case j.State == Dead:
		r.opt.Log.Error("job is dead", "kind", j.Kind, "job", j.ID, "attempt", j.Attempt, "code", j.ErrorCode, "err", j.Cause)
	case j.State == Waiting && j.Cause != "":
		r.opt.Log.Warn("job failed and will run again", "kind", j.Kind, "job", j.ID, "attempt", j.Attempt,
			"at", j.RunAt, "code", j.ErrorCode, "err", j.Cause)
	default:
		r.opt.Log.Debug("job ended", "kind", j.Kind, "job", j.ID, "state", j.State)
	}
}
