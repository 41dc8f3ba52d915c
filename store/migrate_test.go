package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tandem/desk"
	"tandem/directory"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
)

const (
	laterName = "90000_later.sql"
	later     = "ALTER TABLE brand ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue';"
)

func TestSQLiteIsBackedUpBeforeItIsMigrated(t *testing.T) {
	url := storetest.EmptySQLiteURL(t)
	backups := filepath.Join(t.TempDir(), "backups")
	opts := store.Options{Keys: storetest.Keys(t), BackupDir: backups}
	db, err := store.Open(t.Context(), url, opts)
	if err != nil {
		t.Fatal(err)
	}
	h := furnish(t, db)
	h.insertTickets(t, h.ticket(1))
	before := db.Version()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if found, _ := os.ReadDir(backups); len(found) != 0 {
		t.Errorf("a new database was backed up: %v", found)
	}

	upgraded := storetest.Open(t, url, store.WithMigration(opts, laterName, later))
	if upgraded.Version() != 90000 {
		t.Errorf("version is %d after the upgrade", upgraded.Version())
	}
	found, err := os.ReadDir(backups)
	if err != nil || len(found) != 1 {
		t.Fatalf("backups: %v, %v", found, err)
	}
	restored := storetest.Open(t, "sqlite:"+filepath.Join(backups, found[0].Name()), opts)
	n := read(t, restored, func(tx *store.Tx) (int, error) { return tx.CountTickets(t.Context(), desk.TicketFilter{}) })
	if n != 1 || restored.Version() != before {
		t.Errorf("the backup has %d tickets and version %d, want 1 and %d", n, restored.Version(), before)
	}
}

func TestMigrationThatFailsChangesNothing(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		opts := store.Options{Keys: storetest.Keys(t)}
		db, err := store.Open(t.Context(), url, opts)
		if err != nil {
			t.Fatal(err)
		}
		furnish(t, db)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		_, err = store.Open(t.Context(), url, store.WithMigration(opts, laterName, later+"\nINSERT INTO nowhere VALUES (1);"))
		if err == nil || !strings.Contains(err.Error(), "90000") {
			t.Errorf("error is %v, want one that names the migration", err)
		}
		db = storetest.Open(t, url, opts) // the old program still works
		read(t, db, func(tx *store.Tx) (*directory.Brand, error) { return tx.DefaultBrand(t.Context()) })
	})
}

func TestNewerDatabaseIsRefusedWithBothVersionsNamed(t *testing.T) {
	ours := fmt.Sprintf("version %d.", storetest.OpenSQLite(t).Version())
	storetest.EachURL(t, func(t *testing.T, url string) {
		newer, err := store.Open(t.Context(), url, store.WithMigration(store.Options{}, laterName, later))
		if err != nil {
			t.Fatal(err)
		}
		if err := newer.Close(); err != nil {
			t.Fatal(err)
		}
		for _, readOnly := range []bool{false, true} {
			_, err = store.Open(t.Context(), url, store.Options{ReadOnly: readOnly})
			wantKind(t, err, problem.Conflict)
			if err == nil || !strings.Contains(err.Error(), "90000") || !strings.Contains(err.Error(), ours) {
				t.Errorf("error %v does not name both versions", err)
			}
		}
	})
}

func TestSeveralNodesStartAtOnceOnAnEmptyPostgres(t *testing.T) {
	url := storetest.EmptyPostgresURL(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			db, err := store.Open(t.Context(), url, store.Options{})
			if err != nil {
				t.Errorf("open: %v", err)
				return
			}
			if err := db.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
	wg.Wait()
}
