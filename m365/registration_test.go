package m365

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tandem/access"
	"tandem/graph"
	"tandem/m365sim"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
	"tandem/tenant"
)

// house is a tenant of the simulated Microsoft 365 as mailboxes meet it.
type house struct {
	*testing.T
	sim       *httptest.Server
	tenants   *tenant.Service
	mailboxes *Mailboxes
	id        tenant.ID
}

func newHouse(t *testing.T) *house {
	t.Helper()
	t.Parallel()
	sim, err := m365sim.New(m365sim.Options{DataDir: t.TempDir(), Organisation: m365sim.Contoso()})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{T: t, sim: httptest.NewServer(sim.Handler())}
	t.Cleanup(func() {
		h.sim.Close()
		sim.Close()
	})
	db := storetest.Open(t, storetest.SQLiteURL(t), store.Options{})
	endpoints, log := graph.Endpoints{Login: h.sim.URL, Graph: h.sim.URL}, slog.New(slog.DiscardHandler)
	h.tenants = tenant.NewService(store.For[tenant.Tx](db), NewDirectory(endpoints, log), tenant.Options{LoginURL: h.sim.URL, Now: time.Now, Log: log})
	h.mailboxes = NewMailboxes(Options{Endpoints: endpoints, Registrations: h.tenants, Log: log})
	shown, err := h.tenants.Create(t.Context(), access.System(), tenant.Details{Directory: "contoso.example", ClientID: m365sim.ContosoClientID})
	if err != nil {
		t.Fatal(err)
	}
	h.id = shown.ID
	return h
}

func (h *house) simulate(method, path string, body any) {
	h.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		h.Fatal(err)
	}
	r, err := http.NewRequestWithContext(h.Context(), method, h.sim.URL+"/sim/"+path, strings.NewReader(string(data)))
	if err != nil {
		h.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		h.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode >= 300 {
		h.Fatalf("%s %s: %s", method, path, resp.Status)
	}
}

const contosoApp = "applications/" + m365sim.ContosoClientID

func (h *house) addSecret(name, value string) *tenant.Credential {
	h.Helper()
	h.simulate("POST", contosoApp+"/secrets", map[string]string{"value": value})
	c, err := h.tenants.AddSecret(h.Context(), access.System(), h.id, tenant.NewSecret{Name: name, Value: tenant.Secret(value)})
	if err != nil {
		h.Fatal(err)
	}
	return c
}

// token asks for a token as mailboxes do.
func (h *house) token() error {
	_, err := h.mailboxes.entraOf(h.id).ClientCredentials(h.Context())
	return translate(err)
}

func (h *house) states() string {
	h.Helper()
	shown, err := h.tenants.Get(h.Context(), access.System(), h.id)
	if err != nil {
		h.Fatal(err)
	}
	var states []string
	for _, c := range shown.Credentials {
		states = append(states, c.Name+" "+string(c.State(time.Now())))
	}
	return strings.Join(states, ", ")
}

func TestNextCredentialIsTriedWhenOneIsRefused(t *testing.T) {
	h := newHouse(t)
	h.addSecret("A", "secret-a-of-contoso")
	h.addSecret("B", "secret-b-of-contoso")
	h.simulate("PATCH", contosoApp+"/secrets/secret-b-of-contoso", map[string]string{"expires_in": "-1s"})
	if err := h.token(); err != nil {
		t.Errorf("with one good secret of two: %v", err)
	}
	if got := h.states(); got != "A working, B refused" {
		t.Errorf("noted: %q", got)
	}
	h.simulate("DELETE", contosoApp+"/secrets/secret-a-of-contoso", nil)
	if p := problem.As(h.token()); p == nil || p.Code != "secret_invalid" {
		t.Errorf("with none: %v, want what became of the one that worked", p)
	}
	h.simulate("PATCH", contosoApp+"/secrets/secret-b-of-contoso", map[string]string{"expires_in": "24h"})
	if err := h.token(); err != nil {
		t.Errorf("after one was mended at Microsoft: %v", err)
	}
	if got := h.states(); got != "B working, A refused" {
		t.Errorf("noted: %q", got)
	}
}

func TestCertificateProvesWhoWeAre(t *testing.T) {
	h := newHouse(t)
	c, err := h.tenants.MakeCertificate(t.Context(), access.System(), h.id, tenant.NewCertificate{})
	if err != nil {
		t.Fatal(err)
	}
	if p := problem.As(h.token()); p == nil || p.Code != "certificate_rejected" {
		t.Errorf("before Microsoft knows it: %v", p)
	}
	public, _, err := h.tenants.PublicPart(t.Context(), access.System(), h.id, c.ID, tenant.PEM)
	if err != nil {
		t.Fatal(err)
	}
	h.simulate("POST", contosoApp+"/certificates", map[string]string{"pem": string(public)})
	if err := h.token(); err != nil {
		t.Errorf("when it is registered: %v", err)
	}
}

// A registration without tenant or credential is a problem with a remedy, not a puzzle.
func TestMissingRegistrationSaysWhatToDo(t *testing.T) {
	h := newHouse(t)
	for id, want := range map[tenant.ID]string{0: "tenant_missing", h.id: "secret_missing"} {
		_, err := h.mailboxes.entraOf(id).ClientCredentials(t.Context())
		if p := problem.As(translate(err)); p == nil || p.Code != want || p.Remedy == "" {
			t.Errorf("tenant %d: %v, want %s", id, err, want)
		}
	}
}

// What Entra says of a person is no verdict on the credential.
func TestVerdicts(t *testing.T) {
	for _, test := range []struct {
		kind       graph.AuthKind
		code       int
		about      bool
		credential tenant.CredentialID
	}{
		{graph.SecretExpired, 7000222, true, 7}, {graph.SecretInvalid, 7000215, true, 7}, {graph.AssertionRejected, 700027, true, 7},
		{graph.AppDisabled, 7000112, true, 0}, {graph.AppNotFound, 700016, true, 0}, {graph.TenantNotFound, 90002, true, 0},
		{graph.WrongTenant, 50194, true, 0}, {graph.WrongTenant, 50020, false, 0},
		{graph.GrantRevoked, 50173, false, 0}, {graph.ConsentNeeded, 65001, false, 0}, {graph.ConditionalAccess, 53003, false, 0},
		{graph.EntraUnavailable, 0, false, 0},
	} {
		v, about := verdictOf(3, 7, &graph.AuthError{Kind: test.kind, Code: test.code})
		if about != test.about || v.Credential != test.credential || about && (v.Problem == nil || v.Tenant != 3) {
			t.Errorf("%s (%d): %+v, %t", test.kind, test.code, v, about)
		}
	}
	if v, about := verdictOf(3, 7, nil); !about || v.Credential != 7 || v.Problem != nil {
		t.Errorf("accepted: %+v, %t", v, about)
	}
	if _, about := verdictOf(3, 7, context.Canceled); about {
		t.Error("a cancelled request became a verdict")
	}
}
