package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tandem/access"
	"tandem/directory"
	"tandem/event"
	"tandem/problem"
	"tandem/text"
)

// ShownMacro is a macro with what is known of it.
type ShownMacro struct {
	*Macro
	Broken  []problem.Detail // what it names that is no longer there
	Offered bool             // whoever asks works with it
}

// MacroFilter chooses macros; the zero value means all that somebody may see.
type MacroFilter struct {
	Active   *bool
	Offered  bool // only those that whoever asks works with
	Category string
	Team     directory.TeamID // only those shared with the team
	Own      *bool            // only somebody's own, or only shared ones
	Search   string           // part of the title
}

// Macros lists the macros that somebody may see: shared ones, then their own.
func (s *Service) Macros(ctx context.Context, by access.Actor, f MacroFilter) (shown []*ShownMacro, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		shown = nil
		teams, err := teamsOf(ctx, tx, by.UserID)
		if err != nil {
			return err
		}
		all, err := tx.ListMacros(ctx)
		if err != nil {
			return fmt.Errorf("list macros: %w", err)
		}
		for _, m := range all {
			if !f.fits(m, by, teams) {
				continue
			}
			one, err := s.showMacro(ctx, tx, m, by, teams)
			if err != nil {
				return err
			}
			shown = append(shown, one)
		}
		slices.SortStableFunc(shown, func(a, b *ShownMacro) int { return int(min(a.Owner, 1) - min(b.Owner, 1)) })
		return nil
	})
	return shown, err
}

func (f MacroFilter) fits(m *Macro, by access.Actor, teams []directory.TeamID) bool {
	return m.visible(by, teams) && (!f.Offered || m.offered(by.UserID, teams)) &&
		(f.Active == nil || *f.Active == m.Active) && (f.Own == nil || *f.Own == (m.Owner != 0)) &&
		(f.Team == 0 || slices.Contains(m.Teams, f.Team)) &&
		(f.Category == "" || m.Category() == f.Category || strings.HasPrefix(m.Category(), f.Category+categoryMark)) &&
		strings.Contains(text.Fold(m.Title), text.Fold(strings.TrimSpace(f.Search)))
}

func (s *Service) showMacro(ctx context.Context, tx Tx, m *Macro, by access.Actor, teams []directory.TeamID) (*ShownMacro, error) {
	broken, err := s.brokenMacro(ctx, tx, m)
	if err != nil {
		return nil, fmt.Errorf("macro %d: %w", m.ID, err)
	}
	return &ShownMacro{Macro: m, Broken: broken, Offered: m.offered(by.UserID, teams)}, nil
}

// MacroCategories are the categories of the active macros that somebody works
// with, those above them included, in order.
func (s *Service) MacroCategories(ctx context.Context, by access.Actor) ([]string, error) {
	active := true
	macros, err := s.Macros(ctx, by, MacroFilter{Active: &active, Offered: true})
	var all []string
	for _, m := range macros {
		for category := m.Category(); category != ""; {
			all = append(all, category)
			i := strings.LastIndex(category, categoryMark)
			category = category[:max(i, 0)]
		}
	}
	slices.Sort(all)
	return slices.Compact(all), err
}

// Macro gives one macro. Those of others are not found.
func (s *Service) Macro(ctx context.Context, by access.Actor, id MacroID) (shown *ShownMacro, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		m, teams, err := visibleMacro(ctx, tx, by, id)
		if err != nil {
			return err
		}
		shown, err = s.showMacro(ctx, tx, m, by, teams)
		return err
	})
	return shown, err
}

func visibleMacro(ctx context.Context, tx Tx, by access.Actor, id MacroID) (*Macro, []directory.TeamID, error) {
	m, err := tx.GetMacro(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	teams, err := teamsOf(ctx, tx, by.UserID)
	if err != nil {
		return nil, nil, err
	}
	if !m.visible(by, teams) {
		return nil, nil, problem.New(problem.NotFound, "not_found", "There is no macro %d.", id).
			On(problem.Yours, "It may have been deleted, or be somebody's own.")
	}
	return m, teams, nil
}

// MacroChange is what somebody sets at a macro; nil leaves a thing as it is.
type MacroChange struct {
	Title       *string
	Description *string
	Active      *bool
	Position    *int // beyond the last: the last
	Audience    *Audience
	Actions     *[]Action
}

func (m *Macro) alter(by access.Actor, ch MacroChange) {
	set(&m.Title, ch.Title)
	set(&m.Description, ch.Description)
	set(&m.Active, ch.Active)
	m.Audience.set(by, ch.Audience)
	set(&m.Actions, ch.Actions)
	m.tidy()
}

// CreateMacro adds a macro, in last place unless the change says otherwise: a
// shared one when the audience says so, which administrators alone may do.
func (s *Service) CreateMacro(ctx context.Context, by access.Actor, ch MacroChange) (*ShownMacro, error) {
	var id MacroID
	err := s.changeMacros(ctx, by, func(tx Tx, all []*Macro) error {
		m := &Macro{Active: true, SavedBy: by.UserID, CreatedAt: s.now(), UpdatedAt: s.now()}
		m.alter(by, ch)
		if err := m.mayKeep(by, "macro"); err != nil {
			return err
		}
		beside := slices.DeleteFunc(all, func(other *Macro) bool { return other.Owner != m.Owner })
		if len(beside) >= MaxMacros {
			return problem.New(problem.Limit, "too_many_macros", "There are %d macros already.", len(beside)).
				On(problem.Yours, "Delete some that are no longer needed.")
		}
		if err := s.mustWorkAsMacro(ctx, tx, m); err != nil {
			return err
		}
		m.Position = len(beside) + 1
		if err := tx.InsertMacro(ctx, m); err != nil {
			return fmt.Errorf("insert macro: %w", err)
		}
		id = m.ID
		if ch.Position != nil {
			if err := arrange(ctx, moved(append(beside, m), m, *ch.Position), tx.UpdateMacro); err != nil {
				return err
			}
		}
		return s.recordMacro(ctx, tx, by, "macro.created", m, nil, m)
	})
	if err != nil {
		return nil, err
	}
	return s.Macro(ctx, by, id)
}

// mustWorkAsMacro refuses a macro that names what is not there.
func (s *Service) mustWorkAsMacro(ctx context.Context, tx Tx, m *Macro) error {
	fields, err := s.ticketFields(ctx, tx)
	if err != nil {
		return err
	}
	if err := m.Validate(fields...); err != nil {
		return err
	}
	broken, err := s.brokenMacro(ctx, tx, m)
	if err != nil {
		return err
	}
	return broken.refuse("macro")
}

// ChangeMacro changes one macro.
func (s *Service) ChangeMacro(ctx context.Context, by access.Actor, id MacroID, ch MacroChange) (*ShownMacro, error) {
	if err := s.ChangeMacros(ctx, by, map[MacroID]MacroChange{id: ch}); err != nil {
		return nil, err
	}
	return s.Macro(ctx, by, id)
}

// ChangeMacros changes several macros, all of them or none. What is changed
// besides its actions, such as being switched off, is allowed to a broken one.
func (s *Service) ChangeMacros(ctx context.Context, by access.Actor, changes map[MacroID]MacroChange) error {
	return s.changeMacros(ctx, by, func(tx Tx, _ []*Macro) error {
		for _, id := range sortedIDs(changes) {
			m, _, err := visibleMacro(ctx, tx, by, id)
			if err != nil {
				return err
			}
			ch, before := changes[id], *m
			if err := before.mayKeep(by, "macro"); err != nil {
				return err
			}
			m.alter(by, ch)
			if err := m.mayKeep(by, "macro"); err != nil {
				return err
			}
			if ch.Actions != nil {
				err = s.mustWorkAsMacro(ctx, tx, m)
			} else {
				var f faults
				f.names(m.Title, m.Description, "macro")
				err = f.refuse("macro")
			}
			if err != nil {
				return err
			}
			m.SavedBy, m.UpdatedAt = by.UserID, s.now()
			if err := tx.UpdateMacro(ctx, m); err != nil {
				return fmt.Errorf("update macro %d: %w", id, err)
			}
			if err := s.recordMacro(ctx, tx, by, "macro.updated", m, &before, m); err != nil {
				return err
			}
		}
		return rearrange(ctx, tx.ListMacros, tx.UpdateMacro, func(m *Macro) *int { return changes[m.ID].Position })
	})
}

// DeleteMacros removes macros, all of them or none.
func (s *Service) DeleteMacros(ctx context.Context, by access.Actor, ids ...MacroID) error {
	return s.changeMacros(ctx, by, func(tx Tx, _ []*Macro) error {
		for _, id := range ids {
			m, _, err := visibleMacro(ctx, tx, by, id)
			if err != nil {
				return err
			}
			if err := m.mayKeep(by, "macro"); err != nil {
				return err
			}
			if err := tx.DeleteMacro(ctx, id); err != nil {
				return fmt.Errorf("delete macro %d: %w", id, err)
			}
			if err := s.recordMacro(ctx, tx, by, "macro.deleted", m, m, nil); err != nil {
				return err
			}
		}
		return rearrange(ctx, tx.ListMacros, tx.UpdateMacro, func(*Macro) *int { return nil })
	})
}

func (s *Service) changeMacros(ctx context.Context, by access.Actor, change func(tx Tx, all []*Macro) error) error {
	if err := by.MustWork(); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		all, err := tx.ListMacros(ctx)
		if err != nil {
			return fmt.Errorf("list macros: %w", err)
		}
		tx.Publish(event.Event{Kind: event.MacroUpdated})
		return change(tx, all)
	})
}

// recordMacro enters what happens to a shared macro in the audit trail.
func (s *Service) recordMacro(ctx context.Context, tx Tx, by access.Actor, action string, m, before, after *Macro) error {
	if m.Owner != 0 && (before == nil || before.Owner != 0) {
		return nil // somebody's own
	}
	return access.Record(ctx, tx, by, s.now(), access.Change{
		Action: action, Object: "macro", Subject: int64(m.ID), Label: m.Title, Before: macroFacts(before), After: macroFacts(after),
	})
}

// macroFacts is what the audit trail keeps of a macro; nil for none.
func macroFacts(m *Macro) any {
	if m == nil {
		return nil
	}
	return map[string]any{"title": m.Title, "active": m.Active, "position": m.Position, "teams": m.Teams, "actions": m.Actions}
}
