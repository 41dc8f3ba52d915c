package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"tandem/tenant"
)

type tenantRow struct {
	bun.BaseModel `bun:"table:microsoft_tenant,alias:microsoft_tenant"`

	ID        int64  `bun:"id,pk"`
	Name      string `bun:"name"`
	Directory string `bun:"directory"`
	ClientID  string `bun:"client_id"`
	SeededBy  string `bun:"seeded_by"`
	CreatedAt int64  `bun:"created_at,skipupdate"`
	UpdatedAt int64  `bun:"updated_at"`

	ErrorCode   string `bun:"error_code"`
	Error       string `bun:"error"`
	ErrorSide   string `bun:"error_side"`
	ErrorRemedy string `bun:"error_remedy"`
	ErrorAt     int64  `bun:"error_at"`
}

func rowOfTenant(t *tenant.Tenant) tenantRow {
	return tenantRow{
		Name: t.Name, Directory: t.Directory, ClientID: t.ClientID, SeededBy: t.SeededBy,
		CreatedAt: millis(t.CreatedAt), UpdatedAt: millis(t.UpdatedAt),
		ErrorCode: t.Trouble.Code, Error: t.Trouble.Message, ErrorSide: t.Trouble.Side, ErrorRemedy: t.Trouble.Remedy, ErrorAt: millis(t.Trouble.At),
	}
}

func (r *tenantRow) tenant() *tenant.Tenant {
	return &tenant.Tenant{
		ID: tenant.ID(r.ID), Name: r.Name, Directory: r.Directory, ClientID: r.ClientID, SeededBy: r.SeededBy,
		Trouble:   tenant.Trouble{Code: r.ErrorCode, Message: r.Error, Side: r.ErrorSide, Remedy: r.ErrorRemedy, At: instant(r.ErrorAt)},
		CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt),
	}
}

// GetTenant reads a tenant, or returns problem.NotFound. In an Update it locks
// the row, and by that its credentials too: whoever changes these reads it first.
func (tx *Tx) GetTenant(ctx context.Context, id tenant.ID) (*tenant.Tenant, error) {
	row, err := lockOne[tenantRow](ctx, tx, "id = $1", int64(id))
	return get(row, err, "Microsoft tenant", id, (*tenantRow).tenant)
}

// ListTenants lists all tenants, the oldest first.
func (tx *Tx) ListTenants(ctx context.Context) ([]*tenant.Tenant, error) {
	rows, err := many[tenantRow](ctx, tx, tx.bun.NewSelect().Order("id"))
	if err != nil {
		return nil, fmt.Errorf("list Microsoft tenants: %w", err)
	}
	return convert(rows, (*tenantRow).tenant), nil
}

// InsertTenant sets the ID.
func (tx *Tx) InsertTenant(ctx context.Context, t *tenant.Tenant) error {
	tx.stamp(&t.CreatedAt, &t.UpdatedAt)
	id, err := tx.insert(ctx, rowOfTenant(t))
	if err != nil {
		return fmt.Errorf("insert the Microsoft tenant %s: %w", t.Directory, err)
	}
	t.ID = tenant.ID(id)
	return nil
}

// UpdateTenant writes a tenant, or returns problem.NotFound.
func (tx *Tx) UpdateTenant(ctx context.Context, t *tenant.Tenant) error {
	return missing(tx.update(ctx, int64(t.ID), rowOfTenant(t)), "Microsoft tenant", t.ID)
}

// DeleteTenant removes a tenant and its credentials. Connections that have lost
// their address, and remember it for their return, belong to none then.
func (tx *Tx) DeleteTenant(ctx context.Context, id tenant.ID) error {
	for _, statement := range []string{
		"UPDATE connection SET microsoft_tenant_id = 0 WHERE microsoft_tenant_id = $1",
		"DELETE FROM tenant_credential WHERE tenant_id = $1",
		"DELETE FROM microsoft_tenant WHERE id = $1",
	} {
		if _, err := tx.exec(ctx, statement, id); err != nil {
			return fmt.Errorf("delete Microsoft tenant %d: %w", id, err)
		}
	}
	return nil
}

// TenantAddresses lists the support addresses that are opened with the tenant's registration.
func (tx *Tx) TenantAddresses(ctx context.Context, id tenant.ID) ([]string, error) {
	rows, err := many[addressRow](ctx, tx, tx.bun.NewSelect().Order("email").
		Where("connection_id IN (SELECT id FROM connection WHERE microsoft_tenant_id = ?)", int64(id)))
	if err != nil {
		return nil, fmt.Errorf("list the addresses of Microsoft tenant %d: %w", id, err)
	}
	return convert(rows, func(r *addressRow) string { return r.Email }), nil
}

// AdoptConnections gives the tenant the mailboxes at Microsoft that belong to none.
func (tx *Tx) AdoptConnections(ctx context.Context, id tenant.ID) (int, error) {
	n, err := tx.exec(ctx, "UPDATE connection SET microsoft_tenant_id = $1 WHERE microsoft_tenant_id = 0 AND kind <> 'forwarding'", id)
	if err != nil {
		return 0, fmt.Errorf("give connections to Microsoft tenant %d: %w", id, err)
	}
	return n, nil
}
