package desk_test

import (
	"strings"
	"testing"

	"tandem/desk"
)

func TestPictureThatTheTextShowsIsInline(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		shows, attached := w.upload(w.agent, "a.png", "image/png", 4), w.upload(w.agent, "b.png", "image/png", 4)
		whole := strings.ReplaceAll(show(shows), `src="`, `src="https://desk.contoso.example`)
		_, c, err := w.desk.Reply(w.t.Context(), w.agent, ticket.ID, desk.Draft{
			HTML: "<p>" + whole + "</p>", Uploads: []string{shows.UploadToken, attached.UploadToken},
		})
		w.must(err)
		if want := "<p>" + shown(shows) + "</p>"; c.HTML != want || c.HasRemoteImages {
			w.t.Errorf("stored %q, want %q; remote: %t", c.HTML, want, c.HasRemoteImages)
		}
		files := w.comments(ticket.ID)[1].Attachments
		if len(files) != 2 || !files[0].Inline || files[0].ContentID == "" || files[1].Inline || files[1].ContentID != "" {
			w.t.Errorf("files are %+v", files)
		}

		// Taken back and sent without it, the picture is an attachment like others.
		_, err = w.desk.CancelDelivery(w.t.Context(), w.agent, ticket.ID, c.ID)
		w.must(err)
		_, _, err = w.desk.Reply(w.t.Context(), w.agent, ticket.ID, desk.Draft{HTML: "<p>See file</p>", Uploads: []string{shows.UploadToken}})
		w.must(err)
		if files := w.comments(ticket.ID)[1].Attachments; len(files) != 1 || files[0].Inline {
			w.t.Errorf("files are %+v", files)
		}
	})
}

func TestTextShowsOnlyWhatItsWriterUploadedForIt(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		own, colleagues := w.upload(w.agent, "own.png", "image/png", 4), w.upload(w.colleague, "theirs.png", "image/png", 4)
		vector, elsewhere := w.upload(w.agent, "x.svg", "image/svg+xml", 4), w.upload(w.agent, "late.png", "image/png", 4)
		for name, source := range map[string]string{
			"a colleague's upload":       "/attachments/token/" + colleagues.Secret + "/",
			"one that is not sent along": "/attachments/token/" + elsewhere.Secret + "/",
			"a picture with script":      "/attachments/token/" + vector.Secret + "/",
			"a guess":                    "/attachments/token/guessed/",
			"another place of ours":      "/api/v2/session",
			"a way out of the folder":    "/attachments/token/../../api/v2/session",
			"a scheme":                   "javascript:/attachments/token/" + own.Secret + "/",
		} {
			_, c, err := w.desk.AddNote(w.t.Context(), w.agent, ticket.ID, desk.Draft{
				HTML: `<p>x<img src="` + source + `"></p>`, Uploads: []string{colleagues.UploadToken, vector.UploadToken},
			})
			w.must(err)
			if c.HTML != "<p>x<img></p>" || c.Attachments[0].Inline {
				w.t.Errorf("%s: %q", name, c.HTML)
			}
			colleagues, vector = w.upload(w.colleague, "theirs.png", "image/png", 4), w.upload(w.agent, "x.svg", "image/svg+xml", 4)
		}
		// What follows the secret goes: the address is ours.
		_, c, err := w.desk.AddNote(w.t.Context(), w.agent, ticket.ID, desk.Draft{
			HTML: `<img src="/attachments/token/` + own.Secret + `/../../../x" onerror="x()">`, Uploads: []string{own.UploadToken},
		})
		w.must(err)
		if c.HTML != shown(own) {
			w.t.Errorf("stored %q", c.HTML)
		}
	})
}

func TestPictureInTheTextIsBoundedAttachmentIsNot(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		large := w.upload(w.agent, "large.png", "image/png", desk.MaxPicture+1)
		d := desk.Draft{HTML: "<p>" + show(large) + "</p>", Uploads: []string{large.UploadToken}}
		_, _, err := w.desk.Reply(w.t.Context(), w.agent, ticket.ID, d)
		w.refused(err, "picture_too_large")
		d.HTML = "<p>See file</p>"
		_, _, err = w.desk.Reply(w.t.Context(), w.agent, ticket.ID, d)
		w.must(err)
	})
}

func TestFollowUpByHandIsLinkedToItsClosedTicket(t *testing.T) {
	each(t, func(w *world) {
		former := w.mailIn()
		r := desk.Request{Subject: "Once more", Requester: desk.Person{ID: w.requester.ID}, FollowUpOf: former.ID, Comment: desk.Draft{Text: "Hello"}}
		_, _, err := w.desk.Create(w.t.Context(), w.agent, r)
		w.refused(err, "not_closed")
		w.setStatus(former.ID, desk.Closed)
		next, _, err := w.desk.Create(w.t.Context(), w.agent, r)
		w.must(err)
		if got := w.summary(former.ID).FollowUps; len(got) != 1 || got[0] != next.ID {
			w.t.Errorf("follow-ups are %v, want %d", got, next.ID)
		}
		r.FollowUpOf = 4711
		_, _, err = w.desk.Create(w.t.Context(), w.agent, r)
		w.refused(err, "unknown_ticket")
	})
}
