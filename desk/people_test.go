package desk_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
)

func TestMailFromASecondAddressIsTheSamePersons(t *testing.T) {
	each(t, func(w *world) {
		_, err := w.desk.AddIdentity(w.t.Context(), w.agent, w.requester.ID, directory.EmailIdentity, "Aiko@Home.example")
		w.must(err)
		w.update(func(tx desk.Tx) error {
			found, err := w.desk.Person(w.t.Context(), tx, "Aiko", "aiko@home.example")
			if err == nil && found.ID != w.requester.ID {
				w.t.Errorf("mail from the second address belongs to person %d, want %d", found.ID, w.requester.ID)
			}
			return err
		})
		_, err = w.desk.AddIdentity(w.t.Context(), w.agent, w.stranger.ID, directory.EmailIdentity, "aiko@home.example")
		w.refused(err, "email_taken")
		_, err = w.desk.AddIdentity(w.t.Context(), w.agent, w.requester.ID, directory.PhoneIdentity, "0042")
		w.refused(err, "invalid_phone")
		phone, err := w.desk.AddIdentity(w.t.Context(), w.agent, w.requester.ID, directory.PhoneIdentity, "+81 (3) 1234-5678")
		w.must(err)
		if phone.Value != "+81312345678" {
			w.t.Errorf("the number is %s", phone.Value)
		}
	})
}

func TestPrimaryAddressIsChangedAndNotRemoved(t *testing.T) {
	each(t, func(w *world) {
		second, err := w.desk.AddIdentity(w.t.Context(), w.agent, w.requester.ID, directory.EmailIdentity, "aiko@home.example")
		w.must(err)
		all := w.identities(w.requester.ID)
		w.refused(w.desk.RemoveIdentity(w.t.Context(), w.agent, w.requester.ID, all[0].ID), "identity_primary")
		w.must(w.desk.MakePrimary(w.t.Context(), w.agent, w.requester.ID, second.ID))
		w.must(w.desk.RemoveIdentity(w.t.Context(), w.agent, w.requester.ID, all[0].ID))
		if left := w.identities(w.requester.ID); len(left) != 1 || left[0].Value != "aiko@home.example" {
			w.t.Errorf("left %v", left)
		}
	})
}

func TestWhoMayChangeIdentities(t *testing.T) {
	each(t, func(w *world) {
		_, err := w.desk.AddIdentity(w.t.Context(), w.agent, w.colleague.UserID, directory.EmailIdentity, "ben@home.example")
		w.refused(err, "administrators_only")
		_, err = w.desk.AddIdentity(w.t.Context(), access.Actor{UserID: w.requester.ID, Role: directory.EndUser}, w.requester.ID, directory.EmailIdentity, "x@home.example")
		w.refused(err, "agents_only")
		_, err = w.desk.Merge(w.t.Context(), w.admin, w.colleague.UserID, w.requester.ID)
		w.refused(err, "merge_agent")
		_, err = w.desk.Merge(w.t.Context(), w.admin, w.requester.ID, w.requester.ID)
		w.refused(err, "merge_same")
	})
}

func TestOldIdOfAMergedPersonIsTheOther(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		_, err := w.desk.Merge(w.t.Context(), w.agent, w.requester.ID, w.stranger.ID)
		w.must(err)
		if got := w.ticket(ticket.ID).RequesterID; got != w.stranger.ID {
			w.t.Errorf("the ticket's requester is %d, want %d", got, w.stranger.ID)
		}
		w.update(func(tx desk.Tx) error {
			for _, find := range []func() (*directory.User, error){
				func() (*directory.User, error) { return tx.GetUser(w.t.Context(), w.requester.ID) },
				func() (*directory.User, error) { return tx.FindUserByEmail(w.t.Context(), w.requester.Email) },
			} {
				u, err := find()
				if err != nil {
					return err
				}
				if u == nil || u.ID != w.stranger.ID {
					w.t.Errorf("found %+v, want the person of both", u)
				}
			}
			listed, err := tx.ListUsers(w.t.Context(), directory.UserFilter{IDs: []directory.UserID{w.requester.ID}})
			if err == nil && (len(listed) != 1 || listed[0].ID != w.stranger.ID) {
				w.t.Errorf("by the old id are listed %v", listed)
			}
			return err
		})
	})
}

// Merges, undone in the opposite order, leave everything where it was.
func TestSplitUndoesMerges(t *testing.T) { each(t, testSplitUndoesMerges) }

func testSplitUndoesMerges(w *world) {
	run := 0
	rapid.Check(w.t, func(rt *rapid.T) {
		run++
		var people []*directory.User
		for i := range 4 {
			people = append(people, w.person(fmt.Sprint("P", i), fmt.Sprintf("p%d.%d@client.example", i, run), directory.EndUser))
		}
		anybody := rapid.SampledFrom(people)
		var tickets []desk.TicketID
		for range rapid.IntRange(1, 4).Draw(rt, "tickets") {
			var copied []directory.UserID
			for _, u := range people {
				if rapid.Bool().Draw(rt, "copied") {
					copied = append(copied, u.ID)
				}
			}
			w.update(func(tx desk.Tx) error {
				ticket, _, err := w.desk.Open(w.t.Context(), tx, desk.NewTicket{
					Subject: "Hello", RequesterID: anybody.Draw(rt, "requester").ID, CCs: copied, Via: desk.ByEmail,
					Comment: desk.NewComment{Public: true, Text: "Hello", AuthorID: anybody.Draw(rt, "author").ID},
				})
				if err == nil {
					tickets = append(tickets, ticket.ID)
				}
				return err
			})
		}
		before := w.possessions(tickets, people)
		type merge struct{ loser, winner *directory.User }
		var merges []merge
		left := slices.Clone(people)
		for range rapid.IntRange(1, 3).Draw(rt, "merges") {
			left = rapid.Permutation(left).Draw(rt, "pair")
			m := merge{left[0], left[1]}
			left = left[1:]
			_, err := w.desk.Merge(w.t.Context(), w.agent, m.loser.ID, m.winner.ID)
			w.must(err)
			merges = append(merges, m)
		}
		for _, m := range slices.Backward(merges) {
			var identity directory.IdentityID
			for _, i := range w.identities(m.winner.ID) {
				if i.Value == m.loser.Email {
					identity = i.ID
				}
			}
			back, err := w.desk.Split(w.t.Context(), w.agent, m.winner.ID, identity)
			w.must(err)
			if back.ID != m.loser.ID || back.Email != m.loser.Email {
				rt.Fatalf("split off person %d with %s, want %d with %s", back.ID, back.Email, m.loser.ID, m.loser.Email)
			}
		}
		if diff := cmp.Diff(before, w.possessions(tickets, people)); diff != "" {
			rt.Fatalf("after merging and splitting (-before +after):\n%s", diff)
		}
	})
}

func (w *world) identities(id directory.UserID) []*directory.Identity {
	w.t.Helper()
	all, err := w.desk.Identities(w.t.Context(), w.agent, id)
	w.must(err)
	return all
}

// possessions says in words who has what.
func (w *world) possessions(tickets []desk.TicketID, people []*directory.User) (all []string) {
	w.t.Helper()
	for _, id := range tickets {
		t := w.ticket(id)
		slices.Sort(t.CCs)
		all = append(all, fmt.Sprintf("ticket %d of %d by %d, copies %v", id, t.RequesterID, t.SubmitterID, t.CCs))
		for _, c := range w.comments(id) {
			all = append(all, fmt.Sprintf("comment %d of %d", c.ID, c.AuthorID))
		}
	}
	for _, u := range people {
		for _, i := range w.identities(u.ID) {
			all = append(all, fmt.Sprintf("%s of %d", i.Value, i.UserID))
		}
	}
	return all
}

func TestMergeKeepsValuesThatTheOtherHasNot(t *testing.T) {
	each(t, func(w *world) {
		plan, pet := w.textField(directory.UserFields, "plan"), w.textField(directory.UserFields, "pet")
		give := func(u *directory.User, values directory.FieldValues) {
			w.update(func(tx desk.Tx) error {
				return tx.SaveFieldValues(w.t.Context(), directory.UserFields, int64(u.ID), values)
			})
		}
		has := func(u *directory.User) (values directory.FieldValues) {
			w.update(func(tx desk.Tx) error {
				all, err := tx.ListFieldValues(w.t.Context(), directory.UserFields, []int64{int64(u.ID)})
				values = all[int64(u.ID)]
				return err
			})
			return values
		}
		give(w.requester, directory.FieldValues{plan.ID: "Gold", pet.ID: "Cat"})
		give(w.stranger, directory.FieldValues{plan.ID: "Free"})
		_, err := w.desk.Merge(t.Context(), w.agent, w.requester.ID, w.stranger.ID)
		w.must(err)
		if diff := cmp.Diff(directory.FieldValues{plan.ID: "Free", pet.ID: "Cat"}, has(w.stranger)); diff != "" {
			t.Errorf("after the merge (-want +got):\n%s", diff)
		}
		for _, i := range w.identities(w.stranger.ID) {
			if i.Value == w.requester.Email {
				_, err = w.desk.Split(t.Context(), w.agent, w.stranger.ID, i.ID)
				w.must(err)
			}
		}
		if got := has(w.stranger); len(got) != 1 || got[plan.ID] != "Free" {
			t.Errorf("after the split the one has %v", got)
		}
		if got := has(w.requester); len(got) != 2 || got[plan.ID] != "Gold" {
			t.Errorf("and the other %v", got)
		}
	})
}

func TestMergeJoinsTags(t *testing.T) {
	each(t, func(w *world) {
		w.update(func(tx desk.Tx) error {
			for u, tags := range map[*directory.User][]string{w.requester: {"vip", "press"}, w.stranger: {"vip", "late"}} {
				u.Tags = tags
				if err := tx.UpdateUser(t.Context(), u); err != nil {
					return err
				}
			}
			return nil
		})
		tagsOf := func(id directory.UserID) (tags []string) {
			w.update(func(tx desk.Tx) error {
				u, err := tx.GetUser(t.Context(), id)
				if err == nil {
					tags = u.Tags
				}
				return err
			})
			return tags
		}
		merged, err := w.desk.Merge(t.Context(), w.agent, w.requester.ID, w.stranger.ID)
		w.must(err)
		want := []string{"vip", "late", "press"}
		if !slices.Equal(merged.Tags, want) || !slices.Equal(tagsOf(w.stranger.ID), want) {
			t.Errorf("answered with the tags %v, and has %v, want %v", merged.Tags, tagsOf(w.stranger.ID), want)
		}
		for _, i := range w.identities(w.stranger.ID) {
			if i.Value == w.requester.Email {
				_, err = w.desk.Split(t.Context(), w.agent, w.stranger.ID, i.ID)
				w.must(err)
			}
		}
		if got := tagsOf(w.stranger.ID); !slices.Equal(got, []string{"vip", "late"}) {
			t.Errorf("after the split the one has %v", got)
		}
		if got := tagsOf(w.requester.ID); !slices.Equal(got, []string{"vip", "press"}) {
			t.Errorf("and the other %v", got)
		}
	})
}

func TestMistypedAddressIsChanged(t *testing.T) {
	each(t, func(w *world) {
		first := w.identities(w.requester.ID)[0]
		change := func(value string) error {
			return w.desk.ChangeIdentity(t.Context(), w.agent, w.requester.ID, first.ID, desk.IdentityChange{Value: &value})
		}
		w.refused(change("sam@elsewhere.example"), "email_taken")
		w.refused(change("nothing"), "invalid_email")
		w.must(change("Aiko.Tanaka@fabrikam.example"))
		all := w.identities(w.requester.ID)
		if len(all) != 1 || all[0].Value != "aiko.tanaka@fabrikam.example" {
			t.Errorf("identities: %+v", all)
		}
		w.update(func(tx desk.Tx) error {
			u, err := tx.GetUser(t.Context(), w.requester.ID)
			if err == nil && u.Email != "aiko.tanaka@fabrikam.example" {
				t.Errorf("the primary address is %s", u.Email)
			}
			return err
		})
	})
}
