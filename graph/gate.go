package graph

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Limits of what one call waits before it gives the waiting to its caller.
const (
	maxTries = 4
	maxWait  = 30 * time.Second // in all
)

const (
	firstBackOff = time.Second
	maxBackOff   = 15 * time.Minute
	maxRetry     = 24 * time.Hour // the longest Retry-After that is believed
	// So many refusals in a row, and a Retry-After is taken for too short.
	// Exchange has been seen to answer "1" for as long as one asks.
	trustedRefusals = 3
)

// gate is the way into one mailbox: it bounds the requests in flight, and is
// shut for as long as Microsoft asked to wait.
//
// "Microsoft Graph service-specific throttling limits", Outlook: four
// concurrent requests per app and mailbox.
type gate struct {
	places chan struct{} // nil: unbounded

	mu       sync.Mutex
	until    time.Time // shut until then
	refusals int       // throttled answers in a row
	cause    *Error    // of the last one
}

func newGate(places int) *gate {
	g := &gate{}
	if places > 0 {
		g.places = make(chan struct{}, places)
	}
	return g
}

// enter waits for a place. While the gate is shut it waits for at most budget
// and returns how long it did; a longer wait is refused with *ThrottledError.
func (g *gate) enter(ctx context.Context, budget time.Duration) (waited time.Duration, err error) {
	for {
		if err := g.take(ctx); err != nil {
			return waited, err
		}
		wait, cause := g.shut()
		if wait <= 0 {
			return waited, nil
		}
		g.leave()
		if waited+wait > budget || !fits(ctx, wait) {
			return waited, &ThrottledError{RetryAfter: wait, Err: cause}
		}
		if err := sleep(ctx, wait); err != nil {
			return waited, err
		}
		waited += wait
	}
}

func (g *gate) take(ctx context.Context) error {
	if g.places == nil {
		return nil
	}
	select {
	case g.places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for a place among the requests in flight: %w", context.Cause(ctx))
	}
}

func (g *gate) leave() {
	if g.places != nil {
		<-g.places
	}
}

// shut returns for how long the gate stays shut.
func (g *gate) shut() (time.Duration, *Error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return time.Until(g.until), g.cause
}

// refused shuts the gate after a throttled answer and completes RetryAfter.
func (g *gate) refused(e *ThrottledError) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if !now.Before(g.until) { // else it answers a request sent before the gate shut
		g.refusals++
	}
	if e.RetryAfter <= 0 || g.refusals > trustedRefusals {
		e.RetryAfter = max(e.RetryAfter, backOff(g.refusals))
	}
	if until := now.Add(e.RetryAfter); until.After(g.until) {
		g.until = until
	}
	g.cause = e.Err
}

func (g *gate) accepted() {
	g.mu.Lock()
	g.refusals = 0
	g.mu.Unlock()
}

// backOff is the wait before the n-th repetition: random, so that clients that
// fail together do not return together, and doubling up to 15 minutes.
func backOff(n int) time.Duration {
	bound := maxBackOff
	if n < 10 {
		bound = min(firstBackOff<<n, maxBackOff)
	}
	return 1 + rand.N(bound)
}

// fits reports whether a wait ends before the context does.
func fits(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > wait
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait %s before a repetition: %w", d.Round(time.Millisecond), context.Cause(ctx))
	}
}

// retryAfter reads the header of that name, 0 when there is none: seconds, which
// Graph also sends with a fraction, or an HTTP date (RFC 9110 section 10.2.3).
func retryAfter(h http.Header, now time.Time) time.Duration {
	return parseRetryAfter(h.Get("Retry-After"), now)
}

func parseRetryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0
	}
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		if math.IsNaN(seconds) || seconds <= 0 {
			return 0
		}
		if seconds >= maxRetry.Seconds() {
			return maxRetry
		}
		return time.Duration(seconds * float64(time.Second))
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), maxRetry)
	}
	return 0
}
