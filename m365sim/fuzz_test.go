package m365sim

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzParseMail: whatever comes in, parsing ends, and what it found can be
// shown as JSON.
func FuzzParseMail(f *testing.F) {
	for _, seed := range []string{
		"", "Subject: x\r\n\r\nbody", "Subject: =?utf-8?Q?=ff?=\n\n\x00",
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>x\r\n--b--",
		"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nx", "From: <<a@b>>, \"c\"@d\r\nTo: undisclosed-recipients:;\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		p := parseMail(raw)
		if _, err := json.Marshal(p.properties); err != nil {
			t.Fatal(err)
		}
		for _, h := range p.headers {
			if !utf8.ValidString(h.Name) || !utf8.ValidString(h.Value) {
				t.Fatalf("header is not UTF-8: %q", h)
			}
		}
		if strings.Contains(p.body, "\x00") {
			t.Fatal("the body has a NUL")
		}
		if len([]rune(p.properties.BodyPreview)) > previewLength {
			t.Fatal("the preview is too long")
		}
	})
}

// FuzzFilter: a filter is refused or becomes SQL that SQLite can run.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		"isRead eq false", "not (subject eq 'it''s' or contains(subject,'%'))", "categories/any(c:c eq 'x')", "receivedDateTime ge 2026-01-01",
		"subject in ('a','b')", "singleValueExtendedProperties/Any(ep: ep/id eq 'x' and ep/value eq 'y')", "from/emailAddress/address ne null",
	} {
		f.Add(seed)
	}
	db, err := openDatabase(f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { db.close() })
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := compileFilter(text, messageSchema())
		if err != nil {
			return
		}
		if _, err := collectMessages(db, false, adHoc+"SELECT "+messageColumns+" FROM message WHERE "+filter.sql, filter.args...); err != nil {
			t.Fatalf("%s became %s: %v", text, filter.sql, err)
		}
	})
}

// TestComposedMailReadsBack: what is composed is parsed to the same, with names
// and file names in any script.
func TestComposedMailReadsBack(t *testing.T) {
	self := newRecipient("サポート窓口", "support@contoso.example")
	m := &message{bodyType: "html", body: "<p>Ação — “お返事”</p>", headers: []header{{"X-Tandem", "café"}, {"Received", "not ours to set"}}}
	m.properties = properties{
		Subject: "Re: 注文\r\nBcc: evil@x.example", From: &self, ToRecipients: []recipient{newRecipient("Zoë, Ltd.", "zoe@customer.example")},
		InternetMessageID: "<1@x>", InReplyTo: "<0@x>", References: strings.Repeat("<a-rather-long-message-id@customer.example> ", 20), Importance: "high",
	}
	files := []attachment{
		{kind: "file", name: "見積書 (最終).pdf", contentType: "application/pdf", content: []byte("%PDF")},
		{kind: "file", name: "logo.png", contentType: "image/png", contentID: "logo", inline: true, content: []byte{0, 1, 2}},
		{kind: "item", contentType: "message/rfc822", content: []byte("Subject: inner\r\n\r\nold mail\r\n")},
	}
	raw, err := compose(m, files)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(raw), "\r\n") {
		if len(line) > 998 { // RFC 5322 section 2.1.1
			t.Errorf("line of %d characters", len(line))
		}
	}
	p := parseMail(raw)
	if p.properties.Subject != "Re: 注文 Bcc: evil@x.example" || len(p.properties.BccRecipients) != 0 {
		t.Errorf("subject %q, bcc %v", p.properties.Subject, p.properties.BccRecipients)
	}
	if *p.properties.From != self || p.properties.ToRecipients[0].EmailAddress.Name != "Zoë, Ltd." || p.properties.Importance != "high" {
		t.Errorf("properties: %+v", p.properties)
	}
	if p.body != m.body || p.bodyType != "html" || len(relatedIDs(p.properties)) != 21 {
		t.Errorf("body %q, related %d", p.body, len(relatedIDs(p.properties)))
	}
	if decodeWords(fieldValue(p.headers, "X-Tandem")) != "café" || fieldValue(p.headers, "Received") != "" {
		t.Errorf("headers: %v", p.headers)
	}
	if len(p.files) != 3 {
		t.Fatalf("files: %d", len(p.files))
	}
	byName := map[string]attachment{}
	for _, f := range p.files {
		byName[f.name] = f
	}
	if got := byName["見積書 (最終).pdf"]; string(got.content) != "%PDF" || got.inline {
		t.Errorf("attachment: %+v", got)
	}
	if got := byName["logo.png"]; !got.inline || got.contentID != "logo" {
		t.Errorf("inline image: %+v", got)
	}
	if got := byName["inner"]; got.kind != "item" || !strings.Contains(string(got.content), "old mail") {
		t.Errorf("attached mail: %+v", got)
	}
}

func TestIDsOfOtherKindsAreNotMistaken(t *testing.T) {
	id := messageID{mailbox: 7, message: 1 << 40, generation: 3}
	for _, immutable := range []bool{false, true} {
		id.immutable = immutable
		back, ok := parseMessageID(id.String())
		if !ok || back.message != id.message || back.mailbox != 7 || back.immutable != immutable {
			t.Errorf("%+v reads back as %+v", id, back)
		}
	}
	for _, other := range []string{folderID(7, 1), attachmentID(1, 2), strings.ToLower(id.String()), id.String() + "=", ""} {
		if _, ok := parseMessageID(other); ok {
			t.Errorf("%q is taken for a message", other)
		}
	}
}
