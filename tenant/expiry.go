package tenant

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"tandem/access"
	"tandem/job"
	"tandem/problem"
)

// CheckExpiry looks once a day which credentials come to their end.
type CheckExpiry struct{}

// Kind names the job.
func (CheckExpiry) Kind() string { return "tenant.check_expiry" }

// CheckExpiry works a CheckExpiry job: it asks Microsoft for the ends that it
// may tell, and warns administrators of those that have come below a threshold.
func (s *Service) CheckExpiry(ctx context.Context) error {
	tenants, err := s.all(ctx)
	if err != nil {
		return fmt.Errorf("list tenants: %w", err)
	}
	var failed []error
	for _, t := range tenants {
		s.ask(ctx, t)
		failed = append(failed, s.warn(ctx, t.ID))
	}
	return errors.Join(failed...)
}

// ask asks Microsoft for the ends of a tenant's credentials with one that works.
// A secret that was never tried, such as that of the configuration, is tried.
func (s *Service) ask(ctx context.Context, t Shown) {
	if t.Directory == AnyDirectory {
		return
	}
	for _, c := range t.Credentials {
		switch state := c.State(s.now()); {
		case state == Working:
			s.learnExpiries(ctx, t, c)
			return
		case state == Untried && c.Kind == ClientSecret:
			tried, err := s.Try(ctx, access.System(), t.ID, c.ID)
			if err != nil {
				s.log.Info("credential could not be tried", "tenant", t.ID, "credential", c.ID, "err", err)
			} else if !tried.Trouble.Is() {
				return
			}
		}
	}
}

// warn queues a mail for each credential of the tenant that has come below a
// threshold of which nobody was warned yet.
func (s *Service) warn(ctx context.Context, id ID) error {
	err := s.store.Update(ctx, func(tx Tx) error {
		t, err := tx.GetTenant(ctx, id)
		if err != nil {
			return err
		}
		all, err := tx.ListCredentials(ctx, id)
		if err != nil {
			return err
		}
		for _, c := range all {
			days := c.Threshold(s.now())
			if days == 0 || c.Warned != 0 && c.Warned <= days {
				continue
			}
			c.Warned = days
			if err := tx.UpdateCredential(ctx, c); err != nil {
				return err
			}
			if _, err := job.Insert(ctx, tx, expiryAlert(t, c, c.Successor(all, s.now()), s.now()), job.Options{}); err != nil {
				return err
			}
			publish(tx, id)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("warn of the credentials of tenant %d: %w", id, err)
	}
	return nil
}

// expiryAlert tells administrators when a credential ends, and what happens then.
func expiryAlert(t *Tenant, c, successor *Credential, now time.Time) Alert {
	days, _ := c.DaysLeft(now)
	facts := map[string]string{
		FactTenant: t.Name, FactCredential: c.Name, FactDays: strconv.Itoa(days), FactExpires: c.ExpiresAt.UTC().Format(time.RFC3339),
	}
	if successor != nil {
		facts[FactSuccessor] = successor.Name
	}
	return Alert{
		Key:    fmt.Sprintf("credential_expiry:%d:%d:%d", c.ID, c.ExpiresAt.UnixMilli(), c.Warned),
		Reason: CredentialExpiry, Facts: facts, Page: pageOf(t.ID),
	}
}

// learnExpiries asks Microsoft when the tenant's secrets end. Most
// registrations may not read themselves; then nothing is learnt.
func (s *Service) learnExpiries(ctx context.Context, t Shown, with *Credential) {
	ends, err := s.microsoft.SecretExpiries(ctx, t.Tenant, with)
	if err != nil {
		if problem.KindOf(err) != problem.Forbidden {
			s.log.Info("microsoft does not tell when secrets end", "tenant", t.ID, "err", err)
		}
		return
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		if _, err := tx.GetTenant(ctx, t.ID); err != nil {
			return err
		}
		all, err := tx.ListCredentials(ctx, t.ID)
		if err != nil {
			return err
		}
		for _, c := range all {
			end, known := ends[c.Hint]
			if c.Kind != ClientSecret || !known || end.Equal(c.ExpiresAt) || sharesHint(c, all) {
				continue
			}
			c.expireAt(end)
			if err := tx.UpdateCredential(ctx, c); err != nil {
				return err
			}
			publish(tx, t.ID)
		}
		return nil
	})
	if err != nil {
		s.log.Warn("keep when secrets end", "tenant", t.ID, "err", err)
	}
}

// sharesHint tells whether the first characters do not tell a secret from another.
func sharesHint(c *Credential, all []*Credential) bool {
	for _, other := range all {
		if other.ID != c.ID && other.Kind == ClientSecret && other.Hint == c.Hint {
			return true
		}
	}
	return false
}

// Expiry is when a credential ends.
type Expiry struct {
	Tenant     string
	Credential string
	ID         CredentialID
	At         time.Time
}

// Expiries lists the credentials whose end is known, for the metrics.
func (s *Service) Expiries(ctx context.Context) ([]Expiry, error) {
	tenants, err := s.List(ctx, access.System())
	var list []Expiry
	for _, t := range tenants {
		for _, c := range t.Credentials {
			if !c.ExpiresAt.IsZero() {
				list = append(list, Expiry{t.Name, c.Name, c.ID, c.ExpiresAt})
			}
		}
	}
	return list, err
}
