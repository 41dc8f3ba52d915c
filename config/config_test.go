package config

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// env makes an environment of pairs.
func env(pairs ...string) func(string) (string, bool) {
	m := make(map[string]string)
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(name string) (string, bool) {
		v, ok := m[name]
		return v, ok
	}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestNothingConfiguredStartsOnSQLite(t *testing.T) {
	c, err := Load("", env(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.DatabaseURL(), "sqlite:tandem-data/tandem.db"; got != want {
		t.Errorf("database %q, want %q", got, want)
	}
	if c.HTTP != "127.0.0.1:8080" {
		t.Errorf("a fresh Tandem listens on %q, want loopback", c.HTTP)
	}
}

func TestFlagsOverrideEnvironmentOverridesFile(t *testing.T) {
	file := write(t, "tandem.toml", `
http = "127.0.0.1:1"
data = "from-file"
metrics = false
trusted_proxies = ["10.0.0.0/8"]
[log]
level = "warn"
format = "json"
`)
	c, err := Load(file,
		env("TANDEM_HTTP", "127.0.0.1:2", "TANDEM_LOG_LEVEL", "error", "TANDEM_TRUSTED_PROXIES", "192.0.2.7, 192.0.2.8"),
		map[string]string{"http": "127.0.0.1:3"})
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.HTTP, want.Data, want.Metrics = "127.0.0.1:3", "from-file", false
	want.TrustedProxies = []string{"192.0.2.7", "192.0.2.8"}
	want.Log = Log{Level: "error", Format: "json"}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
}

func TestEveryKeyHasAnEnvironmentVariable(t *testing.T) {
	c := Default()
	for _, s := range c.settings() {
		value := map[string]string{"http": ":1", "database": "sqlite:x", "public_url": "https://a.example"}[s.Key()]
		switch {
		case value != "":
		case s.field.Kind() == reflect.Int:
			value = "7"
		default:
			value = "true"
		}
		before := fmt.Sprint(s.field.Interface())
		l := loader{settings: []setting{s}, sources: map[string]string{}}
		s.field.SetZero()
		l.readEnv(env(s.Env(), value))
		if l.sources[s.Key()] != s.Env() {
			t.Errorf("%s did not change %s from %s", s.Env(), s.Key(), before)
		}
	}
}

func TestEveryMistakeIsReportedAtOnce(t *testing.T) {
	file := write(t, "tandem.toml", `
htpp = "127.0.0.1:8080"
data = 7
metrics = "yes"
database = "mysql://root@db/tandem"
public_url = "help.example.com"
trusted_proxies = ["everyone"]
blob = "ftp://files"
[log]
level = "loud"
colour = true
[microsoft]
client_id = "11111111-2222-3333-4444-555555555555"
[imap]
host = "mail"
`)
	_, err := Load(file, env("TANDEM_LOG_FORMAT", "xml"), map[string]string{"http": "8080"})
	var got []string
	mistakes, ok := errors.AsType[Mistakes](err)
	if !ok {
		t.Fatalf("error %v, want Mistakes", err)
	}
	for _, m := range mistakes {
		if m.What == "" || m.Remedy == "" || m.Source == "" && m.Key != "microsoft.client_secret" {
			t.Errorf("incomplete: %+v", m)
		}
		got = append(got, m.Key+" "+filepath.Base(m.Source))
	}
	want := []string{
		"data tandem.toml", "htpp tandem.toml", "imap tandem.toml", "log.colour tandem.toml", "metrics tandem.toml",
		"http --http", "database tandem.toml", "public_url tandem.toml", "trusted_proxies tandem.toml", "blob tandem.toml",
		"log.level tandem.toml", "log.format TANDEM_LOG_FORMAT", "microsoft.client_secret .",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s\n%v", diff, err)
	}
}

func TestUnreadableFilesAreNamed(t *testing.T) {
	broken := write(t, "broken.toml", "http = \nlog")
	for name, file := range map[string]string{"missing": "no-such-file.toml", "not TOML": broken} {
		_, err := Load(file, env(), nil)
		if err == nil || !strings.Contains(err.Error(), filepath.Base(file)) {
			t.Errorf("%s: error %v does not name the file", name, err)
		}
	}
}

func TestSecretsComeFromFilesAndStayHidden(t *testing.T) {
	secret := write(t, "secret", "s3cret\n")
	c, err := Load("", env("TANDEM_MICROSOFT_CLIENT_ID", "app", "TANDEM_MICROSOFT_CLIENT_SECRET_FILE", secret,
		"TANDEM_DATABASE_FILE", write(t, "db", "postgres://tandem:pw@db/tandem")), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Microsoft.ClientSecret.Reveal(); got != "s3cret" {
		t.Errorf("secret %q", got)
	}
	if c.DatabaseURL() != "postgres://tandem:pw@db/tandem" {
		t.Errorf("database %q", c.DatabaseURL())
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("configured", "microsoft", c.Microsoft)
	for _, text := range []string{fmt.Sprintf("%v %+v %#v", c, c, c), log.String()} {
		if strings.Contains(text, "s3cret") {
			t.Errorf("the secret shows in %s", text)
		}
	}
}

func TestSecretGivenTwiceIsAMistake(t *testing.T) {
	_, err := Load("", env("TANDEM_MICROSOFT_CLIENT_ID", "app", "TANDEM_MICROSOFT_CLIENT_SECRET", "a",
		"TANDEM_MICROSOFT_CLIENT_SECRET_FILE", write(t, "secret", "b")), nil)
	if err == nil || !strings.Contains(err.Error(), "Both microsoft.client_secret and") {
		t.Errorf("error %v", err)
	}
}

func TestSampleIsCompleteAndLoads(t *testing.T) {
	const golden = "testdata/sample.toml"
	if *update {
		if err := os.WriteFile(golden, []byte(Sample()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), Sample()); diff != "" {
		t.Errorf("sample changed; run with -update (-want +got):\n%s", diff)
	}

	// With the comment signs of its keys taken away it is the default configuration.
	var live strings.Builder
	for line := range strings.Lines(Sample()) {
		if _, _, ok := strings.Cut(line, " = "); ok {
			line = strings.TrimPrefix(line, "# ")
		}
		live.WriteString(line)
	}
	c, err := Load(write(t, "sample.toml", live.String()), env(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defaults := Default()
	defaults.TrustedProxies, defaults.SMTP.TrustedIDs = []string{}, []string{}
	if diff := cmp.Diff(defaults, c); diff != "" {
		t.Errorf("sample means (-default +sample):\n%s", diff)
	}
}
