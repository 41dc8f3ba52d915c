#!/bin/sh
# Runs the Go tests on SQLite and on a PostgreSQL server of their own, with the
# race detector. What this machine lacks is left out, loudly; with CI=true that
# is an error. Arguments are passed on to go test; without any: all packages.
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- ./...

scripts/need.sh postgresql gcc chromium

race=-race
if ! command -v gcc >/dev/null 2>&1; then
	echo "WITHOUT THE RACE DETECTOR: it needs gcc" >&2
	race=
fi
[ "${CI-}" != true ] || export TANDEM_REQUIRE_POSTGRES=1 TANDEM_REQUIRE_CHROMIUM=1

if [ -n "${TANDEM_TEST_POSTGRES-}" ] || ! { command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; } >/dev/null 2>&1; then
	exec go test $race -shuffle=on -timeout 25m "$@"
fi
exec store/storetest/postgres.sh run go test $race -shuffle=on -timeout 25m "$@"
