//go:build bench

package bench

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"tandem/e2e"
)

// lag measures single mails into an idle system: from Microsoft's acceptance
// to the ticket in the API.
func (b *bench) lag(latency time.Duration) {
	w := b.open(e2e.Options{Latency: latency})
	w.Connect(e2e.Support, false)
	w.Until("notifications", func() bool { return pushed(w) == 1 })
	var lags []time.Duration
	for i := range 200 {
		begin := time.Now()
		b.deliver(w, e2e.Support, letter(i))
		for ticketCount(w) <= i {
			if time.Since(begin) > time.Minute {
				b.Fatal("the ticket does not appear")
			}
			time.Sleep(2 * time.Millisecond) // finer than the lag itself
		}
		lags = append(lags, time.Since(begin))
		time.Sleep(20 * time.Millisecond) // idle again before the next one
	}
	budget := ""
	if latency == 0 {
		budget = "p99 < 300 ms"
	}
	b.row(fmt.Sprintf("mail accepted by Microsoft → ticket in the API, idle, by notification, Microsoft at %s", latency), quantiles(lags), budget)
	if latency == 0 {
		time.Sleep(5 * time.Second) // idle in earnest
		b.row("memory, idle", mebibytes(memory(b, w)), "< 120 MB")
	}
}

// polling measures what waiting for the next reading costs when Microsoft
// cannot reach us: mails come into ten mailboxes, half a minute apart on
// average, and the intervals of polling are those that the product has.
func (b *bench) polling(latency time.Duration) {
	const mailboxes, apart = 10, 30 * time.Second
	w := b.open(e2e.Options{Latency: latency, Polling: true, Boxes: mailboxes})
	w.ConnectBoxes()
	b.await(mailboxes, time.Minute, func() int { return compared(w) })
	var mu sync.Mutex
	accepted := make(map[string]time.Time) // by Message-ID
	var people sync.WaitGroup
	for box := range mailboxes {
		people.Go(func() {
			end := time.Now().Add(*polled)
			for i := box; ; i += mailboxes {
				// Mail that comes at any time, no matter when the last one came.
				time.Sleep(time.Duration(rand.ExpFloat64() * float64(apart)))
				if time.Now().After(end) {
					return
				}
				mu.Lock()
				accepted[messageID(i)] = time.Now()
				mu.Unlock()
				b.deliver(w, e2e.Box(box), letter(i))
			}
		})
	}
	people.Wait()
	b.await(len(accepted), 5*time.Minute, func() int { return ledgerCount(w) })
	var lags []time.Duration
	for _, m := range ledger(w) {
		lags = append(lags, m.DecidedAt.Sub(accepted[m.MessageID]))
	}
	b.row(fmt.Sprintf("mail accepted by Microsoft → decided, by polling every 5 s to 60 s, a mail every %s", apart), quantiles(lags), "")
}

type ledgerMail struct {
	MessageID string    `json:"message_id"`
	DecidedAt time.Time `json:"decided_at"`
}

// ledger lists all mails that came in.
func ledger(w *e2e.World) (all []ledgerMail) {
	for page := 1; ; page++ {
		var answer struct{ Mail []ledgerMail }
		w.API.Get(fmt.Sprintf("/api/v2/mail?direction=in&per_page=100&page=%d", page)).Want(200).Into(&answer)
		if all = append(all, answer.Mail...); len(answer.Mail) < 100 {
			return all
		}
	}
}
