package m365

import (
	"context"
	"net/http"
	"strings"
	"time"

	"tandem/email"
	"tandem/graph"
	"tandem/problem"
)

// scopes are the delegated permissions of a connection.
var scopes = []string{"openid", "offline_access", "email", "User.Read", "Mail.Send", "Mail.ReadWrite"}

var _ email.Authorizer = (*SignIn)(nil)

// SignIn is the sign-in at Microsoft by which an administrator hands us a mailbox.
type SignIn struct {
	entra *graph.Entra
	http  *http.Client
	opts  Options
}

// SignIn returns the sign-in that belongs to these mailboxes.
func (ms *Mailboxes) SignIn() *SignIn { return &SignIn{entra: ms.entra, http: ms.http, opts: ms.opts} }

// Begin returns the address of Microsoft's page. Without a hint Microsoft asks
// which account is meant, so that nobody connects a mailbox by accident that
// happens to be signed in.
func (s *SignIn) Begin(req email.SignIn) string {
	return s.entra.AuthorizeURL(graph.AuthorizeRequest{
		RedirectURI: req.RedirectURL, Scopes: scopes, State: req.State, Nonce: req.Nonce,
		Verifier: req.Verifier, LoginHint: req.LoginHint, Prompt: "select_account",
	})
}

// Complete redeems the code, verifies who signed in and that everything needed
// was granted, and looks at the mailbox with a real call.
func (s *SignIn) Complete(ctx context.Context, req email.SignIn, code string) (*email.Grant, error) {
	token, err := s.entra.Redeem(ctx, code, req.Verifier, req.RedirectURL)
	if err != nil {
		return nil, translate(err)
	}
	if missing := token.MissingScopes(scopes...); len(missing) > 0 {
		return nil, missingPermissions(missing)
	}
	claims, err := s.entra.VerifyIDToken(ctx, token.ID, req.Nonce)
	if err != nil {
		return nil, problem.New(problem.Unauthenticated, "id_token_invalid", "What Microsoft said about who signed in could not be verified.").
			On(problem.Microsoft, "Start again. If it stays, compare the computer's clock with the right time.").Because(err)
	}
	var clock clockOfMicrosoft
	client, err := graph.New(s.opts.Endpoints, graph.StaticToken(token.Access), graph.Options{
		HTTPClient: s.http, Log: s.opts.Log, UserAgent: "Tandem",
		OnRequest: func(r graph.RequestInfo) {
			clock.read(r.Date, time.Now().Add(-r.Duration), time.Now())
			if s.opts.OnRequest != nil {
				s.opts.OnRequest(r)
			}
		},
	})
	if err != nil {
		return nil, err
	}
	user, err := client.Me(ctx)
	if err != nil {
		return nil, translate(err)
	}
	if _, err := client.Mailbox("me").Folder(ctx, graph.Inbox); err != nil {
		return nil, translate(err)
	}
	addresses := user.Addresses()
	if len(addresses) == 0 {
		return nil, problem.New(problem.Invalid, "account_without_address", "The account that signed in has no mail address.").
			On(problem.Admin, "Sign in with an account that has a mailbox.")
	}
	return &email.Grant{
		TenantID: claims.TenantID, UserID: user.ID, Email: addresses[0], Name: user.Name,
		RefreshToken: email.Secret(token.Refresh), Scopes: token.Scopes, Ahead: clock.ahead,
	}, nil
}

// CallbackProblem is what an unsuccessful return from Microsoft's page means.
func CallbackProblem(err error) *problem.Error { return problem.As(translate(err)) }

func missingPermissions(missing []string) *problem.Error {
	names := strings.Join(missing, ", ")
	return problem.New(problem.Forbidden, "permissions_missing", "These permissions were not granted: %s.", names).
		On(problem.Admin, "Add them to the app registration in Entra (API permissions), then connect again and accept all of them.").
		With("permissions", names)
}

// clockOfMicrosoft compares Microsoft's clock with ours, by the dates of answers.
type clockOfMicrosoft struct{ ahead time.Duration }

// read judges the date of the answer to a request that lasted from asked to
// answered by our clock. The date has whole seconds; one that fits into the
// request says that the clocks agree.
func (c *clockOfMicrosoft) read(date, asked, answered time.Time) {
	switch {
	case date.IsZero(): // the answer does not tell
	case date.After(answered):
		c.ahead = date.Sub(answered)
	case date.Add(time.Second).Before(asked):
		c.ahead = date.Add(time.Second).Sub(asked)
	default:
		c.ahead = 0
	}
}
