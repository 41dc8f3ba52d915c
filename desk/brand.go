package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"tandem/access"
	"tandem/directory"
	"tandem/event"
	"tandem/problem"
)

// Brands lists the brands.
func (s *Service) Brands(ctx context.Context, by access.Actor) (brands []*directory.Brand, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		brands, err = tx.ListBrands(ctx)
		return err
	})
	return brands, err
}

// Brand gives one brand.
func (s *Service) Brand(ctx context.Context, by access.Actor, id directory.BrandID) (b *directory.Brand, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		b, err = tx.GetBrand(ctx, id)
		return err
	})
	return b, err
}

// BrandChange is what an administrator sets at a brand; nil leaves a thing as it is.
type BrandChange struct {
	Name      *string
	Signature *string
	Default   *bool // only true: the default moves here
}

// SaveBrand changes a brand, or makes one when id is 0.
func (s *Service) SaveBrand(ctx context.Context, by access.Actor, id directory.BrandID, ch BrandChange) (b *directory.Brand, err error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		b = &directory.Brand{Active: true, CreatedAt: s.now()}
		action, before := "brand.created", ""
		if id != 0 {
			if b, err = tx.GetBrand(ctx, id); err != nil {
				return err
			}
			action, before = "brand.updated", brandFacts(b)
		}
		if err := s.applyToBrand(ctx, tx, b, ch); err != nil {
			return err
		}
		if err := s.storeBrand(ctx, tx, b); err != nil {
			return err
		}
		tx.Publish(event.Event{Kind: event.SettingsUpdated, ID: int64(b.ID)})
		return tx.InsertAudit(ctx, access.AuditEntry{
			At: s.now(), ActorID: by.UserID, Actor: by.Name, Address: by.Address, Action: action,
			Object: "brand", Subject: int64(b.ID), Label: b.Name, Before: before, After: brandFacts(b),
		})
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

func (s *Service) storeBrand(ctx context.Context, tx Tx, b *directory.Brand) error {
	b.UpdatedAt = s.now()
	if b.ID == 0 {
		return tx.InsertBrand(ctx, b)
	}
	return tx.UpdateBrand(ctx, b)
}

func (s *Service) applyToBrand(ctx context.Context, tx Tx, b *directory.Brand, ch BrandChange) error {
	if ch.Name != nil {
		b.Name = oneLine(clean(*ch.Name))
	}
	if b.Name == "" || len([]rune(b.Name)) > maxName {
		return problem.New(problem.Invalid, "brand_name", "A brand needs a name of at most %d characters.", maxName).
			On(problem.Yours, "Write one.").In("name")
	}
	if ch.Signature != nil {
		b.Signature = cut(clean(*ch.Signature), maxSignature)
	}
	all, err := tx.ListBrands(ctx)
	if err != nil {
		return fmt.Errorf("list brands: %w", err)
	}
	for _, other := range all {
		if other.ID == b.ID {
			continue
		}
		if strings.EqualFold(other.Name, b.Name) {
			return problem.New(problem.Conflict, "brand_exists", "There is a brand %q already.", other.Name).
				On(problem.Yours, "Choose another name.").In("name")
		}
		if ch.Default != nil && *ch.Default && other.Default {
			other.Default = false // exactly one is
			if err := s.storeBrand(ctx, tx, other); err != nil {
				return err
			}
		}
	}
	if ch.Default != nil && *ch.Default {
		b.Default = true
	}
	return nil
}

const maxSignature = 4 << 10 // bytes

// brandFacts is what the audit trail keeps of a brand.
func brandFacts(b *directory.Brand) string {
	facts, err := json.Marshal(map[string]any{"name": b.Name, "default": b.Default, "signature": b.Signature})
	if err != nil {
		panic(err) // texts and booleans always encode
	}
	return string(facts)
}
