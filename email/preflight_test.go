package email_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"

	"tandem/access"
	"tandem/directory"
	"tandem/email"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
)

// bench is Microsoft as far as a preflight asks it: what it refuses, and what it was asked.
type bench struct {
	refuse map[email.CheckName]error
	asked  []email.CheckName
}

func (b *bench) Try(_ context.Context, t email.Trial) (email.Finding, error) {
	b.asked = append(b.asked, t.Check)
	return email.Finding{Called: "GET /" + string(t.Check), Evidence: []email.Fact{{Name: "from", Value: t.From.Email}}}, b.refuse[t.Check]
}

func (s *sending) preflights(b *bench) *email.Preflights {
	return email.NewPreflights(s.store, b, "https://tandem.example", s.clock.Now, slog.New(slog.DiscardHandler))
}

// A process that dies is followed by one that judges what is left, and no line twice.
func TestPreflightGoesOnAfterARestart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSending(t, db, support)
		id := s.supportAddress().ID
		b := &bench{refuse: map[email.CheckName]error{email.CheckSend: context.Canceled}}
		preflights := s.preflights(b)
		_, err := preflights.Start(t.Context(), access.System(), id)
		check(t, err)
		if err := preflights.Work(t.Context(), id); !errors.Is(err, context.Canceled) {
			t.Fatalf("the process that died returned %v", err)
		}
		half, err := preflights.Latest(t.Context(), access.System(), id)
		check(t, err)
		if n := len(half.Checks); n != 5 || !half.FinishedAt.IsZero() {
			t.Fatalf("%d lines are kept, finished at %s", n, half.FinishedAt)
		}

		b.refuse, b.asked = nil, nil
		check(t, s.preflights(b).Work(t.Context(), id))
		if want := email.CheckNames[5:]; !slices.Equal(b.asked, want) {
			t.Errorf("asked for %v, want %v", b.asked, want)
		}
		whole, err := preflights.Latest(t.Context(), access.System(), id)
		check(t, err)
		if whole.FinishedAt.IsZero() || len(whole.Checks) != len(email.CheckNames) || whole.Checks[0].Evidence[0].Value != support {
			t.Errorf("finished at %s with %+v", whole.FinishedAt, whole.Checks)
		}
	})
}

// Only what was refused has failed: what rests on it, and what Microsoft did not answer, is not judged.
func TestPreflightJudges(t *testing.T) {
	admin := problem.New(problem.Forbidden, "permission_missing", "Not allowed.").On(problem.Admin, "Grant it.")
	away := problem.New(problem.Unavailable, "microsoft_unavailable", "No answer.").On(problem.Microsoft, "Wait.")
	for name, c := range map[string]struct {
		refuse  map[email.CheckName]error
		skipped []email.CheckName
		failed  []email.CheckName
	}{
		"no token":             {map[email.CheckName]error{email.CheckSignIn: admin}, email.CheckNames[1:], []email.CheckName{email.CheckSignIn}},
		"no drafts":            {map[email.CheckName]error{email.CheckDraft: admin}, []email.CheckName{email.CheckSend, email.CheckSendAs, email.CheckFile}, []email.CheckName{email.CheckDraft}},
		"Microsoft is away":    {map[email.CheckName]error{email.CheckRead: away}, []email.CheckName{email.CheckRead}, nil},
		"something of ours":    {map[email.CheckName]error{email.CheckFile: errors.New("a surprise")}, nil, []email.CheckName{email.CheckFile}},
		"mailbox not openable": {map[email.CheckName]error{email.CheckMailbox: admin}, email.CheckNames[3:9], []email.CheckName{email.CheckMailbox}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSending(t, openSQLite(t, store.Options{}), support)
			id := s.supportAddress().ID
			preflights := s.preflights(&bench{refuse: c.refuse})
			_, err := preflights.Start(t.Context(), access.System(), id)
			check(t, err)
			check(t, preflights.Work(t.Context(), id))
			p, err := preflights.Latest(t.Context(), access.System(), id)
			check(t, err)
			var skipped, failed []email.CheckName
			for _, line := range p.Checks {
				switch line.Verdict {
				case email.CheckSkipped:
					skipped = append(skipped, line.Name)
				case email.CheckFailed:
					failed = append(failed, line.Name)
				}
			}
			if !slices.Equal(skipped, c.skipped) || !slices.Equal(failed, c.failed) {
				t.Errorf("not judged %v, failed %v; want %v and %v", skipped, failed, c.skipped, c.failed)
			}
		})
	}
}

func TestPreflightIsForAdministrators(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	agent := access.Actor{UserID: 7, Role: directory.Agent}
	if _, err := s.preflights(&bench{}).Start(t.Context(), agent, s.supportAddress().ID); problem.KindOf(err) != problem.Forbidden {
		t.Errorf("an agent got %v", err)
	}
}
