package m365

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"tandem/graph"
	"tandem/problem"
)

func TestEveryRefusalSaysWhatToDo(t *testing.T) {
	tests := []struct {
		err  error
		kind problem.Kind
		code string
		side problem.Side
	}{
		{&graph.ThrottledError{RetryAfter: time.Minute, Err: &graph.Error{Status: 429}}, problem.Unavailable, "microsoft_throttled", problem.Microsoft},
		{&graph.AuthError{Kind: graph.SecretExpired, Code: 7000222}, problem.Unauthenticated, "secret_expired", problem.Admin},
		{&graph.AuthError{Kind: graph.SecretInvalid, Code: 7000215}, problem.Unauthenticated, "secret_invalid", problem.Admin},
		{&graph.AuthError{Kind: graph.GrantRevoked, Code: 50173}, problem.Unauthenticated, "grant_revoked", problem.Admin},
		{&graph.AuthError{Kind: graph.MFARequired, Code: 50076}, problem.Unauthenticated, "mfa_required", problem.Admin},
		{&graph.AuthError{Kind: graph.ConsentDeclined}, problem.Invalid, "consent_declined", problem.Yours},
		{&graph.AuthError{Kind: graph.EntraUnavailable}, problem.Unavailable, "entra_unavailable", problem.Microsoft},
		{&graph.AuthError{Kind: "something_new", Description: "AADSTS1"}, problem.Unauthenticated, "sign_in_failed", problem.Admin},
		{fmt.Errorf("get message: %w", graph.ErrNotFound), problem.NotFound, "not_at_microsoft", problem.Microsoft},
		{graph.ErrAccessDenied, problem.Forbidden, "permission_missing", problem.Admin},
		{graph.ErrMailboxUnavailable, problem.Unavailable, "mailbox_unavailable", problem.Admin},
		{graph.ErrTooLarge, problem.Invalid, "mail_too_large", problem.Admin},
		{graph.ErrInvalidRecipients, problem.Invalid, "invalid_recipients", problem.Yours},
		{graph.ErrUnknownOutcome, problem.Unavailable, "no_answer", problem.Microsoft},
		{&graph.BrokenAnswerError{Op: "get message"}, problem.Unavailable, "microsoft_unavailable", problem.Microsoft},
		{&graph.Error{Status: 400, Code: "ErrorOdd", Message: "Odd."}, problem.Unavailable, "microsoft_refused", problem.Microsoft},
	}
	for _, test := range tests {
		p := problem.As(translate(test.err))
		if p == nil {
			t.Errorf("%v: no problem for people", test.err)
			continue
		}
		if p.Kind != test.kind || p.Code != test.code || p.Side != test.side {
			t.Errorf("%v became %s %s on the side of %s, want %s %s %s", test.err, p.Kind, p.Code, p.Side, test.kind, test.code, test.side)
		}
		if p.Message == "" || p.Remedy == "" {
			t.Errorf("%s does not say what happened and what to do: %q %q", p.Code, p.Message, p.Remedy)
		}
		if !errors.Is(p, test.err) && p.Err == nil {
			t.Errorf("%s lost its cause", p.Code)
		}
	}
}

func TestThrottlingKeepsItsTime(t *testing.T) {
	p := problem.As(translate(&graph.ThrottledError{RetryAfter: 90 * time.Second, Err: &graph.Error{}}))
	if p.RetryAfter != 90*time.Second {
		t.Errorf("waits %s, want what Microsoft asked for", p.RetryAfter)
	}
}

func TestNobodyIsAtFaultWhenWeStop(t *testing.T) {
	if p := problem.As(translate(fmt.Errorf("get MIME: %w", context.Canceled))); p != nil {
		t.Errorf("a cancelled call became the problem %s", p.Code)
	}
}

func TestRequestsOfTheLastHour(t *testing.T) {
	var h hourly
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	h.add(noon, 2)
	h.add(noon.Add(30*time.Minute), 3)
	if got := h.sum(noon.Add(59 * time.Minute)); got != 5 {
		t.Errorf("%d within the hour, want 5", got)
	}
	if got := h.sum(noon.Add(60 * time.Minute)); got != 3 {
		t.Errorf("%d after the first minute has passed out of it, want 3", got)
	}
	h.add(noon.Add(60*time.Minute), 1) // the slot of noon's minute is used again
	if got := h.sum(noon.Add(60 * time.Minute)); got != 4 {
		t.Errorf("%d after a full turn, want 4", got)
	}
}
