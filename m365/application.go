package m365

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"tandem/email"
	"tandem/graph"
	"tandem/problem"
	"tandem/tenant"
)

// application is a tenant's app registration at work: one client for all the
// mailboxes that it opens, because Microsoft counts its limits by application
// and mailbox, and one token serves them all.
type application struct {
	entra *graph.Entra
	graph *graph.Client

	mu       sync.Mutex
	requests map[string]*hourly // by whose mailbox
}

// entraOf returns the identity platform for a tenant's app registration.
func (ms *Mailboxes) entraOf(tenant.ID) *graph.Entra { return ms.entra }

// application returns the tenant's app registration at work. The caller holds ms.mu.
func (ms *Mailboxes) application(id tenant.ID) (*application, error) {
	entra := ms.entraOf(id)
	if app := ms.applications[id]; app != nil && app.entra == entra {
		return app, nil
	}
	app := &application{entra: entra, requests: make(map[string]*hourly)}
	var err error
	app.graph, err = ms.client(graph.NewAppOnly(entra), app.count)
	if err != nil {
		return nil, err
	}
	ms.applications[id] = app
	return app, nil
}

func (a *application) count(r graph.RequestInfo) {
	a.mu.Lock()
	h := a.requests[strings.ToLower(r.Mailbox)]
	a.mu.Unlock()
	if h != nil { // else nobody has connected the mailbox
		h.add(time.Now(), r.Requests)
	}
}

// requestsFor counts what is asked for a user's mailbox.
func (a *application) requestsFor(user string) *hourly {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := strings.ToLower(user)
	if a.requests[key] == nil {
		a.requests[key] = new(hourly)
	}
	return a.requests[key]
}

// Find looks up whose mailbox the app registration opens by that name, and
// opens it: what the token's roles promise decides nothing, since an access
// policy may take from them and RBAC for Applications may add to them.
func (ms *Mailboxes) Find(ctx context.Context, id tenant.ID, name string) (*email.Owner, error) {
	if id == 0 && slices.Contains([]string{"", "organizations", "common"}, strings.ToLower(ms.opts.App.Tenant)) {
		return nil, problem.New(problem.Invalid, "tenant_not_named", "Application permission needs to know your Microsoft tenant.").
			On(problem.Admin, "Set microsoft.tenant in Tandem's configuration to the Directory (tenant) ID that Entra shows.")
	}
	ms.mu.Lock()
	app, err := ms.application(id)
	ms.mu.Unlock()
	if err != nil {
		return nil, err
	}
	user, err := app.find(ctx, name)
	if err != nil {
		return nil, err
	}
	if _, err := app.graph.Mailbox(user.ID).Folder(ctx, graph.Inbox); err != nil {
		return nil, notOpened(name, err)
	}
	directory, err := app.entra.TenantID(ctx)
	if err != nil {
		return nil, translate(err)
	}
	owner := &email.Owner{TenantID: directory, UserID: user.ID, Name: user.Name, Email: strings.ToLower(user.UserPrincipalName)}
	if addresses := user.Addresses(); len(addresses) > 0 {
		owner.Email = addresses[0]
	}
	return owner, nil
}

// find looks a name up in the directory. Without the permission to read it the
// name itself has to do: Graph takes a user principal name for an id.
func (a *application) find(ctx context.Context, name string) (*graph.User, error) {
	user, err := a.graph.User(ctx, name)
	if errors.Is(err, graph.ErrNotFound) {
		user, err = a.graph.UserByAddress(ctx, name)
	}
	switch {
	case errors.Is(err, graph.ErrAccessDenied):
		return &graph.User{ID: name, UserPrincipalName: name}, nil
	case err != nil:
		return nil, translate(err)
	case user == nil:
		return nil, problem.New(problem.Invalid, "mailbox_unknown", "Your Microsoft 365 knows no user and no shared mailbox by the address %s.", name).
			On(problem.Yours, "Check how it is written. Distribution lists and Microsoft 365 groups have no mailbox that can be connected.").
			In("email").With("address", name)
	}
	return user, nil
}

// notOpened says why a mailbox that exists on paper could not be opened.
func notOpened(name string, err error) error {
	var p *problem.Error
	switch {
	case errors.Is(err, graph.ErrMailboxUnavailable):
		p = problem.New(problem.Invalid, "mailbox_missing", "%s has no mailbox in Exchange Online.", name).
			On(problem.Admin, "Give the user a licence with Exchange Online, or make it a shared mailbox, in the Microsoft 365 admin center. A mailbox on your own server cannot be connected so.")
	case errors.Is(err, graph.ErrAccessPolicy):
		p = problem.New(problem.Invalid, "access_policy_refuses", "An application access policy in Exchange Online keeps Tandem's app registration out of %s.", name).
			On(problem.Admin, "Add the mailbox to the policy's group, and look at the outcome with Test-ApplicationAccessPolicy. It may take an hour until it counts.")
	case errors.Is(err, graph.ErrAccessDenied):
		p = problem.New(problem.Invalid, "application_refused", "Microsoft does not allow Tandem's app registration to open %s.", name).
			On(problem.Admin, "Grant it Mail.ReadWrite and Mail.Send as application permissions with administrator's consent in Entra, or let RBAC for Applications in Exchange Online include the mailbox. Test-ServicePrincipalAuthorization shows what counts. It may take two hours.")
	default:
		return fmt.Errorf("open the mailbox of %s: %w", name, translate(err))
	}
	return p.In("email").With("address", name).Because(err)
}
