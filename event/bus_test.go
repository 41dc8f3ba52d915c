package event_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandem/event"
)

func ticket(id int64) event.Event { return event.Event{Kind: event.TicketUpdated, ID: id} }

// received closes the bus and returns what the subscription still holds.
func received(bus *event.Bus, sub *event.Subscription) []event.Event {
	bus.Close()
	var all []event.Event
	for e := range sub.Events() {
		all = append(all, e)
	}
	return all
}

func TestSubscriberHearsWhatItAskedForInOrder(t *testing.T) {
	bus := event.NewBus()
	all := bus.Subscribe(nil)
	jobs := bus.Subscribe(event.Kinds(event.JobInserted, event.JobUpdated))
	inserted := event.Event{Kind: event.JobInserted, ID: 7}
	bus.Publish(ticket(1), inserted, ticket(2))
	if diff := cmp.Diff([]event.Event{inserted}, received(bus, jobs)); diff != "" {
		t.Errorf("jobs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]event.Event{ticket(1), inserted, ticket(2)}, received(bus, all)); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
}

func TestSlowSubscriberLosesEventsAndIsTold(t *testing.T) {
	bus := event.NewBus()
	slow, idle := bus.Subscribe(nil), bus.Subscribe(event.Kinds(event.JobInserted))
	const published = 10_000
	for id := range int64(published) {
		bus.Publish(ticket(id)) // would block for ever if it waited for the reader
	}
	select {
	case <-slow.Lost():
	default:
		t.Error("the slow subscriber was not told")
	}
	select {
	case <-idle.Lost():
		t.Error("a subscriber that wanted none of the events was told that it lost some")
	default:
	}
	got := received(bus, slow)
	if len(got) == 0 || len(got) == published {
		t.Errorf("%d events kept, want the first few", len(got))
	}
}

func TestEverybodyIsToldWhenTheLinkToOtherNodesBroke(t *testing.T) {
	bus := event.NewBus()
	sub := bus.Subscribe(nil)
	bus.Lose()
	bus.Lose()
	select {
	case <-sub.Lost():
	default:
		t.Error("not told")
	}
}

func TestClosedSubscriptionEnds(t *testing.T) {
	bus := event.NewBus()
	sub, other := bus.Subscribe(nil), bus.Subscribe(nil)
	sub.Close()
	sub.Close()
	bus.Publish(ticket(1))
	if _, open := <-sub.Events(); open {
		t.Error("an event arrived after Close")
	}
	if got := received(bus, other); len(got) != 1 {
		t.Errorf("the other subscriber got %v", got)
	}
	if _, open := <-bus.Subscribe(nil).Events(); open {
		t.Error("a subscription to a closed bus is open")
	}
}

func TestPublishersAndSubscribersMayComeAndGo(t *testing.T) {
	bus := event.NewBus()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for id := range int64(500) {
				bus.Publish(ticket(id))
			}
		})
		wg.Go(func() {
			for range 100 {
				sub := bus.Subscribe(nil)
				select {
				case <-sub.Events():
				default:
				}
				sub.Close()
			}
		})
	}
	wg.Wait()
}
