package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/desk"
	"tandem/store"
	"tandem/store/storetest"
)

func TestDraftComesBackAsStored(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		get := func(ticket desk.TicketID) *desk.SavedDraft {
			t.Helper()
			return read(t, db, func(tx *store.Tx) (*desk.SavedDraft, error) { return tx.LockDraft(t.Context(), h.agent.ID, ticket) })
		}
		save := func(d *desk.SavedDraft) {
			t.Helper()
			update(t, db, func(tx *store.Tx) error { return tx.SaveDraft(t.Context(), d) })
			if diff := cmp.Diff(d, get(d.TicketID)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		}
		d := &desk.SavedDraft{
			UserID: h.agent.ID, TicketID: 7, Public: true, SavedAt: noon,
			Reply: desk.DraftText{HTML: "<p>返信</p>", Uploads: []string{"a", "b"}}, Note: desk.DraftText{HTML: "<p>note</p>"},
		}
		save(d)
		d.Public, d.CCs, d.Reply.Uploads, d.SavedAt = false, []string{}, nil, noon.Add(time.Millisecond) // nobody in copy is not "as it was"
		save(d)
		save(&desk.SavedDraft{UserID: h.agent.ID, Subject: "New", Requester: "aiko", CCs: []string{"a@b.example"}, SavedAt: noon})
		if got := get(8); got != nil {
			t.Errorf("another ticket has the draft %+v", got)
		}
		update(t, db, func(tx *store.Tx) error { return tx.DeleteDraft(t.Context(), d.ID) })
		if got := get(7); got != nil {
			t.Errorf("after it was deleted there is %+v", got)
		}
	})
}

func TestTwoWindowsBeginOneDraft(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		errs := make(chan error)
		for range 4 {
			go func() {
				errs <- db.Update(t.Context(), func(tx *store.Tx) error {
					d, err := tx.LockDraft(t.Context(), h.agent.ID, 7)
					if err != nil {
						return err
					}
					if d == nil {
						d = &desk.SavedDraft{UserID: h.agent.ID, TicketID: 7}
					}
					d.Note.HTML += "x"
					return tx.SaveDraft(t.Context(), d)
				})
			}()
		}
		for range 4 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		got := read(t, db, func(tx *store.Tx) (*desk.SavedDraft, error) { return tx.LockDraft(t.Context(), h.agent.ID, 7) })
		if got.Note.HTML != "xxxx" {
			t.Errorf("four windows left %q", got.Note.HTML)
		}
	})
}
