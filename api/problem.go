package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"tandem/problem"
)

// ErrorBody is the body of every answer that is not a success: what Zendesk's
// API says, and what helps the person besides.
type ErrorBody struct {
	Error       string                  `json:"error" doc:"Kind of error, as Zendesk names it" example:"RecordInvalid"`
	Description string                  `json:"description" doc:"What happened"`
	Details     map[string][]FieldFault `json:"details,omitempty" doc:"The inputs at fault"`
	Code        string                  `json:"code" doc:"Stable code of the problem" example:"address_in_use"`
	Message     string                  `json:"message" doc:"What happened"`
	Side        string                  `json:"side" enum:"yours,admin,microsoft,tandem" doc:"Whose side it is on"`
	Remedy      string                  `json:"remedy" doc:"What to do; may be empty"`
	Args        map[string]string       `json:"args,omitempty" doc:"Facts for translations of the code"`
	Reference   string                  `json:"reference" doc:"Id of the request, as the log knows it"`
}

type FieldFault struct {
	Type        string `json:"type" doc:"Code of the fault"`
	Error       string `json:"error" doc:"The same as Zendesk names it, where it has a name"`
	Description string `json:"description" doc:"What is wrong with this input"`
}

// failure is an error on its way to the client.
type failure struct {
	status int
	header http.Header
	body   ErrorBody
}

func (f *failure) Error() string                { return f.body.Code + ": " + f.body.Message }
func (f *failure) GetStatus() int               { return f.status }
func (f *failure) GetHeaders() http.Header      { return f.header }
func (f *failure) MarshalJSON() ([]byte, error) { return json.Marshal(f.body) }

// statusOf is the table of problem kinds: the status and Zendesk's name.
func statusOf(kind problem.Kind) (status int, name string) {
	switch kind {
	case problem.Invalid:
		return http.StatusUnprocessableEntity, "RecordInvalid"
	case problem.Unauthenticated:
		return http.StatusUnauthorized, "Couldn't authenticate you"
	case problem.Forbidden:
		return http.StatusForbidden, "Forbidden"
	case problem.NotFound:
		return http.StatusNotFound, "RecordNotFound"
	case problem.Conflict:
		return http.StatusConflict, "Conflict"
	case problem.Limit:
		return http.StatusTooManyRequests, "TooManyRequests"
	case problem.Unavailable:
		return http.StatusServiceUnavailable, "ServiceUnavailable"
	}
	return http.StatusInternalServerError, "InternalError"
}

// fail turns any error into a failure. What is no problem, or is ours, goes to
// the log with its chain; the client reads the reference only.
func fail(log *slog.Logger, reference string, err error) *failure {
	p := problem.As(err)
	if p == nil {
		p = problem.New(problem.Internal, "internal", "Something went wrong. Reference %s.", reference).
			On(problem.Tandem, "Try again. If it stays, give your administrator the reference.")
	}
	status, name := statusOf(p.Kind)
	switch {
	case errors.Is(err, context.Canceled): // the client has gone, and nobody is at fault
		log.Debug("request abandoned", "request", reference, "error", err)
	case status >= http.StatusInternalServerError:
		log.Error("request failed", "request", reference, "code", p.Code, "error", err)
	}
	switch p.Code { // where Zendesk says it otherwise
	case "idempotency_key_reused":
		status, name = http.StatusBadRequest, "IdempotentRequestError"
	}
	f := &failure{status: status, header: http.Header{}, body: ErrorBody{
		Error: name, Description: p.Message, Code: p.Code, Message: p.Message,
		Side: string(p.Side), Remedy: p.Remedy, Args: p.Args, Reference: reference, Details: faultsOf(p),
	}}
	switch {
	case p.RetryAfter > 0:
		f.header.Set("Retry-After", strconv.Itoa(int(math.Ceil(p.RetryAfter.Seconds()))))
	case p.Kind == problem.Unauthenticated:
		// No Basic challenge: it would open the browser's own dialog over our sign-in page.
		f.header.Set("WWW-Authenticate", `Bearer realm="Tandem"`)
	}
	return f
}

func faultsOf(p *problem.Error) map[string][]FieldFault {
	details := p.Details
	if p.Field != "" {
		details = append([]problem.Detail{{Field: p.Field, Code: p.Code, Message: p.Message}}, details...)
	}
	if len(details) == 0 {
		return nil
	}
	faults := make(map[string][]FieldFault)
	for _, d := range details {
		faults[d.Field] = append(faults[d.Field], FieldFault{Type: d.Code, Error: zendeskFault(d.Code), Description: d.Message})
	}
	return faults
}

// zendeskFault is Zendesk's name of a fault where its clients branch by one
// ("Users", Create User); else our code.
func zendeskFault(code string) string {
	switch code {
	case "email_taken", "name_taken":
		return "DuplicateValue"
	case "comment_empty", "name_missing":
		return "BlankValue"
	case "invalid", "invalid_email", "value_too_long":
		return "InvalidValue"
	}
	return code
}

// writeProblem answers outside of the API's routes.
func writeProblem(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	f := fail(log, requestID(r.Context()), err)
	for name, values := range f.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(f.status)
	_ = json.NewEncoder(w).Encode(f) // the client may be gone
}

// translate turns the errors that huma finds itself (a body that cannot be
// read, a value that does not fit) into ours. The offending values are left
// out: they may be passwords.
func translate(log *slog.Logger) huma.Transformer {
	return func(ctx huma.Context, _ string, v any) (any, error) {
		model, ok := v.(*huma.ErrorModel)
		if !ok {
			return v, nil
		}
		ctx.SetHeader("Content-Type", "application/json")
		return fail(log, requestID(ctx.Context()), validationProblem(model)), nil // with huma's own status
	}
}

func validationProblem(model *huma.ErrorModel) error {
	switch {
	case model.Status == http.StatusRequestEntityTooLarge:
		return problem.New(problem.Invalid, "too_large", "The request is too large.").On(problem.Yours, "Send less at once.")
	case model.Status >= http.StatusInternalServerError:
		return fmt.Errorf("%s: %v", model.Detail, model.Errors)
	case len(model.Errors) == 0:
		return problem.New(problem.Invalid, "malformed", "The request cannot be read: %s.", model.Detail).
			On(problem.Yours, "Send JSON as the API describes it.")
	}
	p := problem.New(problem.Invalid, "invalid", "The request does not fit: %s.", model.Errors[0].Message).
		On(problem.Yours, "Correct the fields named.")
	if limit, long := lengthLimit(model.Errors[0]); long && len(model.Errors) == 1 {
		// What people meet of these: no page knows the limits of all its fields.
		return problem.New(problem.Invalid, "value_too_long", "The text is longer than %d characters.", limit).
			In(fieldOf(model.Errors[0].Location)).With("limit", strconv.Itoa(limit)).On(problem.Yours, "Shorten it.")
	}
	for _, e := range model.Errors {
		p.Details = append(p.Details, problem.Detail{Field: fieldOf(e.Location), Code: "invalid", Message: e.Message})
	}
	return p
}

// lengthLimit is how long a text may be that was longer.
func lengthLimit(e *huma.ErrorDetail) (limit int, long bool) {
	n, err := fmt.Sscanf(e.Message, validation.MsgExpectedMaxLength, &limit)
	return limit, n == 1 && err == nil
}

// fieldOf shortens "body.ticket.comment.body" to the name within its envelope,
// and "query.page" to the parameter's.
func fieldOf(location string) string {
	kind, rest, _ := strings.Cut(location, ".")
	if kind != "body" {
		return rest
	}
	if _, inner, found := strings.Cut(rest, "."); found {
		return inner
	}
	if rest == "" {
		return "base" // Zendesk's name for the record as a whole
	}
	return rest
}
