package desk

import (
	"context"
	"fmt"
	"time"

	"tandem/access"
	"tandem/directory"
	"tandem/event"
	"tandem/problem"
)

// TicketSettings are what administrators choose about the life of tickets.
type TicketSettings struct {
	CloseAfter time.Duration // a ticket that has been solved for so long is closed; whole days, 0: never
}

// DefaultTicketSettings are in force until somebody chooses others. Four days
// are what Zendesk begins with ("About the standard Support automations").
var DefaultTicketSettings = TicketSettings{CloseAfter: 4 * day}

const longestSolved = 365 * day

// Validate refuses what would not work.
func (t TicketSettings) Validate() error {
	if t.CloseAfter < 0 || t.CloseAfter > longestSolved || t.CloseAfter%day != 0 {
		return problem.New(problem.Invalid, "close_after", "Solved tickets close after 1 to %d days, or never.", longestSolved/day).
			On(problem.Yours, "Choose a number of days between them, or 0 for never.").In("close_after_days")
	}
	return nil
}

// TicketLifeTx stores what the life of tickets needs besides the tickets.
type TicketLifeTx interface {
	// GetTicketSettings returns what was saved last, or DefaultTicketSettings.
	GetTicketSettings(context.Context) (TicketSettings, error)
	SaveTicketSettings(context.Context, TicketSettings) error
	// ListSolved gives tickets that were solved before, the first solved first.
	ListSolved(ctx context.Context, before time.Time, limit int) ([]TicketID, error)
	// PurgeTicket removes a ticket with everything that was said and done about
	// it, and discards the blobs of its files. The ledger is left alone.
	PurgeTicket(context.Context, TicketID) error
}

// TicketSettings gives the settings. Every agent may know them.
func (s *Service) TicketSettings(ctx context.Context, by access.Actor) (settings TicketSettings, err error) {
	if err := by.MustWork(); err != nil {
		return settings, err
	}
	err = s.store.View(ctx, func(tx Tx) (err error) {
		settings, err = tx.GetTicketSettings(ctx)
		return err
	})
	return settings, err
}

// ChangeTicketSettings changes the settings, which the next round of CloseSolved goes by.
func (s *Service) ChangeTicketSettings(ctx context.Context, by access.Actor, change func(*TicketSettings)) (settings TicketSettings, err error) {
	if err := by.MustAdminister(); err != nil {
		return settings, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		before, err := tx.GetTicketSettings(ctx)
		if err != nil {
			return fmt.Errorf("read the settings of tickets: %w", err)
		}
		settings = before
		change(&settings)
		if err := settings.Validate(); err != nil || settings == before {
			return err
		}
		if err := tx.SaveTicketSettings(ctx, settings); err != nil {
			return fmt.Errorf("save the settings of tickets: %w", err)
		}
		tx.Publish(event.Event{Kind: event.SettingsUpdated})
		return access.Record(ctx, tx, by, s.now(), access.Change{
			Action: "ticket_settings.changed", Object: "ticket_settings", Label: "Tickets",
			Before: map[string]int{"close_after_days": int(before.CloseAfter / day)},
			After:  map[string]int{"close_after_days": int(settings.CloseAfter / day)},
		})
	})
	return settings, err
}

// CloseSolved closes tickets that have been solved for long enough. A schedule
// asks for it every hour.
type CloseSolved struct{}

// Kind names the job.
func (CloseSolved) Kind() string { return "desk.close_solved" }

// CloseSolved works a CloseSolved job. Tandem itself is who closes.
func (s *Service) CloseSolved(ctx context.Context) error {
	return s.inBatches(ctx, func(tx Tx, _ TicketID) ([]TicketID, error) {
		settings, err := tx.GetTicketSettings(ctx)
		if err != nil || settings.CloseAfter == 0 {
			return nil, err
		}
		ids, err := tx.ListSolved(ctx, s.now().Add(-settings.CloseAfter), batchSize)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			if err := s.closeSolved(ctx, tx, id); err != nil {
				return nil, fmt.Errorf("close ticket %d: %w", id, err)
			}
		}
		return ids, nil
	})
}

func (s *Service) closeSolved(ctx context.Context, tx Tx, id TicketID) error {
	return s.changeTicket(ctx, tx, id, 0, ByRule, func(t *Ticket, u *update) error {
		if t.Status != Solved {
			return nil // somebody opened it again just now
		}
		return t.Transition(Closed, s.now())
	})
}

// changeTicket changes a ticket by a rule that needs nothing but the ticket, and
// settles the change.
func (s *Service) changeTicket(ctx context.Context, tx Tx, id TicketID, by directory.UserID, via Channel, change func(*Ticket, *update) error) error {
	t, err := tx.AnyTicket(ctx, id)
	if err != nil {
		return err
	}
	u := &update{before: copyOf(t), ticket: t, by: by, via: via}
	if err := change(t, u); err != nil {
		return err
	}
	if len(difference(u.before, t)) == 0 {
		return nil
	}
	if err := s.save(ctx, tx, t); err != nil {
		return err
	}
	return s.settle(ctx, tx, u)
}
