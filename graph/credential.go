package graph

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// App is an app registration, as seen by one tenant.
type App struct {
	Tenant      string       // id or verified domain; "organizations" only for sign-in
	ClientID    string       // "Application (client) ID" in the Entra admin center
	Credentials []Credential // tried in this order; none for a public client
}

// String leaves the credentials out.
func (a App) String() string { return a.ClientID + "@" + a.Tenant }

// LogValue leaves the credentials out.
func (a App) LogValue() slog.Value { return slog.StringValue(a.String()) }

// App returns the app itself: an App is a [Registration] that never changes.
func (a App) App(context.Context) (App, error) { return a, nil }

// Judged does nothing.
func (a App) Judged(context.Context, Credential, error) {}

// Registration is an app registration whose credentials may change while an
// [Entra] works for it.
type Registration interface {
	// App is asked before each request, so that a change is in force at once.
	App(context.Context) (App, error)
	// Judged hears what Entra answered to a request with the credential: nil,
	// or the refusal, which is about the credential itself when
	// [AuthError.AboutCredential] says so.
	Judged(context.Context, Credential, error)
}

// Credential is one proof that a client is the app registration: a secret, or
// a certificate with its private key.
type Credential struct {
	ID          int64  // the owner's own; not sent
	Secret      string // the secret's value, not its id
	Certificate *x509.Certificate
	Key         *rsa.PrivateKey // of the certificate
}

// String keeps the secret out of messages.
func (c Credential) String() string { return fmt.Sprintf("credential %d", c.ID) }

// LogValue keeps the secret out of logs.
func (c Credential) LogValue() slog.Value { return slog.StringValue(c.String()) }

// assertionType is that of RFC 7523 section 2.2.
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// assertionLife is the shortest of the 5 to 10 minutes that Microsoft
// recommends; a little of it lies in the past, for clocks that differ.
const (
	assertionLife = 5 * time.Minute
	assertionSkew = time.Minute
)

// prove adds the proof to a form for the token endpoint.
func (c Credential) prove(form url.Values, app App, endpoint string, now time.Time) error {
	form.Del("client_secret")
	form.Del("client_assertion")
	form.Del("client_assertion_type")
	if c.Certificate == nil {
		form.Set("client_secret", c.Secret)
		return nil
	}
	assertion, err := c.assertion(app, endpoint, now)
	if err != nil {
		return err
	}
	form.Set("client_assertion_type", assertionType)
	form.Set("client_assertion", assertion)
	return nil
}

// assertion signs the statement that we are the app registration.
//
// "Microsoft identity platform application authentication certificate credentials", "Assertion format"
func (c Credential) assertion(app App, endpoint string, now time.Time) (string, error) {
	if c.Key == nil {
		return "", errors.New("sign a client assertion: the certificate has no private key")
	}
	thumbprint := sha256.Sum256(c.Certificate.Raw)
	from := now.Add(-assertionSkew)
	token := jwt.NewWithClaims(jwt.SigningMethodPS256, jwt.MapClaims{
		"aud": endpoint, "iss": app.ClientID, "sub": app.ClientID, "jti": NewVerifier(),
		"iat": from.Unix(), "nbf": from.Unix(), "exp": now.Add(assertionLife).Unix(),
	})
	token.Header["x5t#S256"] = base64.RawURLEncoding.EncodeToString(thumbprint[:])
	signed, err := token.SignedString(c.Key)
	if err != nil {
		return "", fmt.Errorf("sign a client assertion: %w", err)
	}
	return signed, nil
}

// AboutCredential reports whether Entra refused the credential itself, so that
// the same request may succeed with another one.
func (e *AuthError) AboutCredential() bool {
	switch e.Kind {
	case SecretInvalid, SecretExpired, SecretMissing, AssertionRejected:
		return true
	}
	return false
}

// AboutRegistration reports whether Entra refused the app registration as a
// whole, whichever credential is used and whoever signs in.
func (e *AuthError) AboutRegistration() bool {
	switch e.Kind {
	case AppNotFound, AppDisabled, TenantNotFound, PublicClient:
		return true
	case WrongTenant:
		return e.Code != 50020 // a person of another tenant, who is no fault of the app
	}
	return false
}
