package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/directory"
)

func TestOrganizationsAsZendeskHasThem(t *testing.T) {
	everywhere(t, func(w *world) {
		admin, agent := w.as(w.admin), w.as(w.agent)
		var made struct{ Organization Organization }
		admin.want(http.StatusCreated, "POST", "/organizations.json", object{"organization": object{
			"name": "Fabrikam", "external_id": "F-1", "domain_names": []string{"Fabrikam.example", "gmail.com"}, "tags": []string{"VIP"},
		}}, &made)
		o := made.Organization
		if o.ExternalID == nil || *o.ExternalID != "F-1" || len(o.DomainNames) != 2 || len(o.FreeMailDomains) != 1 || o.Tags[0] != "vip" {
			t.Fatalf("made: %+v", o)
		}
		path := fmt.Sprintf("/organizations/%d", o.ID)
		agent.want(http.StatusForbidden, "PUT", path, object{"organization": object{"name": "Mine"}}, nil)
		agent.want(http.StatusOK, "PUT", path, object{"organization": object{"notes": "Pays late"}}, &made)
		if made.Organization.Notes != "Pays late" || made.Organization.Name != "Fabrikam" {
			t.Errorf("with notes: %+v", made.Organization)
		}
		admin.want(http.StatusOK, "POST", "/organizations/create_or_update.json", object{"organization": object{"external_id": "F-1", "name": "Fabrikam Inc"}}, &made)
		if made.Organization.ID != o.ID || made.Organization.Name != "Fabrikam Inc" {
			t.Errorf("updated by external id: %+v", made.Organization)
		}
		admin.want(http.StatusCreated, "POST", "/organizations/create_or_update", object{"organization": object{"external_id": "N-1", "name": "Northwind"}}, &made)

		for query, n := range map[string]int{
			"/organizations.json": 2, "/organizations.json?page[size]=1": 1, "/organizations/autocomplete.json?name=FABR": 1,
			"/organizations/search.json?external_id=N-1": 1, "/organizations/search.json?name=northwind": 1,
			"/organizations/show_many.json?external_ids=N-1,F-1": 2, fmt.Sprintf("/organizations/show_many.json?ids=%d", o.ID): 1,
		} {
			var list struct{ Organizations []Organization }
			agent.want(http.StatusOK, "GET", query, nil, &list)
			if len(list.Organizations) != n {
				t.Errorf("%s gives %d, want %d", query, len(list.Organizations), n)
			}
		}
		admin.want(http.StatusNoContent, "DELETE", path, nil, nil)
		admin.want(http.StatusNotFound, "GET", path, nil, nil)
	})
}

func TestMembershipsAsZendeskHasThem(t *testing.T) {
	everywhere(t, func(w *world) {
		admin := w.as(w.admin)
		var ids []int64
		for _, name := range []string{"Fabrikam", "Northwind"} {
			var made struct{ Organization Organization }
			admin.want(http.StatusCreated, "POST", "/organizations", object{"organization": object{"name": name}}, &made)
			var member struct {
				Membership OrganizationMembership `json:"organization_membership"`
			}
			admin.want(http.StatusCreated, "POST", "/organization_memberships.json", object{"organization_membership": object{
				"user_id": w.requester.ID, "organization_id": made.Organization.ID,
			}}, &member)
			ids = append(ids, member.Membership.ID)
		}
		var list struct {
			Memberships []OrganizationMembership `json:"organization_memberships"`
		}
		path := fmt.Sprintf("/users/%d/organization_memberships", w.requester.ID)
		admin.want(http.StatusOK, "PUT", fmt.Sprintf("%s/%d/make_default.json", path, ids[1]), nil, &list)
		if len(list.Memberships) != 2 || list.Memberships[0].Default || !list.Memberships[1].Default {
			t.Errorf("memberships: %+v", list.Memberships)
		}
		var shown UserShown
		admin.want(http.StatusOK, "GET", fmt.Sprintf("/users/%d.json", w.requester.ID), nil, &shown)
		if shown.User.OrganizationID == nil || *shown.User.OrganizationID != list.Memberships[1].OrganizationID {
			t.Errorf("the person's organization is %v", shown.User.OrganizationID)
		}
		admin.want(http.StatusNoContent, "DELETE", fmt.Sprintf("/organization_memberships/%d.json", ids[1]), nil, nil)
		admin.want(http.StatusOK, "GET", path, nil, &list)
		if len(list.Memberships) != 1 || !list.Memberships[0].Default {
			t.Errorf("what is left: %+v", list.Memberships)
		}
	})
}

func TestMembersAreListedInPages(t *testing.T) {
	everywhere(t, func(w *world) {
		admin := w.as(w.admin)
		var made struct{ Organization Organization }
		admin.want(http.StatusCreated, "POST", "/organizations", object{"organization": object{"name": "Fabrikam"}}, &made)
		for _, u := range []*directory.User{w.admin, w.agent, w.requester} {
			admin.want(http.StatusCreated, "POST", fmt.Sprintf("/users/%d/organization_memberships", u.ID), object{
				"organization_membership": object{"organization_id": made.Organization.ID},
			}, nil)
		}
		type page struct {
			Users []User
			Count int
			Next  *string `json:"next_page"`
		}
		path := fmt.Sprintf("/organizations/%d/users.json", made.Organization.ID)
		var all, first page
		admin.want(http.StatusOK, "GET", path, nil, &all)
		if len(all.Users) != 3 || all.Count != 3 || all.Next != nil {
			t.Errorf("%d of %d members, then %v", len(all.Users), all.Count, all.Next)
		}
		admin.want(http.StatusOK, "GET", path+"?per_page=2", nil, &first)
		if len(first.Users) != 2 || first.Next == nil || !strings.Contains(*first.Next, "page=2") {
			t.Errorf("%d members on the first page, then %v", len(first.Users), first.Next)
		}
	})
}

func TestPeopleAsZendeskHasThem(t *testing.T) {
	everywhere(t, func(w *world) {
		admin := w.as(w.admin)
		var made UserShown
		admin.want(http.StatusCreated, "POST", "/users/create_or_update.json", object{"user": object{
			"name": "Ann", "email": "ann@fabrikam.example", "external_id": "A-1", "phone": "+81 3 1234 5678", "tags": []string{"VIP"}, "notes": "Kind",
		}}, &made)
		u := made.User
		if u.Phone == nil || *u.Phone != "+81312345678" || u.Notes != "Kind" || !u.Active || u.LastLoginAt != (stamp{}) {
			t.Fatalf("made: %+v", u)
		}
		admin.want(http.StatusOK, "POST", "/users/create_or_update.json", object{"user": object{"external_id": "A-1", "details": "Rua 1"}}, &made)
		if made.User.ID != u.ID || made.User.Details != "Rua 1" || made.User.Notes != "Kind" {
			t.Errorf("updated by external id: %+v", made.User)
		}
		for query, n := range map[string]int{
			"/users/search.json?external_id=A-1": 1, "/users/autocomplete.json?name=ann": 1, "/users/show_many.json?external_ids=A-1": 1,
			fmt.Sprintf("/users.json?organization_id=%d", 4711): 0,
		} {
			var list struct{ Users []User }
			admin.want(http.StatusOK, "GET", query, nil, &list)
			if len(list.Users) != n {
				t.Errorf("%s gives %d, want %d", query, len(list.Users), n)
			}
		}
		admin.want(http.StatusOK, "DELETE", fmt.Sprintf("/users/%d.json", u.ID), nil, &made)
		if made.User.Active {
			t.Error("the deleted person is active")
		}
		var deleted struct {
			Users []User `json:"deleted_users"`
		}
		admin.want(http.StatusOK, "GET", "/deleted_users.json", nil, &deleted)
		if len(deleted.Users) != 1 || deleted.Users[0].Email != "ann@fabrikam.example" {
			t.Errorf("deleted: %+v", deleted.Users)
		}
		admin.want(http.StatusNotFound, "GET", fmt.Sprintf("/deleted_users/%d.json", w.requester.ID), nil, nil)
		admin.want(http.StatusConflict, "PUT", fmt.Sprintf("/users/%d.json", u.ID), object{"user": object{"notes": "x"}}, nil)
	})
}

func TestTeamsAsZendeskHasThem(t *testing.T) {
	everywhere(t, func(w *world) {
		admin := w.as(w.admin)
		var first, second struct{ Group Group }
		admin.want(http.StatusCreated, "POST", "/groups.json", object{"group": object{"name": "First line", "description": "Answers first"}}, &first)
		admin.want(http.StatusCreated, "POST", "/groups.json", object{"group": object{"name": "Second line"}}, &second)
		if !first.Group.Default || second.Group.Default {
			t.Errorf("the first team is the default one: %+v, %+v", first.Group, second.Group)
		}
		admin.want(http.StatusUnprocessableEntity, "POST", "/groups.json", object{"group": object{"name": "FIRST LINE"}}, nil)
		admin.want(http.StatusCreated, "POST", fmt.Sprintf("/users/%d/group_memberships.json", w.agent.ID), object{"group_membership": object{"group_id": first.Group.ID}}, nil)
		var list struct {
			Memberships []GroupMembership `json:"group_memberships"`
		}
		admin.want(http.StatusOK, "GET", fmt.Sprintf("/groups/%d/memberships/assignable.json", first.Group.ID), nil, &list)
		if len(list.Memberships) != 1 || !list.Memberships[0].Default {
			t.Errorf("members: %+v", list.Memberships)
		}
		admin.want(http.StatusConflict, "DELETE", fmt.Sprintf("/groups/%d.json", first.Group.ID), nil, nil)
		admin.want(http.StatusNoContent, "DELETE", fmt.Sprintf("/groups/%d.json", second.Group.ID), nil, nil)
		var related struct {
			Related GroupRelated `json:"group_related"`
		}
		admin.want(http.StatusOK, "GET", fmt.Sprintf("/groups/%d/related", first.Group.ID), nil, &related)
		if related.Related.Members != 1 {
			t.Errorf("used in: %+v", related.Related)
		}
	})
}

// want sends a request, expects the status and reads the answer.
func (c *caller) want(status int, method, path string, body, into any) {
	c.w.t.Helper()
	a := c.send(method, path, body)
	a.is(status)
	if into != nil {
		c.w.must(json.Unmarshal([]byte(a.text), into))
	}
}

// Tests read what the API shows.
func (s *stamp) UnmarshalJSON(data []byte) error   { return (*time.Time)(s).UnmarshalJSON(data) }
func (i *instant) UnmarshalJSON(data []byte) error { return (*time.Time)(i).UnmarshalJSON(data) }
