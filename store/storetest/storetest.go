package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // registers "pgx"

	"tandem/store"
)

// Each runs the test on every kind of database, in parallel.
func Each(t *testing.T, test func(t *testing.T, db *store.DB)) {
	t.Helper()
	EachURL(t, func(t *testing.T, url string) { test(t, Open(t, url, store.Options{})) })
}

// EachURL is Each for tests that open the database themselves, perhaps twice.
func EachURL(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) {
		if os.Getenv("TANDEM_TEST_SQLITE") == "0" {
			t.Skip("another run tests on SQLite")
		}
		t.Parallel()
		test(t, SQLiteURL(t))
	})
	t.Run("Postgres", func(t *testing.T) {
		t.Parallel()
		test(t, PostgresURL(t))
	})
}

// OpenSQLite opens an SQLite database with nothing in its tables.
func OpenSQLite(t testing.TB) *store.DB {
	t.Helper()
	return Open(t, SQLiteURL(t), store.Options{})
}

// Open opens the database, with a fixed key unless the options have another,
// and closes it when the test ends.
func Open(t testing.TB, url string, opts store.Options) *store.DB {
	t.Helper()
	if opts.Keys == nil {
		opts.Keys = Keys(t)
	}
	db, err := store.Open(context.Background(), url, opts)
	if err != nil {
		t.Fatalf("open the database: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return db
}

// Keys is a key ring that is the same in every test.
func Keys(t testing.TB) *store.KeyRing {
	t.Helper()
	ring, err := store.NewKeyRing(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// SQLiteURL names a file with all tables and nothing in them.
func SQLiteURL(t testing.TB) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tandem.db")
	if err := os.WriteFile(file, sqliteTemplate(t), 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + file
}

// EmptySQLiteURL names a file that does not exist yet.
func EmptySQLiteURL(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "tandem.db")
}

// PostgresURL creates a database with all tables and nothing in them on the
// server of TANDEM_TEST_POSTGRES, and drops it when the test ends. Without a
// server it skips the test.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return createDatabase(t, "TEMPLATE "+postgresTemplate(t, server(t)))
}

// EmptyPostgresURL is PostgresURL without the tables.
func EmptyPostgresURL(t testing.TB) string {
	t.Helper()
	return createDatabase(t, "")
}

func server(t testing.TB) string {
	t.Helper()
	server := os.Getenv("TANDEM_TEST_POSTGRES")
	if server == "" {
		const missing = "NOT TESTED ON POSTGRES: set TANDEM_TEST_POSTGRES, or run store/storetest/postgres.sh run go test ./..."
		if os.Getenv("TANDEM_REQUIRE_POSTGRES") == "1" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	return server
}

func createDatabase(t testing.TB, options string) string {
	t.Helper()
	server := server(t)
	name := "tandem_test_" + strings.ToLower(rand.Text()[:12])
	administer(t, server, "CREATE DATABASE "+name+" "+options)
	t.Cleanup(func() { administer(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	return onServer(t, server, name)
}

// onServer is the URL of another database of the same server.
func onServer(t testing.TB, server, database string) string {
	t.Helper()
	at, err := url.Parse(server)
	if err != nil {
		t.Fatalf("TANDEM_TEST_POSTGRES: %v", err)
	}
	at.Path = "/" + database
	return at.String()
}

func administer(t testing.TB, server, statement string) {
	t.Helper()
	db, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatalf("TANDEM_TEST_POSTGRES: %v", err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
