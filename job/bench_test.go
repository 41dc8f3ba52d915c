package job_test

import (
	"context"
	"fmt"
	"testing"

	"tandem/event"
	"tandem/job"
	"tandem/store"
	"tandem/store/storetest"
)

// BenchmarkJobs queues jobs one by one and waits until all have run.
func BenchmarkJobs(b *testing.B) {
	for _, concurrency := range []int{4, 32} {
		b.Run(fmt.Sprint(concurrency), func(b *testing.B) {
			bus := event.NewBus()
			jobs := store.For[job.StoreTx](storetest.Open(b, storetest.SQLiteURL(b), store.Options{Bus: bus}))
			r := job.NewRunner(jobs, job.RunnerOptions{Events: bus})
			done := make(chan struct{}, 1024)
			job.Handle(r, func(context.Context, *job.Task[greet]) error {
				done <- struct{}{}
				return nil
			}, job.HandleOptions{Concurrency: concurrency})
			r.Start()
			b.ResetTimer()
			go func() {
				for range b.N {
					err := jobs.Update(context.Background(), func(tx job.StoreTx) error {
						_, err := job.Insert(context.Background(), tx, greet{"Ana"}, job.Options{})
						return err
					})
					if err != nil {
						b.Error(err)
					}
				}
			}()
			for range b.N {
				<-done
			}
			if err := r.Stop(context.Background()); err != nil {
				b.Error(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
		})
	}
}
