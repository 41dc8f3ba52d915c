package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tandem/access"
	"tandem/event"
	"tandem/problem"
)

// commentOf gives a comment of this very ticket.
func commentOf(ctx context.Context, tx Tx, id TicketID, comment CommentID) (*Comment, error) {
	c, err := tx.GetComment(ctx, comment)
	if err != nil {
		return nil, err
	}
	if c.TicketID != id {
		return nil, problem.New(problem.NotFound, "comment_not_found", "Ticket %d has no such comment.", id)
	}
	return c, nil
}

// changeComment changes a comment and its ticket in one transaction. The
// function notes at the update what happened to the comment.
func (s *Service) changeComment(ctx context.Context, by access.Actor, id TicketID, comment CommentID,
	change func(Tx, *Ticket, *Comment, *update) error) (c *Comment, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		t, err := tx.LockTicket(ctx, id)
		if err != nil {
			return err
		}
		if c, err = commentOf(ctx, tx, id, comment); err != nil {
			return err
		}
		u := &update{before: copyOf(t), ticket: t, by: by.UserID, via: channelBy(by)}
		if err := change(tx, t, c, u); err != nil {
			return err
		}
		tx.Publish(event.Event{Kind: event.CommentUpdated, ID: int64(comment), Parent: int64(id)})
		if err := s.save(ctx, tx, t); err != nil {
			return err
		}
		return s.settle(ctx, tx, u)
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Accept makes a stranger's comment count as if the requester had said it, and
// puts its author in copy when that is asked for, so that the next mail counts
// by itself.
func (s *Service) Accept(ctx context.Context, by access.Actor, id TicketID, comment CommentID, addToCCs bool) (*Comment, error) {
	return s.changeComment(ctx, by, id, comment, func(tx Tx, t *Ticket, c *Comment, u *update) error {
		if t.Status == Closed {
			return t.closed()
		}
		if err := c.Accept(); err != nil {
			return err
		}
		// Only now does what the stranger said count, for the triggers as well.
		u.comment, u.facts = c, c.Facts
		u.events = append(u.events, AuditEvent{Type: PrivacyChange, Comment: c.ID, Public: true})
		author, err := tx.GetUser(ctx, c.AuthorID)
		if err != nil {
			return fmt.Errorf("author of comment %d: %w", c.ID, err)
		}
		if !author.Works() {
			t.Hear(c, author)
		}
		if addToCCs {
			if err := t.SetCCs(append(slices.Clone(t.CCs), author.ID)); err != nil {
				return err
			}
		}
		if s.accepted != nil {
			if err := s.accepted(ctx, tx, c); err != nil {
				return err
			}
		}
		return tx.UpdateComment(ctx, c)
	})
}

// MakePrivate turns a reply into a note. A mail that has not begun to leave
// stays here.
func (s *Service) MakePrivate(ctx context.Context, by access.Actor, id TicketID, comment CommentID) (*Comment, error) {
	return s.changeComment(ctx, by, id, comment, func(tx Tx, _ *Ticket, c *Comment, u *update) error {
		if c.waits() && s.outbox != nil {
			err := s.outbox.Withdraw(ctx, tx, c.ID)
			if err != nil && problem.KindOf(err) != problem.Conflict {
				return err
			}
			if err == nil {
				c.MailID, c.Delivery, c.Links = 0, nil, nil
				if err := tx.DeleteFileLinks(ctx, c.ID); err != nil {
					return err
				}
			}
		}
		c.MakePrivate()
		u.silent = true // nothing was said
		u.events = append(u.events, AuditEvent{Type: PrivacyChange, Comment: c.ID})
		return tx.UpdateComment(ctx, c)
	})
}

// CancelDelivery takes a reply back whose mail has not begun to leave: it is
// its author's draft again, with its files and pictures. It is refused with
// "already_sent" when it is too late. What else was changed with the reply stays.
func (s *Service) CancelDelivery(ctx context.Context, by access.Actor, id TicketID, comment CommentID) (*Comment, error) {
	return s.changeComment(ctx, by, id, comment, func(tx Tx, t *Ticket, c *Comment, u *update) error {
		if !c.waits() || s.outbox == nil {
			return problem.New(problem.Conflict, "already_sent", "The reply has left already.").
				On(problem.Yours, "Write another reply to put it right.")
		}
		if err := s.outbox.Withdraw(ctx, tx, c.ID); err != nil {
			return err
		}
		if err := s.forgetNotices(ctx, tx, c.ID); err != nil {
			return err
		}
		if t.FirstReplyAt.Equal(c.CreatedAt) {
			t.FirstReplyAt = time.Time{}
		}
		u.silent = true // nothing was said
		u.events = append(u.events, AuditEvent{Type: Withdrawn, Comment: c.ID})
		if err := tx.DeleteComment(ctx, c.ID); err != nil {
			return err
		}
		return s.restoreDraft(ctx, tx, t, c)
	})
}

// RetryDelivery tries to send a reply again whose mail failed.
func (s *Service) RetryDelivery(ctx context.Context, by access.Actor, id TicketID, comment CommentID) (*Comment, error) {
	c, err := s.Comment(ctx, by, id, comment)
	if err != nil {
		return nil, err
	}
	if c.Delivery == nil || s.outbox == nil {
		return nil, problem.New(problem.Conflict, "no_delivery", "This comment has no mail that could be sent again.").
			On(problem.Yours, "Write a new reply.")
	}
	if err := s.outbox.Retry(ctx, by, comment); err != nil {
		return nil, err
	}
	return s.Comment(ctx, by, id, comment)
}

// waits tells whether the mail of the comment has not been sent yet.
func (c *Comment) waits() bool { return c.Delivery != nil && c.Delivery.State == DeliveryWaiting }
