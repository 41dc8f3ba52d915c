package m365sim_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"html"
	"math/big"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"tandem/m365sim"
)

// browser signs in as a person does: it keeps cookies and fills in forms.
type browser struct {
	*world
	cookie string
	at     string // the URL the forms post to
	page   response
}

func (w *world) browser() *browser { return &browser{world: w} }

func authorizeQuery(pairs ...string) url.Values {
	q := url.Values{
		"client_id": {m365sim.ContosoClientID}, "response_type": {"code"}, "redirect_uri": {callback}, "scope": {allMail}, "state": {"s1"},
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return q
}

func (b *browser) open(q url.Values) *browser {
	b.Helper()
	b.at = "/" + m365sim.ContosoTenantID + "/oauth2/v2.0/authorize?" + q.Encode()
	return b.follow(b.do("GET", b.at, nil, "Cookie", b.cookie))
}

func (b *browser) follow(r response) *browser {
	b.page = r
	if set := r.header.Get("Set-Cookie"); set != "" {
		b.cookie, _, _ = strings.Cut(set, ";")
	}
	return b
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// post sends the form on the page with the hidden fields it has.
func (b *browser) post(pairs ...string) *browser {
	b.Helper()
	v := url.Values{}
	for _, field := range hidden.FindAllStringSubmatch(string(b.page.body), -1) {
		if v.Get(field[1]) == "" {
			v.Set(field[1], html.UnescapeString(field[2]))
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return b.follow(b.do("POST", b.at, v, "Cookie", b.cookie))
}

func (b *browser) signIn(user string) *browser {
	b.Helper()
	return b.post("step", "signin", "username", user, "password", m365sim.ContosoPassword)
}

func (b *browser) accept() *browser { return b.post("answer", "accept") }

// callback is where the browser was sent, with what it carries.
func (b *browser) callback() url.Values {
	b.Helper()
	location, err := url.Parse(b.page.header.Get("Location"))
	if err != nil || b.page.status != 302 || !strings.HasPrefix(location.String(), callback) {
		b.Fatalf("not sent to the callback: %d %q\n%s", b.page.status, location, b.page.body)
	}
	return location.Query()
}

func (b *browser) shows(text string) *browser {
	b.Helper()
	if !strings.Contains(html.UnescapeString(string(b.page.body)), text) {
		b.Fatalf("the page (%d) does not show %q:\n%s", b.page.status, text, b.page.body)
	}
	return b
}

func codeForm(code string, pairs ...string) url.Values {
	return form("authorization_code", append([]string{"code", code, "redirect_uri", callback}, pairs...)...)
}

// fails checks an error of the token endpoint.
func (r response) fails(status int, name string, code float64) response {
	r.Helper()
	r.expect(status)
	codes, _ := r.at("error_codes").([]any)
	if r.text("error") != name || len(codes) != 1 || codes[0] != code || r.text("trace_id") == "" {
		r.Fatalf("want %s %v: %s", name, code, r.body)
	}
	return r
}

func TestSignInWithConsent(t *testing.T) {
	w := setup(t)
	b := w.browser().open(authorizeQuery("code_challenge", challenge("correct horse"), "code_challenge_method", "S256", "nonce", "n1"))
	b.shows("Sign in").signIn(support).shows("Permissions requested").shows("Send mail as you").shows("Read and write access to your mail")
	answer := b.accept().callback()
	if answer.Get("state") != "s1" || answer.Get("code") == "" {
		t.Fatalf("callback: %v", answer)
	}
	w.tokenRequest(codeForm(answer.Get("code"), "code_verifier", "wrong")).fails(400, "invalid_grant", 501481)

	// Consent is remembered, and so is the person.
	answer = b.open(authorizeQuery("nonce", "n1")).callback()
	got := w.tokens(codeForm(answer.Get("code")))
	if got.text("token_type") != "Bearer" || got.at("expires_in") != float64(3599) || strings.Contains(got.text("scope"), "offline_access") {
		t.Errorf("tokens: %s", got.body)
	}
	claims := w.verified(got.text("id_token"))
	if claims["aud"] != m365sim.ContosoClientID || claims["nonce"] != "n1" || claims["preferred_username"] != support || claims["tid"] != m365sim.ContosoTenantID ||
		claims["iss"] != w.url+"/"+m365sim.ContosoTenantID+"/v2.0" || claims["email"] != support {
		t.Errorf("id_token: %v", claims)
	}
	g := &graph{world: w, token: got.text("access_token")}
	if me := g.get("/me").expect(200); me.text("id") != claims["oid"] {
		t.Errorf("oid %v is not the id of %s", claims["oid"], me.body)
	}
	if info := w.do("GET", "/oidc/userinfo", nil, "Authorization", "Bearer "+g.token).expect(200); info.text("sub") != claims["sub"] {
		t.Errorf("userinfo: %s", info.body)
	}
	w.tokenRequest(codeForm(answer.Get("code"))).fails(400, "invalid_grant", 54005)
}

func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// verified checks a token with the keys that discovery leads to.
func (w *world) verified(token string) jwt.MapClaims {
	w.Helper()
	config := w.do("GET", "/"+m365sim.ContosoTenantID+"/v2.0/.well-known/openid-configuration", nil).expect(200)
	keys := w.do("GET", config.text("jwks_uri"), nil).expect(200).list("keys")
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		for _, k := range keys {
			if k["kid"] == t.Header["kid"] {
				n, _ := base64.RawURLEncoding.DecodeString(k["n"].(string))
				e, _ := base64.RawURLEncoding.DecodeString(k["e"].(string))
				return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}, nil
			}
		}
		return nil, jwt.ErrTokenUnverifiable
	})
	if err != nil {
		w.Fatal(err)
	}
	return claims
}

func TestPKCE(t *testing.T) {
	w := setup(t)
	b := w.browser().open(authorizeQuery("code_challenge", challenge("v"), "code_challenge_method", "S256")).signIn(support).accept()
	w.tokens(codeForm(b.callback().Get("code"), "code_verifier", "v"))
	plain := b.open(authorizeQuery("code_challenge", "as it is")).callback().Get("code")
	w.tokens(codeForm(plain, "code_verifier", "as it is"))
	bare := b.open(authorizeQuery("code_challenge", "x")).callback().Get("code")
	w.tokenRequest(codeForm(bare)).fails(400, "invalid_grant", 501481)
}

func TestWhatApplicationsAreTold(t *testing.T) {
	w := setup(t)
	refused := func(q url.Values) url.Values { t.Helper(); return w.browser().open(q).callback() }
	if a := refused(authorizeQuery("prompt", "none")); a.Get("error") != "login_required" || !strings.Contains(a.Get("error_description"), "AADSTS50058") || a.Get("state") != "s1" {
		t.Errorf("prompt=none: %v", a)
	}
	if a := refused(authorizeQuery("scope", "Mail.Invent")); a.Get("error") != "invalid_scope" {
		t.Errorf("unknown scope: %v", a)
	}
	if a := refused(authorizeQuery("response_type", "token")); a.Get("error") != "unsupported_response_type" {
		t.Errorf("response_type: %v", a)
	}
	b := w.browser().open(authorizeQuery()).post("step", "cancel")
	if a := b.callback(); a.Get("error") != "access_denied" || a.Get("error_description") != "the user canceled the authentication" {
		t.Errorf("cancelled sign-in: %v", a)
	}
	b = w.browser().open(authorizeQuery()).signIn(support).post("answer", "cancel")
	if a := b.callback(); a.Get("error") != "access_denied" || !strings.Contains(a.Get("error_description"), "AADSTS65004") {
		t.Errorf("declined consent: %v", a)
	}
	if a := b.open(authorizeQuery("prompt", "none")).callback(); a.Get("error") != "interaction_required" {
		t.Errorf("prompt=none without consent: %v", a)
	}
}

func TestWhatOnlyThePersonIsTold(t *testing.T) {
	w := setup(t)
	w.browser().open(authorizeQuery("redirect_uri", "http://evil.example/microsoft/callback")).shows("AADSTS50011")
	w.browser().open(authorizeQuery("redirect_uri", "http://127.0.0.1:1/other")).shows("AADSTS50011")
	w.browser().open(authorizeQuery("client_id", "11111111-2222-3333-4444-555555555555")).shows("AADSTS700016")
	b := w.browser().open(authorizeQuery())
	b.post("step", "signin", "username", support, "password", "wrong").shows("invalid username or password")
	b.signIn("shared@contoso.example").shows("The user account is disabled")
	w.do("GET", "/wrong.example/oauth2/v2.0/authorize?"+authorizeQuery().Encode(), nil).expect(400)
}

func TestChoosingAnotherAccount(t *testing.T) {
	w := setup(t)
	b := w.browser().open(authorizeQuery()).signIn(support).accept()
	b.open(authorizeQuery("prompt", "select_account")).shows("Pick an account").shows(support)
	b.post("step", "other").shows(`id="username"`).signIn(sales).accept()
	id := w.verified(w.tokens(codeForm(b.callback().Get("code"))).text("id_token"))
	if id["preferred_username"] != sales {
		t.Errorf("signed in as %v", id["preferred_username"])
	}
	b.open(authorizeQuery("prompt", "login", "login_hint", support)).shows(`value="` + support + `"`)
	b.open(authorizeQuery("prompt", "consent")).shows("Permissions requested")
}

func TestSecondFactor(t *testing.T) {
	w := setup(t)
	b := w.browser().open(authorizeQuery()).signIn("mfa@contoso.example").shows("Approve sign-in request")
	b.post("step", "mfa").shows("Permissions requested").accept()
	w.tokens(codeForm(b.callback().Get("code")))
	w.tokenRequest(form("password", "username", "mfa@contoso.example", "password", m365sim.ContosoPassword, "scope", "User.Read")).fails(400, "invalid_grant", 50076)
	// The step cannot be made up.
	forged := w.browser().open(authorizeQuery())
	forged.post("step", "mfa", "user", "mfa@contoso.example", "proof", "x").shows(`id="password"`)
}

func TestResponseModes(t *testing.T) {
	w := setup(t)
	b := w.browser().open(authorizeQuery("response_mode", "fragment")).signIn(support).accept()
	if location := b.page.header.Get("Location"); !strings.HasPrefix(location, callback+"#") {
		t.Errorf("fragment: %q", location)
	}
	b.open(authorizeQuery("response_mode", "form_post")).shows(`action="` + callback + `"`).shows(`name="code"`)
}

func TestConsentMayGrantFewerScopes(t *testing.T) {
	w := setup(t)
	w.fault(map[string]any{"kind": "missing_scope", "scopes": []string{"Mail.Send"}})
	b := w.browser().open(authorizeQuery()).signIn(support).accept()
	got := w.tokens(codeForm(b.callback().Get("code")))
	if strings.Contains(got.text("scope"), "Mail.Send") || !strings.Contains(got.text("scope"), "Mail.ReadWrite") {
		t.Errorf("scope: %q", got.text("scope"))
	}
	g := &graph{world: w, token: got.text("access_token")}
	g.post("/me/sendMail", map[string]any{"message": map[string]any{"subject": "x"}}).refused(403, "ErrorAccessDenied")
}

func TestRefreshTokens(t *testing.T) {
	w := setup(t)
	w.as(support)
	first := w.tokens(form("password", "username", support, "password", m365sim.ContosoPassword, "scope", allMail)).text("refresh_token")
	refresh := func(token string) response { return w.tokenRequest(form("refresh_token", "refresh_token", token)) }
	second := refresh(first).expect(200).text("refresh_token")
	if second == first || second == "" {
		t.Error("no new refresh token")
	}
	refresh(first).expect(200) // is not revoked by its use
	refresh("1.AXnonsense").fails(400, "invalid_grant", 9002313)

	w.advance(80 * 24 * time.Hour)
	refresh(second).expect(200)
	w.advance(80 * 24 * time.Hour)
	refresh(second).expect(200)
	if r := refresh(first).fails(400, "invalid_grant", 700082); !strings.Contains(r.text("error_description"), "was inactive for 90.00:00:00") {
		t.Errorf("text: %s", r.body)
	}
	w.do("PATCH", "/sim/users/"+support, map[string]any{"password": "new"}).expect(204)
	refresh(second).fails(400, "invalid_grant", 50173)
}

func TestRevokedGrantsNeedANewConsent(t *testing.T) {
	w := setup(t)
	g := w.as(support)
	token := w.tokens(form("password", "username", support, "password", m365sim.ContosoPassword, "scope", allMail)).text("refresh_token")
	w.fault(map[string]any{"kind": "revoke_grants", "mailbox": support})
	g.get("/me").refused(401, "InvalidAuthenticationToken")
	w.tokenRequest(form("refresh_token", "refresh_token", token)).fails(400, "invalid_grant", 50173)
	w.tokenRequest(form("password", "username", support, "password", m365sim.ContosoPassword, "scope", allMail)).fails(400, "invalid_grant", 65001)
	w.browser().open(authorizeQuery()).signIn(support).shows("Permissions requested").accept().callback()
}

func TestClientCredentials(t *testing.T) {
	w := setup(t)
	const graphDefault = "https://graph.microsoft.com/.default"
	got := w.tokens(form("client_credentials", "scope", graphDefault))
	if got.at("refresh_token") != nil || got.at("scope") != nil || got.at("id_token") != nil {
		t.Errorf("app-only answer: %s", got.body)
	}
	w.tokenRequest(form("client_credentials", "scope", "Mail.Read")).fails(400, "invalid_scope", 1002012)
	wrong := func(name, value string) url.Values {
		v := form("client_credentials", "scope", graphDefault)
		v.Set(name, value)
		return v
	}
	w.tokenRequest(wrong("client_secret", "guess")).fails(401, "invalid_client", 7000215)
	w.tokenRequest(wrong("client_secret", "")).fails(401, "invalid_client", 7000218)
	w.tokenRequest(wrong("client_id", "")).fails(400, "invalid_request", 900144)
	w.tokenRequest(wrong("client_id", "11111111-2222-3333-4444-555555555555")).fails(400, "unauthorized_client", 700016)
	w.tokenRequest(wrong("grant_type", "")).fails(400, "invalid_request", 900144)
	w.do("POST", "/nowhere.example/oauth2/v2.0/token", form("client_credentials", "scope", graphDefault)).fails(400, "invalid_request", 90002)
	w.do("POST", "/common/oauth2/v2.0/token", form("client_credentials", "scope", graphDefault)).fails(400, "invalid_request", 9001023)

	basic := form("client_credentials", "scope", graphDefault)
	basic.Del("client_secret")
	credentials := base64.StdEncoding.EncodeToString([]byte(m365sim.ContosoClientID + ":" + m365sim.ContosoSecret))
	w.do("POST", "/"+m365sim.ContosoTenantID+"/oauth2/v2.0/token", basic, "Authorization", "Basic "+credentials).expect(200)
}

func TestSecretsExpire(t *testing.T) {
	w := setup(t)
	request := func(secret string) response {
		return w.tokenRequest(form("client_credentials", "scope", "https://graph.microsoft.com/.default", "client_secret", secret))
	}
	w.fault(map[string]any{"kind": "expire_secrets"})
	request(m365sim.ContosoSecret).fails(401, "invalid_client", 7000222)
	w.do("DELETE", "/sim/faults", nil).expect(204)
	request(m365sim.ContosoSecret).expect(200)

	added := w.do("POST", "/sim/applications/"+m365sim.ContosoClientID+"/secrets", map[string]any{"expires_in": "24h"}).expect(201)
	request(added.text("value")).expect(200)
	w.advance(25 * time.Hour)
	request(added.text("value")).fails(401, "invalid_client", 7000222)
	w.do("DELETE", "/sim/applications/"+m365sim.ContosoClientID+"/secrets/"+added.text("id"), nil).expect(200)
	request(added.text("value")).fails(401, "invalid_client", 7000215)
	w.advance(365 * 24 * time.Hour)
	request(m365sim.ContosoSecret).fails(401, "invalid_client", 7000222)
}

func TestCertificateInsteadOfSecret(t *testing.T) {
	w := setup(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "app"}, NotAfter: time.Now().Add(time.Hour)}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	assertion := func(audience string) string {
		thumbprint := sha1.Sum(raw)
		token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
			"aud": audience, "iss": m365sim.ContosoClientID, "sub": m365sim.ContosoClientID, "jti": "1", "exp": time.Now().Add(time.Minute).Unix(),
		})
		token.Header["x5t"] = base64.RawURLEncoding.EncodeToString(thumbprint[:])
		signed, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	request := func(audience string) response {
		v := form("client_credentials", "scope", "https://graph.microsoft.com/.default", "client_assertion", assertion(audience),
			"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		v.Del("client_secret")
		return w.tokenRequest(v)
	}
	endpoint := w.url + "/" + m365sim.ContosoTenantID + "/oauth2/v2.0/token"
	request(endpoint).fails(401, "invalid_client", 700027)
	encoded := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}))
	w.do("POST", "/sim/applications/"+m365sim.ContosoClientID+"/certificates", map[string]string{"pem": encoded}).expect(200)
	request(endpoint).expect(200)
	request("https://elsewhere.example/token").fails(401, "invalid_client", 700023)
}

func TestAdminConsent(t *testing.T) {
	w := setup(t)
	w.do("PATCH", "/sim/applications/"+m365sim.ContosoClientID, map[string]any{"application_permissions_granted": false}).expect(200)
	w.app().get("/users/"+support+"/messages").refused(403, "ErrorAccessDenied")

	b := w.browser()
	consent := func(path string) *browser {
		b.at = "/" + m365sim.ContosoTenantID + path
		return b.follow(b.do("GET", b.at, nil, "Cookie", b.cookie))
	}
	v1 := "/adminconsent?client_id=" + m365sim.ContosoClientID + "&state=s2&redirect_uri=" + url.QueryEscape(callback)
	consent(v1).signIn(support).shows("Need admin approval")
	consent(v1).post("step", "other").signIn("admin@contoso.example").shows("Review for your organization").post("answer", "cancel")
	if a := b.callback(); a.Get("error") != "permission_denied" || a.Get("state") != "s2" {
		t.Errorf("declined: %v", a)
	}
	consent(v1).post("step", "account").accept()
	if a := b.callback(); a.Get("admin_consent") != "True" || a.Get("tenant") != m365sim.ContosoTenantID {
		t.Errorf("accepted: %v", a)
	}
	w.app().get("/users/" + support + "/messages").expect(200)
	// Nobody is asked any more.
	w.browser().open(authorizeQuery()).signIn(sales).callback()

	v2 := "/v2.0/adminconsent?client_id=" + m365sim.ContosoClientID + "&scope=" + url.QueryEscape("https://graph.microsoft.com/Mail.Send") + "&redirect_uri=" + url.QueryEscape(callback)
	consent(v2).post("step", "account").accept()
	if a := b.callback(); a.Get("scope") != "https://graph.microsoft.com/Mail.Send" {
		t.Errorf("v2: %v", a)
	}
}

func TestDiscoveryOfCommon(t *testing.T) {
	w := setup(t)
	config := w.do("GET", "/common/v2.0/.well-known/openid-configuration", nil).expect(200)
	if config.text("issuer") != w.url+"/{tenantid}/v2.0" {
		t.Errorf("issuer: %s", config.text("issuer"))
	}
	methods, _ := config.at("token_endpoint_auth_methods_supported").([]any)
	if !slices.Contains(methods, any("private_key_jwt")) {
		t.Errorf("methods: %v", methods)
	}
	w.do("GET", "/nobody.example/v2.0/.well-known/openid-configuration", nil).expect(http.StatusBadRequest)
}
