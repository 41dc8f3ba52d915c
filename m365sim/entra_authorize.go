package m365sim

import (
	"crypto/hmac"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// authorizeRequest is an authorization request (OAuth 2.0 authorization code
// flow: request an authorization code).
type authorizeRequest struct {
	tenant       string
	app          registration
	redirectURI  string
	scopes       []string
	state        string
	nonce        string
	responseMode string
	prompt       string
	loginHint    string
	challenge    string
	method       string
}

// allowsRedirect compares a redirect URI with those registered. For loopback
// http the port is ignored (RFC 8252 section 7.3).
func (a registration) allowsRedirect(given string) bool {
	return slices.ContainsFunc(a.RedirectURIs, func(registered string) bool {
		return registered == given || withoutLoopbackPort(registered) == withoutLoopbackPort(given)
	})
}

func withoutLoopbackPort(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" || !isLoopback(u.Hostname()) {
		return s
	}
	u.Host = u.Hostname()
	return u.String()
}

// authorize walks a browser through sign-in and consent. Every step posts back
// to the same URL, whose query is the request; only the last one redirects.
func (e *entra) authorize(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	q, fatal := e.readAuthorize(r.PathValue("tenant"), query)
	if fatal != nil {
		e.errorPage(w, fatal)
		return
	}
	if err := e.checkAuthorize(&q, query); err != nil {
		e.redirectError(w, r, q, err)
		return
	}
	e.step(w, r, q)
}

// readAuthorize reads what must be right before anything may be redirected.
func (e *entra) readAuthorize(tenantName string, query url.Values) (authorizeRequest, *entraError) {
	q := authorizeRequest{
		tenant: tenantName, redirectURI: query.Get("redirect_uri"), state: query.Get("state"), nonce: query.Get("nonce"),
		responseMode: query.Get("response_mode"), prompt: query.Get("prompt"), loginHint: query.Get("login_hint"),
		challenge: query.Get("code_challenge"), method: query.Get("code_challenge_method"),
	}
	if !e.dir.isTenant(tenantName) {
		return q, unknownTenant(tenantName)
	}
	clientID := query.Get("client_id")
	if clientID == "" {
		return q, missingParameter("client_id")
	}
	app, ok := e.dir.application(clientID)
	if !ok {
		return q, unknownApplication(clientID, e.dir.organisation())
	}
	q.app = app
	if !app.allowsRedirect(q.redirectURI) {
		return q, aadsts(50011, http.StatusBadRequest, "invalid_request", "The redirect URI '%s' specified in the request does not match the redirect URIs configured for the application '%s'. Make sure the redirect URI sent in the request matches one added to your application in the Azure portal.", q.redirectURI, app.ClientID)
	}
	if app.Disabled {
		return q, aadsts(7000112, http.StatusBadRequest, "unauthorized_client", "Application '%s'(%s) is disabled.", app.ClientID, app.DisplayName)
	}
	return q, nil
}

// checkAuthorize reads the rest; its errors are told to the application.
func (e *entra) checkAuthorize(q *authorizeRequest, query url.Values) *entraError {
	switch {
	case query.Get("response_type") == "":
		return missingParameter("response_type")
	case query.Get("response_type") != "code":
		return aadsts(700054, http.StatusBadRequest, "unsupported_response_type", "response_type '%s' is not enabled for the application.", query.Get("response_type"))
	case !slices.Contains([]string{"", "query", "fragment", "form_post"}, q.responseMode):
		return aadsts(900561, http.StatusBadRequest, "invalid_request", "The provided value for the input parameter 'response_mode' is not allowed.")
	case !slices.Contains([]string{"", "plain", "S256"}, q.method):
		return aadsts(501491, http.StatusBadRequest, "invalid_request", "Invalid size or value of Code_Challenge parameter.")
	}
	var err *entraError
	q.scopes, err = readScopes(query.Get("scope"), q.app)
	return err
}

// readScopes reads a scope parameter: names of delegated permissions, possibly
// with the resource in front; .default stands for all the registration has.
func readScopes(text string, app registration) ([]string, *entraError) {
	var scopes []string
	for given := range strings.FieldsSeq(text) {
		name := strings.TrimPrefix(given, graphResource)
		if strings.Contains(name, "://") {
			return nil, aadsts(700022, http.StatusBadRequest, "invalid_request", "The provided value for the input parameter 'scope' is not valid because it contains more than one resource.")
		}
		if name == ".default" {
			scopes = append(scopes, app.Delegated...)
			continue
		}
		p, ok := findPermission(name)
		if !ok || !p.delegated {
			return nil, unknownScope(given)
		}
		scopes = append(scopes, p.name)
	}
	if len(scopes) == 0 {
		return nil, missingParameter("scope")
	}
	slices.Sort(scopes)
	return slices.Compact(scopes), nil
}

// step does the next thing between the request and its answer: what was posted
// first, then sign-in, then consent, then the code.
func (e *entra) step(w http.ResponseWriter, r *http.Request, q authorizeRequest) {
	var u *user
	consented := false
	switch r.PostFormValue("step") {
	case "cancel":
		e.redirectError(w, r, q, aadsts(0, 0, "access_denied", "the user canceled the authentication"))
		return
	case "signin":
		if u = e.signIn(w, r, q); u == nil {
			return
		}
	case "account", "mfa":
		u = e.provenUser(r)
	case "consent":
		if r.PostFormValue("answer") != "accept" {
			e.redirectError(w, r, q, aadsts(65004, 0, "access_denied", "The resource owner or authorization server denied the request."))
			return
		}
		u = e.provenUser(r)
		consented = u != nil
	default:
		u = e.currentUser(r, q)
	}
	if u == nil {
		e.askWho(w, r, q)
		return
	}
	e.setSession(w, r, append([]*user{u}, e.signedIn(r)...))
	e.consentStep(w, r, q, u, consented)
}

// currentUser is who is signed in already and may go on without being asked.
func (e *entra) currentUser(r *http.Request, q authorizeRequest) *user {
	if q.prompt == "login" || q.prompt == "select_account" {
		return nil
	}
	for _, u := range e.signedIn(r) {
		if q.loginHint == "" || strings.EqualFold(q.loginHint, u.UserPrincipalName) {
			return u
		}
	}
	return nil
}

// provenUser is the user of the form that was posted, which only this server
// can have made for this browser.
func (e *entra) provenUser(r *http.Request) *user {
	id, step := r.PostFormValue("user"), r.PostFormValue("step")
	if !hmac.Equal([]byte(r.PostFormValue("proof")), []byte(e.seal(step, id, r.URL.RawQuery))) {
		return nil
	}
	return e.dir.user(id)
}

// askWho shows the accounts on this browser to choose from, or the sign-in form.
func (e *entra) askWho(w http.ResponseWriter, r *http.Request, q authorizeRequest) {
	known := e.signedIn(r)
	if q.prompt == "none" {
		e.redirectError(w, r, q, aadsts(50058, 0, "login_required", "A silent sign-in request was sent but no user is signed in."))
		return
	}
	if q.prompt != "login" && len(known) > 0 && q.loginHint == "" && r.PostFormValue("step") != "other" {
		data := pageData{Title: "Pick an account", App: q.app.DisplayName, Query: r.URL.RawQuery}
		for _, u := range known {
			data.Accounts = append(data.Accounts, e.accountChoice(r, u))
		}
		e.page(w, http.StatusOK, "accounts", data)
		return
	}
	e.signInPage(w, http.StatusOK, q, q.loginHint, "")
}

func (e *entra) accountChoice(r *http.Request, u *user) accountChoice {
	return accountChoice{ID: u.ID, Name: u.DisplayName, Address: u.UserPrincipalName, Proof: e.seal("account", u.ID, r.URL.RawQuery)}
}

// signInPage asks for account and password; the accounts of the organisation
// are offered, as one who tries the simulator does not know them.
func (e *entra) signInPage(w http.ResponseWriter, status int, q authorizeRequest, name, problem string) {
	data := pageData{Title: "Sign in", App: q.app.DisplayName, Username: name, Problem: problem}
	for _, u := range e.dir.list() {
		if u.Password != "" && !u.Disabled {
			data.Accounts = append(data.Accounts, accountChoice{Name: u.DisplayName, Address: u.UserPrincipalName})
		}
	}
	e.page(w, status, "signin", data)
}

// signIn checks the posted password. When it is wrong or a second factor is
// needed, it shows the page that says so and returns nil.
func (e *entra) signIn(w http.ResponseWriter, r *http.Request, q authorizeRequest) *user {
	name := strings.TrimSpace(r.PostFormValue("username"))
	u, err := e.checkPassword(name, r.PostFormValue("password"))
	if err != nil {
		e.signInPage(w, http.StatusOK, q, name, err.text)
		return nil
	}
	if u.MFA {
		e.page(w, http.StatusOK, "mfa", pageData{
			Title: "Approve sign-in request", App: q.app.DisplayName, Username: u.UserPrincipalName,
			User: u.ID, Proof: e.seal("mfa", u.ID, r.URL.RawQuery),
		})
		return nil
	}
	return u
}

func (e *entra) checkPassword(name, password string) (*user, *entraError) {
	u := e.dir.user(name)
	switch {
	case u == nil:
		return nil, aadsts(50034, http.StatusBadRequest, "invalid_grant", "The user account %s does not exist in the %s directory. To sign into this application, the account must be added to the directory.", name, e.dir.organisation().ID)
	case u.Disabled, u.Shared:
		return nil, aadsts(50057, http.StatusBadRequest, "invalid_grant", "The user account is disabled.")
	case u.Password == "" || u.Password != password:
		return nil, aadsts(50126, http.StatusBadRequest, "invalid_grant", "Error validating credentials due to invalid username or password.")
	}
	return u, nil
}

// consentStep asks for the scopes that were not accepted before.
func (e *entra) consentStep(w http.ResponseWriter, r *http.Request, q authorizeRequest, u *user, accepted bool) {
	if accepted {
		scopes := q.scopes
		if f := e.faults.hit(u.UserPrincipalName, "", "", faultScope); f != nil {
			scopes = slices.DeleteFunc(slices.Clone(scopes), func(s string) bool { return slices.Contains(f.Scopes, s) })
		}
		if err := e.dir.consent(q.app.ClientID, u.ID, scopes); err != nil {
			e.log.Error("store consent", "err", err)
		}
		e.redirectCode(w, r, q, u)
		return
	}
	missing := e.unconsented(q, u)
	if len(missing) == 0 && q.prompt != "consent" {
		e.redirectCode(w, r, q, u)
		return
	}
	if q.prompt == "none" {
		err := consentRequired(q.app)
		err.name = "interaction_required"
		e.redirectError(w, r, q, err)
		return
	}
	if !u.Admin && slices.ContainsFunc(missing, needsAdministrator) {
		e.page(w, http.StatusOK, "message", pageData{
			Title: "Need admin approval", App: q.app.DisplayName,
			Text:    q.app.DisplayName + " needs permission to access resources in your organization that only an admin can grant. Please ask an admin to grant permission to this app before you can use it.",
			Problem: "AADSTS90094: The grant requires administrator permission.",
		})
		return
	}
	e.page(w, http.StatusOK, "consent", pageData{
		Title: "Permissions requested", App: q.app.DisplayName, Username: u.UserPrincipalName, User: u.ID,
		Proof: e.seal("consent", u.ID, r.URL.RawQuery), Scopes: scopeWords(q.scopes),
	})
}

func (e *entra) unconsented(q authorizeRequest, u *user) []string {
	have := e.dir.consented(q.app.ClientID, u.ID)
	return slices.DeleteFunc(slices.Clone(q.scopes), func(s string) bool { return slices.Contains(have, s) })
}

func needsAdministrator(scope string) bool {
	p, _ := findPermission(scope)
	return p.admin
}

func scopeWords(scopes []string) []scopeLine {
	var lines []scopeLine
	for _, s := range scopes {
		p, _ := findPermission(s)
		lines = append(lines, scopeLine{Name: s, Words: p.words})
	}
	return lines
}

// redirectCode ends the request well. The code stands for the scopes that are
// consented to, which may be fewer than were asked for.
func (e *entra) redirectCode(w http.ResponseWriter, r *http.Request, q authorizeRequest, u *user) {
	missing := e.unconsented(q, u)
	granted := slices.DeleteFunc(slices.Clone(q.scopes), func(s string) bool { return slices.Contains(missing, s) })
	code := "1.A" + randomToken(120)
	now := e.clock.now()
	e.mu.Lock()
	for old, c := range e.codes {
		if now.Sub(c.issued) > 2*codeLife {
			delete(e.codes, old)
		}
	}
	e.codes[code] = &authorizationCode{request: q, userID: u.ID, scopes: granted, issued: now}
	e.mu.Unlock()
	e.redirect(w, r, q, url.Values{"code": {code}, "session_state": {uuid.NewString()}})
}

func (e *entra) redirectError(w http.ResponseWriter, r *http.Request, q authorizeRequest, err *entraError) {
	values := url.Values{"error": {err.name}, "error_description": {err.Error()}}
	if err.suberror != "" {
		values.Set("error_subcode", err.suberror)
	}
	e.redirect(w, r, q, values)
}

func (e *entra) redirect(w http.ResponseWriter, r *http.Request, q authorizeRequest, values url.Values) {
	if q.state != "" {
		values.Set("state", q.state)
	}
	switch q.responseMode {
	case "form_post":
		data := pageData{Title: "Working...", Action: q.redirectURI}
		for name := range values {
			data.Fields = append(data.Fields, formField{name, values.Get(name)})
		}
		e.page(w, http.StatusOK, "formpost", data)
	case "fragment":
		http.Redirect(w, r, q.redirectURI+"#"+values.Encode(), http.StatusFound)
	default:
		separator := "?"
		if strings.Contains(q.redirectURI, "?") {
			separator = "&"
		}
		http.Redirect(w, r, q.redirectURI+separator+values.Encode(), http.StatusFound)
	}
}
