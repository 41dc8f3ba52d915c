package job_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"tandem/job"
	"tandem/store"
	"tandem/store/storetest"
)

// victimURL names, for a process that TestJobOfAKilledProcessRunsElsewhere
// started, the database to work on.
const victimURL = "TANDEM_JOB_TEST_VICTIM"

func TestMain(m *testing.M) {
	if url := os.Getenv(victimURL); url != "" {
		if err := beVictim(url); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// beVictim runs jobs that never end.
func beVictim(url string) error {
	db, err := store.Open(context.Background(), url, store.Options{})
	if err != nil {
		return err
	}
	r := job.NewRunner(store.For[job.StoreTx](db), job.RunnerOptions{})
	job.Handle(r, func(context.Context, *job.Task[greet]) error {
		fmt.Println("in the middle")
		select {}
	}, job.HandleOptions{})
	r.Start()
	select {}
}

func TestJobOfAKilledProcessRunsElsewhere(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		id := insertBefore(t, url)

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

		clock := &clock{}
		clock.ns.Store(time.Now().UnixNano())
		e := open(t, url, clock)
		e.mustBe(id, job.Running)
		clock.Advance(20 * time.Second) // the lease is over
		e.runner(func(_ context.Context, task *job.Task[greet]) error {
			if task.Attempt != 2 {
				t.Errorf("attempt %d, want the second", task.Attempt)
			}
			return nil
		}).Work(t.Context())
		e.mustBe(id, job.Completed)
	})
}

// insertBefore queues a job and closes the database, so that another process
// can own the file.
func insertBefore(t *testing.T, url string) (id job.ID) {
	t.Helper()
	db, err := store.Open(t.Context(), url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = store.For[job.StoreTx](db).Update(t.Context(), func(tx job.StoreTx) error {
		id, err = job.Insert(t.Context(), tx, greet{"Ana"}, job.Options{})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return id
}
