package desk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/event"
)

func TestMailOpensATicket(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		if ticket.Status != desk.New || ticket.SubmitterID != w.requester.ID || ticket.ReplyToken == "" || ticket.BrandID == 0 {
			w.t.Errorf("got %+v, want a new ticket of the requester with a reply token and the default brand", ticket)
		}
		w.hears(event.Event{Kind: event.TicketCreated, ID: int64(ticket.ID)})
		if got := w.summary(ticket.ID); got.Description != "Where is it?" || got.Comments != 1 {
			w.t.Errorf("got %+v", got)
		}
		if len(w.deliveries()) != 0 {
			w.t.Error("the requester's own mail goes out")
		}
	})
}

func TestMailBeyondTheLimitsIsCut(t *testing.T) {
	each(t, func(w *world) {
		var crowd []directory.UserID
		w.update(func(tx desk.Tx) error {
			crowd = nil
			for n := range desk.MaxCCs + 3 {
				u, err := w.desk.Person(w.t.Context(), tx, "", fmt.Sprintf("p%d@example.com", n))
				if err != nil {
					return err
				}
				crowd = append(crowd, u.ID)
			}
			return nil
		})
		var id desk.TicketID
		w.update(func(tx desk.Tx) error {
			ticket, _, err := w.desk.Open(w.t.Context(), tx, desk.NewTicket{
				Subject: "a\x00 \r\n" + strings.Repeat("あ", desk.MaxSubject), RequesterID: w.requester.ID, CCs: crowd, Via: desk.ByEmail,
				Comment: desk.NewComment{Public: true, Text: strings.Repeat("é", desk.MaxBody), HTML: "\xff"},
			})
			if err == nil {
				id = ticket.ID
			}
			return err
		})
		ticket, comment := w.ticket(id), w.comments(id)[0]
		if n := len([]rune(ticket.Subject)); n != desk.MaxSubject || !strings.HasPrefix(ticket.Subject, "a あ") {
			w.t.Errorf("the subject has %d characters: %.20q", n, ticket.Subject)
		}
		if len(ticket.CCs) != desk.MaxCCs || len(comment.Text) != desk.MaxBody || comment.HTML != "\uFFFD" {
			w.t.Errorf("%d in copy, %d bytes, HTML %q", len(ticket.CCs), len(comment.Text), comment.HTML)
		}
	})
}

func TestRequestersReplyReopensSolvedTicket(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		w.setStatus(ticket.ID, desk.Solved)
		w.clock.pass(time.Hour)
		c, err := w.say(ticket.ID, desk.NewComment{AuthorID: w.requester.ID, Public: true, Text: "Still not here"})
		w.must(err)
		got := w.ticket(ticket.ID)
		if got.Status != desk.Open || !got.SolvedAt.IsZero() || !got.UpdatedAt.Equal(w.clock.now) {
			w.t.Errorf("got %s, solved at %v, updated at %v", got.Status, got.SolvedAt, got.UpdatedAt)
		}
		w.hears(event.Event{Kind: event.CommentAdded, ID: int64(c.ID), Parent: int64(ticket.ID)})
		w.hears(event.Event{Kind: event.TicketUpdated, ID: int64(ticket.ID)})
	})
}

func TestReplyToClosedTicketBeginsAFollowUp(t *testing.T) {
	each(t, func(w *world) {
		closed := w.mailIn()
		w.setStatus(closed.ID, desk.Closed)
		again := desk.NewComment{AuthorID: w.requester.ID, Public: true, Text: "One more thing"}
		_, err := w.say(closed.ID, again)
		w.refused(err, "ticket_closed")

		var next *desk.Ticket
		w.update(func(tx desk.Tx) error {
			old, err := tx.LockTicket(w.t.Context(), closed.ID)
			if err != nil {
				return err
			}
			next, _, err = w.desk.FollowUp(w.t.Context(), tx, old, desk.NewTicket{Via: desk.ByEmail, Comment: again})
			return err
		})
		got := w.ticket(next.ID)
		if got.FollowUpOf != closed.ID || got.Subject != "My order" || got.RequesterID != w.requester.ID || got.Status != desk.New {
			w.t.Errorf("got %+v", got)
		}
		if diff := cmp.Diff([]desk.TicketID{next.ID}, w.summary(closed.ID).FollowUps); diff != "" {
			w.t.Errorf("follow-ups of the closed ticket: %s", diff)
		}
	})
}

func TestImportedHistoryKeepsItsDatesAndCausesNothing(t *testing.T) {
	each(t, func(w *world) {
		then := noon.Add(-30 * 24 * time.Hour)
		var ticket *desk.Ticket
		w.update(func(tx desk.Tx) (err error) {
			ticket, _, err = w.desk.Open(w.t.Context(), tx, desk.NewTicket{
				Subject: "Old", RequesterID: w.requester.ID, Via: desk.ByEmail, Imported: true, CreatedAt: then, Status: desk.Solved,
				Comment: desk.NewComment{Public: true, Text: "An old question"},
			})
			return err
		})
		for _, author := range []directory.UserID{w.agent.UserID, w.requester.ID} {
			_, err := w.say(ticket.ID, desk.NewComment{AuthorID: author, Public: true, Text: "Old words", Imported: true, CreatedAt: then.Add(time.Hour)})
			w.must(err)
		}
		got := w.ticket(ticket.ID)
		if got.Status != desk.Solved || got.AssigneeID != 0 || !got.FirstReplyAt.IsZero() {
			w.t.Errorf("history changed the ticket: %s, assignee %d, first reply %v", got.Status, got.AssigneeID, got.FirstReplyAt)
		}
		if !got.CreatedAt.Equal(then) || !got.UpdatedAt.Equal(then.Add(time.Hour)) {
			w.t.Errorf("created %v, updated %v", got.CreatedAt, got.UpdatedAt)
		}
		if n := len(w.deliveries()); n != 0 {
			w.t.Errorf("%d old replies are sent again", n)
		}

		// A new reply on the imported ticket is as any other.
		_, c, err := w.desk.Reply(w.t.Context(), w.agent, ticket.ID, desk.Draft{Text: "Hello again"})
		w.must(err)
		if _, leaves := w.deliveries()[c.ID]; !leaves {
			w.t.Error("a new reply on an imported ticket does not leave")
		}
	})
}

func TestFirstReplyTakesTheTicketAndLeavesAfterTheUndoWindow(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		w.clock.pass(10 * time.Minute)
		_, c, err := w.desk.Reply(w.t.Context(), w.agent, ticket.ID, desk.Draft{HTML: "<p>On its way<script>x()</script></p>"})
		w.must(err)
		got := w.ticket(ticket.ID)
		if got.Status != desk.Open || got.AssigneeID != w.agent.UserID || !got.FirstReplyAt.Equal(w.clock.now) {
			w.t.Errorf("got %s, assignee %d, first reply %v", got.Status, got.AssigneeID, got.FirstReplyAt)
		}
		if c.HTML != "<p>On its way</p>" || c.Text != "On its way" {
			w.t.Errorf("stored %q and %q", c.HTML, c.Text)
		}
		if at := w.deliveries()[c.ID]; !at.Equal(w.clock.now.Add(undoWindow)) {
			w.t.Errorf("leaves at %v, want %v", at, w.clock.now.Add(undoWindow))
		}
		if d := w.comments(ticket.ID)[1].Delivery; d == nil || d.State != desk.DeliveryWaiting {
			w.t.Errorf("delivery is %+v, want waiting", d)
		}
	})
}

func TestAgentsReplyByMailLeavesAtOnce(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		c, err := w.say(ticket.ID, desk.NewComment{AuthorID: w.agent.UserID, Public: true, Text: "From my phone", Via: desk.ByEmail})
		w.must(err)
		if at := w.deliveries()[c.ID]; !at.Equal(w.clock.now) {
			w.t.Errorf("leaves at %v, want now", at)
		}
	})
}

func TestNoteStaysInside(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		_, c, err := w.desk.AddNote(w.t.Context(), w.agent, ticket.ID, desk.Draft{Text: "A difficult one"})
		w.must(err)
		if c.Public || len(w.deliveries()) != 0 || w.ticket(ticket.ID).Status != desk.New {
			w.t.Error("a note was treated as a reply")
		}
	})
}

func TestReplyMovesToTheStatusChosenWithIt(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		pending := desk.Pending
		got, _, err := w.desk.Update(w.t.Context(), w.agent, ticket.ID, desk.Change{Status: &pending, Comment: &desk.Draft{Public: true, Text: "Which order?"}})
		w.must(err)
		if got.Status != desk.Pending || got.AssigneeID != w.agent.UserID {
			w.t.Errorf("got %s, assignee %d", got.Status, got.AssigneeID)
		}

		// A screen that still shows "new" sends it along; that is no wish to keep it new.
		other := w.mailIn()
		unchanged := desk.New
		got, _, err = w.desk.Update(w.t.Context(), w.agent, other.ID, desk.Change{Status: &unchanged, Comment: &desk.Draft{Public: true, Text: "Hello"}})
		w.must(err)
		if got.Status != desk.Open {
			w.t.Errorf("got %s, want open", got.Status)
		}
	})
}

func TestSafeUpdateIsRefusedAfterSomebodyElses(t *testing.T) {
	each(t, func(w *world) {
		seen := w.mailIn()
		_, _, err := w.desk.Reply(w.t.Context(), w.colleague, seen.ID, desk.Draft{Text: "I have it"})
		w.must(err)
		solved := desk.Solved
		for _, change := range []desk.Change{{Status: &solved, Seen: seen.Version}, {Status: &solved, SeenAt: seen.UpdatedAt}} {
			_, _, err = w.desk.Update(w.t.Context(), w.agent, seen.ID, change)
			w.refused(err, "ticket_changed")
			if !strings.Contains(err.Error(), "Ben replied") {
				w.t.Errorf("%q does not say who did what", err)
			}
		}
		now := w.ticket(seen.ID)
		_, _, err = w.desk.Update(w.t.Context(), w.agent, seen.ID, desk.Change{Status: &solved, Seen: now.Version, SeenAt: now.UpdatedAt})
		w.must(err)
	})
}

func TestTwoChangesInOneInstantCanBeToldApart(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		high, urgent := desk.High, desk.Urgent
		first, _, err := w.desk.Update(w.t.Context(), w.agent, ticket.ID, desk.Change{Priority: &high})
		w.must(err)
		seenAt := first.UpdatedAt
		_, _, err = w.desk.Update(w.t.Context(), w.colleague, ticket.ID, desk.Change{Priority: &urgent})
		w.must(err)
		_, _, err = w.desk.Update(w.t.Context(), w.agent, ticket.ID, desk.Change{Priority: &high, SeenAt: seenAt})
		w.refused(err, "ticket_changed")
	})
}

func TestAgentOpensATicketForSomebodyNew(t *testing.T) {
	each(t, func(w *world) {
		ticket, c, err := w.desk.Create(w.t.Context(), w.agent, desk.Request{
			Subject: "Your call", Requester: desk.Person{Name: "Rui", Email: "Rui@Example.com"},
			CCs:  []desk.Person{{Email: "boss@example.com"}, {Email: "BOSS@example.com"}, {Email: "rui@example.com"}},
			Tags: []string{"Phone"}, Priority: desk.High, Comment: desk.Draft{Public: true, Text: "As promised"},
		})
		w.must(err)
		if ticket.SubmitterID != w.agent.UserID || ticket.RequesterID == w.agent.UserID || len(ticket.CCs) != 1 {
			w.t.Errorf("got %+v", ticket)
		}
		if !ticket.FirstReplyAt.Equal(c.CreatedAt) {
			w.t.Error("an agent's first words to the requester are not the first reply")
		}
		if _, leaves := w.deliveries()[c.ID]; !leaves {
			w.t.Error("the requester does not get the mail")
		}
	})
}

func TestRequestsThatMakeNoSense(t *testing.T) {
	each(t, func(w *world) {
		words := desk.Draft{Text: "Hello"}
		for code, request := range map[string]desk.Request{
			"comment_empty":        {Subject: "x"},
			"comment_too_long":     {Comment: desk.Draft{Text: strings.Repeat("x", desk.MaxBody+1)}},
			"invalid_email":        {Requester: desk.Person{Email: "not an address"}, Comment: words},
			"unknown_person":       {Requester: desk.Person{ID: 99999}, Comment: words},
			"assignee_is_no_agent": {AssigneeID: w.requester.ID, Comment: words},
			"unknown_brand":        {BrandID: 99999, Comment: words},
			"unknown_status":       {Status: "lost", Comment: words},
			"upload_unknown":       {Comment: desk.Draft{Text: "See file", Uploads: []string{"gone"}}},
			"administrators_only":  {Comment: desk.Draft{Text: "Hello", AuthorID: w.requester.ID}},
		} {
			_, _, err := w.desk.Create(w.t.Context(), w.agent, request)
			w.refused(err, code)
		}
		n, err := w.desk.Count(w.t.Context(), w.agent, desk.TicketFilter{})
		w.must(err)
		if n != 0 {
			w.t.Errorf("%d tickets were opened all the same", n)
		}
	})
}

func TestWhoMayDoWhat(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		name := "Fabrikam"
		requester := access.Actor{UserID: w.requester.ID, Name: "Aiko", Role: directory.EndUser}
		for _, action := range []struct {
			name string
			by   []access.Actor // who may
			do   func(access.Actor) error
		}{
			{"list", []access.Actor{w.agent, w.admin}, func(by access.Actor) error {
				_, err := w.desk.List(w.t.Context(), by, desk.TicketFilter{})
				return err
			}},
			{"read", []access.Actor{w.agent, w.admin}, func(by access.Actor) error {
				_, err := w.desk.Comments(w.t.Context(), by, ticket.ID)
				return err
			}},
			{"reply", []access.Actor{w.agent, w.admin}, func(by access.Actor) error {
				_, _, err := w.desk.Reply(w.t.Context(), by, ticket.ID, desk.Draft{Text: "Hello"})
				return err
			}},
			{"open", []access.Actor{w.agent, w.admin}, func(by access.Actor) error {
				_, _, err := w.desk.Create(w.t.Context(), by, desk.Request{Comment: desk.Draft{Text: "Hello"}})
				return err
			}},
			{"upload", []access.Actor{w.agent, w.admin}, func(by access.Actor) error {
				_, err := w.desk.AddUpload(w.t.Context(), by, "", "a.txt", "text/plain", strings.NewReader("a"))
				return err
			}},
			{"change a brand", []access.Actor{w.admin}, func(by access.Actor) error {
				_, err := w.desk.SaveBrand(w.t.Context(), by, 0, desk.BrandChange{Name: &name})
				return err
			}},
		} {
			for _, by := range []access.Actor{{}, requester, w.agent, w.admin} {
				may := false
				for _, allowed := range action.by {
					may = may || allowed == by
				}
				if err := action.do(by); (err == nil) != may {
					w.t.Errorf("%s by %q: %v, want allowed: %t", action.name, by.Role, err, may)
				}
			}
		}
	})
}
