# Tandem. "make help" lists what there is.

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GOBUILD := CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)'

GO_FILES  := go.mod go.sum $(shell find . \( -name node_modules -o -path ./web -o -path ./e2e \) -prune -o -type f -not -path './.git/*' -not -path './bin/*' \( -name '*.go' -o -name '*.sql' -o -path './m365sim/*' -o -path './demo/mails/*' \) -print) web/embed.go
WEB_FILES := $(shell find web -name node_modules -prune -o -path web/dist -prune -o -type f -print)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-go test-web test-browser check bench build dev clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build everything and open the demo at http://127.0.0.1:8080
	bin/tandem demo

build: bin/tandem ## build bin/tandem, with the browser application inside

test: test-web test-go test-browser ## run all tests: the browser application's, Go on SQLite and PostgreSQL, in Chromium

test-go: ## run the Go tests on SQLite and PostgreSQL
	scripts/test-go.sh

test-web: web/dist/index.html ## run the browser application's tests
	cd web && npm test

test-browser: build ## run the tests in Chromium
	@scripts/need.sh chromium
	@if [ -f e2e/browser/package.json ]; then cd e2e/browser && npm ci --no-audit --no-fund && npm test; fi

check: web/node_modules/.package-lock.json ## format, vet, staticcheck, types and languages of the browser application
	scripts/check-go.sh
	scripts/check-web.sh

bench: build ## tell the stories of crashes and chaos in full, measure, and write docs/benchmarks.md
	TANDEM_TEST_FULL=1 store/storetest/postgres.sh run go test -run 'Killed|Chaos' -timeout 60m -v ./e2e
	store/storetest/postgres.sh run go test -tags bench -timeout 120m -v ./bench -out ../docs/benchmarks.md

dev: web/node_modules/.package-lock.json ## demo at 8080, browser application with reload at http://127.0.0.1:5173
	@trap 'kill 0' EXIT INT TERM; go run ./cmd/tandem demo & cd web && npm run dev

clean: ## remove what was built
	rm -rf bin web/node_modules
	git clean -fdXq web/dist

bin/tandem: $(GO_FILES) web/dist/index.html
	$(GOBUILD) -o $@ ./cmd/tandem

web/dist/index.html: $(WEB_FILES) web/node_modules/.package-lock.json
	cd web && npm run build

web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	@touch $@
