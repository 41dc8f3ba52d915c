package store

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"tandem/email"
	"tandem/tenant"
)

type connectionRow struct {
	bun.BaseModel `bun:"table:connection,alias:connection"`

	ID        int64  `bun:"id,pk"`
	Kind      string `bun:"kind"`
	State     string `bun:"state"`
	Email     string `bun:"email"`
	Tenant    int64  `bun:"microsoft_tenant_id"`
	TenantID  string `bun:"tenant_id"`
	UserID    string `bun:"user_id"`
	CreatedAt int64  `bun:"created_at,skipupdate"`
	UpdatedAt int64  `bun:"updated_at"`

	RefreshToken string `bun:"refresh_token"` // sealed
	Scopes       string `bun:"scopes"`
	TokenAt      int64  `bun:"token_at"`
	AuthorizedAt int64  `bun:"authorized_at"`

	Folder          string `bun:"folder"`
	FolderName      string `bun:"folder_name"`
	Subfolders      bool   `bun:"subfolders"`
	SubfoldersSince int64  `bun:"subfolders_since"`
	Afterwards      string `bun:"afterwards"`

	Since          int64  `bun:"since"`
	Cursor         string `bun:"delta_cursor"`
	KickedAt       int64  `bun:"kicked_at,skipupdate"`
	SyncedAt       int64  `bun:"synced_at"`
	NextSyncAt     int64  `bun:"next_sync_at"`
	LastMailAt     int64  `bun:"last_mail_at"`
	ReconciledAt   int64  `bun:"reconciled_at"`
	ReconcileFound int    `bun:"reconcile_found"`
	LeaseOwner     string `bun:"lease_owner,skipupdate"`
	LeaseUntil     int64  `bun:"lease_until,skipupdate"`

	WaitingUntil int64  `bun:"waiting_until"`
	ErrorCode    string `bun:"error_code"`
	Error        string `bun:"error"`
	ErrorSide    string `bun:"error_side"`
	ErrorRemedy  string `bun:"error_remedy"`
	ErrorAt      int64  `bun:"error_at"`

	SubscriptionID        string `bun:"subscription_id"`
	SubscriptionSecret    string `bun:"subscription_secret"` // sealed
	SubscriptionExpiresAt int64  `bun:"subscription_expires_at"`
	NotifiedAt            int64  `bun:"notified_at"`
	PushError             string `bun:"push_error"`
	PushLateAt            int64  `bun:"push_late_at"`

	AliasesAt int64 `bun:"aliases_at"`
}

// rowOfConnection leaves out the secrets: they are sealed for the row's id.
func rowOfConnection(c *email.Connection) connectionRow {
	return connectionRow{
		Kind: string(c.Kind), State: string(c.State), Email: c.Email, Tenant: int64(c.Tenant), TenantID: c.TenantID, UserID: c.UserID,
		Folder: c.Folder, FolderName: c.FolderName, Subfolders: c.Subfolders, SubfoldersSince: millis(c.SubfoldersSince),
		Afterwards: string(cmp.Or(c.Afterwards, email.MoveAfterwards)),
		CreatedAt:  millis(c.CreatedAt), UpdatedAt: millis(c.UpdatedAt),
		Scopes: list(c.Scopes), TokenAt: millis(c.TokenAt), AuthorizedAt: millis(c.AuthorizedAt),
		Since: millis(c.Since), Cursor: c.Cursor, KickedAt: millis(c.KickedAt), SyncedAt: millis(c.SyncedAt),
		NextSyncAt: millis(c.NextSyncAt), LastMailAt: millis(c.LastMailAt), ReconciledAt: millis(c.ReconciledAt),
		ReconcileFound: c.ReconcileFound, LeaseOwner: c.LeaseOwner, LeaseUntil: millis(c.LeaseUntil),
		WaitingUntil: millis(c.WaitingUntil), ErrorCode: c.ErrorCode, Error: c.Error, ErrorSide: c.ErrorSide,
		ErrorRemedy: c.ErrorRemedy, ErrorAt: millis(c.ErrorAt),
		SubscriptionID: c.SubscriptionID, SubscriptionExpiresAt: millis(c.SubscriptionExpiresAt),
		NotifiedAt: millis(c.NotifiedAt), PushError: c.PushError, PushLateAt: millis(c.PushLateAt), AliasesAt: millis(c.AliasesAt),
	}
}

func (r *connectionRow) seal(ring *KeyRing, id int64, c *email.Connection) (err error) {
	if r.RefreshToken, err = ring.seal(string(c.RefreshToken), place{"connection", "refresh_token", id}); err != nil {
		return err
	}
	r.SubscriptionSecret, err = ring.seal(string(c.SubscriptionSecret), place{"connection", "subscription_secret", id})
	return err
}

func (r *connectionRow) connection(ring *KeyRing) (*email.Connection, error) {
	token, err := ring.open(r.RefreshToken, place{"connection", "refresh_token", r.ID})
	if err != nil {
		return nil, err
	}
	secret, err := ring.open(r.SubscriptionSecret, place{"connection", "subscription_secret", r.ID})
	if err != nil {
		return nil, err
	}
	scopes, err := unlist[string](r.Scopes)
	if err != nil {
		return nil, fmt.Errorf("scopes of connection %d: %w", r.ID, err)
	}
	return &email.Connection{
		ID: email.ConnectionID(r.ID), Kind: email.ConnectionKind(r.Kind), State: email.ConnectionState(r.State),
		Email: r.Email, Tenant: tenant.ID(r.Tenant), TenantID: r.TenantID, UserID: r.UserID, CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt),
		Folder: r.Folder, FolderName: r.FolderName, Subfolders: r.Subfolders, SubfoldersSince: instant(r.SubfoldersSince),
		Afterwards:   email.Afterwards(r.Afterwards),
		RefreshToken: email.Secret(token), Scopes: scopes, TokenAt: instant(r.TokenAt), AuthorizedAt: instant(r.AuthorizedAt),
		Since: instant(r.Since), Cursor: r.Cursor, KickedAt: instant(r.KickedAt), SyncedAt: instant(r.SyncedAt),
		NextSyncAt: instant(r.NextSyncAt), LastMailAt: instant(r.LastMailAt), ReconciledAt: instant(r.ReconciledAt),
		ReconcileFound: r.ReconcileFound, LeaseOwner: r.LeaseOwner, LeaseUntil: instant(r.LeaseUntil),
		WaitingUntil: instant(r.WaitingUntil), ErrorCode: r.ErrorCode, Error: r.Error, ErrorSide: r.ErrorSide,
		ErrorRemedy: r.ErrorRemedy, ErrorAt: instant(r.ErrorAt),
		SubscriptionID: r.SubscriptionID, SubscriptionSecret: email.Secret(secret),
		SubscriptionExpiresAt: instant(r.SubscriptionExpiresAt), NotifiedAt: instant(r.NotifiedAt), PushError: r.PushError,
		PushLateAt: instant(r.PushLateAt), AliasesAt: instant(r.AliasesAt),
	}, nil
}

// GetConnection reads a connection, or returns problem.NotFound. In an Update
// it also locks the row, so that changing it and writing it back loses nothing.
func (tx *Tx) GetConnection(ctx context.Context, id email.ConnectionID) (*email.Connection, error) {
	row, err := lockOne[connectionRow](ctx, tx, "id = $1", int64(id))
	if err != nil {
		return nil, fmt.Errorf("read connection %d: %w", id, err)
	}
	if row == nil {
		return nil, notFound("connection", id)
	}
	return row.connection(tx.db.opts.Keys)
}

// FindConnectionBySubscription returns nil when the subscription belongs to no connection.
func (tx *Tx) FindConnectionBySubscription(ctx context.Context, subscriptionID string) (*email.Connection, error) {
	row, err := one[connectionRow](ctx, tx, "subscription_id <> '' AND subscription_id = $1", subscriptionID)
	if err != nil {
		return nil, fmt.Errorf("find connection by subscription: %w", err)
	}
	if row == nil {
		return nil, nil
	}
	return row.connection(tx.db.opts.Keys)
}

// ListConnections lists all connections, oldest first.
func (tx *Tx) ListConnections(ctx context.Context) ([]*email.Connection, error) {
	rows, err := many[connectionRow](ctx, tx, tx.bun.NewSelect().Order("id"))
	if err != nil {
		return nil, fmt.Errorf("list connections: %w", err)
	}
	connections := make([]*email.Connection, len(rows))
	for i := range rows {
		if connections[i], err = rows[i].connection(tx.db.opts.Keys); err != nil {
			return nil, err
		}
	}
	return connections, nil
}

// InsertConnection sets the ID, or returns the problem "mailbox_in_use".
func (tx *Tx) InsertConnection(ctx context.Context, c *email.Connection) error {
	tx.stamp(&c.CreatedAt, &c.UpdatedAt)
	id, err := tx.insert(ctx, rowOfConnection(c))
	if err != nil {
		return err
	}
	c.ID = email.ConnectionID(id)
	if c.RefreshToken == "" && c.SubscriptionSecret == "" {
		return nil
	}
	return tx.UpdateConnection(ctx, c) // now that there is an id to seal for
}

// UpdateConnection writes everything but the lease and KickedAt.
func (tx *Tx) UpdateConnection(ctx context.Context, c *email.Connection) error {
	row := rowOfConnection(c)
	if err := row.seal(tx.db.opts.Keys, int64(c.ID), c); err != nil {
		return fmt.Errorf("seal the secrets of connection %d: %w", c.ID, err)
	}
	return missing(tx.update(ctx, int64(c.ID), row), "connection", c.ID)
}

// DeleteConnection removes a connection whose support address is gone; its mails stay in the ledger.
func (tx *Tx) DeleteConnection(ctx context.Context, id email.ConnectionID) error {
	if _, err := tx.exec(ctx, "DELETE FROM import WHERE connection_id = $1", id); err != nil {
		return fmt.Errorf("delete the imports of connection %d: %w", id, err)
	}
	if err := tx.DeleteReadFolders(ctx, id); err != nil {
		return err
	}
	n, err := tx.exec(ctx, "DELETE FROM connection WHERE id = $1", id)
	if err != nil {
		return fmt.Errorf("delete connection %d: %w", id, err)
	}
	if n == 0 {
		return notFound("connection", id)
	}
	return nil
}

// KickConnection notes a hint that mail waits; an older hint changes nothing.
func (tx *Tx) KickConnection(ctx context.Context, id email.ConnectionID, at time.Time) error {
	_, err := tx.exec(ctx, `UPDATE connection
		SET kicked_at = CASE WHEN kicked_at < $1 THEN $1 ELSE kicked_at END
		WHERE id = $2`, millis(at), id)
	return err
}

// LeaseConnection gives or renews the lease; false when another owner holds it.
func (tx *Tx) LeaseConnection(ctx context.Context, id email.ConnectionID, owner string, now, until time.Time) (bool, error) {
	n, err := tx.exec(ctx, `UPDATE connection SET lease_owner = $1, lease_until = $2
		WHERE id = $3 AND (lease_owner = $1 OR lease_owner = '' OR lease_until <= $4)`,
		owner, millis(until), id, millis(now))
	return n == 1, err
}

// RenewLeases renews the owner's leases of connections whose rows nobody writes, and returns which.
func (tx *Tx) RenewLeases(ctx context.Context, ids []email.ConnectionID, owner string, until time.Time) ([]email.ConnectionID, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var renewed []email.ConnectionID
	err := tx.bun.NewRaw(`UPDATE connection SET lease_until = ? WHERE id IN (
			SELECT id FROM connection WHERE id IN (?) AND lease_owner = ? ORDER BY id `+tx.db.skipLocked()+`)
		RETURNING id`, millis(until), bun.List(ids), owner).Scan(ctx, &renewed)
	if err != nil {
		return nil, fmt.Errorf("renew %d leases: %w", len(ids), tx.db.explain(err))
	}
	return renewed, nil
}

// ReleaseConnection ends the owner's lease; nothing happens when it is another's.
func (tx *Tx) ReleaseConnection(ctx context.Context, id email.ConnectionID, owner string) error {
	_, err := tx.exec(ctx, "UPDATE connection SET lease_owner = '', lease_until = 0 WHERE id = $1 AND lease_owner = $2", id, owner)
	return err
}
