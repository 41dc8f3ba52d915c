package desk

import (
	"context"
	"fmt"
	"slices"

	"tandem/access"
	"tandem/directory"
	"tandem/problem"
)

// Rehearsal asks what the triggers would do. It names a ticket, a mail of the
// ledger, or brings a raw mail.
type Rehearsal struct {
	Ticket TicketID
	Change bool   // of a ticket: repeat its last change; otherwise as if it were new
	MailID int64  // a past mail
	Mail   string // a raw mail
}

// MailSketch is what would become of a mail.
type MailSketch struct {
	From      Person   // who would be its author
	Ticket    TicketID // that it would be added to; 0: it would open one
	New       NewTicket
	Suspended string // why it would be suspended, until somebody recovers it; empty: it would not
}

// Trial is what the triggers would do, in the order of their positions.
type Trial struct {
	Before  *Ticket // as the change would leave it, before any trigger; without a number when it would be new
	After   *Ticket // as the triggers would leave it
	Created bool
	// Suspended says why all this would happen only after somebody has recovered
	// the mail; empty: it would happen at once.
	Suspended string
	Triggers  []*TriggerTrial
}

// TriggerTrial is what one trigger would do, and why.
type TriggerTrial struct {
	*Trigger
	Order    int  // 1 for the first to fire; 0: it would not fire
	Met      bool // its conditions, when it fired, or else at the end
	All, Any []Verdict
	Broken   []problem.Detail
	Events   []AuditEvent
	Notes    []string
}

// Verdict is what became of one condition.
type Verdict struct {
	Condition
	Met bool
	Saw string // the value at that time; the beginning of a long text
	Was string // the value before the change
}

const maxSaw = 200 // characters of a text that a verdict shows

// Rehearse tells what the triggers would do. Nothing is written.
func (s *Service) Rehearse(ctx context.Context, by access.Actor, r Rehearsal) (trial *Trial, err error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		u, suspended, err := s.imagine(ctx, tx, r)
		if err != nil {
			return err
		}
		if trial, err = s.try(ctx, tx, u); err != nil {
			return err
		}
		trial.Suspended = suspended
		return nil
	})
	return trial, err
}

// imagine makes the change that is rehearsed, and tells why the mail that makes
// it would be suspended.
func (s *Service) imagine(ctx context.Context, tx Tx, r Rehearsal) (u *update, suspended string, err error) {
	switch {
	case r.Ticket != 0:
		u, err = s.recall(ctx, tx, r.Ticket, r.Change)
		return u, "", err
	case (r.Mail != "" || r.MailID != 0) && s.sketchMail != nil:
		sketch, err := s.sketchMail(ctx, tx, r.Mail, r.MailID)
		if err != nil {
			return nil, "", err
		}
		u, err = s.arrive(ctx, tx, sketch)
		return u, sketch.Suspended, err
	}
	return nil, "", problem.New(problem.Invalid, "nothing_to_test", "There is nothing to test the triggers with.").
		On(problem.Yours, "Choose a ticket or a mail, or paste a mail.")
}

// recall makes a change of a ticket that is there: its opening, or its last change.
func (s *Service) recall(ctx context.Context, tx Tx, id TicketID, change bool) (*update, error) {
	t, err := tx.GetTicket(ctx, id)
	if err != nil {
		return nil, err
	}
	comments, err := tx.ListComments(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("list the comments of ticket %d: %w", id, err)
	}
	if change {
		return s.repeat(ctx, tx, t, comments)
	}
	u := &update{ticket: copyOf(t), by: t.SubmitterID, via: t.Via}
	if len(comments) > 0 {
		u.saying(comments[0])
	}
	return u, nil
}

// repeat takes the last change of a ticket back, triggers' changes included,
// and makes it again. Without one that was written down, the last comment is it.
func (s *Service) repeat(ctx context.Context, tx Tx, t *Ticket, comments []*Comment) (*update, error) {
	audits, err := tx.ListTicketAudits(ctx, AuditFilter{Ticket: t.ID, Descending: true, Part: directory.Part{Limit: 1}})
	if err != nil {
		return nil, fmt.Errorf("list the changes of ticket %d: %w", t.ID, err)
	}
	before := copyOf(t)
	u := &update{before: before, via: t.Via}
	if len(audits) == 0 {
		u.ticket = copyOf(t)
		if len(comments) > 0 {
			u.saying(comments[len(comments)-1])
		}
		return u, nil
	}
	last := audits[0]
	for _, e := range slices.Backward(last.Events) {
		if e.Type == FieldChanged {
			before.setField(e.Field, e.Before)
		}
	}
	u.ticket, u.by, u.via = copyOf(before), last.AuthorID, last.Via
	for _, e := range last.Events {
		if e.Type == FieldChanged && e.Trigger == 0 {
			u.ticket.setField(e.Field, e.After)
		}
	}
	if i := slices.IndexFunc(comments, func(c *Comment) bool { return c.ID == last.CommentID }); i >= 0 {
		u.saying(comments[i])
	}
	return u, nil
}

// saying adds a comment that is there already.
func (u *update) saying(c *Comment) {
	u.comment, u.facts, u.via = c, c.Facts, c.Via
	if u.by == 0 {
		u.by = c.AuthorID
	}
}

// nobodyYet is the number of a person who would be made.
const nobodyYet directory.UserID = -1

// arrive makes the change that a mail would be.
func (s *Service) arrive(ctx context.Context, tx Tx, m *MailSketch) (*update, error) {
	author, err := tx.FindUserByEmail(ctx, m.From.Email)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", m.From.Email, err)
	}
	if author == nil {
		author = &directory.User{ID: nobodyYet, Name: m.From.Name, Email: m.From.Email, Role: directory.EndUser}
	}
	m.New.Comment.AuthorID = author.ID
	u := &update{by: author.ID, author: author, commenter: author, facts: m.New.Comment.Facts}
	if m.Ticket != 0 {
		if u.ticket, err = tx.GetTicket(ctx, m.Ticket); err != nil {
			return nil, err
		}
		u.before = copyOf(u.ticket)
	} else {
		m.New.RequesterID = author.ID
		if u.ticket, _, err = s.ticket(ctx, tx, m.New); err != nil {
			return nil, err
		}
		u.requester = author
	}
	u.comment = s.comment(u.ticket, m.New.Comment)
	u.comment.Attachments = m.New.Comment.Attachments
	u.via = u.comment.Via
	if u.before != nil {
		u.ticket.Hear(u.comment, author)
	}
	return u, nil
}

// try lets the triggers act on an imagined change.
func (s *Service) try(ctx context.Context, tx Tx, u *update) (*Trial, error) {
	if err := u.meet(ctx, tx); err != nil {
		return nil, err
	}
	all, err := tx.ListTriggers(ctx)
	if err != nil {
		return nil, fmt.Errorf("list triggers: %w", err)
	}
	fields, err := s.ticketFields(ctx, tx)
	if err != nil {
		return nil, err
	}
	trial := &Trial{Before: copyOf(u.ticket), Created: u.before == nil}
	trials := make(map[TriggerID]*TriggerTrial)
	var active, ready []*readyTrigger
	for _, t := range all {
		one := &TriggerTrial{Trigger: t}
		if one.Broken, err = s.brokenReferences(ctx, tx, t); err != nil {
			return nil, err
		}
		trials[t.ID], trial.Triggers = one, append(trial.Triggers, one)
		r := t.prepare(fields)
		if r == nil {
			continue
		}
		ready = append(ready, r)
		if t.Active {
			active = append(active, r)
		}
	}
	work := &run{Service: s, tx: tx, update: u, fields: fields}
	err = cycle(active, u, func(t *readyTrigger) (bool, error) {
		return trials[t.ID].fire(ctx, work, t)
	})
	if err != nil {
		return nil, err
	}
	for _, t := range ready {
		if one := trials[t.ID]; one.Order == 0 {
			one.judge(t, u)
		}
	}
	trial.After = u.ticket
	return trial, nil
}

// fire does what the trigger says, and keeps what it saw and did.
func (o *TriggerTrial) fire(ctx context.Context, r *run, t *readyTrigger) (bool, error) {
	o.judge(t, r.update)
	events, notes, fired := len(r.events), len(r.notes), len(r.fired)
	changed, err := r.fire(ctx, t)
	if len(r.fired) > fired {
		o.Order = len(r.fired)
	}
	o.Events = r.events[events:len(r.events):len(r.events)]
	for _, n := range r.notes[notes:] {
		o.Notes = append(o.Notes, n.text)
	}
	return changed, err
}

// judge keeps what each condition sees now.
func (o *TriggerTrial) judge(t *readyTrigger, u *update) {
	verdicts := func(list []*condition) []Verdict {
		all := make([]Verdict, len(list))
		for i, c := range list {
			all[i] = Verdict{Condition: c.Condition, Met: c.holds(u), Saw: truncate(c.now(u), maxSaw), Was: c.previous(u)}
		}
		return all
	}
	o.Met, o.All, o.Any = t.met(u), verdicts(t.all), verdicts(t.any)
}

// Changes are what all triggers together would change.
func (t *Trial) Changes() []AuditEvent { return difference(t.Before, t.After) }
