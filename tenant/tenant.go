package tenant

import (
	"log/slog"
	"time"
)

// The identifiers of tenants.
type (
	ID           int64
	CredentialID int64
)

// Tenant is one connected Entra tenant with its app registration.
type Tenant struct {
	ID        ID
	Name      string // what people here call it
	Directory string // "Directory (tenant) ID" or a verified domain; "organizations" serves sign-in only
	ClientID  string // "Application (client) ID"
	CreatedAt time.Time
	UpdatedAt time.Time
}

// CredentialKind says what a credential is made of.
type CredentialKind string

// The kinds of credentials.
const (
	ClientSecret CredentialKind = "secret"
	Certificate  CredentialKind = "certificate"
)

// Secret is a client secret or private key in memory. It never prints.
type Secret string

func (Secret) String() string               { return "(secret)" }
func (Secret) LogValue() slog.Value         { return slog.StringValue("(secret)") }
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"(secret)"`), nil }

// Credential is one proof that we are the app registration.
type Credential struct {
	ID          CredentialID
	TenantID    ID
	Kind        CredentialKind
	Name        string    // what people call it
	Hint        string    // last characters of a secret, or a certificate's SHA-1 thumbprint in hex, as Entra shows them
	Secret      Secret    // the secret's value, or the private key in PEM (PKCS #8); encrypted at rest
	Certificate string    // PEM; empty for a secret
	ExpiresAt   time.Time // zero: nobody has said
	TriedAt     time.Time // when Entra last judged it
	ErrorCode   string    // why Entra last refused it; empty: it works, or has not been tried
	CreatedAt   time.Time
}
