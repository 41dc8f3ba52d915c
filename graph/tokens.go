package graph

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// TokenSource hands out access tokens.
type TokenSource interface {
	// Token returns a token that is good now. Errors by Entra are *AuthError.
	Token(ctx context.Context) (string, error)
	// Invalidate reports that Graph refused this token: the next Token is another.
	Invalidate(access string)
}

// StaticToken is a TokenSource for a token that somebody else looks after.
type StaticToken string

// Token returns the token itself.
func (t StaticToken) Token(context.Context) (string, error) { return string(t), nil }

// Invalidate does nothing: there is no other token.
func (t StaticToken) Invalidate(string) {}

// NewDelegated returns tokens for the person who consented, starting from a
// token of [Entra.Redeem] or from a stored one of which only Refresh is known.
//
// Each new refresh token goes through save before its access token is used;
// when save fails, so does the call, and the old refresh token stays in force.
func NewDelegated(e *Entra, t Token, save func(context.Context, Token) error) *Tokens {
	c := &Tokens{refreshToken: t.Refresh}
	c.fetch = func(ctx context.Context) (*Token, error) {
		fresh, err := e.Refresh(ctx, c.refreshToken, nil)
		if err != nil {
			return nil, err
		}
		if err := save(ctx, *fresh); err != nil {
			return nil, fmt.Errorf("save refreshed token: %w", err)
		}
		c.refreshToken = fresh.Refresh
		return fresh, nil
	}
	if t.Access != "" {
		c.keep(&t, time.Now())
	}
	return c
}

// NewAppOnly returns tokens of the application itself.
func NewAppOnly(e *Entra) *Tokens {
	return &Tokens{fetch: e.ClientCredentials}
}

const (
	// Waits before Entra is asked again after it refused: Entra counts clients
	// that insist and locks them out (AADSTS50196).
	refusedHold     = 30 * time.Second
	unavailableHold = 5 * time.Second
	// A token that still works while its refresh does not is used a little longer.
	earlyRetry = time.Minute
)

// Tokens is a TokenSource that keeps one token fresh. However many callers wait for a new one,
// Entra is asked once; the asking outlives the caller that began it.
type Tokens struct {
	fetch        func(context.Context) (*Token, error)
	refreshToken string // used by fetch alone, of which one runs at a time

	mu     sync.Mutex
	access string
	due    time.Time // when to refresh
	expiry time.Time
	flight *tokenFlight
	err    error // the last refusal, given again until hold
	hold   time.Time
	turn   int // counts Retry: what was asked before it says nothing about now
}

type tokenFlight struct {
	turn   int
	done   chan struct{}
	access string
	err    error
}

// Token returns the token in use, or waits for its refresh when it is due.
func (c *Tokens) Token(ctx context.Context) (string, error) {
	for {
		f, access, err := c.begin(ctx)
		if f == nil {
			return access, err
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return "", fmt.Errorf("wait for a token: %w", context.Cause(ctx))
		}
		if f.err == nil || !c.outdated(f) {
			return f.access, f.err
		}
	}
}

// begin returns what is known already, or the asking under way.
func (c *Tokens) begin(ctx context.Context) (f *tokenFlight, access string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	switch {
	case c.access != "" && now.Before(c.due):
		return nil, c.access, nil
	case c.err != nil && now.Before(c.hold):
		return nil, "", c.err
	}
	if c.flight == nil {
		c.flight = &tokenFlight{turn: c.turn, done: make(chan struct{})}
		go c.refresh(context.WithoutCancel(ctx), c.flight)
	}
	return c.flight, "", nil
}

// Retry forgets a refusal that is held: the next Token asks Entra, even if an
// asking under way is refused. It is for when somebody has mended something.
func (c *Tokens) Retry() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn++
	c.err = nil
}

// outdated tells whether Retry was called after the asking had begun.
func (c *Tokens) outdated(f *tokenFlight) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return f.turn != c.turn
}

// Invalidate drops the token if it is still the one in use.
func (c *Tokens) Invalidate(access string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.access == access { // else it has been replaced already
		c.access = ""
	}
}

func (c *Tokens) refresh(ctx context.Context, f *tokenFlight) {
	ctx, cancel := context.WithTimeout(ctx, entraTimeout)
	defer cancel()
	t, err := c.fetch(ctx)

	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if err == nil {
		c.keep(t, now)
	} else {
		c.refused(err, now)
	}
	f.access, f.err = c.access, c.err
	if c.err != nil {
		f.access = ""
	}
	if f.turn != c.turn {
		c.err = nil // not held: Retry came meanwhile
	}
	c.flight = nil
	close(f.done)
}

func (c *Tokens) keep(t *Token, now time.Time) {
	c.access, c.expiry, c.err = t.Access, t.Expiry, nil
	c.due = now.Add(refreshDelay(t.Expiry.Sub(now)))
}

// refused decides what a failed refresh means. Entra out of reach does no harm
// while the old token lasts; a clear refusal is told at once, because it will
// not get better and somebody should know before the mail stands still.
func (c *Tokens) refused(err error, now time.Time) {
	var auth *AuthError
	refusal := errors.As(err, &auth) && !auth.Temporary()
	if !refusal && c.access != "" && now.Before(c.expiry) {
		c.due, c.err = now.Add(earlyRetry), nil
		if c.due.After(c.expiry) {
			c.due = c.expiry
		}
		return
	}
	c.err = err
	switch {
	case refusal:
		c.hold = now.Add(refusedHold)
	case auth != nil:
		c.hold = now.Add(max(unavailableHold, auth.RetryAfter))
	default: // ours, such as save
		c.hold = now
	}
}

// refreshDelay is how long a token with so much life left is used: 80 percent
// of it, and 5 minutes less than all of it, but half at least.
func refreshDelay(life time.Duration) time.Duration {
	return max(life/2, min(life*4/5, life-5*time.Minute))
}
