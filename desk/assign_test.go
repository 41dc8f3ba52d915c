package desk_test

import (
	"fmt"
	"testing"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
)

// teamOf makes one with members, whose default it is when they have none yet.
func (w *world) teamOf(name string, members ...access.Actor) directory.TeamID {
	w.t.Helper()
	team, err := w.desk.SaveTeam(w.t.Context(), w.admin, 0, desk.TeamChange{Name: &name})
	w.must(err)
	for _, m := range members {
		_, err := w.desk.AddMember(w.t.Context(), w.admin, directory.Membership{UserID: m.UserID, TeamID: team.ID})
		w.must(err)
	}
	return team.ID
}

// entrust gives a ticket to a team and a person; -1 leaves one as it is.
func (w *world) entrust(id desk.TicketID, team directory.TeamID, assignee directory.UserID) error {
	w.t.Helper()
	var ch desk.Change
	if team >= 0 {
		ch.TeamID = &team
	}
	if assignee >= 0 {
		ch.AssigneeID = &assignee
	}
	_, _, err := w.desk.Update(w.t.Context(), w.agent, id, ch)
	return err
}

func (w *world) has(id desk.TicketID, team directory.TeamID, assignee directory.UserID) {
	w.t.Helper()
	if t := w.ticket(id); t.TeamID != team || t.AssigneeID != assignee {
		w.t.Fatalf("ticket %d is with team %d and person %d, want team %d and person %d", id, t.TeamID, t.AssigneeID, team, assignee)
	}
}

func TestWhoeverHasATicketIsOfItsTeam(t *testing.T) {
	each(t, func(w *world) {
		sales, support := w.teamOf("Sales", w.agent), w.teamOf("Support", w.agent, w.colleague)
		ana, ben := w.agent.UserID, w.colleague.UserID
		id := w.mailIn().ID
		w.has(id, 0, 0)

		w.must(w.entrust(id, -1, ana))
		w.has(id, sales, ana) // her default team
		w.must(w.entrust(id, support, -1))
		w.has(id, support, ana) // she is in both
		w.must(w.entrust(id, -1, ben))
		w.has(id, support, ben)
		w.must(w.entrust(id, sales, -1))
		w.has(id, sales, 0) // Ben is not
		w.must(w.entrust(id, -1, ben))
		w.has(id, support, ben)
		w.refused(w.entrust(id, sales, ben), "assignee_not_in_team")
		w.refused(w.entrust(id, 999, -1), "unknown_team")
		w.has(id, support, ben)
		w.must(w.entrust(id, sales, ana))
		w.has(id, sales, ana)
		w.must(w.entrust(id, -1, 0))
		w.has(id, sales, 0)
		w.must(w.entrust(id, 0, -1))
		w.has(id, 0, 0)
		w.must(w.entrust(id, 0, ana)) // somebody of a team cannot have it outside of every team
		w.has(id, sales, ana)
		w.must(w.entrust(id, 0, 0))

		_, _, err := w.desk.Reply(w.t.Context(), w.colleague, id, desk.Draft{Text: "I take it"})
		w.must(err)
		w.has(id, support, ben)
		w.must(w.entrust(id, -1, w.admin.UserID)) // who belongs to no team
		w.has(id, 0, w.admin.UserID)
	})
}

func TestNewTicketGoesToTheTeamOfItsAssignee(t *testing.T) {
	each(t, func(w *world) {
		sales, support := w.teamOf("Sales", w.agent), w.teamOf("Support", w.colleague)
		open := func(r desk.Request) (*desk.Ticket, error) {
			r.Comment = desk.Draft{Text: "Hello"}
			ticket, _, err := w.desk.Create(w.t.Context(), w.agent, r)
			return ticket, err
		}
		a, err := open(desk.Request{AssigneeID: w.colleague.UserID})
		w.must(err)
		w.has(a.ID, support, w.colleague.UserID)
		b, err := open(desk.Request{TeamID: sales})
		w.must(err)
		w.has(b.ID, sales, 0)
		_, err = open(desk.Request{TeamID: sales, AssigneeID: w.colleague.UserID})
		w.refused(err, "assignee_not_in_team")
		_, err = open(desk.Request{TeamID: 999})
		w.refused(err, "unknown_team")
	})
}

func TestWhoeverLeavesATeamLosesItsTickets(t *testing.T) {
	each(t, func(w *world) {
		sales, support := w.teamOf("Sales", w.agent), w.teamOf("Support", w.agent)
		open, elsewhere, solved := w.mailIn().ID, w.mailIn().ID, w.mailIn().ID
		w.must(w.entrust(open, support, w.agent.UserID))
		w.must(w.entrust(elsewhere, sales, w.agent.UserID))
		w.must(w.entrust(solved, support, w.agent.UserID))
		w.setStatus(solved, desk.Solved)

		list, _, err := w.desk.Memberships(w.t.Context(), w.admin, directory.MembershipFilter{Teams: true, Team: support})
		w.must(err)
		w.must(w.desk.RemoveMember(w.t.Context(), w.admin, list[0].ID))
		w.work()
		w.has(open, support, 0)
		w.has(elsewhere, sales, w.agent.UserID)
		w.has(solved, support, w.agent.UserID) // it stays told who solved it
		if lines, last := w.history(open); lines[len(lines)-1] != fmt.Sprintf("assignee_id: %d -> ", w.agent.UserID) || last.AuthorID != w.admin.UserID {
			w.t.Errorf("the history is %q by %d", lines, last.AuthorID)
		}
	})
}

func TestTriggersKeepTeamAndAssigneeTogether(t *testing.T) {
	each(t, func(w *world) {
		sales, support := w.teamOf("Sales", w.agent), w.teamOf("Support", w.colleague)
		w.add(rule("Orders go to sales", []string{"update_type is Create"}, do("group_id", fmt.Sprint(sales))))
		w.add(rule("Urgent ones go to Ben", []string{"priority value urgent"}, do("assignee_id", fmt.Sprint(w.colleague.UserID))))
		ticket := w.mailIn().ID
		w.has(ticket, sales, 0)
		w.must(w.entrust(ticket, -1, w.agent.UserID))
		urgent := desk.Urgent
		_, _, err := w.desk.Update(w.t.Context(), w.agent, ticket, desk.Change{Priority: &urgent})
		w.must(err)
		w.has(ticket, support, w.colleague.UserID)
	})
}
