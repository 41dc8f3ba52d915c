package desk

import (
	"context"
	"fmt"

	"tandem/access"
	"tandem/directory"
	"tandem/problem"
)

// Whoever has a ticket is a member of its team; somebody who belongs to no team
// has tickets of none. Giving a ticket to a person moves it to a team of theirs,
// and giving it to a team takes it from whoever is no member.

// belongs tells whether a person may have tickets of a team, or of none for 0.
func belongs(ctx context.Context, tx Tx, id directory.UserID, team directory.TeamID) (bool, error) {
	if team == 0 {
		u, err := tx.GetUser(ctx, id)
		if err != nil {
			return false, fmt.Errorf("team of an assignee: %w", err)
		}
		return u.TeamID == 0, nil
	}
	m, err := tx.FindMembership(ctx, directory.Membership{UserID: id, TeamID: team})
	return m != nil, err
}

// followAssignee moves a ticket to the default team of its assignee, who is not
// of its team.
func followAssignee(ctx context.Context, tx Tx, t *Ticket) error {
	if t.AssigneeID == 0 {
		return nil
	}
	ok, err := belongs(ctx, tx, t.AssigneeID, t.TeamID)
	if err != nil || ok {
		return err
	}
	u, err := tx.GetUser(ctx, t.AssigneeID)
	if err != nil {
		return fmt.Errorf("team of an assignee: %w", err)
	}
	t.TeamID = u.TeamID
	return nil
}

// moveToTeam gives a ticket to a team, or to none; an assignee who is no member
// loses it.
func moveToTeam(ctx context.Context, tx Tx, t *Ticket, to directory.TeamID) error {
	if t.TeamID = to; t.AssigneeID == 0 {
		return nil
	}
	ok, err := belongs(ctx, tx, t.AssigneeID, to)
	if err == nil && !ok {
		t.AssigneeID = 0
	}
	return err
}

// entrust gives a ticket to a team, a person or both; nil leaves one as it is.
// Both at once have to fit together.
func entrust(ctx context.Context, tx Tx, t *Ticket, team *directory.TeamID, assignee *directory.UserID) error {
	if team != nil {
		if err := mustBeTeam(ctx, tx, *team); err != nil {
			return err
		}
	}
	if assignee == nil {
		if team == nil || *team == t.TeamID {
			return nil
		}
		return moveToTeam(ctx, tx, t, *team)
	}
	if err := mustWorkOnTickets(ctx, tx, *assignee); err != nil {
		return err
	}
	t.Assign(*assignee)
	if team == nil || *team == 0 && *assignee != 0 {
		return followAssignee(ctx, tx, t)
	}
	if t.TeamID = *team; *assignee == 0 {
		return nil
	}
	ok, err := belongs(ctx, tx, *assignee, *team)
	if err != nil || ok {
		return err
	}
	return problem.New(problem.Invalid, "assignee_not_in_team", "The assignee is no member of the team.").
		On(problem.Yours, "Choose a member of the team, or leave the team out: then the ticket goes to the assignee's own.").In("assignee_id")
}

// UnassignTickets takes the tickets of a team that are worked on from somebody
// who has left it.
type UnassignTickets struct {
	Team     directory.TeamID `json:"team"`
	Assignee directory.UserID `json:"assignee"`
	Items    int              `json:"items"`
}

// Kind names the work.
func (UnassignTickets) Kind() string { return "tickets.unassign" }

// Len tells how many items there are.
func (w UnassignTickets) Len() int { return w.Items }

func (w UnassignTickets) filter() TicketFilter {
	return TicketFilter{Team: w.Team, Assignee: w.Assignee, Statuses: []Status{New, Open, Pending, Hold}, Sort: SortID}
}

func (s *Service) beginUnassigning(ctx context.Context, tx Tx, by access.Actor, w UnassignTickets) error {
	n, err := tx.CountTickets(ctx, w.filter())
	if err != nil {
		return err
	}
	w.Items = batches(n)
	return s.begin(ctx, tx, by, w)
}

// unassignTickets does one item, as if somebody had taken the tickets away one
// by one. Who has come back into the team meanwhile keeps them.
func (s *Service) unassignTickets(ctx context.Context, tx Tx, by access.Actor, w UnassignTickets, i int) error {
	if err := by.MustAdminister(); err != nil {
		return err
	}
	back, err := belongs(ctx, tx, w.Assignee, w.Team)
	if err != nil || back {
		return err
	}
	f := w.filter()
	f.Limit = part(i, w.Items)
	tickets, err := tx.ListTickets(ctx, f)
	if err != nil {
		return err
	}
	for _, t := range tickets {
		err := s.rehome(ctx, tx, by, t.ID, false, func(t *Ticket) error { return moveToTeam(ctx, tx, t, t.TeamID) })
		if err != nil {
			return err
		}
	}
	return nil
}
