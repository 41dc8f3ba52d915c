package access_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/access"
	"tandem/directory"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
)

const (
	password = "correct horse battery"
	office   = "192.0.2.10"
	stranger = "203.0.113.66"
)

// clock is a time that tests move.
type clock struct{ ns atomic.Int64 }

func (c *clock) Now() time.Time          { return time.Unix(0, c.ns.Load()).UTC() }
func (c *clock) Advance(d time.Duration) { c.ns.Add(int64(d)) }

// env is a Tandem with one administrator.
type env struct {
	*testing.T
	access *access.Service
	store  access.Store
	clock  *clock
	admin  access.Actor
}

// each runs the test on every kind of database.
func each(t *testing.T, test func(*testing.T, *env)) {
	t.Helper()
	storetest.EachURL(t, func(t *testing.T, url string) {
		e := open(t, url)
		admin := e.complete(e.firstLink(), "Alma", "admin@contoso.example")
		e.admin = access.Actor{UserID: admin.ID, Name: admin.Name, Role: admin.Role, Address: office}
		test(t, e)
	})
}

// open gives a Tandem without anybody.
func open(t *testing.T, url string) *env {
	t.Helper()
	clock := &clock{}
	clock.ns.Store(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC).UnixNano())
	db := store.For[access.Tx](storetest.Open(t, url, store.Options{Now: clock.Now}))
	service := access.NewService(db, clock.Now)
	service.HashQuickly()
	return &env{T: t, access: service, store: db, clock: clock}
}

func (e *env) must(err error) {
	e.Helper()
	if err != nil {
		e.Fatal(err)
	}
}

func (e *env) firstLink() string {
	e.Helper()
	secret, err := e.access.FirstStart(e.Context())
	e.must(err)
	return secret
}

func (e *env) complete(secret, name, email string) *directory.User {
	e.Helper()
	user, err := e.access.CompleteSetup(e.Context(), secret, access.Setup{Name: name, Email: email, Password: password, Address: office})
	e.must(err)
	return user
}

// hire makes a person who can sign in.
func (e *env) hire(role directory.Role, email string) (*directory.User, access.Actor) {
	e.Helper()
	user, err := e.access.CreateUser(e.Context(), e.admin, access.NewUser{Name: "Person", Email: email, Role: role})
	e.must(err)
	if user.Works() {
		secret, err := e.access.SetupLinkFor(e.Context(), e.admin, user.ID)
		e.must(err)
		user = e.complete(secret, "", "")
	}
	return user, access.Actor{UserID: user.ID, Name: user.Name, Role: user.Role, Address: office}
}

func (e *env) signIn(email, password, address string) error {
	_, err := e.access.SignIn(e.Context(), email, password, address)
	return err
}

// wants checks the code of a problem; empty: there is none.
func wants(t *testing.T, what string, err error, code string) {
	t.Helper()
	got := ""
	if p := problem.As(err); p != nil {
		got = p.Code
	} else if err != nil {
		got = err.Error()
	}
	if got != code {
		t.Errorf("%s: got %q, want %q", what, got, code)
	}
}

func TestFirstLinkMakesTheAdministratorOnce(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		e := open(t, url)
		required, err := e.access.SetupRequired(t.Context())
		if err != nil || !required {
			t.Errorf("a new Tandem: setup required %v, %v", required, err)
		}
		old, link := e.firstLink(), e.firstLink()
		if user, err := e.access.FindSetup(t.Context(), link); user != nil || err != nil {
			t.Errorf("the link belongs to %v, %v", user, err)
		}
		_, err = e.access.CompleteSetup(t.Context(), link, access.Setup{Name: "Alma", Email: "admin@contoso.example", Password: "short"})
		wants(t, "short password", err, "password_too_short")
		admin := e.complete(link, "  Alma  Torres ", "Admin@Contoso.example")
		if admin.Role != directory.Admin || admin.Name != "Alma Torres" || admin.Email != "admin@contoso.example" {
			t.Errorf("administrator %+v", admin)
		}
		for name, secret := range map[string]string{"used": link, "older": old, "made up": "guess"} {
			_, err := e.access.CompleteSetup(t.Context(), secret, access.Setup{Name: "Eve", Email: "eve@example.com", Password: password})
			wants(t, name+" link", err, "setup_link_invalid")
		}
		if secret := e.firstLink(); secret != "" {
			t.Error("another link although there is an administrator")
		}
		wants(t, "sign-in", e.signIn("admin@contoso.example", password, office), "")
	})
}

func TestSetupLinkEndsAfterADay(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		user, err := e.access.CreateUser(t.Context(), e.admin, access.NewUser{Email: "agent1@contoso.example", Role: directory.Agent})
		e.must(err)
		secret, err := e.access.SetupLinkFor(t.Context(), e.admin, user.ID)
		e.must(err)
		e.clock.Advance(access.SetupLinkLife)
		_, err = e.access.CompleteSetup(t.Context(), secret, access.Setup{Password: password})
		wants(t, "old link", err, "setup_link_invalid")
	})
}

func TestSetupLinkEndsWithThePasswordThatItWasToReplace(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		agent, _ := e.hire(directory.Agent, "agent1@contoso.example")
		lost, err := e.access.SetupLinkFor(t.Context(), e.admin, agent.ID)
		e.must(err)
		found, err := e.access.SetupLinkForAddress(t.Context(), e.admin, " Agent1@contoso.example")
		e.must(err)
		e.complete(found, "", "")
		_, err = e.access.CompleteSetup(t.Context(), lost, access.Setup{Password: password})
		wants(t, "the other link", err, "setup_link_invalid")

		entries, _, err := e.access.ListAudit(t.Context(), e.admin, access.AuditFilter{Subject: int64(agent.ID), Limit: 1})
		if err != nil || len(entries) != 1 || entries[0].Action != "user.password_set" || entries[0].Address != office {
			t.Errorf("audit %+v, %v", entries, err)
		}
	})
}

func TestSetupLinkIsForPeopleWhoWork(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		e.hire(directory.EndUser, "customer@example.com")
		_, err := e.access.SetupLinkForAddress(t.Context(), e.admin, "customer@example.com")
		wants(t, "requester", err, "user_is_requester")
		_, err = e.access.SetupLinkForAddress(t.Context(), e.admin, "nobody@example.com")
		wants(t, "nobody", err, "user_not_found")
		_, err = e.access.SetupLinkForAddress(t.Context(), access.Actor{Role: directory.Agent}, "admin@contoso.example")
		wants(t, "asked by an agent", err, "administrators_only")
	})
}

func TestOnlyTheRightPasswordOfAPersonWhoWorksSignsIn(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		e.hire(directory.Agent, "agent1@contoso.example")
		e.hire(directory.EndUser, "customer@example.com")
		user, err := e.access.SignIn(t.Context(), " AGENT1@contoso.example", password, office)
		if err != nil || user.Email != "agent1@contoso.example" {
			t.Errorf("sign-in: %v, %v", user, err)
		}
		wants(t, "wrong password", e.signIn("agent1@contoso.example", "wrong", office), "wrong_password")
		wants(t, "empty password", e.signIn("agent1@contoso.example", "", office), "wrong_password")
		wants(t, "unknown account", e.signIn("nobody@contoso.example", password, office), "wrong_password")
		wants(t, "requester", e.signIn("customer@example.com", password, office), "wrong_password")
		wants(t, "requester without password", e.signIn("customer@example.com", "", office), "wrong_password")
	})
}

func TestSamePasswordFromAnotherKeyboardSignsIn(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		// Full-width letters and a composed accent mean the same as their plain forms.
		e.must(e.access.SetPassword(t.Context(), access.System(), e.admin.UserID, "ｐａｓｓ phrase caf\u00e9"))
		wants(t, "sign-in", e.signIn("admin@contoso.example", "pass phrase cafe\u0301", office), "")
	})
}

func TestGuessingLocksTheAccountForStrangersOnly(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		e.hire(directory.Agent, "agent1@contoso.example")
		wants(t, "first sign-in", e.signIn("agent1@contoso.example", password, office), "")
		for i := range 10 {
			wants(t, "guess", e.signIn("agent1@contoso.example", "guess", fmt.Sprintf("203.0.113.%d", i)), "wrong_password")
		}
		err := e.signIn("agent1@contoso.example", password, stranger)
		wants(t, "right password from elsewhere while locked", err, "login_throttled")
		if p := problem.As(err); p != nil && (p.Args["minutes"] != "15" || p.Kind != problem.Limit) {
			t.Errorf("problem %+v", p)
		}
		wants(t, "the agent at the usual place", e.signIn("agent1@contoso.example", password, office), "")
		wants(t, "somebody else at the stranger's place", e.signIn("admin@contoso.example", password, stranger), "")

		e.clock.Advance(14 * time.Minute)
		wants(t, "guess during the lock", e.signIn("agent1@contoso.example", "guess", stranger), "login_throttled")
		e.clock.Advance(time.Minute)
		wants(t, "after the lock, which tries did not prolong", e.signIn("agent1@contoso.example", password, stranger), "")
	})
}

// What is swept out every hour is what no longer counts.
func TestSweepingForgetsNoLockAndNoKnownAddress(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		e.hire(directory.Agent, "agent1@contoso.example")
		wants(t, "first sign-in", e.signIn("agent1@contoso.example", password, office), "")
		lock := func() {
			for i := range 10 {
				wants(t, "guess", e.signIn("agent1@contoso.example", "guess", fmt.Sprintf("203.0.113.%d", i)), "wrong_password")
			}
			e.must(e.access.RemoveExpired(t.Context()))
			wants(t, "right password from elsewhere while locked", e.signIn("agent1@contoso.example", password, stranger), "login_throttled")
			wants(t, "the agent at the usual place", e.signIn("agent1@contoso.example", password, office), "")
		}
		lock()
		e.clock.Advance(59 * 24 * time.Hour)
		lock()
	})
}

func TestGuessingFromAKnownAddressIsLimitedToo(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		wants(t, "sign-in", e.signIn("admin@contoso.example", password, office), "")
		for range 10 {
			wants(t, "guess", e.signIn("admin@contoso.example", "guess", office), "wrong_password")
		}
		wants(t, "one more", e.signIn("admin@contoso.example", "guess", office), "login_throttled")
	})
}

func TestAccountsThatDoNotExistAreLockedLikeOthers(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		for range 10 {
			wants(t, "guess", e.signIn("nobody@contoso.example", "guess", stranger), "wrong_password")
		}
		wants(t, "one more", e.signIn("nobody@contoso.example", "guess", stranger), "login_throttled")
	})
}

func TestOneAddressCannotTryManyAccounts(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		for i := range 50 {
			// The /64 is one subscriber's.
			address := fmt.Sprintf("2001:db8::%x", i+1)
			wants(t, "guess", e.signIn(fmt.Sprintf("agent%d@contoso.example", i), "guess", address), "wrong_password")
		}
		wants(t, "right password from there", e.signIn("admin@contoso.example", password, "2001:db8::ffff"), "login_throttled")
		wants(t, "from elsewhere", e.signIn("admin@contoso.example", password, office), "")
	})
}

func TestGuessesAtTheSameTimeAreAllCounted(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		wants(t, "guess", e.signIn("admin@contoso.example", "guess", stranger), "wrong_password")
		var tried atomic.Int32
		var wg sync.WaitGroup
		for range 30 {
			wg.Go(func() {
				if problem.KindOf(e.signIn("admin@contoso.example", "guess", stranger)) == problem.Unauthenticated {
					tried.Add(1)
				}
			})
		}
		wg.Wait()
		if n := tried.Load(); n != 9 {
			t.Errorf("%d more guesses were tried, want 9", n)
		}
	})
}

func TestSuspensionEndsSessionsAndTokens(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		other, actor := e.hire(directory.Admin, "admin2@contoso.example")
		_, token, err := e.access.CreateAPIToken(t.Context(), actor, "Reports")
		e.must(err)
		stamp, err := e.access.Stamp(t.Context(), other.ID)
		e.must(err)
		session := func() error {
			_, _, err := e.access.Resume(t.Context(), other.ID, stamp, office)
			return err
		}
		bearer := func(email string) error {
			_, err := e.access.Authenticate(t.Context(), email, token, office)
			return err
		}
		wants(t, "session", session(), "")
		wants(t, "token", bearer(""), "")

		suspend := true
		_, err = e.access.UpdateUser(t.Context(), e.admin, other.ID, access.UserChange{Suspended: &suspend})
		e.must(err)
		wants(t, "session of a suspended person", session(), "session_ended")
		wants(t, "their token", bearer(""), "invalid_token")
		wants(t, "their token in another's name", bearer("admin@contoso.example"), "invalid_token")
		wants(t, "sign-in", e.signIn(other.Email, password, office), "user_suspended")
	})
}

func TestNewPasswordEndsOtherSessions(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		stamp, err := e.access.Stamp(t.Context(), e.admin.UserID)
		e.must(err)
		user, actor, err := e.access.Resume(t.Context(), e.admin.UserID, stamp, stranger)
		if err != nil || actor.Role != directory.Admin || actor.Address != stranger || user.ID != e.admin.UserID {
			t.Fatalf("session: %+v, %v", actor, err)
		}
		wants(t, "wrong present password", e.access.ChangePassword(t.Context(), e.admin, "wrong", "another long one"), "wrong_password")
		wants(t, "weak new password", e.access.ChangePassword(t.Context(), e.admin, password, "admin@contoso.example"), "password_is_address")
		e.must(e.access.ChangePassword(t.Context(), e.admin, password, "another long one"))
		_, _, err = e.access.Resume(t.Context(), e.admin.UserID, stamp, stranger)
		wants(t, "earlier session", err, "session_ended")
		wants(t, "old password", e.signIn("admin@contoso.example", password, office), "wrong_password")
		wants(t, "new password", e.signIn("admin@contoso.example", "another long one", office), "")
	})
}

func TestTheLastAdministratorStays(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		agent, suspend := directory.Agent, true
		_, err := e.access.UpdateUser(t.Context(), e.admin, e.admin.UserID, access.UserChange{Role: &agent})
		wants(t, "last one steps down", err, "last_administrator")
		_, err = e.access.UpdateUser(t.Context(), e.admin, e.admin.UserID, access.UserChange{Suspended: &suspend})
		wants(t, "last one is suspended", err, "last_administrator")

		other, second := e.hire(directory.Admin, "admin2@contoso.example")
		var wg sync.WaitGroup
		var removed atomic.Int32
		for _, by := range []access.Actor{e.admin, second} { // each removes the other at the same time
			wg.Go(func() {
				victim := other.ID
				if by.UserID == victim {
					victim = e.admin.UserID
				}
				if _, err := e.access.UpdateUser(t.Context(), by, victim, access.UserChange{Role: &agent}); err == nil {
					removed.Add(1)
				}
			})
		}
		wg.Wait()
		if n := removed.Load(); n != 1 {
			t.Errorf("%d of two administrators were removed, want 1", n)
		}
	})
}

func TestTokenActsForThePersonNamedWithIt(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		agent, _ := e.hire(directory.Agent, "agent1@contoso.example")
		e.hire(directory.EndUser, "customer@example.com")
		token, secret, err := e.access.CreateAPIToken(t.Context(), e.admin, " Reports ")
		e.must(err)
		if token.Name != "Reports" || !strings.HasSuffix(secret, token.Hint) || strings.Contains(token.Hash, secret) || len(secret) < 40 {
			t.Errorf("token %+v, secret of %d characters", token, len(secret))
		}
		actor, err := e.access.Authenticate(t.Context(), "Agent1@contoso.example", secret, office)
		if err != nil || actor.UserID != agent.ID || actor.Role != directory.Agent || actor.Token != token.ID {
			t.Errorf("with an address: %+v, %v", actor, err)
		}
		actor, err = e.access.Authenticate(t.Context(), "", secret, office)
		if err != nil || actor.UserID != e.admin.UserID {
			t.Errorf("without: %+v, %v", actor, err)
		}
		for what, email := range map[string]string{"a requester": "customer@example.com", "nobody": "nobody@contoso.example"} {
			_, err := e.access.Authenticate(t.Context(), email, secret, office)
			wants(t, "token for "+what, err, "invalid_token")
		}
		_, err = e.access.Authenticate(t.Context(), "", "tandem_guess", office)
		wants(t, "guess", err, "invalid_token")
		_, _, err = e.access.CreateAPIToken(t.Context(), actor, "Another")
		wants(t, "token made by a token", err, "person_only")

		tokens, err := e.access.ListAPITokens(t.Context(), e.admin)
		if err != nil || len(tokens) != 1 || !tokens[0].LastUsedAt.Equal(e.clock.Now()) {
			t.Errorf("list: %+v, %v", tokens, err)
		}
		e.must(e.access.DeleteAPIToken(t.Context(), e.admin, token.ID))
		_, err = e.access.Authenticate(t.Context(), "", secret, office)
		wants(t, "deleted token", err, "invalid_token")
		wants(t, "deleted twice", e.access.DeleteAPIToken(t.Context(), e.admin, token.ID), "api_token_not_found")
	})
}

func TestAddressBelongsToOnePerson(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		agent, _ := e.hire(directory.Agent, "agent1@contoso.example")
		_, err := e.access.CreateUser(t.Context(), e.admin, access.NewUser{Email: "AGENT1@contoso.example"})
		wants(t, "second person", err, "email_taken")
		taken := "admin@contoso.example"
		_, err = e.access.UpdateUser(t.Context(), e.admin, agent.ID, access.UserChange{Email: &taken})
		wants(t, "change to a taken address", err, "email_taken")
		for field, change := range map[string]access.UserChange{
			"invalid_email":     {Email: new("nonsense")},
			"invalid_role":      {Role: new(directory.Role("owner"))},
			"invalid_time_zone": {TimeZone: new("Mars/Olympus")},
			"name_missing":      {Name: new("  ")},
		} {
			_, err = e.access.UpdateUser(t.Context(), e.admin, agent.ID, change)
			wants(t, "bad input", err, field)
		}
	})
}
