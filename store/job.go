package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"tandem/event"
	"tandem/job"
	"tandem/problem"
)

type jobRow struct {
	bun.BaseModel `bun:"table:job,alias:job"`

	ID          int64  `bun:"id,pk"`
	Kind        string `bun:"kind,skipupdate"`
	Args        string `bun:"args,skipupdate"`
	UniqueKey   string `bun:"unique_key,skipupdate"`
	State       string `bun:"state"`
	RunAt       int64  `bun:"run_at"`
	Attempt     int    `bun:"attempt"`
	MaxAttempts int    `bun:"max_attempts,skipupdate"`
	Worker      string `bun:"worker"`
	LeaseUntil  int64  `bun:"lease_until"`
	ErrorCode   string `bun:"error_code"`
	Error       string `bun:"error"`
	Cause       string `bun:"cause"`
	CreatedAt   int64  `bun:"created_at,skipupdate"`
	FinishedAt  int64  `bun:"finished_at"`
}

// onConflict makes a second waiting job of one key one with the first, to run at the earlier of the two times.
func (jobRow) onConflict() string {
	return `ON CONFLICT (kind, unique_key) WHERE state = 'waiting' AND unique_key <> ''
		DO UPDATE SET run_at = CASE WHEN excluded.run_at < job.run_at THEN excluded.run_at ELSE job.run_at END`
}

func rowOfJob(j *job.Job) jobRow {
	return jobRow{
		Kind: j.Kind, Args: string(j.Args), UniqueKey: j.UniqueKey, State: string(j.State), RunAt: millis(j.RunAt),
		Attempt: j.Attempt, MaxAttempts: j.MaxAttempts, ErrorCode: j.ErrorCode, Error: j.Error, Cause: j.Cause,
		CreatedAt: millis(j.CreatedAt), FinishedAt: millis(j.FinishedAt),
	}
}

func (r *jobRow) job() job.Job {
	return job.Job{
		ID: job.ID(r.ID), Kind: r.Kind, Args: json.RawMessage(r.Args), UniqueKey: r.UniqueKey, State: job.State(r.State),
		RunAt: instant(r.RunAt), Attempt: r.Attempt, MaxAttempts: r.MaxAttempts, Worker: r.Worker,
		LeaseUntil: instant(r.LeaseUntil), ErrorCode: r.ErrorCode, Error: r.Error, Cause: r.Cause,
		CreatedAt: instant(r.CreatedAt), FinishedAt: instant(r.FinishedAt),
	}
}

// InsertJob stores a waiting job and announces it, or moves the waiting one with the same key forward.
func (tx *Tx) InsertJob(ctx context.Context, j job.Job) (job.ID, error) {
	tx.stamp(&j.CreatedAt, &j.RunAt)
	j.State = job.Waiting
	id, err := tx.insert(ctx, rowOfJob(&j))
	if err != nil {
		return 0, fmt.Errorf("insert %s job: %w", j.Kind, err)
	}
	tx.Publish(event.Event{Kind: event.JobInserted, ID: id})
	return job.ID(id), nil
}

// ClaimJobs gives the worker up to n jobs; see job.StoreTx. Jobs whose worker
// vanished come first: they are the older ones.
func (tx *Tx) ClaimJobs(ctx context.Context, worker string, kinds []string, n int, now, leaseUntil time.Time) ([]job.Job, error) {
	if len(kinds) == 0 || n <= 0 {
		return nil, nil
	}
	claimed, err := tx.claim(ctx, "state = 'running' AND lease_until <= ?", worker, kinds, n, now, leaseUntil)
	if err != nil {
		return nil, fmt.Errorf("take over jobs: %w", err)
	}
	if n -= len(claimed); n > 0 {
		// The unique index on running jobs says so too; asking first spares the error.
		waiting := `state = 'waiting' AND run_at <= ? AND (unique_key = '' OR NOT EXISTS (
			SELECT 1 FROM job AS other
			WHERE other.state = 'running' AND other.unique_key <> '' AND other.kind = job.kind AND other.unique_key = job.unique_key))`
		more, err := tx.claim(ctx, waiting, worker, kinds, n, now, leaseUntil)
		if err != nil {
			return nil, fmt.Errorf("claim jobs: %w", err)
		}
		claimed = append(claimed, more...)
	}
	slices.SortFunc(claimed, func(a, b jobRow) int { return cmp.Or(cmp.Compare(a.RunAt, b.RunAt), cmp.Compare(a.ID, b.ID)) })
	return convert(claimed, (*jobRow).job), nil
}

func (tx *Tx) claim(ctx context.Context, which, worker string, kinds []string, n int, now, leaseUntil time.Time) ([]jobRow, error) {
	var rows []jobRow
	err := tx.bun.NewRaw(`WITH due AS (
			SELECT id FROM job WHERE `+which+` AND kind IN (?) ORDER BY run_at, id LIMIT ? `+tx.db.skipLocked()+`)
		UPDATE job SET state = 'running', worker = ?, lease_until = ?, attempt = attempt + 1
		WHERE id IN (SELECT id FROM due) RETURNING *`,
		millis(now), bun.List(kinds), n, worker, millis(leaseUntil)).Scan(ctx, &rows)
	return rows, tx.db.explain(err)
}

// ExtendJobLeases returns the ids of the leases that the worker still holds.
func (tx *Tx) ExtendJobLeases(ctx context.Context, worker string, ids []job.ID, until time.Time) ([]job.ID, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var held []job.ID
	err := tx.bun.NewRaw("UPDATE job SET lease_until = ? WHERE worker = ? AND state = 'running' AND id IN (?) RETURNING id",
		millis(until), worker, bun.List(ids)).Scan(ctx, &held)
	if err != nil {
		return nil, fmt.Errorf("extend leases: %w", tx.db.explain(err))
	}
	return held, nil
}

// EndJobLeases lets running jobs that have been started at most so often be taken over at once.
func (tx *Tx) EndJobLeases(ctx context.Context, attempts int, now time.Time) error {
	_, err := tx.exec(ctx, "UPDATE job SET lease_until = $1 WHERE state = 'running' AND lease_until > $1 AND attempt <= $2", millis(now), attempts)
	if err != nil {
		return fmt.Errorf("end leases: %w", err)
	}
	return nil
}

// FinishJob ends a run, provided that j.Worker still holds the lease; see job.StoreTx.
func (tx *Tx) FinishJob(ctx context.Context, j job.Job) error {
	stored, err := tx.GetJob(ctx, j.ID)
	if err != nil {
		return err
	}
	if stored.State != job.Running || stored.Worker != j.Worker {
		return problem.New(problem.Conflict, "lease_lost", "Job %d was taken over by another worker.", j.ID).
			On(problem.Tandem, "")
	}
	return tx.writeJob(ctx, stored, &j)
}

// UpdateJob writes what FinishJob writes, whoever holds the lease.
func (tx *Tx) UpdateJob(ctx context.Context, j *job.Job) error {
	stored, err := tx.GetJob(ctx, j.ID)
	if err != nil {
		return err
	}
	return tx.writeJob(ctx, stored, j)
}

func (tx *Tx) writeJob(ctx context.Context, stored, j *job.Job) error {
	if j.State == job.Waiting && stored.UniqueKey != "" {
		replaced, err := tx.otherWaits(ctx, stored)
		if err != nil {
			return err
		}
		if replaced {
			j.State = job.Cancelled
			tx.stamp(&j.FinishedAt)
		}
	}
	return missing(tx.update(ctx, int64(j.ID), rowOfJob(j)), "job", j.ID)
}

func (tx *Tx) otherWaits(ctx context.Context, j *job.Job) (bool, error) {
	var id int64
	return tx.queryRow(ctx, "SELECT id FROM job WHERE state = 'waiting' AND kind = $1 AND unique_key = $2 AND unique_key <> '' AND id <> $3",
		[]any{j.Kind, j.UniqueKey, j.ID}, &id)
}

// GetJob reads a job, or returns problem.NotFound. In an Update it also locks the row.
func (tx *Tx) GetJob(ctx context.Context, id job.ID) (*job.Job, error) {
	row, err := lockOne[jobRow](ctx, tx, "id = $1", int64(id))
	return get(row, err, "job", id, func(r *jobRow) *job.Job { j := r.job(); return &j })
}

// ListJobs gives the newest first.
func (tx *Tx) ListJobs(ctx context.Context, f job.Filter) ([]job.Job, error) {
	q := tx.bun.NewSelect().Order("id DESC")
	if f.State != "" {
		q.Where("state = ?", f.State)
	}
	if f.Kind != "" {
		q.Where("kind = ?", f.Kind)
	}
	page(q, f.Limit, f.Offset)
	rows, err := many[jobRow](ctx, tx, q)
	return convert(rows, (*jobRow).job), err
}

// CountJobs counts by state.
func (tx *Tx) CountJobs(ctx context.Context) (map[job.State]int, error) {
	return tally[job.State](ctx, tx, "SELECT state, COUNT(*) FROM job GROUP BY state")
}

// DeleteFinishedJobs removes what was completed or cancelled before the given time.
func (tx *Tx) DeleteFinishedJobs(ctx context.Context, before time.Time) (int, error) {
	return tx.exec(ctx, "DELETE FROM job WHERE state IN ('completed', 'cancelled') AND finished_at < $1", millis(before))
}

// NextJobAt returns when the next job becomes due or the next lease ends, after now; zero when nothing will.
func (tx *Tx) NextJobAt(ctx context.Context, now time.Time) (time.Time, error) {
	var due, expiry int64
	_, err := tx.queryRow(ctx, `SELECT
		COALESCE((SELECT MIN(run_at) FROM job WHERE state = 'waiting' AND run_at > $1), 0),
		COALESCE((SELECT MIN(lease_until) FROM job WHERE state = 'running' AND lease_until > $1), 0)`,
		[]any{millis(now)}, &due, &expiry)
	if due == 0 || (expiry != 0 && expiry < due) {
		due = expiry
	}
	return instant(due), err
}

// DueSchedule claims one tick of a schedule over all nodes; see job.StoreTx.
func (tx *Tx) DueSchedule(ctx context.Context, name string, now, next time.Time) (bool, error) {
	n, err := tx.exec(ctx, "INSERT INTO job_schedule (name, next_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", name, millis(next))
	if err != nil || n == 1 {
		return false, err
	}
	n, err = tx.exec(ctx, "UPDATE job_schedule SET next_at = $1 WHERE name = $2 AND next_at <= $3", millis(next), name, millis(now))
	return n == 1, err
}

// tally reads pairs of a key and a number.
func tally[K comparable](ctx context.Context, tx *Tx, query string, args ...any) (map[K]int, error) {
	rows, err := tx.bun.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, tx.db.explain(err)
	}
	defer rows.Close()
	counts := make(map[K]int)
	for rows.Next() {
		var key K
		var n int
		if err := rows.Scan(&key, &n); err != nil {
			return nil, err
		}
		counts[key] += n
	}
	return counts, rows.Err()
}
