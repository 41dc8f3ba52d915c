package app

import (
	"context"
	"fmt"

	"tandem/desk"
	"tandem/email"
)

// ticketURL is where a browser finds a ticket, for the mails that triggers write.
func (a *App) ticketURL(id desk.TicketID) string { return fmt.Sprintf("%s/tickets/%d", a.URL(), id) }

// sketchMail lets the desk rehearse with mails, which the ledger, made after the
// desk, can read.
func (a *App) sketchMail(ctx context.Context, tx desk.Tx, raw string, mail int64) (*desk.MailSketch, error) {
	return a.parts.ledger.Sketch(ctx, tx, raw, email.MailID(mail))
}
