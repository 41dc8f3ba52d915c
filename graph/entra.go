package graph

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// Endpoints are the addresses of one Microsoft cloud, without a slash at the end.
type Endpoints struct {
	Login string // Entra ID
	Graph string // Microsoft Graph, without the version
}

// GlobalCloud returns the endpoints of the worldwide Microsoft cloud.
func GlobalCloud() Endpoints {
	return Endpoints{Login: "https://login.microsoftonline.com", Graph: "https://graph.microsoft.com"}
}

const (
	maxTokenAnswer = 1 << 20          // bytes of an answer by Entra
	entraTimeout   = 30 * time.Second // for one request to Entra
)

// Entra is the Microsoft identity platform (v2.0) for one app registration.
type Entra struct {
	endpoints    Endpoints
	registration Registration
	http         *http.Client

	mu        sync.Mutex
	discovery *discovery
	keys      *oidc.RemoteKeySet
}

// NewEntra returns the identity platform for an app registration, such as an
// [App]. A nil client means one with the package's own transport; redirects are
// never followed.
func NewEntra(ep Endpoints, r Registration, client *http.Client) *Entra {
	if client == nil {
		client = &http.Client{Transport: NewTransport()}
	}
	own := *client
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Entra{endpoints: ep, registration: r, http: &own}
}

// AuthorizeRequest is what the authorization page is asked for.
type AuthorizeRequest struct {
	RedirectURI string
	Scopes      []string
	State       string // comes back with the code; bind it to the browser session
	Nonce       string // comes back inside the id token
	Verifier    string // of NewVerifier; its hash goes into the URL
	LoginHint   string // address to fill in; optional
	Prompt      string // login, none, consent or select_account; optional
}

// NewVerifier returns a fresh random string, fit as PKCE code verifier, state or nonce.
func NewVerifier() string {
	var b [32]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// AuthorizeURL returns the address of the page where a person signs in and
// consents, with a code challenge (RFC 7636 section 4.2).
//
// "Microsoft identity platform and OAuth 2.0 authorization code flow"
func (e *Entra) AuthorizeURL(ctx context.Context, r AuthorizeRequest) (string, error) {
	app, err := e.app(ctx)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(r.Verifier))
	q := url.Values{
		"client_id":             {app.ClientID},
		"response_type":         {"code"},
		"response_mode":         {"query"},
		"redirect_uri":          {r.RedirectURI},
		"scope":                 {strings.Join(r.Scopes, " ")},
		"state":                 {r.State},
		"nonce":                 {r.Nonce},
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(sum[:])},
		"code_challenge_method": {"S256"},
	}
	if r.LoginHint != "" {
		q.Set("login_hint", r.LoginHint)
	}
	if r.Prompt != "" {
		q.Set("prompt", r.Prompt)
	}
	return e.url(app, "/oauth2/v2.0/authorize") + "?" + q.Encode(), nil
}

// Callback is what a browser brings back from the authorization page.
type Callback struct {
	Code  string
	State string // also there when err is not nil: compare it first
}

// ParseCallback reads the query of a request to the redirect URI. When the
// person declined or Entra refused, err is an *AuthError.
func ParseCallback(q url.Values) (Callback, error) {
	cb := Callback{Code: q.Get("code"), State: q.Get("state")}
	if code := q.Get("error"); code != "" {
		cb.Code = ""
		body := tokenError{Error: code, Description: q.Get("error_description"), Suberror: q.Get("error_subcode")}
		return cb, body.authError("authorize", 0)
	}
	if cb.Code == "" {
		return cb, &AuthError{Kind: AuthOther, During: "authorize", Description: "The answer holds neither a code nor an error."}
	}
	return cb, nil
}

// Redeem exchanges an authorization code for tokens. A code works once.
//
// "Microsoft identity platform and OAuth 2.0 authorization code flow", "Redeem a code for an access token"
func (e *Entra) Redeem(ctx context.Context, code, verifier, redirectURI string) (*Token, error) {
	return e.token(ctx, url.Values{
		"grant_type":    {"authorization_code"},
		"code":          {code},
		"code_verifier": {verifier},
		"redirect_uri":  {redirectURI},
	})
}

// Refresh exchanges a refresh token for a new access token and a new refresh
// token. No scopes means those granted at sign-in. The old refresh token is not
// revoked by its use; the caller discards it.
//
// "Microsoft identity platform and OAuth 2.0 authorization code flow", "Refresh the access token"
func (e *Entra) Refresh(ctx context.Context, refreshToken string, scopes []string) (*Token, error) {
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refreshToken}}
	if len(scopes) > 0 {
		form.Set("scope", strings.Join(scopes, " "))
	}
	t, err := e.token(ctx, form)
	if err == nil && t.Refresh == "" {
		t.Refresh = refreshToken // RFC 6749 section 6: the server may leave the old one in force
	}
	return t, err
}

// ClientCredentials returns a token of the application itself, with the
// application permissions an administrator has granted.
//
// "Microsoft identity platform and the OAuth 2.0 client credentials flow"
func (e *Entra) ClientCredentials(ctx context.Context) (*Token, error) {
	return e.token(ctx, url.Values{"grant_type": {"client_credentials"}, "scope": {e.defaultScope()}})
}

// defaultScope names all application permissions granted for Graph.
func (e *Entra) defaultScope() string { return e.endpoints.Graph + "/.default" }

func (e *Entra) url(app App, path string) string {
	return e.endpoints.Login + "/" + url.PathEscape(app.Tenant) + path
}

func (e *Entra) app(ctx context.Context) (App, error) {
	app, err := e.registration.App(ctx)
	if err != nil {
		return app, fmt.Errorf("read the app registration: %w", err)
	}
	return app, nil
}

// token asks the token endpoint, with one credential after the other while
// Entra refuses the credential itself. It judges that before it looks at the
// grant, so that a code or refresh token is not used up by a refusal.
func (e *Entra) token(ctx context.Context, form url.Values) (*Token, error) {
	ctx, cancel := context.WithTimeout(ctx, entraTimeout)
	defer cancel()
	app, err := e.app(ctx)
	if err != nil {
		return nil, err
	}
	form.Set("client_id", app.ClientID)
	if len(app.Credentials) == 0 {
		return e.ask(ctx, app, form)
	}
	var first error
	for _, c := range app.Credentials {
		if err := c.prove(form, app, e.url(app, tokenPath), time.Now()); err != nil {
			return nil, err
		}
		t, err := e.ask(ctx, app, form)
		var refusal *AuthError
		if err == nil || errors.As(err, &refusal) && !refusal.Temporary() {
			e.registration.Judged(ctx, c, err)
		}
		if refusal == nil || !refusal.AboutCredential() {
			return t, err
		}
		if first == nil {
			first = err // of the credential that should have worked
		}
	}
	return nil, first
}

const tokenPath = "/oauth2/v2.0/token"

// ask sends a complete form. Entra's answers are either a token or a JSON
// error; anything else is a fault in between.
func (e *Entra) ask(ctx context.Context, app App, form url.Values) (*Token, error) {
	during := form.Get("grant_type")
	asked := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url(app, tokenPath), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("ask Entra for a token: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	body, resp, err := e.do(req)
	if err != nil {
		return nil, &AuthError{Kind: EntraUnavailable, During: during, Err: err}
	}
	if resp.StatusCode != http.StatusOK {
		return nil, decodeAuthError(during, resp, body)
	}
	t, err := decodeToken(body, asked)
	if err != nil {
		return nil, &AuthError{Kind: EntraUnavailable, During: during, Status: resp.StatusCode, Err: err}
	}
	return t, nil
}

func (e *Entra) do(req *http.Request) ([]byte, *http.Response, error) {
	req.Header.Set("Accept", "application/json")
	resp, err := e.http.Do(req)
	if err != nil {
		return nil, nil, bare(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxTokenAnswer))
	return body, resp, err
}

// Token is a set of tokens as Entra issued it.
type Token struct {
	Access  string
	Refresh string // empty without the scope offline_access, and for applications
	ID      string // a JWT, with the scope openid; see VerifyIDToken
	Scopes  []string
	Expiry  time.Time // of Access
}

// String keeps tokens out of logs and messages.
func (t Token) String() string {
	return fmt.Sprintf("token for %v until %s", t.Scopes, t.Expiry.Format(time.RFC3339))
}

// LogValue keeps tokens out of logs.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MissingScopes returns those of want that were not granted, nil when all were.
// offline_access never stands in the granted list: a refresh token is its proof.
func (t Token) MissingScopes(want ...string) []string {
	have := make(map[string]bool, len(t.Scopes))
	for _, s := range t.Scopes {
		have[scopeName(s)] = true
	}
	var missing []string
	for _, s := range want {
		granted := have[scopeName(s)]
		if scopeName(s) == "offline_access" {
			granted = t.Refresh != ""
		}
		if !granted {
			missing = append(missing, s)
		}
	}
	return missing
}

// scopeName turns "https://graph.microsoft.com/Mail.Send" into "mail.send".
func scopeName(scope string) string {
	return strings.ToLower(scope[strings.LastIndexByte(scope, '/')+1:])
}

func decodeToken(body []byte, asked time.Time) (*Token, error) {
	var t struct {
		Type      string      `json:"token_type"`
		Scope     string      `json:"scope"`
		ExpiresIn json.Number `json:"expires_in"` // a string in some answers
		Access    string      `json:"access_token"`
		Refresh   string      `json:"refresh_token"`
		ID        string      `json:"id_token"`
	}
	if err := json.Unmarshal(body, &t); err != nil {
		return nil, fmt.Errorf("read token: %w", err)
	}
	life, err := t.ExpiresIn.Int64()
	if t.Access == "" || !strings.EqualFold(t.Type, "Bearer") || err != nil || life <= 0 {
		return nil, fmt.Errorf("read token: type %q, life %q, access token of %d bytes", t.Type, t.ExpiresIn, len(t.Access))
	}
	return &Token{
		Access:  t.Access,
		Refresh: t.Refresh,
		ID:      t.ID,
		Scopes:  strings.Fields(t.Scope),
		Expiry:  asked.Add(time.Duration(life) * time.Second),
	}, nil
}
