package m365sim

import (
	"time"

	"github.com/google/uuid"
)

// Organisation is what the simulator creates in an empty data folder: one
// Entra tenant with its people, mailboxes and app registrations.
type Organisation struct {
	Name         string
	Domain       string // the verified domain, e.g. contoso.example
	TenantID     string // a GUID
	Users        []User
	Applications []Application
}

// User is a person or a shared mailbox of the organisation.
type User struct {
	ID                string // a GUID; empty: derived from the principal name
	UserPrincipalName string
	DisplayName       string
	GivenName         string
	Surname           string
	JobTitle          string
	Password          string   // empty: nobody can sign in
	Aliases           []string // further addresses that reach the mailbox
	Admin             bool     // Global Administrator: may consent for everybody
	MFA               bool     // sign-in needs a second factor
	Disabled          bool
	NoMailbox         bool // has no Exchange Online licence
	Shared            bool // a shared mailbox: needs no licence, and sign-in is blocked
}

// Application is an app registration.
type Application struct {
	ClientID     string
	DisplayName  string
	RedirectURIs []string
	Secrets      []Secret
	Certificates []string // PEM, for private_key_jwt
	Delegated    []string // delegated permissions of the registration
	Roles        []string // application permissions of the registration
	RolesGranted bool     // an administrator has consented to Roles
	AccessPolicy []string // principal names to whose mailboxes an application access policy restricts app-only access; none: all
	Public       bool     // a public client: has no secret and may send none
	Disabled     bool
}

// Secret is a client secret of an Application.
type Secret struct {
	ID        string    `json:"id"`
	Value     string    `json:"value"`
	ExpiresAt time.Time `json:"expires_at"`
}

// Facts of the demo organisation that do not change from one run to the next.
const (
	ContosoTenantID = "4f1c2a7e-5b0d-4c8e-9a63-2d7e81c0b5f4"
	ContosoClientID = "9b2f6d31-7c4a-4e05-8d1f-6a3b0c5e7f28"
	ContosoSecret   = "tandem-demo-secret"
	ContosoPassword = "tandem-demo"
)

// Contoso is the demo organisation: two support mailboxes, an administrator,
// eight agents, the awkward accounts every real tenant has (one that needs a
// second factor, shared mailboxes that nobody signs in to, a user without
// mailbox, a director whose mailbox is nobody's business), and the app
// registration that Tandem uses. Its secret gets an expiry one year after the
// data folder is created.
func Contoso() Organisation {
	const domain = "contoso.example"
	person := func(name, given, surname, title string) User {
		return User{
			UserPrincipalName: name + "@" + domain,
			DisplayName:       given + " " + surname,
			GivenName:         given,
			Surname:           surname,
			JobTitle:          title,
			Password:          ContosoPassword,
		}
	}
	mailbox := func(name, display string) User {
		return User{UserPrincipalName: name + "@" + domain, DisplayName: display, Password: ContosoPassword}
	}

	admin := person("admin", "Alma", "Torres", "IT administrator")
	admin.Admin = true
	guarded := person("mfa", "Marek", "Fiala", "Security officer")
	guarded.MFA = true
	shared := mailbox("shared", "Contoso Reception")
	shared.Password, shared.Shared = "", true
	team := mailbox("team", "Contoso Team")
	team.Password, team.Shared, team.Aliases = "", true, []string{"hello@" + domain}
	director := person("ceo", "Ingrid", "Lund", "Chief executive")
	unlicensed := person("nomailbox", "Nora", "Berg", "Warehouse")
	unlicensed.NoMailbox = true

	return Organisation{
		Name:     "Contoso",
		Domain:   domain,
		TenantID: ContosoTenantID,
		Users: []User{
			mailbox("support", "Contoso Support"),
			mailbox("sales", "Contoso Sales"),
			admin,
			person("agent1", "Aiko", "Tanaka", "Support agent"),
			person("agent2", "Bruno", "Carvalho", "Support agent"),
			person("agent3", "Chloe", "Martin", "Support agent"),
			person("agent4", "Daichi", "Mori", "Support agent"),
			person("agent5", "Elena", "Rossi", "Support agent"),
			person("agent6", "Felipe", "Souza", "Support agent"),
			person("agent7", "Grace", "Miller", "Support agent"),
			person("agent8", "Haruka", "Sato", "Team lead"),
			guarded, shared, unlicensed, team, director,
		},
		Applications: []Application{{
			ClientID:    ContosoClientID,
			DisplayName: "Tandem",
			RedirectURIs: []string{
				"http://127.0.0.1/microsoft/callback",
				"http://localhost/microsoft/callback",
			},
			Secrets:      []Secret{{Value: ContosoSecret}},
			Delegated:    []string{"openid", "offline_access", "email", "profile", "User.Read", "Mail.Send", "Mail.ReadWrite"},
			Roles:        []string{"Mail.ReadWrite", "Mail.Send", "User.Read.All"},
			RolesGranted: true,
			AccessPolicy: []string{"support@" + domain, "sales@" + domain, "shared@" + domain, "team@" + domain},
		}},
	}
}

// complete fills in what an Organisation may leave out: ids that follow from
// names, so that they are the same after a reset, and expiry dates.
func (o Organisation) complete(now time.Time) Organisation {
	space := uuid.NewSHA1(uuid.NameSpaceDNS, []byte(o.Domain))
	if o.TenantID == "" {
		o.TenantID = space.String()
	}
	users := make([]User, len(o.Users))
	for i, u := range o.Users {
		if u.ID == "" {
			u.ID = uuid.NewSHA1(space, []byte(u.UserPrincipalName)).String()
		}
		users[i] = u
	}
	o.Users = users
	apps := make([]Application, len(o.Applications))
	for i, a := range o.Applications {
		secrets := make([]Secret, len(a.Secrets))
		for j, s := range a.Secrets {
			if s.ID == "" {
				s.ID = uuid.NewSHA1(space, []byte(a.ClientID+s.Value)).String()
			}
			if s.ExpiresAt.IsZero() {
				s.ExpiresAt = now.AddDate(1, 0, 0)
			}
			secrets[j] = s
		}
		a.Secrets = secrets
		apps[i] = a
	}
	o.Applications = apps
	return o
}
