//go:build bench

package bench

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"tandem/e2e"
)

// A desk as it is after years: nearly all tickets are closed, a few words are
// in most comments and most words in few, a fifth is Japanese.
const (
	perRequester = 5  // tickets
	perTicket    = 5  // comments
	agentCount   = 50 // who work on them
	firstPerson  = 1000

	solvedFor = 3 * 24 * 3600 * 1000 // milliseconds; a day before Tandem would close a ticket
)

// rareWord stands in one comment, commonWord in about every third, and
// japaneseWord, two characters, in about every fiftieth.
const (
	rareWord     = "zyxomma"
	commonWord   = "machine"
	japaneseWord = "障害"
)

// generator writes a large desk straight into the database.
type generator struct {
	*bench
	db     *sql.DB
	random *rand.Rand
	words  []string
	zipf   *rand.Zipf
	now    int64
}

func (b *bench) generate(w *e2e.World) {
	db := b.connect(w, "?_pragma=synchronous(off)&_pragma=cache_size(-256000)")
	defer db.Close()
	random := rand.New(rand.NewPCG(1, 2))
	g := &generator{bench: b, db: db, random: random, words: vocabulary(random), now: time.Now().UnixMilli()}
	g.zipf = rand.NewZipf(random, 1.07, 4, uint64(len(g.words)-1))
	g.people()
	g.tickets()
	g.comments()
	for _, kind := range []string{"ticket", "person"} { // what is searched is indexed after the start
		if _, err := db.ExecContext(b.Context(), fmt.Sprintf("INSERT INTO text_due (kind, id) SELECT '%[1]s', id FROM %[1]s WHERE id > 0 ON CONFLICT DO NOTHING", kind)); err != nil {
			b.Fatal(err)
		}
	}
	if b.kind != "SQLite" { // PostgreSQL does so by itself; nobody does on SQLite
		if _, err := db.ExecContext(b.Context(), "ANALYZE"); err != nil {
			b.Fatal(err)
		}
	}
}

// connect opens the database beside Tandem.
func (b *bench) connect(w *e2e.World, options string) *sql.DB {
	driver, source := "sqlite", filepath.Join(w.Config.Data, "tandem.db")+options
	if strings.HasPrefix(w.Config.Database, "postgres") {
		driver, source = "pgx", w.Config.Database
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		b.Fatal(err)
	}
	return db
}

// number asks the database for a number.
func (b *bench) number(db *sql.DB, query string) (n int64) {
	if err := db.QueryRowContext(b.Context(), query).Scan(&n); err != nil {
		b.Fatalf("%s: %v", query, err)
	}
	return n
}

// vocabulary are words, the most frequent first.
func vocabulary(random *rand.Rand) []string {
	words := strings.Fields("the and to of a in is it you that for on with we not this have be are as our was but please can when your order from " +
		commonWord + " delivery invoice thank hello display water coffee kitchen broken repair number since morning yesterday error service")
	syllables := strings.Fields("ka lo mi ter ven sol ar dis pro can re ti bo nu el fa gri ho pla stra wen qui zor")
	for len(words) < 20_000 {
		word := ""
		for range 2 + random.IntN(3) {
			word += syllables[random.IntN(len(syllables))]
		}
		words = append(words, word)
	}
	return words
}

var japanese = strings.Fields("お世話になっております。 コーヒーマシン が 動きません。 注文 番号 を 確認 してください。 納品 が 遅れて います。 請求書 を 再発行 お願いします。 本日 昨日 から 表示 エラー 電源 水漏れ 修理 交換 部品 担当者 連絡 ありがとうございます。")

// sentence is a text of about the given number of words.
func (g *generator) sentence(words int) string {
	var text strings.Builder
	if g.random.IntN(5) == 0 {
		for range words {
			text.WriteString(japanese[g.random.IntN(len(japanese))])
		}
		if g.random.IntN(10) == 0 {
			text.WriteString(japaneseWord + "が発生しました。")
		}
		return text.String()
	}
	for i := range words {
		if i > 0 {
			text.WriteByte(' ')
		}
		text.WriteString(g.words[g.zipf.Uint64()])
	}
	return text.String()
}

func (g *generator) people() {
	people := *tickets / perRequester
	g.insert("person (id, name, email, folded, role, created_at, updated_at)", people+agentCount, func(i int) []any {
		role, name := "end-user", fmt.Sprintf("Person %d", i)
		if i >= people {
			role, name = "agent", fmt.Sprintf("Agent %d", i-people)
		}
		address := fmt.Sprintf("%s@customer%d.example", strings.ToLower(strings.ReplaceAll(name, " ", "")), i%2000)
		return []any{firstPerson + i, name, address, strings.ToLower(name) + "\n" + address, role, g.now, g.now}
	})
}

func (g *generator) requester(ticket int) int { return firstPerson + ticket%(*tickets/perRequester) }

// agent is the person whom a ticket belongs to; 0 for nobody.
func (g *generator) agent(ticket int) int {
	if ticket%7 == 0 {
		return 0
	}
	return firstPerson + *tickets/perRequester + ticket%agentCount
}

func (g *generator) tickets() {
	g.insert(`ticket (id, subject, folded, status, priority, requester_id, submitter_id, assignee_id, brand_id, recipient, via, tags,
		reply_token, imported, created_at, updated_at, solved_at, first_reply_at, version)`, *tickets, func(i int) []any {
		subject := g.sentence(6)
		status, priority := "closed", []string{"", "low", "normal", "high", "urgent"}[i%5]
		switch {
		case i%50 == 0:
			status = "open"
		case i%100 == 1:
			status = "pending"
		case i%200 == 2:
			status = "new"
		case i%500 == 3:
			status = "hold"
		case i%20 == 4:
			status = "solved"
		}
		// Created over two years, changed within a month after.
		created := g.now - int64(*tickets-i)*(2*365*24*3600*1000/int64(*tickets))
		updated := min(g.now, created+g.random.Int64N(30*24*3600*1000))
		solved := int64(0)
		if status == "solved" && updated < g.now-solvedFor {
			status = "closed" // else the hourly job closes 50,000 tickets while we measure
		}
		if status == "closed" || status == "solved" {
			solved = updated
		}
		return []any{i + 1, subject, strings.ToLower(subject), status, priority, g.requester(i), g.requester(i), g.agent(i), 1, e2e.Support,
			"email", "[]", fmt.Sprintf("bench%d", i), false, created, updated, solved, created + 3600_000, 1}
	})
}

func (g *generator) comments() {
	count := *tickets * perTicket
	g.insert("comment (id, ticket_id, author_id, public, text, html, quoted_text, quoted_html, has_remote_images, via, created_at)", count, func(i int) []any {
		ticket := i / perTicket
		author := g.requester(ticket)
		if agent := g.agent(ticket); i%perTicket%2 == 1 && agent != 0 {
			author = agent
		}
		text := g.sentence(12 + g.random.IntN(20))
		if i == count/2 {
			text += " " + rareWord
		}
		created := g.now - int64(*tickets-ticket)*(2*365*24*3600*1000/int64(*tickets)) + int64(i%perTicket)*3600_000
		return []any{i + 1, ticket + 1, author, i%perTicket != 2, text, "", "", "", false, "email", created}
	})
}

// insert writes rows, many in a transaction.
func (g *generator) insert(into string, rows int, row func(i int) []any) {
	begin := time.Now()
	table, list, _ := strings.Cut(strings.TrimSuffix(into, ")"), " (")
	columns := strings.Split(list, ",")
	for i := range columns {
		columns[i] = strings.TrimSpace(columns[i])
	}
	write := g.copyRows
	if g.kind == "SQLite" {
		write = g.insertRows
	}
	if err := write(table, columns, rows, row); err != nil {
		g.Fatalf("fill %s: %v", table, err)
	}
	g.Logf("%d rows of %s in %.1f s", rows, table, time.Since(begin).Seconds())
}

func (g *generator) insertRows(table string, columns []string, rows int, row func(i int) []any) error {
	tx, err := g.db.BeginTx(g.Context(), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after the commit
	marks := strings.TrimSuffix(strings.Repeat("?,", len(columns)), ",")
	insert, err := tx.Prepare(fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(columns, ","), marks))
	if err != nil {
		return err
	}
	for i := range rows {
		if _, err := insert.Exec(row(i)...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (g *generator) copyRows(table string, columns []string, rows int, row func(i int) []any) error {
	conn, err := g.db.Conn(g.Context())
	if err != nil {
		return err
	}
	defer conn.Close()
	err = conn.Raw(func(driver any) error {
		i := -1
		_, err := driver.(*stdlib.Conn).Conn().CopyFrom(g.Context(), pgx.Identifier{table}, columns, pgx.CopyFromFunc(func() ([]any, error) {
			if i++; i == rows {
				return nil, nil
			}
			return row(i), nil
		}))
		return err
	})
	if err != nil {
		return err
	}
	_, err = conn.ExecContext(g.Context(), fmt.Sprintf("SELECT setval(pg_get_serial_sequence('%[1]s', 'id'), (SELECT MAX(id) FROM %[1]s))", table))
	return err
}
