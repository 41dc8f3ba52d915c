package desk

import (
	"context"
	"fmt"
	"time"

	"tandem/access"
	"tandem/directory"
)

// Sibling is a ticket made of the same mail at another support address, as
// whoever answers one of them needs to know it.
type Sibling struct {
	Ticket     *Ticket
	AnsweredAt time.Time        // the latest reply by somebody who works here; zero: none
	AnsweredBy directory.UserID // who wrote it
}

// Siblings lists the tickets made of the same mail as this one.
func (s *Service) Siblings(ctx context.Context, by access.Actor, id TicketID) ([]Sibling, error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	var all []Sibling
	err := s.store.View(ctx, func(tx Tx) error {
		all = nil
		t, err := tx.GetTicket(ctx, id)
		if err != nil {
			return err
		}
		for _, other := range t.Siblings {
			sibling, err := siblingOf(ctx, tx, other)
			if err != nil {
				return fmt.Errorf("sibling %d of ticket %d: %w", other, id, err)
			}
			all = append(all, sibling)
		}
		return nil
	})
	return all, err
}

func siblingOf(ctx context.Context, tx Tx, id TicketID) (Sibling, error) {
	t, err := tx.GetTicket(ctx, id)
	if err != nil {
		return Sibling{}, err
	}
	s := Sibling{Ticket: t}
	if t.FirstReplyAt.IsZero() {
		return s, nil
	}
	comments, err := tx.ListComments(ctx, id)
	if err != nil {
		return Sibling{}, err
	}
	authors := make(map[directory.UserID]bool)
	for _, c := range comments {
		works, known := authors[c.AuthorID]
		if !known {
			u, err := tx.GetUser(ctx, c.AuthorID)
			if err != nil {
				return Sibling{}, err
			}
			works = u.Works()
			authors[c.AuthorID] = works
		}
		if works && c.Public {
			s.AnsweredAt, s.AnsweredBy = c.CreatedAt, c.AuthorID
		}
	}
	return s, nil
}
