package graph

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// AuthKind says why Entra issued no token, in terms of what can be done.
type AuthKind string

const (
	AuthOther           AuthKind = "other"
	EntraUnavailable    AuthKind = "unavailable"          // Entra is not reachable or busy; try later
	ConsentNeeded       AuthKind = "consent_needed"       // nobody has granted the permissions
	AdminConsentNeeded  AuthKind = "admin_consent_needed" // only an administrator can grant them
	ConsentDeclined     AuthKind = "consent_declined"     // the person pressed Cancel
	SignInRequired      AuthKind = "sign_in_required"     // something only a person at the page can do
	SecretInvalid       AuthKind = "secret_invalid"       // also when the secret's id was entered
	SecretExpired       AuthKind = "secret_expired"
	SecretMissing       AuthKind = "secret_missing"
	AssertionRejected   AuthKind = "assertion_rejected" // a certificate's signature
	PublicClient        AuthKind = "public_client"      // registered as public; takes no secret
	AppNotFound         AuthKind = "app_not_found"
	AppDisabled         AuthKind = "app_disabled"
	TenantNotFound      AuthKind = "tenant_not_found"
	WrongTenant         AuthKind = "wrong_tenant" // the app or the user belongs to another
	RedirectMismatch    AuthKind = "redirect_mismatch"
	ScopeInvalid        AuthKind = "scope_invalid"
	CodeExpired         AuthKind = "code_expired"
	CodeUsed            AuthKind = "code_used"
	VerifierMismatch    AuthKind = "verifier_mismatch"
	RefreshExpired      AuthKind = "refresh_expired" // not used for long, or its set life is over
	GrantRevoked        AuthKind = "grant_revoked"   // by a password change or an administrator
	MFARequired         AuthKind = "mfa_required"
	ConditionalAccess   AuthKind = "conditional_access" // a policy of the tenant forbids it
	AccountDisabled     AuthKind = "account_disabled"
	AccountLocked       AuthKind = "account_locked"
	AccountNotFound     AuthKind = "account_not_found"
	NotAssigned         AuthKind = "not_assigned" // the app is for assigned users only
	CredentialsRejected AuthKind = "credentials_rejected"
	PasswordExpired     AuthKind = "password_expired"
)

// AuthError is a refusal by Entra.
type AuthError struct {
	Kind        AuthKind
	During      string // the grant type, "authorize" or "discovery"
	Status      int    // HTTP status; 0 when there was no answer
	Code        int    // the number after AADSTS; 0 when there was none
	OAuth       string // RFC 6749 error code, such as invalid_grant
	Description string // Entra's own sentence
	TraceID     string // for Microsoft's support
	Claims      string // a challenge to pass on to the authorization page, or empty
	RetryAfter  time.Duration
	Err         error // the cause when there was no usable answer
}

func (e *AuthError) Error() string {
	text := "entra " + e.During + ": " + string(e.Kind)
	if e.Description != "" {
		text += ": " + e.Description
	} else if e.Code != 0 {
		text += fmt.Sprintf(": AADSTS%d", e.Code)
	}
	if e.TraceID != "" {
		text += " (trace id " + e.TraceID + ")"
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *AuthError) Unwrap() error { return e.Err }

// Temporary reports whether the same request may succeed later without anyone doing anything.
func (e *AuthError) Temporary() bool { return e.Kind == EntraUnavailable }

// tokenError is the body of a refusal.
//
// "Microsoft identity platform and OAuth 2.0 authorization code flow", "Error response for token issuance"
type tokenError struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
	Codes       []int  `json:"error_codes"`
	Suberror    string `json:"suberror"`
	TraceID     string `json:"trace_id"`
	Claims      string `json:"claims"`
}

func decodeAuthError(during string, resp *http.Response, body []byte) *AuthError {
	var t tokenError
	if err := json.Unmarshal(body, &t); err != nil || t.Error == "" {
		// Not Entra's voice: a proxy, a gateway, an outage page.
		return &AuthError{Kind: EntraUnavailable, During: during, Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header, time.Now()),
			Err: fmt.Errorf("answer %d without an OAuth error", resp.StatusCode)}
	}
	e := t.authError(during, resp.StatusCode)
	e.RetryAfter = retryAfter(resp.Header, time.Now())
	return e
}

func (t tokenError) authError(during string, status int) *AuthError {
	description, trailer, _ := strings.Cut(t.Description, "\r\n")
	e := &AuthError{
		During:      during,
		Status:      status,
		OAuth:       t.Error,
		Description: strings.TrimSpace(description),
		TraceID:     t.TraceID,
		Claims:      t.Claims,
	}
	if e.TraceID == "" {
		if _, rest, ok := strings.Cut(trailer, "Trace ID: "); ok {
			e.TraceID, _, _ = strings.Cut(rest, "\r\n")
		}
	}
	codes := t.Codes
	if len(codes) == 0 {
		codes = aadstsCodes(t.Description)
	}
	for _, code := range codes {
		if e.Kind = kindOfCode(code, during); e.Kind != "" {
			e.Code = code
			return e
		}
	}
	if len(codes) > 0 {
		e.Code = codes[0]
	}
	e.Kind = kindOfOAuth(t.Error, t.Suberror, during, status)
	return e
}

// aadstsCodes finds the code in a description such as "AADSTS65004: User declined ...".
func aadstsCodes(description string) []int {
	_, rest, ok := strings.Cut(description, "AADSTS")
	if !ok {
		return nil
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(rest)
	}
	code, err := strconv.Atoi(rest[:end])
	if err != nil {
		return nil
	}
	return []int{code}
}

// kindOfCode knows the codes that occur in the flows of this package, "" for others.
//
// "Microsoft Entra authentication and authorization error codes"
func kindOfCode(code int, during string) AuthKind {
	switch code {
	case 65001:
		return ConsentNeeded
	case 90094, 90095:
		return AdminConsentNeeded
	case 65004:
		return ConsentDeclined
	case 7000215:
		return SecretInvalid
	case 7000222:
		return SecretExpired
	case 7000218:
		return SecretMissing
	case 700027:
		return AssertionRejected
	case 700025:
		return PublicClient
	case 700016:
		return AppNotFound
	case 7000112:
		return AppDisabled
	case 90002:
		return TenantNotFound
	case 50020, 50194, 9001023:
		return WrongTenant
	case 50011:
		return RedirectMismatch
	case 70011, 700022:
		return ScopeInvalid
	case 54005:
		return CodeUsed
	case 501481:
		return VerifierMismatch
	case 70008:
		if during == "authorization_code" { // one code for both
			return CodeExpired
		}
		return RefreshExpired
	case 700082, 700084, 70043:
		return RefreshExpired
	case 50132, 50133, 50173:
		return GrantRevoked
	case 50072, 50074, 50076, 50079:
		return MFARequired
	case 53000, 53001, 53003, 530035:
		return ConditionalAccess
	case 50057:
		return AccountDisabled
	case 50053:
		return AccountLocked
	case 50034:
		return AccountNotFound
	case 50055:
		return PasswordExpired
	case 50126:
		return CredentialsRejected
	case 50105:
		return NotAssigned
	case 50058:
		return SignInRequired
	case 50196, 90055: // too many requests: by this client, by the tenant
		return EntraUnavailable
	}
	return ""
}

// kindOfOAuth decides by the OAuth error and Entra's suberror where the code is
// unknown: Microsoft warns that codes may change.
func kindOfOAuth(code, suberror, during string, status int) AuthKind {
	switch suberror {
	case "consent_required":
		return ConsentNeeded
	case "token_expired":
		return RefreshExpired
	case "bad_token":
		return GrantRevoked
	case "basic_action", "additional_action":
		return SignInRequired
	}
	switch code {
	case "access_denied":
		if during == "authorize" {
			return ConsentDeclined
		}
		return ConditionalAccess
	case "permission_denied": // the page for administrators, version 1
		return ConsentDeclined
	case "consent_required":
		return ConsentNeeded
	case "interaction_required", "login_required":
		return SignInRequired
	case "invalid_scope", "invalid_resource":
		return ScopeInvalid
	case "temporarily_unavailable", "server_error":
		return EntraUnavailable
	case "invalid_grant":
		if during == "authorization_code" {
			return CodeExpired
		}
		return GrantRevoked
	}
	if status >= 500 || status == http.StatusTooManyRequests {
		return EntraUnavailable
	}
	return AuthOther
}
