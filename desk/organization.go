package desk

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"tandem/access"
	"tandem/directory"
	"tandem/event"
	"tandem/problem"
)

// OrganizationChange says what to change of an organization; nil fields stay.
type OrganizationChange struct {
	Name           *string
	ExternalID     *string
	Details        *string
	Notes          *string
	Tags           directory.TagChange
	Domains        *[]string
	SharedTickets  *bool
	SharedComments *bool
	TeamID         *directory.TeamID   // 0: none
	Fields         map[string][]string // custom fields by key; see directory.Field.Read
}

// notesOnly tells whether the change is one that agents may make.
func (c OrganizationChange) notesOnly() bool {
	c.Notes = nil
	return reflect.DeepEqual(c, OrganizationChange{}) // all the others are nil
}

// Limits of what people write about organizations.
const (
	maxRemarks = 64 << 10 // bytes of notes and details
	maxForeign = 255      // characters of an external id
)

// Organizations lists organizations.
func (s *Service) Organizations(ctx context.Context, by access.Actor, f directory.OrganizationFilter) (list []*directory.Organization, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		list, err = tx.ListOrganizations(ctx, f)
		return err
	})
	return list, err
}

// CountOrganizations counts organizations.
func (s *Service) CountOrganizations(ctx context.Context, by access.Actor, f directory.OrganizationFilter) (n int, err error) {
	if err := by.MustWork(); err != nil {
		return 0, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		n, err = tx.CountOrganizations(ctx, f)
		return err
	})
	return n, err
}

// Organization gives one organization.
func (s *Service) Organization(ctx context.Context, by access.Actor, id directory.OrganizationID) (o *directory.Organization, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		o, err = tx.GetOrganization(ctx, id)
		return err
	})
	return o, err
}

// OrganizationRelated counts what belongs to an organization.
func (s *Service) OrganizationRelated(ctx context.Context, by access.Actor, id directory.OrganizationID) (tickets, people int, err error) {
	if err := by.MustWork(); err != nil {
		return 0, 0, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		if _, err := tx.GetOrganization(ctx, id); err != nil {
			return err
		}
		if tickets, err = tx.CountTickets(ctx, TicketFilter{Organization: id}); err != nil {
			return err
		}
		people, err = tx.CountMemberships(ctx, directory.MembershipFilter{Organization: id})
		return err
	})
	return tickets, people, err
}

// SaveOrganization changes an organization, or makes one when id is 0. Agents
// may write its notes, administrators everything. People who have an address in
// a domain that is new become members in the background.
func (s *Service) SaveOrganization(ctx context.Context, by access.Actor, id directory.OrganizationID, ch OrganizationChange) (o *directory.Organization, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		o, err = s.SaveOrganizationIn(ctx, tx, by, id, ch)
		return err
	})
	if err != nil {
		return nil, err
	}
	return o, nil
}

// SaveOrganizationIn is SaveOrganization in the caller's transaction.
func (s *Service) SaveOrganizationIn(ctx context.Context, tx Tx, by access.Actor, id directory.OrganizationID, ch OrganizationChange) (*directory.Organization, error) {
	before, o, err := s.planOrganization(ctx, tx, by, id, ch)
	if err != nil {
		return nil, err
	}
	o.UpdatedAt = s.now()
	action, store := "organization.updated", tx.UpdateOrganization
	if id == 0 {
		action, store = "organization.created", tx.InsertOrganization
	}
	if err := store(ctx, o); err != nil {
		return nil, err
	}
	for _, domain := range o.Domains {
		if slices.Contains(before.Domains, domain) {
			continue
		}
		if err := s.beginJoining(ctx, tx, by, o, domain); err != nil {
			return nil, fmt.Errorf("members from %s: %w", domain, err)
		}
	}
	tx.Publish(event.Event{Kind: event.OrganizationUpdated, ID: int64(o.ID)})
	old, new := organizationFacts(before), organizationFacts(o)
	if id == 0 {
		old = nil
	}
	return o, access.Record(ctx, tx, by, s.now(), access.Change{
		Action: action, Object: "organization", Subject: int64(o.ID), Label: o.Name, Before: old, After: new,
	})
}

// planOrganization is SaveOrganizationIn without writing: the organization as it
// is and as it would be, or why the change cannot be made.
func (s *Service) planOrganization(ctx context.Context, tx Tx, by access.Actor, id directory.OrganizationID, ch OrganizationChange) (before, after *directory.Organization, err error) {
	if err := mayDescribe(by, id, ch); err != nil {
		return nil, nil, err
	}
	before = &directory.Organization{CreatedAt: s.now()}
	if id != 0 {
		if before, err = tx.GetOrganization(ctx, id); err != nil {
			return nil, nil, err
		}
	}
	o := *before
	if err := ch.apply(&o); err != nil {
		return nil, nil, err
	}
	if o.Fields, err = directory.ReadFields(ctx, tx, directory.OrganizationFields, before.Fields, ch.Fields); err != nil {
		return nil, nil, err
	}
	if err := mustBeUnique(ctx, tx, &o); err != nil {
		return nil, nil, err
	}
	return before, &o, mustBeTeam(ctx, tx, o.TeamID)
}

func mayDescribe(by access.Actor, id directory.OrganizationID, ch OrganizationChange) error {
	if id != 0 && ch.notesOnly() {
		return by.MustWork()
	}
	return by.MustAdminister()
}

// apply makes the change, or says which field is at fault.
func (c OrganizationChange) apply(o *directory.Organization) error {
	if c.Name != nil {
		o.Name = oneLine(clean(*c.Name))
	}
	if o.Name == "" || len([]rune(o.Name)) > directory.MaxOrganizationName {
		return problem.New(problem.Invalid, "organization_name", "An organization needs a name of at most %d characters.", directory.MaxOrganizationName).
			On(problem.Yours, "Write one.").In("name")
	}
	if c.Domains != nil {
		domains, err := directory.NormalizeDomains(*c.Domains)
		if err != nil {
			return err
		}
		o.Domains = domains
	}
	if !c.Tags.Zero() {
		o.Tags = atMost(MaxTags, c.Tags.Apply(o.Tags))
	}
	if c.ExternalID != nil {
		o.ExternalID = truncate(strings.TrimSpace(clean(*c.ExternalID)), maxForeign)
	}
	if c.Details != nil {
		o.Details = cut(clean(*c.Details), maxRemarks)
	}
	if c.Notes != nil {
		o.Notes = cut(clean(*c.Notes), maxRemarks)
	}
	if c.SharedTickets != nil {
		o.SharedTickets = *c.SharedTickets
	}
	if c.SharedComments != nil {
		o.SharedComments = *c.SharedComments
	}
	if c.TeamID != nil {
		o.TeamID = *c.TeamID
	}
	return nil
}

// mustBeUnique refuses a name, an external id or a domain that another
// organization has, and says which one that is.
func mustBeUnique(ctx context.Context, tx Tx, o *directory.Organization) error {
	other, err := tx.FindOrganizationByName(ctx, o.Name)
	if err != nil {
		return err
	}
	if other != nil && other.ID != o.ID {
		return problem.New(problem.Invalid, "organization_exists", "There is an organization %q already.", other.Name).
			On(problem.Yours, "Choose another name, or change that organization.").With("name", other.Name).In("name")
	}
	if o.ExternalID != "" {
		if other, err = tx.FindOrganizationByExternalID(ctx, o.ExternalID); err != nil {
			return err
		}
		if other != nil && other.ID != o.ID {
			return problem.New(problem.Invalid, "external_id_taken", "%s has this external id already.", other.Name).
				On(problem.Yours, "Use another one, or change that organization.").With("name", other.Name).In("external_id")
		}
	}
	for _, domain := range o.Domains {
		if other, err = tx.FindOrganizationByDomain(ctx, domain); err != nil {
			return err
		}
		if other != nil && other.ID != o.ID {
			return problem.New(problem.Invalid, "domain_taken", "The mail domain %s belongs to %s already.", domain, other.Name).
				On(problem.Yours, "Remove it there first.").With("domain", domain).With("name", other.Name).In("domain_names")
		}
	}
	return nil
}

// mustBeTeam refuses a team that is not there, or no longer.
func mustBeTeam(ctx context.Context, tx Tx, id directory.TeamID) error {
	if id == 0 {
		return nil
	}
	t, err := tx.GetTeam(ctx, id)
	if err != nil && problem.KindOf(err) != problem.NotFound {
		return err
	}
	if err != nil || !t.DeletedAt.IsZero() {
		return problem.New(problem.Invalid, "unknown_team", "There is no such team.").On(problem.Yours, "Choose another.").In("group_id")
	}
	return nil
}

// organizationFacts is what the audit trail keeps of an organization.
func organizationFacts(o *directory.Organization) map[string]any {
	return map[string]any{
		"name": o.Name, "external_id": o.ExternalID, "details": o.Details, "notes": o.Notes, "tags": o.Tags, "domain_names": o.Domains,
		"shared_tickets": o.SharedTickets, "shared_comments": o.SharedComments, "group_id": o.TeamID, "fields": o.Fields,
	}
}

// DeleteOrganization removes an organization. Its tickets go to their
// requesters' default organizations in the background.
func (s *Service) DeleteOrganization(ctx context.Context, by access.Actor, id directory.OrganizationID) error {
	return s.store.Update(ctx, func(tx Tx) error { return s.DeleteOrganizationIn(ctx, tx, by, id) })
}

// DeleteOrganizationIn is DeleteOrganization in the caller's transaction.
func (s *Service) DeleteOrganizationIn(ctx context.Context, tx Tx, by access.Actor, id directory.OrganizationID) error {
	if err := by.MustAdminister(); err != nil {
		return err
	}
	o, err := tx.GetOrganization(ctx, id)
	if err != nil {
		return err
	}
	if err := tx.DeleteOrganization(ctx, id); err != nil {
		return err
	}
	if err := s.beginRehoming(ctx, tx, by, RehomeTickets{Organization: id}); err != nil {
		return err
	}
	tx.Publish(event.Event{Kind: event.OrganizationUpdated, ID: int64(id)})
	return access.Record(ctx, tx, by, s.now(), access.Change{
		Action: "organization.deleted", Object: "organization", Subject: int64(id), Label: o.Name, Before: organizationFacts(o),
	})
}

// belong gives a new ticket its requester's default organization, and what both
// have for it: the team that takes the organization's tickets when nobody has said
// who does, and their tags. Tags that come later are not added to it
// (Zendesk: "Adding tags to users and organizations").
func (s *Service) belong(ctx context.Context, tx Tx, t *Ticket, requester *directory.User) error {
	if requester == nil {
		return nil
	}
	tags := slices.Concat(t.Tags, requester.Tags)
	if t.OrganizationID = requester.OrganizationID; t.OrganizationID != 0 {
		o, err := tx.GetOrganization(ctx, t.OrganizationID)
		if err != nil {
			return fmt.Errorf("organization of a ticket: %w", err)
		}
		if t.TeamID == 0 {
			t.TeamID = o.TeamID
		}
		tags = append(tags, o.Tags...)
	}
	if !t.Imported {
		t.Tags = atMost(MaxTags, NormalizeTags(tags))
	}
	return nil
}

// mustBelong refuses an organization to which the requester does not belong.
func mustBelong(ctx context.Context, tx Tx, id directory.UserID, to directory.OrganizationID) error {
	if to == 0 {
		return nil
	}
	m, err := tx.FindMembership(ctx, directory.Membership{UserID: id, OrganizationID: to})
	if err != nil || m != nil {
		return err
	}
	return problem.New(problem.Invalid, "organization_not_requesters", "The requester does not belong to this organization.").
		On(problem.Yours, "Choose one of the requester's organizations, or make the requester a member first.").In("organization_id")
}
