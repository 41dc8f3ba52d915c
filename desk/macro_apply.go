package desk

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"tandem/access"
	"tandem/problem"
)

// Applied is what a macro makes of a ticket. Nothing has been saved.
type Applied struct {
	Before  *Ticket // without a number when the ticket is yet to be opened
	Ticket  *Ticket // as it would be
	Changes []AuditEvent
	Draft   MacroDraft
	Failed  []problem.Detail // actions that the ticket does not allow, or that name what is gone
}

// ApplyMacro tells what a macro makes of a ticket, which 0 leaves open: then only
// what does not depend on one is filled in.
func (s *Service) ApplyMacro(ctx context.Context, by access.Actor, id MacroID, ticket TicketID) (a *Applied, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		m, err := s.macros(tx).visible(ctx, by, int64(id))
		if err != nil {
			return err
		}
		t, err := s.ticketForMacro(ctx, tx, by, ticket)
		if err != nil {
			return err
		}
		a, err = s.applyMacro(ctx, tx, by, m, t)
		return err
	})
	return a, err
}

// ticketForMacro is the ticket that a macro is applied to, one that is yet to be
// opened for 0.
func (s *Service) ticketForMacro(ctx context.Context, tx Tx, by access.Actor, id TicketID) (*Ticket, error) {
	if id == 0 {
		brand, err := tx.DefaultBrand(ctx)
		if err != nil {
			return nil, fmt.Errorf("default brand: %w", err)
		}
		return &Ticket{Status: New, RequesterID: by.UserID, BrandID: brand.ID, CreatedAt: s.now()}, nil
	}
	t, err := tx.GetTicket(ctx, id)
	if err == nil && t.Status == Closed {
		err = t.closed()
	}
	return t, err
}

// applyMacro does to a copy of the ticket what the macro says. An action that
// cannot be done is left out and told of.
func (s *Service) applyMacro(ctx context.Context, tx Tx, by access.Actor, m *Macro, t *Ticket) (*Applied, error) {
	fields, err := s.ticketFields(ctx, tx)
	if err != nil {
		return nil, err
	}
	broken, err := s.brokenMacro(ctx, tx, m)
	if err != nil {
		return nil, err
	}
	a := &Applied{Before: t, Ticket: copyOf(t)}
	r := &run{Service: s, tx: tx, fields: fields, update: &update{before: t, ticket: a.Ticket, by: by.UserID, via: channelBy(by)}}
	if err := r.update.meet(ctx, tx); err != nil {
		return nil, err
	}
	for _, action := range m.inOrder() {
		if fault := broken.of(action.path); fault != nil {
			a.Failed = append(a.Failed, *fault)
			continue
		}
		err := fields.action(macroActions, action.Field).do(ctx, r, nil, action.Action)
		if p := problem.As(err); p != nil {
			a.Failed = append(a.Failed, problem.Detail{Field: action.path, Code: p.Code, Message: p.Message})
		} else if err != nil {
			return nil, err
		}
	}
	if err := fields.keepInStep(t, a.Ticket); err != nil {
		return nil, err
	}
	a.Changes, a.Draft = difference(t, a.Ticket), r.draft
	return a, nil
}

type placedAction struct {
	Action
	path string
}

// inOrder gives the actions so that each finds what it depends on: for whom the
// comment is, before it is filled in.
func (m *Macro) inOrder() []placedAction {
	var first, rest []placedAction
	for i, a := range m.Actions {
		one := placedAction{a, "actions." + strconv.Itoa(i)}
		if a.Field == "comment_mode_is_public" {
			first = append(first, one)
		} else {
			rest = append(rest, one)
		}
	}
	return append(first, rest...)
}

// of finds the fault at a place or below it.
func (f faults) of(path string) *problem.Detail {
	for i := range f {
		if f[i].Field == path || strings.HasPrefix(f[i].Field, path+".") {
			return &f[i]
		}
	}
	return nil
}

func setSubject(ctx context.Context, r *run, _ *Trigger, a Action) error {
	subject, err := r.write(ctx, a.value(0), audience{}, plain)
	if err != nil {
		return err
	}
	return r.update.ticket.SetSubject(subject)
}

// reader is who will read the draft: what is internal goes into no reply.
func (r *run) reader() audience {
	return audience{works: r.draft.Public != nil && !*r.draft.Public}
}

func draftText(ctx context.Context, r *run, _ *Trigger, a Action) error {
	text, err := r.write(ctx, a.value(0), r.reader(), plain)
	if err != nil {
		return err
	}
	text = clean(text)
	if r.draft.HTML != "" {
		r.draft.HTML += Paragraphs(text)
	}
	r.draft.Text = joined(r.draft.Text, text)
	return nil
}

func draftHTML(ctx context.Context, r *run, _ *Trigger, a Action) error {
	filled, err := r.write(ctx, a.value(0), r.reader(), asHTML)
	if err != nil {
		return err
	}
	if r.sanitize != nil {
		filled, _ = r.sanitize(clean(filled), noPictures)
	}
	if r.draft.HTML == "" && r.draft.Text != "" {
		r.draft.HTML = Paragraphs(r.draft.Text)
	}
	r.draft.HTML += filled
	if r.plainText != nil {
		r.draft.Text = joined(r.draft.Text, r.plainText(filled))
	}
	return nil
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + "\n\n" + b
}

func draftMode(_ context.Context, r *run, _ *Trigger, a Action) error {
	public := a.value(0) == "true"
	r.draft.Public = &public
	return nil
}
