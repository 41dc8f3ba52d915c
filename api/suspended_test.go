package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tandem/email"
)

// suspend puts a suspended mail with its raw source into the ledger.
func (w *world) suspend(n int, cause email.Cause) *email.Mail {
	w.t.Helper()
	raw := fmt.Sprintf("From: Shop <noreply@shop.example>\r\nTo: support@contoso.example\r\nSubject: Offer %d\r\nMessage-ID: <s%d@shop>\r\n"+
		"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nBuy %d\r\n--b\r\nContent-Type: text/csv; name=list.csv\r\n\r\na,b\r\n--b--\r\n", n, n, n)
	key, size, err := w.blobs.Put(w.t.Context(), strings.NewReader(raw))
	w.must(err)
	m := &email.Mail{
		ConnectionID: w.address.ConnectionID, Direction: email.Inbound, State: email.Suspended, Cause: cause, Rule: "suspended",
		MicrosoftID: fmt.Sprint("AAMkS", n), MessageID: fmt.Sprintf("s%d@shop", n), DedupeKey: fmt.Sprint("key", n), Subject: fmt.Sprint("Offer ", n),
		From: email.Party{Name: "Shop", Email: "noreply@shop.example"}, Blob: key, Size: size, Excerpt: fmt.Sprint("Buy ", n), DecidedAt: w.server.now(),
		Evidence: []email.Fact{{Name: "no_reply", Value: "noreply@shop.example"}},
	}
	w.update(func(tx email.Tx) error {
		_, err := tx.InsertMail(w.t.Context(), m)
		return err
	})
	return m
}

func TestSuspendedTicketsAreZendesks(t *testing.T) {
	everywhere(t, func(w *world) {
		first := w.suspend(1, email.CauseNoReply)
		w.suspend(2, email.CauseBulk)
		third := w.suspend(3, email.CauseNoReply)
		by := w.as(w.agent)

		list := by.get("/suspended_tickets.json").is(200)
		if list.number("count") != 3 || list.number("suspended_tickets.0.id") != int(third.ID) || list.number("suspended_tickets.0.cause_id") != 27 ||
			list.string("suspended_tickets.0.content") != "Buy 3" || list.string("suspended_tickets.0.recipient") != "support@contoso.example" {
			t.Errorf("the list is %s", list.text)
		}
		if n := len(by.get("/suspended_tickets?cause=bulk").is(200).list("suspended_tickets")); n != 1 {
			t.Errorf("%d newsletters, want 1", n)
		}
		page := by.get("/suspended_tickets?page[size]=2").is(200)
		next := by.get("/suspended_tickets?page[size]=2&page[after]=%s", page.string("meta.after_cursor")).is(200)
		if ids := next.list("suspended_tickets"); len(ids) != 1 || next.number("suspended_tickets.0.id") != int(first.ID) {
			t.Errorf("the second page is %s", next.text)
		}
		one := by.get("/suspended_tickets/%d", first.ID).is(200)
		if one.string("suspended_ticket.author.email") != "noreply@shop.example" || len(one.list("suspended_ticket.headers")) == 0 || one.at("suspended_ticket.teaches") != true {
			t.Errorf("one is %s", one.text)
		}

		done := by.send("PUT", fmt.Sprintf("/suspended_tickets/%d/recover", first.ID), nil).is(200)
		ticket := done.number("ticket.0.ticket_id")
		by.get("/tickets/%d", ticket).is(200)
		by.get("/suspended_tickets/%d", first.ID).refused(404, "not_suspended")
		by.send("DELETE", fmt.Sprintf("/mail_settings/senders/%d", done.number("ticket.0.trusted_sender.id")), nil).is(204)
		many := by.send("PUT", fmt.Sprintf("/suspended_tickets/recover_many?ids=%d,4711", third.ID), nil).is(200)
		if len(many.list("tickets")) != 1 || many.number("failed.0.id") != 4711 {
			t.Errorf("recovering many: %s", many.text)
		}
	})
}

func TestSuspendedTicketIsRecoveredEditedAndAsComment(t *testing.T) {
	w := one(t)
	edited, commented := w.suspend(1, email.CauseNoReply), w.suspend(2, email.CauseNoReply)
	by := w.as(w.agent)
	done := by.send("PUT", fmt.Sprintf("/suspended_tickets/%d/recover", edited.ID), object{"suspended_ticket": object{
		"subject": "My order", "text": "As told on the phone", "requester": object{"email": "Carla@client.example", "name": "Carla"}, "trust": false,
	}}).is(200)
	if done.at("ticket.0.trusted_sender") != nil {
		t.Errorf("the sender is trusted though nobody wanted it: %s", done.text)
	}
	if ticket := by.get("/tickets/%d?include=users", done.number("ticket.0.ticket_id")).is(200); ticket.string("ticket.subject") != "My order" || !strings.Contains(ticket.text, "carla@client.example") {
		t.Errorf("the ticket is %s", ticket.text)
	}
	done = by.send("PUT", fmt.Sprintf("/suspended_tickets/%d/recover", commented.ID), object{"suspended_ticket": object{"ticket_id": w.ticket.ID}}).is(200)
	if done.number("ticket.0.ticket_id") != int(w.ticket.ID) {
		t.Errorf("it went to %s", done.text)
	}
	comments := by.get("/tickets/%d/comments", w.ticket.ID).is(200)
	if comments.string("comments.1.mail.authentication") != "none" {
		t.Errorf("the comments are %s", comments.text)
	}
}

func TestSuspendedTicketsAreDeletedByAdministratorsOnly(t *testing.T) {
	w := one(t)
	m := w.suspend(1, email.CauseNoReply)
	path := fmt.Sprintf("/suspended_tickets/destroy_many?ids=%d", m.ID)
	w.as(w.agent).send("DELETE", path, nil).refused(http.StatusForbidden, "administrators_only")
	w.as(w.admin).send("DELETE", path, nil).is(204)
	if n := w.as(w.admin).get("/suspended_tickets").is(200).number("count"); n != 0 {
		t.Errorf("%d are left", n)
	}
}

func TestSuspendedFilesBecomeUploadsAndTheListCSV(t *testing.T) {
	w := one(t)
	m := w.suspend(1, email.CauseNoReply)
	by := w.as(w.agent)
	up := by.send("POST", fmt.Sprintf("/suspended_tickets/%d/attachments", m.ID), nil).is(200)
	if up.string("upload.attachments.0.file_name") != "list.csv" || up.string("upload.token") == "" {
		t.Errorf("the upload is %s", up.text)
	}
	if url := by.send("POST", "/suspended_tickets/export", nil).is(200).string("export.content_url"); !strings.HasSuffix(url, "/suspended_tickets/export.csv") {
		t.Errorf("the export is at %s", url)
	}
	if csv := by.get("/suspended_tickets/export.csv").is(200); !strings.Contains(csv.text, "from_noreply") || !strings.HasPrefix(csv.header.Get("Content-Type"), "text/csv") {
		t.Errorf("the CSV is %q", csv.text)
	}
}

func TestMailSettings(t *testing.T) {
	w := one(t)
	admin := w.as(w.admin)
	if s := admin.get("/mail_settings").is(200); s.number("mail_settings.hourly_limit") != 20 || s.number("mail_settings.retention_days") != 90 {
		t.Errorf("the defaults are %s", s.text)
	}
	changed := admin.send("PUT", "/mail_settings", object{"mail_settings": object{"hourly_limit": 7, "bulk": "all"}}).is(200)
	if changed.number("mail_settings.hourly_limit") != 7 || changed.string("mail_settings.forged") != "suspend" {
		t.Errorf("changed to %s", changed.text)
	}
	admin.send("PUT", "/mail_settings", object{"mail_settings": object{"retention_days": 0}}).refused(422, "out_of_range")
	added := admin.send("POST", "/mail_settings/senders", object{"sender": object{"list": "block", "pattern": "*.Spam.example"}}).is(201)
	if added.string("sender.pattern") != "spam.example" {
		t.Errorf("added %s", added.text)
	}
	admin.send("POST", "/mail_settings/senders", object{"sender": object{"list": "block", "pattern": "nothing"}}).refused(422, "invalid_sender")
	w.as(w.agent).send("DELETE", fmt.Sprintf("/mail_settings/senders/%d", added.number("sender.id")), nil).refused(403, "administrators_only")
	if n := len(admin.get("/mail_settings/senders?list=block").is(200).list("senders")); n != 1 {
		t.Errorf("%d are blocked, want 1", n)
	}
	if audit := admin.get("/audit_logs").is(200); !strings.Contains(audit.text, "mail_policy.updated") || !strings.Contains(audit.text, "sender.block_added") {
		t.Errorf("the audit trail is silent: %s", audit.text)
	}
}
