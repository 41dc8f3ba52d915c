package m365sim

import (
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// entraError is a refusal of Entra, with the number people search for
// (Microsoft Entra authentication and authorization error codes).
type entraError struct {
	status   int
	name     string // the OAuth error
	code     int    // AADSTS; 0 for what a person who cancels causes
	text     string
	suberror string
}

func (e *entraError) Error() string {
	if e.code == 0 {
		return e.text
	}
	return fmt.Sprintf("AADSTS%d: %s", e.code, e.text)
}

func aadsts(code, status int, name, format string, args ...any) *entraError {
	return &entraError{status: status, name: name, code: code, text: fmt.Sprintf(format, args...)}
}

func (e *entraError) sub(suberror string) *entraError {
	e.suberror = suberror
	return e
}

// body is the error answer of the token endpoint.
func (e *entraError) body(now time.Time, correlation string) map[string]any {
	trace := uuid.NewString()
	if correlation == "" {
		correlation = uuid.NewString()
	}
	stamp := now.Format("2006-01-02 15:04:05Z")
	out := map[string]any{
		"error":             e.name,
		"error_description": fmt.Sprintf("%s\r\nTrace ID: %s\r\nCorrelation ID: %s\r\nTimestamp: %s", e.Error(), trace, correlation, stamp),
		"error_codes":       []int{e.code},
		"timestamp":         stamp,
		"trace_id":          trace,
		"correlation_id":    correlation,
		"error_uri":         fmt.Sprintf("https://login.microsoftonline.com/error?code=%d", e.code),
	}
	if e.suberror != "" {
		out["suberror"] = e.suberror
	}
	return out
}

func missingParameter(name string) *entraError {
	return aadsts(900144, http.StatusBadRequest, "invalid_request", "The request body must contain the following parameter: '%s'.", name)
}

func unknownTenant(name string) *entraError {
	return aadsts(90002, http.StatusBadRequest, "invalid_request", "Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.", name)
}

func unknownApplication(clientID string, org tenant) *entraError {
	return aadsts(700016, http.StatusBadRequest, "unauthorized_client", "Application with identifier '%s' was not found in the directory '%s'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.", clientID, org.Name)
}

func mfaRequired() *entraError {
	return aadsts(50076, http.StatusBadRequest, "invalid_grant", "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '00000003-0000-0000-c000-000000000000'.").sub("basic_action")
}

func consentRequired(app registration) *entraError {
	return aadsts(65001, http.StatusBadRequest, "invalid_grant", "The user or administrator has not consented to use the application with ID '%s' named '%s'. Send an interactive authorization request for this user and resource.", app.ClientID, app.DisplayName).sub("consent_required")
}

func unknownScope(scope string) *entraError {
	return aadsts(70011, http.StatusBadRequest, "invalid_scope", "The provided value for the input parameter 'scope' is not valid. The scope %s is not valid.", scope)
}
