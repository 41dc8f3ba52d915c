package graph

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var testApp = App{Tenant: "contoso.example", ClientID: "app-1", Credentials: []Credential{{Secret: "s3cret"}}}

func serveEntra(t *testing.T, h http.HandlerFunc) *Entra {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return NewEntra(Endpoints{Login: server.URL, Graph: "https://graph.example"}, testApp, server.Client())
}

func TestAuthorizeURLCarriesTheHashOfTheVerifier(t *testing.T) {
	e := NewEntra(GlobalCloud(), testApp, nil)
	// Verifier and challenge of RFC 7636 appendix B.
	address, err := e.AuthorizeURL(t.Context(), AuthorizeRequest{
		RedirectURI: "https://tandem.example/back", Scopes: []string{"openid", "Mail.Send"}, State: "st", Nonce: "no",
		Verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", LoginHint: "support@contoso.example", Prompt: "select_account",
	})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if got := u.Host + u.Path; got != "login.microsoftonline.com/contoso.example/oauth2/v2.0/authorize" {
		t.Errorf("leads to %s", got)
	}
	for name, want := range map[string]string{
		"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256",
		"response_type": "code", "client_id": "app-1", "scope": "openid Mail.Send", "state": "st", "nonce": "no",
		"redirect_uri": "https://tandem.example/back", "login_hint": "support@contoso.example", "prompt": "select_account",
	} {
		if got := u.Query().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestGrantsSendWhatEntraWants(t *testing.T) {
	var form url.Values
	e := serveEntra(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/contoso.example/oauth2/v2.0/token" {
			t.Errorf("path %s", r.URL.Path)
		}
		r.ParseForm()
		form = r.PostForm
		reply(200, `{"token_type":"Bearer","scope":"User.Read https://graph.example/Mail.Send openid","expires_in":"3599","access_token":"a","refresh_token":"r2","id_token":"i"}`)(w, r)
	})
	check := func(want url.Values) {
		t.Helper()
		want.Set("client_id", "app-1")
		want.Set("client_secret", "s3cret")
		if !maps.EqualFunc(form, want, slices.Equal) {
			t.Errorf("sent %v, want %v", form, want)
		}
	}
	token, err := e.Redeem(t.Context(), "c", "v", "https://back.example")
	if err != nil {
		t.Fatal(err)
	}
	check(url.Values{"grant_type": {"authorization_code"}, "code": {"c"}, "code_verifier": {"v"}, "redirect_uri": {"https://back.example"}})
	if token.Access != "a" || token.Refresh != "r2" || token.ID != "i" || time.Until(token.Expiry) < 58*time.Minute {
		t.Errorf("token %+v", *token)
	}
	if got := token.MissingScopes("openid", "offline_access", "Mail.Send", "Mail.ReadWrite"); !slices.Equal(got, []string{"Mail.ReadWrite"}) {
		t.Errorf("missing %q", got)
	}
	if _, err := e.Refresh(t.Context(), "r1", []string{"User.Read"}); err != nil {
		t.Fatal(err)
	}
	check(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"r1"}, "scope": {"User.Read"}})
	if _, err := e.ClientCredentials(t.Context()); err != nil {
		t.Fatal(err)
	}
	check(url.Values{"grant_type": {"client_credentials"}, "scope": {"https://graph.example/.default"}})
}

func TestBrokenTokenAnswerIsTemporary(t *testing.T) {
	for _, body := range []string{``, `{}`, `null`, `<html>`, `{"token_type":"Bearer","access_token":"a"}`, `{"token_type":"mac","access_token":"a","expires_in":1}`} {
		e := serveEntra(t, reply(200, body))
		_, err := e.ClientCredentials(t.Context())
		var auth *AuthError
		if !errors.As(err, &auth) || !auth.Temporary() {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func TestSecretsStayOutOfLogsAndMessages(t *testing.T) {
	var log strings.Builder
	token := Token{Access: "access-x", Refresh: "refresh-x", ID: "id-x"}
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "app", testApp, "token", token, "pointer", &token)
	text := log.String() + fmt.Sprintf("%v %+v %v", testApp, token, &token)
	e := NewEntra(Endpoints{Login: "http://127.0.0.1:1"}, testApp, nil)
	if _, err := e.Refresh(t.Context(), "refresh-x", nil); err != nil {
		text += err.Error()
	}
	for _, secret := range []string{"s3cret", "access-x", "refresh-x", "id-x"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q stands in %s", secret, text)
		}
	}
}

// issuer signs id tokens as Entra does.
type issuer struct {
	key    *rsa.PrivateKey
	kid    string
	jwks   atomic.Int32 // times the keys were fetched
	server *httptest.Server
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	is := &issuer{key: key, kid: "k1"}
	is.server = httptest.NewServer(http.HandlerFunc(is.serve))
	t.Cleanup(is.server.Close)
	return is
}

func (is *issuer) serve(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/openid-configuration") {
		fmt.Fprintf(w, `{"issuer":"%[1]s/{tenantid}/v2.0","jwks_uri":"%[1]s/keys"}`, is.server.URL)
		return
	}
	is.jwks.Add(1)
	fmt.Fprintf(w, `{"keys":[{"kty":"RSA","use":"sig","kid":%q,"n":%q,"e":%q}]}`, is.kid,
		base64.RawURLEncoding.EncodeToString(is.key.N.Bytes()), base64.RawURLEncoding.EncodeToString(big.NewInt(int64(is.key.E)).Bytes()))
}

func (is *issuer) sign(t *testing.T, claims map[string]any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	head := fmt.Sprintf(`{"typ":"JWT","alg":"RS256","kid":%q}`, is.kid)
	text := base64.RawURLEncoding.EncodeToString([]byte(head)) + "." + base64.RawURLEncoding.EncodeToString(payload)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, is.key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func (is *issuer) claims() map[string]any {
	return map[string]any{
		"iss": is.server.URL + "/t-1/v2.0", "aud": "app-1", "tid": "t-1", "oid": "o-1", "sub": "s", "nonce": "n", "name": "Ann",
		"preferred_username": "ann@contoso.example", "email": "ann@contoso.example",
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
	}
}

func TestIDToken(t *testing.T) {
	is := newIssuer(t)
	e := NewEntra(Endpoints{Login: is.server.URL}, testApp, nil)
	c, err := e.VerifyIDToken(t.Context(), is.sign(t, is.claims()), "n")
	if err != nil {
		t.Fatal(err)
	}
	if c.TenantID != "t-1" || c.ObjectID != "o-1" || c.PreferredUsername != "ann@contoso.example" {
		t.Errorf("claims %+v", c)
	}
	for name, change := range map[string]func(map[string]any){
		"another issuer":   func(c map[string]any) { c["iss"] = "https://evil.example/t-1/v2.0" },
		"another tenant":   func(c map[string]any) { c["tid"] = "t-2" },
		"another audience": func(c map[string]any) { c["aud"] = "app-2" },
		"expired":          func(c map[string]any) { c["exp"] = time.Now().Add(-time.Hour).Unix() },
		"another nonce":    func(c map[string]any) { c["nonce"] = "other" },
		"no tenant id":     func(c map[string]any) { delete(c, "tid") },
	} {
		claims := is.claims()
		change(claims)
		if _, err := e.VerifyIDToken(t.Context(), is.sign(t, claims), "n"); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if n := is.jwks.Load(); n != 1 {
		t.Errorf("keys fetched %d times, want once", n)
	}
	forged := is.sign(t, is.claims())
	if _, err := e.VerifyIDToken(t.Context(), forged[:len(forged)-8]+"AAAAAAAA", "n"); err == nil {
		t.Error("forged signature accepted")
	}
}

func TestIDTokenAfterKeyRollover(t *testing.T) {
	is := newIssuer(t)
	e := NewEntra(Endpoints{Login: is.server.URL}, testApp, nil)
	if _, err := e.VerifyIDToken(t.Context(), is.sign(t, is.claims()), "n"); err != nil {
		t.Fatal(err)
	}
	is.kid = "k2"
	if _, err := e.VerifyIDToken(t.Context(), is.sign(t, is.claims()), "n"); err != nil {
		t.Errorf("signed with a new key: %v", err)
	}
}
