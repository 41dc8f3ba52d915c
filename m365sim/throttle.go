package m365sim

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// limits of the Outlook service, for each application and mailbox (Microsoft
// Graph service-specific throttling limits).
type limits struct {
	Requests   int           // in Window
	Window     time.Duration //
	Concurrent int
	Upload     int64         // bytes of POST, PATCH and PUT bodies
	UploadIn   time.Duration // the window of Upload
}

func outlookLimits() limits {
	return limits{Requests: 10000, Window: 10 * time.Minute, Concurrent: 4, Upload: 150 << 20, UploadIn: 5 * time.Minute}
}

// throttle counts what each application does to each mailbox.
type throttle struct {
	now func() time.Time

	mu     sync.Mutex
	limits limits
	usage  map[usageKey]*usage
}

type usageKey struct {
	client  string
	mailbox int64
}

type usage struct {
	running  int
	requests slidingSum
	uploaded slidingSum
}

func newThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, limits: outlookLimits(), usage: map[usageKey]*usage{}}
}

// admit lets a request in, to be released when it is answered, or refuses it.
func (t *throttle) admit(client string, mailbox int64, uploaded int) (release func(), err error) {
	now := t.now()
	t.mu.Lock()
	defer t.mu.Unlock()
	u := t.usage[usageKey{client, mailbox}]
	if u == nil {
		u = &usage{}
		t.usage[usageKey{client, mailbox}] = u
	}
	if u.running >= t.limits.Concurrent {
		return nil, errConcurrency()
	}
	if wait := u.requests.until(now, t.limits.Window, int64(t.limits.Requests)); wait > 0 {
		return nil, errTooManyRequests(wait)
	}
	if wait := u.uploaded.until(now, t.limits.UploadIn, t.limits.Upload); wait > 0 && uploaded > 0 {
		return nil, errTooManyRequests(wait)
	}
	u.running++
	u.requests.add(now, 1)
	u.uploaded.add(now, int64(uploaded))
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		u.running--
	}, nil
}

func (t *throttle) setLimits(l limits) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.limits = l
}

// errConcurrency is how Outlook refuses a fifth request at once.
func errConcurrency() *graphError {
	e := refuse(429, "ApplicationThrottled", "Application is over its MailboxConcurrency limit.")
	e.header = http.Header{"Retry-After": {"1"}}
	return e
}

// errTooManyRequests is how Graph refuses what is over a limit in time. Without
// a wait it says nothing about when to come back, as some services do.
func errTooManyRequests(wait time.Duration) *graphError {
	e := refuse(429, "TooManyRequests", "Please retry again later.")
	e.inner = map[string]any{"code": "429", "message": "Please retry after", "status": "429"}
	if wait > 0 {
		e.header = http.Header{"Retry-After": {strconv.FormatFloat(wait.Seconds(), 'f', -1, 64)}}
	}
	return e
}

// slidingSum adds up amounts over the last window, in steps of a tenth of a
// minute, so that it stays small however many requests there are.
type slidingSum struct{ steps []step }

type step struct {
	at     int64 // in units of stepLength
	amount int64
}

const stepLength = 6 * time.Second

func (s *slidingSum) add(now time.Time, amount int64) {
	at := now.UnixNano() / int64(stepLength)
	if n := len(s.steps); n > 0 && s.steps[n-1].at == at {
		s.steps[n-1].amount += amount
		return
	}
	s.steps = append(s.steps, step{at, amount})
}

// until returns how long it takes until the sum over window is below limit; 0
// when it is.
func (s *slidingSum) until(now time.Time, window time.Duration, limit int64) time.Duration {
	oldest := now.Add(-window).UnixNano() / int64(stepLength)
	for len(s.steps) > 0 && s.steps[0].at <= oldest {
		s.steps = s.steps[1:]
	}
	var sum int64
	for _, st := range s.steps {
		sum += st.amount
	}
	for _, st := range s.steps {
		if sum < limit {
			break
		}
		sum -= st.amount
		if sum < limit {
			free := time.Unix(0, (st.at+1)*int64(stepLength)).Add(window)
			return free.Sub(now).Truncate(time.Second) + time.Second
		}
	}
	return 0
}

// reset forgets what was counted, and goes back to Outlook's limits.
func (t *throttle) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.limits = outlookLimits()
	for _, u := range t.usage {
		u.requests, u.uploaded = slidingSum{}, slidingSum{}
	}
}
