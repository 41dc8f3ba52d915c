package m365sim_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tandem/m365sim"
)

func TestStateSurvivesAKill(t *testing.T) {
	w := setup(t)
	id := w.deliver(support, "one")
	g := w.as(support).immutable()
	_, link := g.round(inboxDelta)
	g.call("PATCH", "/me/messages/"+id, object{"isRead": true}).expect(200)
	g.post("/me/mailFolders", object{"displayName": "Tandem"}).expect(201)
	g.post("/me/sendMail", object{"message": object{"subject": "out", "toRecipients": to("jo@customer.example")}}).expect(202)
	second := w.deliver(support, "two")

	// A killed process leaves its files as they are at that moment.
	copied := t.TempDir()
	for _, name := range []string{"sim.db", "sim.db-wal"} {
		content, err := os.ReadFile(filepath.Join(w.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(copied, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	old := w.url
	w.dir = copied
	w.open()

	// Tokens, ids and delta links are still good.
	items, _ := g.round(strings.Replace(link, old, w.url, 1))
	if len(items) != 2 || items[id]["isRead"] != true || items[second] == nil {
		t.Errorf("delta after the restart: %v", items)
	}
	if got := string(g.get("/me/messages/" + second + "/$value").expect(200).body); !strings.Contains(got, "Hello, two.") {
		t.Errorf("MIME after the restart: %s", got)
	}
	if n := len(w.do("GET", "/sim/outbox", nil).expect(200).list("messages")); n != 1 {
		t.Errorf("%d mails in the outbox", n)
	}
	w.mails(support, "Tandem")
	if third := w.deliver(support, "three"); third == id || third == second {
		t.Error("an id was given twice")
	}
}

func TestResetForgetsEverything(t *testing.T) {
	w := setup(t)
	id := w.deliver(support, "one")
	g := w.as(support)
	w.fault(object{"kind": "throttle"})
	w.do("POST", "/sim/reset", nil).expect(204)
	g.get("/me").refused(401, "InvalidAuthenticationToken")
	w.tokenRequest(form("password", "username", support, "password", m365sim.ContosoPassword, "scope", "User.Read")).fails(400, "invalid_grant", 65001)
	if len(w.mails(support, "inbox")) != 0 {
		t.Error("the Inbox is not empty")
	}
	g = w.as(support)
	if next := w.deliver(support, "two"); next == id {
		t.Error("an id of before the reset was given again")
	}
	g.get("/me/messages/"+id).refused(404, "ErrorItemNotFound")
}

func TestSMTP(t *testing.T) {
	w := setup(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- w.sim.ServeSMTP(listener) }()
	address := listener.Addr().String()
	raw := "From: jo@customer.example\r\nTo: support@contoso.example\r\nSubject: by SMTP\r\n\r\nhello\r\n"
	err = smtp.SendMail(address, nil, "jo@customer.example", []string{"support+t7@contoso.example", support, sales}, []byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	for _, mailbox := range []string{support, sales} {
		got := w.mails(mailbox, "inbox")
		if len(got) != 1 || got[0]["subject"] != "by SMTP" || got[0]["internet_message_id"] == "" {
			t.Errorf("%s: %v", mailbox, got)
		}
	}
	for _, unknown := range []string{"nobody@contoso.example", "jo@customer.example", "nomailbox@contoso.example"} {
		err = smtp.SendMail(address, nil, "jo@customer.example", []string{unknown}, []byte(raw))
		if err == nil || !strings.Contains(err.Error(), "550") || !strings.Contains(err.Error(), "5.1.1") {
			t.Errorf("%s: %v", unknown, err)
		}
	}
	if err := w.sim.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("ServeSMTP ended with %v", err)
	}
}

func TestTLSCertificateIsSignedByTheWrittenCA(t *testing.T) {
	w := setup(t)
	config, err := w.sim.TLSConfig("localhost", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: w.sim.Handler()}
	go server.Serve(listener)
	defer server.Close()
	authority, err := os.ReadFile(filepath.Join(w.dir, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	answer, err := client.Get("https://" + listener.Addr().String() + "/common/v2.0/.well-known/openid-configuration")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, _ := io.ReadAll(answer.Body); !strings.Contains(string(body), `"https://`+listener.Addr().String()) {
		t.Errorf("links are not https: %s", body)
	}
	if _, err := w.sim.TLSConfig(); err != nil {
		t.Errorf("second certificate: %v", err)
	}
	if again, _ := os.ReadFile(filepath.Join(w.dir, "ca.pem")); string(again) != string(authority) {
		t.Error("the authority was replaced")
	}
}

func TestControls(t *testing.T) {
	w := setup(t)
	apps := w.do("GET", "/sim/applications", nil).expect(200).list("applications")
	if len(apps) != 1 || apps[0]["client_id"] != m365sim.ContosoClientID || apps[0]["tenant_id"] != m365sim.ContosoTenantID ||
		apps[0]["secrets"].([]any)[0].(object)["value"] != m365sim.ContosoSecret {
		t.Errorf("applications: %v", apps)
	}
	sent := w.do("POST", "/sim/mail", object{
		"from_name": "Jo", "from": "jo@customer.example", "to": []string{support}, "subject": "from the page", "text": "hi", "in_reply_to": "<q@x>",
		"attachments": []object{{"name": "a.txt", "content_type": "text/plain", "content": "YQ=="}, {"name": "b.bin", "content": "Yg=="}},
	}).expect(201)
	got := w.mails(support, "inbox")
	if len(got) != 1 || got[0]["in_reply_to"] != "<q@x>" || len(got[0]["attachments"].([]any)) != 2 || got[0]["from_name"] != "Jo" || got[0]["id"] != sent.list("delivered")[0]["id"] {
		t.Errorf("inbox: %v", got)
	}
	path := "/sim/mailboxes/" + support + "/messages/" + got[0]["id"].(string)
	w.do("PATCH", path, object{"is_read": true, "folder": "Archive"}).expect(200)
	if m := w.do("GET", path, nil).expect(200); m.at("is_read") != true || m.text("folder") != "Archive" {
		t.Errorf("after a person read and moved it: %s", m.body)
	}
	w.do("PUT", "/sim/users/"+support+"/presence", object{"availability": "Busy"}).expect(200)
	if p := w.do("GET", "/sim/users/"+support+"/presence", nil).expect(200); p.text("activity") != "Busy" {
		t.Errorf("presence: %s", p.body)
	}
	w.do("POST", "/sim/mailboxes/nobody@contoso.example/messages", "Subject: x\r\n\r\n").expect(404)
	w.do("POST", "/sim/mail", object{"from": "jo@customer.example", "too": "x"}).expect(400)
	w.do("POST", "/sim/mail", object{"from": "a@b", "to": []string{support}}, "Sec-Fetch-Site", "cross-site").expect(403)
	if page := w.do("GET", "/", nil).expect(200); !strings.Contains(string(page.body), "Microsoft 365 simulator") {
		t.Errorf("page: %s", page.body)
	}
}
