package api

import (
	"context"
	"net/http"

	"tandem/access"
	"tandem/directory"
)

func (s *server) membershipRoutes() {
	tag := "organizations"
	route(s, op{on: "GET /organization_memberships", id: "list_organization_memberships", says: "List who belongs to which organization", tag: tag, may: agents}, s.listOrganizationMemberships)
	route(s, op{on: "GET /organization_memberships/{id}", id: "show_organization_membership", says: "Show a membership", tag: tag, may: agents}, s.showOrganizationMembership)
	route(s, op{on: "POST /organization_memberships", id: "create_organization_membership", says: "Make a person a member of an organization", tag: tag, may: agents, status: http.StatusCreated}, s.createOrganizationMembership)
	route(s, op{on: "DELETE /organization_memberships/{id}", id: "delete_organization_membership", says: "End a membership", tag: tag, may: agents}, s.deleteMembership)
	route(s, op{on: "GET /users/{id}/organization_memberships", id: "list_organization_memberships_of_user", says: "List the organizations that a person belongs to", tag: tag, may: agents}, s.organizationMembershipsOfUser)
	route(s, op{on: "POST /users/{id}/organization_memberships", id: "create_organization_membership_of_user", says: "Make a person a member of an organization", tag: tag, may: agents, status: http.StatusCreated}, s.createOrganizationMembershipOfUser)
	route(s, op{on: "PUT /users/{id}/organization_memberships/{mid}/make_default", id: "make_organization_membership_default", says: "Make an organization the person's default one", tag: tag, may: agents}, s.makeOrganizationDefault)
	route(s, op{on: "GET /organizations/{id}/organization_memberships", id: "list_memberships_of_organization", says: "List the memberships of an organization", tag: tag, may: agents}, s.membershipsOfOrganization)

	tag = "groups"
	route(s, op{on: "GET /group_memberships", id: "list_group_memberships", says: "List who belongs to which team", tag: tag, may: agents}, s.listGroupMemberships)
	route(s, op{on: "GET /group_memberships/assignable", id: "list_assignable_group_memberships", says: "List who can be given tickets in which team", tag: tag, may: agents}, s.assignableMemberships)
	route(s, op{on: "GET /group_memberships/{id}", id: "show_group_membership", says: "Show a membership", tag: tag, may: agents}, s.showGroupMembership)
	route(s, op{on: "POST /group_memberships", id: "create_group_membership", says: "Make an agent a member of a team", tag: tag, may: admins, status: http.StatusCreated}, s.createGroupMembership)
	route(s, op{on: "DELETE /group_memberships/{id}", id: "delete_group_membership", says: "End a membership", tag: tag, may: admins}, s.deleteMembership)
	route(s, op{on: "GET /users/{id}/group_memberships", id: "list_group_memberships_of_user", says: "List the teams that a person belongs to", tag: tag, may: agents}, s.groupMembershipsOfUser)
	route(s, op{on: "POST /users/{id}/group_memberships", id: "create_group_membership_of_user", says: "Make an agent a member of a team", tag: tag, may: admins, status: http.StatusCreated}, s.createGroupMembershipOfUser)
	route(s, op{on: "PUT /users/{id}/group_memberships/{mid}/make_default", id: "make_group_membership_default", says: "Make a team the person's default one", tag: tag, may: admins}, s.makeGroupDefault)
	route(s, op{on: "GET /groups/{id}/memberships", id: "list_memberships_of_group", says: "List the memberships of a team", tag: tag, may: agents}, s.membershipsOfGroup)
	route(s, op{on: "GET /groups/{id}/memberships/assignable", id: "list_assignable_memberships_of_group", says: "List who can be given tickets in a team", tag: tag, may: agents}, s.assignableMembershipsOfGroup)
}

// OrganizationMembership says that a person belongs to an organization.
type OrganizationMembership struct {
	ID             int64   `json:"id"`
	URL            string  `json:"url"`
	UserID         int64   `json:"user_id"`
	OrganizationID int64   `json:"organization_id"`
	Default        bool    `json:"default"`
	ViewTickets    bool    `json:"view_tickets" doc:"Always false: requesters do not sign in"`
	CreatedAt      instant `json:"created_at"`
	UpdatedAt      instant `json:"updated_at"`
}

func encodeOrganizationMembership(q *request, m *directory.Membership) OrganizationMembership {
	return OrganizationMembership{
		ID: int64(m.ID), URL: q.link("/organization_memberships/%d.json", m.ID), UserID: int64(m.UserID), OrganizationID: int64(m.OrganizationID),
		Default: m.Default, CreatedAt: instant(m.CreatedAt), UpdatedAt: instant(m.CreatedAt),
	}
}

// GroupMembership says that an agent belongs to a team.
type GroupMembership struct {
	ID        int64   `json:"id"`
	URL       string  `json:"url"`
	UserID    int64   `json:"user_id"`
	GroupID   int64   `json:"group_id"`
	Default   bool    `json:"default"`
	CreatedAt instant `json:"created_at"`
	UpdatedAt instant `json:"updated_at"`
}

func encodeGroupMembership(q *request, m *directory.Membership) GroupMembership {
	return GroupMembership{
		ID: int64(m.ID), URL: q.link("/group_memberships/%d.json", m.ID), UserID: int64(m.UserID), GroupID: int64(m.TeamID),
		Default: m.Default, CreatedAt: instant(m.CreatedAt), UpdatedAt: instant(m.CreatedAt),
	}
}

type membershipsIn struct {
	UserID         int64 `query:"user_id"`
	OrganizationID int64 `query:"organization_id"`
	GroupID        int64 `query:"group_id"`
	MembershipPage
}

// MembershipPage asks for a page of a list of memberships.
type MembershipPage struct {
	OffsetPage
	CursorPage
	Include string `query:"include" doc:"users, and groups or organizations: also the people and what they belong to"`
}

// membershipsOfIn asks for the memberships of whoever or whatever has the id.
type membershipsOfIn struct {
	ID int64 `path:"id"`
	MembershipPage
}

// memberships gives a page of a list of memberships, and what they name.
func (s *server) memberships(ctx context.Context, by access.Actor, f directory.MembershipFilter, in MembershipPage, om *OffsetMeta, cm *CursorMeta) ([]*directory.Membership, Side, error) {
	list, err := paged(requestOf(ctx), in.OffsetPage, in.CursorPage, om, cm, pages[*directory.Membership]{
		part: func(p directory.Part) ([]*directory.Membership, error) {
			f.Part = p
			list, _, err := s.desk.Memberships(ctx, by, f)
			return list, err
		},
		count: func() (int, error) {
			f.Limit = 1
			_, n, err := s.desk.Memberships(ctx, by, f)
			return n, err
		},
		place: func(m *directory.Membership) *directory.Place { return directory.NumberPlace(m.ID) },
	})
	if err != nil {
		return nil, Side{}, err
	}
	side, err := s.side(ctx, by, includes(in.Include), mentionedByMemberships(list))
	return list, side, err
}

type organizationMembershipsOut struct {
	Body struct {
		Memberships []OrganizationMembership `json:"organization_memberships"`
		Side
		OffsetMeta
		CursorMeta
	}
}

func (s *server) organizationMemberships(ctx context.Context, by access.Actor, f directory.MembershipFilter, in MembershipPage) (*organizationMembershipsOut, error) {
	out := new(organizationMembershipsOut)
	list, side, err := s.memberships(ctx, by, f, in, &out.Body.OffsetMeta, &out.Body.CursorMeta)
	out.Body.Memberships, out.Body.Side = each(list, encoder(requestOf(ctx), encodeOrganizationMembership)), side
	return out, err
}

func (s *server) listOrganizationMemberships(ctx context.Context, by access.Actor, in *membershipsIn) (*organizationMembershipsOut, error) {
	f := directory.MembershipFilter{User: directory.UserID(in.UserID), Organization: directory.OrganizationID(in.OrganizationID)}
	return s.organizationMemberships(ctx, by, f, in.MembershipPage)
}

func (s *server) organizationMembershipsOfUser(ctx context.Context, by access.Actor, in *membershipsOfIn) (*organizationMembershipsOut, error) {
	return s.organizationMemberships(ctx, by, directory.MembershipFilter{User: directory.UserID(in.ID)}, in.MembershipPage)
}

func (s *server) membershipsOfOrganization(ctx context.Context, by access.Actor, in *membershipsOfIn) (*organizationMembershipsOut, error) {
	return s.organizationMemberships(ctx, by, directory.MembershipFilter{Organization: directory.OrganizationID(in.ID)}, in.MembershipPage)
}

type groupMembershipsOut struct {
	Body struct {
		Memberships []GroupMembership `json:"group_memberships"`
		Side
		OffsetMeta
		CursorMeta
	}
}

func (s *server) groupMemberships(ctx context.Context, by access.Actor, f directory.MembershipFilter, in MembershipPage) (*groupMembershipsOut, error) {
	f.Teams = true
	out := new(groupMembershipsOut)
	list, side, err := s.memberships(ctx, by, f, in, &out.Body.OffsetMeta, &out.Body.CursorMeta)
	out.Body.Memberships, out.Body.Side = each(list, encoder(requestOf(ctx), encodeGroupMembership)), side
	return out, err
}

func (s *server) listGroupMemberships(ctx context.Context, by access.Actor, in *membershipsIn) (*groupMembershipsOut, error) {
	f := directory.MembershipFilter{User: directory.UserID(in.UserID), Team: directory.TeamID(in.GroupID)}
	return s.groupMemberships(ctx, by, f, in.MembershipPage)
}

func (s *server) assignableMemberships(ctx context.Context, by access.Actor, in *membershipsIn) (*groupMembershipsOut, error) {
	f := directory.MembershipFilter{User: directory.UserID(in.UserID), Team: directory.TeamID(in.GroupID), Working: true}
	return s.groupMemberships(ctx, by, f, in.MembershipPage)
}

func (s *server) groupMembershipsOfUser(ctx context.Context, by access.Actor, in *membershipsOfIn) (*groupMembershipsOut, error) {
	return s.groupMemberships(ctx, by, directory.MembershipFilter{User: directory.UserID(in.ID)}, in.MembershipPage)
}

func (s *server) membershipsOfGroup(ctx context.Context, by access.Actor, in *membershipsOfIn) (*groupMembershipsOut, error) {
	return s.groupMemberships(ctx, by, directory.MembershipFilter{Team: directory.TeamID(in.ID)}, in.MembershipPage)
}

func (s *server) assignableMembershipsOfGroup(ctx context.Context, by access.Actor, in *membershipsOfIn) (*groupMembershipsOut, error) {
	return s.groupMemberships(ctx, by, directory.MembershipFilter{Team: directory.TeamID(in.ID), Working: true}, in.MembershipPage)
}

type membershipIn struct {
	ID int64 `path:"id"`
}

type showMembershipIn struct {
	ID      int64  `path:"id"`
	Include string `query:"include" doc:"As in a list of memberships"`
}

type organizationMembershipOut struct {
	Body struct {
		Membership OrganizationMembership `json:"organization_membership"`
		Side
	}
}

func shownOrganizationMembership(ctx context.Context, m *directory.Membership, err error) (*organizationMembershipOut, error) {
	return respond(ctx, err, func(q *request, out *organizationMembershipOut) {
		out.Body.Membership = encodeOrganizationMembership(q, m)
	})
}

func (s *server) showOrganizationMembership(ctx context.Context, by access.Actor, in *showMembershipIn) (*organizationMembershipOut, error) {
	m, err := s.desk.Membership(ctx, by, directory.MembershipID(in.ID))
	out, err := shownOrganizationMembership(ctx, m, err)
	if err != nil {
		return nil, err
	}
	out.Body.Side, err = s.side(ctx, by, includes(in.Include), mentionedByMemberships([]*directory.Membership{m}))
	return out, err
}

type groupMembershipOut struct {
	Body struct {
		Membership GroupMembership `json:"group_membership"`
		Side
	}
}

func shownGroupMembership(ctx context.Context, m *directory.Membership, err error) (*groupMembershipOut, error) {
	return respond(ctx, err, func(q *request, out *groupMembershipOut) { out.Body.Membership = encodeGroupMembership(q, m) })
}

func (s *server) showGroupMembership(ctx context.Context, by access.Actor, in *showMembershipIn) (*groupMembershipOut, error) {
	m, err := s.desk.Membership(ctx, by, directory.MembershipID(in.ID))
	out, err := shownGroupMembership(ctx, m, err)
	if err != nil {
		return nil, err
	}
	out.Body.Side, err = s.side(ctx, by, includes(in.Include), mentionedByMemberships([]*directory.Membership{m}))
	return out, err
}

// OrganizationMembershipBody is a membership to add.
type OrganizationMembershipBody struct {
	UserID         int64 `json:"user_id,omitempty"`
	OrganizationID int64 `json:"organization_id,omitempty"`
	Default        bool  `json:"default,omitempty"`
}

func (b OrganizationMembershipBody) membership() directory.Membership {
	return directory.Membership{UserID: directory.UserID(b.UserID), OrganizationID: directory.OrganizationID(b.OrganizationID), Default: b.Default}
}

type createOrganizationMembershipIn struct {
	Body struct {
		Membership OrganizationMembershipBody `json:"organization_membership"`
	}
}

func (s *server) createOrganizationMembership(ctx context.Context, by access.Actor, in *createOrganizationMembershipIn) (*organizationMembershipOut, error) {
	m, err := s.desk.AddMember(ctx, by, in.Body.Membership.membership())
	return shownOrganizationMembership(ctx, m, err)
}

type createOrganizationMembershipOfUserIn struct {
	ID int64 `path:"id"`
	createOrganizationMembershipIn
}

func (s *server) createOrganizationMembershipOfUser(ctx context.Context, by access.Actor, in *createOrganizationMembershipOfUserIn) (*organizationMembershipOut, error) {
	in.Body.Membership.UserID = in.ID
	return s.createOrganizationMembership(ctx, by, &in.createOrganizationMembershipIn)
}

// GroupMembershipBody is a membership to add.
type GroupMembershipBody struct {
	UserID  int64 `json:"user_id,omitempty"`
	GroupID int64 `json:"group_id,omitempty"`
	Default bool  `json:"default,omitempty"`
}

func (b GroupMembershipBody) membership() directory.Membership {
	return directory.Membership{UserID: directory.UserID(b.UserID), TeamID: directory.TeamID(b.GroupID), Default: b.Default}
}

type createGroupMembershipIn struct {
	Body struct {
		Membership GroupMembershipBody `json:"group_membership"`
	}
}

func (s *server) createGroupMembership(ctx context.Context, by access.Actor, in *createGroupMembershipIn) (*groupMembershipOut, error) {
	m, err := s.desk.AddMember(ctx, by, in.Body.Membership.membership())
	return shownGroupMembership(ctx, m, err)
}

type createGroupMembershipOfUserIn struct {
	ID int64 `path:"id"`
	createGroupMembershipIn
}

func (s *server) createGroupMembershipOfUser(ctx context.Context, by access.Actor, in *createGroupMembershipOfUserIn) (*groupMembershipOut, error) {
	in.Body.Membership.UserID = in.ID
	return s.createGroupMembership(ctx, by, &in.createGroupMembershipIn)
}

func (s *server) deleteMembership(ctx context.Context, by access.Actor, in *membershipIn) (*none, error) {
	return nil, s.desk.RemoveMember(ctx, by, directory.MembershipID(in.ID))
}

type makeDefaultIn struct {
	ID         int64 `path:"id"`
	Membership int64 `path:"mid"`
}

// makeOrganizationDefault answers with all memberships of the person, as Zendesk does.
func (s *server) makeOrganizationDefault(ctx context.Context, by access.Actor, in *makeDefaultIn) (*organizationMembershipsOut, error) {
	if _, err := s.desk.MakeDefault(ctx, by, directory.UserID(in.ID), directory.MembershipID(in.Membership)); err != nil {
		return nil, err
	}
	return s.organizationMembershipsOfUser(ctx, by, &membershipsOfIn{ID: in.ID, MembershipPage: MembershipPage{OffsetPage: OffsetPage{PerPage: perPageMax}}})
}

func (s *server) makeGroupDefault(ctx context.Context, by access.Actor, in *makeDefaultIn) (*groupMembershipsOut, error) {
	if _, err := s.desk.MakeDefault(ctx, by, directory.UserID(in.ID), directory.MembershipID(in.Membership)); err != nil {
		return nil, err
	}
	return s.groupMembershipsOfUser(ctx, by, &membershipsOfIn{ID: in.ID, MembershipPage: MembershipPage{OffsetPage: OffsetPage{PerPage: perPageMax}}})
}
