package app

import (
	"context"
	"fmt"
	"net"
	"time"

	"tandem/config"
	"tandem/email"
	"tandem/m365"
	"tandem/smtp"
	"tandem/smtp/relay"
	"tandem/tenant"
)

// mailboxes opens the mailbox behind a connection by the connection's kind.
type mailboxes struct {
	microsoft *m365.Mailboxes
	forwarded *relay.Mailboxes
}

// Open asks nothing of anybody.
func (m mailboxes) Open(c *email.Connection) (email.Mailbox, error) {
	if c.Kind == email.Forwarding {
		return m.forwarded.Open(c)
	}
	return m.microsoft.Open(c)
}

// Find looks up at Microsoft whose mailbox a tenant's app registration opens.
func (m mailboxes) Find(ctx context.Context, id tenant.ID, name string) (*email.Owner, error) {
	return m.microsoft.Find(ctx, id, name)
}

// Requests counts what was asked of Microsoft for a connection in the last hour.
func (m mailboxes) Requests(id email.ConnectionID) int { return m.microsoft.Requests(id) }

// newSMTP makes the door for forwarded mail.
func (a *App) newSMTP() (*smtp.Server, error) {
	c, domain := a.cfg.SMTP, a.cfg.ForwardingDomain()
	tls, err := smtp.TLS(domain, c.TLSCert, c.TLSKey)
	if err != nil {
		return nil, err
	}
	return smtp.New(a.parts.forwarder, smtp.Options{
		Domain: domain, TLS: tls, MaxSize: int64(c.MaxMegabytes) << 20, TrustedIDs: c.TrustedIDs,
		LookupTXT: resolver(c).LookupTXT, Metrics: a.metrics, Log: a.log,
	}), nil
}

// resolver asks the configured DNS server, or the machine's.
func resolver(c config.SMTP) *net.Resolver {
	if c.Resolver == "" {
		return net.DefaultResolver
	}
	dialer := net.Dialer{Timeout: 5 * time.Second}
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, network, c.Resolver)
	}}
}

// openSMTP takes the address at which forwarded mail comes, where that is wanted.
func (a *App) openSMTP() (err error) {
	if a.cfg.SMTP.Listen == "" {
		return nil
	}
	if a.smtpListener, err = net.Listen("tcp", a.cfg.SMTP.Listen); err != nil {
		return fmt.Errorf("listen for forwarded mail on %s: %w", a.cfg.SMTP.Listen, err)
	}
	return nil
}

// serveSMTP begins to take in forwarded mail.
func (a *App) serveSMTP() (err error) {
	if a.cfg.SMTP.Listen == "" {
		return nil
	}
	if a.smtp, err = a.newSMTP(); err != nil {
		return err
	}
	go func() {
		if err := a.smtp.Serve(a.smtpListener); err != nil {
			a.log.Error("smtp server ended", "err", err)
		}
	}()
	return nil
}

// demoSMTP is what the demo's pages say about where to forward to. Elsewhere
// the domain's MX record tells.
func (a *App) demoSMTP() string {
	if a.cfg.SimulatorURL == "" {
		return ""
	}
	return a.SMTPAddress()
}

// SMTPAddress is where forwarded mail is taken in; empty when it is not.
func (a *App) SMTPAddress() string {
	if a.smtpListener == nil {
		return ""
	}
	return a.smtpListener.Addr().String()
}
