// Package storetest opens databases for tests: the real ones, each test its own.
//
// Each runs a test on SQLite and, when TANDEM_TEST_POSTGRES holds the URL of a
// server, on PostgreSQL too, in a database that is created for the test and
// dropped afterwards. The script postgres.sh beside this file starts a
// throw-away server:
//
//	store/storetest/postgres.sh run go test ./...
//
// Without a server the PostgreSQL half is skipped and says so; with
// TANDEM_REQUIRE_POSTGRES=1 it fails instead, so that no pipeline passes by
// leaving it out. TANDEM_TEST_SQLITE=0 leaves the SQLite half out, where another
// run has it.
package storetest
