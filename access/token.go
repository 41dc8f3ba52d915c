package access

import (
	"context"
	"strings"
	"time"

	"tandem/directory"
	"tandem/event"
	"tandem/problem"
)

// APIToken lets programs act in Tandem. A Zendesk client sends it together with
// the mail address of the person it acts for; sent alone it acts for the
// administrator who made it. It stops when that administrator does. The token
// itself is shown once, when it is made; only its hash is kept.
type APIToken struct {
	ID         int64
	Name       string
	Hash       string // HashSecret of the token
	Hint       string // the last characters of the token, so that people recognise it
	CreatedBy  directory.UserID
	CreatedAt  time.Time
	LastUsedAt time.Time // to the minute; zero when never
}

// tokenPrefix makes tokens recognisable to people and to scanners for leaked secrets.
const tokenPrefix = "tandem_"

// touchInterval is how exactly LastUsedAt is kept: a write a request would be a waste.
const touchInterval = time.Minute

// NewAPIToken describes a token by its secret.
func NewAPIToken(name, secret string, by directory.UserID, at time.Time) *APIToken {
	return &APIToken{Name: name, Hash: HashSecret(secret), Hint: secret[max(0, len(secret)-4):], CreatedBy: by, CreatedAt: at}
}

// CreateAPIToken makes a token and returns it with its secret. Administrators
// may, when signed in as a person: a token cannot make others.
func (s *Service) CreateAPIToken(ctx context.Context, by Actor, name string) (token *APIToken, secret string, err error) {
	if err := by.MustAdminister(); err != nil {
		return nil, "", err
	}
	if by.Token != 0 || by.UserID == 0 {
		return nil, "", problem.New(problem.Forbidden, "person_only", "A token cannot make another token.").
			On(problem.Yours, "Sign in with your browser and make it in the admin centre.")
	}
	if name = strings.TrimSpace(name); name == "" {
		return nil, "", problem.New(problem.Invalid, "name_missing", "The token has no name.").
			On(problem.Yours, "Name the program that will use it.").In("name")
	}
	secret = tokenPrefix + newSecret()
	err = s.store.Update(ctx, func(tx Tx) error {
		token = NewAPIToken(name, secret, by.UserID, s.now())
		if err := tx.InsertAPIToken(ctx, token); err != nil {
			return err
		}
		return s.recordToken(ctx, tx, by, "api_token.created", token)
	})
	return token, secret, err
}

// DeleteAPIToken makes a token useless at once, or returns problem.NotFound. Administrators may.
func (s *Service) DeleteAPIToken(ctx context.Context, by Actor, id int64) error {
	if err := by.MustAdminister(); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		tokens, err := tx.ListAPITokens(ctx)
		if err != nil {
			return err
		}
		for _, token := range tokens {
			if token.ID != id {
				continue
			}
			if err := tx.DeleteAPIToken(ctx, id); err != nil {
				return err
			}
			tx.Publish(event.Event{Kind: event.AccessEnded, Parent: id})
			return s.recordToken(ctx, tx, by, "api_token.deleted", token)
		}
		return problem.New(problem.NotFound, "api_token_not_found", "There is no such token any more.")
	})
}

func (s *Service) recordToken(ctx context.Context, tx Tx, by Actor, action string, token *APIToken) error {
	tx.Publish(event.Event{Kind: event.SettingsUpdated, ID: token.ID})
	return Record(ctx, tx, by, s.now(), Change{Action: action, Object: "api_token", Subject: token.ID, Label: token.Name})
}

// ListAPITokens returns all tokens, the newest first. Administrators may.
func (s *Service) ListAPITokens(ctx context.Context, by Actor) (tokens []*APIToken, err error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		tokens, err = tx.ListAPITokens(ctx)
		return err
	})
	return tokens, err
}

// Authenticate returns whom a token acts for: the person with the mail address
// or, when that is empty, the administrator who made it. It returns the problem
// invalid_token when the token is unknown, its maker is no administrator any
// more, or the person may not sign in.
func (s *Service) Authenticate(ctx context.Context, email, secret, address string) (Actor, error) {
	var token *APIToken
	var user *directory.User
	err := s.store.View(ctx, func(tx Tx) (err error) {
		if token, err = tx.FindAPIToken(ctx, HashSecret(secret)); err != nil || token == nil {
			return err
		}
		user, err = s.bearer(ctx, tx, token, strings.ToLower(strings.TrimSpace(email)))
		return err
	})
	if err != nil {
		return Actor{}, err
	}
	if user == nil {
		return Actor{}, unauthenticated("invalid_token", "The mail address or the API token is not valid.").
			On(problem.Yours, "Make a new token in the admin centre, and send it as Basic ADDRESS/token:TOKEN or as Bearer TOKEN.")
	}
	// Who reads is let in though nothing can be written, as when the disk is
	// full: when a token was used last is good to know, no more.
	_ = s.touch(ctx, token)
	actor := actorOf(user, address)
	actor.Token = token.ID
	return actor, nil
}

// bearer returns whom the token acts for, or nil.
func (s *Service) bearer(ctx context.Context, tx Tx, token *APIToken, email string) (*directory.User, error) {
	maker, err := tx.GetUser(ctx, token.CreatedBy)
	if err != nil || maker.Role != directory.Admin || maker.Suspended {
		return nil, err
	}
	if email == "" || email == maker.Email {
		return maker, nil
	}
	user, err := tx.FindUserByEmail(ctx, email)
	if err != nil || user == nil || !user.Works() || user.Suspended {
		return nil, err
	}
	return user, nil
}

func (s *Service) touch(ctx context.Context, token *APIToken) error {
	now := s.now()
	if now.Sub(token.LastUsedAt) < touchInterval {
		return nil
	}
	return s.store.Update(ctx, func(tx Tx) error { return tx.TouchAPIToken(ctx, token.ID, now) })
}
