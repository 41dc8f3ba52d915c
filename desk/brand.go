package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
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
	Default   *bool   // only true: the default moves here
	Active    *bool   // only an active one can be given to tickets
	Logo      *string // token of an upload with one picture; empty: none
}

// SaveBrand changes a brand, or makes one when id is 0.
func (s *Service) SaveBrand(ctx context.Context, by access.Actor, id directory.BrandID, ch BrandChange) (b *directory.Brand, err error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		b = &directory.Brand{CreatedAt: s.now()}
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
	if ch.Active != nil {
		b.Retired = !*ch.Active
	}
	if b.Default && b.Retired {
		return problem.New(problem.Conflict, "default_brand_inactive", "%s is the default brand, so it stays active.", b.Name).
			On(problem.Yours, "Make another brand the default first.").With("name", b.Name).In("active")
	}
	if ch.Logo != nil {
		return s.changeLogo(ctx, tx, b, *ch.Logo)
	}
	return nil
}

// maxLogo is how large a brand's picture may be.
const maxLogo = 1 << 20 // bytes

// changeLogo takes the picture of an upload, or none, in place of the one before.
func (s *Service) changeLogo(ctx context.Context, tx Tx, b *directory.Brand, upload string) error {
	former := b.Logo.Blob
	b.Logo = directory.Logo{}
	if upload != "" {
		files, err := tx.ListUpload(ctx, upload)
		if err != nil {
			return err
		}
		if len(files) != 1 || files[0].Size > maxLogo {
			return problem.New(problem.Invalid, "logo_unfit", "A logo is one picture of at most %d KiB.", maxLogo>>10).
				On(problem.Yours, "Upload a smaller PNG or JPEG.").In("logo")
		}
		if b.Logo.ContentType, err = s.pictureType(ctx, files[0].Blob); err != nil {
			return err
		}
		b.Logo.Blob = files[0].Blob
		if err := tx.DeleteUpload(ctx, upload); err != nil { // the brand refers to the bytes from now on
			return err
		}
	}
	if former == b.Logo.Blob {
		return nil
	}
	return tx.DiscardBlob(ctx, former)
}

// pictureType tells by its bytes what a picture is; problem logo_type when it is none.
func (s *Service) pictureType(ctx context.Context, blob string) (string, error) {
	content, err := s.blobs.Get(ctx, blob)
	if err != nil {
		return "", fmt.Errorf("read a logo: %w", err)
	}
	defer content.Close()
	begin, err := io.ReadAll(io.LimitReader(content, 512))
	if err != nil {
		return "", fmt.Errorf("read a logo: %w", err)
	}
	media := http.DetectContentType(begin)
	if media != "image/png" && media != "image/jpeg" {
		return "", problem.New(problem.Invalid, "logo_type", "The file is neither a PNG nor a JPEG picture.").
			On(problem.Yours, "Choose another file.").In("logo")
	}
	return media, nil
}

// Logo opens the picture of a brand; problem.NotFound when it has none.
func (s *Service) Logo(ctx context.Context, by access.Actor, id directory.BrandID) (media string, content io.ReadSeekCloser, err error) {
	b, err := s.Brand(ctx, by, id)
	if err != nil {
		return "", nil, err
	}
	if b.Logo.Blob == "" {
		return "", nil, problem.New(problem.NotFound, "not_found", "%s has no logo.", b.Name).On(problem.Yours, "Upload one.")
	}
	content, err = s.blobs.Get(ctx, b.Logo.Blob)
	return b.Logo.ContentType, content, err
}

const maxSignature = 4 << 10 // bytes

// brandFacts is what the audit trail keeps of a brand.
func brandFacts(b *directory.Brand) string {
	facts, err := json.Marshal(map[string]any{"name": b.Name, "default": b.Default, "signature": b.Signature, "active": !b.Retired, "logo": b.Logo.Blob != ""})
	if err != nil {
		panic(err) // texts and booleans always encode
	}
	return string(facts)
}
