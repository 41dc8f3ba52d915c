package bulk

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"time"

	"tandem/access"
	"tandem/event"
	"tandem/job"
	"tandem/problem"
)

// slice is how long a job works on one bulk before others have their turn. It
// also bounds how long a stopping process waits for bulk work.
const slice = 3 * time.Second

// tell is how often progress is announced.
const tell = 300 * time.Millisecond

// Run is the job that works on a bulk.
type Run struct{ Bulk ID }

// Kind names the job.
func (Run) Kind() string { return "bulk.run" }

// opener reads the arguments of one registered kind of bulk work.
type opener func(json.RawMessage) (items, error)

// items does one item after the other of one bulk.
type items interface {
	// do does item i and counts it, in one transaction; announce tells others
	// how far it is. It is false when the item is not the next one.
	do(ctx context.Context, id ID, by access.Actor, i int, announce *event.Event) (ok bool, about Outcome, err error)
}

// Handle registers what does one item of a kind of bulk work, in the
// transaction that it is given and with the rights of the actor. When it
// refuses, its outcome may still tell which record it is about. A second
// handler for a kind is a mistake in the program and panics.
func Handle[T Tx, A Args](s *Service, store Store[T], do func(ctx context.Context, tx T, by access.Actor, all A, i int) (Outcome, error)) {
	var zero A
	if s.kinds[zero.Kind()] != nil {
		panic("bulk: two handlers for " + zero.Kind())
	}
	s.kinds[zero.Kind()] = func(body json.RawMessage) (items, error) {
		w := &work[T, A]{store: store, one: do}
		return w, json.Unmarshal(body, &w.args)
	}
}

// work is the items of one bulk whose arguments have been read.
type work[T Tx, A Args] struct {
	store Store[T]
	args  A
	one   func(context.Context, T, access.Actor, A, int) (Outcome, error)
}

func (w *work[T, A]) do(ctx context.Context, id ID, by access.Actor, i int, announce *event.Event) (ok bool, about Outcome, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	err = w.store.Update(ctx, func(tx T) error {
		ok, err = tx.AdvanceBulk(ctx, id, i, false)
		if err != nil || !ok {
			return err
		}
		if about, err = w.one(ctx, tx, by, w.args, i); err != nil {
			return err
		}
		if announce != nil {
			tx.Publish(*announce)
		}
		return tx.InsertBulkResult(ctx, id, Result{Index: i, Outcome: about})
	})
	return ok, about, err
}

// Work goes on with a bulk for a while, and comes back when there is more to do.
func (s *Service) Work(ctx context.Context, id ID) error {
	var b *Bulk
	err := s.store.View(ctx, func(tx Tx) (err error) {
		b, err = tx.GetBulk(ctx, id)
		return err
	})
	if err != nil || b.Ended() {
		return err
	}
	by, all, err := s.prepare(ctx, b)
	if p := problem.As(err); p != nil {
		return s.end(ctx, id, p)
	}
	if err != nil {
		return err
	}
	began, told := s.now(), time.Time{}
	for i := b.Done; i < b.Total; i++ {
		now := s.now()
		if ctx.Err() != nil || now.Sub(began) > slice {
			return job.Snooze(0)
		}
		var announce *event.Event
		if now.Sub(told) > tell {
			told, announce = now, &event.Event{Kind: event.BulkUpdated, ID: int64(id), Parent: int64(b.By)}
		}
		goesOn, err := s.item(ctx, b, by, all, i, announce)
		if err != nil || !goesOn {
			return err
		}
	}
	return s.end(ctx, id, nil)
}

// prepare reads the arguments and finds out what whoever asked may do by now.
func (s *Service) prepare(ctx context.Context, b *Bulk) (by access.Actor, all items, err error) {
	open := s.kinds[b.Kind]
	if open == nil {
		return by, nil, problem.New(problem.Internal, "bulk_unknown", "This version of Tandem does not know the work.").
			On(problem.Tandem, "It was asked of another version. Ask again.")
	}
	if all, err = open(b.Args); err != nil {
		return by, nil, problem.New(problem.Internal, "bulk_unreadable", "This version of Tandem cannot read the work.").
			On(problem.Tandem, "It was asked of another version. Ask again.").Because(err)
	}
	by, err = s.actor(ctx, b.By, b.Token, b.Address)
	return by, all, err
}

// item does one item, and writes down why it was refused when it was. It is
// false when somebody else has gone on with the bulk, or ended it.
func (s *Service) item(ctx context.Context, b *Bulk, by access.Actor, all items, i int, announce *event.Event) (goesOn bool, err error) {
	goesOn, about, err := all.do(ctx, b.ID, by, i, announce)
	if err == nil || ctx.Err() != nil {
		return goesOn, err
	}
	p := problem.As(err)
	if p == nil {
		s.log.Error("bulk item failed", "bulk", b.ID, "kind", b.Kind, "item", i, "err", err)
		p = problem.New(problem.Internal, "internal", "Something went wrong inside Tandem.")
	}
	// When the database itself is at fault this fails, too: the job tries again.
	err = s.store.Update(ctx, func(tx Tx) error {
		if goesOn, err = tx.AdvanceBulk(ctx, b.ID, i, true); err != nil || !goesOn {
			return err
		}
		if announce != nil {
			tx.Publish(*announce)
		}
		return tx.InsertBulkResult(ctx, b.ID, refused(i, about, p))
	})
	return goesOn, err
}

// end closes a bulk: it is completed, or failed because of a problem.
func (s *Service) end(ctx context.Context, id ID, because *problem.Error) error {
	return s.store.Update(ctx, func(tx Tx) error {
		b, err := tx.GetBulk(ctx, id)
		if err != nil || b.Ended() {
			return err
		}
		b.end(Completed, s.now())
		if because != nil {
			b.State, b.Code, b.Message = Failed, because.Code, because.Message
		}
		return save(ctx, tx, b)
	})
}
