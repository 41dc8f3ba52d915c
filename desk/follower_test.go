package desk_test

import (
	"slices"
	"strings"
	"testing"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/email"
	"tandem/store"
)

// notices are the mails to followers that wait, newest first.
func (w *world) notices() []*email.Mail {
	w.t.Helper()
	var mails []*email.Mail
	w.must(store.For[email.Tx](w.db).View(w.t.Context(), func(tx email.Tx) (err error) {
		mails, err = tx.ListMail(w.t.Context(), email.MailFilter{Direction: email.Outbound})
		return err
	}))
	return slices.DeleteFunc(mails, func(m *email.Mail) bool { return m.Rule != "notification" })
}

func (w *world) followed(by ...access.Actor) desk.TicketID {
	w.t.Helper()
	ticket := w.mailIn()
	people := []desk.Person{}
	for _, a := range by {
		people = append(people, desk.Person{ID: a.UserID})
	}
	_, _, err := w.desk.Update(w.t.Context(), w.admin, ticket.ID, desk.Change{Followers: desk.PeopleChange{Set: &people}})
	w.must(err)
	return ticket.ID
}

// Whom a trigger makes a follower is told at once of what made it fire. A requester
// who makes the change cannot follow, which fails nothing.
func TestTriggerAddsFollowers(t *testing.T) {
	each(t, func(w *world) {
		w.add(rule("Watch alarms", []string{"subject_includes_word includes fire"}, do("follower", number(w.colleague.UserID)), do("follower", "current_user"), do("current_tags", "alarm")))
		trial, err := w.desk.Rehearse(w.t.Context(), w.admin, desk.Rehearsal{Ticket: w.mailIn().ID})
		w.must(err)
		if trial.Triggers[0].Order != 0 {
			w.t.Errorf("it fires for what is no alarm")
		}
		ticket := w.open(desk.NewTicket{Subject: "Fire!", Via: desk.ByEmail, Comment: desk.NewComment{Public: true, Text: "Help", Via: desk.ByEmail}})
		if got := w.ticket(ticket.ID); !slices.Equal(got.Followers, []directory.UserID{w.colleague.UserID}) || !slices.Contains(got.Tags, "alarm") {
			w.t.Errorf("followers %v, tags %v", got.Followers, got.Tags)
		}
		if mails := w.notices(); len(mails) != 1 || mails[0].To[0].Email != "ben@contoso.example" {
			w.t.Errorf("told: %+v", mails)
		}
		trial, err = w.desk.Rehearse(w.t.Context(), w.admin, desk.Rehearsal{Ticket: ticket.ID, Change: true})
		w.must(err)
		if events := trial.Triggers[0].Events; trial.Triggers[0].Order != 1 || len(events) == 0 || events[len(events)-1].Field != "follower_ids" {
			w.t.Errorf("rehearsed: %+v", trial.Triggers[0])
		}
	})
}

func TestFollowersAreToldWhatOthersSay(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		id := w.followed(w.agent, w.colleague)
		_, _, err := w.desk.AddNote(ctx, w.agent, id, desk.Draft{Text: "He called twice"})
		w.must(err)
		mails := w.notices()
		if len(mails) != 1 || len(mails[0].To) != 1 || mails[0].To[0].Email != "ben@contoso.example" {
			w.t.Fatalf("of Ana's note are told %+v, want Ben alone", mails)
		}
		_, err = w.say(id, desk.NewComment{AuthorID: w.requester.ID, Public: true, Text: "Any news?", Via: desk.ByEmail})
		w.must(err)
		if mails = w.notices(); len(mails) != 2 || len(mails[0].To) != 2 {
			w.t.Fatalf("of the requester's mail are told %+v, want both", mails[0].To)
		}
		audits := w.audits(id)
		last := audits[len(audits)-1].Events
		if e := last[len(last)-1]; e.Type != desk.Notified || !strings.Contains(e.Body, "Any news?") || len(e.To) != 2 {
			w.t.Errorf("the history says %+v", e)
		}
	})
}

func TestFollowerInCopyGetsOneMail(t *testing.T) {
	each(t, func(w *world) {
		id := w.followed(w.colleague)
		_, _, err := w.desk.Update(w.t.Context(), w.agent, id, desk.Change{
			CCs: desk.PeopleChange{Add: []desk.Person{{ID: w.colleague.UserID}}}, Comment: &desk.Draft{Public: true, Text: "Solved"},
		})
		w.must(err)
		if mails := w.notices(); len(mails) != 0 {
			w.t.Errorf("told are %+v, want nobody besides the mail of the reply", mails)
		}
	})
}

func TestNoticeOfAReplyIsTakenBackWithIt(t *testing.T) {
	each(t, func(w *world) {
		id := w.followed(w.colleague)
		_, c, err := w.desk.Reply(w.t.Context(), w.agent, id, desk.Draft{Text: "Tomorrow"})
		w.must(err)
		if mails := w.notices(); len(mails) != 1 {
			w.t.Fatalf("%d mails to followers wait, want one", len(mails))
		}
		_, err = w.desk.CancelDelivery(w.t.Context(), w.agent, id, c.ID)
		w.must(err)
		if mails := w.notices(); len(mails) != 0 {
			w.t.Errorf("%d mails to followers wait for a reply that was taken back", len(mails))
		}
	})
}

func TestOnlyWhoWorksHereFollows(t *testing.T) {
	each(t, func(w *world) {
		id := w.followed(w.colleague)
		change := func(ch desk.PeopleChange) error {
			_, _, err := w.desk.Update(w.t.Context(), w.agent, id, desk.Change{Followers: ch})
			return err
		}
		w.refused(change(desk.PeopleChange{Add: []desk.Person{{ID: w.requester.ID}}}), "follower_is_no_agent")
		w.refused(change(desk.PeopleChange{Add: []desk.Person{{ID: 999}}}), "unknown_person")
		w.must(change(desk.PeopleChange{Add: []desk.Person{{Email: "ana@contoso.example"}}}))
		if got := w.ticket(id).Followers; len(got) != 2 {
			w.t.Fatalf("%v follow, want both agents", got)
		}
		w.must(change(desk.PeopleChange{Remove: []desk.Person{{Email: "BEN@contoso.example"}, {Email: "nobody@example.com"}}}))
		if got := w.ticket(id).Followers; !slices.Equal(got, []directory.UserID{w.agent.UserID}) {
			w.t.Errorf("%v follow, want Ana alone", got)
		}
		// Whoever is suspended is told nothing.
		w.update(func(tx desk.Tx) error {
			u, err := tx.GetUser(w.t.Context(), w.agent.UserID)
			if err != nil {
				return err
			}
			u.Suspended = true
			return tx.UpdateUser(w.t.Context(), u)
		})
		_, _, err := w.desk.AddNote(w.t.Context(), w.colleague, id, desk.Draft{Text: "She is gone"})
		w.must(err)
		if mails := w.notices(); len(mails) != 0 {
			w.t.Errorf("told are %+v, want nobody", mails[0].To)
		}
	})
}
