package desk_test

import (
	"testing"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/problem"
)

// erase does the items of the work that was begun last, up to a number.
func (w *world) erase(until int) desk.ErasePerson {
	w.t.Helper()
	work := w.begun[len(w.begun)-1].(desk.ErasePerson)
	for i := range min(until, work.Len()) {
		w.update(func(tx desk.Tx) error { return w.desk.WorkIn(w.t.Context(), tx, w.admin, work, i) })
	}
	return work
}

func (w *world) beginErasure(by access.Actor, id directory.UserID) error {
	_, _, err := w.desk.DeletePersonPermanently(w.t.Context(), by, id)
	return err
}

// Work that is cut off anywhere can be begun again, and twice does no harm.
func TestPermanentDeletionGoesOnAfterItWasCutOff(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		w.refused(w.beginErasure(w.admin, w.requester.ID), "user_not_deleted")
		_, err := w.desk.DeletePerson(w.t.Context(), w.admin, w.requester.ID)
		w.must(err)
		w.refused(w.beginErasure(w.agent, w.requester.ID), "administrators_only")

		w.must(w.beginErasure(w.admin, w.requester.ID))
		first := w.erase(1)
		if _, _, err := w.desk.Get(w.t.Context(), w.agent, ticket.ID); problem.KindOf(err) != problem.NotFound {
			t.Errorf("the ticket is there: %v", err)
		}
		left, err := w.desk.DeletedPerson(w.t.Context(), w.admin, w.requester.ID)
		w.must(err)
		if left.Erased || left.Name != "Aiko Tanaka" || left.ErasedAt.IsZero() {
			t.Errorf("in the middle: %+v", left)
		}
		w.must(w.beginErasure(w.admin, w.requester.ID))
		w.erase(first.Len())
		w.refused(w.beginErasure(w.admin, w.requester.ID), "user_erased")
		w.begun = append(w.begun, first)
		w.erase(first.Len()) // the first work goes on as well
		w.update(func(tx desk.Tx) error {
			u, err := tx.GetUser(w.t.Context(), w.requester.ID)
			if err == nil && (!u.Erased || u.Name != directory.ErasedName || len(u.Former) != 0) {
				t.Errorf("afterwards: %+v", u)
			}
			return err
		})
	})
}

// What came from the address since is somebody else's, and stays.
func TestAddressThatIsSomebodysAgainIsLeftAlone(t *testing.T) {
	each(t, func(w *world) {
		_, err := w.desk.DeletePerson(w.t.Context(), w.admin, w.requester.ID)
		w.must(err)
		again := w.person("Aiko T.", "aiko@fabrikam.example", directory.EndUser)
		note := w.person("Bo", "bo@fabrikam.example", directory.EndUser)
		w.update(func(tx desk.Tx) error {
			note.Notes = "Knows aiko@fabrikam.example"
			return tx.UpdateUser(w.t.Context(), note)
		})
		w.must(w.beginErasure(w.admin, w.requester.ID))
		w.erase(1000)
		w.update(func(tx desk.Tx) error {
			for _, id := range []directory.UserID{again.ID, note.ID} {
				u, err := tx.GetUser(w.t.Context(), id)
				if err != nil {
					return err
				}
				if u.Email == "" || u.Notes != "" && u.Notes != note.Notes {
					t.Errorf("left: %+v", u)
				}
			}
			return nil
		})
	})
}

// What somebody answered who worked here is the organisation's word.
func TestRepliesOfAFormerAgentStay(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		_, _, err := w.desk.Update(w.t.Context(), w.colleague, ticket.ID, desk.Change{Comment: &desk.Draft{Text: "A note by Ben"}})
		w.must(err)
		w.update(func(tx desk.Tx) error {
			u, err := tx.GetUser(w.t.Context(), w.colleague.UserID)
			if err != nil {
				return err
			}
			u.Role = directory.EndUser
			return tx.UpdateUser(w.t.Context(), u)
		})
		_, err = w.desk.DeletePerson(w.t.Context(), w.admin, w.colleague.UserID)
		w.must(err)
		w.must(w.beginErasure(w.admin, w.colleague.UserID))
		w.erase(1000)
		said := w.comments(ticket.ID)
		if len(said) != 2 || said[1].Text != "A note by [deleted]" || said[0].Text != "Where is it?" {
			t.Errorf("left: %+v", said)
		}
	})
}
