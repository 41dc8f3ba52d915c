package desk

import (
	"context"
	"fmt"
	"sync"

	"tandem/directory"
	"tandem/event"
	"tandem/problem"
)

// readyTrigger is a trigger whose conditions can be judged.
type readyTrigger struct {
	*Trigger
	all, any []*condition
}

// prepare makes a trigger ready; nil when a field of it is not known (any more).
func (t *Trigger) prepare(fields fieldSet) *readyTrigger {
	r := &readyTrigger{Trigger: t}
	for _, part := range []struct {
		from []Condition
		into *[]*condition
	}{{t.Conditions.All, &r.all}, {t.Conditions.Any, &r.any}} {
		for _, c := range part.from {
			ready := c.prepare(ofChanges, fields)
			if ready == nil {
				return nil
			}
			*part.into = append(*part.into, ready)
		}
	}
	for _, a := range t.Actions {
		if fields.action(triggerActions, a.Field) == nil {
			return nil
		}
	}
	return r
}

// met tells whether the trigger wants to fire.
func (t *readyTrigger) met(u *update) bool {
	for _, c := range t.all {
		if !c.holds(u) {
			return false
		}
	}
	for _, c := range t.any {
		if c.holds(u) {
			return true
		}
	}
	return len(t.any) == 0
}

// cycle lets triggers fire. They are looked at in their order; after one has
// fired and changed the ticket, from the first again. Each fires at most once, so
// that this ends whatever they do (Zendesk: "About triggers and how they work").
func cycle(triggers []*readyTrigger, u *update, fire func(*readyTrigger) (changed bool, err error)) error {
	fired := make(map[TriggerID]bool)
	for i := 0; i < len(triggers); {
		t := triggers[i]
		if fired[t.ID] || !t.met(u) {
			i++
			continue
		}
		fired[t.ID] = true
		changed, err := fire(t)
		if err != nil {
			return fmt.Errorf("trigger %d: %w", t.ID, err)
		}
		if i++; changed {
			i = 0
		}
	}
	return nil
}

// run is what triggers do with one change. While they fire, the ticket changes
// in memory only; carryOut does the rest.
type run struct {
	*Service
	tx     Tx
	update *update
	fields fieldSet
	events []AuditEvent
	fired  []TriggerID
	notes  []note
	mails  []Notice
	sent   []int // for each mail the event that tells of it
	draft  MacroDraft
}

// note is an internal comment that a trigger adds.
type note struct {
	text string
	by   directory.UserID
	from *Trigger
}

// fire does what a trigger says. One whose references are gone does nothing but
// say so.
func (r *run) fire(ctx context.Context, t *readyTrigger) (changed bool, err error) {
	faults, err := r.brokenReferences(ctx, r.tx, t.Trigger)
	if err != nil {
		return false, err
	}
	if len(faults) > 0 {
		r.tell(t.Trigger, AuditEvent{Type: Failed, Field: faults[0].Field, Reason: faults[0].Code})
		return false, nil
	}
	r.fired = append(r.fired, t.ID)
	before := copyOf(r.update.ticket)
	for _, a := range t.Actions {
		if err := r.fields.action(triggerActions, a.Field).do(ctx, r, t.Trigger, a); err != nil {
			p := problem.As(err)
			if p == nil {
				return false, err
			}
			// The ticket does not allow it, closed as it may be. The change itself goes on.
			r.tell(t.Trigger, AuditEvent{Type: Failed, Field: a.Field, Reason: p.Code})
		}
	}
	if err := r.fields.keepInStep(before, r.update.ticket); err != nil {
		r.tell(t.Trigger, AuditEvent{Type: Failed, Field: "tags", Reason: problem.As(err).Code})
	}
	changes := difference(before, r.update.ticket)
	for _, e := range changes {
		r.tell(t.Trigger, e)
	}
	return len(changes) > 0, nil
}

// tell notes what a trigger did.
func (r *run) tell(t *Trigger, e AuditEvent) {
	e.Trigger, e.Title = t.ID, t.Title
	r.events = append(r.events, e)
}

// fireTriggers lets the active triggers act on a change that has been stored,
// and gives what they did.
func (s *Service) fireTriggers(ctx context.Context, tx Tx, u *update) ([]AuditEvent, error) {
	triggers, err := s.activeTriggers(ctx, tx)
	if err != nil || len(triggers) == 0 {
		return nil, err
	}
	if err := u.meet(ctx, tx); err != nil {
		return nil, err
	}
	fields, err := s.ticketFields(ctx, tx)
	if err != nil {
		return nil, err
	}
	stored := copyOf(u.ticket)
	r := &run{Service: s, tx: tx, update: u, fields: fields}
	if err := cycle(triggers, u, func(t *readyTrigger) (bool, error) { return r.fire(ctx, t) }); err != nil {
		return nil, err
	}
	if len(difference(stored, u.ticket)) > 0 || len(r.notes) > 0 {
		if err := s.save(ctx, tx, u.ticket); err != nil {
			return nil, err
		}
	}
	return r.events, r.carryOut(ctx)
}

// carryOut adds the notes, sends the mails and counts.
func (r *run) carryOut(ctx context.Context) error {
	t := r.update.ticket
	for _, n := range r.notes {
		c := &Comment{TicketID: t.ID, AuthorID: n.by, Text: n.text, Via: ByRule, CreatedAt: r.now()}
		if err := r.tx.InsertComment(ctx, c); err != nil {
			return fmt.Errorf("add the note of trigger %d: %w", n.from.ID, err)
		}
		r.tell(n.from, AuditEvent{Type: Said, Comment: c.ID})
		r.tx.Publish(event.Event{Kind: event.CommentAdded, ID: int64(c.ID), Parent: int64(t.ID)})
	}
	for i, mail := range r.mails {
		if r.notify == nil {
			r.events[r.sent[i]].Reason = heldNoMail
			continue
		}
		mail.Ticket = t.ID
		mail.Key = fmt.Sprintf("trigger:%d:%d:%d", t.ID, t.Version, i)
		id, err := r.notify(ctx, r.tx, mail)
		if err != nil {
			return fmt.Errorf("send a mail of ticket %d: %w", t.ID, err)
		}
		if id == 0 {
			r.events[r.sent[i]].Reason = heldRepeated
		}
	}
	for _, id := range r.fired {
		if err := r.tx.InsertFiring(ctx, id, t.ID, r.now()); err != nil {
			return fmt.Errorf("count trigger %d: %w", id, err)
		}
	}
	return nil
}

// triggerCache keeps the active triggers, ready to be judged, as of a revision.
type triggerCache struct {
	mu       sync.Mutex
	revision int64
	triggers []*readyTrigger
}

// activeTriggers gives the active triggers in their order. They are read anew
// when somebody has changed one, on whatever node: the revision is read in the
// same transaction.
func (s *Service) activeTriggers(ctx context.Context, tx Tx) ([]*readyTrigger, error) {
	revision, err := tx.TriggerRevision(ctx)
	if err != nil || revision == 0 {
		return nil, err
	}
	s.triggers.mu.Lock()
	defer s.triggers.mu.Unlock()
	if s.triggers.revision == revision {
		return s.triggers.triggers, nil
	}
	all, err := tx.ListTriggers(ctx)
	if err != nil {
		return nil, fmt.Errorf("list triggers: %w", err)
	}
	fields, err := s.ticketFields(ctx, tx)
	if err != nil {
		return nil, err
	}
	var active []*readyTrigger
	for _, t := range all {
		if !t.Active {
			continue
		}
		if ready := t.prepare(fields); ready != nil {
			active = append(active, ready)
		}
	}
	s.triggers.revision, s.triggers.triggers = revision, active
	return active, nil
}
