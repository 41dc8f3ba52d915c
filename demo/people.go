package demo

import (
	"context"
	"fmt"
	"time"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/m365sim"
	"tandem/store"
)

// Everybody's password, and the token for the API.
const (
	Password = m365sim.ContosoPassword
	APIToken = "demo-token"
)

const brandSignature = `Contoso – good coffee at work
support@contoso.example | www.contoso.example`

// worker is somebody of Contoso; the names are those of the simulated directory.
type worker struct {
	account  string // before the @
	name     string
	locale   string
	timeZone string
	closing  string // how the signature begins
}

var workers = []worker{
	{"admin", "Alma Torres", "en", "Europe/London", "Best regards"},
	{"agent1", "Aiko Tanaka", "ja", "Asia/Tokyo", "どうぞよろしくお願いいたします。"},
	{"agent2", "Bruno Carvalho", "pt-BR", "America/Sao_Paulo", "Um abraço"},
	{"agent3", "Chloe Martin", "en", "Europe/London", "Kind regards"},
	{"agent4", "Daichi Mori", "ja", "Asia/Tokyo", "どうぞよろしくお願いいたします。"},
	{"agent5", "Elena Rossi", "en", "Europe/London", "Best wishes"},
	{"agent6", "Felipe Souza", "pt-BR", "America/Sao_Paulo", "Atenciosamente"},
	{"agent7", "Grace Miller", "en", "Europe/London", "Kind regards"},
	{"agent8", "Haruka Sato", "ja", "Asia/Tokyo", "どうぞよろしくお願いいたします。"},
}

func (w worker) email() string     { return w.account + "@" + domain }
func (w worker) signature() string { return w.closing + "\n" + w.name }

func (w worker) role() directory.Role {
	if w.account == "admin" {
		return directory.Admin
	}
	return directory.Agent
}

// people makes whoever is missing, the brand and the token.
func (s *seeder) people(ctx context.Context) error {
	for _, w := range workers {
		if err := s.hire(ctx, w); err != nil {
			return fmt.Errorf("%s: %w", w.email(), err)
		}
		if w.role() == directory.Admin {
			if err := s.addToken(ctx, w); err != nil {
				return fmt.Errorf("make the token: %w", err)
			}
		}
	}
	return s.nameBrand(ctx)
}

// hire makes a person with a password.
func (s *seeder) hire(ctx context.Context, w worker) error {
	var user *directory.User
	var hash string
	err := s.Store.View(ctx, func(tx *store.Tx) (err error) {
		if user, err = tx.FindUserByEmail(ctx, w.email()); err != nil || user == nil {
			return err
		}
		hash, err = tx.GetPasswordHash(ctx, user.ID)
		return err
	})
	if err != nil || hash != "" {
		return err
	}
	if user == nil {
		user, err = s.Access.CreateUser(ctx, access.System(), access.NewUser{
			Name: w.name, Email: w.email(), Role: w.role(), Locale: w.locale, TimeZone: w.timeZone, Signature: w.signature(),
		})
		if err != nil {
			return err
		}
	}
	return s.Access.SetPassword(ctx, access.System(), user.ID, Password)
}

func (s *seeder) addToken(ctx context.Context, by worker) error {
	return s.Store.Update(ctx, func(tx *store.Tx) error {
		known, err := tx.FindAPIToken(ctx, access.HashSecret(APIToken))
		if err != nil || known != nil {
			return err
		}
		admin, err := tx.FindUserByEmail(ctx, by.email())
		if err != nil {
			return err
		}
		return tx.InsertAPIToken(ctx, access.NewAPIToken("Demo", APIToken, admin.ID, time.Now()))
	})
}

func (s *seeder) nameBrand(ctx context.Context) error {
	var brand *directory.Brand
	err := s.Store.View(ctx, func(tx *store.Tx) (err error) {
		brand, err = tx.DefaultBrand(ctx)
		return err
	})
	if err != nil || brand.Signature == brandSignature {
		return err
	}
	name, signature := "Contoso", brandSignature
	_, err = s.Desk.SaveBrand(ctx, access.System(), brand.ID, desk.BrandChange{Name: &name, Signature: &signature})
	return err
}
