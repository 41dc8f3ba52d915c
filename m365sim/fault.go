package m365sim

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Kinds of faults. The first group lasts until it is deleted, has struck count
// times or its duration is over; the second happens once, when it is posted.
const (
	faultThrottle    = "throttle"      // 429, with retry_after seconds or without Retry-After
	faultServerError = "server_errors" // status, default 503
	faultSlow        = "slow"          // answers delay later
	faultCut         = "cut"           // breaks the connection in the middle of an answer
	faultBrokenBody  = "broken_body"   // 200 with half of the JSON
	faultLostAnswer  = "lost_answer"   // does what is asked, and breaks the connection instead of answering
	faultOutage      = "outage"        // all of Microsoft is away: status, default 503, or with refuse no answer at all
	faultDeleteFirst = "delete_before_fetch"
	faultDelaySent   = "delay_sent_items" // a sent draft cannot be read for delay
	faultDropNotes   = "drop_notifications"
	faultDoubleNotes = "duplicate_notifications"
	faultDelayNotes  = "delay_notifications"
	faultSecrets     = "expire_secrets" // all secrets count as expired
	faultScope       = "missing_scope"  // consent leaves out scopes
	faultLimits      = "limits"         // other throttling limits

	faultExpireTokens = "expire_tokens"
	faultExpireDelta  = "expire_delta_tokens"
	faultRevokeGrants = "revoke_grants"
	faultLifecycle    = "lifecycle" // sends event to the subscriptions of mailbox
)

// fault is one thing that goes wrong on request.
type fault struct {
	ID          string   `json:"id"`
	Kind        string   `json:"kind"`
	Mailbox     string   `json:"mailbox,omitempty"`      // empty: any
	Path        string   `json:"path,omitempty"`         // part of the request's path and query; empty: any
	Method      string   `json:"method,omitempty"`       // empty: any
	Count       int      `json:"count,omitempty"`        // how often it strikes; 0: no limit
	Probability float64  `json:"probability,omitempty"`  // 0: always
	Seed        uint64   `json:"seed,omitempty"`         // of the draws that probability asks for; 0: others each time
	RetryAfter  *float64 `json:"retry_after,omitempty"`  // seconds, may be a fraction
	Status      int      `json:"status,omitempty"`       // of server_errors and outage
	Refuse      bool     `json:"refuse,omitempty"`       // of outage: connections break before an answer
	Delay       string   `json:"delay,omitempty"`        // of slow, delay_notifications and delay_sent_items, such as 2s
	Duration    string   `json:"duration,omitempty"`     // how long it lasts, such as 1m
	Scopes      []string `json:"scopes,omitempty"`       // of missing_scope
	Event       string   `json:"event,omitempty"`        // of lifecycle
	Requests    int      `json:"requests,omitempty"`     // of limits
	Concurrent  int      `json:"concurrent,omitempty"`   // of limits
	MessageSize int64    `json:"message_size,omitempty"` // of limits: bytes a mail may have to be sent
	Struck      int      `json:"struck"`

	delay   time.Duration
	expires time.Time
	chance  func() float64
}

// check completes a fault, or says what is wrong with it.
func (f *fault) check(now time.Time) error {
	known := []string{faultThrottle, faultServerError, faultSlow, faultCut, faultBrokenBody,
		faultLostAnswer, faultOutage, faultDeleteFirst, faultDelaySent, faultDropNotes, faultDoubleNotes,
		faultDelayNotes, faultSecrets, faultScope, faultLimits, faultExpireTokens, faultExpireDelta, faultRevokeGrants, faultLifecycle}
	if !slices.Contains(known, f.Kind) {
		return fmt.Errorf("kind %q is none of %s", f.Kind, strings.Join(known, ", "))
	}
	var err error
	if f.Delay != "" {
		if f.delay, err = time.ParseDuration(f.Delay); err != nil {
			return fmt.Errorf("delay: %w", err)
		}
	}
	if f.delay == 0 && (f.Kind == faultSlow || f.Kind == faultDelayNotes || f.Kind == faultDelaySent) {
		return fmt.Errorf("a fault of kind %s needs a delay, such as \"2s\"", f.Kind)
	}
	if f.Duration != "" {
		d, err := time.ParseDuration(f.Duration)
		if err != nil {
			return fmt.Errorf("duration: %w", err)
		}
		f.expires = now.Add(d)
	}
	f.ID = uuid.NewString()
	f.Status = cmp.Or(f.Status, http.StatusServiceUnavailable)
	f.chance = rand.Float64
	if f.Seed != 0 {
		f.chance = rand.New(rand.NewPCG(f.Seed, 0)).Float64 // faults.mu guards it
	}
	return nil
}

// faults are the faults in force.
type faults struct {
	now func() time.Time

	mu   sync.Mutex
	list []*fault
}

func newFaults(now func() time.Time) *faults { return &faults{now: now} }

func (s *faults) add(f *fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, f)
}

// remove ends the fault of that id, or all with "".
func (s *faults) remove(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.list)
	s.list = slices.DeleteFunc(s.list, func(f *fault) bool { return id == "" || f.ID == id })
	return len(s.list) < before || id == ""
}

func (s *faults) all() []fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgetOver()
	list := make([]fault, len(s.list))
	for i, f := range s.list {
		list[i] = *f
	}
	return list
}

func (s *faults) forgetOver() {
	now := s.now()
	s.list = slices.DeleteFunc(s.list, func(f *fault) bool {
		return !f.expires.IsZero() && !now.Before(f.expires) || f.Count > 0 && f.Struck >= f.Count
	})
}

// hit counts a strike of the first fault of one of the kinds that applies, and
// returns a copy of it; nil when none does.
func (s *faults) hit(mailbox, method, target string, kinds ...string) *fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.list) == 0 {
		return nil
	}
	s.forgetOver()
	for _, f := range s.list {
		if slices.Contains(kinds, f.Kind) &&
			(f.Mailbox == "" || strings.EqualFold(f.Mailbox, mailbox)) &&
			(f.Method == "" || strings.EqualFold(f.Method, method)) &&
			(f.Path == "" || strings.Contains(strings.ToLower(target), strings.ToLower(f.Path))) &&
			(f.Probability == 0 || f.chance() < f.Probability) {
			f.Struck++
			copied := *f
			return &copied
		}
	}
	return nil
}

// trouble is what faults do to one call.
type trouble struct {
	err    error
	cut    bool
	broken bool
	lost   bool
}

// strike applies the faults on requests to a call, before its handler runs.
func (g *graphAPI) strike(c *call) trouble {
	mailbox := ""
	if c.user != nil {
		mailbox = c.user.UserPrincipalName
	}
	hit := func(kinds ...string) *fault { return g.faults.hit(mailbox, c.method, c.target, kinds...) }
	if f := hit(faultSlow); f != nil {
		time.Sleep(f.delay)
	}
	if f := hit(faultThrottle, faultServerError); f != nil {
		return trouble{err: f.refusal()}
	}
	if c.vars["message"] != "" && c.method == http.MethodGet && hit(faultDeleteFirst) != nil {
		return trouble{err: g.deleteBeforeFetch(c)}
	}
	if c.item {
		return trouble{} // the rest concerns a whole HTTP answer
	}
	return trouble{
		lost:   hit(faultLostAnswer) != nil,
		cut:    strings.HasSuffix(pathOf(c.target), "/$value") && hit(faultCut) != nil,
		broken: !strings.HasSuffix(pathOf(c.target), "/$value") && hit(faultBrokenBody) != nil,
	}
}

func pathOf(target string) string {
	path, _, _ := strings.Cut(target, "?")
	return path
}

func (f *fault) refusal() error {
	if f.Kind == faultServerError {
		e := refuse(f.Status, "serviceNotAvailable", "The service is temporarily unavailable. Please try again later.")
		if f.RetryAfter != nil {
			e.header = errTooManyRequests(seconds(*f.RetryAfter)).header
		}
		return e
	}
	if f.RetryAfter == nil {
		return errTooManyRequests(0)
	}
	return errTooManyRequests(seconds(*f.RetryAfter))
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// deleteBeforeFetch erases the message a call is about to read, as a person in
// Outlook may between our listing and fetching it.
func (g *graphAPI) deleteBeforeFetch(c *call) error {
	err := g.exchange.update(func(t *mailTx) error {
		m, err := g.messageOf(t, c, false)
		if err != nil {
			return err
		}
		return t.erase(m)
	})
	return cmp.Or(err, errNoItem)
}

// inForce tells whether a fault of that kind is.
func (s *faults) inForce(kind string) bool {
	return slices.ContainsFunc(s.all(), func(f fault) bool { return f.Kind == kind })
}
