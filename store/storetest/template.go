package storetest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"tandem/store"
	"tandem/store/migrations"
)

// Running all migrations takes longer than most tests do, so each test gets a
// copy of a database in which they have run.

// sqliteTemplate is the content of a database file with all tables.
func sqliteTemplate(t testing.TB) []byte {
	t.Helper()
	content, err := migratedFile()
	if err != nil {
		t.Fatalf("migrate the template: %v", err)
	}
	return content
}

var migratedFile = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "tandem-template-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "tandem.db")
	if err := migrate("sqlite:" + file); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

func migrate(url string) error {
	db, err := store.Open(context.Background(), url, store.Options{})
	if err != nil {
		return err
	}
	return db.Close()
}

// postgresTemplate names a database of the server that has all tables. The
// test that finds none makes it; it stays, for the next process with the same
// migrations.
func postgresTemplate(t testing.TB, server string) string {
	t.Helper()
	postgresOnce.Lock()
	defer postgresOnce.Unlock()
	name := "tandem_template_" + digest(t)
	if postgresReady {
		return name
	}
	db, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatalf("TANDEM_TEST_POSTGRES: %v", err)
	}
	defer db.Close()
	// The lock belongs to the connection and ends with it.
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatalf("TANDEM_TEST_POSTGRES: %v", err)
	}
	defer conn.Close()
	exec := func(statement string, args ...any) {
		t.Helper()
		if _, err := conn.ExecContext(context.Background(), statement, args...); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	exec("SELECT pg_advisory_lock(hashtext($1))", name)
	var exists bool
	row := conn.QueryRowContext(context.Background(), "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name)
	if err := row.Scan(&exists); err != nil {
		t.Fatal(err)
	}
	if !exists {
		unfinished := name + "_unfinished"
		exec("DROP DATABASE IF EXISTS " + unfinished)
		exec("CREATE DATABASE " + unfinished)
		if err := migrate(onServer(t, server, unfinished)); err != nil {
			t.Fatalf("migrate the template: %v", err)
		}
		exec("ALTER DATABASE " + unfinished + " RENAME TO " + name)
	}
	postgresReady = true
	return name
}

var (
	postgresOnce  sync.Mutex
	postgresReady bool
)

// digest is the same for the same migrations.
func digest(t testing.TB) string {
	t.Helper()
	hash := sha256.New()
	err := fs.WalkDir(migrations.FS, "postgres", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(migrations.FS, path)
		hash.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(hash.Sum(nil))[:16]
}
