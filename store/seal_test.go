package store_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tandem/email"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
)

func TestSecretMovedToAnotherRowDoesNotOpen(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url, store.Options{})
		a, b := connect(t, db, "a@contoso.example"), connect(t, db, "b@contoso.example")
		raw := rawSQL(t, url)
		_, err := raw.Exec("UPDATE connection SET refresh_token = (SELECT refresh_token FROM connection WHERE id = $1) WHERE id = $2", int64(a.ID), int64(b.ID))
		if err != nil {
			t.Fatal(err)
		}
		err = db.View(t.Context(), func(tx *store.Tx) error {
			got, err := tx.GetConnection(t.Context(), b.ID)
			if err == nil && got.RefreshToken == a.RefreshToken {
				t.Error("one row's token opened in another row")
			}
			return err
		})
		if err == nil {
			t.Error("reading a forged secret is no error")
		}
	})
}

func TestResealMovesEverySecretToTheNewKey(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		file := filepath.Join(t.TempDir(), "tandem.key")
		old, err := store.LoadOrCreateKey(file)
		if err != nil {
			t.Fatal(err)
		}
		db, err := store.Open(t.Context(), url, store.Options{Keys: old})
		if err != nil {
			t.Fatal(err)
		}
		c := connect(t, db, "support@contoso.example")
		update(t, db, func(tx *store.Tx) error {
			return tx.InsertSignIn(t.Context(), "state-hash", []byte("data"), time.Now().Add(time.Hour))
		})
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}

		both, err := store.AddKey(file)
		if err != nil {
			t.Fatal(err)
		}
		db, err = store.Open(t.Context(), url, store.Options{Keys: both})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := db.Reseal(t.Context()); n != 2 || err != nil {
			t.Errorf("Reseal sealed %d secrets (%v), want 2", n, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}

		dropLastLine(t, file)
		onlyNew, err := store.LoadOrCreateKey(file)
		if err != nil {
			t.Fatal(err)
		}
		_, err = store.Open(t.Context(), url, store.Options{Keys: old})
		wantKind(t, err, problem.Invalid)
		db = storetest.Open(t, url, store.Options{Keys: onlyNew})
		got := read(t, db, func(tx *store.Tx) (*email.Connection, error) { return tx.GetConnection(t.Context(), c.ID) })
		if got.RefreshToken != c.RefreshToken {
			t.Error("the token is another one after its key was replaced")
		}
	})
}

func dropLastLine(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	if err := os.WriteFile(file, []byte(first+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestKeyFileIsForItsOwnerOnlyAndKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "data", "tandem.key")
	if _, err := store.LoadOrCreateKey(file); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(file); info.Mode().Perm() != 0o600 {
		t.Errorf("the key file has permissions %v", info.Mode())
	}
	if _, err := store.LoadOrCreateKey(file); err != nil {
		t.Fatal(err)
	}
	if second, _ := os.ReadFile(file); !bytes.Equal(first, second) {
		t.Error("loading the key changed the file")
	}
	for _, broken := range []string{"", "# only a comment\n", "not base64!\n", "c2hvcnQ=\n"} {
		if err := os.WriteFile(file, []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := store.LoadOrCreateKey(file)
		wantKind(t, err, problem.Invalid)
	}
}

// Reseal and the check at the start must know every column that holds a secret.
func TestEveryColumnMarkedSealedIsResealed(t *testing.T) {
	for _, kind := range []string{"sqlite", "postgres"} {
		files, err := filepath.Glob("migrations/" + kind + "/*.sql")
		if err != nil || len(files) == 0 {
			t.Fatalf("migrations of %s: %v", kind, err)
		}
		var marked []string
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			marked = append(marked, sealedIn(string(text))...)
		}
		for _, column := range marked {
			if !store.Reseals(column) {
				t.Errorf("%s: %s is marked sealed, but never sealed anew", kind, column)
			}
		}
		if len(marked) == 0 {
			t.Errorf("%s: no column is found that is marked sealed", kind)
		}
	}
}

var (
	createTable  = regexp.MustCompile(`(?m)^CREATE TABLE (\w+) \(`)
	sealedColumn = regexp.MustCompile(`^\s+(\w+).*-- sealed`)
)

func sealedIn(migration string) []string {
	var columns []string
	table := ""
	for line := range strings.Lines(migration) {
		if match := createTable.FindStringSubmatch(line); match != nil {
			table = match[1]
		}
		if match := sealedColumn.FindStringSubmatch(line); match != nil {
			columns = append(columns, table+"."+match[1])
		}
	}
	return columns
}
