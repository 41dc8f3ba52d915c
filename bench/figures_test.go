//go:build bench

package bench

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tandem/e2e"
	"tandem/store/storetest"
)

var (
	out     = flag.String("out", "", "file with the report, such as ../docs/benchmarks.md: what is measured is written into it; empty: it is only logged")
	mails   = flag.Int("mails", 3000, "mails to take in")
	tickets = flag.Int("tickets", 1_000_000, "tickets in the large database")
	boxes   = flag.Int("boxes", 1000, "idle mailboxes")
	idle    = flag.Duration("idle", 6*time.Minute, "how long idle mailboxes are watched; more than one interval of safety polls")
	polled  = flag.Duration("polled", 5*time.Minute, "how long mail comes while there are no notifications")
	waiting = flag.Int("waiting", 10_000, "mails that wait when an outage ends")
	away    = flag.Duration("away", 3*time.Minute, "how long Microsoft is away by our clock; the simulator's goes on an hour")
)

// TestFigures measures on each database there is, and writes the report. One
// row alone: -run Figures/SQLite/intake/50ms.
func TestFigures(t *testing.T) {
	var r report
	if earlier, err := os.ReadFile(filepath.FromSlash(*out)); err == nil {
		r.read(string(earlier))
	}
	for _, kind := range []string{"SQLite", "PostgreSQL"} {
		database := func() string { return "" }
		if kind == "PostgreSQL" {
			if os.Getenv("TANDEM_TEST_POSTGRES") == "" {
				t.Log("WITHOUT POSTGRESQL: TANDEM_TEST_POSTGRES is not set")
				continue
			}
			database = func() string { return storetest.PostgresURL(t) }
		}
		t.Run(kind, func(t *testing.T) { measure(bench{T: t, report: &r, kind: kind, database: database}) })
	}
	text := r.markdown()
	if *out == "" {
		t.Logf("%s", text)
	} else if err := os.WriteFile(filepath.FromSlash(*out), text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func measure(b bench) {
	b.at("intake", (*bench).intake, 0, 50*time.Millisecond)
	b.at("ten", (*bench).tenMailboxes, 0, 50*time.Millisecond)
	b.at("lag", (*bench).lag, 0, 50*time.Millisecond)
	b.at("polling", (*bench).polling, 0)
	b.at("import", (*bench).imports, 0, 50*time.Millisecond, 100*time.Millisecond)
	b.at("large", (*bench).largeMails, 0, 50*time.Millisecond)
	b.at("outage", (*bench).outage, 0)
	b.Run("idle", func(t *testing.T) {
		t.Run("push", func(t *testing.T) { b.in(t).idle(false) })
		t.Run("polling", func(t *testing.T) { b.in(t).idle(true) })
	})
	b.Run("tickets", func(t *testing.T) { b.in(t).manyTickets() })
}

// bench is one measurement on one database.
type bench struct {
	*testing.T
	report   *report
	kind     string
	database func() string // a new, empty one
}

func (b bench) in(t *testing.T) *bench {
	b.T = t
	return &b
}

// at measures with each of the latencies of Microsoft.
func (b bench) at(name string, measure func(*bench, time.Duration), latencies ...time.Duration) {
	b.Run(name, func(t *testing.T) {
		for _, latency := range latencies {
			t.Run(fmt.Sprintf("%dms", latency.Milliseconds()), func(t *testing.T) { measure(b.in(t), latency) })
		}
	})
}

// open starts a simulator and a Tandem of its own.
func (b *bench) open(o e2e.Options) *e2e.World {
	o.Process, o.Database = true, b.database()
	return e2e.Open(b, o)
}

func (b *bench) row(what, figure, budget string) {
	b.Helper()
	b.Logf("%s: %s", what, figure)
	b.report.add(b.kind, what, figure, budget)
}
