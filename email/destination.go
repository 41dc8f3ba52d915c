package email

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/access"
	"tandem/event"
)

// Destination says which of several support addresses take a mail that was
// written to all of them.
type Destination string

// The policies. An address without one of its own follows the organisation's.
const (
	EveryAddress    Destination = "every"    // each takes it: one ticket each, linked as siblings
	FirstAddress    Destination = "first"    // the one that stands first in To, then in Cc
	PriorityAddress Destination = "priority" // the one with the highest priority; of equals the first
)

// missedAfter is how long the chosen address may take to get its own copy
// before another one takes the mail instead.
const missedAfter = 15 * time.Minute

// destination is one of our addresses among the recipients of a mail.
type destination struct {
	address  string
	policy   Destination
	priority int
	missing  bool // its mailbox is not read, or has not got the mail in time
}

// takers returns which of the addresses take a mail, given in the order in
// which they stand on it. The answer is the same whichever mailbox asks: each
// address is judged by its own policy, and when all policies point at another,
// the first one takes the mail. An address that cannot take it is left out.
func takers(all []destination) []string {
	able := slices.DeleteFunc(slices.Clone(all), func(d destination) bool { return d.missing })
	if len(able) == 0 {
		return nil
	}
	first := able[0]
	highest := slices.MaxFunc(able, func(a, b destination) int { return cmp.Compare(a.priority, b.priority) })
	var chosen []string
	for _, d := range able {
		if d.policy == EveryAddress ||
			d.policy == FirstAddress && d.address == first.address ||
			d.policy == PriorityAddress && d.address == highest.address {
			chosen = append(chosen, d.address)
		}
	}
	if len(chosen) == 0 {
		chosen = []string{first.address}
	}
	return chosen
}

// destinations lists our addresses among the mail's recipients, in order. The
// mailbox itself is one of them even when the mail does not name it (blind copy).
func (b addressBook) destinations(a *arrival) []*SupportAddress {
	var all []*SupportAddress
	for _, p := range slices.Concat(a.to, a.cc) {
		if own := b.home(b.find(p.Email)); own != nil && !slices.Contains(all, own) {
			all = append(all, own)
		}
	}
	if b.own != nil && !slices.Contains(all, b.own) {
		all = append(all, b.own)
	}
	return all
}

// lookForDestinations judges who takes the mail. It asks the store only when
// somebody else might.
func lookForDestinations(ctx context.Context, tx Tx, book addressBook, m *Mail, a *arrival, now time.Time, s *situation) error {
	addresses := book.destinations(a)
	if len(addresses) < 2 || book.own == nil || m.Imported { // an import takes what it finds: the other address may import nothing
		return nil
	}
	fallback, err := tx.DestinationPolicy(ctx)
	if err != nil {
		return fmt.Errorf("read the policy for mail to several addresses: %w", err)
	}
	for _, address := range addresses {
		d := destination{address: address.Email, policy: cmp.Or(address.Destination, fallback, EveryAddress), priority: address.Priority}
		if address.ID != book.own.ID {
			if d.missing, err = misses(ctx, tx, address, a.dedupeKey, now.Sub(m.NoticedAt)); err != nil {
				return err
			}
		}
		s.destinations = append(s.destinations, d)
		if address.ID == book.own.ID {
			s.ownPolicy = d.policy
		}
	}
	return nil
}

// misses tells whether an address does not get the mail: nobody reads its
// mailbox, or the mail has not turned up there in time.
func misses(ctx context.Context, tx Tx, address *SupportAddress, dedupeKey string, age time.Duration) (bool, error) {
	c, err := tx.GetConnection(ctx, address.ConnectionID)
	if err != nil || c.State != Connected {
		return err == nil, err
	}
	if age < missedAfter {
		return false, nil
	}
	copied, err := tx.FindCopy(ctx, c.ID, dedupeKey)
	return copied == nil, err
}

// handedOver decides that another address handles the mail; false when this
// one does. A thread goes before the policy: a mail that continues a ticket
// belongs to that ticket's address, if that gets it too. What a person has
// recovered here is handled here.
func (s situation) handedOver() (d decision, ok bool) {
	if len(s.destinations) < 2 || s.ownPolicy == EveryAddress || s.vouched {
		return decision{}, false
	}
	d = decision{action: handOver, rule: ruleDestination, evidence: append(slices.Clone(s.facts), fact("policy", s.ownPolicy))}
	for _, t := range s.threads {
		if !s.isElsewhere(t.ticket) {
			return decision{}, false // it may continue a ticket of this address
		}
		if s.able(t.ticket.Recipient) {
			d.ticket, d.evidence = t.ticket, append(d.evidence, fact("chosen_address", t.ticket.Recipient), t.why)
			return d, true
		}
	}
	chosen := takers(s.destinations)
	if slices.Contains(chosen, s.mailbox) && len(s.copies) == 0 {
		return decision{}, false
	}
	if len(s.copies) > 0 { // another one has taken it already, rightly or because this one was late
		d.evidence = append(d.evidence, fact("sibling", s.copies[0]))
		d.copied = s.copies[0]
		return d, true
	}
	d.evidence = append(d.evidence, fact("chosen_address", chosen[0]))
	return d, true
}

func (s situation) able(address string) bool {
	return slices.ContainsFunc(s.destinations, func(d destination) bool { return d.address == address && !d.missing })
}

// TendHandedOver looks after mails that another address was to handle. A
// schedule asks for it every minute.
type TendHandedOver struct{}

// Kind names the job.
func (TendHandedOver) Kind() string { return "email.tend_handed_over" }

// TendHandedOver works a TendHandedOver job. A mail whose chosen address has
// got its copy is linked to that; one whose chosen address has not got it in
// time is decided anew, and taken here.
func (r *Reader) TendHandedOver(ctx context.Context) error {
	return r.store.Update(ctx, func(tx Tx) error {
		waiting, err := tx.ListHandedOver(ctx, chunk)
		if err != nil {
			return fmt.Errorf("look for mails handed over: %w", err)
		}
		for _, m := range waiting {
			if err := r.tendHandedOver(ctx, tx, m); err != nil {
				return fmt.Errorf("tend mail %d: %w", m.ID, err)
			}
		}
		return nil
	})
}

func (r *Reader) tendHandedOver(ctx context.Context, tx Tx, m *Mail) error {
	taken, err := tx.FindCopyElsewhere(ctx, m.ConnectionID, m.DedupeKey)
	switch {
	case err != nil:
		return err
	case taken != nil:
		m.Original, m.TicketID, m.UpdatedAt = taken.ID, cmp.Or(taken.TicketID, m.TicketID), r.now()
	case r.now().Sub(m.NoticedAt) < missedAfter:
		return nil
	default:
		m.tryAgain(r.now())
		tx.Publish(event.Event{Kind: event.MailboxKicked, ID: int64(m.ConnectionID)})
	}
	tx.Publish(event.Event{Kind: event.MailUpdated, ID: int64(m.ID), Parent: int64(m.TicketID)})
	return tx.UpdateMail(ctx, m)
}

// DestinationPolicy is the organisation's policy. Agents may read it.
func (s *Connections) DestinationPolicy(ctx context.Context, by access.Actor) (Destination, error) {
	d, err := view(ctx, s.store, by.MustWork(), func(tx Tx) (Destination, error) { return tx.DestinationPolicy(ctx) })
	return cmp.Or(d, EveryAddress), err
}

// SetDestinationPolicy changes the organisation's policy, for mail that is decided from now on.
func (s *Connections) SetDestinationPolicy(ctx context.Context, by access.Actor, d Destination) error {
	if err := by.MustAdminister(); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		before, err := tx.DestinationPolicy(ctx)
		if err != nil || before == d {
			return err
		}
		tx.Publish(event.Event{Kind: event.SettingsUpdated})
		if err := tx.SetDestinationPolicy(ctx, d); err != nil {
			return err
		}
		return tx.InsertAudit(ctx, access.AuditEntry{
			At: s.now(), ActorID: by.UserID, Actor: by.Name, Address: by.Address,
			Action: "destination.updated", Object: "mail_settings", Label: string(d),
		})
	})
}

// Route is what would become of a mail to several addresses.
type Route struct {
	Address string // ours, in the order of the recipients
	Policy  Destination
	Takes   bool
	Able    bool // its mailbox is read
}

// PreviewRoute tells where a mail with these recipients would go.
func (s *Connections) PreviewRoute(ctx context.Context, by access.Actor, to, cc []string) ([]Route, error) {
	return view(ctx, s.store, by.MustAdminister(), func(tx Tx) ([]Route, error) {
		book, err := ownAddresses(ctx, tx)
		if err != nil {
			return nil, err
		}
		a := arrival{to: named(to), cc: named(cc)}
		fallback, err := tx.DestinationPolicy(ctx)
		if err != nil {
			return nil, err
		}
		var all []destination
		for _, address := range book.destinations(&a) {
			d := destination{address: address.Email, policy: cmp.Or(address.Destination, fallback, EveryAddress), priority: address.Priority}
			if d.missing, err = misses(ctx, tx, address, "", 0); err != nil {
				return nil, err
			}
			all = append(all, d)
		}
		chosen := takers(all)
		var routes []Route
		for _, d := range all {
			routes = append(routes, Route{Address: d.address, Policy: d.policy, Takes: slices.Contains(chosen, d.address), Able: !d.missing})
		}
		return routes, nil
	})
}

func named(addresses []string) []Party {
	var all []Party
	for _, a := range addresses {
		all = append(all, Party{Email: strings.ToLower(strings.TrimSpace(a))})
	}
	return all
}
