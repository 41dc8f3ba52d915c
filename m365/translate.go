package m365

import (
	"context"
	"errors"
	"strings"
	"time"

	"tandem/graph"
	"tandem/problem"
)

// translate turns an error of package graph into a problem for people. A
// cancelled context stays what it is: nobody is at fault.
func translate(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || problem.As(err) != nil {
		return err
	}
	if throttled, ok := errors.AsType[*graph.ThrottledError](err); ok {
		return problem.New(problem.Unavailable, "microsoft_throttled", "Microsoft asks us to slow down.").
			On(problem.Microsoft, "Nothing to do: it goes on by itself.").After(throttled.RetryAfter).Because(err)
	}
	if auth, ok := errors.AsType[*graph.AuthError](err); ok {
		return translateAuth(auth).Because(err)
	}
	if p := translateReason(err); p != nil {
		return p.Because(err)
	}
	if graph.Retryable(err) {
		return problem.New(problem.Unavailable, "microsoft_unavailable", "Microsoft 365 did not answer as it should.").
			On(problem.Microsoft, "Nothing to do: it is tried again by itself.").Because(err)
	}
	return problem.New(problem.Unavailable, "microsoft_refused", "Microsoft 365 refused the request: %s", said(err)).
		On(problem.Microsoft, "It is tried again by itself. If it stays, give Microsoft's support the request id.").Because(err)
}

// said is Microsoft's own sentence.
func said(err error) string {
	if g, ok := errors.AsType[*graph.Error](err); ok {
		return strings.TrimSpace(g.Message + " (" + g.Code + ", request-id " + g.RequestID + ")")
	}
	return err.Error()
}

// reasons says what each refusal by Graph means.
var reasons = []struct {
	reason  error
	kind    problem.Kind
	code    string
	message string
	side    problem.Side
	remedy  string
}{
	{graph.ErrResync, problem.Unavailable, "resync", "Microsoft has forgotten how far we had read; the folder is read again.", problem.Microsoft, "Nothing to do: nothing is lost."},
	{graph.ErrNotFound, problem.NotFound, "not_at_microsoft", "It is no longer in the mailbox at Microsoft.", problem.Microsoft, "It was probably deleted in Outlook."},
	{graph.ErrMailboxUnavailable, problem.Unavailable, "mailbox_unavailable", "The mailbox does not exist in Exchange Online, or is being moved.", problem.Admin, "Look at the user's licence and mailbox in the Microsoft 365 admin center."},
	{graph.ErrMailboxFull, problem.Unavailable, "mailbox_full", "The mailbox is full.", problem.Admin, "Free space in the mailbox, or raise its quota in the Exchange admin center."},
	{graph.ErrAccessPolicy, problem.Forbidden, "access_policy", "An application access policy in Exchange Online keeps Tandem's app registration out of this mailbox.", problem.Admin, "Add the mailbox to the policy's group, and look at the outcome with Test-ApplicationAccessPolicy. It may take an hour until it counts."},
	{graph.ErrAccessDenied, problem.Forbidden, "permission_missing", "Microsoft does not allow Tandem to do this in the mailbox.", problem.Admin, "Reconnect the address and accept all permissions. With application permission, grant Mail.ReadWrite and Mail.Send with administrator's consent, and include the mailbox in what the application may open in Exchange Online."},
	{graph.ErrUnauthorized, problem.Unauthenticated, "sign_in_refused", "Microsoft no longer accepts the sign-in of this mailbox.", problem.Admin, "Reconnect the address."},
	{graph.ErrTooLarge, problem.Invalid, "mail_too_large", "The mail is larger than your organisation's limit at Microsoft.", problem.Admin, "Send smaller attachments, or raise the limit in the Exchange admin center."},
	{graph.ErrSendAsDenied, problem.Invalid, "send_as_denied", "The mailbox may not send from this address.", problem.Admin, "Give it the right to send as this address in the Exchange admin center."},
	{graph.ErrInvalidRecipients, problem.Invalid, "invalid_recipients", "Microsoft cannot deliver to a recipient of this mail.", problem.Yours, "Correct the requester's or the copied address, then try again."},
	{graph.ErrConflict, problem.Unavailable, "changed_at_microsoft", "The item was changed at Microsoft at the same moment.", problem.Microsoft, "It is tried again by itself."},
	{graph.ErrUnknownOutcome, problem.Unavailable, "no_answer", "The connection to Microsoft broke before it answered.", problem.Microsoft, "Nothing to do: Tandem finds out what happened and goes on."},
}

func translateReason(err error) *problem.Error {
	for _, r := range reasons {
		if errors.Is(err, r.reason) {
			p := problem.New(r.kind, r.code, "%s", r.message).On(r.side, r.remedy)
			if g, ok := errors.AsType[*graph.Error](err); ok && g.RequestID != "" {
				p.With("request_id", g.RequestID)
			}
			return p
		}
	}
	return nil
}

// refusals says what each refusal by Entra means.
var refusals = map[graph.AuthKind]struct {
	kind    problem.Kind
	code    string
	message string
	side    problem.Side
	remedy  string
}{
	graph.EntraUnavailable:    {problem.Unavailable, "entra_unavailable", "Microsoft's sign-in service does not answer.", problem.Microsoft, "Nothing to do: it is tried again by itself."},
	graph.ConsentNeeded:       {problem.Unauthenticated, "consent_needed", "The permissions have not been granted, or were taken back.", problem.Admin, "Reconnect the address and accept the permissions."},
	graph.AdminConsentNeeded:  {problem.Unauthenticated, "admin_consent_needed", "Your organisation lets only administrators grant these permissions.", problem.Admin, "Ask a Microsoft 365 administrator to grant consent for the app registration in Entra, then try again."},
	graph.ConsentDeclined:     {problem.Invalid, "consent_declined", "The sign-in at Microsoft was cancelled.", problem.Yours, "Start again, and choose Accept on Microsoft's page."},
	graph.SignInRequired:      {problem.Unauthenticated, "sign_in_required", "Microsoft wants somebody to sign in again for this mailbox.", problem.Admin, "Reconnect the address."},
	graph.SecretInvalid:       {problem.Unauthenticated, "secret_invalid", "Microsoft does not accept the client secret of the app registration.", problem.Admin, "Create a new client secret in Entra (App registrations, Certificates & secrets), and enter its value, not its id, in Tandem's configuration."},
	graph.SecretExpired:       {problem.Unauthenticated, "secret_expired", "The client secret of the app registration has expired.", problem.Admin, "Create a new client secret in Entra (App registrations, Certificates & secrets) and enter it in Tandem's configuration."},
	graph.SecretMissing:       {problem.Unauthenticated, "secret_missing", "The app registration wants a client secret, and none is configured.", problem.Admin, "Enter the client secret in Tandem's configuration (microsoft.client_secret)."},
	graph.AssertionRejected:   {problem.Unauthenticated, "certificate_rejected", "Microsoft does not accept the certificate.", problem.Admin, "Upload the certificate to the app registration in Entra."},
	graph.PublicClient:        {problem.Unauthenticated, "public_client", "The app registration is a public client and takes no secret.", problem.Admin, "Register Tandem as a web application in Entra."},
	graph.AppNotFound:         {problem.Unauthenticated, "app_not_found", "Microsoft does not know the app registration in this tenant.", problem.Admin, "Compare microsoft.client_id and microsoft.tenant in the configuration with the app registration in Entra."},
	graph.AppDisabled:         {problem.Unauthenticated, "app_disabled", "The app registration is disabled.", problem.Admin, "Enable it in Entra under Enterprise applications."},
	graph.TenantNotFound:      {problem.Unauthenticated, "tenant_not_found", "Microsoft does not know the tenant.", problem.Admin, "Correct microsoft.tenant in the configuration."},
	graph.WrongTenant:         {problem.Unauthenticated, "wrong_tenant", "The account or the app registration belongs to another Microsoft tenant.", problem.Admin, "Sign in with an account of this organisation, and use the tenant's own id as microsoft.tenant."},
	graph.RedirectMismatch:    {problem.Unauthenticated, "redirect_mismatch", "The app registration does not know Tandem's address.", problem.Admin, "Add PUBLIC-URL/microsoft/callback as a redirect URI of type Web in Entra."},
	graph.CodeExpired:         {problem.Invalid, "code_expired", "The sign-in took too long.", problem.Yours, "Start again."},
	graph.CodeUsed:            {problem.Invalid, "code_used", "This sign-in has been used already.", problem.Yours, "Start again."},
	graph.VerifierMismatch:    {problem.Invalid, "verifier_mismatch", "This sign-in was begun in another browser.", problem.Yours, "Start again."},
	graph.RefreshExpired:      {problem.Unauthenticated, "refresh_expired", "The sign-in of this mailbox has expired.", problem.Admin, "Reconnect the address."},
	graph.GrantRevoked:        {problem.Unauthenticated, "grant_revoked", "The sign-in of this mailbox was revoked, for example by a changed password.", problem.Admin, "Reconnect the address."},
	graph.MFARequired:         {problem.Unauthenticated, "mfa_required", "Microsoft wants multi-factor authentication for this mailbox.", problem.Admin, "Reconnect the address and answer the second factor."},
	graph.ConditionalAccess:   {problem.Unauthenticated, "conditional_access", "A Conditional Access policy of your organisation blocks Tandem.", problem.Admin, "Exclude Tandem's app registration from the policy in Entra, then reconnect the address."},
	graph.AccountDisabled:     {problem.Unauthenticated, "account_disabled", "The account of this mailbox is disabled.", problem.Admin, "Enable the account in the Microsoft 365 admin center."},
	graph.AccountLocked:       {problem.Unauthenticated, "account_locked", "The account of this mailbox is locked.", problem.Admin, "Unlock it in Entra, or wait until Microsoft does."},
	graph.AccountNotFound:     {problem.Unauthenticated, "account_not_found", "The account of this mailbox no longer exists.", problem.Admin, "Connect another mailbox."},
	graph.NotAssigned:         {problem.Unauthenticated, "not_assigned", "The account is not assigned to the application.", problem.Admin, "Assign it under Enterprise applications in Entra."},
	graph.CredentialsRejected: {problem.Unauthenticated, "credentials_rejected", "Microsoft does not accept the password.", problem.Admin, "Reconnect the address."},
	graph.PasswordExpired:     {problem.Unauthenticated, "password_expired", "The password of this mailbox's account has expired.", problem.Admin, "Change it at Microsoft, then reconnect the address."},
}

func translateAuth(err *graph.AuthError) *problem.Error {
	r, known := refusals[err.Kind]
	if !known {
		return problem.New(problem.Unauthenticated, "sign_in_failed", "Microsoft refused the sign-in: %s", err.Description).
			On(problem.Admin, "Reconnect the address. Microsoft's own sentence above says more.")
	}
	p := problem.New(r.kind, r.code, "%s", r.message).On(r.side, r.remedy)
	if r.kind == problem.Unavailable {
		p.After(max(err.RetryAfter, 5*time.Second))
	}
	if err.TraceID != "" {
		p.With("trace_id", err.TraceID)
	}
	return p
}
