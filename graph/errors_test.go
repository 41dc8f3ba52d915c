package graph

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"
)

func TestErrorReasons(t *testing.T) {
	for _, row := range []struct {
		status int
		code   string
		want   error
	}{
		{401, "InvalidAuthenticationToken", ErrUnauthorized},
		{403, "ErrorAccessDenied", ErrAccessDenied},
		{403, "Authorization_RequestDenied", ErrAccessDenied},
		{403, "Forbidden", ErrAccessDenied},
		{403, "SomethingNew", ErrAccessDenied},
		{403, "ErrorSendAsDenied", ErrSendAsDenied},
		{404, "ErrorItemNotFound", ErrNotFound},
		{404, "Request_ResourceNotFound", ErrNotFound},
		{404, "SomethingNew", ErrNotFound},
		{404, "MailboxNotEnabledForRESTAPI", ErrMailboxUnavailable},
		{404, "ErrorInvalidUser", ErrMailboxUnavailable},
		{404, "ResourceNotFound", ErrMailboxUnavailable},
		{410, "SyncStateNotFound", ErrResync},
		{400, "SyncStateNotFound", ErrResync},
		{404, "syncStateNotFound", ErrResync},
		{410, "resyncRequired", ErrResync},
		{410, "", ErrResync},
		{409, "ErrorFolderExists", ErrConflict},
		{409, "ExtensionError", ErrConflict},
		{412, "ErrorIrresolvableConflict", ErrConflict},
		{413, "", ErrTooLarge},
		{400, "ErrorMessageSizeExceeded", ErrTooLarge},
		{400, "ErrorInvalidRecipients", ErrInvalidRecipients},
		{507, "ErrorQuotaExceeded", ErrMailboxFull},
		{424, "FailedDependency", ErrFailedDependency},
	} {
		t.Run(fmt.Sprintf("%d %s", row.status, row.code), func(t *testing.T) {
			body := `{"error":{"code":"` + row.code + `","message":"m"}}`
			err := decodeError("op", row.status, http.Header{}, []byte(body), time.Now())
			if !errors.Is(err, row.want) {
				t.Errorf("got %v (%v), want %v", err, errors.Unwrap(err), row.want)
			}
			if Retryable(err) {
				t.Error("is called retryable")
			}
		})
	}
}

func TestThrottlingIsRecognised(t *testing.T) {
	for _, row := range []struct {
		status             int
		code, retryAfter   string
		throttled, refused bool
	}{
		{429, "TooManyRequests", "2", true, true},
		{429, "", "", true, true},
		{429, "ApplicationThrottled", "", true, true},
		{403, "activityLimitReached", "", true, true},
		{509, "", "", true, true},
		{503, "serviceNotAvailable", "1", true, true},
		{503, "ErrorServerBusy", "", true, true},
		{503, "", "10", true, false}, // a gateway: perhaps Graph had the request already
		{503, "", "", false, false},
		{500, "generalException", "", false, false},
	} {
		h := http.Header{}
		h.Set("Retry-After", row.retryAfter)
		err := decodeError("op", row.status, h, []byte(`{"error":{"code":"`+row.code+`"}}`), time.Now())
		var throttled *ThrottledError
		got := errors.As(err, &throttled)
		if got != row.throttled || got && throttled.processed == row.refused {
			t.Errorf("%d %s: throttled %v, %+v", row.status, row.code, got, throttled)
		}
		if !Retryable(err) {
			t.Errorf("%d %s: not retryable", row.status, row.code)
		}
	}
}

func TestNotFoundByProxyIsNotTakenForDeleted(t *testing.T) {
	err := decodeError("op", 404, http.Header{}, []byte("<html>no backend</html>"), time.Now())
	if errors.Is(err, ErrNotFound) || !Retryable(err) {
		t.Errorf("a 404 that is not Graph's: %v", err)
	}
}

// All denials have one code; what keeps an application out of a mailbox is known by its sentence.
func TestAccessPolicyIsToldFromOtherDenials(t *testing.T) {
	for message, policy := range map[string]bool{
		"Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings.": true,
		"Access to OData is disabled.":                       true,
		"Access is denied. Check credentials and try again.": false,
	} {
		err := decodeError("op", 403, http.Header{}, []byte(`{"error":{"code":"ErrorAccessDenied","message":"`+message+`"}}`), time.Now())
		if !errors.Is(err, ErrAccessDenied) || errors.Is(err, ErrAccessPolicy) != policy {
			t.Errorf("%q is %v", message, errors.Unwrap(err))
		}
	}
}

func TestErrorCarriesWhatSupportAsksFor(t *testing.T) {
	body := `{"error":{"code":"Forbidden","message":"Missing scope permissions on the request. API requires one of 'Mail.Read, Mail.ReadWrite'. Scopes on the request 'User.Read'",
		"innererror":{"request-id":"r-7","client-request-id":"c-7","innerError":{"code":"deeper"}}}}`
	err := decodeError("get message", 403, http.Header{}, []byte(body), time.Now())
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %T", err)
	}
	if e.RequestID != "r-7" || e.ClientRequestID != "c-7" || e.Inner != "deeper" {
		t.Errorf("ids and inner code: %+v", e)
	}
	if want := []string{"Mail.Read", "Mail.ReadWrite"}; !slices.Equal(e.Needs, want) {
		t.Errorf("needs %q, want %q", e.Needs, want)
	}
}

func TestEndpointValidationIsRecognised(t *testing.T) {
	body := `{"error":{"code":"InvalidRequest","message":"Subscription validation request failed. Response must exactly match validationToken query parameter."}}`
	if err := decodeError("create subscription", 400, http.Header{}, []byte(body), time.Now()); !errors.Is(err, ErrEndpointValidation) {
		t.Errorf("got %v", err)
	}
}

func FuzzErrorBody(f *testing.F) {
	f.Add(404, []byte(`{"error":{"code":"ErrorItemNotFound","message":"x","innerError":{"request-id":"a","innerError":{"code":"b"}}}}`))
	f.Add(500, []byte(`null`))
	f.Add(403, []byte(`{"error":{"message":"requires one of 'A, B"}}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		err := decodeError("op", status, http.Header{}, body, time.Now())
		if err == nil || err.Error() == "" {
			t.Errorf("no error for %d %q", status, body)
		}
	})
}
