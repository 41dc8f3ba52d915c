package access

import (
	"context"
	"strings"
	"time"

	"tandem/directory"
	"tandem/event"
	"tandem/problem"
)

// SignIn checks a password and returns whose it is. address is the network
// address of the request. It returns the problems wrong_password, also for
// people who do not exist or may not sign in, login_throttled after too many of
// these, and user_suspended.
func (s *Service) SignIn(ctx context.Context, email, password, address string) (*directory.User, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	if err := s.admit(ctx, email, address); err != nil {
		return nil, err
	}
	var user *directory.User
	var hash string
	err := s.store.View(ctx, func(tx Tx) (err error) {
		user, hash, err = credentials(ctx, tx, email)
		return err
	})
	if err != nil {
		return nil, err
	}
	right, err := s.hasher.verify(ctx, password, hash)
	if err != nil {
		return nil, err
	}
	if !right {
		return nil, unauthenticated("wrong_password", "The mail address or the password is wrong.").
			On(problem.Yours, "Check both, or ask an administrator for a link to choose a new password.")
	}
	if err := s.welcome(ctx, email, address); err != nil {
		return nil, err
	}
	if user.Suspended {
		return nil, suspended()
	}
	user.LastLoginAt = s.now()
	return user, s.store.Update(ctx, func(tx Tx) error { return tx.NoteSignIn(ctx, user.ID, user.LastLoginAt) })
}

// credentials returns the person with their password hash; nil and empty when
// there is nobody who could sign in.
func credentials(ctx context.Context, tx Tx, email string) (*directory.User, string, error) {
	user, err := tx.FindUserByEmail(ctx, email)
	if err != nil || user == nil || !user.Works() {
		return nil, "", err
	}
	hash, err := tx.GetPasswordHash(ctx, user.ID)
	return user, hash, err
}

// counter is one throttle that applies to an attempt.
type counter struct {
	throttle Throttle
	limit    int
}

// admit refuses while a lock lasts, and otherwise counts the attempt as failed
// in advance, so that many guesses at the same time do not slip through before
// the first is counted.
func (s *Service) admit(ctx context.Context, email, address string) error {
	return s.store.Update(ctx, func(tx Tx) error {
		now := s.now()
		counters, err := counters(ctx, tx, email, address, now)
		if err != nil {
			return err
		}
		for _, c := range counters {
			if err := c.throttle.locked(now); err != nil {
				return err
			}
		}
		for _, c := range counters {
			if err := tx.SetLoginThrottle(ctx, c.throttle.failed(now, c.limit)); err != nil {
				return err
			}
		}
		return nil
	})
}

// welcome forgives the failure counted in advance and remembers the address.
func (s *Service) welcome(ctx context.Context, email, address string) error {
	return s.store.Update(ctx, func(tx Tx) error {
		now := s.now()
		counters, err := counters(ctx, tx, email, address, now)
		if err != nil {
			return err
		}
		for _, c := range counters {
			if err := tx.SetLoginThrottle(ctx, c.throttle.forgiven(c.limit)); err != nil {
				return err
			}
		}
		return tx.SetLoginThrottle(ctx, Throttle{Subject: knownSubject(email, address), WindowStart: now})
	})
}

// counters are the throttles of an attempt: that of its address, and that of
// the account or, from an address known for it, of the two together.
func counters(ctx context.Context, tx Tx, email, address string, now time.Time) ([]counter, error) {
	known, err := tx.GetLoginThrottle(ctx, knownSubject(email, address))
	if err != nil {
		return nil, err
	}
	account := accountSubject(email)
	if !known.WindowStart.IsZero() && now.Sub(known.WindowStart) < knownAddressTime {
		account = pairSubject(email, address)
	}
	list := []counter{{Throttle{Subject: account}, accountFailures}, {Throttle{Subject: addressSubject(address)}, addressFailures}}
	for i := range list {
		if list[i].throttle, err = tx.GetLoginThrottle(ctx, list[i].throttle.Subject); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Stamp belongs to a person's password: keep it in the browser session and show
// it to Resume. It tells nothing about the password.
func (s *Service) Stamp(ctx context.Context, id directory.UserID) (stamp string, err error) {
	err = s.store.View(ctx, func(tx Tx) error {
		hash, err := tx.GetPasswordHash(ctx, id)
		stamp = stampOf(hash)
		return err
	})
	return stamp, err
}

// stampOf shortens the hash of a hash with a random salt.
func stampOf(hash string) string { return HashSecret(hash)[:16] }

// SignOut tells those who send somebody events that one of their browsers has
// signed out: each of them has to show anew that it is not that one.
func (s *Service) SignOut(ctx context.Context, by Actor) error {
	return s.store.Update(ctx, func(tx Tx) error {
		tx.Publish(event.Event{Kind: event.AccessEnded, ID: int64(by.UserID)})
		return nil
	})
}

// Resume returns who a browser session belongs to, as they are now. It returns
// the problem session_ended when they may not sign in any more or have a new
// password since.
func (s *Service) Resume(ctx context.Context, id directory.UserID, stamp, address string) (*directory.User, Actor, error) {
	var user *directory.User
	var hash string
	err := s.store.View(ctx, func(tx Tx) (err error) {
		if user, err = tx.GetUser(ctx, id); err != nil {
			return err
		}
		hash, err = tx.GetPasswordHash(ctx, id)
		return err
	})
	if err != nil && problem.KindOf(err) != problem.NotFound {
		return nil, Actor{}, err
	}
	if err != nil || user.Suspended || !user.Works() || stampOf(hash) != stamp {
		return nil, Actor{}, unauthenticated("session_ended", "You are not signed in any more.").On(problem.Yours, "Sign in again.")
	}
	return user, actorOf(user, address), nil
}

// ActorOf gives what somebody may do by now, for work that they asked for
// earlier, with a token or without (0). It returns problem.Forbidden when they
// may not sign in any more.
func (s *Service) ActorOf(ctx context.Context, id directory.UserID, token int64, address string) (actor Actor, err error) {
	err = s.store.View(ctx, func(tx Tx) error {
		u, err := tx.GetUser(ctx, id)
		if err != nil {
			return err
		}
		if u.Suspended {
			return suspended()
		}
		actor = actorOf(u, address)
		actor.Token = token
		return actor.MustWork()
	})
	return actor, err
}

func actorOf(u *directory.User, address string) Actor {
	return Actor{UserID: u.ID, Name: u.Name, Role: u.Role, Address: address}
}

func suspended() *problem.Error {
	return problem.New(problem.Forbidden, "user_suspended", "Your account is suspended.").
		On(problem.Admin, "Ask an administrator to lift the suspension.")
}
