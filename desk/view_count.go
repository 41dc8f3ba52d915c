package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"tandem/access"
	"tandem/directory"
	"tandem/event"
	"tandem/problem"
)

// How views are counted; docs/decisions/0025-views-and-their-counts.md says why.
const (
	CountedUpTo = 10_000           // beyond it people are told that there are more
	countTime   = 2 * time.Second  // how long one count may take
	CountPause  = time.Second      // between two counts of the same
	countShare  = 20               // a count that took d is not repeated for this many d
	countWait   = 3 * time.Second  // how long somebody waits for counts that were never made
	countKept   = 10 * time.Minute // how long a count is kept that nobody asks for
)

// ViewCount is how many tickets stand in a view.
type ViewCount struct {
	View   ViewID
	Value  int
	More   bool // there are more than Value
	Known  bool // it could be counted
	Fresh  bool // nothing has happened since that could have changed it
	At     time.Time
	Broken bool
}

// aspects are what conditions look at, one bit each, so that an event can tell
// which counts a change may have touched.
type aspects int64

const allAspects aspects = -1

// aspectFields are the fields that have a bit. Of all others one bit tells, and
// of custom fields those that are left.
var aspectFields = []string{
	"status", "priority", "assignee_id", "group_id", "brand_id", "subject_includes_word", "current_tags", "recipient",
	"requester_id", "via_id", "imported", "created_at", "updated_at", "solved_at", "flagged", "delivery_failed",
}

// aspectOf is the bit of a field, under the name that conditions or audits have for it.
func aspectOf(field string) aspects {
	switch field {
	case "subject":
		field = "subject_includes_word"
	case "tags":
		field = "current_tags"
	}
	i := slices.Index(aspectFields, field)
	if i < 0 {
		i = len(aspectFields)
	}
	if id := int(directory.TicketFieldNamed(field)); id > 0 {
		i++ // custom fields share the bits that are left
		i += id % (63 - i)
	}
	return 1 << i
}

// touched tells what of a ticket a change has touched.
func touched(u *update) aspects {
	if u.before == nil {
		return allAspects
	}
	a := aspectOf("updated_at")
	for _, e := range difference(u.before, u.ticket) {
		a |= aspectOf(e.Field)
	}
	if !u.before.SolvedAt.Equal(u.ticket.SolvedAt) {
		a |= aspectOf("solved_at")
	}
	return a
}

// aspects are what the list of tickets depends on.
func (f TicketFilter) aspects() aspects {
	a := aspectOf("status") | aspectOf("brand_id")
	for _, m := range slices.Concat(f.Where.All, f.Where.Any) {
		a |= aspectOf(m.Field)
	}
	return a
}

// counter keeps the counts of views. Those of one filter are shared by everybody
// who sees the same tickets; what an agent's own name makes different is counted
// for each.
type counter struct {
	lost    <-chan struct{} // events may have been missed
	turn    chan struct{}   // one count at a time
	mu      sync.Mutex
	changes [64]int64 // by aspect how often it was touched
	counts  map[string]*counted
}

// counted is one count.
type counted struct {
	ViewCount
	took   time.Duration
	change int64     // sum of the changes that it depends on, when it was made
	asked  time.Time // when somebody last wanted to know
}

func newCounter(bus *event.Bus) *counter {
	c := &counter{turn: make(chan struct{}, 1), counts: make(map[string]*counted)}
	if bus != nil {
		c.lost = bus.Subscribe(c.hear).Lost()
	}
	return c
}

// hear notes what an event touches; it runs where events are published and takes none.
func (c *counter) hear(e event.Event) bool {
	switch e.Kind {
	case event.TicketCreated:
		c.touch(allAspects)
	case event.TicketTouched:
		c.touch(aspects(e.ID))
	case event.TicketUpdated:
		c.touch(aspectOf("updated_at"))
	case event.CommentAdded, event.CommentUpdated:
		c.touch(aspectOf("flagged"))
	case event.MailUpdated:
		c.touch(aspectOf("delivery_failed"))
	}
	return false
}

func (c *counter) touch(a aspects) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.changes {
		if a&(1<<i) != 0 {
			c.changes[i]++
		}
	}
}

// changed sums up the changes of some aspects; the lock is held.
func (c *counter) changed(a aspects) (n int64) {
	for i := range c.changes {
		if a&(1<<i) != 0 {
			n += c.changes[i]
		}
	}
	return n
}

// look gives what is known of a filter's count, and whether it is time to count.
func (c *counter) look(key string, a aspects, now time.Time) (known ViewCount, due bool) {
	select {
	case <-c.lost:
		c.touch(allAspects)
	default:
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.counts[key]
	if one == nil {
		return ViewCount{}, true
	}
	one.asked = now
	known = one.ViewCount
	known.Fresh = one.Known && one.change == c.changed(a)
	return known, !known.Fresh && now.Sub(one.At) >= max(CountPause, countShare*one.took)
}

func (c *counter) change(a aspects) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed(a)
}

// keep remembers a count, and forgets those that nobody asks for any more.
func (c *counter) keep(key string, one *counted) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[key] = one
	for key, other := range c.counts {
		if one.asked.Sub(other.asked) > countKept {
			delete(c.counts, key)
		}
	}
}

// ViewCounts counts the tickets of views: as they are now where that is cheap
// to know, as they were a moment ago where somebody has just counted.
func (s *Service) ViewCounts(ctx context.Context, by access.Actor, ids ...ViewID) ([]ViewCount, error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	filters := make(map[ViewID]TicketFilter)
	broken := make(map[ViewID]bool)
	err := s.store.View(ctx, func(tx Tx) error {
		who, err := s.viewer(ctx, tx, by.UserID)
		if err != nil {
			return err
		}
		for _, id := range ids {
			v, err := s.views(tx).visibleTo(ctx, by, who.teams, int64(id))
			if problem.KindOf(err) == problem.NotFound && len(ids) > 1 {
				continue
			}
			if err != nil {
				return err
			}
			shown, err := s.showView(ctx, tx, v, who)
			if err != nil {
				return err
			}
			f, err := shown.list(who)
			if problem.KindOf(err) == problem.Invalid {
				broken[id] = true
				continue
			}
			if err != nil {
				return err
			}
			filters[id] = f
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	wait, cancel := context.WithTimeout(ctx, countWait)
	defer cancel()
	var counts []ViewCount
	for _, id := range ids {
		f, known := filters[id]
		if !known {
			if broken[id] {
				counts = append(counts, ViewCount{View: id, Broken: true, At: s.now()})
			}
			continue
		}
		count, err := s.count(ctx, wait, f)
		if err != nil {
			return nil, err
		}
		count.View = id
		counts = append(counts, count)
	}
	return counts, nil
}

// CountUpTo counts the tickets of a filter, as ViewCounts does.
func (s *Service) CountUpTo(ctx context.Context, by access.Actor, f TicketFilter) (ViewCount, error) {
	if err := by.MustWork(); err != nil {
		return ViewCount{}, err
	}
	return s.count(ctx, ctx, f)
}

// count gives the count of a filter. Counts are made one at a time; who cannot
// wait for that gets what is known.
func (s *Service) count(ctx, wait context.Context, f TicketFilter) (ViewCount, error) {
	key, a := f.key(), f.aspects()
	known, due := s.counter.look(key, a, s.now())
	if !due {
		return known, nil
	}
	select {
	case s.counter.turn <- struct{}{}:
		defer func() { <-s.counter.turn }()
	case <-wait.Done():
		return known, ctx.Err()
	}
	if known, due = s.counter.look(key, a, s.now()); !due {
		return known, nil // somebody else has just counted
	}
	one := &counted{ViewCount: ViewCount{At: s.now(), Known: true, Fresh: true}, change: s.counter.change(a), asked: s.now()}
	within, cancel := context.WithTimeout(ctx, countTime)
	defer cancel()
	begun := time.Now()
	err := s.store.View(within, func(tx Tx) (err error) {
		one.Value, one.More, err = tx.CountTicketsUpTo(within, f, CountedUpTo)
		return err
	})
	one.took = time.Since(begun)
	switch {
	case err != nil && ctx.Err() == nil && within.Err() != nil:
		one.Value, one.More, one.Known, one.Fresh = 0, true, false, false // too many to look through
	case err != nil:
		return known, fmt.Errorf("count the tickets of a view: %w", err)
	}
	s.counter.keep(key, one)
	return one.ViewCount, nil
}

// key is the same for filters that choose the same tickets.
func (f TicketFilter) key() string {
	chosen := TicketFilter{Statuses: f.Statuses, Brand: f.Brand, Where: f.Where}
	text, err := json.Marshal(chosen)
	if err != nil {
		panic(err) // plain values of ours
	}
	return string(text)
}
