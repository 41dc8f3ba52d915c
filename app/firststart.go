package app

import (
	"context"
	"fmt"
	"time"

	"tandem/directory"
	"tandem/store"
)

// firstBrandName is what the brand is called until an administrator says better.
const firstBrandName = "Support"

// ensureBrand makes the brand that every ticket needs, at the first start.
func (a *App) ensureBrand(ctx context.Context) error {
	err := store.For[directory.Tx](a.db).Update(ctx, func(tx directory.Tx) error {
		brands, err := tx.ListBrands(ctx)
		if err != nil || len(brands) > 0 {
			return err
		}
		now := time.Now()
		return tx.InsertBrand(ctx, &directory.Brand{Name: firstBrandName, Default: true, CreatedAt: now, UpdatedAt: now})
	})
	if err != nil {
		return fmt.Errorf("make the first brand: %w", err)
	}
	return nil
}
