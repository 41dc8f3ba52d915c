package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Reasons for a refusal that a caller may branch on, with errors.Is.
var (
	// ErrNotFound: the message, folder, user or subscription is not there (any more).
	ErrNotFound = errors.New("not found")
	// ErrAccessDenied: a permission is missing, see Error.Needs, or a policy forbids it.
	ErrAccessDenied = errors.New("access denied")
	// ErrAccessPolicy: an application access policy of Exchange Online keeps the
	// application out of this mailbox. It is an ErrAccessDenied too.
	ErrAccessPolicy = fmt.Errorf("application access policy: %w", ErrAccessDenied)
	// ErrUnauthorized: Graph refused the token, and a new one too.
	ErrUnauthorized = errors.New("token refused")
	// ErrResync: a delta link is no longer good; start again without one.
	ErrResync = errors.New("delta link expired")
	// ErrMailboxUnavailable: the user has no mailbox in Exchange Online, or it is being moved.
	ErrMailboxUnavailable = errors.New("mailbox unavailable")
	// ErrMailboxFull: the mailbox has no space left.
	ErrMailboxFull = errors.New("mailbox full")
	// ErrConflict: it exists already, or somebody else changed it.
	ErrConflict = errors.New("conflict")
	// ErrTooLarge: larger than the tenant or Graph allows.
	ErrTooLarge = errors.New("too large")
	// ErrSendAsDenied: the account may not send from that address.
	ErrSendAsDenied = errors.New("send as denied")
	// ErrInvalidRecipients: no mail can be sent to these addresses.
	ErrInvalidRecipients = errors.New("invalid recipients")
	// ErrFailedDependency: an item of a batch was not tried because one before it failed.
	ErrFailedDependency = errors.New("failed dependency")
	// ErrEndpointValidation: Microsoft did not get the right answer from a notification URL.
	ErrEndpointValidation = errors.New("notification URL not validated")
	// ErrUnknownOutcome: the request may or may not have been carried out.
	ErrUnknownOutcome = errors.New("outcome unknown")
)

// Error is a refusal by Graph. It wraps one of the reasons above, if one fits.
type Error struct {
	Op              string // what was being tried, such as "send draft"
	Status          int    // HTTP status
	Code            string // such as ErrorItemNotFound; empty when the answer was not Graph's
	Inner           string // the innermost code, often more exact; may be empty
	Message         string
	RequestID       string   // for Microsoft's support
	ClientRequestID string   // the one we sent
	Needs           []string // permissions of which one would do, when Graph names them
	reason          error
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s: %d", e.Op, e.Status)
	if e.Code != "" {
		text += " " + e.Code
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.RequestID != "" {
		text += " (request-id " + e.RequestID + ")"
	}
	return text
}

func (e *Error) Unwrap() error { return e.reason }

// ThrottledError says that Microsoft wants fewer requests, or that it wanted so
// a moment ago and the request was not even sent.
type ThrottledError struct {
	RetryAfter time.Duration // from now; never zero
	Err        *Error        // the answer that said so
	processed  bool          // nothing proves that the request was not carried out
}

func (e *ThrottledError) Error() string {
	return fmt.Sprintf("throttled for %s: %s", e.RetryAfter.Round(time.Second/10), e.Err)
}

func (e *ThrottledError) Unwrap() error { return e.Err }

// BrokenAnswerError is a success whose body makes no sense: not JSON, cut off,
// or without what the documentation promises. It usually passes.
type BrokenAnswerError struct {
	Op        string
	RequestID string
	Err       error
}

func (e *BrokenAnswerError) Error() string {
	return fmt.Sprintf("%s: broken answer: %v (request-id %s)", e.Op, e.Err, e.RequestID)
}

func (e *BrokenAnswerError) Unwrap() error { return e.Err }

// ForeignLinkError is a link to follow that leads away from Graph. It was not followed.
type ForeignLinkError struct {
	Link string // without its query
	Want string
}

func (e *ForeignLinkError) Error() string {
	return fmt.Sprintf("link leads to %s, not to %s: no token is sent there", e.Link, e.Want)
}

// Retryable reports whether the same call may succeed later without anyone
// doing anything: throttling, faults of the service, broken connections.
func Retryable(err error) bool {
	var (
		throttled *ThrottledError
		broken    *BrokenAnswerError
		auth      *AuthError
		graph     *Error
		transport *transportError
	)
	switch {
	case errors.As(err, &throttled), errors.As(err, &broken), errors.As(err, &transport):
		return true
	case errors.As(err, &auth):
		return auth.Temporary()
	case errors.As(err, &graph):
		return graph.transient()
	}
	return false
}

// transient reports a fault of the service, which passes.
func (e *Error) transient() bool {
	if e.reason != nil {
		return false
	}
	// A 404 without Graph's words is a gateway's: the item may well be there.
	return e.Status >= 500 || e.Status == http.StatusRequestTimeout || e.Status == http.StatusNotFound && e.Code == ""
}

// transportError is a request that brought no answer.
type transportError struct {
	op   string
	err  error
	sent bool // Graph may have received it
}

func (e *transportError) Error() string { return e.op + ": " + e.err.Error() }
func (e *transportError) Unwrap() error { return e.err }

// bare takes the URL out of an error by net/http: it may hold secrets, such as
// the token in an upload URL.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

const maxErrorBody = 64 << 10

// errorBody is what Graph says on a refusal.
//
// "Microsoft Graph error responses and resource types"
type errorBody struct {
	Error struct {
		Code    string      `json:"code"`
		Message string      `json:"message"`
		Inner   *innerError `json:"innerError"` // also spelled innererror
	} `json:"error"`
}

type innerError struct {
	Code            string      `json:"code"`
	RequestID       string      `json:"request-id"`
	ClientRequestID string      `json:"client-request-id"`
	Inner           *innerError `json:"innerError"`
}

// decodeError turns a refusal into *Error or *ThrottledError, never nil.
func decodeError(op string, status int, header http.Header, body []byte, now time.Time) error {
	e := &Error{
		Op:              op,
		Status:          status,
		RequestID:       header.Get("request-id"),
		ClientRequestID: header.Get("client-request-id"),
	}
	var b errorBody
	if json.Unmarshal(body, &b) == nil {
		e.Code, e.Message = b.Error.Code, b.Error.Message
		for in := b.Error.Inner; in != nil; in = in.Inner {
			if in.Code != "" {
				e.Inner = in.Code
			}
			if e.RequestID == "" {
				e.RequestID = in.RequestID
			}
			if e.ClientRequestID == "" {
				e.ClientRequestID = in.ClientRequestID
			}
		}
	}
	if throttled, refused := throttling(status, e.Code, header); throttled {
		return &ThrottledError{RetryAfter: retryAfter(header, now), Err: e, processed: !refused}
	}
	e.reason = reasonOf(status, e.Code, e.Inner)
	if strings.HasPrefix(e.Message, "Subscription validation request failed") { // under several codes
		e.reason = ErrEndpointValidation
	}
	if e.reason == ErrAccessDenied && deniedByPolicy(e.Message) {
		e.reason = ErrAccessPolicy
	}
	if e.reason == ErrAccessDenied {
		e.Needs = neededPermissions(e.Message)
	}
	return e
}

// throttling reports whether an answer asks for fewer requests, and whether it
// proves that the request was not carried out.
//
// "Microsoft Graph throttling guidance"
func throttling(status int, code string, header http.Header) (throttled, refused bool) {
	switch strings.ToLower(code) {
	case "toomanyrequests", "applicationthrottled", "activitylimitreached",
		"servicenotavailable", "serviceunavailable", "errorserverbusy", "errorexceededconnectioncount":
		return true, true
	}
	switch status {
	case http.StatusTooManyRequests, 509: // 509: Bandwidth Limit Exceeded
		return true, true
	case http.StatusServiceUnavailable:
		return header.Get("Retry-After") != "", false
	}
	return false, false
}

// reasonOf maps a refusal to its reason, nil when none fits. Codes go before
// the status: Exchange answers 404 for very different things.
func reasonOf(status int, codes ...string) error {
	for _, code := range codes {
		if reason := reasonOfCode(code); reason != nil {
			return reason
		}
	}
	switch status {
	case http.StatusUnauthorized:
		return ErrUnauthorized
	case http.StatusForbidden:
		return ErrAccessDenied
	case http.StatusNotFound:
		if codes[0] == "" { // not Graph's voice: a proxy's 404 must not count as "gone"
			return nil
		}
		return ErrNotFound
	case http.StatusConflict, http.StatusPreconditionFailed:
		return ErrConflict
	case http.StatusFailedDependency:
		return ErrFailedDependency
	case http.StatusGone:
		return ErrResync
	case http.StatusRequestEntityTooLarge:
		return ErrTooLarge
	}
	return nil
}

func reasonOfCode(code string) error {
	switch strings.ToLower(code) { // Outlook spells SyncStateNotFound, others syncStateNotFound
	case "syncstatenotfound", "resyncrequired", "syncstateinvalid":
		return ErrResync
	case "erroritemnotfound", "request_resourcenotfound", "itemnotfound", "errorfoldernotfound":
		return ErrNotFound
	case "mailboxnotenabledforrestapi", "mailboxnotsupportedforrestapi", "mailboxnothostedinexchangeonline",
		"errornonexistentmailbox", "mailboxnotfound", "errorinvaliduser", "errormailboxmoveinprogress",
		"organizationfromtenantguidnotfound",
		"resourcenotfound": // "Resource could not be discovered.": the user has no mailbox here
		return ErrMailboxUnavailable
	case "errormailboxfull", "errorquotaexceeded":
		return ErrMailboxFull
	case "erroraccessdenied", "accessdenied", "authorization_requestdenied", "forbidden":
		return ErrAccessDenied
	case "errorsendasdenied":
		return ErrSendAsDenied
	case "errorinvalidrecipients":
		return ErrInvalidRecipients
	case "errormessagesizeexceeded", "requestentitytoolarge":
		return ErrTooLarge
	case "errorfolderexists", "errorirresolvableconflict":
		return ErrConflict
	case "invalidauthenticationtoken":
		return ErrUnauthorized
	}
	return nil
}

// deniedByPolicy recognises "Access to OData is disabled: [RAOP] : Blocked by
// tenant configured AppOnly AccessPolicy settings."; the code is the same as of
// every other denial.
//
// "Limiting application permissions to specific Exchange Online mailboxes", Handling API errors
func deniedByPolicy(message string) bool {
	return strings.Contains(message, "AppOnly AccessPolicy") || strings.HasPrefix(message, "Access to OData is disabled")
}

// neededPermissions reads "... API requires one of 'Mail.Read, Mail.ReadWrite'. ...".
func neededPermissions(message string) []string {
	_, rest, ok := strings.Cut(message, "requires one of '")
	if !ok {
		return nil
	}
	list, _, ok := strings.Cut(rest, "'")
	if !ok {
		return nil
	}
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}
