package tenant_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/access"
	"tandem/directory"
	"tandem/email"
	"tandem/m365sim"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
	"tandem/tenant"
)

func TestMicrosoftTellsTheDirectoryOfADomain(t *testing.T) {
	each(t, func(t *world) {
		shown := t.show(t.contoso())
		if shown.Directory != m365sim.ContosoTenantID || shown.TokenEndpoint != t.sim.URL+"/"+m365sim.ContosoTenantID+"/oauth2/v2.0/token" {
			t.Errorf("directory %s, token endpoint %s", shown.Directory, shown.TokenEndpoint)
		}
	})
}

func TestWhatIsWrongWithATenantIsSaid(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.SQLiteURL(t), store.Options{}))
	w.contoso()
	for _, test := range []struct{ directory, clientID, code string }{
		{"contoso", m365sim.ContosoClientID, "directory_invalid"},
		{"contoso.example/x", m365sim.ContosoClientID, "directory_invalid"},
		{"organizations", m365sim.ContosoClientID, "directory_needed"},
		{"fabrikam.example", m365sim.ContosoClientID, "tenant_not_found"},
		{"contoso.example", "Tandem", "client_id_invalid"},
		{" CONTOSO.example ", strings.ToUpper(m365sim.ContosoClientID), "tenant_exists"},
	} {
		_, err := w.tenants.Create(t.Context(), w.admin, tenant.Details{Directory: test.directory, ClientID: test.clientID})
		if code(err) != test.code {
			t.Errorf("%q %q: %v, want %s", test.directory, test.clientID, err, test.code)
		}
	}
}

func TestTenantInUseIsNotRemoved(t *testing.T) {
	each(t, func(t *world) {
		id := t.contoso()
		var address *email.SupportAddress
		t.must(store.For[email.Tx](t.db).Update(t.Context(), func(tx email.Tx) error {
			brand := &directory.Brand{Name: "Contoso", Default: true}
			c := &email.Connection{Kind: email.Exchange, State: email.Connected, Email: "support@contoso.example", TenantID: "t", UserID: "u", Tenant: id}
			if err := tx.InsertBrand(t.Context(), brand); err != nil {
				return err
			}
			if err := tx.InsertConnection(t.Context(), c); err != nil {
				return err
			}
			address = &email.SupportAddress{Email: c.Email, BrandID: brand.ID, ConnectionID: c.ID, Default: true}
			return tx.InsertSupportAddress(t.Context(), address)
		}))
		err := t.tenants.Remove(t.Context(), t.admin, id)
		if code(err) != "tenant_in_use" || !strings.Contains(err.Error(), "support@contoso.example") {
			t.Errorf("removing it: %v", err)
		}
		t.must(store.For[email.Tx](t.db).Update(t.Context(), func(tx email.Tx) error { return tx.DeleteSupportAddress(t.Context(), address.ID) }))
		t.addSecret(id, "One", "a-secret-of-contoso", time.Time{})
		t.must(t.tenants.Remove(t.Context(), t.admin, id))
		if _, err := t.tenants.Get(t.Context(), t.admin, id); problem.KindOf(err) != problem.NotFound {
			t.Errorf("afterwards: %v", err)
		}
	})
}

// The configuration is where most people begin: it only adds.
func TestConfigurationSeeds(t *testing.T) {
	each(t, func(t *world) {
		t.must(store.For[email.Tx](t.db).Update(t.Context(), func(tx email.Tx) error {
			return tx.InsertConnection(t.Context(), &email.Connection{Kind: email.Exchange, State: email.Connected, Email: "support@contoso.example", TenantID: "t", UserID: "u"})
		}))
		seed := func(secret tenant.Secret) tenant.Shown {
			t.must(t.tenants.Seed(t.Context(), m365sim.ContosoTenantID, m365sim.ContosoClientID, secret))
			all, err := t.tenants.List(t.Context(), t.admin)
			t.must(err)
			if len(all) != 1 {
				t.Fatalf("%d tenants", len(all))
			}
			t.clock.advance(time.Second)
			return all[0]
		}
		first := seed("the first secret")
		if again := seed("the first secret"); len(again.Credentials) != 1 {
			t.Errorf("after a second start with the same secret: %d credentials", len(again.Credentials))
		}
		second := seed("the second secret")
		if len(second.Credentials) != 2 || second.Credentials[0].Secret != "the second secret" {
			t.Errorf("after a start with another secret: %v", second.Credentials)
		}
		t.must(t.tenants.RemoveCredential(t.Context(), t.admin, first.ID, second.Credentials[0].ID, false))
		if again := seed("the second secret"); len(again.Credentials) != 1 {
			t.Error("a secret that an administrator removed came back with the next start")
		}
		t.must(store.For[email.Tx](t.db).View(t.Context(), func(tx email.Tx) error {
			all, err := tx.ListConnections(t.Context())
			if err == nil && all[0].Tenant != first.ID {
				t.Errorf("the mailbox connected before belongs to tenant %d", all[0].Tenant)
			}
			return err
		}))
	})
}

func TestOnlyAdministratorsManageTenants(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.SQLiteURL(t), store.Options{}))
	id := w.contoso()
	c := w.addSecret(id, "One", "a-secret-of-contoso", time.Time{})
	for name, action := range map[string]func(context.Context, access.Actor) error{
		"list": func(ctx context.Context, by access.Actor) error { _, err := w.tenants.List(ctx, by); return err },
		"show": func(ctx context.Context, by access.Actor) error { _, err := w.tenants.Get(ctx, by, id); return err },
		"create": func(ctx context.Context, by access.Actor) error {
			_, err := w.tenants.Create(ctx, by, tenant.Details{})
			return err
		},
		"change": func(ctx context.Context, by access.Actor) error {
			_, err := w.tenants.Change(ctx, by, id, func(*tenant.Details) {})
			return err
		},
		"remove": func(ctx context.Context, by access.Actor) error { return w.tenants.Remove(ctx, by, id) },
		"add a secret": func(ctx context.Context, by access.Actor) error {
			_, err := w.tenants.AddSecret(ctx, by, id, tenant.NewSecret{Value: "another-secret"})
			return err
		},
		"make a certificate": func(ctx context.Context, by access.Actor) error {
			_, err := w.tenants.MakeCertificate(ctx, by, id, tenant.NewCertificate{})
			return err
		},
		"upload a certificate": func(ctx context.Context, by access.Actor) error {
			_, err := w.tenants.UploadCertificate(ctx, by, id, tenant.Upload{})
			return err
		},
		"try": func(ctx context.Context, by access.Actor) error {
			_, err := w.tenants.Try(ctx, by, id, c.ID)
			return err
		},
		"change a credential": func(ctx context.Context, by access.Actor) error {
			_, err := w.tenants.ChangeCredential(ctx, by, id, c.ID, tenant.CredentialChange{})
			return err
		},
		"remove a credential": func(ctx context.Context, by access.Actor) error {
			return w.tenants.RemoveCredential(ctx, by, id, c.ID, true)
		},
		"download": func(ctx context.Context, by access.Actor) error {
			_, _, err := w.tenants.PublicPart(ctx, by, id, c.ID, tenant.PEM)
			return err
		},
	} {
		for _, by := range []access.Actor{{}, {Role: directory.EndUser}, {Role: directory.Agent}} {
			if err := action(t.Context(), by); problem.KindOf(err) != problem.Forbidden {
				t.Errorf("%s by %q: %v", name, by.Role, err)
			}
		}
	}
}

func TestEveryChangeIsInTheAuditTrail(t *testing.T) {
	each(t, func(t *world) {
		by := access.Actor{UserID: 0, Name: "Alma", Role: directory.Admin, Address: "192.0.2.1"}
		t.admin = by
		id := t.contoso()
		c := t.addSecret(id, "One", "a-secret-of-contoso", time.Time{})
		_, err := t.tenants.ChangeCredential(t.Context(), by, id, c.ID, tenant.CredentialChange{ExpiresAt: new(t.clock.Now().AddDate(0, 1, 0))})
		t.must(err)
		t.must(t.tenants.RemoveCredential(t.Context(), by, id, c.ID, true))
		_, err = t.tenants.Change(t.Context(), by, id, func(d *tenant.Details) { d.Name = "Head office" })
		t.must(err)
		t.must(t.tenants.Remove(t.Context(), by, id))
		entries, _, err := access.NewService(store.For[access.Tx](t.db), t.clock.Now).ListAudit(t.Context(), by, access.AuditFilter{Limit: 20})
		t.must(err)
		var got []string
		for _, e := range entries {
			got = append(got, e.Action)
			if strings.Contains(fmt.Sprint(e), "a-secret-of-contoso") {
				t.Errorf("the secret stands in the audit trail: %+v", e)
			}
		}
		want := "tenant.removed tenant.updated credential.removed credential.updated credential.added tenant.created"
		if strings.Join(got, " ") != want {
			t.Errorf("the trail is %q, want %q", strings.Join(got, " "), want)
		}
	})
}

// Whoever steals the database file alone learns no secret.
func TestSecretsAreSealedAtRest(t *testing.T) {
	dir := t.TempDir()
	db := storetest.Open(t, "sqlite:"+filepath.Join(dir, "tandem.db"), store.Options{})
	w := newWorld(t, db)
	id := w.contoso()
	w.addSecret(id, "One", "very-telling-secret", time.Time{})
	made, err := w.tenants.MakeCertificate(t.Context(), w.admin, id, tenant.NewCertificate{})
	w.must(err)
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	w.must(err)
	for _, file := range files {
		content, err := os.ReadFile(file)
		w.must(err)
		for _, secret := range []string{"very-telling-secret", "PRIVATE KEY", strings.Split(string(made.Secret), "\n")[3]} {
			if strings.Contains(string(content), secret) {
				t.Errorf("%s holds %.20q", filepath.Base(file), secret)
			}
		}
	}
}
