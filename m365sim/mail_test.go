package m365sim_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

func TestDeliveredMailIsReadAsItCame(t *testing.T) {
	w := setup(t)
	raw := "From: =?iso-2022-jp?B?GyRCOzNFRBsoQg==?= <yamada@kyaku.example>\r\nTo: support@contoso.example\r\nCc: x@y.example\r\n" +
		"Subject: =?utf-8?B?5rOo5paH44Gu5Lu2?=\r\nMessage-ID: <m1@kyaku.example>\r\nIn-Reply-To: <m0@kyaku.example>\r\n" +
		"References: <m00@kyaku.example> <m0@kyaku.example>\r\nX-Shop: 7\r\nImportance: high\r\n" +
		"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Hello <script>alert(1)</script><b onclick=\"x()\">you</b></p>\r\n" +
		"--b\r\nContent-Type: application/pdf; name=\"../../bill.pdf\"\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--b--\r\n"
	w.do("POST", "/sim/mailboxes/support@contoso.example/messages", raw).expect(201)
	g := w.as(support)

	list := g.get("/me/mailFolders/inbox/messages?$count=true").expect(200)
	if n := list.at("@odata.count"); n != float64(1) {
		t.Fatalf("count %v", n)
	}
	m := list.list("value")[0]
	from := m["from"].(map[string]any)["emailAddress"].(map[string]any)
	if from["name"] != "山田" || m["subject"] != "注文の件" || m["internetMessageId"] != "<m1@kyaku.example>" || m["importance"] != "high" ||
		m["isRead"] != false || m["hasAttachments"] != true {
		t.Errorf("properties: %v", m)
	}
	if m["internetMessageHeaders"] != nil {
		t.Error("internetMessageHeaders came without being selected")
	}
	body := m["body"].(map[string]any)
	if text := body["content"].(string); body["contentType"] != "html" || strings.Contains(text, "alert") || strings.Contains(text, "onclick") || !strings.Contains(text, "you") {
		t.Errorf("body is not sanitised HTML: %v", body)
	}
	id := m["id"].(string)

	if got := g.get("/me/messages/" + id + "/$value").expect(200); string(got.body) != raw {
		t.Errorf("MIME is not what was delivered:\n%s", got.body)
	}
	selected := g.get("/users/" + support + "/messages/" + id + "?$select=internetMessageHeaders,subject").expect(200)
	if !strings.Contains(string(selected.body), `{"name":"X-Shop","value":"7"}`) || selected.at("body") != nil {
		t.Errorf("selected: %s", selected.body)
	}
	plain := g.get("/me/messages/"+id+"?$select=body", "Prefer", `outlook.body-content-type="text"`).expect(200)
	if plain.text("body", "contentType") != "text" || strings.Contains(plain.text("body", "content"), "<") {
		t.Errorf("text body: %s", plain.body)
	}
	files := g.get("/me/messages/" + id + "/attachments").expect(200).list("value")
	if len(files) != 1 || files[0]["name"] != "bill.pdf" || files[0]["contentBytes"] != "JVBERg==" {
		t.Fatalf("attachments: %v", files)
	}
	if got := g.get("/me/messages/" + id + "/attachments/" + files[0]["id"].(string) + "/$value").expect(200); string(got.body) != "%PDF" {
		t.Errorf("attachment: %q", got.body)
	}
}

func TestIDsChangeOnMoveUnlessImmutable(t *testing.T) {
	w := setup(t)
	fixed := w.deliver(support, "one")
	g := w.as(support)
	ordinary := g.get("/me/mailFolders('Inbox')/messages").list("value")[0]["id"].(string)
	if ordinary == fixed {
		t.Fatal("ordinary and immutable id are the same")
	}
	translated := g.post("/me/translateExchangeIds", map[string]any{"inputIds": []string{ordinary}, "sourceIdType": "restId", "targetIdType": "restImmutableEntryId"}).
		expect(200).list("value")
	if translated[0]["targetId"] != fixed {
		t.Fatalf("translated to %v, want %s", translated[0], fixed)
	}

	moved := g.post("/me/messages/"+ordinary+"/move", map[string]string{"DestinationId": "archive"}).expect(201)
	if moved.text("id") == ordinary {
		t.Error("the ordinary id survived the move")
	}
	g.get("/me/messages/"+ordinary).refused(404, "ErrorItemNotFound")
	kept := g.immutable().get("/me/messages/" + fixed).expect(200)
	if kept.text("id") != fixed || !strings.Contains(kept.header.Get("Preference-Applied"), "ImmutableId") {
		t.Errorf("immutable id after the move: %s, applied %q", kept.text("id"), kept.header.Get("Preference-Applied"))
	}
	back := g.immutable().post("/me/messages/"+fixed+"/move", map[string]string{"destinationId": "inbox"}).expect(201)
	if back.text("id") != fixed {
		t.Errorf("immutable id changed on a move: %s", back.text("id"))
	}
	g.post("/me/messages/"+fixed+"/move", map[string]string{"destinationId": "nowhere"}).refused(404, "ErrorFolderNotFound")
	g.get("/me/messages/AAMkAnonsense").refused(400, "ErrorInvalidIdMalformed")
}

func TestCopyLeavesTheOriginal(t *testing.T) {
	w := setup(t)
	id := w.deliver(support, "one")
	g := w.as(support).immutable()
	copied := g.post("/me/messages/"+id+"/copy", map[string]string{"destinationId": "archive"}).expect(201)
	if copied.text("id") == id {
		t.Error("the copy has the id of the original")
	}
	if len(w.mails(support, "inbox")) != 1 || len(w.mails(support, "archive")) != 1 {
		t.Error("there should be one mail in each folder")
	}
}

func TestMarkingReadAndDeleting(t *testing.T) {
	w := setup(t)
	id := w.deliver(support, "one")
	g := w.as(support).immutable()
	before := g.get("/me/messages/" + id).text("@odata.etag")
	patched := g.call("PATCH", "/me/messages/"+id, map[string]any{"isRead": true, "categories": []string{"Red"}, "flag": map[string]string{"flagStatus": "flagged"}}).expect(200)
	if patched.at("isRead") != true || patched.text("@odata.etag") == before {
		t.Errorf("patched: %s", patched.body)
	}
	g.call("PATCH", "/me/messages/"+id, map[string]any{"subject": "other"}).refused(400, "ErrorInvalidPropertySet")

	g.call("DELETE", "/me/messages/"+id, nil).expect(204)
	if len(w.mails(support, "deleteditems")) != 1 {
		t.Error("a deleted mail should be in Deleted Items")
	}
	g.call("DELETE", "/me/messages/"+id, nil).expect(204)
	g.call("DELETE", "/me/messages/"+id, nil).refused(404, "ErrorItemNotFound")
}

func TestListingFiltersSortsAndPages(t *testing.T) {
	w := setup(t)
	for i := range 25 {
		w.deliver(support, fmt.Sprintf("number %02d", i))
	}
	g := w.as(support).immutable()
	first := g.get("/me/messages").list("value")
	if len(first) != 10 || first[0]["subject"] != "number 24" {
		t.Fatalf("default page: %d mails, first %v", len(first), first[0]["subject"])
	}
	seen := 0
	for link := "/me/mailFolders/inbox/messages?$top=7&$select=subject"; link != ""; {
		page := g.get(link).expect(200)
		seen += len(page.list("value"))
		link = page.text("@odata.nextLink")
	}
	if seen != 25 {
		t.Errorf("paging shows %d mails", seen)
	}
	filtered := func(filter string) int {
		t.Helper()
		return len(g.get("/me/messages?$top=100&$select=id&$filter=" + url.QueryEscape(filter)).expect(200).list("value"))
	}
	for filter, want := range map[string]int{
		"isRead eq false": 25,
		"startswith(subject,'number 1') and not contains(subject, '5')":                                    9,
		"subject eq 'number 03' or subject eq 'NUMBER 04'":                                                 2,
		"subject in ('number 03', 'number 05', 'it''s')":                                                   2,
		"from/emailAddress/address eq 'jo@customer.example'":                                               25,
		"receivedDateTime ge 2020-01-01T00:00:00Z and internetMessageId eq '<number.03@customer.example>'": 1,
		"toRecipients/any(r: r/emailAddress/address eq 'support@contoso.example')":                         25,
		"categories/any(c:c eq 'Red')":                                                                     0,
		"hasAttachments eq true":                                                                           0,
	} {
		if got := filtered(filter); got != want {
			t.Errorf("%s finds %d, want %d", filter, got, want)
		}
	}
	// Properties in $orderby must come first in $filter.
	sorted := g.get("/me/messages?$filter=" + url.QueryEscape("subject ge 'number 20'") + "&$orderby=subject").expect(200).list("value")
	if len(sorted) != 5 || sorted[0]["subject"] != "number 20" {
		t.Errorf("sorted: %d, %v", len(sorted), sorted)
	}
	g.get("/me/messages?$filter="+url.QueryEscape("isRead eq false")+"&$orderby=subject").refused(400, "InefficientFilter")
	g.get("/me/messages?$filter="+url.QueryEscape("colour eq 'red'")).refused(400, "RequestBroker--ParseUri")
	g.get("/me/messages?$filter="+url.QueryEscape("isRead eq")).refused(400, "BadRequest")
	g.get("/me/messages?$select=colour").refused(400, "RequestBroker--ParseUri")
	g.get("/me/messages?$top=0").refused(400, "BadRequest")
}

func TestFolders(t *testing.T) {
	w := setup(t)
	w.deliver(support, "one")
	g := w.as(support)
	inbox := g.get("/me/mailFolders/inbox").expect(200)
	if inbox.at("unreadItemCount") != float64(1) || inbox.at("totalItemCount") != float64(1) || inbox.text("displayName") != "Inbox" {
		t.Errorf("inbox: %s", inbox.body)
	}
	made := g.post("/me/mailFolders", map[string]any{"displayName": "Tandem"}).expect(201)
	g.post("/me/mailFolders", map[string]any{"displayName": "tandem"}).refused(409, "ErrorFolderExists")
	found := g.get("/me/mailFolders?$filter=" + url.QueryEscape("displayName eq 'Tandem'")).expect(200).list("value")
	if len(found) != 1 || found[0]["id"] != made.text("id") {
		t.Fatalf("found: %v", found)
	}
	child := g.post("/me/mailFolders/"+made.text("id")+"/childFolders", map[string]any{"displayName": "Done"}).expect(201)
	if child.text("parentFolderId") != made.text("id") {
		t.Errorf("child: %s", child.body)
	}
	if list := g.get("/me/mailFolders('" + made.text("id") + "')/childFolders").expect(200).list("value"); len(list) != 1 {
		t.Errorf("children: %v", list)
	}
	g.call("DELETE", "/me/mailFolders/inbox", nil).expect(400)
	g.call("DELETE", "/me/mailFolders/"+made.text("id"), nil).expect(204)
	g.get("/me/mailFolders/"+child.text("id")).refused(404, "ErrorItemNotFound")
}

func TestUsers(t *testing.T) {
	w := setup(t)
	g := w.with("agent1@contoso.example", "User.Read")
	me := g.get("/me?$select=id,displayName,mail").expect(200)
	if me.text("displayName") != "Aiko Tanaka" || me.text("mail") != "agent1@contoso.example" || me.at("jobTitle") != nil {
		t.Errorf("me: %s", me.body)
	}
	g.get("/users").refused(403, "Authorization_RequestDenied")
	g.get("/users/"+support).refused(403, "Authorization_RequestDenied")

	all := w.with("agent1@contoso.example", "User.ReadBasic.All")
	seen := 0
	for link := "/users?$top=5"; link != ""; {
		page := all.get(link).expect(200)
		seen += len(page.list("value"))
		link = page.text("@odata.nextLink")
	}
	if seen != 16 {
		t.Errorf("paging shows %d users", seen)
	}
	agents := all.get("/users?$filter=" + url.QueryEscape("startswith(displayName,'A')")).expect(200).list("value")
	if len(agents) != 2 {
		t.Errorf("users with A: %v", agents)
	}
	all.get("/users?$filter="+url.QueryEscape("displayName ne 'x'")).refused(400, "Request_UnsupportedQuery")
	all.get("/users?$count=true&$filter="+url.QueryEscape("displayName ne 'x'"), "ConsistencyLevel", "eventual").expect(200)
	all.get("/users/nobody@contoso.example").refused(404, "Request_ResourceNotFound")
}

func TestHostileMailIsKept(t *testing.T) {
	w := setup(t)
	var deep strings.Builder
	deep.WriteString("Subject: deep\r\nFrom: a@b.example\r\n")
	for i := range 100 {
		fmt.Fprintf(&deep, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	deep.WriteString("Content-Type: text/plain\r\n\r\nat the bottom\r\n")
	mails := map[string]string{
		"deep":         deep.String(),
		"many headers": "Subject: many headers\r\n" + strings.Repeat("X-A: b\r\n", 10000) + "\r\nbody",
		"nul":          "Subject: nul\r\nFrom: a\x00b <a@b.example>\r\n\r\nbo\x00dy \xff\xfe",
		"bare":         "Subject: bare\n\nonly line feeds\n",
		"broken":       "Subject: broken\r\nContent-Type: multipart/mixed\r\nContent-Transfer-Encoding: base64\r\nFrom: <<<>>>\r\nDate: yesterday\r\n\r\n%%%",
	}
	g := w.as(support)
	for subject, raw := range mails {
		id := w.do("POST", "/sim/mailboxes/"+support+"/messages", raw).expect(201).text("id")
		m := g.get("/me/messages/" + id).expect(200)
		if m.text("subject") != subject {
			t.Errorf("%s: subject %q", subject, m.text("subject"))
		}
		// Exchange adds a Message-ID where there is none; the rest stays.
		if got := string(g.get("/me/messages/" + id + "/$value").expect(200).body); !strings.HasSuffix(got, raw) {
			t.Errorf("%s: MIME was changed", subject)
		}
	}
}
