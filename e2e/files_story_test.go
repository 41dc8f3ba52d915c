package e2e

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"

	"tandem/clamd/clamdtest"
	"tandem/config"
)

// attachmentSettings changes what applies to files and images.
func (w *World) attachmentSettings(c change) {
	w.Helper()
	w.API.Put("/api/v2/attachment_settings", change{"attachment_settings": c}).Want(200)
}

// stranger asks without any sign-in, as a customer with a link does.
func (w *World) stranger(address string) (status int, text string) {
	w.Helper()
	answer, err := http.Get(address)
	if err != nil {
		w.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		w.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// What is too large for a mail leaves as a link, which its receiver follows
// until it is taken back.
func TestLargeFileLeavesAsALink(t *testing.T) {
	t.Parallel()
	w, made := ticketOf(Open(t, Options{}), "The film")
	w.attachmentSettings(change{"link_above": 1 << 20})
	film := bytes.Repeat([]byte("film"), 1<<19)
	small, _ := w.upload("manual.txt", "text/plain", []byte("Press the button."))
	large, _ := w.upload("film.bin", "application/octet-stream", film)
	said := w.change(made.ID, change{"comment": change{"body": "Here it is.", "uploads": []string{small, large}}})
	w.awaitDelivery(made.ID, said.ID, "sent")

	link := w.comments(made.ID)[1].Links[0]
	sent := w.awaitSent()
	if len(sent.Attachments) != 1 || sent.Attachments[0].Name != "manual.txt" {
		t.Errorf("attached are %+v", sent.Attachments)
	}
	for _, part := range []string{link.URL, "film.bin", "2.1 MB", "available until"} {
		if !strings.Contains(sent.Body, part) {
			t.Errorf("the mail does not say %q: %s", part, sent.Body)
		}
	}
	if status, page := w.stranger(link.URL); status != 200 || !strings.Contains(page, "film.bin") {
		t.Errorf("the page: %d %s", status, page)
	}
	if status, content := w.stranger(link.URL + "/download"); status != 200 || content != string(film) {
		t.Errorf("the download: %d, %d bytes", status, len(content))
	}
	if n := w.comments(made.ID)[1].Links[0].Downloads; n != 1 {
		t.Errorf("%d downloads are counted", n)
	}
	w.API.Post("/api/v2/file_links/1/revoke", change{}).Want(200)
	if status, _ := w.stranger(link.URL + "/download"); status != 410 {
		t.Errorf("after it was taken back: %d", status)
	}
}

// A reply that Microsoft does not take for its size says so, with the limits.
func TestReplyThatMicrosoftFindsTooLargeSaysTheLimit(t *testing.T) {
	t.Parallel()
	w, made := ticketOf(Open(t, Options{}), "The film")
	w.attachmentSettings(change{"link_above": 150 << 20})
	large, _ := w.upload("film.bin", "application/octet-stream", make([]byte, 36<<20))
	said := w.change(made.ID, change{"comment": change{"body": "Here it is.", "uploads": []string{large}}})
	if d := w.awaitDelivery(made.ID, said.ID, "failed"); d.ErrorCode != "reply_too_large" || !strings.Contains(d.Message, "37.7 MB") || !strings.Contains(d.Message, "35 MB") {
		t.Errorf("it failed with %+v", d)
	}
}

// A mail beyond the limit becomes a ticket with its text; its files come when
// somebody asks, although the mail has been filed meanwhile.
func TestFilesOfAMailThatIsTooLargeAreFetchedOnDemand(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{Adjust: func(c *config.Config) { c.Mail.MaxSize = "1 MB" }}))
	content := bytes.Repeat([]byte("plan"), 1<<19)
	w.Deliver(Support, rawMail("Message-ID: <huge@stranger.example>\nContent-Type: multipart/mixed; boundary=b\n", multipart("b",
		"Content-Type: text/plain\n\nThe plans.", "Content-Type: application/zip; name=plans.zip\nContent-Transfer-Encoding: base64\n\n"+base64.StdEncoding.EncodeToString(content))))
	made := w.awaitTicket()
	c := w.comments(made.ID)[0]
	if c.Body != "The plans." || c.SetAside == nil || c.SetAside.State != "at_microsoft" || c.Attachments[0].FileName != "plans.zip" {
		t.Fatalf("the comment is %+v", c)
	}
	w.Until("the mail is filed", func() bool { return len(w.Folder(Support, "Tandem")) == 1 })
	w.API.Post("/api/v2/mail/1/fetch_attachments", change{}).Want(202)
	w.Until("the files", func() bool { return w.comments(made.ID)[0].SetAside == nil })
	if got := w.API.Get(w.comments(made.ID)[0].Attachments[0].ContentURL).Want(200).Body; !bytes.Equal(got, content) {
		t.Errorf("the file has %d bytes", len(got))
	}
}

// With a real ClamAV, malware is shown and never handed out by accident,
// whichever way it comes; while the scanner is away files wait for it.
func TestMalwareIsCaughtOnEveryWay(t *testing.T) {
	t.Parallel()
	scanner := clamdtest.Start(t)
	w := connected(Open(t, Options{Adjust: func(c *config.Config) { c.Scan.Clamd = scanner }}))
	w.Deliver(Support, rawMail("Message-ID: <virus@stranger.example>\nContent-Type: multipart/mixed; boundary=b\n", multipart("b",
		"Content-Type: text/plain\n\nYour invoice.", "Content-Type: application/pdf; name=invoice.pdf\n\n"+clamdtest.Virus, "Content-Type: text/csv; name=list.csv\n\na;b;c")))
	made := w.awaitTicket()
	w.Until("the verdicts", func() bool {
		files := w.comments(made.ID)[0].Attachments
		return files[0].Scan == "malware_found" && files[1].Scan == "malware_not_found"
	})
	files := w.comments(made.ID)[0].Attachments
	if got := w.API.Get(files[0].ContentURL); got.Status != 403 || got.Code() != "attachment_malware" || strings.Contains(string(got.Body), clamdtest.Virus) {
		t.Errorf("the virus: %d %s", got.Status, got.Body)
	}
	w.API.Get(files[1].ContentURL).Want(200)
	refused, err := w.API.Try("POST", "/api/v2/uploads?filename=a.doc", clamdtest.Virus)
	if err != nil || refused.Status != 422 || !strings.Contains(string(refused.Body), "upload_malware") {
		t.Errorf("uploading it: %+v, %v", refused, err)
	}
}
