package e2e

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
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

// The public Go client, unchanged, works on Tandem as on Zendesk.
func TestZendeskClientForGo(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{})
	client, err := zendesk.NewClient(http.DefaultClient)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(err)
	must(client.SetEndpointURL(w.URL + "/api/v2"))
	email, token := w.zendeskUser()
	client.SetCredential(zendesk.NewAPITokenCredential(email, token))
	ctx := t.Context()

	upload := client.UploadAttachment(ctx, "note.txt", "")
	_, err = upload.Write([]byte("from a client"))
	must(err)
	file, err := upload.Close()
	must(err)
	if file.Attachment.Size != 13 || !strings.HasPrefix(file.Attachment.ContentURL, w.URL) {
		t.Errorf("uploaded %+v", file)
	}
	if status, text := w.stranger(file.Attachment.ContentURL); status != 200 || text != "from a client" {
		t.Errorf("the file: %d %q", status, text)
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
