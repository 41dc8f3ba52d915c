package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"tandem/email"
)

type preflightRow struct {
	bun.BaseModel `bun:"table:preflight,alias:preflight"`

	ID         int64  `bun:"id,pk"`
	AddressID  int64  `bun:"address_id"`
	StartedAt  int64  `bun:"started_at"`
	FinishedAt int64  `bun:"finished_at"`
	Checks     string `bun:"checks"` // JSON
}

func (preflightRow) onConflict() string {
	return "ON CONFLICT (address_id) DO UPDATE SET started_at = excluded.started_at, finished_at = excluded.finished_at, checks = excluded.checks"
}

// SavePreflight keeps the latest of its address.
func (tx *Tx) SavePreflight(ctx context.Context, p *email.Preflight) error {
	_, err := tx.insert(ctx, preflightRow{
		AddressID: int64(p.AddressID), StartedAt: millis(p.StartedAt), FinishedAt: millis(p.FinishedAt), Checks: list(p.Checks),
	})
	if err != nil {
		return fmt.Errorf("keep the preflight of address %d: %w", p.AddressID, err)
	}
	return nil
}

// FindPreflight returns the latest of an address; nil before the first.
func (tx *Tx) FindPreflight(ctx context.Context, id email.AddressID) (*email.Preflight, error) {
	row, err := one[preflightRow](ctx, tx, "address_id = $1", int64(id))
	if err != nil || row == nil {
		return nil, err
	}
	checks, err := unlist[email.Check](row.Checks)
	if err != nil {
		return nil, fmt.Errorf("checks of the preflight of address %d: %w", id, err)
	}
	return &email.Preflight{AddressID: id, StartedAt: instant(row.StartedAt), FinishedAt: instant(row.FinishedAt), Checks: checks}, nil
}
