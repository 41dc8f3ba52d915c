package m365sim

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// How change notifications are delivered (Receive change notifications through
// webhooks): an answer within 10 s, else retries at growing intervals for 4 h.
const (
	deliveryTimeout = 10 * time.Second
	deliveryAge     = 4 * time.Hour
	firstRetry      = 10 * time.Second
	lastRetry       = 30 * time.Minute
	maxPerDelivery  = 100 // notifications in one POST
)

// notifier keeps the subscriptions and delivers what they are due. Its
// scheduler goroutine decides what is due by the simulated clock; each URL has
// at most one POST under way.
type notifier struct {
	db     *database
	dir    *directory
	clock  *clock
	faults *faults
	log    *slog.Logger
	client *http.Client

	mu    sync.Mutex
	subs  map[string]*subscription
	lanes map[laneKey]*lane

	kick chan struct{}
	stop context.CancelFunc
	done sync.WaitGroup
}

// laneKey is one receiver: a URL gets changes and life cycle apart.
type laneKey struct {
	url       string
	lifecycle bool
}

// lane is what waits for one receiver.
type lane struct {
	waiting []notification
	failed  int       // deliveries in a row
	retryAt time.Time // after a failure
	busy    bool
}

// notification is one item of a delivery.
type notification struct {
	subscription string
	body         map[string]any
	created      time.Time
	notBefore    time.Time // by a delay_notifications fault
}

func openNotifier(db *database, dir *directory, c *clock, f *faults, log *slog.Logger) (*notifier, error) {
	n := &notifier{
		db: db, dir: dir, clock: c, faults: f, log: log,
		client: &http.Client{
			Timeout: deliveryTimeout,
			// Receivers on a developer's machine have certificates of their own making.
			Transport:     &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, MaxIdleConnsPerHost: 4},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		kick: make(chan struct{}, 1),
	}
	return n, n.load()
}

func (n *notifier) load() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.subs, n.lanes = map[string]*subscription{}, map[laneKey]*lane{}
	err := each(n.db, "SELECT record FROM subscription", func(scan func(...any) error) error {
		var record []byte
		if err := scan(&record); err != nil {
			return err
		}
		var s subscription
		if err := json.Unmarshal(record, &s); err != nil {
			return err
		}
		n.subs[s.ID] = &s
		return nil
	})
	if err != nil {
		return fmt.Errorf("read subscriptions: %w", err)
	}
	return nil
}

// start begins delivering. What was waiting when the last process ended is
// lost, which is what the life cycle event "missed" says.
func (n *notifier) start() {
	ctx, stop := context.WithCancel(context.Background())
	n.stop = stop
	now := n.clock.now()
	n.signal("missed", func(s *subscription) bool { return now.Before(s.Expires) })
	n.done.Go(func() { n.schedule(ctx) })
}

func (n *notifier) close() {
	n.stop()
	n.done.Wait()
	n.client.CloseIdleConnections()
}

// wake makes the scheduler look again; the clock calls it when it is advanced.
func (n *notifier) wake() {
	select {
	case n.kick <- struct{}{}:
	default:
	}
}

// publish queues what a committed change means to each subscription.
func (n *notifier) publish(events []event) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.clock.now()
	queued := false
	for _, e := range events {
		for _, s := range n.subs {
			if kind, wanted := s.wants(e); wanted && now.Before(s.Expires) {
				n.enqueueChange(s, e, kind, now)
				queued = true
			}
		}
	}
	if queued {
		n.wake()
	}
}

func (n *notifier) enqueueChange(s *subscription, e event, kind string, now time.Time) {
	owner := n.dir.ownerOf(s.Mailbox)
	if owner == nil {
		return
	}
	name := owner.UserPrincipalName
	if n.faults.hit(name, "", "", faultDropNotes) != nil {
		return
	}
	item := notification{subscription: s.ID, body: s.change(e, kind, owner, n.dir.organisation()), created: now}
	if f := n.faults.hit(name, "", "", faultDelayNotes); f != nil {
		item.notBefore = now.Add(f.delay)
	}
	l := n.lane(laneKey{url: s.NotificationURL})
	l.waiting = append(l.waiting, item)
	if n.faults.hit(name, "", "", faultDoubleNotes) != nil {
		l.waiting = append(l.waiting, item)
	}
}

// enqueueLifecycle queues a life cycle notification where the subscription has
// an address for them.
func (n *notifier) enqueueLifecycle(s *subscription, name string) {
	if s.LifecycleURL == "" {
		return
	}
	l := n.lane(laneKey{url: s.LifecycleURL, lifecycle: true})
	l.waiting = append(l.waiting, notification{subscription: s.ID, body: s.lifecycle(name, n.dir.organisation()), created: n.clock.now()})
}

func (n *notifier) lane(key laneKey) *lane {
	l := n.lanes[key]
	if l == nil {
		l = &lane{}
		n.lanes[key] = l
	}
	return l
}

// schedule starts deliveries and ends subscriptions when they are due.
func (n *notifier) schedule(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.kick:
		case <-timer.C:
		}
		timer.Reset(n.runOnce(ctx))
	}
}

// runOnce does what is due now and returns how long nothing more is.
func (n *notifier) runOnce(ctx context.Context) time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.clock.now()
	next := now.Add(time.Hour)
	n.tendSubscriptions(now, &next)
	if n.faults.inForce(faultOutage) {
		return outageLook
	}
	for key, l := range n.lanes {
		n.giveUp(key, l, now)
		if len(l.waiting) == 0 && !l.busy {
			delete(n.lanes, key)
			continue
		}
		if l.busy || len(l.waiting) == 0 {
			continue
		}
		if now.Before(l.retryAt) {
			next = earlier(next, l.retryAt)
			continue
		}
		if batch := n.take(l, now, &next); len(batch) > 0 {
			l.busy = true
			n.done.Go(func() { n.deliver(ctx, key, l, batch) })
		}
	}
	return max(next.Sub(now), time.Millisecond)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// take removes from a lane what can be delivered now.
func (n *notifier) take(l *lane, now time.Time, next *time.Time) []notification {
	var due, later []notification
	for _, item := range l.waiting {
		s, isChange := n.subs[item.subscription], item.body["lifecycleEvent"] == nil
		switch {
		case isChange && s == nil: // has ended meanwhile
		case isChange && s.Paused:
			later = append(later, item)
		case now.Before(item.notBefore):
			*next = earlier(*next, item.notBefore)
			later = append(later, item)
		case len(due) == maxPerDelivery:
			later = append(later, item)
		default:
			due = append(due, item)
		}
	}
	l.waiting = later
	return due
}

// giveUp drops what could not be delivered for four hours, and says so.
func (n *notifier) giveUp(key laneKey, l *lane, now time.Time) {
	missed := map[string]bool{}
	l.waiting = slices.DeleteFunc(l.waiting, func(item notification) bool {
		old := now.Sub(item.created) > deliveryAge
		if old && !key.lifecycle {
			missed[item.subscription] = true
		}
		return old
	})
	for id := range missed {
		if s := n.subs[id]; s != nil {
			n.enqueueLifecycle(s, "missed")
			n.wake()
		}
	}
}

// deliver posts one batch of notifications and puts it back when that fails.
func (n *notifier) deliver(ctx context.Context, key laneKey, l *lane, batch []notification) {
	err := n.post(ctx, key.url, batch)
	n.mu.Lock()
	defer n.mu.Unlock()
	l.busy = false
	if err == nil {
		l.failed, l.retryAt = 0, time.Time{}
	} else {
		l.waiting = append(batch, l.waiting...)
		l.failed++
		l.retryAt = n.clock.now().Add(retryDelay(l.failed))
		n.log.Info("notification not delivered", "url", key.url, "items", len(batch), "attempt", l.failed, "err", err)
	}
	n.wake()
}

func retryDelay(failed int) time.Duration {
	return min(firstRetry<<min(failed-1, 10), lastRetry)
}

func (n *notifier) post(ctx context.Context, url string, batch []notification) error {
	values := make([]map[string]any, len(batch))
	for i, item := range batch {
		values[i] = item.body
	}
	ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(encodeJSON(map[string]any{"value": values})))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	response, err := n.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20)) // so that the connection is kept
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return fmt.Errorf("answered %s", response.Status)
	}
	return nil
}

// tendSubscriptions ends those that have expired and reminds of those that will.
func (n *notifier) tendSubscriptions(now time.Time, next *time.Time) {
	for _, s := range n.subs {
		switch {
		case !now.Before(s.Expires):
			n.forget(s)
		case now.Before(s.RemindAt):
			*next = earlier(*next, s.RemindAt)
		case !s.Reminded:
			s.Reminded = true
			n.save(s)
			n.enqueueLifecycle(s, "reauthorizationRequired")
			fallthrough
		default:
			*next = earlier(*next, s.Expires)
		}
	}
}

func (n *notifier) save(s *subscription) {
	record, err := json.Marshal(s)
	if err == nil {
		err = n.db.update(func(t *tx) error {
			_, err := t.exec("INSERT INTO subscription (id, record) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET record = excluded.record", s.ID, string(record))
			return err
		})
	}
	if err != nil {
		n.log.Error("store subscription", "subscription", s.ID, "err", err)
	}
}

func (n *notifier) forget(s *subscription) {
	delete(n.subs, s.ID)
	err := n.db.update(func(t *tx) error {
		_, err := t.exec("DELETE FROM subscription WHERE id = ?", s.ID)
		return err
	})
	if err != nil {
		n.log.Error("remove subscription", "subscription", s.ID, "err", err)
	}
}

// signal sends a life cycle event to the subscriptions that match, and does
// what the event means.
func (n *notifier) signal(name string, match func(*subscription) bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range n.list(match) {
		n.enqueueLifecycle(s, name)
		switch name {
		case "subscriptionRemoved":
			n.forget(s)
		case "reauthorizationRequired":
			s.Paused, s.Reminded = true, true
			n.save(s)
		}
	}
	n.wake()
}

// list returns matching subscriptions in a stable order; n.mu is held.
func (n *notifier) list(match func(*subscription) bool) []*subscription {
	list := slices.DeleteFunc(slices.Collect(maps.Values(n.subs)), func(s *subscription) bool { return !match(s) })
	slices.SortFunc(list, func(a, b *subscription) int { return a.Created.Compare(b.Created) })
	return list
}

// undelivered counts what waits for a subscription; n.mu is held.
func (n *notifier) undelivered(id string) int {
	count := 0
	for _, l := range n.lanes {
		for _, item := range l.waiting {
			if item.subscription == id {
				count++
			}
		}
	}
	return count
}
