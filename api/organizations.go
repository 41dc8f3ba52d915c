package api

import (
	"context"
	"net/http"
	"slices"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
)

func (s *server) organizationRoutes() {
	const tag = "organizations"
	route(s, op{on: "GET /organizations", id: "list_organizations", says: "List organizations", tag: tag, may: agents}, s.listOrganizations)
	route(s, op{on: "GET /organizations/count", id: "count_organizations", says: "Count organizations", tag: tag, may: agents}, s.countOrganizations)
	route(s, op{on: "GET /organizations/search", id: "search_organizations", says: "Find organizations by name or external id", tag: tag, may: agents}, s.searchOrganizations)
	route(s, op{on: "GET /organizations/autocomplete", id: "autocomplete_organizations", says: "Find organizations by the beginning of the name", tag: tag, may: agents}, s.autocompleteOrganizations)
	route(s, op{on: "GET /organizations/show_many", id: "show_many_organizations", says: "Show several organizations", tag: tag, may: agents}, s.showManyOrganizations)
	route(s, op{on: "GET /organizations/{id}", id: "show_organization", says: "Show an organization", tag: tag, may: agents}, s.showOrganization)
	route(s, op{on: "GET /organizations/{id}/related", id: "show_organization_related", says: "Count what belongs to an organization", tag: tag, may: agents}, s.showOrganizationRelated)
	route(s, op{on: "POST /organizations", id: "create_organization", says: "Add an organization", tag: tag, may: admins, status: http.StatusCreated}, s.createOrganization)
	route(s, op{on: "POST /organizations/create_or_update", id: "create_or_update_organization", says: "Change the organization with an id or external id, or add it", tag: tag, may: admins}, s.createOrUpdateOrganization)
	route(s, op{on: "PUT /organizations/{id}", id: "update_organization", says: "Change an organization; agents may write its notes", tag: tag, may: agents}, s.updateOrganization)
	route(s, op{on: "DELETE /organizations/{id}", id: "delete_organization", says: "Delete an organization", tag: tag, may: admins}, s.deleteOrganization)
	route(s, op{on: "GET /organizations/{id}/users", id: "list_users_of_organization", says: "List the members of an organization", tag: tag, may: agents}, s.listUsersOfOrganization)
	route(s, op{on: "GET /organizations/{id}/users/count", id: "count_users_of_organization", says: "Count the members of an organization", tag: tag, may: agents}, s.countUsersOfOrganization)
	route(s, op{on: "GET /organizations/{id}/tickets", id: "list_tickets_of_organization", says: "List the tickets of an organization", tag: tag, may: agents}, s.listTicketsOfOrganization)
	route(s, op{on: "GET /organizations/{id}/tickets/count", id: "count_tickets_of_organization", says: "Count the tickets of an organization", tag: tag, may: agents}, s.countTicketsOfOrganization)
	route(s, op{on: "GET /users/{id}/organizations/count", id: "count_organizations_of_user", says: "Count the organizations of a person", tag: tag, may: agents}, s.countOrganizationsOfUser)
	route(s, op{on: "GET /users/{id}/organizations", id: "list_organizations_of_user", says: "List the organizations of a person", tag: tag, may: agents}, s.listOrganizationsOfUser)
}

// Organization is an organization as the API shows it.
type Organization struct {
	ID              int64    `json:"id"`
	URL             string   `json:"url"`
	Name            string   `json:"name"`
	ExternalID      *string  `json:"external_id"`
	Details         string   `json:"details"`
	Notes           string   `json:"notes"`
	Tags            []string `json:"tags"`
	DomainNames     []string `json:"domain_names" doc:"Whoever writes from one of these becomes a member"`
	FreeMailDomains []string `json:"free_mail_domains" doc:"Those among them at which anybody gets an address"`
	SharedTickets   bool     `json:"shared_tickets"`
	SharedComments  bool     `json:"shared_comments"`
	GroupID         *int64   `json:"group_id" doc:"The team that takes its tickets"`
	Fields          object   `json:"organization_fields" doc:"Custom fields by their keys"`
	CreatedAt       instant  `json:"created_at"`
	UpdatedAt       instant  `json:"updated_at"`
}

func encodeOrganization(q *request, o *directory.Organization) Organization {
	return Organization{
		ID: int64(o.ID), URL: q.link("/organizations/%d.json", o.ID), Name: o.Name, ExternalID: orNull(o.ExternalID),
		Details: o.Details, Notes: o.Notes, Tags: some(o.Tags), DomainNames: some(o.Domains),
		FreeMailDomains: some(slices.DeleteFunc(slices.Clone(o.Domains), func(d string) bool { return !directory.IsFreeMail(d) })),
		SharedTickets:   o.SharedTickets, SharedComments: o.SharedComments, GroupID: orNull(int64(o.TeamID)), Fields: q.keyedFields(directory.OrganizationFields, o.Fields),

		CreatedAt: instant(o.CreatedAt), UpdatedAt: instant(o.UpdatedAt),
	}
}

type organizationsOut struct {
	Body struct {
		Organizations []Organization `json:"organizations"`
		OffsetMeta
		CursorMeta
	}
}

// OrganizationQuery chooses and orders organizations.
type OrganizationQuery struct {
	Query string `query:"query" maxLength:"200" doc:"Words of the name and of custom fields"`
	Sort  string `query:"sort" enum:"name,-updated_at" default:"name"`
	OffsetPage
	CursorPage
}

func (s *server) listOrganizations(ctx context.Context, by access.Actor, in *OrganizationQuery) (*organizationsOut, error) {
	return s.organizations(ctx, by, directory.OrganizationFilter{Search: in.Query, Recent: in.Sort == "-updated_at"}, in.OffsetPage, in.CursorPage)
}

// organizations gives a page of a list of organizations.
func (s *server) organizations(ctx context.Context, by access.Actor, f directory.OrganizationFilter, offset OffsetPage, cursor CursorPage) (*organizationsOut, error) {
	out := new(organizationsOut)
	order := "name"
	if f.Recent {
		order = "-updated_at"
	}
	list, err := paged(requestOf(ctx), offset, cursor, &out.Body.OffsetMeta, &out.Body.CursorMeta, pages[*directory.Organization]{
		order: order,
		part: func(p directory.Part) ([]*directory.Organization, error) {
			f.Part = p
			return s.desk.Organizations(ctx, by, f)
		},
		count: func() (int, error) { return s.desk.CountOrganizations(ctx, by, f) },
		place: f.Place,
	})
	out.Body.Organizations = each(list, encoder(requestOf(ctx), encodeOrganization))
	return out, err
}

func (s *server) countOrganizations(ctx context.Context, by access.Actor, _ *none) (*countOut, error) {
	n, err := s.desk.CountOrganizations(ctx, by, directory.OrganizationFilter{})
	return s.counted(n), err
}

type searchOrganizationsIn struct {
	Name       string `query:"name" maxLength:"255"`
	ExternalID string `query:"external_id" maxLength:"255"`
	OffsetPage
	CursorPage
}

func (s *server) searchOrganizations(ctx context.Context, by access.Actor, in *searchOrganizationsIn) (*organizationsOut, error) {
	f := directory.OrganizationFilter{Name: in.Name}
	if in.ExternalID != "" {
		f.ExternalIDs = []string{in.ExternalID}
	}
	return s.organizations(ctx, by, f, in.OffsetPage, in.CursorPage)
}

type autocompleteIn struct {
	Name string `query:"name" required:"true" minLength:"1" maxLength:"255" doc:"The beginning of the name"`
	OffsetPage
	CursorPage
}

func (s *server) autocompleteOrganizations(ctx context.Context, by access.Actor, in *autocompleteIn) (*organizationsOut, error) {
	return s.organizations(ctx, by, directory.OrganizationFilter{Prefix: in.Name}, in.OffsetPage, in.CursorPage)
}

// ShowManyIn names several records.
type ShowManyIn struct {
	IDs         []int64  `query:"ids" maxItems:"100" doc:"At most 100, separated by commas"`
	ExternalIDs []string `query:"external_ids" maxItems:"100" doc:"Likewise, by the ids of another system"`
}

func (s *server) showManyOrganizations(ctx context.Context, by access.Actor, in *ShowManyIn) (*organizationsOut, error) {
	if len(in.IDs)+len(in.ExternalIDs) == 0 {
		return nil, idsNeeded()
	}
	f := directory.OrganizationFilter{IDs: ids[directory.OrganizationID](in.IDs), ExternalIDs: in.ExternalIDs}
	return s.organizations(ctx, by, f, OffsetPage{PerPage: perPageMax}, CursorPage{})
}

type organizationIn struct {
	ID int64 `path:"id"`
}

type organizationOut struct {
	Status   int
	Location string `header:"Location"`
	Body     struct {
		Organization Organization `json:"organization"`
	}
}

func shownOrganization(ctx context.Context, o *directory.Organization, err error) (*organizationOut, error) {
	if err != nil {
		return nil, err
	}
	out := &organizationOut{Status: http.StatusOK}
	out.Body.Organization = encodeOrganization(requestOf(ctx), o)
	out.Location = out.Body.Organization.URL
	return out, nil
}

func (s *server) showOrganization(ctx context.Context, by access.Actor, in *organizationIn) (*organizationOut, error) {
	o, err := s.desk.Organization(ctx, by, directory.OrganizationID(in.ID))
	return shownOrganization(ctx, o, err)
}

// OrganizationRelated counts what belongs to an organization.
type OrganizationRelated struct {
	TicketsCount int `json:"tickets_count"`
	UsersCount   int `json:"users_count"`
}

type organizationRelatedOut struct {
	Body struct {
		Related OrganizationRelated `json:"organization_related"`
	}
}

func (s *server) showOrganizationRelated(ctx context.Context, by access.Actor, in *organizationIn) (*organizationRelatedOut, error) {
	tickets, people, err := s.desk.OrganizationRelated(ctx, by, directory.OrganizationID(in.ID))
	out := new(organizationRelatedOut)
	out.Body.Related = OrganizationRelated{TicketsCount: tickets, UsersCount: people}
	return out, err
}

// OrganizationBody is what a client sets at an organization; what is absent stays.
type OrganizationBody struct {
	Name           *string          `json:"name,omitempty" maxLength:"255"`
	ExternalID     optional[string] `json:"external_id,omitzero"`
	Details        optional[string] `json:"details,omitzero"`
	Notes          optional[string] `json:"notes,omitzero"`
	Tags           *[]string        `json:"tags,omitempty" maxItems:"200"`
	DomainNames    *[]string        `json:"domain_names,omitempty" maxItems:"100"`
	SharedTickets  *bool            `json:"shared_tickets,omitempty"`
	SharedComments *bool            `json:"shared_comments,omitempty"`
	GroupID        optional[int64]  `json:"group_id,omitzero"`
	Fields         keyedBody        `json:"organization_fields,omitempty"`
}

func (b OrganizationBody) change() desk.OrganizationChange {
	ch := desk.OrganizationChange{
		Name: b.Name, ExternalID: b.ExternalID.pointer(), Details: b.Details.pointer(), Notes: b.Notes.pointer(), Tags: directory.TagChange{Set: b.Tags},
		Domains: b.DomainNames, SharedTickets: b.SharedTickets, SharedComments: b.SharedComments,
		Fields: b.Fields.given(),
	}
	if id := b.GroupID.pointer(); id != nil {
		team := directory.TeamID(*id)
		ch.TeamID = &team
	}
	return ch
}

type createOrganizationIn struct {
	Body struct {
		Organization OrganizationBody `json:"organization"`
	}
}

func (s *server) createOrganization(ctx context.Context, by access.Actor, in *createOrganizationIn) (*organizationOut, error) {
	o, err := s.desk.SaveOrganization(ctx, by, 0, in.Body.Organization.change())
	out, err := shownOrganization(ctx, o, err)
	if err == nil {
		out.Status = http.StatusCreated
	}
	return out, err
}

// OrganizationToKeepBody is an organization to change, or to add.
type OrganizationToKeepBody struct {
	ID int64 `json:"id,omitempty"`
	OrganizationBody
}

type createOrUpdateOrganizationIn struct {
	Body struct {
		Organization OrganizationToKeepBody `json:"organization"`
	}
}

func (s *server) createOrUpdateOrganization(ctx context.Context, by access.Actor, in *createOrUpdateOrganizationIn) (*organizationOut, error) {
	b := in.Body.Organization
	id := directory.OrganizationID(b.ID)
	if id == 0 && b.ExternalID.Value != "" {
		known, err := s.desk.Organizations(ctx, by, directory.OrganizationFilter{ExternalIDs: []string{b.ExternalID.Value}})
		if err != nil {
			return nil, err
		}
		if len(known) > 0 {
			id = known[0].ID
		}
	}
	o, err := s.desk.SaveOrganization(ctx, by, id, b.change())
	out, err := shownOrganization(ctx, o, err)
	if err == nil && id == 0 {
		out.Status = http.StatusCreated
	}
	return out, err
}

type updateOrganizationIn struct {
	ID   int64 `path:"id"`
	Body struct {
		Organization OrganizationBody `json:"organization"`
	}
}

func (s *server) updateOrganization(ctx context.Context, by access.Actor, in *updateOrganizationIn) (*organizationOut, error) {
	id := directory.OrganizationID(in.ID)
	if id == 0 {
		return nil, by.MustAdminister() // 0 would add one
	}
	o, err := s.desk.SaveOrganization(ctx, by, id, in.Body.Organization.change())
	return shownOrganization(ctx, o, err)
}

func (s *server) deleteOrganization(ctx context.Context, by access.Actor, in *organizationIn) (*none, error) {
	return nil, s.desk.DeleteOrganization(ctx, by, directory.OrganizationID(in.ID))
}

type usersOfIn struct {
	ID int64 `path:"id"`
	ListUsersIn
}

func (s *server) listUsersOfOrganization(ctx context.Context, by access.Actor, in *usersOfIn) (*usersOut, error) {
	in.Organization = in.ID
	return s.listUsers(ctx, by, &in.ListUsersIn)
}

type ticketsOfIn struct {
	ID int64 `path:"id"`
	ListTicketsIn
}

func (s *server) listTicketsOfOrganization(ctx context.Context, by access.Actor, in *ticketsOfIn) (*ticketsOut, error) {
	in.OrganizationID = in.ID
	return s.listTickets(ctx, by, &in.ListTicketsIn)
}

func (s *server) countUsersOfOrganization(ctx context.Context, by access.Actor, in *organizationIn) (*countOut, error) {
	return s.countUsers(ctx, by, &countUsersIn{UserQuery{Organization: in.ID}})
}

func (s *server) countTicketsOfOrganization(ctx context.Context, by access.Actor, in *organizationIn) (*countOut, error) {
	return s.countTickets(ctx, by, &countTicketsIn{TicketQuery{OrganizationID: in.ID}})
}

func (s *server) countOrganizationsOfUser(ctx context.Context, by access.Actor, in *userIn) (*countOut, error) {
	n, err := s.desk.CountOrganizations(ctx, by, directory.OrganizationFilter{User: directory.UserID(in.ID)})
	return s.counted(n), err
}

type organizationsOfUserIn struct {
	ID int64 `path:"id"`
	OffsetPage
	CursorPage
}

func (s *server) listOrganizationsOfUser(ctx context.Context, by access.Actor, in *organizationsOfUserIn) (*organizationsOut, error) {
	return s.organizations(ctx, by, directory.OrganizationFilter{User: directory.UserID(in.ID)}, in.OffsetPage, in.CursorPage)
}
