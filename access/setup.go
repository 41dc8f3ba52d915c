package access

import (
	"context"
	"strings"
	"time"

	"tandem/directory"
	"tandem/problem"
)

// SetupLinkLife is how long a link works.
const SetupLinkLife = 24 * time.Hour

// SetupLink lets somebody choose a password once. The link carries a secret, of
// which only the hash is kept. It ends early when the person gets a password in
// another way: the secret ends with the stamp of the password it is to replace.
type SetupLink struct {
	Hash      string           // HashSecret of the secret
	UserID    directory.UserID // whose password it sets; 0: it creates the first administrator
	ExpiresAt time.Time
	UsedAt    time.Time // zero: not yet
}

// FirstStart returns the secret of a new link that creates the first
// administrator; empty when there is one already.
func (s *Service) FirstStart(ctx context.Context) (secret string, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		secret = ""
		admins, err := tx.CountAdmins(ctx)
		if err != nil || admins > 0 {
			return err
		}
		secret, err = s.newLink(ctx, tx, 0)
		return err
	})
	return secret, err
}

// SetupRequired tells whether there is no administrator yet.
func (s *Service) SetupRequired(ctx context.Context) (required bool, err error) {
	err = s.store.View(ctx, func(tx Tx) error {
		admins, err := tx.CountAdmins(ctx)
		required = admins == 0
		return err
	})
	return required, err
}

// SetupLinkFor returns the secret of a new link with which a person chooses a
// password. Administrators may.
func (s *Service) SetupLinkFor(ctx context.Context, by Actor, id directory.UserID) (secret string, err error) {
	return s.invite(ctx, by, func(tx Tx) (*directory.User, error) { return tx.GetUser(ctx, id) })
}

// SetupLinkForAddress is SetupLinkFor the person with the mail address. It
// returns problem.NotFound when there is nobody.
func (s *Service) SetupLinkForAddress(ctx context.Context, by Actor, email string) (secret string, err error) {
	email = strings.ToLower(strings.TrimSpace(email))
	return s.invite(ctx, by, func(tx Tx) (*directory.User, error) {
		user, err := tx.FindUserByEmail(ctx, email)
		if err == nil && user == nil {
			err = problem.New(problem.NotFound, "user_not_found", "There is nobody with the mail address %s.", email).
				On(problem.Yours, "Correct the address.").With("address", email)
		}
		return user, err
	})
}

// invite makes a link for the person that find returns.
func (s *Service) invite(ctx context.Context, by Actor, find func(Tx) (*directory.User, error)) (secret string, err error) {
	if err := by.MustAdminister(); err != nil {
		return "", err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		user, err := find(tx)
		if err != nil {
			return err
		}
		if !user.Works() {
			return problem.New(problem.Conflict, "user_is_requester", "%s writes to Tandem and does not work in it.", user.Name).
				On(problem.Yours, "Give the person the role of an agent or administrator first.")
		}
		if user.Suspended {
			return problem.New(problem.Conflict, "user_suspended", "%s is suspended.", user.Name).
				On(problem.Yours, "Lift the suspension first.")
		}
		if secret, err = s.newLink(ctx, tx, user.ID); err != nil {
			return err
		}
		return s.recordUser(ctx, tx, by, "user.setup_link_created", user)
	})
	return secret, err
}

func (s *Service) newLink(ctx context.Context, tx Tx, id directory.UserID) (string, error) {
	hash, err := tx.GetPasswordHash(ctx, id)
	if err != nil {
		return "", err
	}
	secret := newSecret() + stampOf(hash)
	return secret, tx.InsertSetupLink(ctx, SetupLink{
		Hash: HashSecret(secret), UserID: id, ExpiresAt: s.now().Add(SetupLinkLife),
	})
}

// FindSetup returns whose password a link sets, or nil for the one that creates
// the first administrator. It returns the problem setup_link_invalid when the
// link is unknown, used or too old.
func (s *Service) FindSetup(ctx context.Context, secret string) (user *directory.User, err error) {
	err = s.store.View(ctx, func(tx Tx) error {
		_, user, err = s.openLink(ctx, tx, secret)
		return err
	})
	return user, err
}

// Setup is what somebody who opened a link chooses.
type Setup struct {
	Name, Email string // of the first administrator; others have theirs
	Password    string
	Locale      string // may be empty
	Address     string // network address of the request, for the audit trail
}

// CompleteSetup uses a link up and returns the person, who can sign in from now on.
func (s *Service) CompleteSetup(ctx context.Context, secret string, chosen Setup) (*directory.User, error) {
	user, err := s.FindSetup(ctx, secret)
	if err != nil {
		return nil, err
	}
	if user == nil {
		if user, err = newUser(NewUser{Name: chosen.Name, Email: chosen.Email, Role: directory.Admin}); err != nil {
			return nil, err
		}
	}
	if err := checkPassword(chosen.Password, user.Email); err != nil {
		return nil, err
	}
	hash, err := s.hasher.hash(ctx, chosen.Password) // before the transaction, as it takes a while
	if err != nil {
		return nil, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		link, invited, err := s.openLink(ctx, tx, secret)
		if err != nil {
			return err
		}
		if err := tx.UseSetupLink(ctx, link.Hash, s.now()); err != nil {
			return err
		}
		if invited == nil {
			invited = user
		}
		user, err = s.admitUser(ctx, tx, invited, chosen.Locale)
		if err != nil {
			return err
		}
		if err := tx.SetPasswordHash(ctx, user.ID, hash, s.now()); err != nil {
			return err
		}
		return s.recordUser(ctx, tx, actorOf(user, chosen.Address), "user.password_set", user)
	})
	if err != nil {
		return nil, err
	}
	return user, nil
}

// admitUser stores the first administrator, or gives an invited person the locale.
func (s *Service) admitUser(ctx context.Context, tx Tx, u *directory.User, locale string) (*directory.User, error) {
	now := s.now()
	if u.ID == 0 {
		known, err := tx.FindUserByEmail(ctx, u.Email)
		if err != nil {
			return nil, err
		}
		if known == nil {
			first := *u // the transaction may run again
			first.Locale, first.Verified, first.CreatedAt, first.UpdatedAt = locale, true, now, now
			return &first, tx.InsertUser(ctx, &first)
		}
		known.Name, known.Role, known.Suspended = u.Name, directory.Admin, false
		u = known
	}
	if locale != "" {
		u.Locale = locale
	}
	u.UpdatedAt = now
	publishUser(tx, u.ID)
	return u, tx.UpdateUser(ctx, u)
}

// openLink returns a link that still works and whose it is.
func (s *Service) openLink(ctx context.Context, tx Tx, secret string) (*SetupLink, *directory.User, error) {
	link, err := tx.GetSetupLink(ctx, HashSecret(secret))
	if err != nil {
		return nil, nil, err
	}
	if link == nil || !link.UsedAt.IsZero() || !s.now().Before(link.ExpiresAt) {
		return nil, nil, invalidLink("Ask an administrator for a new one.")
	}
	if link.UserID == 0 {
		admins, err := tx.CountAdmins(ctx)
		if err == nil && admins > 0 {
			err = invalidLink("There is an administrator already. Sign in, or ask them for a link.")
		}
		return link, nil, err
	}
	user, err := tx.GetUser(ctx, link.UserID)
	if err != nil {
		return nil, nil, err
	}
	hash, err := tx.GetPasswordHash(ctx, user.ID)
	if err == nil && (user.Suspended || !user.Works() || !strings.HasSuffix(secret, stampOf(hash))) {
		err = invalidLink("Ask an administrator for a new one.")
	}
	return link, user, err
}

func invalidLink(remedy string) error {
	return problem.New(problem.NotFound, "setup_link_invalid", "This link was used already, or is too old.").
		On(problem.Admin, remedy)
}
