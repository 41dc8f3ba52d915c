package m365sim_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

type object = map[string]any

func to(addresses ...string) []object {
	var list []object
	for _, a := range addresses {
		list = append(list, object{"emailAddress": object{"address": a}})
	}
	return list
}

func htmlBody(content string) object { return object{"contentType": "HTML", "content": content} }

func TestSendMailReachesInsideAndOutside(t *testing.T) {
	w := setup(t)
	g := w.as(support)
	g.post("/me/sendMail", object{"message": object{
		"subject": "Your order", "body": htmlBody(`<p>Hi &amp; welcome</p><img src="cid:logo">`),
		"toRecipients": to(sales, "Jo@Customer.example"), "ccRecipients": to("agent1+tag@contoso.example"), "bccRecipients": to("agent2@contoso.example"),
		"internetMessageHeaders": []header{{"X-Tandem-Ticket", "7"}},
		"attachments": []object{
			{"@odata.type": "#microsoft.graph.fileAttachment", "name": "帳票.pdf", "contentType": "application/pdf", "contentBytes": "JVBERg=="},
			{"@odata.type": "#microsoft.graph.fileAttachment", "name": "logo.png", "contentType": "image/png", "contentBytes": "AAEC", "isInline": true, "contentId": "logo"},
		},
	}}).expect(202)

	sent := w.mails(support, "sentitems")
	if len(sent) != 1 || sent[0]["is_read"] != true || fmt.Sprint(sent[0]["bcc"]) != "[agent2@contoso.example]" {
		t.Fatalf("sent items: %v", sent)
	}
	messageID := sent[0]["internet_message_id"].(string)
	if !strings.HasSuffix(messageID, ".prod.contoso.example>") {
		t.Errorf("Message-ID is not Exchange's: %s", messageID)
	}
	for _, address := range []string{sales, "agent1@contoso.example", "agent2@contoso.example"} {
		inbox := w.mails(address, "inbox")
		if len(inbox) != 1 || inbox[0]["internet_message_id"] != messageID || inbox[0]["is_read"] != false || inbox[0]["from"] != support || len(inbox[0]["bcc"].([]any)) != 0 {
			t.Errorf("inbox of %s: %v", address, inbox)
			continue
		}
		if files := fmt.Sprint(inbox[0]["attachments"]); !strings.Contains(files, "帳票.pdf") || !strings.Contains(files, "content_id:logo") {
			t.Errorf("attachments at %s: %s", address, files)
		}
	}
	outbox := w.do("GET", "/sim/outbox", nil).expect(200).list("messages")
	if len(outbox) != 1 || fmt.Sprint(outbox[0]["recipients"]) != "[Jo@Customer.example]" {
		t.Fatalf("outbox: %v", outbox)
	}
	raw := string(w.do("GET", "/sim/outbox/"+outbox[0]["id"].(string)+"/raw", nil).expect(200).body)
	for _, want := range []string{"X-Tandem-Ticket: 7", "Content-Id: <logo>", "multipart/alternative", "multipart/related", "Hi & welcome"} {
		if !strings.Contains(raw, want) {
			t.Errorf("the mail lacks %q:\n%s", want, raw)
		}
	}
	if strings.Contains(raw, "Bcc") || strings.Contains(raw, "agent2@") {
		t.Error("the mail shows who is in Bcc")
	}
}

func TestUnknownRecipientInsideBounces(t *testing.T) {
	w := setup(t)
	w.as(support).post("/me/sendMail", object{"message": object{"subject": "hello", "toRecipients": to("typo@contoso.example")}, "saveToSentItems": false}).expect(202)
	if len(w.mails(support, "sentitems")) != 0 {
		t.Error("a copy was kept although saveToSentItems is false")
	}
	bounce := w.mails(support, "inbox")
	if len(bounce) != 1 || bounce[0]["subject"] != "Undeliverable: hello" || bounce[0]["in_reply_to"] == "" || !strings.Contains(bounce[0]["body"].(string), "typo@contoso.example") {
		t.Errorf("bounce: %v", bounce)
	}
}

func TestSendMIME(t *testing.T) {
	w := setup(t)
	raw := "From: support@contoso.example\r\nTo: jo@customer.example\r\nBcc: sales@contoso.example\r\nSubject: MIME\r\nMessage-ID: <ours@tandem>\r\n" +
		"In-Reply-To: <a@b>\r\nReferences: <z@b> <a@b>\r\nX-Mine: 1\r\n\r\nhello\r\n"
	g := w.as(support)
	send := func(body string) response { return g.post("/me/sendMail", body, "Content-Type", "text/plain") }
	send(base64.StdEncoding.EncodeToString([]byte(raw))).expect(202)
	send("not base64!").refused(400, "ErrorMimeContentInvalidBase64String")
	other := strings.Replace(raw, support, "jo@customer.example", 1)
	send(base64.StdEncoding.EncodeToString([]byte(other))).refused(403, "ErrorSendAsDenied")

	got := w.mails(sales, "inbox")
	if len(got) != 1 || got[0]["in_reply_to"] != "<a@b>" || got[0]["references"] != "<z@b> <a@b>" || got[0]["internet_message_id"] == "<ours@tandem>" {
		t.Fatalf("inbox: %v", got)
	}
	if headers := fmt.Sprint(got[0]["headers"]); !strings.Contains(headers, "X-Mine") || !strings.Contains(headers, "Received") {
		t.Errorf("headers: %s", headers)
	}
}

func TestDraftKeepsItsImmutableIDWhenSent(t *testing.T) {
	w := setup(t)
	g := w.as(support).immutable()
	const mark = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name TandemMark"
	draft := g.post("/me/messages", object{
		"subject": "Re: broken", "body": htmlBody("<p>We fixed it.</p>"), "toRecipients": to("jo@customer.example", sales),
		"singleValueExtendedProperties": []object{
			{"id": mark, "value": "comment-17"},
			{"id": "String 0x1042", "value": "<q@customer.example>"},
			{"id": "String 0x1039", "value": "<p@customer.example> <q@customer.example>"},
		},
	}).expect(201)
	if draft.at("isDraft") != true || draft.text("from", "emailAddress", "address") != support {
		t.Errorf("draft: %s", draft.body)
	}
	id := draft.text("id")

	// A stray draft is found by our own mark.
	filter := url.QueryEscape("singleValueExtendedProperties/Any(ep: ep/id eq '" + mark + "' and ep/value eq 'comment-17')")
	expand := url.QueryEscape("singleValueExtendedProperties($filter=id eq '" + mark + "')")
	found := g.get("/me/mailFolders/drafts/messages?$filter=" + filter + "&$expand=" + expand).expect(200).list("value")
	if len(found) != 1 || found[0]["id"] != id || !strings.Contains(fmt.Sprint(found[0]["singleValueExtendedProperties"]), "comment-17") {
		t.Fatalf("found by mark: %v", found)
	}
	g.call("PATCH", "/me/messages/"+id, object{"subject": "Re: broken printer"}).expect(200)
	g.post("/me/messages/"+id+"/attachments", object{"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "YQ=="}).expect(201)
	g.post("/me/messages/"+id+"/send", nil, "Content-Length", "0").expect(202)

	sent := g.get("/me/messages/" + id).expect(200)
	if sent.at("isDraft") != false || sent.text("parentFolderId") != g.get("/me/mailFolders/sentitems").text("id") ||
		sent.text("internetMessageId") == draft.text("internetMessageId") || sent.at("hasAttachments") != true {
		t.Errorf("sent: %s", sent.body)
	}
	g.post("/me/messages/"+id+"/send", nil).expect(400)
	got := w.mails(sales, "inbox")[0]
	if got["internet_message_id"] != sent.text("internetMessageId") || got["in_reply_to"] != "<q@customer.example>" ||
		got["references"] != "<p@customer.example> <q@customer.example>" || got["subject"] != "Re: broken printer" || len(got["attachments"].([]any)) != 1 {
		t.Errorf("delivered: %v", got)
	}
	if len(w.mails(support, "drafts")) != 0 {
		t.Error("the draft is still there")
	}
}

func TestTheSentCopyMayComeLater(t *testing.T) {
	w := setup(t)
	w.fault(object{"kind": "delay_sent_items", "delay": "30s", "count": 1})
	g := w.as(support).immutable()
	id := g.post("/me/messages", object{"subject": "soon", "toRecipients": to(sales)}).expect(201).text("id")
	g.post("/me/messages/"+id+"/send", nil).expect(202)
	g.get("/me/messages/"+id).refused(404, "ErrorItemNotFound")
	w.advance(30 * time.Second)
	if g.get("/me/messages/"+id).expect(200).at("isDraft") != false {
		t.Error("the message is still a draft")
	}
}

func TestRulesForHeadersOfDrafts(t *testing.T) {
	w := setup(t)
	g := w.as(support)
	headers := func(names ...string) object {
		list := []header{}
		for _, n := range names {
			list = append(list, header{n, "v"})
		}
		return object{"subject": "x", "internetMessageHeaders": list}
	}
	g.post("/me/messages", headers("In-Reply-To")).refused(400, "InvalidInternetMessageHeader")
	g.post("/me/messages", headers("x-1", "x-2", "x-3", "x-4", "x-5", "x-6")).refused(400, "InvalidInternetMessageHeaderCollection")
	g.post("/me/messages", headers()).refused(400, "InvalidInternetMessageHeaderCollection")
	g.post("/me/messages", headers("x-1: v\r\nBcc")).refused(400, "InvalidInternetMessageHeader")
	g.post("/me/messages", headers("x-1")).expect(201)
	g.post("/me/messages", object{"toRecipients": to("nobody")}).refused(400, "ErrorInvalidRecipients")
	id := g.post("/me/messages", object{"subject": "to nobody"}).expect(201).text("id")
	g.post("/me/messages/"+id+"/send", nil).refused(400, "ErrorInvalidRecipients")
	g.post("/me/messages", "{", "Content-Type", "application/json").refused(400, "BadRequest")
}

type header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func TestAnswersAreThreaded(t *testing.T) {
	w := setup(t)
	raw := "From: Jo <jo@customer.example>\r\nReply-To: desk@customer.example\r\nTo: support@contoso.example, sales@contoso.example\r\nCc: c@x.example\r\n" +
		"Subject: Help\r\nMessage-ID: <2@c>\r\nReferences: <1@c>\r\n\r\nplease <help>\r\n"
	id := w.do("POST", "/sim/mailboxes/"+support+"/messages", raw).expect(201).text("id")
	g := w.as(support).immutable()
	original := g.get("/me/messages/" + id)

	reply := g.post("/me/messages/"+id+"/createReply", object{"comment": "On it"}).expect(201)
	if reply.text("subject") != "RE: Help" || reply.text("conversationId") != original.text("conversationId") || !strings.Contains(reply.text("body", "content"), "please &lt;help&gt;") {
		t.Errorf("reply: %s", reply.body)
	}
	if got := fmt.Sprint(reply.at("toRecipients")); !strings.Contains(got, "desk@customer.example") || strings.Contains(got, "jo@") {
		t.Errorf("reply goes to %s", got)
	}
	mime := string(g.get("/me/messages/" + reply.text("id") + "/$value").expect(200).body)
	if !strings.Contains(mime, "In-Reply-To: <2@c>") || !strings.Contains(mime, "References: <1@c> <2@c>") {
		t.Errorf("reply is not threaded:\n%s", mime)
	}
	all := g.post("/me/messages/"+id+"/createReplyAll", nil).expect(201)
	if got := fmt.Sprint(all.at("toRecipients"), all.at("ccRecipients")); !strings.Contains(got, "c@x.example") || !strings.Contains(got, sales) || strings.Contains(got, "support@") {
		t.Errorf("reply to all goes to %s", got)
	}
	g.post("/me/messages/"+id+"/reply", object{"comment": "a", "message": object{"body": htmlBody("b")}}).refused(400, "BadRequest")
	g.post("/me/messages/"+id+"/forward", object{"comment": "FYI", "toRecipients": to(sales)}).expect(202)
	if got := w.mails(sales, "inbox"); len(got) != 1 || got[0]["subject"] != "FW: Help" {
		t.Errorf("forwarded: %v", got)
	}

	// A customer's answer joins the conversation.
	sent := w.mails(support, "sentitems")[0]["internet_message_id"].(string)
	next := w.do("POST", "/sim/mailboxes/"+support+"/messages", "Subject: Re: Help\r\nIn-Reply-To: "+sent+"\r\n\r\nthanks").expect(201).text("id")
	if g.get("/me/messages/"+next).text("conversationId") != original.text("conversationId") {
		t.Error("the answer is in another conversation")
	}
}

func TestLargeAttachmentsNeedAnUploadSession(t *testing.T) {
	w := setup(t)
	g := w.as(support).immutable()
	id := g.post("/me/messages", object{"subject": "big", "toRecipients": to(sales)}).expect(201).text("id")
	tooLarge := object{"@odata.type": "#microsoft.graph.fileAttachment", "name": "big.bin", "contentBytes": make([]byte, 3<<20+1)}
	g.post("/me/messages/"+id+"/attachments", tooLarge).refused(413, "RequestEntityTooLarge")

	content := bytes.Repeat([]byte("0123456789abcdef"), 20<<10)
	session := g.post("/me/messages/"+id+"/attachments/createUploadSession",
		object{"AttachmentItem": object{"attachmentType": "file", "name": "big.bin", "size": len(content)}}).expect(201)
	url := session.text("uploadUrl")
	put := func(from, to int, headers ...string) response {
		return w.do("PUT", url, content[from:to], append(headers, "Content-Type", "application/octet-stream",
			"Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, len(content)))...)
	}
	const half = 128 << 10
	put(0, half, "Authorization", "Bearer x").refused(401, "InvalidAuthenticationToken")
	put(half, 2*half).refused(416, "RangeNotSatisfiable") // out of order
	if next := fmt.Sprint(put(0, half).expect(200).at("nextExpectedRanges")); next != "[131072]" {
		t.Errorf("next ranges: %s", next)
	}
	put(0, half).refused(416, "RangeNotSatisfiable") // twice
	put(half, 2*half).expect(200)
	last := put(2*half, len(content)).expect(201)
	if len(last.body) != 0 || !strings.Contains(last.header.Get("Location"), "/Attachments('") {
		t.Errorf("last range: %q, Location %q", last.body, last.header.Get("Location"))
	}
	put(0, half).expect(404) // the session is over
	g.post("/me/messages/"+id+"/send", nil).expect(202)

	got := w.mails(sales, "inbox")[0]
	file := got["attachments"].([]any)[0].(object)
	download := w.do("GET", "/sim/mailboxes/"+sales+"/messages/"+got["id"].(string)+"/attachments/"+file["id"].(string), nil).expect(200)
	if !bytes.Equal(download.body, content) {
		t.Errorf("the attachment arrived with %d bytes, want %d", len(download.body), len(content))
	}
}

func TestUploadSessionCanBeCancelled(t *testing.T) {
	w := setup(t)
	g := w.as(support)
	id := g.post("/me/messages", object{"subject": "big"}).expect(201).text("id")
	item := object{"AttachmentItem": object{"attachmentType": "file", "name": "b", "size": 10}}
	session := g.post("/me/messages/"+id+"/attachments/createUploadSession", item).expect(201).text("uploadUrl")
	w.do("DELETE", session, nil).expect(204)
	w.do("PUT", session, []byte("0123456789"), "Content-Range", "bytes 0-9/10").expect(404)
	delivered := w.deliver(support, "not a draft")
	g.post("/me/messages/"+delivered+"/attachments/createUploadSession", item).refused(400, "ErrorInvalidPropertySet")
}

func TestMailAboveTheLimitIsNotSent(t *testing.T) {
	w := setup(t)
	w.fault(object{"kind": "limits", "message_size": 10000})
	g := w.as(support)
	draft := func(size int) string {
		id := g.post("/me/messages", object{"subject": "big", "toRecipients": to(sales)}).expect(201).text("id")
		g.post("/me/messages/"+id+"/attachments", object{"@odata.type": "#microsoft.graph.fileAttachment", "name": "b", "contentBytes": make([]byte, size)}).expect(201)
		return id
	}
	for _, size := range []int{8000, 12000} { // 8,000 bytes are more than 10,000 in base64
		g.post("/me/messages/"+draft(size)+"/send", nil).refused(413, "ErrorMessageSizeExceeded")
	}
	if len(w.mails(support, "drafts")) != 2 || len(w.mails(sales, "inbox")) != 0 {
		t.Error("the mails should still be drafts")
	}
	g.post("/me/messages/"+draft(5000)+"/send", nil).expect(202)
	g.post("/me/messages", strings.Repeat("x", 4<<20+1), "Content-Type", "application/json").refused(413, "RequestEntityTooLarge")
}

func TestMIMEDraft(t *testing.T) {
	w := setup(t)
	g := w.as(support).immutable()
	raw := "To: sales@contoso.example\r\nSubject: from MIME\r\nX-Keep: yes\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain\r\n\r\ntext\r\n--b\r\nContent-Type: text/csv; name=a.csv\r\nContent-Disposition: attachment; filename=a.csv\r\n\r\n1,2\r\n--b--\r\n"
	draft := g.post("/me/messages", base64.StdEncoding.EncodeToString([]byte(raw)), "Content-Type", "text/plain").expect(201)
	if draft.text("subject") != "from MIME" || draft.at("hasAttachments") != true || draft.at("isDraft") != true {
		t.Errorf("draft: %s", draft.body)
	}
	g.post("/me/messages/"+draft.text("id")+"/send", nil).expect(202)
	got := w.mails(sales, "inbox")[0]
	if !strings.Contains(fmt.Sprint(got["headers"]), "X-Keep") || got["from"] != support {
		t.Errorf("delivered: %v", got)
	}
}
