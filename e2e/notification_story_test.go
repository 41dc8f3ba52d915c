package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// deltaRequests counts how often the Inbox's changes were asked for.
func (w *World) deltaRequests() int {
	w.Helper()
	return len(w.Requests("GET", "/messages/delta"))
}

// subscriptions are those that Microsoft knows.
func (w *World) subscriptions() []subscription {
	w.Helper()
	var list struct{ Subscriptions []subscription }
	w.SimAPI().Get("/sim/subscriptions").Want(200).Into(&list)
	return list.Subscriptions
}

type subscription struct {
	ID          string
	ClientState string
	Resource    string
	Expires     time.Time `json:"expirationDateTime"`
	Paused      bool
}

// notify posts a notification as Microsoft does.
func (w *World) notify(subscription, clientState string) {
	w.Helper()
	w.Browser().Post("/microsoft/notifications", map[string]any{"value": []any{map[string]string{
		"subscriptionId": subscription, "clientState": clientState, "changeType": "created", "resource": "Users/x/Messages/y",
	}}}).Want(http.StatusAccepted)
}

// A notification is only a hint, and anybody can post one: those that are not
// genuine are answered like the others and do nothing.
func TestForgedNotificationsDoNothing(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{}))
	known := w.subscriptions()[0]
	before, asked := w.connection(Support).NotifiedAt, w.deltaRequests()

	w.notify(known.ID, "guessed")
	w.notify(known.ID, "")
	w.notify("11111111-2222-3333-4444-555555555555", known.ClientState)
	if got := w.connection(Support).NotifiedAt; !got.Equal(before) {
		t.Errorf("a forged notification counted, at %s", got)
	}
	w.notify(known.ID, known.ClientState)
	w.Until("the genuine one read", func() bool { return w.deltaRequests() > asked })
	if got := w.connection(Support).NotifiedAt; !got.After(before) {
		t.Errorf("the genuine notification did not count: last one at %s", got)
	}
}

// Microsoft may deliver a notification again, and a burst of mails, or somebody
// who means no good, may post thousands.
func TestReplayedAndFloodedNotificationsCostFewReadings(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{Door: true}))
	w.Mail(Letter{From: "kim@customer.example", To: Support, Subject: "Hello", MessageID: "<hello@customer.example>"})
	w.awaitTicket()
	var genuine Post
	w.Until("Microsoft's own notification", func() bool {
		posted := w.Door.Posted()
		if len(posted) > 0 {
			genuine = posted[0]
		}
		return len(posted) > 0
	})
	for range 3 {
		w.Browser().Post(genuine.Path, json.RawMessage(genuine.Body)).Want(http.StatusAccepted)
	}

	const flood = 10_000
	asked := w.deltaRequests()
	var posts errgroup.Group
	posts.SetLimit(64)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	for range flood {
		posts.Go(func() error {
			resp, err := client.Post("http://"+w.Config.HTTP+genuine.Path, "application/json", strings.NewReader(genuine.Body))
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			if resp.StatusCode != http.StatusAccepted {
				t.Errorf("a notification of the flood was answered %d", resp.StatusCode)
			}
			return nil
		})
	}
	if err := posts.Wait(); err != nil {
		t.Fatal(err)
	}
	w.Mail(Letter{From: "kim@customer.example", To: Support, Subject: "After the flood", MessageID: "<after@customer.example>"})
	w.Until("the mail after the flood", func() bool { return len(w.tickets("")) == 2 })
	if n := w.deltaRequests() - asked; n > 20 {
		t.Errorf("%d notifications caused %d readings", flood, n)
	} else {
		t.Logf("%d notifications caused %d readings", flood, n)
	}
	if states := w.states(); states["ticketed"] != 2 || len(states) != 1 {
		t.Errorf("the ledger holds %v, want two tickets", states)
	}
}

// A notification may never come; the mailbox is read all the same. While they
// stay away polling does their work, and says so, until they come in time again.
func TestLateNotificationsAreMadeUpForByPolling(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{Poll: 2 * time.Second}))
	n := 0
	mailUntil := func(mode, reason string) {
		t.Helper()
		w.Until("mode "+mode+", "+reason, func() bool {
			n++
			w.Mail(hello(fmt.Sprint("Number ", n)))
			w.awaitTickets(n)
			c := w.connection(Support)
			return c.Mode == mode && c.ModeReason == reason
		})
	}
	w.Break(Fault{"kind": "drop_notifications"})
	mailUntil("poll", "late")
	if got := w.ledger("")[0].NoticedBy; got != "poll" {
		t.Errorf("the mail was noticed by %s", got)
	}
	w.Mend()
	mailUntil("push", "notified")
	if got := len(w.subscriptions()); got != 1 {
		t.Errorf("%d subscriptions, want the one that was there all along", got)
	}
}

// Nobody tells of a mail that comes after the first reading and before the
// subscription stands.
func TestMailThatComesWhileSubscribingIsNotOverlooked(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{})
	w.Break(Fault{"kind": "slow", "method": "POST", "path": "/subscriptions", "delay": "1s"})
	w.Break(Fault{"kind": "slow", "path": "/mailFolders?", "delay": "2s"}) // the end of the first reading
	w.Connect(Support, false)
	w.Until("the Inbox read", func() bool { return len(w.Requests("GET", "receivedDateTime")) > 0 })
	w.Mail(hello("Just now"))
	w.awaitTickets(1)
}

func TestLifecycleNotifications(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{}))
	unannounced := func(subject string) {
		t.Helper()
		w.Break(Fault{"kind": "drop_notifications", "count": 1})
		w.Mail(Letter{From: "kim@customer.example", To: Support, Subject: subject, MessageID: "<" + subject + "@customer.example>"})
	}
	arrived := func(subject string) {
		t.Helper()
		w.Until("the mail "+subject, func() bool { return len(w.tickets("?query="+subject)) == 1 })
	}

	compared := w.connection(Support).ReconciledAt
	unannounced("missed")
	w.Break(Fault{"kind": "lifecycle", "event": "missed"})
	arrived("missed")
	w.Until("mailbox and ledger compared", func() bool { return w.connection(Support).ReconciledAt.After(compared) })

	first := w.subscriptions()[0]
	unannounced("removed")
	w.Break(Fault{"kind": "lifecycle", "event": "subscriptionRemoved"})
	arrived("removed")
	w.Until("a new subscription", func() bool {
		all := w.subscriptions()
		return len(all) == 1 && all[0].ID != first.ID && w.connection(Support).Mode == "push"
	})
	w.Mail(Letter{From: "kim@customer.example", To: Support, Subject: "announced", MessageID: "<announced@customer.example>"})
	arrived("announced")

	second := w.subscriptions()[0]
	w.Break(Fault{"kind": "lifecycle", "event": "reauthorizationRequired"})
	w.Until("the subscription renewed", func() bool {
		all := w.subscriptions()
		return len(all) == 1 && all[0].ID == second.ID && !all[0].Paused && all[0].Expires.After(second.Expires)
	})
	w.Until("the renewal written down", func() bool {
		c := w.connection(Support)
		return c.Mode == "push" && c.PushUntil.After(second.Expires)
	})
}
