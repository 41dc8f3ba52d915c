package api

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// upload sends a file as the given type.
func (c *caller) upload(name, media, token string, content io.Reader) *answer {
	c.w.t.Helper()
	typed := &caller{c.w, c.client, func(r *http.Request) {
		c.prepare(r)
		r.Header.Set("Content-Type", media)
	}}
	return typed.send("POST", "/uploads.json?filename="+url.QueryEscape(name)+"&token="+token, content)
}

func TestFileGoesFromUploadToComment(t *testing.T) {
	everywhere(t, func(w *world) {
		agent := w.as(w.agent)
		up := agent.upload("見積書.pdf", "application/pdf", "", strings.NewReader("%PDF-1.7")).is(201)
		token := up.string("upload.token")
		two := agent.upload("b.txt", "text/plain", token, strings.NewReader("two")).is(201)
		if two.string("upload.token") != token || len(two.list("upload.attachments")) != 2 || two.string("upload.attachment.file_name") != "b.txt" {
			w.t.Errorf("second: %s", two.text)
		}
		path := fmt.Sprintf("/tickets/%d", w.ticket.ID)
		changed := agent.send("PUT", path, object{"ticket": object{"comment": object{"body": "See files", "uploads": []string{token}}}}).is(200)
		if len(changed.list("comment.attachments")) != 2 {
			w.t.Errorf("comment: %s", changed.text)
		}
		shown := agent.get("/attachments/%d", up.number("upload.attachment.id")).is(200)
		if address := shown.string("attachment.mapped_content_url"); address != shown.string("attachment.content_url") {
			w.t.Errorf("mapped address: %s", address)
		}
		file := agent.send("GET", "!"+w.path(shown.string("attachment.content_url")), nil).is(200)
		if file.text != "%PDF-1.7" || !strings.Contains(file.header.Get("Content-Disposition"), "filename*=utf-8''%E8%A6%8B") {
			w.t.Errorf("got %q, %q", file.text, file.header.Get("Content-Disposition"))
		}
		agent.send("PUT", path, object{"ticket": object{"comment": object{"body": "Again", "uploads": []string{token}}}}).refused(422, "upload_unknown")
	})
}

// An address gets around: it stands in logs, in what is copied, in a forwarded page.
func TestStolenAttachmentAddressOpensNothing(t *testing.T) {
	everywhere(t, func(w *world) {
		agent := w.as(w.agent)
		up := agent.upload("contract.txt", "text/plain", "", strings.NewReader("secret")).is(201)
		agent.send("PUT", fmt.Sprintf("/tickets/%d", w.ticket.ID), object{"ticket": object{"comment": object{"body": "See", "uploads": []string{up.string("upload.token")}}}}).is(200)
		address := "!" + w.path(up.string("upload.attachment.content_url"))
		for _, thief := range []*caller{w.anonymous(), w.as(w.requester)} {
			if got := thief.send("GET", address, nil); got.status < 400 || strings.Contains(got.text, "secret") {
				w.t.Errorf("got %d %q", got.status, got.text)
			}
		}
		w.anonymous().send("GET", address, nil).refused(401, "sign_in_needed")
		w.as(w.admin).send("GET", address, nil).is(200)
	})
}

func TestRemovedUploadIsGone(t *testing.T) {
	w := one(t)
	up := w.as(w.agent).upload("a.txt", "text/plain", "", strings.NewReader("a")).is(201)
	w.as(w.agent).send("DELETE", "/uploads/"+up.string("upload.token"), nil).is(204)
	w.as(w.agent).send("GET", "!"+w.path(up.string("upload.attachment.content_url")), nil).refused(404, "attachment_not_found")
}

func TestHostileFilesCannotRun(t *testing.T) {
	w := one(t)
	const octets = "application/octet-stream"
	for _, test := range []struct {
		name, media, content    string
		wantType, wantDisposing string
	}{
		{"page.html", "text/html", "<script>alert(1)</script>", octets, `attachment; filename=page.html`},
		{"page.xhtml", "application/xhtml+xml", "<html xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></html>", octets, `attachment; filename=page.xhtml`},
		{"picture.svg", "image/svg+xml", "<svg onload='alert(1)'/>", octets, `attachment; filename=picture.svg`},
		{"feed.xml", "text/xml", `<?xml-stylesheet href="evil.xsl"?><a/>`, octets, `attachment; filename=feed.xml`},
		{"form.pdf", "application/pdf", "%PDF-1.7 /OpenAction /JavaScript", octets, `attachment; filename=form.pdf`},
		{"app.js", "text/javascript", "alert(1)", octets, `attachment; filename=app.js`},
		{"mail.eml", "message/rfc822", "Content-Type: text/html", octets, `attachment; filename=mail.eml`},
		{"page.mht", "multipart/related", "MIME-Version: 1.0", octets, `attachment; filename=page.mht`},
		{"icon.ico", "image/x-icon", "\x00\x00\x01\x00", octets, `attachment; filename=icon.ico`},
		{"no-type", "", "<html><script>alert(1)</script>", octets, `attachment; filename=no-type`},
		{"two-types", "image/png, text/html", "<script>", octets, `attachment; filename=two-types`},
		{"photo.png", "image/png", "\x89PNG\r\n\x1a\n", "image/png", `inline; filename=photo.png`},
		{"photo.JPG", "IMAGE/JPEG; charset=utf-7", "\xff\xd8\xff", "image/jpeg", `inline; filename=photo.JPG`},
		// Polyglots stay what they are said to be: the browser must not look.
		{"both.gif", "image/gif", "GIF89a/*<script>*/=alert(1)", "image/gif", `inline; filename=both.gif`},
		{"page.png", "image/png", "<html><script>alert(1)</script>", "image/png", `inline; filename=page.png`},
		{"jpeg.html", "image/jpeg", "\xff\xd8\xff<script>alert(1)</script>", "image/jpeg", `inline; filename=jpeg.html`},
		{"../../etc/passwd", "text/plain", "root", octets, `attachment; filename=passwd`},
		{`..\..\boot.ini`, "text/plain", "x", octets, `attachment; filename=boot.ini`},
		{"a\"; filename=evil.exe\r\nX-Evil: yes", "text/plain", "x", octets, `attachment; filename="a\"; filename=evil.exeX-Evil: yes"`},
		{"cv\u202Efdp.exe", "application/pdf", "MZ", octets, `attachment; filename=cvfdp.exe`},
		{"見積 書;%41'.pdf", "application/pdf", "%PDF", octets, `attachment; filename="__ _;%41'.pdf"; filename*=utf-8''%E8%A6%8B%E7%A9%8D%20%E6%9B%B8%3B%2541%27.pdf`},
		{"a\xff\xfeb.txt", "text/plain", "x", octets, `attachment; filename=ab.txt`},
	} {
		up := w.as(w.agent).upload(test.name, test.media, "", strings.NewReader(test.content)).is(201)
		got := w.as(w.agent).send("GET", "!"+w.path(up.string("upload.attachment.content_url")), nil).is(200)
		for header, want := range map[string]string{
			"Content-Type": test.wantType, "Content-Disposition": test.wantDisposing, "X-Content-Type-Options": "nosniff",
			"Content-Security-Policy": "sandbox; default-src 'none'", "X-Evil": "",
		} {
			if got.header.Get(header) != want {
				t.Errorf("%q: %s is %q, want %q", test.name, header, got.header.Get(header), want)
			}
		}
		if got.text != test.content {
			t.Errorf("%q: got %q", test.name, got.text)
		}
	}
}

func TestPartOfAFile(t *testing.T) {
	w := one(t)
	up := w.as(w.agent).upload("a.txt", "text/plain", "", strings.NewReader("0123456789")).is(201)
	agent := w.as(w.agent)
	ranged := &caller{w, agent.client, func(r *http.Request) {
		agent.prepare(r)
		r.Header.Set("Range", "bytes=2-4")
	}}
	if got := ranged.send("GET", "!"+w.path(up.string("upload.attachment.content_url")), nil).is(206); got.text != "234" {
		t.Errorf("got %q", got.text)
	}
}

func TestUploadCutInTheMiddle(t *testing.T) {
	w := one(t)
	conn, err := net.Dial("tcp", w.http.Listener.Addr().String())
	w.must(err)
	defer conn.Close()
	r, err := http.NewRequest("POST", w.http.URL+prefix+"/uploads?filename=a.bin", nil)
	w.must(err)
	w.as(w.agent).prepare(r)
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: tandem\r\nAuthorization: %s\r\nContent-Length: 1000\r\n\r\nhalf", r.URL.RequestURI(), r.Header.Get("Authorization"))
	w.must(conn.(*net.TCPConn).CloseWrite())
	response, err := http.ReadResponse(bufio.NewReader(conn), r)
	w.must(err)
	defer response.Body.Close()
	if response.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("got status %d", response.StatusCode)
	}
	w.as(w.agent).get("/attachments/1").refused(404, "not_found")
}
