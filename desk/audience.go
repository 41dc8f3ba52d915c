package desk

import (
	"context"
	"fmt"
	"slices"

	"tandem/access"
	"tandem/directory"
	"tandem/problem"
)

// Audience says whose a view or a macro is: one person's own, some teams', or
// everybody's. Administrators keep what is shared; what is somebody's own,
// nobody else sees.
type Audience struct {
	Owner directory.UserID   // 0: shared
	Teams []directory.TeamID // shared with these alone; none: with everybody
}

// offered tells whether a person of these teams works with it.
func (a Audience) offered(to directory.UserID, teams []directory.TeamID) bool {
	if a.Owner != 0 {
		return a.Owner == to
	}
	return len(a.Teams) == 0 || slices.ContainsFunc(a.Teams, func(id directory.TeamID) bool { return slices.Contains(teams, id) })
}

// visible tells whether a person may look at it: administrators at everything that is shared.
func (a Audience) visible(by access.Actor, teams []directory.TeamID) bool {
	return a.offered(by.UserID, teams) || a.Owner == 0 && by.Role == directory.Admin
}

// mayKeep refuses whoever may not change it.
func (a Audience) mayKeep(by access.Actor, what string) error {
	if a.Owner != 0 && a.Owner == by.UserID || a.Owner == 0 && by.Role == directory.Admin {
		return nil
	}
	return problem.New(problem.Forbidden, "shared_by_administrators", "This %s is shared; only administrators change it.", what).
		On(problem.Admin, "Make a copy of your own, or ask an administrator.")
}

// set makes the change that is asked for. The owner of what is somebody's own is
// whoever makes it so.
func (a *Audience) set(by access.Actor, ch *Audience) {
	if ch == nil {
		return
	}
	*a = *ch
	if a.Owner != 0 {
		a.Owner, a.Teams = by.UserID, nil
	}
	slices.Sort(a.Teams)
	a.Teams = slices.Compact(a.Teams)
}

// broken finds teams that are gone. When no team is left, nobody would see it.
func (a Audience) broken(ctx context.Context, tx Tx, f *faults) error {
	for i, id := range a.Teams {
		gone, err := isGone(ctx, tx, InputTeam, number(id))
		if err != nil {
			return fmt.Errorf("team %d: %w", id, err)
		}
		if gone {
			f.add(fmt.Sprintf("restriction.ids.%d", i), "gone_group", "A team that it is shared with is no longer there.")
		}
	}
	return nil
}
