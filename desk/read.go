package desk

import (
	"context"
	"fmt"
	"time"

	"tandem/access"
	"tandem/problem"
)

// Listing is a part of a list of tickets.
type Listing struct {
	Tickets   []*Ticket
	Summaries map[TicketID]Summary
	More      bool // there are further ones in the direction asked for
}

// listingTime is how long a list may take. From an index it takes milliseconds;
// who asks for all that was ever solved, in an order that no index has, is told.
const listingTime = 5 * time.Second

// List gives the tickets of a filter, or the problem "list_too_large".
func (s *Service) List(ctx context.Context, by access.Actor, f TicketFilter) (*Listing, error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	limit := f.Limit
	if limit > 0 {
		f.Limit++ // one more shows whether there are further ones
	}
	l := new(Listing)
	within, cancel := context.WithTimeout(ctx, listingTime)
	defer cancel()
	err := s.store.View(within, func(tx Tx) (err error) {
		if l.Tickets, err = tx.ListTickets(within, f); err != nil {
			return fmt.Errorf("list tickets: %w", err)
		}
		l.More = limit > 0 && len(l.Tickets) > limit
		switch {
		case l.More && f.Before != nil:
			l.Tickets = l.Tickets[len(l.Tickets)-limit:] // nearest to the cursor
		case l.More:
			l.Tickets = l.Tickets[:limit]
		}
		l.Summaries, err = s.summarize(within, tx, l.Tickets...)
		return err
	})
	switch {
	case err != nil && ctx.Err() == nil && within.Err() != nil:
		return nil, problem.New(problem.Limit, "list_too_large", "There are too many tickets to put them into this order.").
			On(problem.Yours, "Sort by the last change, without groups, or ask for fewer.").Because(err)
	case err != nil:
		return nil, err
	}
	return l, nil
}

func (s *Service) summarize(ctx context.Context, tx Tx, tickets ...*Ticket) (map[TicketID]Summary, error) {
	ids := make([]TicketID, 0, len(tickets))
	for _, t := range tickets {
		ids = append(ids, t.ID)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	summaries, err := tx.SummarizeTickets(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("summarize tickets: %w", err)
	}
	return summaries, nil
}

// Count counts the tickets of a filter.
func (s *Service) Count(ctx context.Context, by access.Actor, f TicketFilter) (n int, err error) {
	if err := by.MustWork(); err != nil {
		return 0, err
	}
	err = s.store.View(ctx, func(tx Tx) (err error) {
		n, err = tx.CountTickets(ctx, f)
		return err
	})
	return n, err
}

// Get gives one ticket.
func (s *Service) Get(ctx context.Context, by access.Actor, id TicketID) (*Ticket, Summary, error) {
	if err := by.MustWork(); err != nil {
		return nil, Summary{}, err
	}
	var t *Ticket
	var summary Summary
	err := s.store.View(ctx, func(tx Tx) (err error) {
		if t, err = tx.GetTicket(ctx, id); err != nil {
			return err
		}
		summaries, err := s.summarize(ctx, tx, t)
		summary = summaries[id]
		return err
	})
	if err != nil {
		return nil, Summary{}, err
	}
	return t, summary, nil
}

// Comments gives what was said about a ticket, oldest first.
func (s *Service) Comments(ctx context.Context, by access.Actor, id TicketID) (comments []*Comment, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		if _, err := tx.GetTicket(ctx, id); err != nil {
			return err
		}
		comments, err = tx.ListComments(ctx, id)
		return err
	})
	return comments, err
}

// Comment gives one comment of a ticket.
func (s *Service) Comment(ctx context.Context, by access.Actor, id TicketID, comment CommentID) (c *Comment, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		c, err = commentOf(ctx, tx, id, comment)
		return err
	})
	return c, err
}

// TicketOf tells which ticket a comment belongs to.
func (s *Service) TicketOf(ctx context.Context, by access.Actor, comment CommentID) (id TicketID, err error) {
	if err := by.MustWork(); err != nil {
		return 0, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		c, err := tx.GetComment(ctx, comment)
		if err == nil {
			id = c.TicketID
		}
		return err
	})
	return id, err
}
