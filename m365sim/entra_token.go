package m365sim

import (
	"crypto"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"database/sql"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// token is the token endpoint.
func (e *entra) token(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		writeJSON(w, http.StatusBadRequest, missingParameter("grant_type").body(e.clock.now(), ""))
		return
	}
	if f := e.faults.hit("", r.Method, r.URL.Path, faultServerError); f != nil && f.Path != "" {
		writeJSON(w, f.Status, aadsts(90033, f.Status, "temporarily_unavailable", "A transient error has occurred. Please try again.").body(e.clock.now(), ""))
		return
	}
	out, err := e.grant(r)
	if err != nil {
		var refused *entraError
		if !errors.As(err, &refused) {
			e.log.Error("token endpoint broke", "err", err)
			refused = aadsts(90033, http.StatusServiceUnavailable, "temporarily_unavailable", "A transient error has occurred. Please try again.")
		}
		if refused.status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Basic realm="login.microsoftonline.com"`)
		}
		writeJSON(w, refused.status, refused.body(e.clock.now(), r.PostForm.Get("client-request-id")))
		return
	}
	w.Header().Set("Pragma", "no-cache")
	writeJSON(w, http.StatusOK, out)
}

// grant serves a token request after its client has proved who it is.
func (e *entra) grant(r *http.Request) (map[string]any, error) {
	name, form := r.PathValue("tenant"), r.PostForm
	if !e.dir.isTenant(name) {
		return nil, unknownTenant(name)
	}
	if form.Get("grant_type") == "" {
		return nil, missingParameter("grant_type")
	}
	app, err := e.authenticateClient(r)
	if err != nil {
		return nil, err
	}
	switch form.Get("grant_type") {
	case "authorization_code":
		return e.codeGrant(r, app)
	case "refresh_token":
		return e.refreshGrant(r, app)
	case "client_credentials":
		return e.clientGrant(r, app)
	case "password":
		return e.passwordGrant(r, app)
	}
	return nil, aadsts(70003, http.StatusBadRequest, "unsupported_grant_type", "The app requested an unsupported grant type '%s'.", form.Get("grant_type"))
}

// authenticateClient checks secret or assertion; a public client has neither.
func (e *entra) authenticateClient(r *http.Request) (registration, error) {
	form := r.PostForm
	clientID, secret := form.Get("client_id"), form.Get("client_secret")
	if id, password, ok := r.BasicAuth(); ok { // RFC 6749 section 2.3.1: both are form-encoded
		clientID, _ = url.QueryUnescape(id)
		secret, _ = url.QueryUnescape(password)
	}
	if clientID == "" {
		return registration{}, missingParameter("client_id")
	}
	app, ok := e.dir.application(clientID)
	if !ok {
		return app, unknownApplication(clientID, e.dir.organisation())
	}
	assertion := form.Get("client_assertion")
	switch {
	case app.Disabled:
		return app, aadsts(7000112, http.StatusBadRequest, "unauthorized_client", "Application '%s'(%s) is disabled.", app.ClientID, app.DisplayName)
	case app.Public && (secret != "" || assertion != ""):
		return app, aadsts(700025, http.StatusUnauthorized, "invalid_client", "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.")
	case app.Public:
		return app, nil
	case assertion != "":
		return app, e.checkAssertion(r, app, assertion)
	case secret != "":
		return app, e.checkSecret(app, secret)
	}
	return app, aadsts(7000218, http.StatusUnauthorized, "invalid_client", "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.")
}

func (e *entra) checkSecret(app registration, given string) error {
	for _, s := range app.Secrets {
		if subtle.ConstantTimeCompare([]byte(s.Value), []byte(given)) != 1 {
			continue
		}
		if !e.clock.now().Before(s.ExpiresAt) || e.faults.hit("", "", "", faultSecrets) != nil {
			return aadsts(7000222, http.StatusUnauthorized, "invalid_client", "The provided client secret keys for app '%s' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.", app.ClientID)
		}
		return nil
	}
	return aadsts(7000215, http.StatusUnauthorized, "invalid_client", "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '%s'.", app.ClientID)
}

// checkAssertion verifies a client assertion (Certificate credentials): signed
// by a registered certificate, named by thumbprint, about and for the right.
func (e *entra) checkAssertion(r *http.Request, app registration, assertion string) error {
	refused := aadsts(700027, http.StatusUnauthorized, "invalid_client", "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found.]")
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256", "PS256"}), jwt.WithIssuer(app.ClientID), jwt.WithSubject(app.ClientID),
		jwt.WithTimeFunc(e.clock.now), jwt.WithExpirationRequired())
	claims := jwt.RegisteredClaims{}
	_, err := parser.ParseWithClaims(assertion, &claims, func(t *jwt.Token) (any, error) {
		if key := certificateKey(app.Certificates, t.Header); key != nil {
			return key, nil
		}
		return nil, errors.New("no such certificate")
	})
	if err != nil {
		return refused
	}
	// The audience is the token endpoint; the issuer is accepted too.
	base := origin(r)
	for _, audience := range claims.Audience {
		if strings.HasPrefix(audience, base+"/") || strings.HasPrefix(audience, "https://login.microsoftonline.com/") {
			return nil
		}
	}
	return aadsts(700023, http.StatusUnauthorized, "invalid_client", "Client assertion audience claim does not match Realm issuer.")
}

// certificateKey finds the public key that the x5t or x5t#S256 header names.
func certificateKey(certificates []string, header map[string]any) crypto.PublicKey {
	for _, text := range certificates {
		block, _ := pem.Decode([]byte(text))
		if block == nil {
			continue
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			continue
		}
		short, long := sha1.Sum(certificate.Raw), sha256.Sum256(certificate.Raw)
		if header["x5t"] == base64.RawURLEncoding.EncodeToString(short[:]) || header["x5t#S256"] == base64.RawURLEncoding.EncodeToString(long[:]) {
			return certificate.PublicKey
		}
	}
	return nil
}

func (e *entra) codeGrant(r *http.Request, app registration) (map[string]any, error) {
	form := r.PostForm
	for _, name := range []string{"code", "redirect_uri"} {
		if form.Get(name) == "" {
			return nil, missingParameter(name)
		}
	}
	e.mu.Lock()
	code := e.codes[form.Get("code")]
	replayed := code != nil && code.redeemed
	if code != nil {
		code.redeemed = true
	}
	e.mu.Unlock()
	switch {
	case code == nil:
		return nil, aadsts(70000, http.StatusBadRequest, "invalid_grant", "The provided authorization code or refresh token is malformed, expired or has been revoked.").sub("bad_token")
	case replayed:
		return nil, aadsts(54005, http.StatusBadRequest, "invalid_grant", "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.")
	case e.clock.now().Sub(code.issued) > codeLife:
		return nil, aadsts(70008, http.StatusBadRequest, "invalid_grant", "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.")
	case code.request.app.ClientID != app.ClientID:
		return nil, aadsts(70000, http.StatusBadRequest, "invalid_grant", "The provided authorization code was issued to another application.")
	case code.request.redirectURI != form.Get("redirect_uri"):
		return nil, aadsts(500112, http.StatusBadRequest, "invalid_client", "The reply address '%s' does not match the reply address '%s' provided when requesting Authorization code.", form.Get("redirect_uri"), code.request.redirectURI)
	}
	if !code.request.verifies(form.Get("code_verifier")) {
		return nil, aadsts(501481, http.StatusBadRequest, "invalid_grant", "The Code_Verifier does not match the code_challenge supplied in the authorization request.")
	}
	u := e.dir.user(code.userID)
	if u == nil {
		return nil, aadsts(50034, http.StatusBadRequest, "invalid_grant", "The user account does not exist.")
	}
	return e.delegated(r, app, u, code.scopes, code.request.nonce)
}

// verifies checks the PKCE verifier (RFC 7636 section 4.6).
func (q authorizeRequest) verifies(verifier string) bool {
	switch {
	case q.challenge == "":
		return verifier == ""
	case q.method == "S256":
		sum := sha256.Sum256([]byte(verifier))
		return base64.RawURLEncoding.EncodeToString(sum[:]) == q.challenge
	}
	return verifier == q.challenge
}

// delegated issues the tokens of a user's sign-in. Without scope in the token
// request, all scopes that were granted.
func (e *entra) delegated(r *http.Request, app registration, u *user, granted []string, nonce string) (map[string]any, error) {
	scopes, err := e.narrow(r.PostForm.Get("scope"), app, granted)
	if err != nil {
		return nil, err
	}
	visible := slices.DeleteFunc(slices.Clone(scopes), func(s string) bool { return s == "offline_access" })
	access, err := e.tokens.access(accessToken{clientID: app.ClientID, userID: u.ID, scopes: visible})
	if err != nil {
		return nil, fmt.Errorf("sign access token: %w", err)
	}
	lifetime := int(accessTokenLife.Seconds())
	out := map[string]any{"token_type": "Bearer", "scope": strings.Join(visible, " "), "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": access}
	if slices.Contains(granted, "offline_access") {
		if out["refresh_token"], err = e.newRefreshToken(app, u, granted); err != nil {
			return nil, err
		}
	}
	if r.PostForm.Get("client_info") == "1" { // MSAL tells accounts apart by it
		out["client_info"] = base64.RawURLEncoding.EncodeToString(encodeJSON(map[string]string{"uid": u.ID, "utid": e.dir.organisation().ID}))
	}
	if slices.Contains(scopes, "openid") {
		if out["id_token"], err = e.tokens.identity(e.issuer(r), app.ClientID, nonce, u, scopes); err != nil {
			return nil, fmt.Errorf("sign id token: %w", err)
		}
	}
	return out, nil
}

// narrow applies the scope parameter of a token request to what was granted.
// As with the real service, what was granted besides is returned too; what was
// not needs a new consent.
func (e *entra) narrow(text string, app registration, granted []string) ([]string, error) {
	if text == "" {
		return granted, nil
	}
	wanted, err := readScopes(text, app)
	if err != nil {
		return nil, err
	}
	for _, s := range wanted {
		if !slices.Contains(granted, s) && !strings.Contains(text, ".default") && !isIdentityScope(s) {
			return nil, consentRequired(app)
		}
	}
	return granted, nil
}

func isIdentityScope(s string) bool {
	return slices.Contains([]string{"openid", "profile", "email", "offline_access"}, s)
}

func (e *entra) newRefreshToken(app registration, u *user, scopes []string) (string, error) {
	token := "1.AX" + randomToken(160)
	now := millis(e.clock.now())
	err := e.db.update(func(t *tx) error {
		_, err := t.exec("INSERT INTO refresh_token (token, client_id, user_id, scopes, issued, used) VALUES (?, ?, ?, ?, ?, ?)",
			token, app.ClientID, u.ID, strings.Join(scopes, " "), now, now)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("store refresh token: %w", err)
	}
	return token, nil
}

// refreshGrant exchanges a refresh token. The old one stays good until it is
// unused for 90 days or revoked (Refresh tokens: token lifetime).
func (e *entra) refreshGrant(r *http.Request, app registration) (map[string]any, error) {
	given := r.PostForm.Get("refresh_token")
	if given == "" {
		return nil, missingParameter("refresh_token")
	}
	var clientID, userID, scopes string
	var issued, used int64
	var revoked bool
	err := e.db.row("SELECT client_id, user_id, scopes, issued, used, revoked FROM refresh_token WHERE token = ?", given).
		Scan(&clientID, &userID, &scopes, &issued, &used, &revoked)
	if errors.Is(err, sql.ErrNoRows) || err == nil && clientID != app.ClientID {
		return nil, aadsts(9002313, http.StatusBadRequest, "invalid_grant", "Invalid request. Request is malformed or invalid.").sub("bad_token")
	}
	if err != nil {
		return nil, fmt.Errorf("find refresh token: %w", err)
	}
	now := e.clock.now()
	u := e.dir.user(userID)
	switch {
	case u == nil || u.Disabled || u.Shared:
		return nil, aadsts(50057, http.StatusBadRequest, "invalid_grant", "The user account is disabled.")
	case revoked:
		return nil, aadsts(50173, http.StatusBadRequest, "invalid_grant", "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password. The grant was issued on '%s' and the TokensValidFrom date (before which tokens are not valid) for this user is '%s'.", fromMillis(issued).Format(time.RFC3339), now.Format(time.RFC3339)).sub("bad_token")
	case now.Sub(fromMillis(used)) > refreshTokenAge:
		return nil, aadsts(700082, http.StatusBadRequest, "invalid_grant", "The refresh token has expired due to inactivity. The token was issued on %s and was inactive for 90.00:00:00.", fromMillis(issued).Format("2006-01-02T15:04:05.0000000Z")).sub("bad_token")
	}
	granted := strings.Fields(scopes)
	have := e.dir.consented(app.ClientID, u.ID)
	if slices.ContainsFunc(granted, func(s string) bool { return !slices.Contains(have, s) }) {
		return nil, consentRequired(app)
	}
	err = e.db.update(func(t *tx) error {
		_, err := t.exec("UPDATE refresh_token SET used = ? WHERE token = ?", millis(now), given)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("use refresh token: %w", err)
	}
	return e.delegated(r, app, u, granted, "")
}

// revokeRefreshTokens revokes those of a user, or all with "".
func (e *entra) revokeRefreshTokens(userID string) error {
	return e.db.update(func(t *tx) error {
		_, err := t.exec("UPDATE refresh_token SET revoked = TRUE WHERE user_id = ?1 OR ?1 = ''", userID)
		return err
	})
}

func (e *entra) clientGrant(r *http.Request, app registration) (map[string]any, error) {
	name := r.PathValue("tenant")
	if name == "common" || name == "organizations" {
		return nil, aadsts(9001023, http.StatusBadRequest, "invalid_request", "The grant type is not supported over the /common or /organizations endpoints. Please use the tenant-specific endpoint.")
	}
	if app.Public {
		return nil, aadsts(7000218, http.StatusUnauthorized, "invalid_client", "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.")
	}
	scope := r.PostForm.Get("scope")
	if scope == "" {
		return nil, missingParameter("scope")
	}
	if !strings.HasSuffix(scope, "/.default") {
		return nil, aadsts(1002012, http.StatusBadRequest, "invalid_scope", "The provided value for scope %s is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).", scope)
	}
	token := accessToken{clientID: app.ClientID}
	if app.RolesGranted {
		token.roles = app.Roles
	}
	access, err := e.tokens.access(token)
	if err != nil {
		return nil, fmt.Errorf("sign access token: %w", err)
	}
	lifetime := int(accessTokenLife.Seconds())
	return map[string]any{"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": access}, nil
}

// passwordGrant is ROPC: not for common, not for accounts with MFA, and only
// for what was consented to.
func (e *entra) passwordGrant(r *http.Request, app registration) (map[string]any, error) {
	if name := r.PathValue("tenant"); name == "common" || name == "consumers" {
		return nil, aadsts(9001023, http.StatusBadRequest, "invalid_request", "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.")
	}
	for _, name := range []string{"username", "password", "scope"} {
		if r.PostForm.Get(name) == "" {
			return nil, missingParameter(name)
		}
	}
	u, refused := e.checkPassword(r.PostForm.Get("username"), r.PostForm.Get("password"))
	if refused != nil {
		return nil, refused
	}
	if u.MFA {
		return nil, mfaRequired()
	}
	scopes, refused := readScopes(r.PostForm.Get("scope"), app)
	if refused != nil {
		return nil, refused
	}
	if len(e.unconsented(authorizeRequest{app: app, scopes: scopes}, u)) > 0 {
		return nil, consentRequired(app)
	}
	return e.delegated(r, app, u, scopes, "")
}
