package m365sim

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// adminConsent lets an administrator consent for everybody, in both versions
// of the endpoint (Admin consent on the Microsoft identity platform). Without
// scope, or with .default, it grants all that the registration lists.
func (e *entra) adminConsent(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	q, fatal := e.readAuthorize(r.PathValue("tenant"), query)
	if fatal != nil {
		e.errorPage(w, fatal)
		return
	}
	if query.Get("scope") == "" {
		query.Set("scope", ".default")
	}
	var err *entraError
	if q.scopes, err = readScopes(query.Get("scope"), q.app); err != nil {
		e.redirectError(w, r, q, err)
		return
	}
	var u *user
	switch r.PostFormValue("step") {
	case "cancel":
		e.declineAdmin(w, r, q)
		return
	case "signin":
		if u = e.signIn(w, r, q); u == nil {
			return
		}
	case "account", "mfa":
		u = e.provenUser(r)
	case "consent":
		if u = e.provenUser(r); u != nil && u.Admin {
			e.finishAdmin(w, r, q)
			return
		}
	}
	e.askAdmin(w, r, q, u)
}

func (e *entra) askAdmin(w http.ResponseWriter, r *http.Request, q authorizeRequest, u *user) {
	if u == nil {
		q.prompt = "select_account" // whoever is signed in is not always the administrator
		e.askWho(w, r, q)
		return
	}
	e.setSession(w, r, append([]*user{u}, e.signedIn(r)...))
	if !u.Admin {
		e.page(w, http.StatusOK, "message", pageData{
			Title: "Need admin approval", App: q.app.DisplayName,
			Text:    "Sign in with an account that may grant permissions for the whole organization.",
			Problem: "AADSTS90094: The grant requires administrator permission.",
		})
		return
	}
	lines := scopeWords(q.scopes)
	for _, role := range q.app.Roles {
		p, _ := findPermission(role)
		lines = append(lines, scopeLine{Name: role, Words: p.words + " (for all users, without a signed-in user)"})
	}
	e.page(w, http.StatusOK, "consent", pageData{
		Title: "Permissions requested", Text: "Review for your organization", App: q.app.DisplayName, Username: u.UserPrincipalName,
		User: u.ID, Proof: e.seal("consent", u.ID, r.URL.RawQuery), Scopes: lines,
	})
}

func (e *entra) finishAdmin(w http.ResponseWriter, r *http.Request, q authorizeRequest) {
	if r.PostFormValue("answer") != "accept" {
		e.declineAdmin(w, r, q)
		return
	}
	err := e.dir.consent(q.app.ClientID, "", q.scopes)
	if err == nil && grantsRoles(r) {
		err = e.dir.changeApplication(q.app.ClientID, func(a *registration) { a.RolesGranted = true })
	}
	if err != nil {
		e.log.Error("store admin consent", "err", err)
	}
	values := url.Values{"admin_consent": {"True"}, "tenant": {e.dir.organisation().ID}}
	if isConsentV2(r) {
		values.Set("scope", strings.Join(prefixScopes(q.scopes), " "))
	}
	e.redirect(w, r, q, values)
}

// grantsRoles: application permissions are granted by .default only.
func grantsRoles(r *http.Request) bool {
	scope := r.URL.Query().Get("scope")
	return scope == "" || slices.Contains(strings.Fields(scope), graphResource+".default") || slices.Contains(strings.Fields(scope), ".default")
}

func prefixScopes(scopes []string) []string {
	var list []string
	for _, s := range scopes {
		list = append(list, graphResource+s)
	}
	return list
}

func isConsentV2(r *http.Request) bool { return strings.Contains(r.URL.Path, "/v2.0/") }

func (e *entra) declineAdmin(w http.ResponseWriter, r *http.Request, q authorizeRequest) {
	if isConsentV2(r) {
		e.redirect(w, r, q, url.Values{
			"admin_consent": {"True"}, "error": {"consent_required"},
			"error_description": {"AADSTS65004: The resource owner or authorization server denied the request."},
		})
		return
	}
	e.redirect(w, r, q, url.Values{"error": {"permission_denied"}, "error_description": {"The admin canceled the request"}})
}
