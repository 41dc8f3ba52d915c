package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/access"
	"tandem/directory"
	"tandem/event"
	"tandem/problem"
)

// MergeID identifies a merge of two people.
type MergeID int64

// Merge is what became of a person who was merged into another one.
type Merge struct {
	ID     MergeID
	Person directory.UserID // who was merged
	Email  string           // and what their primary address was
	Into   directory.UserID
	Tags   []string // that the other one got by it
	At     time.Time
}

// Possessions are what belongs to a person: a merge moves it.
type Possessions struct {
	Requested int // tickets
	Copied    int // tickets that the person is in copy of
	Assigned  int // tickets that were given to the person
	Comments  int
}

// PeopleTx merges and splits people.
type PeopleTx interface {
	CountPossessions(context.Context, directory.UserID) (Possessions, error)
	// MergePeople gives all that the person has to the other one, and writes down
	// what it was. It sets the ID.
	MergePeople(context.Context, *Merge) error
	// FindMergeByIdentity finds the merge by which a person got an identity; nil when there is none.
	FindMergeByIdentity(context.Context, directory.IdentityID) (*Merge, error)
	// UndoMerge gives back what the merge moved, and what came since then from
	// the addresses that it moved.
	UndoMerge(context.Context, *Merge) error
	// MoveByAddress gives what came by mail from an address to another person.
	MoveByAddress(ctx context.Context, from, to directory.UserID, email string) error
}

// Identities lists what people are known by.
func (s *Service) Identities(ctx context.Context, by access.Actor, people ...directory.UserID) (all []*directory.Identity, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		all, err = tx.ListIdentities(ctx, people...)
		return err
	})
	return all, err
}

// findPerson gives whoever has the id, the external id or the address, in this
// order; nil when there is nobody, or nothing is named.
func findPerson(ctx context.Context, tx Tx, id directory.UserID, externalID, email string) (*directory.User, error) {
	if id != 0 {
		return tx.GetUser(ctx, id)
	}
	if externalID != "" {
		if u, err := tx.FindUserByExternalID(ctx, externalID); err != nil || u != nil {
			return u, err
		}
	}
	if email == "" {
		return nil, nil
	}
	return tx.FindUserByEmail(ctx, strings.TrimSpace(email))
}

// Possessions counts what belongs to a person.
func (s *Service) Possessions(ctx context.Context, by access.Actor, id directory.UserID) (p Possessions, err error) {
	if err := by.MustWork(); err != nil {
		return p, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		p, err = tx.CountPossessions(ctx, id)
		return err
	})
	return p, err
}

// AddIdentity gives a person another address or number. Mail from the address
// is the person's from then on.
func (s *Service) AddIdentity(ctx context.Context, by access.Actor, id directory.UserID, kind directory.IdentityKind, value string) (i *directory.Identity, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		i, err = s.addIdentity(ctx, tx, by, id, kind, value)
		return err
	})
	return i, err
}

func (s *Service) addIdentity(ctx context.Context, tx Tx, by access.Actor, id directory.UserID, kind directory.IdentityKind, value string) (*directory.Identity, error) {
	value, err := normalizeIdentity(kind, value)
	if err != nil {
		return nil, err
	}
	i := &directory.Identity{Kind: kind, Value: value, Verified: true}
	err = s.changePersonIn(ctx, tx, by, id, "user.identity_added", value, func(tx Tx, u *directory.User) error {
		i.UserID, i.CreatedAt = u.ID, s.now()
		if err := mustBeNobodys(ctx, tx, kind, value); err != nil {
			return err
		}
		if kind == directory.EmailIdentity && u.Email == "" { // the first address is the primary one
			u.Email, u.Verified, u.UpdatedAt = value, i.Verified, s.now()
			if err := tx.UpdateUser(ctx, u); err != nil {
				return err
			}
			known, err := tx.FindIdentity(ctx, kind, value)
			if err != nil {
				return err
			}
			*i = *known
		} else if err := tx.InsertIdentity(ctx, i); err != nil || kind != directory.EmailIdentity {
			return err
		}
		_, err := directory.JoinByDomain(ctx, tx, u, value)
		return err
	})
	return i, err
}

func normalizeIdentity(kind directory.IdentityKind, value string) (string, error) {
	switch kind {
	case directory.EmailIdentity:
		return directory.NormalizeEmail(value)
	case directory.PhoneIdentity:
		return directory.NormalizePhone(value)
	}
	return "", problem.New(problem.Invalid, "identity_kind_unknown", "There is no identity of the kind %q.", kind).
		On(problem.Yours, "Add an email or a phone_number.").In("type")
}

func mustBeNobodys(ctx context.Context, tx Tx, kind directory.IdentityKind, value string) error {
	known, err := tx.FindIdentity(ctx, kind, value)
	if err != nil || known == nil {
		return err
	}
	owner, err := tx.GetUser(ctx, known.UserID)
	if err != nil {
		return err
	}
	return problem.New(problem.Invalid, "email_taken", "%s belongs to %s already.", value, owner.Name).
		On(problem.Yours, "Merge the two people if they are one.").With("address", value).With("name", owner.Name).In("value")
}

// RemoveIdentity takes an address or number from a person; the primary address stays.
func (s *Service) RemoveIdentity(ctx context.Context, by access.Actor, id directory.UserID, identity directory.IdentityID) error {
	return s.changeIdentity(ctx, by, id, identity, "user.identity_removed", func(tx Tx, u *directory.User, i *directory.Identity) error {
		if err := mustNotBePrimary(u, i); err != nil {
			return err
		}
		return tx.DeleteIdentity(ctx, i.ID)
	})
}

func mustNotBePrimary(u *directory.User, i *directory.Identity) error {
	if i.Kind != directory.EmailIdentity || i.Value != u.Email {
		return nil
	}
	return problem.New(problem.Conflict, "identity_primary", "%s is the primary address.", i.Value).
		On(problem.Yours, "Make another address the primary one first.").With("address", i.Value)
}

// MakePrimary makes an address the one that mail to the person goes to.
func (s *Service) MakePrimary(ctx context.Context, by access.Actor, id directory.UserID, identity directory.IdentityID) error {
	return s.changeIdentity(ctx, by, id, identity, "user.primary_address_changed", func(tx Tx, u *directory.User, i *directory.Identity) error {
		if i.Kind != directory.EmailIdentity {
			return problem.New(problem.Invalid, "identity_no_address", "%s is no mail address.", i.Value).
				On(problem.Yours, "Choose an address.")
		}
		u.Email, u.Verified, u.UpdatedAt = i.Value, i.Verified, s.now()
		return tx.UpdateUser(ctx, u)
	})
}

// Verify notes that an address or number is the person's.
func (s *Service) Verify(ctx context.Context, by access.Actor, id directory.UserID, identity directory.IdentityID) error {
	verified := true
	return s.ChangeIdentity(ctx, by, id, identity, IdentityChange{Verified: &verified})
}

// IdentityChange says what to change of an identity; nil fields stay.
type IdentityChange struct {
	Value    *string
	Verified *bool
}

// ChangeIdentity changes an address or number, as when somebody mistyped it, or
// whether it is known to be the person's.
func (s *Service) ChangeIdentity(ctx context.Context, by access.Actor, id directory.UserID, identity directory.IdentityID, ch IdentityChange) error {
	action := "user.identity_changed"
	if ch.Value == nil {
		action = "user.identity_verified"
	}
	return s.changeIdentity(ctx, by, id, identity, action, func(tx Tx, u *directory.User, i *directory.Identity) error {
		if ch.Verified != nil {
			i.Verified = *ch.Verified
		}
		if ch.Value == nil {
			return tx.UpdateIdentity(ctx, i)
		}
		value, err := normalizeIdentity(i.Kind, *ch.Value)
		if err != nil {
			return err
		}
		if value == i.Value {
			return tx.UpdateIdentity(ctx, i)
		}
		if err := mustBeNobodys(ctx, tx, i.Kind, value); err != nil {
			return err
		}
		primary := i.Kind == directory.EmailIdentity && i.Value == u.Email
		if i.Value = value; !primary {
			return tx.UpdateIdentity(ctx, i)
		}
		u.Email, u.Verified, u.UpdatedAt = value, i.Verified, s.now() // takes its identity along
		if err := tx.UpdateUser(ctx, u); err != nil {
			return err
		}
		return tx.UpdateIdentity(ctx, i)
	})
}

// Merge makes two requesters one: the first one's tickets, comments, tags and
// identities become the other's. Split undoes it.
func (s *Service) Merge(ctx context.Context, by access.Actor, id, into directory.UserID) (*directory.User, error) {
	var winner *directory.User
	err := s.changePerson(ctx, by, into, "user.merged", "", func(tx Tx, u *directory.User) error {
		loser, err := tx.GetUser(ctx, id)
		if err != nil {
			return err
		}
		if err := mayMerge(loser, u); err != nil {
			return err
		}
		m := &Merge{Person: loser.ID, Email: loser.Email, Into: u.ID, At: s.now()}
		both := atMost(directory.MaxTags, directory.NormalizeTags(slices.Concat(u.Tags, loser.Tags)))
		m.Tags = slices.DeleteFunc(slices.Clone(both), func(tag string) bool { return slices.Contains(u.Tags, tag) })
		if len(m.Tags) > 0 {
			u.Tags = both
			if err := tx.UpdateUser(ctx, u); err != nil {
				return err
			}
		}
		winner = u
		return tx.MergePeople(ctx, m)
	})
	return winner, err
}

func mayMerge(loser, winner *directory.User) error {
	switch {
	case loser.ID == winner.ID:
		return problem.New(problem.Invalid, "merge_same", "These are the same person.").On(problem.Yours, "Choose another person.").In("id")
	case loser.Works() || winner.Works():
		return problem.New(problem.Conflict, "merge_agent", "Only requesters can be merged, and one of these works here.").
			On(problem.Yours, "Make both of them requesters first.")
	case loser.Suspended != winner.Suspended:
		return problem.New(problem.Conflict, "merge_suspended", "One of the two is suspended, the other is not.").
			On(problem.Yours, "Suspend both or neither first.")
	}
	return nil
}

// Split makes a person of its own out of an identity. When a merge brought it,
// that is undone, and what has come from its addresses since moves too;
// otherwise what came by mail from the address does.
func (s *Service) Split(ctx context.Context, by access.Actor, id directory.UserID, identity directory.IdentityID) (*directory.User, error) {
	var parted *directory.User
	err := s.changeIdentity(ctx, by, id, identity, "user.split", func(tx Tx, u *directory.User, i *directory.Identity) error {
		merge, err := tx.FindMergeByIdentity(ctx, i.ID)
		if err != nil {
			return err
		}
		if merge != nil && merge.Into == u.ID {
			u.Tags = slices.DeleteFunc(u.Tags, func(tag string) bool { return slices.Contains(merge.Tags, tag) })
			if err := tx.UpdateUser(ctx, u); err != nil {
				return err
			}
			if err := tx.UndoMerge(ctx, merge); err != nil {
				return err
			}
			parted, err = tx.GetUser(ctx, merge.Person)
			return err
		}
		if err := mustNotBePrimary(u, i); err != nil {
			return err
		}
		parted, err = s.part(ctx, tx, u, i)
		return err
	})
	if err != nil {
		return nil, err
	}
	return parted, nil
}

// part makes a new person of an address.
func (s *Service) part(ctx context.Context, tx Tx, u *directory.User, i *directory.Identity) (*directory.User, error) {
	if i.Kind != directory.EmailIdentity {
		return nil, problem.New(problem.Invalid, "identity_no_address", "%s is no mail address.", i.Value).
			On(problem.Yours, "Remove the number here, and add it to the other person.")
	}
	if err := tx.DeleteIdentity(ctx, i.ID); err != nil {
		return nil, err
	}
	name, _, _ := strings.Cut(i.Value, "@")
	parted := &directory.User{Name: name, Email: i.Value, Role: directory.EndUser, Verified: true, CreatedAt: s.now(), UpdatedAt: s.now()}
	if err := tx.InsertUser(ctx, parted); err != nil {
		return nil, err
	}
	if _, err := directory.JoinByDomain(ctx, tx, parted, parted.Email); err != nil {
		return nil, err
	}
	tx.Publish(event.Event{Kind: event.UserUpdated, ID: int64(parted.ID)})
	return parted, tx.MoveByAddress(ctx, u.ID, parted.ID, i.Value)
}

// changeIdentity is changePerson for one of the person's identities.
func (s *Service) changeIdentity(ctx context.Context, by access.Actor, id directory.UserID, identity directory.IdentityID, action string, change func(Tx, *directory.User, *directory.Identity) error) error {
	return s.changePerson(ctx, by, id, action, fmt.Sprint("identity ", identity), func(tx Tx, u *directory.User) error {
		i, err := tx.GetIdentity(ctx, identity)
		if err != nil {
			return err
		}
		if i.UserID != u.ID {
			return problem.New(problem.NotFound, "not_found", "%s has no such identity.", u.Name).On(problem.Yours, "Load the page again.")
		}
		return change(tx, u, i)
	})
}

// changePerson changes a person by the rules of who may: agents change
// requesters, administrators anybody. It is written into the audit trail.
func (s *Service) changePerson(ctx context.Context, by access.Actor, id directory.UserID, action, detail string, change func(Tx, *directory.User) error) error {
	return s.store.Update(ctx, func(tx Tx) error { return s.changePersonIn(ctx, tx, by, id, action, detail, change) })
}

// changePersonIn is changePerson in the caller's transaction.
func (s *Service) changePersonIn(ctx context.Context, tx Tx, by access.Actor, id directory.UserID, action, detail string, change func(Tx, *directory.User) error) error {
	if err := by.MustWork(); err != nil {
		return err
	}
	u, err := tx.GetUser(ctx, id)
	if err != nil {
		return err
	}
	if u.Works() {
		if err := by.MustAdminister(); err != nil {
			return err
		}
	}
	if err := change(tx, u); err != nil {
		return err
	}
	tx.Publish(event.Event{Kind: event.UserUpdated, ID: int64(u.ID)})
	tx.Publish(event.Event{Kind: event.TicketUpdated}) // lists show names
	return access.Record(ctx, tx, by, s.now(), access.Change{
		Action: action, Object: "user", Subject: int64(u.ID), Label: u.Label(), After: map[string]string{"detail": detail},
	})
}
