package m365sim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// entra is the identity platform of the tenant: OAuth 2.0 and OpenID Connect.
type entra struct {
	dir     *directory
	tokens  *tokens
	clock   *clock
	db      *database
	faults  *faults
	record  *recorder
	latency time.Duration
	log     *slog.Logger
	secret  []byte // signs the session cookie and the steps of a sign-in

	mu    sync.Mutex
	codes map[string]*authorizationCode
}

// authorizationCode is good once, for ten minutes.
type authorizationCode struct {
	request  authorizeRequest
	userID   string
	scopes   []string
	issued   time.Time
	redeemed bool
}

const codeLife = 10 * time.Minute

func openEntra(db *database, dir *directory, t *tokens, c *clock, f *faults, r *recorder, latency time.Duration, log *slog.Logger) (*entra, error) {
	e := &entra{db: db, dir: dir, tokens: t, clock: c, faults: f, record: r, latency: latency, log: log, codes: map[string]*authorizationCode{}}
	secret, err := db.setting("session_secret")
	if err == nil && secret == "" {
		secret = randomToken(40)
		err = db.update(func(t *tx) error { return t.setSetting("session_secret", secret) })
	}
	e.secret = []byte(secret)
	if err != nil {
		return nil, fmt.Errorf("read session secret: %w", err)
	}
	return e, nil
}

// handler serves everything below /{tenant}.
func (e *entra) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{tenant}/v2.0/.well-known/openid-configuration", e.discovery)
	mux.HandleFunc("GET /{tenant}/.well-known/openid-configuration", e.discovery)
	mux.HandleFunc("GET /{tenant}/discovery/v2.0/keys", e.keys)
	mux.HandleFunc("GET /{tenant}/discovery/keys", e.keys)
	mux.HandleFunc("GET /common/discovery/instance", e.instance)
	mux.HandleFunc("/{tenant}/oauth2/v2.0/authorize", e.authorize)
	mux.HandleFunc("POST /{tenant}/oauth2/v2.0/token", e.token)
	mux.HandleFunc("/{tenant}/oauth2/v2.0/logout", e.logout)
	mux.HandleFunc("/{tenant}/adminconsent", e.adminConsent)
	mux.HandleFunc("/{tenant}/v2.0/adminconsent", e.adminConsent)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started, id := e.clock.now(), uuid.NewString()
		w.Header().Set("x-ms-request-id", id)
		w.Header().Set("Cache-Control", "no-store, no-cache")
		wait(r, e.latency)
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		mux.ServeHTTP(seen, r)
		e.record.add(requestRecord{
			ID: id, Time: started, Duration: float64(e.clock.now().Sub(started)) / float64(time.Millisecond),
			Method: r.Method, Path: r.URL.Path, Headers: plainHeaders(r.Header), Status: seen.status, RemoteEnd: r.RemoteAddr,
			ClientID: r.FormValue("client_id"),
		})
	})
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	w.Write(encodeJSON(v))
}

// issuer of tokens of the tenant.
func (e *entra) issuer(r *http.Request) string {
	return origin(r) + "/" + e.dir.organisation().ID + "/v2.0"
}

// discovery is the OpenID configuration. For common and organizations the
// issuer holds a placeholder, as the tenant is known after sign-in only.
func (e *entra) discovery(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("tenant")
	if !e.dir.isTenant(name) {
		writeJSON(w, http.StatusBadRequest, unknownTenant(name).body(e.clock.now(), ""))
		return
	}
	issuer, base := e.issuer(r), origin(r)+"/"+name
	if name == "common" || name == "organizations" {
		issuer = origin(r) + "/{tenantid}/v2.0"
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer":                                issuer,
		"authorization_endpoint":                base + "/oauth2/v2.0/authorize",
		"token_endpoint":                        base + "/oauth2/v2.0/token",
		"end_session_endpoint":                  base + "/oauth2/v2.0/logout",
		"jwks_uri":                              base + "/discovery/v2.0/keys",
		"userinfo_endpoint":                     origin(r) + "/oidc/userinfo",
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt", "client_secret_basic"},
		"response_modes_supported":              []string{"query", "fragment", "form_post"},
		"response_types_supported":              []string{"code"},
		"subject_types_supported":               []string{"pairwise"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"scopes_supported":                      []string{"openid", "profile", "email", "offline_access"},
		"claims_supported":                      []string{"sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name", "tid", "ver", "email"},
		"code_challenge_methods_supported":      []string{"plain", "S256"},
		"tenant_region_scope":                   "EU",
	})
}

// instance answers the cloud discovery with which MSAL starts.
func (e *entra) instance(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{
		"tenant_discovery_endpoint": origin(r) + "/" + e.dir.organisation().ID + "/v2.0/.well-known/openid-configuration",
		"api-version":               "1.1",
		"metadata":                  []any{map[string]any{"preferred_network": r.Host, "preferred_cache": r.Host, "aliases": []string{r.Host}}},
	})
}

func (e *entra) keys(w http.ResponseWriter, r *http.Request) {
	public := e.tokens.key.PublicKey
	exponent := binary.BigEndian.AppendUint32(nil, uint32(public.E))
	writeJSON(w, http.StatusOK, map[string]any{"keys": []any{map[string]any{
		"kty": "RSA", "use": "sig", "kid": e.tokens.keyID, "x5t": e.tokens.keyID, "alg": "RS256",
		"n":      base64.RawURLEncoding.EncodeToString(public.N.Bytes()),
		"e":      base64.RawURLEncoding.EncodeToString(new(big.Int).SetBytes(exponent).Bytes()),
		"issuer": e.issuer(r),
	}}})
}

// userinfo is at Graph's address (Microsoft identity platform UserInfo endpoint).
func (e *entra) userinfo(w http.ResponseWriter, r *http.Request) {
	_, raw, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token, err := e.tokens.verify(raw)
	if err != nil || token.appOnly() || !slices.Contains(token.scopes, "openid") {
		writeJSON(w, http.StatusUnauthorized, errTokenMalformed.body(uuid.NewString(), "", e.clock.now()))
		return
	}
	u := e.dir.user(token.userID)
	out := map[string]any{"sub": pairwise(token.clientID, token.userID)}
	if u != nil && slices.Contains(token.scopes, "profile") {
		out["name"], out["given_name"], out["family_name"] = u.DisplayName, u.GivenName, u.Surname
	}
	if u != nil && slices.Contains(token.scopes, "email") && u.hasMailbox() {
		out["email"] = u.UserPrincipalName
	}
	writeJSON(w, http.StatusOK, out)
}

// seal makes a short proof that these words came from here.
func (e *entra) seal(words ...string) string {
	mac := hmac.New(sha256.New, e.secret)
	for _, w := range words {
		fmt.Fprintf(mac, "%d:%s", len(w), w)
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// The session cookie names who is signed in on this browser, the current
// account first.
const sessionCookie = "ESTSAUTHPERSISTENT"

func (e *entra) signedIn(r *http.Request) []*user {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil
	}
	ids, proof, _ := strings.Cut(cookie.Value, "|")
	if !hmac.Equal([]byte(proof), []byte(e.seal("session", ids))) {
		return nil
	}
	var list []*user
	for id := range strings.SplitSeq(ids, "~") {
		if u := e.dir.user(id); u != nil {
			list = append(list, u)
		}
	}
	return list
}

func (e *entra) setSession(w http.ResponseWriter, r *http.Request, list []*user) {
	var ids []string
	for _, u := range list {
		if !slices.Contains(ids, u.ID) {
			ids = append(ids, u.ID)
		}
	}
	joined := strings.Join(ids, "~")
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Value: joined + "|" + e.seal("session", joined), Path: "/", HttpOnly: true,
		Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode, MaxAge: 30 * 24 * 3600,
	})
}

func (e *entra) logout(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1})
	if target := r.FormValue("post_logout_redirect_uri"); target != "" && e.isRegistered(target) {
		http.Redirect(w, r, target, http.StatusFound)
		return
	}
	e.page(w, http.StatusOK, "message", pageData{Title: "You signed out of your account", Text: "It's a good idea to close all browser windows."})
}

func (e *entra) isRegistered(target string) bool {
	return slices.ContainsFunc(e.dir.applications(), func(a registration) bool { return a.allowsRedirect(target) })
}
