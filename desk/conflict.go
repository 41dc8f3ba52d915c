package desk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tandem/problem"
)

// changed says that the ticket is no longer as somebody saw it: who has said
// something lately, and how it stands now.
func (s *Service) changed(ctx context.Context, tx Tx, t *Ticket) error {
	comments, err := tx.ListComments(ctx, t.ID)
	if err != nil {
		return fmt.Errorf("list the comments of ticket %d: %w", t.ID, err)
	}
	p := problem.New(problem.Conflict, "ticket_changed", "Somebody changed ticket %d meanwhile. It is %s now.", t.ID, t.Status).
		On(problem.Yours, "Look at the change, then decide again.").
		With("ticket", fmt.Sprint(t.ID)).With("status", string(t.Status)).With("version", fmt.Sprint(t.Version))
	if len(comments) == 0 {
		return p
	}
	// A comment as old as the last change is what changed the ticket.
	last := comments[len(comments)-1]
	if last.CreatedAt.Before(t.UpdatedAt.Add(-time.Second)) {
		return p
	}
	author, err := tx.GetUser(ctx, last.AuthorID)
	if err != nil {
		return fmt.Errorf("author of comment %d: %w", last.ID, err)
	}
	did := "added a note"
	if last.Public {
		did = "replied"
	}
	p.Message = strings.Replace(p.Message, "Somebody changed", author.Name+" "+did+" on", 1)
	return p.With("by", author.Name).With("did", strings.ReplaceAll(did, " ", "_"))
}
