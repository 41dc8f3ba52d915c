package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/tenant"
)

func TestTenantsAreManaged(t *testing.T) {
	everywhere(t, func(w *world) {
		admin := w.as(w.admin)
		seeded := admin.get("/microsoft_tenants").is(200)
		if seeded.string("microsoft_tenants.0.client_id") != clientID || seeded.string("microsoft_tenants.0.addresses.0") != "support@contoso.example" {
			w.t.Errorf("the configured tenant: %s", seeded.text)
		}
		made := admin.send("POST", "/microsoft_tenants", object{"microsoft_tenant": object{
			"directory": "Contoso.example", "client_id": "0a2f6d31-7c4a-4e05-8d1f-6a3b0c5e7f28",
		}}).is(http.StatusCreated)
		if made.string("microsoft_tenant.directory") != directoryID || made.string("microsoft_tenant.token_endpoint") != "https://login.example/"+directoryID+"/oauth2/v2.0/token" {
			w.t.Errorf("made %s", made.text)
		}
		id := made.number("microsoft_tenant.id")
		admin.send("POST", "/microsoft_tenants", object{"microsoft_tenant": object{"directory": "fabrikam.example", "client_id": clientID}}).refused(422, "tenant_not_found")

		// With two of them the wizard has to say which is meant.
		admin.send("POST", "/connections", object{"email": "sales@contoso.example"}).refused(422, "tenant_needed")
		admin.send("POST", "/connections", object{"email": "sales@contoso.example", "microsoft_tenant_id": id}).is(http.StatusCreated)
		admin.send("POST", "/connections", object{"microsoft_tenant_id": 4711}).refused(404, "not_found")

		at := "/microsoft_tenants/" + idText(tenant.ID(id))
		changed := admin.send("PUT", at, object{"microsoft_tenant": object{"name": "Head office"}}).is(200)
		if changed.string("microsoft_tenant.name") != "Head office" || changed.string("microsoft_tenant.directory") != directoryID {
			w.t.Errorf("changed to %s", changed.text)
		}
		admin.send("DELETE", at, nil).is(http.StatusNoContent)
		admin.get("%s", at).refused(404, "not_found")
		admin.send("DELETE", "/microsoft_tenants/1", nil).refused(409, "tenant_in_use")
	})
}

func TestCredentialsAreManaged(t *testing.T) {
	everywhere(t, func(w *world) {
		admin := w.as(w.admin)
		const at = "/microsoft_tenants/1/credentials"
		add := func(fields object) *answer { return admin.send("POST", at, object{"credential": fields}) }

		wrong := add(object{"kind": "secret", "secret": "bad-and-telling"}).is(http.StatusCreated)
		if wrong.string("credential.state") != "refused" || wrong.string("credential.error.code") != "secret_invalid" {
			w.t.Errorf("a wrong secret: %s", wrong.text)
		}
		good := add(object{"kind": "secret", "secret": "good-and-telling", "name": "Autumn", "expires_at": time.Now().AddDate(0, 0, 3)}).is(http.StatusCreated)
		if good.string("credential.state") != "working" || good.number("credential.days_left") != 2 {
			w.t.Errorf("a good secret: %s", good.text)
		}
		add(object{"kind": "secret", "secret": "good-and-telling"}).refused(409, "credential_exists")
		add(object{"kind": "certificate", "file": []byte("nonsense")}).refused(422, "certificate_unreadable")
		add(object{"kind": "password"}).refused(422, "invalid")

		made := add(object{"kind": "certificate"}).is(http.StatusCreated)
		page := at + "/" + idText(tenant.CredentialID(made.number("credential.id")))
		pem := admin.get("%s/certificate?format=pem", page).is(200)
		if !strings.Contains(pem.text, "BEGIN CERTIFICATE") || strings.Contains(pem.text, "PRIVATE") || !strings.Contains(pem.header.Get("Content-Disposition"), "attachment") {
			w.t.Errorf("downloaded %.80q", pem.text)
		}
		admin.send("POST", page+"/try", nil).is(200)
		admin.send("PUT", page, object{"credential": object{"name": "Ours"}}).is(200)

		shown := admin.get("/microsoft_tenants/1").is(200)
		if first := shown.string("microsoft_tenant.credentials.0.name"); first != "Ours" {
			w.t.Errorf("the newest that works is not the first: %s", first)
		}
		for _, secret := range []string{"telling", "configured-secret", "PRIVATE"} {
			if strings.Contains(shown.text, secret) {
				w.t.Errorf("the API returns %q: %s", secret, shown.text)
			}
		}
		admin.send("DELETE", page, nil).is(http.StatusNoContent)
		last := at + "/" + idText(tenant.CredentialID(good.number("credential.id")))
		admin.send("DELETE", last, nil).refused(409, "credential_last")
		admin.send("DELETE", last+"?confirm=true", nil).is(http.StatusNoContent)
	})
}

// What comes to its end stands on the admin home, the nearer the worse.
func TestAttentionToCredentials(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	working := func(id tenant.CredentialID, days int) *tenant.Credential {
		return &tenant.Credential{ID: id, Name: "C", TriedAt: now, AcceptedAt: now, ExpiresAt: now.Add(time.Duration(days)*24*time.Hour + time.Minute)}
	}
	refused := working(9, 100)
	refused.Trouble = tenant.Trouble{Code: "secret_invalid"}
	outage := tenant.Trouble{Code: "secret_invalid", Message: "No.", Side: "admin", Remedy: "Add one."}
	for name, test := range map[string]struct {
		shown tenant.Shown
		want  string
	}{
		"far away":               {tenant.Shown{Credentials: []*tenant.Credential{working(1, 90)}}, ""},
		"two months":             {tenant.Shown{Credentials: []*tenant.Credential{working(1, 59)}}, "warning credential_expires 59"},
		"a week":                 {tenant.Shown{Credentials: []*tenant.Credential{working(1, 6)}}, "error credential_expires 6"},
		"passed":                 {tenant.Shown{Credentials: []*tenant.Credential{working(1, -2)}}, "error credential_expired 0"},
		"with a successor":       {tenant.Shown{Credentials: []*tenant.Credential{working(2, 400), working(1, 6)}}, "info credential_expires_succeeded 6"},
		"passed, succeeded":      {tenant.Shown{Credentials: []*tenant.Credential{working(2, 400), working(1, -2)}}, "info credential_useless 0"},
		"refused, succeeded":     {tenant.Shown{Credentials: []*tenant.Credential{working(2, 400), refused}}, "info credential_useless 0"},
		"refused before its end": {tenant.Shown{Credentials: []*tenant.Credential{working(2, 90), refused}}, "info credential_useless 0"},
		"refused, the outage":    {tenant.Shown{Tenant: &tenant.Tenant{Trouble: outage}, Credentials: []*tenant.Credential{refused}}, "error secret_invalid 0"},
	} {
		if test.shown.Tenant == nil {
			test.shown.Tenant = &tenant.Tenant{}
		}
		test.shown.ID, test.shown.Name = 4, "Contoso"
		var got []string
		for _, a := range attentionToTenant(test.shown, now) {
			got = append(got, a.Severity+" "+a.Code+" "+idText(tenant.ID(a.Count)))
			if a.Link != "/admin/tenants/4" || a.Args["tenant"] != "Contoso" || a.Message == "" || a.Remedy == "" {
				t.Errorf("%s: %+v", name, a)
			}
		}
		if strings.Join(got, ", ") != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestOutageOfATenantIsSaidOnce(t *testing.T) {
	broken := Connection{ID: 3, AddressID: 4, TenantID: 7, Email: "support@contoso.example", Status: "error"}
	broken.Error = encodeTrouble("secret_expired", "The client secret has expired.", "admin", "Add a new one.", time.Time{})
	contoso := tenant.Shown{Tenant: &tenant.Tenant{ID: 7, Name: "Contoso", Trouble: tenant.Trouble{Code: "secret_expired", Message: "Expired.", Remedy: "Add a new one."}}}
	list := attention([]Connection{broken, broken}, []tenant.Shown{contoso}, nil, 0, time.Now())
	if len(list) != 1 || list[0].Link != "/admin/tenants/7" {
		t.Errorf("attention: %+v", list)
	}
}
