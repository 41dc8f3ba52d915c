package api

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tandem/access"
	"tandem/email"
	"tandem/job"
	"tandem/tenant"
)

func (s *server) overviewRoutes() {
	route(s, op{on: "GET /overview", id: "show_overview", says: "Is anything wrong?", tag: "overview", may: admins}, s.showOverview)
}

// Attention is one thing that somebody has to look at.
type Attention struct {
	Code     string            `json:"code"`
	Severity string            `json:"severity" enum:"error,warning,info"`
	Message  string            `json:"message"`
	Remedy   string            `json:"remedy"`
	Side     string            `json:"side" enum:"yours,admin,microsoft,tandem"`
	Link     string            `json:"link" doc:"Page of the browser application that helps"`
	Args     map[string]string `json:"args"`
	Count    int               `json:"count"`
}

// ActiveConnection is a connection with its last 24 hours.
type ActiveConnection struct {
	Connection
	Activity []ActivityHour `json:"activity"`
}

// JobCounts count the jobs that are not done.
type JobCounts struct {
	Waiting int `json:"waiting"`
	Running int `json:"running"`
	Dead    int `json:"dead"`
}

// MailCounts count mails of all connections.
type MailCounts struct {
	Received24h int `json:"received_24h"`
	Sent24h     int `json:"sent_24h"`
	Quarantined int `json:"quarantined"`
	Suspended   int `json:"suspended"`
	Failed      int `json:"failed"`
}

// Overview is what the administrator's home shows.
type Overview struct {
	Attention   []Attention        `json:"attention" doc:"What needs somebody, worst first"`
	Connections []ActiveConnection `json:"connections"`
	Jobs        JobCounts          `json:"jobs"`
	Mail        MailCounts         `json:"mail"`
	Version     string             `json:"version"`
	Database    string             `json:"database" enum:"sqlite,postgres"`
}

type overviewOut struct {
	Body struct {
		Overview Overview `json:"overview"`
	}
}

func (s *server) showOverview(ctx context.Context, by access.Actor, _ *none) (*overviewOut, error) {
	connections, err := s.describeConnections(ctx, by)
	if err != nil {
		return nil, err
	}
	tenants, err := s.tenants.List(ctx, by)
	if err != nil {
		return nil, err
	}
	jobs, err := s.jobs.Count(ctx)
	if err != nil {
		return nil, err
	}
	failing, err := s.probes.Failing(ctx, by)
	if err != nil {
		return nil, err
	}
	out := new(overviewOut)
	o := &out.Body.Overview
	*o = Overview{
		Attention: attention(connections, tenants, failing, jobs[job.Dead], s.now()), Connections: []ActiveConnection{},
		Jobs:    JobCounts{Waiting: jobs[job.Waiting], Running: jobs[job.Running], Dead: jobs[job.Dead]},
		Version: s.options.Version, Database: s.options.Database,
	}
	for _, c := range connections {
		hours, err := s.activity(ctx, by, email.ConnectionID(c.ID))
		if err != nil {
			return nil, err
		}
		o.Connections = append(o.Connections, ActiveConnection{Connection: c, Activity: hours})
		o.Mail.Received24h += c.Figures.Received24h
		o.Mail.Sent24h += c.Figures.Sent24h
		o.Mail.Quarantined += c.Figures.Quarantined
		o.Mail.Suspended += c.Figures.Suspended
		o.Mail.Failed += c.Figures.Failed
	}
	return out, nil
}

// attention says what needs somebody, worst first.
func attention(connections []Connection, tenants []tenant.Shown, failing []*email.Probe, dead int, now time.Time) []Attention {
	list := []Attention{}
	refused := map[int64]string{} // what a tenant is refused for is said once, not for each mailbox
	for _, t := range tenants {
		refused[int64(t.ID)] = t.Trouble.Code
		list = append(list, attentionToTenant(t, now)...)
	}
	if len(connections) == 0 {
		list = append(list, Attention{
			Code: "no_address", Severity: "info", Side: "admin", Link: "/admin/email/new", Message: "No mailbox is connected yet.",
			Remedy: "Connect one, and its mail becomes tickets.",
		})
	}
	for _, c := range connections {
		list = append(list, attentionTo(c, refused[c.TenantID])...)
	}
	for _, p := range failing {
		list = append(list, Attention{
			Code: "probe_failed", Severity: "error", Side: side(p.Trouble.Side), Link: "/admin/email/addresses/" + fmt.Sprint(p.AddressID),
			Message: "The test of " + p.Email + " failed: " + p.Trouble.Message, Remedy: p.Trouble.Remedy,
			Args: map[string]string{"address": p.Email, "why": p.Trouble.Message},
		})
	}
	if dead > 0 {
		list = append(list, Attention{
			Code: "jobs_dead", Severity: "error", Side: "tandem", Link: "/admin/jobs?state=dead", Count: dead,
			Message: "Background work has failed for good: " + fmt.Sprint(dead) + ".", Remedy: "Look at the reasons and try again.",
		})
	}
	suspended := 0
	for _, c := range connections {
		suspended += c.Figures.Suspended
	}
	if suspended > 0 {
		list = append(list, Attention{
			Code: "mails_suspended", Severity: "info", Side: "yours", Link: "/admin/suspended", Count: suspended,
			Message: "Suspended mails wait for a decision: " + fmt.Sprint(suspended) + ".", Remedy: "Recover what matters; the rest is deleted by itself.",
		})
	}
	rank := map[string]int{"error": 0, "warning": 1, "info": 2}
	slices.SortStableFunc(list, func(a, b Attention) int { return rank[a.Severity] - rank[b.Severity] })
	for i := range list {
		if list[i].Args == nil {
			list[i].Args = map[string]string{}
		}
	}
	return list
}

// attentionTo says what is wrong with one connection and its mail, besides
// what its tenant is refused for.
func attentionTo(c Connection, said string) []Attention {
	var list []Attention
	page := "/admin/email/addresses/" + fmt.Sprint(c.AddressID)
	add := func(a Attention) {
		a.Args = map[string]string{"address": c.Email}
		if a.Link == "" {
			a.Link = page
		}
		list = append(list, a)
	}
	switch email.Status(c.Status) {
	case email.StatusError:
		if e := c.Error.value; e.Code != said {
			add(Attention{Code: e.Code, Severity: "error", Message: e.Message, Remedy: e.Remedy, Side: e.Side})
		}
	case email.StatusWaiting:
		if c.Kind == string(email.Forwarding) {
			add(Attention{
				Code: "forwarding_unverified", Severity: "warning", Side: "admin", Message: "No forwarded mail of " + c.Email + " has arrived yet.",
				Remedy: "Set up the forwarding in your mail system, and verify it.",
			})
			break
		}
		add(Attention{
			Code: "waiting_for_microsoft", Severity: "warning", Side: "microsoft", Message: "Microsoft asks Tandem to wait with " + c.Email + ".",
			Remedy: "Nothing is lost; it goes on by itself.",
		})
	case email.StatusDisconnected:
		add(Attention{
			Code: "address_disconnected", Severity: "warning", Side: "admin", Message: c.Email + " is disconnected.",
			Remedy: "Reconnect it; mails missed meanwhile are taken in.",
		})
	}
	if reason := value(c.PushError); reason != "" && c.Status != string(email.StatusDisconnected) {
		add(Attention{
			Code: "polling_only", Severity: "info", Side: "admin", Message: "Microsoft's notifications for " + c.Email + " do not arrive: " + reason,
			Remedy: "Mail is fetched by asking regularly, which takes a little longer.",
		})
	}
	ledger := "/admin/mail?connection_id=" + fmt.Sprint(c.ID) + "&state="
	if n := c.Figures.Failed; n > 0 {
		add(Attention{
			Code: "replies_failed", Severity: "error", Side: "admin", Link: ledger + "failed", Count: n,
			Message: "Replies from " + c.Email + " could not be sent: " + fmt.Sprint(n) + ".", Remedy: "Look at the reasons and try again.",
		})
	}
	if n := c.Figures.Quarantined; n > 0 {
		add(Attention{
			Code: "mails_quarantined", Severity: "warning", Side: "admin", Link: ledger + "quarantined", Count: n,
			Message: "Mails to " + c.Email + " could not be handled: " + fmt.Sprint(n) + ".", Remedy: "Try again, or make tickets of them.",
		})
	}
	return list
}

// side is whose side a kept problem is on; what is not known is ours to find out.
func side(kept string) string {
	if kept == "" {
		return "tandem"
	}
	return kept
}
