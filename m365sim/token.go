package m365sim

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// How long tokens live. Microsoft's default for access tokens is a random 60 to
// 90 minutes; a refresh token dies after 90 days without use.
const (
	accessTokenLife = 3599 * time.Second
	refreshTokenAge = 90 * 24 * time.Hour
	maxCachedTokens = 20000
)

// accessToken is what Graph reads in a bearer token.
type accessToken struct {
	clientID string
	userID   string   // empty for an app-only token
	scopes   []string // of a delegated token
	roles    []string // of an app-only token
	expires  time.Time
	epoch    string
}

func (t *accessToken) appOnly() bool { return t.userID == "" }

func (t *accessToken) granted() []string {
	if t.appOnly() {
		return t.roles
	}
	return t.scopes
}

// subject is whom the token speaks for: the user, or the application itself.
func (t *accessToken) subject() string {
	if t.appOnly() {
		return t.clientID
	}
	return t.userID
}

// tokens signs tokens and verifies them. Verified ones are remembered, as RSA
// is the dearest step of a request.
type tokens struct {
	key   *rsa.PrivateKey
	keyID string
	dir   *directory
	clock *clock
	db    *database

	mu    sync.RWMutex
	cache map[string]*accessToken
	// epochs count how often tokens were revoked: of everybody under "", of
	// one subject under its id. A token of an earlier epoch is no longer good.
	epochs map[string]int
}

func openTokens(db *database, dir *directory, c *clock) (*tokens, error) {
	t := &tokens{dir: dir, clock: c, db: db, cache: map[string]*accessToken{}, epochs: map[string]int{}}
	stored, err := db.setting("signing_key")
	if err != nil {
		return nil, err
	}
	if stored == "" {
		if stored, err = newSigningKey(db); err != nil {
			return nil, fmt.Errorf("create signing key: %w", err)
		}
	}
	block, _ := pem.Decode([]byte(stored))
	if block == nil {
		return nil, errors.New("read signing key: not PEM")
	}
	if t.key, err = x509.ParsePKCS1PrivateKey(block.Bytes); err != nil {
		return nil, fmt.Errorf("read signing key: %w", err)
	}
	sum := sha256.Sum256(t.key.PublicKey.N.Bytes())
	t.keyID = base64.RawURLEncoding.EncodeToString(sum[:20])
	epochs, err := db.setting("token_epochs")
	if err != nil || epochs == "" {
		return t, err
	}
	return t, json.Unmarshal([]byte(epochs), &t.epochs)
}

func newSigningKey(db *database) (string, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return "", err
	}
	encoded := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	return encoded, db.update(func(t *tx) error { return t.setSetting("signing_key", encoded) })
}

// revoke makes all access tokens of subject, or of everybody with "", expire.
func (t *tokens) revoke(subject string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	next := maps.Clone(t.epochs)
	next[subject]++
	encoded, err := json.Marshal(next)
	if err != nil {
		return err
	}
	if err := t.db.update(func(x *tx) error { return x.setSetting("token_epochs", string(encoded)) }); err != nil {
		return fmt.Errorf("revoke tokens: %w", err)
	}
	t.epochs = next
	return nil
}

func (t *tokens) epoch(subject string) string {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return fmt.Sprintf("%d.%d", t.epochs[""], t.epochs[subject])
}

func (t *tokens) sign(claims jwt.MapClaims) (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	token.Header["kid"] = t.keyID
	return token.SignedString(t.key)
}

// access signs an access token for Graph. It is opaque to clients; the claims
// follow the v1.0 tokens Graph uses (access token claims reference).
func (t *tokens) access(a accessToken) (string, error) {
	now, org := t.clock.now(), t.dir.organisation()
	claims := jwt.MapClaims{
		"aud":   strings.TrimSuffix(graphResource, "/"),
		"iss":   "https://sts.windows.net/" + org.ID + "/",
		"iat":   now.Unix(),
		"nbf":   now.Unix(),
		"exp":   now.Add(accessTokenLife).Unix(),
		"appid": a.clientID,
		"tid":   org.ID,
		"uti":   randomToken(22),
		"rh":    t.epoch(a.subject()),
		"ver":   "1.0",
	}
	if a.appOnly() {
		claims["idtyp"] = "app"
		claims["oid"], claims["sub"] = servicePrincipal(a.clientID), servicePrincipal(a.clientID)
		if len(a.roles) > 0 {
			claims["roles"] = a.roles
		}
		return t.sign(claims)
	}
	claims["idtyp"], claims["oid"], claims["scp"] = "user", a.userID, strings.Join(a.scopes, " ")
	if u := t.dir.user(a.userID); u != nil {
		claims["upn"], claims["name"], claims["sub"] = u.UserPrincipalName, u.DisplayName, pairwise(a.clientID, a.userID)
	}
	return t.sign(claims)
}

// identity signs an id_token (id token claims reference).
func (t *tokens) identity(issuer, clientID, nonce string, u *user, scopes []string) (string, error) {
	now, org := t.clock.now(), t.dir.organisation()
	claims := jwt.MapClaims{
		"aud": clientID, "iss": issuer, "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(accessTokenLife).Unix(),
		"sub": pairwise(clientID, u.ID), "tid": org.ID, "uti": randomToken(22), "rh": "0.", "ver": "2.0", "aio": randomToken(40),
	}
	if nonce != "" {
		claims["nonce"] = nonce
	}
	for _, scope := range scopes {
		switch scope {
		case "profile":
			claims["name"], claims["preferred_username"], claims["oid"] = u.DisplayName, u.UserPrincipalName, u.ID
		case "email":
			if u.hasMailbox() {
				claims["email"] = u.UserPrincipalName
			}
		}
	}
	return t.sign(claims)
}

// pairwise is the subject of a user as one application sees it.
func pairwise(clientID, userID string) string {
	sum := sha256.Sum256([]byte(clientID + "/" + userID))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// verify reads an access token. Its errors are what Graph answers 401 with.
func (t *tokens) verify(raw string) (*accessToken, error) {
	t.mu.RLock()
	token := t.cache[raw]
	t.mu.RUnlock()
	if token == nil {
		var err error
		if token, err = t.parse(raw); err != nil {
			return nil, err
		}
		t.mu.Lock()
		if len(t.cache) >= maxCachedTokens {
			clear(t.cache)
		}
		t.cache[raw] = token
		t.mu.Unlock()
	}
	if !t.clock.now().Before(token.expires) || token.epoch != t.epoch(token.subject()) {
		return nil, errTokenExpired
	}
	return token, nil
}

func (t *tokens) parse(raw string) (*accessToken, error) {
	var claims struct {
		jwt.RegisteredClaims
		AppID string   `json:"appid"`
		OID   string   `json:"oid"`
		Type  string   `json:"idtyp"`
		Scope string   `json:"scp"`
		Roles []string `json:"roles"`
		Epoch string   `json:"rh"`
	}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithoutClaimsValidation())
	if _, err := parser.ParseWithClaims(raw, &claims, func(*jwt.Token) (any, error) { return &t.key.PublicKey, nil }); err != nil {
		return nil, errTokenMalformed
	}
	if len(claims.Audience) != 1 || claims.Audience[0]+"/" != graphResource {
		return nil, errTokenAudience
	}
	token := &accessToken{clientID: claims.AppID, scopes: strings.Fields(claims.Scope), roles: claims.Roles, epoch: claims.Epoch}
	if claims.ExpiresAt != nil {
		token.expires = claims.ExpiresAt.Time
	}
	if claims.Type == "user" {
		token.userID = claims.OID
	}
	return token, nil
}
