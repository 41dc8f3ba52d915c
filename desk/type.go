package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/access"
	"tandem/problem"
)

// Type says what kind of matter a ticket is; empty when nobody has said.
type Type string

// The types ("About ticket fields"). A problem is the cause behind incidents; a
// task is to be done by a day.
const (
	Problem  Type = "problem"
	Incident Type = "incident"
	Question Type = "question"
	Task     Type = "task"
)

// Types are all of them, in the order in which people choose among them.
var Types = []Type{Question, Incident, Problem, Task}

// SetType says what kind of matter it is. What only another type has goes.
func (t *Ticket) SetType(to Type) error {
	if to != "" && !slices.Contains(Types, to) {
		return problem.New(problem.Invalid, "unknown_type", "There is no type %q.", to).
			On(problem.Yours, "Use one of question, incident, problem and task.").In("type")
	}
	t.Type = to
	if to != Incident {
		t.ProblemID = 0
	}
	if to != Task {
		t.DueAt = time.Time{}
	}
	return nil
}

// SetDue says when a task is to be done; zero: nobody has said.
func (t *Ticket) SetDue(at time.Time) error {
	if !at.IsZero() && t.Type != Task {
		return problem.New(problem.Invalid, "due_needs_task", "Only a task has a day by which it is due.").
			On(problem.Yours, "Make the ticket a task first.").In("due_at")
	}
	t.DueAt = at.Truncate(time.Millisecond)
	return nil
}

// classify changes the type, and what belongs to it; nil leaves a thing as it is.
func classify(ctx context.Context, tx Tx, t *Ticket, kind *Type, cause *TicketID, due *time.Time) error {
	if kind != nil {
		if err := t.SetType(*kind); err != nil {
			return err
		}
	}
	if due != nil {
		if err := t.SetDue(*due); err != nil {
			return err
		}
	}
	if cause == nil || *cause == t.ProblemID {
		return nil
	}
	if err := mustBeCause(ctx, tx, t, *cause); err != nil {
		return err
	}
	t.ProblemID = *cause
	return nil
}

// mustBeCause refuses a ticket that is no problem as the cause of an incident.
func mustBeCause(ctx context.Context, tx Tx, t *Ticket, id TicketID) error {
	if id == 0 {
		return nil
	}
	if t.Type != Incident {
		return problem.New(problem.Invalid, "problem_needs_incident", "Only an incident has a problem behind it.").
			On(problem.Yours, "Make the ticket an incident first.").In("problem_id")
	}
	cause, err := tx.GetTicket(ctx, id)
	if err != nil && problem.KindOf(err) != problem.NotFound {
		return err
	}
	if err != nil || cause.Type != Problem {
		return problem.New(problem.Invalid, "no_problem", "Ticket %d is no problem.", id).
			On(problem.Yours, "Choose a ticket of the type problem.").With("ticket", fmt.Sprint(id)).In("problem_id")
	}
	return nil
}

// SolveIncidents solves what a problem caused, as bulk work, and says there what
// was said of the problem when it was solved.
type SolveIncidents struct {
	Problem TicketID  `json:"problem"`
	Comment CommentID `json:"comment,omitempty"` // 0: nothing was said
	Items   int       `json:"items"`
}

// Kind names the work.
func (SolveIncidents) Kind() string { return "tickets.solve_incidents" }

// Len tells how many items there are.
func (w SolveIncidents) Len() int { return w.Items }

func (w SolveIncidents) filter() TicketFilter {
	return TicketFilter{ProblemID: w.Problem, Statuses: []Status{New, Open, Pending, Hold}, Sort: SortID}
}

// followCause begins to solve the incidents of a problem that has just been solved.
func (s *Service) followCause(ctx context.Context, tx Tx, by access.Actor, u *update) error {
	t := u.ticket
	if t.Type != Problem || t.Status != Solved || u.before.Status == Solved {
		return nil
	}
	w := SolveIncidents{Problem: t.ID}
	if u.comment != nil {
		w.Comment = u.comment.ID
	}
	n, err := tx.CountTickets(ctx, w.filter())
	if err != nil {
		return err
	}
	w.Items = batches(n)
	return s.begin(ctx, tx, by, w)
}

// solveIncidents does one item.
func (s *Service) solveIncidents(ctx context.Context, tx Tx, by access.Actor, w SolveIncidents, i int) error {
	if err := by.MustWork(); err != nil {
		return err
	}
	f := w.filter()
	f.Limit = part(i, w.Items)
	incidents, err := tx.ListTickets(ctx, f)
	if err != nil || len(incidents) == 0 {
		return err
	}
	said, err := s.saidOf(ctx, tx, w)
	if err != nil {
		return err
	}
	solved := Solved
	for _, t := range incidents {
		if _, _, err := s.UpdateIn(ctx, tx, by, t.ID, Change{Status: &solved, Comment: said}); err != nil {
			return fmt.Errorf("solve incident %d: %w", t.ID, err)
		}
	}
	return nil
}

// saidOf is what was said of the problem, to be said again with its files; nil:
// nothing, or it was taken back. Pictures within the text stay where they are.
func (s *Service) saidOf(ctx context.Context, tx Tx, w SolveIncidents) (*Draft, error) {
	if w.Comment == 0 {
		return nil, nil
	}
	c, err := tx.GetComment(ctx, w.Comment)
	switch {
	case problem.KindOf(err) == problem.NotFound:
		return nil, nil
	case err != nil:
		return nil, err
	}
	said := &Draft{Public: c.Public, Text: c.Text}
	for _, a := range c.Attachments {
		if a.Inline || a.SetAside() {
			continue
		}
		a.ID, a.Secret = 0, "" // the bytes are the same, the address is not
		said.files = append(said.files, a)
	}
	if strings.TrimSpace(said.Text) == "" && len(said.files) == 0 {
		return nil, nil
	}
	return said, nil
}
