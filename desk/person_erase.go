package desk

import (
	"context"
	"fmt"

	"tandem/access"
	"tandem/bulk"
	"tandem/directory"
	"tandem/event"
	"tandem/problem"
)

// ErasePerson deletes for good what is known of a deleted person, as background
// work that may be cut off anywhere and begun again (decision 0023). Its items
// are, in this order: the tickets in which the person took part, parts of each
// table that holds texts, and the person. It names nobody: who is looked for is
// read from the person's row, which is emptied last.
type ErasePerson struct {
	Person  directory.UserID `json:"person"`
	Tickets []TicketID       `json:"tickets,omitempty"`
	Tables  []TextTable      `json:"tables"`
}

// TextTable is a table of the database that holds texts.
type TextTable struct {
	Name string `json:"name"`
	Last int64  `json:"last,omitempty"` // the greatest id; 0: it is looked through at once
}

// erasedAtOnce is how many rows of a table one item looks through: few enough
// that nobody waits long for the transaction.
const erasedAtOnce = 2000

// parts tells how many items a table makes.
func (t TextTable) parts() int { return int(t.Last/erasedAtOnce) + 1 }

// Kind names the work.
func (ErasePerson) Kind() string { return "user.delete_permanently" }

// Len tells how many items there are.
func (w ErasePerson) Len() int {
	n := len(w.Tickets) + 1
	for _, t := range w.Tables {
		n += t.parts()
	}
	return n
}

// RowSpan is a part of a table: the rows whose ids are greater than After and
// not greater than Until.
type RowSpan struct {
	Table string
	After int64
	Until int64 // 0: without an end
}

// span is the part of a table that an item looks through; none when there are
// no more tables.
func (w ErasePerson) span(i int) (RowSpan, bool) {
	for _, t := range w.Tables {
		n := t.parts()
		if i >= n {
			i -= n
			continue
		}
		span := RowSpan{Table: t.Name, After: int64(i) * erasedAtOnce, Until: int64(i+1) * erasedAtOnce}
		if i == 0 {
			span.After = -1
		}
		if i == n-1 { // with what has come since
			span.Until = 0
		}
		return span, true
	}
	return RowSpan{}, false
}

// ErasureTx finds and removes what is stored of a person.
type ErasureTx interface {
	// TracesOf tells by what a deleted person is found. Addresses that somebody
	// else has by now are left out.
	TracesOf(context.Context, directory.UserID) (*directory.Traces, error)
	// ListTicketsWith gives the tickets that the person asked for, is in copy of or
	// commented on, deleted ones included, by id.
	ListTicketsWith(context.Context, directory.UserID) ([]TicketID, error)
	// EraseFromTicket removes from somebody else's ticket what the person said and
	// what others quote or write of them, and gives the comments that were the person's.
	EraseFromTicket(context.Context, TicketID, directory.UserID, *directory.Traces) ([]CommentID, error)
	// ListTextTables gives all tables in which there may be traces.
	ListTextTables(context.Context) ([]TextTable, error)
	// RedactTexts removes traces from the texts of some rows of a table.
	RedactTexts(context.Context, RowSpan, *directory.Traces) error
	// EraseUser empties the person's row, and removes what else is about the person alone.
	EraseUser(context.Context, directory.UserID) error
}

// MailErasure says what the ledger forgets: of a ticket that somebody else asked
// for, or of a span of all mails.
type MailErasure struct {
	Traces   *directory.Traces
	Ticket   TicketID
	Comments []CommentID // in the ticket, by the person
	Span     RowSpan
}

// DeletePersonPermanently begins to delete what is known of a person who has
// been deleted (problem user_not_deleted otherwise), in the background. Asking
// again begins again, which helps when the work was cut off.
func (s *Service) DeletePersonPermanently(ctx context.Context, by access.Actor, id directory.UserID) (u *directory.User, work *bulk.Bulk, err error) {
	if err := by.MustAdminister(); err != nil {
		return nil, nil, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		if u, err = tx.GetUser(ctx, id); err != nil {
			return err
		}
		switch {
		case u.Active():
			return problem.New(problem.Invalid, "user_not_deleted", "%s has not been deleted.", u.Name).
				On(problem.Yours, "Delete the person first, then delete permanently.").With("name", u.Name)
		case u.Erased:
			return erased()
		}
		u.ErasedAt = s.now()
		if err := tx.NoteErasure(ctx, u.ID, u.ErasedAt); err != nil {
			return err
		}
		plan := ErasePerson{Person: u.ID}
		if plan.Tickets, err = tx.ListTicketsWith(ctx, u.ID); err != nil {
			return err
		}
		if plan.Tables, err = tx.ListTextTables(ctx); err != nil {
			return err
		}
		if s.background != nil {
			if work, err = s.background(ctx, tx, by, plan); err != nil {
				return err
			}
		}
		return access.Record(ctx, tx, by, s.now(), access.Change{
			Action: "user.deleted_permanently", Object: "user", Subject: int64(u.ID), Label: fmt.Sprintf("#%d", u.ID),
		})
	})
	if err != nil {
		return nil, nil, err
	}
	return u, work, nil
}

func erased() error {
	return problem.New(problem.NotFound, "user_erased", "The person has been deleted permanently.").On(problem.Yours, "There is nothing left to do.")
}

// erase does one item, in the caller's transaction.
func (s *Service) erase(ctx context.Context, tx Tx, by access.Actor, w ErasePerson, i int) (bulk.Outcome, error) {
	if err := by.MustAdminister(); err != nil {
		return bulk.Outcome{}, err
	}
	u, err := tx.GetUser(ctx, w.Person)
	if err != nil {
		return bulk.Outcome{}, err
	}
	if u.Erased { // the same work, begun twice
		return bulk.Outcome{Action: "delete"}, nil
	}
	if u.ErasedAt.IsZero() {
		return bulk.Outcome{}, fmt.Errorf("nobody asked to delete person %d permanently", u.ID)
	}
	traces, err := tx.TracesOf(ctx, u.ID)
	if err != nil {
		return bulk.Outcome{}, err
	}
	if i < len(w.Tickets) {
		return bulk.Deleted(w.Tickets[i]), s.eraseTicket(ctx, tx, w.Tickets[i], u.ID, traces)
	}
	if span, ok := w.span(i - len(w.Tickets)); ok {
		if s.eraseMails != nil && span.Table == "mail" {
			if err := s.eraseMails(ctx, tx, MailErasure{Traces: traces, Span: span}); err != nil {
				return bulk.Outcome{}, fmt.Errorf("erase mails: %w", err)
			}
		}
		return bulk.Outcome{Action: "delete"}, tx.RedactTexts(ctx, span, traces)
	}
	return bulk.Deleted(u.ID), s.eraseUser(ctx, tx, u.ID)
}

// eraseTicket removes a ticket that the person asked for, and from any other
// one what is the person's.
func (s *Service) eraseTicket(ctx context.Context, tx Tx, id TicketID, person directory.UserID, traces *directory.Traces) error {
	t, err := tx.AnyTicket(ctx, id)
	if problem.KindOf(err) == problem.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if t.RequesterID == person {
		return s.purge(ctx, tx, t)
	}
	comments, err := tx.EraseFromTicket(ctx, id, person, traces)
	if err != nil {
		return fmt.Errorf("erase person %d from ticket %d: %w", person, id, err)
	}
	tx.Publish(event.Event{Kind: event.TicketUpdated, ID: int64(id)})
	if s.eraseMails == nil {
		return nil
	}
	return s.eraseMails(ctx, tx, MailErasure{Traces: traces, Ticket: id, Comments: comments})
}

// eraseUser ends the work. It is refused while a ticket is left, because an
// earlier item failed or a ticket was restored meanwhile.
func (s *Service) eraseUser(ctx context.Context, tx Tx, id directory.UserID) error {
	tickets, err := tx.ListTicketsWith(ctx, id)
	if err != nil {
		return err
	}
	for _, ticket := range tickets {
		t, err := tx.AnyTicket(ctx, ticket)
		if err != nil {
			return err
		}
		if t.RequesterID == id {
			return problem.New(problem.Conflict, "erasure_incomplete", "Ticket %d of the person is still there.", t.ID).
				On(problem.Yours, "Delete the person permanently once more.").With("ticket", fmt.Sprint(t.ID))
		}
	}
	if err := tx.EraseUser(ctx, id); err != nil {
		return fmt.Errorf("erase person %d: %w", id, err)
	}
	tx.Publish(event.Event{Kind: event.UserUpdated, ID: int64(id)})
	tx.Publish(event.Event{Kind: event.TicketUpdated})
	return nil
}
