package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// A count beside a list is how many the list has.
func TestCountsBesideListsAgreeWithThem(t *testing.T) {
	everywhere(t, func(w *world) {
		admin := w.as(w.admin)
		add := func(path string, body object) *answer { return admin.send("POST", path, body).is(http.StatusCreated) }
		company := add("/organizations", object{"organization": object{"name": "Fabrikam"}}).number("organization.id")
		team := add("/groups", object{"group": object{"name": "Returns"}}).number("group.id")
		add("/organization_memberships", object{"organization_membership": object{"user_id": w.requester.ID, "organization_id": company}})
		add("/group_memberships", object{"group_membership": object{"user_id": w.agent.ID, "group_id": team}})
		ticket := fmt.Sprintf("/tickets/%d", w.ticket.ID)
		admin.send("PUT", ticket, object{"ticket": object{
			"assignee_id": w.agent.ID, "organization_id": company, "email_ccs": []object{{"user_email": "carla@client.example"}},
		}}).is(200)
		copied := admin.get("/users/search?query=carla").is(200).number("users.0.id")

		for path, n := range map[string]int{
			ticket + "/audits": 3, ticket + "/comments": 1, "/users": 4, "/groups": 1, "/organizations": 1,
			fmt.Sprintf("/groups/%d/users", team): 1, fmt.Sprintf("/organizations/%d/users", company): 1, fmt.Sprintf("/organizations/%d/tickets", company): 1,
			fmt.Sprintf("/users/%d/groups", w.agent.ID): 1, fmt.Sprintf("/users/%d/organizations", w.requester.ID): 1, fmt.Sprintf("/users/%d/identities", w.requester.ID): 1,
			fmt.Sprintf("/users/%d/tickets/assigned", w.agent.ID): 1, fmt.Sprintf("/users/%d/tickets/assigned", w.admin.ID): 0,
			fmt.Sprintf("/users/%d/tickets/ccd", copied): 1, fmt.Sprintf("/users/%d/tickets/ccd", w.agent.ID): 0,
		} {
			counted, listed := admin.get("%s/count.json", path).is(200).number("count.value"), admin.get("%s", path).is(200).number("count")
			if counted != n || listed != n {
				t.Errorf("%s: counted %d, listed %d, want %d", path, counted, listed, n)
			}
		}
		if refused := admin.get("/tickets/999999/audits/count"); refused.status != 404 || !strings.Contains(refused.text, "RecordNotFound") {
			t.Errorf("the changes of no ticket: %s", refused.text)
		}
	})
}
