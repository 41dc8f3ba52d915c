//go:build bench

package bench

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/e2e"
)

// await polls a count until it is the wanted one.
func (b *bench) await(want int, within time.Duration, count func() int) {
	b.Helper()
	begin, got := time.Now(), 0
	for got = count(); got != want; got = count() {
		if time.Since(begin) > within {
			b.Fatalf("%d after %s, want %d", got, within, want)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func ticketCount(w *e2e.World) int {
	var answer struct{ Count struct{ Value int } }
	w.API.Get("/api/v2/tickets/count").Want(200).Into(&answer)
	return answer.Count.Value
}

// ledgerCount counts the inbound mails that are decided.
func ledgerCount(w *e2e.World) int {
	var answer struct{ Count int }
	w.API.Get("/api/v2/mail?direction=in&state=ticketed,commented,duplicate&per_page=1").Want(200).Into(&answer)
	return answer.Count
}

type connection struct {
	Mode         string
	SyncedAt     *time.Time `json:"synced_at"`
	ReconciledAt *time.Time `json:"reconciled_at"`
}

func theConnection(w *e2e.World) connection {
	var answer struct{ Connections []connection }
	w.API.Get("/api/v2/connections").Want(200).Into(&answer)
	return answer.Connections[0]
}

func mode(w *e2e.World) string { return theConnection(w).Mode }
func synced(w *e2e.World) bool { return theConnection(w).ReconciledAt != nil }

// asked counts what was asked of Graph: as Microsoft counts, and round trips.
func asked(w *e2e.World) (requests, trips int) {
	var answer struct {
		Counts struct {
			Requests   int `json:"counted"`
			RoundTrips int `json:"round_trips"`
		}
	}
	w.SimAPI().Get("/sim/requests?limit=1").Want(200).Into(&answer)
	return answer.Counts.Requests, answer.Counts.RoundTrips
}

// memory and peakMemory are the process's resident memory in bytes.
func memory(b *bench, w *e2e.World) int64     { return status(b, w, "VmRSS:") }
func peakMemory(b *bench, w *e2e.World) int64 { return status(b, w, "VmHWM:") }

func status(b *bench, w *e2e.World, field string) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", w.Process.PID()))
	if err != nil {
		b.Logf("no figures of memory here: %v", err)
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, field); found {
			kilobytes, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kilobytes << 10
		}
	}
	return 0
}

func resetPeakMemory(b *bench, w *e2e.World) {
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", w.Process.PID()), []byte("5"), 0); err != nil {
		b.Logf("the peak of memory includes the start: %v", err)
	}
}

func mebibytes(bytes int64) string { return fmt.Sprintf("%d MB", bytes>>20) }

func quantiles(took []time.Duration) string {
	slices.Sort(took)
	at := func(p float64) time.Duration { return took[int(p*float64(len(took)-1))].Round(100 * time.Microsecond) }
	return fmt.Sprintf("p50 %s, p99 %s (n = %d)", at(0.5), at(0.99), len(took))
}
