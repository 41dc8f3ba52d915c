package email

import (
	"context"

	"tandem/access"
	"tandem/event"
	"tandem/problem"
)

// Policy returns what suspends mail. Agents may read it: it explains the queue.
func (s *SuspendedMail) Policy(ctx context.Context, by access.Actor) (Policy, error) {
	return view(ctx, s.store, by.MustWork(), func(tx Tx) (Policy, error) { return tx.GetPolicy(ctx) })
}

// ChangePolicy applies the change and stores it. The next mail is decided by it.
func (s *SuspendedMail) ChangePolicy(ctx context.Context, by access.Actor, change func(*Policy)) (Policy, error) {
	if err := by.MustAdminister(); err != nil {
		return Policy{}, err
	}
	var p Policy
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		if p, err = tx.GetPolicy(ctx); err != nil {
			return err
		}
		before := p
		change(&p)
		p.UpdatedAt = s.now()
		if err := p.Validate(); err != nil {
			return err
		}
		if err := tx.SetPolicy(ctx, p); err != nil {
			return err
		}
		tx.Publish(event.Event{Kind: event.SettingsUpdated})
		return access.Record(ctx, tx, by, s.now(), access.Change{
			Action: "mail_policy.updated", Object: "mail_policy", Label: "mail policy", Before: before, After: p,
		})
	})
	return p, err
}

// Senders lists the entries of a list.
func (s *SuspendedMail) Senders(ctx context.Context, by access.Actor, list SenderList) ([]*SenderRule, error) {
	return view(ctx, s.store, by.MustWork(), func(tx Tx) ([]*SenderRule, error) { return tx.ListSenderRules(ctx, list) })
}

// AddSender puts an address or a domain on a list. What is on it already stays
// as it is.
func (s *SuspendedMail) AddSender(ctx context.Context, by access.Actor, list SenderList, pattern string) (*SenderRule, error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	if list != AllowList && list != BlockList && list != UnlimitedList {
		return nil, notAmong("list", string(list), "allow, block or unlimited")
	}
	pattern, err := ParsePattern(pattern)
	if err != nil {
		return nil, err
	}
	var r *SenderRule
	err = s.store.Update(ctx, func(tx Tx) error {
		r = &SenderRule{List: list, Pattern: pattern, CreatedBy: by.UserID, CreatedAt: s.now()}
		_, err := s.enlist(ctx, tx, by, r)
		return err
	})
	return r, err
}

// enlist writes an entry, and tells whether it is a new one.
func (s *SuspendedMail) enlist(ctx context.Context, tx Tx, by access.Actor, r *SenderRule) (bool, error) {
	added, err := tx.InsertSenderRule(ctx, r)
	if err != nil || !added {
		return false, err
	}
	tx.Publish(event.Event{Kind: event.SettingsUpdated, ID: int64(r.ID)})
	return true, access.Record(ctx, tx, by, s.now(), access.Change{
		Action: "sender." + string(r.List) + "_added", Object: "sender", Subject: int64(r.ID), Label: r.Pattern, After: senderFacts(r),
	})
}

// senderFacts are what the audit log says of an entry.
func senderFacts(r *SenderRule) map[string]any {
	return map[string]any{"pattern": r.Pattern, "learned": r.Learned}
}

// learn trusts a sender whose mail was recovered; nil when nothing was to be learnt.
func (s *SuspendedMail) learn(ctx context.Context, tx Tx, by access.Actor, address string) (*SenderRule, error) {
	pattern, err := ParsePattern(address)
	if err != nil {
		return nil, nil // an address that no list can hold
	}
	r := &SenderRule{List: AllowList, Pattern: pattern, Learned: true, CreatedBy: by.UserID, CreatedAt: s.now()}
	added, err := s.enlist(ctx, tx, by, r)
	if err != nil || !added {
		return nil, err
	}
	return r, nil
}

// RemoveSender takes an entry off its list. Administrators may, and agents may
// take back what they have taught by recovering.
func (s *SuspendedMail) RemoveSender(ctx context.Context, by access.Actor, id SenderRuleID) error {
	if err := by.MustWork(); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		r, err := tx.GetSenderRule(ctx, id)
		if problem.KindOf(err) == problem.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		if !r.Learned || r.CreatedBy != by.UserID {
			if err := by.MustAdminister(); err != nil {
				return err
			}
		}
		if err := tx.DeleteSenderRule(ctx, id); err != nil {
			return err
		}
		tx.Publish(event.Event{Kind: event.SettingsUpdated, ID: int64(id)})
		return access.Record(ctx, tx, by, s.now(), access.Change{
			Action: "sender." + string(r.List) + "_removed", Object: "sender", Subject: int64(r.ID), Label: r.Pattern, Before: senderFacts(r),
		})
	})
}
