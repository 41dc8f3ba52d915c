package email

import (
	"errors"
	"time"

	"tandem/email/eml"
	"tandem/problem"
)

// When a mail that fails again and again is put aside. It never blocks the
// mailbox: between its attempts the others go on.
const (
	maxUnreadable = 3              // answers that are no mail
	maxBroken     = 6              // attempts that failed at this mail
	maxUnserved   = 24 * time.Hour // how long Microsoft may refuse one mail while it serves others
	maxSuspects   = 3              // mails in a row that Microsoft did not deliver: then it is not the mails
)

// verdict is what a failure at one mail means.
type verdict struct {
	state   MailState      // Noticed: tried again; Quarantined; Gone
	retry   time.Time      // when
	problem *problem.Error // for people
	suspect bool           // may be Microsoft's trouble rather than the mail's
	spared  bool           // the mail is not to blame: it does not count as its attempt
	stop    error          // not nil: the pass has to end
}

// judge tells what a failure means. It touches neither clock nor database.
func judge(m *Mail, step string, err error, now time.Time) verdict {
	p := problemOf(err)
	v := verdict{state: Noticed, problem: p, retry: now.Add(retryAfter(m.Attempts + 1))}
	attempts := m.Attempts + 1
	switch {
	case isStorage(err):
		v.stop, v.spared, v.retry = err, true, time.Time{}
	case p.Kind == problem.NotFound && step == stepFetch:
		v.state = Gone
	case p.Kind == problem.Unauthenticated:
		v.stop, v.spared, v.retry = err, true, time.Time{}
	case p.Kind == problem.Unavailable && p.RetryAfter > 0:
		v.stop = err
		v.retry = latest(v.retry, now.Add(p.RetryAfter))
	case p.Kind == problem.Invalid, p.Kind == problem.Limit:
		v.state = Quarantined
	case p.Code == codeUnreadable, p.Code == codeParser:
		v.quarantineAfter(attempts >= maxUnreadable)
	case step == stepFetch && p.Code != codeCut:
		v.suspect = true
		v.quarantineAfter(attempts >= maxBroken && now.Sub(m.NoticedAt) >= maxUnserved)
	default:
		v.quarantineAfter(attempts >= maxBroken)
	}
	return v
}

func (v *verdict) quarantineAfter(enough bool) {
	if enough {
		v.state = Quarantined
	}
}

// apply writes the verdict into the row. The raw mail is kept when it was fetched.
func (v verdict) apply(m *Mail, a *arrival, now time.Time) {
	m.State, m.UpdatedAt = v.state, now
	if !v.spared {
		m.Attempts++
	}
	m.NextAttemptAt = v.retry
	m.setTrouble(v.problem)
	if a != nil {
		m.Blob, m.Size, m.FetchedAt, m.StoredAt = a.blob, a.size, a.fetchedAt, a.storedAt
		if a.dedupeKey != "" {
			a.enter(m)
		}
	}
	if v.state != Noticed {
		m.NextAttemptAt, m.DecidedAt, m.Rule = time.Time{}, now, string(v.state)
	}
	if v.state == Gone {
		m.setTrouble(nil) // nobody has to do anything
	}
}

// retryAfter is how long a mail waits after its nth failure.
func retryAfter(n int) time.Duration {
	wait := 2 * time.Second
	for range n - 1 {
		if wait *= 5; wait >= time.Hour {
			return time.Hour
		}
	}
	return wait
}

// Codes of what is wrong with a mail itself.
const (
	codeUnreadable = "mail_unreadable"
	codeParser     = "mail_parser_failed"
	codeTooLarge   = "mail_too_large"
	codeCut        = "mail_cut"
	codeStorage    = "storage_failed"
	codeUnexpected = "decision_failed"
)

// problemOf explains an error at a mail for people.
func problemOf(err error) *problem.Error {
	if p := problem.As(err); p != nil {
		return p
	}
	_, crashed := errors.AsType[*panicError](err)
	switch {
	case errors.Is(err, eml.ErrNotMail):
		return problem.New(problem.Unavailable, codeUnreadable, "What Microsoft delivered cannot be read as a mail.").
			On(problem.Microsoft, "Read the raw source. Try again, or make a ticket anyway.").Because(err)
	case errors.Is(err, eml.ErrTooLarge):
		return problem.New(problem.Limit, codeTooLarge, "The mail is larger than Tandem takes in.").
			On(problem.Admin, "Read it in Outlook. Ask the sender for a link to the files instead.").Because(err)
	case crashed:
		return problem.New(problem.Internal, codeParser, "Tandem stumbled over this mail.").
			On(problem.Tandem, "Make a ticket anyway, and report the mail so that the fault can be mended.").Because(err)
	case isStorage(err):
		return problem.New(problem.Internal, codeStorage, "Tandem could not write to its own storage.").
			On(problem.Tandem, "Look at the disk and the database. Nothing is lost: the mail is taken in as soon as storage works again.").Because(err)
	}
	return problem.New(problem.Internal, codeUnexpected, "The mail could not be handled because of an unexpected error in Tandem.").
		On(problem.Tandem, "It is tried again by itself. Make a ticket anyway if it stays.").Because(err)
}

func isStorage(err error) bool {
	_, ok := errors.AsType[*storageError](err)
	return ok
}

// ourFault marks an error of our own store, but not that a pass lost its mailbox.
func ourFault(doing string, err error) error {
	if err == nil || isLost(err) {
		return err
	}
	return &storageError{errors.Join(errors.New(doing), err)}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
