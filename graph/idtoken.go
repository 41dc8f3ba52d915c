package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// Claims say who signed in. A person is TenantID and ObjectID together: names
// and addresses change and may be given to somebody else. Without the scope
// profile, [Client.Me] tells the object id.
//
// "ID token claims reference"
type Claims struct {
	TenantID          string `json:"tid"`
	ObjectID          string `json:"oid"` // the user's id in Graph; empty without the scope profile
	Subject           string `json:"sub"` // differs from application to application
	Name              string `json:"name"`
	PreferredUsername string `json:"preferred_username"` // to show, not to decide by
	Email             string `json:"email"`
	Expiry            time.Time
}

// VerifyIDToken checks signature, issuer, audience, expiry and nonce of an id
// token and returns what it says. Keys are fetched once and again when Entra
// signs with one that is not known yet.
//
// "ID tokens in the Microsoft identity platform", "Validating tokens"
func (e *Entra) VerifyIDToken(ctx context.Context, raw, nonce string) (*Claims, error) {
	ctx, cancel := context.WithTimeout(ctx, entraTimeout)
	defer cancel()
	keys, issuer, err := e.openID(ctx)
	if err != nil {
		return nil, fmt.Errorf("verify id token: %w", err)
	}
	// The issuer is compared below: for several tenants it depends on a claim.
	verifier := oidc.NewVerifier("", keys, &oidc.Config{
		ClientID:             e.app.ClientID,
		SupportedSigningAlgs: []string{oidc.RS256},
		SkipIssuerCheck:      true,
	})
	token, err := verifier.Verify(ctx, raw)
	if err != nil {
		return nil, fmt.Errorf("verify id token: %w", err)
	}
	claims := Claims{Expiry: token.Expiry}
	if err := token.Claims(&claims); err != nil {
		return nil, fmt.Errorf("verify id token: %w", err)
	}
	if err := claims.check(token, issuer, nonce); err != nil {
		return nil, err
	}
	return &claims, nil
}

func (c *Claims) check(token *oidc.IDToken, issuer, nonce string) error {
	want := strings.ReplaceAll(issuer, "{tenantid}", c.TenantID)
	switch {
	case c.TenantID == "":
		return errors.New("verify id token: no tenant id in it")
	case token.Issuer != want:
		return fmt.Errorf("verify id token: issued by %q, not by %q", token.Issuer, want)
	case nonce == "" || token.Nonce != nonce:
		return errors.New("verify id token: it belongs to another sign-in (nonce)")
	}
	return nil
}

type discovery struct {
	Issuer  string `json:"issuer"` // holds {tenantid} for "organizations" and "common"
	JWKSURI string `json:"jwks_uri"`
}

// TenantID returns the directory id of the app's tenant, though the app may have
// been given its domain. It fails for "organizations", which is no tenant.
//
// "OpenID Connect on the Microsoft identity platform", sample response: issuer
func (e *Entra) TenantID(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, entraTimeout)
	defer cancel()
	_, issuer, err := e.openID(ctx)
	if err != nil {
		return "", fmt.Errorf("find the tenant's id: %w", err)
	}
	path := strings.Split(strings.TrimSuffix(issuer, "/v2.0"), "/")
	id := path[len(path)-1]
	if id == "" || strings.Contains(id, "{") {
		return "", fmt.Errorf("find the tenant's id: %s names none", issuer)
	}
	return id, nil
}

// openID returns the tenant's signing keys and issuer.
//
// "OpenID Connect on the Microsoft identity platform", "Find your app's OpenID configuration document URI"
func (e *Entra) openID(ctx context.Context) (*oidc.RemoteKeySet, string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.discovery != nil {
		return e.keys, e.discovery.Issuer, nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, e.url("/v2.0/.well-known/openid-configuration"), nil)
	if err != nil {
		return nil, "", err
	}
	body, resp, err := e.do(req)
	if err != nil {
		return nil, "", &AuthError{Kind: EntraUnavailable, During: "discovery", Err: err}
	}
	if resp.StatusCode != http.StatusOK {
		return nil, "", decodeAuthError("discovery", resp, body)
	}
	var d discovery
	if err := json.Unmarshal(body, &d); err != nil || d.Issuer == "" || d.JWKSURI == "" {
		return nil, "", &AuthError{Kind: EntraUnavailable, During: "discovery", Err: errors.New("answer without issuer or keys")}
	}
	e.discovery = &d
	e.keys = oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), e.http), d.JWKSURI)
	return e.keys, d.Issuer, nil
}
