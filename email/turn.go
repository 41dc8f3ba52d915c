package email

import (
	"context"
	"fmt"
	"time"
)

// maxTurn is how long a mail waits for the one that it answers, if that cannot
// be had. Longer would keep a customer's second mail from the agents because
// the first one is broken.
const maxTurn = 10 * time.Minute

// turns keeps answers behind what they answer: a mail that failed is tried again
// later, and those behind it that refer to it wait until then. Without that the
// answer would open a ticket of its own, or stand in the conversation before
// its question.
//
// The decider alone uses it, so it needs no lock.
type turns map[string]time.Time // when mails that failed are tried again, by Message-ID

// loadTurns reads which mails failed in earlier passes and are not due yet.
func (p *pass) loadTurns(ctx context.Context) error {
	var rows []*Mail
	err := p.r.store.View(ctx, func(tx Tx) (err error) {
		rows, err = tx.ListPostponed(ctx, p.id, p.r.now(), window*chunk)
		return err
	})
	if err != nil {
		return &storageError{fmt.Errorf("list postponed mails: %w", err)}
	}
	p.turns = make(turns)
	for _, m := range rows {
		p.turns.failed(m.MessageID, m.NextAttemptAt)
	}
	return nil
}

func (t turns) failed(messageID string, retry time.Time) {
	if messageID != "" {
		t[messageID] = retry
	}
}

// decided lets those go on that waited for the mails.
func (t turns) decided(items []*item) {
	for _, it := range items {
		delete(t, it.mail.MessageID)
	}
}

// waitsUntil tells when a mail is tried again that refers to one that failed;
// zero when it does not, or has waited long enough. Imported mail does not wait:
// nobody is in a hurry to read it, and an import has an end.
func (t turns) waitsUntil(it *item, now time.Time) (retry time.Time) {
	if it.mail.ID == 0 || now.Sub(it.mail.NoticedAt) > maxTurn {
		return time.Time{}
	}
	for _, id := range it.arrival.references {
		if at := t[id]; at.After(retry) {
			retry = at
		}
	}
	return retry
}

// maxReceipt is how long a report waits for the Message-ID of what has just left.
// Microsoft's own reports come within a second or two.
const maxReceipt = time.Minute

// waitsUntil tells when a mail is looked at again that has to wait: for what it
// answers or, when it reports on a mail that nobody knows, until the Message-ID
// that Exchange gave one that has just left has been read back. It may be that one.
func (p *pass) waitsUntil(ctx context.Context, it *item) (retry time.Time, err error) {
	now := p.r.now()
	if retry = p.turns.waitsUntil(it, now); !retry.IsZero() || it.mail.ID == 0 || it.arrival.report == nil || now.Sub(it.mail.NoticedAt) > maxReceipt {
		return retry, nil
	}
	err = p.r.store.View(ctx, func(tx Tx) error {
		report := it.arrival.report
		known, err := tx.FindOutgoing(ctx, report.Original.Get(MarkHeader), report.OriginalID())
		if err != nil || known != nil {
			return err
		}
		leaving, err := tx.CountLeaving(ctx)
		if leaving > 0 {
			// Ever later: reports can be forged, and each look fetches the mail again.
			retry = now.Add(max(time.Second, now.Sub(it.mail.NoticedAt)))
		}
		return err
	})
	if err != nil {
		return retry, &storageError{fmt.Errorf("find what mail %d reports on: %w", it.mail.ID, err)}
	}
	return retry, nil
}

// postpone lets a mail wait for its turn. It is not to blame, so this does not
// count as an attempt.
func (p *pass) postpone(ctx context.Context, it *item, retry time.Time) error {
	p.turns.failed(it.mail.MessageID, retry)
	err := p.r.store.Update(ctx, func(tx Tx) error {
		if _, err := p.mine(ctx, tx); err != nil {
			return err
		}
		m := *it.mail
		m.NextAttemptAt, m.UpdatedAt = retry, p.r.now()
		return tx.UpdateMail(ctx, &m)
	})
	return ourFault(fmt.Sprintf("let mail %d wait for the one that it answers", it.mail.ID), err)
}
