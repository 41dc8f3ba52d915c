package m365sim

import (
	"errors"
	"fmt"
	"net/http"
)

// graphError is an answer of Graph that is not a success.
type graphError struct {
	status  int
	code    string
	message string
	inner   map[string]any // further members of innerError
	header  http.Header
}

func (e *graphError) Error() string { return fmt.Sprintf("%d %s: %s", e.status, e.code, e.message) }

func refuse(status int, code, format string, args ...any) *graphError {
	return &graphError{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// Refusals of the token itself (Microsoft Graph: resolve authorization errors).
var (
	errTokenEmpty     = refuse(401, "InvalidAuthenticationToken", "Access token is empty.")
	errTokenMalformed = refuse(401, "InvalidAuthenticationToken", "CompactToken parsing failed with error code: 80049217")
	errTokenAudience  = refuse(401, "InvalidAuthenticationToken", "Access token validation failure. Invalid audience.")
	errTokenExpired   = refuse(401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.")
)

var (
	errAccessDenied    = refuse(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
	errAccessPolicy    = refuse(403, "ErrorAccessDenied", "Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings.")
	errPrivileges      = refuse(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
	errItemNotFound    = refuse(404, "ErrorItemNotFound", "The specified object was not found in the store.")
	errMailboxInactive = refuse(404, "MailboxNotEnabledForRESTAPI", "The mailbox is either inactive, soft-deleted, or is hosted on-premise.")
	errIDMalformed     = refuse(400, "ErrorInvalidIdMalformed", "Id is malformed.")
	errRequestTooLarge = refuse(413, "RequestEntityTooLarge", "The request entity is too large.")
	errInefficient     = refuse(400, "InefficientFilter", "The restriction or sort order is too complex for this operation.")
	errMIMEBase64      = refuse(400, "ErrorMimeContentInvalidBase64String", "Invalid base64 string for MIME content.")
)

// asGraphError translates what the mail store says into what Graph answers.
func asGraphError(err error) *graphError {
	var known *graphError
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, errNoItem):
		return errItemNotFound
	case errors.Is(err, errFolderExists):
		return refuse(409, "ErrorFolderExists", "A folder with the specified name already exists.")
	case errors.Is(err, errNotDraft):
		return refuse(400, "ErrorInvalidPropertySet", "Set action is invalid for property.")
	case errors.Is(err, errNoRecipients):
		return refuse(400, "ErrorInvalidRecipients", "At least one recipient isn't valid., A message can't be sent because it contains no recipients.")
	case errors.Is(err, errSendAs):
		return refuse(403, "ErrorSendAsDenied", "The user account which was used to submit this request does not have the right to send mail on behalf of the specified sending account.")
	case errors.Is(err, errTooLarge):
		return refuse(413, "ErrorMessageSizeExceeded", "The message exceeds the maximum supported size.")
	}
	return refuse(500, "ErrorInternalServerError", "An internal server error occurred. The operation failed.")
}

func badRequest(format string, args ...any) *graphError {
	return refuse(400, "BadRequest", format, args...)
}
