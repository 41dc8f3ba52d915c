package api

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/desk"
	"tandem/email"
	"tandem/job"
	"tandem/store"
)

func TestPeople(t *testing.T) {
	everywhere(t, func(w *world) {
		admin := w.as(w.admin)
		list := admin.get("/users?role[]=agent&role[]=admin").is(200)
		if list.number("count") != 2 || list.string("users.0.name") != "Ana Agent" {
			w.t.Errorf("list %s", list.text)
		}
		if got := admin.get("/users/search?query=tanaka").is(200); got.number("users.0.id") != int(w.requester.ID) {
			w.t.Errorf("search %s", got.text)
		}
		if got := admin.get("/users/show_many?ids=%d,%d", w.admin.ID, w.agent.ID).is(200); len(got.list("users")) != 2 {
			w.t.Errorf("several %s", got.text)
		}
		if got := admin.get("/users/count?role=end-user").is(200); got.number("count.value") != 1 {
			w.t.Errorf("count %s", got.text)
		}
		first := admin.get("/users?page[size]=2").is(200)
		rest := admin.get("%s", strings.TrimPrefix(first.string("links.next"), w.http.URL+prefix)).is(200)
		if len(first.list("users")) != 2 || len(rest.list("users")) != 1 || rest.at("meta.has_more") != false {
			w.t.Errorf("by cursor %s, then %s", first.text, rest.text)
		}
		admin.send("POST", "/users", object{"user": object{"email": "AIKO@fabrikam.example"}}).refused(422, "email_taken")
		agent := w.as(w.agent)
		agent.send("POST", "/users", object{"user": object{"email": "boss@contoso.example", "role": "admin"}}).refused(403, "administrators_only")
		me := agent.send("PUT", "/users/me", object{"user": object{"signature": "Regards, Ana", "time_zone": "Asia/Tokyo"}}).is(200)
		if me.string("user.signature") != "Regards, Ana" || me.string("user.name") != "Ana Agent" {
			w.t.Errorf("me %s", me.text)
		}
		if link := admin.send("POST", "/users/"+idText(w.agent.ID)+"/setup_link", nil).is(200); !strings.HasPrefix(link.string("setup_url"), w.http.URL+"/setup/") {
			w.t.Errorf("link %s", link.text)
		}
		admin.send("PUT", "/users/"+idText(w.admin.ID), object{"user": object{"role": "agent"}}).refused(409, "last_administrator")
	})
}

func TestBrands(t *testing.T) {
	everywhere(t, func(w *world) {
		made := w.as(w.admin).send("POST", "/brands.json", object{"brand": object{"name": "Fabrikam", "signature": "Fabrikam"}}).is(201)
		id := made.number("brand.id")
		w.as(w.admin).send("PUT", fmt.Sprintf("/brands/%d", id), object{"brand": object{"default": true}}).is(200)
		got := w.as(w.agent).get("/brands/%d", id).is(200)
		if got.at("brand.default") != true || got.string("brand.signature") != "Fabrikam" {
			w.t.Errorf("got %s", got.text)
		}
		if groups := w.as(w.agent).get("/groups").is(200); len(groups.list("groups")) != 0 {
			w.t.Errorf("groups %s", groups.text)
		}
		audit := w.as(w.admin).get("/audit_logs?source_type=brand").is(200)
		if audit.number("count") != 2 || audit.string("audit_logs.0.action") != "brand.updated" || audit.at("audit_logs.0.change.before.default") != false ||
			audit.at("audit_logs.1.change.before") != nil || audit.string("audit_logs.0.ip_address") != "127.0.0.1" {
			w.t.Errorf("audit %s", audit.text)
		}
	})
}

func TestTokenIsShownOnceAndCanBeTakenAway(t *testing.T) {
	w := one(t)
	b := w.withPassword().signedIn()
	made := b.send("POST", "/api_tokens", object{"api_token": object{"name": "CRM"}}).is(201)
	token := made.string("api_token.full_token")
	if list := b.get("/api_tokens").is(200); strings.Contains(list.text, token) || len(list.list("api_tokens")) != 2 {
		t.Errorf("list %s", list.text)
	}
	b.send("DELETE", fmt.Sprintf("/api_tokens/%d", made.number("api_token.id")), nil).is(204)
	old := w.token
	w.token = token
	w.as(w.admin).get("/users/me").refused(401, "invalid_token")
	w.token = old
	w.as(w.admin).send("POST", "/api_tokens", object{"api_token": object{"name": "Another"}}).refused(403, "person_only")
	if strings.Contains(w.log.String(), token) {
		t.Error("the token is in the log")
	}
}

func TestSupportAddress(t *testing.T) {
	everywhere(t, func(w *world) {
		path := fmt.Sprintf("/recipient_addresses/%d", w.address.ID)
		admin := w.as(w.admin)
		got := admin.get("%s.json", path).is(200)
		if got.string("recipient_address.connection.status") != "verified" || got.number("recipient_address.connection.figures.quarantined") != 1 ||
			got.number("recipient_address.connection.figures.requests_last_hour") != 17 || got.at("recipient_address.connection.error") != nil {
			w.t.Errorf("got %s", got.text)
		}
		if strings.Contains(got.text, "secret-refresh-token") {
			w.t.Error("the API tells the refresh token")
		}
		if seen := w.as(w.agent).get("/recipient_addresses").is(200); seen.at("recipient_addresses.0.connection") != nil {
			w.t.Errorf("an agent sees the connection: %s", seen.text)
		}
		changed := admin.send("PUT", path, object{"recipient_address": object{"name": "Contoso Support", "plus_addressing": true}}).is(200)
		if changed.string("recipient_address.name") != "Contoso Support" || changed.at("recipient_address.plus_addressing") != true {
			w.t.Errorf("changed %s", changed.text)
		}
		admin.send("DELETE", path, nil).refused(409, "address_is_default")
	})
}

func TestMailboxIsConnected(t *testing.T) {
	w := one(t)
	admin := w.as(w.admin)
	started := admin.send("POST", "/connections", object{"kind": "exchange", "email": "sales@contoso.example"}).is(201)
	state := started.string("connection_request.state")
	if got := started.string("connection_request.authorize_url"); got != "https://login.example/authorize?state="+state {
		t.Errorf("go to %q", got)
	}
	request := admin.get("/connection_requests/%s", state).is(200)
	if request.string("connection_request.outcome") != "pending" || request.string("connection_request.intended") != "sales@contoso.example" {
		t.Errorf("request %s", request.text)
	}
	admin.get("/connection_requests/unknown").refused(404, "sign_in_unknown")
	admin.send("POST", "/connection_requests/"+state+"/confirm", object{"use_actual": true}).refused(409, "nothing_to_confirm")
	if strings.Contains(w.log.String(), state) {
		t.Error("the state of a sign-in is in the log")
	}
	admin.send("POST", "/connections", object{"email": w.address.Email}).is(409)

	id := fmt.Sprintf("/connections/%d", w.address.ConnectionID)
	if list := admin.get("/connections").is(200); len(list.list("connections")) != 1 {
		t.Errorf("connections %s", list.text)
	}
	admin.send("POST", id+"/sync", nil).is(202)
	admin.send("POST", id+"/reconcile", nil).is(202)
	if imp := admin.send("POST", id+"/import", nil).is(201); imp.string("import.state") != "running" {
		t.Errorf("import %s", imp.text)
	}
	if c := admin.get("%s", id).is(200); c.string("connection.status") != "importing" || c.number("connection.address_id") != int(w.address.ID) {
		t.Errorf("connection %s", c.text)
	}
	if imp := admin.send("POST", id+"/import/cancel", nil).is(200); imp.string("import.state") != "cancelled" {
		t.Errorf("import %s", imp.text)
	}
	if hours := admin.get("%s/activity", id).is(200).list("activity"); len(hours) != 24 {
		t.Errorf("%d hours", len(hours))
	}
	if again := admin.send("POST", id+"/reconnect", nil).is(201); again.string("connection_request.authorize_url") == "" {
		t.Errorf("reconnect %s", again.text)
	}
	admin.send("POST", id+"/disconnect", nil).refused(409, "address_is_default")
}

func TestLedger(t *testing.T) {
	everywhere(t, func(w *world) {
		admin := w.as(w.admin)
		list := admin.get("/mail?state=quarantined&direction=in&query=broken").is(200)
		if list.number("count") != 1 || list.string("mail.0.error.code") != "not_mail" || list.string("mail.0.actions.1") != "make_ticket" || list.number("mail.0.attempts") != 0 {
			w.t.Errorf("list %s", list.text)
		}
		path := fmt.Sprintf("/mail/%d", w.mail.ID)
		shown := admin.get("%s", path).is(200)
		if shown.string("mail.journey.1.station") != "noticed" || shown.at("mail.journey.1.at") == nil || shown.at("mail.journey.4.at") != nil || len(shown.list("mail.attempts")) != 0 {
			w.t.Errorf("shown %s", shown.text)
		}
		admin.get("%s/source", path).refused(404, "no_source")
		w.as(w.agent).get("%s", path).refused(403, "administrators_only")
		w.as(w.agent).get("/mail").refused(403, "administrators_only")
		w.as(w.agent).get("/mail?ticket_id=%d", w.ticket.ID).is(200)
		if retried := admin.send("POST", path+"/retry", nil).is(200); retried.string("mail.state") == "quarantined" {
			w.t.Errorf("retried %s", retried.text)
		}
		admin.send("POST", path+"/make_ticket", nil).refused(409, "mail_decided")
	})
}

func TestLedgerByCursor(t *testing.T) {
	w := one(t)
	w.update(func(tx email.Tx) error {
		for n := range 4 {
			m := &email.Mail{ConnectionID: w.address.ConnectionID, Direction: email.Inbound, State: email.Gone, MicrosoftID: fmt.Sprint("x", n), NoticedAt: time.Now()}
			if _, err := tx.InsertMail(t.Context(), m); err != nil {
				return err
			}
		}
		return nil
	})
	seen := 0
	for path := "/mail?page[size]=2"; path != ""; {
		page := w.as(w.admin).get("%s", path).is(200)
		seen += len(page.list("mail"))
		next, _ := page.at("links.next").(string)
		path = strings.TrimPrefix(next, w.http.URL+prefix)
	}
	if seen != 5 {
		t.Errorf("saw %d mails, want 5", seen)
	}
}

func TestSourceOfAMailIsHarmless(t *testing.T) {
	w := one(t)
	key, _, err := w.blobs.Put(t.Context(), strings.NewReader("Subject: <script>\r\n\r\nHello"))
	w.must(err)
	w.update(func(tx email.Tx) error {
		w.mail.Blob = key
		return tx.UpdateMail(t.Context(), w.mail)
	})
	path := fmt.Sprintf("/mail/%d", w.mail.ID)
	got := w.as(w.admin).get("%s/source", path).is(200)
	if got.header.Get("Content-Type") != "text/plain; charset=utf-8" || got.header.Get("Content-Security-Policy") != filePolicy ||
		!strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment; filename=mail-") || !strings.HasSuffix(got.text, "Hello") {
		t.Errorf("got %v, %q", got.header, got.text)
	}
	if shown := w.as(w.admin).get("%s", path).is(200); shown.string("mail.headers.0.value") != "<script>" || shown.string("mail.text_preview") != "Hello" {
		t.Errorf("shown %s", shown.text)
	}
	made := w.as(w.admin).send("POST", path+"/make_ticket", nil).is(200)
	if made.string("ticket.via.channel") != "email" {
		t.Errorf("made %s", made.text)
	}
}

func TestJobs(t *testing.T) {
	everywhere(t, func(w *world) {
		w.as(w.agent).send("PUT", fmt.Sprintf("/tickets/%d", w.ticket.ID), object{"ticket": object{"comment": object{"body": "Hello"}}}).is(200)
		admin := w.as(w.admin)
		list := admin.get("/jobs?state=waiting&kind=%s", desk.DeliverReply{}.Kind()).is(200)
		if len(list.list("jobs")) != 1 || list.string("jobs.0.subject.kind") != "ticket" || list.number("jobs.0.subject.id") != int(w.ticket.ID) {
			w.t.Fatalf("list %s", list.text)
		}
		path := fmt.Sprintf("/jobs/%d", list.number("jobs.0.id"))
		admin.send("POST", path+"/retry", nil).is(200)
		if got := admin.send("POST", path+"/cancel", nil).is(200); got.string("job.state") != "cancelled" {
			w.t.Errorf("cancelled %s", got.text)
		}
		admin.send("POST", path+"/cancel", nil).refused(409, "job_finished")
		w.killJob()
		if got := admin.send("POST", "/jobs/retry_all?state=dead", nil).is(200); got.number("retried") != 1 {
			w.t.Errorf("retried %s", got.text)
		}
	})
}

// killJob leaves a dead job.
func (w *world) killJob() {
	w.t.Helper()
	w.must(store.For[job.StoreTx](w.db).Update(w.t.Context(), func(tx job.StoreTx) error {
		id, err := job.Insert(w.t.Context(), tx, desk.RemoveUploads{}, job.Options{})
		if err != nil {
			return err
		}
		j, err := tx.GetJob(w.t.Context(), id)
		if err != nil {
			return err
		}
		j.State, j.ErrorCode, j.Error, j.FinishedAt = job.Dead, "disk_full", "The disk is full.", time.Now()
		return tx.UpdateJob(w.t.Context(), j)
	}))
}

func TestOverviewSaysWhatIsWrong(t *testing.T) {
	everywhere(t, func(w *world) {
		w.killJob()
		got := w.as(w.admin).get("/overview").is(200)
		var codes []string
		for _, a := range got.list("overview.attention") {
			codes = append(codes, a.(object)["severity"].(string)+" "+a.(object)["code"].(string))
		}
		if strings.Join(codes, ", ") != "error jobs_dead, warning mails_quarantined" {
			w.t.Errorf("attention: %v", codes)
		}
		if got.number("overview.jobs.dead") != 1 || got.number("overview.mail.quarantined") != 1 || got.string("overview.database") != w.db.Kind() ||
			len(got.list("overview.connections.0.activity")) != 24 {
			w.t.Errorf("got %s", got.text)
		}
	})
}

func TestAttentionComesWorstFirst(t *testing.T) {
	broken := Connection{ID: 3, AddressID: 4, Email: "support@contoso.example", Status: "error", PushError: orNull("no public address")}
	broken.Error = encodeTrouble("secret_expired", "The client secret has expired.", "admin", "Add a new one.", time.Time{})
	broken.Figures.Failed = 2
	waiting := Connection{ID: 5, AddressID: 6, Email: "sales@contoso.example", Status: "waiting"}
	var got []string
	for _, a := range attention([]Connection{waiting, broken}, nil, 0) {
		got = append(got, fmt.Sprintf("%s %s %s %d", a.Severity, a.Code, a.Link, a.Count))
	}
	want := []string{
		"error secret_expired /admin/email/addresses/4 0",
		"error replies_failed /admin/mail?connection_id=3&state=failed 2",
		"warning waiting_for_microsoft /admin/email/addresses/6 0",
		"info polling_only /admin/email/addresses/4 0",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if none := attention(nil, nil, 0); len(none) != 1 || none[0].Code != "no_address" {
		t.Errorf("without any: %v", none)
	}
}
