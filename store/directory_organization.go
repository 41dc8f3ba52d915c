package store

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"tandem/directory"
)

type organizationRow struct {
	bun.BaseModel `bun:"table:organization,alias:organization"`

	ID             int64  `bun:"id,pk"`
	Name           string `bun:"name"`
	Folded         string `bun:"folded"`
	ExternalID     string `bun:"external_id"`
	Details        string `bun:"details"`
	Notes          string `bun:"notes"`
	Tags           string `bun:"tags"`
	Domains        string `bun:"domains"`
	SharedTickets  bool   `bun:"shared_tickets"`
	SharedComments bool   `bun:"shared_comments"`
	TeamID         int64  `bun:"team_id"`
	CreatedAt      int64  `bun:"created_at,skipupdate"`
	UpdatedAt      int64  `bun:"updated_at"`
}

func rowOfOrganization(o *directory.Organization) organizationRow {
	return organizationRow{
		Name: o.Name, Folded: fold(o.Name), ExternalID: o.ExternalID, Details: o.Details, Notes: o.Notes,
		Tags: list(o.Tags), Domains: list(o.Domains), SharedTickets: o.SharedTickets, SharedComments: o.SharedComments,
		TeamID: int64(o.TeamID), CreatedAt: millis(o.CreatedAt), UpdatedAt: millis(o.UpdatedAt),
	}
}

func (r *organizationRow) organization() *directory.Organization {
	return &directory.Organization{
		ID: directory.OrganizationID(r.ID), Name: r.Name, ExternalID: r.ExternalID, Details: r.Details, Notes: r.Notes,
		Tags: texts(r.Tags), Domains: texts(r.Domains), SharedTickets: r.SharedTickets, SharedComments: r.SharedComments,
		TeamID: directory.TeamID(r.TeamID), CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt),
	}
}

// GetOrganization reads an organization, or returns problem.NotFound.
func (tx *Tx) GetOrganization(ctx context.Context, id directory.OrganizationID) (*directory.Organization, error) {
	row, err := one[organizationRow](ctx, tx, "id = $1", int64(id))
	o, err := get(row, err, "organization", id, (*organizationRow).organization)
	return o, cmp.Or(err, tx.addOrganizationFields(ctx, o))
}

const byDomain = "id = (SELECT organization_id FROM organization_domain WHERE domain = $1)"

// FindOrganizationByDomain returns nil when none has the domain.
func (tx *Tx) FindOrganizationByDomain(ctx context.Context, domain string) (*directory.Organization, error) {
	row, err := one[organizationRow](ctx, tx, byDomain, domain)
	o, err := find(row, err, "organization by domain", (*organizationRow).organization)
	return o, cmp.Or(err, tx.addOrganizationFields(ctx, o))
}

// FindOrganizationByName returns nil when none has the name, whatever the case.
func (tx *Tx) FindOrganizationByName(ctx context.Context, name string) (*directory.Organization, error) {
	row, err := one[organizationRow](ctx, tx, "folded = $1", fold(name))
	o, err := find(row, err, "organization by name", (*organizationRow).organization)
	return o, cmp.Or(err, tx.addOrganizationFields(ctx, o))
}

// FindOrganizationByExternalID returns nil when none has it.
func (tx *Tx) FindOrganizationByExternalID(ctx context.Context, id string) (*directory.Organization, error) {
	row, err := one[organizationRow](ctx, tx, "external_id <> '' AND external_id = $1", id)
	o, err := find(row, err, "organization by external id", (*organizationRow).organization)
	return o, cmp.Or(err, tx.addOrganizationFields(ctx, o))
}

// addOrganizationFields completes organizations with their custom fields, by one query.
func (tx *Tx) addOrganizationFields(ctx context.Context, organizations ...*directory.Organization) error {
	var ids []int64
	for _, o := range organizations {
		if o != nil {
			ids = append(ids, int64(o.ID))
		}
	}
	values, err := tx.ListFieldValues(ctx, directory.OrganizationFields, ids)
	if err != nil {
		return err
	}
	for _, o := range organizations {
		if o != nil {
			o.Fields = values[int64(o.ID)]
		}
	}
	return nil
}

// ListOrganizations lists organizations by name, or the latest change first.
func (tx *Tx) ListOrganizations(ctx context.Context, f directory.OrganizationFilter) ([]*directory.Organization, error) {
	order := keyset{key: sortKey{column: "folded", parse: parseFolded}}
	if f.Recent {
		order = keyset{key: sortKey{column: "updated_at", parse: parseInstant}, descending: true}
	}
	rows, err := part[organizationRow](ctx, tx, organizationsWhere(tx.bun.NewSelect(), f), order, f.Part)
	organizations := convert(rows, (*organizationRow).organization)
	return organizations, cmp.Or(err, tx.addOrganizationFields(ctx, organizations...))
}

// CountOrganizations counts without regard to paging.
func (tx *Tx) CountOrganizations(ctx context.Context, f directory.OrganizationFilter) (int, error) {
	return count[organizationRow](ctx, tx, organizationsWhere(tx.bun.NewSelect(), f))
}

func organizationsWhere(q *bun.SelectQuery, f directory.OrganizationFilter) *bun.SelectQuery {
	if len(f.IDs) > 0 {
		q.Where("id IN (?)", bun.List(f.IDs))
	}
	if len(f.ExternalIDs) > 0 {
		q.Where("external_id <> '' AND external_id IN (?)", bun.List(f.ExternalIDs))
	}
	if f.User != 0 {
		q.Where("id IN (SELECT organization_id FROM membership WHERE person_id = ?)", f.User)
	}
	if f.Team != 0 {
		q.Where("team_id = ?", f.Team)
	}
	if f.Name != "" {
		q.Where("folded = ?", fold(f.Name))
	}
	if prefix := fold(f.Prefix); prefix != "" {
		// A range, which both databases find in the index whatever the collation; no character follows U+10FFFF.
		q.Where(`folded >= ? AND folded < ?`, prefix, prefix+"\U0010FFFF").Where(`folded LIKE ? ESCAPE '\'`, likeSpecials.Replace(prefix)+"%")
	}
	tagged(q, "organization", f.Tags, f.NotTags)
	for _, word := range words(f.Search) {
		q.Where(`(folded LIKE ? ESCAPE '\' OR id IN (SELECT v.owner_id FROM field_value AS v WHERE v.folded LIKE ? ESCAPE '\'
			AND v.field_id IN (SELECT f.id FROM custom_field AS f WHERE f.owner = 'organization' AND NOT f.concealed)))`, containing(word), containing(word))
	}
	for _, term := range f.Text {
		const found = `(folded LIKE ? ESCAPE '\' OR EXISTS (SELECT 1 FROM organization_domain WHERE organization_id = organization.id AND domain LIKE ? ESCAPE '\'))`
		pattern := containing(fold(term.Text))
		if term.Not {
			q.Where("NOT "+found, pattern, pattern)
		} else {
			q.Where(found, pattern, pattern)
		}
	}
	return q
}

// InsertOrganization sets the ID, or returns "organization_exists", "external_id_taken" or "domain_taken".
func (tx *Tx) InsertOrganization(ctx context.Context, o *directory.Organization) error {
	tx.stamp(&o.CreatedAt, &o.UpdatedAt)
	id, err := tx.insert(ctx, rowOfOrganization(o))
	if err != nil {
		return err
	}
	o.ID = directory.OrganizationID(id)
	return tx.keepParts(ctx, o)
}

// UpdateOrganization writes an organization, or returns problem.NotFound, or what InsertOrganization does.
func (tx *Tx) UpdateOrganization(ctx context.Context, o *directory.Organization) error {
	if err := tx.update(ctx, int64(o.ID), rowOfOrganization(o)); err != nil {
		return missing(err, "organization", o.ID)
	}
	return tx.keepParts(ctx, o)
}

// keepParts writes the custom fields and domains of an organization.
func (tx *Tx) keepParts(ctx context.Context, o *directory.Organization) error {
	if err := tx.SaveFieldValues(ctx, directory.OrganizationFields, int64(o.ID), o.Fields); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, "DELETE FROM organization_domain WHERE organization_id = $1", int64(o.ID)); err != nil {
		return err
	}
	for _, domain := range o.Domains {
		if _, err := tx.exec(ctx, "INSERT INTO organization_domain (domain, organization_id) VALUES ($1, $2)", domain, int64(o.ID)); err != nil {
			return err
		}
	}
	return nil
}

// DeleteOrganization returns problem.NotFound when there is none. Its members'
// default becomes their oldest other organization.
func (tx *Tx) DeleteOrganization(ctx context.Context, id directory.OrganizationID) error {
	if err := tx.endMemberships(ctx, "organization_id", int64(id)); err != nil {
		return err
	}
	if err := tx.deleteValuesOf(ctx, directory.OrganizationFields, int64(id)); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, "DELETE FROM organization_domain WHERE organization_id = $1", int64(id)); err != nil {
		return err
	}
	n, err := tx.exec(ctx, "DELETE FROM organization WHERE id = $1", int64(id))
	if err == nil && n == 0 {
		return notFound("organization", id)
	}
	return err
}

// endMemberships ends all memberships of one organization or team, as column
// names it, and moves the defaults of those who were members.
func (tx *Tx) endMemberships(ctx context.Context, column string, id int64) error {
	const moved = `UPDATE person SET COLUMN = COALESCE((SELECT m.COLUMN FROM membership AS m
		WHERE m.person_id = person.id AND m.COLUMN <> 0 AND m.COLUMN <> $1 ORDER BY m.id LIMIT 1), 0)
		WHERE id IN (SELECT person_id FROM membership WHERE COLUMN <> 0 AND COLUMN = $1) AND COLUMN = $1`
	if _, err := tx.exec(ctx, strings.ReplaceAll(moved, "COLUMN", column), id); err != nil {
		return fmt.Errorf("move the defaults of members: %w", err)
	}
	_, err := tx.exec(ctx, fmt.Sprintf("DELETE FROM membership WHERE %s <> 0 AND %s = $1", column, column), id)
	return err
}

const usersOfDomain = ` FROM person_identity AS i JOIN person AS p ON p.id = i.person_id AND p.role = 'end-user'
	WHERE i.domain <> '' AND i.domain = ? AND NOT EXISTS (SELECT 1 FROM membership AS m
		WHERE m.person_id = i.person_id AND m.organization_id = ? AND m.team_id = 0)`

// ListUsersOfDomain gives requesters with an address there who are no members
// of the organization, by id; all of them when limit is 0.
func (tx *Tx) ListUsersOfDomain(ctx context.Context, domain string, not directory.OrganizationID, limit int) ([]directory.UserID, error) {
	query := "SELECT DISTINCT i.person_id" + usersOfDomain + " ORDER BY i.person_id"
	if limit > 0 {
		query += fmt.Sprintf(" LIMIT %d", limit)
	}
	var ids []directory.UserID
	err := tx.bun.NewRaw(query, domain, not).Scan(ctx, &ids)
	return ids, tx.db.explain(err)
}

// CountUsersOfDomain counts them.
func (tx *Tx) CountUsersOfDomain(ctx context.Context, domain string, not directory.OrganizationID) (n int, err error) {
	err = tx.bun.NewRaw("SELECT COUNT(DISTINCT i.person_id)"+usersOfDomain, domain, not).Scan(ctx, &n)
	return n, tx.db.explain(err)
}
