package directory

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"tandem/problem"
	"tandem/text"
)

// OrganizationID identifies an organization.
type OrganizationID int64

// Limits of an organization.
const (
	MaxOrganizationName = 255
	MaxDomains          = 100
)

// Organization is a company or another body to which requesters belong.
type Organization struct {
	ID             OrganizationID
	Name           string // no two have the same, whatever the case
	ExternalID     string // another system's word for it; unique when it is not empty
	Details        string // an address, for example
	Notes          string
	Tags           []string
	Domains        []string    // who writes from one of these becomes a member
	SharedTickets  bool        // kept for other systems: members see each other's tickets
	SharedComments bool        // likewise: and add comments
	TeamID         TeamID      // which takes its tickets; 0: none
	Fields         FieldValues // custom fields
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// OrganizationTx stores organizations.
type OrganizationTx interface {
	GetOrganization(context.Context, OrganizationID) (*Organization, error)
	FindOrganizationByDomain(ctx context.Context, domain string) (*Organization, error)
	FindOrganizationByName(ctx context.Context, name string) (*Organization, error) // whatever the case
	FindOrganizationByExternalID(ctx context.Context, id string) (*Organization, error)
	ListOrganizations(context.Context, OrganizationFilter) ([]*Organization, error)
	CountOrganizations(context.Context, OrganizationFilter) (int, error)
	InsertOrganization(context.Context, *Organization) error // sets ID
	UpdateOrganization(context.Context, *Organization) error
	// DeleteOrganization removes it with its domains and memberships.
	DeleteOrganization(context.Context, OrganizationID) error
	// ListUsersOfDomain gives requesters with an address there who are no members
	// of the organization, by id.
	ListUsersOfDomain(ctx context.Context, domain string, not OrganizationID, limit int) ([]UserID, error)
	CountUsersOfDomain(ctx context.Context, domain string, not OrganizationID) (int, error)
}

// OrganizationFilter chooses organizations; the zero value means all, by name.
type OrganizationFilter struct {
	IDs         []OrganizationID
	ExternalIDs []string
	User        UserID      // those that the person belongs to
	Team        TeamID      // those whose tickets it takes
	Name        string      // exactly, whatever the case
	Prefix      string      // of the name
	Search      string      // words of the name and of custom fields
	Text        []text.Term // what the name, or a domain, has or lacks
	Tags        []string    // those with one of them; empty: all
	NotTags     []string    // those without any of them
	Recent      bool        // the latest change first, instead of by name
	Part
}

// freeMail are domains at which anybody gets an address: who writes from there
// has nothing in common with the others.
var freeMail = strings.Fields(`gmail.com googlemail.com outlook.com hotmail.com live.com msn.com outlook.jp hotmail.co.jp
	yahoo.com yahoo.co.jp ymail.com icloud.com me.com mac.com aol.com gmx.de gmx.net gmx.com web.de mail.com proton.me protonmail.com
	zoho.com yandex.com yandex.ru mail.ru qq.com 163.com 126.com naver.com docomo.ne.jp ezweb.ne.jp au.com softbank.ne.jp i.softbank.jp
	nifty.com biglobe.ne.jp uol.com.br bol.com.br terra.com.br ig.com.br hotmail.com.br outlook.com.br yahoo.com.br outlook.pt sapo.pt`)

// IsFreeMail tells whether anybody gets an address at the domain.
func IsFreeMail(domain string) bool { return slices.Contains(freeMail, domain) }

// domainName is a name of at least two labels, as RFC 1035 section 2.3.1 has them.
var domainName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])$`)

// NormalizeDomains brings mail domains into the form in which they are
// compared, or returns the problem "invalid_domain".
func NormalizeDomains(domains []string) ([]string, error) {
	var all []string
	for _, text := range domains {
		plain := strings.TrimPrefix(strings.ToLower(strings.TrimSpace(text)), "@")
		if plain == "" {
			continue
		}
		ascii, err := idna.Lookup.ToASCII(plain)
		if err != nil || len(ascii) > 253 || !domainName.MatchString(ascii) {
			return nil, problem.New(problem.Invalid, "invalid_domain", "%q is no mail domain.", text).
				On(problem.Yours, "Write it like example.com.").With("domain", text).In("domain_names")
		}
		if !slices.Contains(all, ascii) {
			all = append(all, ascii)
		}
	}
	if len(all) > MaxDomains {
		return nil, problem.New(problem.Invalid, "too_many_domains", "An organization has at most %d mail domains.", MaxDomains).
			On(problem.Yours, "Remove some.").In("domain_names")
	}
	return all, nil
}

// DomainOf is the part of an address behind the @; empty when there is none.
func DomainOf(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return domain
}
