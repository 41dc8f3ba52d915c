package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fakeEntra hands out tokens a1, a2, ... with refresh tokens r1, r2, ... that
// last an hour, or refuses. It takes a second to answer.
type fakeEntra struct {
	mu     sync.Mutex
	issued int
	asked  []string // refresh tokens, in order
	refuse http.HandlerFunc
}

func (f *fakeEntra) entra() *Entra {
	return NewEntra(GlobalCloud(), testApp, &http.Client{Transport: handlerTransport(f.serve)})
}

func (f *fakeEntra) serve(w http.ResponseWriter, r *http.Request) {
	time.Sleep(time.Second) // in a bubble: takes no time
	f.mu.Lock()
	defer f.mu.Unlock()
	r.ParseForm()
	f.asked = append(f.asked, r.PostForm.Get("refresh_token"))
	if f.refuse != nil {
		f.refuse(w, r)
		return
	}
	f.issued++
	fmt.Fprintf(w, `{"token_type":"Bearer","expires_in":3600,"access_token":"a%[1]d","refresh_token":"r%[1]d"}`, f.issued)
}

func discardToken(context.Context, Token) error { return nil }

func wantToken(t *testing.T, ts TokenSource, want string) {
	t.Helper()
	got, err := ts.Token(t.Context())
	if err != nil || got != want {
		t.Errorf("token %q, %v; want %q", got, err, want)
	}
}

func TestTokenIsRefreshedAtEightyPercent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeEntra{}
		ts := NewAppOnly(f.entra())
		wantToken(t, ts, "a1")
		time.Sleep(47 * time.Minute)
		wantToken(t, ts, "a1")
		time.Sleep(time.Minute)
		wantToken(t, ts, "a2")
	})
}

func TestRefreshDelay(t *testing.T) {
	for life, want := range map[time.Duration]time.Duration{
		time.Hour:        48 * time.Minute,
		20 * time.Minute: 15 * time.Minute, // 5 minutes before the end
		4 * time.Minute:  2 * time.Minute,  // not all the time
	} {
		if got := refreshDelay(life); got != want {
			t.Errorf("life %s: refreshed after %s, want %s", life, got, want)
		}
	}
}

func TestManyCallersRefreshOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeEntra{}
		ts := NewDelegated(f.entra(), Token{Refresh: "r0"}, discardToken)
		first, giveUp := context.WithCancel(t.Context())
		go func() {
			if _, err := ts.Token(first); !errors.Is(err, context.Canceled) {
				t.Errorf("the caller that gave up got %v", err)
			}
		}()
		synctest.Wait() // the first caller has begun the refresh
		for range 50 {
			go wantToken(t, ts, "a1")
		}
		giveUp()
		time.Sleep(time.Minute)
		synctest.Wait()
		if f.issued != 1 {
			t.Errorf("%d refreshes, want one", f.issued)
		}
	})
}

func TestNewRefreshTokenIsSavedBeforeUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeEntra{}
		diskFull := errors.New("disk full")
		var saved []string
		ts := NewDelegated(f.entra(), Token{Refresh: "r0"}, func(_ context.Context, tok Token) error {
			if f.issued == 1 {
				return diskFull
			}
			saved = append(saved, tok.Refresh)
			return nil
		})
		if token, err := ts.Token(t.Context()); !errors.Is(err, diskFull) || token != "" {
			t.Fatalf("token %q, %v although it could not be saved", token, err)
		}
		wantToken(t, ts, "a2")
		time.Sleep(50 * time.Minute)
		wantToken(t, ts, "a3")
		if got, want := fmt.Sprint(f.asked), "[r0 r0 r2]"; got != want {
			t.Errorf("refresh tokens used: %s, want %s", got, want)
		}
		if got, want := fmt.Sprint(saved), "[r2 r3]"; got != want {
			t.Errorf("saved: %s, want %s", got, want)
		}
	})
}

func TestEntraOutageDoesNoHarmWhileTheTokenLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeEntra{}
		ts := NewAppOnly(f.entra())
		wantToken(t, ts, "a1")
		f.refuse = reply(503, "down")
		time.Sleep(50 * time.Minute)
		wantToken(t, ts, "a1")
		time.Sleep(11 * time.Minute) // expired
		var auth *AuthError
		if _, err := ts.Token(t.Context()); !errors.As(err, &auth) || !auth.Temporary() {
			t.Errorf("expired token and no Entra: %v", err)
		}
		f.refuse = nil
		time.Sleep(unavailableHold)
		wantToken(t, ts, "a2")
	})
}

func TestRevokedGrantIsToldAndNotInsistedUpon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeEntra{refuse: reply(400, `{"error":"invalid_grant","error_codes":[50173]}`)}
		ts := NewDelegated(f.entra(), Token{Refresh: "r0"}, discardToken)
		for range 20 {
			var auth *AuthError
			if _, err := ts.Token(t.Context()); !errors.As(err, &auth) || auth.Kind != GrantRevoked {
				t.Fatalf("got %v", err)
			}
		}
		if len(f.asked) != 1 {
			t.Errorf("Entra asked %d times", len(f.asked))
		}
	})
}

func TestRefusedTokenIsReplacedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeEntra{}
		ts := NewAppOnly(f.entra())
		refused := 0
		c := inMemory(t, ts, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") == "Bearer a1" {
				refused++
				refuse(401, "InvalidAuthenticationToken")(w, r)
				return
			}
			reply(200, `{"id":"u"}`)(w, r)
		})
		if _, err := c.Me(t.Context()); err != nil {
			t.Fatal(err)
		}
		ts.Invalidate("a1") // late news of a token that is replaced already
		wantToken(t, ts, "a2")
		if refused != 1 || f.issued != 2 {
			t.Errorf("%d refusals, %d tokens", refused, f.issued)
		}
	})
}

func TestTokenRefusedTwiceIsAnError(t *testing.T) {
	s := &steps{do: []http.HandlerFunc{refuse(401, "InvalidAuthenticationToken")}}
	if _, err := serve(t, s.ServeHTTP).Me(t.Context()); !errors.Is(err, ErrUnauthorized) {
		t.Errorf("got %v", err)
	}
	if s.requests() != 2 {
		t.Errorf("%d requests, want 2", s.requests())
	}
}

func TestRetryForgetsAHeldRefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeEntra{refuse: reply(401, `{"error":"invalid_client","error_codes":[7000222]}`)}
		ts := NewAppOnly(f.entra())
		if _, err := ts.Token(t.Context()); err == nil {
			t.Fatal("an expired secret was accepted")
		}
		f.refuse = nil
		if _, err := ts.Token(t.Context()); err == nil {
			t.Error("Entra was asked again at once")
		}
		ts.Retry()
		wantToken(t, ts, "a1")
	})
}

// Who mends something while Entra is being asked does not wait for the answer to what was before.
func TestRetryOutrunsTheAskingUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeEntra{refuse: reply(401, `{"error":"invalid_client","error_codes":[7000222]}`)}
		ts := NewAppOnly(f.entra())
		go wantToken(t, ts, "a1")
		synctest.Wait()
		ts.Retry()
		time.Sleep(time.Second + time.Millisecond) // the first answer is there, and was a refusal
		f.mu.Lock()
		f.refuse = nil
		f.mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(f.asked) != 2 {
			t.Errorf("Entra was asked %d times, want again after Retry", len(f.asked))
		}
	})
}

func TestFallsBackToTheNextCredential(t *testing.T) {
	var asked []string
	e := NewEntra(Endpoints{Login: "https://login.example", Graph: "https://graph.example"}, App{
		Tenant: "t", ClientID: "app-1", Credentials: []Credential{{ID: 1, Secret: "old"}, {ID: 2, Secret: "new"}, {ID: 3, Secret: "spare"}},
	}, &http.Client{Transport: handlerTransport(func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		asked = append(asked, r.PostForm.Get("client_secret"))
		switch r.PostForm.Get("client_secret") {
		case "old":
			reply(401, `{"error":"invalid_client","error_codes":[7000222]}`)(w, r)
		default:
			reply(400, `{"error":"invalid_grant","error_codes":[50173]}`)(w, r)
		}
	})})
	var refusal *AuthError
	if _, err := e.Refresh(t.Context(), "r", nil); !errors.As(err, &refusal) || refusal.Kind != GrantRevoked {
		t.Errorf("got %v", err)
	}
	if fmt.Sprint(asked) != "[old new]" {
		t.Errorf("tried %v: what is no fault of the credential is not mended by another", asked)
	}
}
