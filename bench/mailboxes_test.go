//go:build bench

package bench

import (
	"fmt"
	"time"

	"tandem/e2e"
)

const ten = 10

// tenMailboxes measures how fast ten mailboxes are taken in that filled while
// Tandem was down. Each has its own limits at Microsoft.
func (b *bench) tenMailboxes(latency time.Duration) {
	w := b.open(e2e.Options{Latency: latency, Boxes: ten})
	w.ConnectBoxes()
	b.await(ten, time.Minute, func() int { return compared(w) })
	w.Stop()
	for i := range *mails {
		b.deliver(w, e2e.Box(i%ten), letter(i))
	}
	w.SimAPI().Delete("/sim/requests").Want(204)
	begin := time.Now()
	w.Start()
	b.await(*mails, 10*time.Minute, func() int { return ledgerCount(w) })
	took := time.Since(begin)
	b.await(0, 10*time.Minute, func() int { return inInboxes(w) })
	filed := time.Since(begin)
	requests, trips := asked(w)
	b.row(fmt.Sprintf("%d mails of 12 KiB into ten mailboxes, Microsoft at %s", *mails, latency),
		fmt.Sprintf("%.0f mails/s (all decided after %.1f s, all filed after %.1f s)", float64(*mails)/took.Seconds(), took.Seconds(), filed.Seconds()), "")
	b.row(fmt.Sprintf("requests per mail with ten mailboxes at %s", latency),
		fmt.Sprintf("%.2f round trips, %.2f as Microsoft counts", float64(trips)/float64(*mails), float64(requests)/float64(*mails)), "≤ 1.3, ≤ 3.1")
	b.row(fmt.Sprintf("peak memory meanwhile, ten mailboxes at %s", latency), mebibytes(peakMemory(b, w)), "< 150 MB")
}

func inInboxes(w *e2e.World) (n int) {
	for i := range ten {
		n += len(w.Folder(e2e.Box(i), "inbox"))
	}
	return n
}

// outage measures how soon all is made up for after all of Microsoft was away
// for an hour, while mail went on arriving. The pauses between tries are as
// long after a few minutes as after an hour, so our own clock need not wait.
func (b *bench) outage(latency time.Duration) {
	w := b.open(e2e.Options{Latency: latency, Boxes: ten})
	w.ConnectBoxes()
	b.await(ten, time.Minute, func() int { return pushed(w) })
	w.Break(e2e.Fault{"kind": "outage"})
	for i := range *waiting {
		b.deliver(w, e2e.Box(i%ten), letter(i))
	}
	w.SimAPI().Post("/sim/clock", map[string]string{"advance": "1h"}).Want(200)
	time.Sleep(*away) // until Tandem has given up hoping and tries seldom
	begin := time.Now()
	w.Mend()
	w.Until("the first ticket", func() bool { return ledgerCount(w) > 0 })
	first := time.Since(begin)
	b.await(*waiting, 30*time.Minute, func() int { return ledgerCount(w) })
	b.row(fmt.Sprintf("an hour's outage of Microsoft, %d mails waiting in ten mailboxes: first ticket, all tickets", *waiting),
		fmt.Sprintf("%.1f s, %.1f s", first.Seconds(), time.Since(begin).Seconds()), "")
}
