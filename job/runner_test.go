package job_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"tandem/event"
	"tandem/job"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
)

// greet is a kind of job for the tests.
type greet struct {
	Name string `json:"name"`
}

func (greet) Kind() string { return "test.greet" }

// clock is a time that tests move.
type clock struct{ ns atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.ns.Store(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) Now() time.Time          { return time.Unix(0, c.ns.Load()).UTC() }
func (c *clock) Advance(d time.Duration) { c.ns.Add(int64(d)) }

type env struct {
	*testing.T
	store job.Store
	jobs  *job.Service
	bus   *event.Bus
	clock *clock
}

// each runs the test on every kind of database.
func each(t *testing.T, test func(*testing.T, *env)) {
	t.Helper()
	storetest.EachURL(t, func(t *testing.T, url string) { test(t, open(t, url, newClock())) })
}

func open(t *testing.T, url string, clock *clock) *env {
	t.Helper()
	bus := event.NewBus()
	jobs := store.For[job.StoreTx](storetest.Open(t, url, store.Options{Bus: bus, Now: clock.Now}))
	return &env{t, jobs, job.NewService(jobs, clock.Now), bus, clock}
}

// runner makes a runner with a handler for greet.
func (e *env) runner(work func(context.Context, *job.Task[greet]) error) *job.Runner {
	r := job.NewRunner(e.store, job.RunnerOptions{Events: e.bus, Now: e.clock.Now})
	job.Handle(r, work, job.HandleOptions{})
	return r
}

func (e *env) insert(name string, opt job.Options) job.ID {
	e.Helper()
	var id job.ID
	err := e.store.Update(e.Context(), func(tx job.StoreTx) (err error) {
		id, err = job.Insert(e.Context(), tx, greet{name}, opt)
		return err
	})
	if err != nil {
		e.Fatal(err)
	}
	return id
}

func (e *env) get(id job.ID) *job.Job {
	e.Helper()
	j, err := e.jobs.Get(e.Context(), id)
	if err != nil {
		e.Fatal(err)
	}
	return j
}

func (e *env) mustBe(id job.ID, want job.State) *job.Job {
	e.Helper()
	j := e.get(id)
	if j.State != want {
		e.Fatalf("job is %s, want %s (error %q, %s)", j.State, want, j.Error, j.Cause)
	}
	return j
}

func TestJobRunsWhenItsTransactionCommittedAndOnlyThen(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		undone := errors.New("undo")
		err := e.store.Update(t.Context(), func(tx job.StoreTx) error {
			if _, err := job.Insert(t.Context(), tx, greet{"nobody"}, job.Options{}); err != nil {
				return err
			}
			return undone
		})
		if !errors.Is(err, undone) {
			t.Fatal(err)
		}
		id := e.insert("Ana", job.Options{})
		var greeted []string
		e.runner(func(_ context.Context, task *job.Task[greet]) error {
			greeted = append(greeted, task.Args.Name)
			return nil
		}).Work(t.Context())
		if !slices.Equal(greeted, []string{"Ana"}) {
			t.Errorf("greeted %v", greeted)
		}
		e.mustBe(id, job.Completed)
	})
}

func TestFailedJobRunsAgainAfterItsBackOff(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		id := e.insert("Ana", job.Options{})
		runs := 0
		r := e.runner(func(_ context.Context, task *job.Task[greet]) error {
			if runs++; runs == 1 {
				return errors.New("the line was busy")
			}
			return nil
		})
		r.Work(t.Context())
		j := e.mustBe(id, job.Waiting)
		if j.Attempt != 1 || j.Cause != "the line was busy" || j.Error == "" {
			t.Errorf("after the failure: %+v", j)
		}
		r.Work(t.Context())
		if runs != 1 {
			t.Fatal("it ran again before its time")
		}
		e.clock.Advance(2 * time.Second)
		r.Work(t.Context())
		if j := e.mustBe(id, job.Completed); j.Error != "" || j.Cause != "" {
			t.Errorf("a completed job still shows an error: %+v", j)
		}
	})
}

func TestSnoozedJobKeepsItsAttempts(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		id := e.insert("Ana", job.Options{MaxAttempts: 1})
		runs := 0
		r := e.runner(func(context.Context, *job.Task[greet]) error {
			if runs++; runs < 5 {
				return job.Snooze(time.Hour)
			}
			return nil
		})
		for range 5 {
			r.Work(t.Context())
			e.clock.Advance(time.Hour)
		}
		e.mustBe(id, job.Completed)
	})
}

func TestPanicFailsTheJobAndSparesTheOthers(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		metrics := prometheus.NewRegistry()
		r := job.NewRunner(e.store, job.RunnerOptions{Metrics: metrics, Now: e.clock.Now})
		job.Handle(r, func(_ context.Context, task *job.Task[greet]) error {
			if task.Args.Name == "boom" {
				panic("no such greeting")
			}
			return nil
		}, job.HandleOptions{})
		bad, good := e.insert("boom", job.Options{MaxAttempts: 1}), e.insert("Ana", job.Options{})
		r.Work(t.Context())
		if j := e.mustBe(bad, job.Dead); j.ErrorCode != "job_panic" {
			t.Errorf("code %q", j.ErrorCode)
		}
		e.mustBe(good, job.Completed)
		if n := sum(t, metrics, "tandem_job_panics_total"); n != 1 {
			t.Errorf("%v panics counted", n)
		}
		if n := sum(t, metrics, "tandem_jobs"); n != 1 {
			t.Errorf("%v unfinished or dead jobs counted, want the dead one", n)
		}
	})
}

// sum adds up the values of a metric.
func sum(t *testing.T, r *prometheus.Registry, name string) float64 {
	t.Helper()
	if n, err := testutil.GatherAndCount(r, name); err != nil || n == 0 {
		t.Fatalf("metric %s: %d, %v", name, n, err)
	}
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var total float64
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			total += m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return total
}

func TestAdministratorTriesADeadJobAgain(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		id := e.insert("Ana", job.Options{})
		fixed := false
		r := e.runner(func(context.Context, *job.Task[greet]) error {
			if fixed {
				return nil
			}
			return problem.New(problem.Forbidden, "access_denied", "Microsoft refuses.").On(problem.Admin, "Grant Mail.Send.")
		})
		sub := e.bus.Subscribe(event.Kinds(event.JobUpdated))
		r.Work(t.Context())
		if j := e.mustBe(id, job.Dead); j.ErrorCode != "access_denied" || j.Error != "Microsoft refuses. Grant Mail.Send." || j.Attempt != 1 {
			t.Errorf("dead job: %+v", j)
		}
		if e := <-sub.Events(); e.ID != int64(id) {
			t.Errorf("event for job %d", e.ID)
		}
		fixed = true
		n, err := e.jobs.RetryAll(t.Context(), "")
		if err != nil || n != 1 {
			t.Fatalf("RetryAll: %d, %v", n, err)
		}
		if j := e.mustBe(id, job.Waiting); j.Attempt != 0 || !j.FinishedAt.IsZero() {
			t.Errorf("job to be tried again: %+v", j)
		}
		r.Work(t.Context())
		e.mustBe(id, job.Completed)
		if _, err := e.jobs.Retry(t.Context(), id); problem.KindOf(err) != problem.Conflict {
			t.Errorf("Retry of a completed job: %v", err)
		}
	})
}

func TestCancelledJobDoesNotRun(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		id := e.insert("Ana", job.Options{})
		if _, err := e.jobs.Cancel(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		e.runner(func(context.Context, *job.Task[greet]) error {
			t.Error("it ran")
			return nil
		}).Work(t.Context())
		e.mustBe(id, job.Cancelled)
	})
}

func TestNoMoreOfAKindRunAtOnceThanAllowed(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		const jobs, limit = 12, 3
		for i := range jobs {
			e.insert(fmt.Sprint(i), job.Options{})
		}
		r := job.NewRunner(e.store, job.RunnerOptions{Now: e.clock.Now})
		started, gate := make(chan struct{}, jobs), make(chan struct{})
		var running, most, total atomic.Int32
		job.Handle(r, func(context.Context, *job.Task[greet]) error {
			now := running.Add(1)
			for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
			}
			total.Add(1)
			started <- struct{}{}
			<-gate
			running.Add(-1)
			return nil
		}, job.HandleOptions{Concurrency: limit})
		r.Start()
		for range limit {
			<-started
		}
		close(gate)
		for range jobs - limit {
			<-started
		}
		stop(t, r)
		if most.Load() != limit || total.Load() != jobs {
			t.Errorf("%d at once, %d in all; want %d and %d", most.Load(), total.Load(), limit, jobs)
		}
	})
}

func stop(t *testing.T, r *job.Runner) {
	t.Helper()
	if err := r.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestStopLetsARunningJobFinish(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		id := e.insert("Ana", job.Options{})
		started, gate := make(chan struct{}), make(chan struct{})
		r := e.runner(func(ctx context.Context, _ *job.Task[greet]) error {
			close(started)
			<-gate
			return ctx.Err()
		})
		r.Start()
		<-started
		stopped := make(chan error)
		go func() { stopped <- r.Stop(context.Background()) }()
		close(gate)
		if err := <-stopped; err != nil {
			t.Error(err)
		}
		e.mustBe(id, job.Completed)
	})
}

func TestStopThatRunsOutOfTimeGivesTheJobBack(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		id := e.insert("Ana", job.Options{MaxAttempts: 1})
		started := make(chan struct{})
		r := e.runner(func(ctx context.Context, _ *job.Task[greet]) error {
			close(started)
			<-ctx.Done()
			return fmt.Errorf("send: %w", ctx.Err())
		})
		r.Start()
		<-started
		over, cancel := context.WithCancel(t.Context())
		cancel()
		if err := r.Stop(over); err != nil {
			t.Error(err)
		}
		if j := e.mustBe(id, job.Waiting); j.Attempt != 0 || j.Worker != "" {
			t.Errorf("job given back: %+v", j)
		}
	})
}

func TestWorkerWithoutHeartbeatLosesItsJobAndSaysNothingMore(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		id := e.insert("Ana", job.Options{})
		started, cut := make(chan struct{}), make(chan struct{})
		silent := e.runner(func(ctx context.Context, _ *job.Task[greet]) error {
			close(started)
			<-ctx.Done()
			close(cut)
			return ctx.Err()
		})
		silent.Claim(t.Context())
		<-started
		other := e.runner(func(context.Context, *job.Task[greet]) error { return nil })
		other.Work(t.Context())
		e.mustBe(id, job.Running) // the lease still holds

		e.clock.Advance(10 * time.Second)
		if err := silent.Heartbeat(t.Context()); err != nil {
			t.Fatal(err)
		}
		e.clock.Advance(10 * time.Second)
		other.Work(t.Context())
		e.mustBe(id, job.Running) // the heartbeat extended it

		e.clock.Advance(20 * time.Second)
		other.Work(t.Context())
		e.mustBe(id, job.Completed)

		if err := silent.Heartbeat(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-cut
		stop(t, silent)
		e.mustBe(id, job.Completed)
	})
}

func TestJobThatKillsItsProcessIsGivenUp(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		id := e.insert("Ana", job.Options{MaxAttempts: 2})
		for range 2 { // claims whose process died
			err := e.store.Update(t.Context(), func(tx job.StoreTx) error {
				jobs, err := tx.ClaimJobs(t.Context(), "victim", []string{"test.greet"}, 1, e.clock.Now(), e.clock.Now().Add(time.Second))
				if len(jobs) != 1 {
					t.Errorf("claimed %v", jobs)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			e.clock.Advance(time.Minute)
		}
		e.runner(func(context.Context, *job.Task[greet]) error {
			t.Error("it ran a third time")
			return nil
		}).Work(t.Context())
		if j := e.mustBe(id, job.Dead); j.ErrorCode != "job_abandoned" {
			t.Errorf("code %q", j.ErrorCode)
		}
	})
}

func TestOnlyProcessTakesOverAtOnceWhatADeadOneLeft(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		id := e.insert("Ana", job.Options{})
		err := e.store.Update(t.Context(), func(tx job.StoreTx) error {
			_, err := tx.ClaimJobs(t.Context(), "dead", []string{greet{}.Kind()}, 1, e.clock.Now(), e.clock.Now().Add(time.Hour))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan int, 1)
		r := job.NewRunner(e.store, job.RunnerOptions{Alone: true, Events: e.bus, Now: e.clock.Now})
		job.Handle(r, func(_ context.Context, task *job.Task[greet]) error {
			done <- task.Attempt
			return nil
		}, job.HandleOptions{})
		r.Start()
		if attempt := <-done; attempt != 2 {
			t.Errorf("attempt %d, want the second", attempt)
		}
		if err := r.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		e.mustBe(id, job.Completed)
	})
}

func TestEachJobGoesToOneOfManyWorkers(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		const jobs = 60
		var mu sync.Mutex
		runs := make(map[string]int)
		done := make(chan struct{}, jobs)
		var runners []*job.Runner
		for range 3 {
			r := e.runner(func(_ context.Context, task *job.Task[greet]) error {
				mu.Lock()
				runs[task.Args.Name]++
				mu.Unlock()
				done <- struct{}{}
				return nil
			})
			r.Start()
			runners = append(runners, r)
		}
		for i := range jobs {
			e.insert(fmt.Sprint(i), job.Options{})
		}
		for range jobs {
			<-done
		}
		for _, r := range runners {
			stop(t, r)
		}
		for i := range jobs {
			if n := runs[fmt.Sprint(i)]; n != 1 {
				t.Errorf("job %d ran %d times", i, n)
			}
		}
	})
}

func TestScheduleInsertsOneJobForEachTickOnAllNodes(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		runs := 0
		var nodes []*job.Runner
		for range 2 {
			r := e.runner(func(context.Context, *job.Task[greet]) error {
				runs++
				return nil
			})
			r.Schedule("test.hourly", "@every 1h", greet{"everybody"})
			nodes = append(nodes, r)
		}
		pass := func() {
			for _, r := range nodes {
				r.Work(t.Context())
			}
		}
		pass()
		if runs != 0 {
			t.Fatal("it ran at the start, before its time")
		}
		for hour := range 3 {
			e.clock.Advance(time.Hour)
			pass()
			pass()
			if runs != hour+1 {
				t.Fatalf("after %d hours it ran %d times", hour+1, runs)
			}
		}
		e.clock.Advance(5 * time.Hour) // nothing ran that long
		pass()
		if runs != 4 {
			t.Errorf("missed ticks were made up by %d runs, want 1", runs-3)
		}
	})
}

func TestFinishedJobsAreRemovedAndDeadOnesStay(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		r := e.runner(func(_ context.Context, task *job.Task[greet]) error {
			if task.Args.Name == "bad" {
				return problem.New(problem.Invalid, "bad", "Bad.")
			}
			return nil
		})
		good, bad := e.insert("good", job.Options{}), e.insert("bad", job.Options{})
		r.Work(t.Context())
		e.clock.Advance(2 * time.Hour)
		r.Work(t.Context())
		if _, err := e.jobs.Get(t.Context(), good); problem.KindOf(err) != problem.NotFound {
			t.Errorf("the completed job is still there: %v", err)
		}
		e.mustBe(bad, job.Dead)
	})
}

func TestJobInsertedElsewhereWakesTheRunnerAtOnce(t *testing.T) {
	url := storetest.SQLiteURL(t)
	synctest.Test(t, func(t *testing.T) {
		bus := event.NewBus()
		jobs := store.For[job.StoreTx](storetest.Open(t, url, store.Options{Bus: bus}))
		r := job.NewRunner(jobs, job.RunnerOptions{Events: bus})
		ran := make(chan time.Time, 1)
		job.Handle(r, func(context.Context, *job.Task[greet]) error {
			ran <- time.Now()
			return nil
		}, job.HandleOptions{})
		r.Start()
		synctest.Wait()
		insert := func(opt job.Options) {
			err := jobs.Update(t.Context(), func(tx job.StoreTx) error {
				_, err := job.Insert(t.Context(), tx, greet{"Ana"}, opt)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second) // it has looked already
		inserted := time.Now()
		insert(job.Options{})
		if wait := (<-ran).Sub(inserted); wait != 0 {
			t.Errorf("a job that is due ran after %v", wait)
		}
		insert(job.Options{RunAt: inserted.Add(1234 * time.Millisecond)})
		if wait := (<-ran).Sub(inserted); wait < 1234*time.Millisecond || wait > 1300*time.Millisecond {
			t.Errorf("a job due after 1.234 s ran after %v", wait)
		}
		if err := r.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
