package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"tandem/access"
	"tandem/api"
	"tandem/bulk"
	"tandem/desk"
	"tandem/email"
	"tandem/email/eml"
	"tandem/graph"
	"tandem/job"
	"tandem/m365"
	"tandem/remoteimage"
	"tandem/smtp/relay"
	"tandem/store"
	"tandem/tenant"
	"tandem/web"
)

// parts are the services, in the order in which they are made.
type parts struct {
	access      *access.Service
	jobs        *job.Service
	tenants     *tenant.Service
	sender      *email.Sender
	desk        *desk.Service
	viewers     *desk.Viewers
	mailboxes   *m365.Mailboxes
	connections *email.Connections
	forwarder   *email.Forwarder
	subscriber  *email.Subscriber
	notices     *email.Notices
	reader      *email.Reader
	filer       *email.Filer
	alerts      *email.Alerts
	ledger      *email.Ledger
	asides      *email.Asides
	suspended   *email.SuspendedMail
	probes      *email.Probes
	preflights  *email.Preflights
	bulk        *bulk.Service
	runner      *job.Runner
	http        http.Handler
}

// newSecret returns an unguessable string that fits into URLs and addresses.
func newSecret() string { return strings.ToLower(rand.Text()) }

func (a *App) build() error {
	p := &a.parts
	p.access = access.NewService(store.For[access.Tx](a.db), time.Now)
	p.jobs = job.NewService(store.For[job.StoreTx](a.db), time.Now)
	endpoints := graph.Endpoints{Login: a.cfg.Microsoft.LoginURL, Graph: a.cfg.Microsoft.GraphURL}
	p.tenants = tenant.NewService(store.For[tenant.Tx](a.db), m365.NewDirectory(endpoints, a.log), tenant.Options{
		LoginURL: endpoints.Login, Now: time.Now, Log: a.log,
	})
	if err := a.buildMail(endpoints); err != nil {
		return err
	}
	a.buildJobs()
	p.http = a.buildHTTP()
	return nil
}

func (a *App) buildMail(endpoints graph.Endpoints) error {
	p := &a.parts
	mail := store.For[email.Tx](a.db)
	// Connections keep refreshed tokens for the mailboxes, and mailboxes serve
	// connections: the one callback between them is bound here.
	p.mailboxes = m365.NewMailboxes(m365.Options{
		Endpoints: endpoints, Registrations: p.tenants, Log: a.log, OnRequest: a.countGraphRequests(),
		SaveToken: func(ctx context.Context, id email.ConnectionID, token email.Secret) error {
			return p.connections.SaveToken(ctx, id, token)
		},
	})
	forwarded, err := relay.NewMailboxes(relay.Options{URL: a.cfg.SMTP.RelayURL.Reveal(), Hello: a.cfg.ForwardingDomain()}, time.Now)
	if err != nil {
		return fmt.Errorf("smtp.relay_url: %w", err)
	}
	boxes := mailboxes{p.mailboxes, forwarded}
	p.sender = email.NewSender(mail, boxes, a.blobs, time.Now, newSecret, a.log)
	p.sender.FileURL = a.fileURL()
	p.desk = desk.NewService(store.For[desk.Tx](a.db), a.blobs, desk.Options{
		NewToken: newSecret, UndoWindow: undoWindow, Outbox: p.sender, Accepted: email.NoteAccepted,
		ForgetMails: email.ForgetTicket(time.Now), EraseMails: email.ErasePerson(time.Now),
		Sanitize: eml.Sanitize, PlainText: eml.TextFromHTML, Bus: a.bus,
		Notify: p.sender.Announce, Retract: p.sender.Retract, IsOurs: email.IsOurs, TicketURL: a.ticketURL, SketchMail: a.sketchMail,
		Background: func(ctx context.Context, tx desk.Tx, by access.Actor, work desk.Work) (*bulk.Bulk, error) {
			return p.bulk.Begin(ctx, tx.(bulk.Tx), by, work)
		},
		People: p.access, Scanner: a.scanner(), Pictures: remoteimage.New(remoteimage.Options{}), Shares: p.sender.FileURL != nil,
	})
	p.viewers = desk.NewViewers(store.For[desk.Tx](a.db), a.bus, time.Now, a.log)
	p.connections = email.NewConnections(mail, boxes, p.mailboxes.SignIn(), email.ConnectionOptions{
		CallbackURL: a.callbackURL, NewSecret: newSecret, Now: time.Now, Log: a.log,
	})
	p.subscriber = email.NewSubscriber(mail, boxes, a.cfg.PublicURL, newSecret, time.Now, a.log)
	p.notices = email.NewNotices(mail, time.Now, a.log)
	p.reader = email.NewReader(mail, boxes, a.blobs, p.desk, a.bus, email.ReaderOptions{
		Owner: a.owner(), Metrics: a.metrics, Log: a.log, PollPush: a.cfg.SafetyPoll, Limits: a.mailLimits(),
	})
	p.filer = email.NewFiler(mail, boxes, time.Now, a.log)
	p.asides = email.NewAsides(mail, boxes, a.blobs, p.desk, time.Now)
	p.probes = email.NewProbes(mail, boxes, p.sender, newSecret, time.Now, a.log)
	p.preflights = email.NewPreflights(mail, p.mailboxes, a.cfg.PublicURL, time.Now, a.log)
	p.alerts = email.NewAlerts(mail, p.sender, a.URL, web.ProblemWords, time.Now, a.log)
	p.ledger = email.NewLedger(mail, a.blobs, p.desk, p.sender, time.Now)
	p.suspended = email.NewSuspendedMail(mail, a.blobs, p.desk, p.ledger, p.sender, time.Now)
	p.forwarder = email.NewForwarder(mail, a.blobs, p.connections, p.sender, email.ForwarderOptions{
		Domain: a.cfg.ForwardingDomain(), Relay: a.cfg.SMTP.RelayURL != "", NewSecret: newSecret, Now: time.Now, Log: a.log,
	})
	return nil
}

// owner names this process in leases. Only one process can own a SQLite file,
// so there it is always the same, and a restart need not wait for its own lease.
func (a *App) owner() string {
	if a.db.Kind() == store.SQLite {
		return "tandem"
	}
	return "tandem-" + newSecret()
}

// callbackURL is where Microsoft sends browsers back to. A browser on this
// machine, and any browser while there is no public address, comes back to the
// host under which it reached us, so that its session comes along.
func (a *App) callbackURL(origin string) string {
	base := cmp.Or(a.cfg.PublicURL, origin, a.localURL())
	if u, err := url.Parse(origin); err == nil && isLoopback(u.Hostname()) {
		base = origin
	}
	return base + "/microsoft/callback"
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (a *App) buildJobs() {
	p := &a.parts
	p.runner = job.NewRunner(store.For[job.StoreTx](a.db), job.RunnerOptions{
		Alone:  a.db.Kind() == store.SQLite, // whose file only one process can own
		Events: a.bus, Metrics: a.metrics, Log: a.log,
	})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[desk.DeliverReply]) error {
		return p.sender.Deliver(ctx, t.Args.Comment, t.LastAttempt())
	}, job.HandleOptions{Concurrency: 16}) // one throttled mailbox must not hold up the others' replies
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[email.DeliverNotification]) error {
		return p.sender.DeliverNotification(ctx, t.Args.Mail, t.LastAttempt())
	}, job.HandleOptions{Concurrency: 4})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[email.TendReplies]) error {
		return p.sender.TendReplies(ctx)
	}, job.HandleOptions{Concurrency: 1})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[email.ConfirmSent]) error {
		return p.sender.Confirm(ctx, t.Args.Mail)
	}, job.HandleOptions{})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[email.FileMail]) error {
		return p.filer.Work(ctx, t.Args)
	}, job.HandleOptions{})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[email.TendSubscriptions]) error {
		return p.subscriber.Tend(ctx)
	}, job.HandleOptions{Concurrency: 1})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[email.TendHandedOver]) error {
		return p.reader.TendHandedOver(ctx)
	}, job.HandleOptions{Concurrency: 1})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[email.WorkProbe]) error {
		return p.probes.Work(ctx, t.Args.Probe)
	}, job.HandleOptions{})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[email.WorkPreflight]) error {
		return p.preflights.Work(ctx, t.Args.Address)
	}, job.HandleOptions{})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[email.TendProbes]) error {
		return p.probes.Tend(ctx)
	}, job.HandleOptions{Concurrency: 1})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[desk.RemoveUploads]) error {
		return p.desk.RemoveAbandoned(ctx)
	}, job.HandleOptions{Concurrency: 1})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[email.ExpireSuspended]) error {
		return p.suspended.Expire(ctx)
	}, job.HandleOptions{Concurrency: 1})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[email.RemoveContent]) error {
		return p.suspended.Remove(ctx, t.Args)
	}, job.HandleOptions{})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[email.SendDigest]) error {
		return p.suspended.SendDigest(ctx, a.URL())
	}, job.HandleOptions{Concurrency: 1})
	p.runner.Schedule("email.expire_suspended", "@hourly", email.ExpireSuspended{})
	p.runner.Schedule("email.send_digest", "@hourly", email.SendDigest{})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[access.RemoveExpired]) error {
		return p.access.RemoveExpired(ctx)
	}, job.HandleOptions{Concurrency: 1})
	p.runner.Schedule("access.remove_expired", "@hourly", access.RemoveExpired{})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[desk.ForgetFirings]) error {
		return p.desk.ForgetFirings(ctx)
	}, job.HandleOptions{Concurrency: 1})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[desk.DeleteFieldValues]) error {
		return p.desk.RemoveFieldValues(ctx, t.Args.Field)
	}, job.HandleOptions{Concurrency: 1})
	p.runner.Schedule("desk.forget_firings", "@daily", desk.ForgetFirings{})
	a.buildTicketLifeJobs()
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[desk.MeasureTickets]) error {
		return p.desk.MeasureAll(ctx)
	}, job.HandleOptions{Concurrency: 1}) // queued by the migration that brought metrics
	a.buildTenantJobs()
	a.buildBulk()
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[desk.ScanFiles]) error {
		return p.desk.WorkScan(ctx, t.Args.Comment)
	}, job.HandleOptions{Concurrency: 2})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[desk.ScanAgain]) error {
		return p.desk.WorkScanAgain(ctx)
	}, job.HandleOptions{Concurrency: 1})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[email.FetchAside]) error {
		return p.asides.Work(ctx, t.Args.Mail, t.LastAttempt())
	}, job.HandleOptions{Concurrency: 1})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[desk.IndexTexts]) error {
		return p.desk.IndexTexts(ctx)
	}, job.HandleOptions{Concurrency: 1, Timeout: 6 * time.Hour}) // of a large desk that is new to the index
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[desk.MergeTexts]) error {
		return p.desk.MergeTexts(ctx)
	}, job.HandleOptions{Concurrency: 1, Timeout: time.Hour})
	p.runner.Schedule("desk.merge_texts", "@daily", desk.MergeTexts{})
	p.runner.Schedule("desk.index_texts", "@every 1m", desk.IndexTexts{})
	p.runner.Schedule("desk.scan_again", "@every 1m", desk.ScanAgain{})
	p.runner.Schedule("email.tend_subscriptions", "@every 1m", email.TendSubscriptions{})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[email.TendForwarding]) error {
		return p.forwarder.Tend(ctx)
	}, job.HandleOptions{Concurrency: 1})
	p.runner.Schedule("email.tend_forwarding", "@every 1m", email.TendForwarding{})
	p.runner.Schedule("email.tend_replies", "@every 1m", email.TendReplies{})
	p.runner.Schedule("email.tend_handed_over", "@every 1m", email.TendHandedOver{})
	p.runner.Schedule("email.tend_probes", "@hourly", email.TendProbes{})
	p.runner.Schedule("desk.remove_uploads", "@hourly", desk.RemoveUploads{})
}

func (a *App) buildTicketLifeJobs() {
	p := &a.parts
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[desk.CloseSolved]) error {
		return p.desk.CloseSolved(ctx)
	}, job.HandleOptions{Concurrency: 1})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[desk.PurgeDeleted]) error {
		return p.desk.PurgeDeleted(ctx)
	}, job.HandleOptions{Concurrency: 1})
	p.runner.Schedule("desk.close_solved", "@hourly", desk.CloseSolved{})
	p.runner.Schedule("desk.purge_deleted", "@daily", desk.PurgeDeleted{})
}

func (a *App) buildTenantJobs() {
	p := &a.parts
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[tenant.CredentialsChanged]) error {
		return p.connections.CredentialsChanged(ctx, t.Args.Tenant)
	}, job.HandleOptions{})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[tenant.CheckExpiry]) error {
		return p.tenants.CheckExpiry(ctx)
	}, job.HandleOptions{Concurrency: 1})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[tenant.Alert]) error {
		return p.alerts.Send(ctx, t.Args)
	}, job.HandleOptions{})
	job.Handle(p.runner, func(ctx context.Context, t *job.Task[email.AlertOutage]) error {
		return p.alerts.SendOutage(ctx, t.Args)
	}, job.HandleOptions{})
	p.runner.Schedule("tenant.check_expiry", "0 6 * * *", tenant.CheckExpiry{})
}

func (a *App) buildHTTP() http.Handler {
	p := &a.parts
	return api.New(api.Deps{
		Access: p.access, Desk: p.desk, Jobs: p.jobs, Bulk: p.bulk, Connections: p.connections, Forwarder: p.forwarder, Ledger: p.ledger,
		Viewers: p.viewers,
		Asides:  p.asides, Suspended: p.suspended, Probes: p.probes, Preflights: p.preflights, Tenants: p.tenants,
		Bus: a.bus, Sessions: store.NewSessionStore(a.db),
		Microsoft: m365.Hooks(p.notices.Receive, a.returned, a.log),
		Web:       web.Files(), Ready: a.Ready,
	}, api.Options{
		Version: a.cfg.Version, Database: a.db.Kind(), PublicURL: a.cfg.PublicURL, TrustedProxies: networks(a.cfg.TrustedProxies), RateLimit: a.cfg.RateLimit,
		Demo: a.cfg.SimulatorURL != "", SimulatorURL: a.cfg.SimulatorURL, Log: a.log, Registry: a.metrics,
		SMTPAddress: a.demoSMTP(), ImageKey: a.imageKey, MaxMail: a.cfg.Mail.MaxSize.Bytes(),
		HideMetrics: !a.cfg.Metrics, MetricsToken: a.cfg.MetricsToken.Reveal(),
	})
}

// networks reads what config has validated: networks, or single addresses.
func networks(texts []string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		if prefix, err := netip.ParsePrefix(text); err == nil {
			all = append(all, prefix)
		} else if ip, err := netip.ParseAddr(text); err == nil {
			all = append(all, netip.PrefixFrom(ip, ip.BitLen()))
		}
	}
	return all
}

// returned takes the browser that comes back from the sign-in at Microsoft.
func (a *App) returned(r *http.Request, state, code string, refusal error) string {
	by, _ := api.ActorOf(r.Context()) // nobody may do nothing
	req, err := a.parts.connections.Complete(r.Context(), by, state, code, refusal)
	if err != nil {
		a.log.Info("sign-in at Microsoft not completed", "err", err)
	}
	return m365.ReturnPath(req, err)
}
