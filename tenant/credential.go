package tenant

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"tandem/problem"
)

// CredentialKind says what a credential is made of.
type CredentialKind string

// The kinds of credentials.
const (
	ClientSecret CredentialKind = "secret"
	Certificate  CredentialKind = "certificate"
)

// Credential is one proof that we are the app registration.
type Credential struct {
	ID          CredentialID
	TenantID    ID
	Kind        CredentialKind
	Name        string    // what people call it
	Hint        string    // first characters of a secret, or a certificate's SHA-1 thumbprint in hex, as Entra shows them
	Secret      Secret    // the secret's value, or the private key in PEM (PKCS #8); encrypted at rest
	Certificate string    // PEM; empty for a secret
	ExpiresAt   time.Time // zero: nobody has said
	TriedAt     time.Time // when Entra last judged it; zero: never
	AcceptedAt  time.Time // when Entra last accepted it; zero: never
	Trouble     Trouble   // why Entra last refused it
	Warned      int       // the threshold of the last warning, in days; 0: none yet
	CreatedAt   time.Time
}

// State is how a credential stands.
type State string

// The states, the best first.
const (
	Working State = "working" // Microsoft accepted it last
	Untried State = "untried" // Microsoft has not seen it yet
	Expired State = "expired"
	Refused State = "refused"
)

// State judges the credential.
func (c *Credential) State(now time.Time) State {
	switch {
	case c.Trouble.Is():
		return Refused
	case !c.ExpiresAt.IsZero() && !now.Before(c.ExpiresAt):
		return Expired
	case c.TriedAt.IsZero():
		return Untried
	}
	return Working
}

// rank orders the states by how much is to be hoped for.
func (s State) rank() int { return slices.Index([]State{Working, Untried, Expired, Refused}, s) }

// InOrder returns the credentials as they are to be tried: what works first,
// and of these the newest. What was refused comes last but comes: somebody may
// have mended it at Microsoft, and it costs nothing while another one works.
func InOrder(credentials []*Credential, now time.Time) []*Credential {
	ordered := slices.Clone(credentials)
	slices.SortStableFunc(ordered, func(a, b *Credential) int {
		return cmp.Or(
			a.State(now).rank()-b.State(now).rank(),
			b.CreatedAt.Compare(a.CreatedAt),
			cmp.Compare(b.ID, a.ID),
		)
	})
	return ordered
}

// Thresholds are how many days ahead administrators are warned.
func Thresholds() []int { return []int{60, 30, 14, 7, 1} }

const day = 24 * time.Hour

// DaysLeft is how many whole days the credential lasts; negative when it has
// expired. known is false when nobody has said when that is.
func (c *Credential) DaysLeft(now time.Time) (days int, known bool) {
	if c.ExpiresAt.IsZero() {
		return 0, false
	}
	left := c.ExpiresAt.Sub(now)
	if left < 0 {
		return -1 - int(-left/day), true
	}
	return int(left / day), true
}

// Threshold is the one that the credential has come below, the nearest to its
// end; 0 when it is far from it, has passed it, or nobody knows it.
func (c *Credential) Threshold(now time.Time) int {
	left := c.ExpiresAt.Sub(now)
	if c.ExpiresAt.IsZero() || left <= 0 {
		return 0
	}
	reached := 0
	for _, days := range Thresholds() {
		if left <= time.Duration(days)*day {
			reached = days
		}
	}
	return reached
}

// Successor is the credential that is used instead of one that no longer works,
// or takes over when this one ends: another one that works and lasts longer, or
// of which nobody knows the end; nil when there is none.
func (c *Credential) Successor(all []*Credential, now time.Time) *Credential {
	ended := c.State(now) == Refused || c.State(now) == Expired
	for _, other := range InOrder(all, now) {
		lasts := ended || other.ExpiresAt.IsZero() || !c.ExpiresAt.IsZero() && other.ExpiresAt.After(c.ExpiresAt)
		if other.ID != c.ID && other.State(now) == Working && lasts {
			return other
		}
	}
	return nil
}

// OnlyWorking tells whether no other credential of the list works.
func (c *Credential) OnlyWorking(all []*Credential, now time.Time) bool {
	return c.State(now) == Working && !slices.ContainsFunc(all, func(other *Credential) bool {
		return other.ID != c.ID && other.State(now) == Working
	})
}

// newSecret makes a credential of a client secret's value.
func newSecret(name, value string, expires, now time.Time) (*Credential, error) {
	value = strings.TrimSpace(value)
	switch {
	case value == "":
		return nil, problem.New(problem.Invalid, "secret_empty", "The secret is empty.").
			On(problem.Yours, "Copy its value from Entra. It is shown there only when the secret is made.").In("secret")
	case guid.MatchString(strings.ToLower(value)):
		return nil, problem.New(problem.Invalid, "secret_is_id", "This is the secret's id, not its value.").
			On(problem.Yours, "Copy the column \"Value\". If it is no longer shown, make a new secret in Entra.").In("secret")
	case len(value) > 500:
		return nil, problem.New(problem.Invalid, "secret_too_long", "This is too long for a client secret.").
			On(problem.Yours, "Copy the column \"Value\" in Entra. For a certificate choose \"Upload a certificate\".").In("secret")
	}
	if err := mustLieAhead(expires, now); err != nil {
		return nil, err
	}
	hint := value[:min(3, len(value)/4)]
	return &Credential{Kind: ClientSecret, Name: name, Hint: hint, Secret: Secret(value), ExpiresAt: expires, CreatedAt: now}, nil
}

func mustLieAhead(expires, now time.Time) error {
	if expires.IsZero() || expires.After(now) {
		return nil
	}
	return problem.New(problem.Invalid, "expiry_past", "This day has passed.").
		On(problem.Yours, "Enter the day that Entra shows as \"Expires\".").In("expires_at")
}
