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
		if whole := shown.string("attachment.mapped_content_url"); whole != w.http.URL+shown.string("attachment.content_url") {
			w.t.Errorf("address for programs: %s", whole)
		}
		file := w.anonymous().send("GET", "!"+shown.string("attachment.content_url"), nil).is(200)
		if file.text != "%PDF-1.7" || !strings.Contains(file.header.Get("Content-Disposition"), "filename*=utf-8''%E8%A6%8B") {
			w.t.Errorf("got %q, %q", file.text, file.header.Get("Content-Disposition"))
		}
		agent.send("PUT", path, object{"ticket": object{"comment": object{"body": "Again", "uploads": []string{token}}}}).refused(422, "upload_unknown")
	})
}

func TestRemovedUploadIsGone(t *testing.T) {
	w := one(t)
	up := w.as(w.agent).upload("a.txt", "text/plain", "", strings.NewReader("a")).is(201)
	w.as(w.agent).send("DELETE", "/uploads/"+up.string("upload.token"), nil).is(204)
	w.anonymous().send("GET", "!"+up.string("upload.attachment.content_url"), nil).refused(404, "attachment_not_found")
}

func TestHostileFilesCannotRun(t *testing.T) {
	w := one(t)
	for _, test := range []struct {
		name, media, content    string
		wantType, wantDisposing string
	}{
		{"page.html", "text/html", "<script>alert(1)</script>", "application/octet-stream", `attachment; filename=page.html`},
		{"picture.svg", "image/svg+xml", "<svg onload='alert(1)'/>", "application/octet-stream", `attachment; filename=picture.svg`},
		{"photo.png", "image/png", "\x89PNG\r\n\x1a\n", "image/png", `inline; filename=photo.png`},
		{"../../etc/passwd", "text/plain", "root", "application/octet-stream", `attachment; filename=passwd`},
		{"a\"; filename=evil.exe\r\nX-Evil: yes", "text/plain", "x", "application/octet-stream", `attachment; filename="a\"; filename=evil.exeX-Evil: yes"`},
		{"cv\u202Efdp.exe", "application/pdf", "MZ", "application/octet-stream", `attachment; filename=cvfdp.exe`},
	} {
		up := w.as(w.agent).upload(test.name, test.media, "", strings.NewReader(test.content)).is(201)
		got := w.anonymous().send("GET", "!"+up.string("upload.attachment.content_url"), nil).is(200)
		for header, want := range map[string]string{
			"Content-Type": test.wantType, "Content-Disposition": test.wantDisposing, "X-Content-Type-Options": "nosniff",
			"Content-Security-Policy": "sandbox; default-src 'none'", "X-Evil": "",
		} {
			if got.header.Get(header) != want {
				t.Errorf("%q: %s is %q, want %q", test.name, header, got.header.Get(header), want)
			}
		}
	}
}

func TestPartOfAFile(t *testing.T) {
	w := one(t)
	up := w.as(w.agent).upload("a.txt", "text/plain", "", strings.NewReader("0123456789")).is(201)
	ranged := &caller{w, w.http.Client(), func(r *http.Request) { r.Header.Set("Range", "bytes=2-4") }}
	if got := ranged.send("GET", "!"+up.string("upload.attachment.content_url"), nil).is(206); got.text != "234" {
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
