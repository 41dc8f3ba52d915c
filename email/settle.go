package email

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tandem/event"
	"tandem/problem"
)

// decideAll decides the mails in the order in which they were handed out.
// Those that are ready together share a transaction.
func (p *pass) decideAll(ctx context.Context, order <-chan *item) error {
	if err := p.loadTurns(ctx); err != nil {
		return err
	}
	var held *item
	for {
		first := held
		if held = nil; first == nil {
			var open bool
			if first, open = <-order; !open {
				return nil
			}
		}
		select {
		case <-first.done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		var batch []*item
		batch, held = ready(ctx, first, order)
		if err := p.settle(ctx, batch); err != nil {
			return err
		}
	}
}

// gather is how long a mail waits for those behind it that are being fetched:
// deciding several in one transaction takes hardly longer than deciding one.
const gather = 15 * time.Millisecond

// ready gathers the mails behind the first one that have been fetched too, or
// are before long, up to the first that has not: that one is held for the next batch.
func ready(ctx context.Context, first *item, order <-chan *item) (batch []*item, held *item) {
	batch = append(batch, first)
	patience := time.NewTimer(gather)
	defer patience.Stop()
	for len(batch) < batchSize {
		select {
		case it, open := <-order:
			if !open {
				return batch, nil
			}
			select {
			case <-it.done:
				batch = append(batch, it)
			case <-patience.C:
				return batch, it
			case <-ctx.Done():
				return batch, it
			}
		default:
			return batch, nil
		}
	}
	return batch, nil
}

// settle decides a batch. A mail that failed, or was too large to be parsed
// beside others, goes alone, in its turn.
func (p *pass) settle(ctx context.Context, batch []*item) error {
	var good []*item
	for _, it := range batch {
		if it.err == nil && !it.unparsed {
			retry, err := p.waitsUntil(ctx, it)
			if err != nil {
				return err
			}
			if retry.IsZero() {
				good = append(good, it)
				continue
			}
		}
		if err := p.accept(ctx, good); err != nil {
			return err
		}
		good = nil
		if it.err == nil && it.unparsed {
			it.err = p.guard(it, func() error { return p.parseStored(ctx, it) })
		}
		if it.err == nil {
			retry, err := p.waitsUntil(ctx, it)
			if err != nil {
				return err
			}
			if retry.IsZero() {
				good = append(good, it)
			} else if err := p.postpone(ctx, it, retry); err != nil {
				return err
			}
			continue
		}
		if err := p.failed(ctx, it); err != nil {
			return err
		}
	}
	return p.accept(ctx, good)
}

// accept decides mails in one transaction. When that fails each is tried
// alone, so that one bad mail does not take the others down.
func (p *pass) accept(ctx context.Context, items []*item) error {
	if len(items) == 0 {
		return nil
	}
	p.suspects = 0 // Microsoft delivers
	err := p.acceptTogether(ctx, items)
	if err == nil || ctx.Err() != nil || isLost(err) {
		return err
	}
	for _, it := range items {
		if retry := p.turns.waitsUntil(it, p.r.now()); !retry.IsZero() {
			if err := p.postpone(ctx, it, retry); err != nil {
				return err
			}
			continue
		}
		if len(items) > 1 {
			err = p.acceptTogether(ctx, []*item{it})
		}
		if ctx.Err() != nil || isLost(err) {
			return err
		}
		if err != nil {
			it.step, it.err = stepDecide, err
			if err := p.failed(ctx, it); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *pass) acceptTogether(ctx context.Context, items []*item) error {
	var decided []*Mail
	err := p.guard(items[0], func() error {
		return p.r.store.Update(ctx, func(tx Tx) error {
			decided = decided[:0]
			c, err := p.mine(ctx, tx)
			if err != nil {
				return err
			}
			book, err := loadAddresses(ctx, tx, c)
			if err != nil {
				return err
			}
			for _, it := range items {
				m, err := p.row(ctx, tx, it)
				if err != nil {
					return err
				}
				if m == nil {
					continue
				}
				if err := p.r.intake.settle(ctx, tx, c, book, m, it.arrival); err != nil {
					return err
				}
				decided = append(decided, m)
			}
			return p.conclude(ctx, tx, items)
		})
	})
	if err != nil {
		return err
	}
	p.turns.decided(items)
	for _, m := range decided {
		p.r.metrics.decided(m)
	}
	return nil
}

// row returns a copy of the item's row, since the transaction may run more than
// once. A mail of an import is entered now; nil when it must not be: the import
// was cancelled, or the mail came in another way meanwhile.
func (p *pass) row(ctx context.Context, tx Tx, it *item) (*Mail, error) {
	m := *it.mail
	if m.ID != 0 {
		return &m, nil
	}
	if imp, err := tx.GetImport(ctx, p.imp.ID); err != nil || imp.State.Finished() {
		return nil, err
	}
	added, err := tx.InsertMail(ctx, &m)
	if err != nil || !added {
		return nil, err
	}
	return &m, nil
}

// conclude writes what follows from a batch: the filing and an import's progress.
func (p *pass) conclude(ctx context.Context, tx Tx, items []*item) error {
	imported := 0
	for _, it := range items {
		if it.mail.ID == 0 {
			imported++
		}
	}
	if imported > 0 {
		if err := p.advanceImport(ctx, tx, imported); err != nil {
			return err
		}
	}
	p.tell(tx)
	return queueFiling(ctx, tx, p.id, p.r.now())
}

// failed writes down that a mail could not be handled this time. The error is
// not nil when the pass has to end.
func (p *pass) failed(ctx context.Context, it *item) error {
	if ctx.Err() != nil || isLost(it.err) {
		return it.err // we are being stopped; nothing is known about the mail
	}
	v := judge(it.mail, it.step, it.err, p.r.now())
	if v.suspect {
		if p.suspects++; p.suspects >= maxSuspects {
			v.stop = it.err
		}
	}
	p.log.Warn("mail could not be handled", "mail", it.mail.ID, "step", it.step, "state", v.state, "code", v.problem.Code, "err", it.err)
	err := p.r.store.Update(ctx, func(tx Tx) error {
		if _, err := p.mine(ctx, tx); err != nil {
			return err
		}
		m, err := p.row(ctx, tx, it)
		if err != nil || m == nil {
			return err
		}
		v.apply(m, it.arrival, p.r.now())
		if err := p.record(ctx, tx, m, it.step, v.problem); err != nil {
			return err
		}
		if it.mail.ID == 0 {
			return p.advanceImport(ctx, tx, 1)
		}
		return nil
	})
	if err != nil {
		return errors.Join(v.stop, ourFault(fmt.Sprintf("write down the failure of mail %d", it.mail.ID), err))
	}
	if v.state == Noticed {
		p.turns.failed(it.mail.MessageID, v.retry)
	} else {
		p.turns.decided([]*item{it})
		p.r.metrics.mails.WithLabelValues(string(v.state)).Inc()
	}
	return v.stop
}

// record writes a row with the attempt that changed it.
func (p *pass) record(ctx context.Context, tx Tx, m *Mail, step string, why *problem.Error) error {
	if err := tx.UpdateMail(ctx, m); err != nil {
		return err
	}
	attempt := &Attempt{MailID: m.ID, At: p.r.now(), Step: step, Outcome: why.Code, Detail: detailOf(why)}
	if err := tx.InsertAttempt(ctx, attempt); err != nil {
		return err
	}
	tx.Publish(event.Event{Kind: event.MailUpdated, ID: int64(m.ID), Parent: int64(m.TicketID)})
	return nil
}

// detailOf is what the journey shows of a problem.
func detailOf(p *problem.Error) string {
	if id := p.Args["request_id"]; id != "" {
		return p.Message + " (Microsoft's request id: " + id + ")"
	}
	return p.Message
}
