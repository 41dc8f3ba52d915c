package blob

import (
	"context"
	"fmt"
	"time"
)

// known tells whether the content is there already, and touches it if so:
// whoever stores it again is about to refer to it, and Retire leaves it alone.
// It is looked for once more afterwards, as Retire may have been quicker.
func (s *Store) known(ctx context.Context, key string) (bool, error) {
	known, err := s.place.has(ctx, key)
	if err != nil || !known {
		return false, err
	}
	if err := s.place.touch(ctx, key); err != nil {
		return false, fmt.Errorf("touch blob %s: %w", key, err)
	}
	return s.place.has(ctx, key)
}

// Retire removes a blob that nobody has stored, or stored again, since the
// given time, and tells whether it is gone. The caller has made sure that
// nothing refers to it which was stored before that time.
//
// A Put of the same content may run at the same moment. It touches the blob and
// then looks for it; Retire hides the blob and then looks whether it was
// touched. Whichever comes first, one of the two notices the other: either Put
// finds nothing and stores its own copy, or Retire puts back what it hid. A
// crash in between leaves a hidden blob, which the next Retire takes up.
func (s *Store) Retire(ctx context.Context, key string, since time.Time) (gone bool, err error) {
	if !valid(key) {
		return true, nil
	}
	if err := s.place.unhide(ctx, key); err != nil {
		return false, fmt.Errorf("put blob %s back: %w", key, err)
	}
	if young, err := s.youngerThan(ctx, key, since); err != nil || young {
		return false, err
	}
	if err := s.place.hide(ctx, key); err != nil {
		return false, fmt.Errorf("hide blob %s: %w", key, err)
	}
	young, err := s.youngerThan(ctx, key, since)
	if err != nil {
		return false, err
	}
	if young {
		if err := s.place.unhide(ctx, key); err != nil {
			return false, fmt.Errorf("put blob %s back: %w", key, err)
		}
		return false, nil
	}
	return true, s.place.forget(ctx, key)
}

func (s *Store) youngerThan(ctx context.Context, key string, since time.Time) (bool, error) {
	at, err := s.place.touched(ctx, key)
	if err != nil {
		return false, fmt.Errorf("look when blob %s was stored: %w", key, err)
	}
	return at.After(since), nil
}
