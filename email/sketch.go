package email

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"tandem/desk"
	"tandem/email/eml"
	"tandem/problem"
)

// maxSketch is how large a mail may be that is pasted to see what would become of it.
const maxSketch = 1 << 20

// Sketch reads a mail as the desk would get it, given raw or as a row of the
// ledger, in the caller's transaction. Nothing is written, files included. A past
// mail goes where it went; another one to the ticket that it refers to, when there
// is one.
func (l *Ledger) Sketch(ctx context.Context, deskTx desk.Tx, raw string, id MailID) (*desk.MailSketch, error) {
	tx, ok := deskTx.(Tx)
	if !ok {
		return nil, fmt.Errorf("sketch a mail: the transaction knows no ledger")
	}
	book, err := ownAddresses(ctx, tx)
	if err != nil {
		return nil, err
	}
	if id == 0 {
		return l.sketchRaw(ctx, tx, book, raw)
	}
	m, err := tx.GetMail(ctx, id)
	if err != nil {
		return nil, err
	}
	if m.Direction != Inbound || m.Blob == "" {
		return nil, problem.New(problem.Invalid, "no_source", "There is no raw source of this mail in Tandem.").
			On(problem.Yours, "Choose a mail that came in.").In("mail_id")
	}
	content, err := l.blobs.Get(ctx, m.Blob)
	if err != nil {
		return nil, fmt.Errorf("open the raw mail %d: %w", m.ID, err)
	}
	defer content.Close()
	a, err := sketched(content)
	if err != nil {
		return nil, err
	}
	sketch := a.sketch(book)
	if m.State == Commented || m.State == Flagged {
		sketch.Ticket = m.TicketID
	}
	if m.State == Suspended {
		sketch.Suspended = string(m.Cause)
	}
	if m.State == Flagged {
		sketch.New.Comment.Flag = desk.FlagStranger
	}
	return sketch, nil
}

func (l *Ledger) sketchRaw(ctx context.Context, tx Tx, book addressBook, raw string) (*desk.MailSketch, error) {
	if len(raw) > maxSketch {
		return nil, problem.New(problem.Invalid, "too_large", "The mail is larger than %d KiB.", maxSketch>>10).
			On(problem.Yours, "Leave out its attachments.").In("mail")
	}
	// Pasted text has lost its line ends, and what was marked before the header.
	raw = strings.TrimLeft(strings.ReplaceAll(strings.ReplaceAll(raw, "\r\n", "\n"), "\n", "\r\n"), "\r\n ")
	a, err := sketched(strings.NewReader(raw))
	if err != nil {
		return nil, err
	}
	sketch := a.sketch(book)
	book.mailbox = sketch.New.Recipient
	imagined := situation{fromUs: book.find(a.from.Email) != nil}
	if imagined.sender, err = tx.FindUserByEmail(ctx, a.from.Email); err != nil {
		return nil, err
	}
	if err := imagined.screen(ctx, tx, book, &Mail{ReceivedAt: l.now()}, a); err != nil {
		return nil, fmt.Errorf("screen a pasted mail: %w", err)
	}
	if err := lookForThreads(ctx, tx, book, a, &imagined); err != nil {
		return nil, err
	}
	d := decide(imagined)
	if d.action == suspend {
		sketch.Suspended = string(d.cause)
		d = place(imagined) // where it goes once somebody has recovered it
	}
	switch d.action {
	case openFollowUp:
		sketch.New.FollowUpOf = d.ticket.ID
	case addComment, addQuiet:
		sketch.Ticket = d.ticket.ID
	case addFlagged:
		sketch.Ticket, sketch.New.Comment.Flag = d.ticket.ID, desk.FlagStranger
	}
	return sketch, nil
}

// sketched parses a mail and keeps nothing of it.
func sketched(raw io.Reader) (*arrival, error) {
	m, err := eml.Parse(raw, eml.DefaultLimits, func(eml.Part, io.Reader) (string, error) { return "sketch", nil })
	if err != nil {
		return nil, problem.New(problem.Invalid, "not_mail", "This is no mail.").
			On(problem.Yours, "Paste the whole raw source, beginning with its header.").In("mail").Because(err)
	}
	a := describe(m)
	if a.from.Email == "" {
		return nil, errNoSender().In("mail")
	}
	return a, nil
}

// sketch is the ticket that the mail would open.
func (a *arrival) sketch(book addressBook) *desk.MailSketch {
	address := ""
	n := desk.NewTicket{Subject: titleOf(a), Via: desk.ByEmail, Comment: a.comment}
	for _, p := range slices.Concat(a.to, a.cc) {
		if own := book.find(p.Email); own != nil {
			address, n.BrandID = own.Email, own.BrandID
			break
		}
	}
	n.Recipient, n.Comment.Public = address, true
	n.Comment.Facts = a.factsOf(address)
	return &desk.MailSketch{From: desk.Person{Name: cmp.Or(a.from.Name, a.from.Email), Email: a.from.Email}, New: n}
}

// IsOurs tells whether mail to an address comes back to us.
func IsOurs(ctx context.Context, deskTx desk.Tx, address string) (bool, error) {
	tx, ok := deskTx.(Tx)
	if !ok {
		return false, fmt.Errorf("look for %s: the transaction knows no support addresses", address)
	}
	book, err := ownAddresses(ctx, tx)
	return book.find(strings.ToLower(address)) != nil, err
}

// Announce sends the mail of a trigger, in the desk's transaction. It returns 0
// when it is held back; see Notify.
func (s *Sender) Announce(ctx context.Context, deskTx desk.Tx, n desk.Notice) (int64, error) {
	tx, ok := deskTx.(Tx)
	if !ok {
		return 0, fmt.Errorf("announce on ticket %d: the transaction knows no ledger", n.Ticket)
	}
	mail := Notification{Subject: n.Subject, Text: n.Text, HTML: n.HTML, Reason: ReasonTrigger, Ticket: n.Ticket, Auto: n.Auto, Key: n.Key, At: n.At}
	for _, p := range n.To {
		mail.To = append(mail.To, Party{Name: p.Name, Email: p.Email})
	}
	id, err := s.Notify(ctx, tx, mail)
	return int64(id), err
}

// Retract takes back the notification with the key, in the desk's transaction,
// unless it has begun to leave.
func (s *Sender) Retract(ctx context.Context, deskTx desk.Tx, key string) error {
	tx, ok := deskTx.(Tx)
	if !ok {
		return fmt.Errorf("take back %s: the transaction knows no ledger", key)
	}
	id, err := tx.FindNotification(ctx, key)
	if err != nil || id == 0 {
		return err
	}
	m, err := tx.GetMail(ctx, id)
	if err != nil || m.State != Waiting {
		return err
	}
	if err := tx.DeleteNotification(ctx, id); err != nil {
		return err
	}
	return tx.DeleteMail(ctx, id)
}

// ReasonTrigger is the reason of notifications that triggers write.
const ReasonTrigger = "trigger"
