package email

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tandem/event"
)

// TendForwarding looks after all forwardings: it notes verification mails that
// did not come back, asks again, and ends those that were replaced long ago. A
// schedule asks for it every minute.
type TendForwarding struct{}

// Kind names the job.
func (TendForwarding) Kind() string { return "email.tend_forwarding" }

// Tend works a TendForwarding job.
func (f *Forwarder) Tend(ctx context.Context) error {
	var all []*Forward
	err := f.store.View(ctx, func(tx Tx) (err error) {
		all, err = tx.ListForwards(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("list forwardings: %w", err)
	}
	var failed []error
	for _, fw := range all {
		if fw.due(f.now()) != leaveForward {
			failed = append(failed, f.tendOne(ctx, fw.ConnectionID))
		}
	}
	return errors.Join(failed...)
}

// tendOne does what is due for one forwarding, which may have changed since it was listed.
func (f *Forwarder) tendOne(ctx context.Context, id ConnectionID) error {
	return f.store.Update(ctx, func(tx Tx) error {
		c, err := tx.GetConnection(ctx, id)
		if err != nil || c.State != Connected {
			return err
		}
		fw, err := tx.FindForward(ctx, id)
		if err != nil || fw == nil {
			return err
		}
		switch fw.due(f.now()) {
		case verifyForward:
			return f.verify(ctx, tx, c)
		case failForward:
			f.log.Warn("forwarded mail does not arrive", "address", c.Serves, "asked", fw.AskedAt)
			fw.State = ForwardFailed
			tx.Publish(event.Event{Kind: event.ConnectionUpdated, ID: int64(id)})
			return tx.UpdateForward(ctx, fw)
		case closeForward:
			c.disconnect(f.now())
			tx.Publish(event.Event{Kind: event.ConnectionUpdated, ID: int64(id)})
			return tx.UpdateConnection(ctx, c)
		}
		return nil
	})
}

// verify sends a verification mail to the support address, from an address
// whose mail can leave. When there is none the forwarding waits: then any mail
// to the address proves it.
func (f *Forwarder) verify(ctx context.Context, tx Tx, c *Connection) error {
	fw, err := tx.FindForward(ctx, c.ID)
	if err != nil || fw == nil {
		return err
	}
	from, err := f.writer(ctx, tx, c)
	if err != nil || from == nil {
		return err
	}
	fw.ask(f.opts.NewSecret(), f.now())
	_, err = f.sender.Notify(ctx, tx, Notification{
		From: from.ID, To: []Party{{Email: c.Serves}}, Reason: ReasonVerification, Key: ReasonVerification + ":" + fw.Token,
		Subject: "Tandem verifies the forwarding of " + c.Serves + " " + verificationMark(fw.Token),
		Text:    verificationText(c.Serves),
	})
	if err != nil {
		return fmt.Errorf("write a verification mail to %s: %w", c.Serves, err)
	}
	tx.Publish(event.Event{Kind: event.ConnectionUpdated, ID: int64(c.ID)})
	return tx.UpdateForward(ctx, fw)
}

func verificationText(support string) string {
	return strings.Join([]string{
		"This mail verifies that mail to " + support + " is forwarded to Tandem.",
		"Nobody has to answer it. Tandem recognises it when it comes back, and makes no ticket of it.",
	}, "\n\n")
}

// writer is the address from which the verification mail leaves: another one
// with a mailbox at Microsoft, so that the mail comes from outside, or the
// address itself where an SMTP relay sends. Nil: there is no way to send.
func (f *Forwarder) writer(ctx context.Context, tx Tx, c *Connection) (*SupportAddress, error) {
	all, err := tx.ListSupportAddresses(ctx)
	if err != nil {
		return nil, err
	}
	var own, other *SupportAddress
	for _, a := range all {
		sends, err := tx.GetConnection(ctx, a.ConnectionID)
		if err != nil {
			return nil, err
		}
		switch {
		case a.Outbound: // it may bear a domain and no address
		case sends.State != Connected, sends.Kind == Forwarding && !f.opts.Relay:
		case a.Email == c.Serves:
			own = a
		case other == nil && sends.Kind != Forwarding:
			other = a
		}
	}
	if other != nil {
		return other, nil
	}
	return own, nil
}
