package store_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/event"
	"tandem/job"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
)

// queue is a database of jobs.
type queue struct {
	*testing.T
	*store.DB
}

func eachQueue(t *testing.T, test func(q queue)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) { test(queue{t, db}) })
}

func (q queue) insert(j job.Job) (id job.ID) {
	q.Helper()
	if j.Kind == "" {
		j.Kind = "test"
	}
	j.Args, j.MaxAttempts = json.RawMessage(`{"n":1}`), 25
	update(q.T, q.DB, func(tx *store.Tx) (err error) {
		id, err = tx.InsertJob(q.Context(), j)
		return err
	})
	return id
}

func (q queue) claim(worker string, n int, now time.Time) (jobs []job.Job) {
	q.Helper()
	update(q.T, q.DB, func(tx *store.Tx) (err error) {
		jobs, err = tx.ClaimJobs(q.Context(), worker, []string{"test", "other"}, n, now, now.Add(15*time.Second))
		return err
	})
	return jobs
}

func (q queue) finish(j job.Job, state job.State) error {
	j.State, j.FinishedAt = state, noon
	return q.Update(q.Context(), func(tx *store.Tx) error { return tx.FinishJob(q.Context(), j) })
}

func (q queue) get(id job.ID) *job.Job {
	q.Helper()
	return read(q.T, q.DB, func(tx *store.Tx) (*job.Job, error) { return tx.GetJob(q.Context(), id) })
}

func ids(jobs []job.Job) []job.ID {
	var all []job.ID
	for _, j := range jobs {
		all = append(all, j.ID)
	}
	return all
}

func TestJobsAreClaimedWhenDueInOrder(t *testing.T) {
	eachQueue(t, func(q queue) {
		late := q.insert(job.Job{RunAt: noon.Add(time.Minute)})
		second := q.insert(job.Job{RunAt: noon})
		first := q.insert(job.Job{RunAt: noon.Add(-time.Minute)})
		third := q.insert(job.Job{RunAt: noon, Kind: "other"})
		q.insert(job.Job{RunAt: noon, Kind: "nobody handles this"})

		claimed := q.claim("w1", 2, noon)
		if diff := cmp.Diff([]job.ID{first, second}, ids(claimed)); diff != "" {
			q.Errorf("first claim (-want +got)\n%s", diff)
		}
		want := job.Job{
			ID: first, Kind: "test", Args: json.RawMessage(`{"n":1}`), State: job.Running, RunAt: noon.Add(-time.Minute),
			Attempt: 1, MaxAttempts: 25, Worker: "w1", LeaseUntil: noon.Add(15 * time.Second), CreatedAt: claimed[0].CreatedAt,
		}
		if diff := cmp.Diff(want, claimed[0]); diff != "" {
			q.Errorf("job (-want +got)\n%s", diff)
		}
		if diff := cmp.Diff([]job.ID{third}, ids(q.claim("w2", 10, noon))); diff != "" {
			q.Errorf("second claim (-want +got)\n%s", diff)
		}
		next := read(q.T, q.DB, func(tx *store.Tx) (time.Time, error) { return tx.NextJobAt(q.Context(), noon) })
		if !next.Equal(noon.Add(15 * time.Second)) {
			q.Errorf("next job at %v, want when the leases end", next)
		}
		next = read(q.T, q.DB, func(tx *store.Tx) (time.Time, error) { return tx.NextJobAt(q.Context(), noon.Add(20*time.Second)) })
		if !next.Equal(noon.Add(time.Minute)) {
			q.Errorf("next job at %v, want when job %d is due", next, late)
		}
		next = read(q.T, q.DB, func(tx *store.Tx) (time.Time, error) { return tx.NextJobAt(q.Context(), noon.Add(time.Hour)) })
		if !next.IsZero() {
			q.Errorf("next job at %v, want none", next)
		}
	})
}

func TestNoJobGoesToTwoWorkers(t *testing.T) {
	eachQueue(t, func(q queue) {
		const jobs = 60
		for i := range jobs {
			q.insert(job.Job{RunAt: noon, UniqueKey: fmt.Sprint(i % 50)})
		}
		// Of the keys that came twice the second job moved the first one; none was added.
		var mu sync.Mutex
		times := make(map[job.ID]int)
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				for {
					claimed := q.claim(fmt.Sprint("w", w), 3, noon)
					if len(claimed) == 0 {
						return
					}
					mu.Lock()
					for _, j := range claimed {
						times[j.ID]++
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		for id, n := range times {
			if n != 1 {
				q.Errorf("job %d was claimed %d times", id, n)
			}
		}
		// A worker may leave what another one has locked; it finds it in its next round.
		for _, j := range q.claim("w9", jobs, noon) {
			times[j.ID]++
		}
		if len(times) != 50 {
			q.Errorf("%d jobs were claimed, want 50", len(times))
		}
	})
}

func TestLeaseThatEndedIsTakenOver(t *testing.T) {
	eachQueue(t, func(q queue) {
		a, b := q.insert(job.Job{RunAt: noon}), q.insert(job.Job{RunAt: noon})
		dead := q.claim("dead", 2, noon)
		if got := q.claim("heir", 2, noon.Add(14*time.Second)); len(got) != 0 {
			q.Errorf("jobs %v were taken before their lease ended", ids(got))
		}
		extend := func(worker string, until time.Time) (held []job.ID) {
			update(q.T, q.DB, func(tx *store.Tx) (err error) {
				held, err = tx.ExtendJobLeases(q.Context(), worker, []job.ID{a, b}, until)
				return err
			})
			return held
		}
		if held := extend("dead", noon.Add(30*time.Second)); len(held) != 2 {
			q.Errorf("extended %v, want both", held)
		}
		if got := q.claim("heir", 1, noon.Add(16*time.Second)); len(got) != 0 {
			q.Errorf("jobs %v were taken though their lease was extended", ids(got))
		}
		heir := q.claim("heir", 1, noon.Add(31*time.Second))
		if len(heir) != 1 || heir[0].Worker != "heir" || heir[0].Attempt != 2 {
			q.Fatalf("the heir got %+v", heir)
		}
		if diff := cmp.Diff([]job.ID{b}, extend("dead", noon.Add(time.Minute))); diff != "" {
			q.Errorf("what the first worker still holds (-want +got)\n%s", diff)
		}
		wantKind(q.T, q.finish(dead[0], job.Completed), problem.Conflict)
		if err := q.finish(heir[0], job.Completed); err != nil {
			q.Error(err)
		}
		wantKind(q.T, q.finish(heir[0], job.Completed), problem.Conflict)
		got := q.get(heir[0].ID)
		if got.State != job.Completed || got.Worker != "" || !got.LeaseUntil.IsZero() || !got.FinishedAt.Equal(noon) {
			q.Errorf("the finished job is %+v", got)
		}
	})
}

func TestOfOneKeyOneWaitsBesideOneThatRuns(t *testing.T) {
	eachQueue(t, func(q queue) {
		first := q.insert(job.Job{RunAt: noon.Add(time.Hour), UniqueKey: "mailbox 1"})
		same := q.insert(job.Job{RunAt: noon, UniqueKey: "mailbox 1"})
		later := q.insert(job.Job{RunAt: noon.Add(2 * time.Hour), UniqueKey: "mailbox 1"})
		other := q.insert(job.Job{RunAt: noon.Add(time.Second), UniqueKey: "mailbox 1", Kind: "other"})
		if same != first || later != first || other == first {
			q.Errorf("ids %d, %d, %d, other kind %d", first, same, later, other)
		}
		running := q.claim("w1", 1, noon)
		if len(running) != 1 || running[0].ID != first {
			q.Fatalf("claimed %+v, want job %d, moved forward", running, first)
		}
		waiting := q.insert(job.Job{RunAt: noon, UniqueKey: "mailbox 1"})
		if waiting == first {
			q.Error("a running job was given as the waiting one")
		}
		if got := q.claim("w2", 5, noon); len(got) != 0 {
			q.Errorf("jobs %v ran beside another one of their key", ids(got))
		}
		// The runner vanished: its job is taken over, the other one still waits.
		if got := q.claim("w3", 5, noon.Add(16*time.Second)); len(got) != 2 || got[0].ID != first || got[1].ID != other {
			q.Errorf("claimed %v, want jobs %d and %d", ids(got), first, other)
		}
		// The first one would wait again, but the other one does its work.
		retried := *q.get(first)
		retried.RunAt = noon.Add(time.Minute)
		if err := q.finish(retried, job.Waiting); err != nil {
			q.Fatal(err)
		}
		if got := q.get(first); got.State != job.Cancelled {
			q.Errorf("the job that would wait twice is %s", got.State)
		}
		if got := q.claim("w2", 5, noon.Add(17*time.Second)); len(got) != 1 || got[0].ID != waiting {
			q.Errorf("claimed %v, want job %d", ids(got), waiting)
		}
	})
}

func TestRetryOfADeadJob(t *testing.T) {
	eachQueue(t, func(q queue) {
		id := q.insert(job.Job{RunAt: noon, UniqueKey: "k"})
		j := q.claim("w1", 1, noon)[0]
		j.ErrorCode, j.Error, j.Cause = "mailbox_gone", "The mailbox is gone.", "GET /messages: 404"
		if err := q.finish(j, job.Dead); err != nil {
			q.Fatal(err)
		}
		dead := read(q.T, q.DB, func(tx *store.Tx) ([]job.Job, error) {
			return tx.ListJobs(q.Context(), job.Filter{State: job.Dead, Kind: "test", Limit: 10})
		})
		if len(dead) != 1 || dead[0].ID != id || dead[0].Error != "The mailbox is gone." || dead[0].Cause == "" {
			q.Fatalf("dead jobs: %+v", dead)
		}
		retry := dead[0]
		retry.State, retry.RunAt, retry.Attempt, retry.FinishedAt = job.Waiting, noon, 0, time.Time{}
		update(q.T, q.DB, func(tx *store.Tx) error { return tx.UpdateJob(q.Context(), &retry) })
		if got := q.claim("w1", 1, noon); len(got) != 1 || got[0].ID != id || got[0].Attempt != 1 {
			q.Errorf("claimed %+v after the retry", got)
		}
		err := q.Update(q.Context(), func(tx *store.Tx) error { return tx.UpdateJob(q.Context(), &job.Job{ID: 4711}) })
		wantKind(q.T, err, problem.NotFound)
	})
}

func TestFinishedJobsAreRemovedAndDeadOnesStay(t *testing.T) {
	eachQueue(t, func(q queue) {
		for range 4 {
			q.insert(job.Job{RunAt: noon})
		}
		for i, state := range []job.State{job.Completed, job.Cancelled, job.Dead} {
			j := q.claim("w1", 1, noon)[0]
			if err := q.finish(j, state); err != nil {
				q.Fatal(i, err)
			}
		}
		counts := func() map[job.State]int {
			return read(q.T, q.DB, func(tx *store.Tx) (map[job.State]int, error) { return tx.CountJobs(q.Context()) })
		}
		want := map[job.State]int{job.Waiting: 1, job.Completed: 1, job.Cancelled: 1, job.Dead: 1}
		if diff := cmp.Diff(want, counts()); diff != "" {
			q.Errorf("counts (-want +got)\n%s", diff)
		}
		for _, c := range []struct {
			before time.Time
			want   int
		}{{noon, 0}, {noon.Add(time.Hour), 2}, {noon.Add(time.Hour), 0}} {
			update(q.T, q.DB, func(tx *store.Tx) error {
				n, err := tx.DeleteFinishedJobs(q.Context(), c.before)
				if n != c.want {
					q.Errorf("%d jobs were removed, want %d", n, c.want)
				}
				return err
			})
		}
		if diff := cmp.Diff(map[job.State]int{job.Waiting: 1, job.Dead: 1}, counts()); diff != "" {
			q.Errorf("counts (-want +got)\n%s", diff)
		}
	})
}

func TestInsertedJobIsAnnounced(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		bus := make(heard, 10)
		q := queue{t, storetest.Open(t, url, store.Options{Bus: bus})}
		id := q.insert(job.Job{})
		if e := <-bus; e != (event.Event{Kind: event.JobInserted, ID: int64(id)}) {
			t.Errorf("heard %+v", e)
		}
		if got := q.get(id); got.RunAt.IsZero() || !got.RunAt.Equal(got.CreatedAt) {
			t.Errorf("a job without a time runs at %v, want at once", got.RunAt)
		}
	})
}

func TestScheduleTicksOnceOverAllNodes(t *testing.T) {
	eachQueue(t, func(q queue) {
		due := func(now time.Time) (due bool) {
			update(q.T, q.DB, func(tx *store.Tx) (err error) {
				due, err = tx.DueSchedule(q.Context(), "nightly", now, now.Add(time.Hour))
				return err
			})
			return due
		}
		if due(noon) {
			q.Error("a schedule that is seen for the first time is due")
		}
		if due(noon.Add(59 * time.Minute)) {
			q.Error("due before its time")
		}
		var wg sync.WaitGroup
		ticks := make(chan bool, 6)
		for range cap(ticks) {
			wg.Go(func() { ticks <- due(noon.Add(time.Hour)) })
		}
		wg.Wait()
		close(ticks)
		n := 0
		for tick := range ticks {
			if tick {
				n++
			}
		}
		if n != 1 {
			q.Errorf("%d nodes were told that it is due, want 1", n)
		}
	})
}
