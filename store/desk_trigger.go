package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"tandem/desk"
	"tandem/directory"
)

type triggerRow struct {
	bun.BaseModel `bun:"table:ticket_trigger,alias:ticket_trigger"`

	ID          int64  `bun:"id,pk"`
	Title       string `bun:"title"`
	Description string `bun:"description"`
	Active      bool   `bun:"active"`
	Position    int    `bun:"position"`
	Shipped     bool   `bun:"shipped,skipupdate"`
	Conditions  string `bun:"conditions"`
	Actions     string `bun:"actions"`
	SavedBy     int64  `bun:"saved_by"`
	CreatedAt   int64  `bun:"created_at,skipupdate"`
	UpdatedAt   int64  `bun:"updated_at"`
}

func rowOfTrigger(t *desk.Trigger) (triggerRow, error) {
	conditions, err := json.Marshal(t.Conditions)
	if err != nil {
		return triggerRow{}, fmt.Errorf("encode the conditions of trigger %d: %w", t.ID, err)
	}
	return triggerRow{
		Title: t.Title, Description: t.Description, Active: t.Active, Position: t.Position, Shipped: t.Shipped,
		Conditions: string(conditions), Actions: list(t.Actions), SavedBy: int64(t.SavedBy),
		CreatedAt: millis(t.CreatedAt), UpdatedAt: millis(t.UpdatedAt),
	}, nil
}

func (r *triggerRow) trigger() (*desk.Trigger, error) {
	t := &desk.Trigger{
		ID: desk.TriggerID(r.ID), Title: r.Title, Description: r.Description, Active: r.Active, Position: r.Position,
		Shipped: r.Shipped, SavedBy: directory.UserID(r.SavedBy), CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt),
	}
	if err := json.Unmarshal([]byte(r.Conditions), &t.Conditions); err != nil {
		return nil, fmt.Errorf("conditions of trigger %d: %w", r.ID, err)
	}
	var err error
	if t.Actions, err = unlist[desk.Action](r.Actions); err != nil {
		return nil, fmt.Errorf("actions of trigger %d: %w", r.ID, err)
	}
	return t, nil
}

// ListTriggers lists triggers in the order in which they are looked at.
func (tx *Tx) ListTriggers(ctx context.Context) ([]*desk.Trigger, error) {
	rows, err := many[triggerRow](ctx, tx, tx.bun.NewSelect().Order("position", "id"))
	if err != nil {
		return nil, fmt.Errorf("list triggers: %w", err)
	}
	triggers := make([]*desk.Trigger, len(rows))
	for i := range rows {
		if triggers[i], err = rows[i].trigger(); err != nil {
			return nil, err
		}
	}
	return triggers, nil
}

// GetTrigger reads a trigger, or returns problem.NotFound.
func (tx *Tx) GetTrigger(ctx context.Context, id desk.TriggerID) (*desk.Trigger, error) {
	row, err := one[triggerRow](ctx, tx, "id = $1", int64(id))
	if err != nil {
		return nil, fmt.Errorf("read trigger %d: %w", id, err)
	}
	if row == nil {
		return nil, notFound("trigger", id)
	}
	return row.trigger()
}

// InsertTrigger sets the ID.
func (tx *Tx) InsertTrigger(ctx context.Context, t *desk.Trigger) error {
	tx.stamp(&t.CreatedAt, &t.UpdatedAt)
	row, err := rowOfTrigger(t)
	if err != nil {
		return err
	}
	id, err := tx.insert(ctx, row)
	if err == nil {
		t.ID = desk.TriggerID(id)
	}
	return err
}

// UpdateTrigger writes a trigger, or returns problem.NotFound.
func (tx *Tx) UpdateTrigger(ctx context.Context, t *desk.Trigger) error {
	row, err := rowOfTrigger(t)
	if err != nil {
		return err
	}
	return missing(tx.update(ctx, int64(t.ID), row), "trigger", t.ID)
}

// DeleteTrigger removes a trigger and what is known of its use.
func (tx *Tx) DeleteTrigger(ctx context.Context, id desk.TriggerID) error {
	if _, err := tx.exec(ctx, "DELETE FROM trigger_firing WHERE trigger_id = $1", int64(id)); err != nil {
		return fmt.Errorf("forget the use of trigger %d: %w", id, err)
	}
	n, err := tx.exec(ctx, "DELETE FROM ticket_trigger WHERE id = $1", int64(id))
	if err != nil {
		return fmt.Errorf("delete trigger %d: %w", id, err)
	}
	if n == 0 {
		return notFound("trigger", id)
	}
	return nil
}

const triggerRevision = "SELECT n FROM trigger_revision WHERE id = 1"

// TriggerRevision changes whenever a trigger does; 0: there never was one.
func (tx *Tx) TriggerRevision(ctx context.Context) (n int64, err error) {
	if _, err = tx.queryRow(ctx, triggerRevision, nil, &n); err != nil {
		return 0, fmt.Errorf("read the revision of triggers: %w", err)
	}
	return n, nil
}

// RaiseTriggerRevision also keeps others from changing triggers until the transaction ends.
func (tx *Tx) RaiseTriggerRevision(ctx context.Context) error {
	_, err := tx.exec(ctx, "UPDATE trigger_revision SET n = n + 1 WHERE id = 1")
	return err
}

// InsertFiring notes that a trigger fired.
func (tx *Tx) InsertFiring(ctx context.Context, id desk.TriggerID, ticket desk.TicketID, at time.Time) error {
	_, err := tx.exec(ctx, "INSERT INTO trigger_firing (trigger_id, ticket_id, at) VALUES ($1, $2, $3)", int64(id), int64(ticket), millis(at))
	return err
}

// CountFirings counts how often each trigger has fired since then.
func (tx *Tx) CountFirings(ctx context.Context, since time.Time) (map[desk.TriggerID]int, error) {
	rows, err := tx.bun.QueryContext(ctx, "SELECT trigger_id, COUNT(*) FROM trigger_firing WHERE at >= ? GROUP BY trigger_id", millis(since))
	if err != nil {
		return nil, fmt.Errorf("count firings: %w", tx.db.explain(err))
	}
	defer rows.Close()
	counts := make(map[desk.TriggerID]int)
	for rows.Next() {
		var id desk.TriggerID
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return nil, err
		}
		counts[id] = n
	}
	return counts, rows.Err()
}

// DeleteFirings forgets what is older.
func (tx *Tx) DeleteFirings(ctx context.Context, before time.Time) error {
	_, err := tx.exec(ctx, "DELETE FROM trigger_firing WHERE at < $1", millis(before))
	return err
}
