package app

import (
	"context"
	"time"

	"tandem/bulk"
	"tandem/desk"
	"tandem/job"
	"tandem/store"
)

// buildBulk registers all kinds of bulk work.
func (a *App) buildBulk() {
	p := &a.parts
	p.bulk = bulk.NewService(store.For[bulk.Tx](a.db), p.access.ActorOf, time.Now, a.log)
	p.desk.HandleBulk(p.bulk, store.For[desk.BulkTx](a.db))

	job.Handle(p.runner, func(ctx context.Context, t *job.Task[bulk.Run]) error {
		return p.bulk.Work(ctx, t.Args.Bulk)
	}, job.HandleOptions{})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[bulk.Forget]) error {
		return p.bulk.WorkForget(ctx)
	}, job.HandleOptions{Concurrency: 1})
	p.runner.Schedule("bulk.forget", "@hourly", bulk.Forget{})
}
