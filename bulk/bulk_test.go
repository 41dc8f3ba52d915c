package bulk_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"testing"
	"time"

	"tandem/access"
	"tandem/bulk"
	"tandem/directory"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
)

// note is bulk work that writes lines into the audit trail.
type note struct{ N, Odd, Broken int }

func (note) Kind() string { return "test.note" }
func (n note) Len() int   { return n.N }

// noteTx is a transaction in which a line is written.
type noteTx interface {
	access.Tx
	bulk.Tx
}

// world is the service over a real store, and what happens at each item.
type world struct {
	t     *testing.T
	db    *store.DB
	bulks *bulk.Service
	now   time.Time
	by    access.Actor
	actor error // why the actor may do nothing any more; nil: they may
	at    func(i int)
}

func each(t *testing.T, test func(*world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { test(newWorld(t, db)) })
}

func newWorld(t *testing.T, db *store.DB) *world {
	w := &world{t: t, db: db, now: time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC), at: func(int) {}}
	w.by = access.Actor{UserID: 7, Name: "Ana", Role: directory.Agent}
	w.bulks = newService(db, func() time.Time { return w.now }, func() (access.Actor, error) { return w.by, w.actor }, func(i int) { w.at(i) })
	return w
}

func newService(db *store.DB, now func() time.Time, actor func() (access.Actor, error), at func(int)) *bulk.Service {
	s := bulk.NewService(store.For[bulk.Tx](db), func(context.Context, directory.UserID, int64, string) (access.Actor, error) { return actor() },
		now, slog.New(slog.DiscardHandler))
	bulk.Handle(s, store.For[noteTx](db), func(ctx context.Context, tx noteTx, by access.Actor, all note, i int) (bulk.Outcome, error) {
		err := tx.InsertAudit(ctx, access.AuditEntry{ActorID: by.UserID, Action: "test.noted", Object: "note", Subject: int64(i)})
		if err != nil {
			return bulk.Outcome{}, err
		}
		at(i)
		switch {
		case all.Odd > 0 && i%all.Odd == 1:
			return bulk.Created(int64(i)), problem.New(problem.Invalid, "odd", "%d is odd.", i).In("number")
		case all.Broken > 0 && i == all.Broken:
			return bulk.Outcome{}, errors.New("broken")
		}
		return bulk.Created(int64(i)), nil
	})
	return s
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) start(args bulk.Args) *bulk.Bulk {
	w.t.Helper()
	b, err := w.bulks.Start(w.t.Context(), w.by, args)
	w.must(err)
	return b
}

// again is the bulk as it is now, with its results.
func (w *world) again(b *bulk.Bulk) (*bulk.Bulk, []bulk.Result) {
	w.t.Helper()
	b, err := w.bulks.Get(w.t.Context(), w.by, b.Key)
	w.must(err)
	results, err := w.bulks.Results(w.t.Context(), b, false)
	w.must(err)
	return b, results
}

// noted are the items that were done, in order.
func (w *world) noted() (items []int64) {
	w.t.Helper()
	w.must(store.For[access.Tx](w.db).View(w.t.Context(), func(tx access.Tx) error {
		entries, err := tx.ListAudit(w.t.Context(), access.AuditFilter{Object: "note"})
		for _, e := range entries {
			items = append([]int64{e.Subject}, items...)
		}
		return err
	}))
	return items
}

func TestEachItemIsDoneOnceAndHasItsResult(t *testing.T) {
	each(t, func(w *world) {
		b := w.start(note{N: 10, Odd: 2, Broken: 4})
		if b.State != bulk.Queued || b.Key == "" {
			w.t.Errorf("began as %+v", b)
		}
		w.must(w.bulks.Work(w.t.Context(), b.ID))
		b, results := w.again(b)
		if b.State != bulk.Completed || b.Done != 10 || b.Refused != 6 || b.FinishedAt.IsZero() {
			w.t.Errorf("ended as %+v", b)
		}
		if fmt.Sprint(w.noted()) != "[0 2 6 8]" {
			w.t.Errorf("done: %v", w.noted())
		}
		for i, r := range results {
			if r.Index != i || r.OK() != (i%2 == 0 && i != 4) {
				w.t.Errorf("result %d is %+v", i, r)
			}
		}
		if r := results[3]; r.Code != "odd" || r.Field != "number" || r.ID != 3 || results[4].Code != "internal" {
			w.t.Errorf("refusals are %+v, %+v", r, results[4])
		}
		w.must(w.bulks.Work(w.t.Context(), b.ID)) // the job ran a second time
		if len(w.noted()) != 4 {
			w.t.Error("an ended bulk was done again")
		}
	})
}

func TestPanicIsTheResultOfItsItemOnly(t *testing.T) {
	each(t, func(w *world) {
		w.at = func(i int) {
			if i == 1 {
				panic("at item 1")
			}
		}
		b := w.start(note{N: 3})
		w.must(w.bulks.Work(w.t.Context(), b.ID))
		b, results := w.again(b)
		if b.State != bulk.Completed || b.Refused != 1 || results[1].Code != "internal" || fmt.Sprint(w.noted()) != "[0 2]" {
			w.t.Errorf("ended as %+v with %+v", b, results)
		}
	})
}

func TestLongWorkGivesWayAndGoesOn(t *testing.T) {
	each(t, func(w *world) {
		w.at = func(int) { w.now = w.now.Add(time.Second) }
		b := w.start(note{N: 9})
		runs := 0
		for w.bulks.Work(w.t.Context(), b.ID) != nil { // snoozed
			runs++
			if now, _ := w.again(b); now.State != bulk.Working {
				w.t.Fatalf("in the middle it is %+v", now)
			}
		}
		b, _ = w.again(b)
		if runs != 2 || b.State != bulk.Completed || fmt.Sprint(w.noted()) != "[0 1 2 3 4 5 6 7 8]" {
			w.t.Errorf("after %d more runs: %+v, %v", runs, b, w.noted())
		}
	})
}

func TestCancelLeavesUndoneWhatIsNotDone(t *testing.T) {
	each(t, func(w *world) {
		w.at = func(int) { w.now = w.now.Add(2 * time.Second) }
		b := w.start(note{N: 9})
		if w.bulks.Work(w.t.Context(), b.ID) == nil {
			w.t.Fatal("it was not interrupted")
		}
		done := len(w.noted())
		stranger := access.Actor{UserID: 8, Role: directory.Agent}
		if _, err := w.bulks.Cancel(w.t.Context(), stranger, b.Key); problem.KindOf(err) != problem.NotFound {
			w.t.Errorf("another agent: %v", err)
		}
		_, err := w.bulks.Cancel(w.t.Context(), w.by, b.Key)
		w.must(err)
		w.must(w.bulks.Work(w.t.Context(), b.ID))
		b, results := w.again(b)
		if b.State != bulk.Killed || len(w.noted()) != done || len(results) != done {
			w.t.Errorf("%+v with %d results, %d done before and %d after", b, len(results), done, len(w.noted()))
		}
		if _, err := w.bulks.Cancel(w.t.Context(), w.by, b.Key); problem.KindOf(err) != problem.Conflict {
			w.t.Errorf("cancelled twice: %v", err)
		}
	})
}

func TestWhoWasSuspendedMeanwhileDoesNothingMore(t *testing.T) {
	each(t, func(w *world) {
		b := w.start(note{N: 2})
		w.actor = problem.New(problem.Forbidden, "user_suspended", "Your account is suspended.")
		w.must(w.bulks.Work(w.t.Context(), b.ID))
		b, _ = w.again(b)
		if b.State != bulk.Failed || b.Code != "user_suspended" || len(w.noted()) != 0 {
			w.t.Errorf("ended as %+v, done %v", b, w.noted())
		}
	})
}

func TestTooMuchIsRefusedAtOnce(t *testing.T) {
	each(t, func(w *world) {
		program := w.by
		program.Token = 1
		for _, refused := range []struct {
			by   access.Actor
			n    int
			code string
		}{{w.by, 0, "bulk_empty"}, {w.by, bulk.MaxItems + 1, "bulk_too_large"}, {program, bulk.MaxTokenItems + 1, "bulk_too_large"}} {
			if _, err := w.bulks.Start(w.t.Context(), refused.by, note{N: refused.n}); err == nil || problem.As(err).Code != refused.code {
				w.t.Errorf("%d items: %v, want %s", refused.n, err, refused.code)
			}
		}
		for range bulk.MaxUnfinished {
			w.start(note{N: 1})
		}
		if _, err := w.bulks.Start(w.t.Context(), w.by, note{N: 1}); problem.KindOf(err) != problem.Limit {
			w.t.Errorf("one more than may be under way: %v", err)
		}
	})
}

func TestOldBulksAreForgotten(t *testing.T) {
	each(t, func(w *world) {
		old := w.start(note{N: 2})
		w.must(w.bulks.Work(w.t.Context(), old.ID))
		w.now = w.now.Add(8 * 24 * time.Hour)
		young := w.start(note{N: 2})
		w.must(w.bulks.WorkForget(w.t.Context()))
		left, err := w.bulks.List(w.t.Context(), w.by, bulk.Filter{Part: directory.Part{Limit: 10}})
		w.must(err)
		if len(left) != 1 || left[0].ID != young.ID {
			w.t.Errorf("left %v", left)
		}
	})
}

// victimURL names, for a process that TestKilledProcessLosesAndDoublesNothing
// started, the database to work on.
const victimURL = "TANDEM_BULK_TEST_VICTIM"

func TestMain(m *testing.M) {
	if url := os.Getenv(victimURL); url != "" {
		if err := beVictim(url); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// beVictim works on the first bulk until item 7, in whose transaction it stays.
func beVictim(url string) error {
	db, err := store.Open(context.Background(), url, store.Options{})
	if err != nil {
		return err
	}
	bulks := newService(db, time.Now, func() (access.Actor, error) { return access.System(), nil }, func(i int) {
		if i == 7 {
			fmt.Println("in the middle")
			select {}
		}
	})
	return bulks.Work(context.Background(), 1)
}

func TestKilledProcessLosesAndDoublesNothing(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		db, err := store.Open(t.Context(), url, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		b := newWorld(t, db).start(note{N: 20})
		if err := db.Close(); err != nil { // one process owns a SQLite file
			t.Fatal(err)
		}

		victim := exec.Command(os.Args[0], "-test.run=^$")
		victim.Env = append(os.Environ(), victimURL+"="+url)
		victim.Stderr = os.Stderr
		out, err := victim.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := victim.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil || line != "in the middle\n" {
			t.Fatalf("the other process said %q, %v", line, err)
		}
		if err := victim.Process.Kill(); err != nil { // SIGKILL
			t.Fatal(err)
		}
		victim.Wait() // tells that it was killed

		w := newWorld(t, storetest.Open(t, url, store.Options{}))
		if before, _ := w.again(b); before.Done != 7 {
			t.Errorf("%d items were done before", before.Done)
		}
		w.must(w.bulks.Work(t.Context(), b.ID))
		now, results := w.again(b)
		if now.State != bulk.Completed || len(results) != 20 || len(w.noted()) != 20 {
			t.Errorf("%+v with %d results, %d done", now, len(results), len(w.noted()))
		}
	})
}
