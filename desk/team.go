package desk

import (
	"context"
	"slices"
	"strings"

	"tandem/access"
	"tandem/directory"
	"tandem/event"
	"tandem/problem"
)

// Teams lists the teams.
func (s *Service) Teams(ctx context.Context, by access.Actor) (teams []*directory.Team, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		teams, err = tx.ListTeams(ctx)
		return err
	})
	return teams, err
}

// Team gives one team, a deleted one too.
func (s *Service) Team(ctx context.Context, by access.Actor, id directory.TeamID) (t *directory.Team, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		t, err = tx.GetTeam(ctx, id)
		return err
	})
	return t, err
}

// TeamChange says what to change of a team; nil fields stay.
type TeamChange struct {
	Name        *string
	Description *string
	Default     *bool // only true: the default moves here
}

// SaveTeam changes a team, or makes one when id is 0. The first one is the default.
func (s *Service) SaveTeam(ctx context.Context, by access.Actor, id directory.TeamID, ch TeamChange) (t *directory.Team, err error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		t = &directory.Team{CreatedAt: s.now()}
		action, before := "group.created", any(nil)
		if id != 0 {
			if t, err = tx.GetTeam(ctx, id); err != nil {
				return err
			}
			if err := mustBeTeam(ctx, tx, id); err != nil {
				return err
			}
			action, before = "group.updated", teamFacts(t)
		}
		if err := s.applyToTeam(ctx, tx, t, ch); err != nil {
			return err
		}
		t.UpdatedAt = s.now()
		store := tx.UpdateTeam
		if id == 0 {
			store = tx.InsertTeam
		}
		if err := store(ctx, t); err != nil {
			return err
		}
		tx.Publish(event.Event{Kind: event.TeamUpdated, ID: int64(t.ID)})
		return access.Record(ctx, tx, by, s.now(), access.Change{
			Action: action, Object: "group", Subject: int64(t.ID), Label: t.Name, Before: before, After: teamFacts(t),
		})
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

func (s *Service) applyToTeam(ctx context.Context, tx Tx, t *directory.Team, ch TeamChange) error {
	if ch.Name != nil {
		t.Name = oneLine(clean(*ch.Name))
	}
	if t.Name == "" || len([]rune(t.Name)) > maxName {
		return problem.New(problem.Invalid, "team_name", "A team needs a name of at most %d characters.", maxName).
			On(problem.Yours, "Write one.").In("name")
	}
	if ch.Description != nil {
		t.Description = cut(clean(*ch.Description), maxRemarks)
	}
	all, err := tx.ListTeams(ctx)
	if err != nil {
		return err
	}
	wanted := len(all) == 0 || ch.Default != nil && *ch.Default
	for _, other := range all {
		if other.ID == t.ID {
			continue
		}
		if strings.EqualFold(other.Name, t.Name) {
			return problem.New(problem.Invalid, "team_exists", "There is a team %q already.", other.Name).
				On(problem.Yours, "Choose another name.").With("name", other.Name).In("name")
		}
		if wanted && other.Default {
			other.Default = false // exactly one is
			if err := tx.UpdateTeam(ctx, other); err != nil {
				return err
			}
		}
	}
	t.Default = t.Default || wanted
	return nil
}

func teamFacts(t *directory.Team) map[string]any {
	return map[string]any{"name": t.Name, "description": t.Description, "default": t.Default}
}

// TeamUse is where a team is used.
type TeamUse struct {
	Members       int
	Tickets       int // that are not closed
	Organizations int // whose tickets it takes
	Triggers      []TriggerID
}

// UseOfTeam tells where a team is used.
func (s *Service) UseOfTeam(ctx context.Context, by access.Actor, id directory.TeamID) (use TeamUse, err error) {
	if err := by.MustWork(); err != nil {
		return use, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		use = TeamUse{}
		if _, err := tx.GetTeam(ctx, id); err != nil {
			return err
		}
		if use.Members, err = tx.CountMemberships(ctx, directory.MembershipFilter{Teams: true, Team: id}); err != nil {
			return err
		}
		if use.Tickets, err = tx.CountTickets(ctx, changeable(id)); err != nil {
			return err
		}
		if use.Organizations, err = tx.CountOrganizations(ctx, directory.OrganizationFilter{Team: id}); err != nil {
			return err
		}
		triggers, err := tx.ListTriggers(ctx)
		for _, t := range triggers {
			if t.names(id) {
				use.Triggers = append(use.Triggers, t.ID)
			}
		}
		return err
	})
	return use, err
}

// changeableStatuses are those of tickets that can still be changed.
var changeableStatuses = []Status{New, Open, Pending, Hold, Solved}

// changeable are the tickets of a team that can still be changed.
func changeable(id directory.TeamID) TicketFilter {
	return TicketFilter{Team: id, Statuses: changeableStatuses}
}

// names tells whether a trigger looks at a team, or gives tickets to it.
func (t *Trigger) names(id directory.TeamID) bool {
	for _, c := range slices.Concat(t.Conditions.All, t.Conditions.Any) {
		if c.Field == "group_id" && c.Value == number(id) {
			return true
		}
	}
	for _, a := range t.Actions {
		if a.Field == "group_id" && a.value(0) == number(id) {
			return true
		}
	}
	return false
}

// DeleteTeam deletes a team. Tickets of it that can still be changed go to
// another team, or to none when to says so, in the background; while there are
// any and to is nil, it returns the problem "team_has_tickets". The default
// team stays while there are others.
func (s *Service) DeleteTeam(ctx context.Context, by access.Actor, id directory.TeamID, to *directory.TeamID) error {
	if err := by.MustAdminister(); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		t, err := tx.GetTeam(ctx, id)
		if err != nil {
			return err
		}
		if err := mustBeDeletable(ctx, tx, t, to); err != nil {
			return err
		}
		if err := tx.DeleteTeam(ctx, id, s.now()); err != nil {
			return err
		}
		if to != nil {
			if err := s.beginRehoming(ctx, tx, by, RehomeTickets{Team: id, To: *to}); err != nil {
				return err
			}
		}
		tx.Publish(event.Event{Kind: event.TeamUpdated, ID: int64(id)})
		return access.Record(ctx, tx, by, s.now(), access.Change{
			Action: "group.deleted", Object: "group", Subject: int64(id), Label: t.Name, Before: teamFacts(t),
		})
	})
}

func mustBeDeletable(ctx context.Context, tx Tx, t *directory.Team, to *directory.TeamID) error {
	if to != nil {
		if *to == t.ID {
			return problem.New(problem.Invalid, "unknown_team", "The tickets cannot stay where they are.").
				On(problem.Yours, "Choose another team.").In("move_tickets_to")
		}
		if err := mustBeTeam(ctx, tx, *to); err != nil {
			return err
		}
	}
	all, err := tx.ListTeams(ctx)
	if err != nil {
		return err
	}
	if t.Default && len(all) > 1 {
		return problem.New(problem.Conflict, "team_default", "%s is the default team.", t.Name).
			On(problem.Yours, "Make another team the default one first.").With("name", t.Name)
	}
	if to != nil {
		return nil
	}
	n, err := tx.CountTickets(ctx, changeable(t.ID))
	if err != nil || n == 0 {
		return err
	}
	return problem.New(problem.Conflict, "team_has_tickets", "%s has %d tickets that are not closed.", t.Name, n).
		On(problem.Yours, "Say where they go, in move_tickets_to.").With("name", t.Name).With("count", number(int64(n)))
}
