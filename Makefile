# Everything a person types. `make help` lists it.

SHELL := /bin/bash
.DEFAULT_GOAL := help

MODULES  := shared sync terminal hq sync/e2e
# What takes longest comes first, and the rest goes on beside it.
PACKAGES := ./sync/e2e/sim ./sync/e2e $(MODULES:%=./%/...)
# no_animations: a till does not move by itself. x11: one display protocol, which Wayland desktops serve too.
TILL_TAGS := x11,no_animations,migrated_fynedo
export TILL_TAGS
# Tests run without migrated_fynedo: with it, a widget touched from the wrong goroutine goes unnoticed.
TEST_TAGS := x11,no_animations

GOTESTSUM   := go run gotest.tools/gotestsum@v1.13.0 --format pkgname
GOFUMPT     := go run mvdan.cc/gofumpt@v0.8.0
STATICCHECK := go run honnef.co/go/tools/cmd/staticcheck@v0.8.2

# Real data sets to test against, when there are any.
export COMPTANT_DATA ?= $(wildcard $(abspath ../shared/data))

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.PHONY: run
run: ## set everything up and open a working system: headquarters with demo data, and a till
	@deploy/packages run
	@$(MAKE) --no-print-directory build
	@deploy/run

.PHONY: build
build: ## build bin/hq and bin/till
	@mkdir -p bin
	go build -ldflags "-X main.version=$$(deploy/version)" -o bin/hq ./hq/cmd/hq
	go build -tags $(TILL_TAGS) -ldflags "-X main.version=$$(deploy/version)" -o bin/till ./terminal/cmd/till

.PHONY: dist
dist: ## make what is installed, in dist/: a Debian package, a Linux archive, the till for Windows (WINDOWS=0 without)
	@deploy/packages dist
	@deploy/dist

# Three packages at a time: many wait for processes that were killed, or for a browser.
.PHONY: test
test: ## set up and pass all tests, in their short form (5 minutes)
	@deploy/packages test
	$(GOTESTSUM) -- -p 3 -short -timeout 15m -tags $(TEST_TAGS) $(PACKAGES)

.PHONY: test-all
test-all: ## all tests in their full form, with the race detector, and a little of make fuzz (an hour)
	@deploy/fetch prometheus promtool prometheus
	@deploy/fetch caddy caddy
	@deploy/packages test
	$(GOTESTSUM) -- -p 3 -race -short -skip '^TestScreens$$' -timeout 30m -tags $(TEST_TAGS) ./shared/... ./sync/... ./terminal/... ./hq/...
	$(GOTESTSUM) -- -p 3 -timeout 90m -count=1 -tags $(TEST_TAGS) $(PACKAGES)
	FUZZTIME=$(or $(FUZZTIME),20s) deploy/fuzz

.PHONY: fuzz
fuzz: ## feed every decoder and both ends of the protocol what nobody would send (FUZZTIME=1m each)
	@deploy/fuzz

.PHONY: bench
bench: ## measure against the machine's own limits and write docs/benchmarks.md (ROW=name for one row, PEER=1 for PouchDB beside backlog)
	@deploy/packages test
	go run ./sync/e2e/cmd/bench $(if $(ROW),--row $(ROW)) $(if $(PEER),--peer) $(BENCH)

.PHONY: replay
replay: ## send a whole chain's history through tills and headquarters (DATA=folder, CHAOS=1 to break things meanwhile)
	@deploy/packages hq
	go run ./sync/e2e/cmd/replay $(if $(DATA),--data $(DATA)) $(if $(CHAOS),--chaos) $(REPLAY)

.PHONY: simulate
simulate: ## play fleets under every fault on simulated time (SEEDS=n histories, SEED=n for one with its log, STEPS=n of it)
	SEED=$(SEED) STEPS=$(STEPS) SEEDS=$(or $(SEEDS),2000) FIRST=$(FIRST) \
		go test -short -count=1 -timeout 60m -tags $(TEST_TAGS) -v -run TestSimulator ./sync/e2e/sim

.PHONY: mutants
mutants: ## plant known bugs one at a time and say which checks find each (MUTANT=number for one)
	@deploy/packages hq
	go run ./sync/e2e/cmd/mutants $(MUTANT)

.PHONY: chaos
chaos: ## kill processes and break lines for 15 minutes, and compare to the byte (CHAOS="--minutes 2 --seed 7 --hq 2", PROOF=1 to note it in docs/proof.md)
	@deploy/packages hq
	go run ./sync/e2e/cmd/chaos $(if $(PROOF),--proof docs/proof.md) $(CHAOS)

.PHONY: screens
screens: ## write pictures of every screen and page to screens/
	@deploy/packages test
	SCREENS=$(CURDIR)/screens go test -count=1 -timeout 40m -tags $(TEST_TAGS) -run TestScreens ./terminal/screen ./hq/web

.PHONY: day
day: ## play a whole day at a till in its window, with a picture of every step in screens/day/ (SHORT=1 for one ticket of each kind)
	@deploy/packages test
	rm -rf screens/day
	DAY=$(CURDIR)/screens/day go test -count=1 -timeout 30m -tags $(TEST_TAGS) $(if $(SHORT),-short) -v -run TestADayAtTheTill ./sync/e2e

.PHONY: check
check: ## format, vet, lint, generated files, module files and planted bugs
	@deploy/check

.PHONY: clean
clean: ## remove what was built (never data: that is in /var/lib/comptant or ~/.local/share/comptant)
	rm -rf bin screens dist
