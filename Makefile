# Everything a contributor runs. Needs any Node >= 20 and npm once, to install; from then on `node` is the pinned one.

SHELL := /bin/bash
SYSTEM_PATH := $(PATH)
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

INSTALLED := node_modules/.package-lock.json

.PHONY: demo dev test soak check audit fix bench screenshots build
.DEFAULT_GOAL := demo

## demo: the whole gateway with a login provider and a service behind it, nothing else needed (PORT=8080)
demo: $(INSTALLED)
	@node scripts/build-web.ts
	node src/main.ts demo --port $${PORT:-8080}

## dev: the demo, started again on each change (PORT=8080; INSPECT=9229 opens the inspector on loopback)
# A watched process reports its imports to the watcher, its worker threads to whoever listens to them: not here.
dev: $(INSTALLED)
	@node scripts/build-web.ts
	node --watch --watch-preserve-output --watch-path=src $(if $(INSPECT),--inspect=127.0.0.1:$(INSPECT)) \
	  --import 'data:text/javascript,delete process.env.WATCH_REPORT_DEPENDENCIES' \
	  src/main.ts demo --port $${PORT:-8080}

## test: unit tests, and the end-to-end tests on each kind of store (ONLY=src/proxy for some of them;
## STORES=redis-postgres or sentinel-mariadb for all of them on those)
test: $(INSTALLED)
	node scripts/test.ts $(if $(STORES),--stores=$(STORES)) $(ONLY)

## soak: the fault suites at their full figures, half an hour and more (ONLY=redis for some of them)
soak: $(INSTALLED)
	node scripts/soak.ts $(ONLY)

## check: types, lint, format, ranks, unused code, sizes, generated files
check: $(INSTALLED)
	node scripts/check.ts

## audit: known holes in what ships, asked of the npm registry; check asks too, and lets a registry pass that cannot say
audit: $(INSTALLED)
	@node scripts/audit.ts

## fix: formats the tree and writes the generated files anew
fix: $(INSTALLED)
	biome check --write
	node scripts/generate.ts

## bench: against nginx and configurable-http-proxy; a table here, numbers in bench/results/
bench: $(INSTALLED)
	node bench/run.ts $(ARGS)

## screenshots: the pictures of the guide, in docs/guide/pictures/
screenshots: $(INSTALLED)
	node scripts/screenshots.ts

## build: what is published, in dist/
build: $(INSTALLED)
	node scripts/build.ts

# npm runs on the system's Node: it is about to replace the pinned one, so what packages want of it is no concern.
$(INSTALLED): package-lock.json
	PATH="$(SYSTEM_PATH)" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@node -p 'const [a, b] = process.versions.node.split("."); a * 100 + +b >= 2414 || process.exit(1)' >/dev/null \
	  || { echo "npm has no Node 26 for this platform: install Node 24.14.1 or newer and try again"; exit 1; }
	@touch $@
