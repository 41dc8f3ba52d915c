package desk

import (
	"cmp"
	"context"
	"strings"

	"tandem/access"
	"tandem/directory"
	"tandem/problem"
)

// planPerson tells what a line makes of a person. An import adds and changes
// requesters alone: a file that somebody sent must not be a way to become an
// agent, or to sign in as one.
func (p *importPass) planPerson(ctx context.Context, i int) (*importPlan, error) {
	cells := p.sheet.cells(i)
	plan := &importPlan{label: cmp.Or(cells["name"], cells["email"])}
	u, err := p.personOf(ctx, cells)
	if err != nil {
		return plan, err
	}
	if plan.added = u == nil; !plan.added {
		plan.id, plan.label = int64(u.ID), cmp.Or(u.Name, u.Email)
	}
	columns := p.sheet.known
	var before []string
	if u != nil {
		if err := p.sheet.mustBeNamedHere(i, personNames(u, cells)...); err != nil {
			return plan, err
		}
		if err := nameOrganizations(ctx, p.tx, []*directory.User{u}, p.names); err != nil {
			return plan, err
		}
		before = personCells(u, p.names[u.OrganizationID], p.sheet.fields)
	}
	changed := differing(columns, before, cells)
	if err := mustStayRequester(u, changed); err != nil || u != nil && len(changed) == 0 {
		return plan, err
	}
	change, organization, err := p.personChange(ctx, u, changed)
	if err != nil {
		return plan, err
	}
	after, err := p.foreseePerson(ctx, u, change)
	if err != nil {
		return plan, err
	}
	after.OrganizationID = cmp.Or(change.Organization, after.OrganizationID)
	if u == nil {
		plan.label = cmp.Or(after.Name, after.Email)
	}
	plan.compare(columns, before, personCells(after, cmp.Or(organization, p.names[after.OrganizationID]), p.sheet.fields), changed)
	if u != nil && u.Works() && len(plan.changes) > 0 {
		return plan, problem.New(problem.Forbidden, "csv_agent", "%s works here, and an import changes requesters only.", u.Name).
			On(problem.Yours, "Change the person on their own page, and remove the line.").In(plan.changes[0].Column).With("name", u.Name)
	}
	plan.apply = func(ctx context.Context) (int64, error) {
		made := p.service.ChangePersonIn
		if plan.added {
			made = p.service.CreatePersonIn
		}
		u, err := made(ctx, p.tx, p.by, change)
		if err != nil {
			return plan.id, err
		}
		return int64(u.ID), nil
	}
	return plan, nil
}

// personOf gives whom a line names: by id, else by external id, else by
// address; nil when that is somebody new.
func (p *importPass) personOf(ctx context.Context, cells map[string]string) (*directory.User, error) {
	id, err := readID(cells)
	if err != nil {
		return nil, err
	}
	if u := p.people[directory.UserID(id)]; u != nil {
		return u, nil
	}
	u, err := findPerson(ctx, p.tx, directory.UserID(id), cells["external_id"], strings.ToLower(cells["email"]))
	switch {
	case id != 0 && problem.KindOf(err) == problem.NotFound && err != nil:
		return nil, unknownID(id)
	case err != nil:
		return nil, err
	case u != nil && !u.Active():
		return u, problem.New(problem.Conflict, "user_deleted", "%s has been deleted.", u.Name).
			On(problem.Yours, "Leave the id empty to add the person anew.").In("id").With("name", u.Name)
	}
	return u, nil
}

// personNames are the names of a person that are plainer than those that the line gives.
func personNames(u *directory.User, cells map[string]string) []string {
	names := []string{nameUnder("id", number(u.ID))}
	if cells["id"] == "" && u.ExternalID != "" {
		names = append(names, nameUnder("external_id", u.ExternalID))
	}
	if cells["id"] == "" && cells["external_id"] == "" && u.Email != "" {
		names = append(names, nameUnder("email", u.Email))
	}
	return names
}

// mustStayRequester takes a role that is no change out of the changed cells, and refuses any other.
func mustStayRequester(u *directory.User, changed map[string]string) error {
	role, given := changed["role"]
	delete(changed, "role")
	if !given || u == nil && directory.Role(role) == directory.EndUser {
		return nil
	}
	return problem.New(problem.Forbidden, "csv_role", "An import gives nobody a role and takes none away.").
		On(problem.Yours, "Leave the cell empty, and change the role on the person's page.").In("role")
}

// personChange is the changed cells as a change of a person, with the name of the organization.
func (p *importPass) personChange(ctx context.Context, u *directory.User, changed map[string]string) (PersonChange, string, error) {
	text := func(column string) *string { return pointerTo(changed, column) }
	c := PersonChange{User: access.UserChange{
		Name: text("name"), Email: text("email"), Phone: text("phone"), ExternalID: text("external_id"), Alias: text("alias"),
		Details: text("details"), Notes: text("notes"), Locale: text("locale"), TimeZone: text("time_zone"), Fields: p.sheet.given(changed),
	}}
	if u != nil {
		c.ID = u.ID
	}
	var err error
	if c.User.Suspended, err = boolOf(changed, "suspended"); err != nil {
		return c, "", err
	}
	if tags, given := changed["tags"]; given {
		if c.User.Tags.Set, err = readTags(tags); err != nil {
			return c, "", err
		}
	}
	if address, given := changed["email"]; given {
		if err := p.mustBeForeign(ctx, address); err != nil {
			return c, "", err
		}
	}
	if id, given := changed["external_id"]; given {
		other, err := p.tx.FindUserByExternalID(ctx, id)
		if err != nil {
			return c, "", err
		}
		if other != nil && other.ID != c.ID {
			return c, "", problem.New(problem.Invalid, "external_id_taken", "%s has this external id already.", other.Name).
				On(problem.Yours, "Use another one, or change that person.").With("name", other.Name).In("external_id")
		}
	}
	name, given := changed["organization"]
	if !given {
		return c, "", nil
	}
	o, err := p.tx.FindOrganizationByName(ctx, name)
	if err != nil {
		return c, "", err
	}
	if o == nil {
		return c, "", problem.New(problem.Invalid, "csv_organization_unknown", "There is no organization %q.", quoted(name)).
			On(problem.Yours, "Import the organizations first, or correct the name.").In("organization").With("name", quoted(name))
	}
	c.Organization = o.ID
	return c, o.Name, nil
}

// mustBeForeign refuses an address whose mail comes to us: its owner would write to themselves.
func (p *importPass) mustBeForeign(ctx context.Context, address string) error {
	if p.service.isOurs == nil {
		return nil
	}
	address, err := directory.NormalizeEmail(address)
	if err != nil {
		return err
	}
	ours, err := p.service.isOurs(ctx, p.tx, address)
	if err != nil || !ours {
		return err
	}
	return problem.New(problem.Invalid, "csv_support_address", "%s is one of our own support addresses.", address).
		On(problem.Yours, "Give the person's own address, or remove the line.").In("email").With("address", address)
}

// foreseePerson is the person as the change leaves them.
func (p *importPass) foreseePerson(ctx context.Context, u *directory.User, c PersonChange) (after *directory.User, err error) {
	if u == nil {
		return p.service.people.PlanUser(ctx, accessTx(p.tx), p.by, c.newUser())
	}
	_, after, err = p.service.people.PlanUpdate(ctx, accessTx(p.tx), p.by, u.ID, c.User)
	return after, err
}
