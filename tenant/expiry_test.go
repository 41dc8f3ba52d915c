package tenant_test

import (
	"testing"
	"time"

	"tandem/m365sim"
	"tandem/problem"
	"tandem/tenant"
)

// Each warning comes once, at its threshold, however often it is looked.
func TestWarningsComeOncePerThreshold(t *testing.T) {
	each(t, func(t *world) {
		id := t.contoso()
		t.simulate("PATCH", "", map[string]any{"application_permissions": []string{}}) // Microsoft tells no ends
		end := t.clock.Now().AddDate(0, 0, 70).Add(time.Minute)
		t.addSecret(id, "One", "a-secret-of-contoso", end)
		var days []int
		for day := 70; day >= -2; day-- {
			for range 2 {
				before := len(queued[tenant.Alert](t))
				t.must(t.tenants.CheckExpiry(t.Context()))
				if len(queued[tenant.Alert](t)) > before {
					days = append(days, day)
				}
			}
			t.clock.advance(24 * time.Hour)
		}
		// A second of adding has passed: day 60 begins with 60 days and 59 seconds left.
		if want := []int{59, 29, 13, 6, 0}; !equal(days, want) {
			t.Errorf("warned with %v whole days left, want %v", days, want)
		}
		alerts := queued[tenant.Alert](t)
		keys := map[string]bool{}
		for _, a := range alerts {
			keys[a.Key] = true
			if a.Facts[tenant.FactCredential] != "One" || a.Facts[tenant.FactExpires] == "" || a.Reason != tenant.CredentialExpiry {
				t.Errorf("the alert is %+v", a)
			}
		}
		if len(keys) != len(alerts) {
			t.Errorf("%d keys for %d alerts: some would not be sent", len(keys), len(alerts))
		}
		if last := alerts[len(alerts)-1]; last.Facts[tenant.FactDays] != "0" {
			t.Errorf("the last says %v", last.Facts)
		}
	})
}

func equal(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestWarningNamesTheCredentialThatTakesOver(t *testing.T) {
	each(t, func(t *world) {
		id := t.contoso()
		t.simulate("PATCH", "", map[string]any{"application_permissions": []string{}})
		t.addSecret(id, "Old", "old-secret", t.clock.Now().AddDate(0, 0, 5))
		t.addSecret(id, "New", "new-secret", t.clock.Now().AddDate(1, 0, 0))
		t.must(t.tenants.CheckExpiry(t.Context()))
		alerts := queued[tenant.Alert](t)
		if len(alerts) != 1 || alerts[0].Facts[tenant.FactSuccessor] != "New" {
			t.Errorf("alerts: %+v", alerts)
		}
	})
}

func TestMicrosoftTellsWhenSecretsEnd(t *testing.T) {
	each(t, func(t *world) {
		id := t.contoso()
		c, err := t.tenants.AddSecret(t.Context(), t.admin, id, tenant.NewSecret{Name: "Known", Value: m365sim.ContosoSecret})
		t.must(err)
		if days, known := c.DaysLeft(t.clock.Now()); !known || days < 364 || days > 366 {
			t.Errorf("it lasts %d days (%t), want a year", days, known)
		}
		// "abc-1" and "abc-2" cannot be told apart by what Microsoft shows of them.
		t.addSecret(id, "Twin", "abc-1-secret-of-contoso", time.Time{})
		t.addSecret(id, "Other twin", "abc-2-secret-of-contoso", time.Time{})
		for _, c := range t.show(id).Credentials {
			if _, known := c.DaysLeft(t.clock.Now()); c.Name == "Other twin" && known {
				t.Errorf("the end of %s was guessed: %s", c.Name, c.ExpiresAt)
			}
		}
	})
}

// One outage is one mail, whatever happens during it.
func TestRefusalOfTheLastCredentialIsAnOutage(t *testing.T) {
	each(t, func(t *world) {
		id := t.contoso()
		a, b := t.addSecret(id, "A", "secret-a-of-contoso", time.Time{}), t.addSecret(id, "B", "secret-b-of-contoso", time.Time{})
		refuse := func(c *tenant.Credential) {
			p := problem.New(problem.Unauthenticated, "secret_expired", "The client secret has expired.").On(problem.Admin, "Make another one.")
			t.must(t.tenants.Judge(t.Context(), tenant.Verdict{Tenant: id, Credential: c.ID, Problem: p}))
			t.clock.advance(time.Minute)
		}
		accept := func(c *tenant.Credential) {
			t.must(t.tenants.Judge(t.Context(), tenant.Verdict{Tenant: id, Credential: c.ID}))
			t.clock.advance(time.Minute)
		}
		refuse(b)
		if got := t.show(id); got.Trouble.Is() || len(queued[tenant.Alert](t)) != 0 {
			t.Errorf("while another one works: %+v", got.Trouble)
		}
		for range 3 {
			refuse(a)
			refuse(b)
		}
		got := t.show(id)
		alerts := queued[tenant.Alert](t)
		if got.Trouble.Code != "secret_expired" || len(alerts) != 1 {
			t.Fatalf("in the outage: %+v, %d alerts", got.Trouble, len(alerts))
		}
		if alert := alerts[0]; alert.Avoid != id || alert.Trouble.Remedy != "Make another one." || alert.Facts[tenant.FactTenant] == "" {
			t.Errorf("the alert is %+v", alert)
		}
		woken := len(queued[tenant.CredentialsChanged](t))
		accept(a)
		if got := t.show(id); got.Trouble.Is() || len(queued[tenant.CredentialsChanged](t)) != woken+1 {
			t.Errorf("after it: %+v", got.Trouble)
		}
		refuse(a)
		if alerts := queued[tenant.Alert](t); len(alerts) != 2 || alerts[0].Key == alerts[1].Key {
			t.Errorf("a second outage: %d alerts", len(alerts))
		}
	})
}

func TestRefusedRegistrationIsAnOutageOfTheWholeTenant(t *testing.T) {
	each(t, func(t *world) {
		id := t.contoso()
		c := t.addSecret(id, "A", "secret-a-of-contoso", time.Time{})
		t.simulate("PATCH", "", map[string]any{"disabled": true})
		if _, err := t.tenants.Try(t.Context(), t.admin, id, c.ID); err != nil {
			t.Fatal(err)
		}
		if got := t.show(id); got.Trouble.Code != "app_disabled" || got.Credentials[0].Trouble.Is() {
			t.Errorf("the tenant has %q, its credential %q", got.Trouble.Code, got.Credentials[0].Trouble.Code)
		}
		t.simulate("PATCH", "", map[string]any{"disabled": false})
		if _, err := t.tenants.Try(t.Context(), t.admin, id, c.ID); err != nil {
			t.Fatal(err)
		}
		if got := t.show(id); got.Trouble.Is() {
			t.Errorf("when it is enabled again: %+v", got.Trouble)
		}
	})
}

// A certificate that nobody uploaded is not what stopped the mail.
func TestOutageIsBlamedOnTheCredentialThatWorked(t *testing.T) {
	each(t, func(t *world) {
		id := t.contoso()
		a := t.addSecret(id, "A", "secret-a-of-contoso", time.Time{})
		made, err := t.tenants.MakeCertificate(t.Context(), t.admin, id, tenant.NewCertificate{})
		t.must(err)
		for c, p := range map[tenant.CredentialID]string{a.ID: "secret_expired", made.ID: "certificate_rejected"} {
			t.must(t.tenants.Judge(t.Context(), tenant.Verdict{Tenant: id, Credential: c, Problem: problem.New(problem.Unauthenticated, p, "No.")}))
		}
		if got := t.show(id).Trouble.Code; got != "secret_expired" {
			t.Errorf("blamed on %q", got)
		}
	})
}
