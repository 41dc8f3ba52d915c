package email

import (
	"time"

	"tandem/problem"
)

// Treatment is what is done with a kind of mail.
type Treatment string

// The treatments.
const (
	Suspend Treatment = "suspend"
	Accept  Treatment = "accept"
)

// BulkTreatment is what is done with mail that goes to many.
type BulkTreatment string

// The treatments of bulk mail. A list that people write to may be the very way
// on which requests come, such as a group that passes on to a support address.
const (
	SuspendNewsletters BulkTreatment = "newsletters" // only what its readers cannot answer
	SuspendAllBulk     BulkTreatment = "all"
	AcceptBulk         BulkTreatment = "accept"
)

// Policy says what mail is suspended, and for how long it is kept.
type Policy struct {
	Forged        Treatment     `json:"forged"`    // accepted, it never counts as the person it claims to be from
	NoReply       Treatment     `json:"no_reply"`  // from addresses that take no answers
	Automatic     Treatment     `json:"automatic"` // programs' notifications; automatic answers open nothing either way
	Bulk          BulkTreatment `json:"bulk"`
	HourlyLimit   int           `json:"hourly_limit"`   // mails of one sender in an hour that become tickets or comments; 0: any number
	MaxRecipients int           `json:"max_recipients"` // of a mail that opens a ticket; 0: any number
	RetentionDays int           `json:"retention_days"` // how long a suspended mail is kept
	Digest        bool          `json:"digest"`         // a mail to the administrators on days with new suspended mail
	UpdatedAt     time.Time     `json:"-"`              // zero: nobody has changed it yet
}

// Bounds of what an administrator can set.
const (
	MaxHourlyLimit   = 10_000
	MaxRetentionDays = 3650
	maxRecipients    = 10_000
)

// DefaultPolicy holds until an administrator changes it.
func DefaultPolicy() Policy {
	return Policy{
		Forged: Suspend, NoReply: Suspend, Automatic: Suspend, Bulk: SuspendNewsletters,
		HourlyLimit: 20, MaxRecipients: 50, RetentionDays: 90, Digest: true,
	}
}

// Retention is how long a suspended mail is kept.
func (p Policy) Retention() time.Duration { return time.Duration(p.RetentionDays) * 24 * time.Hour }

// Validate returns problem.Invalid for what cannot be.
func (p Policy) Validate() error {
	for field, t := range map[string]Treatment{"forged": p.Forged, "no_reply": p.NoReply, "automatic": p.Automatic} {
		if t != Suspend && t != Accept {
			return notAmong(field, string(t), "suspend or accept")
		}
	}
	switch p.Bulk {
	case SuspendNewsletters, SuspendAllBulk, AcceptBulk:
	default:
		return notAmong("bulk", string(p.Bulk), "newsletters, all or accept")
	}
	for _, bound := range []struct {
		field             string
		value, least, max int
	}{
		{"hourly_limit", p.HourlyLimit, 0, MaxHourlyLimit},
		{"max_recipients", p.MaxRecipients, 0, maxRecipients},
		{"retention_days", p.RetentionDays, 1, MaxRetentionDays},
	} {
		if bound.value < bound.least || bound.value > bound.max {
			return problem.New(problem.Invalid, "out_of_range", "This is a number from %d to %d.", bound.least, bound.max).
				On(problem.Yours, "Choose a number in between.").In(bound.field)
		}
	}
	return nil
}

func notAmong(field, value, choices string) error {
	return problem.New(problem.Invalid, "unknown_choice", "There is no choice %q.", value).
		On(problem.Yours, "Use "+choices+".").In(field)
}
