package access

import (
	"context"
	"time"

	"tandem/directory"
)

// ChangedUsers gives people in the order of their last change, from a time and
// behind the person with an id who was changed at just that time. Agents may.
func (s *Service) ChangedUsers(ctx context.Context, by Actor, at time.Time, after directory.UserID, limit int) (users []*directory.User, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		users, err = tx.ListChangedUsers(ctx, at, after, limit)
		return err
	})
	return users, err
}
