package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"tandem/desk"
	"tandem/email"
	"tandem/email/eml"
	"tandem/problem"
	"tandem/store"
)

// suspicious is a scanner that finds what says so.
type suspicious struct{}

func (suspicious) Version(context.Context) (string, error) { return "Test 1.0", nil }

func (suspicious) Scan(_ context.Context, r io.Reader) (string, error) {
	content, err := io.ReadAll(r)
	if strings.Contains(string(content), "EVIL") {
		return "Test.Evil", err
	}
	return "", err
}

// web fetches one picture.
type web struct{}

func (web) FetchPicture(_ context.Context, address string) (string, []byte, error) {
	if address != "https://img.example/logo.gif?a=1&b=2" {
		return "", nil, problem.New(problem.Forbidden, "image_refused", "Not %s.", address)
	}
	return "image/gif", []byte("GIF89a"), nil
}

// equip gives the desk a scanner, the web, and people outside who reach it.
func (w *world) equip() {
	mails := store.For[email.Tx](w.db)
	sender := email.NewSender(mails, nil, w.blobs, time.Now, newToken, nil)
	w.server.desk = desk.NewService(store.For[desk.Tx](w.db), w.blobs, desk.Options{
		UndoWindow: time.Hour, Outbox: sender, NewToken: newToken, Scanner: suspicious{}, Pictures: web{}, Shares: true,
	})
}

var imageSource = regexp.MustCompile(`<img src="(/images/[^"]+)"`)

func TestRemoteImagesComeThroughUsOnly(t *testing.T) {
	w := one(t)
	w.equip()
	html, _ := eml.Sanitize(`<img src="https://img.example/logo.gif?a=1&amp;b=2"><img src="http://169.254.169.254/latest">`, nil)
	c := w.say(desk.NewComment{AuthorID: w.requester.ID, Public: true, HTML: html, HasRemoteImages: true})
	frame := w.as(w.agent).get("/tickets/%d/comments/%d/frame?images=true", w.ticket.ID, c.ID).is(200)
	found := imageSource.FindAllStringSubmatch(frame.text, -1)
	if len(found) != 2 {
		t.Fatalf("the frame is %s", frame.text)
	}
	logo := found[0][1]
	image := w.anonymous().send("GET", "!"+logo, nil).is(200)
	if image.text != "GIF89a" || image.header.Get("Content-Type") != "image/gif" || image.header.Get("X-Content-Type-Options") != "nosniff" ||
		image.header.Get("Content-Security-Policy") != filePolicy {
		t.Errorf("got %q, %v", image.text, image.header)
	}
	w.anonymous().send("GET", "!"+found[1][1], nil).refused(403, "image_refused")

	until, rest, _ := strings.Cut(strings.TrimPrefix(logo, "/images/"), ".")
	address, signature, _ := strings.Cut(rest, ".")
	other := w.server.imageAddress("https://elsewhere.example/")
	for what, forged := range map[string]string{
		"no signature":      "/images/" + until + "." + address,
		"another day":       "/images/99999." + address + "." + signature,
		"another address":   strings.TrimSuffix(other, other[strings.LastIndex(other, "."):]) + "." + signature,
		"a plain address":   "/images/https:%2F%2Fimg.example%2Flogo.gif",
		"of yesterday":      w.imageOf(time.Now().Add(-(imageLife+1)*24*time.Hour), "https://img.example/logo.gif?a=1&b=2"),
		"of another server": (&server{options: Options{ImageKey: []byte("guess")}, now: time.Now}).imageAddress("https://img.example/logo.gif?a=1&b=2"),
	} {
		if got := w.anonymous().send("GET", "!"+forged, nil); got.status != http.StatusNotFound {
			t.Errorf("%s: %d %s", what, got.status, got.text)
		}
	}
}

// imageOf is the address that an image had at another time.
func (w *world) imageOf(at time.Time, remote string) string {
	past := *w.server
	past.now = func() time.Time { return at }
	return past.imageAddress(remote)
}

// share sends a file that is too large to be attached, and returns the answer with its link.
func (w *world) share(name string) *answer {
	w.t.Helper()
	w.as(w.admin).send("PUT", "/attachment_settings", object{"attachment_settings": object{"link_above": 1 << 20}}).is(200)
	up := w.as(w.agent).upload(name, "text/html", "", strings.NewReader(strings.Repeat("<b>", 500_000))).is(201)
	return w.as(w.agent).send("PUT", fmt.Sprintf("/tickets/%d", w.ticket.ID), object{"ticket": object{"comment": object{
		"body": "See file", "uploads": []string{up.string("upload.token")}}}}).is(200)
}

func TestPageOfALinkedFile(t *testing.T) {
	w := one(t)
	w.equip()
	shared := w.share(`<img src=x onerror=alert(1)>.html`)
	page := "!" + w.path(shared.string("comment.file_links.0.url"))
	link := fmt.Sprintf("/file_links/%d/", shared.number("comment.file_links.0.id"))
	in := func(language string) *caller {
		return &caller{w, w.http.Client(), func(r *http.Request) { r.Header.Set("Accept-Language", language) }}
	}
	for language, want := range map[string]string{
		"en-GB": "Ana Agent of Contoso sent you a file", "ja,en;q=0.5": "Ana Agentさん", "pt-PT": "Ana Agent, de Contoso", "fi": "sent you a file", ";;": "sent you a file",
	} {
		if got := in(language).send("GET", page, nil).is(200); !strings.Contains(got.text, want) || strings.Contains(got.text, "<img") {
			t.Errorf("%s: %s", language, got.text)
		}
	}
	shown := in("en").send("GET", page, nil)
	for header, want := range map[string]string{"Content-Security-Policy": filePagePolicy, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"} {
		if shown.header.Get(header) != want {
			t.Errorf("%s: %q", header, shown.header.Get(header))
		}
	}
	file := in("en").send("GET", page+"/download", nil).is(200)
	if len(file.text) != 1_500_000 || file.header.Get("Content-Type") != "application/octet-stream" || file.header.Get("Content-Security-Policy") != filePolicy ||
		!strings.HasPrefix(file.header.Get("Content-Disposition"), "attachment; ") {
		t.Errorf("%d bytes, %v", len(file.text), file.header)
	}
	rest := &caller{w, w.http.Client(), func(r *http.Request) { r.Header.Set("Range", "bytes=1000-") }}
	rest.send("GET", page+"/download", nil).is(206)
	w.as(w.agent).send("POST", link+"revoke", object{}).is(200)
	if got := in("en").send("GET", page, nil).is(410); !strings.Contains(got.text, "taken back") || strings.Contains(got.text, "/download") {
		t.Errorf("revoked: %s", got.text)
	}
	if got := in("pt-BR").send("GET", page+"/download", nil).is(410); !strings.Contains(got.text, "cancelado") {
		t.Errorf("revoked: %s", got.text)
	}
	renewed := w.as(w.agent).send("POST", link+"renew", object{}).is(200)
	if renewed.string("file_link.state") != "active" || renewed.number("file_link.downloads") != 1 {
		t.Errorf("renewed: %s", renewed.text)
	}
	in("en").send("GET", page, nil).is(200)
	if got := in("en").send("GET", "!/files/guess", nil).is(404); !strings.Contains(got.text, "no file at this address") {
		t.Errorf("a guess: %s", got.text)
	}
}

func TestMalwareIsDownloadedOnlyByAnAdministratorWhoKnows(t *testing.T) {
	everywhere(t, func(w *world) {
		w.equip()
		w.as(w.agent).upload("a.exe", "", "", strings.NewReader("EVIL")).refused(422, "upload_malware")
		key, err := w.blobs.PutBytes(w.t.Context(), []byte("mailed EVIL"))
		w.must(err)
		c := w.say(desk.NewComment{AuthorID: w.requester.ID, Public: true, Text: "Invoice", Attachments: []desk.Attachment{{FileName: "invoice.exe", Blob: key, Size: 11}}})
		w.must(w.server.desk.WorkScan(w.t.Context(), c.ID))
		shown := w.as(w.agent).get("/tickets/%d/comments?sort=-created_at", w.ticket.ID).is(200)
		const at = "comments.0.attachments.0."
		if shown.string(at+"malware_scan_result") != "malware_found" || shown.string(at+"scan_finding") != "Test.Evil" {
			w.t.Errorf("shown: %s", shown.text)
		}
		w.as(w.agent).send("GET", "!"+w.path(shown.string(at+"content_url")), nil).refused(403, "attachment_malware")
		path := fmt.Sprintf("/attachments/%d/dangerous", shown.number(at+"id"))
		w.as(w.admin).send("POST", path, object{"confirm": false}).refused(422, "not_confirmed")
		got := w.as(w.admin).send("POST", path, object{"confirm": true}).is(200)
		if got.text != "mailed EVIL" || got.header.Get("Content-Disposition") != "attachment; filename=invoice.exe" {
			w.t.Errorf("got %q, %v", got.text, got.header)
		}
		if logs := w.as(w.admin).get("/audit_logs").is(200); !strings.Contains(logs.text, "attachment.dangerous_downloaded") {
			w.t.Error("the audit trail does not tell")
		}
	})
}

func TestAttachmentSettings(t *testing.T) {
	w := one(t)
	w.equip()
	shown := w.as(w.admin).get("/attachment_settings").is(200)
	if shown.number("attachment_settings.link_above") != 20<<20 || shown.number("attachment_settings.link_days") != 30 ||
		shown.at("attachment_settings.scanner.answers") != true {
		t.Errorf("got %s", shown.text)
	}
	changed := w.as(w.admin).send("PUT", "/attachment_settings", object{"attachment_settings": object{"link_days": 7}}).is(200)
	if changed.number("attachment_settings.link_days") != 7 || changed.number("attachment_settings.link_above") != 20<<20 {
		t.Errorf("got %s", changed.text)
	}
	w.as(w.admin).send("PUT", "/attachment_settings", object{"attachment_settings": object{"link_days": 0}}).refused(422, "link_life")
}

func TestSetAsideFilesCanBeAskedFor(t *testing.T) {
	w := one(t)
	c := w.say(desk.NewComment{AuthorID: w.requester.ID, Public: true, Text: "Plans", MailID: int64(w.mail.ID), Attachments: []desk.Attachment{{FileName: "plan.dwg", Size: 200 << 20}}})
	w.update(func(tx email.Tx) error {
		m, err := tx.GetMail(t.Context(), w.mail.ID)
		if err != nil {
			return err
		}
		m.TicketID = w.ticket.ID
		if err := tx.UpdateMail(t.Context(), m); err != nil {
			return err
		}
		return tx.SaveAside(t.Context(), desk.Aside{MailID: int64(m.ID), CommentID: c.ID, Size: 270 << 20, State: desk.AtMicrosoft})
	})
	shown := w.as(w.agent).get("/tickets/%d/comments?sort=-created_at", w.ticket.ID).is(200)
	if shown.string("comments.0.set_aside.state") != "at_microsoft" || shown.at("comments.0.attachments.0.set_aside") != true {
		t.Errorf("shown: %s", shown.text)
	}
	w.as(w.agent).send("GET", "!"+w.path(shown.string("comments.0.attachments.0.content_url")), nil).refused(404, "attachment_set_aside")
	if got := w.as(w.agent).send("POST", fmt.Sprintf("/mail/%d/fetch_attachments", w.mail.ID), object{}).is(202); got.string("set_aside.state") != "fetching" {
		t.Errorf("got %s", got.text)
	}
}
