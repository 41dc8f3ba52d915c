#!/bin/sh
# Runs the Go tests with the race detector, on SQLite and on a PostgreSQL server of
# their own; then the stories of e2e, which start whole programs, alone and
# without it. What this machine lacks is left out, loudly; with CI=true that is
# an error. Arguments are passed on to go test; without any: all packages.
set -eu
cd "$(dirname "$0")/.."

scripts/need.sh postgresql gcc chromium clamav-daemon
[ "${CI-}" != true ] || export TANDEM_REQUIRE_POSTGRES=1 TANDEM_REQUIRE_CHROMIUM=1 TANDEM_REQUIRE_CLAMD=1

if [ -z "${TANDEM_TEST_POSTGRES-}" ] && { command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; } >/dev/null 2>&1; then
	exec store/storetest/postgres.sh run scripts/test-go.sh "$@"
fi

# The detector slows down the C of SQLite, translated to Go, five times, and has
# nothing to find in it.
race="-race -gcflags=modernc.org/...=-race=false"
if ! command -v gcc >/dev/null 2>&1; then
	echo "WITHOUT THE RACE DETECTOR: it needs gcc" >&2
	race=
fi
test="go test -shuffle=on -timeout 25m"
if [ $# -gt 0 ]; then
	exec $test $race "$@"
fi
# A race shows on either database. So the detector watches on SQLite, and on
# PostgreSQL where what belongs to it is; the rest runs there without it.
uses_store=$(go list -f '{{.ImportPath}} {{.TestImports}} {{.XTestImports}}' ./... | grep tandem/store/storetest | cut -d' ' -f1)
both=$(echo "$uses_store" | grep -E '/(store|job|storetest)$')
rest=$(go list ./... | grep -vxF "$both" | grep -v '/e2e$')
TANDEM_TEST_POSTGRES='' TANDEM_REQUIRE_POSTGRES='' $test $race $rest
$test $race $both
if [ -n "${TANDEM_TEST_POSTGRES-}" ]; then
	TANDEM_TEST_SQLITE=0 $test $(echo "$uses_store" | grep -vxF "$both" | grep -v '/e2e$')
fi
$test ./e2e
