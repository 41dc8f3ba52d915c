package api

import (
	"context"
	"net/http"
	"slices"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
)

func (s *server) groupRoutes() {
	const tag = "groups"
	route(s, op{on: "GET /groups", id: "list_groups", says: "List teams", tag: tag, may: agents}, s.listGroups)
	route(s, op{on: "GET /groups/assignable", id: "list_assignable_groups", says: "List the teams that tickets can be given to", tag: tag, may: agents}, s.listGroups)
	route(s, op{on: "GET /groups/count", id: "count_groups", says: "Count teams", tag: tag, may: agents}, s.countGroups)
	route(s, op{on: "GET /groups/{id}", id: "show_group", says: "Show a team", tag: tag, may: agents}, s.showGroup)
	route(s, op{on: "GET /groups/{id}/related", id: "show_group_related", says: "Where a team is used", tag: tag, may: agents}, s.showGroupRelated)
	route(s, op{on: "GET /groups/{id}/users", id: "list_users_of_group", says: "List the members of a team", tag: tag, may: agents}, s.listUsersOfGroup)
	route(s, op{on: "GET /groups/{id}/users/count", id: "count_users_of_group", says: "Count the members of a team", tag: tag, may: agents}, s.countUsersOfGroup)
	route(s, op{on: "GET /users/{id}/groups", id: "list_groups_of_user", says: "List the teams of a person", tag: tag, may: agents}, s.listGroupsOfUser)
	route(s, op{on: "GET /users/{id}/groups/count", id: "count_groups_of_user", says: "Count the teams of a person", tag: tag, may: agents}, s.countGroupsOfUser)
	route(s, op{on: "POST /groups", id: "create_group", says: "Add a team", tag: tag, may: admins, status: http.StatusCreated}, s.createGroup)
	route(s, op{on: "PUT /groups/{id}", id: "update_group", says: "Change a team", tag: tag, may: admins}, s.updateGroup)
	route(s, op{on: "DELETE /groups/{id}", id: "delete_group", says: "Delete a team, and move its tickets", tag: tag, may: admins}, s.deleteGroup)
}

// Group is a team, under Zendesk's name for it.
type Group struct {
	ID          int64   `json:"id"`
	URL         string  `json:"url"`
	Name        string  `json:"name"`
	Description string  `json:"description"`
	Default     bool    `json:"default"`
	Deleted     bool    `json:"deleted"`
	IsPublic    bool    `json:"is_public" doc:"Always true"`
	CreatedAt   instant `json:"created_at"`
	UpdatedAt   instant `json:"updated_at"`
}

func encodeGroup(q *request, t *directory.Team) Group {
	return Group{
		ID: int64(t.ID), URL: q.link("/groups/%d.json", t.ID), Name: t.Name, Description: t.Description, Default: t.Default,
		Deleted: !t.DeletedAt.IsZero(), IsPublic: true, CreatedAt: instant(t.CreatedAt), UpdatedAt: instant(t.UpdatedAt),
	}
}

type groupsOut struct {
	Body struct {
		Groups []Group `json:"groups"`
		Users  []User  `json:"users,omitzero" doc:"With include=users: their members"`
		OffsetMeta
		CursorMeta
	}
}

// ListGroupsIn asks for a page of a list of teams.
type ListGroupsIn struct {
	WholeListIn
	Include string `query:"include" doc:"users: also the members"`
}

func (s *server) listGroups(ctx context.Context, by access.Actor, in *ListGroupsIn) (*groupsOut, error) {
	teams, err := s.desk.Teams(ctx, by)
	if err != nil {
		return nil, err
	}
	return s.shownGroups(ctx, by, *in, teams)
}

func (s *server) shownGroups(ctx context.Context, by access.Actor, in ListGroupsIn, teams []*directory.Team) (*groupsOut, error) {
	q, out := requestOf(ctx), new(groupsOut)
	page, err := pageOfWhole(q, in.WholeListIn, teams, func(t *directory.Team) int64 { return int64(t.ID) }, &out.Body.OffsetMeta, &out.Body.CursorMeta)
	if err != nil {
		return nil, err
	}
	out.Body.Groups = each(page, encoder(q, encodeGroup))
	out.Body.Users, err = s.membersOf(ctx, by, in.Include, page...)
	return out, err
}

// membersOf shows the members of teams when they are asked for.
func (s *server) membersOf(ctx context.Context, by access.Actor, include string, teams ...*directory.Team) ([]User, error) {
	asked := includes(include)
	if !asked["users"] {
		return nil, nil
	}
	all, _, err := s.desk.Memberships(ctx, by, directory.MembershipFilter{Teams: true})
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(m *directory.Membership) bool {
		return !slices.ContainsFunc(teams, func(t *directory.Team) bool { return t.ID == m.TeamID })
	})
	return s.peopleOf(ctx, by, mentionedByMemberships(all).users)
}

func (s *server) countGroups(ctx context.Context, by access.Actor, _ *none) (*countOut, error) {
	teams, err := s.desk.Teams(ctx, by)
	return s.counted(len(teams)), err
}

type groupsOfUserIn struct {
	ID int64 `path:"id"`
	ListGroupsIn
}

func (s *server) listGroupsOfUser(ctx context.Context, by access.Actor, in *groupsOfUserIn) (*groupsOut, error) {
	memberships, _, err := s.desk.Memberships(ctx, by, directory.MembershipFilter{Teams: true, User: directory.UserID(in.ID)})
	if err != nil {
		return nil, err
	}
	belongs := make(map[directory.TeamID]bool)
	for _, m := range memberships {
		belongs[m.TeamID] = true
	}
	all, err := s.desk.Teams(ctx, by)
	if err != nil {
		return nil, err
	}
	var teams []*directory.Team
	for _, t := range all {
		if belongs[t.ID] {
			teams = append(teams, t)
		}
	}
	return s.shownGroups(ctx, by, in.ListGroupsIn, teams)
}

type groupIn struct {
	ID int64 `path:"id"`
}

type groupOut struct {
	Body struct {
		Group Group  `json:"group"`
		Users []User `json:"users,omitzero" doc:"With include=users: its members"`
	}
}

func shownGroup(ctx context.Context, t *directory.Team, err error) (*groupOut, error) {
	return respond(ctx, err, func(q *request, out *groupOut) { out.Body.Group = encodeGroup(q, t) })
}

type showGroupIn struct {
	ID      int64  `path:"id"`
	Include string `query:"include" doc:"users: also the members"`
}

func (s *server) showGroup(ctx context.Context, by access.Actor, in *showGroupIn) (*groupOut, error) {
	t, err := s.desk.Team(ctx, by, directory.TeamID(in.ID))
	out, err := shownGroup(ctx, t, err)
	if err != nil {
		return nil, err
	}
	out.Body.Users, err = s.membersOf(ctx, by, in.Include, t)
	return out, err
}

// GroupRelated tells where a team is used.
type GroupRelated struct {
	Members       int     `json:"members"`
	Tickets       int     `json:"tickets" doc:"That are not closed"`
	Organizations int     `json:"organizations" doc:"Whose tickets it takes"`
	TriggerIDs    []int64 `json:"trigger_ids"`
}

type groupRelatedOut struct {
	Body struct {
		Related GroupRelated `json:"group_related"`
	}
}

func (s *server) showGroupRelated(ctx context.Context, by access.Actor, in *groupIn) (*groupRelatedOut, error) {
	use, err := s.desk.UseOfTeam(ctx, by, directory.TeamID(in.ID))
	out := new(groupRelatedOut)
	out.Body.Related = GroupRelated{Members: use.Members, Tickets: use.Tickets, Organizations: use.Organizations, TriggerIDs: numbers(use.Triggers)}
	return out, err
}

func (s *server) listUsersOfGroup(ctx context.Context, by access.Actor, in *usersOfIn) (*usersOut, error) {
	in.Group = in.ID
	return s.listUsers(ctx, by, &in.ListUsersIn)
}

func (s *server) countUsersOfGroup(ctx context.Context, by access.Actor, in *groupIn) (*countOut, error) {
	return s.countUsers(ctx, by, &countUsersIn{UserQuery{Group: in.ID}})
}

func (s *server) countGroupsOfUser(ctx context.Context, by access.Actor, in *userIn) (*countOut, error) {
	_, n, err := s.desk.Memberships(ctx, by, directory.MembershipFilter{Teams: true, User: directory.UserID(in.ID), Part: directory.Part{Limit: 1}})
	return s.counted(n), err
}

// GroupBody is what an administrator sets at a team; what is absent stays.
type GroupBody struct {
	Name        *string          `json:"name,omitempty" maxLength:"200"`
	Description optional[string] `json:"description,omitzero"`
	Default     *bool            `json:"default,omitempty" doc:"true moves the default here"`
}

func (b GroupBody) change() desk.TeamChange {
	return desk.TeamChange{Name: b.Name, Description: b.Description.pointer(), Default: b.Default}
}

type createGroupIn struct {
	Body struct {
		Group GroupBody `json:"group"`
	}
}

func (s *server) createGroup(ctx context.Context, by access.Actor, in *createGroupIn) (*groupOut, error) {
	t, err := s.desk.SaveTeam(ctx, by, 0, in.Body.Group.change())
	return shownGroup(ctx, t, err)
}

type updateGroupIn struct {
	ID   int64 `path:"id" minimum:"1"`
	Body struct {
		Group GroupBody `json:"group"`
	}
}

func (s *server) updateGroup(ctx context.Context, by access.Actor, in *updateGroupIn) (*groupOut, error) {
	t, err := s.desk.SaveTeam(ctx, by, directory.TeamID(in.ID), in.Body.Group.change())
	return shownGroup(ctx, t, err)
}

type deleteGroupIn struct {
	ID   int64  `path:"id"`
	Move string `query:"move_tickets_to" doc:"The team that takes the tickets, or none; needed while there are any that are not closed"`
}

func (s *server) deleteGroup(ctx context.Context, by access.Actor, in *deleteGroupIn) (*none, error) {
	var to *directory.TeamID
	switch in.Move {
	case "":
	case "none":
		to = new(directory.TeamID)
	default:
		id, err := parseID[directory.TeamID](in.Move, "move_tickets_to")
		if err != nil {
			return nil, err
		}
		to = &id
	}
	return nil, s.desk.DeleteTeam(ctx, by, directory.TeamID(in.ID), to)
}
