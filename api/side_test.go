package api

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// Each resource tells besides what Zendesk's documentation ("Side-loading
// related records") says of it, and each record that it names.
func TestRecordsThatAreNamedComeAlong(t *testing.T) {
	everywhere(t, func(w *world) {
		admin := w.as(w.admin)
		add := func(path string, body object) *answer { return admin.send("POST", path, body).is(http.StatusCreated) }
		company := add("/organizations", object{"organization": object{"name": "Fabrikam"}}).number("organization.id")
		team := add("/groups", object{"group": object{"name": "Returns"}}).number("group.id")
		requester, agent, ticket := w.requester.ID, w.agent.ID, int(w.ticket.ID)
		joined := add("/organization_memberships", object{"organization_membership": object{"user_id": requester, "organization_id": company}}).number("organization_membership.id")
		works := add("/group_memberships", object{"group_membership": object{"user_id": agent, "group_id": team}}).number("group_membership.id")
		add(fmt.Sprintf("/users/%d/identities", requester), object{"identity": object{"type": "email", "value": "aiko@home.example"}})
		w.as(w.agent).send("PUT", fmt.Sprintf("/tickets/%d", ticket), object{"ticket": object{
			"assignee_id": agent, "group_id": team, "organization_id": company, "comment": object{"body": "Coming", "public": false},
		}}).is(200)
		view := add("/views", object{"view": object{
			"title": "All", "all": []object{{"field": "status", "operator": "less_than", "value": "closed"}}, "output": object{"columns": []string{"subject"}},
		}}).number("view.id")

		const people, companies, teams, tickets = "users.name", "organizations.name", "groups.name", "tickets.subject"
		whole := "users,groups,organizations,tickets,identities,open_ticket_count,nonsense"
		for _, c := range []struct {
			path string
			has  map[string]string
		}{
			{"/tickets?x=", map[string]string{people: "Aiko Tanaka", companies: "Fabrikam", teams: "Returns", "brands.name": "Contoso"}},
			{fmt.Sprintf("/tickets/%d?x=", ticket), map[string]string{people: "Ana Agent", companies: "Fabrikam", teams: "Returns"}},
			{fmt.Sprintf("/tickets/show_many?ids=%d", ticket), map[string]string{people: "Ana Agent", companies: "Fabrikam", teams: "Returns"}},
			{fmt.Sprintf("/tickets/%d/audits?x=", ticket), map[string]string{people: "Ana Agent", companies: "Fabrikam", teams: "Returns", tickets: "My order"}},
			{"/ticket_audits?x=", map[string]string{people: "Ana Agent", companies: "Fabrikam", teams: "Returns", tickets: "My order"}},
			{fmt.Sprintf("/tickets/%d/comments?x=", ticket), map[string]string{people: "Ana Agent"}},
			{fmt.Sprintf("/views/%d/tickets?x=", view), map[string]string{people: "Aiko Tanaka", companies: "Fabrikam", teams: "Returns"}},
			{fmt.Sprintf("/views/%d/execute?x=", view), map[string]string{people: "Aiko Tanaka", companies: "Fabrikam", teams: "Returns"}},
			{"/users?x=", map[string]string{companies: "Fabrikam", teams: "Returns", "identities.value": "aiko@home.example"}},
			{"/users/search?query=aiko", map[string]string{companies: "Fabrikam", "identities.value": "aiko@home.example"}},
			{"/users/autocomplete?name=aiko", map[string]string{companies: "Fabrikam"}},
			{fmt.Sprintf("/users/show_many?ids=%d,%d", requester, agent), map[string]string{companies: "Fabrikam", teams: "Returns", "identities.value": "aiko@home.example"}},
			{fmt.Sprintf("/users/%d?x=", agent), map[string]string{teams: "Returns", "identities.value": "agent1@contoso.example"}},
			{fmt.Sprintf("/organizations/%d/users?x=", company), map[string]string{companies: "Fabrikam"}},
			{"/incremental/users/cursor?start_time=0", map[string]string{}},
			{"/groups?x=", map[string]string{people: "Ana Agent"}},
			{fmt.Sprintf("/groups/%d?x=", team), map[string]string{people: "Ana Agent"}},
			{fmt.Sprintf("/users/%d/groups?x=", agent), map[string]string{people: "Ana Agent"}},
			{"/group_memberships?x=", map[string]string{people: "Ana Agent", teams: "Returns"}},
			{fmt.Sprintf("/group_memberships/%d?x=", works), map[string]string{people: "Ana Agent", teams: "Returns"}},
			{fmt.Sprintf("/groups/%d/memberships?x=", team), map[string]string{people: "Ana Agent", teams: "Returns"}},
			{"/organization_memberships?x=", map[string]string{people: "Aiko Tanaka", companies: "Fabrikam"}},
			{fmt.Sprintf("/organization_memberships/%d?x=", joined), map[string]string{people: "Aiko Tanaka", companies: "Fabrikam"}},
			{fmt.Sprintf("/users/%d/organization_memberships?x=", requester), map[string]string{people: "Aiko Tanaka", companies: "Fabrikam"}},
		} {
			got := admin.get("%s&include=%s", c.path, whole).is(200)
			for place, want := range c.has {
				key, name, _ := strings.Cut(place, ".")
				records, _ := got.body[key].([]any)
				if !slices.ContainsFunc(records, func(r any) bool { return r.(map[string]any)[name] == want }) {
					t.Errorf("%s: no %s among %s: %v", c.path, want, key, records)
				}
			}
			if without := admin.get("%s", c.path).is(200); c.path != fmt.Sprintf("/views/%d/execute?x=", view) {
				for place := range c.has {
					key, _, _ := strings.Cut(place, ".")
					if without.body[key] != nil {
						t.Errorf("%s tells %s unasked", c.path, key)
					}
				}
			}
		}

		me := w.as(w.agent).get("/users/me.json?include=open_ticket_count").is(200)
		if n := me.number(fmt.Sprintf("open_ticket_count.%d", agent)); n != 1 {
			t.Errorf("the agent has %d open tickets: %s", n, me.text)
		}
		found := admin.get("/search?query=aiko&include=tickets(users,groups),users(identities,organizations)").is(200)
		for _, key := range []string{"users", "groups", "identities", "organizations"} {
			if found.body[key] == nil {
				t.Errorf("a search tells %v only", slices.Sorted(maps.Keys(found.body)))
			}
		}
		if scoped := admin.get("/search?query=aiko&include=users(identities)").is(200); scoped.body["users"] != nil || scoped.body["identities"] == nil {
			t.Errorf("a search for identities tells %v", slices.Sorted(maps.Keys(scoped.body)))
		}
		if none := admin.get("/organization_memberships?user_id=%d&include=users", agent).is(200); none.body["users"] == nil {
			t.Error("an empty list tells nobody, where an empty list of people is expected")
		}
	})
}
