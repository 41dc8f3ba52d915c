package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tandem/m365sim"
)

type preflight struct {
	FinishedAt *string `json:"finished_at"`
	Checks     []check
}

type check struct {
	Name, Verdict, Called, Code string
	RequestID                   string `json:"request_id"`
	Evidence                    []struct{ Name, Value string }
	Commands                    []string
	Error                       *struct{ Code, Side, Remedy string }
}

func (c check) evidence(name string) string {
	for _, fact := range c.Evidence {
		if fact.Name == name {
			return fact.Value
		}
	}
	return ""
}

// examine runs a preflight of the address and returns its lines by name.
func (w *World) examine(address int64) map[string]check {
	w.Helper()
	path := fmt.Sprintf("/api/v2/recipient_addresses/%d/preflight", address)
	w.API.Post(path, nil).Want(201)
	var shown struct{ Preflight preflight }
	w.Until("every line judged", func() bool {
		shown.Preflight = preflight{}
		w.API.Get(path).Want(200).Into(&shown)
		return shown.Preflight.FinishedAt != nil
	})
	lines := make(map[string]check)
	for _, c := range shown.Preflight.Checks {
		lines[c.Name] = c
	}
	return lines
}

// verdicts are the lines as "name:verdict:code", those that are ok left out.
func verdicts(lines map[string]check) string {
	var all []string
	for name, c := range lines {
		if c.Verdict == "ok" {
			continue
		}
		line := name + ":" + c.Verdict
		if c.Error != nil {
			line += ":" + c.Error.Code
		}
		all = append(all, line)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// allowOnly lets an access policy open these mailboxes to the application, and no others.
func (w *World) allowOnly(mailboxes ...string) {
	w.Helper()
	w.SimAPI().Put("/sim/applications/"+m365sim.ContosoClientID+"/access_policy", map[string]any{"mailboxes": mailboxes}).Want(200)
}

// nothingLeft makes sure that looking at a mailbox changed nothing in it.
func (w *World) nothingLeft(mailbox string, subscriptions int) {
	w.Helper()
	for _, folder := range []string{"inbox", "Tandem", "sentitems", "drafts"} {
		if left := w.Folder(mailbox, folder); len(left) > 0 {
			w.Errorf("%q is left in %s", left[0].Subject, folder)
		}
	}
	if got := w.subscriptions(); len(got) != subscriptions {
		w.Errorf("%d subscriptions after the preflight, want %d: %+v", len(got), subscriptions, got)
	}
}

// All that a healthy address needs is found by calls that need it, and nothing of them stays.
func TestPreflightOfHealthyAddresses(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{})
	signedIn := w.Connect(Support, false)
	w.Until("notifications", func() bool { return w.connection(Support).Mode == "push" })
	lines := w.examine(signedIn)
	if got := verdicts(lines); got != "other_mailboxes:skipped:one_mailbox_only" {
		t.Errorf("by a sign-in: %s", got)
	}
	if got := lines["sign_in"].evidence("permissions"); !strings.Contains(got, "Mail.Send") {
		t.Errorf("the token lists %q", got)
	}
	w.nothingLeft(Support, 1)

	w.allowOnly(Support, Team)
	application := w.openByApplication(map[string]any{"email": Team})
	lines = w.examine(application.AddressID)
	if got := verdicts(lines); got != "" {
		t.Errorf("by application permission: %s", got)
	}
	if got := lines["other_mailboxes"].evidence("refused"); !strings.Contains(got, "ceo@contoso.example") && !strings.Contains(got, "admin@contoso.example") {
		t.Errorf("refused mailboxes are %q", got)
	}
	w.nothingLeft(Team, 2)
}

// What Microsoft refuses is judged by its refusal, not by what the token lists;
// each line says whose side it is on and what to do.
func TestPreflightSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{})
	signedIn := w.Connect(Support, false)
	w.allowOnly(Support, Team)
	application := w.openByApplication(map[string]any{"email": Team}).AddressID
	for _, c := range []struct {
		name    string
		address int64
		fault   Fault
		want    string
	}{
		{"sending taken back", signedIn, Fault{"kind": "deny", "path": "/send"}, "other_mailboxes:skipped:one_mailbox_only send:failed:permission_missing send_as:skipped:needs_send"},
		{"sending taken back from the application", application, Fault{"kind": "deny", "path": "/send"}, "send:failed:application_permission_missing send_as:skipped:needs_send"},
		{"no right to the folder", application, Fault{"kind": "deny", "path": "/move"}, "file:failed:application_permission_missing"},
		{"not to be notified", application, Fault{"kind": "deny", "path": "/subscriptions", "method": "POST"}, "notifications:failed:application_permission_missing"},
		{"directory shut", application, Fault{"kind": "deny", "path": "/users?"}, "other_mailboxes:skipped:directory_not_readable"},
		{"Microsoft does not answer", application, Fault{"kind": "server_errors", "path": "/$value"}, ""},
	} {
		w.Break(c.fault)
		lines := w.examine(c.address)
		if got := verdicts(lines); got != c.want {
			t.Errorf("%s: %s\nwant %s", c.name, got, c.want)
		}
		for name, line := range lines {
			if line.Verdict == "failed" && (line.Error.Side != "admin" || line.Error.Remedy == "" || line.Called == "" || line.Code == "" || line.RequestID == "") {
				t.Errorf("%s: the line %s does not say all: %+v, %+v", c.name, name, line, line.Error)
			}
		}
		w.Mend()
	}

	// The mailbox is no longer among those that the policy lists.
	w.allowOnly(Support)
	lines := w.examine(application)
	if got := verdicts(lines); !strings.Contains(got, "mailbox:failed:access_policy_refuses") || !strings.Contains(got, "read:skipped:needs_mailbox") {
		t.Errorf("outside of the policy: %s", got)
	}
	if got := strings.Join(lines["mailbox"].Commands, "\n"); !strings.Contains(got, "Test-ApplicationAccessPolicy -Identity '"+Team+"' -AppId '"+m365sim.ContosoClientID+"'") {
		t.Errorf("the commands are\n%s", got)
	}
	w.nothingLeft(Team, 2)

	// The licence was taken away.
	w.allowOnly(Support, Team)
	w.SimAPI().Do("PATCH", "/sim/users/"+Team, map[string]any{"mailbox": false}).Want(204)
	if got := verdicts(w.examine(application)); !strings.HasPrefix(got, "draft:skipped:needs_mailbox") || !strings.Contains(got, "mailbox:failed:mailbox_missing") {
		t.Errorf("without a mailbox: %s", got)
	}

	// Nobody gave the mailbox the right to send as another address.
	var made struct {
		Address struct{ ID int64 } `json:"recipient_address"`
	}
	w.API.Post("/api/v2/recipient_addresses", map[string]any{"recipient_address": map[string]any{
		"email": "sales@contoso.example", "connection_id": w.connection(Support).ID,
	}}).Want(201).Into(&made)
	lines = w.examine(made.Address.ID)
	if got := verdicts(lines); got != "other_mailboxes:skipped:one_mailbox_only send_as:failed:send_as_denied" {
		t.Errorf("sending as another address: %s", got)
	}
	if got := lines["send_as"].Commands; len(got) == 0 || !slices.Contains(got, "Add-RecipientPermission 'sales@contoso.example' -Trustee '"+Support+"' -AccessRights SendAs") {
		t.Errorf("the commands are %q", got)
	}
}

// Without a policy the application reads everybody's mail. That is said, with
// names, and with commands that need no more filling in.
func TestPreflightWarnsOfMailboxesThatAreOpenWithoutNeed(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{Polling: true})
	address := w.openByApplication(map[string]any{"email": Team}).AddressID
	w.SimAPI().Delete("/sim/applications/" + m365sim.ContosoClientID + "/access_policy").Want(200)
	lines := w.examine(address)
	if got := verdicts(lines); got != "notifications:skipped:no_public_url other_mailboxes:warning:other_mailboxes_open" {
		t.Fatalf("got %s", got)
	}
	line := lines["other_mailboxes"]
	if !strings.Contains(line.evidence("opened"), "admin@contoso.example") || strings.Contains(line.evidence("opened"), Team) {
		t.Errorf("opened are %s", line.evidence("opened"))
	}
	commands := strings.Join(line.Commands, "\n")
	for _, want := range []string{"New-ServicePrincipal -AppId '" + m365sim.ContosoClientID + "' -ObjectId '", "PrimarySmtpAddress -eq ''" + Team + "''", "'Application Mail.Send'", "Test-ServicePrincipalAuthorization -Identity '"} {
		if !strings.Contains(commands, want) {
			t.Errorf("the commands lack %s:\n%s", want, commands)
		}
	}
}
