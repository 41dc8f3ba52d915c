// Package directory knows the people and their groupings: agents and
// administrators who work in Tandem, requesters who write to it, the teams
// that agents work in, and the brands under which the organisation answers.
//
// A person is one row whatever the role: a requester who is hired becomes an
// agent and keeps the tickets. People are told apart by their identities: mail
// addresses, compared without regard to case, and telephone numbers.
//
// An organisation adds what else it wants to know of its tickets, requesters and
// organizations as custom fields ([Field]). A value is a text in canonical form,
// by which it is shown, written into histories and compared; what a field of
// which type takes stands in [Field.Read].
package directory

import (
	"context"
	"net/mail"
	"strings"
	"time"

	"tandem/problem"
	"tandem/text"
)

// The identifiers of the directory.
type (
	UserID  int64
	TeamID  int64
	BrandID int64
)

// Role is what a person may be, as the Zendesk API names it.
type Role string

// The roles.
const (
	EndUser Role = "end-user" // a requester; cannot sign in
	Agent   Role = "agent"
	Admin   Role = "admin"
)

// User is a person.
type User struct {
	ID        UserID
	Name      string
	Email     string // lower case
	Role      Role
	Locale    string      // BCP 47, e.g. "en", "ja", "pt-BR"; empty: the browser's
	TimeZone  string      // IANA name; empty: the browser's
	Signature string      // of an agent, plain text, put below replies
	Suspended bool        // may not sign in
	Fields    FieldValues // custom fields
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Works tells whether the person works in Tandem, rather than writing to it.
func (u *User) Works() bool { return u.Role == Agent || u.Role == Admin }

// Team is a group of agents.
type Team struct {
	ID        TeamID
	Name      string
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Brand is a name under which the organisation answers.
type Brand struct {
	ID        BrandID
	Name      string
	Default   bool
	Signature string // plain text below every reply of this brand
	CreatedAt time.Time
	UpdatedAt time.Time
}

// NormalizeEmail brings an address into the form in which addresses are
// compared, or returns the problem "invalid_email".
func NormalizeEmail(address string) (string, error) {
	parsed, err := mail.ParseAddress(strings.TrimSpace(address))
	if err != nil || len(parsed.Address) > 254 || !strings.Contains(parsed.Address, "@") {
		return "", problem.New(problem.Invalid, "invalid_email", "%q is not a mail address.", address).
			On(problem.Yours, "Write it like name@example.com.").In("email")
	}
	return strings.ToLower(parsed.Address), nil
}

// Tx is what the directory needs of a transaction. Find methods return nil
// when there is nobody; Get methods return problem.NotFound.
type Tx interface {
	IdentityTx
	FieldTx
	// GetUser reads a person. Whoever was merged into another is that one.
	GetUser(context.Context, UserID) (*User, error)
	// FindUserByEmail finds a person by any of the addresses.
	FindUserByEmail(ctx context.Context, email string) (*User, error)
	ListUsers(context.Context, UserFilter) ([]*User, error)
	CountUsers(context.Context, UserFilter) (int, error)
	InsertUser(context.Context, *User) error // sets ID
	UpdateUser(context.Context, *User) error
	GetBrand(context.Context, BrandID) (*Brand, error)
	DefaultBrand(context.Context) (*Brand, error)
	ListBrands(context.Context) ([]*Brand, error)
	InsertBrand(context.Context, *Brand) error
	UpdateBrand(context.Context, *Brand) error
	ListTeams(context.Context) ([]*Team, error)
}

// UserFilter chooses people; the zero value means everybody, by name.
type UserFilter struct {
	Roles  []Role      // any of these; empty: all
	Search string      // words that begin parts of name, addresses and numbers
	Text   []text.Term // what name, addresses, numbers and fields have or lack
	IDs    []UserID
	After  UserID // paging by id when Limit is set
	Limit  int
	Offset int
}
