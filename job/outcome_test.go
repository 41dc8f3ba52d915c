package job

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"tandem/problem"
)

func TestOutcomeFollowsFromWhatTheHandlerReturned(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	throttled := problem.New(problem.Unavailable, "microsoft_throttled", "Microsoft asks us to wait.").After(90 * time.Second)
	gone := problem.New(problem.NotFound, "ticket_not_found", "There is no such ticket.")
	for name, tc := range map[string]struct {
		err, cause error
		attempt    int // of 3; 1 when 0
		state      State
		wait       time.Duration
		counted    bool
		code       string
	}{
		"done":                         {state: Completed, counted: true},
		"failed once":                  {err: errors.New("boom"), state: Waiting, wait: time.Second, counted: true, code: "internal"},
		"failed twice":                 {err: errors.New("boom"), attempt: 2, state: Waiting, wait: 2 * time.Second, counted: true, code: "internal"},
		"failed for the last time":     {err: errors.New("boom"), attempt: 3, state: Dead, counted: true, code: "internal"},
		"final problem":                {err: fmt.Errorf("deliver: %w", gone), state: Dead, counted: true, code: "ticket_not_found"},
		"the other side asks to wait":  {err: throttled, attempt: 3, state: Waiting, wait: 90 * time.Second, code: "microsoft_throttled"},
		"snoozed":                      {err: Snooze(time.Hour), attempt: 3, state: Waiting, wait: time.Hour},
		"needless":                     {err: Cancel(errors.New("undone")), state: Cancelled, counted: true, code: "internal"},
		"needless for a known reason":  {err: Cancel(gone), state: Cancelled, counted: true, code: "ticket_not_found"},
		"interrupted by the stop":      {err: errors.New("read: cut"), cause: errStopping, attempt: 3, state: Waiting},
		"done although being stopped":  {cause: errStopping, state: Completed, counted: true},
		"took too long":                {err: errors.New("read: cut"), cause: errTimeout, state: Waiting, wait: time.Second, counted: true, code: "job_timeout"},
		"panicked":                     {err: &panicError{value: "nil map"}, state: Waiting, wait: time.Second, counted: true, code: "job_panic"},
		"expired credentials, no time": {err: problem.New(problem.Unauthenticated, "secret_expired", "Expired."), state: Waiting, wait: time.Second, counted: true, code: "secret_expired"},
	} {
		t.Run(name, func(t *testing.T) {
			j := Job{State: Running, Attempt: max(tc.attempt, 1), MaxAttempts: 3, RunAt: now.Add(-time.Minute)}
			got := j.settle(tc.err, tc.cause, now, 0.5)
			if got.State != tc.state || got.ErrorCode != tc.code {
				t.Errorf("became %s with code %q, want %s with %q", got.State, got.ErrorCode, tc.state, tc.code)
			}
			if counted := got.Attempt == j.Attempt; counted != tc.counted {
				t.Errorf("attempt %d of %d, counted %v", got.Attempt, j.Attempt, counted)
			}
			if tc.state != Waiting {
				if got.FinishedAt != now {
					t.Errorf("finished at %v", got.FinishedAt)
				}
				return
			}
			slack := tc.wait / 10
			if wait := got.RunAt.Sub(now); wait < tc.wait || wait > tc.wait+slack {
				t.Errorf("runs again after %v, want %v", wait, tc.wait)
			}
		})
	}
}

func TestJitterSpreadsRetries(t *testing.T) {
	now := time.Now()
	j := Job{State: Running, Attempt: 8, MaxAttempts: 10}
	early, late := j.settle(errors.New("boom"), nil, now, 0), j.settle(errors.New("boom"), nil, now, 1)
	if spread := late.RunAt.Sub(early.RunAt); spread < Backoff(8)/10 {
		t.Errorf("retries lie within %v", spread)
	}
}

func TestDefaultAttemptsSpanAboutThreeDays(t *testing.T) {
	var span, last time.Duration
	for attempt := 1; attempt < DefaultMaxAttempts; attempt++ {
		wait := Backoff(attempt)
		if wait < last {
			t.Errorf("wait after attempt %d is %v, shorter than the one before", attempt, wait)
		}
		span, last = span+wait, wait
	}
	if span < 60*time.Hour || span > 84*time.Hour {
		t.Errorf("%d attempts span %v", DefaultMaxAttempts, span)
	}
}
