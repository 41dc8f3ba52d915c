package m365sim_test

import (
	"net/url"
	"strings"
	"testing"

	"tandem/m365sim"
)

const team = "team@contoso.example"

// "Get a user", "List users": a path takes ids and principal names; an alias is
// found by a filter on proxyAddresses.
func TestApplicationFindsMailboxByAlias(t *testing.T) {
	w := setup(t)
	app := w.app()
	app.get("/users/hello@contoso.example").refused(404, "Request_ResourceNotFound")
	app.get("/users/hello@contoso.example/messages").refused(404, "ErrorInvalidUser")
	byAddress := func(address string) []map[string]any {
		filter := "proxyAddresses/any(p:p eq 'smtp:" + address + "')"
		return app.get("/users?$select=id,userPrincipalName,proxyAddresses,accountEnabled,assignedLicenses&$filter=" + url.QueryEscape(filter)).expect(200).list("value")
	}
	found := byAddress("Hello@contoso.example")
	if len(found) != 1 || found[0]["userPrincipalName"] != team {
		t.Fatalf("the alias belongs to %v", found)
	}
	if found[0]["accountEnabled"] != false || len(found[0]["assignedLicenses"].([]any)) != 0 {
		t.Errorf("a shared mailbox has no licence and its sign-in is blocked: %v", found[0])
	}
	if n := len(byAddress(team)); n != 1 {
		t.Errorf("%d users have the primary address, want 1", n)
	}
	if n := len(byAddress("nobody@contoso.example")); n != 0 {
		t.Errorf("%d users have an address that does not exist", n)
	}
	w.do("PATCH", "/sim/users/"+team, object{"aliases": []string{"welcome@contoso.example"}}).expect(204)
	if len(byAddress("hello@contoso.example")) != 0 || len(byAddress("welcome@contoso.example")) != 1 {
		t.Error("a changed alias is not the one that is found")
	}
}

// Permissions reference: Mail.* opens mailboxes, not the directory, and
// User.ReadBasic.All shows no addresses.
func TestApplicationNeedsAPermissionForEachThing(t *testing.T) {
	w := setup(t)
	registration := "/sim/applications/" + m365sim.ContosoClientID
	roles := func(names ...string) *graph {
		w.do("PATCH", registration, object{"application_permissions": names}).expect(200)
		return w.app()
	}
	mail := roles("Mail.ReadWrite")
	mail.get("/users/" + team + "/mailFolders/inbox").expect(200)
	mail.get("/users/"+team).refused(403, "Authorization_RequestDenied")
	mail.post("/users/"+team+"/sendMail", object{"message": object{}}).refused(403, "ErrorAccessDenied")

	basic := roles("User.ReadBasic.All")
	basic.get("/users/" + team + "?$select=id,displayName").expect(200)
	basic.get("/users/"+team+"?$select=proxyAddresses").refused(403, "Authorization_RequestDenied")
	basic.get("/users/"+team+"/messages").refused(403, "ErrorAccessDenied")

	roles("Mail.ReadWrite", "User.Read.All").get("/users/" + team + "?$select=proxyAddresses").expect(200)
}

// The director's mailbox is outside of the policy; one without a licence is no mailbox at all.
func TestApplicationIsKeptOutOfSomeMailboxes(t *testing.T) {
	w := setup(t)
	app := w.app()
	app.get("/users/" + team + "/messages").expect(200)
	refused := app.get("/users/ceo@contoso.example/messages").refused(403, "ErrorAccessDenied")
	if !strings.Contains(refused.text("error", "message"), "AppOnly AccessPolicy") {
		t.Errorf("refusal: %s", refused.body)
	}
	app.get("/users/ceo@contoso.example").expect(200) // the policy is about mail
	w.as("ceo@contoso.example").get("/me/messages").expect(200)

	w.do("PATCH", "/sim/users/"+team, object{"mailbox": false}).expect(204)
	app.get("/users/"+team+"/messages").refused(404, "MailboxNotEnabledForRESTAPI")
	if got := app.get("/users/" + team + "?$select=mail,proxyAddresses").expect(200); got.at("mail") != nil {
		t.Errorf("a user without mailbox has the address %v", got.at("mail"))
	}
}

// "List childFolders", "Create child folder": folders lie in folders, and a
// mail that is moved keeps its immutable id.
func TestMailMovesBetweenChildFolders(t *testing.T) {
	w := setup(t)
	app := w.app().immutable()
	inbox := "/users/" + team + "/mailFolders/inbox"
	orders := app.post(inbox+"/childFolders", object{"displayName": "Orders"}).expect(201).text("id")
	w.do("POST", "/sim/mailboxes/"+team+"/folders", object{"name": "Urgent", "parent": "Orders"}).expect(201)

	listed := app.get(inbox + "/childFolders?$select=displayName,childFolderCount,parentFolderId").expect(200).list("value")
	if len(listed) != 1 || listed[0]["displayName"] != "Orders" || listed[0]["childFolderCount"] != float64(1) ||
		listed[0]["parentFolderId"] != app.get(inbox).text("id") {
		t.Fatalf("below the Inbox lie %v", listed)
	}
	id := w.deliver(team, "an order")
	app.post("/users/"+team+"/messages/"+id+"/move", object{"destinationId": orders}).expect(201)
	changes := app.get("/users/" + team + "/mailFolders/" + orders + "/messages/delta").expect(200).list("value")
	if len(changes) != 1 || changes[0]["id"] != id {
		t.Errorf("the folder's changes are %v, want the mail by its id", changes)
	}
	w.do("PATCH", "/sim/mailboxes/"+team+"/messages/"+id, object{"folder": "Urgent"}).expect(200)
	if n := len(w.mails(team, "Urgent")); n != 1 {
		t.Errorf("%d mails in the inner folder, want 1", n)
	}
}
