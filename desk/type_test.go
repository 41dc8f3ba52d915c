package desk_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"tandem/access"
	"tandem/desk"
)

func (w *world) classify(id desk.TicketID, ch desk.Change) error {
	w.t.Helper()
	_, _, err := w.desk.Update(w.t.Context(), w.agent, id, ch)
	return err
}

func TestTypeDecidesWhatATicketHasBesides(t *testing.T) {
	each(t, func(w *world) {
		cause, id := w.mailIn().ID, w.mailIn().ID
		kind := func(k desk.Type) *desk.Type { return &k }
		due := noon.Add(48 * time.Hour)
		w.refused(w.classify(id, desk.Change{Type: kind("wish")}), "unknown_type")
		w.refused(w.classify(id, desk.Change{DueAt: &due}), "due_needs_task")
		w.refused(w.classify(id, desk.Change{ProblemID: &cause}), "problem_needs_incident")
		w.refused(w.classify(id, desk.Change{Type: kind(desk.Incident), ProblemID: &cause}), "no_problem")
		w.must(w.classify(cause, desk.Change{Type: kind(desk.Problem)}))
		w.must(w.classify(id, desk.Change{Type: kind(desk.Incident), ProblemID: &cause}))
		if got := w.summary(cause).Incidents; got != 1 {
			w.t.Errorf("the problem has %d incidents, want 1", got)
		}
		w.must(w.classify(id, desk.Change{Type: kind(desk.Task), DueAt: &due}))
		if got := w.ticket(id); got.ProblemID != 0 || !got.DueAt.Equal(due) {
			w.t.Errorf("the task comes from %d and is due %v", got.ProblemID, got.DueAt)
		}
		w.must(w.classify(id, desk.Change{Type: kind("")}))
		if got := w.ticket(id); got.Type != "" || !got.DueAt.IsZero() {
			w.t.Errorf("of no type it is due %v", got.DueAt)
		}
	})
}

func TestSolvingAProblemSolvesItsIncidents(t *testing.T) {
	each(t, func(w *world) {
		problem, incident := desk.Problem, desk.Incident
		cause, a, b := w.mailIn().ID, w.mailIn().ID, w.mailIn().ID
		w.must(w.classify(cause, desk.Change{Type: &problem}))
		for _, id := range []desk.TicketID{a, b} {
			w.must(w.classify(id, desk.Change{Type: &incident, ProblemID: &cause}))
		}
		w.setStatus(b, desk.Closed)
		up, err := w.desk.AddUpload(t.Context(), w.agent, "", "report.txt", "text/plain", strings.NewReader("what broke"))
		w.must(err)
		solved := desk.Solved
		w.must(w.classify(cause, desk.Change{Status: &solved, Comment: &desk.Draft{Public: true, Text: "The server is up again", Uploads: []string{up.Token}}}))
		w.work()
		if got := w.ticket(a).Status; got != desk.Solved {
			w.t.Errorf("the incident is %s", got)
		}
		if said := w.comments(a); !strings.Contains(said[len(said)-1].Text, "up again") || !said[len(said)-1].Public {
			w.t.Errorf("the incident's requester is told %q", said[len(said)-1].Text)
		}
		origin, copied := w.comments(cause), w.comments(a)
		theirs := copied[len(copied)-1].Attachments
		if len(theirs) != 1 || theirs[0].FileName != "report.txt" {
			t.Fatalf("the incident gets the files %+v", theirs)
		}
		_, content, err := w.desk.File(t.Context(), access.System(), theirs[0].Secret)
		w.must(err)
		text, err := io.ReadAll(content)
		w.must(err)
		w.must(content.Close())
		if string(text) != "what broke" || theirs[0].Secret == origin[len(origin)-1].Attachments[0].Secret {
			t.Errorf("the file says %q at the address %s", text, theirs[0].Secret)
		}
		if got := w.ticket(b).Status; got != desk.Closed {
			w.t.Errorf("the closed incident is %s", got)
		}
	})
}
