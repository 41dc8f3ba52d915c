package desk_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"tandem/access"
	"tandem/blob"
	"tandem/desk"
	"tandem/email"
	"tandem/store"
)

// scanner is a virus scanner as data.
type scanner struct {
	away    bool
	toLarge bool
	asked   int
}

func (s *scanner) Version(context.Context) (string, error) { return "Test 1.0", s.fault() }

func (s *scanner) fault() error {
	if s.away {
		return errors.New("nobody listens at the socket")
	}
	return nil
}

// Scan finds what says that it is evil.
func (s *scanner) Scan(_ context.Context, r io.Reader) (string, error) {
	s.asked++
	content, err := io.ReadAll(r)
	switch {
	case err != nil:
		return "", err
	case s.toLarge:
		return "", fmt.Errorf("scan: %w", desk.ErrTooLargeToScan)
	case strings.Contains(string(content), "EVIL"):
		return "Test.Evil", s.fault()
	}
	return "", s.fault()
}

// picture fetches one picture, and counts.
type picture struct{ fetched int }

func (p *picture) FetchPicture(context.Context, string) (string, []byte, error) {
	p.fetched++
	return "image/gif", []byte("GIF89a picture"), nil
}

// outfit gives the world's desk a scanner, pictures, and people outside who reach it.
type outfit struct {
	*world
	scanner *scanner
	picture *picture
	blobs   *blob.Store
}

func equip(w *world) *outfit {
	w.t.Helper()
	blobs, err := blob.Open(w.t.Context(), w.t.TempDir())
	w.must(err)
	o := &outfit{w, &scanner{}, &picture{}, blobs}
	n := 0
	token := func() string { n++; return fmt.Sprintf("secret%d", n) }
	sender := email.NewSender(store.For[email.Tx](w.db), nil, blobs, w.clock.Now, token, nil)
	w.desk = desk.NewService(store.For[desk.Tx](w.db), blobs, desk.Options{
		Now: w.clock.Now, NewToken: token, UndoWindow: undoWindow, Outbox: sender, Scanner: o.scanner, Pictures: o.picture, Shares: true,
		Sanitize: func(html string, _ func(string) (string, bool)) (string, bool) { return html, false }, PlainText: func(html string) string { return html },
	})
	return o
}

func (o *outfit) upload(by access.Actor, name, content string) *desk.Upload {
	o.t.Helper()
	up, err := o.desk.AddUpload(o.t.Context(), by, "", name, "application/octet-stream", strings.NewReader(content))
	o.must(err)
	return up
}

// mailWith is a ticket whose mail brought a file.
func (o *outfit) mailWith(content string) (*desk.Ticket, *desk.Comment) {
	o.t.Helper()
	key, err := o.blobs.PutBytes(o.t.Context(), []byte(content))
	o.must(err)
	ticket := o.mailIn()
	c, err := o.say(ticket.ID, desk.NewComment{AuthorID: o.requester.ID, Public: true, Text: "See file", Attachments: []desk.Attachment{
		{FileName: "file.bin", ContentType: "application/octet-stream", Size: int64(len(content)), Blob: key},
	}})
	o.must(err)
	return ticket, c
}

func (o *outfit) file(t desk.TicketID, c *desk.Comment) desk.Attachment {
	o.t.Helper()
	shown, err := o.desk.Comment(o.t.Context(), o.agent, t, c.ID)
	o.must(err)
	return shown.Attachments[0]
}

func (o *outfit) download(a desk.Attachment) string {
	_, content, err := o.desk.File(o.t.Context(), access.System(), a.Secret)
	if err == nil {
		content.Close()
	}
	return codeOf(err)
}

func (o *outfit) choose(change func(*desk.FileSettings)) {
	o.t.Helper()
	_, err := o.desk.ChangeFileSettings(o.t.Context(), o.admin, change)
	o.must(err)
}

func TestMailedMalwareIsShownAndWithheld(t *testing.T) {
	each(t, func(w *world) {
		o := equip(w)
		ticket, c := o.mailWith("this is EVIL")
		if got := o.download(o.file(ticket.ID, c)); got != "attachment_not_scanned" {
			w.t.Errorf("before it was scanned: %q", got)
		}
		w.must(w.desk.WorkScan(w.t.Context(), c.ID))
		a := o.file(ticket.ID, c)
		if a.Scan != desk.ScanMalware || a.Finding != "Test.Evil" {
			w.t.Errorf("the file is %q, %q", a.Scan, a.Finding)
		}
		if got := o.download(a); got != "attachment_malware" {
			w.t.Errorf("downloading it: %q", got)
		}
		_, _, err := w.desk.Dangerous(w.t.Context(), w.agent, a.ID)
		w.refused(err, "administrators_only")
		_, content, err := w.desk.Dangerous(w.t.Context(), w.admin, a.ID)
		w.must(err)
		defer content.Close()
		if text, _ := io.ReadAll(content); string(text) != "this is EVIL" {
			w.t.Errorf("the administrator got %q", text)
		}
	})
}

func TestScannerThatIsAwayHoldsOrLetsThrough(t *testing.T) {
	each(t, func(w *world) {
		o := equip(w)
		o.scanner.away = true
		ticket, c := o.mailWith("harmless")
		w.must(w.desk.WorkScan(w.t.Context(), c.ID))
		a := o.file(ticket.ID, c)
		if a.Scan != desk.ScanFailed || o.download(a) != "attachment_not_scanned" {
			w.t.Errorf("held: %q, %q", a.Scan, o.download(a))
		}
		o.choose(func(f *desk.FileSettings) { f.HoldUnscanned = false })
		if got := o.download(a); got != "" {
			w.t.Errorf("let through: %q", got)
		}
		o.choose(func(f *desk.FileSettings) { f.HoldUnscanned = true })
		w.must(w.desk.WorkScanAgain(w.t.Context()))
		if a := o.file(ticket.ID, c); a.Scan != desk.ScanFailed {
			w.t.Errorf("scanned by a scanner that is away: %q", a.Scan)
		}
		o.scanner.away = false
		w.must(w.desk.WorkScanAgain(w.t.Context()))
		if a := o.file(ticket.ID, c); a.Scan != desk.ScanClean || o.download(a) != "" {
			w.t.Errorf("later: %q, %q", a.Scan, o.download(a))
		}
	})
}

func TestFileTooLargeForTheScannerIsNotAskedAgain(t *testing.T) {
	each(t, func(w *world) {
		o := equip(w)
		o.scanner.toLarge = true
		ticket, c := o.mailWith("gigabytes")
		w.must(w.desk.WorkScan(w.t.Context(), c.ID))
		w.must(w.desk.WorkScanAgain(w.t.Context()))
		if a := o.file(ticket.ID, c); o.scanner.asked != 1 || o.download(a) != "attachment_too_large_to_scan" {
			w.t.Errorf("asked %d times, downloading: %q", o.scanner.asked, o.download(a))
		}
	})
}

func TestUploadedMalwareIsRefused(t *testing.T) {
	each(t, func(w *world) {
		o := equip(w)
		_, err := w.desk.AddUpload(w.t.Context(), w.agent, "", "a.doc", "", strings.NewReader("EVIL macro"))
		w.refused(err, "upload_malware")
		if a := o.upload(w.agent, "a.txt", "harmless").Added; a.Scan != desk.ScanClean || o.download(a) != "" {
			w.t.Errorf("a clean upload is %q", a.Scan)
		}
	})
}

func TestUploadIsItsUploadersOnly(t *testing.T) {
	each(t, func(w *world) {
		o := equip(w)
		up := o.upload(w.agent, "a.txt", "mine")
		_, err := w.desk.Attachment(w.t.Context(), w.colleague, up.Added.ID)
		w.refused(err, "attachment_not_found")
		w.must(w.desk.RemoveUpload(w.t.Context(), w.colleague, up.Token))
		_, err = w.desk.AddUpload(w.t.Context(), w.colleague, up.Token, "b.txt", "", strings.NewReader("b"))
		w.refused(err, "upload_unknown")
		for _, by := range []access.Actor{w.agent, w.admin} {
			if _, err := w.desk.Attachment(w.t.Context(), by, up.Added.ID); err != nil {
				w.t.Errorf("%s: %v", by.Name, err)
			}
		}
		w.must(w.desk.RemoveUpload(w.t.Context(), w.agent, up.Token))
		if got := o.download(up.Added); got != "attachment_not_found" {
			w.t.Errorf("after its uploader removed it: %q", got)
		}
	})
}

func TestBytesGoWithTheLastReference(t *testing.T) {
	each(t, func(w *world) {
		o := equip(w)
		only, shared := o.upload(w.agent, "a", "only here"), o.upload(w.agent, "b", "also at a comment")
		o.mailWith("also at a comment")
		w.clock.now = time.Now() // the blob store has the machine's clock
		w.must(w.desk.RemoveUpload(w.t.Context(), w.agent, only.Token))
		w.must(w.desk.RemoveUpload(w.t.Context(), w.agent, shared.Token))

		has := func(up *desk.Upload) bool {
			there, err := o.blobs.Has(w.t.Context(), up.Added.Blob)
			w.must(err)
			return there
		}
		w.must(w.desk.RemoveAbandoned(w.t.Context()))
		if !has(only) || !has(shared) {
			w.t.Error("bytes that were stored a moment ago are gone")
		}
		w.clock.pass(25 * time.Hour)
		w.must(w.desk.RemoveAbandoned(w.t.Context()))
		if has(only) {
			w.t.Error("bytes that nothing refers to were kept")
		}
		if !has(shared) {
			w.t.Error("bytes that a comment refers to are gone")
		}
	})
}

func TestLargestFilesLeaveAsLinks(t *testing.T) {
	each(t, func(w *world) {
		o := equip(w)
		ticket := w.mailIn()
		small, large, middle := o.upload(w.agent, "small", "1"), o.upload(w.agent, "large", strings.Repeat("3", 900_000)), o.upload(w.agent, "middle", strings.Repeat("2", 500_000))
		picture := o.upload(w.agent, "shown.png", strings.Repeat("4", 600_000))
		o.choose(func(f *desk.FileSettings) { f.LinkAbove = 1 << 20 })
		_, c, err := w.desk.Reply(w.t.Context(), w.agent, ticket.ID, desk.Draft{
			HTML: `<img src="/attachments/token/` + picture.Added.Secret + `/">`, Uploads: []string{small.Token, large.Token, middle.Token, picture.Token},
		})
		w.must(err)
		shown, err := w.desk.Comment(w.t.Context(), w.agent, ticket.ID, c.ID)
		w.must(err)
		var linked []desk.AttachmentID
		for _, l := range shown.Links {
			linked = append(linked, l.AttachmentID)
		}
		if len(linked) != 2 || linked[0] != large.Added.ID || linked[1] != middle.Added.ID {
			w.t.Errorf("linked %v, want large %d and middle %d", linked, large.Added.ID, middle.Added.ID)
		}
		_, err = w.desk.CancelDelivery(w.t.Context(), w.agent, ticket.ID, c.ID)
		w.must(err)
		_, err = w.desk.Shared(w.t.Context(), shown.Links[0].Secret)
		w.refused(err, "link_unknown")
	})
}

func TestLifeOfALink(t *testing.T) {
	each(t, func(w *world) {
		o := equip(w)
		ticket := w.mailIn()
		o.choose(func(f *desk.FileSettings) { f.LinkAbove, f.LinkLife = 1<<20, 7*24*time.Hour })
		up := o.upload(w.agent, "plan.dwg", strings.Repeat("x", 2<<20))
		_, c, err := w.desk.Reply(w.t.Context(), w.agent, ticket.ID, desk.Draft{Text: "The plan", Uploads: []string{up.Token}})
		w.must(err)
		link := c.Links[0]
		get := func(first bool) string {
			_, content, err := w.desk.Download(w.t.Context(), link.Secret, first)
			if err == nil {
				content.Close()
			}
			return codeOf(err)
		}
		shared, err := w.desk.Shared(w.t.Context(), link.Secret)
		w.must(err)
		if shared.Sender != "Ana" || shared.Brand != "Contoso" || shared.Attachment.FileName != "plan.dwg" || get(true) != "" || get(false) != "" {
			w.t.Errorf("shared %+v", shared)
		}
		counted, err := w.desk.Comment(w.t.Context(), w.agent, ticket.ID, c.ID)
		w.must(err)
		if n := counted.Links[0].Downloads; n != 1 {
			w.t.Errorf("%d downloads counted, want the whole one and not the continued one", n)
		}
		w.clock.pass(7 * 24 * time.Hour)
		if got := get(true); got != "link_expired" {
			w.t.Errorf("after its life: %q", got)
		}
		if shared, err := w.desk.Shared(w.t.Context(), link.Secret); err == nil || shared == nil || shared.Attachment.FileName != "plan.dwg" {
			w.t.Error("the page cannot say which file has expired")
		}
		if _, err := w.desk.RenewLink(w.t.Context(), w.agent, link.ID); err != nil || get(true) != "" {
			w.t.Errorf("renewed: %v, %q", err, get(true))
		}
		if _, err := w.desk.RevokeLink(w.t.Context(), w.colleague, link.ID); err != nil || get(true) != "link_revoked" {
			w.t.Errorf("revoked: %v, %q", err, get(true))
		}
		_, err = w.desk.RevokeLink(w.t.Context(), access.Actor{UserID: w.requester.ID, Role: "end-user"}, link.ID)
		w.refused(err, "agents_only")
	})
}

func TestRemoteImageIsFetchedOnceADay(t *testing.T) {
	each(t, func(w *world) {
		o := equip(w)
		w.clock.now = time.Now()
		see := func() string {
			kind, content, err := w.desk.RemoteImage(w.t.Context(), "https://img.example/logo.gif")
			if err != nil {
				return codeOf(err)
			}
			defer content.Close()
			text, _ := io.ReadAll(content)
			return kind + " " + string(text)
		}
		for range 3 {
			if got := see(); got != "image/gif GIF89a picture" {
				w.t.Fatalf("got %q", got)
			}
		}
		w.clock.pass(25 * time.Hour)
		w.must(w.desk.RemoveAbandoned(w.t.Context()))
		if see(); o.picture.fetched != 2 {
			w.t.Errorf("fetched %d times on two days", o.picture.fetched)
		}
		o.choose(func(f *desk.FileSettings) { f.RemoteImages = false })
		if got := see(); got != "images_off" {
			w.t.Errorf("switched off: %q", got)
		}
	})
}

func TestFileSettingsAreTheAdministrators(t *testing.T) {
	each(t, func(w *world) {
		change := func(by access.Actor, change func(*desk.FileSettings)) error {
			_, err := w.desk.ChangeFileSettings(w.t.Context(), by, change)
			return err
		}
		w.refused(change(w.agent, func(*desk.FileSettings) {}), "administrators_only")
		w.refused(change(w.admin, func(f *desk.FileSettings) { f.LinkAbove = 1000 }), "link_size")
		w.refused(change(w.admin, func(f *desk.FileSettings) { f.LinkLife = time.Hour }), "link_life")
		w.must(change(w.admin, func(f *desk.FileSettings) { f.LinkLife = 14 * 24 * time.Hour }))
		got, err := w.desk.FileSettings(w.t.Context(), w.agent)
		w.must(err)
		if want := desk.DefaultFileSettings; got.LinkLife != 14*24*time.Hour || got.LinkAbove != want.LinkAbove || got.HoldUnscanned != want.HoldUnscanned {
			w.t.Errorf("settings %+v", got)
		}
	})
}
