package email

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tandem/desk"
	"tandem/job"
	"tandem/problem"
)

// codeOutcomeUnknown marks the one case in which we cannot know whether a mail
// has been sent: Microsoft was asked to send it, and now has neither the draft
// nor a sent copy.
const codeOutcomeUnknown = "outcome_unknown"

// sentCopyDelay is how long a sent mail may take to appear in Sent Items
// before we say that we do not know what became of it.
const sentCopyDelay = 2 * time.Minute

// delivery is one attempt to send one mail. The mail's state says which step
// comes next:
//
//	waiting   create the draft, or find the one that an earlier attempt left
//	drafted   attach the files, then note that sending begins
//	sending   send; after a crash first ask what became of the draft
type delivery struct {
	sender *Sender
	mail   *Mail
	conn   *Connection
	box    Mailbox
	letter *letter
	asked  bool   // an earlier attempt asked Microsoft to send it
	step   string // what is being tried, for the journey
}

// errTakenOver ends an attempt behind whose back another one has begun, or the
// mail was withdrawn.
var errTakenOver = errors.New("another attempt at this mail has begun, or it was withdrawn")

// prepare writes the letter and opens the mailbox.
func (d *delivery) prepare(ctx context.Context) error {
	d.step = "compose"
	err := d.sender.store.View(ctx, func(tx Tx) (err error) {
		d.letter, err = composeLetter(ctx, tx, d.mail, d.sender.FileURL)
		return err
	})
	if err == nil {
		d.box, err = d.sender.mailboxes.Open(d.conn)
	}
	return err
}

func (d *delivery) run(ctx context.Context) error {
	d.asked = d.mail.State == Sending
	for {
		var err error
		switch d.mail.State {
		case Waiting:
			err = d.draft(ctx)
		case Drafted:
			err = d.complete(ctx)
		case Sending:
			err = d.send(ctx)
		default:
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// draft makes sure that exactly one draft of this mail lies at Microsoft. That
// of an earlier attempt may have been sent by a person in Outlook.
func (d *delivery) draft(ctx context.Context) error {
	d.step = "draft"
	var id string
	var err error
	if d.mail.Attempts > 1 { // an earlier attempt may have left one
		if id, err = d.box.FindByMark(ctx, d.mail.Mark); err != nil {
			return err
		}
	}
	if id != "" {
		if outcome, err := d.box.Outcome(ctx, id); err != nil {
			return d.orStartOver(ctx, err)
		} else if outcome.Sent {
			d.mail.MicrosoftID = id
			return d.sent(ctx, outcome)
		}
	} else if id, err = d.box.CreateDraft(ctx, d.letter.draft); err != nil {
		return err
	}
	d.mail.MicrosoftID, d.mail.FetchedAt = id, d.sender.now()
	return d.advance(ctx, Drafted)
}

// complete attaches the files and then notes that sending begins.
func (d *delivery) complete(ctx context.Context) error {
	if err := d.attach(ctx); err != nil {
		return d.orStartOver(ctx, err)
	}
	d.mail.DecidedAt = d.sender.now()
	return d.advance(ctx, Sending)
}

func (d *delivery) send(ctx context.Context) error {
	if d.asked {
		if done, err := d.resolve(ctx); done || err != nil {
			return err
		}
	}
	d.step = "send"
	outcome, err := d.box.Send(ctx, d.mail.MicrosoftID)
	if err != nil {
		return d.explainSize(d.afterSend(ctx, err))
	}
	return d.sent(ctx, outcome)
}

// attach adds the files that the draft does not have yet.
func (d *delivery) attach(ctx context.Context) error {
	d.step = "attach"
	if len(d.letter.files) == 0 {
		return nil
	}
	missing := d.letter.files
	if d.mail.Attempts > 1 {
		present, err := d.box.Attached(ctx, d.mail.MicrosoftID)
		if err != nil {
			return err
		}
		missing = withoutPresent(missing, present)
	}
	for _, f := range missing {
		if err := d.attachOne(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

func (d *delivery) attachOne(ctx context.Context, f desk.Attachment) error {
	content, err := d.sender.blobs.Get(ctx, f.Blob)
	if err != nil {
		return fmt.Errorf("open attachment %d: %w", f.ID, err)
	}
	defer content.Close()
	return d.explainSize(d.box.Attach(ctx, d.mail.MicrosoftID, fileOf(f), content))
}

func fileOf(f desk.Attachment) DraftFile {
	return DraftFile{Name: f.FileName, ContentType: f.ContentType, Size: f.Size, Inline: f.Inline, ContentID: f.ContentID}
}

// withoutPresent returns the files that are not at the draft yet. Two files
// may bear the same name, so they are counted.
func withoutPresent(files []desk.Attachment, present []DraftFile) []desk.Attachment {
	count := make(map[string]int)
	for _, p := range present {
		count[p.Name]++
	}
	var missing []desk.Attachment
	for _, f := range files {
		if count[f.FileName] > 0 {
			count[f.FileName]--
			continue
		}
		missing = append(missing, f)
	}
	return missing
}

// resolve finds out what became of a mail that Microsoft was asked to send
// before. It tells whether the mail is dealt with.
func (d *delivery) resolve(ctx context.Context) (done bool, err error) {
	d.step = "confirm"
	outcome, err := d.outcome(ctx)
	if err != nil {
		return false, err
	}
	if outcome.Sent {
		return true, d.sent(ctx, outcome)
	}
	return false, nil // still a draft: Microsoft never took it
}

// outcome looks for the mail by its id, and then by our mark.
func (d *delivery) outcome(ctx context.Context) (*Outcome, error) {
	outcome, err := d.box.Outcome(ctx, d.mail.MicrosoftID)
	if problem.KindOf(err) != problem.NotFound {
		return outcome, err
	}
	id, err := d.box.FindByMark(ctx, d.mail.Mark)
	if err != nil {
		return nil, err
	}
	if id != "" {
		d.mail.MicrosoftID = id
		// A sent mail may be found before it can be read.
		if outcome, err = d.box.Outcome(ctx, id); problem.KindOf(err) != problem.NotFound {
			return outcome, err
		}
	}
	if d.sender.now().Sub(d.mail.DecidedAt) < sentCopyDelay {
		// The sent copy appears with a delay.
		return nil, problem.New(problem.Unavailable, "outcome_pending", "Microsoft has not shown the sent mail yet.").
			On(problem.Microsoft, "It is looked for again by itself.").After(10 * time.Second)
	}
	return nil, outcomeUnknown()
}

func outcomeUnknown() *problem.Error {
	return problem.New(problem.Conflict, codeOutcomeUnknown,
		"Microsoft was asked to send this reply, but has neither the draft nor a sent copy. It may have been sent, or deleted in Outlook.").
		On(problem.Microsoft, "Ask the requester or look into the mailbox. Try again to send it once more.")
}

// afterSend judges an error of the sending itself.
func (d *delivery) afterSend(ctx context.Context, err error) error {
	if errors.Is(err, ErrNotSent) {
		d.mail.MicrosoftID = ""
		if saveErr := d.advance(ctx, Waiting); saveErr != nil {
			return saveErr
		}
		return err
	}
	switch problem.KindOf(err) {
	case problem.NotFound: // sent by a person in Outlook, or deleted there
		return d.orStartOver(ctx, err)
	case problem.Invalid, problem.Forbidden, problem.Limit:
		// Microsoft refused it: it is still a draft, unless a person sent it in Outlook.
		if outcome, askErr := d.box.Outcome(ctx, d.mail.MicrosoftID); askErr == nil && outcome.Sent {
			return d.sent(ctx, outcome)
		}
		if saveErr := d.advance(ctx, Drafted); saveErr != nil {
			return saveErr
		}
	}
	return err
}

// orStartOver handles a draft that has vanished: when a person sent it from
// Outlook that counts, when it was deleted a new draft is made next time.
func (d *delivery) orStartOver(ctx context.Context, err error) error {
	if problem.KindOf(err) != problem.NotFound {
		return err
	}
	id, findErr := d.box.FindByMark(ctx, d.mail.Mark)
	if findErr != nil {
		return findErr
	}
	if id != "" {
		outcome, err := d.box.Outcome(ctx, id)
		switch {
		case problem.KindOf(err) == problem.NotFound:
			id = ""
		case err != nil:
			return err
		case outcome.Sent:
			d.mail.MicrosoftID = id
			return d.sent(ctx, outcome)
		}
	}
	if d.asked {
		return outcomeUnknown()
	}
	d.mail.MicrosoftID = id
	if err := d.advance(ctx, stateToResume(d.mail)); err != nil {
		return err
	}
	return problem.New(problem.Unavailable, "draft_vanished", "The draft was deleted in the mailbox before it could be sent.").
		On(problem.Microsoft, "A new one is made by itself.").After(growing(time.Second, d.mail.Attempts, time.Hour))
}

// sent records the success; outcome is nil when Microsoft has only accepted it so far.
func (d *delivery) sent(ctx context.Context, outcome *Outcome) error {
	now := d.sender.now()
	d.mail.State, d.mail.FiledAt = Sent, now
	d.mail.setTrouble(nil)
	return d.save(ctx, func(tx Tx) error {
		if outcome != nil && outcome.MessageID != "" {
			return confirm(ctx, tx, d.mail, outcome, now)
		}
		_, err := job.Insert(ctx, tx, ConfirmSent{Mail: d.mail.ID}, job.Options{UniqueKey: fmt.Sprintf("mail:%d", d.mail.ID)})
		return err
	})
}

// advance writes the mail's next state before anything else happens.
func (d *delivery) advance(ctx context.Context, to MailState) error {
	d.mail.State = to
	return d.save(ctx, func(Tx) error { return nil })
}

// current returns the mail as it is stored, or errTakenOver.
func (d *delivery) current(ctx context.Context, tx Tx) (*Mail, error) {
	m, err := tx.GetMail(ctx, d.mail.ID)
	if problem.KindOf(err) == problem.NotFound || err == nil && m.Attempts != d.mail.Attempts {
		return nil, errTakenOver
	}
	return m, err
}

// save writes the mail, and what follows from its state, unless another attempt
// has begun: a worker that was thought dead may wake up and still be at it.
func (d *delivery) save(ctx context.Context, follow func(Tx) error) error {
	d.mail.UpdatedAt = d.sender.now()
	return d.sender.store.Update(ctx, func(tx Tx) error {
		if _, err := d.current(ctx, tx); err != nil {
			return err
		}
		if err := follow(tx); err != nil {
			return err
		}
		d.sender.publish(tx, d.mail)
		return tx.UpdateMail(ctx, d.mail)
	})
}

// confirm notes the Message-ID that Exchange gave the mail, so that answers
// that refer to it find the ticket.
func confirm(ctx context.Context, tx Tx, m *Mail, outcome *Outcome, now time.Time) error {
	m.MessageID, m.ConfirmedAt = outcome.MessageID, now
	if m.TicketID == 0 {
		return nil
	}
	return tx.RememberMessageID(ctx, outcome.MessageID, m.TicketID)
}

// Confirm works a ConfirmSent job.
func (s *Sender) Confirm(ctx context.Context, id MailID) error {
	var m *Mail
	var conn *Connection
	err := s.store.View(ctx, func(tx Tx) (err error) {
		if m, err = tx.GetMail(ctx, id); err != nil {
			return err
		}
		conn, err = connectionOf(ctx, tx, m)
		return err
	})
	if err != nil || m.State != Sent && m.State != Bounced || !m.ConfirmedAt.IsZero() || conn == nil {
		return err
	}
	box, err := s.mailboxes.Open(conn)
	if err != nil {
		return err
	}
	outcome, err := box.Outcome(ctx, m.MicrosoftID)
	if problem.KindOf(err) == problem.NotFound || (err == nil && !outcome.Sent) {
		if s.now().Sub(m.FiledAt) > confirmWithin {
			return nil // somebody removed the copy from Sent Items; the reply token threads answers
		}
		// Ever later, and some thirty times in all.
		wait := max(2*time.Second, s.now().Sub(m.FiledAt)/4)
		return problem.New(problem.Unavailable, "not_confirmed", "The sent copy has not appeared yet.").After(wait)
	}
	if err != nil {
		return untilMended(err)
	}
	return s.store.Update(ctx, func(tx Tx) error {
		m, err := tx.GetMail(ctx, id)
		if err != nil {
			return err
		}
		if err := confirm(ctx, tx, m, outcome, s.now()); err != nil {
			return err
		}
		s.publish(tx, m)
		return tx.UpdateMail(ctx, m)
	})
}
