package desk

import (
	"context"
	"fmt"
	"slices"

	"tandem/directory"
	"tandem/event"
	"tandem/text"
)

// update is one change of a ticket, as the triggers see it.
type update struct {
	before  *Ticket // as it was; nil when the ticket is new
	ticket  *Ticket
	comment *Comment         // what was said with it; nil: nothing
	by      directory.UserID // who made it; 0: Tandem itself
	via     Channel
	facts   MailFacts
	silent  bool         // brought in from before: nothing automatic happens
	events  []AuditEvent // what happened besides changes of fields

	// Known once somebody looks.
	author, commenter, requester *directory.User
	words                        map[*field]string // folded texts
}

// kind is "Create" or "Change".
func (u *update) kind() string {
	if u.before == nil {
		return "Create"
	}
	return "Change"
}

func (u *update) said() string {
	if u.comment == nil {
		return ""
	}
	return u.comment.Text
}

// publicity is "true" or "false", and empty when nothing was said.
func (u *update) publicity() string {
	switch {
	case u.comment == nil:
		return ""
	case u.comment.Public:
		return "true"
	}
	return "false"
}

func (u *update) attached() string {
	if u.comment != nil && len(u.comment.Attachments) > 0 {
		return "present"
	}
	return "not_present"
}

// named gives the id behind a part that somebody plays; other values as they are.
func (u *update) named(value string) string {
	switch {
	case value == currentUser && u.author != nil:
		return number(u.author.ID)
	case value == theRequester:
		return number(u.ticket.RequesterID)
	case value == theAssignee:
		return number(u.ticket.AssigneeID)
	}
	return value
}

// folded is the text of a field as words are looked for in it. Nothing that a
// trigger does changes such a text.
func (u *update) folded(f *field) string {
	said, known := u.words[f]
	if !known {
		if u.words == nil {
			u.words = make(map[*field]string)
		}
		said = text.Fold(f.now(u))
		u.words[f] = said
	}
	return said
}

// meet looks up the people that conditions ask for.
func (u *update) meet(ctx context.Context, tx Tx) error {
	for _, p := range []struct {
		id   directory.UserID
		into **directory.User
	}{{u.by, &u.author}, {u.ticket.RequesterID, &u.requester}, {u.saidBy(), &u.commenter}} {
		if err := u.find(ctx, tx, p.id, p.into); err != nil {
			return err
		}
	}
	return nil
}

// find looks up somebody who plays a part, unless that is known, from another part maybe.
func (u *update) find(ctx context.Context, tx Tx, id directory.UserID, into **directory.User) (err error) {
	if id == 0 || *into != nil {
		return nil
	}
	for _, known := range []*directory.User{u.author, u.requester, u.commenter} {
		if known != nil && known.ID == id {
			*into = known
			return nil
		}
	}
	if *into, err = tx.GetUser(ctx, id); err != nil {
		return fmt.Errorf("person of a change: %w", err)
	}
	return nil
}

func (u *update) saidBy() directory.UserID {
	if u.comment == nil {
		return 0
	}
	return u.comment.AuthorID
}

// hear notes what is said with the change.
func (u *update) hear(c *Comment) {
	u.comment = c
	u.events = append(u.events, AuditEvent{Type: Said, Comment: c.ID, Public: c.Public})
}

// settle ends a change, whose ticket and comment have been stored: the triggers
// act on it, and what happened is written down and measured.
func (s *Service) settle(ctx context.Context, tx Tx, u *update) error {
	events := append(difference(u.before, u.ticket), u.events...)
	if len(events) == 0 {
		return nil // nobody would find a change in it
	}
	if !u.silent {
		fired, err := s.fireTriggers(ctx, tx, u)
		if err != nil {
			return fmt.Errorf("triggers of ticket %d: %w", u.ticket.ID, err)
		}
		told, err := s.tellFollowers(ctx, tx, u)
		if err != nil {
			return err
		}
		events = slices.Concat(events, fired, told)
	}
	if err := s.nameFields(ctx, tx, events); err != nil {
		return err
	}
	tx.Publish(event.Event{Kind: event.TicketTouched, ID: int64(touched(u))})
	a := &TicketAudit{TicketID: u.ticket.ID, AuthorID: u.by, Via: u.via, Events: events, CreatedAt: u.ticket.UpdatedAt}
	if u.comment != nil {
		a.CommentID = u.comment.ID
		if u.silent {
			a.CreatedAt = u.comment.CreatedAt
		}
	}
	if err := tx.InsertTicketAudit(ctx, a); err != nil {
		return fmt.Errorf("write down the change of ticket %d: %w", u.ticket.ID, err)
	}
	return s.measure(ctx, tx, u, a.CreatedAt)
}
