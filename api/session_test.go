package api

import (
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"

	"tandem/access"
)

// browser keeps cookies and says, as browsers do, that it comes from our own pages.
func (w *world) browser() *caller {
	jar, err := cookiejar.New(nil)
	w.must(err)
	return &caller{w, &http.Client{Jar: jar}, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-origin") }}
}

// withPassword gives the administrator a password: only tests that sign in pay for its slow hash.
func (w *world) withPassword() *world {
	w.t.Helper()
	w.must(w.server.access.SetPassword(w.t.Context(), access.System(), w.admin.ID, password))
	return w
}

// signedIn is a browser in which the administrator has signed in.
func (w *world) signedIn() *caller {
	w.t.Helper()
	b := w.browser()
	b.send("POST", "/session", object{"email": w.admin.Email, "password": password}).is(200)
	return b
}

func TestBrowserSignsInAndOut(t *testing.T) {
	everywhere(t, func(w *world) {
		b := w.withPassword().browser()
		before := b.get("/session").is(200)
		if before.at("session.user") != nil || before.at("session.setup_required") != false || before.string("session.version") != "1.2.3" {
			w.t.Errorf("before: %s", before.text)
		}
		b.get("/users/me").refused(401, "sign_in_needed")
		b.send("POST", "/session", object{"email": w.admin.Email, "password": "wrong"}).refused(401, "wrong_password")
		in := b.send("POST", "/session", object{"email": "Admin@Contoso.example", "password": password}).is(200)
		if in.string("session.user.email") != w.admin.Email {
			w.t.Errorf("signed in: %s", in.text)
		}
		cookie := in.header.Get("Set-Cookie")
		for _, want := range []string{"tandem_session=", "HttpOnly", "SameSite=Lax", "Path=/"} {
			if !strings.Contains(cookie, want) {
				w.t.Errorf("cookie %q lacks %s", cookie, want)
			}
		}
		b.get("/users/me").is(200)
		b.send("DELETE", "/session", nil).is(204)
		b.get("/users/me").refused(401, "sign_in_needed")
	})
}

func TestBehindHTTPSTheCookieNeverLeavesInTheClear(t *testing.T) {
	for public, https := range map[string]bool{"https://help.example": true, "http://127.0.0.1:8080": false} {
		s := newServer(Deps{}, Options{PublicURL: public})
		recorder := httptest.NewRecorder()
		s.secure(http.NotFoundHandler()).ServeHTTP(recorder, httptest.NewRequest("GET", "/", nil))
		if strict := recorder.Header().Get("Strict-Transport-Security") != ""; s.sessions.Cookie.Secure != https || strict != https {
			t.Errorf("%s: Secure %t, Strict-Transport-Security %t", public, s.sessions.Cookie.Secure, strict)
		}
	}
}

func TestErrorNamesTheKindAsZendeskDoes(t *testing.T) {
	w := one(t)
	got := w.anonymous().get("/tickets").is(401)
	if got.string("error") != "Couldn't authenticate you" {
		t.Errorf("got %s", got.text)
	}
	taken := w.as(w.admin).send("POST", "/users", object{"user": object{"email": w.agent.Email}}).refused(422, "email_taken")
	if taken.string("error") != "RecordInvalid" || taken.string("details.email.0.error") != "DuplicateValue" {
		t.Errorf("got %s", taken.text)
	}
	if got := w.as(w.admin).get("/tickets/999").refused(404, "not_found"); got.string("error") != "RecordNotFound" {
		t.Errorf("got %s", got.text)
	}
}

func TestPrograms(t *testing.T) {
	everywhere(t, func(w *world) {
		with := func(header string) *caller {
			return &caller{w, w.http.Client(), func(r *http.Request) { r.Header.Set("Authorization", header) }}
		}
		if got := w.as(w.agent).get("/users/me.json").is(200); got.number("user.id") != int(w.agent.ID) {
			w.t.Errorf("Basic: %s", got.text)
		}
		if got := with("Bearer " + w.token).get("/users/me").is(200); got.number("user.id") != int(w.admin.ID) {
			w.t.Errorf("Bearer: %s", got.text)
		}
		for _, header := range []string{"Bearer guessed", "Bearer", "Negotiate abc", "Basic !!!"} {
			with(header).get("/users/me").refused(401, "invalid_token")
		}
		// A password is no API token, even of somebody who may sign in with it.
		w.withPassword()
		(&caller{w, w.http.Client(), func(r *http.Request) { r.SetBasicAuth(w.admin.Email, password) }}).get("/users/me").refused(401, "invalid_token")
	})
}

func TestTooManyWrongPasswords(t *testing.T) {
	w := one(t).withPassword()
	b := w.browser()
	for range 100 {
		got := b.send("POST", "/session", object{"email": w.admin.Email, "password": "guess"})
		if got.status == 401 {
			continue
		}
		got.refused(429, "login_throttled")
		if got.header.Get("Retry-After") == "" || got.string("args.minutes") == "" || got.string("error") != "TooManyRequests" {
			t.Errorf("does not say how long: %s", got.text)
		}
		return
	}
	t.Error("100 guesses and no end")
}

func TestSetupLink(t *testing.T) {
	w := one(t)
	created := w.as(w.admin).send("POST", "/users", object{"user": object{"email": "new@contoso.example", "role": "agent"}}).is(201)
	_, token, _ := strings.Cut(created.string("setup_url"), "/setup/")
	b := w.browser()
	setup := b.get("/setup/%s", token).is(200)
	if setup.string("setup.purpose") != "password" || setup.string("setup.email") != "new@contoso.example" {
		t.Errorf("got %s", setup.text)
	}
	b.send("POST", "/setup/"+token, object{"password": "short"}).is(422)
	b.send("POST", "/setup/"+token, object{"password": "long enough for anybody"}).is(200)
	if me := b.get("/users/me").is(200); me.string("user.email") != "new@contoso.example" {
		t.Errorf("signed in as %s", me.text)
	}
	b.get("/setup/%s", token).refused(404, "setup_link_invalid")
	if strings.Contains(w.log.String(), token) {
		t.Error("the link's secret is in the log")
	}
}

func TestNewPasswordEndsOtherSessionsOnly(t *testing.T) {
	w := one(t)
	here, elsewhere := w.withPassword().signedIn(), w.signedIn()
	here.send("PUT", "/users/me/password", object{"previous_password": "wrong", "password": "another good one"}).refused(422, "wrong_password")
	here.send("PUT", "/users/me/password", object{"previous_password": password, "password": "another good one"}).is(204)
	here.get("/users/me").is(200)
	elsewhere.get("/users/me").refused(401, "sign_in_needed")
}

func TestSuspendedPersonIsSignedOut(t *testing.T) {
	w := one(t)
	b := w.withPassword().signedIn()
	w.as(w.admin).send("POST", "/users", object{"user": object{"email": "second@contoso.example", "role": "admin"}}).is(201)
	w.as(w.admin).send("PUT", "/users/"+idText(w.admin.ID), object{"user": object{"suspended": true}}).is(200)
	b.get("/users/me").refused(401, "sign_in_needed")
}

func TestOtherSitesCannotAct(t *testing.T) {
	w := one(t)
	b := w.withPassword().signedIn()
	b.prepare = func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }
	b.send("POST", "/brands", object{"brand": object{"name": "Forged"}}).refused(403, "cross_origin")
	b.prepare = func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }
	b.send("DELETE", "/recipient_addresses/1", nil).refused(403, "cross_origin")
	if brands := w.as(w.admin).get("/brands").list("brands"); len(brands) != 1 {
		t.Errorf("there are %d brands", len(brands))
	}
}

func TestPagesActBehindAProxyThatHidesTheirName(t *testing.T) {
	w := one(t)
	w.server.options.PublicURL = "https://help.example"
	proxied := httptest.NewServer(w.server.layers(named(w.server.mux))) // it sees another Host than the browser
	defer proxied.Close()
	for origin, want := range map[string]int{"https://help.example": 401, "https://evil.example": 403} {
		r, err := http.NewRequest("POST", proxied.URL+prefix+"/session", strings.NewReader(`{"email":"a@b.example","password":"x"}`))
		w.must(err)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Origin", origin)
		got, err := http.DefaultClient.Do(r)
		w.must(err)
		got.Body.Close()
		if got.StatusCode != want {
			t.Errorf("%s: got %d, want %d", origin, got.StatusCode, want)
		}
	}
}

func TestMicrosoftsHandlerLearnsWhoAsks(t *testing.T) {
	w := one(t)
	if got := w.withPassword().signedIn().get("!/microsoft/callback?code=x").is(200); got.text != "true Eve Admin" {
		t.Errorf("got %q", got.text)
	}
	if got := w.anonymous().get("!/microsoft/callback?code=x").is(200); got.text != "false " {
		t.Errorf("got %q", got.text)
	}
}
