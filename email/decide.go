package email

import (
	"fmt"
	"slices"

	"tandem/desk"
	"tandem/directory"
	"tandem/email/eml"
)

// The rules by which mails are decided, as the ledger names them.
const (
	ruleDuplicate     = "duplicate"      // the same mail is in this mailbox already
	ruleCopy          = "copy"           // the same mail reached the ticket through another mailbox
	ruleProbe         = "probe"          // one of our own probes came back
	ruleOurs          = "ours"           // Tandem wrote it
	ruleReplyAddress  = "reply_address"  // the ticket's token stands in a recipient's address
	ruleReplyToken    = "reply_token"    // the ticket's token stands in the text
	ruleReferences    = "references"     // it refers to a mail of the ticket
	ruleAnsweredFirst = "answered_first" // a mail that refers to this one arrived before it
	ruleFollowUp      = "follow_up"      // its ticket is closed for good
	ruleNewTicket     = "new_ticket"
	ruleDestination   = "destination"     // another of the addresses that it was written to handles it
	ruleByHand        = "by_hand"         // somebody decided it
	ruleSuspended     = "suspended"       // kept until somebody decides; the cause says why
	ruleBounce        = "bounce"          // tells that a mail of ours could not be delivered
	ruleReport        = "delivery_report" // tells something else about a mail of ours
)

// action is what shall be done with a mail.
type action int

const (
	openTicket action = iota
	openFollowUp
	addComment
	addFlagged
	addQuiet
	dropDuplicate
	dropOurs
	handOver // another address handles it
	noteReport
	suspend
)

// thread is a ticket that a mail may belong to, and why.
type thread struct {
	ticket *desk.Ticket
	rule   string
	why    Fact
	guess  bool // known from references alone: holds for participants, never for strangers
}

// situation is all that a mail is judged by: what it says, and what the store knows.
type situation struct {
	fromUs     bool            // its sender is one of our support addresses
	marked     bool            // it carries our mark, or the Message-ID of a mail of ours
	probe      *Mail           // the probe of ours that this is; nil: it is none
	sender     *directory.User // nil: nobody we know
	otherBoxes []string        // our other support addresses among its recipients
	original   *Mail           // the same mail, accepted before in this mailbox; nil: none
	copies     []desk.TicketID // tickets that other mailboxes made of this very mail
	threads    []thread        // strongest evidence first
	facts      []Fact          // what else was noticed
	screening

	mailbox      string        // the address that the mailbox reads for
	ownPolicy    Destination   // of this address, for mail to several
	destinations []destination // our addresses among its recipients, in their order; empty unless there are several
}

// decision is what becomes of a mail, and why.
type decision struct {
	action   action
	cause    Cause           // of suspend
	ticket   *desk.Ticket    // of addComment, addFlagged, addQuiet, openFollowUp and handOver
	original *Mail           // of dropDuplicate within this mailbox; of a probe, as it left
	copied   desk.TicketID   // of handOver: the ticket that the other address made of it, if it has
	siblings []desk.TicketID // of openTicket: tickets of the same mail, or of its thread, at other addresses
	rule     string
	evidence []Fact
}

// decide judges a mail. It touches neither clock nor database.
//
// What was there before comes first, then what is our own and what tells of our
// own. Everything else has a place; whether it may go there is looked at last.
func decide(s situation) decision {
	if s.original != nil {
		return decision{action: dropDuplicate, original: s.original, rule: ruleDuplicate,
			evidence: append(s.facts, fact("original", s.original.ID))}
	}
	if s.probe != nil {
		return decision{action: dropOurs, original: s.probe, rule: ruleProbe, evidence: s.facts}
	}
	if s.fromUs && s.marked {
		return decision{action: dropOurs, rule: ruleOurs, evidence: s.facts}
	}
	if s.reported != nil {
		return decideReport(s)
	}
	if d, ok := s.handedOver(); ok {
		return d // whoever takes it judges it
	}
	d := place(s)
	if cause, why := suspicion(&s, &d); cause != "" {
		return decision{action: suspend, cause: cause, rule: ruleSuspended, evidence: append(d.evidence, why...)}
	}
	if quiet(&s, &d) {
		d.action = addQuiet
	}
	return d
}

// place finds where a mail belongs.
//
// Of the tickets that it may belong to, the first counts whose mailbox does not
// get the mail itself; the subject proves nothing. Only the requester, people
// in copy and agents add to it.
func place(s situation) decision {
	d := decision{action: openTicket, rule: ruleNewTicket, evidence: s.facts, siblings: slices.Clone(s.copies)}
	for _, t := range s.threads {
		if s.isElsewhere(t.ticket) {
			d.siblings = append(d.siblings, t.ticket.ID)
			d.evidence = append(d.evidence, fact("thread_of_other_address", t.ticket.ID))
			continue
		}
		if found, ok := s.join(t, d.evidence); ok {
			return found
		}
		d.evidence = append(d.evidence, t.why, fact("stranger_to", t.ticket.ID))
	}
	for _, id := range s.copies {
		d.evidence = append(d.evidence, fact("sibling", id))
	}
	slices.Sort(d.siblings)
	d.siblings = slices.Compact(d.siblings)
	return d
}

// isElsewhere tells whether another mailbox of ours gets the same mail and the
// ticket is that one's.
func (s situation) isElsewhere(t *desk.Ticket) bool {
	return slices.Contains(s.otherBoxes, t.Recipient)
}

// join judges a mail that belongs to a ticket. It is false when the ticket is
// none of the sender's business and an agent could not see the mail there either.
func (s situation) join(t thread, evidence []Fact) (decision, bool) {
	if slices.Contains(s.copies, t.ticket.ID) {
		return decision{action: dropDuplicate, ticket: t.ticket, rule: ruleCopy, evidence: append(evidence, t.why)}, true
	}
	d := decision{ticket: t.ticket, rule: t.rule, evidence: append(evidence, t.why)}
	closed := t.ticket.Status == desk.Closed
	role, may := s.role(t.ticket)
	switch {
	case may && closed:
		d.action, d.rule = openFollowUp, ruleFollowUp
	case may:
		d.action = addComment
	case closed || t.guess:
		return decision{}, false
	default:
		d.action = addFlagged
	}
	d.evidence = append(d.evidence, Fact{"sender", role}, Fact{"ticket_status", string(t.ticket.Status)})
	return d, true
}

// role tells what the sender is to the ticket, and whether that allows to add to it.
func (s situation) role(t *desk.Ticket) (string, bool) {
	switch {
	case s.verdict == eml.Forged && !s.vouched:
		return "not_authenticated", false
	case s.sender == nil:
		return "stranger", false
	case s.sender.ID == t.RequesterID:
		return "requester", true
	case slices.Contains(t.CCs, s.sender.ID):
		return "in_copy", true
	case s.sender.Works() && !s.sender.Suspended:
		return "agent", true
	}
	return "stranger", false
}

func fact(name string, value any) Fact { return Fact{Name: name, Value: fmt.Sprint(value)} }
