package api

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
)

// Side is what an answer tells besides: records that its own ones name, as far
// as it is asked to include them.
type Side struct {
	Users         []User         `json:"users,omitzero"`
	Brands        []Brand        `json:"brands,omitzero"`
	Organizations []Organization `json:"organizations,omitzero"`
	Groups        []Group        `json:"groups,omitzero"`
}

// inclusions are the names of what an answer is asked to include.
type inclusions map[string]bool

// includes reads the names: "users,groups", or "tickets(users,groups)" as
// searches take them. As with Zendesk, names that mean nothing are no mistake.
func includes(include string) inclusions {
	asked := make(inclusions)
	rest := include
	for rest != "" {
		end := strings.IndexFunc(rest, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) })
		if end < 0 {
			end = len(rest)
		}
		name := rest[:end]
		if rest = rest[end:]; !strings.HasPrefix(rest, "(") { // else it says whose records are included
			asked[name] = true
		}
		if rest != "" {
			rest = rest[1:]
		}
	}
	return asked
}

// mentions are whom and what records name.
type mentions struct {
	users         []directory.UserID
	organizations []directory.OrganizationID
	groups        []directory.TeamID
	brands        bool // any of them: they are few, and come with the people
}

// side shows of what records name what is asked for.
func (s *server) side(ctx context.Context, by access.Actor, asked inclusions, n mentions) (side Side, err error) {
	if asked["users"] {
		if side.Users, err = s.peopleOf(ctx, by, n.users); err != nil {
			return side, err
		}
	}
	if asked["users"] && n.brands {
		brands, err := s.desk.Brands(ctx, by)
		if err != nil {
			return side, err
		}
		side.Brands = each(brands, encoder(requestOf(ctx), encodeBrand))
	}
	if asked["organizations"] {
		if side.Organizations, err = s.organizationsOf(ctx, by, n.organizations); err != nil {
			return side, err
		}
	}
	if asked["groups"] {
		side.Groups, err = s.groupsOf(ctx, by, n.groups)
	}
	return side, err
}

// distinct gives the identifiers, each once and without the one of nothing.
func distinct[T ~int64](ids []T) []T {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id T) bool { return id == 0 })
}

// peopleOf shows the people with these ids, each once.
func (s *server) peopleOf(ctx context.Context, by access.Actor, ids []directory.UserID) ([]User, error) {
	if ids = distinct(ids); len(ids) == 0 {
		return []User{}, nil
	}
	people, _, err := s.access.ListUsers(ctx, by, directory.UserFilter{IDs: ids, Everybody: true})
	return each(people, encoder(requestOf(ctx), encodeUser)), err
}

// organizationsOf shows the organizations with these ids, each once.
func (s *server) organizationsOf(ctx context.Context, by access.Actor, ids []directory.OrganizationID) ([]Organization, error) {
	if ids = distinct(ids); len(ids) == 0 {
		return []Organization{}, nil
	}
	found, err := s.desk.Organizations(ctx, by, directory.OrganizationFilter{IDs: ids})
	return each(found, encoder(requestOf(ctx), encodeOrganization)), err
}

// groupsOf shows the teams with these ids, each once.
func (s *server) groupsOf(ctx context.Context, by access.Actor, ids []directory.TeamID) ([]Group, error) {
	teams, err := s.desk.Teams(ctx, by)
	teams = slices.DeleteFunc(teams, func(t *directory.Team) bool { return !slices.Contains(ids, t.ID) })
	return each(teams, encoder(requestOf(ctx), encodeGroup)), err
}

// sideOfTickets gives what tickets name, and puts metrics into them as they are shown.
func (s *server) sideOfTickets(ctx context.Context, by access.Actor, include string, tickets []*desk.Ticket, shown []Ticket) (Side, error) {
	asked := includes(include)
	if err := s.addMetrics(ctx, by, asked, shown); err != nil {
		return Side{}, err
	}
	return s.side(ctx, by, asked, mentionedByTickets(tickets))
}

func mentionedByTickets(tickets []*desk.Ticket) (n mentions) {
	n.brands = true
	for _, t := range tickets {
		n.users = append(append(n.users, t.RequesterID, t.SubmitterID, t.AssigneeID), collaborators(t)...)
		n.organizations = append(n.organizations, t.OrganizationID)
		n.groups = append(n.groups, t.TeamID)
	}
	return n
}

func mentionedByMemberships(list []*directory.Membership) (n mentions) {
	for _, m := range list {
		n.users = append(n.users, m.UserID)
		n.organizations = append(n.organizations, m.OrganizationID)
		n.groups = append(n.groups, m.TeamID)
	}
	return n
}

// mentionedByPeople gives the organizations and teams that people belong to, as far as they are asked for.
func (s *server) mentionedByPeople(ctx context.Context, by access.Actor, asked inclusions, people []*directory.User) (n mentions, err error) {
	f := directory.MembershipFilter{Users: each(people, func(u *directory.User) directory.UserID { return u.ID })}
	if len(people) == 0 {
		return n, nil
	}
	if asked["organizations"] {
		list, _, err := s.desk.Memberships(ctx, by, f)
		if err != nil {
			return n, err
		}
		n.organizations = mentionedByMemberships(list).organizations
	}
	if asked["groups"] {
		f.Teams = true
		list, _, err := s.desk.Memberships(ctx, by, f)
		if err != nil {
			return n, err
		}
		n.groups = mentionedByMemberships(list).groups
	}
	return n, nil
}

// UserSide is what an answer tells besides of the people in it, as far as it is
// asked to include it.
type UserSide struct {
	Organizations   []Organization `json:"organizations,omitzero" doc:"That they belong to"`
	Groups          []Group        `json:"groups,omitzero" doc:"That they belong to"`
	Identities      []Identity     `json:"identities,omitzero"`
	OpenTicketCount map[string]int `json:"open_ticket_count,omitzero" doc:"By the person's id: tickets given to them that are not solved"`
}

// sideOfPeople gives what belongs to people.
func (s *server) sideOfPeople(ctx context.Context, by access.Actor, include string, people ...*directory.User) (out UserSide, err error) {
	asked := includes(include)
	n, err := s.mentionedByPeople(ctx, by, asked, people)
	if err != nil {
		return out, err
	}
	delete(asked, "users") // are no side of themselves
	side, err := s.side(ctx, by, asked, n)
	if err != nil {
		return out, err
	}
	out.Organizations, out.Groups = side.Organizations, side.Groups
	if asked["identities"] {
		if out.Identities, err = s.identitiesOf(ctx, by, people); err != nil {
			return out, err
		}
	}
	if asked["open_ticket_count"] {
		out.OpenTicketCount, err = s.openTickets(ctx, by, people)
	}
	return out, err
}

// identitiesOf shows the addresses and numbers of people.
func (s *server) identitiesOf(ctx context.Context, by access.Actor, people []*directory.User) ([]Identity, error) {
	primary := make(map[directory.UserID]string, len(people))
	for _, u := range people {
		primary[u.ID] = u.Email
	}
	all, err := s.desk.Identities(ctx, by, each(people, func(u *directory.User) directory.UserID { return u.ID })...)
	return each(all, func(i *directory.Identity) Identity { return encodeIdentity(requestOf(ctx), i, primary[i.UserID]) }), err
}

// openTickets counts the tickets given to people that are not solved.
func (s *server) openTickets(ctx context.Context, by access.Actor, people []*directory.User) (map[string]int, error) {
	counts := make(map[string]int, len(people))
	for _, u := range people {
		n := 0
		if u.Works() { // nothing is given to anybody else
			var err error
			if n, err = s.desk.Count(ctx, by, desk.TicketFilter{Assignee: u.ID, Statuses: desk.UnsolvedStatuses}); err != nil {
				return nil, err
			}
		}
		counts[idText(u.ID)] = n
	}
	return counts, nil
}
