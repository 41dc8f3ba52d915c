package desk

import (
	"context"
	"slices"
	"strings"

	"tandem/directory"
	"tandem/problem"
)

// planOrganization tells what a line makes of an organization.
func (p *importPass) planOrganization(ctx context.Context, i int) (*importPlan, error) {
	cells := p.sheet.cells(i)
	plan := &importPlan{label: cells["name"]}
	o, err := p.organizationOf(ctx, cells)
	if err != nil {
		return plan, err
	}
	columns := p.sheet.known
	var before []string
	if plan.added = o == nil; !plan.added {
		plan.id, plan.label = int64(o.ID), o.Name
		if err := p.sheet.mustBeNamedHere(i, organizationNames(o, cells)...); err != nil {
			return plan, err
		}
		before = organizationCells(o, p.sheet.teamName(o.TeamID), p.sheet.fields)
	}
	changed := differing(columns, before, cells)
	if o != nil && len(changed) == 0 {
		return plan, nil
	}
	change, err := p.organizationChange(changed)
	if err != nil {
		return plan, err
	}
	_, after, err := p.service.planOrganization(ctx, p.tx, p.by, directory.OrganizationID(plan.id), change)
	if err != nil {
		return plan, err
	}
	plan.compare(columns, before, organizationCells(after, p.sheet.teamName(after.TeamID), p.sheet.fields), changed)
	plan.apply = func(ctx context.Context) (int64, error) {
		saved, err := p.service.SaveOrganizationIn(ctx, p.tx, p.by, directory.OrganizationID(plan.id), change)
		if err != nil {
			return plan.id, err
		}
		return int64(saved.ID), nil
	}
	return plan, nil
}

// organizationOf gives which one a line names: by id, else by external id, else
// by name; nil when that is a new one.
func (p *importPass) organizationOf(ctx context.Context, cells map[string]string) (*directory.Organization, error) {
	id, err := readID(cells)
	if err != nil {
		return nil, err
	}
	if id != 0 {
		if o := p.organizations[directory.OrganizationID(id)]; o != nil {
			return o, nil
		}
		return nil, unknownID(id)
	}
	if external := cells["external_id"]; external != "" {
		if o, err := p.tx.FindOrganizationByExternalID(ctx, external); err != nil || o != nil {
			return o, err
		}
	}
	if cells["name"] == "" {
		return nil, nil
	}
	return p.tx.FindOrganizationByName(ctx, oneLine(cells["name"]))
}

// organizationNames are the names of an organization that are plainer than those that the line gives.
func organizationNames(o *directory.Organization, cells map[string]string) []string {
	names := []string{nameUnder("id", number(o.ID))}
	if cells["id"] == "" && o.ExternalID != "" {
		names = append(names, nameUnder("external_id", o.ExternalID))
	}
	return names
}

func (p *importPass) organizationChange(changed map[string]string) (c OrganizationChange, err error) {
	text := func(column string) *string { return pointerTo(changed, column) }
	c = OrganizationChange{
		Name: text("name"), ExternalID: text("external_id"), Details: text("details"), Notes: text("notes"), Fields: p.sheet.given(changed),
	}
	if len(c.Fields) == 0 {
		c.Fields = nil
	}
	if tags, given := changed["tags"]; given {
		if c.Tags.Set, err = readTags(tags); err != nil {
			return c, err
		}
	}
	if domains, given := changed["domain_names"]; given {
		list := splitList(domains)
		c.Domains = &list
	}
	if c.SharedTickets, err = boolOf(changed, "shared_tickets"); err != nil {
		return c, err
	}
	if c.SharedComments, err = boolOf(changed, "shared_comments"); err != nil {
		return c, err
	}
	if name, given := changed["group"]; given {
		i := slices.IndexFunc(p.sheet.teams, func(t *directory.Team) bool { return strings.EqualFold(t.Name, name) })
		if i < 0 {
			return c, problem.New(problem.Invalid, "csv_team_unknown", "There is no team %q.", quoted(name)).
				On(problem.Yours, "Add the team first, or correct the name.").In("group").With("name", quoted(name))
		}
		c.TeamID = &p.sheet.teams[i].ID
	}
	return c, nil
}

func (sh *importSheet) teamName(id directory.TeamID) string {
	for _, t := range sh.teams {
		if t.ID == id {
			return t.Name
		}
	}
	return ""
}
