package tenant

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"tandem/access"
	"tandem/event"
	"tandem/job"
	"tandem/problem"
)

// Service is the administrator's hand on Microsoft tenants and their
// credentials, and where adapters read them. It is safe for concurrent use.
type Service struct {
	store     Store
	microsoft Microsoft
	loginURL  string
	now       func() time.Time
	log       *slog.Logger
}

// Options are what a Service needs to know besides.
type Options struct {
	LoginURL string // where Microsoft's sign-in is, without a slash at the end
	Now      func() time.Time
	Log      *slog.Logger
}

// NewService returns the service on a store.
func NewService(store Store, microsoft Microsoft, opts Options) *Service {
	return &Service{store: store, microsoft: microsoft, loginURL: strings.TrimRight(opts.LoginURL, "/"), now: opts.Now, log: opts.Log}
}

// Shown is a tenant with what belongs to it.
type Shown struct {
	*Tenant
	Credentials   []*Credential // in the order in which they are used
	Addresses     []string      // support addresses that are opened with it
	TokenEndpoint string
}

// List shows all tenants, the oldest first. Administrators may.
func (s *Service) List(ctx context.Context, by access.Actor) ([]Shown, error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	return s.all(ctx)
}

func (s *Service) all(ctx context.Context) ([]Shown, error) {
	var all []Shown
	err := s.store.View(ctx, func(tx Tx) error {
		tenants, err := tx.ListTenants(ctx)
		all = nil
		for _, t := range tenants {
			shown, err := s.show(ctx, tx, t)
			if err != nil {
				return err
			}
			all = append(all, shown)
		}
		return err
	})
	return all, err
}

// Get shows one tenant, or returns problem.NotFound. Administrators may.
func (s *Service) Get(ctx context.Context, by access.Actor, id ID) (shown Shown, err error) {
	if err := by.MustAdminister(); err != nil {
		return Shown{}, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		t, err := tx.GetTenant(ctx, id)
		if err == nil {
			shown, err = s.show(ctx, tx, t)
		}
		return err
	})
	return shown, err
}

func (s *Service) show(ctx context.Context, tx Tx, t *Tenant) (Shown, error) {
	credentials, err := tx.ListCredentials(ctx, t.ID)
	if err != nil {
		return Shown{}, err
	}
	addresses, err := tx.TenantAddresses(ctx, t.ID)
	return Shown{
		Tenant: t, Credentials: InOrder(credentials, s.now()), Addresses: addresses,
		// "Microsoft identity platform and OAuth 2.0 authorization code flow", v2.0.
		TokenEndpoint: s.loginURL + "/" + t.Directory + "/oauth2/v2.0/token",
	}, err
}

// Details are what an administrator sets at a tenant.
type Details struct {
	Name      string
	Directory string // id or domain; Microsoft tells the id of a domain
	ClientID  string
}

// Create adds a tenant. Microsoft is asked whether there is such a directory.
// Administrators may.
func (s *Service) Create(ctx context.Context, by access.Actor, d Details) (Shown, error) {
	if err := by.MustAdminister(); err != nil {
		return Shown{}, err
	}
	t := &Tenant{Name: d.Name, Directory: d.Directory, ClientID: d.ClientID, CreatedAt: s.now(), UpdatedAt: s.now()}
	if err := s.complete(ctx, t); err != nil {
		return Shown{}, err
	}
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := mustBeNew(ctx, tx, t); err != nil {
			return err
		}
		if err := tx.InsertTenant(ctx, t); err != nil {
			return err
		}
		return s.record(ctx, tx, by, "tenant.created", t, nil, t.facts())
	})
	if err != nil {
		return Shown{}, err
	}
	return s.Get(ctx, by, t.ID)
}

// complete judges what was typed and turns a domain into its directory's id.
func (s *Service) complete(ctx context.Context, t *Tenant) error {
	t.tidy()
	if err := t.check(); err != nil {
		return err
	}
	if err := t.mustNameOneDirectory(); err != nil {
		return err
	}
	id, err := s.microsoft.Discover(ctx, t.Directory)
	if p := problem.As(err); p != nil && p.Kind == problem.Unauthenticated { // it is not our sign-in that failed
		p.Kind = problem.Invalid
		return p.On(problem.Yours, "Copy \"Directory (tenant) ID\" from the app registration's overview in Entra.").In("directory")
	}
	if err == nil {
		t.Directory = id
	}
	return err
}

// mustBeNew refuses a registration that is there already: its credentials
// would be kept twice.
func mustBeNew(ctx context.Context, tx Tx, t *Tenant) error {
	all, err := tx.ListTenants(ctx)
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.ID != t.ID && other.Directory == t.Directory && other.ClientID == t.ClientID {
			return problem.New(problem.Conflict, "tenant_exists", "This app registration is there already, as %s.", other.Name).
				On(problem.Yours, "Add the credential to it.").In("client_id").With("tenant", other.Name)
		}
	}
	return nil
}

// Change sets a tenant's details. Mailboxes whose owners signed in keep working
// with the same client id only. Administrators may.
func (s *Service) Change(ctx context.Context, by access.Actor, id ID, change func(*Details)) (Shown, error) {
	shown, err := s.Get(ctx, by, id)
	if err != nil {
		return Shown{}, err
	}
	d := Details{shown.Name, shown.Directory, shown.ClientID}
	change(&d)
	changed := &Tenant{ID: id, Name: d.Name, Directory: d.Directory, ClientID: d.ClientID}
	changed.tidy()
	if err := changed.check(); err != nil {
		return Shown{}, err
	}
	if changed.Directory != shown.Directory {
		if err := s.complete(ctx, changed); err != nil {
			return Shown{}, err
		}
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		t, err := tx.GetTenant(ctx, id)
		if err != nil {
			return err
		}
		before := t.facts()
		t.Name, t.Directory, t.ClientID, t.UpdatedAt = changed.Name, changed.Directory, changed.ClientID, s.now()
		if err := mustBeNew(ctx, tx, t); err != nil {
			return err
		}
		if err := tx.UpdateTenant(ctx, t); err != nil {
			return err
		}
		if err := wake(ctx, tx, id); err != nil {
			return err
		}
		return s.record(ctx, tx, by, "tenant.updated", t, before, t.facts())
	})
	if err != nil {
		return Shown{}, err
	}
	return s.Get(ctx, by, id)
}

// Remove forgets a tenant and its credentials, unless a support address needs
// it. Administrators may.
func (s *Service) Remove(ctx context.Context, by access.Actor, id ID) error {
	if err := by.MustAdminister(); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		t, err := tx.GetTenant(ctx, id)
		if err != nil {
			return err
		}
		addresses, err := tx.TenantAddresses(ctx, id)
		if err != nil {
			return err
		}
		if len(addresses) > 0 {
			names := strings.Join(addresses, ", ")
			return problem.New(problem.Conflict, "tenant_in_use", "%s is used by %s.", t.Name, names).
				On(problem.Yours, "Remove these addresses first.").With("tenant", t.Name).With("addresses", names)
		}
		if err := tx.DeleteTenant(ctx, id); err != nil {
			return err
		}
		return s.record(ctx, tx, by, "tenant.removed", t, t.facts(), nil)
	})
}

func (t *Tenant) facts() map[string]string {
	return map[string]string{"name": t.Name, "directory": t.Directory, "client_id": t.ClientID}
}

// record writes a change into the audit trail and tells live screens.
func (s *Service) record(ctx context.Context, tx Tx, by access.Actor, action string, t *Tenant, before, after any) error {
	publish(tx, t.ID)
	return access.Record(ctx, tx, by, s.now(), access.Change{
		Action: action, Object: "tenant", Subject: int64(t.ID), Label: t.Name, Before: before, After: after,
	})
}

func publish(tx event.Tx, id ID) {
	tx.Publish(event.Event{Kind: event.SettingsUpdated, ID: int64(id)})
}

// wake asks for another try of what Microsoft refused the tenant.
func wake(ctx context.Context, tx job.Tx, id ID) error {
	_, err := job.Insert(ctx, tx, CredentialsChanged{Tenant: id}, job.Options{})
	return err
}
