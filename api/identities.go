package api

import (
	"context"
	"net/http"
	"slices"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/problem"
)

func (s *server) identityRoutes() {
	const tag = "users"
	route(s, op{on: "GET /users/{id}/identities", id: "list_identities", says: "List the addresses and numbers of a person", tag: tag, may: agents}, s.listIdentities)
	route(s, op{on: "GET /users/{id}/identities/count", id: "count_identities", says: "Count the addresses and numbers of a person", tag: tag, may: agents}, s.countIdentities)
	route(s, op{on: "POST /users/{id}/identities", id: "create_identity", says: "Add an address or number", tag: tag, may: agents, status: http.StatusCreated}, s.createIdentity)
	route(s, op{on: "DELETE /users/{id}/identities/{iid}", id: "delete_identity", says: "Remove an address or number", tag: tag, may: agents}, s.deleteIdentity)
	route(s, op{on: "PUT /users/{id}/identities/{iid}/make_primary", id: "make_identity_primary", says: "Make an address the one that mail goes to", tag: tag, may: agents}, s.makePrimary)
	route(s, op{on: "GET /users/{id}/identities/{iid}", id: "show_identity", says: "Show an address or number", tag: tag, may: agents}, s.showIdentity)
	route(s, op{on: "PUT /users/{id}/identities/{iid}", id: "update_identity", says: "Change an address or number, or whether it is verified", tag: tag, may: agents}, s.updateIdentity)
	route(s, op{on: "PUT /users/{id}/identities/{iid}/verify", id: "verify_identity", says: "Note that an address or number is the person's", tag: tag, may: agents}, s.verifyIdentity)
	route(s, op{on: "POST /users/{id}/identities/{iid}/split", id: "split_identity", says: "Make a person of its own out of an identity, and undo the merge that brought it", tag: tag, may: agents}, s.splitIdentity)
	route(s, op{on: "PUT /users/{id}/merge", id: "merge_user", says: "Merge a requester into another one", tag: tag, may: agents}, s.mergeUser)
	route(s, op{on: "GET /users/{id}/related", id: "show_user_related", says: "Count what belongs to a person", tag: tag, may: agents}, s.showRelated)
}

// Identity is an address or number of a person.
type Identity struct {
	ID        int64   `json:"id"`
	URL       string  `json:"url"`
	UserID    int64   `json:"user_id"`
	Type      string  `json:"type" enum:"email,phone_number"`
	Value     string  `json:"value"`
	Verified  bool    `json:"verified"`
	Primary   bool    `json:"primary"`
	CreatedAt instant `json:"created_at"`
	UpdatedAt instant `json:"updated_at"`
}

func encodeIdentity(q *request, i *directory.Identity, primary string) Identity {
	return Identity{
		ID: int64(i.ID), URL: q.link("/users/%d/identities/%d.json", i.UserID, i.ID), UserID: int64(i.UserID), Type: string(i.Kind),
		Value: i.Value, Verified: i.Verified, Primary: i.Kind == directory.EmailIdentity && i.Value == primary,
		CreatedAt: instant(i.CreatedAt), UpdatedAt: instant(i.CreatedAt),
	}
}

type identitiesOut struct {
	Body struct {
		Identities []Identity `json:"identities"`
		OffsetMeta
		CursorMeta
	}
}

type identitiesIn struct {
	ID int64 `path:"id"`
	WholeListIn
}

func (s *server) countIdentities(ctx context.Context, by access.Actor, in *userIn) (*countOut, error) {
	u, err := s.access.GetUser(ctx, by, directory.UserID(in.ID))
	if err != nil {
		return nil, err
	}
	all, err := s.desk.Identities(ctx, by, u.ID)
	return s.counted(len(all)), err
}

func (s *server) listIdentities(ctx context.Context, by access.Actor, in *identitiesIn) (*identitiesOut, error) {
	u, err := s.access.GetUser(ctx, by, directory.UserID(in.ID))
	if err != nil {
		return nil, err
	}
	all, err := s.desk.Identities(ctx, by, u.ID)
	if err != nil {
		return nil, err
	}
	q, out := requestOf(ctx), new(identitiesOut)
	shown := each(all, func(i *directory.Identity) Identity { return encodeIdentity(q, i, u.Email) })
	out.Body.Identities, err = pageOfWhole(q, in.WholeListIn, shown, func(i Identity) int64 { return i.ID }, &out.Body.OffsetMeta, &out.Body.CursorMeta)
	return out, err
}

type createIdentityIn struct {
	ID   int64 `path:"id"`
	Body struct {
		Identity struct {
			Type  string `json:"type" enum:"email,phone_number"`
			Value string `json:"value" maxLength:"254"`
		} `json:"identity"`
	}
}

type identityOut struct {
	Body struct {
		Identity Identity `json:"identity"`
	}
}

func (s *server) createIdentity(ctx context.Context, by access.Actor, in *createIdentityIn) (*identityOut, error) {
	b := in.Body.Identity
	i, err := s.desk.AddIdentity(ctx, by, directory.UserID(in.ID), directory.IdentityKind(b.Type), b.Value)
	if err != nil {
		return nil, err
	}
	out := new(identityOut)
	out.Body.Identity = encodeIdentity(requestOf(ctx), i, "")
	return out, nil
}

// IdentityIn names an address or number of a person.
type IdentityIn struct {
	ID         int64 `path:"id"`
	IdentityID int64 `path:"iid"`
}

func (in *IdentityIn) ids() (directory.UserID, directory.IdentityID) {
	return directory.UserID(in.ID), directory.IdentityID(in.IdentityID)
}

func (s *server) deleteIdentity(ctx context.Context, by access.Actor, in *IdentityIn) (*none, error) {
	user, identity := in.ids()
	return nil, s.desk.RemoveIdentity(ctx, by, user, identity)
}

func (s *server) makePrimary(ctx context.Context, by access.Actor, in *IdentityIn) (*identitiesOut, error) {
	user, identity := in.ids()
	if err := s.desk.MakePrimary(ctx, by, user, identity); err != nil {
		return nil, err
	}
	return s.listIdentities(ctx, by, &identitiesIn{ID: in.ID})
}

func (s *server) showIdentity(ctx context.Context, by access.Actor, in *IdentityIn) (*identityOut, error) {
	user, identity := in.ids()
	u, err := s.access.GetUser(ctx, by, user)
	if err != nil {
		return nil, err
	}
	all, err := s.desk.Identities(ctx, by, u.ID)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(i *directory.Identity) bool { return i.ID == identity })
	if i < 0 {
		return nil, problem.New(problem.NotFound, "not_found", "%s has no such identity.", u.Name).On(problem.Yours, "Load the page again.")
	}
	out := new(identityOut)
	out.Body.Identity = encodeIdentity(requestOf(ctx), all[i], u.Email)
	return out, nil
}

type updateIdentityIn struct {
	IdentityIn
	Body struct {
		Identity IdentityChange `json:"identity"`
	}
}

// IdentityChange is what changes of an address or number.
type IdentityChange struct {
	Value    *string `json:"value,omitempty" maxLength:"254"`
	Verified *bool   `json:"verified,omitempty"`
}

func (s *server) updateIdentity(ctx context.Context, by access.Actor, in *updateIdentityIn) (*identityOut, error) {
	user, identity := in.ids()
	if err := s.desk.ChangeIdentity(ctx, by, user, identity, desk.IdentityChange{Value: in.Body.Identity.Value, Verified: in.Body.Identity.Verified}); err != nil {
		return nil, err
	}
	return s.showIdentity(ctx, by, &in.IdentityIn)
}

func (s *server) verifyIdentity(ctx context.Context, by access.Actor, in *IdentityIn) (*identityOut, error) {
	user, identity := in.ids()
	if err := s.desk.Verify(ctx, by, user, identity); err != nil {
		return nil, err
	}
	return s.showIdentity(ctx, by, in)
}

func (s *server) splitIdentity(ctx context.Context, by access.Actor, in *IdentityIn) (*userOut, error) {
	user, identity := in.ids()
	u, err := s.desk.Split(ctx, by, user, identity)
	return shownUser(ctx, u, err)
}

type mergeUserIn struct {
	ID   int64 `path:"id" doc:"Who is merged"`
	Body struct {
		User struct {
			ID int64 `json:"id" doc:"Into whom"`
		} `json:"user"`
	}
}

func (s *server) mergeUser(ctx context.Context, by access.Actor, in *mergeUserIn) (*userOut, error) {
	u, err := s.desk.Merge(ctx, by, directory.UserID(in.ID), directory.UserID(in.Body.User.ID))
	return shownUser(ctx, u, err)
}

type relatedOut struct {
	Body struct {
		Related UserRelated `json:"user_related"`
	}
}

// UserRelated counts what belongs to a person.
type UserRelated struct {
	RequestedTickets int `json:"requested_tickets"`
	CCdTickets       int `json:"ccd_tickets"`
	AssignedTickets  int `json:"assigned_tickets"`
	Comments         int `json:"comments"`
}

func (s *server) showRelated(ctx context.Context, by access.Actor, in *userIn) (*relatedOut, error) {
	p, err := s.desk.Possessions(ctx, by, directory.UserID(in.ID))
	out := new(relatedOut)
	out.Body.Related = UserRelated{RequestedTickets: p.Requested, CCdTickets: p.Copied, AssignedTickets: p.Assigned, Comments: p.Comments}
	return out, err
}
