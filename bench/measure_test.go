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
		time.Sleep(250 * time.Millisecond) // asking costs what is measured
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
	ReconciledAt *time.Time `json:"reconciled_at"`
}

// count counts the connections that are so.
func count(w *e2e.World, is func(connection) bool) (n int) {
	var answer struct{ Connections []connection }
	w.API.Get("/api/v2/connections").Want(200).Into(&answer)
	for _, c := range answer.Connections {
		if is(c) {
			n++
		}
	}
	return n
}

// compared and pushed count the mailboxes that have been read and compared with
// the ledger, and those of which Microsoft notifies.
func compared(w *e2e.World) int {
	return count(w, func(c connection) bool { return c.ReconciledAt != nil })
}

func pushed(w *e2e.World) int { return count(w, func(c connection) bool { return c.Mode == "push" }) }

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

// processor is the time that the process has computed so far.
func processor(b *bench, w *e2e.World) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", w.Process.PID()))
	if err != nil {
		b.Logf("no figures of the processor here: %v", err)
		return 0
	}
	// proc_pid_stat(5): user and system time are fields 14 and 15, in ticks of
	// 10 ms; the second field is the name, in parentheses.
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond
}
