package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"tandem/access"
	"tandem/desk"
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
	route(s, op{on: "GET /users/autocomplete", id: "autocomplete_users", says: "Find people by a part of the name", tag: tag, may: agents}, s.autocompleteUsers)
	route(s, op{on: "POST /users/create_or_update", id: "create_or_update_user", says: "Change the person with an id, external id or address, or add them", tag: tag, may: agents}, s.createOrUpdateUser)
	route(s, op{on: "DELETE /users/{id}", id: "delete_user", says: "Delete a requester; the tickets stay", tag: tag, may: admins}, s.deleteUser)
	route(s, op{on: "GET /deleted_users", id: "list_deleted_users", says: "List deleted people", tag: tag, may: admins}, s.listDeletedUsers)
	route(s, op{on: "GET /deleted_users/count", id: "count_deleted_users", says: "Count deleted people", tag: tag, may: admins}, s.countDeletedUsers)
	route(s, op{on: "GET /deleted_users/{id}", id: "show_deleted_user", says: "Show a deleted person", tag: tag, may: admins}, s.showDeletedUser)
	route(s, op{on: "DELETE /deleted_users/{id}", id: "delete_user_permanently", says: "Delete for good what is known of a deleted person: profile, tickets, comments, raw mails and files", tag: tag, may: admins}, s.deleteUserPermanently)
	route(s, op{on: "GET /users/{id}/tickets/requested", id: "list_requested_tickets", says: "List the tickets that a person asked for", tag: tag, may: agents}, s.listRequestedTickets)
	route(s, op{on: "GET /users/{id}/tickets/ccd", id: "list_ccd_tickets", says: "List the tickets that a person is in copy of", tag: tag, may: agents}, s.listCopiedTickets)
	route(s, op{on: "GET /users/{id}/tickets/ccd/count", id: "count_ccd_tickets", says: "Count the tickets that a person is in copy of", tag: tag, may: agents}, s.countCopiedTickets)
	route(s, op{on: "GET /users/{id}/tickets/assigned", id: "list_assigned_tickets", says: "List the tickets that were given to a person", tag: tag, may: agents}, s.listAssignedTickets)
	route(s, op{on: "GET /users/{id}/tickets/assigned/count", id: "count_assigned_tickets", says: "Count the tickets that were given to a person", tag: tag, may: agents}, s.countAssignedTickets)
	route(s, op{on: "POST /users/{id}/setup_link", id: "create_setup_link", says: "Make a link with which a person chooses a password", tag: tag, may: admins}, s.createSetupLink)
}

// User is a person as the API shows it.
type User struct {
	ID             int64    `json:"id"`
	URL            string   `json:"url"`
	Name           string   `json:"name"`
	Email          string   `json:"email" doc:"Empty when none is known"`
	Role           string   `json:"role" enum:"end-user,agent,admin"`
	Phone          *string  `json:"phone"`
	Alias          string   `json:"alias" doc:"Of an agent: shown to requesters instead of the name"`
	Notes          string   `json:"notes"`
	Details        string   `json:"details"`
	ExternalID     *string  `json:"external_id"`
	Tags           []string `json:"tags"`
	OrganizationID *int64   `json:"organization_id" doc:"The default one"`
	DefaultGroupID *int64   `json:"default_group_id"`
	Locale         string   `json:"locale"`
	TimeZone       string   `json:"time_zone" doc:"IANA name, such as Asia/Tokyo"`
	IANATimeZone   string   `json:"iana_time_zone"`
	Signature      string   `json:"signature"`
	Suspended      bool     `json:"suspended"`
	Verified       bool     `json:"verified" doc:"The primary address is"`
	Active         bool     `json:"active" doc:"False when the person has been deleted"`
	Shared         bool     `json:"shared" doc:"Always false"`
	UserFields     object   `json:"user_fields" doc:"Custom fields by their keys"`
	CreatedAt      instant  `json:"created_at"`
	UpdatedAt      instant  `json:"updated_at"`
	LastLoginAt    stamp    `json:"last_login_at"`
	DeletedAt      stamp    `json:"deleted_at" doc:"Null unless active is false"`
	ErasedAt       stamp    `json:"permanently_deleted_at" doc:"Since when the person's data is being deleted, or is deleted"`
}

func encodeUser(q *request, u *directory.User) User {
	out := User{
		ID: int64(u.ID), URL: q.link("/users/%d.json", u.ID), Name: u.Name, Email: u.Email, Role: string(u.Role),
		Phone: orNull(u.Phone), Alias: u.Alias, Notes: u.Notes, Details: u.Details, ExternalID: orNull(u.ExternalID), Tags: some(u.Tags),
		OrganizationID: orNull(int64(u.OrganizationID)), DefaultGroupID: orNull(int64(u.TeamID)),
		Locale: u.Locale, TimeZone: u.TimeZone, IANATimeZone: u.TimeZone, Signature: u.Signature,
		Suspended: u.Suspended, Verified: u.Verified, Active: u.Active(),
		UserFields: q.keyedFields(directory.UserFields, u.Fields),
		CreatedAt:  instant(u.CreatedAt), UpdatedAt: instant(u.UpdatedAt), LastLoginAt: stamp(u.LastLoginAt), DeletedAt: stamp(u.DeletedAt), ErasedAt: stamp(u.ErasedAt),
	}
	if !u.Active() {
		out.Email = ""                                               // what the row holds instead is no address
		if len(u.Former) > 0 && strings.Contains(u.Former[0], "@") { // there may be numbers alone
			out.Email = u.Former[0]
		}
	}
	return out
}

// UserQuery chooses people.
type UserQuery struct {
	Role  string   `query:"role" enum:"end-user,agent,admin"`
	Roles []string `query:"role[],explode" enum:"end-user,agent,admin" doc:"Any of these"`
	Query string   `query:"query" maxLength:"200" doc:"Part of the name or address"`

	ExternalID   string `query:"external_id" maxLength:"255"`
	Organization int64  `query:"organization_id" doc:"Members of it"`
	Group        int64  `query:"group_id" doc:"Members of it"`
	Suspended    bool   `query:"suspended" doc:"Only those who are"`
}

func (q UserQuery) filter() directory.UserFilter {
	f := directory.UserFilter{
		Search: q.Query, Organization: directory.OrganizationID(q.Organization), Team: directory.TeamID(q.Group), Suspended: q.Suspended,
	}
	if q.ExternalID != "" {
		f.ExternalIDs = []string{q.ExternalID}
	}
	if q.Role != "" {
		f.Roles = append(f.Roles, directory.Role(q.Role))
	}
	for _, role := range q.Roles {
		f.Roles = append(f.Roles, directory.Role(role))
	}
	return f
}

// UserOrder orders people.
type UserOrder struct {
	Sort string `query:"sort" enum:"name,-name,id,-id,created_at,-created_at,updated_at,-updated_at" doc:"name unless told"`
}

func (o UserOrder) apply(f *directory.UserFilter) {
	name, descending := strings.CutPrefix(o.Sort, "-")
	f.Sort, f.Descending = directory.UserSort(name), descending
}

// ListUsersIn asks for a page of a list of people.
type ListUsersIn struct {
	UserQuery
	UserOrder
	OffsetPage
	CursorPage
	Include string `query:"include" doc:"organizations, groups, identities, open_ticket_count: also what belongs to the people"`
}

type usersOut struct {
	Body struct {
		Users []User `json:"users"`
		UserSide
		OffsetMeta
		CursorMeta
	}
}

func (s *server) listUsers(ctx context.Context, by access.Actor, in *ListUsersIn) (*usersOut, error) {
	f := in.filter()
	in.UserOrder.apply(&f)
	return s.people(ctx, by, f, in.OffsetPage, in.CursorPage, in.Include)
}

// people gives a page of a list of people.
func (s *server) people(ctx context.Context, by access.Actor, f directory.UserFilter, offset OffsetPage, cursor CursorPage, include string) (*usersOut, error) {
	out := new(usersOut)
	list, err := paged(requestOf(ctx), offset, cursor, &out.Body.OffsetMeta, &out.Body.CursorMeta, pages[*directory.User]{
		order: fmt.Sprint(f.Sort, f.Descending),
		part: func(p directory.Part) ([]*directory.User, error) {
			f.Part = p
			users, _, err := s.access.ListUsers(ctx, by, f)
			return users, err
		},
		count: func() (int, error) {
			f.Limit = 1
			_, n, err := s.access.ListUsers(ctx, by, f)
			return n, err
		},
		place: f.Place,
	})
	if err != nil {
		return nil, err
	}
	out.Body.Users = each(list, encoder(requestOf(ctx), encodeUser))
	out.Body.UserSide, err = s.sideOfPeople(ctx, by, include, list...)
	return out, err
}

type autocompleteUsersIn struct {
	Name string `query:"name" required:"true" minLength:"1" maxLength:"200"`
	OffsetPage
	CursorPage
	Include string `query:"include" doc:"As in a list of people"`
}

func (s *server) autocompleteUsers(ctx context.Context, by access.Actor, in *autocompleteUsersIn) (*usersOut, error) {
	return s.people(ctx, by, directory.UserFilter{Search: in.Name}, in.OffsetPage, in.CursorPage, in.Include)
}

type countUsersIn struct{ UserQuery }

func (s *server) countUsers(ctx context.Context, by access.Actor, in *countUsersIn) (*countOut, error) {
	f := in.filter()
	f.Limit = 1
	_, count, err := s.access.ListUsers(ctx, by, f)
	return s.counted(count), err
}

type showManyUsersIn struct {
	ShowManyIn
	Include string `query:"include" doc:"As in a list of people"`
}

func (s *server) showManyUsers(ctx context.Context, by access.Actor, in *showManyUsersIn) (*usersOut, error) {
	if len(in.IDs)+len(in.ExternalIDs) == 0 {
		return nil, idsNeeded()
	}
	f := directory.UserFilter{IDs: ids[directory.UserID](in.IDs), ExternalIDs: in.ExternalIDs, Everybody: len(in.IDs) > 0}
	return s.people(ctx, by, f, OffsetPage{PerPage: perPageMax}, CursorPage{}, in.Include)
}

type userOut struct {
	Status int
	Body   UserShown
}

// UserShown is one person.
type UserShown struct {
	User     User   `json:"user"`
	SetupURL string `json:"setup_url,omitempty" doc:"Link with which a new agent chooses a password; shown once"`
	UserSide
}

func shownUser(ctx context.Context, u *directory.User, err error) (*userOut, error) {
	if err != nil {
		return nil, err
	}
	return &userOut{Status: http.StatusOK, Body: UserShown{User: encodeUser(requestOf(ctx), u)}}, nil
}

type showMeIn struct {
	Include string `query:"include" doc:"As in a list of people"`
}

func (s *server) showMe(ctx context.Context, by access.Actor, in *showMeIn) (*userOut, error) {
	return s.userWithSide(ctx, by, by.UserID, in.Include)
}

// userWithSide shows a person, and what belongs to them as far as it is asked for.
func (s *server) userWithSide(ctx context.Context, by access.Actor, id directory.UserID, include string) (*userOut, error) {
	u, err := s.access.GetUser(ctx, by, id)
	out, err := shownUser(ctx, u, err)
	if err != nil {
		return nil, err
	}
	out.Body.UserSide, err = s.sideOfPeople(ctx, by, include, u)
	return out, err
}

type userIn struct {
	ID int64 `path:"id"`
}

type showUserIn struct {
	ID      int64  `path:"id"`
	Include string `query:"include" doc:"As in a list of people"`
}

func (s *server) showUser(ctx context.Context, by access.Actor, in *showUserIn) (*userOut, error) {
	return s.userWithSide(ctx, by, directory.UserID(in.ID), in.Include)
}

// ProfileBody is what is known of a person besides who they are; what is absent stays.
type ProfileBody struct {
	Phone      optional[string] `json:"phone,omitzero"`
	Alias      optional[string] `json:"alias,omitzero"`
	Notes      optional[string] `json:"notes,omitzero"`
	Details    optional[string] `json:"details,omitzero"`
	ExternalID optional[string] `json:"external_id,omitzero"`
	Tags       *[]string        `json:"tags,omitempty" maxItems:"200"`
}

func (b ProfileBody) change() access.UserChange {
	return access.UserChange{
		Phone: b.Phone.pointer(), Alias: b.Alias.pointer(), Notes: b.Notes.pointer(), Details: b.Details.pointer(),
		ExternalID: b.ExternalID.pointer(), Tags: directory.TagChange{Set: b.Tags},
	}
}

// NewUserBody is a person to add.
type NewUserBody struct {
	Name           string        `json:"name,omitempty" maxLength:"200"`
	Email          string        `json:"email,omitempty" maxLength:"254" doc:"Absent: none is known, which only requesters may do without"`
	Role           string        `json:"role,omitempty" enum:"end-user,agent,admin"`
	Locale         string        `json:"locale,omitempty" maxLength:"35"`
	TimeZone       string        `json:"time_zone,omitempty" maxLength:"60"`
	Signature      string        `json:"signature,omitempty" maxLength:"4000"`
	OrganizationID int64         `json:"organization_id,omitempty"`
	Organization   *Named        `json:"organization,omitempty" doc:"By name, instead of organization_id"`
	DefaultGroupID int64         `json:"default_group_id,omitempty"`
	Identities     []NewIdentity `json:"identities,omitempty" maxItems:"20"`
	UserFields     keyedBody     `json:"user_fields,omitempty"`
	ProfileBody
}

// Named is something that exists, by its name.
type Named struct {
	Name string `json:"name"`
}

// NewIdentity is an address or number to add.
type NewIdentity struct {
	Type  string `json:"type" enum:"email,phone_number"`
	Value string `json:"value" maxLength:"254"`
}

func (b NewUserBody) person() desk.PersonChange {
	ch := b.change()
	ch.Name, ch.Email, ch.Role = &b.Name, &b.Email, orNull(directory.Role(b.Role))
	ch.Locale, ch.TimeZone, ch.Signature, ch.Fields = &b.Locale, &b.TimeZone, &b.Signature, b.UserFields.given()
	c := desk.PersonChange{
		User: ch, Organization: directory.OrganizationID(b.OrganizationID), Team: directory.TeamID(b.DefaultGroupID),
		Identities: each(b.Identities, func(i NewIdentity) desk.NewIdentity {
			return desk.NewIdentity{Kind: directory.IdentityKind(i.Type), Value: i.Value}
		}),
	}
	if b.Organization != nil {
		c.OrganizationName = b.Organization.Name
	}
	return c
}

type createUserIn struct {
	Body struct {
		User NewUserBody `json:"user"`
	}
}

func (s *server) createUser(ctx context.Context, by access.Actor, in *createUserIn) (*userOut, error) {
	u, err := s.desk.CreatePerson(ctx, by, in.Body.User.person())
	if err != nil {
		return nil, err
	}
	out := &userOut{Status: http.StatusCreated, Body: UserShown{User: encodeUser(requestOf(ctx), u)}}
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
	Name      *string `json:"name,omitempty" maxLength:"200"`
	Email     *string `json:"email,omitempty" maxLength:"254"`
	Role      *string `json:"role,omitempty" enum:"end-user,agent,admin"`
	Locale    *string `json:"locale,omitempty" maxLength:"35"`
	TimeZone  *string `json:"time_zone,omitempty" maxLength:"60"`
	Signature *string `json:"signature,omitempty" maxLength:"4000"`
	Suspended *bool   `json:"suspended,omitempty"`

	OrganizationID optional[int64] `json:"organization_id,omitzero" doc:"Becomes the default one; null leaves it"`
	DefaultGroupID optional[int64] `json:"default_group_id,omitzero"`
	UserFields     keyedBody       `json:"user_fields,omitempty" doc:"Those not named stay"`
	ProfileBody
}

func (b UserChangeBody) userChange() access.UserChange {
	ch := b.change()
	ch.Name, ch.Email, ch.Role, ch.Locale = b.Name, b.Email, convert[directory.Role](b.Role), b.Locale
	ch.TimeZone, ch.Signature, ch.Suspended = b.TimeZone, b.Signature, b.Suspended
	ch.Fields = b.UserFields.given()
	return ch
}

func (b UserChangeBody) person() desk.PersonChange {
	return desk.PersonChange{
		User: b.userChange(), Organization: directory.OrganizationID(b.OrganizationID.Value), Team: directory.TeamID(b.DefaultGroupID.Value),
	}
}

type updateUserIn struct {
	ID   int64 `path:"id"`
	Body struct {
		User UserChangeBody `json:"user"`
	}
}

func (s *server) updateUser(ctx context.Context, by access.Actor, in *updateUserIn) (*userOut, error) {
	if in.ID == 0 {
		_, err := s.access.GetUser(ctx, by, 0) // otherwise the address would say who
		return nil, err
	}
	c := in.Body.User.person()
	c.ID = directory.UserID(in.ID)
	u, err := s.desk.ChangePerson(ctx, by, c)
	return shownUser(ctx, u, err)
}

// UserToKeepBody is a person to change, or to add.
type UserToKeepBody struct {
	ID int64 `json:"id,omitempty"`
	UserChangeBody
}

func (b UserToKeepBody) person() desk.PersonChange {
	c := b.UserChangeBody.person()
	c.ID = directory.UserID(b.ID)
	return c
}

type createOrUpdateUserIn struct {
	Body struct {
		User UserToKeepBody `json:"user"`
	}
}

func (s *server) createOrUpdateUser(ctx context.Context, by access.Actor, in *createOrUpdateUserIn) (*userOut, error) {
	u, added, err := s.desk.KeepPerson(ctx, by, in.Body.User.person())
	out, err := shownUser(ctx, u, err)
	if err == nil && added {
		out.Status = http.StatusCreated
	}
	return out, err
}

func (s *server) deleteUser(ctx context.Context, by access.Actor, in *userIn) (*userOut, error) {
	u, err := s.desk.DeletePerson(ctx, by, directory.UserID(in.ID))
	return shownUser(ctx, u, err)
}

type deletedUsersIn struct {
	OffsetPage
	CursorPage
}

type deletedUsersOut struct {
	Body struct {
		Users []User `json:"deleted_users"`
		OffsetMeta
		CursorMeta
	}
}

func (s *server) listDeletedUsers(ctx context.Context, by access.Actor, in *deletedUsersIn) (*deletedUsersOut, error) {
	found, err := s.people(ctx, by, directory.UserFilter{Deleted: true}, in.OffsetPage, in.CursorPage, "")
	if err != nil {
		return nil, err
	}
	out := new(deletedUsersOut)
	out.Body.Users, out.Body.OffsetMeta, out.Body.CursorMeta = found.Body.Users, found.Body.OffsetMeta, found.Body.CursorMeta
	return out, nil
}

func (s *server) countDeletedUsers(ctx context.Context, by access.Actor, _ *none) (*countOut, error) {
	_, n, err := s.access.ListUsers(ctx, by, directory.UserFilter{Deleted: true, Part: directory.Part{Limit: 1}})
	return s.counted(n), err
}

type deletedUserOut struct {
	Body struct {
		User User `json:"deleted_user"`
	}
}

func shownDeleted(ctx context.Context, u *directory.User, err error) (*deletedUserOut, error) {
	return respond(ctx, err, func(q *request, out *deletedUserOut) { out.Body.User = encodeUser(q, u) })
}

func (s *server) showDeletedUser(ctx context.Context, by access.Actor, in *userIn) (*deletedUserOut, error) {
	u, err := s.desk.DeletedPerson(ctx, by, directory.UserID(in.ID))
	return shownDeleted(ctx, u, err)
}

type erasedUserOut struct {
	Body struct {
		User      User       `json:"deleted_user"`
		JobStatus *JobStatus `json:"job_status,omitempty" doc:"How far the work is, which goes on in the background"`
	}
}

func (s *server) deleteUserPermanently(ctx context.Context, by access.Actor, in *userIn) (*erasedUserOut, error) {
	u, work, err := s.desk.DeletePersonPermanently(ctx, by, directory.UserID(in.ID))
	if err != nil {
		return nil, err
	}
	out := new(erasedUserOut)
	out.Body.User = encodeUser(requestOf(ctx), u)
	if work != nil {
		status := encodeJobStatus(requestOf(ctx), work)
		out.Body.JobStatus = &status
	}
	return out, nil
}

func (s *server) listRequestedTickets(ctx context.Context, by access.Actor, in *ticketsOfIn) (*ticketsOut, error) {
	in.RequesterID = in.ID
	return s.listTickets(ctx, by, &in.ListTicketsIn)
}

func (s *server) listCopiedTickets(ctx context.Context, by access.Actor, in *ticketsOfIn) (*ticketsOut, error) {
	in.CopiedID = in.ID
	return s.listTickets(ctx, by, &in.ListTicketsIn)
}

func (s *server) listAssignedTickets(ctx context.Context, by access.Actor, in *ticketsOfIn) (*ticketsOut, error) {
	in.Assignee = idText(in.ID)
	return s.listTickets(ctx, by, &in.ListTicketsIn)
}

func (s *server) countCopiedTickets(ctx context.Context, by access.Actor, in *userIn) (*countOut, error) {
	return s.countTickets(ctx, by, &countTicketsIn{TicketQuery{CopiedID: in.ID}})
}

func (s *server) countAssignedTickets(ctx context.Context, by access.Actor, in *userIn) (*countOut, error) {
	return s.countTickets(ctx, by, &countTicketsIn{TicketQuery{Assignee: idText(in.ID)}})
}

// OwnProfileBody is what people change of themselves; what is absent stays.
type OwnProfileBody struct {
	Name      *string `json:"name,omitempty" maxLength:"200"`
	Locale    *string `json:"locale,omitempty" maxLength:"35"`
	TimeZone  *string `json:"time_zone,omitempty" maxLength:"60"`
	Signature *string `json:"signature,omitempty" maxLength:"4000"`
	Phone     *string `json:"phone,omitempty" maxLength:"60"`
	Alias     *string `json:"alias,omitempty" maxLength:"200"`
}

type updateMeIn struct {
	Body struct {
		User OwnProfileBody `json:"user"`
	}
}

func (s *server) updateMe(ctx context.Context, by access.Actor, in *updateMeIn) (*userOut, error) {
	b := in.Body.User
	u, err := s.access.UpdateUser(ctx, by, by.UserID, access.UserChange{
		Name: b.Name, Locale: b.Locale, TimeZone: b.TimeZone, Signature: b.Signature, Phone: b.Phone, Alias: b.Alias,
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
