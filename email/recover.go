package email

import (
	"context"
	"fmt"
	"io"

	"tandem/access"
	"tandem/desk"
	"tandem/email/eml"
	"tandem/problem"
)

// Recovery says how a suspended mail is to be taken in. The zero value takes it
// in as it is: decided again, and this time nothing suspends it.
type Recovery struct {
	Ticket    desk.TicketID // becomes a comment of this ticket; 0: goes where it belongs
	Subject   string        // instead of the mail's; empty: as sent
	Text      string        // likewise
	Requester Party         // instead of the sender; without an address: the sender
	Trust     bool          // put the sender on the allow list, when the cause teaches that
}

// Recovered is what became of a mail.
type Recovered struct {
	Mail    *Mail
	Ticket  *desk.Ticket
	Trusted *SenderRule // the entry that was made; nil: none, or the sender was trusted already
}

// Recover takes a suspended mail in. Agents may.
func (s *SuspendedMail) Recover(ctx context.Context, by access.Actor, id MailID, r Recovery) (*Recovered, error) {
	m, err := s.Get(ctx, by, id)
	if err != nil {
		return nil, err
	}
	a, err := s.readAgain(ctx, m)
	if err != nil {
		return nil, err
	}
	edits := r.apply(a)
	result := new(Recovered)
	err = s.store.Update(ctx, func(tx Tx) error {
		m, err := suspendedMail(ctx, tx, id)
		if err != nil {
			return err
		}
		cause := m.Cause
		if err := s.takeIn(ctx, tx, by, m, a, r, edits); err != nil {
			return err
		}
		result.Mail, result.Trusted = m, nil
		if result.Ticket, err = tx.GetTicket(ctx, m.TicketID); err != nil {
			return err
		}
		if r.Trust && cause.Teaches() {
			if result.Trusted, err = s.learn(ctx, tx, by, a.sentFrom.Email); err != nil {
				return err
			}
		}
		return tx.InsertAudit(ctx, s.ledger.audit(by, "mail.recovered", m))
	})
	if err != nil {
		return nil, err
	}
	return result, nil
}

// readAgain reads the mail from the blob store, as far as it can be read.
func (s *SuspendedMail) readAgain(ctx context.Context, m *Mail) (*arrival, error) {
	raw, err := s.blobs.Get(ctx, m.Blob)
	if err != nil {
		return nil, fmt.Errorf("open mail %d: %w", m.ID, err)
	}
	defer raw.Close()
	a, err := read(ctx, s.blobs, raw, eml.DefaultLimits)
	if err != nil {
		return nil, fmt.Errorf("read mail %d again: %w", m.ID, err)
	}
	a.stored(&arrival{blob: m.Blob, size: m.Size, fetchedAt: m.FetchedAt, storedAt: m.StoredAt})
	return a, nil
}

// apply edits a mail and tells what was edited.
func (r Recovery) apply(a *arrival) []Fact {
	a.sentFrom = a.from
	var edits []Fact
	if r.Subject != "" && r.Subject != a.subject {
		a.subject = r.Subject
		edits = append(edits, fact("edited", "subject"))
	}
	if r.Text != "" && r.Text != a.comment.Text {
		a.comment.Text, a.comment.HTML, a.comment.HasRemoteImages = r.Text, "", false
		edits = append(edits, fact("edited", "text"))
	}
	if r.Requester.Email != "" && r.Requester.Email != a.from.Email {
		edits = append(edits, fact("edited", "requester"), fact("sent_by", a.from.Email))
		a.from, a.replyTo = r.Requester, Party{}
	}
	return edits
}

// takeIn decides a mail again and writes the decision.
func (s *SuspendedMail) takeIn(ctx context.Context, tx Tx, by access.Actor, m *Mail, a *arrival, r Recovery, edits []Fact) error {
	c, err := tx.GetConnection(ctx, m.ConnectionID)
	if err != nil {
		return err
	}
	book, err := loadAddresses(ctx, tx, c)
	if err != nil {
		return err
	}
	from, subject := m.From, m.Subject
	a.enter(m)
	m.From, m.Subject = from, subject // the ledger says what came, the ticket what was made of it
	of, err := look(ctx, tx, book, m, a, s.intake.now())
	if err != nil {
		return err
	}
	of.vouched, of.marked, of.reported = true, false, nil
	d := decide(of)
	if r.Ticket != 0 {
		if d, err = s.asComment(ctx, tx, r.Ticket, &of); err != nil {
			return err
		}
	}
	d.evidence = append(append(d.evidence, fact("suspended_for", m.Cause), fact("recovered_by", by.Name)), edits...)
	m.Excerpt = ""
	if err := s.intake.settleAs(ctx, tx, book, m, a, of, d); err != nil {
		return err
	}
	if m.TicketID == 0 {
		return problem.New(problem.Conflict, "nothing_to_recover", "This mail can become no ticket: it is %s.", m.State).
			On(problem.Yours, "Look at its journey in the ledger.")
	}
	return nil
}

// asComment decides that the mail belongs to a ticket because a person says so.
func (s *SuspendedMail) asComment(ctx context.Context, tx Tx, id desk.TicketID, of *situation) (decision, error) {
	t, err := tx.LockTicket(ctx, id)
	if err != nil {
		return decision{}, err
	}
	d := decision{action: addComment, ticket: t, rule: ruleByHand, evidence: of.facts}
	if quiet(of, &d) {
		d.action = addQuiet
	}
	return d, nil
}

// Files opens the mail's attachments one after the other, for who makes a
// ticket of it by other means. It stops at the first error.
func (s *SuspendedMail) Files(ctx context.Context, by access.Actor, id MailID, visit func(name, contentType string, content io.Reader) error) error {
	m, err := s.Get(ctx, by, id)
	if err != nil {
		return err
	}
	a, err := s.readAgain(ctx, m)
	if err != nil {
		return err
	}
	for _, f := range a.comment.Attachments {
		content, err := s.blobs.Get(ctx, f.Blob)
		if err != nil {
			return fmt.Errorf("open attachment %q of mail %d: %w", f.FileName, id, err)
		}
		err = visit(f.FileName, f.ContentType, content)
		content.Close()
		if err != nil {
			return err
		}
	}
	return nil
}
