package desk

import (
	"context"

	"tandem/access"
	"tandem/directory"
	"tandem/event"
	"tandem/problem"
)

// DeletePerson deletes a requester: the tickets stay, and the addresses are
// free for somebody else. Whoever works here has to be made a requester first,
// so that nobody's tickets are left with somebody who is gone.
func (s *Service) DeletePerson(ctx context.Context, by access.Actor, id directory.UserID) (u *directory.User, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		u, err = s.DeletePersonIn(ctx, tx, by, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}

// DeletePersonIn is DeletePerson in the caller's transaction.
func (s *Service) DeletePersonIn(ctx context.Context, tx Tx, by access.Actor, id directory.UserID) (*directory.User, error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	u, err := tx.GetUser(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case !u.Active():
		return nil, problem.New(problem.Conflict, "user_deleted", "%s has been deleted.", u.Name).
			On(problem.Yours, "There is nothing left to do.").With("name", u.Name)
	case u.Works():
		return nil, problem.New(problem.Conflict, "delete_agent", "%s works here.", u.Name).
			On(problem.Yours, "Make the person a requester first.").With("name", u.Name)
	}
	identities, err := tx.ListIdentities(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	label := u.Label()
	u.Former = nil
	if u.Email != "" {
		u.Former = append(u.Former, u.Email)
	}
	for _, i := range identities {
		if i.Value != u.Email {
			u.Former = append(u.Former, i.Value)
		}
	}
	u.DeletedAt = s.now()
	if err := tx.DeleteUser(ctx, u); err != nil {
		return nil, err
	}
	tx.Publish(event.Event{Kind: event.UserUpdated, ID: int64(u.ID)})
	return u, access.Record(ctx, tx, by, s.now(), access.Change{
		Action: "user.deleted", Object: "user", Subject: int64(u.ID), Label: label,
	})
}

// DeletedPerson gives somebody who has been deleted, or problem.NotFound.
func (s *Service) DeletedPerson(ctx context.Context, by access.Actor, id directory.UserID) (u *directory.User, err error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		if u, err = tx.GetUser(ctx, id); err != nil {
			return err
		}
		switch {
		case u.Active():
			return problem.New(problem.NotFound, "not_found", "%s has not been deleted.", u.Name).On(problem.Yours, "Delete the person first.")
		case u.Erased:
			return erased()
		}
		return nil
	})
	return u, err
}
