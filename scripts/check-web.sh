#!/bin/sh
# Types and languages of the browser application, and whether its types of the
# API still follow from the API's document.
set -eu
cd "$(dirname "$0")/../web"

npm run check

[ -d openapi/node_modules ] || npm --prefix openapi ci --no-audit --no-fund
generated=$(mktemp)
trap 'rm -f "$generated"' EXIT
openapi/node_modules/.bin/openapi-typescript ../api/openapi.json --output "$generated" --default-non-nullable=false >/dev/null
if ! cmp -s "$generated" src/api/schema.d.ts; then
	echo "web/src/api/schema.d.ts is out of date; run: npm --prefix web run types" >&2
	exit 1
fi
