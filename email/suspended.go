package email

import (
	"context"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"tandem/access"
	"tandem/csvfile"
	"tandem/desk"
	"tandem/directory"
	"tandem/problem"
)

// SuspendedMail is the queue of mails that are kept but make no ticket until a
// person says so, with the rules that suspend them. Agents see the queue and
// recover from it; deleting, and the rules, are the administrators' business.
type SuspendedMail struct {
	store  Store
	blobs  Blobs
	ledger *Ledger
	sender *Sender
	intake intake
	now    func() time.Time
}

// NewSuspendedMail makes the queue. The sender takes the daily digest.
func NewSuspendedMail(store Store, blobs Blobs, d *desk.Service, ledger *Ledger, sender *Sender, now func() time.Time) *SuspendedMail {
	return &SuspendedMail{store: store, blobs: blobs, ledger: ledger, sender: sender, intake: intake{desk: d, now: now}, now: now}
}

// SuspendedFilter chooses suspended mails.
type SuspendedFilter struct {
	Causes     []Cause
	Connection ConnectionID
	Search     string // in subject, sender, recipients and Message-ID
	directory.Part
}

func (f SuspendedFilter) mails() MailFilter {
	return MailFilter{
		States: []MailState{Suspended}, Causes: f.Causes, Connection: f.Connection, Search: f.Search,
		Part: f.Part,
	}
}

// List returns the suspended mails that the filter chooses, newest first.
func (s *SuspendedMail) List(ctx context.Context, by access.Actor, f SuspendedFilter) ([]*Mail, error) {
	return view(ctx, s.store, by.MustWork(), func(tx Tx) ([]*Mail, error) { return tx.ListMail(ctx, f.mails()) })
}

// Count counts them, without regard to paging.
func (s *SuspendedMail) Count(ctx context.Context, by access.Actor, f SuspendedFilter) (int, error) {
	return view(ctx, s.store, by.MustWork(), func(tx Tx) (int, error) { return tx.CountMail(ctx, f.mails()) })
}

// Get returns a suspended mail; problem.NotFound when there is none, or it is no longer suspended.
func (s *SuspendedMail) Get(ctx context.Context, by access.Actor, id MailID) (*Mail, error) {
	return view(ctx, s.store, by.MustWork(), func(tx Tx) (*Mail, error) { return suspendedMail(ctx, tx, id) })
}

// Preview gives the mail's header fields in order and the beginning of its text.
func (s *SuspendedMail) Preview(ctx context.Context, by access.Actor, id MailID) (headers []Fact, text string, err error) {
	return s.ledger.Preview(ctx, by, id)
}

func suspendedMail(ctx context.Context, tx Tx, id MailID) (*Mail, error) {
	m, err := tx.GetMail(ctx, id)
	if err == nil && m.State != Suspended {
		return nil, problem.New(problem.NotFound, "not_suspended", "This mail is not suspended, or no longer.").
			On(problem.Yours, "Somebody has recovered or deleted it. Reload the list.")
	}
	return m, err
}

// Delete removes suspended mails for good: what they said is gone, and the
// ledger only tells that there was a mail, and who deleted it. One that is no
// longer suspended is passed over. It returns how many were deleted.
func (s *SuspendedMail) Delete(ctx context.Context, by access.Actor, ids []MailID) (deleted int, err error) {
	if err := by.MustAdminister(); err != nil {
		return 0, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		deleted = 0
		for _, id := range ids {
			m, err := suspendedMail(ctx, tx, id)
			if problem.KindOf(err) == problem.NotFound {
				continue
			}
			if err != nil {
				return err
			}
			entry := s.ledger.audit(by, "mail.deleted", m)
			entry.Label = string(m.Cause) // and nothing of what it said
			if err := tx.InsertAudit(ctx, entry); err != nil {
				return err
			}
			if err := forget(ctx, tx, m, fact("deleted_by", by.Name), s.now()); err != nil {
				return err
			}
			deleted++
		}
		return nil
	})
	return deleted, err
}

// exportChunk is how many rows an export reads at a time.
const exportChunk = 500

// Export writes the suspended mails that the filter chooses as CSV (RFC 4180),
// newest first, with one line of headings.
func (s *SuspendedMail) Export(ctx context.Context, by access.Actor, f SuspendedFilter, w io.Writer) error {
	if err := by.MustWork(); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	if err := out.Write([]string{"id", "suspended_at", "cause_id", "cause", "from_name", "from_email", "to", "subject", "evidence", "text"}); err != nil {
		return err
	}
	f.Limit, f.Offset = exportChunk, 0
	for {
		mails, err := s.List(ctx, by, f)
		if err != nil {
			return err
		}
		for _, m := range mails {
			if err := out.Write(csvLine(m)); err != nil {
				return err
			}
			f.After = directory.NumberPlace(m.ID)
		}
		out.Flush()
		if err := out.Error(); err != nil || len(mails) < exportChunk {
			return err
		}
	}
}

func csvLine(m *Mail) []string {
	id, _ := m.Cause.Zendesk()
	var to, evidence []string
	for _, p := range m.To {
		to = append(to, p.Email)
	}
	for _, f := range m.Evidence {
		evidence = append(evidence, f.Name+"="+f.Value)
	}
	line := []string{
		strconv.FormatInt(int64(m.ID), 10), m.DecidedAt.UTC().Format(time.RFC3339), strconv.Itoa(id), string(m.Cause),
		m.From.Name, m.From.Email, strings.Join(to, " "), m.Subject, strings.Join(evidence, "; "), m.Excerpt,
	}
	for i := range line {
		line[i] = csvfile.Escape(line[i])
	}
	return line
}
