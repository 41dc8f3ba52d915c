package m365sim

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// subscriptionInput is a subscription as a client writes it.
type subscriptionInput struct {
	ChangeType      string  `json:"changeType"`
	NotificationURL string  `json:"notificationUrl"`
	LifecycleURL    string  `json:"lifecycleNotificationUrl"`
	Resource        string  `json:"resource"`
	Expiration      string  `json:"expirationDateTime"`
	ClientState     *string `json:"clientState"`
	IncludeData     bool    `json:"includeResourceData"`
	TLSVersion      string  `json:"latestSupportedTlsVersion"`
}

func (in subscriptionInput) validate() error {
	switch {
	case in.ChangeType == "" || in.NotificationURL == "" || in.Resource == "" || in.Expiration == "":
		return refuse(400, "InvalidRequest", "A subscription needs changeType, notificationUrl, resource and expirationDateTime.")
	case in.ClientState != nil && len(*in.ClientState) > maxClientState:
		return refuse(400, "InvalidRequest", "The clientState property is longer than %d characters.", maxClientState)
	case in.IncludeData:
		return refuse(400, "InvalidRequest", "The encryptionCertificate property is required for subscriptions with resource data.")
	}
	for kind := range strings.SplitSeq(in.ChangeType, ",") {
		switch strings.TrimSpace(kind) {
		case "created", "updated", "deleted":
		default:
			return refuse(400, "InvalidRequest", "The changeType '%s' is not valid.", kind)
		}
	}
	for _, endpoint := range []string{in.NotificationURL, in.LifecycleURL} {
		if endpoint == "" {
			continue
		}
		if err := checkEndpoint(endpoint); err != nil {
			return err
		}
	}
	return nil
}

// expiry reads when a subscription shall end: at least 45 minutes from now, at
// most 10,080.
func expiry(text string, now time.Time) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return t, refuse(400, "InvalidRequest", "The expirationDateTime is not a date.")
	}
	switch {
	case !t.After(now):
		return t, refuse(400, "InvalidRequest", "Subscription expiration must be in the future.")
	case t.Sub(now) > maxSubscriptionLife:
		return t, refuse(400, "InvalidRequest", "Subscription expiration can only be %d minutes in the future.", int(maxSubscriptionLife.Minutes()))
	case t.Sub(now) < minSubscriptionLife:
		return now.Add(minSubscriptionLife), nil
	}
	return t.UTC(), nil
}

// subscriptionTarget reads a resource: the messages of a mailbox or of one of
// its folders.
func (g *graphAPI) subscriptionTarget(c *call, resource string) (*user, int64, error) {
	path, query, _ := strings.Cut(resource, "?")
	segments, err := splitPath(path)
	if err != nil {
		return nil, 0, err
	}
	unsupported := refuse(400, "InvalidRequest", "Resource '%s' is not supported.", resource)
	if strings.Contains(strings.ToLower(query), "filter") || len(segments) < 2 {
		return nil, 0, unsupported
	}
	target := &call{token: c.token, vars: map[string]string{}}
	switch {
	case strings.EqualFold(segments[0], "me"):
		segments = segments[1:]
	case strings.EqualFold(segments[0], "users"):
		target.vars["user"], segments = segments[1], segments[2:]
	default:
		return nil, 0, unsupported
	}
	if err := g.authorize(target, &route{access: readMail, user: true, mailbox: true}); err != nil {
		return nil, 0, err
	}
	switch {
	case len(segments) == 1 && strings.EqualFold(segments[0], "messages"):
		return target.user, 0, nil
	case len(segments) == 3 && strings.EqualFold(segments[0], "mailFolders") && strings.EqualFold(segments[2], "messages"):
		folder, err := folderNumber(g.exchange.db, target.user.mailbox, segments[1])
		return target.user, folder, err
	}
	return nil, 0, unsupported
}

func (g *graphAPI) createSubscription(c *call) (answer, error) {
	var in subscriptionInput
	if err := c.decodeBody(&in); err != nil {
		return answer{}, err
	}
	if err := in.validate(); err != nil {
		return answer{}, err
	}
	owner, folder, err := g.subscriptionTarget(c, in.Resource)
	if err != nil {
		return answer{}, err
	}
	now := g.clock.now()
	expires, err := expiry(in.Expiration, now)
	if err != nil {
		return answer{}, err
	}
	for _, endpoint := range []string{in.NotificationURL, in.LifecycleURL} {
		if endpoint == "" {
			continue
		}
		if err := g.notifier.validate(context.Background(), endpoint); err != nil {
			return answer{}, err
		}
	}
	s := &subscription{
		ApplicationID: c.token.clientID, CreatorID: c.token.userID, UserID: c.token.userID,
		Mailbox: owner.mailbox, Folder: folder, Resource: in.Resource, ChangeType: in.ChangeType,
		NotificationURL: in.NotificationURL, LifecycleURL: in.LifecycleURL, TLSVersion: "v1_2", Immutable: c.prefer.immutable,
	}
	if c.token.appOnly() {
		s.CreatorID = servicePrincipal(c.token.clientID)
	}
	if in.ClientState != nil {
		s.ClientState = *in.ClientState
	}
	if in.TLSVersion != "" {
		s.TLSVersion = in.TLSVersion
	}
	s.setExpiry(now, expires)
	if err := g.notifier.create(s); err != nil {
		return answer{}, err
	}
	return g.answerSubscription(c, http.StatusCreated, *s), nil
}

func (g *graphAPI) answerSubscription(c *call, status int, s subscription) answer {
	out := s.show()
	out["@odata.context"] = c.contextURL("subscriptions/$entity")
	return reply(status, out)
}

func (g *graphAPI) listSubscriptions(c *call) (answer, error) {
	return reply(http.StatusOK, map[string]any{"@odata.context": c.contextURL("subscriptions"), "value": g.notifier.of(c.token)}), nil
}

func (g *graphAPI) getSubscription(c *call) (answer, error) {
	s, err := g.notifier.change(c.vars["subscription"], c.token, nil)
	return g.answerSubscription(c, http.StatusOK, s), err
}

// updateSubscription renews a subscription; a new notificationUrl is validated
// first. lifecycleNotificationUrl cannot be changed.
func (g *graphAPI) updateSubscription(c *call) (answer, error) {
	var in subscriptionInput
	if err := c.decodeBody(&in); err != nil {
		return answer{}, err
	}
	if in.LifecycleURL != "" {
		return answer{}, refuse(400, "InvalidRequest", "The lifecycleNotificationUrl property cannot be updated.")
	}
	if _, err := g.notifier.change(c.vars["subscription"], c.token, nil); err != nil {
		return answer{}, err
	}
	now := g.clock.now()
	var expires time.Time
	if in.Expiration != "" {
		var err error
		if expires, err = expiry(in.Expiration, now); err != nil {
			return answer{}, err
		}
	}
	if in.NotificationURL != "" {
		if err := checkEndpoint(in.NotificationURL); err != nil {
			return answer{}, err
		}
		if err := g.notifier.validate(context.Background(), in.NotificationURL); err != nil {
			return answer{}, err
		}
	}
	s, err := g.notifier.change(c.vars["subscription"], c.token, func(s *subscription) {
		if !expires.IsZero() {
			s.setExpiry(now, expires)
		}
		if in.NotificationURL != "" {
			s.NotificationURL = in.NotificationURL
		}
	})
	return g.answerSubscription(c, http.StatusOK, s), err
}

func (g *graphAPI) deleteSubscription(c *call) (answer, error) {
	return answer{status: http.StatusNoContent}, g.notifier.remove(c.vars["subscription"], c.token)
}

func (g *graphAPI) reauthorizeSubscription(c *call) (answer, error) {
	_, err := g.notifier.change(c.vars["subscription"], c.token, func(s *subscription) { s.Paused = false })
	return answer{status: http.StatusNoContent}, err
}
