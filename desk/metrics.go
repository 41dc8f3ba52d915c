package desk

import (
	"context"
	"fmt"
	"time"

	"tandem/access"
	"tandem/directory"
)

// Metrics are what a ticket's life comes to in numbers and times, by the
// calendar. They are kept in the transaction of each change, and can be made
// again from the ticket's audits and comments.
type Metrics struct {
	TicketID  TicketID
	CreatedAt time.Time
	UpdatedAt time.Time // of the last change that they have seen

	Reopens          int // from solved back to unsolved
	Replies          int // public comments of agents
	TeamStations     int // how often the ticket was given to a team
	AssigneeStations int // how often it was given to a person

	FirstReplyAt       time.Time // zero: none yet, as all of these
	FirstSolvedAt      time.Time
	SolvedAt           time.Time // the last time; zero again while it is reopened
	InitiallyAssigned  time.Time
	AssignedAt         time.Time // the last time
	AssigneeUpdatedAt  time.Time // when the assignee last said something
	RequesterUpdatedAt time.Time // when the requester did
	LatestCommentAt    time.Time
	StatusUpdatedAt    time.Time

	// How long it has stood in its former statuses; the present one is not counted yet.
	AgentWait     time.Duration // pending: we waited for the requester
	RequesterWait time.Duration // new, open, on hold: the requester waited for us
	OnHold        time.Duration
}

// MetricsTx stores metrics of tickets.
type MetricsTx interface {
	// FindMetrics gives the metrics of those of the tickets that have any.
	FindMetrics(context.Context, []TicketID) (map[TicketID]*Metrics, error)
	// SaveMetrics writes the metrics of a ticket, with what reports group it by.
	SaveMetrics(context.Context, *Metrics, *Ticket) error
	// DropMetrics removes the metrics of a ticket.
	DropMetrics(context.Context, TicketID) error
	// ListMetrics gives metrics by the number of their tickets, from the newest on.
	ListMetrics(context.Context, directory.Part) ([]*Metrics, error)
	// ListUnmeasured gives tickets that have no metrics, deleted ones left out, from the oldest on.
	ListUnmeasured(ctx context.Context, after TicketID, limit int) ([]TicketID, error)
	ReportTx
}

// standing is what metrics follow of a ticket.
type standing struct {
	status   Status
	assignee directory.UserID
	team     directory.TeamID
}

func (t *Ticket) standing() standing { return standing{t.Status, t.AssigneeID, t.TeamID} }

// begun are the metrics of a ticket that nothing has happened to.
func begun(id TicketID, at time.Time) *Metrics {
	return &Metrics{TicketID: id, CreatedAt: at, UpdatedAt: at, StatusUpdatedAt: at}
}

// follow takes a change of the ticket into account. A new ticket comes from
// being new, with nobody.
func (m *Metrics) follow(before, after standing, at time.Time) {
	m.UpdatedAt = later(m.UpdatedAt, at)
	if after.team != before.team && after.team != 0 {
		m.TeamStations++
	}
	if after.assignee != before.assignee && after.assignee != 0 {
		m.AssigneeStations++
		m.AssignedAt = at
		if m.InitiallyAssigned.IsZero() {
			m.InitiallyAssigned = at
		}
	}
	if after.status == before.status {
		return
	}
	m.wait(before.status, at.Sub(m.StatusUpdatedAt))
	m.StatusUpdatedAt = later(m.StatusUpdatedAt, at)
	switch was, is := before.status.settled(), after.status.settled(); {
	case is && !was:
		m.SolvedAt = at
		if m.FirstSolvedAt.IsZero() {
			m.FirstSolvedAt = at
		}
	case was && !is:
		m.SolvedAt = time.Time{}
		m.Reopens++
	}
}

// settled tells whether a ticket waits for nobody.
func (s Status) settled() bool { return s == Solved || s == Closed }

// wait adds the time that the ticket stood in a status.
func (m *Metrics) wait(in Status, d time.Duration) {
	if d <= 0 {
		return
	}
	switch in {
	case Pending:
		m.AgentWait += d
	case Hold:
		m.OnHold += d
		m.RequesterWait += d
	case New, Open:
		m.RequesterWait += d
	}
}

// hear takes a comment into account. What is brought in from before may come in any order.
func (m *Metrics) hear(t *Ticket, c *Comment, author *directory.User) {
	m.LatestCommentAt = later(m.LatestCommentAt, c.CreatedAt)
	if c.AuthorID == t.RequesterID {
		m.RequesterUpdatedAt = later(m.RequesterUpdatedAt, c.CreatedAt)
	}
	if c.AuthorID == t.AssigneeID {
		m.AssigneeUpdatedAt = later(m.AssigneeUpdatedAt, c.CreatedAt)
	}
	if !c.Public || !t.answeredBy(author) {
		return
	}
	m.Replies++
	if m.FirstReplyAt.IsZero() || c.CreatedAt.Before(m.FirstReplyAt) {
		m.FirstReplyAt = c.CreatedAt
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// measure brings the metrics up to date with a change, in its transaction. A
// deleted ticket has none, so that no report counts it; they are made again
// when it is restored.
func (s *Service) measure(ctx context.Context, tx Tx, u *update, at time.Time) error {
	if u.ticket.Status == Deleted {
		return tx.DropMetrics(ctx, u.ticket.ID)
	}
	m, err := s.measured(ctx, tx, u, at)
	if err != nil {
		return fmt.Errorf("metrics of ticket %d: %w", u.ticket.ID, err)
	}
	return tx.SaveMetrics(ctx, m, u.ticket)
}

func (s *Service) measured(ctx context.Context, tx Tx, u *update, at time.Time) (*Metrics, error) {
	m := begun(u.ticket.ID, u.ticket.CreatedAt)
	before := standing{status: New}
	if u.before != nil {
		found, err := tx.FindMetrics(ctx, []TicketID{u.ticket.ID})
		if err != nil {
			return nil, err
		}
		if m = found[u.ticket.ID]; m == nil || u.restated() {
			return remeasure(ctx, tx, u.ticket)
		}
		before = u.before.standing()
	}
	m.follow(before, u.ticket.standing(), at)
	if u.comment != nil {
		if err := u.find(ctx, tx, u.comment.AuthorID, &u.commenter); err != nil {
			return nil, err
		}
		m.hear(u.ticket, u.comment, u.commenter)
	}
	return m, nil
}

// restated tells whether the change altered what had been said before, which
// cannot be taken out of sums again.
func (u *update) restated() bool {
	for _, e := range u.events {
		if e.Type == PrivacyChange || e.Type == Withdrawn {
			return true
		}
	}
	return false
}

// remeasure makes the metrics of a ticket from its comments and its audits, the
// one of the present change included.
func remeasure(ctx context.Context, tx Tx, t *Ticket) (*Metrics, error) {
	audits, err := tx.ListTicketAudits(ctx, AuditFilter{Ticket: t.ID})
	if err != nil {
		return nil, err
	}
	comments, err := tx.ListComments(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	said := make(map[CommentID]*Comment, len(comments))
	for _, c := range comments {
		if c.Via != ByRule { // a trigger's note is nobody's work
			said[c.ID] = c
		}
	}
	authors := make(map[directory.UserID]*directory.User)
	m := begun(t.ID, t.CreatedAt)
	hear := func(t *Ticket, c *Comment) (err error) {
		if authors[c.AuthorID] == nil {
			if authors[c.AuthorID], err = tx.GetUser(ctx, c.AuthorID); err != nil {
				return err
			}
		}
		m.hear(t, c, authors[c.AuthorID])
		delete(said, c.ID)
		return nil
	}
	then := &Ticket{Status: New}
	for _, a := range audits {
		before := then.standing()
		for _, e := range a.Events {
			if e.Field == "status" && e.After == string(Deleted) {
				continue // restored, it goes on as what it was
			}
			if e.Type == FieldSet || e.Type == FieldChanged {
				then.setField(e.Field, e.After)
			}
		}
		m.follow(before, then.standing(), a.CreatedAt)
		if c := said[a.CommentID]; c != nil {
			if err := hear(then, c); err != nil {
				return nil, err
			}
		}
	}
	// What is older than the audits.
	if then.standing() != t.standing() {
		at := t.SolvedAt
		if at.IsZero() {
			at = m.UpdatedAt
		}
		m.follow(then.standing(), t.standing(), at)
	}
	for _, c := range comments {
		if said[c.ID] != nil {
			if err := hear(t, c); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

// MeasureTickets makes the metrics of tickets that are older than metrics are.
type MeasureTickets struct{}

// Kind names the job.
func (MeasureTickets) Kind() string { return "desk.measure_tickets" }

// MeasureAll measures every ticket that has no metrics yet.
func (s *Service) MeasureAll(ctx context.Context) error {
	return s.inBatches(ctx, func(tx Tx, after TicketID) ([]TicketID, error) {
		ids, err := tx.ListUnmeasured(ctx, after, batchSize)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			if err := measureOld(ctx, tx, id); err != nil {
				return nil, fmt.Errorf("metrics of ticket %d: %w", id, err)
			}
		}
		return ids, nil
	})
}

func measureOld(ctx context.Context, tx Tx, id TicketID) error {
	t, err := tx.LockTicket(ctx, id)
	if err != nil {
		return err
	}
	return Measure(ctx, tx, t)
}

// Measure makes the metrics of a ticket from what is known of it, in the
// caller's transaction: its past was written by other means than changes.
func Measure(ctx context.Context, tx Tx, t *Ticket) error {
	m, err := remeasure(ctx, tx, t)
	if err != nil {
		return err
	}
	return tx.SaveMetrics(ctx, m, t)
}

// Metrics gives the metrics of a ticket.
func (s *Service) Metrics(ctx context.Context, by access.Actor, id TicketID) (*Metrics, error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	var m *Metrics
	err := s.store.View(ctx, func(tx Tx) error {
		t, err := tx.GetTicket(ctx, id)
		if err != nil {
			return err
		}
		found, err := tx.FindMetrics(ctx, []TicketID{id})
		if err != nil {
			return err
		}
		if m = found[id]; m == nil {
			m, err = remeasure(ctx, tx, t)
		}
		return err
	})
	return m, err
}

// MetricsOf gives the metrics of several tickets; one that is not measured yet is left out.
func (s *Service) MetricsOf(ctx context.Context, by access.Actor, ids []TicketID) (found map[TicketID]*Metrics, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		found, err = tx.FindMetrics(ctx, ids)
		return err
	})
	return found, err
}

// ListMetrics gives metrics of tickets, from the newest ticket on.
func (s *Service) ListMetrics(ctx context.Context, by access.Actor, p directory.Part) (list []*Metrics, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		list, err = tx.ListMetrics(ctx, p)
		return err
	})
	return list, err
}
