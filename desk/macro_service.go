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
)

// ShownMacro is a macro with what is known of it.
type ShownMacro struct {
	*Macro
	Broken  []problem.Detail // what it names that is no longer there
	Offered bool             // whoever asks works with it
}

// MacroFilter chooses macros; the zero value means all that somebody may see.
type MacroFilter struct {
	KeptFilter
	Category string
	Team     directory.TeamID // only those shared with the team
}

func (f MacroFilter) fits(m *Macro) bool {
	return (f.Team == 0 || slices.Contains(m.Teams, f.Team)) &&
		(f.Category == "" || m.Category() == f.Category || strings.HasPrefix(m.Category(), f.Category+categoryMark))
}

// macros are where they stand.
func (s *Service) macros(tx Tx) shelf[Macro, *Macro] {
	return shelf[Macro, *Macro]{
		Service: s, tx: tx, what: "macro", most: MaxMacros, list: tx.ListMacros, insert: tx.InsertMacro, update: tx.UpdateMacro,
		get:    func(ctx context.Context, id int64) (*Macro, error) { return tx.GetMacro(ctx, MacroID(id)) },
		remove: func(ctx context.Context, id int64) error { return tx.DeleteMacro(ctx, MacroID(id)) },
		broken: s.brokenMacro, facts: macroFacts,
	}
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
		all, err := s.macros(tx).offered(ctx, by, teams, f.KeptFilter)
		if err != nil {
			return err
		}
		for _, m := range all {
			if !f.fits(m) {
				continue
			}
			one, err := s.showMacro(ctx, tx, m, by, teams)
			if err != nil {
				return err
			}
			shown = append(shown, one)
		}
		return nil
	})
	return shown, err
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
	macros, err := s.Macros(ctx, by, MacroFilter{KeptFilter: KeptFilter{Active: &active, Offered: true}})
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
		teams, err := teamsOf(ctx, tx, by.UserID)
		if err != nil {
			return err
		}
		m, err := s.macros(tx).visibleTo(ctx, by, teams, int64(id))
		if err != nil {
			return err
		}
		shown, err = s.showMacro(ctx, tx, m, by, teams)
		return err
	})
	return shown, err
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
	err := s.tend(ctx, by, event.MacroUpdated, func(tx Tx) error {
		m := &Macro{Active: true, SavedBy: by.UserID, CreatedAt: s.now(), UpdatedAt: s.now()}
		m.alter(by, ch)
		err := s.macros(tx).add(ctx, by, m, ch.Position)
		id = m.ID
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.Macro(ctx, by, id)
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
	return s.tend(ctx, by, event.MacroUpdated, func(tx Tx) error {
		shelf := s.macros(tx)
		for _, id := range sortedIDs(changes) {
			ch := changes[id]
			if err := shelf.change(ctx, by, int64(id), func(m *Macro) (bool, error) {
				m.alter(by, ch)
				return ch.Actions != nil, nil
			}); err != nil {
				return err
			}
		}
		return shelf.rearrange(ctx, func(m *Macro) *int { return changes[m.ID].Position })
	})
}

// DeleteMacros removes macros, all of them or none.
func (s *Service) DeleteMacros(ctx context.Context, by access.Actor, ids ...MacroID) error {
	return s.tend(ctx, by, event.MacroUpdated, func(tx Tx) error { return s.macros(tx).delete(ctx, by, plainIDs(ids)) })
}

// macroFacts is what the audit trail keeps of a macro; nil for none.
func macroFacts(m *Macro) any {
	if m == nil {
		return nil
	}
	return map[string]any{"title": m.Title, "active": m.Active, "position": m.Position, "teams": m.Teams, "actions": m.Actions}
}
