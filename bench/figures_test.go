//go:build bench

package bench

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tandem/e2e"
	"tandem/store/storetest"
)

var (
	out     = flag.String("out", "../docs/benchmarks.md", "file to write")
	mails   = flag.Int("mails", 3000, "mails to take in")
	tickets = flag.Int("tickets", 1_000_000, "tickets in the large database")
)

// TestFigures measures on each database there is, and writes the report.
func TestFigures(t *testing.T) {
	var r report
	for _, kind := range []string{"SQLite", "PostgreSQL"} {
		database := func() string { return "" }
		if kind == "PostgreSQL" {
			if os.Getenv("TANDEM_TEST_POSTGRES") == "" {
				t.Log("WITHOUT POSTGRESQL: TANDEM_TEST_POSTGRES is not set")
				continue
			}
			database = func() string { return storetest.PostgresURL(t) }
		}
		t.Run(kind, func(t *testing.T) {
			b := bench{T: t, report: &r, kind: kind, database: database}
			t.Run("intake", func(t *testing.T) { b.in(t).intake(0) })
			t.Run("intake50", func(t *testing.T) { b.in(t).intake(50 * time.Millisecond) })
			t.Run("lag", func(t *testing.T) { b.in(t).lag() })
			t.Run("import", func(t *testing.T) { b.in(t).imports() })
			t.Run("large", func(t *testing.T) { b.in(t).largeMails() })
			t.Run("tickets", func(t *testing.T) { b.in(t).manyTickets() })
		})
	}
	if !t.Failed() {
		if err := os.WriteFile(filepath.FromSlash(*out), r.markdown(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
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

// open starts a simulator and a Tandem of its own.
func (b *bench) open(latency time.Duration) *e2e.World {
	return e2e.Open(b, e2e.Options{Process: true, Latency: latency, Database: b.database()})
}

func (b *bench) row(what, figure, budget string) {
	b.Logf("%s: %s", what, figure)
	b.report.add(b.kind, what, figure, budget)
}
