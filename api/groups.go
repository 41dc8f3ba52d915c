package api

import (
	"context"
	"net/http"

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
	route(s, op{on: "GET /users/{id}/groups", id: "list_groups_of_user", says: "List the teams of a person", tag: tag, may: agents}, s.listGroupsOfUser)
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
		OffsetMeta
		CursorMeta
	}
}

func (s *server) listGroups(ctx context.Context, by access.Actor, in *WholeListIn) (*groupsOut, error) {
	teams, err := s.desk.Teams(ctx, by)
	return shownGroups(ctx, *in, teams, err)
}

func shownGroups(ctx context.Context, in WholeListIn, teams []*directory.Team, err error) (*groupsOut, error) {
	if err != nil {
		return nil, err
	}
	q, out := requestOf(ctx), new(groupsOut)
	out.Body.Groups, err = pageOfWhole(q, in, each(teams, encoder(q, encodeGroup)), func(g Group) int64 { return g.ID }, &out.Body.OffsetMeta, &out.Body.CursorMeta)
	return out, err
}

func (s *server) countGroups(ctx context.Context, by access.Actor, _ *none) (*countOut, error) {
	teams, err := s.desk.Teams(ctx, by)
	return s.counted(len(teams)), err
}

type groupsOfUserIn struct {
	ID int64 `path:"id"`
	WholeListIn
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
	var teams []*directory.Team
	for _, t := range all {
		if belongs[t.ID] {
			teams = append(teams, t)
		}
	}
	return shownGroups(ctx, in.WholeListIn, teams, err)
}

type groupIn struct {
	ID int64 `path:"id"`
}

type groupOut struct {
	Body struct {
		Group Group `json:"group"`
	}
}

func shownGroup(ctx context.Context, t *directory.Team, err error) (*groupOut, error) {
	return respond(ctx, err, func(q *request, out *groupOut) { out.Body.Group = encodeGroup(q, t) })
}

func (s *server) showGroup(ctx context.Context, by access.Actor, in *groupIn) (*groupOut, error) {
	t, err := s.desk.Team(ctx, by, directory.TeamID(in.ID))
	return shownGroup(ctx, t, err)
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
