package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"

	"tandem/desk"
	"tandem/directory"
)

type viewRow struct {
	bun.BaseModel `bun:"table:ticket_view,alias:ticket_view"`

	ID          int64  `bun:"id,pk"`
	Title       string `bun:"title"`
	Description string `bun:"description"`
	Active      bool   `bun:"active"`
	Position    int    `bun:"position"`
	Shipped     string `bun:"shipped"`
	OwnerID     int64  `bun:"owner_id"`
	Teams       string `bun:"teams"`
	Conditions  string `bun:"conditions"`
	Columns     string `bun:"columns"`
	Sort        string `bun:"sort"`
	Descending  bool   `bun:"descending"`
	GroupedBy   string `bun:"grouped_by"`
	GroupDown   bool   `bun:"group_down"`
	SavedBy     int64  `bun:"saved_by"`
	CreatedAt   int64  `bun:"created_at,skipupdate"`
	UpdatedAt   int64  `bun:"updated_at"`
}

func rowOfView(v *desk.View) (viewRow, error) {
	conditions, err := json.Marshal(v.Conditions)
	if err != nil {
		return viewRow{}, fmt.Errorf("encode the conditions of view %d: %w", v.ID, err)
	}
	return viewRow{
		Title: v.Title, Description: v.Description, Active: v.Active, Position: v.Position, Shipped: v.Shipped,
		OwnerID: int64(v.Owner), Teams: list(v.Teams), Conditions: string(conditions), Columns: list(v.Columns),
		Sort: string(v.Sort), Descending: v.Descending, GroupedBy: string(v.Group), GroupDown: v.GroupDown,
		SavedBy: int64(v.SavedBy), CreatedAt: millis(v.CreatedAt), UpdatedAt: millis(v.UpdatedAt),
	}, nil
}

func (r *viewRow) view() (*desk.View, error) {
	v := &desk.View{
		ID: desk.ViewID(r.ID), Title: r.Title, Description: r.Description, Active: r.Active, Position: r.Position, Shipped: r.Shipped,
		Audience: desk.Audience{Owner: directory.UserID(r.OwnerID)}, Sort: desk.Sort(r.Sort), Descending: r.Descending,
		Group: desk.Sort(r.GroupedBy), GroupDown: r.GroupDown, SavedBy: directory.UserID(r.SavedBy),
		CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt),
	}
	if err := json.Unmarshal([]byte(r.Conditions), &v.Conditions); err != nil {
		return nil, fmt.Errorf("conditions of view %d: %w", r.ID, err)
	}
	var err error
	if v.Teams, err = unlist[directory.TeamID](r.Teams); err != nil {
		return nil, fmt.Errorf("teams of view %d: %w", r.ID, err)
	}
	if v.Columns, err = unlist[string](r.Columns); err != nil {
		return nil, fmt.Errorf("columns of view %d: %w", r.ID, err)
	}
	return v, nil
}

// ListViews lists views by their position.
func (tx *Tx) ListViews(ctx context.Context) ([]*desk.View, error) {
	rows, err := many[viewRow](ctx, tx, tx.bun.NewSelect().Order("position", "id"))
	if err != nil {
		return nil, fmt.Errorf("list views: %w", err)
	}
	views := make([]*desk.View, len(rows))
	for i := range rows {
		if views[i], err = rows[i].view(); err != nil {
			return nil, err
		}
	}
	return views, nil
}

// GetView reads a view, or returns problem.NotFound.
func (tx *Tx) GetView(ctx context.Context, id desk.ViewID) (*desk.View, error) {
	row, err := one[viewRow](ctx, tx, "id = $1", int64(id))
	if err != nil {
		return nil, fmt.Errorf("read view %d: %w", id, err)
	}
	if row == nil {
		return nil, notFound("view", id)
	}
	return row.view()
}

// InsertView sets the ID.
func (tx *Tx) InsertView(ctx context.Context, v *desk.View) error {
	tx.stamp(&v.CreatedAt, &v.UpdatedAt)
	row, err := rowOfView(v)
	if err != nil {
		return err
	}
	id, err := tx.insert(ctx, row)
	if err == nil {
		v.ID = desk.ViewID(id)
	}
	return err
}

// UpdateView writes a view, or returns problem.NotFound.
func (tx *Tx) UpdateView(ctx context.Context, v *desk.View) error {
	row, err := rowOfView(v)
	if err != nil {
		return err
	}
	return missing(tx.update(ctx, int64(v.ID), row), "view", v.ID)
}

// DeleteView removes a view, or returns problem.NotFound.
func (tx *Tx) DeleteView(ctx context.Context, id desk.ViewID) error {
	n, err := tx.exec(ctx, "DELETE FROM ticket_view WHERE id = $1", int64(id))
	if err == nil && n == 0 {
		err = notFound("view", id)
	}
	return err
}

// ShipOnce tells whether something that comes with Tandem is yet to be added; it is asked once.
func (tx *Tx) ShipOnce(ctx context.Context, what string) (bool, error) {
	n, err := tx.exec(ctx, "INSERT INTO shipped (what) VALUES ($1) ON CONFLICT DO NOTHING", what)
	return n == 1, err
}
