package desk_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/access"
	"tandem/desk"
	"tandem/event"
)

func (w *world) draft(by access.Actor, ticket desk.TicketID) *desk.SavedDraft {
	w.t.Helper()
	d, err := w.desk.Draft(w.t.Context(), by, ticket)
	w.must(err)
	return d
}

// save keeps a draft over whatever there is.
func (w *world) save(by access.Actor, d desk.SavedDraft) *desk.SavedDraft {
	w.t.Helper()
	saved, err := w.desk.SaveDraft(w.t.Context(), by, d, w.draft(by, d.TicketID).SavedAt)
	w.must(err)
	return saved
}

func (w *world) upload(by access.Actor, name, media string, size int) desk.Attachment {
	w.t.Helper()
	up, err := w.desk.AddUpload(w.t.Context(), by, "", name, media, strings.NewReader(strings.Repeat("x", size)))
	w.must(err)
	return up.Added
}

func show(a desk.Attachment) string {
	return `<img src="/attachments/token/` + a.Secret + `/?name=` + a.FileName + `">`
}

func shown(a desk.Attachment) string {
	return `<img src="/attachments/token/` + a.Secret + `/?inline=1">`
}

func TestDraftIsItsWritersAloneAndComesBack(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		file := w.upload(w.agent, "plan.pdf", "application/pdf", 9)
		saved := w.save(w.agent, desk.SavedDraft{
			TicketID: ticket.ID, CCs: []string{},
			Reply: desk.DraftText{HTML: "<p>Dear <script>x()</script>Ms Sato</p>", Uploads: []string{file.UploadToken, "gone"}},
			Note:  desk.DraftText{HTML: "<p>check</p>"},
		})
		w.hears(event.Event{Kind: event.DraftUpdated, ID: int64(ticket.ID), Parent: int64(w.agent.UserID)})
		got := w.draft(w.agent, ticket.ID)
		if got.Reply.HTML != "<p>Dear Ms Sato</p>" || got.Note.HTML != "<p>check</p>" || got.Public || got.CCs == nil || !got.SavedAt.Equal(saved.SavedAt) {
			w.t.Errorf("came back as %+v", got)
		}
		if diff := cmp.Diff([]string{file.UploadToken}, got.Reply.Uploads); diff != "" || len(got.Reply.Files) != 1 || got.Reply.Files[0].ID != file.ID {
			w.t.Errorf("files %+v %s", got.Reply.Files, diff)
		}
		if other := w.draft(w.colleague, ticket.ID); !other.Empty() || !other.SavedAt.IsZero() {
			w.t.Errorf("a colleague sees %+v", other)
		}
		w.must(w.desk.DiscardDraft(w.t.Context(), w.agent, ticket.ID))
		if left := w.draft(w.agent, ticket.ID); !left.Empty() {
			w.t.Errorf("after it was discarded there is %+v", left)
		}
	})
}

func TestDraftOfAnotherWindowIsNotOverwritten(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		first := w.save(w.agent, desk.SavedDraft{TicketID: ticket.ID, Reply: desk.DraftText{HTML: "<p>one</p>"}})
		second := w.save(w.agent, desk.SavedDraft{TicketID: ticket.ID, Reply: desk.DraftText{HTML: "<p>two</p>"}})
		late := desk.SavedDraft{TicketID: ticket.ID, Reply: desk.DraftText{HTML: "<p>late</p>"}}
		for _, seen := range []time.Time{first.SavedAt, {}} {
			_, err := w.desk.SaveDraft(w.t.Context(), w.agent, late, seen)
			w.refused(err, "draft_changed")
		}
		w.must(w.desk.DiscardDraft(w.t.Context(), w.agent, ticket.ID))
		_, err := w.desk.SaveDraft(w.t.Context(), w.agent, late, second.SavedAt)
		w.refused(err, "draft_changed")
		if got := w.draft(w.agent, ticket.ID); !got.Empty() {
			w.t.Errorf("a late window brought back %+v", got)
		}
	})
}

func TestSendingTakesTheReplyOutOfTheDraftAndUndoPutsItBack(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		picture := w.upload(w.agent, "a.png", "image/png", 4)
		file := w.upload(w.agent, "b.txt", "text/plain", 4)
		tokens := []string{picture.UploadToken, file.UploadToken}
		html := "<p>See " + show(picture) + "</p>"
		w.save(w.agent, desk.SavedDraft{
			TicketID: ticket.ID, Public: true, CCs: []string{"boss@fabrikam.example"},
			Reply: desk.DraftText{HTML: html, Uploads: tokens}, Note: desk.DraftText{HTML: "<p>for us</p>"},
		})
		ccs := []desk.Person{{Email: "boss@fabrikam.example"}}
		_, c, err := w.desk.Update(w.t.Context(), w.agent, ticket.ID, desk.Change{CCs: desk.PeopleChange{Set: &ccs}, Comment: &desk.Draft{Public: true, HTML: html, Uploads: tokens}})
		w.must(err)
		d := w.draft(w.agent, ticket.ID)
		if d.Reply.HTML != "" || d.Reply.Uploads != nil || d.CCs != nil || d.Note.HTML != "<p>for us</p>" {
			w.t.Errorf("after sending, the draft is %+v", d)
		}

		// Something new has been begun before the reply is taken back.
		d.Reply.HTML = "<p>P.S.</p>"
		w.save(w.agent, *d)
		_, err = w.desk.CancelDelivery(w.t.Context(), w.admin, ticket.ID, c.ID)
		w.must(err)
		d = w.draft(w.agent, ticket.ID)
		if want := "<p>See " + shown(picture) + "</p><p>P.S.</p>"; d.Reply.HTML != want || !d.Public {
			w.t.Errorf("got back %q, want %q", d.Reply.HTML, want)
		}
		if diff := cmp.Diff(tokens, d.Reply.Uploads); diff != "" {
			w.t.Errorf("files (-want +got)\n%s", diff)
		}
		if diff := cmp.Diff([]string{"boss@fabrikam.example"}, d.CCs); diff != "" {
			w.t.Errorf("in copy (-want +got)\n%s", diff)
		}
		if left := w.draft(w.admin, ticket.ID); !left.Empty() {
			w.t.Errorf("who took it back has the draft %+v", left)
		}
	})
}

func TestWhatProgramsSayIsNobodysDraft(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		w.save(w.agent, desk.SavedDraft{TicketID: ticket.ID, Reply: desk.DraftText{HTML: "<p>by hand</p>"}})
		_, c, err := w.desk.Reply(w.t.Context(), w.agent, ticket.ID, desk.Draft{Text: "by program", Via: desk.ByAPI})
		w.must(err)
		_, err = w.desk.CancelDelivery(w.t.Context(), w.agent, ticket.ID, c.ID)
		w.must(err)
		if got := w.draft(w.agent, ticket.ID).Reply.HTML; got != "<p>by hand</p>" {
			w.t.Errorf("the draft is %q", got)
		}
	})
}

func TestDraftOfANewTicketGoesWhenItIsOpened(t *testing.T) {
	each(t, func(w *world) {
		w.save(w.agent, desk.SavedDraft{Subject: "Call back", Requester: "aiko@fabr", Public: true, Reply: desk.DraftText{HTML: "<p>Hello</p>"}})
		if d := w.draft(w.agent, 0); d.Subject != "Call back" || d.Requester != "aiko@fabr" {
			w.t.Errorf("kept %+v", d)
		}
		_, _, err := w.desk.Create(w.t.Context(), w.agent, desk.Request{
			Subject: "Call back", Requester: desk.Person{ID: w.requester.ID}, Comment: desk.Draft{Public: true, HTML: "<p>Hello</p>"},
		})
		w.must(err)
		if d := w.draft(w.agent, 0); !d.Empty() {
			w.t.Errorf("left over: %+v", d)
		}
	})
}

func TestDraftKeepsItsFilesFromExpiring(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		kept, dropped := w.upload(w.agent, "kept.png", "image/png", 4), w.upload(w.agent, "dropped.png", "image/png", 4)
		w.save(w.agent, desk.SavedDraft{TicketID: ticket.ID, Note: desk.DraftText{Uploads: []string{kept.UploadToken, dropped.UploadToken}}})
		w.save(w.agent, desk.SavedDraft{TicketID: ticket.ID, Note: desk.DraftText{Uploads: []string{kept.UploadToken}}})
		w.clock.pass(30 * desk.UploadLife)
		w.must(w.desk.RemoveAbandoned(w.t.Context()))
		_, _, err := w.desk.File(w.t.Context(), access.System(), dropped.Secret)
		w.refused(err, "attachment_not_found")
		_, content, err := w.desk.File(w.t.Context(), access.System(), kept.Secret)
		w.must(err)
		w.must(content.Close())
		w.must(w.desk.DiscardDraft(w.t.Context(), w.agent, ticket.ID))
		w.must(w.desk.RemoveAbandoned(w.t.Context()))
		_, _, err = w.desk.File(w.t.Context(), access.System(), kept.Secret)
		w.refused(err, "attachment_not_found")
	})
}

func TestDraftThatNoCommentCouldBeIsRefused(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		for code, d := range map[string]desk.SavedDraft{
			"comment_too_long": {TicketID: ticket.ID, Note: desk.DraftText{HTML: strings.Repeat("x", desk.MaxBody+1)}},
			"too_many_files":   {TicketID: ticket.ID, Reply: desk.DraftText{Uploads: make([]string, 51)}},
			"too_many_ccs":     {TicketID: ticket.ID, CCs: make([]string, desk.MaxCCs+1)},
			"not_found":        {TicketID: 4711, Note: desk.DraftText{HTML: "<p>x</p>"}},
		} {
			_, err := w.desk.SaveDraft(w.t.Context(), w.agent, d, time.Time{})
			w.refused(err, code)
		}
		requester := access.Actor{UserID: w.requester.ID, Role: w.requester.Role}
		if _, err := w.desk.Draft(w.t.Context(), requester, ticket.ID); err == nil {
			w.t.Error("a requester keeps drafts")
		}
	})
}
