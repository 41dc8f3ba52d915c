package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"tandem/directory"
)

type teamRow struct {
	bun.BaseModel `bun:"table:team,alias:team"`

	ID          int64  `bun:"id,pk"`
	Name        string `bun:"name"`
	Description string `bun:"description"`
	IsDefault   bool   `bun:"is_default"`
	DeletedAt   int64  `bun:"deleted_at,skipupdate"`
	CreatedAt   int64  `bun:"created_at,skipupdate"`
	UpdatedAt   int64  `bun:"updated_at"`
}

func rowOfTeam(t *directory.Team) teamRow {
	return teamRow{
		Name: t.Name, Description: t.Description, IsDefault: t.Default, CreatedAt: millis(t.CreatedAt), UpdatedAt: millis(t.UpdatedAt),
	}
}

func (r *teamRow) team() *directory.Team {
	return &directory.Team{
		ID: directory.TeamID(r.ID), Name: r.Name, Description: r.Description, Default: r.IsDefault, DeletedAt: instant(r.DeletedAt),
		CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt),
	}
}

// ListTeams lists teams by name, without deleted ones.
func (tx *Tx) ListTeams(ctx context.Context) ([]*directory.Team, error) {
	rows, err := many[teamRow](ctx, tx, tx.bun.NewSelect().Where("deleted_at = 0").Order("name", "id"))
	return convert(rows, (*teamRow).team), err
}

// GetTeam reads a team, or returns problem.NotFound.
func (tx *Tx) GetTeam(ctx context.Context, id directory.TeamID) (*directory.Team, error) {
	row, err := one[teamRow](ctx, tx, "id = $1", int64(id))
	return get(row, err, "team", id, (*teamRow).team)
}

// InsertTeam sets the ID, or returns the problem "name_taken".
func (tx *Tx) InsertTeam(ctx context.Context, t *directory.Team) error {
	tx.stamp(&t.CreatedAt, &t.UpdatedAt)
	id, err := tx.insert(ctx, rowOfTeam(t))
	if err == nil {
		t.ID = directory.TeamID(id)
	}
	return err
}

// UpdateTeam writes a team, or returns problem.NotFound.
func (tx *Tx) UpdateTeam(ctx context.Context, t *directory.Team) error {
	return missing(tx.update(ctx, int64(t.ID), rowOfTeam(t)), "team", t.ID)
}

// DeleteTeam marks a team as deleted. Its number in the name frees the name for another team.
func (tx *Tx) DeleteTeam(ctx context.Context, id directory.TeamID, at time.Time) error {
	if err := tx.endMemberships(ctx, "team_id", int64(id)); err != nil {
		return err
	}
	n, err := tx.exec(ctx, `UPDATE team SET deleted_at = $1, updated_at = $1, is_default = FALSE, name = name || $2
		WHERE id = $3 AND deleted_at = 0`, millis(at), fmt.Sprintf(" (%d)", id), int64(id))
	if err == nil && n == 0 {
		return notFound("team", id)
	}
	if err == nil {
		_, err = tx.exec(ctx, "UPDATE organization SET team_id = 0 WHERE team_id = $1", int64(id))
	}
	return err
}

type membershipRow struct {
	bun.BaseModel `bun:"table:membership,alias:membership"`

	ID             int64 `bun:"id,pk"`
	PersonID       int64 `bun:"person_id"`
	OrganizationID int64 `bun:"organization_id"`
	TeamID         int64 `bun:"team_id"`
	CreatedAt      int64 `bun:"created_at,skipupdate"`
}

func (r *membershipRow) membership() *directory.Membership {
	return &directory.Membership{
		ID: directory.MembershipID(r.ID), UserID: directory.UserID(r.PersonID), OrganizationID: directory.OrganizationID(r.OrganizationID),
		TeamID: directory.TeamID(r.TeamID), CreatedAt: instant(r.CreatedAt),
	}
}

// GetMembership reads a membership, or returns problem.NotFound.
func (tx *Tx) GetMembership(ctx context.Context, id directory.MembershipID) (*directory.Membership, error) {
	row, err := lockOne[membershipRow](ctx, tx, "id = $1", int64(id))
	m, err := get(row, err, "membership", id, (*membershipRow).membership)
	if err != nil {
		return nil, err
	}
	return m, tx.markDefaults(ctx, m)
}

// FindMembership returns the one with the same person and the same organization or team, or nil.
func (tx *Tx) FindMembership(ctx context.Context, like directory.Membership) (*directory.Membership, error) {
	row, err := one[membershipRow](ctx, tx, "person_id = $1 AND organization_id = $2 AND team_id = $3",
		int64(like.UserID), int64(like.OrganizationID), int64(like.TeamID))
	m, err := find(row, err, "membership", (*membershipRow).membership)
	if err != nil || m == nil {
		return nil, err
	}
	return m, tx.markDefaults(ctx, m)
}

// ListMemberships lists the oldest first.
func (tx *Tx) ListMemberships(ctx context.Context, f directory.MembershipFilter) ([]*directory.Membership, error) {
	rows, err := part[membershipRow](ctx, tx, membershipsWhere(tx.bun.NewSelect(), f), oldestFirst, f.Part)
	if err != nil {
		return nil, err
	}
	all := convert(rows, (*membershipRow).membership)
	return all, tx.markDefaults(ctx, all...)
}

// CountMemberships counts without regard to paging.
func (tx *Tx) CountMemberships(ctx context.Context, f directory.MembershipFilter) (int, error) {
	return count[membershipRow](ctx, tx, membershipsWhere(tx.bun.NewSelect(), f))
}

func membershipsWhere(q *bun.SelectQuery, f directory.MembershipFilter) *bun.SelectQuery {
	if f.Teams {
		q.Where("team_id <> 0")
	} else {
		q.Where("organization_id <> 0")
	}
	if f.User != 0 {
		q.Where("person_id = ?", f.User)
	}
	if len(f.Users) > 0 {
		q.Where("person_id IN (?)", bun.List(f.Users))
	}
	if f.Organization != 0 {
		q.Where("organization_id = ?", f.Organization)
	}
	if f.Team != 0 {
		q.Where("team_id = ?", f.Team)
	}
	if f.Working {
		q.Where("person_id IN (SELECT id FROM person WHERE role IN ('agent', 'admin') AND NOT suspended)")
	}
	return q
}

// markDefaults says of memberships which are the default ones.
func (tx *Tx) markDefaults(ctx context.Context, all ...*directory.Membership) error {
	if len(all) == 0 {
		return nil
	}
	ids := make([]int64, len(all))
	for i, m := range all {
		ids[i] = int64(m.UserID)
	}
	people, err := many[personRow](ctx, tx, tx.bun.NewSelect().Where("id IN (?)", bun.List(ids)))
	if err != nil {
		return fmt.Errorf("default memberships: %w", err)
	}
	organizations, teams := make(map[int64]int64, len(people)), make(map[int64]int64, len(people))
	for _, p := range people {
		organizations[p.ID], teams[p.ID] = p.OrganizationID, p.TeamID
	}
	for _, m := range all {
		m.Default = m.TeamID != 0 && teams[int64(m.UserID)] == int64(m.TeamID) ||
			m.OrganizationID != 0 && organizations[int64(m.UserID)] == int64(m.OrganizationID)
	}
	return nil
}

// InsertMembership sets the ID.
func (tx *Tx) InsertMembership(ctx context.Context, m *directory.Membership) error {
	tx.stamp(&m.CreatedAt)
	id, err := tx.insert(ctx, membershipRow{
		PersonID: int64(m.UserID), OrganizationID: int64(m.OrganizationID), TeamID: int64(m.TeamID), CreatedAt: millis(m.CreatedAt),
	})
	if err == nil {
		m.ID = directory.MembershipID(id)
	}
	return err
}

// DeleteMembership returns problem.NotFound when there is none.
func (tx *Tx) DeleteMembership(ctx context.Context, id directory.MembershipID) error {
	n, err := tx.exec(ctx, "DELETE FROM membership WHERE id = $1", int64(id))
	if err == nil && n == 0 {
		return notFound("membership", id)
	}
	return err
}

// SetDefaultOrganization writes the person's default; 0: none.
func (tx *Tx) SetDefaultOrganization(ctx context.Context, id directory.UserID, to directory.OrganizationID) error {
	_, err := tx.exec(ctx, "UPDATE person SET organization_id = $1 WHERE id = $2", int64(to), int64(id))
	return err
}

// SetDefaultTeam writes the person's default; 0: none.
func (tx *Tx) SetDefaultTeam(ctx context.Context, id directory.UserID, to directory.TeamID) error {
	_, err := tx.exec(ctx, "UPDATE person SET team_id = $1 WHERE id = $2", int64(to), int64(id))
	return err
}
