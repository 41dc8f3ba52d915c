package tenant

import (
	"cmp"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"tandem/problem"
)

// The identifiers of tenants.
type (
	ID           int64
	CredentialID int64
)

// AnyDirectory stands for the work accounts of all organisations. It serves the
// sign-in of people only: an application acts in one directory.
const AnyDirectory = "organizations"

// Tenant is one connected Entra tenant with its app registration.
type Tenant struct {
	ID        ID
	Name      string // what people here call it
	Directory string // "Directory (tenant) ID" or a verified domain, or AnyDirectory
	ClientID  string // "Application (client) ID"
	Trouble   Trouble
	SeededBy  string // fingerprint of the secret that the configuration last gave; empty: none
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Trouble is why Microsoft refuses the app registration or a credential; the
// zero value means that it does not.
type Trouble struct {
	Code    string
	Message string
	Side    string // problem.Side
	Remedy  string
	At      time.Time // since when
}

// troubleOf keeps a problem; at is when it began.
func troubleOf(p *problem.Error, at time.Time) Trouble {
	return Trouble{Code: p.Code, Message: p.Message, Side: string(p.Side), Remedy: p.Remedy, At: at}
}

// Is tells whether there is trouble.
func (t Trouble) Is() bool { return t.Code != "" }

// Secret is a client secret or private key in memory. It never prints.
type Secret string

func (Secret) String() string               { return "(secret)" }
func (Secret) LogValue() slog.Value         { return slog.StringValue("(secret)") }
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"(secret)"`), nil }

const maxName = 100

// Entra's ids are GUIDs; a directory may also be named by a verified domain.
var (
	guid   = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	domain = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9][a-z0-9-]+$`)
)

// tidy brings what was typed into the form that is kept.
func (t *Tenant) tidy() {
	t.Directory = strings.ToLower(strings.TrimSpace(t.Directory))
	t.ClientID = strings.ToLower(strings.TrimSpace(t.ClientID))
	t.Name = cmp.Or(strings.TrimSpace(t.Name), t.Directory)
}

// check returns what is wrong with what was typed.
func (t *Tenant) check() error {
	switch {
	case !guid.MatchString(t.Directory) && !domain.MatchString(t.Directory) && t.Directory != AnyDirectory:
		return problem.New(problem.Invalid, "directory_invalid", "This is neither a directory id nor a domain.").
			On(problem.Yours, "Copy \"Directory (tenant) ID\" from the app registration's overview in Entra.").In("directory")
	case !guid.MatchString(t.ClientID):
		return problem.New(problem.Invalid, "client_id_invalid", "This is no application id.").
			On(problem.Yours, "Copy \"Application (client) ID\" from the app registration's overview in Entra.").In("client_id")
	case len([]rune(t.Name)) > maxName:
		return problem.New(problem.Invalid, "name_too_long", "The name is longer than %d characters.", maxName).
			On(problem.Yours, "Choose a shorter one.").In("name")
	}
	return nil
}

// mustNameOneDirectory refuses what an application cannot do in all directories at once.
func (t *Tenant) mustNameOneDirectory() error {
	if t.Directory != AnyDirectory {
		return nil
	}
	return problem.New(problem.Invalid, "directory_needed", "Without a directory id, Microsoft only lets people sign in; Tandem itself cannot.").
		On(problem.Admin, "Enter the directory id or the domain of the organisation at the Microsoft tenant.").In("directory")
}
