package desk

import (
	"context"

	"tandem/access"
	"tandem/bulk"
	"tandem/directory"
)

// Bulk work on people: one after the other, what one refuses does not hold up the others.
type (
	CreatePeople struct{ People []PersonChange }
	KeepPeople   struct{ People []PersonChange }
	// ChangePeople changes each in its own way, or all of IDs alike.
	ChangePeople struct {
		People []PersonChange
		IDs    []directory.UserID
		Alike  PersonChange
	}
	DeletePeople struct{ IDs []directory.UserID }
)

// Bulk work on organizations.
type (
	CreateOrganizations struct{ Organizations []OrganizationChange }
	// ChangeOrganizations changes each in its own way, or all of IDs alike.
	ChangeOrganizations struct {
		Organizations []OwnOrganizationChange
		IDs           []directory.OrganizationID
		Alike         OrganizationChange
	}
	DeleteOrganizations struct{ IDs []directory.OrganizationID }
)

// OwnOrganizationChange is one organization of several, with what changes at it.
type OwnOrganizationChange struct {
	ID     directory.OrganizationID // 0: the one with the external id
	Change OrganizationChange
}

// Bulk work on who belongs where, in organizations or teams.
type (
	AddMembers    struct{ Members []directory.Membership }
	RemoveMembers struct{ IDs []directory.MembershipID }
)

// The kinds of the work.
func (CreatePeople) Kind() string        { return "users.create" }
func (KeepPeople) Kind() string          { return "users.create_or_update" }
func (ChangePeople) Kind() string        { return "users.update" }
func (DeletePeople) Kind() string        { return "users.delete" }
func (CreateOrganizations) Kind() string { return "organizations.create" }
func (ChangeOrganizations) Kind() string { return "organizations.update" }
func (DeleteOrganizations) Kind() string { return "organizations.delete" }
func (AddMembers) Kind() string          { return "memberships.create" }
func (RemoveMembers) Kind() string       { return "memberships.delete" }

// How many records there are.
func (w CreatePeople) Len() int        { return len(w.People) }
func (w KeepPeople) Len() int          { return len(w.People) }
func (w ChangePeople) Len() int        { return len(w.People) + len(w.IDs) }
func (w DeletePeople) Len() int        { return len(w.IDs) }
func (w CreateOrganizations) Len() int { return len(w.Organizations) }
func (w ChangeOrganizations) Len() int { return len(w.Organizations) + len(w.IDs) }
func (w DeleteOrganizations) Len() int { return len(w.IDs) }
func (w AddMembers) Len() int          { return len(w.Members) }
func (w RemoveMembers) Len() int       { return len(w.IDs) }

// of is the change that item i makes.
func (w ChangePeople) of(i int) PersonChange {
	if i < len(w.People) {
		return w.People[i]
	}
	c := w.Alike
	c.ID = w.IDs[i-len(w.People)]
	return c
}

func (w ChangeOrganizations) of(i int) OwnOrganizationChange {
	if i < len(w.Organizations) {
		return w.Organizations[i]
	}
	return OwnOrganizationChange{ID: w.IDs[i-len(w.Organizations)], Change: w.Alike}
}

// handleBulkDirectory registers that work.
func (s *Service) handleBulkDirectory(b *bulk.Service, store bulk.Store[BulkTx]) {
	bulk.Handle(b, store, func(ctx context.Context, tx BulkTx, by access.Actor, all CreatePeople, i int) (bulk.Outcome, error) {
		u, err := s.CreatePersonIn(ctx, tx, by, all.People[i])
		return made(u, err)
	})
	bulk.Handle(b, store, func(ctx context.Context, tx BulkTx, by access.Actor, all KeepPeople, i int) (bulk.Outcome, error) {
		u, added, err := s.KeepPersonIn(ctx, tx, by, all.People[i])
		if added || err != nil {
			return made(u, err)
		}
		return bulk.Updated(u.ID), nil
	})
	bulk.Handle(b, store, func(ctx context.Context, tx BulkTx, by access.Actor, all ChangePeople, i int) (bulk.Outcome, error) {
		c := all.of(i)
		u, err := s.ChangePersonIn(ctx, tx, by, c)
		if err != nil {
			return bulk.Updated(c.ID), err
		}
		return bulk.Updated(u.ID), nil
	})
	bulk.Handle(b, store, func(ctx context.Context, tx BulkTx, by access.Actor, all DeletePeople, i int) (bulk.Outcome, error) {
		_, err := s.DeletePersonIn(ctx, tx, by, all.IDs[i])
		return bulk.Deleted(all.IDs[i]), err
	})
	bulk.Handle(b, store, func(ctx context.Context, tx BulkTx, by access.Actor, all CreateOrganizations, i int) (bulk.Outcome, error) {
		o, err := s.SaveOrganizationIn(ctx, tx, by, 0, all.Organizations[i])
		if err != nil {
			return bulk.Outcome{Action: "create"}, err
		}
		return bulk.Created(o.ID), nil
	})
	bulk.Handle(b, store, func(ctx context.Context, tx BulkTx, by access.Actor, all ChangeOrganizations, i int) (bulk.Outcome, error) {
		own := all.of(i)
		if own.ID == 0 {
			o, err := tx.FindOrganizationByExternalID(ctx, valueOf(own.Change.ExternalID))
			if err != nil {
				return bulk.Outcome{Action: "update"}, err
			}
			if o == nil {
				return bulk.Outcome{Action: "update"}, unknownOrganization()
			}
			own.ID = o.ID
		}
		_, err := s.SaveOrganizationIn(ctx, tx, by, own.ID, own.Change)
		return bulk.Updated(own.ID), err
	})
	bulk.Handle(b, store, func(ctx context.Context, tx BulkTx, by access.Actor, all DeleteOrganizations, i int) (bulk.Outcome, error) {
		return bulk.Deleted(all.IDs[i]), s.DeleteOrganizationIn(ctx, tx, by, all.IDs[i])
	})
	bulk.Handle(b, store, func(ctx context.Context, tx BulkTx, by access.Actor, all AddMembers, i int) (bulk.Outcome, error) {
		m := all.Members[i]
		if err := s.AddMemberIn(ctx, tx, by, &m); err != nil {
			return bulk.Outcome{Action: "create"}, err
		}
		return bulk.Created(m.ID), nil
	})
	bulk.Handle(b, store, func(ctx context.Context, tx BulkTx, by access.Actor, all RemoveMembers, i int) (bulk.Outcome, error) {
		return bulk.Deleted(all.IDs[i]), s.RemoveMemberIn(ctx, tx, by, all.IDs[i])
	})
}

// made is the outcome of somebody who was to be added.
func made(u *directory.User, err error) (bulk.Outcome, error) {
	if err != nil {
		return bulk.Outcome{Action: "create"}, err
	}
	return bulk.Created(u.ID), nil
}
