package email

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/desk"
	"tandem/problem"
)

// addressBook is what one transaction knows of our own addresses.
type addressBook struct {
	mailbox string          // the address that the mailbox reads for
	routes  []ConnectionID  // by which mail to the same address comes as well, or came before
	own     *SupportAddress // nil when it was removed
	all     map[string]*SupportAddress
}

func loadAddresses(ctx context.Context, tx Tx, c *Connection) (addressBook, error) {
	b, err := ownAddresses(ctx, tx)
	if err != nil {
		return b, err
	}
	b.mailbox, b.own = c.Email, b.all[c.Serves]
	for _, a := range b.all {
		if !a.Outbound && slices.Contains(a.routes(), c.ID) {
			b.own = a
		}
	}
	if b.own != nil {
		b.mailbox = b.own.Email
	}
	b.routes, err = tx.ListRoutes(ctx, c.ID)
	return b, err
}

// ownAddresses knows all our addresses, as seen from no mailbox.
func ownAddresses(ctx context.Context, tx Tx) (addressBook, error) {
	list, err := tx.ListSupportAddresses(ctx)
	if err != nil {
		return addressBook{}, fmt.Errorf("list support addresses: %w", err)
	}
	b := addressBook{all: make(map[string]*SupportAddress, len(list))}
	for _, a := range list {
		for _, alias := range a.Aliases {
			if b.all[alias] == nil {
				b.all[alias] = a
			}
		}
	}
	for _, a := range list {
		b.all[a.Email] = a
	}
	return b, nil
}

// find returns our own address behind one that may carry a plus part or
// belong to an outbound domain; nil when it is not ours.
func (b addressBook) find(email string) *SupportAddress {
	_, domain, _ := strings.Cut(email, "@")
	for _, name := range []string{email, bareAddress(email), "@" + domain} {
		if a := b.all[name]; a != nil {
			return a
		}
	}
	return nil
}

// home is the address that takes in what is written to one of ours: itself,
// or for an outbound one that of the same mailbox; nil when that was removed.
func (b addressBook) home(a *SupportAddress) *SupportAddress {
	if a == nil || !a.Outbound {
		return a
	}
	for _, each := range b.all {
		if each.ConnectionID == a.ConnectionID && !each.Outbound {
			return each
		}
	}
	return nil
}

// others lists our addresses among the recipients that belong to other mailboxes.
func (b addressBook) others(a *arrival) []string {
	var emails []string
	for _, p := range slices.Concat(a.to, a.cc) {
		other := b.find(p.Email)
		if other == nil || b.own != nil && other.ConnectionID == b.own.ConnectionID || other.Email == b.mailbox {
			continue
		}
		if home := b.home(other); home != nil && home != other {
			emails = append(emails, home.Email)
		}
		emails = append(emails, other.Email)
	}
	return emails
}

// cameTo tells by which of the mailbox's aliases the mail came.
func (b addressBook) cameTo(a *arrival) (facts []Fact) {
	for _, p := range slices.Concat(a.to, a.cc) {
		if b.own != nil && b.own.isAlias(p.Email) {
			facts = append(facts, fact("came_to", p.Email))
		}
	}
	return facts
}

// queueUp makes the readers of all mailboxes and routes that get one mail
// decide their copies one after the other, so that the later one sees the
// earlier one's ticket. All of them lock the same address.
func (b addressBook) queueUp(ctx context.Context, tx Tx, others []string) error {
	if len(others) == 0 && len(b.routes) == 0 || b.own == nil {
		return nil
	}
	first := b.own.ID
	for _, address := range others {
		first = min(first, b.all[address].ID)
	}
	_, err := tx.GetSupportAddress(ctx, first)
	return err
}

// findByOtherRoute returns the same mail when it was accepted by another route
// to the same address; nil when it was not.
func (b addressBook) findByOtherRoute(ctx context.Context, tx Tx, dedupeKey string) (*Mail, error) {
	for _, route := range b.routes {
		if m, err := tx.FindOriginal(ctx, route, dedupeKey); err != nil || m != nil {
			return m, err
		}
	}
	return nil, nil
}

// look gathers what the store knows about a mail. The tickets in it are locked.
func look(ctx context.Context, tx Tx, book addressBook, m *Mail, a *arrival, now time.Time) (situation, error) {
	s := situation{marked: a.mark != "", facts: slices.Clone(a.facts), mailbox: book.mailbox}
	var err error
	if s.original, err = tx.FindOriginal(ctx, m.ConnectionID, a.dedupeKey); err != nil {
		return s, err
	}
	if s.original != nil && s.original.ID == m.ID {
		s.original = nil // it is suspended, and looked at again
	}
	if s.original != nil {
		return s, nil
	}
	if a.from.Email != "" {
		if s.sender, err = tx.FindUserByEmail(ctx, a.from.Email); err != nil {
			return s, err
		}
	}
	if s.sender != nil && s.sender.Suspended {
		s.facts = append(s.facts, fact("suspended", a.from.Email))
	}
	s.otherBoxes = book.others(a)
	s.facts = append(s.facts, book.cameTo(a)...)
	if err := book.queueUp(ctx, tx, s.otherBoxes); err != nil {
		return s, err
	}
	if s.original, err = book.findByOtherRoute(ctx, tx, a.dedupeKey); err != nil || s.original != nil {
		return s, err
	}
	if s.copies, err = tx.FindTicketsOfMail(ctx, m.ConnectionID, a.dedupeKey); err != nil {
		return s, err
	}
	if err := lookForDestinations(ctx, tx, book, m, a, now, &s); err != nil {
		return s, err
	}
	if s.fromUs = book.find(a.from.Email) != nil; s.fromUs && !s.marked && a.messageID != "" {
		ticket, _, err := tx.FindTicketByMessageIDs(ctx, []string{a.messageID}, book.mailbox)
		if err != nil {
			return s, err
		}
		s.marked = ticket != 0
	}
	if s.fromUs && s.marked {
		if err := lookForProbe(ctx, tx, a, &s); err != nil {
			return s, err
		}
	}
	if err := s.screen(ctx, tx, book, m, a); err != nil {
		return s, fmt.Errorf("screen: %w", err)
	}
	return s, lookForThreads(ctx, tx, book, a, &s)
}

// screen gathers what the mail may be suspended by.
func (s *situation) screen(ctx context.Context, tx Tx, book addressBook, m *Mail, a *arrival) (err error) {
	s.screening = screening{
		automation: a.automation, automationBy: a.automationBy, verdict: a.verdict, verdictBy: a.verdictBy, report: a.report,
		from: a.from.Email, form: a.replyTo.Email != "" && book.find(a.replyTo.Email) == nil,
		recipients: a.recipientN, blank: isBlank(a), imported: m.Imported,
	}
	if s.policy, err = tx.GetPolicy(ctx); err != nil {
		return err
	}
	if s.report != nil {
		if s.reported, err = tx.FindOutgoing(ctx, s.report.Original.Get(MarkHeader), s.report.OriginalID()); err != nil {
			return err
		}
	}
	rules, err := tx.FindSenderRules(ctx, patternsFor(a.from.Email))
	if err != nil {
		return err
	}
	for _, r := range rules {
		switch r.List {
		case AllowList:
			s.allowed = r.Pattern
			s.facts = append(s.facts, fact("allowed_by", r.Pattern))
		case BlockList:
			s.blocked = r.Pattern
		case UnlimitedList:
			s.unlimited = r.Pattern
		}
	}
	if s.policy.HourlyLimit == 0 || s.unlimited != "" || m.Imported {
		return nil
	}
	at := m.ReceivedAt
	if at.IsZero() {
		at = m.NoticedAt
	}
	// By when the mails arrived, so that working off a backlog looks like no loop.
	s.taken, err = tx.CountTaken(ctx, a.from.Email, a.dedupeKey, at.Add(-time.Hour), at)
	return err
}

// lookForProbe recognises a probe by our mark, which nobody can guess.
func lookForProbe(ctx context.Context, tx Tx, a *arrival, s *situation) error {
	sent, err := tx.FindOutgoing(ctx, a.mark, "")
	if err != nil || sent == nil || !slices.Contains(sent.Evidence, Fact{"reason", ReasonProbe}) {
		return err
	}
	s.probe = sent
	if len(a.references) > 0 {
		s.facts = append(s.facts, fact("references", a.references[0]))
	}
	return nil
}

// lookForThreads finds the tickets that the mail may belong to. It stops at
// the first that is this mailbox's business.
func lookForThreads(ctx context.Context, tx Tx, book addressBook, a *arrival, s *situation) error {
	for _, token := range a.addressTokens {
		if done, err := lookForToken(ctx, tx, token, ruleReplyAddress, s); done || err != nil {
			return err
		}
	}
	for _, token := range a.bodyTokens {
		if done, err := lookForToken(ctx, tx, token, ruleReplyToken, s); done || err != nil {
			return err
		}
	}
	return lookForReferences(ctx, tx, book, a, s)
}

func lookForToken(ctx context.Context, tx Tx, token, rule string, s *situation) (done bool, err error) {
	t, err := tx.FindTicketByReplyToken(ctx, token)
	if err != nil || t == nil {
		return false, err
	}
	// The token itself is a key to the ticket and does not belong into the ledger.
	return s.addThread(ctx, tx, t.ID, thread{rule: rule, why: fact(rule, token[:4]+"…")})
}

// lookForReferences goes by Message-IDs, the nearest first: those that the mail
// refers to; its own, when an answer to it came before it; and those that
// others referred to as well, though we have never seen them.
func lookForReferences(ctx context.Context, tx Tx, book addressBook, a *arrival, s *situation) error {
	ids := slices.Clone(a.references)
	if a.messageID != "" {
		ids = append(ids, awaited(a.messageID))
	}
	for _, id := range a.references {
		ids = append(ids, awaited(id))
	}
	for len(ids) > 0 {
		ticket, by, err := tx.FindTicketByMessageIDs(ctx, ids, book.mailbox)
		if err != nil || ticket == 0 {
			return err
		}
		at := slices.Index(ids, by)
		if at < 0 {
			return fmt.Errorf("looked for Message-IDs and found %q, which was not asked for", by)
		}
		t := thread{rule: ruleReferences, why: fact("references", by)}
		if at >= len(a.references) {
			t.guess = true
			if by == awaited(a.messageID) {
				t.rule, t.why = ruleAnsweredFirst, fact("message_id", a.messageID)
			} else {
				t.why = fact("references", by[len(awaited("")):])
			}
		}
		if done, err := s.addThread(ctx, tx, ticket, t); done || err != nil {
			return err
		}
		ids = ids[at+1:]
	}
	return nil
}

// addThread adds a candidate and tells whether it is conclusive. What answers a
// ticket that was merged belongs to the one that goes on; what answers a
// deleted one belongs nowhere.
func (s *situation) addThread(ctx context.Context, tx Tx, id desk.TicketID, t thread) (done bool, err error) {
	t.ticket, err = desk.LockMerged(ctx, tx, id)
	if problem.KindOf(err) == problem.NotFound {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("lock ticket %d: %w", id, err)
	}
	if t.ticket.ID != id {
		s.facts = append(s.facts, fact("merged_ticket", id))
	}
	s.threads = append(s.threads, t)
	return !s.isElsewhere(t.ticket), nil
}

// awaited is the name under which the thread index holds a Message-ID that a
// mail referred to before anybody had seen it. No Message-ID contains a blank
// (RFC 5322 section 3.6.4), so the two kinds never meet.
//
// When the mail itself arrives after its answer, it joins the answer's ticket.
func awaited(messageID string) string { return "awaited " + messageID }
