package email

import (
	"context"
	"fmt"
	"io"
	"time"

	"tandem/desk"
	"tandem/email/eml"
	"tandem/event"
	"tandem/problem"
)

// ExpireSuspended deletes suspended mail that has been kept long enough. A
// schedule asks for it every hour.
type ExpireSuspended struct{}

// Kind names the job.
func (ExpireSuspended) Kind() string { return "email.expire_suspended" }

// Expire works an ExpireSuspended job.
func (s *SuspendedMail) Expire(ctx context.Context) error {
	for {
		removed := 0
		err := s.store.Update(ctx, func(tx Tx) error {
			policy, err := tx.GetPolicy(ctx)
			if err != nil {
				return err
			}
			old, err := tx.ListExpired(ctx, s.now().Add(-policy.Retention()), chunk)
			if err != nil {
				return err
			}
			for _, m := range old {
				if err := forget(ctx, tx, m, fact("kept_for_days", policy.RetentionDays), s.now()); err != nil {
					return err
				}
			}
			removed = len(old)
			return nil
		})
		if err != nil {
			return fmt.Errorf("delete suspended mail that has been kept long enough: %w", err)
		}
		if removed < chunk {
			return nil
		}
	}
}

// forget empties a row, and those of the copies that came beside it, of what
// the mail said. The rows themselves stay: what lies in the mailbox would
// otherwise come in again with the next reconciliation.
func forget(ctx context.Context, tx Tx, m *Mail, why Fact, now time.Time) error {
	copies, err := tx.ListDuplicates(ctx, m.ID)
	if err != nil {
		return err
	}
	m.State, m.Evidence = Deleted, []Fact{why}
	for _, row := range append(copies, m) {
		if err := letGo(ctx, tx, row); err != nil {
			return err
		}
		row.Subject, row.Excerpt, row.Blob, row.Size = "", "", "", 0
		row.From, row.To, row.CC, row.UpdatedAt = Party{}, nil, nil, now
		tx.Publish(event.Event{Kind: event.MailUpdated, ID: int64(row.ID)})
		if err := tx.UpdateMail(ctx, row); err != nil {
			return fmt.Errorf("delete what mail %d said: %w", row.ID, err)
		}
	}
	return nil
}

// ForgetTicket empties the ledger of what the mails of a ticket said that is
// deleted for good, in the desk's transaction.
func ForgetTicket(now func() time.Time) func(context.Context, desk.Tx, desk.TicketID) error {
	return func(ctx context.Context, deskTx desk.Tx, id desk.TicketID) error {
		tx, ok := deskTx.(Tx)
		if !ok {
			return fmt.Errorf("forget the mails of ticket %d: the transaction knows no ledger", id)
		}
		mails, err := tx.ListMail(ctx, MailFilter{Ticket: id})
		if err != nil {
			return err
		}
		for _, m := range mails {
			if err := tx.DeleteNotification(ctx, m.ID); err != nil {
				return err
			}
			if err := tx.DeleteBounces(ctx, m.ID); err != nil {
				return err
			}
			m.CommentID = 0
			if err := forget(ctx, tx, m, fact("deleted_with_ticket", id), now()); err != nil {
				return err
			}
		}
		return nil
	}
}

// RemoveContent lets the bytes of a deleted mail and of its files go.
type RemoveContent struct {
	Blob string `json:"blob"`
}

// Kind names the job.
func (RemoveContent) Kind() string { return "email.remove_content" }

// Remove works a RemoveContent job. Equal content is kept once: what another
// mail or a comment shows as well stays.
func (s *SuspendedMail) Remove(ctx context.Context, args RemoveContent) error {
	keys, err := s.contentsOf(ctx, args.Blob)
	if err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		for _, key := range append(keys, args.Blob) { // the mail itself last: it names the others
			if err := tx.DiscardBlob(ctx, key); err != nil {
				return fmt.Errorf("let go of the content of a deleted mail: %w", err)
			}
		}
		return nil
	})
}

// contentsOf are the keys of a mail's files; none when the mail is gone or
// cannot be read.
func (s *SuspendedMail) contentsOf(ctx context.Context, blob string) ([]string, error) {
	raw, err := s.blobs.Get(ctx, blob)
	if problem.KindOf(err) == problem.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer raw.Close()
	var keys []string
	var failed error
	_, err = eml.Parse(raw, eml.DefaultLimits, func(_ eml.Part, content io.Reader) (string, error) {
		// The key is made of the content: keeping it once more tells it.
		key, _, err := s.blobs.Put(ctx, content)
		keys, failed = append(keys, key), err
		return key, err
	})
	if failed != nil {
		return nil, fmt.Errorf("find the files of a deleted mail: %w", err)
	}
	return keys, nil
}
