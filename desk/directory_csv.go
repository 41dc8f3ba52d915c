package desk

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/access"
	"tandem/csvfile"
	"tandem/directory"
)

// exportChunk is how many records of an export are read at once.
const exportChunk = 500

// ExportPeople writes the people that the filter chooses as CSV, by name.
func (s *Service) ExportPeople(ctx context.Context, by access.Actor, f directory.UserFilter, w io.Writer) error {
	fields, err := s.activeFields(ctx, by, directory.UserFields)
	if err != nil {
		return err
	}
	names := make(map[directory.OrganizationID]string)
	f.Limit, f.Offset = exportChunk, 0
	read := func() (people []*directory.User, err error) {
		err = s.store.View(ctx, func(tx Tx) error {
			if people, err = tx.ListUsers(ctx, f); err != nil || len(people) == 0 {
				return err
			}
			f.After = f.Place(people[len(people)-1])
			return nameOrganizations(ctx, tx, people, names)
		})
		return people, err
	}
	return csvfile.Write(w, withNames(personColumns, fields), read, func(u *directory.User) []string {
		return personCells(u, names[u.OrganizationID], fields)
	})
}

// personColumns are the columns of people, before those of custom fields.
var personColumns = []string{
	"id", "name", "email", "role", "phone", "organization", "external_id", "alias", "tags", "details", "notes",
	"locale", "time_zone", "suspended", "created_at", "updated_at",
}

// personCells is a person as they stand under the columns.
func personCells(u *directory.User, organization string, fields []*directory.Field) []string {
	return withValues([]string{
		number(u.ID), u.Name, u.Email, string(u.Role), u.Phone, organization, u.ExternalID, u.Alias,
		strings.Join(u.Tags, " "), u.Details, u.Notes, u.Locale, u.TimeZone, strconv.FormatBool(u.Suspended), csvTime(u.CreatedAt), csvTime(u.UpdatedAt),
	}, fields, u.Fields)
}

// nameOrganizations adds the names of people's organizations that are not known yet.
func nameOrganizations(ctx context.Context, tx Tx, people []*directory.User, names map[directory.OrganizationID]string) error {
	var unknown []directory.OrganizationID
	for _, u := range people {
		if _, known := names[u.OrganizationID]; !known && u.OrganizationID != 0 {
			unknown = append(unknown, u.OrganizationID)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	organizations, err := tx.ListOrganizations(ctx, directory.OrganizationFilter{IDs: unknown})
	for _, o := range organizations {
		names[o.ID] = o.Name
	}
	return err
}

// ExportOrganizations writes the organizations that the filter chooses as CSV.
func (s *Service) ExportOrganizations(ctx context.Context, by access.Actor, f directory.OrganizationFilter, w io.Writer) error {
	fields, err := s.activeFields(ctx, by, directory.OrganizationFields)
	if err != nil {
		return err
	}
	teams, err := s.teamNames(ctx)
	if err != nil {
		return err
	}
	f.Limit, f.Offset = exportChunk, 0
	read := func() (list []*directory.Organization, err error) {
		if list, err = s.Organizations(ctx, by, f); len(list) > 0 {
			f.After = f.Place(list[len(list)-1])
		}
		return list, err
	}
	return csvfile.Write(w, withNames(organizationColumns, fields), read, func(o *directory.Organization) []string {
		return organizationCells(o, teams[o.TeamID], fields)
	})
}

// organizationColumns are the columns of organizations, before those of custom fields.
var organizationColumns = []string{
	"id", "name", "domain_names", "external_id", "tags", "details", "notes", "group", "shared_tickets", "shared_comments", "created_at", "updated_at",
}

// organizationCells is an organization as it stands under the columns.
func organizationCells(o *directory.Organization, team string, fields []*directory.Field) []string {
	return withValues([]string{
		number(o.ID), o.Name, strings.Join(o.Domains, " "), o.ExternalID, strings.Join(o.Tags, " "), o.Details, o.Notes,
		team, strconv.FormatBool(o.SharedTickets), strconv.FormatBool(o.SharedComments), csvTime(o.CreatedAt), csvTime(o.UpdatedAt),
	}, fields, o.Fields)
}

// ExportTeams writes all teams as CSV, with the addresses of their members.
func (s *Service) ExportTeams(ctx context.Context, by access.Actor, w io.Writer) error {
	if err := by.MustWork(); err != nil {
		return err
	}
	var teams []*directory.Team
	members := make(map[directory.TeamID][]string)
	err := s.store.View(ctx, func(tx Tx) (err error) {
		if teams, err = tx.ListTeams(ctx); err != nil {
			return err
		}
		for _, t := range teams {
			people, err := tx.ListUsers(ctx, directory.UserFilter{Team: t.ID})
			if err != nil {
				return err
			}
			members[t.ID] = nil // read anew when the transaction runs again
			for _, u := range people {
				members[t.ID] = append(members[t.ID], u.Email)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	whole := func() (all []*directory.Team, err error) { // teams are few
		all, teams = teams[:min(len(teams), exportChunk)], teams[min(len(teams), exportChunk):]
		return all, nil
	}
	header := []string{"id", "name", "description", "default", "members", "created_at", "updated_at"}
	return csvfile.Write(w, header, whole, func(t *directory.Team) []string {
		return []string{
			number(t.ID), t.Name, t.Description, strconv.FormatBool(t.Default), strings.Join(members[t.ID], " "),
			csvTime(t.CreatedAt), csvTime(t.UpdatedAt),
		}
	})
}

func (s *Service) teamNames(ctx context.Context) (names map[directory.TeamID]string, err error) {
	names = map[directory.TeamID]string{}
	err = s.store.View(ctx, func(tx Tx) error {
		teams, err := tx.ListTeams(ctx)
		for _, t := range teams {
			names[t.ID] = t.Name
		}
		return err
	})
	return names, err
}

// activeFields are the custom fields that are in use, in their order.
func (s *Service) activeFields(ctx context.Context, by access.Actor, owner directory.FieldOwner) (active []*directory.Field, err error) {
	fields, err := s.Fields(ctx, by, owner)
	for _, f := range fields {
		if f.Active {
			active = append(active, f)
		}
	}
	return active, err
}

func withNames(columns []string, fields []*directory.Field) []string {
	columns = slices.Clone(columns)
	for _, f := range fields {
		columns = append(columns, f.Name())
	}
	return columns
}

func withValues(cells []string, fields []*directory.Field, values directory.FieldValues) []string {
	for _, f := range fields {
		cells = append(cells, values[f.ID])
	}
	return cells
}

func csvTime(at time.Time) string { return at.UTC().Format(time.RFC3339) }
