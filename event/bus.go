package event

import (
	"slices"
	"sync"
)

// backlog is how many events a subscriber may be behind before it loses some.
const backlog = 256

// Bus hands events to every subscriber in this process. It is safe for use by
// several goroutines. Publishing never waits: a subscriber that falls too far
// behind loses events and is told so.
type Bus struct {
	mu     sync.RWMutex
	subs   map[*Subscription]struct{}
	closed bool
}

// NewBus returns a bus without subscribers.
func NewBus() *Bus { return &Bus{subs: make(map[*Subscription]struct{})} }

// Publish hands the events, in their order, to each subscriber that wants them.
func (b *Bus) Publish(events ...Event) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for sub := range b.subs {
		for _, e := range events {
			sub.offer(e)
		}
	}
}

// Subscribe returns a subscription to the events that filter accepts; a nil
// filter accepts all. The filter runs in the publisher's goroutine, so it must
// be quick and must not block. Close the subscription when done.
func (b *Bus) Subscribe(filter func(Event) bool) *Subscription {
	sub := &Subscription{
		bus:    b,
		filter: filter,
		events: make(chan Event, backlog),
		lost:   make(chan struct{}, 1),
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		close(sub.events)
		return sub
	}
	b.subs[sub] = struct{}{}
	return sub
}

// Close ends every subscription. Later events go nowhere.
func (b *Bus) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for sub := range b.subs {
		delete(b.subs, sub)
		close(sub.events)
	}
}

// Subscription is one listener's share of the events.
type Subscription struct {
	bus    *Bus
	filter func(Event) bool
	events chan Event
	lost   chan struct{}
}

// Events delivers what happened, in the order of publishing. The channel is
// closed when the subscription or the bus is.
func (s *Subscription) Events() <-chan Event { return s.events }

// Lost delivers a signal when events were dropped because the listener was too
// slow (or because the link to other nodes was down). What is shown may then
// be out of date: reload all of it.
func (s *Subscription) Lost() <-chan struct{} { return s.lost }

// Close ends the subscription. Closing twice does no harm.
func (s *Subscription) Close() {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	if _, open := s.bus.subs[s]; open {
		delete(s.bus.subs, s)
		close(s.events)
	}
}

// offer gives one event to the listener, or notes that it lost one.
func (s *Subscription) offer(e Event) {
	if s.filter != nil && !s.filter(e) {
		return
	}
	select {
	case s.events <- e:
	default:
		s.signalLost()
	}
}

func (s *Subscription) signalLost() {
	select {
	case s.lost <- struct{}{}:
	default: // one unread signal says it all
	}
}

// Lose tells every subscriber that events may have been lost, as when the
// connection over which other nodes' events arrive was interrupted.
func (b *Bus) Lose() {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for sub := range b.subs {
		sub.signalLost()
	}
}

// Kinds returns a filter that accepts events of the given kinds.
func Kinds(kinds ...Kind) func(Event) bool {
	return func(e Event) bool { return slices.Contains(kinds, e.Kind) }
}
