package m365

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"tandem/graph"
	"tandem/problem"
	"tandem/tenant"
)

// Registrations are the app registrations by which we are known at Microsoft.
type Registrations interface {
	// Registration returns a tenant with its credentials, in the order in which
	// they are to be used.
	Registration(context.Context, tenant.ID) (*tenant.Tenant, []*tenant.Credential, error)
	// Judge hears what Microsoft said of one of them.
	Judge(context.Context, tenant.Verdict) error
}

// registration is a tenant's app registration as package graph asks for it:
// read anew for each token, so that another credential needs no restart.
type registration struct {
	id   tenant.ID
	from Registrations
	log  *slog.Logger
}

// App reads the registration.
func (r registration) App(ctx context.Context) (graph.App, error) {
	t, credentials, err := r.from.Registration(ctx, r.id)
	if err != nil {
		return graph.App{}, err
	}
	app := appOf(t)
	for _, c := range credentials {
		proof, err := proofOf(c)
		if err != nil { // the others still work
			r.log.Error("credential cannot be used", "tenant", r.id, "credential", c.ID, "err", err)
			continue
		}
		app.Credentials = append(app.Credentials, proof)
	}
	return app, nil
}

// Judged passes on what Entra said, unless it was about the person who signed in.
func (r registration) Judged(ctx context.Context, c graph.Credential, err error) {
	v, about := verdictOf(r.id, tenant.CredentialID(c.ID), err)
	if !about {
		return
	}
	if err := r.from.Judge(ctx, v); err != nil {
		r.log.Error("note what Microsoft said of a credential", "tenant", r.id, "credential", c.ID, "err", err)
	}
}

func appOf(t *tenant.Tenant) graph.App { return graph.App{Tenant: t.Directory, ClientID: t.ClientID} }

func proofOf(c *tenant.Credential) (graph.Credential, error) {
	if c.Kind != tenant.Certificate {
		return graph.Credential{ID: int64(c.ID), Secret: string(c.Secret)}, nil
	}
	pair, err := c.KeyPair()
	if err != nil {
		return graph.Credential{}, err
	}
	return graph.Credential{ID: int64(c.ID), Certificate: pair.Certificate, Key: pair.Key}, nil
}

// verdictOf turns Entra's answer into what it means for a credential or its
// registration; about is false when it means nothing for either.
func verdictOf(id tenant.ID, c tenant.CredentialID, err error) (v tenant.Verdict, about bool) {
	if err == nil {
		return tenant.Verdict{Tenant: id, Credential: c}, true
	}
	auth := authErrorOf(err)
	switch {
	case auth == nil || auth.Temporary():
		return v, false
	case auth.AboutCredential():
		return tenant.Verdict{Tenant: id, Credential: c, Problem: problem.As(translate(err))}, true
	case auth.AboutRegistration():
		return tenant.Verdict{Tenant: id, Problem: problem.As(translate(err))}, true
	}
	return v, false
}

func authErrorOf(err error) *graph.AuthError {
	auth, _ := errors.AsType[*graph.AuthError](err)
	return auth
}

var _ tenant.Microsoft = (*Directory)(nil)

// Directory is Microsoft as package tenant asks it.
type Directory struct {
	endpoints graph.Endpoints
	http      *http.Client
	log       *slog.Logger
}

// NewDirectory asks nothing of Microsoft.
func NewDirectory(endpoints graph.Endpoints, log *slog.Logger) *Directory {
	return &Directory{endpoints: endpoints, http: &http.Client{Transport: graph.NewTransport()}, log: log}
}

// Discover returns the id of the directory that an id or domain names.
func (d *Directory) Discover(ctx context.Context, directory string) (string, error) {
	id, err := graph.NewEntra(d.endpoints, graph.App{Tenant: directory}, d.http).DirectoryID(ctx)
	return id, translate(err)
}

// Try asks for a token of the application itself with exactly this credential.
func (d *Directory) Try(ctx context.Context, t *tenant.Tenant, c *tenant.Credential) (tenant.Verdict, error) {
	entra, err := d.entraOf(t, c)
	if err != nil {
		return tenant.Verdict{}, err
	}
	_, err = entra.ClientCredentials(ctx)
	if v, about := verdictOf(t.ID, c.ID, err); about {
		return v, nil
	}
	if auth := authErrorOf(err); auth != nil && !auth.Temporary() {
		// Nobody has signed in: whatever else Entra refuses is about the application.
		return tenant.Verdict{Tenant: t.ID, Problem: problem.As(translate(err))}, nil
	}
	return tenant.Verdict{}, translate(err)
}

func (d *Directory) entraOf(t *tenant.Tenant, c *tenant.Credential) (*graph.Entra, error) {
	proof, err := proofOf(c)
	if err != nil {
		return nil, err
	}
	app := appOf(t)
	app.Credentials = []graph.Credential{proof}
	return graph.NewEntra(d.endpoints, app, d.http), nil
}
