# The two that matter: `make run` and `make test`. `make` alone lists the rest.

# Where cargo builds; a CARGO_TARGET_DIR of yours is respected.
TARGET := $(or $(CARGO_TARGET_DIR),target)
# In CI a build that would change Cargo.lock is a fault.
LOCKED := $(if $(CI),--locked)

DATA ?= ./data
LISTEN ?= 127.0.0.1:8080
# How many times `make torture` kills the server, and how many crash images it opens.
TORTURE ?= 1000
# How many failovers of a PostgreSQL cluster it goes through.
FAILOVERS ?= 20
# How many histories `make histories` runs.
HISTORIES ?= 100000
# How many cases of each operation `make api-fuzz` makes.
CASES ?= 200
# How many seconds `make fuzz` gives each target.
FUZZ ?= 60

# nextest runs each test in a process of its own and names the slow ones; plain `cargo test` runs the same tests.
ifeq ($(shell cargo nextest --version >/dev/null 2>&1 && echo yes),yes)
TEST := cargo nextest run --no-fail-fast
ALL_TESTS := $(TEST)
else
TEST := cargo test --no-fail-fast
ALL_TESTS := $(TEST) --all-targets
endif

SECTION := .ci/section

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run build-needs build dist test test-needs fmt-check clippy doc tidy deny doctests tests api-fuzz torture histories fuzz bench bench-scale fmt advisories

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build the server and start it on 127.0.0.1:8080 with its data in ./data
	@exec $(TARGET)/release/tenantry serve --data $(DATA) --listen $(LISTEN)

build: build-needs ## build the server: target/release/tenantry
	cargo build --release $(LOCKED) --package tenantry

dist: build-needs ## build what is shipped, optimised as a whole: target/dist/tenantry (some minutes)
	cargo build --profile dist $(LOCKED) --package tenantry

build-needs:
	@command -v cargo >/dev/null || { echo "A Rust toolchain is needed: https://rustup.rs" >&2; exit 1; }
	@command -v cc >/dev/null || { echo "A C compiler is needed (for SQLite and aws-lc): sudo apt-get install build-essential" >&2; exit 1; }

test: test-needs fmt-check clippy doc tidy deny doctests tests api-fuzz ## check everything: format, lints, documents, house rules, tests

test-needs: build-needs ## say what the tests need, and install it where that is possible
	@.ci/needs

fmt-check: ## is everything formatted?
	@$(SECTION) format cargo fmt --all -- --check

clippy: ## lints, as errors
	@$(SECTION) clippy cargo clippy $(LOCKED) --workspace --all-targets -- -D warnings

doc: ## build the documentation, with warnings as errors
	@RUSTDOCFLAGS="-D warnings" $(SECTION) documentation cargo doc $(LOCKED) --workspace --no-deps

tidy: ## the house rules: crate arrows, lengths, banned words, where SQL may stand
	@$(SECTION) tidy cargo xtask tidy

deny: ## bans, licences and sources of the dependencies (when cargo-deny is installed)
	@if command -v cargo-deny >/dev/null; then $(SECTION) dependencies cargo deny check bans licenses sources; \
	elif [ "$(CI)" = true ]; then echo "cargo-deny is missing: cargo install --locked cargo-deny" >&2; exit 1; \
	else echo "skipped: dependencies (cargo install --locked cargo-deny)"; fi

doctests: ## run the examples in the documentation
	@$(SECTION) doctests cargo test $(LOCKED) --workspace --doc --quiet

tests: ## run the test tree, over both engines
	@$(SECTION) tests .ci/with-postgres $(ALL_TESTS) $(LOCKED) --workspace
	@TENANTRY_TEST_ENGINE=postgres $(SECTION) tests-over-postgres .ci/with-postgres $(TEST) $(LOCKED) --package tenantry --test it --test clients --test xmlrpc
	@# Once more who may see whom, with our own filter by tenant taken out of every statement: the database's policies alone must hide the same.
	@TENANTRY_TEST_ENGINE=postgres-unfiltered $(SECTION) tests-without-our-filter .ci/with-postgres $(TEST) $(LOCKED) --package tenantry --test it access

api-fuzz: test-needs ## CASES=200 requests of each operation of /v1 by Schemathesis: no server error, nothing undocumented, no open door
	@$(SECTION) api-fuzz .ci/api-fuzz $(CASES)

torture: test-needs ## kill the server and cut its power TORTURE=1000 times under load, and its database FAILOVERS=20 times
	@# Not a release build: its control, which takes durability away to see that this is noticed, is left out of what is shipped.
	TENANTRY_TORTURE=$(TORTURE) cargo test $(LOCKED) --package tenantry --test torture -- --nocapture --test-threads=1
	TENANTRY_FAILOVERS=$(FAILOVERS) cargo test $(LOCKED) --package tenantry --test failover -- --nocapture --test-threads=1

histories: build-needs ## run HISTORIES=100000 random histories over both engines and compare what they give
	@# In memory, where there is a file system of it: what a disk takes for its flushes adds nothing here.
	TMPDIR=$(firstword $(wildcard /dev/shm) /tmp) TENANTRY_HISTORIES=$(HISTORIES) .ci/with-postgres cargo test --release $(LOCKED) --package tenantry-store --test contract histories -- --nocapture

fuzz: build-needs ## feed the codec what nobody would write, FUZZ=60 seconds for each target (needs cargo-fuzz)
	@command -v cargo-fuzz >/dev/null || { echo "cargo-fuzz is missing: cargo install --locked cargo-fuzz" >&2; exit 1; }
	@# The fuzzer's instrumentation is an unstable option; with this a stable compiler takes it.
	@for target in $$(cd fuzz && cargo fuzz list); do \
		mkdir -p fuzz/found/$$target && (cd fuzz && RUSTC_BOOTSTRAP=1 cargo fuzz run $$target found/$$target corpus/$$target -- -max_total_time=$(FUZZ) -max_len=4096) || exit 1; \
	done

bench: build-needs ## measure, and print ratios from one run (close everything else first)
	@# All of it built as what is shipped: the server, and what it is compared with.
	.ci/with-postgres cargo run --profile dist $(LOCKED) --package tenantry-bench

bench-scale: build-needs ## measure one and ten million customers over PostgreSQL (an hour, and 60 GB)
	TENANTRY_POSTGRES_SETTINGS="$$(printf 'shared_buffers = 4GB\nmaintenance_work_mem = 1GB\nmax_wal_size = 8GB\ncheckpoint_timeout = 15min')" \
	.ci/with-postgres cargo run --profile dist $(LOCKED) --package tenantry-bench -- scale

fmt: ## format everything
	cargo fmt --all

advisories: ## known vulnerabilities of the dependencies; fetches the RustSec database from the network
	@command -v cargo-deny >/dev/null || { echo "cargo-deny is missing: cargo install --locked cargo-deny" >&2; exit 1; }
	@cargo deny check advisories || { echo "If the database could not be fetched, nothing was checked: run this where the network allows it." >&2; exit 1; }
