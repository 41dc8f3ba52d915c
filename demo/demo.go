package demo

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/email"
	"tandem/m365sim"
	"tandem/store"
)

// Target is the running Tandem that becomes Contoso's.
type Target struct {
	Store       *store.DB
	Access      *access.Service
	Desk        *desk.Service
	Connections *email.Connections
	Log         *slog.Logger
}

// Entra is where the simulated Microsoft 365 answers, and the app registration
// with which Tandem is known there.
type Entra struct {
	LoginURL string
	Tenant   string // its id, a GUID
	ClientID string
	Secret   string
}

// What the audit trail says of the demo, so that a later start knows.
const (
	auditObject    = "demo"
	begun          = "demo.begun"
	historyWritten = "demo.history_written"
	completed      = "demo.completed"
)

// patience bounds how long seeding waits for Tandem to read the mailbox.
const patience = 3 * time.Minute

// seeder fills one Tandem.
type seeder struct {
	Target
	stories   *stories
	directory *directoryFile
	mailbox   *mailbox
	now       time.Time // when the demo began: the past is counted from there
}

// Seed fills a new Tandem. It does nothing when that was done before, or when
// there are people whom it did not make; and it ends what an interrupted
// start has begun. People can sign in before it returns: see [People].
func Seed(ctx context.Context, target Target, sim *m365sim.Server, entra Entra) error {
	began, err := claim(ctx, target)
	if err != nil || began.IsZero() {
		return err
	}
	all, err := load()
	if err != nil {
		return err
	}
	file, err := readDirectory()
	if err != nil {
		return err
	}
	s := &seeder{Target: target, stories: all, directory: file, mailbox: newMailbox(sim, entra), now: began}
	start := time.Now()
	for _, step := range []struct {
		doing string
		do    func(context.Context) error
	}{
		{"make the people of Contoso", s.people},
		{"define what Contoso wants to know besides", s.fields},
		{"make the teams", s.teams},
		{"make the organizations of customers", s.organizations},
		{"connect the mailbox", s.connect},
		{"read the mailbox", s.awaitImport},
		{"note what is known of customers", s.acquaint},
		{"write what agents did", s.writeHistory},
		{"deliver the newest mails", s.deliverFresh},
		{"make views and macros", s.views},
	} {
		started := time.Now()
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.doing, err)
		}
		s.Log.Debug("demo: "+step.doing, "took", time.Since(started).Round(time.Millisecond))
	}
	s.Log.Info("the demo is complete", "threads", len(all.history), "took", time.Since(start).Round(time.Millisecond))
	return nil
}

// People makes the people of Contoso, so that they can sign in. It takes about
// a second, most of it for the passwords. [Seed] does it too.
func People(ctx context.Context, target Target) error {
	began, err := claim(ctx, target)
	if err != nil || began.IsZero() {
		return err
	}
	return (&seeder{Target: target}).people(ctx)
}

// claim tells when the demo began, and begins it in a new database. The time is
// zero when there is nothing to do: the demo is complete, or the database is
// somebody else's.
func claim(ctx context.Context, target Target) (began time.Time, err error) {
	err = target.Store.Update(ctx, func(tx *store.Tx) error {
		marks, err := readMarks(ctx, tx)
		if err != nil {
			return err
		}
		began = time.Time{}
		if !marks[begun].IsZero() {
			if marks[completed].IsZero() {
				began = marks[begun]
			}
			return nil
		}
		n, err := tx.CountUsers(ctx, directory.UserFilter{})
		if err != nil || n > 0 {
			return err
		}
		began = time.Now().Truncate(time.Millisecond) // as exact as the audit trail
		return mark(ctx, tx, begun, began)
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("look for an earlier demo: %w", err)
	}
	return began, nil
}

// readMarks tells when each mark was made.
func readMarks(ctx context.Context, tx *store.Tx) (map[string]time.Time, error) {
	entries, err := tx.ListAudit(ctx, access.AuditFilter{Object: auditObject})
	if err != nil {
		return nil, err
	}
	marks := map[string]time.Time{}
	for _, e := range entries {
		marks[e.Action] = e.At
	}
	return marks, nil
}

// mark notes in the audit trail how far the demo has come.
func mark(ctx context.Context, tx *store.Tx, action string, at time.Time) error {
	return access.Record(ctx, tx, access.System(), at, access.Change{
		Action: action, Object: auditObject, Label: "Contoso",
	})
}

// reached tells whether a mark was made.
func (s *seeder) reached(ctx context.Context, action string) (yes bool, err error) {
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		marks, err := readMarks(ctx, tx)
		yes = !marks[action].IsZero()
		return err
	})
	return yes, err
}

// until asks again and again until the answer is yes.
func (s *seeder) until(ctx context.Context, what string, holds func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("waited %s in vain for %s", patience, what))
	defer cancel()
	ticker := time.NewTicker(25 * time.Millisecond)
	defer ticker.Stop()
	for {
		done, err := holds(ctx)
		if done {
			return nil
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
	}
}
