package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"tandem/m365sim"
)

// Team is a shared mailbox, which only application permission opens.
const Team = "team@contoso.example"

// open connects a mailbox by application permission and returns the connection.
func (w *World) openByApplication(wish map[string]any) connection {
	w.Helper()
	wish["kind"] = "exchange_app"
	var made struct{ Connection connection }
	w.API.Post("/api/v2/connections", wish).Want(201).Into(&made)
	w.Until("the mailbox read and compared", func() bool {
		c := w.connection(made.Connection.Email)
		return !c.ReconciledAt.IsZero() && (w.opts.Polling || c.Mode == "push")
	})
	return made.Connection
}

// read changes what of a mailbox is read, and what becomes of it.
func (w *World) read(address string, change map[string]any) connection {
	w.Helper()
	var changed struct{ Connection connection }
	w.API.Put(fmt.Sprintf("/api/v2/connections/%d", w.connection(address).ID), map[string]any{"connection": change}).Want(200).Into(&changed)
	return changed.Connection
}

// makeFolder makes a folder as a person in Outlook does.
func (w *World) makeFolder(mailbox, name, parent string) {
	w.Helper()
	w.SimAPI().Post("/sim/mailboxes/"+url.PathEscape(mailbox)+"/folders", map[string]string{"name": name, "parent": parent}).Want(201)
}

// moveMail moves a mail as a person in Outlook does.
func (w *World) moveMail(mailbox, id, folder string) {
	w.Helper()
	w.SimAPI().Do("PATCH", "/sim/mailboxes/"+url.PathEscape(mailbox)+"/messages/"+id, map[string]string{"folder": folder}).Want(200)
}

// answered waits for the only mail in Sent Items of a mailbox.
func (w *World) answered(mailbox string) SimMail {
	w.Helper()
	w.Until("the reply in Sent Items", func() bool { return len(w.Folder(mailbox, "sentitems")) == 1 })
	return w.Folder(mailbox, "sentitems")[0]
}

// Nobody signs in to a shared mailbox. Mail to it becomes a ticket, the answer
// leaves from it and is threaded, and the answer to that comes back.
func TestSharedMailboxIsServedByApplicationPermission(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]Options{"push": {}, "poll": {Polling: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := Open(t, opts)
			w.openByApplication(map[string]any{"email": "Hello@contoso.example"}) // an alias of it
			if !opts.Polling {
				if got := w.subscriptions(); len(got) != 1 || strings.HasPrefix(got[0].Resource, "me/") || !strings.HasSuffix(got[0].Resource, "/mailFolders('inbox')/messages") {
					t.Errorf("the subscriptions are %+v", got)
				}
			}
			w.Deliver(Team, Letter{
				From: "Yuki Tanaka <yuki@customer.example>", To: "hello@contoso.example, Kim <kim@customer.example>", Subject: "A word to the team",
				MessageID: "<first@customer.example>", Text: "Thank you.",
			}.Raw())
			made := w.awaitTicket()
			if made.Recipient != Team || len(made.CCs) != 1 {
				t.Errorf("the ticket came to %s, with %d people in copy; want Kim, and the alias is ours", made.Recipient, len(made.CCs))
			}
			if got := w.evidence(w.ledger("")[0].ID, "came_to"); got != "hello@contoso.example" {
				t.Errorf("the ledger says that the mail came to %q", got)
			}
			w.Until("the mail in the folder Tandem", func() bool { return len(w.Folder(Team, "Tandem")) == 1 })

			w.reply(made.ID, "You are welcome.")
			sent := w.answered(Team)
			if sent.InReplyTo != "<first@customer.example>" || slices.Contains(append(sent.To, sent.Cc...), "hello@contoso.example") {
				t.Errorf("the answer is in reply to %q, to %v and %v", sent.InReplyTo, sent.To, sent.Cc)
			}
			w.Deliver(Team, Letter{
				From: "Yuki Tanaka <yuki@customer.example>", To: Team, Subject: "Re: A word to the team",
				MessageID: "<second@customer.example>", InReplyTo: sent.MessageID, Text: "Good.",
			}.Raw())
			w.Until("the second mail at the ticket", func() bool { return w.ticket(made.ID).Comments == 3 && len(w.tickets("")) == 1 })
			if asked := w.Requests("GET", "/v1.0/me"); len(asked) > 0 {
				t.Errorf("an application has no /me: %+v", asked[0])
			}
		})
	}
}

// evidence is a fact by which a mail was judged.
func (w *World) evidence(id int64, name string) string {
	w.Helper()
	var shown struct {
		Mail struct {
			Evidence []struct{ Name, Value string }
		}
	}
	w.API.Get(fmt.Sprintf("/api/v2/mail/%d", id)).Want(200).Into(&shown)
	for _, fact := range shown.Mail.Evidence {
		if fact.Name == name {
			return fact.Value
		}
	}
	return ""
}

// Each reason why a mailbox cannot be opened is said, with its side and what
// helps; what helps works.
func TestMailboxThatCannotBeOpenedIsExplained(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{})
	registration := "/sim/applications/" + m365sim.ContosoClientID
	refused := func(address, code, side string) {
		t.Helper()
		answer := w.API.Post("/api/v2/connections", map[string]any{"kind": "exchange_app", "email": address})
		var got trouble
		answer.Want(http.StatusUnprocessableEntity).Into(&got)
		if got.Code != code || got.Side != side || got.Remedy == "" {
			t.Errorf("%s is refused with %+v, want %s on the side %s", address, got, code, side)
		}
	}
	refused("nobody@contoso.example", "mailbox_unknown", "yours")
	refused("nomailbox@contoso.example", "mailbox_missing", "admin")
	refused("ceo@contoso.example", "access_policy_refuses", "admin")
	w.SimAPI().Do("PATCH", registration, map[string]any{"application_permissions": []string{"User.Read.All"}}).Want(200)
	w.Break(Fault{"kind": "expire_tokens"})
	refused(Team, "application_refused", "admin")
	if n := len(w.addresses()); n != 0 {
		t.Fatalf("%d addresses after refusals alone", n)
	}

	// RBAC for Applications: nothing in the token, and no look into the directory either.
	w.SimAPI().Do("PATCH", registration, map[string]any{"application_permissions": []string{}}).Want(200)
	w.SimAPI().Put(registration+"/access_policy", map[string]any{"mailboxes": []string{Team}, "permissions": []string{"Mail.ReadWrite", "Mail.Send"}}).Want(200)
	w.Break(Fault{"kind": "expire_tokens"})
	refused(Support, "application_refused", "admin")
	w.openByApplication(map[string]any{"email": Team})
	w.Mail(Letter{From: "kim@customer.example", To: Team, Subject: "Scoped", MessageID: "<scoped@customer.example>"})
	w.awaitTicket()
}

// The same mailbox is opened by a sign-in, then by the application, then by a
// sign-in again. Cursor, ledger, tickets and threads go on.
func TestConnectionChangesItsKindAndBack(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{}))
	w.Mail(Letter{From: "kim@customer.example", To: Support, Subject: "Before", MessageID: "<before@customer.example>"})
	made := w.awaitTicket()
	last := "<before@customer.example>"
	follow := func(kind string, n int) {
		t.Helper()
		w.Until("the mailbox read as "+kind, func() bool {
			c := w.connection(Support)
			return c.Kind == kind && c.Status == "verified" && c.Mode == "push" && !c.ReconciledAt.IsZero() && c.ReconcileFound == 0
		})
		w.Mail(Letter{
			From: "kim@customer.example", To: Support, Subject: "Re: Before", MessageID: fmt.Sprintf("<%s-%d@customer.example>", kind, n), InReplyTo: last, Text: "And one more thing.",
		})
		w.Until("the mail at its ticket", func() bool { return w.ticket(made.ID).Comments == n })
		w.reply(made.ID, "Answer by "+kind)
		w.Until("the answer", func() bool { return len(w.Folder(Support, "sentitems")) == n/2 })
		last = w.Folder(Support, "sentitems")[0].MessageID
	}
	id := w.connection(Support).ID
	follow("exchange", 2)
	w.API.Post(fmt.Sprintf("/api/v2/connections/%d/reconnect", id), map[string]any{"kind": "exchange_app"}).Want(201)
	follow("exchange_app", 4)

	browser := w.SignedIn("admin@contoso.example")
	var begun struct {
		Request connectionRequest `json:"connection_request"`
	}
	browser.Post(fmt.Sprintf("/api/v2/connections/%d/reconnect", id), map[string]any{"kind": "exchange"}).Want(201).Into(&begun)
	w.SignInAtMicrosoft(browser, begun.Request.URL, Support, "accept")
	follow("exchange", 6)

	if got := w.connection(Support).ID; got != id {
		t.Errorf("the connection is number %d, want %d", got, id)
	}
	if states := w.states(); states["ticketed"] != 1 || states["commented"] != 3 || len(states) != 2 {
		t.Errorf("the ledger holds %v", states)
	}
	if n := len(w.subscriptions()); n != 1 {
		t.Errorf("%d subscriptions at Microsoft, want 1", n)
	}
	if n := len(w.tickets("")); n != 1 {
		t.Errorf("%d tickets, want 1", n)
	}
}

// An administrator chooses the folder and those below it; a folder that is made
// later is found too. Sent mail, drafts and our own folder are none of them.
func TestFoldersBelowTheChosenOneAreRead(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{})
	w.makeFolder(Team, "Orders", "inbox")
	var found struct {
		Mailbox struct{ Email string }
		Folders []struct {
			ID, Name string
			Inbox    bool
			Children int
		}
	}
	look := "/api/v2/connections/folders?email=" + url.QueryEscape(Team)
	w.API.Get(look).Want(200).Into(&found)
	inbox := ""
	for _, f := range found.Folders {
		if f.Inbox {
			inbox = f.ID
		}
		if slices.Contains([]string{"Drafts", "Sent Items", "Deleted Items", "Junk Email", "Outbox", "Tandem"}, f.Name) {
			t.Errorf("%s is offered to be read", f.Name)
		}
	}
	w.API.Get(look + "&parent=" + url.QueryEscape(inbox)).Want(200).Into(&found)
	if len(found.Folders) != 1 || found.Folders[0].Name != "Orders" || found.Mailbox.Email != Team {
		t.Fatalf("below the Inbox there is %+v", found)
	}

	w.openByApplication(map[string]any{"email": Team, "subfolders": true, "afterwards": "read"})
	if got := w.subscriptions(); len(got) != 1 || !strings.HasSuffix(got[0].Resource, "/messages") || strings.Contains(got[0].Resource, "mailFolders") {
		t.Errorf("the subscriptions are %+v", got)
	}
	deliver := func(subject, folder string) string {
		t.Helper()
		var made struct{ ID string }
		raw := Letter{From: "kim@customer.example", To: Team, Subject: subject, MessageID: "<" + subject + "@customer.example>"}.Raw()
		w.SimAPI().Post("/sim/mailboxes/"+Team+"/messages?folder="+folder, raw).Want(201).Into(&made)
		return made.ID
	}
	order := deliver("order", "Orders")
	w.awaitTickets(1)
	w.makeFolder(Team, "Urgent", "Orders")
	deliver("urgent", "Urgent")
	w.awaitTickets(2)
	deliver("junk", "junkemail")
	w.moveMail(Team, order, "inbox")
	w.act(Team, "reconcile").Want(202)
	w.Until("all read, and left where they were", func() bool {
		return len(w.Folder(Team, "Urgent")) == 1 && w.Folder(Team, "Urgent")[0].IsRead && len(w.Folder(Team, "inbox")) == 1
	})
	if n := len(w.Folder(Team, "Tandem")); n != 0 {
		t.Errorf("%d mails were moved to Tandem", n)
	}
	if states := w.states(); states["ticketed"] != 2 || len(states) != 1 {
		t.Errorf("the ledger holds %v, want two tickets", states)
	}

	refused := w.API.Put(fmt.Sprintf("/api/v2/connections/%d", w.connection(Team).ID), map[string]any{"connection": map[string]string{"folder": "sentitems"}})
	if refused.Code() != "folder_not_readable" {
		t.Errorf("sent mail may be read: %d %s", refused.Status, refused.Code())
	}
}

// What happens at Microsoft afterwards is the administrator's choice, for
// mailboxes that somebody signed in to as well; the journey of each mail says it.
func TestWhatHappensAfterwardsIsChosen(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{}))
	filed := func(subject, how string) {
		t.Helper()
		w.Mail(hello(subject))
		w.Until("the mail "+subject+" done with", func() bool {
			list := w.ledger("query=" + url.QueryEscape(subject))
			return len(list) == 1 && !list[0].FiledAt.IsZero()
		})
		var shown struct {
			Mail struct {
				Journey []struct{ Station, Detail string }
			}
		}
		w.API.Get(fmt.Sprintf("/api/v2/mail/%d", w.ledger("query=" + url.QueryEscape(subject))[0].ID)).Want(200).Into(&shown)
		if last := shown.Mail.Journey[len(shown.Mail.Journey)-1]; last.Station != "filed" || last.Detail != how {
			t.Errorf("the journey of %s ends with %+v, want %s", subject, last, how)
		}
	}
	w.read(Support, map[string]any{"afterwards": "keep"})
	filed("kept", "keep")
	w.read(Support, map[string]any{"afterwards": "read"})
	filed("marked", "read")
	w.read(Support, map[string]any{"afterwards": "move"})
	filed("moved", "move")

	w.act(Support, "reconcile").Want(202)
	inbox := w.Folder(Support, "inbox")
	if len(inbox) != 2 || !inbox[0].IsRead || inbox[1].IsRead {
		t.Errorf("the Inbox holds %+v, want one read and one untouched", inbox)
	}
	if n := len(w.Folder(Support, "Tandem")); n != 1 {
		t.Errorf("%d mails in Tandem, want 1", n)
	}
}
