package desk

import (
	"context"
	"fmt"
	"slices"

	"tandem/access"
	"tandem/directory"
	"tandem/event"
	"tandem/job"
	"tandem/problem"
)

// Fields lists the custom fields of an owner in their order, inactive ones included.
func (s *Service) Fields(ctx context.Context, by access.Actor, owner directory.FieldOwner) (fields []*directory.Field, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		fields, err = tx.ListFields(ctx, owner)
		return err
	})
	return fields, err
}

// Field gives one custom field.
func (s *Service) Field(ctx context.Context, by access.Actor, owner directory.FieldOwner, id directory.FieldID) (f *directory.Field, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		f, err = tx.GetField(ctx, owner, id)
		return err
	})
	return f, err
}

// CountFieldValues counts how many tickets, people or organizations have a
// value in a field.
func (s *Service) CountFieldValues(ctx context.Context, by access.Actor, owner directory.FieldOwner, id directory.FieldID) (n int, err error) {
	if err := by.MustWork(); err != nil {
		return 0, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		if _, err := tx.GetField(ctx, owner, id); err != nil {
			return err
		}
		n, err = tx.CountFieldValues(ctx, id)
		return err
	})
	return n, err
}

// FieldChange is what an administrator sets at a custom field; nil leaves a thing as it is.
type FieldChange struct {
	Type             *directory.FieldType // of a new one; later it stays
	Key              *string              // likewise
	Title            *string
	Description      *string
	AgentDescription *string
	Active           *bool
	Position         *int // beyond the last: the last
	Required         *bool
	PortalTitle      *string
	PortalVisible    *bool
	PortalEditable   *bool
	PortalRequired   *bool
	Tag              *string
	Pattern          *string
	Options          *[]directory.Option // all of them, in their order; those known by id or value stay the same ones
}

// CreateField adds a custom field, active and in last place unless the change says otherwise.
func (s *Service) CreateField(ctx context.Context, by access.Actor, owner directory.FieldOwner, ch FieldChange) (f *directory.Field, err error) {
	err = s.changeFields(ctx, by, owner, func(tx Tx, all []*directory.Field) error {
		if len(all) >= directory.MaxFields {
			return problem.New(problem.Limit, "too_many_fields", "There are %d fields already.", len(all)).
				On(problem.Yours, "Delete some that are no longer needed.")
		}
		f = &directory.Field{Owner: owner, Active: true, Position: len(all) + 1, CreatedAt: s.now(), UpdatedAt: s.now()}
		if ch.Type != nil {
			f.Type = *ch.Type
		}
		if ch.Key != nil {
			f.Key = *ch.Key
		}
		ch.Type, ch.Key = nil, nil
		if err := ch.apply(f, all); err != nil {
			return err
		}
		if err := tx.InsertField(ctx, f); err != nil {
			return fmt.Errorf("insert field: %w", err)
		}
		if err := s.moveField(ctx, tx, append(all, f), f, ch.Position); err != nil {
			return err
		}
		return s.recordField(ctx, tx, by, "field.created", f, nil, f)
	})
	return f, err
}

// ChangeField changes a custom field.
func (s *Service) ChangeField(ctx context.Context, by access.Actor, owner directory.FieldOwner, id directory.FieldID, ch FieldChange) (f *directory.Field, err error) {
	return s.alterField(ctx, by, owner, id, func(*directory.Field) (FieldChange, error) { return ch, nil })
}

// alterField changes a custom field by what it is now.
func (s *Service) alterField(ctx context.Context, by access.Actor, owner directory.FieldOwner, id directory.FieldID, change func(*directory.Field) (FieldChange, error)) (f *directory.Field, err error) {
	err = s.changeFields(ctx, by, owner, func(tx Tx, all []*directory.Field) error {
		i := slices.IndexFunc(all, func(f *directory.Field) bool { return f.ID == id })
		if i < 0 {
			_, err := tx.GetField(ctx, owner, id) // says that there is none
			return err
		}
		f = all[i]
		before := *f
		before.Options = slices.Clone(f.Options)
		ch, err := change(f)
		if err != nil {
			return err
		}
		if err := ch.apply(f, slices.Delete(slices.Clone(all), i, i+1)); err != nil {
			return err
		}
		f.UpdatedAt = s.now()
		if err := tx.UpdateField(ctx, f); err != nil {
			return err
		}
		if err := s.moveField(ctx, tx, all, f, ch.Position); err != nil {
			return err
		}
		return s.recordField(ctx, tx, by, fieldChangeNamed(&before, f), f, &before, f)
	})
	return f, err
}

// apply makes the change and judges the result.
func (ch FieldChange) apply(f *directory.Field, others []*directory.Field) error {
	if ch.Type != nil && *ch.Type != f.Type {
		return problem.New(problem.Invalid, "field_type_fixed", "The type of a field cannot be changed.").
			On(problem.Yours, "Create another field, and deactivate this one.").In("type")
	}
	if ch.Key != nil && *ch.Key != f.Key {
		return problem.New(problem.Invalid, "field_key_fixed", "The key of a field cannot be changed: programs find it by that.").
			On(problem.Yours, "Create another field, and deactivate this one.").In("key")
	}
	set(&f.Title, ch.Title)
	set(&f.Description, ch.Description)
	set(&f.AgentDescription, ch.AgentDescription)
	set(&f.Active, ch.Active)
	set(&f.Required, ch.Required)
	set(&f.Portal.Title, ch.PortalTitle)
	set(&f.Portal.Visible, ch.PortalVisible)
	set(&f.Portal.Editable, ch.PortalEditable)
	set(&f.Portal.Required, ch.PortalRequired)
	set(&f.Tag, ch.Tag)
	set(&f.Pattern, ch.Pattern)
	if ch.Options != nil {
		f.Options = sameOptions(f.Options, *ch.Options)
	}
	return f.Validate(others)
}

func set[T any](into *T, to *T) {
	if to != nil {
		*into = *to
	}
}

// sameOptions gives new options the numbers of those that they continue.
func sameOptions(before, after []directory.Option) []directory.Option {
	byID, byValue := make(map[directory.OptionID]bool), make(map[string]directory.OptionID)
	for _, o := range before {
		byID[o.ID], byValue[o.Value] = true, o.ID
	}
	kept := slices.Clone(after)
	for _, o := range after {
		if byID[o.ID] {
			delete(byID, o.ID) // taken
		}
	}
	for i := range kept {
		o := &kept[i]
		if known := slices.ContainsFunc(before, func(b directory.Option) bool { return b.ID == o.ID }); known && o.ID != 0 {
			continue
		}
		o.ID = 0
		if id := byValue[o.Value]; byID[id] {
			o.ID = id
			delete(byID, id)
		}
	}
	return kept
}

// moveField puts a field at the position that is asked for.
func (s *Service) moveField(ctx context.Context, tx Tx, all []*directory.Field, f *directory.Field, to *int) error {
	if to == nil {
		return nil
	}
	rest := slices.DeleteFunc(slices.Clone(all), func(other *directory.Field) bool { return other.ID == f.ID })
	return arrangeFields(ctx, tx, slices.Insert(rest, min(max(*to, 1)-1, len(rest)), f))
}

func arrangeFields(ctx context.Context, tx Tx, order []*directory.Field) error {
	for i, f := range order {
		if f.Position == i+1 {
			continue
		}
		f.Position = i + 1
		if err := tx.UpdateField(ctx, f); err != nil {
			return fmt.Errorf("move field %d: %w", f.ID, err)
		}
	}
	return nil
}

// ReorderFields puts the fields of an owner into an order. Those that are not
// named follow in the order that they had.
func (s *Service) ReorderFields(ctx context.Context, by access.Actor, owner directory.FieldOwner, ids []directory.FieldID) error {
	return s.changeFields(ctx, by, owner, func(tx Tx, all []*directory.Field) error {
		var first []*directory.Field
		for _, id := range ids {
			i := slices.IndexFunc(all, func(f *directory.Field) bool { return f.ID == id })
			if i < 0 {
				return problem.New(problem.Invalid, "unknown_field", "There is no field %d, or it is named twice.", id).
					On(problem.Yours, "Load the list again.").In(string(owner) + "_field_ids")
			}
			first = append(first, all[i])
			all = slices.Delete(all, i, i+1)
		}
		if err := arrangeFields(ctx, tx, append(first, all...)); err != nil {
			return err
		}
		return access.Record(ctx, tx, by, s.now(), access.Change{Action: "field.reordered", Object: "field", Label: string(owner), After: map[string]any{"order": ids}})
	})
}

// DeleteField removes a custom field: it disappears at once, its values are
// removed by a job. The tags that they gave to tickets stay, and so does what
// has been written down of them.
func (s *Service) DeleteField(ctx context.Context, by access.Actor, owner directory.FieldOwner, id directory.FieldID) error {
	return s.changeFields(ctx, by, owner, func(tx Tx, all []*directory.Field) error {
		f, err := tx.GetField(ctx, owner, id)
		if err != nil {
			return err
		}
		if err := tx.ConcealField(ctx, id); err != nil {
			return fmt.Errorf("delete field %d: %w", id, err)
		}
		if _, err := job.Insert(ctx, tx, DeleteFieldValues{Field: id}, job.Options{}); err != nil {
			return err
		}
		left := slices.DeleteFunc(all, func(f *directory.Field) bool { return f.ID == id })
		if err := arrangeFields(ctx, tx, left); err != nil {
			return err
		}
		return s.recordField(ctx, tx, by, "field.deleted", f, f, nil)
	})
}

// valuesAtOnce is how many values of a deleted field one transaction removes.
const valuesAtOnce = 5000

// RemoveFieldValues removes the values of a deleted field, and then the field
// itself, for the DeleteFieldValues job.
func (s *Service) RemoveFieldValues(ctx context.Context, id directory.FieldID) error {
	for {
		var n int
		err := s.store.Update(ctx, func(tx Tx) (err error) {
			n, err = tx.DeleteFieldValues(ctx, id, valuesAtOnce)
			return err
		})
		if err != nil || n == 0 {
			return err
		}
	}
}

// SaveOption adds an option to a field, or changes the one with its ID.
func (s *Service) SaveOption(ctx context.Context, by access.Actor, owner directory.FieldOwner, id directory.FieldID, o directory.Option) (*directory.Option, error) {
	at := -1
	f, err := s.alterField(ctx, by, owner, id, func(f *directory.Field) (FieldChange, error) {
		options := slices.Clone(f.Options)
		if o.ID == 0 {
			options = append(options, o)
			at = len(options) - 1
			return FieldChange{Options: &options}, nil
		}
		var err error
		if at, err = optionAt(f, o.ID); err != nil {
			return FieldChange{}, err
		}
		o.Default = options[at].Default
		options[at] = o
		return FieldChange{Options: &options}, nil
	})
	if err != nil {
		return nil, err
	}
	return &f.Options[at], nil
}

// DeleteOption removes an option. Who has chosen it keeps it.
func (s *Service) DeleteOption(ctx context.Context, by access.Actor, owner directory.FieldOwner, id directory.FieldID, option directory.OptionID) error {
	_, err := s.alterField(ctx, by, owner, id, func(f *directory.Field) (FieldChange, error) {
		at, err := optionAt(f, option)
		if err != nil {
			return FieldChange{}, err
		}
		options := slices.Delete(slices.Clone(f.Options), at, at+1)
		return FieldChange{Options: &options}, nil
	})
	return err
}

func optionAt(f *directory.Field, id directory.OptionID) (int, error) {
	i := slices.IndexFunc(f.Options, func(o directory.Option) bool { return o.ID == id })
	if i < 0 {
		return 0, problem.New(problem.NotFound, "not_found", "%s has no option %d.", f.Title, id).
			On(problem.Yours, "It may have been removed. Go back to the list.")
	}
	return i, nil
}

// changeFields runs what an administrator does to the fields of an owner. Two
// never do it at the same time, so that positions and tags stay what they are.
func (s *Service) changeFields(ctx context.Context, by access.Actor, owner directory.FieldOwner, change func(tx Tx, all []*directory.Field) error) error {
	if err := by.MustAdminister(); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := tx.RaiseFieldRevision(ctx); err != nil {
			return fmt.Errorf("raise the revision of fields: %w", err)
		}
		if err := tx.RaiseTriggerRevision(ctx); err != nil { // triggers look at fields
			return fmt.Errorf("raise the revision of triggers: %w", err)
		}
		all, err := tx.ListFields(ctx, owner)
		if err != nil {
			return fmt.Errorf("list fields: %w", err)
		}
		tx.Publish(event.Event{Kind: event.SettingsUpdated})
		return change(tx, all)
	})
}

// fieldChangeNamed names what was done for the audit trail.
func fieldChangeNamed(before, after *directory.Field) string {
	switch {
	case !before.Active && after.Active:
		return "field.activated"
	case before.Active && !after.Active:
		return "field.deactivated"
	}
	return "field.updated"
}

func (s *Service) recordField(ctx context.Context, tx Tx, by access.Actor, action string, f, before, after *directory.Field) error {
	return access.Record(ctx, tx, by, s.now(), access.Change{
		Action: action, Object: "field", Subject: int64(f.ID), Label: f.Title, Before: fieldFacts(before), After: fieldFacts(after),
	})
}

// fieldFacts is what the audit trail keeps of a field; nil for none.
func fieldFacts(f *directory.Field) any {
	if f == nil {
		return nil
	}
	facts := map[string]any{"owner": f.Owner, "type": f.Type, "title": f.Title, "active": f.Active, "position": f.Position, "required": f.Required}
	if f.Type.Chooses() {
		facts["options"] = len(f.Options)
	}
	return facts
}
