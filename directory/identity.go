package directory

import (
	"context"
	"regexp"
	"strings"
	"time"

	"tandem/problem"
)

// IdentityID identifies an identity.
type IdentityID int64

// IdentityKind says what an identity is, as the Zendesk API names it.
type IdentityKind string

// The kinds of identities.
const (
	EmailIdentity IdentityKind = "email"
	PhoneIdentity IdentityKind = "phone_number"
)

// Identity is an address or number by which a person is known. It belongs to
// one person alone. That which is User.Email is the person's primary one: mail
// to the person goes there.
type Identity struct {
	ID        IdentityID
	UserID    UserID
	Kind      IdentityKind
	Value     string // an address in lower case, or a number in E.164
	Verified  bool
	CreatedAt time.Time
}

// IdentityTx stores identities. InsertUser and UpdateUser keep the identity of
// the primary address.
type IdentityTx interface {
	ListIdentities(context.Context, ...UserID) ([]*Identity, error) // the oldest first
	GetIdentity(context.Context, IdentityID) (*Identity, error)
	FindIdentity(ctx context.Context, kind IdentityKind, value string) (*Identity, error) // nil when nobody has it
	InsertIdentity(context.Context, *Identity) error                                      // sets ID
	UpdateIdentity(context.Context, *Identity) error
	DeleteIdentity(context.Context, IdentityID) error
}

// e164 is a telephone number as ITU-T E.164 section 6 has it.
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// NormalizePhone brings an international number into E.164, or returns the
// problem "invalid_phone".
func NormalizePhone(number string) (string, error) {
	plain := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "", "/", "", " ", "").Replace(number)
	if strings.HasPrefix(plain, "00") {
		plain = "+" + plain[2:]
	}
	if !e164.MatchString(plain) {
		return "", problem.New(problem.Invalid, "invalid_phone", "%q is not an international telephone number.", number).
			On(problem.Yours, "Write it with the country's code, like +81 3 1234 5678.").In("value")
	}
	return plain, nil
}
