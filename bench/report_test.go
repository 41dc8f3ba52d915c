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
	order []string
	rows  map[string]*reportRow
	notes string // what people wrote below, kept
}

type reportRow struct {
	budget, day string
	figures     map[string]string // by database
}

const reportColumns = "| what | budget | SQLite | PostgreSQL | measured |"

func (r *report) add(kind, what, figure, budget string) {
	row := r.row(what)
	row.figures[kind], row.budget, row.day = figure, budget, time.Now().Format(time.DateOnly)
}

func (r *report) row(what string) *reportRow {
	if r.rows[what] == nil {
		if r.rows == nil {
			r.rows = make(map[string]*reportRow)
		}
		r.rows[what] = &reportRow{figures: make(map[string]string)}
		r.order = append(r.order, what)
	}
	return r.rows[what]
}

// read takes over the rows of an earlier report, so that a run may measure a
// part again and leave the rest as it is.
func (r *report) read(text string) {
	if at := strings.Index(text, "\n## Notes\n"); at >= 0 {
		r.notes = text[at:]
	}
	_, table, found := strings.Cut(text, reportColumns+"\n")
	if !found {
		return
	}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != strings.Count(reportColumns, "|")-1 {
			break
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if strings.Trim(cells[0], "-") == "" {
			continue
		}
		row := r.row(cells[0])
		row.budget, row.figures["SQLite"], row.figures["PostgreSQL"], row.day = cells[1], cells[2], cells[3], cells[4]
	}
}

func (r *report) markdown() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `# Benchmarks

Written by `+"`make bench`"+`; the last column says when a row was measured last. A part can be measured again alone, see bench/doc.go.

Tandem runs as a process of its own. The simulator of Microsoft 365 and the measuring program run in another process on the
same machine, so they share its processors: %s. All speak over loopback.
PostgreSQL runs on the same machine too. Single runs: take them for orders of magnitude.

%s
|---|---|---|---|---|
`, machine(), reportColumns)
	for _, what := range r.order {
		row := r.rows[what]
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", what, row.budget, row.figures["SQLite"], row.figures["PostgreSQL"], row.day)
	}
	b.WriteString(meaning)
	b.WriteString(r.notes)
	return b.Bytes()
}

// meaning says what the rows are, for people who compare.
const meaning = `
## What the rows mean

- **Mails into one mailbox, into ten.** The mailboxes fill while Tandem is down; the clock runs from its start until every mail is
  decided (a ticket or a comment). *Filed* is when the last one is marked read and moved at Microsoft. One mailbox is bounded by
  Microsoft's four requests at a time, of which Tandem uses three; ten have ten times as many.
- **Microsoft at 0s, at 50ms.** What the simulator adds to each answer of Graph. 50 ms is what one sees from the same continent.
- **Requests per mail.** Round trips are HTTP requests; Microsoft counts each item of a batch.
- **Lag by notification.** Single mails into an idle system, from Microsoft's acceptance until the API counts the ticket.
- **Lag by polling.** Microsoft cannot reach Tandem. A mailbox is read 5 s after mail came and then ever more seldom, once a minute at
  last; the lag is mostly the wait for that.
- **Import.** From the administrator's click on "Accept" until the latest 300 mails are tickets.
- **Large mails.** Memory must not depend on the size of attachments.
- **An hour's outage.** Graph and sign-in answer 503 while mail goes on arriving; the simulator's clock is put forward by an hour, so that
  tokens have expired; measured is the time from Microsoft's return until the first and until all mails are decided.
- **Idle mailboxes.** No mail comes. *Start* is from the start of the process until each mailbox has been asked for its changes; requests
  are extrapolated from the minutes watched to an hour, and without the comparison of mailbox and ledger (four requests an hour).
- **A large desk.** Written straight into the database by a generator, so that nearly all tickets are closed, word frequencies fall off as in a
  language, and a fifth is Japanese; the index of words is made after the start by the product itself. The figures are those of the API. PostgreSQL has
  vacuumed before they are taken.
- **200 agents.** Each opens a view, a ticket, the counts of all views, searches or adds a note, and thinks for five seconds after it. They begin
  when the disk has written what the bulk before them changed.
`

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
