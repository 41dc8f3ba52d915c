package e2e

import (
	"fmt"
	"strings"
	"testing"

	"tandem/m365sim"
)

// credential is what the stories look at in a credential.
type credential struct {
	ID    int64
	Name  string
	State string
	Error struct{ Code string }
}

// microsoftTenant is what the stories look at in a Microsoft tenant.
type microsoftTenant struct {
	ID          int64
	Directory   string
	Error       struct{ Code string }
	Credentials []credential
}

// contoso is the Microsoft tenant that the configuration names.
func (w *World) contoso() microsoftTenant {
	w.Helper()
	var list struct {
		Tenants []microsoftTenant `json:"microsoft_tenants"`
	}
	w.API.Get("/api/v2/microsoft_tenants").Want(200).Into(&list)
	if len(list.Tenants) != 1 {
		w.Fatalf("there are %d Microsoft tenants", len(list.Tenants))
	}
	return list.Tenants[0]
}

// states is how the credentials stand, in the order in which they are used.
func (t microsoftTenant) states() string {
	var states []string
	for _, c := range t.Credentials {
		states = append(states, c.State)
	}
	return strings.Join(states, " ")
}

const simApplication = "/sim/applications/" + m365sim.ContosoClientID

// addCredential adds a credential in the admin centre.
func (w *World) addCredential(fields map[string]any) credential {
	w.Helper()
	var added struct{ Credential credential }
	w.API.Post(fmt.Sprintf("/api/v2/microsoft_tenants/%d/credentials", w.contoso().ID), map[string]any{"credential": fields}).Want(201).Into(&added)
	return added.Credential
}

// rotate makes a client secret at Microsoft and adds it in the admin centre.
func (w *World) rotate() credential {
	w.Helper()
	var made struct{ Value string }
	w.SimAPI().Post(simApplication+"/secrets", map[string]string{"expires_in": "720h"}).Want(201).Into(&made)
	return w.addCredential(map[string]any{"kind": "secret", "secret": made.Value})
}

// expire ends a secret at Microsoft; access tokens got by it end with it, which
// otherwise takes up to an hour.
func (w *World) expire(secret string) {
	w.Helper()
	w.SimAPI().Do("PATCH", simApplication+"/secrets/"+secret, map[string]string{"expires_in": "-1s"}).Want(200)
	w.Break(Fault{"kind": "expire_tokens"})
}

// The secret of the app registration runs out, as every secret does. The pages
// say so and stay open; with a new one everything goes on at once, without a
// restart, and nothing has been lost.
func TestExpiredSecret(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{}))
	w.Mail(hello("Before"))
	w.awaitTickets(1)

	w.expire(m365sim.ContosoSecret)
	w.Mail(hello("During"))
	w.Until("the error at the address", func() bool { return w.connection(Support).Error.Code == "secret_expired" })
	if c := w.connection(Support); c.Status != "error" || c.Error.Side != "admin" || c.Error.Remedy == "" {
		t.Errorf("the connection is %s with %+v", c.Status, c.Error)
	}
	said := w.reply(w.tickets("")[0].ID, "This has to wait.")
	w.Until("the reply that waits, with the reason", func() bool {
		d := w.delivery(w.tickets("")[0].ID, said.ID)
		return d.State == "waiting" && d.ErrorCode == "secret_expired"
	})
	w.checkPagesOpen()
	if got := w.contoso(); got.Error.Code != "secret_expired" || got.states() != "refused" {
		t.Errorf("the tenant has %q, its credentials are %s", got.Error.Code, got.states())
	}

	planned := w.connection(Support).NextSyncAt
	if added := w.rotate(); added.State != "working" {
		t.Fatalf("the new secret is %+v", added)
	}
	w.awaitTickets(2)
	w.awaitDelivery(w.tickets("?query=Before")[0].ID, said.ID, "sent")
	w.Until("the connection well", func() bool { return w.connection(Support).Status == "verified" })
	if c := w.connection(Support); !c.SyncedAt.Before(planned) {
		t.Errorf("read at %s: the new secret waited for the try planned for %s", c.SyncedAt, planned)
	}
	if got := w.contoso(); got.Error.Code != "" || got.states() != "working refused" {
		t.Errorf("afterwards the tenant has %q, its credentials are %s", got.Error.Code, got.states())
	}
}

// Rotation as it is meant: the new secret is there before the old one ends.
// Nobody notices the end, though mail comes in all the while.
func TestSecretsRotateWhileMailArrives(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{}))
	deliver := func(from, to int) {
		for i := from; i < to; i++ {
			w.Mail(hello(fmt.Sprintf("Mail %d", i)))
		}
	}
	deliver(0, 10)
	w.rotate()
	deliver(10, 20)
	w.expire(m365sim.ContosoSecret)
	deliver(20, 30)
	w.awaitTickets(30)
	if c := w.connection(Support); c.Status != "verified" || c.ReconcileFound != 0 {
		t.Errorf("the connection is %s (%s), %d mails were missed", c.Status, c.Error.Code, c.ReconcileFound)
	}
	w.Break(Fault{"kind": "expire_tokens"})
	w.reply(w.tickets("")[0].ID, "All well.")
	w.awaitSent()
	if got := w.contoso(); got.Error.Code != "" || !strings.HasPrefix(got.states(), "working") {
		t.Errorf("the tenant has %q, its credentials are %s", got.Error.Code, got.states())
	}
}

// A tenant without any secret: Tandem's own certificate opens the mailbox, and
// its key never leaves Tandem.
func TestCertificateInsteadOfSecret(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{}))
	made := w.addCredential(map[string]any{"kind": "certificate", "months": 12})
	if made.State != "untried" {
		t.Errorf("before Microsoft knows it, it is %s", made.State)
	}
	page := fmt.Sprintf("/api/v2/microsoft_tenants/%d/credentials/%d", w.contoso().ID, made.ID)
	public := w.API.Get(page + "/certificate?format=pem").Want(200).Body
	if strings.Contains(string(public), "PRIVATE") {
		t.Fatal("the private key left Tandem")
	}
	w.SimAPI().Post(simApplication+"/certificates", map[string]string{"pem": string(public)}).Want(200)
	w.API.Post(page+"/try", nil).Want(200)

	w.SimAPI().Delete(simApplication + "/secrets/" + m365sim.ContosoSecret).Want(200)
	w.Break(Fault{"kind": "expire_tokens"})
	w.Mail(hello("By certificate"))
	w.awaitTickets(1)
	w.reply(w.tickets("")[0].ID, "Received.")
	w.awaitSent()
	if c := w.connection(Support); c.Status != "verified" {
		t.Errorf("the connection is %s (%s)", c.Status, c.Error.Code)
	}
}

// A new start with another secret in the configuration adds it, as people who
// keep it there expect; what was connected before stays connected.
func TestSecretOfTheConfigurationIsAdded(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{}))
	w.Stop()
	w.SimAPI().Post(simApplication+"/secrets", map[string]string{"value": "from-the-new-configuration"}).Want(201)
	w.Config.Microsoft.ClientSecret = "from-the-new-configuration"
	w.Start()
	w.expire(m365sim.ContosoSecret)
	w.Mail(hello("After the restart"))
	w.awaitTickets(1)
	if n := len(w.contoso().Credentials); n != 2 {
		t.Errorf("%d credentials, want both", n)
	}
}

// Monitoring sees the end of a credential come, though nobody typed it in:
// Microsoft tells it.
func TestMetricsTellWhenCredentialsExpire(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{})
	w.API.Post(fmt.Sprintf("/api/v2/microsoft_tenants/%d/credentials/%d/try", w.contoso().ID, w.contoso().Credentials[0].ID), nil).Want(200)
	text := string(w.API.Get("/metrics").Want(200).Body)
	if !strings.Contains(text, `tandem_credential_expiry_seconds{credential="`) || !strings.Contains(text, "e+07") {
		t.Errorf("the metrics do not tell of a secret that lasts a year:\n%s", text)
	}
}
