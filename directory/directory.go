// Package directory knows the people and their groupings: agents and
// administrators who work in Tandem, requesters who write to it and the
// organizations they belong to, the teams that agents work in, and the brands
// under which we answer.
//
// A person is one row whatever the role: a requester who is hired becomes an
// agent and keeps the tickets. People are told apart by their identities: mail
// addresses, compared without regard to case, and telephone numbers.
//
// A person may belong to several organizations and teams ([Membership]); of
// each kind exactly one is the default, as long as there is any. Whoever writes
// from a mail domain of an organization becomes its member.
//
// A deleted person keeps the row, because tickets name it, and loses all
// addresses: who writes from one of them later is somebody new.
//
// An organisation adds what else it wants to know of its tickets, requesters and
// organizations as custom fields ([Field]). A value is a text in canonical form,
// by which it is shown, written into histories and compared; what a field of
// which type takes stands in [Field.Read].
package directory

import (
	"cmp"
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
	Email     string // the primary address, in lower case; empty: none is known
	Role      Role
	Locale    string      // BCP 47, e.g. "en", "ja", "pt-BR"; empty: the browser's
	TimeZone  string      // IANA name; empty: the browser's
	Signature string      // of an agent, plain text, put below replies
	Suspended bool        // may not sign in
	Fields    FieldValues // custom fields

	Phone      string // E.164 where it can be; the first thing to call
	Alias      string // of an agent, shown to requesters instead of the name
	Notes      string
	Details    string
	ExternalID string // another system's word for the person; unique when it is not empty
	Tags       []string
	Verified   bool // the primary address is

	OrganizationID OrganizationID // the default one; 0: none. Join and Leave change it
	TeamID         TeamID         // likewise
	LastLoginAt    time.Time      // zero: never
	DeletedAt      time.Time      // zero: not deleted
	ErasedAt       time.Time      // when somebody asked to delete the person permanently; zero: nobody has
	Erased         bool           // that is done: nothing is left but the id
	Former         []string       // addresses and numbers of a deleted person, the primary address first

	CreatedAt time.Time
	UpdatedAt time.Time
}

// Label is what the person is known by: the address, else the name.
func (u *User) Label() string { return cmp.Or(u.Email, u.Name) }

// Active tells whether the person has not been deleted.
func (u *User) Active() bool { return u.DeletedAt.IsZero() }

// Works tells whether the person works in Tandem, rather than writing to it.
func (u *User) Works() bool { return u.Role == Agent || u.Role == Admin }

// Team is a group of agents.
type Team struct {
	ID          TeamID
	Name        string
	Description string
	Default     bool      // takes what nobody has been given; exactly one is, once there are teams
	DeletedAt   time.Time // closed tickets still name it; zero: not deleted
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Brand is a name under which the organisation answers.
type Brand struct {
	ID        BrandID
	Name      string
	Default   bool
	Signature string // plain text below every reply of this brand
	Retired   bool   // no ticket is given to it any more
	Logo      Logo
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Logo is a brand's picture.
type Logo struct {
	Blob        string // empty: there is none
	ContentType string // "image/png" or "image/jpeg"
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
	OrganizationTx
	MembershipTx
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
	// ListTeams lists those that are not deleted.
	ListTeams(context.Context) ([]*Team, error)
	GetTeam(context.Context, TeamID) (*Team, error) // deleted ones too
	InsertTeam(context.Context, *Team) error        // sets ID
	UpdateTeam(context.Context, *Team) error
	// DeleteTeam marks it as deleted, frees its name and removes its memberships.
	DeleteTeam(ctx context.Context, id TeamID, at time.Time) error
	// FindUserByExternalID returns nil when nobody has it.
	FindUserByExternalID(ctx context.Context, id string) (*User, error)
	// DeleteUser marks a person as deleted and takes identities and memberships away.
	DeleteUser(context.Context, *User) error
	// NoteErasure writes that somebody asked to delete a person permanently.
	NoteErasure(ctx context.Context, id UserID, at time.Time) error
	// NoteSignIn writes when a person last signed in.
	NoteSignIn(ctx context.Context, id UserID, at time.Time) error
}

// UserFilter chooses people; the zero value means everybody who is not deleted, by name.
type UserFilter struct {
	Roles        []Role      // any of these; empty: all
	Search       string      // words that begin parts of name, addresses and numbers
	Text         []text.Term // what name, addresses, numbers and fields have or lack
	IDs          []UserID
	ExternalIDs  []string
	Team         TeamID           // members of it
	Organization OrganizationID   // likewise
	AnyOf        []OrganizationID // members of one of them; nil: all people
	Tags         []string         // those with one of them; empty: all people
	NotTags      []string         // those without any of them
	Suspended    bool             // only those who are
	Deleted      bool             // those who are deleted, instead of those who are not
	Everybody    bool             // with those who are deleted
	Sort         UserSort         // empty: by name
	Descending   bool
	Part
}
