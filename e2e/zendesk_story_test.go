package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nukosuke/go-zendesk/zendesk"

	"tandem/config"
)

// zendeskUser is the administrator as a client of Zendesk's API signs in.
func (w *World) zendeskUser() (email, token string) {
	w.Helper()
	var me struct{ User struct{ Email string } }
	w.API.Get("/api/v2/users/me.json").Want(200).Into(&me)
	return me.User.Email, w.API.Token
}

// zendeskClient is the public client for Go, signed in as the administrator.
func (w *World) zendeskClient() *zendesk.Client {
	w.Helper()
	client, err := zendesk.NewClient(http.DefaultClient)
	if err == nil {
		err = client.SetEndpointURL(w.URL + "/api/v2")
	}
	if err != nil {
		w.Fatal(err)
	}
	client.SetCredential(zendesk.NewAPITokenCredential(w.zendeskUser()))
	return client
}

// The public Go client, unchanged, works on Tandem as on Zendesk.
func TestZendeskClientForGo(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{})
	ctx, client := t.Context(), w.zendeskClient()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}

	upload := client.UploadAttachment(ctx, "note.txt", "")
	_, err := upload.Write([]byte("from a client"))
	must(err)
	file, err := upload.Close()
	must(err)
	if file.Attachment.Size != 13 || !strings.HasPrefix(file.Attachment.ContentURL, w.URL) {
		t.Errorf("uploaded %+v", file)
	}
	if text := w.API.Get(file.Attachment.ContentURL).Want(200).Body; string(text) != "from a client" {
		t.Errorf("the file is %q", text)
	}

	made, err := client.CreateTicket(ctx, zendesk.Ticket{
		Subject: "From go-zendesk", Requester: &zendesk.Requester{Name: "Gina", Email: "gina@customer.example"}, Tags: []string{"go"},
		Comment: &zendesk.TicketComment{Body: "Hello", Uploads: []string{file.Token}},
	})
	must(err)
	shown, err := client.GetTicket(ctx, made.ID)
	must(err)
	if shown.Subject != "From go-zendesk" || shown.Status != "new" {
		t.Errorf("made %+v", shown)
	}
	must(second(client.GetAttachment(ctx, file.Attachment.ID)))
	changed, err := client.UpdateTicket(ctx, made.ID, zendesk.Ticket{Status: "pending", Priority: "high"})
	must(err)
	if changed.Status != "pending" || changed.Priority != "high" {
		t.Errorf("changed to %+v", changed)
	}
	tags, err := client.AddTicketTags(ctx, made.ID, []zendesk.Tag{"go", "Late Payer"})
	must(err)
	read, err := client.GetTicketTags(ctx, made.ID)
	must(err)
	if want := []zendesk.Tag{"go", "late_payer"}; !slices.Equal(tags, want) || !slices.Equal(read, want) {
		t.Errorf("added tags, and has %v, reads %v", tags, read)
	}
	me := []int64{made.SubmitterID}
	followed, err := client.UpdateTicket(ctx, made.ID, zendesk.Ticket{FollowerIDs: me})
	must(err)
	if !slices.Equal(followed.FollowerIDs, me) || len(followed.EmailCCIDs) != 0 {
		t.Errorf("followed by %v, in copy %v", followed.FollowerIDs, followed.EmailCCIDs)
	}
	_, err = client.CreateTicketComment(ctx, made.ID, zendesk.NewPrivateTicketComment("Internal", 0))
	must(err)
	comments, err := client.ListTicketComments(ctx, made.ID, nil)
	must(err)
	if len(comments.TicketComments) != 2 {
		t.Errorf("comments %+v", comments)
	}
	several, err := client.GetMultipleTickets(ctx, []int64{made.ID, 999999})
	must(err)
	if len(several) != 1 {
		t.Errorf("several %+v", several)
	}
	tickets, _, err := client.GetTickets(ctx, &zendesk.TicketListOptions{PageOptions: zendesk.PageOptions{PerPage: 10}})
	must(err)
	if len(tickets) == 0 {
		t.Error("no tickets are listed")
	}
	audits, _, err := client.GetTicketAudits(ctx, made.ID, zendesk.PageOptions{})
	must(err)
	if len(audits) < 3 {
		t.Errorf("audits %+v", audits)
	}
	locales, err := client.GetLocales(ctx)
	must(err)
	if len(locales) != 3 {
		t.Errorf("languages %+v", locales)
	}
	people, _, err := client.GetUsers(ctx, &zendesk.UserListOptions{})
	must(err)
	if len(people) < 2 {
		t.Errorf("people %+v", people)
	}
	must(second(client.GetUser(ctx, made.RequesterID)))
	_, _, err = client.GetGroups(ctx, &zendesk.GroupListOptions{})
	must(err)
	_, _, err = client.GetTriggers(ctx, &zendesk.TriggerListOptions{})
	must(err)
	if _, err := client.GetTicket(ctx, 999999); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("a ticket that does not exist: %v", err)
	}
}

// The same client keeps people, their groupings, and the rules of a desk.
func TestZendeskClientForGoKeepsPeopleAndRules(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{})
	ctx, client := t.Context(), w.zendeskClient()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}

	must(second(client.CreateGroup(ctx, zendesk.Group{Name: "Those who stay"}))) // the first one is everybody's default, and stays
	group, err := client.CreateGroup(ctx, zendesk.Group{Name: "Walkers"})
	must(err)
	group, err = client.UpdateGroup(ctx, group.ID, zendesk.Group{Name: "Strollers"})
	must(err)
	groups, _, err := client.GetGroups(ctx, &zendesk.GroupListOptions{})
	must(err)
	if group.Name != "Strollers" || len(groups) != 2 || !slices.ContainsFunc(groups, func(g zendesk.Group) bool { return g.ID == group.ID }) {
		t.Errorf("group %+v among %+v", group, groups)
	}
	must(second2(client.GetGroupMemberships(ctx, &zendesk.GroupMembershipListOptions{GroupID: group.ID})))

	person, err := client.CreateUser(ctx, zendesk.User{Name: "Gil", Email: "gil@customer.example"})
	must(err)
	person, err = client.UpdateUser(ctx, person.ID, zendesk.User{Name: "Gil Blas"})
	must(err)
	again, err := client.CreateOrUpdateUser(ctx, zendesk.User{Name: "Gil Blas", Email: "gil@customer.example"})
	must(err)
	found, _, err := client.SearchUsers(ctx, &zendesk.SearchUsersOptions{Query: "blas"})
	must(err)
	if person.Name != "Gil Blas" || again.ID != person.ID || len(found) != 1 || found[0].ID != person.ID {
		t.Errorf("person %+v, again %+v, found %+v", person, again, found)
	}

	organization, err := client.CreateOrganization(ctx, zendesk.Organization{Name: "Santillane", DomainNames: []string{"santillane.example"}, ExternalID: "S-1"})
	must(err)
	ofPerson, err := client.AddUserTags(ctx, person.ID, []zendesk.Tag{"reader"})
	must(err)
	ofOrganization, err := client.AddOrganizationTags(ctx, organization.ID, []zendesk.Tag{"library"})
	must(err)
	readPerson, err := client.GetUserTags(ctx, person.ID)
	must(err)
	readOrganization, err := client.GetOrganizationTags(ctx, organization.ID)
	must(err)
	if !slices.Equal(ofPerson, []zendesk.Tag{"reader"}) || !slices.Equal(readPerson, ofPerson) || !slices.Equal(ofOrganization, []zendesk.Tag{"library"}) || !slices.Equal(readOrganization, ofOrganization) {
		t.Errorf("tags %v %v, %v %v", ofPerson, readPerson, ofOrganization, readOrganization)
	}
	membership, err := client.CreateOrganizationMembership(ctx, zendesk.OrganizationMembershipOptions{OrganizationID: organization.ID, UserID: person.ID})
	must(err)
	members, _, err := client.GetOrganizationUsers(ctx, organization.ID, &zendesk.UserListOptions{})
	must(err)
	byExternal, _, err := client.GetOrganizationByExternalID(ctx, "S-1")
	must(err)
	if membership.UserID != person.ID || len(members) != 1 || members[0].ID != person.ID || len(byExternal) != 1 || byExternal[0].Name != "Santillane" {
		t.Errorf("membership %+v, members %+v, by external id %+v", membership, members, byExternal)
	}

	field, err := client.CreateTicketField(ctx, zendesk.TicketField{
		Type: "tagger", Title: "Book", CustomFieldOptions: []zendesk.CustomFieldOption{{Name: "Second", Value: "second_book"}},
	})
	must(err)
	fields, _, err := client.GetTicketFields(ctx)
	must(err)
	if len(field.CustomFieldOptions) != 1 || fields[len(fields)-1].ID != field.ID {
		t.Errorf("field %+v, all %+v", field, fields)
	}
	var trigger zendesk.Trigger
	trigger.Title, trigger.Active = "Mark books", true
	trigger.Conditions.All = []zendesk.TriggerCondition{{Field: fmt.Sprintf("custom_fields_%d", field.ID), Operator: "is", Value: "second_book"}}
	trigger.Actions = []zendesk.TriggerAction{{Field: "current_tags", Value: "read"}}
	trigger, err = client.CreateTrigger(ctx, trigger)
	must(err)
	ticket, err := client.CreateTicket(ctx, zendesk.Ticket{
		Subject: "The second book", RequesterID: person.ID, Comment: &zendesk.TicketComment{Body: "Where is it?"},
		CustomFields: []zendesk.CustomField{{ID: field.ID, Value: "second_book"}},
	})
	must(err)
	tags, err := client.GetTicket(ctx, ticket.ID)
	must(err)
	if !slices.Contains(tags.Tags, "read") || !slices.Contains(tags.Tags, "second_book") || !slices.Contains(tags.Tags, "reader") || !slices.Contains(tags.Tags, "library") {
		t.Errorf("tags %v", tags.Tags)
	}
	must(client.DeleteTrigger(ctx, trigger.ID))

	macro, err := client.CreateMacro(ctx, zendesk.Macro{Title: "Found", Active: true, Actions: []zendesk.MacroAction{{Field: "status", Value: "solved"}}})
	must(err)
	macros, _, err := client.GetMacros(ctx, nil)
	must(err)
	if len(macros) != 1 || macros[0].ID != macro.ID || macros[0].Actions[0].Value != "solved" {
		t.Errorf("macros %+v", macros)
	}
	must(client.DeleteMacro(ctx, macro.ID))

	views, _, err := client.GetViews(ctx)
	must(err)
	var unsolved zendesk.View
	for _, v := range views {
		if v.Title == "All unsolved tickets" || v.Title == "Open" || unsolved.ID == 0 {
			unsolved = v
		}
	}
	counts, err := client.GetCountTicketsInViews(ctx, []string{strconv.FormatInt(unsolved.ID, 10)})
	must(err)
	listed, _, err := client.GetTicketsFromView(ctx, unsolved.ID, nil)
	must(err)
	if len(counts) != 1 || int(counts[0].Value) != len(listed) {
		t.Errorf("view %+v counts %+v, lists %d", unsolved, counts, len(listed))
	}

	results, _, err := client.Search(ctx, &zendesk.SearchOptions{Query: "type:ticket second book"})
	must(err)
	if all := results.List(); len(all) != 1 || all[0].(zendesk.Ticket).ID != ticket.ID {
		t.Errorf("searched %+v", all)
	}
	n, err := client.SearchCount(ctx, &zendesk.CountOptions{Query: "type:organization santillane"})
	must(err)
	if n != 1 {
		t.Errorf("%d organizations are found", n)
	}
	pages := client.GetTicketsIterator(ctx, &zendesk.PaginationOptions{PageSize: 1, IsCBP: true})
	seen := 0
	for pages.HasMore() {
		page, err := pages.GetNext()
		must(err)
		seen += len(page)
	}
	if seen != 1 {
		t.Errorf("%d tickets, page by page", seen)
	}
	everybody, _, err := client.GetUsers(ctx, &zendesk.UserListOptions{})
	must(err)
	byPage := client.GetUsersIterator(ctx, &zendesk.PaginationOptions{PageSize: 1, IsCBP: true, CommonOptions: zendesk.CommonOptions{Sort: "-id"}})
	var last int64
	for n = 0; byPage.HasMore(); n++ {
		page, err := byPage.GetNext()
		must(err)
		if len(page) != 1 || last != 0 && page[0].ID >= last {
			t.Errorf("behind person %d comes %+v", last, page)
		}
		last = page[0].ID
	}
	if n != len(everybody) {
		t.Errorf("%d people page by page, %d at once", n, len(everybody))
	}
	must(client.DeleteTicketField(ctx, field.ID))
	must(client.DeleteOrganization(ctx, organization.ID))
	must(client.DeleteGroup(ctx, group.ID))
	if gone, err := client.GetGroup(ctx, group.ID); err != nil || !gone.Deleted {
		t.Errorf("the deleted group is %+v (%v)", gone, err)
	}
}

// second2 is second of two results.
func second2[T, U any](_ T, _ U, err error) error { return err }

// second gives the error of a call whose result does not matter.
func second[T any](_ T, err error) error { return err }

// The public client for Node, unchanged, works on Tandem as on Zendesk.
func TestZendeskClientForNode(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(filepath.Join("zendesk", "node_modules", "node-zendesk")); err != nil {
		install := exec.Command("npm", "ci", "--no-audit", "--no-fund")
		install.Dir = "zendesk"
		if text, err := install.CombinedOutput(); err != nil {
			t.Fatalf("npm ci in e2e/zendesk: %v\n%s", err, text)
		}
	}
	w := Open(t, Options{Adjust: func(c *config.Config) { c.RateLimit = 700 }}) // its last step goes beyond it
	email, token := w.zendeskUser()
	walk := exec.CommandContext(t.Context(), "node", "walk.mjs")
	walk.Dir = "zendesk"
	walk.Env = append(os.Environ(), "TANDEM_URL="+w.URL, "ZENDESK_USER="+email, "ZENDESK_TOKEN="+token)
	if text, err := walk.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}
