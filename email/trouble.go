package email

import (
	"context"
	"errors"
	"time"

	"tandem/problem"
)

// Why a reader gives a mailbox up, without anybody being at fault.
var (
	errLeaseLost    = errors.New("another process reads the mailbox")
	errNotConnected = errors.New("the mailbox is not connected")
)

// isLost tells whether a pass ended because the mailbox is no longer ours.
func isLost(err error) bool {
	return errors.Is(err, errLeaseLost) || errors.Is(err, errNotConnected) || errors.Is(err, context.Canceled)
}

// shownAfter is how many times in a row Microsoft may fail to answer before
// the connection shows an error. A hiccup is not worth an alarm.
const shownAfter = 3

// trouble is what a failed pass means for the connection.
type trouble struct {
	until   time.Time      // when it is tried again
	hints   time.Time      // until then hints of mail do not hurry that
	problem *problem.Error // what the administrator sees; nil: only that we wait
}

const (
	// unanswered is the longest that a mailbox is left alone of which nothing is
	// known but that Microsoft did not answer. Nobody tells us when an outage
	// ends: at worst that is how long the mail waits afterwards.
	unanswered = time.Minute
	// hintPause is how soon a hint may hurry a mailbox that did not answer. It is
	// a sign of life: Microsoft delivers hints again.
	hintPause = 5 * time.Second
)

// troubleOf judges the failure that ended a pass; failures counts those in a
// row, this one included. It touches neither clock nor database.
func troubleOf(err error, failures int, now time.Time) trouble {
	p := problemOf(err)
	switch {
	case isStorage(err):
		return waiting(now.Add(growing(5*time.Second, failures, time.Minute)), p)
	case p.Kind == problem.Unavailable && p.RetryAfter > 0:
		// Retry-After is sometimes always 1: insisting makes it grow.
		wait := max(p.RetryAfter, growing(time.Second, failures, 15*time.Minute))
		return waiting(now.Add(wait), nil)
	case p.Kind == problem.Unavailable:
		t := waiting(now.Add(growing(2*time.Second, failures, unanswered)), nil)
		t.hints = now.Add(hintPause)
		if failures >= shownAfter {
			t.problem = p
		}
		return t
	}
	// A person has to mend it at Microsoft; when that is done nobody tells us.
	return waiting(now.Add(growing(time.Minute, failures, 15*time.Minute)), p)
}

// waiting is trouble in which nothing hurries us.
func waiting(until time.Time, p *problem.Error) trouble {
	return trouble{until: until, hints: until, problem: p}
}

// growing doubles a wait with each failure, up to a limit.
func growing(first time.Duration, failures int, limit time.Duration) time.Duration {
	for wait := first; ; wait *= 2 {
		if failures--; failures <= 0 || wait >= limit {
			return min(wait, limit)
		}
	}
}

// suffer notes trouble at the connection.
func (c *Connection) suffer(t trouble, now time.Time) {
	c.WaitingUntil, c.NextSyncAt = t.until, t.until
	if t.problem == nil {
		return
	}
	if c.ErrorCode != t.problem.Code {
		c.ErrorAt = now
	}
	c.ErrorCode, c.Error = t.problem.Code, t.problem.Message
	c.ErrorSide, c.ErrorRemedy = string(t.problem.Side), t.problem.Remedy
}

// recover notes that reading works.
func (c *Connection) recover() {
	c.WaitingUntil, c.ErrorAt = time.Time{}, time.Time{}
	c.ErrorCode, c.Error, c.ErrorSide, c.ErrorRemedy = "", "", "", ""
}
