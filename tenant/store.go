package tenant

import (
	"context"
	"time"

	"tandem/access"
	"tandem/event"
	"tandem/job"
)

// Store runs functions in a transaction; see access.Store.
type Store interface {
	View(context.Context, func(Tx) error) error
	Update(context.Context, func(Tx) error) error
}

// Tx is what tenants need of a transaction.
type Tx interface {
	event.Tx
	job.Tx
	access.AuditTx
	ReadTx

	InsertTenant(context.Context, *Tenant) error // sets ID
	UpdateTenant(context.Context, *Tenant) error
	// DeleteTenant removes the tenant with its credentials.
	DeleteTenant(context.Context, ID) error
	// TenantAddresses lists the support addresses whose mailbox is opened with the tenant's registration.
	TenantAddresses(context.Context, ID) ([]string, error)
	// AdoptConnections gives the tenant the connections that belong to none yet.
	AdoptConnections(context.Context, ID) (int, error)

	// ListCredentials gives the oldest first.
	ListCredentials(context.Context, ID) ([]*Credential, error)
	InsertCredential(context.Context, *Credential) error // sets ID
	UpdateCredential(context.Context, *Credential) error
	DeleteCredential(context.Context, CredentialID) error
}

// ReadTx reads tenants, for other concepts too.
type ReadTx interface {
	// GetTenant reads a tenant, or returns problem.NotFound. In an Update nobody
	// else changes it or its credentials until that ends.
	GetTenant(context.Context, ID) (*Tenant, error)
	ListTenants(context.Context) ([]*Tenant, error) // oldest first
}

// Microsoft is what tenants ask of Microsoft. Its errors are problems; those of
// the kind problem.Unavailable say nothing about what was asked.
type Microsoft interface {
	// Discover returns the id of the directory that an id or domain names.
	Discover(ctx context.Context, directory string) (id string, err error)
	// Try asks for a token with exactly this credential. An error means that
	// Microsoft could not judge.
	Try(context.Context, *Tenant, *Credential) (Verdict, error)
	// SecretExpiries tells when the registration's secrets end, by their first
	// three characters. A secret that shares them with another is left out.
	SecretExpiries(context.Context, *Tenant, *Credential) (map[string]time.Time, error)
}

// CredentialsChanged tells whoever holds tokens of a tenant that Microsoft may
// answer otherwise now: mailboxes that stood still are read at once.
type CredentialsChanged struct {
	Tenant ID `json:"tenant"`
}

// Kind names the job.
func (CredentialsChanged) Kind() string { return "tenant.credentials_changed" }

// Alert is a mail to all administrators.
type Alert struct {
	Key     string            `json:"key"` // of two alerts with the same key only the first is sent
	Reason  string            `json:"reason"`
	Facts   map[string]string `json:"facts"`   // by which its sentences are filled in, by name
	Trouble Trouble           `json:"trouble"` // what it tells of, when there is trouble
	Page    string            `json:"page"`    // path of the page that helps
	Avoid   ID                `json:"avoid"`   // the tenant whose mailboxes cannot send; 0: none
}

// Reasons of alerts.
const (
	CredentialRefused = "credential_refused"
	CredentialExpiry  = "credential_expiry"
)

// Facts that alerts tell. FactDays is how many whole days are left, FactExpires
// an instant as RFC 3339 has it.
const (
	FactTenant     = "tenant"
	FactCredential = "credential"
	FactSuccessor  = "successor"
	FactDays       = "days"
	FactExpires    = "expires"
)

// Kind names the job.
func (Alert) Kind() string { return "tenant.alert" }
