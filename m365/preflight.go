package m365

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/email"
	"tandem/graph"
	"tandem/problem"
)

var _ email.Examiner = (*Mailboxes)(nil)

// examination is one trial under way.
type examination struct {
	email.Trial
	email.Finding
	*mailbox
	tokens   *graph.Tokens
	clientID string // of the app registration
	objectID string // of its service principal, for commands; empty: not known
}

// Try makes the calls that a line of the preflight is judged by.
func (ms *Mailboxes) Try(ctx context.Context, t email.Trial) (email.Finding, error) {
	cl, err := ms.clientOf(t.Connection)
	if err != nil {
		return email.Finding{}, err
	}
	registration, _, err := ms.opts.Registrations.Registration(ctx, t.Connection.Tenant)
	if err != nil {
		return email.Finding{}, err
	}
	x := &examination{Trial: t, clientID: registration.ClientID, tokens: cl.tokens, mailbox: &mailbox{
		box: cl.graph.Mailbox(cl.user), client: cl.graph, user: cl.user, folder: &cl.folder, standing: &cl.standing,
	}}
	trials := map[email.CheckName]func(context.Context) error{
		email.CheckSignIn: x.signIn, email.CheckMailbox: x.open, email.CheckProfile: x.profile, email.CheckRead: x.read,
		email.CheckDraft: x.draft, email.CheckSend: x.send, email.CheckSendAs: x.sendAs, email.CheckFile: x.file,
		email.CheckNotifications: x.notifications, email.CheckOthers: x.others,
	}
	err = trials[t.Check](ctx)
	if err != nil {
		x.quote(err)
		err = x.explain(err)
	}
	if why := problem.As(err); why != nil {
		if claims, err := x.client.AccessClaims(ctx); err == nil && x.Connection.Kind == email.ExchangeApp {
			x.objectID = claims.ObjectID
		}
		x.Commands = x.commands(why.Code)
	}
	return x.Finding, err
}

// called notes what is asked of Microsoft, with the mailbox's own path.
func (x *examination) called(what string) {
	x.Called = strings.ReplaceAll(what, "~", "/"+x.owner())
}

func (x *examination) saw(name, value string) {
	if value != "" {
		x.Evidence = append(x.Evidence, email.Fact{Name: name, Value: value})
	}
}

// quote keeps Microsoft's own words.
func (x *examination) quote(err error) {
	if refused, ok := errors.AsType[*graph.Error](err); ok {
		x.Code, x.Said, x.RequestID = refused.Code, refused.Message, refused.RequestID
	}
	if refused, ok := errors.AsType[*graph.AuthError](err); ok {
		x.Said, x.RequestID = refused.Description, refused.TraceID
		if refused.Code != 0 {
			x.Code = "AADSTS" + strconv.Itoa(refused.Code)
		}
	}
}

// explain says what a refusal means here.
func (x *examination) explain(err error) error {
	address := x.Connection.Email
	switch {
	case problem.As(err) != nil:
		return err
	case x.Check == email.CheckMailbox && x.Connection.Kind == email.ExchangeApp:
		return notOpened(address, err)
	case x.Check == email.CheckRead && errors.Is(err, graph.ErrNotFound):
		return problem.New(problem.Conflict, "folder_gone", "The folder that Tandem reads is no longer in the mailbox: %s.", x.Connection.FolderName).
			On(problem.Admin, "Choose another folder on the page of the address.").With("folder", x.Connection.FolderName).Because(err)
	case x.Check == email.CheckProfile && errors.Is(err, graph.ErrAccessDenied):
		x.Mild = true
		return problem.New(problem.Forbidden, "profile_not_readable", "Tandem may not read whose mailbox it is, so it does not know its further addresses.").
			On(problem.Admin, "Grant User.Read, or User.Read.All as an application permission, with administrator's consent in Entra.").Because(err)
	case x.Check == email.CheckNotifications && errors.Is(err, graph.ErrEndpointValidation):
		x.Mild = true // polling does the work
		return problem.New(problem.Invalid, "endpoint_unreachable", "Microsoft does not reach Tandem at %s.", x.NotificationURL).
			On(problem.Admin, "Let HTTPS from the Internet reach /microsoft/ at public_url, with a certificate that everybody trusts. Until then mail is fetched by asking regularly.").
			With("url", x.NotificationURL).Because(err)
	case x.Connection.Kind == email.ExchangeApp && errors.Is(err, graph.ErrAccessDenied) && !errors.Is(err, graph.ErrAccessPolicy):
		permission := x.permission()
		return problem.New(problem.Forbidden, "application_permission_missing", "Microsoft does not allow the app registration to do this in %s. It takes %s.", address, permission).
			On(problem.Admin, "In the Entra admin center, open App registrations, "+x.clientID+", API permissions. Add "+permission+
				" as an application permission and grant administrator's consent. With RBAC for Applications, use the commands.").
			With("address", address).With("permission", permission).With("client_id", x.clientID).Because(err)
	}
	return translate(err)
}

// permission is what the calls of the line take.
//
// "Microsoft Graph permissions reference"
func (x *examination) permission() string {
	switch x.Check {
	case email.CheckSend, email.CheckSendAs:
		return "Mail.Send"
	case email.CheckRead, email.CheckNotifications:
		return "Mail.Read"
	}
	return "Mail.ReadWrite"
}

// signIn gets a new token. What it says of permissions is shown, and decides nothing.
func (x *examination) signIn(ctx context.Context) error {
	x.called("POST /oauth2/v2.0/token")
	x.tokens.Retry() // somebody has just mended it, perhaps
	if err := x.client.FreshToken(ctx); err != nil {
		return err
	}
	claims, err := x.client.AccessClaims(ctx)
	if err != nil {
		return err
	}
	x.saw("application", claims.AppID)
	x.saw("tenant", claims.TenantID)
	x.saw("permissions", strings.Join(append(claims.Roles, strings.Fields(claims.Scopes)...), ", "))
	return nil
}

func (x *examination) open(ctx context.Context) error {
	x.called("GET ~/mailFolders/inbox")
	f, err := x.box.Folder(ctx, graph.Inbox)
	if err == nil {
		x.saw("inbox_mails", strconv.Itoa(f.Total))
	}
	return err
}

func (x *examination) profile(ctx context.Context) error {
	x.called("GET ~")
	user, err := x.client.User(ctx, x.user)
	if err == nil {
		x.saw("user", user.UserPrincipalName)
		x.saw("addresses", strings.Join(user.Addresses(), ", "))
	}
	return err
}

// read has the newest mail of the folder, content and all: Mail.ReadBasic would list it.
func (x *examination) read(ctx context.Context) error {
	folder := folderName(x.Connection.Folder)
	x.called("GET ~/mailFolders/" + folder + "/messages")
	page, err := x.box.List(ctx, "", graph.ListOptions{Folder: folder, Select: headlineFields, Top: 1, OrderBy: "receivedDateTime desc"})
	if err != nil || len(page.Messages) == 0 {
		return err
	}
	x.called("GET ~/messages/{id}/$value")
	body, _, err := x.box.MIME(ctx, page.Messages[0].ID)
	if errors.Is(err, graph.ErrNotFound) { // moved or deleted in between
		return nil
	}
	if err != nil {
		return err
	}
	defer body.Close()
	_, err = io.CopyN(io.Discard, body, 1)
	return err
}

// preflightMark finds the draft of a preflight that died before it could remove it.
const preflightMark = "preflight"

// withDraft makes a draft, lets use have it, and removes it. It has no recipient:
// should anything send it, nobody gets it.
func (x *examination) withDraft(ctx context.Context, from *graph.Recipient, use func(id string) error) error {
	if err := x.removeLeft(ctx, graph.Drafts); err != nil {
		return err
	}
	draft, err := x.box.CreateDraft(ctx, graph.Draft{
		Subject: "Tandem looks at this mailbox", Body: graph.Body{Type: "text", Content: "This draft is removed by itself."},
		From: from, Properties: []graph.ExtendedProperty{mark(preflightMark)},
	})
	if err != nil {
		return err
	}
	err = use(draft.ID)
	// Also when nobody waits any more: nothing may stay.
	gone := x.box.Delete(context.WithoutCancel(ctx), draft.ID)
	if errors.Is(gone, graph.ErrNotFound) {
		gone = nil
	}
	return errors.Join(err, gone)
}

func (x *examination) removeLeft(ctx context.Context, folder string) error {
	left, err := x.box.FindByProperty(ctx, folder, mark(preflightMark), "id")
	if err != nil {
		return err
	}
	for _, m := range left {
		if err := x.box.Delete(ctx, m.ID); err != nil && !errors.Is(err, graph.ErrNotFound) {
			return err
		}
	}
	return nil
}

func (x *examination) draft(ctx context.Context) error {
	x.called("POST ~/messages")
	return x.withDraft(ctx, nil, func(string) error { return nil })
}

func (x *examination) send(ctx context.Context) error { return x.sendNothing(ctx, nil) }

func (x *examination) sendAs(ctx context.Context) error {
	from := graph.NewRecipient(x.From.Name, x.From.Email)
	x.saw("from", x.From.Email)
	return x.sendNothing(ctx, &from)
}

// sendNothing asks to send a draft without recipients. Who may send is told that
// they are missing, who may not that it is forbidden; no mail leaves either way.
func (x *examination) sendNothing(ctx context.Context, from *graph.Recipient) error {
	x.called("POST ~/messages/{id}/send")
	return x.withDraft(ctx, from, func(id string) error {
		err := x.box.Send(ctx, id)
		if errors.Is(err, graph.ErrInvalidRecipients) {
			x.quote(err)
			return nil
		}
		return err
	})
}

// file does with a draft what is done with a mail that was taken in.
func (x *examination) file(ctx context.Context) error {
	folder := ""
	switch x.Connection.Afterwards {
	case email.KeepAfterwards:
		return problem.New(problem.Conflict, "nothing_is_moved", "Mail stays as it is, so no right to change it is needed.").On(problem.Yours, "")
	case email.ReadAfterwards:
		x.called("PATCH ~/messages/{id}")
	default:
		x.called("POST ~/messages/{id}/move")
		var err error
		if folder, err = x.box.EnsureFolder(ctx, ourFolder); err != nil {
			return err
		}
		x.saw("folder", ourFolder)
		if err := x.removeLeft(ctx, folder); err != nil {
			return err
		}
	}
	return x.withDraft(ctx, nil, func(id string) error { return x.box.FileAll(ctx, []string{id}, folder)[0].Err })
}

// notifications makes a subscription, for which Microsoft calls both addresses,
// and ends it. It is about Drafts, so that the mailbox's own one stays untouched.
func (x *examination) notifications(ctx context.Context) error {
	if x.NotificationURL == "" {
		return problem.New(problem.Conflict, "no_public_url", "Tandem has no address that Microsoft could notify, so mail is fetched by asking regularly.").
			On(problem.Admin, "Set public_url in Tandem's configuration when mail has to be here within seconds.")
	}
	x.called("POST /subscriptions")
	resource := x.owner() + "/mailFolders('drafts')/messages"
	if err := x.endSubscriptions(ctx, resource); err != nil { // of a preflight that died
		return err
	}
	made, err := x.client.CreateSubscription(ctx, graph.Subscription{
		Resource: resource, ChangeType: "created", NotificationURL: x.NotificationURL, LifecycleURL: x.LifecycleURL,
		ClientState: graph.NewVerifier(), Expiry: time.Now().Add(time.Hour),
	})
	if err != nil {
		return err
	}
	x.saw("url", x.NotificationURL)
	return x.client.DeleteSubscription(context.WithoutCancel(ctx), made.ID)
}

func (x *examination) endSubscriptions(ctx context.Context, resource string) error {
	all, err := x.client.Subscriptions(ctx)
	if err != nil {
		return err
	}
	for _, s := range all {
		if s.NotificationURL != x.NotificationURL || !strings.EqualFold(strings.TrimPrefix(s.Resource, "/"), resource) {
			continue
		}
		if err := x.client.DeleteSubscription(ctx, s.ID); err != nil && !errors.Is(err, graph.ErrNotFound) {
			return err
		}
	}
	return nil
}

const (
	othersListed = 50 // users of the directory that are looked at
	othersTried  = 10 // mailboxes of them that are tried
)

// others tries mailboxes of the tenant that nobody connected.
func (x *examination) others(ctx context.Context) error {
	if x.Connection.Kind != email.ExchangeApp {
		return problem.New(problem.Conflict, "one_mailbox_only", "A sign-in opens the mailbox of whoever signed in, and no other.").On(problem.Yours, "")
	}
	x.called("GET /users/{other}/mailFolders/inbox")
	users, err := x.client.Users(ctx, othersListed)
	if errors.Is(err, graph.ErrAccessDenied) {
		return problem.New(problem.Conflict, "directory_not_readable", "Tandem may not list the users of your Microsoft tenant, so it knows no other mailbox to try.").
			On(problem.Admin, "Try one yourself with the commands, or grant User.Read.All as an application permission.").Because(err)
	}
	if err != nil {
		return err
	}
	open, refused, err := x.tryOthers(ctx, users)
	if err != nil {
		return err
	}
	x.saw("refused", strings.Join(refused, ", "))
	x.saw("opened", strings.Join(open, ", "))
	switch {
	case len(open) > 0:
		x.Mild = true
		return problem.New(problem.Conflict, "other_mailboxes_open", "The app registration can read mailboxes that Tandem does not need: %s.", strings.Join(open, ", ")).
			On(problem.Admin, "Limit it to the connected mailboxes by RBAC for Applications in Exchange Online, with the commands. Then take Mail.ReadWrite and Mail.Send from it in Entra: what is granted there counts besides.").
			With("mailboxes", strings.Join(open, ", "))
	case len(refused) == 0:
		return problem.New(problem.Conflict, "no_other_mailbox", "No other mailbox was found that could be tried.").On(problem.Yours, "")
	}
	return nil
}

// tryOthers sorts mailboxes by whether they open. Users without a mailbox say nothing.
func (x *examination) tryOthers(ctx context.Context, users []graph.User) (open, refused []string, err error) {
	for _, u := range users {
		needed := slices.ContainsFunc(x.Needed, func(o email.Owner) bool { return o.UserID == u.ID })
		if needed || u.Mail == "" || len(open)+len(refused) == othersTried {
			continue
		}
		_, err := x.client.Mailbox(u.ID).Folder(ctx, graph.Inbox)
		switch {
		case err == nil:
			open = append(open, u.Mail)
		case errors.Is(err, graph.ErrAccessDenied):
			refused = append(refused, u.Mail)
		case errors.Is(err, graph.ErrMailboxUnavailable), errors.Is(err, graph.ErrNotFound):
		default:
			return nil, nil, fmt.Errorf("try the mailbox of %s: %w", u.Mail, err)
		}
	}
	return open, refused, nil
}
