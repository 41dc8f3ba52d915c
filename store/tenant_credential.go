package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"tandem/tenant"
)

type tenantCredentialRow struct {
	bun.BaseModel `bun:"table:tenant_credential,alias:tenant_credential"`

	ID          int64  `bun:"id,pk"`
	TenantID    int64  `bun:"tenant_id,skipupdate"`
	Kind        string `bun:"kind,skipupdate"`
	Name        string `bun:"name"`
	Hint        string `bun:"hint,skipupdate"`
	Secret      string `bun:"secret,skipupdate"` // sealed, for the row's id
	Certificate string `bun:"certificate,skipupdate"`
	ExpiresAt   int64  `bun:"expires_at"`
	TriedAt     int64  `bun:"tried_at"`
	AcceptedAt  int64  `bun:"accepted_at"`
	Warned      int    `bun:"warned"`
	CreatedAt   int64  `bun:"created_at,skipupdate"`

	ErrorCode   string `bun:"error_code"`
	Error       string `bun:"error"`
	ErrorSide   string `bun:"error_side"`
	ErrorRemedy string `bun:"error_remedy"`
	ErrorAt     int64  `bun:"error_at"`
}

// rowOfTenantCredential leaves the secret out.
func rowOfTenantCredential(c *tenant.Credential) tenantCredentialRow {
	return tenantCredentialRow{
		TenantID: int64(c.TenantID), Kind: string(c.Kind), Name: c.Name, Hint: c.Hint, Certificate: c.Certificate,
		ExpiresAt: millis(c.ExpiresAt), TriedAt: millis(c.TriedAt), AcceptedAt: millis(c.AcceptedAt), Warned: c.Warned, CreatedAt: millis(c.CreatedAt),
		ErrorCode: c.Trouble.Code, Error: c.Trouble.Message, ErrorSide: c.Trouble.Side, ErrorRemedy: c.Trouble.Remedy, ErrorAt: millis(c.Trouble.At),
	}
}

func (r *tenantCredentialRow) credential(ring *KeyRing) (*tenant.Credential, error) {
	secret, err := ring.open(r.Secret, place{"tenant_credential", "secret", r.ID})
	if err != nil {
		return nil, err
	}
	return &tenant.Credential{
		ID: tenant.CredentialID(r.ID), TenantID: tenant.ID(r.TenantID), Kind: tenant.CredentialKind(r.Kind), Name: r.Name, Hint: r.Hint,
		Secret: tenant.Secret(secret), Certificate: r.Certificate, ExpiresAt: instant(r.ExpiresAt), TriedAt: instant(r.TriedAt),
		AcceptedAt: instant(r.AcceptedAt), Warned: r.Warned, CreatedAt: instant(r.CreatedAt),
		Trouble: tenant.Trouble{Code: r.ErrorCode, Message: r.Error, Side: r.ErrorSide, Remedy: r.ErrorRemedy, At: instant(r.ErrorAt)},
	}, nil
}

// ListCredentials lists the credentials of a tenant, the oldest first.
func (tx *Tx) ListCredentials(ctx context.Context, id tenant.ID) ([]*tenant.Credential, error) {
	rows, err := many[tenantCredentialRow](ctx, tx, tx.bun.NewSelect().Where("tenant_id = ?", int64(id)).Order("id"))
	if err != nil {
		return nil, fmt.Errorf("list the credentials of Microsoft tenant %d: %w", id, err)
	}
	credentials := make([]*tenant.Credential, len(rows))
	for i := range rows {
		if credentials[i], err = rows[i].credential(tx.db.opts.Keys); err != nil {
			return nil, err
		}
	}
	return credentials, nil
}

// InsertCredential sets the ID.
func (tx *Tx) InsertCredential(ctx context.Context, c *tenant.Credential) error {
	tx.stamp(&c.CreatedAt)
	id, err := tx.insert(ctx, rowOfTenantCredential(c))
	if err != nil {
		return fmt.Errorf("insert a credential of Microsoft tenant %d: %w", c.TenantID, err)
	}
	// Now that there is an id to seal for.
	sealed, err := tx.db.opts.Keys.seal(string(c.Secret), place{"tenant_credential", "secret", id})
	if err != nil {
		return fmt.Errorf("seal credential %d: %w", id, err)
	}
	if _, err := tx.exec(ctx, "UPDATE tenant_credential SET secret = $1 WHERE id = $2", sealed, id); err != nil {
		return fmt.Errorf("seal credential %d: %w", id, err)
	}
	c.ID = tenant.CredentialID(id)
	return nil
}

// UpdateCredential writes what may change of a credential, or returns
// problem.NotFound. A secret never changes: another one is another credential.
func (tx *Tx) UpdateCredential(ctx context.Context, c *tenant.Credential) error {
	return missing(tx.update(ctx, int64(c.ID), rowOfTenantCredential(c)), "credential", c.ID)
}

// DeleteCredential removes a credential.
func (tx *Tx) DeleteCredential(ctx context.Context, id tenant.CredentialID) error {
	if _, err := tx.exec(ctx, "DELETE FROM tenant_credential WHERE id = $1", id); err != nil {
		return fmt.Errorf("delete credential %d: %w", id, err)
	}
	return nil
}
