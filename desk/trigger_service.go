package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/access"
	"tandem/event"
	"tandem/problem"
	"tandem/text"
)

// firingsCounted is how far back the use of triggers is counted, and
// firingsKept how long it is known.
const (
	firingsCounted = 7 * 24 * time.Hour
	firingsKept    = 30 * 24 * time.Hour
)

// TriggerView is a trigger with what is known of it.
type TriggerView struct {
	*Trigger
	Fired  int              // in the last 7 days
	Broken []problem.Detail // what it names that is no longer there: it does nothing until it is mended
}

// TriggerFilter chooses triggers; the zero value means all.
type TriggerFilter struct {
	Active *bool
	Search string // part of the title
}

// Triggers lists triggers in the order in which they are looked at.
func (s *Service) Triggers(ctx context.Context, by access.Actor, f TriggerFilter) (views []*TriggerView, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		views = nil
		all, err := tx.ListTriggers(ctx)
		if err != nil {
			return fmt.Errorf("list triggers: %w", err)
		}
		kept := slices.DeleteFunc(all, func(t *Trigger) bool { return !f.fits(t) })
		views, err = s.viewTriggers(ctx, tx, kept...)
		return err
	})
	return views, err
}

func (f TriggerFilter) fits(t *Trigger) bool {
	return (f.Active == nil || *f.Active == t.Active) && strings.Contains(text.Fold(t.Title), text.Fold(strings.TrimSpace(f.Search)))
}

// Trigger gives one trigger.
func (s *Service) Trigger(ctx context.Context, by access.Actor, id TriggerID) (v *TriggerView, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		t, err := tx.GetTrigger(ctx, id)
		if err != nil {
			return err
		}
		views, err := s.viewTriggers(ctx, tx, t)
		if err == nil {
			v = views[0]
		}
		return err
	})
	return v, err
}

func (s *Service) viewTriggers(ctx context.Context, tx Tx, triggers ...*Trigger) ([]*TriggerView, error) {
	fired, err := tx.CountFirings(ctx, s.now().Add(-firingsCounted))
	if err != nil {
		return nil, fmt.Errorf("count what triggers did: %w", err)
	}
	views := make([]*TriggerView, len(triggers))
	for i, t := range triggers {
		broken, err := s.brokenReferences(ctx, tx, t)
		if err != nil {
			return nil, err
		}
		views[i] = &TriggerView{Trigger: t, Fired: fired[t.ID], Broken: broken}
	}
	return views, nil
}

// TriggerChange is what an administrator sets at a trigger; nil leaves a thing as it is.
type TriggerChange struct {
	Title       *string
	Description *string
	Active      *bool
	Position    *int // beyond the last: the last
	Conditions  *Conditions
	Actions     *[]Action
}

// CreateTrigger adds a trigger, active unless the change says otherwise, in last
// place unless it says otherwise.
func (s *Service) CreateTrigger(ctx context.Context, by access.Actor, ch TriggerChange) (*TriggerView, error) {
	var id TriggerID
	err := s.changeTriggers(ctx, by, func(tx Tx, all []*Trigger) error {
		if len(all) >= MaxTriggers {
			return problem.New(problem.Limit, "too_many_triggers", "There are %d triggers already.", len(all)).
				On(problem.Yours, "Delete some that are no longer needed.")
		}
		t := &Trigger{Active: true, Position: len(all) + 1, SavedBy: by.UserID, CreatedAt: s.now(), UpdatedAt: s.now()}
		if err := s.alter(ctx, tx, t, ch); err != nil {
			return err
		}
		if err := tx.InsertTrigger(ctx, t); err != nil {
			return fmt.Errorf("insert trigger: %w", err)
		}
		id = t.ID
		if ch.Position != nil {
			if err := arrange(ctx, moved(append(all, t), t, *ch.Position), tx.UpdateTrigger); err != nil {
				return err
			}
		}
		return s.recordTrigger(ctx, tx, by, "trigger.created", t, nil, t)
	})
	if err != nil {
		return nil, err
	}
	return s.Trigger(ctx, by, id)
}

// ChangeTrigger changes one trigger.
func (s *Service) ChangeTrigger(ctx context.Context, by access.Actor, id TriggerID, ch TriggerChange) (*TriggerView, error) {
	if err := s.ChangeTriggers(ctx, by, map[TriggerID]TriggerChange{id: ch}); err != nil {
		return nil, err
	}
	return s.Trigger(ctx, by, id)
}

// ChangeTriggers changes several triggers, all of them or none.
func (s *Service) ChangeTriggers(ctx context.Context, by access.Actor, changes map[TriggerID]TriggerChange) error {
	return s.changeTriggers(ctx, by, func(tx Tx, all []*Trigger) error {
		for _, id := range sortedIDs(changes) {
			t, err := tx.GetTrigger(ctx, id)
			if err != nil {
				return err
			}
			ch, before := changes[id], *t
			if err := s.alter(ctx, tx, t, ch); err != nil {
				return err
			}
			t.SavedBy, t.UpdatedAt = by.UserID, s.now()
			if err := tx.UpdateTrigger(ctx, t); err != nil {
				return fmt.Errorf("update trigger %d: %w", id, err)
			}
			if err := s.recordTrigger(ctx, tx, by, changeNamed(&before, t), t, &before, t); err != nil {
				return err
			}
		}
		return rearrange(ctx, tx.ListTriggers, tx.UpdateTrigger, func(t *Trigger) *int { return changes[t.ID].Position })
	})
}

// changeNamed names what was done for the audit trail.
func changeNamed(before, after *Trigger) string {
	switch {
	case !before.Active && after.Active:
		return "trigger.activated"
	case before.Active && !after.Active:
		return "trigger.deactivated"
	}
	return "trigger.updated"
}

// DeleteTriggers removes triggers, all of them or none. What they did stays written down.
func (s *Service) DeleteTriggers(ctx context.Context, by access.Actor, ids ...TriggerID) error {
	return s.changeTriggers(ctx, by, func(tx Tx, all []*Trigger) error {
		for _, id := range ids {
			t, err := tx.GetTrigger(ctx, id)
			if err != nil {
				return err
			}
			if err := tx.DeleteTrigger(ctx, id); err != nil {
				return fmt.Errorf("delete trigger %d: %w", id, err)
			}
			if err := s.recordTrigger(ctx, tx, by, "trigger.deleted", t, t, nil); err != nil {
				return err
			}
		}
		left := slices.DeleteFunc(all, func(t *Trigger) bool { return slices.Contains(ids, t.ID) })
		return arrange(ctx, left, tx.UpdateTrigger)
	})
}

// ReorderTriggers puts triggers into an order. Those that are not named follow
// in the order that they had.
func (s *Service) ReorderTriggers(ctx context.Context, by access.Actor, ids []TriggerID) error {
	return s.changeTriggers(ctx, by, func(tx Tx, all []*Trigger) error {
		var first []*Trigger
		for _, id := range ids {
			i := slices.IndexFunc(all, func(t *Trigger) bool { return t.ID == id })
			if i < 0 {
				return problem.New(problem.Invalid, "unknown_trigger", "There is no trigger %d, or it is named twice.", id).
					On(problem.Yours, "Load the list again.").In("trigger_ids")
			}
			first = append(first, all[i])
			all = slices.Delete(all, i, i+1)
		}
		if err := arrange(ctx, append(first, all...), tx.UpdateTrigger); err != nil {
			return err
		}
		return access.Record(ctx, tx, by, s.now(), access.Change{Action: "trigger.reordered", Object: "trigger", After: map[string]any{"order": ids}})
	})
}

// changeTriggers runs what an administrator does to the triggers. Two never do
// it at the same time, so that positions stay what they are.
func (s *Service) changeTriggers(ctx context.Context, by access.Actor, change func(tx Tx, all []*Trigger) error) error {
	if err := by.MustAdminister(); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := tx.RaiseTriggerRevision(ctx); err != nil {
			return fmt.Errorf("raise the revision of triggers: %w", err)
		}
		all, err := tx.ListTriggers(ctx)
		if err != nil {
			return fmt.Errorf("list triggers: %w", err)
		}
		tx.Publish(event.Event{Kind: event.SettingsUpdated})
		return change(tx, all)
	})
}

// alter makes the changes that are asked for, and judges the result. What is
// changed besides its rule, such as being switched off, is allowed to a broken one.
func (s *Service) alter(ctx context.Context, tx Tx, t *Trigger, ch TriggerChange) error {
	set(&t.Title, ch.Title)
	set(&t.Description, ch.Description)
	set(&t.Active, ch.Active)
	set(&t.Conditions, ch.Conditions)
	set(&t.Actions, ch.Actions)
	fields, err := s.ticketFields(ctx, tx)
	if err != nil {
		return err
	}
	t.tidy(fields)
	if t.ID != 0 && ch.Conditions == nil && ch.Actions == nil && ch.Title == nil {
		return nil
	}
	return mustWork(ctx, s, tx, "trigger", t, s.brokenReferences)
}

func (s *Service) recordTrigger(ctx context.Context, tx Tx, by access.Actor, action string, t, before, after *Trigger) error {
	return access.Record(ctx, tx, by, s.now(), access.Change{
		Action: action, Object: "trigger", Subject: int64(t.ID), Label: t.Title, Before: triggerFacts(before), After: triggerFacts(after),
	})
}

// triggerFacts is what the audit trail keeps of a trigger; nil for none.
func triggerFacts(t *Trigger) any {
	if t == nil {
		return nil
	}
	return map[string]any{"title": t.Title, "active": t.Active, "position": t.Position, "conditions": t.Conditions, "actions": t.Actions}
}

// ForgetFirings removes what is known of the use of triggers and too old to be
// shown, for the ForgetFirings job.
func (s *Service) ForgetFirings(ctx context.Context) error {
	return s.store.Update(ctx, func(tx Tx) error { return tx.DeleteFirings(ctx, s.now().Add(-firingsKept)) })
}
