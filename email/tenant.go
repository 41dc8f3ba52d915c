package email

import (
	"context"
	"fmt"
	"time"

	"tandem/event"
	"tandem/job"
	"tandem/problem"
	"tandem/tenant"
)

// chooseTenant settles whose app registration opens the mailbox: the one that
// was named, or else the only one.
func chooseTenant(ctx context.Context, tx Tx, r *Request) (err error) {
	r.Tenant, err = tenantOr(ctx, tx, r.Tenant)
	return err
}

// tenant is chooseTenant outside of a transaction.
func (s *Connections) tenant(ctx context.Context, id tenant.ID) (chosen tenant.ID, err error) {
	err = s.store.View(ctx, func(tx Tx) error {
		chosen, err = tenantOr(ctx, tx, id)
		return err
	})
	return chosen, err
}

func tenantOr(ctx context.Context, tx Tx, id tenant.ID) (tenant.ID, error) {
	if id != 0 {
		_, err := tx.GetTenant(ctx, id)
		return id, err
	}
	all, err := tx.ListTenants(ctx)
	switch {
	case err != nil:
		return 0, err
	case len(all) == 0:
		return 0, problem.New(problem.Conflict, "no_tenant", "Tandem is not known at Microsoft yet: there is no Microsoft tenant.").
			On(problem.Admin, "Add it under Microsoft tenants, with the app registration's id and a credential.").In("microsoft_tenant_id")
	case len(all) > 1:
		return 0, problem.New(problem.Invalid, "tenant_needed", "There are several Microsoft tenants.").
			On(problem.Yours, "Say to which one the mailbox belongs.").In("microsoft_tenant_id")
	}
	return all[0].ID, nil
}

// CredentialsChanged works a tenant.CredentialsChanged job: refusals are
// forgotten, and mailboxes that stood still are read at once.
func (s *Connections) CredentialsChanged(ctx context.Context, id tenant.ID) error {
	err := s.store.Update(ctx, func(tx Tx) error {
		all, err := tx.ListConnections(ctx)
		if err != nil {
			return err
		}
		for _, c := range all {
			if c.Tenant != id || c.State != Connected {
				continue
			}
			if err := s.retry(ctx, tx, c.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("wake the mailboxes of tenant %d: %w", id, err)
	}
	return nil
}

// retry wakes a connection, at once when it is in trouble.
func (s *Connections) retry(ctx context.Context, tx Tx, id ConnectionID) error {
	c, err := tx.GetConnection(ctx, id) // locks it
	if err != nil {
		return err
	}
	now := s.now()
	c.RetryAt = now
	if c.ErrorCode != "" {
		c.NextSyncAt, c.WaitingUntil = now, time.Time{}
	}
	if c.PushError != "" { // what kept notifications away may be mended too
		c.PushError, c.SubscriptionExpiresAt = "", time.Time{}
		if _, err := job.Insert(ctx, tx, TendSubscriptions{}, job.Options{UniqueKey: tendKey}); err != nil {
			return err
		}
	}
	tx.Publish(event.Event{Kind: event.ConnectionUpdated, ID: int64(id)})
	return tx.UpdateConnection(ctx, c)
}
