package desk

import (
	"context"

	"tandem/access"
	"tandem/directory"
	"tandem/event"
	"tandem/problem"
)

// Memberships lists who belongs where.
func (s *Service) Memberships(ctx context.Context, by access.Actor, f directory.MembershipFilter) (list []*directory.Membership, count int, err error) {
	if err := by.MustWork(); err != nil {
		return nil, 0, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		if list, err = tx.ListMemberships(ctx, f); err != nil {
			return err
		}
		count, err = tx.CountMemberships(ctx, f)
		return err
	})
	return list, count, err
}

// Membership gives one membership.
func (s *Service) Membership(ctx context.Context, by access.Actor, id directory.MembershipID) (m *directory.Membership, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		m, err = tx.GetMembership(ctx, id)
		return err
	})
	return m, err
}

// AddMember makes a person a member of an organization or a team.
func (s *Service) AddMember(ctx context.Context, by access.Actor, m directory.Membership) (*directory.Membership, error) {
	err := s.store.Update(ctx, func(tx Tx) error {
		wanted := m // the transaction may run again
		if err := s.AddMemberIn(ctx, tx, by, &wanted); err != nil {
			return err
		}
		m = wanted
		return nil
	})
	return &m, err
}

// AddMemberIn is AddMember in the caller's transaction. Agents may say to which
// organizations requesters belong, administrators everything.
func (s *Service) AddMemberIn(ctx context.Context, tx Tx, by access.Actor, m *directory.Membership) error {
	u, err := s.mayMove(ctx, tx, by, m)
	if err != nil {
		return err
	}
	known, err := tx.FindMembership(ctx, *m)
	if err != nil {
		return err
	}
	if known != nil {
		return problem.New(problem.Invalid, "already_member", "%s is a member already.", u.Name).
			On(problem.Yours, "There is nothing to do.").With("name", u.Name).In("user_id")
	}
	if err := directory.Join(ctx, tx, m); err != nil {
		return err
	}
	if m.OrganizationID != 0 && m.Default {
		if err := s.bringTickets(ctx, tx, by, u.ID, 0, m.OrganizationID); err != nil {
			return err
		}
	}
	return s.moved(ctx, tx, by, u, m, "joined")
}

// Settle makes a person a member where they are not, and that the default.
func (s *Service) Settle(ctx context.Context, by access.Actor, m directory.Membership) error {
	return s.store.Update(ctx, func(tx Tx) error { return s.SettleIn(ctx, tx, by, m) })
}

// SettleIn is Settle in the caller's transaction.
func (s *Service) SettleIn(ctx context.Context, tx Tx, by access.Actor, m directory.Membership) error {
	known, err := tx.FindMembership(ctx, m)
	if err != nil || known != nil && known.Default {
		return err
	}
	m.Default = true
	if known == nil {
		return s.AddMemberIn(ctx, tx, by, &m)
	}
	return s.makeDefault(ctx, tx, by, known)
}

// RemoveMember ends a membership.
func (s *Service) RemoveMember(ctx context.Context, by access.Actor, id directory.MembershipID) error {
	return s.store.Update(ctx, func(tx Tx) error { return s.RemoveMemberIn(ctx, tx, by, id) })
}

// RemoveMemberIn is RemoveMember in the caller's transaction.
func (s *Service) RemoveMemberIn(ctx context.Context, tx Tx, by access.Actor, id directory.MembershipID) error {
	if err := by.MustWork(); err != nil {
		return err
	}
	m, err := tx.GetMembership(ctx, id)
	if err != nil {
		return err
	}
	u, err := s.mayMove(ctx, tx, by, m)
	if err != nil {
		return err
	}
	if err := directory.Leave(ctx, tx, m); err != nil {
		return err
	}
	if m.OrganizationID != 0 {
		left, err := tx.GetUser(ctx, u.ID)
		if err != nil {
			return err
		}
		if err := s.bringTickets(ctx, tx, by, u.ID, m.OrganizationID, left.OrganizationID); err != nil {
			return err
		}
	}
	if m.TeamID != 0 {
		if err := s.beginUnassigning(ctx, tx, by, UnassignTickets{Team: m.TeamID, Assignee: u.ID}); err != nil {
			return err
		}
	}
	return s.moved(ctx, tx, by, u, m, "left")
}

// MakeDefault makes a membership the person's default one of its kind.
func (s *Service) MakeDefault(ctx context.Context, by access.Actor, user directory.UserID, id directory.MembershipID) (m *directory.Membership, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		if m, err = tx.GetMembership(ctx, id); err != nil {
			return err
		}
		if m.UserID != user {
			return problem.New(problem.NotFound, "not_found", "The person has no such membership.").On(problem.Yours, "Load the page again.")
		}
		return s.makeDefault(ctx, tx, by, m)
	})
	return m, err
}

func (s *Service) makeDefault(ctx context.Context, tx Tx, by access.Actor, m *directory.Membership) error {
	u, err := s.mayMove(ctx, tx, by, m)
	if err != nil {
		return err
	}
	m.Default = true
	if err := directory.Join(ctx, tx, m); err != nil {
		return err
	}
	return s.moved(ctx, tx, by, u, m, "default_changed")
}

// mayMove tells whether the actor may change where the person belongs, and
// whether the person can belong there.
func (s *Service) mayMove(ctx context.Context, tx Tx, by access.Actor, m *directory.Membership) (*directory.User, error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	u, err := tx.GetUser(ctx, m.UserID)
	if err != nil {
		return nil, unknownPerson(err, "user_id")
	}
	if m.TeamID != 0 || u.Works() {
		if err := by.MustAdminister(); err != nil {
			return nil, err
		}
	}
	m.UserID = u.ID
	switch {
	case !u.Active():
		return nil, problem.New(problem.Invalid, "user_deleted", "%s has been deleted.", u.Name).
			On(problem.Yours, "Add the person anew.").With("name", u.Name).In("user_id")
	case m.TeamID != 0 && m.ID == 0 && !u.Works():
		return nil, problem.New(problem.Invalid, "member_no_agent", "%s does not work on tickets.", u.Name).
			On(problem.Yours, "Only agents and administrators belong to teams.").With("name", u.Name).In("user_id")
	case m.TeamID != 0:
		return u, mustBeTeam(ctx, tx, m.TeamID)
	}
	if _, err := tx.GetOrganization(ctx, m.OrganizationID); err != nil {
		if problem.KindOf(err) == problem.NotFound {
			return nil, unknownOrganization()
		}
		return nil, err
	}
	return u, nil
}

// moved tells everybody where a person belongs now.
func (s *Service) moved(ctx context.Context, tx Tx, by access.Actor, u *directory.User, m *directory.Membership, what string) error {
	object, id := "organization_membership", int64(m.OrganizationID)
	kind := event.OrganizationUpdated
	if m.TeamID != 0 {
		object, id, kind = "group_membership", int64(m.TeamID), event.TeamUpdated
	}
	tx.Publish(event.Event{Kind: event.UserUpdated, ID: int64(u.ID)})
	tx.Publish(event.Event{Kind: kind, ID: id})
	return access.Record(ctx, tx, by, s.now(), access.Change{
		Action: object + "." + what, Object: "user", Subject: int64(u.ID), Label: u.Label(), After: map[string]any{"id": id},
	})
}
