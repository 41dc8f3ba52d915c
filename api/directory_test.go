package api

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/access"
	"tandem/bulk"
	"tandem/desk"
	"tandem/directory"
	"tandem/email"
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
		if len(deleted.Users) != 1 || deleted.Users[0].Email != "ann@fabrikam.example" || time.Time(deleted.Users[0].DeletedAt).IsZero() {
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

// bulkOf begins bulk work, does it, and gives what became of each record.
func (w *world) bulkOf(by *caller, method, path string, body any) JobStatus {
	w.t.Helper()
	var begun, ended struct {
		JobStatus JobStatus `json:"job_status"`
	}
	by.want(http.StatusOK, method, path, body, &begun)
	b, err := w.bulk.Get(w.t.Context(), access.System(), begun.JobStatus.ID)
	w.must(err)
	for w.bulk.Work(w.t.Context(), b.ID) != nil {
	}
	by.want(http.StatusOK, "GET", "/job_statuses/"+begun.JobStatus.ID, nil, &ended)
	if ended.JobStatus.Status != "completed" {
		w.t.Fatalf("%s %s ended as %+v", method, path, ended.JobStatus)
	}
	return ended.JobStatus
}

func TestBulkWorkOnPeopleAndOrganizations(t *testing.T) {
	everywhere(t, func(w *world) {
		admin, agent := w.as(w.admin), w.as(w.agent)
		people := []object{
			{"name": "Bo", "email": "bo@bulk.example", "external_id": "B-1"},
			{"name": "Twin", "email": "bo@bulk.example"},
			{"name": "Boss", "email": "boss@bulk.example", "role": "admin"},
		}
		made := w.bulkOf(agent, "POST", "/users/create_many", object{"users": people})
		if made.Refused != 2 || made.Results[0].Status != "Created" || made.Results[1].Code != "email_taken" || made.Results[2].Code != "administrators_only" {
			t.Fatalf("added: %+v", made)
		}
		bo := *made.Results[0].ID
		kept := w.bulkOf(agent, "POST", "/users/create_or_update_many.json", object{"users": []object{
			{"external_id": "B-1", "notes": "Kind"}, {"name": "Cy", "email": "cy@bulk.example"},
		}})
		if kept.Refused != 0 || kept.Results[0].Action != "update" || kept.Results[1].Action != "create" {
			t.Fatalf("kept: %+v", kept)
		}
		cy := *kept.Results[1].ID
		for _, changed := range []JobStatus{
			w.bulkOf(agent, "PUT", fmt.Sprintf("/users/update_many?ids=%d,%d", bo, cy), object{"user": object{"details": "Rua 1"}}),
			w.bulkOf(agent, "PUT", "/users/update_many", object{"users": []object{{"id": cy, "notes": "Quick"}, {"external_id": "B-1", "alias": "B"}}}),
		} {
			if changed.Refused != 0 || changed.Total != 2 {
				t.Errorf("changed: %+v", changed)
			}
		}
		var shown UserShown
		agent.want(http.StatusOK, "GET", fmt.Sprintf("/users/%d", bo), nil, &shown)
		if u := shown.User; u.Notes != "Kind" || u.Details != "Rua 1" || u.Alias != "B" {
			t.Errorf("in the end: %+v", u)
		}

		organizations := w.bulkOf(admin, "POST", "/organizations/create_many", object{"organizations": []object{{"name": "Bulk One", "external_id": "O-1"}, {"name": "BULK ONE"}}})
		if organizations.Refused != 1 || organizations.Results[1].Code != "organization_exists" {
			t.Fatalf("added: %+v", organizations)
		}
		one := *organizations.Results[0].ID
		if named := w.bulkOf(agent, "PUT", "/organizations/update_many?external_ids=O-1", object{"organization": object{"notes": "Pays"}}); named.Refused != 0 {
			t.Errorf("noted: %+v", named)
		}
		if named := w.bulkOf(agent, "PUT", "/organizations/update_many", object{"organizations": []object{{"external_id": "O-1", "name": "Mine"}}}); named.Refused != 1 {
			t.Errorf("an agent renamed it: %+v", named)
		}
		members := w.bulkOf(agent, "POST", "/organization_memberships/create_many", object{"organization_memberships": []object{
			{"user_id": bo, "organization_id": one}, {"user_id": bo, "organization_id": one}, {"user_id": cy, "organization_id": 4711},
		}})
		if members.Refused != 2 || members.Results[1].Code != "already_member" || members.Results[2].Code != "unknown_organization" {
			t.Fatalf("members: %+v", members)
		}
		if left := w.bulkOf(agent, "DELETE", fmt.Sprintf("/organization_memberships/destroy_many?ids=%d", *members.Results[0].ID), nil); left.Refused != 0 {
			t.Errorf("left: %+v", left)
		}
		if gone := w.bulkOf(admin, "DELETE", fmt.Sprintf("/organizations/destroy_many?ids=%d,4711", one), nil); gone.Refused != 1 || gone.Results[1].Code != "not_found" {
			t.Errorf("deleted: %+v", gone)
		}
		if gone := w.bulkOf(admin, "DELETE", fmt.Sprintf("/users/destroy_many?ids=%d,%d", cy, w.agent.ID), nil); gone.Refused != 1 || gone.Results[1].Code != "delete_agent" {
			t.Errorf("deleted: %+v", gone)
		}
	})
}

// A person is added with all that the request names, or not at all.
func TestPersonIsAddedWholeOrNotAtAll(t *testing.T) {
	everywhere(t, func(w *world) {
		agent := w.as(w.agent)
		agent.want(http.StatusUnprocessableEntity, "POST", "/users", object{"user": object{
			"name": "Di", "email": "di@whole.example", "identities": []object{{"type": "email", "value": w.requester.Email}},
		}}, nil)
		var found struct{ Users []User }
		agent.want(http.StatusOK, "GET", "/users/search?query=di@whole.example", nil, &found)
		if len(found.Users) != 0 {
			t.Errorf("left behind: %+v", found.Users)
		}
	})
}

// Somebody who only calls has no mail address, until one is added.
func TestPersonWithoutAnAddress(t *testing.T) {
	everywhere(t, func(w *world) {
		agent, admin := w.as(w.agent), w.as(w.admin)
		var made, twin UserShown
		agent.want(http.StatusCreated, "POST", "/users", object{"user": object{"name": "Caller", "phone": "+81 3 1111 2222"}}, &made)
		agent.want(http.StatusCreated, "POST", "/users", object{"user": object{"name": "Caller"}}, &twin)
		if made.User.Email != "" || made.User.ID == twin.User.ID {
			t.Fatalf("made: %+v and %+v", made.User, twin.User)
		}
		agent.want(http.StatusUnprocessableEntity, "POST", "/users", object{"user": object{"phone": "+81 3 1111 2222"}}, nil)
		admin.want(http.StatusUnprocessableEntity, "POST", "/users", object{"user": object{"name": "Worker", "role": "agent"}}, nil)
		path := fmt.Sprintf("/users/%d", made.User.ID)
		admin.want(http.StatusUnprocessableEntity, "PUT", path, object{"user": object{"role": "agent"}}, nil)

		var ticket struct{ Ticket struct{ ID int64 } }
		agent.want(http.StatusCreated, "POST", "/tickets", object{"ticket": object{
			"requester_id": made.User.ID, "subject": "Called", "comment": object{"body": "We will call back."},
		}}, &ticket)
		w.update(func(tx email.Tx) error {
			mails, err := tx.ListMail(t.Context(), email.MailFilter{Ticket: desk.TicketID(ticket.Ticket.ID)})
			if len(mails) != 0 {
				t.Errorf("written to nobody: %+v", mails[0])
			}
			return err
		})

		var identity struct{ Identity Identity }
		agent.want(http.StatusCreated, "POST", path+"/identities", object{"identity": object{"type": "email", "value": "caller@home.example"}}, &identity)
		agent.want(http.StatusOK, "GET", path, nil, &made)
		if made.User.Email != "caller@home.example" || identity.Identity.ID == 0 {
			t.Errorf("with an address: %+v, %+v", made.User, identity.Identity)
		}
		agent.want(http.StatusOK, "PUT", fmt.Sprintf("/users/%d/merge", twin.User.ID), object{"user": object{"id": made.User.ID}}, nil)
		admin.want(http.StatusOK, "DELETE", path, nil, &made)
		admin.want(http.StatusOK, "GET", fmt.Sprintf("/deleted_users/%d", made.User.ID), nil, nil)
	})
}

func TestBrandHasALogoAndCanBeLaidAside(t *testing.T) {
	everywhere(t, func(w *world) {
		admin, agent := w.as(w.admin), w.as(w.agent)
		var made struct{ Brand Brand }
		admin.want(http.StatusCreated, "POST", "/brands", object{"brand": object{"name": "Fabrikam"}}, &made)
		path := fmt.Sprintf("/brands/%d", made.Brand.ID)
		upload := func(content string) string {
			return admin.send("POST", "/uploads?filename=logo.png", content).is(http.StatusCreated).string("upload.token")
		}
		admin.send("PUT", path, object{"brand": object{"logo": upload("GIF89a")}}).refused(http.StatusUnprocessableEntity, "logo_type")
		admin.send("PUT", path, object{"brand": object{"logo": "unknown"}}).refused(http.StatusUnprocessableEntity, "logo_unfit")
		const picture = "\x89PNG\r\n\x1a\n and so on"
		admin.want(http.StatusOK, "PUT", path, object{"brand": object{"logo": upload(picture)}}, &made)
		if made.Brand.Logo == nil || made.Brand.Logo.ContentType != "image/png" {
			t.Fatalf("with a logo: %+v", made.Brand)
		}
		w.must(w.server.desk.RemoveAbandoned(t.Context())) // the upload is taken, and not removed
		if shown := agent.get("%s", w.path(made.Brand.Logo.ContentURL)); shown.status != http.StatusOK || shown.text != picture || shown.header.Get("Content-Type") != "image/png" {
			t.Errorf("the logo is %d %q", shown.status, shown.text)
		}
		admin.want(http.StatusOK, "PUT", path, object{"brand": object{"logo": "", "active": false}}, &made)
		agent.get("%s/logo", path).is(http.StatusNotFound)
		agent.send("POST", "/tickets", object{"ticket": object{
			"brand_id": made.Brand.ID, "subject": "New", "requester_id": w.requester.ID, "comment": object{"body": "Hello"},
		}}).refused(http.StatusUnprocessableEntity, "brand_inactive")
		admin.send("PUT", path, object{"brand": object{"default": true}}).refused(http.StatusConflict, "default_brand_inactive")
	})
}

func TestDirectoryAsCSV(t *testing.T) {
	everywhere(t, func(w *world) {
		admin, agent := w.as(w.admin), w.as(w.agent)
		admin.want(http.StatusCreated, "POST", "/user_fields", object{"user_field": object{"type": "text", "key": "plan", "title": "Plan"}}, nil)
		admin.want(http.StatusCreated, "POST", "/organizations", object{"organization": object{"name": "=1+1", "domain_names": []string{"csv.example"}}}, nil)
		admin.want(http.StatusCreated, "POST", "/groups", object{"group": object{"name": "Tier 2"}}, nil)
		var people []object
		for i := range 600 { // more than is read at once
			people = append(people, object{"name": fmt.Sprintf("Row %03d", i), "email": fmt.Sprintf("row%d@csv.example", i), "user_fields": object{"plan": "Gold, \"24/7\""}})
		}
		for len(people) > 0 {
			n := min(len(people), bulk.MaxTokenItems)
			w.bulkOf(agent, "POST", "/users/create_many", object{"users": people[:n]})
			people = people[n:]
		}
		read := func(path string) [][]string {
			a := agent.get("%s", path).is(http.StatusOK)
			if a.header.Get("Content-Type") != "text/csv; charset=utf-8" {
				t.Errorf("%s comes as %s", path, a.header.Get("Content-Type"))
			}
			lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.text, "\uFEFF"))).ReadAll()
			w.must(err)
			return lines
		}
		lines := read("/users/export.csv?query=csv.example")
		if len(lines) != 601 || lines[0][len(lines[0])-1] != "user_fields.plan" {
			t.Fatalf("%d lines, the first %v", len(lines), lines[0])
		}
		if last := lines[600]; last[1] != "Row 599" || last[5] != "'=1+1" || last[len(last)-1] != "Gold, \"24/7\"" {
			t.Errorf("the last line is %v", last)
		}
		if lines := read("/organizations/export.csv"); len(lines) != 2 || lines[1][1] != "'=1+1" || lines[1][2] != "csv.example" {
			t.Errorf("organizations: %v", lines)
		}
		if lines := read("/groups/export.csv"); len(lines) != 2 || lines[1][1] != "Tier 2" {
			t.Errorf("teams: %v", lines)
		}
	})
}
