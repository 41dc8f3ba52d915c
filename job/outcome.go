package job

import (
	"errors"
	"fmt"
	"time"

	"tandem/problem"
)

// Attempts are at least a second and at most six hours apart.
const (
	firstBackoff = time.Second
	maxBackoff   = 6 * time.Hour
)

// Backoff is the wait after the attempt with this number (1 for the first)
// failed, before jitter: it doubles from a second to six hours.
func Backoff(attempt int) time.Duration {
	if attempt > 16 {
		return maxBackoff
	}
	return min(firstBackoff<<max(attempt-1, 0), maxBackoff)
}

type cancelError struct{ err error }

func (e *cancelError) Error() string { return "cancelled: " + e.err.Error() }
func (e *cancelError) Unwrap() error { return e.err }

// Cancel wraps what a handler returns when its job has become needless: it ends
// as cancelled, not as dead, and asks for nobody's attention.
func Cancel(err error) error { return &cancelError{err} }

type snoozeError struct{ wait time.Duration }

func (e *snoozeError) Error() string { return "snoozed for " + e.wait.String() }

// Snooze is what a handler returns to run again after d without using up an attempt.
func Snooze(d time.Duration) error { return &snoozeError{d} }

// panicError is a panic of a handler.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// What a runner does to a job's context, as its cause.
var (
	errStopping  = errors.New("the runner stops")
	errLeaseLost = errors.New("the lease was lost")
	errTimeout   = errors.New("the time for this job is up")
)

// settle decides what becomes of a running job whose handler returned err.
// cause is why its context was cancelled, or nil; jitter is from 0 to 1.
func (j Job) settle(err, cause error, now time.Time, jitter float64) Job {
	if err == nil {
		return j.end(Completed, now).without()
	}
	if errors.Is(cause, errStopping) {
		return j.again(now).uncounted() // not its fault
	}
	if snooze, ok := errors.AsType[*snoozeError](err); ok {
		return j.again(now.Add(snooze.wait)).uncounted()
	}
	if errors.Is(cause, errTimeout) {
		err = fmt.Errorf("%w: %w", errTimeout, err)
	}
	j = j.because(err)
	if _, ok := errors.AsType[*cancelError](err); ok {
		return j.end(Cancelled, now)
	}
	p := problem.As(err)
	switch {
	case p != nil && final(p.Kind):
		return j.end(Dead, now)
	case p != nil && p.RetryAfter > 0:
		return j.again(now.Add(p.RetryAfter + time.Duration(jitter*float64(p.RetryAfter)/10))).uncounted()
	case j.Attempt >= j.MaxAttempts:
		return j.end(Dead, now)
	default:
		wait := float64(Backoff(j.Attempt)) * (0.9 + jitter/5)
		return j.again(now.Add(time.Duration(wait)))
	}
}

// abandoned is the end of a job that took its process down too often.
func (j Job) abandoned(now time.Time) Job {
	j.ErrorCode, j.Error = "job_abandoned", "Tandem stopped in the middle of it each time it was tried."
	j.Cause = fmt.Sprintf("lease ran out %d times", j.Attempt-1)
	j.Attempt = j.MaxAttempts
	return j.end(Dead, now)
}

// final tells whether trying again cannot help.
func final(kind problem.Kind) bool {
	switch kind {
	case problem.Invalid, problem.Forbidden, problem.NotFound, problem.Conflict:
		return true
	}
	return false
}

func (j Job) end(state State, now time.Time) Job {
	j.State, j.FinishedAt = state, now
	return j
}

func (j Job) again(at time.Time) Job {
	j.State, j.RunAt = Waiting, at
	return j
}

// uncounted takes back the attempt that the claim counted.
func (j Job) uncounted() Job {
	j.Attempt--
	return j
}

func (j Job) without() Job {
	j.ErrorCode, j.Error, j.Cause = "", "", ""
	return j
}

// because writes down what went wrong, for the two readers.
func (j Job) because(err error) Job {
	j.Cause = err.Error()
	p := problem.As(err)
	_, panicked := errors.AsType[*panicError](err)
	switch {
	case p != nil:
		j.ErrorCode, j.Error = p.Code, p.Message
		if p.Remedy != "" {
			j.Error += " " + p.Remedy
		}
	case errors.Is(err, errTimeout):
		j.ErrorCode, j.Error = "job_timeout", "It took too long and was stopped."
	case panicked:
		j.ErrorCode, j.Error = "job_panic", "A fault in Tandem stopped it."
	default:
		j.ErrorCode, j.Error = "internal", "Something went wrong inside Tandem."
	}
	return j
}
