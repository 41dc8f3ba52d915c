package m365sim

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// directory is Entra's store: the tenant, its users and app registrations and
// what was consented to. It is small and read on every request, so all of it
// is kept in memory and written through. Values it hands out are never changed
// in place.
type directory struct {
	db *database

	mu       sync.RWMutex
	tenant   tenant
	users    map[string]*user        // by id
	owners   map[int64]*user         // by mailbox
	names    map[string]*user        // by principal name, address and alias, lower case
	apps     map[string]registration // by client id
	consents map[consentKey][]string
}

type tenant struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Domain string `json:"domain"`
}

// user is a User with the number of its mailbox.
type user struct {
	User
	mailbox int64
}

func (u *user) hasMailbox() bool { return !u.NoMailbox }

// registration is an Application with what happened to it since.
type registration struct {
	Application
	Policy *accessPolicy `json:",omitempty"`
}

// accessPolicy limits what app-only tokens reach: an application access policy
// when Permissions is empty, else RBAC for Applications, which grants these
// permissions for these mailboxes without any role in the token.
type accessPolicy struct {
	Mailboxes   []string `json:"mailboxes"`
	Permissions []string `json:"permissions,omitempty"`
}

// consentKey has no user for an administrator's consent on behalf of all.
type consentKey struct{ client, user string }

// openDirectory reads the directory, or creates it from org when there is none.
func openDirectory(db *database, org Organisation, now time.Time) (*directory, error) {
	d := &directory{db: db}
	stored, err := db.setting("tenant")
	if err != nil {
		return nil, err
	}
	if stored == "" {
		if err := db.update(func(t *tx) error { return createOrganisation(t, org.complete(now)) }); err != nil {
			return nil, fmt.Errorf("create organisation %s: %w", org.Domain, err)
		}
	}
	return d, d.load()
}

func createOrganisation(t *tx, org Organisation) error {
	record, err := json.Marshal(tenant{ID: org.TenantID, Name: org.Name, Domain: org.Domain})
	if err != nil {
		return err
	}
	if err := t.setSetting("tenant", string(record)); err != nil {
		return err
	}
	for i, u := range org.Users {
		if err := saveUser(t, int64(i+1), u); err != nil {
			return err
		}
		if err := createFolders(t, int64(i+1)); err != nil {
			return err
		}
	}
	for _, a := range org.Applications {
		r := registration{Application: a}
		if len(a.AccessPolicy) > 0 {
			r.Policy = &accessPolicy{Mailboxes: a.AccessPolicy}
		}
		if err := saveApplication(t, r); err != nil {
			return err
		}
	}
	return nil
}

func saveUser(t *tx, mailbox int64, u User) error {
	record, err := json.Marshal(u)
	if err != nil {
		return err
	}
	properties, err := json.Marshal(userProperties(u))
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO person (mailbox, id, record, properties) VALUES (?, ?, ?, ?)
		ON CONFLICT (mailbox) DO UPDATE SET record = excluded.record, properties = excluded.properties`,
		mailbox, u.ID, string(record), string(properties))
	return err
}

func saveApplication(t *tx, r registration) error {
	record, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO application (client_id, record) VALUES (?, ?)
		ON CONFLICT (client_id) DO UPDATE SET record = excluded.record`, r.ClientID, string(record))
	return err
}

// load reads everything into memory.
func (d *directory) load() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	stored, err := d.db.setting("tenant")
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(stored), &d.tenant); err != nil {
		return fmt.Errorf("read tenant: %w", err)
	}
	d.users, d.names, d.owners = map[string]*user{}, map[string]*user{}, map[int64]*user{}
	d.apps, d.consents = map[string]registration{}, map[consentKey][]string{}
	err = each(d.db, "SELECT mailbox, record FROM person ORDER BY mailbox", func(scan func(...any) error) error {
		var u user
		var record []byte
		if err := scan(&u.mailbox, &record); err != nil {
			return err
		}
		if err := json.Unmarshal(record, &u.User); err != nil {
			return err
		}
		d.index(&u)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read users: %w", err)
	}
	err = each(d.db, "SELECT record FROM application", func(scan func(...any) error) error {
		var record []byte
		if err := scan(&record); err != nil {
			return err
		}
		var r registration
		if err := json.Unmarshal(record, &r); err != nil {
			return err
		}
		d.apps[r.ClientID] = r
		return nil
	})
	if err != nil {
		return fmt.Errorf("read applications: %w", err)
	}
	return each(d.db, "SELECT client_id, user_id, scopes FROM consent", func(scan func(...any) error) error {
		var key consentKey
		var scopes string
		if err := scan(&key.client, &key.user, &scopes); err != nil {
			return err
		}
		d.consents[key] = strings.Fields(scopes)
		return nil
	})
}

func (d *directory) index(u *user) {
	d.users[u.ID], d.owners[u.mailbox] = u, u
	for _, name := range append([]string{u.UserPrincipalName}, u.Aliases...) {
		d.names[strings.ToLower(name)] = u
	}
}

// each calls fn for every row of a query; fn scans the row.
func each(q queryer, query string, fn func(scan func(...any) error) error, args ...any) error {
	rows, err := q.rows(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (d *directory) organisation() tenant {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.tenant
}

// isTenant tells whether name is how a URL may call this tenant.
func (d *directory) isTenant(name string) bool {
	t := d.organisation()
	return strings.EqualFold(name, t.ID) || strings.EqualFold(name, t.Domain) || name == "common" || name == "organizations"
}

// user finds a user by id, principal name or address; nil when there is none.
func (d *directory) user(name string) *user {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if u := d.users[name]; u != nil {
		return u
	}
	if u := d.names[strings.ToLower(name)]; u != nil {
		return u
	}
	return d.users[strings.ToLower(name)]
}

// principal finds a user as Graph takes it in a path: by id or principal name,
// not by an alias (Get a user).
func (d *directory) principal(name string) *user {
	u := d.user(name)
	if u == nil || strings.EqualFold(name, u.ID) || strings.EqualFold(name, u.UserPrincipalName) {
		return u
	}
	return nil
}

// recipient finds whose mailbox an address reaches; user+tag@domain reaches
// user@domain (Exchange Online: plus addressing).
func (d *directory) recipient(address string) *user {
	u := d.user(address)
	if u == nil {
		local, domain, _ := strings.Cut(address, "@")
		if base, _, tagged := strings.Cut(local, "+"); tagged {
			u = d.user(base + "@" + domain)
		}
	}
	if u == nil || !u.hasMailbox() {
		return nil
	}
	return u
}

// owns tells whether mail from address may leave u's mailbox.
func (d *directory) owns(u *user, address string) bool {
	owner := d.user(address)
	return owner != nil && owner.ID == u.ID
}

// isInside tells whether the address belongs to the organisation's domain.
func (d *directory) isInside(address string) bool {
	_, domain, _ := strings.Cut(address, "@")
	return strings.EqualFold(domain, d.organisation().Domain)
}

// ownerOf returns the user of a mailbox; nil when there is none.
func (d *directory) ownerOf(mailbox int64) *user {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.owners[mailbox]
}

// servicePrincipal is the object id of an application in the tenant.
func servicePrincipal(clientID string) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte("service principal "+clientID)).String()
}

// list returns all users in the order of creation.
func (d *directory) list() []*user {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.SortedFunc(maps.Values(d.users), func(a, b *user) int { return int(a.mailbox - b.mailbox) })
}

// changeUser stores a changed copy of the user.
func (d *directory) changeUser(id string, change func(*User)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	old := d.users[id]
	if old == nil {
		return fmt.Errorf("no user %s", id)
	}
	next := *old
	change(&next.User)
	if err := d.db.update(func(t *tx) error { return saveUser(t, next.mailbox, next.User) }); err != nil {
		return fmt.Errorf("change user %s: %w", id, err)
	}
	for _, name := range old.Aliases {
		delete(d.names, strings.ToLower(name))
	}
	d.index(&next)
	return nil
}

func (d *directory) application(clientID string) (registration, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	r, ok := d.apps[strings.ToLower(clientID)]
	return r, ok
}

func (d *directory) applications() []registration {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.SortedFunc(maps.Values(d.apps), func(a, b registration) int { return strings.Compare(a.ClientID, b.ClientID) })
}

// changeApplication stores a changed copy of the registration. change must
// replace slices rather than write into them.
func (d *directory) changeApplication(clientID string, change func(*registration)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	r, ok := d.apps[clientID]
	if !ok {
		return fmt.Errorf("no application %s", clientID)
	}
	change(&r)
	if err := d.db.update(func(t *tx) error { return saveApplication(t, r) }); err != nil {
		return fmt.Errorf("change application %s: %w", clientID, err)
	}
	d.apps[clientID] = r
	return nil
}

// addSecret gives an application a further secret.
func (d *directory) addSecret(clientID string, s Secret) (Secret, error) {
	if s.ID == "" {
		s.ID = uuid.NewString()
	}
	if s.Value == "" {
		s.Value = randomToken(30)
	}
	return s, d.changeApplication(clientID, func(r *registration) { r.Secrets = append(slices.Clone(r.Secrets), s) })
}

// consented returns the scopes that user or an administrator accepted for the
// application.
func (d *directory) consented(clientID, userID string) []string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return append(slices.Clone(d.consents[consentKey{clientID, ""}]), d.consents[consentKey{clientID, userID}]...)
}

// consent adds scopes to what user (or, with "", an administrator) accepted.
func (d *directory) consent(clientID, userID string, scopes []string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := consentKey{clientID, userID}
	all := slices.Clone(d.consents[key])
	for _, s := range scopes {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	err := d.db.update(func(t *tx) error {
		_, err := t.exec(`INSERT INTO consent (client_id, user_id, scopes) VALUES (?, ?, ?)
			ON CONFLICT (client_id, user_id) DO UPDATE SET scopes = excluded.scopes`, clientID, userID, strings.Join(all, " "))
		return err
	})
	if err != nil {
		return fmt.Errorf("store consent: %w", err)
	}
	d.consents[key] = all
	return nil
}

// withdraw forgets the consents of userID, or all of them with "".
func (d *directory) withdraw(userID string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	err := d.db.update(func(t *tx) error {
		_, err := t.exec("DELETE FROM consent WHERE user_id = ?1 OR ?1 = ''", userID)
		return err
	})
	if err != nil {
		return fmt.Errorf("withdraw consent: %w", err)
	}
	maps.DeleteFunc(d.consents, func(k consentKey, _ []string) bool { return userID == "" || k.user == userID })
	return nil
}

// withdrawRoles takes application permissions back from all applications.
func (d *directory) withdrawRoles() error {
	for _, a := range d.applications() {
		if err := d.changeApplication(a.ClientID, func(r *registration) { r.RolesGranted = false }); err != nil {
			return err
		}
	}
	return nil
}
