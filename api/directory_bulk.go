package api

import (
	"context"

	"tandem/access"
	"tandem/bulk"
	"tandem/desk"
	"tandem/directory"
	"tandem/problem"
)

func (s *server) bulkDirectoryRoutes() {
	tag := "users"
	route(s, op{on: "POST /users/create_many", id: "create_many_users", says: "Add many people, in the background", tag: tag, may: agents}, s.createManyUsers)
	route(s, op{on: "POST /users/create_or_update_many", id: "create_or_update_many_users", says: "Change people or add them, in the background", tag: tag, may: agents}, s.createOrUpdateManyUsers)
	route(s, op{on: "PUT /users/update_many", id: "update_many_users", says: "Change many people, all alike or each in its own way, in the background", tag: tag, may: agents}, s.updateManyUsers)
	route(s, op{on: "DELETE /users/destroy_many", id: "delete_many_users", says: "Delete many requesters, in the background", tag: tag, may: admins}, s.deleteManyUsers)

	tag = "organizations"
	route(s, op{on: "POST /organizations/create_many", id: "create_many_organizations", says: "Add many organizations, in the background", tag: tag, may: admins}, s.createManyOrganizations)
	route(s, op{on: "PUT /organizations/update_many", id: "update_many_organizations", says: "Change many organizations, all alike or each in its own way, in the background", tag: tag, may: agents}, s.updateManyOrganizations)
	route(s, op{on: "DELETE /organizations/destroy_many", id: "delete_many_organizations", says: "Delete many organizations, in the background", tag: tag, may: admins}, s.deleteManyOrganizations)
	route(s, op{on: "POST /organization_memberships/create_many", id: "create_many_organization_memberships", says: "Make people members of organizations, in the background", tag: tag, may: agents}, s.createManyOrganizationMemberships)
	route(s, op{on: "DELETE /organization_memberships/destroy_many", id: "delete_many_organization_memberships", says: "End many memberships, in the background", tag: tag, may: agents}, s.deleteManyMemberships)

	tag = "groups"
	route(s, op{on: "POST /group_memberships/create_many", id: "create_many_group_memberships", says: "Make agents members of teams, in the background", tag: tag, may: admins}, s.createManyGroupMemberships)
	route(s, op{on: "DELETE /group_memberships/destroy_many", id: "delete_many_group_memberships", says: "End many memberships, in the background", tag: tag, may: admins}, s.deleteManyMemberships)
}

// SeveralIn names the records of bulk work.
type SeveralIn struct {
	IDs         []int64  `query:"ids" doc:"At most 100 for a program, 10000 for a browser, separated by commas"`
	ExternalIDs []string `query:"external_ids" doc:"Instead: by the ids of another system"`
}

type createManyUsersIn struct {
	Body struct {
		Users []NewUserBody `json:"users" maxItems:"10000"`
	}
}

func (s *server) createManyUsers(ctx context.Context, by access.Actor, in *createManyUsersIn) (*jobStatusOut, error) {
	return s.begun(ctx, by, desk.CreatePeople{People: each(in.Body.Users, NewUserBody.person)})
}

type keepManyUsersIn struct {
	Body struct {
		Users []UserToKeepBody `json:"users" maxItems:"10000"`
	}
}

func (s *server) createOrUpdateManyUsers(ctx context.Context, by access.Actor, in *keepManyUsersIn) (*jobStatusOut, error) {
	return s.begun(ctx, by, desk.KeepPeople{People: each(in.Body.Users, UserToKeepBody.person)})
}

type updateManyUsersIn struct {
	SeveralIn
	Body struct {
		User  *UserChangeBody  `json:"user,omitempty" doc:"What changes at all of them"`
		Users []UserToKeepBody `json:"users,omitempty" maxItems:"10000" doc:"Instead: people, each with what changes at them"`
	}
}

func (s *server) updateManyUsers(ctx context.Context, by access.Actor, in *updateManyUsersIn) (*jobStatusOut, error) {
	if in.Body.User == nil {
		return s.begun(ctx, by, desk.ChangePeople{People: each(in.Body.Users, UserToKeepBody.person)})
	}
	all, err := s.usersNamed(ctx, by, in.SeveralIn)
	if err != nil {
		return nil, err
	}
	return s.begun(ctx, by, desk.ChangePeople{IDs: all, Alike: in.Body.User.person()})
}

func (s *server) deleteManyUsers(ctx context.Context, by access.Actor, in *SeveralIn) (*jobStatusOut, error) {
	all, err := s.usersNamed(ctx, by, *in)
	if err != nil {
		return nil, err
	}
	return s.begun(ctx, by, desk.DeletePeople{IDs: all})
}

// usersNamed are the people that a request names by either kind of id.
func (s *server) usersNamed(ctx context.Context, by access.Actor, in SeveralIn) ([]directory.UserID, error) {
	return idsNamed(in, func(u *directory.User) directory.UserID { return u.ID }, func() ([]*directory.User, error) {
		people, _, err := s.access.ListUsers(ctx, by, directory.UserFilter{ExternalIDs: in.ExternalIDs})
		return people, err
	})
}

// idsNamed are the records that a request names; find looks up those that it names
// by the ids of another system.
func idsNamed[ID ~int64, T any](in SeveralIn, id func(T) ID, find func() ([]T, error)) ([]ID, error) {
	if len(in.ExternalIDs) == 0 {
		return ids[ID](in.IDs), nil
	}
	if len(in.ExternalIDs) > bulk.MaxItems {
		return nil, problem.New(problem.Invalid, "bulk_too_large", "The request names more than %d records.", bulk.MaxItems).
			On(problem.Yours, "Send several requests.").In("external_ids")
	}
	found, err := find()
	return each(found, id), err
}

type createManyOrganizationsIn struct {
	Body struct {
		Organizations []OrganizationBody `json:"organizations" maxItems:"10000"`
	}
}

func (s *server) createManyOrganizations(ctx context.Context, by access.Actor, in *createManyOrganizationsIn) (*jobStatusOut, error) {
	return s.begun(ctx, by, desk.CreateOrganizations{Organizations: each(in.Body.Organizations, OrganizationBody.change)})
}

type updateManyOrganizationsIn struct {
	SeveralIn
	Body struct {
		Organization  *OrganizationBody        `json:"organization,omitempty" doc:"What changes at all of them"`
		Organizations []OrganizationToKeepBody `json:"organizations,omitempty" maxItems:"10000" doc:"Instead: organizations, each with what changes at it"`
	}
}

func (s *server) updateManyOrganizations(ctx context.Context, by access.Actor, in *updateManyOrganizationsIn) (*jobStatusOut, error) {
	if in.Body.Organization == nil {
		return s.begun(ctx, by, desk.ChangeOrganizations{Organizations: each(in.Body.Organizations, func(b OrganizationToKeepBody) desk.OwnOrganizationChange {
			return desk.OwnOrganizationChange{ID: directory.OrganizationID(b.ID), Change: b.change()}
		})})
	}
	all, err := s.organizationsNamed(ctx, by, in.SeveralIn)
	if err != nil {
		return nil, err
	}
	return s.begun(ctx, by, desk.ChangeOrganizations{IDs: all, Alike: in.Body.Organization.change()})
}

func (s *server) deleteManyOrganizations(ctx context.Context, by access.Actor, in *SeveralIn) (*jobStatusOut, error) {
	all, err := s.organizationsNamed(ctx, by, *in)
	if err != nil {
		return nil, err
	}
	return s.begun(ctx, by, desk.DeleteOrganizations{IDs: all})
}

// organizationsNamed are the organizations that a request names by either kind of id.
func (s *server) organizationsNamed(ctx context.Context, by access.Actor, in SeveralIn) ([]directory.OrganizationID, error) {
	return idsNamed(in, func(o *directory.Organization) directory.OrganizationID { return o.ID }, func() ([]*directory.Organization, error) {
		return s.desk.Organizations(ctx, by, directory.OrganizationFilter{ExternalIDs: in.ExternalIDs})
	})
}

type createManyOrganizationMembershipsIn struct {
	Body struct {
		Memberships []OrganizationMembershipBody `json:"organization_memberships" maxItems:"10000"`
	}
}

func (s *server) createManyOrganizationMemberships(ctx context.Context, by access.Actor, in *createManyOrganizationMembershipsIn) (*jobStatusOut, error) {
	return s.begun(ctx, by, desk.AddMembers{Members: each(in.Body.Memberships, OrganizationMembershipBody.membership)})
}

type createManyGroupMembershipsIn struct {
	Body struct {
		Memberships []GroupMembershipBody `json:"group_memberships" maxItems:"10000"`
	}
}

func (s *server) createManyGroupMemberships(ctx context.Context, by access.Actor, in *createManyGroupMembershipsIn) (*jobStatusOut, error) {
	return s.begun(ctx, by, desk.AddMembers{Members: each(in.Body.Memberships, GroupMembershipBody.membership)})
}

type deleteManyMembershipsIn struct {
	IDs []int64 `query:"ids" doc:"At most 100 for a program, 10000 for a browser, separated by commas"`
}

func (s *server) deleteManyMemberships(ctx context.Context, by access.Actor, in *deleteManyMembershipsIn) (*jobStatusOut, error) {
	return s.begun(ctx, by, desk.RemoveMembers{IDs: ids[directory.MembershipID](in.IDs)})
}
