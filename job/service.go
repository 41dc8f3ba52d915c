package job

import (
	"context"
	"time"

	"tandem/event"
	"tandem/problem"
)

// Service is what an administrator sees of jobs and may do to them. Whether
// somebody is an administrator is for the caller to check.
type Service struct {
	store Store
	now   func() time.Time
}

// NewService returns the service on a store.
func NewService(store Store, now func() time.Time) *Service { return &Service{store, now} }

// List gives the jobs that the filter chooses, the newest first.
func (s *Service) List(ctx context.Context, filter Filter) (jobs []Job, err error) {
	err = s.store.View(ctx, func(tx StoreTx) error {
		jobs, err = tx.ListJobs(ctx, filter)
		return err
	})
	return jobs, err
}

// Get returns one job, or problem.NotFound.
func (s *Service) Get(ctx context.Context, id ID) (j *Job, err error) {
	err = s.store.View(ctx, func(tx StoreTx) error {
		j, err = tx.GetJob(ctx, id)
		return err
	})
	return j, err
}

// Count counts jobs by state.
func (s *Service) Count(ctx context.Context) (counts map[State]int, err error) {
	err = s.store.View(ctx, func(tx StoreTx) error {
		counts, err = tx.CountJobs(ctx)
		return err
	})
	return counts, err
}

// Retry runs a job now: a dead one with all its attempts again, a waiting one
// ahead of its time. Others return problem.Conflict.
func (s *Service) Retry(ctx context.Context, id ID) (*Job, error) {
	return s.change(ctx, id, func(j *Job) error { return j.retry(s.now()) })
}

// RetryAll runs all dead jobs again, of one kind when it is not empty, and
// returns how many.
func (s *Service) RetryAll(ctx context.Context, kind string) (n int, err error) {
	err = s.store.Update(ctx, func(tx StoreTx) error {
		n = 0
		dead, err := tx.ListJobs(ctx, Filter{State: Dead, Kind: kind})
		if err != nil {
			return err
		}
		for _, j := range dead {
			if err := j.retry(s.now()); err != nil {
				return err
			}
			if err := write(ctx, tx, &j); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

// Cancel ends a job that waits or is dead. Others return problem.Conflict.
func (s *Service) Cancel(ctx context.Context, id ID) (*Job, error) {
	return s.change(ctx, id, func(j *Job) error { return j.cancel(s.now()) })
}

// change applies a rule to one job.
func (s *Service) change(ctx context.Context, id ID, rule func(*Job) error) (j *Job, err error) {
	err = s.store.Update(ctx, func(tx StoreTx) error {
		if j, err = tx.GetJob(ctx, id); err != nil {
			return err
		}
		if err := rule(j); err != nil {
			return err
		}
		return write(ctx, tx, j)
	})
	if err != nil {
		return nil, err
	}
	return j, nil
}

func write(ctx context.Context, tx StoreTx, j *Job) error {
	tx.Publish(event.Event{Kind: event.JobUpdated, ID: int64(j.ID)})
	return tx.UpdateJob(ctx, j)
}

// retry makes the job due now.
func (j *Job) retry(now time.Time) error {
	switch j.State {
	case Dead:
		j.Attempt, j.FinishedAt = 0, time.Time{}
	case Waiting:
	default:
		return j.refuse()
	}
	j.State, j.RunAt = Waiting, now
	return nil
}

func (j *Job) cancel(now time.Time) error {
	if j.State != Waiting && j.State != Dead {
		return j.refuse()
	}
	j.State, j.FinishedAt = Cancelled, now
	return nil
}

func (j *Job) refuse() error {
	if j.State == Running {
		return problem.New(problem.Conflict, "job_running", "The job is running at the moment.").
			On(problem.Yours, "Wait until it has ended.")
	}
	return problem.New(problem.Conflict, "job_finished", "The job has ended already.").
		On(problem.Yours, "Reload the page.")
}
