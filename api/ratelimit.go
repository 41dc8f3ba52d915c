package api

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"tandem/problem"
)

// rateWindow is the time over which requests are counted.
const rateWindow = time.Minute

// rates counts the requests of each API token in the present minute. Each node
// counts for itself. It is safe for use by several goroutines.
type rates struct {
	limit int // requests a token has in a minute; 0: no limit

	mu     sync.Mutex
	minute time.Time
	counts map[int64]int
}

// take counts one request and tells how many are left, and when the count
// begins anew. It is false when there was none left.
func (l *rates) take(token int64, now time.Time) (left int, reset time.Duration, ok bool) {
	minute := now.Truncate(rateWindow)
	reset = minute.Add(rateWindow).Sub(now)
	l.mu.Lock()
	defer l.mu.Unlock()
	if !minute.Equal(l.minute) {
		l.minute, l.counts = minute, make(map[int64]int)
	}
	if l.counts[token] >= l.limit {
		return 0, reset, false
	}
	l.counts[token]++
	return l.limit - l.counts[token], reset, true
}

// moderate bounds how much programs ask. People at their browsers are not counted.
func (s *server) moderate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := requestOf(r.Context()).actor.Token
		if token == 0 || s.rates.limit == 0 {
			next.ServeHTTP(w, r)
			return
		}
		left, reset, ok := s.rates.take(token, s.now())
		seconds := strconv.Itoa(int(reset/time.Second) + 1)
		h := w.Header()
		h.Set("X-Rate-Limit", strconv.Itoa(s.rates.limit))
		h.Set("X-Rate-Limit-Remaining", strconv.Itoa(left))
		h.Set("Ratelimit-Limit", strconv.Itoa(s.rates.limit))
		h.Set("Ratelimit-Remaining", strconv.Itoa(left))
		h.Set("Ratelimit-Reset", seconds)
		if !ok {
			writeProblem(w, r, s.log, problem.New(problem.Limit, "rate_limited", "The API token may send %d requests a minute.", s.rates.limit).
				On(problem.Yours, "Wait as long as Retry-After says.").After(reset))
			return
		}
		next.ServeHTTP(w, r)
	})
}
