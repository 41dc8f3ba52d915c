package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"tandem/access"
	"tandem/directory"
	"tandem/problem"
)

// GetPasswordHash returns the encoded hash; empty when the person has no password.
func (tx *Tx) GetPasswordHash(ctx context.Context, id directory.UserID) (string, error) {
	var hash string
	_, err := tx.queryRow(ctx, "SELECT password_hash FROM credential WHERE person_id = $1", []any{id}, &hash)
	return hash, err
}

// SetPasswordHash gives the person a password, or replaces it.
func (tx *Tx) SetPasswordHash(ctx context.Context, id directory.UserID, hash string, at time.Time) error {
	_, err := tx.exec(ctx, `INSERT INTO credential (person_id, password_hash, updated_at) VALUES ($1, $2, $3)
		ON CONFLICT (person_id) DO UPDATE SET password_hash = excluded.password_hash, updated_at = excluded.updated_at`,
		id, hash, millis(at))
	return err
}

type apiTokenRow struct {
	bun.BaseModel `bun:"table:api_token,alias:api_token"`

	ID         int64  `bun:"id,pk"`
	Name       string `bun:"name"`
	Hash       string `bun:"hash"`
	Hint       string `bun:"hint"`
	CreatedBy  int64  `bun:"created_by"`
	CreatedAt  int64  `bun:"created_at"`
	LastUsedAt int64  `bun:"last_used_at"`
}

func (r *apiTokenRow) token() *access.APIToken {
	return &access.APIToken{
		ID: r.ID, Name: r.Name, Hash: r.Hash, Hint: r.Hint, CreatedBy: directory.UserID(r.CreatedBy),
		CreatedAt: instant(r.CreatedAt), LastUsedAt: instant(r.LastUsedAt),
	}
}

// InsertAPIToken sets the ID.
func (tx *Tx) InsertAPIToken(ctx context.Context, t *access.APIToken) error {
	tx.stamp(&t.CreatedAt)
	id, err := tx.insert(ctx, apiTokenRow{
		Name: t.Name, Hash: t.Hash, Hint: t.Hint, CreatedBy: int64(t.CreatedBy),
		CreatedAt: millis(t.CreatedAt), LastUsedAt: millis(t.LastUsedAt),
	})
	if err == nil {
		t.ID = id
	}
	return err
}

// FindAPIToken returns the token with the hash, or nil.
func (tx *Tx) FindAPIToken(ctx context.Context, hash string) (*access.APIToken, error) {
	row, err := one[apiTokenRow](ctx, tx, "hash = $1", hash)
	return find(row, err, "API token", (*apiTokenRow).token)
}

// ListAPITokens gives the newest first.
func (tx *Tx) ListAPITokens(ctx context.Context) ([]*access.APIToken, error) {
	rows, err := many[apiTokenRow](ctx, tx, tx.bun.NewSelect().Order("id DESC"))
	return convert(rows, (*apiTokenRow).token), err
}

// DeleteAPIToken returns problem.NotFound when there is none.
func (tx *Tx) DeleteAPIToken(ctx context.Context, id int64) error {
	n, err := tx.exec(ctx, "DELETE FROM api_token WHERE id = $1", id)
	if err == nil && n == 0 {
		return notFound("API token", id)
	}
	return err
}

// TouchAPIToken notes when the token was last used.
func (tx *Tx) TouchAPIToken(ctx context.Context, id int64, at time.Time) error {
	_, err := tx.exec(ctx, "UPDATE api_token SET last_used_at = $1 WHERE id = $2", millis(at), id)
	return err
}

// InsertSetupLink stores a link that lets somebody choose a password.
func (tx *Tx) InsertSetupLink(ctx context.Context, l access.SetupLink) error {
	_, err := tx.exec(ctx, "INSERT INTO setup_link (hash, person_id, expires_at, used_at) VALUES ($1, $2, $3, $4)",
		l.Hash, l.UserID, millis(l.ExpiresAt), millis(l.UsedAt))
	return err
}

// GetSetupLink returns the link with the hash, or nil; used and expired ones too.
func (tx *Tx) GetSetupLink(ctx context.Context, hash string) (*access.SetupLink, error) {
	link := access.SetupLink{Hash: hash}
	var expires, used int64
	found, err := tx.queryRow(ctx, "SELECT person_id, expires_at, used_at FROM setup_link WHERE hash = $1",
		[]any{hash}, &link.UserID, &expires, &used)
	if err != nil || !found {
		return nil, err
	}
	link.ExpiresAt, link.UsedAt = instant(expires), instant(used)
	return &link, nil
}

// UseSetupLink marks the link as used, or returns problem.Conflict when it was used already.
func (tx *Tx) UseSetupLink(ctx context.Context, hash string, at time.Time) error {
	n, err := tx.exec(ctx, "UPDATE setup_link SET used_at = $1 WHERE hash = $2 AND used_at = 0", millis(at), hash)
	if err == nil && n == 0 {
		return problem.New(problem.Conflict, "link_used", "This link has been used already.").
			On(problem.Admin, "Ask for a new link.")
	}
	return err
}

// DeleteSetupLinks removes the links that expired before a time.
func (tx *Tx) DeleteSetupLinks(ctx context.Context, before time.Time) error {
	_, err := tx.exec(ctx, "DELETE FROM setup_link WHERE expires_at < $1", millis(before))
	return err
}

// CountAdmins counts the administrators who are not suspended. In an Update
// nobody else adds or removes one until it ends, so that the last one stays.
func (tx *Tx) CountAdmins(ctx context.Context) (int, error) {
	query := "SELECT id FROM person WHERE role = 'admin' AND NOT suspended ORDER BY id"
	if tx.write {
		query += tx.db.rowLock()
	}
	var admins []int64
	err := tx.bun.NewRaw(query).Scan(ctx, &admins)
	return len(admins), tx.db.explain(err)
}

// GetLoginThrottle returns the zero Throttle with its subject when nothing is known.
func (tx *Tx) GetLoginThrottle(ctx context.Context, subject string) (access.Throttle, error) {
	t := access.Throttle{Subject: subject}
	var start, locked int64
	query := "SELECT failures, window_start, locked_until FROM login_throttle WHERE subject = $1"
	if tx.write && tx.db.Kind() == Postgres {
		// Guesses at the same time are all counted; a row that is not there cannot be locked.
		if _, err := tx.exec(ctx, `INSERT INTO login_throttle (subject, failures, window_start, locked_until) VALUES ($1, 0, 0, 0)
			ON CONFLICT (subject) DO NOTHING`, subject); err != nil {
			return t, err
		}
		query += " FOR UPDATE"
	}
	_, err := tx.queryRow(ctx, query, []any{subject}, &t.Failures, &start, &locked)
	t.WindowStart, t.LockedUntil = instant(start), instant(locked)
	return t, err
}

// SetLoginThrottle stores what is known of the subject.
func (tx *Tx) SetLoginThrottle(ctx context.Context, t access.Throttle) error {
	_, err := tx.exec(ctx, `INSERT INTO login_throttle (subject, failures, window_start, locked_until) VALUES ($1, $2, $3, $4)
		ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, window_start = excluded.window_start,
			locked_until = excluded.locked_until`,
		t.Subject, t.Failures, millis(t.WindowStart), millis(t.LockedUntil))
	return err
}

// DeleteLoginThrottles removes counts whose window began before a time and that
// are not locked now, and the known addresses last seen before known.
func (tx *Tx) DeleteLoginThrottles(ctx context.Context, window, known, now time.Time) error {
	_, err := tx.exec(ctx, `DELETE FROM login_throttle WHERE locked_until <= $1
		AND (window_start < $2 OR window_start < $3 AND subject NOT LIKE 'known:%')`, millis(now), millis(known), millis(window))
	return err
}

type auditRow struct {
	bun.BaseModel `bun:"table:audit_entry,alias:audit_entry"`

	ID      int64  `bun:"id,pk"`
	At      int64  `bun:"at"`
	ActorID int64  `bun:"actor_id"`
	Actor   string `bun:"actor"`
	Address string `bun:"address"`
	Action  string `bun:"action"`
	Object  string `bun:"object"`
	Subject int64  `bun:"subject"`
	Label   string `bun:"label"`
	Before  string `bun:"before"`
	After   string `bun:"after"`
}

func (r *auditRow) entry() access.AuditEntry {
	return access.AuditEntry{
		ID: r.ID, At: instant(r.At), ActorID: directory.UserID(r.ActorID), Actor: r.Actor, Address: r.Address,
		Action: r.Action, Object: r.Object, Subject: r.Subject, Label: r.Label, Before: r.Before, After: r.After,
	}
}

// InsertAudit adds an entry to the audit trail.
func (tx *Tx) InsertAudit(ctx context.Context, e access.AuditEntry) error {
	tx.stamp(&e.At)
	_, err := tx.insert(ctx, auditRow{
		At: millis(e.At), ActorID: int64(e.ActorID), Actor: e.Actor, Address: e.Address, Action: e.Action,
		Object: e.Object, Subject: e.Subject, Label: e.Label, Before: e.Before, After: e.After,
	})
	return err
}

// ListAudit gives the newest first.
func (tx *Tx) ListAudit(ctx context.Context, f access.AuditFilter) ([]access.AuditEntry, error) {
	q := auditWhere(tx.bun.NewSelect(), f).Order("id DESC")
	page(q, f.Limit, f.Offset)
	rows, err := many[auditRow](ctx, tx, q)
	return convert(rows, (*auditRow).entry), err
}

// CountAudit counts without regard to paging.
func (tx *Tx) CountAudit(ctx context.Context, f access.AuditFilter) (int, error) {
	return count[auditRow](ctx, tx, auditWhere(tx.bun.NewSelect(), f))
}

func auditWhere(q *bun.SelectQuery, f access.AuditFilter) *bun.SelectQuery {
	if f.Object != "" {
		q.Where("object = ?", f.Object)
	}
	if f.Subject != 0 {
		q.Where("subject = ?", f.Subject)
	}
	return q
}
