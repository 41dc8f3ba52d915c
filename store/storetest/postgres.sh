#!/bin/sh
# A throw-away PostgreSQL server for tests: no TCP port, no password, nothing is
# kept and nothing is synced to disk.
#
#   postgres.sh start [DIR]    starts a server with its files in DIR, prints its URL
#   postgres.sh stop [DIR]     stops it and removes DIR
#   postgres.sh run COMMAND... runs the command with TANDEM_TEST_POSTGRES set, then stops the server
#
# Works for root (the server then runs as the user postgres or nobody, because
# PostgreSQL refuses to run as root) and for everybody else.
set -eu

usage() {
	sed -n '2,11s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

# find_binaries prints the folder of the newest installed server.
find_binaries() {
	for candidate in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -rn); do
		if [ -x "$candidate/initdb" ]; then
			echo "$candidate"
			return
		fi
	done
	if command -v initdb >/dev/null 2>&1; then
		dirname "$(command -v initdb)"
		return
	fi
	echo "postgres.sh: no PostgreSQL server found; install it with: apt-get install postgresql" >&2
	exit 1
}

# owner prints who runs the server.
owner() {
	if [ "$(id -u)" != 0 ]; then
		id -un
	elif id postgres >/dev/null 2>&1; then
		echo postgres
	else
		echo nobody
	fi
}

# as_owner runs a command as that user, from a folder that user may enter.
as_owner() {
	if [ "$(id -u)" = 0 ]; then
		(cd "$dir" && setpriv --reuid="$(owner)" --regid="$(id -g "$(owner)")" --clear-groups -- "$@")
	else
		"$@"
	fi
}

start() {
	bin=$(find_binaries)
	mkdir -p "$dir"
	if [ "$(id -u)" = 0 ]; then
		chown "$(owner)" "$dir"
	fi
	chmod 755 "$dir"
	as_owner "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/initdb.log"
	as_owner "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -o "-c listen_addresses='' -k '$dir' \
		-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=400 -c shared_buffers=128MB" start >/dev/null
	echo "postgres:///postgres?host=$dir&user=postgres"
}

stop() {
	bin=$(find_binaries)
	if [ -f "$dir/data/postmaster.pid" ]; then
		as_owner "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null
	fi
	rm -rf "$dir"
}

case "${1-}" in
start | stop)
	dir=${2-${TMPDIR:-/tmp}/tandem-postgres-$(id -u)}
	"$1"
	;;
run)
	shift
	[ $# -gt 0 ] || usage
	dir=$(mktemp -d "${TMPDIR:-/tmp}/tandem-postgres-XXXXXX")
	trap stop EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	TANDEM_TEST_POSTGRES=$(start)
	export TANDEM_TEST_POSTGRES
	"$@"
	;;
*)
	usage
	;;
esac
