package email

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"tandem/access"
	"tandem/event"
	"tandem/job"
	"tandem/problem"
)

// Preflight is one look at everything that an address needs at Microsoft. Each
// line is judged by a real call that needs what the line is about, because what
// a token or a portal promises is not what Exchange does. Nothing that it makes
// at Microsoft stays, but the folder that mail is moved to.
//
// A Probe proves more, that mail flows; a preflight says why it does not.
type Preflight struct {
	AddressID  AddressID
	StartedAt  time.Time
	FinishedAt time.Time // zero: lines are still being judged
	Checks     []Check   // those judged so far, in the order of CheckNames
}

// CheckName names what a line is about.
type CheckName string

// The lines, in their order: each needs those before it.
const (
	CheckSignIn        CheckName = "sign_in"         // Entra issues a token: credential, consent, account
	CheckMailbox       CheckName = "mailbox"         // it exists, and may be opened: licence, access policy
	CheckProfile       CheckName = "profile"         // whose it is, and its further addresses
	CheckRead          CheckName = "read"            // a mail of the folder that is read can be had
	CheckDraft         CheckName = "draft"           // mail can be put into Drafts
	CheckSend          CheckName = "send"            // and sent
	CheckSendAs        CheckName = "send_as"         // under the support address
	CheckFile          CheckName = "file"            // and mail can be put away afterwards
	CheckNotifications CheckName = "notifications"   // Microsoft reaches our address
	CheckOthers        CheckName = "other_mailboxes" // and mailboxes that are none of ours stay shut
)

// CheckNames are all lines, in their order.
var CheckNames = []CheckName{
	CheckSignIn, CheckMailbox, CheckProfile, CheckRead, CheckDraft, CheckSend, CheckSendAs, CheckFile, CheckNotifications, CheckOthers,
}

// Verdict is how a line was judged.
type Verdict string

// The verdicts.
const (
	CheckOK      Verdict = "ok"
	CheckWarning Verdict = "warning" // mail flows, but somebody should know
	CheckFailed  Verdict = "failed"
	CheckSkipped Verdict = "skipped" // not judged; Trouble says why
)

// Check is one line.
type Check struct {
	Name     CheckName       `json:"name"`
	Verdict  Verdict         `json:"verdict"`
	JudgedAt time.Time       `json:"judged_at"`
	Trouble  *RequestProblem `json:"trouble,omitempty"` // why it is not ok
	Finding
}

// Finding is what a trial at Microsoft brought to light.
type Finding struct {
	Called    string   `json:"called,omitempty"`     // what was asked, such as "GET /users/{id}/mailFolders/inbox"
	Code      string   `json:"code,omitempty"`       // Microsoft's own, of a refusal
	Said      string   `json:"said,omitempty"`       // Microsoft's sentence
	RequestID string   `json:"request_id,omitempty"` // for Microsoft's support
	Evidence  []Fact   `json:"evidence,omitempty"`
	Commands  []string `json:"commands,omitempty"` // PowerShell that mends it, complete with ids
	Mild      bool     `json:"mild,omitempty"`     // a refusal is worth a warning only
}

// Trial is what is to be tried, and on which mailbox.
type Trial struct {
	Check           CheckName
	Connection      *Connection
	From            Party   // the address that mail leaves under
	Needed          []Owner // whose mailboxes of the same tenant are connected, in either way
	NotificationURL string  // empty: Microsoft cannot reach us
	LifecycleURL    string
}

// Examiner makes the calls that a line is judged by, and takes back what they
// left. The error is nil when all is well, or a problem; what was found is told
// in both cases.
type Examiner interface {
	Try(context.Context, Trial) (Finding, error)
}

// WorkPreflight judges the lines of an address's preflight.
type WorkPreflight struct {
	Address AddressID `json:"address"`
}

// Kind names the job.
func (WorkPreflight) Kind() string { return "email.work_preflight" }

// Preflights runs preflights and keeps the latest of each address.
type Preflights struct {
	store     Store
	examiner  Examiner
	publicURL string // empty: Microsoft cannot reach us
	now       func() time.Time
	log       *slog.Logger
}

// NewPreflights makes the service.
func NewPreflights(store Store, examiner Examiner, publicURL string, now func() time.Time, log *slog.Logger) *Preflights {
	return &Preflights{store, examiner, publicURL, now, log}
}

// Start begins a preflight of an address anew, unless one is running: then that is returned.
func (s *Preflights) Start(ctx context.Context, by access.Actor, id AddressID) (*Preflight, error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	var p *Preflight
	err := s.store.Update(ctx, func(tx Tx) error {
		a, err := tx.GetSupportAddress(ctx, id)
		if err != nil {
			return err
		}
		c, err := tx.GetConnection(ctx, a.ConnectionID)
		if err != nil {
			return err
		}
		if c.Kind != Exchange && c.Kind != ExchangeApp {
			return problem.New(problem.Conflict, "not_at_microsoft_365", "%s is not read from a mailbox of Microsoft 365.", a.Email).
				On(problem.Yours, "There is nothing to look at.").With("address", a.Email)
		}
		if err := c.mustBeConnected(); err != nil {
			return err
		}
		if p, err = tx.FindPreflight(ctx, id); err != nil || p != nil && p.FinishedAt.IsZero() {
			return err
		}
		p = &Preflight{AddressID: id, StartedAt: s.now()}
		if err := tx.SavePreflight(ctx, p); err != nil {
			return err
		}
		if _, err := job.Insert(ctx, tx, WorkPreflight{Address: id}, job.Options{UniqueKey: fmt.Sprint("preflight:", id)}); err != nil {
			return err
		}
		return access.Record(ctx, tx, by, s.now(), access.Change{Action: "address.preflight", Object: "support_address", Subject: int64(id), Label: a.Email})
	})
	return p, err
}

// Latest returns the latest preflight of an address; nil before the first.
func (s *Preflights) Latest(ctx context.Context, by access.Actor, id AddressID) (*Preflight, error) {
	return view(ctx, s.store, by.MustAdminister(), func(tx Tx) (*Preflight, error) {
		if _, err := tx.GetSupportAddress(ctx, id); err != nil {
			return nil, err
		}
		return tx.FindPreflight(ctx, id)
	})
}

// Work works a WorkPreflight job. Each line is kept as soon as it is judged:
// people see it, and a process that dies is followed by one that goes on.
func (s *Preflights) Work(ctx context.Context, id AddressID) error {
	p, trial, err := s.load(ctx, id)
	if problem.KindOf(err) == problem.NotFound { // the address was removed
		return nil
	}
	if err != nil || p == nil {
		return err
	}
	for _, name := range CheckNames[len(p.Checks):] {
		check := Check{Name: name, Verdict: CheckSkipped, Trouble: p.prevents(name)}
		if check.Trouble == nil {
			trial.Check = name
			if check, err = s.try(ctx, trial); err != nil {
				return err
			}
		}
		check.JudgedAt = s.now()
		p.Checks = append(p.Checks, check)
		if err := s.save(ctx, p); err != nil {
			return err
		}
	}
	p.FinishedAt = s.now()
	return s.save(ctx, p)
}

// load returns nil when nothing is left to judge.
func (s *Preflights) load(ctx context.Context, id AddressID) (p *Preflight, t Trial, err error) {
	err = s.store.View(ctx, func(tx Tx) error {
		if p, err = tx.FindPreflight(ctx, id); err != nil || p == nil || !p.FinishedAt.IsZero() {
			p = nil
			return err
		}
		a, err := tx.GetSupportAddress(ctx, id)
		if err != nil {
			return err
		}
		if t.Connection, err = tx.GetConnection(ctx, a.ConnectionID); err != nil {
			return err
		}
		t.From = Party{Name: a.Name, Email: a.Email}
		if a.Outbound && a.Email[0] == '@' { // any address of the domain
			t.From.Email = t.Connection.Email
		}
		if s.publicURL != "" {
			t.NotificationURL, t.LifecycleURL = s.publicURL+"/microsoft/notifications", s.publicURL+"/microsoft/lifecycle"
		}
		all, err := tx.ListConnections(ctx)
		for _, c := range all {
			if c.State == Connected && c.TenantID == t.Connection.TenantID && c.Tenant == t.Connection.Tenant {
				t.Needed = append(t.Needed, Owner{TenantID: c.TenantID, UserID: c.UserID, Email: c.Email})
			}
		}
		return err
	})
	return p, t, err
}

// try judges a line by what Microsoft does.
func (s *Preflights) try(ctx context.Context, t Trial) (Check, error) {
	found, err := s.examiner.Try(ctx, t)
	check := Check{Name: t.Check, Verdict: CheckOK, Finding: found}
	if err == nil {
		return check, nil
	}
	why := problem.As(err)
	if why == nil {
		if errors.Is(err, context.Canceled) {
			return check, err
		}
		s.log.Error("preflight", "address", t.From.Email, "check", t.Check, "err", err)
		why = problem.New(problem.Internal, "preflight_broke", "Tandem could not try it.").On(problem.Tandem, "Look at Tandem's log.")
	}
	check.Trouble = &RequestProblem{why.Code, why.Message, string(why.Side), why.Remedy, why.Args}
	check.Verdict = verdictOf(why, found.Mild)
	return check, nil
}

// notNeeded are the codes of lines that this address has no need of.
var notNeeded = []string{"nothing_is_moved", "no_public_url", "one_mailbox_only", "no_other_mailbox", "directory_not_readable"}

// verdictOf judges a refusal. That Microsoft did not answer says nothing about what was asked.
func verdictOf(why *problem.Error, mild bool) Verdict {
	switch {
	case slices.Contains(notNeeded, why.Code), why.Side == problem.Microsoft:
		return CheckSkipped
	case mild:
		return CheckWarning
	}
	return CheckFailed
}

// prevents tells why a line cannot be judged: one that it needs is not well.
func (p *Preflight) prevents(name CheckName) *RequestProblem {
	for _, c := range p.Checks {
		if c.Verdict != CheckFailed || !c.Name.carries(name) {
			continue
		}
		return &RequestProblem{
			Code: "needs_" + string(c.Name), Message: "Not judged: a line above has to be mended first.", Side: c.Trouble.Side,
			Remedy: "Mend that one, then look again.",
		}
	}
	return nil
}

// carries tells whether a later line makes no sense without this one.
func (n CheckName) carries(later CheckName) bool {
	switch n {
	case CheckSignIn:
		return true
	case CheckMailbox: // the directory and other mailboxes are there all the same
		return later != CheckProfile && later != CheckOthers
	case CheckDraft: // what is sent and moved is a draft
		return slices.Contains([]CheckName{CheckSend, CheckSendAs, CheckFile}, later)
	case CheckSend:
		return later == CheckSendAs
	}
	return false
}

func (s *Preflights) save(ctx context.Context, p *Preflight) error {
	return s.store.Update(ctx, func(tx Tx) error {
		a, err := tx.GetSupportAddress(ctx, p.AddressID)
		if problem.KindOf(err) == problem.NotFound {
			return nil // removed meanwhile
		}
		if err != nil {
			return err
		}
		tx.Publish(event.Event{Kind: event.ConnectionUpdated, ID: int64(a.ConnectionID)})
		return tx.SavePreflight(ctx, p)
	})
}
