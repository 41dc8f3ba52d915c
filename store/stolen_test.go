package store_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/email"
	"tandem/store"
	"tandem/store/storetest"
	"tandem/tenant"
)

// Whoever steals the database without its key file, from a disk or a backup,
// finds no secret in any byte of it.
func TestStolenDatabaseRevealsNoSecret(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url, store.Options{})
		secrets := fillWithSecrets(t, db)
		for name, content := range thief(t, url) {
			for what, secret := range secrets {
				if bytes.Contains(content, []byte(secret)) {
					t.Errorf("%s contains %s: %q", name, what, secret)
				}
			}
		}
	})
}

// fillWithSecrets uses everything that has a secret, and returns each by what it is.
func fillWithSecrets(t *testing.T, db *store.DB) map[string]string {
	t.Helper()
	ctx := t.Context()
	h := furnish(t, db)
	secrets := map[string]string{
		"the sign-in's verifier": "pkce-verifier", "a browser session": "session-token-9f86d081",
		"a password": "correct horse battery staple", "a link to a file": "file-link-secret-2c26b46b",
		"a subscription's secret": "client-state-4711", "a client secret": "client~secret~8Q~value",
	}
	c := connect(t, db, "support@contoso.example")
	secrets["a refresh token"] = string(c.RefreshToken)
	c.SubscriptionID, c.SubscriptionSecret = "subscription", email.Secret(secrets["a subscription's secret"])

	people := access.NewService(store.For[access.Tx](db), time.Now)
	link, err := people.FirstStart(ctx)
	check(t, err)
	secrets["the first setup link"] = link
	admin, err := people.CompleteSetup(ctx, link, access.Setup{Name: "Eve", Email: "eve@contoso.example", Password: secrets["a password"]})
	check(t, err)
	by := access.Actor{UserID: admin.ID, Name: admin.Name, Role: directory.Admin}
	_, secrets["an API token"], err = people.CreateAPIToken(ctx, by, "backup job")
	check(t, err)
	secrets["a setup link"], err = people.SetupLinkFor(ctx, by, h.agent.ID)
	check(t, err)
	check(t, store.NewSessionStore(db).CommitCtx(ctx, secrets["a browser session"], []byte("data"), time.Now().Add(time.Hour)))

	update(t, db, func(tx *store.Tx) error {
		if err := tx.UpdateConnection(ctx, c); err != nil {
			return err
		}
		if err := tx.InsertSignIn(ctx, "state-hash", []byte(`{"verifier":"`+secrets["the sign-in's verifier"]+`"}`), time.Now().Add(time.Hour)); err != nil {
			return err
		}
		contoso := &tenant.Tenant{Name: "Contoso", Directory: "contoso.example", ClientID: "4f1c"}
		if err := tx.InsertTenant(ctx, contoso); err != nil {
			return err
		}
		credential := &tenant.Credential{TenantID: contoso.ID, Kind: tenant.ClientSecret, Secret: tenant.Secret(secrets["a client secret"])}
		if err := tx.InsertCredential(ctx, credential); err != nil {
			return err
		}
		file := &desk.Attachment{FileName: "plan.dwg", Blob: "key", Secret: "in the text of its comment"}
		if err := tx.InsertAttachment(ctx, file); err != nil {
			return err
		}
		return tx.InsertFileLink(ctx, &desk.FileLink{AttachmentID: file.ID, Secret: secrets["a link to a file"], ExpiresAt: noon})
	})

	for what, secret := range secrets {
		if len(secret) < 8 {
			t.Fatalf("%s is %q", what, secret)
		}
	}
	got := read(t, db, func(tx *store.Tx) (*email.Connection, error) { return tx.GetConnection(ctx, c.ID) })
	shared := read(t, db, func(tx *store.Tx) (*desk.FileLink, error) {
		return tx.FindFileLinkBySecret(ctx, secrets["a link to a file"])
	})
	if got.RefreshToken != c.RefreshToken || got.SubscriptionSecret != c.SubscriptionSecret || shared == nil || shared.Secret != secrets["a link to a file"] {
		t.Error("the secrets do not come back as they were")
	}
	return secrets
}

// thief reads everything: the files of SQLite, or every row of every table.
func thief(t *testing.T, url string) map[string][]byte {
	t.Helper()
	all := make(map[string][]byte)
	path, isFile := strings.CutPrefix(url, "sqlite:")
	if !isFile {
		raw := rawSQL(t, url)
		for _, table := range texts(t, raw, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'") {
			all[table] = []byte(strings.Join(texts(t, raw, fmt.Sprintf("SELECT row_to_json(r)::text FROM %q r", table)), "\n"))
		}
	}
	if files, err := filepath.Glob(path + "*"); isFile && err == nil {
		for _, file := range files {
			content, err := os.ReadFile(file)
			check(t, err)
			all[filepath.Base(file)] = content
		}
	}
	if size := len(bytes.Join(slices.Collect(maps.Values(all)), nil)); size < 1000 {
		t.Fatalf("the thief got %d bytes only", size)
	}
	return all
}

func texts(t *testing.T, db *sql.DB, query string) (all []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	check(t, err)
	defer rows.Close()
	for rows.Next() {
		var text string
		check(t, rows.Scan(&text))
		all = append(all, text)
	}
	check(t, rows.Err())
	return all
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
