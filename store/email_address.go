package store

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"tandem/directory"
	"tandem/email"
)

type addressRow struct {
	bun.BaseModel `bun:"table:support_address,alias:support_address"`

	ID             int64  `bun:"id,pk"`
	Email          string `bun:"email"`
	Name           string `bun:"name"`
	BrandID        int64  `bun:"brand_id"`
	IsDefault      bool   `bun:"is_default"`
	ConnectionID   int64  `bun:"connection_id"`
	PlusAddressing bool   `bun:"plus_addressing"`
	Outbound       bool   `bun:"outbound"`
	Destination    string `bun:"destination"`
	Priority       int    `bun:"priority"`
	Aliases        string `bun:"aliases"` // separated by blanks
	CreatedAt      int64  `bun:"created_at,skipupdate"`
	UpdatedAt      int64  `bun:"updated_at"`
}

func rowOfAddress(a *email.SupportAddress) addressRow {
	return addressRow{
		Email: a.Email, Name: a.Name, BrandID: int64(a.BrandID), IsDefault: a.Default, ConnectionID: int64(a.ConnectionID),
		PlusAddressing: a.PlusAddressing, Aliases: strings.Join(a.Aliases, " "), Outbound: a.Outbound,
		Destination: string(a.Destination), Priority: a.Priority, CreatedAt: millis(a.CreatedAt), UpdatedAt: millis(a.UpdatedAt),
	}
}

func (r *addressRow) address() *email.SupportAddress {
	return &email.SupportAddress{
		ID: email.AddressID(r.ID), Email: r.Email, Name: r.Name, BrandID: directory.BrandID(r.BrandID), Default: r.IsDefault,
		ConnectionID: email.ConnectionID(r.ConnectionID), PlusAddressing: r.PlusAddressing, Aliases: unblank(r.Aliases),
		Outbound: r.Outbound, Destination: email.Destination(r.Destination), Priority: r.Priority,
		CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt),
	}
}

// unblank splits at blanks; the words are nil when there are none, as they were stored.
func unblank(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Fields(text)
}

// GetSupportAddress returns problem.NotFound when there is none.
func (tx *Tx) GetSupportAddress(ctx context.Context, id email.AddressID) (*email.SupportAddress, error) {
	row, err := lockOne[addressRow](ctx, tx, "id = $1", int64(id))
	return get(row, err, "support address", id, (*addressRow).address)
}

// FindSupportAddress returns nil when the address is not a support address.
func (tx *Tx) FindSupportAddress(ctx context.Context, address string) (*email.SupportAddress, error) {
	row, err := one[addressRow](ctx, tx, "email = $1", strings.ToLower(address))
	return find(row, err, "support address", (*addressRow).address)
}

// FindSupportAddressByConnection returns the address that takes in its mail; nil when there is none yet.
func (tx *Tx) FindSupportAddressByConnection(ctx context.Context, id email.ConnectionID) (*email.SupportAddress, error) {
	row, err := one[addressRow](ctx, tx, "connection_id = $1 AND NOT outbound", int64(id))
	return find(row, err, "support address of a connection", (*addressRow).address)
}

// DefaultSupportAddress returns nil when there is none.
func (tx *Tx) DefaultSupportAddress(ctx context.Context) (*email.SupportAddress, error) {
	row, err := one[addressRow](ctx, tx, "is_default")
	return find(row, err, "default support address", (*addressRow).address)
}

// ListSupportAddresses lists them by address.
func (tx *Tx) ListSupportAddresses(ctx context.Context) ([]*email.SupportAddress, error) {
	rows, err := many[addressRow](ctx, tx, tx.bun.NewSelect().Order("email"))
	return convert(rows, (*addressRow).address), err
}

// InsertSupportAddress sets the ID, or returns the problem "address_in_use".
func (tx *Tx) InsertSupportAddress(ctx context.Context, a *email.SupportAddress) error {
	tx.stamp(&a.CreatedAt, &a.UpdatedAt)
	id, err := tx.insert(ctx, rowOfAddress(a))
	if err == nil {
		a.ID = email.AddressID(id)
	}
	return err
}

// UpdateSupportAddress writes an address. To move the default, take it from
// the old address first: only one may have it at any time.
func (tx *Tx) UpdateSupportAddress(ctx context.Context, a *email.SupportAddress) error {
	return missing(tx.update(ctx, int64(a.ID), rowOfAddress(a)), "support address", a.ID)
}

// DeleteSupportAddress returns problem.NotFound when there is none.
func (tx *Tx) DeleteSupportAddress(ctx context.Context, id email.AddressID) error {
	n, err := tx.exec(ctx, "DELETE FROM support_address WHERE id = $1", id)
	if err == nil && n == 0 {
		return notFound("support address", id)
	}
	return err
}
