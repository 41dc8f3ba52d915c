package email

import (
	"context"
	"fmt"

	"tandem/desk"
	"tandem/problem"
)

// TendReplies looks for replies that nobody sends any more. A schedule asks for
// it every minute.
type TendReplies struct{}

// Kind names the job.
func (TendReplies) Kind() string { return "email.tend_replies" }

// TendReplies works a TendReplies job. A reply whose job has ended without it,
// because it was interrupted too often or an administrator cancelled it, fails
// where the agent sees it and can try again.
func (s *Sender) TendReplies(ctx context.Context) error {
	err := s.store.Update(ctx, func(tx Tx) error {
		stranded, err := tx.ListStranded(ctx,
			JobKey{desk.DeliverReply{}.Kind(), deliveryKeyPrefix}, JobKey{DeliverNotification{}.Kind(), notificationKeyPrefix}, chunk)
		if err != nil {
			return err
		}
		for _, m := range stranded {
			if err := s.strand(ctx, tx, m); err != nil {
				return fmt.Errorf("give up mail %d: %w", m.ID, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("look for stranded replies: %w", err)
	}
	return nil
}

// strand makes a mail fail, unless it waits for its connection, which resumes it.
func (s *Sender) strand(ctx context.Context, tx Tx, m *Mail) error {
	conn, err := connectionOf(ctx, tx, m)
	if err != nil || cannotSendNow(conn) != nil {
		return err
	}
	p := problem.New(problem.Conflict, "sending_given_up", "Sending was interrupted too often, or was cancelled.").
		On(problem.Tandem, "Try again. Should it have left already, it is not sent a second time.")
	m.State, m.UpdatedAt = Failed, s.now()
	m.setTrouble(p)
	if err := tx.InsertAttempt(ctx, &Attempt{MailID: m.ID, At: s.now(), Step: "send", Outcome: p.Code, Detail: p.Message}); err != nil {
		return err
	}
	s.publish(tx, m)
	s.log.Warn("mail is stranded", "mail", m.ID)
	return tx.UpdateMail(ctx, m)
}
