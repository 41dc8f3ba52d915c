package desk_test

import (
	"log/slog"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/access"
	"tandem/desk"
	"tandem/event"
	"tandem/store"
	"tandem/store/storetest"
)

// node is one of several processes on the same database.
type node struct {
	*desk.Viewers
	w      *world
	bus    *event.Bus
	events *event.Subscription
}

func (w *world) node(db *store.DB, bus *event.Bus) *node {
	v := desk.NewViewers(store.For[desk.Tx](db), bus, w.clock.Now, slog.New(slog.DiscardHandler))
	n := &node{v, w, bus, bus.Subscribe(event.Kinds(event.TicketViewed, event.TicketWriting, event.TicketLeft, event.ViewerRenewed))}
	v.Start(w.t.Context())
	w.t.Cleanup(v.Stop)
	return n
}

// hears waits for the next event about viewers.
func (n *node) hears(kind event.Kind, ticket desk.TicketID, by access.Actor) {
	n.w.t.Helper()
	select {
	case got := <-n.events.Events():
		if want := (event.Event{Kind: kind, ID: int64(ticket), Parent: int64(by.UserID)}); got != want {
			n.w.t.Fatalf("heard %v, want %v", got, want)
		}
	case <-time.After(10 * time.Second):
		n.w.t.Fatalf("did not hear %s", kind)
	}
}

// seen is who is at a ticket as this node knows it.
func (n *node) seen() map[desk.TicketID]desk.Doing {
	n.w.t.Helper()
	list, err := n.List(n.w.agent)
	n.w.must(err)
	all := make(map[desk.TicketID]desk.Doing)
	for _, v := range list {
		all[v.Ticket] = v.Doing
	}
	return all
}

func (n *node) sees(want map[desk.TicketID]desk.Doing) {
	n.w.t.Helper()
	if diff := cmp.Diff(want, n.seen()); diff != "" {
		n.w.t.Fatalf("viewers (-want +got):\n%s", diff)
	}
}

func TestHeartbeatsThatTellNothingNewAreQuiet(t *testing.T) {
	w, n := newWorldOfViewers(t)
	w.refused(n.See(t.Context(), w.agent, 999999, desk.Viewing), "not_found")
	ticket := w.ask("Who takes it?").ID
	w.must(n.See(t.Context(), w.agent, ticket, desk.Viewing))
	n.hears(event.TicketViewed, ticket, w.agent)
	for range 5 {
		w.clock.pass(desk.HeartbeatInterval)
		w.must(n.See(t.Context(), w.agent, ticket, desk.Viewing))
	}
	w.must(n.See(t.Context(), w.agent, ticket, desk.Writing))
	n.hears(event.TicketWriting, ticket, w.agent) // and nothing before it
	n.sees(map[desk.TicketID]desk.Doing{ticket: desk.Writing})
	w.must(n.Leave(t.Context(), w.agent, ticket))
	n.hears(event.TicketLeft, ticket, w.agent)
	n.settles(map[desk.TicketID]desk.Doing{})
}

func TestBrowserThatDiedIsForgotten(t *testing.T) {
	w, n := newWorldOfViewers(t)
	ticket := w.ask("Who takes it?").ID
	w.must(n.See(t.Context(), w.agent, ticket, desk.Writing))
	n.hears(event.TicketWriting, ticket, w.agent)
	n.hasHeard()
	w.clock.pass(time.Minute)
	n.sees(map[desk.TicketID]desk.Doing{})
	w.must(n.RunOnce(t.Context()))
	n.hears(event.TicketLeft, ticket, w.agent)
}

func TestNodesTellEachOtherWhoIsAtATicket(t *testing.T) {
	url := storetest.PostgresURL(t)
	w := newWorld(t, url)
	ticket := w.ask("Who takes it?").ID
	here, there := event.NewBus(), event.NewBus()
	one := w.node(storetest.Open(t, url, store.Options{Bus: here, Now: w.clock.Now}), here)
	two := w.node(storetest.Open(t, url, store.Options{Bus: there, Now: w.clock.Now}), there)

	w.must(one.See(t.Context(), w.agent, ticket, desk.Writing))
	two.hears(event.TicketWriting, ticket, w.agent)
	w.clock.pass(30 * time.Second)
	w.must(one.See(t.Context(), w.agent, ticket, desk.Writing)) // which is no news
	w.must(one.RunOnce(t.Context()))                            // but renewed all at once
	two.hears(event.ViewerRenewed, ticket, w.agent)
	w.clock.pass(30 * time.Second)
	two.settles(map[desk.TicketID]desk.Doing{ticket: desk.Writing})

	// The node that heard the browser dies: the other one forgets by itself.
	w.clock.pass(time.Minute)
	w.must(two.RunOnce(t.Context()))
	two.hears(event.TicketLeft, ticket, w.agent)
	two.sees(map[desk.TicketID]desk.Doing{})
}

// hasHeard waits until the node has noted all events until now: somebody comes
// to another ticket, and leaves it when that has been seen.
func (n *node) hasHeard() {
	n.w.t.Helper()
	before := n.seen()
	other, by := n.w.ask("And who takes this one?").ID, n.w.colleague
	after := maps.Clone(before)
	after[other] = desk.Viewing
	tell := func(kind event.Kind, want map[desk.TicketID]desk.Doing) {
		n.bus.Publish(event.Event{Kind: kind, ID: int64(other), Parent: int64(by.UserID)})
		n.hears(kind, other, by)
		n.settles(want)
	}
	tell(event.TicketViewed, after)
	tell(event.TicketLeft, before)
}

// settles waits until a node that has heard an event has also noted it.
func (n *node) settles(want map[desk.TicketID]desk.Doing) {
	n.w.t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		if cmp.Equal(want, n.seen()) {
			return
		}
	}
	n.sees(want)
}

func newWorldOfViewers(t *testing.T) (*world, *node) {
	url := storetest.SQLiteURL(t)
	bus := event.NewBus()
	w := newWorldOn(t, url, bus)
	return w, w.node(w.db, bus)
}
