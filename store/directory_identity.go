package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"tandem/directory"
)

type identityRow struct {
	bun.BaseModel `bun:"table:person_identity,alias:person_identity"`

	ID        int64  `bun:"id,pk"`
	PersonID  int64  `bun:"person_id"`
	Kind      string `bun:"kind"`
	Value     string `bun:"value"`
	Domain    string `bun:"domain"`
	Verified  bool   `bun:"verified"`
	CreatedAt int64  `bun:"created_at,skipupdate"`
}

func rowOfIdentity(i *directory.Identity) identityRow {
	return identityRow{
		PersonID: int64(i.UserID), Kind: string(i.Kind), Value: i.Value, Domain: directory.DomainOf(i.Value),
		Verified: i.Verified, CreatedAt: millis(i.CreatedAt),
	}
}

func (r *identityRow) identity() *directory.Identity {
	return &directory.Identity{
		ID: directory.IdentityID(r.ID), UserID: directory.UserID(r.PersonID), Kind: directory.IdentityKind(r.Kind),
		Value: r.Value, Verified: r.Verified, CreatedAt: instant(r.CreatedAt),
	}
}

// ListIdentities lists those of some people, the oldest first.
func (tx *Tx) ListIdentities(ctx context.Context, ids ...directory.UserID) ([]*directory.Identity, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := many[identityRow](ctx, tx, tx.bun.NewSelect().Where("person_id IN (?)", bun.List(ids)).Order("id"))
	return convert(rows, (*identityRow).identity), err
}

// GetIdentity reads an identity, or returns problem.NotFound. In an Update it also locks the row.
func (tx *Tx) GetIdentity(ctx context.Context, id directory.IdentityID) (*directory.Identity, error) {
	row, err := lockOne[identityRow](ctx, tx, "id = $1", int64(id))
	return get(row, err, "identity", id, (*identityRow).identity)
}

// FindIdentity returns nil when nobody has it.
func (tx *Tx) FindIdentity(ctx context.Context, kind directory.IdentityKind, value string) (*directory.Identity, error) {
	row, err := one[identityRow](ctx, tx, "kind = $1 AND value = $2", string(kind), value)
	return find(row, err, "identity", (*identityRow).identity)
}

// InsertIdentity sets the ID, or returns the problem "email_taken".
func (tx *Tx) InsertIdentity(ctx context.Context, i *directory.Identity) error {
	if err := tx.insertIdentity(ctx, i); err != nil {
		return err
	}
	return tx.retextPerson(ctx, i.UserID)
}

func (tx *Tx) insertIdentity(ctx context.Context, i *directory.Identity) error {
	tx.stamp(&i.CreatedAt)
	id, err := tx.insert(ctx, rowOfIdentity(i))
	i.ID = directory.IdentityID(id)
	return err
}

// UpdateIdentity writes an identity, or returns problem.NotFound. The person
// is verified as the primary address is.
func (tx *Tx) UpdateIdentity(ctx context.Context, i *directory.Identity) error {
	if err := tx.retextPerson(ctx, i.UserID); err != nil {
		return err
	}
	if err := tx.update(ctx, int64(i.ID), rowOfIdentity(i)); err != nil {
		return missing(err, "identity", i.ID)
	}
	_, err := tx.exec(ctx, "UPDATE person SET verified = $1 WHERE id = $2 AND email = $3", i.Verified, int64(i.UserID), i.Value)
	return err
}

// DeleteIdentity returns problem.NotFound when there is none.
func (tx *Tx) DeleteIdentity(ctx context.Context, id directory.IdentityID) error {
	var person directory.UserID
	found, err := tx.queryRow(ctx, "DELETE FROM person_identity WHERE id = $1 RETURNING person_id", []any{int64(id)}, &person)
	if err != nil {
		return err
	}
	if !found {
		return notFound("identity", id)
	}
	return tx.retextPerson(ctx, person)
}

// keepPrimaryIdentity gives the person the identity of the primary address. A
// changed address takes the place of the one before, unless it is the person's
// already.
func (tx *Tx) keepPrimaryIdentity(ctx context.Context, u *directory.User) error {
	if u.Email == "" {
		return nil
	}
	owned, err := tx.FindIdentity(ctx, directory.EmailIdentity, u.Email)
	if err != nil || owned != nil && owned.UserID == u.ID {
		return err
	}
	n, err := tx.exec(ctx, `UPDATE person_identity SET value = $1, domain = $3 WHERE kind = 'email' AND person_id = $2
		AND value = (SELECT email FROM person WHERE id = $2) AND value <> $1`, u.Email, int64(u.ID), directory.DomainOf(u.Email))
	if err == nil && n == 0 {
		err = tx.InsertIdentity(ctx, &directory.Identity{UserID: u.ID, Kind: directory.EmailIdentity, Value: u.Email, Verified: u.Verified})
	}
	if err != nil {
		return fmt.Errorf("keep the address of user %d: %w", u.ID, err)
	}
	return nil
}
