package email

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"tandem/desk"
	"tandem/directory"
	"tandem/email/eml"
	"tandem/job"
	"tandem/problem"
)

// Notification is a mail that Tandem writes by itself: it belongs to no
// comment. It leaves like a reply does, exactly once or visibly not.
type Notification struct {
	From      AddressID // 0: the address of the ticket, or else the default one
	To        []Party
	Subject   string
	Text      string
	HTML      string        // empty: made of Text
	Reason    string        // why it was written, as the ledger shows it: "digest", "trigger", ...
	Ticket    desk.TicketID // 0: none; otherwise answers to it come to the ticket
	InReplyTo string        // Message-ID of a mail that it answers; empty: none, or what the ticket says
	// Auto marks an answer to a mail, as opposed to a message of our own accord
	// (RFC 3834 section 5: auto-replied, auto-generated). A recipient gets at
	// most one of them in AutoReplyEvery, so that two machines never talk for long.
	Auto bool
	At   time.Time // when it leaves; zero: at once
	Key  string    // of two notifications with the same key only the first is queued; empty: none is the same
}

// AutoReplyEvery is how long a recipient gets no second automatic answer.
const AutoReplyEvery = time.Hour

// DeliverNotification sends a notification.
type DeliverNotification struct {
	Mail MailID `json:"mail"`
}

// Kind names the job.
func (DeliverNotification) Kind() string { return "email.deliver_notification" }

// Notify queues a notification in the caller's transaction. It returns 0 when
// there is nobody to write to: all recipients are our own addresses, it has been
// queued before, or it is an automatic answer too many.
func (s *Sender) Notify(ctx context.Context, tx Tx, n Notification) (MailID, error) {
	if err := n.toOthers(ctx, tx); err != nil || len(n.To) == 0 {
		return 0, err
	}
	now := s.now()
	if n.Auto {
		answered, err := tx.AutoRepliedSince(ctx, n.To[0].Email, now.Add(-AutoReplyEvery))
		if err != nil || answered {
			return 0, err
		}
	}
	m := &Mail{
		Direction: Outbound, State: Waiting, Subject: n.Subject, To: n.To, Mark: s.newMark(), TicketID: n.Ticket,
		Rule: "notification", Evidence: []Fact{{"reason", n.Reason}}, NoticedAt: now, UpdatedAt: now,
	}
	address, err := n.address(ctx, tx)
	if err != nil {
		return 0, err
	}
	if address != nil {
		m.leaveFrom(address)
	}
	if known, err := tx.FindNotification(ctx, n.Key); err != nil || known != 0 {
		return 0, err
	}
	if _, err := tx.InsertMail(ctx, m); err != nil {
		return 0, err
	}
	if err := tx.InsertNotification(ctx, m.ID, &n, now); err != nil {
		return 0, fmt.Errorf("keep the text of notification %d: %w", m.ID, err)
	}
	s.publish(tx, m)
	if n.At.After(now) {
		now = n.At
	}
	return m.ID, queueNotification(ctx, tx, m.ID, now)
}

// toOthers leaves out our own addresses: we do not write to ourselves, unless
// that is the purpose.
func (n *Notification) toOthers(ctx context.Context, tx Tx) error {
	if n.Reason == ReasonProbe || n.Reason == ReasonVerification {
		return nil
	}
	book, err := ownAddresses(ctx, tx)
	if err != nil {
		return err
	}
	var others []Party
	for _, p := range n.To {
		if p.Email != "" && book.find(p.Email) == nil {
			others = append(others, p)
		}
	}
	n.To = others
	return nil
}

// Reasons of notifications that go to our own addresses.
const (
	ReasonProbe        = "probe"
	ReasonVerification = "verification"
)

// address is where the notification leaves from; nil: nowhere yet.
func (n *Notification) address(ctx context.Context, tx Tx) (*SupportAddress, error) {
	if n.From != 0 {
		return tx.GetSupportAddress(ctx, n.From)
	}
	return addressFor(ctx, tx, n.Ticket)
}

// addressFor is the address from which mail on a ticket leaves, the default
// one without a ticket; nil when there is none.
func addressFor(ctx context.Context, tx Tx, id desk.TicketID) (*SupportAddress, error) {
	if id == 0 {
		return tx.DefaultSupportAddress(ctx)
	}
	t, err := tx.AnyTicket(ctx, id)
	if err != nil {
		return nil, err
	}
	return addressOf(ctx, tx, t)
}

// notificationKeyPrefix and the mail's id are the unique key of its delivery.
const notificationKeyPrefix = "mail:"

func queueNotification(ctx context.Context, tx job.Tx, id MailID, at time.Time) error {
	_, err := job.Insert(ctx, tx, DeliverNotification{Mail: id}, job.Options{
		UniqueKey: fmt.Sprint(notificationKeyPrefix, id), RunAt: at,
	})
	return err
}

// DeliverNotification is Deliver for a notification.
func (s *Sender) DeliverNotification(ctx context.Context, id MailID, last bool) error {
	return s.deliver(ctx, last, func(tx Tx) (*Mail, error) {
		m, err := tx.GetMail(ctx, id)
		if problem.KindOf(err) == problem.NotFound {
			return nil, nil
		}
		return m, err
	})
}

// composeNotification writes the mail of a notification.
func composeNotification(ctx context.Context, tx Tx, m *Mail) (*letter, error) {
	n, err := tx.GetNotification(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	name := m.From.Name
	if name == "" {
		if name, err = brandNameOf(ctx, tx, m.ConnectionID); err != nil {
			return nil, err
		}
	}
	l := &letter{draft: Draft{
		Mark: m.Mark, From: Party{Name: strings.ReplaceAll(name, "@", " at "), Email: m.From.Email}, To: m.To,
		Subject: n.Subject, HTML: cmp.Or(n.HTML, eml.HTMLFromText(n.Text)), AutoReply: true,
	}}
	if n.InReplyTo != "" {
		l.draft.InReplyTo, l.draft.References = n.InReplyTo, []string{n.InReplyTo}
	}
	if n.Ticket == 0 {
		return l, nil
	}
	t, err := tx.AnyTicket(ctx, n.Ticket)
	if err != nil {
		return nil, err
	}
	l.draft.HTML += markerHTML(t.ReplyToken)
	l.draft.InReplyTo, l.draft.References, err = threadOf(ctx, tx, t.ID, m.ID)
	return l, err
}

// brandNameOf names who writes when the address has no name of its own.
func brandNameOf(ctx context.Context, tx Tx, c ConnectionID) (string, error) {
	address, err := tx.FindSupportAddressByConnection(ctx, c)
	if err != nil {
		return "", err
	}
	var brand *directory.Brand
	if address != nil {
		brand, err = tx.GetBrand(ctx, address.BrandID)
	} else {
		brand, err = tx.DefaultBrand(ctx)
	}
	if err != nil {
		return "", err
	}
	return brand.Name, nil
}
