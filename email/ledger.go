package email

import (
	"context"
	"fmt"
	"io"
	"time"

	"tandem/access"
	"tandem/desk"
	"tandem/email/eml"
	"tandem/event"
	"tandem/problem"
)

// Ledger shows every mail ever seen and what became of it. Administrators see
// all of it, agents what belongs to tickets.
type Ledger struct {
	store  Store
	blobs  Blobs
	sender *Sender
	intake intake
	now    func() time.Time
}

// NewLedger makes a Ledger. The sender tries again what could not be sent.
func NewLedger(store Store, blobs Blobs, d *desk.Service, sender *Sender, now func() time.Time) *Ledger {
	return &Ledger{store: store, blobs: blobs, sender: sender, intake: intake{desk: d, now: now}, now: now}
}

// List returns the mails that the filter chooses, newest first.
func (l *Ledger) List(ctx context.Context, by access.Actor, f MailFilter) ([]*Mail, error) {
	if err := mayRead(by, f.Ticket); err != nil {
		return nil, err
	}
	var mails []*Mail
	err := l.store.View(ctx, func(tx Tx) (err error) {
		mails, err = tx.ListMail(ctx, f)
		return err
	})
	return mails, err
}

// Count counts the mails that the filter chooses, without regard to paging.
func (l *Ledger) Count(ctx context.Context, by access.Actor, f MailFilter) (int, error) {
	if err := mayRead(by, f.Ticket); err != nil {
		return 0, err
	}
	var n int
	err := l.store.View(ctx, func(tx Tx) (err error) {
		n, err = tx.CountMail(ctx, f)
		return err
	})
	return n, err
}

// Get returns a mail with everything that was tried for it.
func (l *Ledger) Get(ctx context.Context, by access.Actor, id MailID) (*Mail, []*Attempt, error) {
	m, err := l.mail(ctx, by, id)
	if err != nil {
		return nil, nil, err
	}
	var attempts []*Attempt
	err = l.store.View(ctx, func(tx Tx) (err error) {
		attempts, err = tx.ListAttempts(ctx, id)
		return err
	})
	return m, attempts, err
}

func (l *Ledger) mail(ctx context.Context, by access.Actor, id MailID) (*Mail, error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	var m *Mail
	err := l.store.View(ctx, func(tx Tx) (err error) {
		m, err = tx.GetMail(ctx, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	if m.State == Suspended {
		return m, nil // the agents decide on it
	}
	return m, mayRead(by, m.TicketID)
}

// mayRead lets administrators read everything, and agents the mails of tickets.
func mayRead(by access.Actor, ticket desk.TicketID) error {
	if ticket == 0 {
		return by.MustAdminister()
	}
	return by.MustWork()
}

// Source opens the raw mail; problem.NotFound when it has not been fetched.
func (l *Ledger) Source(ctx context.Context, by access.Actor, id MailID) (io.ReadSeekCloser, error) {
	m, err := l.mail(ctx, by, id)
	if err != nil {
		return nil, err
	}
	if m.Blob == "" {
		return nil, problem.New(problem.NotFound, "no_source", "There is no raw source of this mail in Tandem.").
			On(problem.Yours, "Mail that could not be fetched, and mail that Tandem sent, lies only at Microsoft.")
	}
	return l.blobs.Get(ctx, m.Blob)
}

// Of a raw mail, a preview reads so much and shows so much.
const (
	previewRead = 2 << 20
	previewText = 4 << 10
)

// Preview gives the mail's header fields in order and the beginning of its
// text; both are empty when it has not been fetched or cannot be read.
func (l *Ledger) Preview(ctx context.Context, by access.Actor, id MailID) (headers []Fact, text string, err error) {
	raw, err := l.Source(ctx, by, id)
	if problem.KindOf(err) == problem.NotFound {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	defer raw.Close()
	m, err := eml.Parse(io.LimitReader(raw, previewRead), eml.DefaultLimits, nil)
	if err != nil {
		return nil, "", nil // the raw source is there to be looked at
	}
	for _, f := range m.Header {
		headers = append(headers, Fact{Name: f.Name, Value: eml.DecodeHeader(f.Value)})
	}
	return headers, clip(m.Text, previewText), nil
}

// Actions are what a person can do about a mail, by their stable names.
func (m *Mail) Actions() []string {
	switch {
	case m.State == Quarantined:
		return []string{"retry", "make_ticket"}
	case m.State == Failed, m.State == Gone, m.State == Noticed && m.Attempts > 0,
		m.Direction == Outbound && m.State != Sent && m.ErrorCode != "":
		return []string{"retry"}
	case m.State == Suspended:
		return []string{"recover"}
	case m.State == Flagged:
		return []string{"accept"}
	}
	return nil
}

// Retry tries again what did not work: fetching, deciding or sending.
func (l *Ledger) Retry(ctx context.Context, by access.Actor, id MailID) (*Mail, error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	m, err := l.mail(ctx, by, id)
	if err != nil {
		return nil, err
	}
	if m.Direction == Outbound {
		if err := l.sender.retry(ctx, func(tx Tx) (*Mail, error) { return tx.GetMail(ctx, id) }); err != nil {
			return nil, err
		}
		return l.mail(ctx, by, id)
	}
	err = l.store.Update(ctx, func(tx Tx) error {
		if m, err = l.stuck(ctx, tx, id, Quarantined, Gone, Noticed); err != nil {
			return err
		}
		if err := mustBeRead(ctx, tx, m); err != nil {
			return err
		}
		m.tryAgain(l.now())
		if err := tx.UpdateMail(ctx, m); err != nil {
			return err
		}
		tx.Publish(event.Event{Kind: event.MailUpdated, ID: int64(id)})
		tx.Publish(event.Event{Kind: event.MailboxKicked, ID: int64(m.ConnectionID)})
		return tx.InsertAudit(ctx, l.audit(by, "mail.retried", m))
	})
	return m, err
}

// mustBeRead refuses to try a mail again while nobody reads its mailbox: it
// would wait without an end, and could no longer become a ticket by hand.
func mustBeRead(ctx context.Context, tx Tx, m *Mail) error {
	c, err := tx.GetConnection(ctx, m.ConnectionID)
	if err != nil {
		return err
	}
	return c.mustBeConnected()
}

// stuck returns an inbound mail that is in one of the states, or a conflict.
func (l *Ledger) stuck(ctx context.Context, tx Tx, id MailID, states ...MailState) (*Mail, error) {
	m, err := tx.GetMail(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, s := range states {
		if m.State == s && m.Direction == Inbound {
			return m, nil
		}
	}
	return nil, problem.New(problem.Conflict, "mail_decided", "This mail has been handled already.").
		On(problem.Yours, "Reload the page to see what became of it.")
}

func (l *Ledger) audit(by access.Actor, action string, m *Mail) access.AuditEntry {
	return access.AuditEntry{
		At: l.now(), ActorID: by.UserID, Actor: by.Name, Address: by.Address,
		Action: action, Object: "mail", Subject: int64(m.ID), Label: m.Subject,
	}
}

// MakeTicket makes a ticket of a mail that could not be handled. It holds what
// could be read of it, and the raw mail as a file. Who sent it becomes the
// requester; when nobody can tell, whoever asked for the ticket does.
func (l *Ledger) MakeTicket(ctx context.Context, by access.Actor, id MailID) (*desk.Ticket, error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	m, err := l.mail(ctx, by, id)
	if err != nil {
		return nil, err
	}
	a, err := salvage(ctx, l.blobs, m)
	if err != nil {
		return nil, err
	}
	var t *desk.Ticket
	err = l.store.Update(ctx, func(tx Tx) (err error) {
		if m, err = l.stuck(ctx, tx, id, Quarantined); err != nil {
			return err
		}
		if t, err = l.openByHand(ctx, tx, by, m, a); err != nil {
			return err
		}
		m.Rule, m.Evidence = ruleByHand, []Fact{fact("by", by.Name), fact("problem", m.ErrorCode)}
		if err := l.intake.finish(ctx, tx, m); err != nil {
			return err
		}
		if err := queueFiling(ctx, tx, m.ConnectionID, l.now()); err != nil {
			return err
		}
		return tx.InsertAudit(ctx, l.audit(by, "mail.made_ticket", m))
	})
	return t, err
}

func (l *Ledger) openByHand(ctx context.Context, tx Tx, by access.Actor, m *Mail, a *arrival) (*desk.Ticket, error) {
	c, err := tx.GetConnection(ctx, m.ConnectionID)
	if err != nil {
		return nil, err
	}
	book, err := loadAddresses(ctx, tx, c)
	if err != nil {
		return nil, err
	}
	requester, err := l.intake.requester(ctx, tx, book, a, situation{})
	if problem.KindOf(err) == problem.Invalid && by.UserID != 0 {
		requester, err = tx.GetUser(ctx, by.UserID)
	}
	if err != nil {
		return nil, err
	}
	n := desk.NewTicket{
		Subject: titleOf(a), RequesterID: requester.ID, Recipient: book.mailbox, Via: desk.ByEmail,
		Imported: m.Imported, Comment: l.intake.comment(book, m, a),
	}
	n.CreatedAt = n.Comment.CreatedAt
	if book.own != nil {
		n.BrandID = book.own.BrandID
	}
	t, comment, err := l.intake.desk.Open(ctx, tx, n)
	if err != nil {
		return nil, fmt.Errorf("open a ticket of mail %d: %w", m.ID, err)
	}
	if original, err := tx.FindOriginal(ctx, m.ConnectionID, m.DedupeKey); err != nil {
		return nil, err
	} else if original != nil {
		m.DedupeKey = "" // wanted all the same; the other one stays the original
	}
	m.State, m.TicketID, m.CommentID = Ticketed, t.ID, comment.ID
	return t, remember(ctx, tx, m)
}

// NoteAccepted writes into the ledger that an agent accepted a stranger's mail.
func NoteAccepted(ctx context.Context, deskTx desk.Tx, c *desk.Comment) error {
	tx, ok := deskTx.(Tx)
	if !ok {
		return fmt.Errorf("accept comment %d: the transaction knows no ledger", c.ID)
	}
	if c.MailID == 0 {
		return nil
	}
	m, err := tx.GetMail(ctx, MailID(c.MailID))
	if err != nil || m.State != Flagged {
		return err
	}
	m.State = Commented
	tx.Publish(event.Event{Kind: event.MailUpdated, ID: int64(m.ID), Parent: int64(m.TicketID)})
	return tx.UpdateMail(ctx, m)
}
