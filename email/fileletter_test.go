package email_test

import (
	"strings"
	"testing"

	"tandem/desk"
	"tandem/email"
	"tandem/email/eml"
	"tandem/problem"
	"tandem/store"
)

// newSharing is an office whose large files leave as links.
func newSharing(t *testing.T) *sending {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	s.sender.FileURL = func(secret string) string { return "https://help.example/files/" + secret }
	s.desk = desk.NewService(store.For[desk.Tx](s.db), s.blobs, desk.Options{Now: s.clock.Now, Outbox: s.sender, Shares: true})
	return s
}

// file is one whose bytes are stored.
func (s *sending) file(name string, size int) desk.Attachment {
	s.t.Helper()
	key, err := s.blobs.PutBytes(s.t.Context(), []byte(name))
	check(s.t, err)
	return desk.Attachment{FileName: name, ContentType: "application/octet-stream", Blob: key, Size: int64(size)}
}

func TestMailNamesTheFilesThatItLinksTo(t *testing.T) {
	for locale, want := range map[string][]string{
		"":      {"Too large to attach", "- film <1>.mp4 (https://help.example/files/", "(31.5 MB, available until 22 December 2026)"},
		"ja":    {"添付できないサイズ", "（31.5 MB、2026年12月22日まで）"},
		"pt-BR": {"Grande demais", "(31.5 MB, disponível até 22/12/2026)"},
	} {
		t.Run("locale "+locale, func(t *testing.T) {
			s := newSharing(t)
			requester := s.user(s.ticket.RequesterID)
			requester.Locale = locale
			s.update(func(tx email.Tx) error { return tx.UpdateUser(t.Context(), requester) })
			c := s.reply("Here it is.", s.file("note.txt", 10), s.file("film <1>.mp4", 30<<20))
			check(t, s.sender.Deliver(t.Context(), c.ID, false))
			d := s.exchange.drafts[0]
			if len(d.files) != 1 || d.files[0].Name != "note.txt" {
				t.Errorf("attached are %+v", d.files)
			}
			text := eml.TextFromHTML(d.mail.HTML)
			for _, part := range append(want, c.Links[0].Secret) {
				if !strings.Contains(text, part) {
					t.Errorf("the text lacks %q:\n%s", part, text)
				}
			}
		})
	}
}

func TestSecondAttemptWritesTheSameMail(t *testing.T) {
	s := newSharing(t)
	c := s.reply("Here it is.", s.file("film.mp4", 30<<20))
	s.exchange.fault = func(op string) (before, after error) {
		if op == "send" {
			return unavailable(0), nil
		}
		return nil, nil
	}
	if err := s.sender.Deliver(t.Context(), c.ID, false); err == nil {
		t.Fatal("it was sent all the same")
	}
	s.exchange.fault = nil
	s.update(func(tx email.Tx) error { // files of this size fit from now on
		return tx.SaveFileSettings(t.Context(), desk.FileSettings{LinkAbove: 100 << 20, LinkLife: desk.DefaultFileSettings.LinkLife})
	})
	check(t, s.sender.Deliver(t.Context(), c.ID, false))
	if d := s.exchange.drafts[0]; d.sent != 1 || len(d.files) != 0 || !strings.Contains(d.mail.HTML, c.Links[0].Secret) {
		t.Errorf("sent %d times with %+v", d.sent, d.files)
	}
}

func TestReplyWaitsForTheVirusScannerAndFailsWithMalware(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	file := s.file("a.doc", 5)
	file.Scan = desk.ScanWaiting
	c := s.reply("See file", file)
	err := s.sender.Deliver(t.Context(), c.ID, false)
	if p := problem.As(err); p == nil || p.Code != "attachment_not_scanned" || p.RetryAfter == 0 || s.outgoing(c.ID).State != email.Waiting {
		t.Errorf("while it is not scanned: %v, %s", err, s.outgoing(c.ID).State)
	}
	scanned := c.Attachments[0]
	scanned.Scan, scanned.Finding = desk.ScanMalware, "Test.Evil"
	s.update(func(tx email.Tx) error { return tx.SaveScan(t.Context(), scanned) })
	check(t, s.sender.Deliver(t.Context(), c.ID, false))
	if m := s.outgoing(c.ID); m.State != email.Failed || m.ErrorCode != "attachment_malware" || s.exchange.sent() != 0 {
		t.Errorf("with malware: %s, %s, %d sent", m.State, m.ErrorCode, s.exchange.sent())
	}
	scanned.Scan, scanned.Finding = desk.ScanClean, ""
	s.update(func(tx email.Tx) error { return tx.SaveScan(t.Context(), scanned) })
	check(t, s.sender.Retry(t.Context(), s.actor(), c.ID))
	check(t, s.sender.Deliver(t.Context(), c.ID, false))
	if s.exchange.sent() != 1 {
		t.Error("a file that turned out clean was not sent")
	}
}
