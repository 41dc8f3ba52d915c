package m365sim

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Limits of subscriptions to mail (subscription resource type: subscription
// lifetime; change notifications for Outlook resources).
const (
	maxSubscriptionLife   = 10080 * time.Minute
	minSubscriptionLife   = 45 * time.Minute
	maxClientState        = 128
	maxMailboxSubscribers = 1000
)

// subscription is a change notification subscription.
type subscription struct {
	ID              string
	ApplicationID   string
	CreatorID       string // the user, or the service principal of an app-only token
	UserID          string // of a delegated token; else empty
	Mailbox         int64
	Folder          int64 // 0: the whole mailbox
	Resource        string
	ChangeType      string
	NotificationURL string
	LifecycleURL    string
	ClientState     string
	TLSVersion      string
	Immutable       bool // ids in notifications, from the Prefer header at creation
	Created         time.Time
	Expires         time.Time
	RemindAt        time.Time // when reauthorizationRequired is due
	Reminded        bool
	Paused          bool // nothing is delivered until it is reauthorized
}

// setExpiry renews a subscription. Its reminder comes an hour before the end,
// or when three quarters of a short life are over.
func (s *subscription) setExpiry(now, expires time.Time) {
	s.Expires = expires
	s.RemindAt = expires.Add(-min(time.Hour, expires.Sub(now)/4))
	s.Reminded, s.Paused = false, false
}

// wants tells whether the subscription covers an event, and as what. A
// subscription to the whole mailbox sees a move of an immutable id as an update.
func (s *subscription) wants(e event) (kind string, ok bool) {
	if s.Mailbox != e.mailbox || s.Folder != 0 && s.Folder != e.folder {
		return "", false
	}
	kind = e.kind
	if e.moved && s.Folder == 0 && s.Immutable {
		if e.kind == "deleted" {
			return "", false
		}
		kind = "updated"
	}
	return kind, slices.Contains(strings.Split(strings.ReplaceAll(s.ChangeType, " ", ""), ","), kind)
}

// change is the body of a change notification.
func (s *subscription) change(e event, kind string, owner *user, org tenant) map[string]any {
	e.id.immutable = s.Immutable
	resource := "Users/" + owner.ID + "/Messages/" + e.id.String()
	return map[string]any{
		"id": uuid.NewString(), "subscriptionId": s.ID, "subscriptionExpirationDateTime": preciseTime(s.Expires),
		"clientState": nullable(s.ClientState), "changeType": kind, "resource": resource, "tenantId": org.ID,
		"resourceData": map[string]any{
			"@odata.type": "#Microsoft.Graph.Message", "@odata.id": resource, "@odata.etag": etag(e.change), "id": e.id.String(),
		},
	}
}

// lifecycle is the body of a life cycle notification.
func (s *subscription) lifecycle(name string, org tenant) map[string]any {
	return map[string]any{
		"subscriptionId": s.ID, "subscriptionExpirationDateTime": preciseTime(s.Expires), "tenantId": org.ID,
		"clientState": nullable(s.ClientState), "lifecycleEvent": name,
	}
}

func preciseTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.0000000Z") }

// show is the subscription as Graph shows it.
func (s *subscription) show() map[string]any {
	return map[string]any{
		"id": s.ID, "resource": s.Resource, "applicationId": s.ApplicationID, "changeType": s.ChangeType,
		"clientState": nullable(s.ClientState), "notificationUrl": s.NotificationURL, "notificationQueryOptions": nil,
		"lifecycleNotificationUrl": nullable(s.LifecycleURL), "expirationDateTime": preciseTime(s.Expires), "creatorId": s.CreatorID,
		"includeResourceData": nil, "latestSupportedTlsVersion": s.TLSVersion, "encryptionCertificate": nil,
		"encryptionCertificateId": nil, "notificationUrlAppId": nil,
	}
}

// create adds a subscription, unless there is the same one or too many.
func (n *notifier) create(s *subscription) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.clock.now()
	inMailbox := 0
	for _, other := range n.subs {
		if !now.Before(other.Expires) {
			continue
		}
		if other.Mailbox == s.Mailbox {
			inMailbox++
		}
		if other.ApplicationID == s.ApplicationID && other.UserID == s.UserID && other.Mailbox == s.Mailbox &&
			other.Folder == s.Folder && other.ChangeType == s.ChangeType {
			return refuse(409, "Conflict", "Subscription Id %s already exists for the requested combination", other.ID)
		}
	}
	if inMailbox >= maxMailboxSubscribers {
		return refuse(403, "Forbidden", "The limit of %d active subscriptions for the mailbox has been reached.", maxMailboxSubscribers)
	}
	s.ID, s.Created = uuid.NewString(), now
	n.subs[s.ID] = s
	n.save(s)
	n.wake()
	return nil
}

// change finds a subscription of the token's application and user and, when
// edit is given, changes it. It returns a copy.
func (n *notifier) change(id string, token *accessToken, edit func(*subscription)) (subscription, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := n.subs[id]
	if s == nil || !s.belongsTo(token) || !n.clock.now().Before(s.Expires) {
		return subscription{}, refuse(404, "ResourceNotFound", "The object was not found.")
	}
	if edit != nil {
		edit(s)
		n.save(s)
		n.wake()
	}
	return *s, nil
}

// remove ends a subscription of the token's application and user.
func (n *notifier) remove(id string, token *accessToken) error {
	if _, err := n.change(id, token, nil); err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if s := n.subs[id]; s != nil {
		n.forget(s)
	}
	return nil
}

// of lists the subscriptions a token may see.
func (n *notifier) of(token *accessToken) []map[string]any {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.clock.now()
	shown := []map[string]any{}
	for _, s := range n.list(func(s *subscription) bool { return s.belongsTo(token) && now.Before(s.Expires) }) {
		shown = append(shown, s.show())
	}
	return shown
}

func (s *subscription) belongsTo(t *accessToken) bool {
	return s.ApplicationID == t.clientID && s.UserID == t.userID
}

// validate asks an endpoint whether it wants notifications: it must answer 200
// with the decoded token as text within ten seconds.
func (n *notifier) validate(ctx context.Context, endpoint string) error {
	ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	token := "Validation: Testing client application reachability for subscription Request-Id: " + uuid.NewString()
	target, err := url.Parse(endpoint)
	if err != nil {
		return refuse(400, "InvalidRequest", "The notification URL is not valid.")
	}
	query := "validationToken=" + url.QueryEscape(token)
	if target.RawQuery != "" {
		query = target.RawQuery + "&" + query
	}
	target.RawQuery = query
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), http.NoBody)
	if err != nil {
		return refuse(400, "InvalidRequest", "The notification URL is not valid.")
	}
	request.Header.Set("Content-Type", "text/plain; charset=utf-8")
	response, err := n.client.Do(request)
	if err != nil {
		if ctx.Err() != nil || isTimeout(err) {
			return validationFailed("The request timed out. Notification endpoint must respond within 10 seconds.")
		}
		return validationFailed("Notification endpoint could not be reached.")
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return validationFailed(fmt.Sprintf("HTTP status code is '%s'. Notification endpoint must respond with 200 OK to validation request.", statusName(response.StatusCode)))
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, 4096))
	if err != nil || string(body) != token || !strings.HasPrefix(response.Header.Get("Content-Type"), "text/plain") {
		return validationFailed("Response must exactly match validationToken query parameter.")
	}
	return nil
}

func isTimeout(err error) bool {
	timeout, ok := err.(interface{ Timeout() bool })
	return ok && timeout.Timeout()
}

// statusName is a status as .NET names it: BadRequest, NotFound.
func statusName(code int) string { return strings.ReplaceAll(http.StatusText(code), " ", "") }

func validationFailed(reason string) error {
	return refuse(400, "ValidationError", "Subscription validation request failed. %s", reason)
}

// checkEndpoint requires https, and allows http for this machine only, where a
// developer's product listens.
func checkEndpoint(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		return refuse(400, "InvalidRequest", "The notification URL is not valid.")
	}
	if u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()) {
		return nil
	}
	return refuse(400, "InvalidRequest", "The notification URL must be HTTPS.")
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
