package job

import (
	"context"
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
)

// schedule inserts a job at set times.
type schedule struct {
	name string
	spec cron.Schedule
	args Args
	next time.Time // when to ask the store; zero: at once
}

// Schedule inserts a job with args whenever spec says so, over all nodes once
// for each time. The spec is a crontab line in UTC ("30 3 * * *") or
// "@every 10m", which counts from midnight and not from the start of the
// process. Times missed while nothing ran are made up for by one job. An
// unreadable spec is a mistake in the program and panics.
func (r *Runner) Schedule(name, spec string, args Args) {
	parsed, err := cron.ParseStandard(spec)
	if err != nil {
		panic(fmt.Sprintf("job: schedule %s: %v", name, err))
	}
	if constant, ok := parsed.(cron.ConstantDelaySchedule); ok {
		parsed = every(constant.Delay)
	}
	r.schedules = append(r.schedules, &schedule{name: name, spec: parsed, args: args})
}

// every is a schedule whose times are the same on all nodes.
type every time.Duration

func (e every) Next(t time.Time) time.Time {
	d := time.Duration(e)
	return t.Truncate(d).Add(d)
}

// tick inserts the jobs of the schedules that are due.
func (r *Runner) tick(ctx context.Context) error {
	now := r.opt.Now().UTC()
	for _, s := range r.schedules {
		if now.Before(s.next) {
			continue
		}
		next := s.spec.Next(now)
		err := r.store.Update(ctx, func(tx StoreTx) error {
			due, err := tx.DueSchedule(ctx, s.name, now, next)
			if err != nil || !due {
				return err
			}
			_, err = Insert(ctx, tx, s.args, Options{UniqueKey: s.name, RunAt: now})
			return err
		})
		if err != nil {
			return fmt.Errorf("schedule %s: %w", s.name, err)
		}
		s.next = next
	}
	return nil
}

// keepFinished is how long completed and cancelled jobs stay.
const keepFinished = time.Hour

// clean removes finished jobs.
type clean struct{}

func (clean) Kind() string { return "job.clean" }

func (r *Runner) scheduleCleaning() {
	Handle(r, func(ctx context.Context, _ *Task[clean]) error {
		return r.store.Update(ctx, func(tx StoreTx) error {
			_, err := tx.DeleteFinishedJobs(ctx, r.opt.Now().Add(-keepFinished))
			return err
		})
	}, HandleOptions{Concurrency: 1})
	r.Schedule("job.clean", "@every 10m", clean{})
}
