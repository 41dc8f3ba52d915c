package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"tandem/access"
	"tandem/directory"
	"tandem/problem"
)

const (
	sessionCookie = "tandem_session"
	sessionLife   = 14 * 24 * time.Hour

	sessionUser  = "user"  // id of whoever signed in
	sessionStamp = "stamp" // of the password they signed in with
)

func (s *server) sessionRoutes() {
	const tag = "session"
	route(s, op{on: "GET /session", id: "show_session", says: "Who is signed in, and what the application needs to begin", tag: tag, may: anyone}, s.showSession)
	route(s, op{on: "POST /session", id: "sign_in", says: "Sign in", tag: tag, may: anyone}, s.signIn)
	route(s, op{on: "DELETE /session", id: "sign_out", says: "Sign out", tag: tag, may: anyone}, s.signOut)
	route(s, op{on: "GET /setup/{token}", id: "show_setup", says: "What a setup link is for", tag: tag, may: anyone}, s.showSetup)
	route(s, op{on: "POST /setup/{token}", id: "complete_setup", says: "Choose a password with a setup link, and sign in", tag: tag, may: anyone}, s.completeSetup)
}

// newSessions makes the sessions of signed-in browsers.
func newSessions(store scs.Store, secure bool) *scs.SessionManager {
	m := scs.New()
	m.Store = store
	m.Lifetime = sessionLife
	m.Cookie.Name = sessionCookie
	m.Cookie.HttpOnly = true
	m.Cookie.Secure = secure
	// Lax, not Strict: Microsoft sends the browser back to us after a sign-in.
	m.Cookie.SameSite = http.SameSiteLaxMode
	return m
}

// authenticate finds out who asks. Whoever shows a token that is wrong is told
// so; a session that has ended is nobody.
func (s *server) authenticate(next http.Handler) http.Handler {
	return s.sessions.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := requestOf(r.Context())
		var err error
		if email, token, found := tokenOf(r); found {
			q.actor, err = s.access.Authenticate(r.Context(), email, token, q.address)
			q.known = err == nil
		} else {
			err = s.resume(r.Context(), q)
		}
		if err != nil {
			writeProblem(w, r, s.log, err)
			return
		}
		q.actor.Origin = q.origin
		next.ServeHTTP(w, r)
	}))
}

// tokenOf reads an API token: "Bearer TOKEN", or Basic with "email/token" as
// user name (Zendesk: "Security and authentication", API token).
func tokenOf(r *http.Request) (email, token string, found bool) {
	header := r.Header.Get("Authorization")
	if scheme, rest, _ := strings.Cut(header, " "); strings.EqualFold(scheme, "Bearer") {
		return "", strings.TrimSpace(rest), true
	}
	user, password, ok := r.BasicAuth()
	if !ok {
		return "", "", header != "" // another scheme: refused as an invalid token
	}
	email, isToken := strings.CutSuffix(user, "/token")
	if !isToken {
		return email, "", true // passwords are for people
	}
	return email, password, true
}

// resume finds out whose browser it is.
func (s *server) resume(ctx context.Context, q *request) error {
	id := directory.UserID(s.sessions.GetInt64(ctx, sessionUser))
	if id == 0 {
		return nil
	}
	_, actor, err := s.access.Resume(ctx, id, s.sessions.GetString(ctx, sessionStamp), q.address)
	if problem.KindOf(err) == problem.Unauthenticated {
		return s.sessions.Destroy(ctx)
	}
	if err != nil {
		return fmt.Errorf("resume the session of user %d: %w", id, err)
	}
	q.actor, q.known = actor, true
	return nil
}

// remember makes this browser's session that of the person. The session gets a
// new token, so that nobody can foist a known one on a browser before.
func (s *server) remember(ctx context.Context, id directory.UserID) error {
	stamp, err := s.access.Stamp(ctx, id)
	if err != nil {
		return err
	}
	if err := s.sessions.RenewToken(ctx); err != nil {
		return fmt.Errorf("renew a session: %w", err)
	}
	s.sessions.Put(ctx, sessionUser, int64(id))
	s.sessions.Put(ctx, sessionStamp, stamp)
	return nil
}

// Session is what the browser application needs to begin.
type Session struct {
	User          maybe[User] `json:"user" doc:"null when nobody is signed in"`
	SetupRequired bool        `json:"setup_required" doc:"There is no administrator yet"`
	Version       string      `json:"version"`
	Demo          bool        `json:"demo"`
	SimulatorURL  *string     `json:"simulator_url"`
	UndoSeconds   float64     `json:"undo_seconds" doc:"How long a reply can be taken back"`
}

type sessionOut struct {
	Body struct {
		Session Session `json:"session"`
	}
}

func (s *server) showSession(ctx context.Context, by access.Actor, _ *none) (*sessionOut, error) {
	if !requestOf(ctx).known {
		return s.shownSession(ctx, nil)
	}
	u, err := s.access.GetUser(ctx, by, by.UserID)
	if err != nil {
		return nil, err
	}
	return s.shownSession(ctx, u)
}

func (s *server) shownSession(ctx context.Context, u *directory.User) (*sessionOut, error) {
	required := false
	if u == nil {
		var err error
		if required, err = s.access.SetupRequired(ctx); err != nil {
			return nil, err
		}
	}
	out := new(sessionOut)
	out.Body.Session = Session{
		SetupRequired: required, Version: s.options.Version, Demo: s.options.Demo, SimulatorURL: orNull(s.options.SimulatorURL),
		UndoSeconds: s.desk.UndoWindow().Seconds(),
	}
	if u != nil {
		user := encodeUser(requestOf(ctx), u)
		out.Body.Session.User.value = &user
	}
	return out, nil
}

type signInIn struct {
	Body struct {
		Email    string `json:"email" maxLength:"254"`
		Password string `json:"password" maxLength:"1000"`
	}
}

func (s *server) signIn(ctx context.Context, _ access.Actor, in *signInIn) (*sessionOut, error) {
	u, err := s.access.SignIn(ctx, in.Body.Email, in.Body.Password, requestOf(ctx).address)
	if err != nil {
		return nil, err
	}
	if err := s.remember(ctx, u.ID); err != nil {
		return nil, err
	}
	return s.shownSession(ctx, u)
}

func (s *server) signOut(ctx context.Context, by access.Actor, _ *none) (*none, error) {
	if err := s.sessions.Destroy(ctx); err != nil || !requestOf(ctx).known {
		return nil, err
	}
	return nil, s.access.SignOut(ctx, by)
}

type setupIn struct {
	Token string `path:"token"`
}

// Setup is what a setup link is for.
type Setup struct {
	Valid   bool   `json:"valid"`
	Purpose string `json:"purpose" enum:"first_administrator,password"`
	Email   string `json:"email" doc:"Whose password it sets; empty for the first administrator"`
}

type setupOut struct {
	Body struct {
		Setup Setup `json:"setup"`
	}
}

func (s *server) showSetup(ctx context.Context, _ access.Actor, in *setupIn) (*setupOut, error) {
	u, err := s.access.FindSetup(ctx, in.Token)
	if err != nil {
		return nil, err
	}
	out := new(setupOut)
	out.Body.Setup = Setup{Valid: true, Purpose: "first_administrator"}
	if u != nil {
		out.Body.Setup = Setup{Valid: true, Purpose: "password", Email: u.Email}
	}
	return out, nil
}

type completeSetupIn struct {
	Token string `path:"token"`
	Body  struct {
		Name     string `json:"name,omitempty" maxLength:"200"`
		Email    string `json:"email,omitempty" maxLength:"254"`
		Password string `json:"password" maxLength:"1000"`
		Locale   string `json:"locale,omitempty" maxLength:"35"`
	}
}

func (s *server) completeSetup(ctx context.Context, _ access.Actor, in *completeSetupIn) (*sessionOut, error) {
	u, err := s.access.CompleteSetup(ctx, in.Token, access.Setup{
		Name: in.Body.Name, Email: in.Body.Email, Password: in.Body.Password, Locale: in.Body.Locale, Address: requestOf(ctx).address,
	})
	if err != nil {
		return nil, err
	}
	if err := s.remember(ctx, u.ID); err != nil {
		return nil, err
	}
	return s.shownSession(ctx, u)
}
