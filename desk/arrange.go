package desk

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
)

// placed is what stands in an order that people choose: a trigger, a view, a macro.
type placed interface {
	comparable
	rank() *int    // its position; the first is 1
	among() string // things of one kind stand in an order together
}

func (t *Trigger) rank() *int    { return &t.Position }
func (t *Trigger) among() string { return "" }
func (v *View) rank() *int       { return &v.Position }
func (v *View) among() string    { return number(v.Owner) }

func sortedIDs[ID cmp.Ordered, C any](changes map[ID]C) []ID {
	return slices.Sorted(maps.Keys(changes))
}

// moved gives the list with one of them at a position.
func moved[T placed](all []T, one T, to int) []T {
	rest := slices.DeleteFunc(slices.Clone(all), func(other T) bool { return other == one })
	return slices.Insert(rest, min(max(to, 1)-1, len(rest)), one)
}

// arrange stores the positions that have changed.
func arrange[T placed](ctx context.Context, order []T, store func(context.Context, T) error) error {
	places := make(map[string]int)
	for _, one := range order {
		places[one.among()]++
		place := places[one.among()]
		if *one.rank() == place {
			continue
		}
		*one.rank() = place
		if err := store(ctx, one); err != nil {
			return fmt.Errorf("move to place %d: %w", place, err)
		}
	}
	return nil
}

// rearrange reads the list and moves those whose position is asked for.
func rearrange[T placed](ctx context.Context, list func(context.Context) ([]T, error), store func(context.Context, T) error, wanted func(T) *int) error {
	all, err := list(ctx)
	if err != nil {
		return fmt.Errorf("list what is put in order: %w", err)
	}
	arranged := slices.Clone(all)
	for _, one := range all {
		if to := wanted(one); to != nil {
			arranged = movedAmong(arranged, one, *to)
		}
	}
	return arrange(ctx, arranged, store)
}

// movedAmong moves one within its own kind.
func movedAmong[T placed](all []T, one T, to int) []T {
	other := func(t T) bool { return t.among() != one.among() }
	rest := slices.DeleteFunc(slices.Clone(all), func(t T) bool { return !other(t) })
	kind := slices.DeleteFunc(slices.Clone(all), other)
	return append(rest, moved(kind, one, to)...)
}
