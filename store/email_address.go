package store

import (
	"context"
	"fmt"
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
	a, err := get(row, err, "support address", id, (*addressRow).address)
	return a, tx.addChanges(ctx, err, a)
}

// FindSupportAddress returns nil when the address is not a support address.
func (tx *Tx) FindSupportAddress(ctx context.Context, address string) (*email.SupportAddress, error) {
	return tx.findAddress(ctx, "support address", "email = $1", strings.ToLower(address))
}

// ofConnection is the condition for the address that a connection brings the mail of.
const ofConnection = "(connection_id = $1 OR id = (SELECT address_id FROM route_change WHERE connection_id = $1)) AND NOT outbound"

// FindSupportAddressByConnection returns the address that takes in its mail, or changes to it; nil when there is none yet.
func (tx *Tx) FindSupportAddressByConnection(ctx context.Context, id email.ConnectionID) (*email.SupportAddress, error) {
	return tx.findAddress(ctx, "support address of a connection", ofConnection, int64(id))
}

// DefaultSupportAddress returns nil when there is none.
func (tx *Tx) DefaultSupportAddress(ctx context.Context) (*email.SupportAddress, error) {
	return tx.findAddress(ctx, "default support address", "is_default")
}

func (tx *Tx) findAddress(ctx context.Context, what, where string, args ...any) (*email.SupportAddress, error) {
	row, err := one[addressRow](ctx, tx, where, args...)
	a, err := find(row, err, what, (*addressRow).address)
	return a, tx.addChanges(ctx, err, a)
}

// ListSupportAddresses lists them by address.
func (tx *Tx) ListSupportAddresses(ctx context.Context) ([]*email.SupportAddress, error) {
	rows, err := many[addressRow](ctx, tx, tx.bun.NewSelect().Order("email"))
	all := convert(rows, (*addressRow).address)
	return all, tx.addChanges(ctx, err, all...)
}

// addChanges tells addresses that were read to which connection they are changing.
func (tx *Tx) addChanges(ctx context.Context, failed error, addresses ...*email.SupportAddress) error {
	if failed != nil || len(addresses) == 0 || addresses[0] == nil {
		return failed
	}
	rows, err := tx.bun.Tx.QueryContext(ctx, "SELECT address_id, connection_id FROM route_change")
	if err != nil {
		return fmt.Errorf("read changes of routes: %w", tx.db.explain(err))
	}
	defer rows.Close()
	for rows.Next() {
		var address email.AddressID
		var connection email.ConnectionID
		if err := rows.Scan(&address, &connection); err != nil {
			return fmt.Errorf("read a change of route: %w", err)
		}
		for _, a := range addresses {
			if a.ID == address {
				a.NextConnectionID = connection
			}
		}
	}
	return rows.Err()
}

// setChange notes to which connection an address is changing, or that it is not.
func (tx *Tx) setChange(ctx context.Context, id email.AddressID, to email.ConnectionID) error {
	_, err := tx.exec(ctx, "DELETE FROM route_change WHERE address_id = $1", int64(id))
	if err == nil && to != 0 {
		_, err = tx.exec(ctx, "INSERT INTO route_change (address_id, connection_id) VALUES ($1, $2)", int64(id), int64(to))
	}
	return err
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
	if err := missing(tx.update(ctx, int64(a.ID), rowOfAddress(a)), "support address", a.ID); err != nil {
		return err
	}
	return tx.setChange(ctx, a.ID, a.NextConnectionID)
}

// DeleteSupportAddress returns problem.NotFound when there is none.
func (tx *Tx) DeleteSupportAddress(ctx context.Context, id email.AddressID) error {
	if err := tx.setChange(ctx, id, 0); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, "DELETE FROM preflight WHERE address_id = $1", id); err != nil {
		return err
	}
	n, err := tx.exec(ctx, "DELETE FROM support_address WHERE id = $1", id)
	if err == nil && n == 0 {
		return notFound("support address", id)
	}
	return err
}
