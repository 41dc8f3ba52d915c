//go:build bench

package bench

import (
	"fmt"
	"time"

	"tandem/e2e"
)

// idle measures what many mailboxes cost into which no mail comes.
func (b *bench) idle(polling bool) {
	how := "by notification"
	if polling {
		how = "by polling"
	}
	w := b.open(e2e.Options{Polling: polling, Boxes: *boxes})
	time.Sleep(5 * time.Second) // what starting took is collected
	alone := memory(b, w)
	w.ConnectBoxes()
	b.await(*boxes, 10*time.Minute, func() int { return compared(w) })
	if !polling {
		b.await(*boxes, 10*time.Minute, func() int { return pushed(w) })
	}

	w.Stop()
	w.SimAPI().Delete("/sim/requests").Want(204)
	begin := time.Now()
	w.Start()
	b.await(*boxes, 10*time.Minute, func() int { return min(*boxes, len(w.Requests("GET", "/messages/delta"))) })
	b.row(fmt.Sprintf("%d idle mailboxes %s: start, until all have been read", *boxes, how), fmt.Sprintf("%.1f s", time.Since(begin).Seconds()), "")
	b.row(fmt.Sprintf("%d idle mailboxes %s: peak memory meanwhile", *boxes, how), mebibytes(peakMemory(b, w)), "")

	time.Sleep(30 * time.Second) // the work of starting is over
	w.SimAPI().Delete("/sim/requests").Want(204)
	computed, began := processor(b, w), time.Now()
	time.Sleep(*idle) // what is measured is that nothing happens
	took := time.Since(began)
	computed = processor(b, w) - computed
	requests, _ := asked(w)
	perHour := float64(requests) / took.Hours()
	now := memory(b, w)
	b.row(fmt.Sprintf("%d idle mailboxes %s: memory", *boxes, how), mebibytes(now), "")
	b.row(fmt.Sprintf("%d idle mailboxes %s: requests to Graph an hour", *boxes, how), fmt.Sprintf("%.0f", perHour), "")
	b.row(fmt.Sprintf("%d idle mailboxes %s: share of one processor", *boxes, how), fmt.Sprintf("%.1f %%", 100*computed.Seconds()/took.Seconds()), "")
	b.row("one of these idle mailboxes "+how+": requests to Graph an hour, memory",
		fmt.Sprintf("%.0f, %d KB", perHour/float64(*boxes), max(0, now-alone)/int64(*boxes)>>10), "")
}
