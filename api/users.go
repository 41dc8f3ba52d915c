package api

import (
	"context"
	"net/http"
	"slices"

	"tandem/access"
	"tandem/directory"
)

func (s *server) userRoutes() {
	const tag = "users"
	route(s, op{on: "GET /users", id: "list_users", says: "List people", tag: tag, may: agents}, s.listUsers)
	route(s, op{on: "GET /users/count", id: "count_users", says: "Count people", tag: tag, may: agents}, s.countUsers)
	route(s, op{on: "GET /users/search", id: "search_users", says: "Find people by name or address", tag: tag, may: agents}, s.listUsers)
	route(s, op{on: "GET /users/show_many", id: "show_many_users", says: "Show several people", tag: tag, may: agents}, s.showManyUsers)
	route(s, op{on: "GET /users/me", id: "show_me", says: "Show whoever asks", tag: tag, may: signedIn}, s.showMe)
	route(s, op{on: "PUT /users/me", id: "update_me", says: "Change one's own profile", tag: tag, may: agents}, s.updateMe)
	route(s, op{on: "PUT /users/me/password", id: "change_password", says: "Change one's own password", tag: tag, may: agents}, s.changePassword)
	route(s, op{on: "GET /users/{id}", id: "show_user", says: "Show a person", tag: tag, may: agents}, s.showUser)
	route(s, op{on: "POST /users", id: "create_user", says: "Add a person", tag: tag, may: agents, status: http.StatusCreated}, s.createUser)
	route(s, op{on: "PUT /users/{id}", id: "update_user", says: "Change a person", tag: tag, may: agents}, s.updateUser)
	route(s, op{on: "POST /users/{id}/setup_link", id: "create_setup_link", says: "Make a link with which a person chooses a password", tag: tag, may: admins}, s.createSetupLink)
}

// User is a person as the API shows it.
type User struct {
	ID          int64   `json:"id"`
	URL         string  `json:"url"`
	Name        string  `json:"name"`
	Email       string  `json:"email"`
	Role        string  `json:"role" enum:"end-user,agent,admin"`
	Locale      string  `json:"locale"`
	TimeZone    string  `json:"time_zone"`
	Signature   string  `json:"signature"`
	Suspended   bool    `json:"suspended"`
	Verified    bool    `json:"verified"`
	Active      bool    `json:"active"`
	UserFields  object  `json:"user_fields" doc:"Custom fields by their keys"`
	CreatedAt   instant `json:"created_at"`
	UpdatedAt   instant `json:"updated_at"`
	LastLoginAt stamp   `json:"last_login_at"`
}

func encodeUser(q *request, u *directory.User) User {
	return User{
		ID: int64(u.ID), URL: q.link("/users/%d.json", u.ID), Name: u.Name, Email: u.Email, Role: string(u.Role),
		Locale: u.Locale, TimeZone: u.TimeZone, Signature: u.Signature, Suspended: u.Suspended, Verified: true, Active: true,
		UserFields: q.keyedFields(directory.UserFields, u.Fields),
		CreatedAt:  instant(u.CreatedAt), UpdatedAt: instant(u.UpdatedAt),
	}
}

// UserQuery chooses people.
type UserQuery struct {
	Role  string   `query:"role" enum:"end-user,agent,admin"`
	Roles []string `query:"role[],explode" enum:"end-user,agent,admin" doc:"Any of these"`
	Query string   `query:"query" maxLength:"200" doc:"Part of the name or address"`
}

func (q UserQuery) filter() directory.UserFilter {
	f := directory.UserFilter{Search: q.Query}
	if q.Role != "" {
		f.Roles = append(f.Roles, directory.Role(q.Role))
	}
	for _, role := range q.Roles {
		f.Roles = append(f.Roles, directory.Role(role))
	}
	return f
}

type listUsersIn struct {
	UserQuery
	OffsetPage
	CursorPage
}

type usersOut struct {
	Body struct {
		Users []User `json:"users"`
		OffsetMeta
		CursorMeta
	}
}

func (s *server) listUsers(ctx context.Context, by access.Actor, in *listUsersIn) (*usersOut, error) {
	f := in.filter()
	q := requestOf(ctx)
	out := new(usersOut)
	if in.CursorPage.wanted() {
		return out, s.usersByCursor(ctx, by, f, in.CursorPage, out)
	}
	f.Limit, f.Offset = in.OffsetPage.limit(), in.OffsetPage.offset()
	users, count, err := s.access.ListUsers(ctx, by, f)
	if err != nil {
		return nil, err
	}
	out.Body.Users = each(users, encoder(q, encodeUser))
	out.Body.OffsetMeta = pageOf(q.url, in.OffsetPage, count)
	return out, nil
}

// usersByCursor pages forward only: the cursor is the last person shown.
func (s *server) usersByCursor(ctx context.Context, by access.Actor, f directory.UserFilter, p CursorPage, out *usersOut) error {
	if p.Before != "" {
		return forwardOnly()
	}
	if p.After != "" {
		if err := decodeCursor(p.After, &f.After); err != nil {
			return err
		}
	}
	f.Limit = p.limit() + 1
	users, _, err := s.access.ListUsers(ctx, by, f)
	if err != nil {
		return err
	}
	more := len(users) > p.limit()
	users = users[:min(len(users), p.limit())]
	last := ""
	if len(users) > 0 {
		last = encodeCursor(users[len(users)-1].ID)
	}
	q := requestOf(ctx)
	out.Body.Users = each(users, encoder(q, encodeUser))
	out.Body.CursorMeta = cursorsOf(q.url, p, more, "", last)
	return nil
}

type countUsersIn struct{ UserQuery }

func (s *server) countUsers(ctx context.Context, by access.Actor, in *countUsersIn) (*countOut, error) {
	f := in.filter()
	f.Limit = 1
	_, count, err := s.access.ListUsers(ctx, by, f)
	return s.counted(count), err
}

type showManyUsersIn struct {
	IDs []int64 `query:"ids" required:"true" maxItems:"100" doc:"At most 100, separated by commas"`
}

func (s *server) showManyUsers(ctx context.Context, by access.Actor, in *showManyUsersIn) (*usersOut, error) {
	out := new(usersOut)
	var err error
	out.Body.Users, err = s.peopleOf(ctx, by, each(in.IDs, func(id int64) directory.UserID { return directory.UserID(id) }))
	count := len(out.Body.Users)
	out.Body.Count = &count
	return out, err
}

// peopleOf shows the people with these ids, each once.
func (s *server) peopleOf(ctx context.Context, by access.Actor, ids []directory.UserID) ([]User, error) {
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id directory.UserID) bool { return id == 0 })
	if len(ids) == 0 {
		return []User{}, nil
	}
	people, _, err := s.access.ListUsers(ctx, by, directory.UserFilter{IDs: ids})
	return each(people, encoder(requestOf(ctx), encodeUser)), err
}

type userOut struct {
	Body UserShown
}

// UserShown is one person.
type UserShown struct {
	User     User   `json:"user"`
	SetupURL string `json:"setup_url,omitempty" doc:"Link with which a new agent chooses a password; shown once"`
}

func shownUser(ctx context.Context, u *directory.User, err error) (*userOut, error) {
	if err != nil {
		return nil, err
	}
	return &userOut{Body: UserShown{User: encodeUser(requestOf(ctx), u)}}, nil
}

func (s *server) showMe(ctx context.Context, by access.Actor, _ *none) (*userOut, error) {
	u, err := s.access.GetUser(ctx, by, by.UserID)
	return shownUser(ctx, u, err)
}

type userIn struct {
	ID int64 `path:"id"`
}

func (s *server) showUser(ctx context.Context, by access.Actor, in *userIn) (*userOut, error) {
	u, err := s.access.GetUser(ctx, by, directory.UserID(in.ID))
	return shownUser(ctx, u, err)
}

// NewUserBody is a person to add.
type NewUserBody struct {
	Name       string    `json:"name,omitempty" maxLength:"200"`
	Email      string    `json:"email" maxLength:"254"`
	Role       string    `json:"role,omitempty" enum:"end-user,agent,admin"`
	Locale     string    `json:"locale,omitempty" maxLength:"35"`
	TimeZone   string    `json:"time_zone,omitempty" maxLength:"60"`
	Signature  string    `json:"signature,omitempty" maxLength:"4000"`
	UserFields keyedBody `json:"user_fields,omitempty"`
}

type createUserIn struct {
	Body struct {
		User NewUserBody `json:"user"`
	}
}

func (s *server) createUser(ctx context.Context, by access.Actor, in *createUserIn) (*userOut, error) {
	b := in.Body.User
	u, err := s.access.CreateUser(ctx, by, access.NewUser{
		Name: b.Name, Email: b.Email, Role: directory.Role(b.Role), Locale: b.Locale, TimeZone: b.TimeZone, Signature: b.Signature, Fields: b.UserFields.given(),
	})
	if err != nil {
		return nil, err
	}
	out := &userOut{Body: UserShown{User: encodeUser(requestOf(ctx), u)}}
	if u.Works() {
		secret, err := s.access.SetupLinkFor(ctx, by, u.ID)
		if err != nil {
			return nil, err
		}
		out.Body.SetupURL = setupURL(ctx, secret)
	}
	return out, nil
}

func setupURL(ctx context.Context, secret string) string {
	return requestOf(ctx).base + "/setup/" + secret
}

// UserChangeBody is what changes of a person; what is absent stays.
type UserChangeBody struct {
	Name       *string   `json:"name,omitempty" maxLength:"200"`
	Email      *string   `json:"email,omitempty" maxLength:"254"`
	Role       *string   `json:"role,omitempty" enum:"end-user,agent,admin"`
	Locale     *string   `json:"locale,omitempty" maxLength:"35"`
	TimeZone   *string   `json:"time_zone,omitempty" maxLength:"60"`
	Signature  *string   `json:"signature,omitempty" maxLength:"4000"`
	Suspended  *bool     `json:"suspended,omitempty"`
	UserFields keyedBody `json:"user_fields,omitempty" doc:"Those not named stay"`
}

type updateUserIn struct {
	ID   int64 `path:"id"`
	Body struct {
		User UserChangeBody `json:"user"`
	}
}

func (s *server) updateUser(ctx context.Context, by access.Actor, in *updateUserIn) (*userOut, error) {
	b := in.Body.User
	u, err := s.access.UpdateUser(ctx, by, directory.UserID(in.ID), access.UserChange{
		Name: b.Name, Email: b.Email, Role: convert[directory.Role](b.Role), Locale: b.Locale, TimeZone: b.TimeZone,
		Signature: b.Signature, Suspended: b.Suspended, Fields: b.UserFields.given(),
	})
	return shownUser(ctx, u, err)
}

// ProfileBody is what people change of themselves; what is absent stays.
type ProfileBody struct {
	Name      *string `json:"name,omitempty" maxLength:"200"`
	Locale    *string `json:"locale,omitempty" maxLength:"35"`
	TimeZone  *string `json:"time_zone,omitempty" maxLength:"60"`
	Signature *string `json:"signature,omitempty" maxLength:"4000"`
}

type updateMeIn struct {
	Body struct {
		User ProfileBody `json:"user"`
	}
}

func (s *server) updateMe(ctx context.Context, by access.Actor, in *updateMeIn) (*userOut, error) {
	b := in.Body.User
	u, err := s.access.UpdateUser(ctx, by, by.UserID, access.UserChange{
		Name: b.Name, Locale: b.Locale, TimeZone: b.TimeZone, Signature: b.Signature,
	})
	return shownUser(ctx, u, err)
}

type changePasswordIn struct {
	Body struct {
		Password         string `json:"password"`
		PreviousPassword string `json:"previous_password"`
	}
}

// changePassword ends the person's other sessions and keeps this one.
func (s *server) changePassword(ctx context.Context, by access.Actor, in *changePasswordIn) (*none, error) {
	if err := s.access.ChangePassword(ctx, by, in.Body.PreviousPassword, in.Body.Password); err != nil {
		return nil, err
	}
	if by.Token != 0 {
		return nil, nil
	}
	return nil, s.remember(ctx, by.UserID)
}

type setupLinkOut struct {
	Body struct {
		SetupURL string `json:"setup_url"`
	}
}

func (s *server) createSetupLink(ctx context.Context, by access.Actor, in *userIn) (*setupLinkOut, error) {
	secret, err := s.access.SetupLinkFor(ctx, by, directory.UserID(in.ID))
	if err != nil {
		return nil, err
	}
	out := new(setupLinkOut)
	out.Body.SetupURL = setupURL(ctx, secret)
	return out, nil
}
