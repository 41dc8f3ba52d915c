package email

// Cause is why a mail is suspended: kept and explained, but no ticket until a
// person says so. Where Zendesk knows the cause it has Zendesk's name.
type Cause string

// The causes.
const (
	CauseBlocked      Cause = "blocklisted"                 // the sender is on the block list
	CauseForged       Cause = "failed_email_authentication" // the sender's domain disowns the mail
	CauseSuspended    Cause = "suspended_sender"            // the sender is a suspended person
	CauseBlank        Cause = "blank"                       // neither text nor files
	CauseOwnAddress   Cause = "from_support_address"        // from an address of ours, though Tandem did not write it
	CauseMailSystem   Cause = "system_user"                 // from a mail server, and no report on a mail
	CauseNoReply      Cause = "from_noreply"                // from an address that takes no answers
	CauseAutoReply    Cause = "auto_vacation"               // an automatic answer that would open or reopen a ticket
	CauseAutomatic    Cause = "auto_mailer"                 // a program's notification
	CauseReport       Cause = "auto_delivery_failure"       // a bounce of a mail that we do not know
	CauseBulk         Cause = "bulk"                        // a newsletter, or mail over a list
	CauseLoop         Cause = "loop"                        // more mails of one sender than an hour may bring
	CauseManyReceived Cause = "number_recipients_exceeded"  // written to too many people
)

// Causes are all of them, in the order in which they are tried.
var Causes = []Cause{
	CauseReport, CauseOwnAddress, CauseSuspended, CauseBlocked, CauseMailSystem, CauseForged, CauseAutoReply, CauseNoReply,
	CauseAutomatic, CauseBulk, CauseManyReceived, CauseBlank, CauseLoop,
}

// Zendesk gives the cause's number and words in the Zendesk API, whose clients
// know no others. Bulk mail goes there by the number of its nearest relative.
func (c Cause) Zendesk() (id int, words string) {
	switch c {
	case CauseAutomatic:
		return 3, "Automated response mail"
	case CauseBulk:
		return 3, "Newsletter or mailing list"
	case CauseLoop:
		return 4, "Too many mails from one sender"
	case CauseReport:
		return 7, "Mail delivery failure"
	case CauseAutoReply:
		return 8, "Automated response mail, out of office"
	case CauseMailSystem:
		return 9, "Sent by a mail system"
	case CauseSuspended: // which Zendesk has no number for; this is the nearest
		return 10, "Sender is suspended"
	case CauseBlank:
		return 11, "Email is blank"
	case CauseBlocked:
		return 13, "Sender is on the block list"
	case CauseOwnAddress:
		return 22, "Received from support address"
	case CauseForged:
		return 26, "Email authentication failed"
	case CauseNoReply:
		return 27, "Sent from a noreply address"
	case CauseManyReceived:
		return 30, "Written to too many recipients"
	}
	return 0, string(c)
}

// Teaches tells whether recovering such a mail may put its sender on the allow
// list. It may not where the sender is in doubt, and need not where being
// allowed would change nothing.
func (c Cause) Teaches() bool {
	switch c {
	case CauseBlocked, CauseNoReply, CauseAutomatic, CauseBulk, CauseManyReceived:
		return true
	}
	return false
}
