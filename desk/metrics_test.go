package desk_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tandem/access"
	"tandem/desk"
	"tandem/store/storetest"
)

func (w *world) metrics(id desk.TicketID) *desk.Metrics {
	w.t.Helper()
	m, err := w.desk.Metrics(w.t.Context(), w.agent, id)
	w.must(err)
	return m
}

func TestMetricsFollowATicketThroughItsLife(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.ask("The lift stands still")
		w.clock.pass(30 * time.Minute)
		w.reply(w.agent, ticket.ID, desk.Change{Status: status(desk.Pending)}) // takes it, too
		w.clock.pass(2 * time.Hour)
		w.answer(ticket.ID) // opens it again
		w.clock.pass(10 * time.Minute)
		w.change(ticket.ID, desk.Change{Status: status(desk.Hold), AssigneeID: &w.colleague.UserID})
		w.clock.pass(time.Hour)
		w.change(ticket.ID, desk.Change{Status: status(desk.Solved)})
		w.clock.pass(24 * time.Hour)
		w.answer(ticket.ID)
		w.clock.pass(time.Hour)
		w.reply(w.colleague, ticket.ID, desk.Change{Status: status(desk.Solved)})

		m := w.metrics(ticket.ID)
		hours := func(h float64) time.Time { return noon.Add(time.Duration(h * float64(time.Hour))) }
		for what, pair := range map[string][2]any{
			"reopens":             {m.Reopens, 1},
			"replies":             {m.Replies, 2},
			"assignee stations":   {m.AssigneeStations, 2},
			"first reply":         {m.FirstReplyAt.Sub(noon), 30 * time.Minute},
			"first resolution":    {m.FirstSolvedAt.Sub(noon).Truncate(time.Minute), 3*time.Hour + 40*time.Minute},
			"full resolution":     {m.SolvedAt.Sub(noon).Truncate(time.Minute), 28*time.Hour + 40*time.Minute},
			"agent waited":        {m.AgentWait.Round(time.Minute), 2 * time.Hour},
			"on hold":             {m.OnHold.Round(time.Minute), time.Hour},
			"requester waited":    {m.RequesterWait.Round(time.Minute), 2*time.Hour + 40*time.Minute},
			"initially assigned":  {m.InitiallyAssigned.Round(time.Minute), hours(0.5)},
			"requester last said": {m.RequesterUpdatedAt.Round(time.Minute), noon.Add(27*time.Hour + 40*time.Minute)},
			"assignee last said":  {m.AssigneeUpdatedAt.Round(time.Minute), noon.Add(28*time.Hour + 40*time.Minute)},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s: %v, want %v", what, pair[0], pair[1])
			}
		}
	})
}

func TestReplyTakenBackIsNoReply(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.ask("Invoice 7")
		_, c, err := w.desk.Reply(t.Context(), w.agent, ticket.ID, desk.Draft{Text: "Wrong customer"})
		w.must(err)
		_, err = w.desk.CancelDelivery(t.Context(), w.agent, ticket.ID, c.ID)
		w.must(err)
		if m := w.metrics(ticket.ID); m.Replies != 0 || !m.FirstReplyAt.IsZero() {
			t.Errorf("%d replies, the first at %v", m.Replies, m.FirstReplyAt)
		}
	})
}

// What is kept with each change is what would be made of audits and comments.
func TestMetricsKeptAreMetricsMade(t *testing.T) {
	w := newWorld(t, storetest.SQLiteURL(t))
	rapid.Check(t, func(rt *rapid.T) {
		ticket := w.ask("Property")
		steps := rapid.SliceOfN(rapid.SampledFrom([]string{"reply", "note", "answer", "pending", "hold", "open", "solve", "mine", "hers", "nobody", "withdraw"}), 1, 12).Draw(rt, "steps")
		for _, step := range steps {
			w.clock.pass(time.Duration(rapid.IntRange(1, 5000).Draw(rt, "minutes")) * time.Minute)
			w.do(ticket.ID, step)
		}
		if diff := cmp.Diff(w.metrics(ticket.ID), w.made(ticket.ID)); diff != "" {
			rt.Fatalf("after %v (-kept +made):\n%s", steps, diff)
		}
	})
}

// made are the metrics as they are made of what is known of the ticket.
func (w *world) made(id desk.TicketID) (m *desk.Metrics) {
	w.t.Helper()
	w.update(func(tx desk.Tx) error {
		t, err := tx.GetTicket(w.t.Context(), id)
		if err != nil {
			return err
		}
		m, err = desk.Remeasure(w.t.Context(), tx, t)
		return err
	})
	return m
}

// do does one thing to a ticket, whatever comes of it.
func (w *world) do(id desk.TicketID, step string) {
	nobody := w.agent.UserID * 0
	changes := map[string]desk.Change{
		"note": {Comment: &desk.Draft{Text: "n"}}, "pending": {Status: status(desk.Pending)}, "hold": {Status: status(desk.Hold)},
		"open": {Status: status(desk.Open)}, "solve": {Status: status(desk.Solved)},
		"mine": {AssigneeID: &w.agent.UserID}, "hers": {AssigneeID: &w.colleague.UserID}, "nobody": {AssigneeID: &nobody},
	}
	switch step {
	case "reply":
		w.reply(w.colleague, id, desk.Change{})
	case "answer":
		w.answer(id)
	case "withdraw":
		_, c, err := w.desk.Reply(w.t.Context(), w.agent, id, desk.Draft{Text: "Too soon"})
		w.must(err)
		_, err = w.desk.CancelDelivery(w.t.Context(), w.agent, id, c.ID)
		w.must(err)
	default:
		w.change(id, changes[step])
	}
}

func status(s desk.Status) *desk.Status { return &s }

// ask opens a ticket of the requester.
func (w *world) ask(subject string) *desk.Ticket {
	w.t.Helper()
	var ticket *desk.Ticket
	w.update(func(tx desk.Tx) (err error) {
		ticket, _, err = w.desk.Open(w.t.Context(), tx, desk.NewTicket{
			Subject: subject, RequesterID: w.requester.ID, Via: desk.ByEmail, Comment: desk.NewComment{Text: subject, Public: true},
		})
		return err
	})
	return ticket
}

// answer lets the requester write again.
func (w *world) answer(id desk.TicketID) {
	w.t.Helper()
	w.update(func(tx desk.Tx) error {
		t, err := tx.LockTicket(w.t.Context(), id)
		if err != nil {
			return err
		}
		_, err = w.desk.AddComment(w.t.Context(), tx, t, desk.NewComment{AuthorID: w.requester.ID, Text: "And now?", Public: true, Via: desk.ByEmail})
		return err
	})
}

func (w *world) reply(by access.Actor, id desk.TicketID, ch desk.Change) {
	w.t.Helper()
	ch.Comment = &desk.Draft{Text: "We look into it", Public: true}
	_, _, err := w.desk.Update(w.t.Context(), by, id, ch)
	w.must(err)
}

func (w *world) change(id desk.TicketID, ch desk.Change) {
	w.t.Helper()
	_, _, err := w.desk.Update(w.t.Context(), w.agent, id, ch)
	w.must(err)
}
