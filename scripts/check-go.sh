#!/bin/sh
# Format, vet, staticcheck, and the module files.
set -eu
cd "$(dirname "$0")/.."

unformatted=$(find . -name '*.go' -not -path './web/node_modules/*' -exec gofmt -l {} +)
if [ -n "$unformatted" ]; then
	echo "gofmt would change:" >&2
	echo "$unformatted" >&2
	exit 1
fi
go vet ./...
go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
go mod verify >/dev/null
