package graph

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"testing"
)

func TestAuthKinds(t *testing.T) {
	const refresh, code, app = "refresh_token", "authorization_code", "client_credentials"
	for _, row := range []struct {
		aadsts int
		oauth  string
		during string
		want   AuthKind
	}{
		{7000215, "invalid_client", app, SecretInvalid},
		{7000222, "invalid_client", app, SecretExpired},
		{7000218, "invalid_client", app, SecretMissing},
		{700025, "invalid_client", code, PublicClient},
		{700027, "invalid_client", app, AssertionRejected},
		{700016, "unauthorized_client", app, AppNotFound},
		{7000112, "unauthorized_client", app, AppDisabled},
		{90002, "invalid_request", app, TenantNotFound},
		{9001023, "invalid_request", app, WrongTenant},
		{50020, "invalid_request", code, WrongTenant},
		{50194, "invalid_request", code, WrongTenant},
		{70011, "invalid_scope", refresh, ScopeInvalid},
		{700022, "invalid_request", refresh, ScopeInvalid},
		{50076, "invalid_grant", refresh, MFARequired},
		{50079, "interaction_required", refresh, MFARequired},
		{50072, "interaction_required", refresh, MFARequired},
		{50074, "interaction_required", refresh, MFARequired},
		{53000, "invalid_grant", refresh, ConditionalAccess},
		{53001, "invalid_grant", refresh, ConditionalAccess},
		{53003, "access_denied", refresh, ConditionalAccess},
		{530035, "invalid_grant", refresh, ConditionalAccess},
		{65001, "invalid_grant", refresh, ConsentNeeded},
		{65004, "access_denied", "authorize", ConsentDeclined},
		{90094, "access_denied", "authorize", AdminConsentNeeded},
		{90095, "access_denied", "authorize", AdminConsentNeeded},
		{70008, "invalid_grant", refresh, RefreshExpired},
		{70008, "invalid_grant", code, CodeExpired},
		{700082, "invalid_grant", refresh, RefreshExpired},
		{700084, "invalid_grant", refresh, RefreshExpired},
		{70043, "invalid_grant", refresh, RefreshExpired},
		{50173, "invalid_grant", refresh, GrantRevoked},
		{50133, "invalid_grant", refresh, GrantRevoked},
		{50132, "invalid_grant", refresh, GrantRevoked},
		{54005, "invalid_grant", code, CodeUsed},
		{501481, "invalid_grant", code, VerifierMismatch},
		{50126, "invalid_grant", refresh, CredentialsRejected},
		{50034, "invalid_grant", refresh, AccountNotFound},
		{50053, "invalid_grant", refresh, AccountLocked},
		{50055, "invalid_grant", refresh, PasswordExpired},
		{50057, "invalid_grant", refresh, AccountDisabled},
		{50011, "invalid_request", code, RedirectMismatch},
		{50105, "invalid_grant", refresh, NotAssigned},
		{50058, "login_required", "authorize", SignInRequired},
		{50196, "invalid_grant", refresh, EntraUnavailable},
		{90055, "temporarily_unavailable", refresh, EntraUnavailable},
		// Codes that are not known yet: the OAuth error decides.
		{1, "invalid_grant", refresh, GrantRevoked},
		{1, "invalid_grant", code, CodeExpired},
		{1, "interaction_required", refresh, SignInRequired},
		{1, "consent_required", refresh, ConsentNeeded},
		{1, "server_error", refresh, EntraUnavailable},
		{1, "invalid_request", refresh, AuthOther},
	} {
		body := fmt.Sprintf(`{"error":%q,"error_description":"AADSTS%d: Sentence.\r\nTrace ID: t-1\r\nCorrelation ID: c-1","error_codes":[%[2]d],"trace_id":"t-1"}`, row.oauth, row.aadsts)
		e := decodeAuthError(row.during, &http.Response{StatusCode: 400}, []byte(body))
		if e.Kind != row.want || e.Code != row.aadsts {
			t.Errorf("AADSTS%d %s during %s: %s, want %s", row.aadsts, row.oauth, row.during, e.Kind, row.want)
		}
		if e.Description != fmt.Sprintf("AADSTS%d: Sentence.", row.aadsts) || e.TraceID != "t-1" {
			t.Errorf("AADSTS%d: description %q, trace id %q", row.aadsts, e.Description, e.TraceID)
		}
	}
}

func TestAuthKindBySuberror(t *testing.T) {
	for suberror, want := range map[string]AuthKind{
		"consent_required": ConsentNeeded, "token_expired": RefreshExpired, "bad_token": GrantRevoked, "basic_action": SignInRequired,
	} {
		body := `{"error":"invalid_grant","error_description":"AADSTS1: New.","suberror":"` + suberror + `","claims":"{\"access_token\":{}}"}`
		e := decodeAuthError("refresh_token", &http.Response{StatusCode: 400}, []byte(body))
		if e.Kind != want || e.Code != 1 || e.Claims != `{"access_token":{}}` {
			t.Errorf("%s: %+v, want %s", suberror, e, want)
		}
	}
}

func TestOutagePageOfEntraIsTemporary(t *testing.T) {
	resp := &http.Response{StatusCode: 502, Header: http.Header{"Retry-After": {"7"}}}
	e := decodeAuthError("refresh_token", resp, []byte("<html>Bad Gateway</html>"))
	if !e.Temporary() || !Retryable(e) || e.RetryAfter.Seconds() != 7 {
		t.Errorf("got %+v", e)
	}
}

func TestCallback(t *testing.T) {
	cb, err := ParseCallback(url.Values{"code": {"c"}, "state": {"s"}})
	if err != nil || cb != (Callback{Code: "c", State: "s"}) {
		t.Errorf("got %+v, %v", cb, err)
	}
	cb, err = ParseCallback(url.Values{"error": {"access_denied"}, "state": {"s"}, "code": {"c"},
		"error_description": {"AADSTS65004: User declined to consent to access the app.\r\nTrace ID: t-9\r\nCorrelation ID: c"}})
	var e *AuthError
	if !errors.As(err, &e) || e.Kind != ConsentDeclined || e.Code != 65004 || e.TraceID != "t-9" {
		t.Errorf("declined: %+v", err)
	}
	if cb != (Callback{State: "s"}) {
		t.Errorf("declined: %+v, want the state and no code", cb)
	}
	if _, err := ParseCallback(url.Values{"state": {"s"}}); err == nil {
		t.Error("a callback with neither code nor error passed")
	}
}

func FuzzAuthErrorBody(f *testing.F) {
	f.Add([]byte(`{"error":"invalid_grant","error_description":"AADSTS70008: x\r\nTrace ID: y","suberror":"token_expired"}`))
	f.Add([]byte(`{"error":"x","error_description":"AADSTS"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if e := decodeAuthError("refresh_token", &http.Response{StatusCode: 400}, body); e.Kind == "" {
			t.Errorf("no kind for %q", body)
		}
	})
}
