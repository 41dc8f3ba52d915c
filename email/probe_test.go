package email_test

import (
	"log/slog"
	"testing"
	"time"

	"tandem/access"
	"tandem/email"
	"tandem/store"
	"tandem/store/storetest"
)

func (s *sending) probes() *email.Probes {
	return email.NewProbes(s.store, s.exchange, s.sender, func() string { return "0123456789abcdef" }, s.clock.Now, slog.New(slog.DiscardHandler))
}

func (s *sending) supportAddress() (a *email.SupportAddress) {
	s.t.Helper()
	check(s.t, s.store.View(s.t.Context(), func(tx email.Tx) (err error) {
		a, err = tx.FindSupportAddress(s.t.Context(), support)
		return err
	}))
	return a
}

// latestProbe is nil before the first.
func (s *sending) latestProbe(probes *email.Probes) *email.Probe {
	s.t.Helper()
	all, err := probes.List(s.t.Context(), access.System(), s.supportAddress().ID, 1)
	check(s.t, err)
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

func TestProbeThatDoesNotArriveSaysWhereItStopped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSending(t, db, support)
		probes := s.probes()
		p, err := probes.Start(t.Context(), access.System(), s.supportAddress().ID)
		check(t, err)
		check(t, s.sender.DeliverNotification(t.Context(), p.Question, false))
		if err := probes.Work(t.Context(), p.ID); err == nil {
			t.Fatal("the probe has ended before anything arrived")
		}
		s.clock.advance(6 * time.Minute)
		check(t, probes.Work(t.Context(), p.ID))
		last := s.latestProbe(probes)
		if last.State != email.ProbeFailed || last.Trouble.Code != "probe_arrived_late" || last.Trouble.Side != "admin" || last.Trouble.Remedy == "" {
			t.Errorf("the probe is %s: %+v", last.State, last.Trouble)
		}
		failing, err := probes.Failing(t.Context(), access.System())
		check(t, err)
		if len(failing) != 1 || failing[0].Email != support {
			t.Errorf("failing are %v", failing)
		}
	})
}

func TestAddressIsProbedOnceADay(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	probes := s.probes()
	s.clock.advance(23 * time.Hour)
	s.update(func(tx email.Tx) error { // connected an hour after the office opened
		c, err := tx.GetConnection(t.Context(), s.ids[support])
		if err != nil {
			return err
		}
		c.AuthorizedAt = s.clock.Now()
		return tx.UpdateConnection(t.Context(), c)
	})
	check(t, probes.Tend(t.Context()))
	if p := s.latestProbe(probes); p != nil {
		t.Fatal("a probe began on the day of connecting")
	}
	s.clock.advance(25 * time.Hour)
	check(t, probes.Tend(t.Context()))
	first := s.latestProbe(probes)
	if first == nil {
		t.Fatal("no probe began")
	}
	s.clock.advance(time.Hour)
	check(t, probes.Tend(t.Context()))
	if again := s.latestProbe(probes); again.ID != first.ID {
		t.Error("a second one began within the day")
	}
}
