package bulk

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"tandem/access"
	"tandem/directory"
	"tandem/event"
	"tandem/job"
	"tandem/problem"
)

// Service begins bulk work and tells how far it is. It is safe for use by
// several goroutines once all kinds are registered.
type Service struct {
	store Store[Tx]
	actor func(context.Context, directory.UserID, int64, string) (access.Actor, error)
	kinds map[string]opener
	now   func() time.Time
	log   *slog.Logger
}

// NewService makes the service. actor tells what somebody is by now who asked
// with a token (0: none) from a network address.
func NewService(store Store[Tx], actor func(ctx context.Context, id directory.UserID, token int64, address string) (access.Actor, error), now func() time.Time, log *slog.Logger) *Service {
	return &Service{store: store, actor: actor, kinds: make(map[string]opener), now: now, log: log}
}

// Start queues bulk work. Whether the actor may do it is judged item by item.
func (s *Service) Start(ctx context.Context, by access.Actor, args Args) (*Bulk, error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	if s.kinds[args.Kind()] == nil {
		return nil, fmt.Errorf("nobody handles bulks of kind %q", args.Kind())
	}
	if err := mustFit(by, args.Len()); err != nil {
		return nil, err
	}
	var b *Bulk
	err := s.store.Update(ctx, func(tx Tx) error {
		n, err := tx.CountUnfinishedBulks(ctx, by.UserID)
		if err != nil {
			return err
		}
		if n >= MaxUnfinished {
			return problem.New(problem.Limit, "too_many_jobs", "%d of your bulk jobs are under way already.", n).
				On(problem.Yours, "Wait until one of them has ended.").After(5 * time.Second)
		}
		b, err = s.Begin(ctx, tx, by, args)
		return err
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

// Begin queues bulk work in the transaction of its cause. It is work that
// follows from something else, so no limit holds for it.
func (s *Service) Begin(ctx context.Context, tx Tx, by access.Actor, args Args) (*Bulk, error) {
	if s.kinds[args.Kind()] == nil {
		return nil, fmt.Errorf("nobody handles bulks of kind %q", args.Kind())
	}
	body, err := json.Marshal(args)
	if err != nil {
		return nil, fmt.Errorf("encode the arguments of a %s bulk: %w", args.Kind(), err)
	}
	b := &Bulk{
		Key: newKey(), Kind: args.Kind(), Args: body, By: by.UserID, Token: by.Token, Address: by.Address,
		State: Queued, Total: args.Len(), CreatedAt: s.now(),
	}
	if err := tx.InsertBulk(ctx, b); err != nil {
		return nil, fmt.Errorf("insert a %s bulk: %w", b.Kind, err)
	}
	_, err = job.Insert(ctx, tx, Run{b.ID}, job.Options{UniqueKey: fmt.Sprint(b.ID)})
	return b, err
}

func mustFit(by access.Actor, n int) error {
	limit := MaxItems
	if by.Token != 0 {
		limit = MaxTokenItems
	}
	switch {
	case n == 0:
		return problem.New(problem.Invalid, "bulk_empty", "The request names no records.").On(problem.Yours, "Name at least one.")
	case n > limit:
		return problem.New(problem.Invalid, "bulk_too_large", "The request names %d records; at most %d are taken at once.", n, limit).
			On(problem.Yours, "Send several requests.")
	}
	return nil
}

func newKey() string {
	key := make([]byte, 16)
	_, _ = rand.Read(key) // never fails
	return hex.EncodeToString(key)
}

// Get gives the bulk with a key, or problem.NotFound. People see their own,
// administrators everybody's.
func (s *Service) Get(ctx context.Context, by access.Actor, key string) (b *Bulk, err error) {
	err = s.store.View(ctx, func(tx Tx) error {
		b, err = find(ctx, tx, by, key)
		return err
	})
	return b, err
}

func find(ctx context.Context, tx Tx, by access.Actor, key string) (*Bulk, error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	b, err := tx.FindBulk(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("find a bulk: %w", err)
	}
	if b == nil || b.By != by.UserID && by.MustAdminister() != nil {
		return nil, problem.New(problem.NotFound, "bulk_not_found", "There is no such job, or no longer.").
			On(problem.Yours, fmt.Sprintf("Jobs and their results are kept for %d days.", keepFor/(24*time.Hour)))
	}
	return b, nil
}

// Results gives what became of the items so far.
func (s *Service) Results(ctx context.Context, b *Bulk, refusedOnly bool) (results []Result, err error) {
	err = s.store.View(ctx, func(tx Tx) error {
		results, err = tx.ListBulkResults(ctx, b.ID, refusedOnly)
		return err
	})
	return results, err
}

// List gives bulks, the newest first: people's own, administrators everybody's.
func (s *Service) List(ctx context.Context, by access.Actor, f Filter) (bulks []*Bulk, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	if by.MustAdminister() != nil {
		f.By = by.UserID
	}
	err = s.store.View(ctx, func(tx Tx) error {
		bulks, err = tx.ListBulks(ctx, f)
		return err
	})
	return bulks, err
}

// Cancel ends a bulk before its time. What is done stays done.
func (s *Service) Cancel(ctx context.Context, by access.Actor, key string) (b *Bulk, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		if b, err = find(ctx, tx, by, key); err != nil {
			return err
		}
		if b, err = tx.GetBulk(ctx, b.ID); err != nil { // locked, as it is now
			return err
		}
		if err := b.cancel(s.now()); err != nil {
			return err
		}
		return save(ctx, tx, b)
	})
	return b, err
}

// save writes how a bulk ended and tells everybody.
func save(ctx context.Context, tx Tx, b *Bulk) error {
	tx.Publish(event.Event{Kind: event.BulkUpdated, ID: int64(b.ID), Parent: int64(b.By)})
	return tx.UpdateBulk(ctx, b)
}

// Forget is the job that removes old bulks.
type Forget struct{}

// Kind names the job.
func (Forget) Kind() string { return "bulk.forget" }

// WorkForget removes bulks that were asked for long ago.
func (s *Service) WorkForget(ctx context.Context) error {
	return s.store.Update(ctx, func(tx Tx) error { return tx.DeleteBulks(ctx, s.now().Add(-keepFor)) })
}
