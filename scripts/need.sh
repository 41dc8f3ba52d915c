#!/bin/sh
# Makes sure that what the tests need is there:
#
#   need.sh postgresql chromium gcc clamav-daemon
#
# On Debian and Ubuntu it installs what is missing when it may; otherwise it
# names the one command that does. With CI=true something missing is an error;
# else the tests go on without it, and say so.
set -eu

# has tells whether a package's program is there.
has() {
	case $1 in
	postgresql) command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 ;;
	chromium) command -v chromium-headless-shell >/dev/null 2>&1 || command -v chromium >/dev/null 2>&1 ;;
	clamav-daemon) command -v clamd >/dev/null 2>&1 || [ -x /usr/sbin/clamd ] ;;
	*) command -v "$1" >/dev/null 2>&1 ;;
	esac
}

missing() {
	for package; do
		has "$package" || printf '%s ' "$package"
	done
}

# packages adds what Debian packs separately.
packages() {
	for package; do
		case $package in
		gcc) echo gcc libc6-dev ;;
		chromium)
			# Ubuntu has only the whole browser.
			if apt-cache show chromium-headless-shell >/dev/null 2>&1; then
				echo chromium-headless-shell fonts-noto-cjk
			else
				echo chromium fonts-noto-cjk
			fi
			;;
		*) echo "$package" ;;
		esac
	done | tr '\n' ' '
}

absent=$(missing "$@")
[ -n "$absent" ] || exit 0

as_root=
if command -v apt-get >/dev/null 2>&1; then
	if [ "$(id -u)" = 0 ]; then
		as_root=env
	elif sudo -n true 2>/dev/null; then
		as_root=sudo
	fi
fi
[ -z "$as_root" ] || $as_root apt-get update -qq >&2 || true
install="apt-get install -y --no-install-recommends $(packages $absent)"
[ -z "$as_root" ] || $as_root env DEBIAN_FRONTEND=noninteractive $install >&2 || true

absent=$(missing $absent)
[ -n "$absent" ] || exit 0
cat >&2 <<END

************************************************************************
  MISSING: $absent
  Install with:  sudo $install
  Tests that need it are LEFT OUT of this run.
************************************************************************

END
[ "${CI-}" != true ] || exit 1
