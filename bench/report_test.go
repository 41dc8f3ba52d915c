//go:build bench

package bench

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// report collects figures by what was measured, with a column for each database.
type report struct {
	order  []string
	budget map[string]string
	figure map[string]map[string]string
}

func (r *report) add(kind, what, figure, budget string) {
	if r.figure == nil {
		r.figure, r.budget = map[string]map[string]string{}, map[string]string{}
	}
	if r.figure[what] == nil {
		r.figure[what] = map[string]string{}
		r.order = append(r.order, what)
	}
	r.figure[what][kind], r.budget[what] = figure, budget
}

func (r *report) markdown() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `# Benchmarks

Written by `+"`make bench`"+` on %s.

Tandem runs as a process of its own. The simulator of Microsoft 365 and the measuring program run in another process on the
same machine, so they share its processors: %s. All speak over loopback.
PostgreSQL runs on the same machine too. Single runs: take them for orders of magnitude.

| what | budget | SQLite | PostgreSQL |
|---|---|---|---|
`, time.Now().Format("2006-01-02"), machine())
	for _, what := range r.order {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", what, r.budget[what], r.figure[what]["SQLite"], r.figure[what]["PostgreSQL"])
	}
	return b.Bytes()
}

// machine describes the machine in words.
func machine() string {
	model := "an unknown processor"
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%d virtual processors (%s), %s, %s", runtime.NumCPU(), model, runtime.GOOS, runtime.Version())
}
