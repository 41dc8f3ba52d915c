package desk_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tandem/desk"
	"tandem/directory"
	"tandem/store"
)

// organization makes one with mail domains.
func (w *world) organization(name string, domains ...string) *directory.Organization {
	w.t.Helper()
	o, err := w.desk.SaveOrganization(w.t.Context(), w.admin, 0, desk.OrganizationChange{Name: &name, Domains: &domains})
	w.must(err)
	w.work()
	return o
}

// work does the background work that was begun.
func (w *world) work() {
	w.t.Helper()
	begun := w.begun
	w.begun = nil
	for _, work := range begun {
		for i := range work.Len() {
			w.update(func(tx desk.Tx) error { return w.desk.WorkIn(w.t.Context(), tx, w.admin, work, i) })
		}
	}
}

func (w *world) user(id directory.UserID) *directory.User {
	w.t.Helper()
	var u *directory.User
	w.must(store.For[desk.Tx](w.db).View(w.t.Context(), func(tx desk.Tx) (err error) {
		u, err = tx.GetUser(w.t.Context(), id)
		return err
	}))
	return u
}

func TestWhoeverWritesFromADomainBelongsToItsOrganization(t *testing.T) {
	each(t, func(w *world) {
		before := w.mailIn() // from a domain that nobody has claimed yet
		fabrikam := w.organization("Fabrikam", "@Fabrikam.Example", "fabrikam.jp")

		if got := w.user(w.requester.ID).OrganizationID; got != fabrikam.ID {
			t.Errorf("somebody known before belongs to %d, want %d", got, fabrikam.ID)
		}
		if got := w.ticket(before.ID).OrganizationID; got != fabrikam.ID {
			t.Errorf("their open ticket belongs to %d, want %d", got, fabrikam.ID)
		}
		var newcomer *directory.User
		w.update(func(tx desk.Tx) (err error) {
			newcomer, err = w.desk.Person(t.Context(), tx, "田中", "tanaka@fabrikam.jp")
			return err
		})
		if newcomer.OrganizationID != fabrikam.ID {
			t.Errorf("a newcomer belongs to %d, want %d", newcomer.OrganizationID, fabrikam.ID)
		}
		if got := w.user(w.stranger.ID).OrganizationID; got != 0 {
			t.Errorf("a stranger belongs to %d", got)
		}
		if got := w.user(w.agent.UserID).OrganizationID; got != 0 {
			t.Errorf("an agent belongs to %d", got)
		}
	})
}

func TestTicketsFollowTheirRequesterBetweenOrganizations(t *testing.T) {
	each(t, func(w *world) {
		fabrikam, northwind := w.organization("Fabrikam", "fabrikam.example"), w.organization("Northwind")
		open := w.mailIn()
		if open.OrganizationID != fabrikam.ID {
			t.Fatalf("a new ticket belongs to %d, want %d", open.OrganizationID, fabrikam.ID)
		}
		_, _, err := w.desk.Update(t.Context(), w.agent, open.ID, desk.Change{OrganizationID: &northwind.ID})
		w.refused(err, "organization_not_requesters")

		_, err = w.desk.AddMember(t.Context(), w.agent, directory.Membership{UserID: w.requester.ID, OrganizationID: northwind.ID})
		w.must(err)
		_, _, err = w.desk.Update(t.Context(), w.agent, open.ID, desk.Change{OrganizationID: &northwind.ID})
		w.must(err)
		w.must(w.desk.DeleteOrganization(t.Context(), w.admin, northwind.ID))
		w.work()
		if got := w.ticket(open.ID).OrganizationID; got != fabrikam.ID {
			t.Errorf("after its organization was deleted the ticket belongs to %d, want the requester's %d", got, fabrikam.ID)
		}
	})
}

func TestOrganizationsAreToldApart(t *testing.T) {
	each(t, func(w *world) {
		w.organization("Fabrikam", "fabrikam.example")
		for _, again := range []struct {
			name, domain, code string
		}{
			{"FABRIKAM", "other.example", "organization_exists"},
			{"Other", "fabrikam.example", "domain_taken"},
			{"Other", "not a domain", "invalid_domain"},
			{" ", "other.example", "organization_name"},
		} {
			_, err := w.desk.SaveOrganization(t.Context(), w.admin, 0, desk.OrganizationChange{Name: &again.name, Domains: &[]string{again.domain}})
			w.refused(err, again.code)
		}
	})
}

func TestAgentsWriteNotesOfOrganizationsOnly(t *testing.T) {
	each(t, func(w *world) {
		o := w.organization("Fabrikam")
		text := "Pays late"
		_, err := w.desk.SaveOrganization(t.Context(), w.agent, o.ID, desk.OrganizationChange{Notes: &text})
		w.must(err)
		_, err = w.desk.SaveOrganization(t.Context(), w.agent, o.ID, desk.OrganizationChange{Notes: &text, Name: &text})
		w.refused(err, "administrators_only")
		_, err = w.desk.SaveOrganization(t.Context(), w.agent, 0, desk.OrganizationChange{Notes: &text})
		w.refused(err, "administrators_only")
		w.refused(w.desk.DeleteOrganization(t.Context(), w.agent, o.ID), "administrators_only")
	})
}

func TestDeletingATeamAsksWhereItsTicketsGo(t *testing.T) {
	each(t, func(w *world) {
		first, second := w.team("First line"), w.team("Second line")
		open := w.mailIn()
		w.update(func(tx desk.Tx) error {
			stored, err := tx.LockTicket(t.Context(), open.ID)
			if err != nil {
				return err
			}
			stored.TeamID = second.ID
			return tx.UpdateTicket(t.Context(), stored)
		})
		w.refused(w.desk.DeleteTeam(t.Context(), w.admin, first.ID, nil), "team_default")
		w.refused(w.desk.DeleteTeam(t.Context(), w.admin, second.ID, nil), "team_has_tickets")
		w.refused(w.desk.DeleteTeam(t.Context(), w.admin, second.ID, &second.ID), "unknown_team")
		w.must(w.desk.DeleteTeam(t.Context(), w.admin, second.ID, &first.ID))
		w.work()
		if got := w.ticket(open.ID).TeamID; got != first.ID {
			t.Errorf("the ticket is with team %d, want %d", got, first.ID)
		}
		again := w.team("Second line") // the name is free
		if again.ID == second.ID {
			t.Error("the deleted team came back")
		}
	})
}

func (w *world) team(name string) *directory.Team {
	w.t.Helper()
	team, err := w.desk.SaveTeam(w.t.Context(), w.admin, 0, desk.TeamChange{Name: &name})
	w.must(err)
	return team
}

func TestOnlyWhoWorksHereBelongsToATeam(t *testing.T) {
	each(t, func(w *world) {
		team := w.team("First line")
		_, err := w.desk.AddMember(t.Context(), w.admin, directory.Membership{UserID: w.requester.ID, TeamID: team.ID})
		w.refused(err, "member_no_agent")
		_, err = w.desk.AddMember(t.Context(), w.agent, directory.Membership{UserID: w.agent.UserID, TeamID: team.ID})
		w.refused(err, "administrators_only")
		m, err := w.desk.AddMember(t.Context(), w.admin, directory.Membership{UserID: w.agent.UserID, TeamID: team.ID})
		w.must(err)
		if !m.Default {
			t.Error("the first team is not the default one")
		}
		_, err = w.desk.AddMember(t.Context(), w.admin, directory.Membership{UserID: w.agent.UserID, TeamID: team.ID})
		w.refused(err, "already_member")
	})
}

// Whatever is joined, left, deleted and made the default: who belongs to
// anything has exactly one default of its kind, and it is one of theirs.
func TestEveryMemberHasExactlyOneDefault(t *testing.T) {
	each(t, func(w *world) {
		n := 0
		rapid.Check(t, func(r *rapid.T) {
			n++
			var organizations []directory.OrganizationID
			for i := range 4 {
				organizations = append(organizations, w.organization(fmt.Sprint("Organization ", n, i)).ID)
			}
			person := w.person("Ann", fmt.Sprintf("ann%d@nowhere.example", n), directory.EndUser)
			for range rapid.IntRange(1, 12).Draw(r, "steps") {
				to := rapid.SampledFrom(organizations).Draw(r, "organization")
				list, _, err := w.desk.Memberships(t.Context(), w.agent, directory.MembershipFilter{User: person.ID})
				w.must(err)
				i := slices.IndexFunc(list, func(m *directory.Membership) bool { return m.OrganizationID == to })
				switch rapid.SampledFrom([]string{"join", "settle", "leave", "default", "delete"}).Draw(r, "step") {
				case "join":
					_, err = w.desk.AddMember(t.Context(), w.agent, directory.Membership{UserID: person.ID, OrganizationID: to})
				case "settle":
					err = w.desk.Settle(t.Context(), w.agent, directory.Membership{UserID: person.ID, OrganizationID: to})
				case "leave":
					if i >= 0 {
						err = w.desk.RemoveMember(t.Context(), w.agent, list[i].ID)
					}
				case "default":
					if i >= 0 {
						_, err = w.desk.MakeDefault(t.Context(), w.agent, person.ID, list[i].ID)
					}
				case "delete":
					err = w.desk.DeleteOrganization(t.Context(), w.admin, to)
				}
				if code := codeOf(err); err != nil && code != "already_member" && code != "unknown_organization" && code != "not_found" {
					r.Fatal(err)
				}
				w.oneDefault(r, person.ID)
			}
		})
	})
}

func (w *world) oneDefault(r *rapid.T, id directory.UserID) {
	list, _, err := w.desk.Memberships(w.t.Context(), w.agent, directory.MembershipFilter{User: id})
	w.must(err)
	defaults := 0
	for _, m := range list {
		if m.Default {
			defaults++
		}
	}
	if want := min(len(list), 1); defaults != want {
		r.Fatalf("%d of %d memberships are the default one, want %d", defaults, len(list), want)
	}
	if u := w.user(id); len(list) == 0 && u.OrganizationID != 0 {
		r.Fatalf("belongs to nothing, and yet to %d", u.OrganizationID)
	}
}

func TestMergeAndSplitKeepOrganizations(t *testing.T) {
	each(t, func(w *world) {
		fabrikam, elsewhere := w.organization("Fabrikam", "fabrikam.example"), w.organization("Elsewhere", "elsewhere.example")
		_, err := w.desk.Merge(t.Context(), w.admin, w.stranger.ID, w.requester.ID)
		w.must(err)
		if got := w.memberOf(w.requester.ID); !slices.Equal(got, []directory.OrganizationID{fabrikam.ID, elsewhere.ID}) {
			t.Errorf("merged, the person belongs to %v", got)
		}
		identities, err := w.desk.Identities(t.Context(), w.admin, w.requester.ID)
		w.must(err)
		_, err = w.desk.Split(t.Context(), w.admin, w.requester.ID, identities[1].ID)
		w.must(err)
		if got := w.memberOf(w.requester.ID); !slices.Equal(got, []directory.OrganizationID{fabrikam.ID}) {
			t.Errorf("parted, the person belongs to %v", got)
		}
		if got := w.memberOf(w.stranger.ID); !slices.Equal(got, []directory.OrganizationID{elsewhere.ID}) {
			t.Errorf("parted, the other one belongs to %v", got)
		}
	})
}

func (w *world) memberOf(id directory.UserID) (ids []directory.OrganizationID) {
	w.t.Helper()
	list, _, err := w.desk.Memberships(w.t.Context(), w.agent, directory.MembershipFilter{User: id})
	w.must(err)
	for _, m := range list {
		ids = append(ids, m.OrganizationID)
	}
	return ids
}

func TestDeletedPersonGivesTheAddressFree(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		_, err := w.desk.DeletePerson(t.Context(), w.agent, w.requester.ID)
		w.refused(err, "administrators_only")
		_, err = w.desk.DeletePerson(t.Context(), w.admin, w.agent.UserID)
		w.refused(err, "delete_agent")
		gone, err := w.desk.DeletePerson(t.Context(), w.admin, w.requester.ID)
		w.must(err)
		if gone.Active() || gone.Former[0] != w.requester.Email {
			t.Errorf("deleted: %+v", gone)
		}
		if got := w.ticket(ticket.ID).RequesterID; got != w.requester.ID {
			t.Errorf("the ticket's requester is %d", got)
		}
		var again *directory.User
		w.update(func(tx desk.Tx) (err error) {
			again, err = w.desk.Person(t.Context(), tx, "Aiko", w.requester.Email)
			return err
		})
		if again.ID == w.requester.ID {
			t.Error("who writes from the address later is the deleted person")
		}
	})
}

// textField makes a custom field of people or organizations.
func (w *world) textField(owner directory.FieldOwner, key string) *directory.Field {
	w.t.Helper()
	kind := directory.TextField
	f, err := w.desk.CreateField(w.t.Context(), w.admin, owner, desk.FieldChange{Type: &kind, Title: &key, Key: &key})
	w.must(err)
	return f
}

func TestOrganizationsHaveCustomFields(t *testing.T) {
	each(t, func(w *world) {
		plan := w.textField(directory.OrganizationFields, "plan")
		name := "Fabrikam"
		o, err := w.desk.SaveOrganization(t.Context(), w.admin, 0, desk.OrganizationChange{Name: &name, Fields: map[string][]string{"plan": {"Gold 24/7"}}})
		w.must(err)
		_, err = w.desk.SaveOrganization(t.Context(), w.admin, o.ID, desk.OrganizationChange{Fields: map[string][]string{"price": {"7"}}})
		w.refused(err, "field_unknown")
		_, err = w.desk.SaveOrganization(t.Context(), w.agent, o.ID, desk.OrganizationChange{Fields: map[string][]string{"plan": {"Free"}}})
		w.refused(err, "administrators_only")
		for search, n := range map[string]int{"gold": 1, "fabri 24/7": 1, "silver": 0} {
			found, err := w.desk.Organizations(t.Context(), w.agent, directory.OrganizationFilter{Search: search})
			w.must(err)
			if len(found) != n || n == 1 && found[0].Fields[plan.ID] != "Gold 24/7" {
				t.Errorf("%s finds %+v", search, found)
			}
		}
		notes := "Pays late"
		o, err = w.desk.SaveOrganization(t.Context(), w.agent, o.ID, desk.OrganizationChange{Notes: &notes})
		w.must(err)
		if o.Fields[plan.ID] != "Gold 24/7" {
			t.Errorf("with notes the fields are %v", o.Fields)
		}
		w.must(w.desk.DeleteOrganization(t.Context(), w.admin, o.ID))
		if n, err := w.desk.CountFieldValues(t.Context(), w.admin, directory.OrganizationFields, plan.ID); err != nil || n != 0 {
			t.Errorf("a deleted organization leaves %d values, %v", n, err)
		}
	})
}

// People who are there already join when the domain is added, and their tickets come along.
func TestDomainThatIsAddedLaterTakesInWhoIsThere(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		name := "Fabrikam"
		o, err := w.desk.SaveOrganization(t.Context(), w.admin, 0, desk.OrganizationChange{Name: &name})
		w.must(err)
		if len(w.begun) != 0 {
			t.Fatalf("begun without a domain: %v", w.begun)
		}
		_, err = w.desk.SaveOrganization(t.Context(), w.admin, o.ID, desk.OrganizationChange{Domains: &[]string{"fabrikam.example", "nobody.example"}})
		w.must(err)
		if len(w.begun) != 1 || w.begun[0].Kind() != (desk.JoinDomain{}).Kind() {
			t.Fatalf("begun: %v", w.begun)
		}
		for i := range w.begun[0].Len() {
			w.update(func(tx desk.Tx) error { return w.desk.WorkIn(t.Context(), tx, w.admin, w.begun[0], i) })
		}
		if got := w.ticket(ticket.ID).OrganizationID; got != o.ID {
			t.Errorf("the ticket belongs to %d, want %d", got, o.ID)
		}
		w.update(func(tx desk.Tx) error {
			for _, u := range []*directory.User{w.requester, w.stranger} {
				now, err := tx.GetUser(t.Context(), u.ID)
				if err != nil {
					return err
				}
				if joined := now.OrganizationID == o.ID; joined != (u == w.requester) {
					t.Errorf("%s belongs to %d", u.Name, now.OrganizationID)
				}
			}
			return nil
		})
	})
}
