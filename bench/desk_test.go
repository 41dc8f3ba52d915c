//go:build bench

package bench

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"tandem/e2e"
)

// desk measures the start and what people and programs ask all day of a large desk.
func (b *bench) desk() {
	w := b.open(e2e.Options{})
	w.Stop()
	begin := time.Now()
	w.Start()
	b.row("start, empty", time.Since(begin).Round(time.Millisecond).String(), "< 1 s")
	w.Stop()

	begin = time.Now()
	b.generate(w)
	b.row(b.large("written by the generator"), time.Since(begin).Round(time.Second).String(), "")
	begin = time.Now()
	w.Start()
	b.row(b.large("start"), time.Since(begin).Round(time.Millisecond).String(), "< 1 s")
	views := b.makeViews(w)
	b.awaitIndex(w)
	b.row(b.large("full text index of all that, after the start"), time.Since(begin).Round(time.Second).String(), "")
	b.row(b.large("size on disk"), b.size(w), "")

	b.pages(w, views)
	b.search(w)
	b.changes(w)
	b.row(b.large("memory after that"), mebibytes(memory(b, w)), "< 120 MB")
	b.agents(w, views)
	b.row(b.large("peak memory"), mebibytes(peakMemory(b, w)), "")
}

// large names a row about the large desk.
func (b *bench) large(what string) string {
	return fmt.Sprintf("%s, %d tickets, %d comments, %d requesters", what, *tickets, *tickets*perTicket, *tickets/perRequester)
}

// makeViews makes twenty views of the kinds that teams have, and returns their ids.
func (b *bench) makeViews(w *e2e.World) (ids []int64) {
	type condition struct {
		Field    string `json:"field"`
		Operator string `json:"operator"`
		Value    string `json:"value"`
	}
	unsolved := condition{"status", "less_than", "solved"}
	var all [][]condition
	for _, status := range []string{"new", "open", "pending", "hold", "solved"} {
		all = append(all, []condition{{"status", "is", status}})
	}
	for _, priority := range []string{"urgent", "high", "low"} {
		all = append(all, []condition{unsolved, {"priority", "is", priority}})
	}
	all = append(all, []condition{unsolved}, []condition{unsolved, {"assignee_id", "is", "current_user"}}, []condition{unsolved, {"assignee_id", "is", ""}},
		[]condition{unsolved, {"brand_id", "is", "1"}})
	for agent := range 8 {
		all = append(all, []condition{unsolved, {"assignee_id", "is", strconv.Itoa(firstPerson + *tickets/perRequester + agent)}})
	}
	for i, conditions := range all {
		var made struct{ View struct{ ID int64 } }
		w.API.Post("/api/v2/views", map[string]any{"view": map[string]any{"title": fmt.Sprintf("View %d", i), "all": conditions}}).Want(201).Into(&made)
		ids = append(ids, made.View.ID)
	}
	return ids
}

func (b *bench) pages(w *e2e.World, views []int64) {
	b.time(w, "ticket list of a view", "p99 < 50 ms", func() string {
		return fmt.Sprintf("/api/v2/views/%d/execute?per_page=50", views[rand.IntN(len(views))])
	})
	b.time(w, "counts of 20 views", "", func() string { return "/api/v2/views/count_many?ids=" + join(views) })
	b.time(w, "ticket page: ticket, comments, audits", "p99 < 50 ms",
		func() string { return fmt.Sprintf("/api/v2/tickets/%d?include=users", b.anyTicket()) },
		func() string { return fmt.Sprintf("/api/v2/tickets/%d/comments?include=users", b.anyTicket()) },
		func() string { return fmt.Sprintf("/api/v2/tickets/%d/audits", b.anyTicket()) })
}

func (b *bench) search(w *e2e.World) {
	for what, query := range map[string]string{
		"a rare word": rareWord, "a common word": commonWord, "two Japanese characters": japaneseWord,
		"a common word in open tickets": commonWord + " status:open",
	} {
		b.time(w, "search for "+what, "", func() string { return "/api/v2/search?per_page=25&query=" + url.QueryEscape("type:ticket "+query) })
	}
}

func (b *bench) changes(w *e2e.World) {
	var took []time.Duration
	for range 200 {
		id := 1 + 50*rand.IntN(*tickets/50) // open
		begin := time.Now()
		w.API.Put(fmt.Sprintf("/api/v2/tickets/%d", id), change(map[string]any{"priority": "high", "comment": map[string]any{"body": "Looking into it.", "public": false}})).Want(200)
		took = append(took, time.Since(begin))
	}
	b.row(b.large("update of a ticket with a note"), quantiles(took), "")

	begin := time.Now()
	b.bulk(w, 10_000)
	b.row(b.large("bulk update of 10,000 tickets"), fmt.Sprintf("%.1f s", time.Since(begin).Seconds()), "")

	took = nil
	path := "/api/v2/incremental/tickets/cursor?per_page=1000&start_time=1"
	for range 100 {
		var page struct {
			AfterURL string `json:"after_url"`
		}
		begin := time.Now()
		w.API.Get(path).Want(200).Into(&page)
		took = append(took, time.Since(begin))
		path = page.AfterURL
	}
	b.row(b.large("incremental export, a page of 1,000 tickets"), quantiles(took), "")
}

// bulk changes n tickets in the background, as many with each request and as
// many requests at once as the API takes.
func (b *bench) bulk(w *e2e.World, n int) {
	const each, atOnce = 100, 30
	type answer struct {
		Job struct{ ID, Status string } `json:"job_status"`
	}
	var jobs []string
	done := 0
	b.await(n, 10*time.Minute, func() int {
		for len(jobs) > 0 {
			var now answer
			w.API.Get("/api/v2/job_statuses/" + jobs[0]).Want(200).Into(&now)
			if now.Job.Status != "completed" {
				break
			}
			jobs, done = jobs[1:], done+each
		}
		for asked := done + each*len(jobs); len(jobs) < atOnce && asked < n; asked += each {
			ids := make([]int64, each)
			for i := range ids {
				ids[i] = int64(1 + (asked+i)*(*tickets/n))
			}
			var begun answer
			w.API.Put("/api/v2/tickets/update_many", map[string]any{"ids": ids, "ticket": map[string]any{"priority": "low"}}).Want(200).Into(&begun)
			jobs = append(jobs, begun.Job.ID)
		}
		return done
	})
}

// awaitIndex waits until all can be found that the generator wrote, and the
// database has tidied up after itself: SQLite's pieces of the index have been
// brought together, and PostgreSQL has vacuumed, as it would by itself before long.
func (b *bench) awaitIndex(w *e2e.World) {
	db := b.connect(w, "")
	defer db.Close()
	b.await(0, time.Hour, func() int {
		time.Sleep(time.Second) // seldom beside the hours that it may take
		return int(b.number(db, `SELECT (SELECT COUNT(*) FROM text_due) +
			(SELECT COUNT(*) FROM job WHERE kind IN ('desk.index_texts', 'desk.merge_texts') AND state IN ('waiting', 'running'))`))
	})
	if b.kind == "PostgreSQL" {
		for _, tidy := range []string{"VACUUM (ANALYZE)", "CHECKPOINT"} {
			if _, err := db.ExecContext(b.Context(), tidy); err != nil {
				b.Fatal(err)
			}
		}
	}
	syscall.Sync() // or the disk would still be busy with what the generator wrote
}

func change(ticket map[string]any) map[string]any { return map[string]any{"ticket": ticket} }

// agents lets 200 agents work at once: each opens a view, a ticket, searches or
// answers, and thinks for five seconds.
func (b *bench) agents(w *e2e.World, views []int64) {
	const agents, think, during = 200, 5 * time.Second, 90 * time.Second
	syscall.Sync() // else they would wait for the disk, which writes what the bulk changed
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: agents}}
	var mu sync.Mutex
	var took []time.Duration
	byKind := make(map[string][]time.Duration)
	failures := make(map[string]int)
	end := time.Now().Add(during)
	var people sync.WaitGroup
	for range agents {
		people.Go(func() {
			api := *w.API
			api.HTTP = client
			time.Sleep(rand.N(think)) // they do not begin together
			for time.Now().Before(end) {
				begin := time.Now()
				what, err := b.act(&api, views)
				passed := time.Since(begin)
				mu.Lock()
				took, byKind[what] = append(took, passed), append(byKind[what], passed)
				if err != "" {
					failures[what+": "+err]++
				}
				mu.Unlock()
				time.Sleep(think)
			}
		})
	}
	people.Wait()
	b.row(b.large("200 agents at once, each request"), fmt.Sprintf("%s, %d failed", quantiles(took), len(failures)), "p99 < 150 ms, none failed")
	for what, took := range byKind {
		b.Logf("%s: %s", what, quantiles(took))
	}
	for failure, n := range failures {
		b.Logf("%d × %s", n, failure)
	}
}

// act is one thing that an agent does: looking at a view and a ticket mostly.
func (b *bench) act(api *e2e.Client, views []int64) (what, failure string) {
	method, path, body := "GET", "", any(nil)
	switch dice := rand.IntN(10); {
	case dice < 3:
		what, path = "view", fmt.Sprintf("/api/v2/views/%d/execute?per_page=50", views[rand.IntN(len(views))])
	case dice < 4:
		what, path = "counts", "/api/v2/views/count_many?ids="+join(views)
	case dice < 8:
		what, path = "ticket", fmt.Sprintf("/api/v2/tickets/%d/comments?include=users", b.anyTicket())
	case dice < 9:
		what, path = "search", "/api/v2/search?query="+url.QueryEscape("type:ticket "+commonWord)
	default:
		what, method, path = "note", "PUT", fmt.Sprintf("/api/v2/tickets/%d", 1+50*rand.IntN(*tickets/50))
		body = change(map[string]any{"comment": map[string]any{"body": "Called the customer.", "public": false}})
	}
	answer, err := api.Try(method, path, body)
	switch {
	case err != nil:
		failure = err.Error()
	case answer.Status != http.StatusOK:
		failure = fmt.Sprint(answer.Status, " ", answer.Code())
	}
	return what, failure
}

func (b *bench) anyTicket() int { return 1 + rand.IntN(*tickets) }

func join(ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(texts, ",")
}

// time measures a page that makes some requests, one after the other.
func (b *bench) time(w *e2e.World, what, budget string, paths ...func() string) {
	var took []time.Duration
	started := time.Now()
	for i := range 220 {
		if i >= 40 && time.Since(started) > time.Minute {
			break // slow as it is, it need not be measured as often
		}
		begin := time.Now()
		for _, path := range paths {
			w.API.Get(path()).Want(200)
		}
		if i >= 20 { // the first ones fill the caches
			took = append(took, time.Since(begin))
		}
	}
	b.row(b.large(what), quantiles(took), budget)
}

// size is what the database takes on disk.
func (b *bench) size(w *e2e.World) string {
	var bytes int64
	if b.kind == "SQLite" {
		for _, suffix := range []string{"", "-wal"} {
			if info, err := os.Stat(filepath.Join(w.Config.Data, "tandem.db"+suffix)); err == nil {
				bytes += info.Size()
			}
		}
	} else {
		db := b.connect(w, "")
		defer db.Close()
		bytes = b.number(db, "SELECT pg_database_size(current_database())")
	}
	return fmt.Sprintf("%.1f GB", float64(bytes)/1e9)
}
