package email

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"tandem/access"
	"tandem/desk"
	"tandem/event"
	"tandem/job"
	"tandem/problem"
)

// ConfirmSent reads back the Message-ID that Exchange gave a sent mail, so
// that answers to it find their ticket.
type ConfirmSent struct {
	Mail MailID `json:"mail"`
}

// Kind names the job.
func (ConfirmSent) Kind() string { return "email.confirm_sent" }

// mendedAgain is when sending is tried again while the sign-in or a permission
// is missing. Reconnecting asks for it at once.
const mendedAgain = 5 * time.Minute

// confirmWithin is how long we look for the sent copy. Microsoft documents that
// it appears in Sent Items with a delay.
const confirmWithin = time.Hour

// Sender sends public comments from the ticket's support address.
type Sender struct {
	// FileURL gives the address at which people outside find the file of a link;
	// set it before the first mail is sent. Nil: every file is attached.
	FileURL func(secret string) string

	store     Store
	mailboxes Mailboxes
	blobs     Blobs
	now       func() time.Time
	newMark   func() string
	log       *slog.Logger
}

// NewSender makes a Sender. newMark returns a new unguessable name for a draft.
func NewSender(store Store, mailboxes Mailboxes, blobs Blobs, now func() time.Time, newMark func() string, log *slog.Logger) *Sender {
	return &Sender{store: store, mailboxes: mailboxes, blobs: blobs, now: now, newMark: newMark, log: log}
}

// Queue writes the outgoing mail of a public comment into the ledger and asks
// for its delivery at the given time, in the comment's own transaction.
func (s *Sender) Queue(ctx context.Context, deskTx desk.Tx, t *desk.Ticket, c *desk.Comment, at time.Time) error {
	tx, ok := deskTx.(Tx)
	if !ok {
		return fmt.Errorf("queue the mail of comment %d: the transaction knows no ledger", c.ID)
	}
	address, err := addressOf(ctx, tx, t)
	if err != nil {
		return err
	}
	now := s.now()
	m := &Mail{
		Direction: Outbound, State: Waiting, Subject: t.Subject, Mark: s.newMark(),
		TicketID: t.ID, CommentID: c.ID, NoticedAt: now, UpdatedAt: now,
	}
	if address != nil {
		m.leaveFrom(address)
	}
	if m.To, m.CC, err = recipientsOf(ctx, tx, t, c); err != nil {
		return err
	}
	if m.To, m.CC, err = withoutReached(ctx, tx, c, m.To, m.CC); err != nil || len(m.To) == 0 {
		return err
	}
	if _, err := tx.InsertMail(ctx, m); err != nil {
		return err
	}
	c.MailID = int64(m.ID)
	if err := tx.UpdateComment(ctx, c); err != nil {
		return err
	}
	return queueDelivery(ctx, tx, c.ID, at)
}

// leaveFrom makes the support address the sender.
func (m *Mail) leaveFrom(a *SupportAddress) {
	m.ConnectionID, m.From = a.ConnectionID, Party{Name: a.Name, Email: a.Email}
}

// deliveryKeyPrefix and the comment's id are the unique key of its delivery.
const deliveryKeyPrefix = "comment:"

func queueDelivery(ctx context.Context, tx job.Tx, id desk.CommentID, at time.Time) error {
	_, err := job.Insert(ctx, tx, desk.DeliverReply{Comment: id}, job.Options{
		UniqueKey: fmt.Sprint(deliveryKeyPrefix, id), RunAt: at,
	})
	return err
}

// Retry puts a failed mail back into the queue. It is forbidden to end users.
func (s *Sender) Retry(ctx context.Context, by access.Actor, id desk.CommentID) error {
	if err := by.MustWork(); err != nil {
		return err
	}
	return s.retry(ctx, func(tx Tx) (*Mail, error) { return outgoing(ctx, tx, id) })
}

func (s *Sender) retry(ctx context.Context, find func(Tx) (*Mail, error)) error {
	return s.store.Update(ctx, func(tx Tx) error {
		m, err := find(tx)
		if err != nil {
			return err
		}
		if m.State == Sent {
			return problem.New(problem.Conflict, "already_sent", "This mail has been sent already.")
		}
		if m.State == Bounced {
			if err := s.sendAfresh(ctx, tx, m); err != nil {
				return err
			}
		}
		if m.ErrorCode == codeOutcomeUnknown {
			// The person knows that it may be sent twice and wants a fresh mail.
			m.MicrosoftID, m.Mark = "", s.newMark()
		}
		if m.State == Failed {
			m.State = stateToResume(m)
		}
		m.setTrouble(nil)
		m.UpdatedAt = s.now() // and Attempts stay: something may lie at Microsoft already
		if err := tx.UpdateMail(ctx, m); err != nil {
			return err
		}
		s.publish(tx, m)
		return queueAgain(ctx, tx, m, s.now())
	})
}

// queueAgain asks for the delivery of a mail that is in the ledger already.
func queueAgain(ctx context.Context, tx Tx, m *Mail, at time.Time) error {
	if m.CommentID == 0 {
		return queueNotification(ctx, tx, m.ID, at)
	}
	return queueDelivery(ctx, tx, m.CommentID, at)
}

// stateToResume is where a failed mail goes on.
func stateToResume(m *Mail) MailState {
	if m.MicrosoftID != "" {
		return Drafted
	}
	return Waiting
}

// Withdraw removes the queued mail of a comment that is being undone, or
// returns problem.Conflict "already_sent" when it has left our hands. An attempt
// under way notices before it asks Microsoft to send; its draft is left behind.
func (s *Sender) Withdraw(ctx context.Context, deskTx desk.Tx, id desk.CommentID) error {
	tx, ok := deskTx.(Tx)
	if !ok {
		return fmt.Errorf("withdraw the mail of comment %d: the transaction knows no ledger", id)
	}
	m, err := outgoing(ctx, tx, id)
	if err != nil {
		return err
	}
	if m.State != Waiting && m.State != Drafted {
		return problem.New(problem.Conflict, "already_sent", "This reply is on its way and can no longer be undone.")
	}
	return tx.DeleteMail(ctx, m.ID)
}

// ResumeWaiting queues every mail again that waits for a connection; it is
// called when the connection has been made, made again or mended. A mail that
// had no address to leave from may have one now. A mail that has not been tried
// yet has its job, which leaves time to undo it.
func ResumeWaiting(ctx context.Context, tx Tx, c ConnectionID, now time.Time) error {
	waiting, err := tx.ListMail(ctx, MailFilter{Direction: Outbound, States: []MailState{Waiting, Drafted, Sending}})
	if err != nil {
		return err
	}
	for _, m := range slices.Backward(waiting) { // oldest first
		if m.ConnectionID != c && m.ConnectionID != 0 || m.Attempts == 0 && m.ErrorCode == "" {
			continue
		}
		if err := queueAgain(ctx, tx, m, now); err != nil {
			return err
		}
	}
	return nil
}

// Deliver takes the mail of a comment one or more steps towards having been
// sent. It may be called any number of times, also after a crash at any point:
// each step is written down before the next begins. last tells that the job
// will not be tried again.
func (s *Sender) Deliver(ctx context.Context, id desk.CommentID, last bool) error {
	return s.deliver(ctx, last, func(tx Tx) (*Mail, error) { return tx.FindMailByComment(ctx, id) })
}

// deliver works one attempt at the mail that find returns; nil: it is withdrawn.
func (s *Sender) deliver(ctx context.Context, last bool, find func(Tx) (*Mail, error)) error {
	d, err := s.begin(ctx, find)
	if err != nil || d == nil {
		return err
	}
	if err = d.prepare(ctx); err == nil {
		err = d.run(ctx)
	}
	if err == nil {
		return nil
	}
	if errors.Is(err, errTakenOver) {
		return nil // whoever did that goes on
	}
	return s.recordFailure(ctx, d, err, last)
}

// begin notes the attempt. It returns nil when there is nothing to do: sent
// already, withdrawn, failed, or no connection.
func (s *Sender) begin(ctx context.Context, find func(Tx) (*Mail, error)) (*delivery, error) {
	var d *delivery
	err := s.store.Update(ctx, func(tx Tx) error {
		d = nil
		m, err := find(tx)
		if err != nil || m == nil || m.State == Sent || m.State == Bounced || m.State == Failed {
			return err
		}
		if err := findAddress(ctx, tx, m); err != nil {
			return err
		}
		conn, err := connectionOf(ctx, tx, m)
		if err != nil {
			return err
		}
		m.UpdatedAt = s.now()
		if trouble := cannotSendNow(conn); trouble != nil {
			m.setTrouble(trouble)
			s.publish(tx, m)
			return tx.UpdateMail(ctx, m)
		}
		if overtakes, err := overtakes(ctx, tx, m); err != nil || overtakes {
			return cmp.Or(err, job.Snooze(turnAgain))
		}
		m.Attempts++
		d = &delivery{sender: s, mail: m, conn: conn}
		return tx.UpdateMail(ctx, m)
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

const (
	// turnAgain is how long a reply waits before it asks again whether it is its turn.
	turnAgain = time.Second
	// maxHeldUp is how many vain attempts at a reply hold up those behind it,
	// which is an hour.
	maxHeldUp = 12
)

// overtakes tells whether an earlier reply on the ticket has not left yet:
// customers read replies in the order in which they were written. One that has
// failed, or is tried in vain for long, holds up nobody.
func overtakes(ctx context.Context, tx Tx, m *Mail) (bool, error) {
	if m.State == Sending || m.TicketID == 0 {
		return false, nil // it may have left, or nothing comes before it
	}
	unsent, err := tx.ListMail(ctx, MailFilter{Ticket: m.TicketID, Direction: Outbound, States: []MailState{Waiting, Drafted, Sending}})
	return slices.ContainsFunc(unsent, func(other *Mail) bool {
		return other.ID < m.ID && other.Attempts < maxHeldUp
	}), err
}

// cannotSendNow says why a mail has to wait; nil when it can go.
func cannotSendNow(conn *Connection) *problem.Error {
	switch {
	case conn == nil:
		return problem.New(problem.Unavailable, "address_not_connected", "This reply waits: its support address is not connected to a mailbox.").
			On(problem.Admin, "Connect the address under Admin, Email. The reply then leaves by itself.")
	case conn.State != Connected:
		return problem.New(problem.Unavailable, "address_disconnected", "This reply waits: %s is disconnected.", conn.Email).
			On(problem.Admin, "Reconnect the address under Admin, Email. The reply then leaves by itself.").With("address", conn.Email)
	}
	return nil
}

// recordFailure writes down why an attempt failed, and returns what the job
// shall do about it: nil when a person has to decide.
func (s *Sender) recordFailure(ctx context.Context, d *delivery, cause error, last bool) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return cause // we are being stopped; nothing is known about the mail
	}
	p := problem.As(cause)
	if p == nil {
		p = problem.New(problem.Internal, "sending_failed", "Sending stopped at an unexpected error in Tandem.").
			On(problem.Tandem, "It is tried again by itself. If it stays, give your administrator the code.").Because(cause)
	}
	final := isFinal(p) || last && !needsPerson(p)
	ctx = context.WithoutCancel(ctx) // the job's time may be up
	err := s.store.Update(ctx, func(tx Tx) error {
		m, err := d.current(ctx, tx)
		if err != nil {
			return err
		}
		m.setTrouble(p)
		m.UpdatedAt = s.now()
		if final {
			m.State = Failed
		}
		if err := tx.InsertAttempt(ctx, &Attempt{MailID: m.ID, At: s.now(), Step: d.step, Outcome: p.Code, Detail: p.Message}); err != nil {
			return err
		}
		s.publish(tx, m)
		if d.concernsMailbox(p) {
			tx.Publish(event.Event{Kind: event.MailboxKicked, ID: int64(d.conn.ID)})
		}
		return tx.UpdateMail(ctx, m)
	})
	if errors.Is(err, errTakenOver) {
		return nil
	}
	if err != nil {
		return errors.Join(cause, err)
	}
	if final {
		s.log.Warn("mail could not be sent", "mail", d.mail.ID, "code", p.Code, "err", cause)
		return nil
	}
	return untilMended(cause)
}

// concernsMailbox tells whether the mailbox may be in the trouble that a reply met
// and not know of it yet. It looks at once then, so that its address says what is
// wrong; where Microsoft asks to wait, nothing more is asked of it.
func (d *delivery) concernsMailbox(p *problem.Error) bool {
	outage := p.Kind == problem.Unavailable && p.RetryAfter == 0
	return (outage || needsPerson(p)) && d.conn.ErrorCode == "" && d.conn.WaitingUntil.IsZero()
}

// untilMended makes a job wait without counting its attempts while somebody has
// to mend something at Microsoft; every other error passes.
func untilMended(err error) error {
	if needsPerson(err) {
		return job.Snooze(mendedAgain)
	}
	return err
}

// needsPerson tells whether somebody has to sign in again or grant a permission.
func needsPerson(err error) bool {
	kind := problem.KindOf(err)
	return kind == problem.Unauthenticated || kind == problem.Forbidden
}

// isFinal tells whether trying again without a person's help is pointless.
// A refused sign-in is not final: it may be mended at Microsoft.
func isFinal(p *problem.Error) bool {
	switch p.Kind {
	case problem.Invalid, problem.Conflict, problem.NotFound:
		return true
	}
	return false
}

func (s *Sender) publish(tx event.Tx, m *Mail) { publishDelivery(tx, m) }

// publishDelivery tells listeners that the fate of an outgoing mail has changed.
func publishDelivery(tx event.Tx, m *Mail) {
	tx.Publish(event.Event{Kind: event.MailUpdated, ID: int64(m.ID), Parent: int64(m.TicketID)})
	if m.CommentID != 0 {
		tx.Publish(event.Event{Kind: event.CommentUpdated, ID: int64(m.CommentID), Parent: int64(m.TicketID)})
	}
}

// setTrouble notes a problem at the mail, or clears it.
func (m *Mail) setTrouble(p *problem.Error) {
	if p == nil {
		m.ErrorCode, m.Error, m.ErrorSide, m.ErrorRemedy = "", "", "", ""
		return
	}
	m.ErrorCode, m.Error, m.ErrorSide, m.ErrorRemedy = p.Code, p.Message, string(p.Side), p.Remedy
}

func outgoing(ctx context.Context, tx Tx, id desk.CommentID) (*Mail, error) {
	m, err := tx.FindMailByComment(ctx, id)
	if err == nil && m == nil {
		err = problem.New(problem.NotFound, "no_outgoing_mail", "Comment %d does not leave by mail.", id)
	}
	return m, err
}
