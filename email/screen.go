package email

import (
	"cmp"
	"strings"

	"tandem/desk"
	"tandem/email/eml"
)

// screening is what a mail may be suspended by, besides where it belongs.
type screening struct {
	policy Policy

	// From the lists: the entry that met the sender; empty: none.
	allowed, blocked, unlimited string

	automation   eml.Automation
	automationBy string
	verdict      eml.Verdict // empty: nobody judged
	verdictBy    string

	report   *eml.Report // the mail reports on another one
	reported *Mail       // which is this one of ours; nil: not known

	from       string // the sender's address
	form       bool   // from us, but names somebody else to reply to: a form on a web site sent it
	recipients int
	blank      bool
	imported   bool
	taken      int // mails of the sender that became tickets or comments within the hour before
	vouched    bool
}

// check is one way of being suspended.
type check struct {
	cause  Cause
	spared bool // senders on the allow list are
	holds  func(s *situation, d *decision) (why []Fact, yes bool)
}

// checks are tried in this order; the first that holds is the cause. The limit
// per hour is the last: only mail that would count is counted.
var checks = []check{
	{CauseReport, false, unknownReport},
	{CauseOwnAddress, false, fromOurselves},
	{CauseSuspended, false, fromSuspended},
	{CauseBlocked, true, onBlockList},
	{CauseMailSystem, true, fromMailSystem},
	{CauseForged, false, forged},
	{CauseAutoReply, false, autoReplyWithoutTicket},
	{CauseNoReply, true, fromNoReply},
	{CauseAutomatic, true, notification},
	{CauseBulk, true, bulk},
	{CauseManyReceived, true, manyRecipients},
	{CauseBlank, false, blank},
	{CauseLoop, false, tooMany},
}

// suspicion tells why a mail shall not do what has been decided; empty when it
// may. What a person has recovered is never suspended again.
func suspicion(s *situation, d *decision) (Cause, []Fact) {
	if s.vouched || d.action == dropDuplicate || d.action == dropOurs {
		return "", nil
	}
	for _, c := range checks {
		if c.spared && s.allowed != "" {
			continue
		}
		if why, yes := c.holds(s, d); yes {
			return c.cause, why
		}
	}
	return "", nil
}

// quiet tells whether a mail is added to its ticket without opening it again,
// as a note: a program's answer is worth knowing and calls for nobody.
func quiet(s *situation, d *decision) bool {
	if d.action != addComment && d.action != addFlagged {
		return false
	}
	switch s.automation {
	case eml.Replying:
		return true
	case eml.Generated, eml.Reporting:
		return s.policy.Automatic == Suspend && s.allowed == "" && !s.vouched
	}
	return false
}

// opens tells whether the mail would begin a ticket.
func (d *decision) opens() bool { return d.action == openTicket || d.action == openFollowUp }

func unknownReport(s *situation, _ *decision) ([]Fact, bool) {
	if s.report == nil {
		return nil, false
	}
	why := []Fact{fact("report", s.report.Kind)}
	if id := s.report.OriginalID(); id != "" {
		why = append(why, fact("reported_message_id", id))
	}
	return append(why, recipientFacts(s.report)...), true
}

// fromOurselves suspends mail in our name that Tandem did not write. On a
// thread it may be an agent who answered in Outlook.
func fromOurselves(s *situation, d *decision) ([]Fact, bool) {
	return []Fact{fact("own_address", s.from)}, s.fromUs && !s.form && d.opens()
}

// fromSuspended keeps back what suspended people write, to their own tickets as
// well. Mail that was there before the address was connected is history.
func fromSuspended(s *situation, _ *decision) ([]Fact, bool) {
	if s.sender == nil || !s.sender.Suspended || s.imported {
		return nil, false
	}
	return nil, true // that the sender is suspended stands among the facts already
}

func onBlockList(s *situation, _ *decision) ([]Fact, bool) {
	return []Fact{fact("blocked_by", s.blocked)}, s.blocked != ""
}

func fromMailSystem(s *situation, _ *decision) ([]Fact, bool) {
	return []Fact{fact("mail_system", s.from)}, eml.IsMailSystem(s.from)
}

func forged(s *situation, _ *decision) ([]Fact, bool) {
	return []Fact{fact("authentication", s.verdictBy)}, s.verdict == eml.Forged && s.policy.Forged == Suspend
}

func autoReplyWithoutTicket(s *situation, d *decision) ([]Fact, bool) {
	return nil, s.automation == eml.Replying && d.opens()
}

func fromNoReply(s *situation, d *decision) ([]Fact, bool) {
	return []Fact{fact("no_reply", s.from)}, s.policy.NoReply == Suspend && d.action == openTicket && isNoReply(s.from)
}

func notification(s *situation, d *decision) ([]Fact, bool) {
	program := s.automation == eml.Generated || s.automation == eml.Reporting
	return nil, program && s.policy.Automatic == Suspend && d.opens()
}

func bulk(s *situation, d *decision) ([]Fact, bool) {
	unwanted := s.automation == eml.Newsletter && s.policy.Bulk != AcceptBulk ||
		s.automation == eml.MailingList && s.policy.Bulk == SuspendAllBulk
	return nil, unwanted && d.action == openTicket
}

func manyRecipients(s *situation, d *decision) ([]Fact, bool) {
	limit := s.policy.MaxRecipients
	return []Fact{fact("recipients", s.recipients), fact("limit", limit)}, limit > 0 && s.recipients > limit && d.action == openTicket
}

func blank(s *situation, _ *decision) ([]Fact, bool) { return nil, s.blank }

func tooMany(s *situation, _ *decision) ([]Fact, bool) {
	limit := s.policy.HourlyLimit
	counts := limit > 0 && s.unlimited == "" && !s.imported
	return []Fact{fact("taken_this_hour", s.taken), fact("limit", limit)}, counts && s.taken >= limit
}

// isBlank tells whether a mail says nothing at all. What stands only in the
// subject is said, unless the mail answers something: then it is the other's.
func isBlank(a *arrival) bool {
	c := &a.comment
	said := strings.TrimSpace(c.Text) != "" || strings.TrimSpace(c.QuotedText) != "" || strings.TrimSpace(c.HTML) != "" || len(c.Attachments) > 0
	return !said && (strings.TrimSpace(a.subject) == "" || len(a.references) > 0)
}

// factsOf are what a comment keeps of the mail that it came by.
func (a *arrival) factsOf(mailbox string) desk.MailFacts {
	return desk.MailFacts{
		Address: mailbox, Authentication: string(cmp.Or(a.verdict, eml.Unjudged)),
		Automatic: a.automation != eml.ByPerson, Language: a.language,
	}
}
