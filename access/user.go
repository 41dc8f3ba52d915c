package access

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"

	"tandem/directory"
	"tandem/problem"
)

// NewUser describes a person to create.
type NewUser struct {
	Name      string         // empty: taken from the address
	Email     string         // empty: none is known, as of somebody who calls
	Role      directory.Role // empty: EndUser
	Locale    string
	TimeZone  string
	Signature string
	Fields    map[string][]string // custom fields by key; see directory.Field.Read

	Profile UserChange // what else is known: phone, notes and so on
}

// UserChange says what to change of a person; nil fields stay.
type UserChange struct {
	Name      *string
	Email     *string
	Role      *directory.Role
	Locale    *string
	TimeZone  *string
	Signature *string
	Suspended *bool
	Fields    map[string][]string // custom fields by key; see directory.Field.Read

	Phone      *string
	Alias      *string
	Notes      *string
	Details    *string
	ExternalID *string
	Tags       directory.TagChange
}

// profileOnly tells whether the change is one that people may make of themselves.
func (c UserChange) profileOnly() bool {
	return c.Email == nil && c.Role == nil && c.Suspended == nil && c.ExternalID == nil && c.Notes == nil && c.Details == nil && c.Tags.Zero() &&
		len(c.Fields) == 0
}

// CreateUser adds a person. Agents may add requesters, administrators anybody.
// It returns the problem email_taken when the address belongs to somebody.
func (s *Service) CreateUser(ctx context.Context, by Actor, n NewUser) (user *directory.User, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		user, err = s.CreateUserIn(ctx, tx, by, n)
		return err
	})
	if err != nil {
		return nil, err
	}
	return user, nil
}

// CreateUserIn is CreateUser in the caller's transaction.
func (s *Service) CreateUserIn(ctx context.Context, tx Tx, by Actor, n NewUser) (*directory.User, error) {
	user, err := s.PlanUser(ctx, tx, by, n)
	if err != nil {
		return nil, err
	}
	user.CreatedAt, user.UpdatedAt = s.now(), s.now()
	if err := tx.InsertUser(ctx, user); err != nil {
		return nil, err
	}
	if _, err := directory.JoinByDomain(ctx, tx, user, user.Email); err != nil {
		return nil, err
	}
	publishUser(tx, user.ID)
	return user, s.recordUser(ctx, tx, by, "user.created", user)
}

// PlanUser is CreateUserIn without writing: who would be added, or why they cannot be.
func (s *Service) PlanUser(ctx context.Context, tx Tx, by Actor, n NewUser) (*directory.User, error) {
	user, err := newUser(n)
	if err != nil {
		return nil, err
	}
	if err := mayManage(by, user.Role); err != nil {
		return nil, err
	}
	if err := mustBeFree(ctx, tx, user.Email, 0); err != nil {
		return nil, err
	}
	user.Fields, err = directory.ReadFields(ctx, tx, directory.UserFields, nil, n.Fields)
	return user, err
}

// UpdateUser changes a person. Everybody who works may change their own profile,
// agents requesters, administrators anybody. The last administrator keeps the
// role (problem last_administrator).
func (s *Service) UpdateUser(ctx context.Context, by Actor, id directory.UserID, change UserChange) (user *directory.User, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		user, err = s.UpdateUserIn(ctx, tx, by, id, change)
		return err
	})
	if err != nil {
		return nil, err
	}
	return user, nil
}

// UpdateUserIn is UpdateUser in the caller's transaction.
func (s *Service) UpdateUserIn(ctx context.Context, tx Tx, by Actor, id directory.UserID, change UserChange) (*directory.User, error) {
	before, after, err := s.PlanUpdate(ctx, tx, by, id, change)
	if err != nil {
		return nil, err
	}
	return after, s.saveUser(ctx, tx, by, before, after)
}

// PlanUpdate is UpdateUserIn without writing: the person as they are and as they
// would be, or why the change cannot be made.
func (s *Service) PlanUpdate(ctx context.Context, tx Tx, by Actor, id directory.UserID, change UserChange) (before, after *directory.User, err error) {
	user, err := tx.GetUser(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if !user.Active() {
		return nil, nil, deleted(user)
	}
	was := *user
	if err := mayUpdate(by, &was, change); err != nil {
		return nil, nil, err
	}
	if err := change.apply(user); err != nil {
		return nil, nil, err
	}
	if user.Fields, err = directory.ReadFields(ctx, tx, directory.UserFields, was.Fields, change.Fields); err != nil {
		return nil, nil, err
	}
	if user.Works() && user.Email == "" {
		return nil, nil, problem.New(problem.Invalid, "email_missing", "Whoever works here signs in with a mail address.").
			On(problem.Yours, "Give one.").In("email")
	}
	if user.Email != was.Email {
		if err := mustBeFree(ctx, tx, user.Email, id); err != nil {
			return nil, nil, err
		}
	}
	if administers(&was) && !administers(user) {
		if err := mustNotBeLast(ctx, tx); err != nil {
			return nil, nil, err
		}
	}
	return &was, user, nil
}

// saveUser writes a changed person, with an audit entry unless it is their own profile.
func (s *Service) saveUser(ctx context.Context, tx Tx, by Actor, before, after *directory.User) error {
	if reflect.DeepEqual(before, after) {
		return nil
	}
	after.UpdatedAt = s.now()
	if err := tx.UpdateUser(ctx, after); err != nil {
		return err
	}
	publishUser(tx, after.ID)
	if by.UserID == after.ID && before.Role == after.Role && before.Email == after.Email {
		return nil
	}
	old, new := differences(before, after)
	return Record(ctx, tx, by, s.now(), Change{
		Action: actionOf(before, after), Object: "user", Subject: int64(after.ID), Label: after.Label(), Before: old, After: new,
	})
}

// ChangePassword gives the actor a new password, which ends their other
// sessions. previous is the present one (problem wrong_password).
func (s *Service) ChangePassword(ctx context.Context, by Actor, previous, password string) error {
	var user *directory.User
	var hash string
	err := s.store.View(ctx, func(tx Tx) (err error) {
		if user, err = tx.GetUser(ctx, by.UserID); err != nil {
			return err
		}
		hash, err = tx.GetPasswordHash(ctx, by.UserID)
		return err
	})
	if err != nil {
		return err
	}
	if err := s.admit(ctx, user.Email, by.Address); err != nil {
		return err
	}
	right, err := s.hasher.verify(ctx, previous, hash)
	if err != nil {
		return err
	}
	if !right {
		return problem.New(problem.Invalid, "wrong_password", "The present password is wrong.").
			On(problem.Yours, "Type the password you signed in with.").In("previous_password")
	}
	if err := s.welcome(ctx, user.Email, by.Address); err != nil {
		return err
	}
	return s.setPassword(ctx, by, user, password)
}

// SetPassword gives a person a password that somebody else chose. Only Tandem
// itself may, as when it makes the demo; people get a link instead.
func (s *Service) SetPassword(ctx context.Context, by Actor, id directory.UserID, password string) error {
	if by != System() {
		return problem.New(problem.Forbidden, "own_password_only", "People choose their own passwords.").
			On(problem.Yours, "Hand the person a link to choose one.")
	}
	var user *directory.User
	err := s.store.View(ctx, func(tx Tx) (err error) {
		user, err = tx.GetUser(ctx, id)
		return err
	})
	if err != nil {
		return err
	}
	return s.setPassword(ctx, by, user, password)
}

func (s *Service) setPassword(ctx context.Context, by Actor, user *directory.User, password string) error {
	if err := checkPassword(password, user.Email); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := tx.SetPasswordHash(ctx, user.ID, hash, s.now()); err != nil {
			return err
		}
		publishUser(tx, user.ID) // ends the live streams of earlier sessions
		return s.recordUser(ctx, tx, by, "user.password_changed", user)
	})
}

func (s *Service) recordUser(ctx context.Context, tx AuditTx, by Actor, action string, u *directory.User) error {
	return Record(ctx, tx, by, s.now(), Change{
		Action: action, Object: "user", Subject: int64(u.ID), Label: u.Label(), After: map[string]any{"email": u.Email, "role": u.Role},
	})
}

// newUser checks a description.
func newUser(n NewUser) (*directory.User, error) {
	if n.Role == "" {
		n.Role = directory.EndUser
	}
	user := &directory.User{Verified: true}
	change := n.Profile
	change.Email, change.Name, change.Role, change.Locale, change.TimeZone, change.Signature = &n.Email, &n.Name, &n.Role, &n.Locale, &n.TimeZone, &n.Signature
	if strings.TrimSpace(n.Name) == "" {
		local, _, _ := strings.Cut(strings.TrimSpace(n.Email), "@")
		change.Name = &local
	}
	if strings.TrimSpace(n.Email) == "" && n.Role == directory.EndUser {
		change.Email = nil
	}
	return user, change.apply(user)
}

// apply makes the change, or says which field is at fault.
func (c UserChange) apply(u *directory.User) error {
	if c.Email != nil {
		email, err := directory.NormalizeEmail(*c.Email)
		if err != nil {
			return err
		}
		u.Email = email
	}
	if c.Name != nil {
		if u.Name = strings.Join(strings.Fields(*c.Name), " "); u.Name == "" {
			return problem.New(problem.Invalid, "name_missing", "The name is missing.").On(problem.Yours, "Write one.").In("name")
		}
	}
	if c.Role != nil {
		if !slices.Contains([]directory.Role{directory.EndUser, directory.Agent, directory.Admin}, *c.Role) {
			return problem.New(problem.Invalid, "invalid_role", "There is no role %q.", *c.Role).
				On(problem.Yours, "Write end-user, agent or admin.").In("role")
		}
		u.Role = *c.Role
	}
	if c.TimeZone != nil {
		zone, known := directory.TimeZone(*c.TimeZone)
		if !known {
			return problem.New(problem.Invalid, "invalid_time_zone", "There is no time zone %q.", *c.TimeZone).
				On(problem.Yours, "Write it like Asia/Tokyo, or as Zendesk names it.").In("time_zone")
		}
		u.TimeZone = zone
	}
	if c.Locale != nil {
		u.Locale = *c.Locale
	}
	if c.Signature != nil {
		u.Signature = *c.Signature
	}
	if c.Suspended != nil {
		u.Suspended = *c.Suspended
	}
	c.describe(u)
	return nil
}

// describe writes what is known of a person besides who they are.
func (c UserChange) describe(u *directory.User) {
	if c.Phone != nil {
		u.Phone = strings.TrimSpace(*c.Phone)
		if number, err := directory.NormalizePhone(u.Phone); err == nil { // others, such as extensions, stay as they are
			u.Phone = number
		}
	}
	for _, text := range []struct {
		from *string
		into *string
	}{{c.Alias, &u.Alias}, {c.Notes, &u.Notes}, {c.Details, &u.Details}, {c.ExternalID, &u.ExternalID}} {
		if text.from != nil {
			*text.into = strings.TrimSpace(*text.from)
		}
	}
	if !c.Tags.Zero() {
		u.Tags = c.Tags.Apply(u.Tags)
	}
}

// deleted refuses to change somebody who was deleted.
func deleted(u *directory.User) error {
	return problem.New(problem.Conflict, "user_deleted", "%s has been deleted.", u.Name).
		On(problem.Yours, "Add the person anew.").With("name", u.Name)
}

// mayManage tells whether the actor may manage people of the role.
func mayManage(by Actor, role directory.Role) error {
	if role == directory.EndUser {
		return by.MustWork()
	}
	return by.MustAdminister()
}

func mayUpdate(by Actor, u *directory.User, change UserChange) error {
	if by.UserID == u.ID && change.profileOnly() {
		return by.MustWork()
	}
	if err := mayManage(by, u.Role); err != nil {
		return err
	}
	if change.Role != nil {
		return mayManage(by, *change.Role)
	}
	return nil
}

// administers tells whether the person counts as an administrator.
func administers(u *directory.User) bool { return u.Role == directory.Admin && !u.Suspended }

func mustNotBeLast(ctx context.Context, tx Tx) error {
	admins, err := tx.CountAdmins(ctx)
	if err != nil {
		return err
	}
	if admins > 1 {
		return nil
	}
	return problem.New(problem.Conflict, "last_administrator", "This is the last administrator.").
		On(problem.Yours, "Make somebody else an administrator first.")
}

func mustBeFree(ctx context.Context, tx Tx, email string, but directory.UserID) error {
	other, err := tx.FindUserByEmail(ctx, email)
	if err != nil || other == nil || other.ID == but {
		return err
	}
	return problem.New(problem.Invalid, "email_taken", "%s belongs to %s already.", email, other.Name).
		On(problem.Yours, "Change that person instead, or take another address.").
		With("address", email).With("name", other.Name).In("email")
}

// actionOf names the most notable part of a change.
func actionOf(before, after *directory.User) string {
	switch {
	case before.Role != after.Role:
		return "user.role_changed"
	case !before.Suspended && after.Suspended:
		return "user.suspended"
	case before.Suspended && !after.Suspended:
		return "user.unsuspended"
	default:
		return "user.updated"
	}
}

// differences are the fields that changed, as they were and as they are.
func differences(before, after *directory.User) (old, new map[string]any) {
	old, new = make(map[string]any), make(map[string]any)
	note := func(field string, a, b any) {
		if a != b {
			old[field], new[field] = a, b
		}
	}
	note("name", before.Name, after.Name)
	note("email", before.Email, after.Email)
	note("role", before.Role, after.Role)
	note("locale", before.Locale, after.Locale)
	note("time_zone", before.TimeZone, after.TimeZone)
	note("signature", before.Signature, after.Signature)
	note("suspended", before.Suspended, after.Suspended)
	note("phone", before.Phone, after.Phone)
	note("alias", before.Alias, after.Alias)
	note("external_id", before.ExternalID, after.ExternalID)
	note("tags", strings.Join(before.Tags, " "), strings.Join(after.Tags, " "))
	note("notes", before.Notes, after.Notes)
	note("details", before.Details, after.Details)
	if !maps.Equal(before.Fields, after.Fields) {
		old["fields"], new["fields"] = before.Fields, after.Fields
	}
	return old, new
}
