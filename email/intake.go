package email

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/desk"
	"tandem/directory"
	"tandem/event"
	"tandem/problem"
)

// intake writes what has been decided about arrived mail, in the caller's transaction.
type intake struct {
	desk *desk.Service
	now  func() time.Time
}

// settle decides one mail and writes the decision: the ledger row, the ticket
// or comment with its files, the index of Message-IDs, and the events.
func (in intake) settle(ctx context.Context, tx Tx, c *Connection, book addressBook, m *Mail, a *arrival) error {
	a.enter(m)
	s, err := look(ctx, tx, book, m, a, in.now())
	if err != nil {
		return fmt.Errorf("look up mail %d: %w", m.ID, err)
	}
	if err := noteForwarded(ctx, tx, c, a, in.now()); err != nil {
		return err
	}
	return in.settleAs(ctx, tx, book, m, a, s, decide(s))
}

// settleAs writes a decision.
func (in intake) settleAs(ctx context.Context, tx Tx, book addressBook, m *Mail, a *arrival, s situation, d decision) error {
	if s.sender != nil && s.sender.Works() {
		// What an agent says may leave by mail at once: withoutReached needs to know to whom it was written.
		if err := tx.UpdateMail(ctx, m); err != nil {
			return err
		}
	}
	m.Rule, m.Evidence = d.rule, d.evidence
	if err := in.carryOut(ctx, tx, book, m, a, s, d); err != nil {
		return err
	}
	if err := noteAside(ctx, tx, m, a); err != nil {
		return err
	}
	return in.finish(ctx, tx, m)
}

// finish writes a row whose mail has been decided.
func (in intake) finish(ctx context.Context, tx Tx, m *Mail) error {
	m.setTrouble(nil)
	m.DecidedAt, m.UpdatedAt, m.NextAttemptAt = in.now(), in.now(), time.Time{}
	if m.MicrosoftID == "" {
		m.FiledAt = m.DecidedAt // no copy of it lies anywhere else
	}
	if err := tx.UpdateMail(ctx, m); err != nil {
		return fmt.Errorf("enter the decision on mail %d: %w", m.ID, err)
	}
	tx.Publish(event.Event{Kind: event.MailUpdated, ID: int64(m.ID), Parent: int64(m.TicketID)})
	return nil
}

// enter copies what the mail says into its row.
func (a *arrival) enter(m *Mail) {
	m.MessageID, m.DedupeKey, m.Subject = a.messageID, a.dedupeKey, a.subject
	m.From, m.To, m.CC = a.from, a.to, a.cc
	m.Size, m.Blob, m.FetchedAt, m.StoredAt = a.size, a.blob, a.fetchedAt, a.storedAt
}

func (in intake) carryOut(ctx context.Context, tx Tx, book addressBook, m *Mail, a *arrival, s situation, d decision) error {
	switch d.action {
	case dropOurs:
		m.State = Ours
		if d.original != nil {
			m.Original = d.original.ID
		}
		return nil
	case dropDuplicate:
		m.State = Duplicate
		if d.original != nil {
			m.Original, m.TicketID = d.original.ID, d.original.TicketID
		} else {
			m.TicketID = d.ticket.ID
		}
		return nil
	case handOver:
		m.State, m.TicketID = HandedOver, d.copied
		if d.ticket != nil {
			m.TicketID = d.ticket.ID
		}
		return nil
	case noteReport:
		return in.noteReport(ctx, tx, m, s)
	case suspend:
		m.State, m.Cause, m.Excerpt = Suspended, d.cause, excerptOf(a)
		return nil
	case addComment, addFlagged, addQuiet:
		return in.addComment(ctx, tx, book, m, a, s, d)
	case openFollowUp:
		return in.openTicket(ctx, tx, book, m, a, s, d.ticket, nil)
	}
	if err := in.openTicket(ctx, tx, book, m, a, s, nil, d.siblings); err != nil {
		return err
	}
	if len(s.threads) > 0 {
		return nil
	}
	for _, id := range a.references[:min(len(a.references), maxAwaited)] {
		if err := tx.RememberMessageID(ctx, awaited(id), m.TicketID); err != nil {
			return err
		}
	}
	return nil
}

// maxAwaited bounds how many unknown references of one mail are remembered.
const maxAwaited = 10

// addComment adds the mail to a ticket. Whom a participant takes into copy is
// in copy of the ticket from then on.
func (in intake) addComment(ctx context.Context, tx Tx, book addressBook, m *Mail, a *arrival, s situation, d decision) error {
	m.State = Commented
	n := in.comment(book, m, a)
	switch d.action {
	case addFlagged:
		m.State, n.Flag = Flagged, desk.FlagStranger
	case addQuiet:
		n.Public = false
	}
	author := s.sender
	var err error
	if author == nil {
		if author, err = person(ctx, in.desk, tx, a.from); err != nil {
			return err
		}
	}
	n.AuthorID = author.ID
	if d.action == addComment {
		ccs, err := in.people(ctx, tx, a.recipients(book), desk.MaxCCs-len(d.ticket.CCs))
		if err != nil {
			return err
		}
		if err := d.ticket.SetCCs(append(d.ticket.CCs, ccs...)); err != nil {
			return err
		}
	}
	c, err := in.desk.AddComment(ctx, tx, d.ticket, n)
	if err != nil {
		return fmt.Errorf("add mail %d to ticket %d: %w", m.ID, d.ticket.ID, err)
	}
	m.TicketID, m.CommentID = d.ticket.ID, c.ID
	return remember(ctx, tx, m)
}

// openTicket makes a ticket of the mail; closed is the ticket that it follows up.
func (in intake) openTicket(ctx context.Context, tx Tx, book addressBook, m *Mail, a *arrival, s situation, closed *desk.Ticket, siblings []desk.TicketID) error {
	requester, err := in.requester(ctx, tx, book, a, s)
	if err != nil {
		return err
	}
	ccs, err := in.people(ctx, tx, a.recipients(book), desk.MaxCCs)
	if err != nil {
		return err
	}
	n := desk.NewTicket{
		Subject: titleOf(a), RequesterID: requester.ID, Recipient: book.mailbox, Via: desk.ByEmail,
		CCs: ccs, Imported: m.Imported, Comment: in.comment(book, m, a),
	}
	n.CreatedAt = n.Comment.CreatedAt
	if book.own != nil {
		n.BrandID = book.own.BrandID
	}
	var t *desk.Ticket
	var c *desk.Comment
	if closed != nil {
		t, c, err = in.desk.FollowUp(ctx, tx, closed, n)
	} else {
		t, c, err = in.desk.Open(ctx, tx, n)
	}
	if err != nil {
		return fmt.Errorf("open a ticket of mail %d: %w", m.ID, err)
	}
	for _, other := range siblings {
		if err := tx.LinkSiblings(ctx, t.ID, other); err != nil {
			return fmt.Errorf("link tickets %d and %d: %w", t.ID, other, err)
		}
		tx.Publish(event.Event{Kind: event.TicketUpdated, ID: int64(other)})
	}
	m.State, m.TicketID, m.CommentID = Ticketed, t.ID, c.ID
	return remember(ctx, tx, m)
}

// comment is the mail as a comment. Imported mail keeps its date.
func (in intake) comment(book addressBook, m *Mail, a *arrival) desk.NewComment {
	n := a.comment
	n.Facts = a.factsOf(book.mailbox)
	n.Public, n.MailID, n.Imported = true, int64(m.ID), m.Imported
	if m.Imported {
		n.CreatedAt = m.ReceivedAt
	}
	return n
}

// requester is who asks: the sender; for mail that a form sends in our own
// name, whom to reply to.
func (in intake) requester(ctx context.Context, tx Tx, book addressBook, a *arrival, s situation) (*directory.User, error) {
	from := a.from
	if book.find(from.Email) != nil && a.replyTo.Email != "" && book.find(a.replyTo.Email) == nil {
		from = a.replyTo
	}
	if from.Email == "" {
		return nil, errNoSender()
	}
	if s.sender != nil && s.sender.Email == from.Email {
		return s.sender, nil
	}
	u, err := person(ctx, in.desk, tx, from)
	if problem.KindOf(err) == problem.Invalid {
		return nil, errNoSender().Because(err)
	}
	return u, err
}

func errNoSender() *problem.Error {
	return problem.New(problem.Invalid, "no_sender", "The mail does not say who sent it.").
		On(problem.Yours, "Read the raw source. Make a ticket of it if it matters: you become its requester.")
}

// people finds or makes at most n people; an address that cannot be used is left out.
func (in intake) people(ctx context.Context, tx Tx, parties []Party, n int) ([]directory.UserID, error) {
	var ids []directory.UserID
	for _, p := range parties[:max(0, min(n, len(parties)))] {
		u, err := person(ctx, in.desk, tx, p)
		if problem.KindOf(err) == problem.Invalid {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("person in copy: %w", err)
		}
		ids = append(ids, u.ID)
	}
	return ids, nil
}

// withoutReached leaves out whom a comment has reached already, because the
// agent who said it by mail wrote to them as well.
func withoutReached(ctx context.Context, tx Tx, c *desk.Comment, to, cc []Party) (newTo, newCC []Party, err error) {
	if c.Via != desk.ByEmail || c.MailID == 0 {
		return to, cc, nil
	}
	m, err := tx.GetMail(ctx, MailID(c.MailID))
	if err != nil {
		return nil, nil, err
	}
	reached := func(p Party) bool {
		return slices.ContainsFunc(slices.Concat(m.To, m.CC), func(q Party) bool { return p.Email == q.Email })
	}
	to, cc = slices.DeleteFunc(to, reached), slices.DeleteFunc(cc, reached)
	if len(to) == 0 {
		to, cc = cc, nil
	}
	return to, cc, nil
}

// titleOf is the subject, or how the text begins when there is none.
func titleOf(a *arrival) string {
	if strings.TrimSpace(a.subject) != "" {
		return a.subject
	}
	for line := range strings.Lines(a.comment.Text) {
		if line = strings.TrimSpace(line); line != "" {
			return clip(line, 100)
		}
	}
	return ""
}

// remember puts the mail's Message-ID into the index of threads.
func remember(ctx context.Context, tx Tx, m *Mail) error {
	if m.MessageID == "" {
		return nil
	}
	if err := tx.RememberMessageID(ctx, m.MessageID, m.TicketID); err != nil {
		return fmt.Errorf("remember the Message-ID of mail %d: %w", m.ID, err)
	}
	return nil
}

// excerptBytes is how much of a suspended mail's text lists show.
const excerptBytes = 1000

func excerptOf(a *arrival) string { return clip(strings.TrimSpace(a.comment.Text), excerptBytes) }

// settled tells whether a state is one whose mail is filed at Microsoft.
func settled(s MailState) bool { return slices.Contains(SettledInbound, s) }
