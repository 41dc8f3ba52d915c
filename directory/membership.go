package directory

import (
	"context"
	"time"
)

// MembershipID identifies a membership.
type MembershipID int64

// Membership says that a person belongs to an organization or to a team: one
// of the two ids is set. Of all organizations of a person one is the default,
// and of all teams.
type Membership struct {
	ID             MembershipID
	UserID         UserID
	OrganizationID OrganizationID
	TeamID         TeamID
	Default        bool
	CreatedAt      time.Time
}

// MembershipTx stores memberships. A default is a field of the person, so that
// there are never two.
type MembershipTx interface {
	GetMembership(context.Context, MembershipID) (*Membership, error)
	// FindMembership returns the one with the same person and the same organization or team, or nil.
	FindMembership(context.Context, Membership) (*Membership, error)
	ListMemberships(context.Context, MembershipFilter) ([]*Membership, error) // oldest first
	CountMemberships(context.Context, MembershipFilter) (int, error)
	InsertMembership(context.Context, *Membership) error // sets ID
	DeleteMembership(context.Context, MembershipID) error
	// SetDefaultOrganization and SetDefaultTeam write the person's default; 0: none.
	SetDefaultOrganization(context.Context, UserID, OrganizationID) error
	SetDefaultTeam(context.Context, UserID, TeamID) error
}

// MembershipFilter chooses memberships.
type MembershipFilter struct {
	Teams        bool // of teams, else of organizations
	User         UserID
	Users        []UserID // of any of them; empty: of everybody
	Organization OrganizationID
	Team         TeamID
	Working      bool // only of people who may be given tickets
	Part
}

// Join makes a person a member, unless they are one. The first membership of
// its kind becomes the default one, and any other when it says so.
func Join(ctx context.Context, tx Tx, m *Membership) error {
	u, err := tx.GetUser(ctx, m.UserID)
	if err != nil {
		return err
	}
	m.UserID = u.ID
	known, err := tx.FindMembership(ctx, *m)
	if err != nil {
		return err
	}
	wanted := m.Default
	if known != nil {
		*m = *known
	} else if err := tx.InsertMembership(ctx, m); err != nil {
		return err
	}
	first := m.OrganizationID != 0 && u.OrganizationID == 0 || m.TeamID != 0 && u.TeamID == 0
	if !wanted && !first {
		return nil
	}
	return makeDefault(ctx, tx, m)
}

// makeDefault makes a membership the one that counts when nobody says which.
func makeDefault(ctx context.Context, tx Tx, m *Membership) error {
	m.Default = true // whatever it was
	if m.TeamID != 0 {
		return tx.SetDefaultTeam(ctx, m.UserID, m.TeamID)
	}
	return tx.SetDefaultOrganization(ctx, m.UserID, m.OrganizationID)
}

// Leave ends a membership. When it was the default one, the oldest that is
// left of its kind takes its place.
func Leave(ctx context.Context, tx Tx, m *Membership) error {
	if err := tx.DeleteMembership(ctx, m.ID); err != nil || !m.Default {
		return err
	}
	left, err := tx.ListMemberships(ctx, MembershipFilter{Teams: m.TeamID != 0, User: m.UserID, Part: Part{Limit: 1}})
	if err != nil {
		return err
	}
	next := &Membership{UserID: m.UserID}
	if len(left) > 0 {
		next = left[0]
	}
	if m.TeamID != 0 {
		return tx.SetDefaultTeam(ctx, m.UserID, next.TeamID)
	}
	return tx.SetDefaultOrganization(ctx, m.UserID, next.OrganizationID)
}

// JoinByDomain makes a person a member of the organization to whose domain the
// address belongs, and tells which; 0 when none has the domain. People who work
// here join none by themselves.
func JoinByDomain(ctx context.Context, tx Tx, u *User, address string) (OrganizationID, error) {
	if u.Works() {
		return 0, nil
	}
	o, err := tx.FindOrganizationByDomain(ctx, DomainOf(address))
	if err != nil || o == nil {
		return 0, err
	}
	m := &Membership{UserID: u.ID, OrganizationID: o.ID}
	if err := Join(ctx, tx, m); err != nil {
		return 0, err
	}
	if m.Default {
		u.OrganizationID = o.ID
	}
	return o.ID, nil
}
