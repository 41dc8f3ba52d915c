package desk_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/event"
)

func TestStrangersMailCountsWhenAccepted(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		w.setStatus(ticket.ID, desk.Solved)
		c, err := w.say(ticket.ID, desk.NewComment{AuthorID: w.stranger.ID, Public: true, Text: "I know more", Flag: desk.FlagStranger})
		w.must(err)
		if c.Public || w.ticket(ticket.ID).Status != desk.Solved || !w.summary(ticket.ID).Flagged {
			w.t.Fatal("a stranger's mail counted before anybody looked")
		}
		got, err := w.desk.Accept(w.t.Context(), w.agent, ticket.ID, c.ID, true)
		w.must(err)
		after := w.ticket(ticket.ID)
		if !got.Public || got.Flag != "" || after.Status != desk.Open || len(after.CCs) != 1 || after.CCs[0] != w.stranger.ID {
			w.t.Errorf("got %+v on %+v", got, after)
		}
		_, err = w.desk.Accept(w.t.Context(), w.agent, ticket.ID, c.ID, true)
		w.refused(err, "not_flagged")
	})
}

func TestReplyTakenBackLeavesNothingBehind(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		up, err := w.desk.AddUpload(w.t.Context(), w.agent, "", "a.txt", "", strings.NewReader("bytes"))
		w.must(err)
		_, c, err := w.desk.Reply(w.t.Context(), w.agent, ticket.ID, desk.Draft{Text: "Too soon", Uploads: []string{up.Token}})
		w.must(err)
		if len(c.Attachments) != 1 {
			w.t.Fatalf("the reply has %d files", len(c.Attachments))
		}
		_, err = w.desk.CancelDelivery(w.t.Context(), w.agent, ticket.ID, c.ID)
		w.must(err)
		if n := len(w.comments(ticket.ID)); n != 1 {
			w.t.Errorf("there are %d comments, want the requester's alone", n)
		}
		if at := w.ticket(ticket.ID).FirstReplyAt; !at.IsZero() {
			w.t.Errorf("first reply at %v, though there was none", at)
		}
		w.hears(event.Event{Kind: event.CommentUpdated, ID: int64(c.ID), Parent: int64(ticket.ID)})
		// The composer has the text again; the file goes with the next try.
		_, c, err = w.desk.Reply(w.t.Context(), w.agent, ticket.ID, desk.Draft{Text: "Better", Uploads: []string{up.Token}})
		w.must(err)
		if len(c.Attachments) != 1 || c.Attachments[0].FileName != "a.txt" {
			w.t.Errorf("files of the second try: %+v", c.Attachments)
		}
	})
}

func TestReplyThatHasLeftCannotBeTakenBack(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		note, _, err := w.desk.AddNote(w.t.Context(), w.agent, ticket.ID, desk.Draft{Text: "No mail"})
		w.must(err)
		c := w.comments(note.ID)[1]
		_, err = w.desk.CancelDelivery(w.t.Context(), w.agent, ticket.ID, c.ID)
		w.refused(err, "already_sent")
		_, err = w.desk.RetryDelivery(w.t.Context(), w.agent, ticket.ID, c.ID)
		w.refused(err, "no_delivery")
	})
}

func TestReplyMadePrivateInTimeIsNotSent(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		_, c, err := w.desk.Reply(w.t.Context(), w.agent, ticket.ID, desk.Draft{Text: "Oops"})
		w.must(err)
		_, err = w.desk.MakePrivate(w.t.Context(), w.agent, ticket.ID, c.ID)
		w.must(err)
		got := w.comments(ticket.ID)[1]
		if got.Public || got.Delivery != nil {
			w.t.Errorf("got public %t, delivery %+v", got.Public, got.Delivery)
		}
	})
}

func TestCommentBelongsToItsTicket(t *testing.T) {
	each(t, func(w *world) {
		one, other := w.mailIn(), w.mailIn()
		c := w.comments(one.ID)[0]
		_, err := w.desk.MakePrivate(w.t.Context(), w.agent, other.ID, c.ID)
		w.refused(err, "comment_not_found")
	})
}

func TestUploadCutInTheMiddleLeavesNothing(t *testing.T) {
	each(t, func(w *world) {
		cut := io.MultiReader(strings.NewReader("half of"), iotest.ErrReader(errors.New("connection reset")))
		_, err := w.desk.AddUpload(w.t.Context(), w.agent, "", "a.txt", "", cut)
		w.refused(err, "upload_cut")
	})
}

func TestFileIsReadByItsSecretAlone(t *testing.T) {
	each(t, func(w *world) {
		up, err := w.desk.AddUpload(w.t.Context(), w.agent, "", "../../a\x00.txt", "text/plain", strings.NewReader("bytes"))
		w.must(err)
		a, content, err := w.desk.File(w.t.Context(), access.System(), up.Added.Secret)
		w.must(err)
		defer content.Close()
		bytes, err := io.ReadAll(content)
		w.must(err)
		if string(bytes) != "bytes" || a.FileName != "a.txt" || a.Size != 5 {
			w.t.Errorf("got %q, %+v", bytes, a)
		}
		if _, _, err := w.desk.File(w.t.Context(), access.System(), "guessed"); codeOf(err) != "attachment_not_found" {
			w.t.Errorf("a guess: %v", err)
		}
	})
}

func TestUploadsThatNobodyUsesAreRemoved(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		add := func(token, name string) *desk.Upload {
			up, err := w.desk.AddUpload(w.t.Context(), w.agent, token, name, "", strings.NewReader(name))
			w.must(err)
			return up
		}
		abandoned, used := add("", "a.txt"), add("", "b.txt")
		used = add(used.Token, "c.txt")
		if len(used.Files) != 2 {
			w.t.Fatalf("%d files under one token", len(used.Files))
		}
		_, _, err := w.desk.AddNote(w.t.Context(), w.agent, ticket.ID, desk.Draft{Uploads: []string{used.Token}})
		w.must(err)
		w.clock.pass(desk.UploadLife + time.Minute)
		fresh := add("", "d.txt")
		w.must(w.desk.RemoveAbandoned(w.t.Context()))

		for secret, want := range map[string]string{
			abandoned.Added.Secret: "attachment_not_found", used.Added.Secret: "", fresh.Added.Secret: "",
		} {
			_, content, err := w.desk.File(w.t.Context(), access.System(), secret)
			if got := codeOf(err); got != want {
				w.t.Errorf("%s: got %q, want %q", secret, got, want)
			}
			if err == nil {
				content.Close()
			}
		}
		_, _, err = w.desk.AddNote(w.t.Context(), w.agent, ticket.ID, desk.Draft{Uploads: []string{abandoned.Token}})
		w.refused(err, "upload_unknown")
	})
}

func TestOneBrandIsTheDefault(t *testing.T) {
	each(t, func(w *world) {
		name, taken, yes := "Fabrikam", "CONTOSO", true
		_, err := w.desk.SaveBrand(w.t.Context(), w.admin, 0, desk.BrandChange{Name: &taken})
		w.refused(err, "brand_exists")
		b, err := w.desk.SaveBrand(w.t.Context(), w.admin, 0, desk.BrandChange{Name: &name, Default: &yes})
		w.must(err)
		brands, err := w.desk.Brands(w.t.Context(), w.agent)
		w.must(err)
		var defaults []directory.BrandID
		for _, brand := range brands {
			if brand.Default {
				defaults = append(defaults, brand.ID)
			}
		}
		if len(brands) != 2 || len(defaults) != 1 || defaults[0] != b.ID {
			w.t.Errorf("defaults %v among %d brands, want %d alone", defaults, len(brands), b.ID)
		}
	})
}

func TestUploadHasALimit(t *testing.T) {
	s := desk.NewService(nil, discarded{}, desk.Options{})
	_, err := s.AddUpload(t.Context(), access.Actor{Role: directory.Agent}, "", "a.bin", "", io.LimitReader(zeros{}, desk.MaxUpload+1))
	if codeOf(err) != "upload_too_large" {
		t.Errorf("got %v", err)
	}
}

// discarded stands for a store with room for everything.
type discarded struct{}

func (discarded) Put(_ context.Context, r io.Reader) (string, int64, error) {
	n, err := io.Copy(io.Discard, r)
	return "key", n, err
}

func (discarded) Get(context.Context, string) (io.ReadSeekCloser, error) { return nil, io.EOF }

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

func (discarded) Retire(context.Context, string, time.Time) (bool, error) { return true, nil }
