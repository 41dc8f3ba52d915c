package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/access"
	"tandem/directory"
	"tandem/event"
	"tandem/problem"
	"tandem/text"
)

// kept is what people keep for themselves, and administrators for others: a view
// or a macro.
type kept interface {
	placed
	whose() *Audience
	number() int64
	isActive() bool
	names() (title, description string)
	validator
	saved(by directory.UserID, at time.Time)
}

func (v *View) whose() *Audience                        { return &v.Audience }
func (v *View) number() int64                           { return int64(v.ID) }
func (v *View) isActive() bool                          { return v.Active }
func (v *View) names() (title, description string)      { return v.Title, v.Description }
func (v *View) saved(by directory.UserID, at time.Time) { v.SavedBy, v.UpdatedAt = by, at }

func (m *Macro) whose() *Audience                        { return &m.Audience }
func (m *Macro) number() int64                           { return int64(m.ID) }
func (m *Macro) isActive() bool                          { return m.Active }
func (m *Macro) names() (title, description string)      { return m.Title, m.Description }
func (m *Macro) saved(by directory.UserID, at time.Time) { m.SavedBy, m.UpdatedAt = by, at }

// KeptFilter chooses views or macros; the zero value means all that somebody may see.
type KeptFilter struct {
	Active  *bool
	Offered bool   // only those that whoever asks works with
	Own     *bool  // only somebody's own, or only shared ones
	Search  string // part of the title
}

func (f KeptFilter) fits(a Audience, title string, active bool, by access.Actor, teams []directory.TeamID) bool {
	return a.visible(by, teams) && (!f.Offered || a.offered(by.UserID, teams)) &&
		(f.Active == nil || *f.Active == active) && (f.Own == nil || *f.Own == (a.Owner != 0)) &&
		strings.Contains(text.Fold(title), text.Fold(strings.TrimSpace(f.Search)))
}

// shelf is where views stand, or macros: how they are stored, and what they must be.
type shelf[E any, T interface {
	*E
	kept
}] struct {
	*Service
	tx     Tx
	what   string // "view"
	most   int
	list   func(context.Context) ([]T, error)
	get    func(context.Context, int64) (T, error)
	insert func(context.Context, T) error
	update func(context.Context, T) error
	remove func(context.Context, int64) error
	broken func(context.Context, Tx, T) (faults, error) // what one names that is no longer there
	facts  func(T) any                                  // what the audit trail keeps of one; nil for none
}

// offered lists those that the filter chooses: shared ones, then somebody's own.
func (s shelf[E, T]) offered(ctx context.Context, by access.Actor, teams []directory.TeamID, f KeptFilter) ([]T, error) {
	all, err := s.list(ctx)
	if err != nil {
		return nil, fmt.Errorf("list %ss: %w", s.what, err)
	}
	all = slices.DeleteFunc(all, func(one T) bool {
		title, _ := one.names()
		return !f.fits(*one.whose(), title, one.isActive(), by, teams)
	})
	slices.SortStableFunc(all, func(a, b T) int { return int(min(a.whose().Owner, 1) - min(b.whose().Owner, 1)) })
	return all, nil
}

// visible gives one. Those of others are not found.
func (s shelf[E, T]) visible(ctx context.Context, by access.Actor, id int64) (T, error) {
	teams, err := teamsOf(ctx, s.tx, by.UserID)
	if err != nil {
		return nil, err
	}
	return s.visibleTo(ctx, by, teams, id)
}

// visibleTo is visible for somebody whose teams are known.
func (s shelf[E, T]) visibleTo(ctx context.Context, by access.Actor, teams []directory.TeamID, id int64) (T, error) {
	one, err := s.get(ctx, id)
	if err != nil {
		return nil, err
	}
	if !one.whose().visible(by, teams) {
		return nil, problem.New(problem.NotFound, "not_found", "There is no %s %d.", s.what, id).
			On(problem.Yours, "It may have been deleted, or be somebody's own.")
	}
	return one, nil
}

// add stores a new one, in last place unless a position is asked for.
func (s shelf[E, T]) add(ctx context.Context, by access.Actor, one T, to *int) error {
	if err := one.whose().mayKeep(by, s.what); err != nil {
		return err
	}
	all, err := s.list(ctx)
	if err != nil {
		return fmt.Errorf("list %ss: %w", s.what, err)
	}
	beside := slices.DeleteFunc(all, func(other T) bool { return other.among() != one.among() })
	if len(beside) >= s.most {
		return problem.New(problem.Limit, "too_many_"+s.what+"s", "There are %d %ss already.", len(beside), s.what).
			On(problem.Yours, "Delete some that are no longer needed.")
	}
	if err := s.mustWork(ctx, one); err != nil {
		return err
	}
	*one.rank() = len(beside) + 1
	if err := s.insert(ctx, one); err != nil {
		return fmt.Errorf("insert %s: %w", s.what, err)
	}
	if to != nil {
		if err := arrange(ctx, moved(append(beside, one), one, *to), s.update); err != nil {
			return err
		}
	}
	return s.record(ctx, by, "created", one, nil, one)
}

// change alters one; alter tells whether what it does is to be judged. What is
// changed besides, such as being switched off, is allowed to a broken one.
func (s shelf[E, T]) change(ctx context.Context, by access.Actor, id int64, alter func(T) (judged bool, err error)) error {
	one, err := s.visible(ctx, by, id)
	if err != nil {
		return err
	}
	before := *one
	if err := one.whose().mayKeep(by, s.what); err != nil {
		return err
	}
	judged, err := alter(one)
	if err != nil {
		return err
	}
	if err := one.whose().mayKeep(by, s.what); err != nil {
		return err
	}
	if judged {
		err = s.mustWork(ctx, one)
	} else {
		var f faults
		title, description := one.names()
		f.names(title, description, s.what)
		err = f.refuse(s.what)
	}
	if err != nil {
		return err
	}
	one.saved(by.UserID, s.now())
	if err := s.update(ctx, one); err != nil {
		return fmt.Errorf("update %s %d: %w", s.what, id, err)
	}
	return s.record(ctx, by, "updated", one, &before, one)
}

// mustWork refuses one that names what is not there.
func (s shelf[E, T]) mustWork(ctx context.Context, one T) error {
	return mustWork(ctx, s.Service, s.tx, s.what, one, s.broken)
}

// delete removes several, all of them or none.
func (s shelf[E, T]) delete(ctx context.Context, by access.Actor, ids []int64) error {
	for _, id := range ids {
		one, err := s.visible(ctx, by, id)
		if err != nil {
			return err
		}
		if err := one.whose().mayKeep(by, s.what); err != nil {
			return err
		}
		if err := s.remove(ctx, id); err != nil {
			return fmt.Errorf("delete %s %d: %w", s.what, id, err)
		}
		if err := s.record(ctx, by, "deleted", one, one, nil); err != nil {
			return err
		}
	}
	return s.rearrange(ctx, func(T) *int { return nil })
}

// rearrange closes gaps, and moves those whose position is asked for.
func (s shelf[E, T]) rearrange(ctx context.Context, wanted func(T) *int) error {
	return rearrange(ctx, s.list, s.update, wanted)
}

// record enters what happens to a shared one in the audit trail.
func (s shelf[E, T]) record(ctx context.Context, by access.Actor, did string, one, before, after T) error {
	if one.whose().Owner != 0 && (before == nil || before.whose().Owner != 0) {
		return nil // somebody's own
	}
	title, _ := one.names()
	return access.Record(ctx, s.tx, by, s.now(), access.Change{
		Action: s.what + "." + did, Object: s.what, Subject: one.number(), Label: title, Before: s.facts(before), After: s.facts(after),
	})
}

// tend runs what somebody does to views or macros, and tells everybody.
func (s *Service) tend(ctx context.Context, by access.Actor, kind event.Kind, do func(tx Tx) error) error {
	if err := by.MustWork(); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		tx.Publish(event.Event{Kind: kind})
		return do(tx)
	})
}

// plainIDs are identifiers as a shelf takes them.
func plainIDs[ID ~int64](ids []ID) []int64 {
	plain := make([]int64, len(ids))
	for i, id := range ids {
		plain[i] = int64(id)
	}
	return plain
}
