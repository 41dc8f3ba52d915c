package email

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/email/eml"
	"tandem/problem"
)

// Bounce tells that an outgoing mail did not reach somebody.
type Bounce struct {
	Mail       MailID // that bounced
	Report     MailID // that told so
	Recipient  string // empty when the report does not say
	Status     string // enhanced status code (RFC 3463); empty when the report does not say
	Diagnostic string // what the other server said
	At         time.Time
}

// decideReport decides a report on a mail of ours.
func decideReport(s situation) decision {
	d := decision{action: noteReport, rule: ruleReport, evidence: s.facts}
	if s.report.Kind == eml.Bounced {
		d.rule = ruleBounce
	}
	d.evidence = append(d.evidence, fact("report", s.report.Kind), fact("reported_mail", s.reported.ID))
	d.evidence = append(d.evidence, recipientFacts(s.report)...)
	return d
}

// recipientFacts say whom a report is about.
func recipientFacts(r *eml.Report) []Fact {
	var facts []Fact
	for _, to := range r.Recipients[:min(len(r.Recipients), 5)] {
		facts = append(facts, fact("reported_recipient", strings.TrimSpace(to.Address+" "+to.Status)))
	}
	return facts
}

// noteReport writes a report to the mail that it is about. A bounce is shown at
// the comment; that a mail is late, or has been read, stands in the ledger only.
func (in intake) noteReport(ctx context.Context, tx Tx, m *Mail, s situation) error {
	out := s.reported
	m.State, m.TicketID, m.CommentID, m.Original = Reported, out.TicketID, out.CommentID, out.ID
	if s.report.Kind != eml.Bounced {
		return nil
	}
	for _, to := range s.report.Recipients {
		b := &Bounce{Mail: out.ID, Report: m.ID, Recipient: to.Address, Status: to.Status, Diagnostic: to.Diagnostic, At: in.now()}
		if err := tx.InsertBounce(ctx, b); err != nil {
			return fmt.Errorf("note the bounce of mail %d: %w", out.ID, err)
		}
		if out.State == Sent || out.State == Bounced {
			out.State = Bounced
			out.setTrouble(BounceProblem(to.Status))
		}
	}
	out.UpdatedAt = in.now()
	if err := tx.UpdateMail(ctx, out); err != nil {
		return fmt.Errorf("note that mail %d bounced: %w", out.ID, err)
	}
	publishDelivery(tx, out)
	return nil
}

// BounceProblem explains an enhanced status code (RFC 3463, and Microsoft:
// "Email non-delivery reports in Exchange Online").
func BounceProblem(status string) *problem.Error {
	code, message, remedy := "bounce_undeliverable", "The mail came back: the other server did not take it.",
		"Read what the other server said, or reach the person another way."
	_, detail, _ := strings.Cut(status, ".") // temporary and for good have the same reasons
	switch {
	case among(detail, "1.1", "1.10", "1.3", "1.6"):
		code, message = "bounce_unknown_address", "The mail came back: there is no such address."
		remedy = "Check the spelling of the address, correct it at the requester, and send again."
	case among(detail, "1.2", "4.4", "4.310"):
		code, message = "bounce_unknown_domain", "The mail came back: the part of the address behind the @ does not exist."
		remedy = "Check the spelling of the address, correct it at the requester, and send again."
	case among(detail, "2.2"):
		code, message = "bounce_mailbox_full", "The mail came back: the mailbox is full."
		remedy = "Send again later, or reach the person another way."
	case among(detail, "2.1"):
		code, message = "bounce_mailbox_disabled", "The mail came back: the mailbox is switched off."
		remedy = "Reach the person another way."
	case among(detail, "2.3", "3.4"):
		code, message = "bounce_too_large", "The mail came back: it is larger than the other side takes."
		remedy = "Send the files in smaller pieces, or as a link."
	case strings.HasPrefix(detail, "7."):
		code, message = "bounce_refused", "The mail came back: the other side refuses mail from us."
		remedy = "Ask your administrator to look at SPF, DKIM and DMARC of our domain, and the person to allow our address."
	case strings.HasPrefix(detail, "4."):
		code, message = "bounce_unreachable", "The mail came back: the other server could not be reached."
		remedy = "Send again later, or reach the person another way."
	}
	return problem.New(problem.Conflict, code, "%s", message).On(problem.Yours, remedy)
}

func among(detail string, list ...string) bool { return slices.Contains(list, detail) }

// sendAfresh makes a mail that bounced leave as a new one: to those whom it did
// not reach, under the addresses that they have now.
func (s *Sender) sendAfresh(ctx context.Context, tx Tx, m *Mail) error {
	bounces, err := tx.ListBounces(ctx, m.ID)
	if err != nil {
		return err
	}
	failed := func(p Party) bool {
		return slices.ContainsFunc(bounces, func(b *Bounce) bool { return b.Recipient == p.Email || b.Recipient == "" })
	}
	reached := slices.DeleteFunc(slices.Concat(m.To, m.CC), failed)
	if m.CommentID != 0 {
		if m.To, m.CC, err = currentRecipients(ctx, tx, m); err != nil {
			return err
		}
	}
	again := func(p Party) bool { return slices.Contains(reached, p) }
	m.To, m.CC = slices.DeleteFunc(m.To, again), slices.DeleteFunc(m.CC, again)
	if len(m.To) == 0 {
		m.To, m.CC = m.CC, nil
	}
	if len(m.To) == 0 {
		return problem.New(problem.Conflict, "nobody_left", "There is nobody left to whom this reply could be sent again.").
			On(problem.Yours, "Add the person to the ticket, and write again.")
	}
	m.State, m.Mark = Waiting, s.newMark()
	m.MicrosoftID, m.MessageID = "", ""
	m.DecidedAt, m.FiledAt, m.ConfirmedAt = time.Time{}, time.Time{}, time.Time{}
	return tx.DeleteBounces(ctx, m.ID)
}

func currentRecipients(ctx context.Context, tx Tx, m *Mail) (to, cc []Party, err error) {
	c, err := tx.GetComment(ctx, m.CommentID)
	if err != nil {
		return nil, nil, err
	}
	t, err := tx.AnyTicket(ctx, m.TicketID)
	if err != nil {
		return nil, nil, err
	}
	return recipientsOf(ctx, tx, t, c)
}
