package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"tandem/directory"
	"tandem/text"
)

type personRow struct {
	bun.BaseModel `bun:"table:person,alias:person"`

	ID        int64  `bun:"id,pk"`
	Name      string `bun:"name"`
	Email     string `bun:"email"`
	Role      string `bun:"role"`
	Locale    string `bun:"locale"`
	TimeZone  string `bun:"time_zone"`
	Signature string `bun:"signature"`
	Suspended bool   `bun:"suspended"`
	Folded    string `bun:"folded"`
	CreatedAt int64  `bun:"created_at,skipupdate"`
	UpdatedAt int64  `bun:"updated_at"`

	Phone      string `bun:"phone"`
	Alias      string `bun:"alias"`
	Notes      string `bun:"notes"`
	Details    string `bun:"details"`
	ExternalID string `bun:"external_id"`
	Tags       string `bun:"tags"`
	Verified   bool   `bun:"verified"`

	OrganizationID int64  `bun:"organization_id,skipupdate"`
	TeamID         int64  `bun:"team_id,skipupdate"`
	LastLoginAt    int64  `bun:"last_login_at,skipupdate"`
	DeletedAt      int64  `bun:"deleted_at,skipupdate"`
	ErasedAt       int64  `bun:"erased_at,skipupdate"`
	Erased         bool   `bun:"erased,skipupdate"`
	Former         string `bun:"former,skipupdate"`
	MergedInto     int64  `bun:"merged_into,skipupdate"`
}

func rowOfUser(u *directory.User) personRow {
	return personRow{
		Name: u.Name, Email: cmp.Or(u.Email, noEmail+rand.Text()), Role: string(u.Role), Locale: u.Locale, TimeZone: u.TimeZone,
		Signature: u.Signature, Suspended: u.Suspended, Folded: foldPerson(u.Name, u.Email),
		Phone: u.Phone, Alias: u.Alias, Notes: u.Notes, Details: u.Details, ExternalID: u.ExternalID, Tags: list(u.Tags), Verified: u.Verified,
		OrganizationID: int64(u.OrganizationID), TeamID: int64(u.TeamID), Former: list(u.Former),
		CreatedAt: millis(u.CreatedAt), UpdatedAt: millis(u.UpdatedAt),
	}
}

// noEmail begins what stands in the row of somebody whose address is not known.
const noEmail = "none:"

func (r *personRow) user() *directory.User {
	email := r.Email
	if strings.HasPrefix(email, noEmail) {
		email = ""
	}
	return &directory.User{
		ID: directory.UserID(r.ID), Name: r.Name, Email: email, Role: directory.Role(r.Role), Locale: r.Locale,
		TimeZone: r.TimeZone, Signature: r.Signature, Suspended: r.Suspended,
		Phone: r.Phone, Alias: r.Alias, Notes: r.Notes, Details: r.Details, ExternalID: r.ExternalID, Tags: texts(r.Tags), Verified: r.Verified,
		OrganizationID: directory.OrganizationID(r.OrganizationID), TeamID: directory.TeamID(r.TeamID), Former: texts(r.Former),
		LastLoginAt: instant(r.LastLoginAt), DeletedAt: instant(r.DeletedAt), ErasedAt: instant(r.ErasedAt), Erased: r.Erased,
		CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt),
	}
}

// texts reads a list of texts that we wrote ourselves.
func texts(stored string) []string {
	all, err := unlist[string](stored)
	if err != nil {
		panic(fmt.Sprintf("a stored list is %q: %v", stored, err))
	}
	return all
}

// GetUser reads a person, or returns problem.NotFound.
func (tx *Tx) GetUser(ctx context.Context, id directory.UserID) (*directory.User, error) {
	row, err := one[personRow](ctx, tx, "id = $1", int64(id))
	if err == nil && row != nil && row.MergedInto != 0 {
		row, err = one[personRow](ctx, tx, "id = $1", row.MergedInto)
	}
	u, err := get(row, err, "user", id, (*personRow).user)
	return u, cmp.Or(err, tx.addUserFields(ctx, u))
}

// addUserFields completes people with their custom fields, by one query.
func (tx *Tx) addUserFields(ctx context.Context, users ...*directory.User) error {
	var ids []int64
	for _, u := range users {
		if u != nil {
			ids = append(ids, int64(u.ID))
		}
	}
	values, err := tx.ListFieldValues(ctx, directory.UserFields, ids)
	if err != nil {
		return err
	}
	for _, u := range users {
		if u != nil {
			u.Fields = values[int64(u.ID)]
		}
	}
	return nil
}

// byEmail is the condition that a person has an address, as the primary one or as another.
const byEmail = `id = COALESCE((SELECT id FROM person WHERE email = $1),
	(SELECT person_id FROM person_identity WHERE kind = 'email' AND value = $1))`

// FindUserByEmail returns nil when nobody has the address.
func (tx *Tx) FindUserByEmail(ctx context.Context, email string) (*directory.User, error) {
	row, err := one[personRow](ctx, tx, byEmail, strings.ToLower(email))
	u, err := find(row, err, "user by address", (*personRow).user)
	return u, cmp.Or(err, tx.addUserFields(ctx, u))
}

// foldPerson is what people are found and ordered by: the name, and the address among those with one name.
func foldPerson(name, email string) string { return cut(fold(name), 200) + "\n" + fold(email) }

func parsePerson(key string) (any, error) {
	name, email, _ := strings.Cut(key, "\n")
	return foldPerson(name, email), nil
}

// userOrders are what people can be ordered by.
var userOrders = map[directory.UserSort]keyset{
	directory.UsersByName:    {key: sortKey{column: "folded", parse: parsePerson}},
	directory.UsersByID:      oldestFirst,
	directory.UsersByCreated: {key: sortKey{column: "created_at", parse: parseInstant}},
	directory.UsersByUpdated: {key: sortKey{column: "updated_at", parse: parseInstant}},
}

// ListUsers lists people in the filter's order.
func (tx *Tx) ListUsers(ctx context.Context, f directory.UserFilter) ([]*directory.User, error) {
	q := usersWhere(tx.bun.NewSelect(), f)
	if err := tx.searchUsers(ctx, q, f); err != nil {
		return nil, err
	}
	order := userOrders[cmp.Or(f.Sort, directory.UsersByName)]
	order.descending = f.Descending
	rows, err := part[personRow](ctx, tx, q, order, f.Part)
	users := convert(rows, (*personRow).user)
	return users, cmp.Or(err, tx.addUserFields(ctx, users...))
}

// CountUsers counts without regard to paging.
func (tx *Tx) CountUsers(ctx context.Context, f directory.UserFilter) (int, error) {
	q := usersWhere(tx.bun.NewSelect(), f)
	if err := tx.searchUsers(ctx, q, f); err != nil {
		return 0, err
	}
	return count[personRow](ctx, tx, q)
}

func usersWhere(q *bun.SelectQuery, f directory.UserFilter) *bun.SelectQuery {
	if len(f.Roles) > 0 {
		q.Where("role IN (?)", bun.List(f.Roles))
	}
	if len(f.IDs) > 0 {
		q.Where("id IN (SELECT COALESCE(NULLIF(merged_into, 0), id) FROM person WHERE id IN (?))", bun.List(f.IDs))
	}
	if len(f.ExternalIDs) > 0 {
		q.Where("external_id <> '' AND external_id IN (?)", bun.List(f.ExternalIDs))
	}
	if f.Team != 0 {
		q.Where("id IN (SELECT person_id FROM membership WHERE team_id <> 0 AND team_id = ?)", f.Team)
	}
	if f.Organization != 0 {
		q.Where("id IN (SELECT person_id FROM membership WHERE organization_id <> 0 AND organization_id = ?)", f.Organization)
	}
	if f.AnyOf != nil {
		q.Where("id IN (SELECT person_id FROM membership WHERE organization_id <> 0 AND organization_id IN (?))", bun.List(append(f.AnyOf, 0)))
	}
	tagged(q, "person", f.Tags, f.NotTags)
	if f.Suspended {
		q.Where("suspended")
	}
	switch {
	case f.Deleted:
		q.Where("deleted_at <> 0 AND NOT erased")
	case !f.Everybody:
		q.Where("deleted_at = 0")
	}
	q.Where("merged_into = 0")
	return q
}

// tagged asks people or organizations for tags: one of some, and none of others.
func tagged(q *bun.SelectQuery, table string, some, none []string) {
	query := fmt.Sprintf("(SELECT %s_id FROM %[1]s_tag WHERE tag IN (?))", table)
	if len(some) > 0 {
		q.Where("id IN "+query, bun.List(some))
	}
	if len(none) > 0 {
		q.Where("id NOT IN "+query, bun.List(none))
	}
}

// searchUsers adds what the filter asks of names, addresses and numbers.
func (tx *Tx) searchUsers(ctx context.Context, q *bun.SelectQuery, f directory.UserFilter) error {
	terms := f.Text
	for word := range strings.FieldsSeq(f.Search) {
		terms = append(terms, text.Term{Text: word, Wild: true})
	}
	source, err := tx.having(ctx, personText, terms)
	if err != nil {
		return err
	}
	if source.few {
		q.Where("id IN ("+source.ids+")", source.given)
	}
	for i, condition := range source.where.texts {
		q.Where(condition, source.where.args[i])
	}
	return nil
}

// page applies a limit and an offset; SQLite knows no OFFSET without LIMIT.
func page(q *bun.SelectQuery, limit, offset int) {
	if limit > 0 {
		q.Limit(int64(limit)).Offset(int64(offset))
	}
}

// InsertUser sets the ID, or returns the problem "email_taken".
func (tx *Tx) InsertUser(ctx context.Context, u *directory.User) error {
	tx.stamp(&u.CreatedAt, &u.UpdatedAt)
	id, err := tx.insert(ctx, rowOfUser(u))
	if err != nil {
		return err
	}
	u.ID = directory.UserID(id)
	tx.retext(personText, id)
	if len(u.Fields) > 0 {
		if err := tx.SaveFieldValues(ctx, directory.UserFields, id, u.Fields); err != nil {
			return err
		}
	}
	if u.Email == "" {
		return nil
	}
	return tx.insertIdentity(ctx, &directory.Identity{UserID: u.ID, Kind: directory.EmailIdentity, Value: u.Email, Verified: u.Verified})
}

// UpdateUser writes a person, or returns problem.NotFound.
func (tx *Tx) UpdateUser(ctx context.Context, u *directory.User) error {
	before, err := one[personRow](ctx, tx, "id = $1", int64(u.ID))
	if err != nil || before == nil {
		return cmp.Or(err, notFound("user", u.ID))
	}
	address := before.user().Email
	if address != u.Email {
		if err := tx.keepPrimaryIdentity(ctx, u); err != nil {
			return err
		}
	}
	if before.Name != u.Name || address != u.Email {
		if err := tx.retextPerson(ctx, u.ID); err != nil {
			return err
		}
	}
	if err := tx.SaveFieldValues(ctx, directory.UserFields, int64(u.ID), u.Fields); err != nil {
		return err
	}
	return missing(tx.update(ctx, int64(u.ID), rowOfUser(u)), "user", u.ID)
}

// FindUserByExternalID returns nil when nobody has it.
func (tx *Tx) FindUserByExternalID(ctx context.Context, id string) (*directory.User, error) {
	row, err := one[personRow](ctx, tx, "external_id <> '' AND external_id = $1", id)
	return find(row, err, "user by external id", (*personRow).user)
}

// NoteSignIn writes when a person last signed in.
func (tx *Tx) NoteSignIn(ctx context.Context, id directory.UserID, at time.Time) error {
	_, err := tx.exec(ctx, "UPDATE person SET last_login_at = $1 WHERE id = $2", millis(at), int64(id))
	return err
}

// deletedEmail stands in the row of a person who was deleted: it is no address, so nobody is found by it.
func deletedEmail(id directory.UserID) string { return fmt.Sprintf("deleted:%d", id) }

// DeleteUser marks a person as deleted, whose addresses are free from then on.
// The row remembers them for whoever looks for the person.
func (tx *Tx) DeleteUser(ctx context.Context, u *directory.User) error {
	tx.stamp(&u.DeletedAt)
	for _, step := range []struct {
		what string
		args []any
	}{
		{"DELETE FROM person_identity WHERE person_id = $1", []any{int64(u.ID)}},
		{"DELETE FROM membership WHERE person_id = $1", []any{int64(u.ID)}},
		{"DELETE FROM credential WHERE person_id = $1", []any{int64(u.ID)}},
		{"DELETE FROM field_value WHERE owner = 'user' AND owner_id = $1", []any{int64(u.ID)}},
		{"DELETE FROM setup_link WHERE person_id = $1", []any{int64(u.ID)}},
		{`UPDATE person SET deleted_at = $1, updated_at = $1, former = $2, email = $3, external_id = '', organization_id = 0, team_id = 0
			WHERE id = $4`, []any{millis(u.DeletedAt), list(u.Former), deletedEmail(u.ID), int64(u.ID)}},
	} {
		if _, err := tx.exec(ctx, step.what, step.args...); err != nil {
			return fmt.Errorf("delete user %d: %w", u.ID, err)
		}
	}
	u.Email, u.UpdatedAt, u.ExternalID, u.OrganizationID, u.TeamID, u.Fields = deletedEmail(u.ID), u.DeletedAt, "", 0, 0, nil
	return tx.retextPerson(ctx, u.ID)
}

type brandRow struct {
	bun.BaseModel `bun:"table:brand,alias:brand"`

	ID        int64  `bun:"id,pk"`
	Name      string `bun:"name"`
	IsDefault bool   `bun:"is_default"`
	Signature string `bun:"signature"`
	Active    bool   `bun:"active"`
	LogoBlob  string `bun:"logo_blob"`
	LogoType  string `bun:"logo_type"`
	CreatedAt int64  `bun:"created_at,skipupdate"`
	UpdatedAt int64  `bun:"updated_at"`
}

func rowOfBrand(b *directory.Brand) brandRow {
	return brandRow{
		Name: b.Name, IsDefault: b.Default, Signature: b.Signature, Active: !b.Retired, LogoBlob: b.Logo.Blob, LogoType: b.Logo.ContentType,
		CreatedAt: millis(b.CreatedAt), UpdatedAt: millis(b.UpdatedAt),
	}
}

func (r *brandRow) brand() *directory.Brand {
	return &directory.Brand{
		ID: directory.BrandID(r.ID), Name: r.Name, Default: r.IsDefault, Signature: r.Signature, Retired: !r.Active,
		Logo:      directory.Logo{Blob: r.LogoBlob, ContentType: r.LogoType},
		CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt),
	}
}

// GetBrand reads a brand, or returns problem.NotFound.
func (tx *Tx) GetBrand(ctx context.Context, id directory.BrandID) (*directory.Brand, error) {
	row, err := one[brandRow](ctx, tx, "id = $1", int64(id))
	return get(row, err, "brand", id, (*brandRow).brand)
}

// DefaultBrand reads the default brand, or returns problem.NotFound before the first start has made one.
func (tx *Tx) DefaultBrand(ctx context.Context) (*directory.Brand, error) {
	row, err := one[brandRow](ctx, tx, "is_default")
	return get(row, err, "brand", "that is the default", (*brandRow).brand)
}

// ListBrands lists brands by name.
func (tx *Tx) ListBrands(ctx context.Context) ([]*directory.Brand, error) {
	rows, err := many[brandRow](ctx, tx, tx.bun.NewSelect().Order("name", "id"))
	return convert(rows, (*brandRow).brand), err
}

// InsertBrand sets the ID, or returns the problem "name_taken".
func (tx *Tx) InsertBrand(ctx context.Context, b *directory.Brand) error {
	tx.stamp(&b.CreatedAt, &b.UpdatedAt)
	id, err := tx.insert(ctx, rowOfBrand(b))
	if err == nil {
		b.ID = directory.BrandID(id)
	}
	return err
}

// UpdateBrand writes a brand, or returns problem.NotFound.
func (tx *Tx) UpdateBrand(ctx context.Context, b *directory.Brand) error {
	return missing(tx.update(ctx, int64(b.ID), rowOfBrand(b)), "brand", b.ID)
}
