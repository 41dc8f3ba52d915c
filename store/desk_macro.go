package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"tandem/desk"
	"tandem/directory"
)

type macroRow struct {
	bun.BaseModel `bun:"table:macro,alias:macro"`

	ID          int64  `bun:"id,pk"`
	Title       string `bun:"title"`
	Description string `bun:"description"`
	Active      bool   `bun:"active"`
	Position    int    `bun:"position"`
	OwnerID     int64  `bun:"owner_id"`
	Teams       string `bun:"teams"`
	Actions     string `bun:"actions"`
	SavedBy     int64  `bun:"saved_by"`
	CreatedAt   int64  `bun:"created_at,skipupdate"`
	UpdatedAt   int64  `bun:"updated_at"`
}

func rowOfMacro(m *desk.Macro) macroRow {
	return macroRow{
		Title: m.Title, Description: m.Description, Active: m.Active, Position: m.Position, OwnerID: int64(m.Owner), Teams: list(m.Teams),
		Actions: list(m.Actions), SavedBy: int64(m.SavedBy), CreatedAt: millis(m.CreatedAt), UpdatedAt: millis(m.UpdatedAt),
	}
}

func (r *macroRow) macro() (*desk.Macro, error) {
	m := &desk.Macro{
		ID: desk.MacroID(r.ID), Title: r.Title, Description: r.Description, Active: r.Active, Position: r.Position,
		Audience: desk.Audience{Owner: directory.UserID(r.OwnerID)}, SavedBy: directory.UserID(r.SavedBy),
		CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt),
	}
	var err error
	if m.Teams, err = unlist[directory.TeamID](r.Teams); err != nil {
		return nil, fmt.Errorf("teams of macro %d: %w", r.ID, err)
	}
	if m.Actions, err = unlist[desk.Action](r.Actions); err != nil {
		return nil, fmt.Errorf("actions of macro %d: %w", r.ID, err)
	}
	return m, nil
}

// ListMacros lists macros by their position.
func (tx *Tx) ListMacros(ctx context.Context) ([]*desk.Macro, error) {
	rows, err := many[macroRow](ctx, tx, tx.bun.NewSelect().Order("position", "id"))
	if err != nil {
		return nil, fmt.Errorf("list macros: %w", err)
	}
	macros := make([]*desk.Macro, len(rows))
	for i := range rows {
		if macros[i], err = rows[i].macro(); err != nil {
			return nil, err
		}
	}
	return macros, nil
}

// GetMacro reads a macro, or returns problem.NotFound.
func (tx *Tx) GetMacro(ctx context.Context, id desk.MacroID) (*desk.Macro, error) {
	row, err := one[macroRow](ctx, tx, "id = $1", int64(id))
	if err != nil {
		return nil, fmt.Errorf("read macro %d: %w", id, err)
	}
	if row == nil {
		return nil, notFound("macro", id)
	}
	return row.macro()
}

// InsertMacro sets the ID.
func (tx *Tx) InsertMacro(ctx context.Context, m *desk.Macro) error {
	tx.stamp(&m.CreatedAt, &m.UpdatedAt)
	id, err := tx.insert(ctx, rowOfMacro(m))
	if err == nil {
		m.ID = desk.MacroID(id)
	}
	return err
}

// UpdateMacro writes a macro, or returns problem.NotFound.
func (tx *Tx) UpdateMacro(ctx context.Context, m *desk.Macro) error {
	return missing(tx.update(ctx, int64(m.ID), rowOfMacro(m)), "macro", m.ID)
}

// DeleteMacro removes a macro, or returns problem.NotFound.
func (tx *Tx) DeleteMacro(ctx context.Context, id desk.MacroID) error {
	n, err := tx.exec(ctx, "DELETE FROM macro WHERE id = $1", int64(id))
	if err == nil && n == 0 {
		err = notFound("macro", id)
	}
	return err
}
