package graph

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                              0,
		"10":                            10 * time.Second,
		" 3 ":                           3 * time.Second,
		"2.128":                         2128 * time.Millisecond,
		"0":                             0,
		"-5":                            0,
		"NaN":                           0,
		"1e300":                         maxRetry,
		"Inf":                           maxRetry,
		"soon":                          0,
		"Sun, 22 Nov 2026 10:02:00 GMT": 2 * time.Minute,
		"Sun, 22 Nov 2026 09:00:00 GMT": 0,
		"Sun, 22 Nov 2099 09:00:00 GMT": maxRetry,
	} {
		if got := parseRetryAfter(value, now); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("2.5")
	f.Add("Sun, 22 Nov 2026 10:02:00 GMT")
	f.Fuzz(func(t *testing.T, value string) {
		if d := parseRetryAfter(value, time.Now()); d < 0 || d > maxRetry {
			t.Errorf("%q: %s", value, d)
		}
	})
}

func TestShortThrottlingIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		s := &steps{do: []http.HandlerFunc{refuse(429, "TooManyRequests", "Retry-After", "2.5"), reply(200, `{"id":"u"}`)}}
		if _, err := inMemory(t, StaticToken("t"), s.ServeHTTP).Me(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := time.Since(start); got != 2500*time.Millisecond {
			t.Errorf("waited %s, want 2.5s", got)
		}
	})
}

func TestLongThrottlingComesBackAtOnceAndShutsTheMailbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		s := &steps{do: []http.HandlerFunc{refuse(429, "ApplicationThrottled", "Retry-After", "120"), reply(200, `{"id":"m"}`)}}
		c := inMemory(t, StaticToken("t"), s.ServeHTTP)
		_, err := c.Mailbox("me").Message(t.Context(), "m")
		var throttled *ThrottledError
		if !errors.As(err, &throttled) || throttled.RetryAfter != 2*time.Minute {
			t.Fatalf("got %v", err)
		}
		time.Sleep(30 * time.Second)
		_, err = c.Mailbox("ME").Message(t.Context(), "m")
		if !errors.As(err, &throttled) || throttled.RetryAfter != 90*time.Second || throttled.Err.Code != "ApplicationThrottled" {
			t.Errorf("while shut: %v", err)
		}
		if s.requests() != 1 {
			t.Errorf("%d requests although Microsoft asked to wait", s.requests())
		}
		if _, err := c.Mailbox("other@contoso.example").Message(t.Context(), "m"); err != nil {
			t.Errorf("another mailbox suffers: %v", err)
		}
		time.Sleep(2*time.Minute - time.Since(start))
		if _, err = c.Mailbox("me").Message(t.Context(), "m"); err != nil {
			t.Errorf("after the wait: %v", err)
		}
	})
}

func TestBackOffGrowsWhileMicrosoftKeepsRefusing(t *testing.T) {
	for _, retryAfter := range []string{"", "1"} { // none, and one that is always too short
		synctest.Test(t, func(t *testing.T) {
			c := inMemory(t, StaticToken("t"), refuse(429, "TooManyRequests", "Retry-After", retryAfter))
			var longest time.Duration
			for range 60 {
				_, err := c.Mailbox("me").Message(t.Context(), "m")
				var throttled *ThrottledError
				if !errors.As(err, &throttled) || throttled.RetryAfter <= 0 || throttled.RetryAfter > maxBackOff {
					t.Fatalf("got %v", err)
				}
				longest = max(longest, throttled.RetryAfter)
				time.Sleep(throttled.RetryAfter)
			}
			if longest < 5*time.Minute { // 60 draws from 15 minutes: by chance once in 10^10
				t.Errorf("Retry-After %q: longest wait %s", retryAfter, longest)
			}
		})
	}
}

func TestWaitBeyondTheDeadlineIsNotBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		_, err := inMemory(t, StaticToken("t"), refuse(429, "TooManyRequests", "Retry-After", "10")).Me(ctx)
		if !errors.As(err, new(*ThrottledError)) || time.Since(start) != 0 {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
	})
}

func TestFaultsThatPass(t *testing.T) {
	for name, first := range map[string]http.HandlerFunc{
		"500":              refuse(500, "generalException"),
		"504 of a gateway": reply(504, "<html>"),
		"503 no body":      reply(503, ""),
		"broken JSON":      reply(200, `{"id":"u`),
		"no JSON":          reply(200, `<html>ok</html>`),
		"null":             reply(200, `null`),
		"empty":            reply(200, ``),
		"without id":       reply(200, `{"error":{"code":"x"}}`),
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &steps{do: []http.HandlerFunc{first, reply(200, `{"id":"u"}`)}}
			if u, err := inMemory(t, StaticToken("t"), s.ServeHTTP).Me(t.Context()); err != nil || u.ID != "u" {
				t.Errorf("%s: not repeated: %v", name, err)
			}
			s = &steps{do: []http.HandlerFunc{first}}
			start := time.Now()
			_, err := inMemory(t, StaticToken("t"), s.ServeHTTP).Me(t.Context())
			if err == nil || !Retryable(err) || s.requests() != maxTries || time.Since(start) > maxWait {
				t.Errorf("%s for ever: %d requests in %s, %v", name, s.requests(), time.Since(start), err)
			}
		})
	}
}

func TestSendIsNotRepeatedBlindly(t *testing.T) {
	for _, row := range []struct {
		name     string
		first    http.HandlerFunc
		requests int
		unknown  bool
	}{
		{"500", refuse(500, "generalException"), 1, true},
		{"502 of a gateway", reply(502, "<html>"), 1, true},
		{"503 of a gateway", reply(503, "", "Retry-After", "1"), 1, true},
		{"connection cut", hangUp, 1, true},
		{"503 by Exchange", refuse(503, "ErrorServerBusy"), 2, false},
		{"429", refuse(429, "TooManyRequests", "Retry-After", "0.01"), 2, false},
		{"400", refuse(400, "ErrorInvalidRecipients"), 1, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := &steps{do: []http.HandlerFunc{row.first, reply(202, "")}}
			err := serve(t, s.ServeHTTP).Mailbox("me").Send(t.Context(), "m")
			if s.requests() != row.requests {
				t.Errorf("%d requests, want %d", s.requests(), row.requests)
			}
			if errors.Is(err, ErrUnknownOutcome) != row.unknown {
				t.Errorf("got %v", err)
			}
			if repeated := row.requests == 2; repeated != (err == nil) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestSendToNobodyListeningIsNotUnknown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	var tries int
	c := newClient(t, Endpoints{Graph: "http://" + l.Addr().String()}, StaticToken("t"), Options{OnRequest: func(i RequestInfo) { tries = i.Try }})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err = c.Mailbox("me").Send(ctx, "m")
	if err == nil || errors.Is(err, ErrUnknownOutcome) || !Retryable(err) {
		t.Errorf("after %d tries: %v", tries, err)
	}
}

func TestThreeRequestsInFlightPerMailbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var inFlight, highest atomic.Int32
		release := make(chan struct{})
		c := inMemory(t, StaticToken("t"), func(w http.ResponseWriter, r *http.Request) {
			highest.Store(max(highest.Load(), inFlight.Add(1)))
			<-release
			inFlight.Add(-1)
			reply(200, "Subject: x\r\n\r\n", "Content-Type", "text/plain")(w, r)
		})
		bodies := make(chan io.ReadCloser, 10)
		for range 5 {
			go func() {
				body, _, err := c.Mailbox("me").MIME(t.Context(), "m")
				if err != nil {
					t.Error(err)
					return
				}
				bodies <- body
			}()
		}
		synctest.Wait()
		if n := inFlight.Load(); n != 3 {
			t.Errorf("%d in flight, want 3", n)
		}
		close(release)
		synctest.Wait()
		if n := len(bodies); n != 3 { // answered, but nobody has read them yet
			t.Errorf("%d answers, want 3: unread bodies keep their place", n)
		}
		for n := 3; n < 5; n++ {
			body := <-bodies
			if n%2 == 0 {
				body.Close()
			} else if _, err := io.ReadAll(body); err != nil {
				t.Error(err)
			}
			synctest.Wait()
			if got := len(bodies); got != 3 {
				t.Errorf("after giving back a place: %d answers wait, want 3", got)
			}
		}
		for range 3 {
			(<-bodies).Close()
		}
		if n := highest.Load(); n != 3 {
			t.Errorf("%d in flight at once", n)
		}
	})
}

func TestWaitingForAPlaceEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inMemory(t, StaticToken("t"), reply(200, "Subject: x\r\n\r\n", "Content-Type", "text/plain"))
		for range 3 {
			body, _, err := c.Mailbox("me").MIME(t.Context(), "m")
			if err != nil {
				t.Fatal(err)
			}
			defer body.Close()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Mailbox("me").Send(ctx, "m"); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrUnknownOutcome) {
			t.Errorf("got %v", err)
		}
	})
}

func TestEveryRequestAsksForImmutableIDsAndNamesItself(t *testing.T) {
	seen := make(map[string]bool)
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Prefer") != `IdType="ImmutableId"` || r.Header.Get("Authorization") != "Bearer token" {
			t.Errorf("header %v", r.Header)
		}
		id := r.Header.Get("client-request-id")
		if len(id) != 36 || seen[id] {
			t.Errorf("client-request-id %q", id)
		}
		seen[id] = true
		refuse(404, "ErrorItemNotFound", "request-id", "r-9")(w, r)
	})
	for range 2 {
		_, err := c.Mailbox("support@contoso.example").Message(t.Context(), "m")
		var e *Error
		if !errors.As(err, &e) || e.RequestID != "r-9" || !errors.Is(err, ErrNotFound) {
			t.Errorf("got %v", err)
		}
	}
}

func TestRedirectElsewhereIsNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s reached the other host with %q", r.URL, r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+"/v1.0/me", http.StatusTemporaryRedirect)
	})
	var foreign *ForeignLinkError
	if _, err := c.Me(t.Context()); !errors.As(err, &foreign) || foreign.Link != elsewhere.URL+"/v1.0/me" {
		t.Errorf("got %v", err)
	}
	here := &steps{do: []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/v1.0/me", http.StatusFound)
	}, reply(200, `{}`)}}
	if err := serve(t, here.ServeHTTP).Mailbox("me").Send(t.Context(), "m"); err == nil || here.requests() != 1 {
		t.Errorf("a POST became a GET, and counts as sent: %v", err)
	}
}

func TestSilentConnectionIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		silent := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
		err := inMemory(t, StaticToken("t"), silent).Mailbox("me").Send(t.Context(), "m")
		if !errors.Is(err, ErrUnknownOutcome) || time.Since(start) != stallAfter {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
	})
}

func TestRequestsAreReported(t *testing.T) {
	var infos []RequestInfo
	server := httptest.NewServer(&steps{do: []http.HandlerFunc{refuse(429, "TooManyRequests", "Retry-After", "0.01"), reply(200, `{"id":"m"}`)}})
	defer server.Close()
	c := newClient(t, Endpoints{Graph: server.URL}, StaticToken("t"), Options{OnRequest: func(i RequestInfo) { infos = append(infos, i) }})
	if _, err := c.Mailbox("me").Message(t.Context(), "m"); err != nil {
		t.Fatal(err)
	}
	if len(infos) != 2 || !infos[0].Throttled || infos[0].Status != 429 || infos[1].Try != 2 || infos[1].Status != 200 ||
		infos[1].Op != "get message" || infos[1].Mailbox != "me" || infos[1].Requests != 1 {
		t.Errorf("got %+v", infos)
	}
}

func TestAddressOfGraphIsChecked(t *testing.T) {
	for _, address := range []string{"", "graph.microsoft.com", "ftp://x", "https://"} {
		if _, err := New(Endpoints{Graph: address}, StaticToken("t"), Options{}); err == nil {
			t.Errorf("%q accepted", address)
		}
	}
}
