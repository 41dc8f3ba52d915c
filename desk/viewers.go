package desk

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"tandem/access"
	"tandem/directory"
	"tandem/event"
	"tandem/problem"
)

// How long somebody counts as being at a ticket. Their browser says so again
// every HeartbeatInterval; it may miss one.
const (
	HeartbeatInterval = 15 * time.Second
	viewerLife        = 40 * time.Second
	viewersTick       = 5 * time.Second  // how often we look who has gone
	renewInterval     = 15 * time.Second // how often a node tells the others who is still there, all at once
)

// Doing is what somebody does at a ticket.
type Doing string

// What people do.
const (
	Viewing Doing = "viewing"
	Writing Doing = "writing"
)

// Viewer is somebody at a ticket.
type Viewer struct {
	Ticket TicketID
	User   directory.UserID
	Doing  Doing
	Until  time.Time // gone by then unless they say again that they are there
}

// Viewers know who is at which ticket, so that two agents do not answer the
// same one. Nothing of it is stored: each node keeps it in memory and tells the
// others by events. Whoever says nothing more, because the browser or the node
// that it spoke to has died, is forgotten after viewerLife.
//
// It owns one goroutine between Start and Stop, and is safe for use by several.
type Viewers struct {
	store Store
	bus   *event.Bus
	now   func() time.Time
	log   *slog.Logger

	mu      sync.Mutex
	known   map[viewerKey]*known
	renewed time.Time

	cancel context.CancelFunc
	done   chan struct{}
}

type viewerKey struct {
	ticket TicketID
	user   directory.UserID
}

type known struct {
	doing Doing
	until time.Time
	here  bool // their browser speaks to this node, which tells the others
}

// NewViewers makes one for this node.
func NewViewers(store Store, bus *event.Bus, now func() time.Time, log *slog.Logger) *Viewers {
	return &Viewers{store: store, bus: bus, now: now, log: log, known: make(map[viewerKey]*known)}
}

// Start begins to listen to other nodes and to forget who has gone.
func (v *Viewers) Start(ctx context.Context) {
	ctx, v.cancel = context.WithCancel(context.WithoutCancel(ctx))
	v.done = make(chan struct{})
	sub := v.bus.Subscribe(event.Kinds(event.TicketViewed, event.TicketWriting, event.TicketLeft, event.ViewerRenewed))
	go v.run(ctx, sub)
}

// Stop ends what Start began.
func (v *Viewers) Stop() {
	v.cancel()
	<-v.done
}

func (v *Viewers) run(ctx context.Context, sub *event.Subscription) {
	defer close(v.done)
	defer sub.Close()
	ticker := time.NewTicker(viewersTick)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case e, open := <-sub.Events():
			if !open {
				return
			}
			v.hear(e)
		case <-ticker.C:
			if err := v.RunOnce(ctx); err != nil && ctx.Err() == nil {
				v.log.Warn("viewers of tickets were not announced", "err", err)
			}
		}
	}
}

// hear takes in what this node or another one announced.
func (v *Viewers) hear(e event.Event) {
	key := viewerKey{TicketID(e.ID), directory.UserID(e.Parent)}
	v.mu.Lock()
	defer v.mu.Unlock()
	k := v.known[key]
	if k != nil && k.here && v.now().Before(k.until) {
		return // their browser tells us itself, and sooner
	}
	if e.Kind == event.TicketLeft {
		delete(v.known, key)
		return
	}
	if k == nil {
		k = &known{doing: Viewing}
		v.known[key] = k
	}
	k.until = v.now().Add(viewerLife)
	switch e.Kind {
	case event.TicketViewed:
		k.doing = Viewing
	case event.TicketWriting:
		k.doing = Writing
	}
}

// RunOnce forgets who has gone and, when it is time, tells the other nodes who is still here.
func (v *Viewers) RunOnce(ctx context.Context) error {
	now := v.now()
	var still, gone []event.Event
	v.mu.Lock()
	renew := now.Sub(v.renewed) >= renewInterval
	for key, k := range v.known {
		switch e := (event.Event{ID: int64(key.ticket), Parent: int64(key.user)}); {
		case !now.Before(k.until):
			delete(v.known, key)
			e.Kind = event.TicketLeft
			gone = append(gone, e)
		case k.here && renew:
			e.Kind = event.ViewerRenewed
			still = append(still, e)
		}
	}
	if renew {
		v.renewed = now
	}
	v.mu.Unlock()
	v.bus.Publish(gone...) // every node finds out by itself
	return v.announce(ctx, still...)
}

// announce tells all nodes, this one included.
func (v *Viewers) announce(ctx context.Context, events ...event.Event) error {
	if len(events) == 0 {
		return nil
	}
	return v.store.Update(ctx, func(tx Tx) error {
		for _, e := range events {
			tx.Publish(e)
		}
		return nil
	})
}

// See notes that somebody is at a ticket, still or again. It costs a look at a
// map unless that is news.
func (v *Viewers) See(ctx context.Context, by access.Actor, ticket TicketID, doing Doing) error {
	if err := by.MustWork(); err != nil {
		return err
	}
	kind, ok := map[Doing]event.Kind{Viewing: event.TicketViewed, Writing: event.TicketWriting}[doing]
	if !ok {
		return problem.New(problem.Invalid, "invalid", "Nobody can be %q at a ticket.", string(doing)).
			On(problem.Yours, "Use viewing or writing.").In("state")
	}
	if !v.note(viewerKey{ticket, by.UserID}, doing) {
		return nil
	}
	err := v.store.Update(ctx, func(tx Tx) error {
		if _, err := tx.GetTicket(ctx, ticket); err != nil {
			return err
		}
		tx.Publish(event.Event{Kind: kind, ID: int64(ticket), Parent: int64(by.UserID)})
		return nil
	})
	if err != nil {
		v.forget(viewerKey{ticket, by.UserID})
	}
	return err
}

// note tells whether it is news that somebody does something.
func (v *Viewers) note(key viewerKey, doing Doing) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	k := v.known[key]
	news := k == nil || k.doing != doing || !v.now().Before(k.until)
	v.known[key] = &known{doing: doing, until: v.now().Add(viewerLife), here: true}
	return news
}

func (v *Viewers) forget(key viewerKey) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	_, was := v.known[key]
	delete(v.known, key)
	return was
}

// Leave notes that somebody has gone from a ticket.
func (v *Viewers) Leave(ctx context.Context, by access.Actor, ticket TicketID) error {
	if err := by.MustWork(); err != nil {
		return err
	}
	if !v.forget(viewerKey{ticket, by.UserID}) {
		return nil
	}
	return v.announce(ctx, event.Event{Kind: event.TicketLeft, ID: int64(ticket), Parent: int64(by.UserID)})
}

// List gives who is at which ticket, by ticket and person.
func (v *Viewers) List(by access.Actor) ([]Viewer, error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	var list []Viewer
	for key, k := range v.known {
		if v.now().Before(k.until) {
			list = append(list, Viewer{Ticket: key.ticket, User: key.user, Doing: k.doing, Until: k.until})
		}
	}
	slices.SortFunc(list, func(a, b Viewer) int {
		return cmp.Or(cmp.Compare(a.Ticket, b.Ticket), cmp.Compare(a.User, b.User))
	})
	return list, nil
}
