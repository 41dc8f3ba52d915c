package api

import (
	"context"
	"net/http"

	"tandem/access"
	"tandem/tenant"
)

func (s *server) tenantRoutes() {
	const tag = "microsoft tenants"
	route(s, op{on: "GET /microsoft_tenants", id: "list_tenants", says: "List Microsoft tenants with their credentials", tag: tag, may: admins}, s.listTenants)
	route(s, op{on: "POST /microsoft_tenants", id: "create_tenant", says: "Add a Microsoft tenant; Microsoft tells the id of a domain's directory", tag: tag, may: admins, status: http.StatusCreated}, s.createTenant)
	route(s, op{on: "GET /microsoft_tenants/{id}", id: "show_tenant", says: "Show a Microsoft tenant", tag: tag, may: admins}, s.showTenant)
	route(s, op{on: "PUT /microsoft_tenants/{id}", id: "update_tenant", says: "Change a Microsoft tenant", tag: tag, may: admins}, s.updateTenant)
	route(s, op{on: "DELETE /microsoft_tenants/{id}", id: "delete_tenant", says: "Forget a Microsoft tenant that no address uses", tag: tag, may: admins}, s.deleteTenant)
}

// MicrosoftTenant is a tenant as the API shows it.
type MicrosoftTenant struct {
	ID            int64          `json:"id"`
	Name          string         `json:"name"`
	Directory     string         `json:"directory" doc:"Directory (tenant) id; organizations serves the sign-in of people only"`
	ClientID      string         `json:"client_id" doc:"Application (client) id"`
	TokenEndpoint string         `json:"token_endpoint" doc:"Where Tandem asks for tokens; follows from the directory"`
	Error         maybe[Trouble] `json:"error" doc:"Why Microsoft refuses the app registration"`
	Credentials   []Credential   `json:"credentials" doc:"In the order in which they are used"`
	Addresses     []string       `json:"addresses" doc:"Support addresses that are opened with this registration"`
	CreatedAt     instant        `json:"created_at"`
	UpdatedAt     instant        `json:"updated_at"`
}

func (s *server) encodeTenant(t tenant.Shown) MicrosoftTenant {
	return MicrosoftTenant{
		ID: int64(t.ID), Name: t.Name, Directory: t.Directory, ClientID: t.ClientID, TokenEndpoint: t.TokenEndpoint,
		Error:       encodeRefusal(t.Trouble),
		Credentials: each(t.Credentials, func(c *tenant.Credential) Credential { return encodeCredential(c, s.now()) }),
		Addresses:   some(t.Addresses), CreatedAt: instant(t.CreatedAt), UpdatedAt: instant(t.UpdatedAt),
	}
}

func encodeRefusal(t tenant.Trouble) maybe[Trouble] {
	return encodeTrouble(t.Code, t.Message, t.Side, t.Remedy, t.At)
}

type tenantsOut struct {
	Body struct {
		Tenants []MicrosoftTenant `json:"microsoft_tenants"`
		OffsetMeta
	}
}

func (s *server) listTenants(ctx context.Context, by access.Actor, _ *none) (*tenantsOut, error) {
	tenants, err := s.tenants.List(ctx, by)
	out := new(tenantsOut)
	out.Body.Tenants = each(tenants, s.encodeTenant)
	count := len(tenants)
	out.Body.Count = &count
	return out, err
}

// TenantPath names a tenant.
type TenantPath struct {
	ID int64 `path:"id"`
}

func (in TenantPath) id() tenant.ID { return tenant.ID(in.ID) }

type tenantOut struct {
	Body struct {
		Tenant MicrosoftTenant `json:"microsoft_tenant"`
	}
}

func (s *server) shownTenant(t tenant.Shown, err error) (*tenantOut, error) {
	if err != nil {
		return nil, err
	}
	out := new(tenantOut)
	out.Body.Tenant = s.encodeTenant(t)
	return out, nil
}

func (s *server) showTenant(ctx context.Context, by access.Actor, in *TenantPath) (*tenantOut, error) {
	return s.shownTenant(s.tenants.Get(ctx, by, in.id()))
}

// NewTenantBody is a tenant to add.
type NewTenantBody struct {
	Name      string `json:"name,omitempty" maxLength:"200" doc:"Absent: the directory"`
	Directory string `json:"directory" maxLength:"253" doc:"Directory (tenant) id, or a domain of it"`
	ClientID  string `json:"client_id" maxLength:"100"`
}

type createTenantIn struct {
	Body struct {
		Tenant NewTenantBody `json:"microsoft_tenant"`
	}
}

func (s *server) createTenant(ctx context.Context, by access.Actor, in *createTenantIn) (*tenantOut, error) {
	b := in.Body.Tenant
	return s.shownTenant(s.tenants.Create(ctx, by, tenant.Details{Name: b.Name, Directory: b.Directory, ClientID: b.ClientID}))
}

// TenantChangeBody is what an administrator sets at a tenant; what is absent stays.
type TenantChangeBody struct {
	Name      *string `json:"name,omitempty" maxLength:"200"`
	Directory *string `json:"directory,omitempty" maxLength:"253"`
	ClientID  *string `json:"client_id,omitempty" maxLength:"100"`
}

type updateTenantIn struct {
	TenantPath
	Body struct {
		Tenant TenantChangeBody `json:"microsoft_tenant"`
	}
}

func (s *server) updateTenant(ctx context.Context, by access.Actor, in *updateTenantIn) (*tenantOut, error) {
	b := in.Body.Tenant
	return s.shownTenant(s.tenants.Change(ctx, by, in.id(), func(d *tenant.Details) {
		set(&d.Name, b.Name)
		set(&d.Directory, b.Directory)
		set(&d.ClientID, b.ClientID)
	}))
}

func (s *server) deleteTenant(ctx context.Context, by access.Actor, in *TenantPath) (*none, error) {
	return nil, s.tenants.Remove(ctx, by, in.id())
}
