//go:build bench

package bench

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"tandem/e2e"
)

// manyTickets measures the start and the two pages that people open all day,
// with a large database.
func (b *bench) manyTickets() {
	w := b.open(e2e.Options{})
	w.Stop()
	begin := time.Now()
	w.Start()
	b.row("start, empty", time.Since(begin).Round(time.Millisecond).String(), "< 1 s")
	w.Stop()
	b.fill(w)
	begin = time.Now()
	w.Start()
	b.row(fmt.Sprintf("start with %d tickets", *tickets), time.Since(begin).Round(time.Millisecond).String(), "< 1 s")
	b.time(w, "ticket list, all unsolved by last change", "p99 < 50 ms", func() string { return "/api/v2/tickets?status=new,open,pending,hold&sort=-updated_at&include=users" })
	b.time(w, "ticket list, one agent's", "p99 < 50 ms", func() string { return "/api/v2/tickets?status=open&assignee=1&sort=-updated_at&include=users" })
	b.time(w, "counts of the views", "", func() string { return "/api/v2/views/count_many?ids=1,2,3,4,5,6,7,8,9,10" })
	b.time(w, "search for two words of a subject", "", func() string {
		return fmt.Sprintf("/api/v2/tickets?query=number+%d", 1+rand.IntN(*tickets))
	})
	b.time(w, "ticket page: ticket and comments", "p99 < 50 ms", func() string {
		return fmt.Sprintf("/api/v2/tickets/%d/comments?include=users", 1+rand.IntN(*tickets))
	})
	b.row(fmt.Sprintf("memory after that, with %d tickets", *tickets), mebibytes(memory(b, w)), "< 120 MB")
}

func (b *bench) time(w *e2e.World, what, budget string, path func() string) {
	var took []time.Duration
	started := time.Now()
	for i := range 220 {
		if i >= 40 && time.Since(started) > time.Minute {
			break // slow as it is, it need not be measured as often
		}
		begin := time.Now()
		w.API.Get(path()).Want(200)
		if i >= 20 { // the first ones fill the caches
			took = append(took, time.Since(begin))
		}
	}
	b.row(fmt.Sprintf("%s, %d tickets", what, *tickets), quantiles(took), budget)
}

// fill writes tickets, each with one comment, straight into the database.
func (b *bench) fill(w *e2e.World) {
	driver, source, numbers := "sqlite", filepath.Join(w.Config.Data, "tandem.db"),
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
	if strings.HasPrefix(w.Config.Database, "postgres") {
		driver, source, numbers = "pgx", w.Config.Database, "WITH n(i) AS (SELECT generate_series(1, %d))"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	now := time.Now().UnixMilli()
	people := *tickets / 20
	for _, statement := range []string{
		fmt.Sprintf(numbers, people) + fmt.Sprintf(` INSERT INTO person (name, email, folded, role, created_at, updated_at)
			SELECT 'Person ' || i, 'person' || i || '@customer.example', 'person ' || i || ' person' || i || '@customer.example', 'end-user', %[1]d, %[1]d FROM n`, now),
		fmt.Sprintf(numbers, *tickets) + fmt.Sprintf(` INSERT INTO ticket (id, subject, folded, status, priority, requester_id, submitter_id, assignee_id, brand_id,
				recipient, via, tags, reply_token, imported, created_at, updated_at, version)
			SELECT i, 'Ticket number ' || i, 'ticket number ' || i, CASE WHEN i %% 50 = 0 THEN 'open' WHEN i %% 51 = 0 THEN 'pending' WHEN i %% 53 = 0 THEN 'new' WHEN i %% 3 = 0 THEN 'solved' ELSE 'closed' END,
				'', 2 + i %% %d, 2 + i %% %d, i %% 9, 1, 'support@contoso.example', 'email', '[]', 'bench' || i, FALSE, %d - i * 1000, %d - (i * CAST(7919 AS BIGINT) %% 1000003) * 1000, 1 FROM n`,
			people-2, people-2, now, now),
		fmt.Sprintf(numbers, *tickets) + fmt.Sprintf(` INSERT INTO comment (ticket_id, author_id, public, text, html, quoted_text, quoted_html, has_remote_images, via, created_at)
			SELECT i, 2 + i %% %d, TRUE, 'The machine in our kitchen stopped this morning. Number ' || i, '', '', '', FALSE, 'email', %d - i * 1000 FROM n`, people-2, now),
		"ANALYZE",
	} {
		if _, err := db.ExecContext(context.Background(), statement); err != nil {
			b.Fatalf("fill the database: %v: %.100s", err, statement)
		}
	}
}
