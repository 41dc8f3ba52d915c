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
	"tandem/job"
)

// ErasePerson empties the ledger of what it holds of a person who is deleted
// permanently, in the desk's transaction. A mail from the person, or to the
// person alone, is emptied. Of others the person is taken out of the recipients,
// and their bytes go: they name the person, or quote them. The rows stay, lest
// the mails come in again from the mailbox, where they are not ours to remove.
func ErasePerson(now func() time.Time) func(context.Context, desk.Tx, desk.MailErasure) error {
	return func(ctx context.Context, deskTx desk.Tx, e desk.MailErasure) error {
		tx, ok := deskTx.(Tx)
		if !ok {
			return fmt.Errorf("erase a person from the ledger: the transaction knows no ledger")
		}
		mails, err := mailsToErase(ctx, tx, e)
		if err != nil {
			return err
		}
		for _, m := range mails {
			if err := erase(ctx, tx, m, e, now()); err != nil {
				return fmt.Errorf("erase a person from mail %d: %w", m.ID, err)
			}
		}
		return nil
	}
}

func mailsToErase(ctx context.Context, tx Tx, e desk.MailErasure) ([]*Mail, error) {
	if e.Ticket != 0 {
		return tx.ListMail(ctx, MailFilter{Ticket: e.Ticket})
	}
	if len(e.Traces.Addresses) == 0 {
		return nil, nil
	}
	return tx.ListMailNaming(ctx, e.Traces.Addresses, MailID(e.Span.After), MailID(e.Span.Until))
}

func erase(ctx context.Context, tx Tx, m *Mail, e desk.MailErasure, now time.Time) error {
	theirs := func(p Party) bool { return names(e.Traces, p) }
	to, cc := slices.DeleteFunc(slices.Clone(m.To), theirs), slices.DeleteFunc(slices.Clone(m.CC), theirs)
	toThemAlone := len(m.To)+len(m.CC) > 0 && len(to)+len(cc) == 0
	if theirs(m.From) || toThemAlone || m.CommentID != 0 && m.Direction == Inbound && slices.Contains(e.Comments, m.CommentID) {
		if err := tx.DeleteNotification(ctx, m.ID); err != nil {
			return err
		}
		if err := tx.DeleteBounces(ctx, m.ID); err != nil {
			return err
		}
		return forget(ctx, tx, m, fact("deleted_with_person", true), now)
	}
	if err := letGo(ctx, tx, m); err != nil {
		return err
	}
	m.Blob, m.Subject, m.Excerpt = "", e.Traces.Redact(m.Subject, true), e.Traces.Redact(m.Excerpt, true)
	m.To, m.CC, m.UpdatedAt = to, cc, now
	tx.Publish(event.Event{Kind: event.MailUpdated, ID: int64(m.ID)})
	return tx.UpdateMail(ctx, m)
}

// names tells whether the address is one of the person's.
func names(t *directory.Traces, p Party) bool {
	return slices.ContainsFunc(t.Addresses, func(a string) bool { return strings.EqualFold(a, p.Email) })
}

// letGo lets the bytes of a mail go, and those of its files that nothing else shows.
func letGo(ctx context.Context, tx Tx, m *Mail) error {
	if m.Blob == "" {
		return nil
	}
	_, err := job.Insert(ctx, tx, RemoveContent{Blob: m.Blob}, job.Options{UniqueKey: m.Blob})
	return err
}
