package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"

	"tandem/email"
)

type probeRow struct {
	bun.BaseModel `bun:"table:probe,alias:probe"`

	ID         int64  `bun:"id,pk"`
	AddressID  int64  `bun:"address_id,skipupdate"`
	Email      string `bun:"email,skipupdate"`
	State      string `bun:"state"`
	Token      string `bun:"token,skipupdate"`
	Question   int64  `bun:"question"`
	Answer     int64  `bun:"answer"`
	StartedAt  int64  `bun:"started_at,skipupdate"`
	FinishedAt int64  `bun:"finished_at"`
	Hops       string `bun:"hops"`    // JSON
	Trouble    string `bun:"trouble"` // JSON; empty: none
}

func rowOfProbe(p *email.Probe) (probeRow, error) {
	r := probeRow{
		AddressID: int64(p.AddressID), Email: p.Email, State: string(p.State), Token: p.Token, Question: int64(p.Question),
		Answer: int64(p.Answer), StartedAt: millis(p.StartedAt), FinishedAt: millis(p.FinishedAt), Hops: list(p.Hops),
	}
	if p.Trouble == nil {
		return r, nil
	}
	text, err := json.Marshal(p.Trouble)
	r.Trouble = string(text)
	return r, err
}

func (r *probeRow) probe() (*email.Probe, error) {
	p := &email.Probe{
		ID: email.ProbeID(r.ID), AddressID: email.AddressID(r.AddressID), Email: r.Email, State: email.ProbeState(r.State), Token: r.Token,
		Question: email.MailID(r.Question), Answer: email.MailID(r.Answer), StartedAt: instant(r.StartedAt), FinishedAt: instant(r.FinishedAt),
	}
	var err error
	if p.Hops, err = unlist[email.Hop](r.Hops); err != nil {
		return nil, fmt.Errorf("hops of probe %d: %w", r.ID, err)
	}
	if r.Trouble != "" {
		p.Trouble = new(email.RequestProblem)
		if err := json.Unmarshal([]byte(r.Trouble), p.Trouble); err != nil {
			return nil, fmt.Errorf("trouble of probe %d: %w", r.ID, err)
		}
	}
	return p, nil
}

// InsertProbe sets the ID.
func (tx *Tx) InsertProbe(ctx context.Context, p *email.Probe) error {
	row, err := rowOfProbe(p)
	if err != nil {
		return err
	}
	id, err := tx.insert(ctx, row)
	p.ID = email.ProbeID(id)
	return err
}

// UpdateProbe writes how far a probe has come.
func (tx *Tx) UpdateProbe(ctx context.Context, p *email.Probe) error {
	row, err := rowOfProbe(p)
	if err != nil {
		return err
	}
	return missing(tx.update(ctx, int64(p.ID), row), "probe", p.ID)
}

// GetProbe reads a probe, or returns problem.NotFound. In an Update it also locks the row.
func (tx *Tx) GetProbe(ctx context.Context, id email.ProbeID) (*email.Probe, error) {
	row, err := lockOne[probeRow](ctx, tx, "id = $1", int64(id))
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, notFound("probe", id)
	}
	return row.probe()
}

// LatestProbes lists the newest first.
func (tx *Tx) LatestProbes(ctx context.Context, id email.AddressID, limit int) ([]*email.Probe, error) {
	q := tx.bun.NewSelect().Where("address_id = ?", id).OrderExpr("id DESC")
	page(q, limit, 0)
	rows, err := many[probeRow](ctx, tx, q)
	if err != nil {
		return nil, fmt.Errorf("list probes: %w", err)
	}
	probes := make([]*email.Probe, len(rows))
	for i := range rows {
		if probes[i], err = rows[i].probe(); err != nil {
			return nil, err
		}
	}
	return probes, nil
}

// FindProbeCopy returns nil when the probe has not come in yet.
func (tx *Tx) FindProbeCopy(ctx context.Context, sent email.MailID) (*email.Mail, error) {
	return foundMail(one[mailRow](ctx, tx, "original <> 0 AND original = $1 AND rule = 'probe' AND direction = 'in'", int64(sent)))
}
