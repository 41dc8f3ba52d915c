package tenant

import (
	"context"
	"fmt"
	"time"

	"tandem/access"
	"tandem/job"
)

// Seed takes over the app registration of the configuration: it becomes a
// tenant unless there is one with its client id, and a secret that the
// configuration has not given before becomes a credential. Connections that
// belong to no tenant yet go to it. Without a client id nothing happens.
//
// A secret that an administrator removed does not come back with the next
// start; after the first one, the configuration only adds.
func (s *Service) Seed(ctx context.Context, directory, clientID string, secret Secret) error {
	if clientID == "" {
		return nil
	}
	err := s.store.Update(ctx, func(tx Tx) error {
		t, err := s.seedTenant(ctx, tx, directory, clientID)
		if err != nil {
			return err
		}
		if _, err := tx.AdoptConnections(ctx, t.ID); err != nil {
			return err
		}
		if print := access.HashSecret(clientID + ":" + string(secret)); secret != "" && print != t.SeededBy {
			return s.seedSecret(ctx, tx, t, secret, print)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("take over the app registration of the configuration: %w", err)
	}
	return nil
}

func (s *Service) seedTenant(ctx context.Context, tx Tx, directory, clientID string) (*Tenant, error) {
	t := &Tenant{Directory: directory, ClientID: clientID, CreatedAt: s.now(), UpdatedAt: s.now()}
	t.tidy() // and no check: what is wrong with it, Microsoft says where it matters
	all, err := tx.ListTenants(ctx)
	if err != nil {
		return nil, err
	}
	for _, other := range all {
		if other.ClientID == t.ClientID {
			return tx.GetTenant(ctx, other.ID)
		}
	}
	if t.Directory == AnyDirectory || guid.MatchString(t.Directory) {
		t.Name = "Microsoft 365" // which says more than a number
	}
	if err := tx.InsertTenant(ctx, t); err != nil {
		return nil, err
	}
	return t, s.record(ctx, tx, access.System(), "tenant.created", t, nil, t.facts())
}

func (s *Service) seedSecret(ctx context.Context, tx Tx, t *Tenant, secret Secret, print string) error {
	t.SeededBy = print
	if err := tx.UpdateTenant(ctx, t); err != nil {
		return err
	}
	all, err := tx.ListCredentials(ctx, t.ID)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Secret == secret {
			return nil
		}
	}
	now := s.now()
	c := &Credential{
		TenantID: t.ID, Kind: ClientSecret, Name: "From the configuration, " + now.UTC().Format(time.DateOnly),
		Hint: string(secret[:min(3, len(secret)/4)]), Secret: secret, CreatedAt: now,
	}
	if err := tx.InsertCredential(ctx, c); err != nil {
		return err
	}
	if _, err := job.Insert(ctx, tx, CheckExpiry{}, job.Options{UniqueKey: CheckExpiry{}.Kind()}); err != nil {
		return err
	}
	return s.record(ctx, tx, access.System(), "credential.added", t, nil, c.facts())
}
