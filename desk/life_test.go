package desk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/store"
	"tandem/store/storetest"
	"tandem/text"
)

const aDay = 24 * time.Hour

// history is the ticket's changes, each as "field: before -> after".
func (w *world) history(id desk.TicketID) (lines []string, last *desk.TicketAudit) {
	w.t.Helper()
	audits, err := w.desk.Audits(w.t.Context(), w.agent, desk.AuditFilter{Ticket: id})
	w.must(err)
	for _, a := range audits {
		for _, e := range a.Events {
			if e.Type == desk.FieldChanged || e.Type == desk.Merged {
				lines = append(lines, e.Field+": "+e.Before+" -> "+e.After)
			}
		}
	}
	return lines, audits[len(audits)-1]
}

func TestSolvedTicketsCloseAfterTheTimeThatWasSet(t *testing.T) {
	each(t, func(w *world) {
		early, late := w.mailIn(), w.mailIn()
		w.setStatus(early.ID, desk.Solved)
		w.clock.pass(2 * aDay)
		w.setStatus(late.ID, desk.Solved)
		tags := []string{"touched"} // a change does not make it solved any later
		_, _, err := w.desk.Update(w.t.Context(), w.agent, early.ID, desk.Change{Tags: &tags})
		w.must(err)

		w.clock.pass(2*aDay - time.Minute)
		w.must(w.desk.CloseSolved(w.t.Context()))
		if got := w.ticket(early.ID).Status; got != desk.Solved {
			w.t.Fatalf("it is %s after less than four days", got)
		}
		w.clock.pass(time.Minute)
		w.must(w.desk.CloseSolved(w.t.Context()))
		if a, b := w.ticket(early.ID).Status, w.ticket(late.ID).Status; a != desk.Closed || b != desk.Solved {
			w.t.Errorf("they are %s and %s, want the first closed", a, b)
		}
		lines, last := w.history(early.ID)
		if lines[len(lines)-1] != "status: solved -> closed" || last.AuthorID != 0 {
			w.t.Errorf("the history ends with %q by %d, want the closing by Tandem", lines, last.AuthorID)
		}

		_, err = w.desk.ChangeTicketSettings(w.t.Context(), w.agent, func(s *desk.TicketSettings) { s.CloseAfter = 0 })
		w.refused(err, "administrators_only")
		_, err = w.desk.ChangeTicketSettings(w.t.Context(), w.admin, func(s *desk.TicketSettings) { s.CloseAfter = -aDay })
		w.refused(err, "close_after")
		_, err = w.desk.ChangeTicketSettings(w.t.Context(), w.admin, func(s *desk.TicketSettings) { s.CloseAfter = 0 })
		w.must(err)
		w.clock.pass(300 * aDay)
		w.must(w.desk.CloseSolved(w.t.Context()))
		if got := w.ticket(late.ID).Status; got != desk.Solved {
			w.t.Errorf("it is %s though nothing closes by itself", got)
		}
	})
}

func TestManySolvedTicketsCloseInBatches(t *testing.T) {
	each(t, func(w *world) {
		for range 120 {
			w.setStatus(w.mailIn().ID, desk.Solved)
		}
		w.clock.pass(5 * aDay)
		w.must(w.desk.CloseSolved(w.t.Context()))
		n, err := w.desk.Count(w.t.Context(), w.agent, desk.TicketFilter{Statuses: []desk.Status{desk.Closed}})
		w.must(err)
		if n != 120 {
			w.t.Errorf("%d are closed, want all 120", n)
		}
	})
}

func TestDeletedTicketIsNowhereUntilItIsRestored(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		ticket, other := w.mailIn(), w.mailIn()
		w.setStatus(ticket.ID, desk.Pending)
		w.must(w.desk.Delete(ctx, w.agent, ticket.ID))

		_, _, err := w.desk.Get(ctx, w.agent, ticket.ID)
		w.refused(err, "ticket_deleted")
		_, err = w.desk.Comments(ctx, w.agent, ticket.ID)
		w.refused(err, "ticket_deleted")
		_, _, err = w.desk.Reply(ctx, w.agent, ticket.ID, desk.Draft{Text: "Hello"})
		w.refused(err, "ticket_deleted")
		w.refused(w.desk.Delete(ctx, w.agent, ticket.ID), "ticket_deleted")
		for name, f := range map[string]desk.TicketFilter{
			"all": {}, "by number": {IDs: []desk.TicketID{ticket.ID, other.ID}}, "requester": {Requester: w.requester.ID},
			"search": {Text: []text.Term{{Text: "order"}}}, "unassigned": {Unassigned: true},
		} {
			list, err := w.desk.List(ctx, w.agent, f)
			w.must(err)
			n, err := w.desk.Count(ctx, w.agent, f)
			w.must(err)
			if len(list.Tickets) != 1 || list.Tickets[0].ID != other.ID || n != 1 {
				w.t.Errorf("%s: %d tickets, counted %d, want the other one alone", name, len(list.Tickets), n)
			}
		}
		metrics, err := w.desk.MetricsOf(ctx, w.agent, []desk.TicketID{ticket.ID, other.ID})
		w.must(err)
		if metrics[ticket.ID] != nil || metrics[other.ID] == nil {
			w.t.Errorf("measured are %v, want the other one alone", metrics)
		}
		w.must(w.desk.MeasureAll(ctx))
		for name, asks := range map[string]desk.Condition{
			"any status": {Field: "requester_id", Operator: desk.Is, Value: fmt.Sprint(w.requester.ID)},
			"not closed": {Field: "status", Operator: desk.IsNot, Value: string(desk.Closed)},
		} {
			v := w.view(w.admin, desk.Audience{}, asks)
			_, f, err := w.desk.OpenView(ctx, w.agent, v.ID)
			w.must(err)
			list, err := w.desk.List(ctx, w.agent, f)
			w.must(err)
			if n := w.counted(w.agent, v.ID); len(list.Tickets) != 1 || list.Tickets[0].ID != other.ID || n != 1 {
				w.t.Errorf("view of %s: %d tickets, counted %d, want the other one alone", name, len(list.Tickets), n)
			}
		}
		p, err := w.desk.Possessions(ctx, w.agent, w.requester.ID)
		w.must(err)
		if p.Requested != 1 {
			w.t.Errorf("the requester has %d tickets, want 1", p.Requested)
		}
		w.update(func(tx desk.Tx) error {
			found, err := tx.FindTicketByReplyToken(ctx, ticket.ReplyToken)
			if found != nil {
				w.t.Error("its token still leads to it")
			}
			return err
		})

		list, err := w.desk.Deleted(ctx, w.agent, desk.TicketFilter{Limit: 10})
		w.must(err)
		if len(list.Tickets) != 1 || list.Tickets[0].DeletedBy != w.agent.UserID || list.Tickets[0].DeletedFrom != desk.Pending || !list.Tickets[0].UpdatedAt.Equal(w.clock.now) && list.Tickets[0].UpdatedAt.Before(w.clock.now) {
			w.t.Fatalf("deleted are %+v", list.Tickets)
		}
		if n, err := w.desk.CountDeleted(ctx, w.agent); err != nil || n != 1 {
			w.t.Errorf("%d are deleted (%v), want 1", n, err)
		}

		w.must(w.desk.Restore(ctx, w.colleague, ticket.ID))
		w.refused(w.desk.Restore(ctx, w.colleague, ticket.ID), "not_deleted")
		if got := w.ticket(ticket.ID); got.Status != desk.Pending || got.DeletedFrom != "" || got.DeletedBy != 0 {
			w.t.Errorf("restored it is %+v", got)
		}
		m, err := w.desk.Metrics(ctx, w.agent, ticket.ID)
		w.must(err)
		if m.Reopens != 0 {
			w.t.Errorf("restored it measures %+v", m)
		}
		lines, _ := w.history(ticket.ID)
		if want := []string{"status: new -> pending", "status: pending -> deleted", "status: deleted -> pending"}; !slices.Equal(lines, want) {
			w.t.Errorf("the history is %q, want %q", lines, want)
		}
	})
}

func TestDeletedForGoodAfterThirtyDays(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		old, young, kept := w.mailIn(), w.mailIn(), w.mailIn()
		_, comment, err := w.desk.Reply(ctx, w.agent, old.ID, desk.Draft{Text: "With a file", Uploads: []string{w.upload(w.agent, "plan.pdf", "application/octet-stream", 10).UploadToken}})
		w.must(err)
		blob := comment.Attachments[0].Blob
		w.must(w.desk.Delete(ctx, w.agent, old.ID))
		w.refused(w.desk.DeleteForGood(ctx, w.agent, old.ID), "administrators_only")
		w.refused(w.desk.DeleteForGood(ctx, w.admin, kept.ID), "not_deleted")
		w.clock.pass(29 * aDay)
		w.must(w.desk.Delete(ctx, w.agent, young.ID))
		w.must(w.desk.PurgeDeleted(ctx))
		if n, _ := w.desk.CountDeleted(ctx, w.agent); n != 2 {
			w.t.Fatalf("%d deleted tickets are left after 29 days, want 2", n)
		}
		w.clock.pass(aDay + time.Second) // what was deleted within the second it was said in counts from a little later
		w.must(w.desk.PurgeDeleted(ctx))
		if n, _ := w.desk.CountDeleted(ctx, w.agent); n != 1 {
			w.t.Errorf("%d deleted tickets are left after 30 days, want 1", n)
		}
		w.refused(w.desk.Restore(ctx, w.agent, old.ID), "not_found")
		w.update(func(tx desk.Tx) error {
			discarded, err := tx.ListDiscardedBlobs(ctx, "", 10)
			if !slices.Contains(discarded, blob) {
				w.t.Errorf("the file stays: %v", discarded)
			}
			used, err2 := tx.BlobInUse(ctx, blob)
			if used || err2 != nil {
				w.t.Errorf("the file is in use: %v, %v", used, err2)
			}
			return err
		})
		w.must(w.desk.DeleteForGood(ctx, w.admin, young.ID))
		w.ticket(kept.ID)
	})
}

func TestSpamDeletesTheTicketAndSuspendsItsRequester(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		ticket, other := w.mailIn(), w.mailIn()
		w.must(w.desk.MarkAsSpam(ctx, w.agent, ticket.ID))
		_, _, err := w.desk.Get(ctx, w.agent, ticket.ID)
		w.refused(err, "ticket_deleted")
		w.ticket(other.ID)
		w.update(func(tx desk.Tx) error {
			u, err := tx.GetUser(ctx, w.requester.ID)
			if err == nil && !u.Suspended {
				w.t.Error("the requester is not suspended")
			}
			return err
		})

		ours, _, err := w.desk.Create(ctx, w.agent, desk.Request{Subject: "Mine", Comment: desk.Draft{Text: "x"}})
		w.must(err)
		w.refused(w.desk.MarkAsSpam(ctx, w.colleague, ours.ID), "spam_of_agent")
		w.ticket(ours.ID)
	})
}

func TestMergeClosesTheSourceAndCarriesPeopleAndFiles(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		target := w.mailIn()
		source, _, err := w.desk.Create(ctx, w.agent, desk.Request{
			Subject: "The same", Requester: desk.Person{ID: w.stranger.ID}, CCs: []desk.Person{{Email: "carl@fabrikam.example"}}, Tags: []string{"dup"},
			Comment: desk.Draft{Public: true, Text: "See the file", Uploads: []string{w.upload(w.agent, "order.pdf", "application/octet-stream", 10).UploadToken}},
		})
		w.must(err)
		_, _, err = w.desk.AddNote(ctx, w.agent, source.ID, desk.Draft{Text: "For us", Uploads: []string{w.upload(w.agent, "secret.txt", "application/octet-stream", 10).UploadToken}})
		w.must(err)

		_, err = w.desk.MergeTickets(ctx, w.agent, target.ID, desk.TicketMerge{
			Sources: []desk.TicketID{source.ID}, TargetComment: "Merged the other one.", SourceComment: "We go on in the other one.", TargetPublic: true,
		})
		w.must(err)
		got, from := w.ticket(target.ID), w.ticket(source.ID)
		if from.Status != desk.Closed || from.MergedInto != target.ID || !slices.Contains(from.Tags, "closed_by_merge") || !slices.Contains(from.Tags, "dup") {
			w.t.Errorf("the source is %+v", from)
		}
		if !slices.Contains(got.CCs, w.stranger.ID) || len(got.CCs) != 2 || len(got.Tags) != 0 {
			w.t.Errorf("in copy of the target are %v, tags %v", got.CCs, got.Tags)
		}
		if merged := w.summary(target.ID).Merged; !slices.Equal(merged, []desk.TicketID{source.ID}) {
			w.t.Errorf("the target knows of %v", merged)
		}
		comments := w.comments(target.ID)
		last := comments[len(comments)-1]
		if last.Text != "Merged the other one." || !last.Public || len(last.Attachments) != 1 || last.Attachments[0].FileName != "order.pdf" {
			w.t.Errorf("the target says %+v, want the public file alone", last)
		}
		if there := w.comments(source.ID); there[len(there)-1].Public || there[len(there)-1].Text != "We go on in the other one." {
			w.t.Errorf("the source says %+v", there[len(there)-1])
		}
		lines, _ := w.history(target.ID)
		if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "merged_ids: ") }) {
			w.t.Errorf("the target's history is %q", lines)
		}
		lines, _ = w.history(source.ID)
		if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "merged_into_id: ") }) {
			w.t.Errorf("the source's history is %q", lines)
		}
	})
}

func TestWhatCannotBeMerged(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		a, b, closed := w.mailIn(), w.mailIn(), w.mailIn()
		w.setStatus(closed.ID, desk.Closed)
		for _, test := range []struct {
			into    desk.TicketID
			sources []desk.TicketID
			code    string
		}{
			{a.ID, nil, "merge_sources"},
			{a.ID, []desk.TicketID{a.ID}, "merge_itself"},
			{a.ID, []desk.TicketID{b.ID, closed.ID}, "merge_closed"},
			{closed.ID, []desk.TicketID{b.ID}, "merge_closed"},
			{a.ID, []desk.TicketID{b.ID, 9999}, "not_found"},
		} {
			_, err := w.desk.MergeTickets(ctx, w.agent, test.into, desk.TicketMerge{Sources: test.sources})
			w.refused(err, test.code)
		}
		_, err := w.desk.MergeTickets(ctx, access.Actor{UserID: w.requester.ID, Role: directory.EndUser}, a.ID, desk.TicketMerge{Sources: []desk.TicketID{b.ID}})
		w.refused(err, "agents_only")
		if got := w.ticket(b.ID); got.Status != desk.New {
			w.t.Errorf("a refused merge left it %s", got.Status)
		}
	})
}

// Whatever is merged, deleted and restored in whatever order: from every ticket
// that is not deleted the chain of merges ends.
func TestChainsOfMergesEnd(t *testing.T) {
	w := newWorld(t, storetest.SQLiteURL(t))
	rapid.Check(t, func(t *rapid.T) {
		var ids []desk.TicketID
		for range rapid.IntRange(2, 6).Draw(t, "tickets") {
			ids = append(ids, w.mailIn().ID)
		}
		one := rapid.SampledFrom(ids)
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			ctx, a, b := w.t.Context(), one.Draw(t, "a"), one.Draw(t, "b")
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0, 1:
				_, _ = w.desk.MergeTickets(ctx, w.agent, a, desk.TicketMerge{Sources: []desk.TicketID{b}})
			case 2:
				_ = w.desk.Delete(ctx, w.agent, a)
			case 3:
				_ = w.desk.Restore(ctx, w.agent, a)
			}
		}
		for _, id := range ids {
			w.must(store.For[desk.Tx](w.db).View(w.t.Context(), func(tx desk.Tx) error {
				for steps, next := 0, id; next != 0; steps++ {
					if steps > len(ids) {
						t.Fatalf("the chain from ticket %d does not end", id)
					}
					at, err := tx.AnyTicket(w.t.Context(), next)
					if err != nil {
						return err
					}
					next = at.MergedInto
				}
				return nil
			}))
		}
	})
}
