package desk

import (
	"context"
	"fmt"

	"tandem/access"
	"tandem/directory"
	"tandem/problem"
)

// PersonChange is a person to add, or what to change of one, with what they
// have and belong to. It is done in one transaction.
type PersonChange struct {
	ID               directory.UserID // 0: whoever has the external id or the address
	User             access.UserChange
	Identities       []NewIdentity            // of somebody who is added: further addresses and numbers
	Organization     directory.OrganizationID // becomes the default one; 0: stays
	OrganizationName string                   // instead of Organization
	Team             directory.TeamID         // becomes the default one; 0: stays
}

// NewIdentity is an address or number to add.
type NewIdentity struct {
	Kind  directory.IdentityKind
	Value string
}

// CreatePerson adds a person.
func (s *Service) CreatePerson(ctx context.Context, by access.Actor, c PersonChange) (u *directory.User, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		u, err = s.CreatePersonIn(ctx, tx, by, c)
		return err
	})
	return u, err
}

// CreatePersonIn is CreatePerson in the caller's transaction.
func (s *Service) CreatePersonIn(ctx context.Context, tx Tx, by access.Actor, c PersonChange) (*directory.User, error) {
	u, err := s.people.CreateUserIn(ctx, accessTx(tx), by, c.newUser())
	if err != nil {
		return nil, err
	}
	for _, i := range c.Identities {
		if _, err := s.addIdentity(ctx, tx, by, u.ID, i.Kind, i.Value); err != nil {
			return nil, err
		}
	}
	return s.settlePerson(ctx, tx, by, u, c)
}

// newUser is the person that the change adds.
func (c PersonChange) newUser() access.NewUser {
	ch := c.User
	return access.NewUser{
		Name: valueOf(ch.Name), Email: valueOf(ch.Email), Role: valueOf(ch.Role), Locale: valueOf(ch.Locale), TimeZone: valueOf(ch.TimeZone),
		Signature: valueOf(ch.Signature), Fields: ch.Fields, Profile: ch,
	}
}

// ChangePerson changes whoever the change names.
func (s *Service) ChangePerson(ctx context.Context, by access.Actor, c PersonChange) (u *directory.User, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		u, err = s.ChangePersonIn(ctx, tx, by, c)
		return err
	})
	return u, err
}

// ChangePersonIn is ChangePerson in the caller's transaction.
func (s *Service) ChangePersonIn(ctx context.Context, tx Tx, by access.Actor, c PersonChange) (*directory.User, error) {
	if c.ID == 0 {
		known, err := findPerson(ctx, tx, 0, valueOf(c.User.ExternalID), valueOf(c.User.Email))
		if err != nil {
			return nil, err
		}
		if known == nil {
			return nil, problem.New(problem.NotFound, "not_found", "There is no such person.").
				On(problem.Yours, "Name the person by id, external id or address.")
		}
		c.ID = known.ID
	}
	u, err := s.people.UpdateUserIn(ctx, accessTx(tx), by, c.ID, c.User)
	if err != nil {
		return nil, err
	}
	return s.settlePerson(ctx, tx, by, u, c)
}

// KeepPerson changes whoever has the id, the external id or the address, in this
// order, and adds them when there is nobody.
func (s *Service) KeepPerson(ctx context.Context, by access.Actor, c PersonChange) (u *directory.User, added bool, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		u, added, err = s.KeepPersonIn(ctx, tx, by, c)
		return err
	})
	return u, added, err
}

// KeepPersonIn is KeepPerson in the caller's transaction.
func (s *Service) KeepPersonIn(ctx context.Context, tx Tx, by access.Actor, c PersonChange) (u *directory.User, added bool, err error) {
	if err := by.MustWork(); err != nil {
		return nil, false, err
	}
	known, err := findPerson(ctx, tx, c.ID, valueOf(c.User.ExternalID), valueOf(c.User.Email))
	if err != nil {
		return nil, false, err
	}
	if known == nil {
		u, err = s.CreatePersonIn(ctx, tx, by, c)
		return u, true, err
	}
	c.ID = known.ID
	u, err = s.ChangePersonIn(ctx, tx, by, c)
	return u, false, err
}

// settlePerson makes a person a member where the change says, and that the default.
func (s *Service) settlePerson(ctx context.Context, tx Tx, by access.Actor, u *directory.User, c PersonChange) (*directory.User, error) {
	organization, err := namedOrganization(ctx, tx, c)
	if err != nil {
		return nil, err
	}
	for _, wanted := range []directory.Membership{{UserID: u.ID, OrganizationID: organization}, {UserID: u.ID, TeamID: c.Team}} {
		if wanted.OrganizationID == 0 && wanted.TeamID == 0 {
			continue
		}
		if err := s.SettleIn(ctx, tx, by, wanted); err != nil {
			return nil, err
		}
	}
	return tx.GetUser(ctx, u.ID)
}

// namedOrganization gives the organization that a change names; 0 when it names none.
func namedOrganization(ctx context.Context, tx Tx, c PersonChange) (directory.OrganizationID, error) {
	if c.Organization != 0 || c.OrganizationName == "" {
		return c.Organization, nil
	}
	o, err := tx.FindOrganizationByName(ctx, c.OrganizationName)
	if err != nil {
		return 0, err
	}
	if o == nil {
		return 0, unknownOrganization()
	}
	return o.ID, nil
}

func unknownOrganization() error {
	return problem.New(problem.Invalid, "unknown_organization", "There is no such organization.").
		On(problem.Yours, "Choose another.").In("organization_id")
}

// accessTx is the transaction as those who sign in and their roles know it.
func accessTx(tx Tx) access.Tx {
	known, ok := tx.(access.Tx)
	if !ok {
		panic(fmt.Sprintf("desk: the transaction %T knows no people", tx))
	}
	return known
}

// valueOf is what a pointer points to; the zero value when it is nil.
func valueOf[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
