package tenant_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
	"tandem/tenant"
)

func TestNewSecretIsTriedAndTakesOver(t *testing.T) {
	each(t, func(t *world) {
		id := t.contoso()
		t.addSecret(id, "Old", "old-secret", time.Time{})
		t.addSecret(id, "New", "new-secret", time.Time{})
		if got := t.names(id); got != "New working, Old working" {
			t.Errorf("the order is %q", got)
		}
		wrong, err := t.tenants.AddSecret(t.Context(), t.admin, id, tenant.NewSecret{Name: "Wrong", Value: "mistyped-secret"})
		t.must(err) // saved with its result
		if wrong.Trouble.Code != "secret_invalid" || wrong.Trouble.Remedy == "" || wrong.TriedAt.IsZero() {
			t.Errorf("a wrong secret is %+v", wrong.Trouble)
		}
		if got := t.names(id); got != "New working, Old working, Wrong refused" {
			t.Errorf("the order is %q", got)
		}
		if n := len(queued[tenant.CredentialsChanged](t)); n != 2 {
			t.Errorf("mailboxes were woken %d times, want once for each secret that works", n)
		}
		t.simulate("PATCH", "/secrets/new-secret", map[string]any{"expires_in": "-1s"})
		tried, err := t.tenants.Try(t.Context(), t.admin, id, t.show(id).Credentials[0].ID)
		t.must(err)
		if tried.Trouble.Code != "secret_expired" {
			t.Errorf("tried after its end: %+v", tried.Trouble)
		}
		if got := t.names(id); !strings.HasPrefix(got, "Old working") {
			t.Errorf("the order is %q, want the one that works first", got)
		}
	})
}

func TestWhatIsNoSecretIsRefused(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.SQLiteURL(t), store.Options{}))
	id := w.contoso()
	w.addSecret(id, "One", "a-secret-of-contoso", time.Time{})
	for value, want := range map[tenant.Secret]string{
		"":                                      "secret_empty",
		"  ":                                    "secret_empty",
		"B9B2F6D3-7c4a-4e05-8d1f-6a3b0c5e7f28":  "secret_is_id",
		tenant.Secret(strings.Repeat("x", 501)): "secret_too_long",
		"a-secret-of-contoso":                   "credential_exists",
	} {
		if _, err := w.tenants.AddSecret(t.Context(), w.admin, id, tenant.NewSecret{Value: value}); code(err) != want {
			t.Errorf("%.20q: %v, want %s", string(value), err, want)
		}
	}
	_, err := w.tenants.AddSecret(t.Context(), w.admin, id, tenant.NewSecret{Value: "fresh", ExpiresAt: w.clock.Now().Add(-time.Hour)})
	if code(err) != "expiry_past" {
		t.Errorf("with an end in the past: %v", err)
	}
}

// That Microsoft cannot be asked right now is no reason not to keep the secret.
func TestSecretIsKeptWhileMicrosoftIsOutOfReach(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.SQLiteURL(t), store.Options{}))
	id := w.contoso()
	w.sim.Close()
	c, err := w.tenants.AddSecret(t.Context(), w.admin, id, tenant.NewSecret{Name: "One", Value: "a-secret-of-contoso"})
	w.must(err)
	if got := w.names(id); got != "One untried" {
		t.Errorf("it is %q", got)
	}
	if _, err := w.tenants.Try(t.Context(), w.admin, id, c.ID); problem.KindOf(err) != problem.Unavailable {
		t.Errorf("trying it: %v", err)
	}
}

func TestLastWorkingCredentialIsRemovedOnlyOnConfirmation(t *testing.T) {
	each(t, func(t *world) {
		id := t.contoso()
		old := t.addSecret(id, "Old", "old-secret", time.Time{})
		last := t.addSecret(id, "New", "new-secret", time.Time{})
		t.must(t.tenants.RemoveCredential(t.Context(), t.admin, id, old.ID, false))
		if err := t.tenants.RemoveCredential(t.Context(), t.admin, id, last.ID, false); code(err) != "credential_last" {
			t.Errorf("the last one: %v", err)
		}
		t.must(t.tenants.RemoveCredential(t.Context(), t.admin, id, last.ID, true))
		if err := t.tenants.RemoveCredential(t.Context(), t.admin, id, last.ID, true); problem.KindOf(err) != problem.NotFound {
			t.Errorf("once more: %v", err)
		}
	})
}

func TestCertificateMadeByUsIsAcceptedAfterItsUpload(t *testing.T) {
	each(t, func(t *world) {
		id := t.contoso()
		c, err := t.tenants.MakeCertificate(t.Context(), t.admin, id, tenant.NewCertificate{Months: 6})
		t.must(err)
		if want := t.clock.Now().AddDate(0, 6, 0); !c.ExpiresAt.Equal(want) || len(c.Hint) != 40 {
			t.Errorf("it expires %s, want %s; thumbprint %q", c.ExpiresAt, want, c.Hint)
		}
		if tried, err := t.tenants.Try(t.Context(), t.admin, id, c.ID); err != nil || tried.Trouble.Code != "certificate_rejected" {
			t.Errorf("before its upload: %v, %v", tried, err)
		}
		public, name, err := t.tenants.PublicPart(t.Context(), t.admin, id, c.ID, tenant.PEM)
		t.must(err)
		if strings.Contains(string(public), "PRIVATE") || !strings.HasSuffix(name, ".pem") {
			t.Fatalf("%s holds more than the public part", name)
		}
		der, _, err := t.tenants.PublicPart(t.Context(), t.admin, id, c.ID, tenant.CER)
		t.must(err)
		if _, err := x509.ParseCertificate(der); err != nil {
			t.Errorf("the .cer: %v", err)
		}
		t.simulate("POST", "/certificates", map[string]string{"pem": string(public)})
		tried, err := t.tenants.Try(t.Context(), t.admin, id, c.ID)
		t.must(err)
		if tried.State(t.clock.Now()) != tenant.Working {
			t.Errorf("after its upload: %+v", tried.Trouble)
		}
	})
}

func TestUploadedCertificates(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.SQLiteURL(t), store.Options{}))
	id := w.contoso()
	key, other := newKey(t, 2048), newKey(t, 2048)
	certificate := sign(t, key, time.Now().AddDate(1, 0, 0))
	pfx, err := pkcs12.Modern.Encode(key, certificate, nil, "open sesame")
	w.must(err)
	elliptical, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	w.must(err)
	short := newKey(t, 1024)
	for name, test := range map[string]struct {
		file     []byte
		password tenant.Secret
		want     string
	}{
		"nothing":             {nil, "", "certificate_unreadable"},
		"text":                {[]byte("hello"), "", "certificate_unreadable"},
		"without key":         {encode(t, certificate, nil), "", "certificate_unreadable"},
		"another's key":       {encode(t, certificate, other), "", "certificate_key_differs"},
		"elliptic key":        {encode(t, certificate, elliptical), "", "certificate_not_rsa"},
		"short key":           {encode(t, sign(t, short, time.Now().AddDate(1, 0, 0)), short), "", "certificate_key_short"},
		"expired":             {encode(t, sign(t, key, time.Now().Add(-time.Hour)), key), "", "certificate_expired"},
		"PFX, wrong password": {pfx, "open barley", "certificate_password"},
		"PFX":                 {pfx, "open sesame", ""},
	} {
		c, err := w.tenants.UploadCertificate(t.Context(), w.admin, id, tenant.Upload{Name: name, File: test.file, Password: test.password})
		if code(err) != test.want || test.want == "" && c.Kind != tenant.Certificate {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	// A second tenant may use the same one; here it is there already.
	if _, err := w.tenants.UploadCertificate(t.Context(), w.admin, id, tenant.Upload{File: encode(t, certificate, key)}); code(err) != "credential_exists" {
		t.Errorf("the same as PEM: %v", err)
	}
}

func newKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func sign(t *testing.T, key *rsa.PrivateKey, until time.Time) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(7), NotBefore: until.AddDate(-1, 0, -1), NotAfter: until}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

// encode writes a certificate and a key, unless it is nil, as PEM.
func encode(t *testing.T, certificate *x509.Certificate, key any) []byte {
	t.Helper()
	out := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})
	if key == nil {
		return out
	}
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return append(out, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})...)
}
