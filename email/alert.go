package email

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"tandem/directory"
	"tandem/job"
	"tandem/problem"
	"tandem/tenant"
)

// Alerts brings alerts to administrators by mail.
type Alerts struct {
	store  Store
	sender *Sender
	url    func() string // where Tandem answers, for links
	words  ProblemWords
	now    func() time.Time
	log    *slog.Logger
}

// ProblemWords says in another language ("ja", "pt") what a problem's code
// means and what to do; empty where that language has no words for it.
type ProblemWords func(language, code string) (message, remedy string)

// NewAlerts makes Alerts that send with the sender. Without words, what
// happened is told in English to everybody.
func NewAlerts(store Store, sender *Sender, url func() string, words ProblemWords, now func() time.Time, log *slog.Logger) *Alerts {
	if words == nil {
		words = func(string, string) (string, string) { return "", "" }
	}
	return &Alerts{store: store, sender: sender, url: url, words: words, now: now, log: log}
}

// Send works a tenant.Alert job. A mailbox that works carries it, of another
// tenant than the one in trouble if possible. When there is none it is not
// kept: the news would come after the end of what it tells of.
func (s *Alerts) Send(ctx context.Context, a tenant.Alert) error {
	err := s.store.Update(ctx, func(tx Tx) error {
		way, err := s.way(ctx, tx, a.Avoid)
		if err != nil {
			return err
		}
		if way == nil {
			s.log.Warn("no mailbox works that could carry an alert", "reason", a.Reason, "key", a.Key)
			return nil
		}
		to, err := administrators(ctx, tx)
		if err != nil {
			return err
		}
		for language, people := range to {
			n := s.write(a, language)
			n.From, n.To = way.ID, people
			if _, err := s.sender.Notify(ctx, tx, n); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("send the alert %s: %w", a.Key, err)
	}
	return nil
}

// write writes the alert in a language.
func (s *Alerts) write(a tenant.Alert, language string) Notification {
	message, remedy := s.words(language, a.Trouble.Code)
	subject, text := alertWords(language).write(a, cmp.Or(message, a.Trouble.Message), cmp.Or(remedy, a.Trouble.Remedy))
	return Notification{Subject: subject, Text: text + "\n\n" + s.url() + a.Page, Reason: a.Reason, Key: a.Key + ":" + language}
}

// way is the address that the alert leaves from: the default one if it works,
// then any that does; of the tenant to avoid only for want of a better. nil
// when none works.
func (s *Alerts) way(ctx context.Context, tx Tx, avoid tenant.ID) (*SupportAddress, error) {
	addresses, err := tx.ListSupportAddresses(ctx)
	if err != nil {
		return nil, err
	}
	var best *SupportAddress
	rank := 0
	for _, a := range addresses {
		c, err := tx.GetConnection(ctx, a.ConnectionID)
		if err != nil {
			return nil, err
		}
		if c.State != Connected || c.ErrorCode != "" {
			continue
		}
		r := 1
		if avoid == 0 || c.Tenant != avoid {
			r += 2
		}
		if a.Default {
			r++
		}
		if r > rank {
			best, rank = a, r
		}
	}
	return best, nil
}

// administrators lists who gets alerts, by their languages.
func administrators(ctx context.Context, tx Tx) (map[string][]Party, error) {
	users, err := tx.ListUsers(ctx, directory.UserFilter{Roles: []directory.Role{directory.Admin}})
	if err != nil {
		return nil, fmt.Errorf("list administrators: %w", err)
	}
	all := make(map[string][]Party)
	for _, u := range users {
		if !u.Suspended {
			language := languageOf(u)
			all[language] = append(all[language], Party{Name: u.Name, Email: u.Email})
		}
	}
	return all, nil
}

// connectionRefused is the reason of an alert about one mailbox.
const connectionRefused = "connection_refused"

// AlertOutage tells administrators that a mailbox stands still.
type AlertOutage struct {
	Connection ConnectionID `json:"connection"`
	Since      int64        `json:"since"` // Unix milliseconds; names the outage
}

// Kind names the job.
func (AlertOutage) Kind() string { return "email.alert_outage" }

// queueOutage asks for the alert of an outage that begins now. Only what a
// person has to mend is worth a mail.
func (c *Connection) queueOutage(ctx context.Context, tx job.Tx, p *problem.Error) error {
	if p.Kind != problem.Unauthenticated && p.Kind != problem.Forbidden {
		return nil
	}
	_, err := job.Insert(ctx, tx, AlertOutage{Connection: c.ID, Since: c.ErrorAt.UnixMilli()}, job.Options{})
	return err
}

// SendOutage works an AlertOutage job. It says nothing when the outage is over,
// or when it is that of the whole tenant, of which package tenant tells once.
func (s *Alerts) SendOutage(ctx context.Context, o AlertOutage) error {
	var alert *tenant.Alert
	err := s.store.View(ctx, func(tx Tx) (err error) {
		alert, err = outageOf(ctx, tx, o)
		return err
	})
	if err != nil {
		return fmt.Errorf("describe the outage of connection %d: %w", o.Connection, err)
	}
	if alert == nil {
		return nil
	}
	return s.Send(ctx, *alert)
}

func outageOf(ctx context.Context, tx Tx, o AlertOutage) (*tenant.Alert, error) {
	c, err := tx.GetConnection(ctx, o.Connection)
	if err != nil || c.ErrorCode == "" {
		return nil, err
	}
	if c.Tenant != 0 {
		t, err := tx.GetTenant(ctx, c.Tenant)
		if err != nil || t.Trouble.Is() {
			return nil, err
		}
	}
	a, err := tx.FindSupportAddressByConnection(ctx, c.ID)
	if err != nil || a == nil {
		return nil, err
	}
	return &tenant.Alert{
		Key: fmt.Sprintf("connection_outage:%d:%d", c.ID, o.Since), Reason: connectionRefused,
		Facts:   map[string]string{"address": a.Email},
		Trouble: tenant.Trouble{Code: c.ErrorCode, Message: c.Error, Side: c.ErrorSide, Remedy: c.ErrorRemedy, At: c.ErrorAt},
		Page:    fmt.Sprintf("/admin/email/addresses/%d", a.ID),
	}, nil
}
