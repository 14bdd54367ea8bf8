# make run    a real session between two instances on the loopback network
# make test   everything that must hold: tools, formatting, lints, tests, corpora
# make help   the other targets

CARGO  ?= cargo
PREFIX ?= /usr/local
CASE   ?=
TARGET  = $(or $(CARGO_TARGET_DIR),target)
BINARY  = $(TARGET)/release/exabgp
NAMES   = exabgp exabgpcli exabgp-cli
COMPLETION = src/application/shell/completion

KINDS   = encoding decoding parsing
PARTS   = setup fmt-check lint lint-bench lint-fuzz suite functional fuzz-short
FUZZ    = --manifest-path qa/fuzz/Cargo.toml
COUNT  ?= 20000
SECONDS ?= 600

.PHONY: all release run test check $(PARTS) $(KINDS) fmt tidy fuzz bench doc reference install uninstall clean help
.NOTPARALLEL:

all: ## debug build
	$(CARGO) build

release: ## optimised build
	$(CARGO) build --release

run: ## the demonstration: two instances, one session, no privilege
	$(CARGO) build --release --quiet
	qa/demo/run $(BINARY)

setup: ## what the tests need beside Rust, from Debian's packages where it may
	qa/setup

test: ## the whole gate: every part below runs, and the end fails if one has failed
	@$(MAKE) --no-print-directory --keep-going $(PARTS)

check: test ## the same

suite: ## every test of the package
	$(CARGO) test --no-fail-fast

fmt: ## format the sources
	$(CARGO) fmt
	$(CARGO) fmt --manifest-path qa/bench/Cargo.toml
	$(CARGO) fmt $(FUZZ)

fmt-check: ## fail where the sources are not formatted
	$(CARGO) fmt --check
	$(CARGO) fmt --check --manifest-path qa/bench/Cargo.toml

lint: ## every lint, warnings refused
	$(CARGO) clippy --all-targets -- -D warnings

lint-bench:
	$(CARGO) clippy --manifest-path qa/bench/Cargo.toml --target-dir qa/bench/target -- -D warnings

lint-fuzz:
	$(CARGO) fmt --check $(FUZZ)
	$(CARGO) clippy $(FUZZ) --target-dir qa/fuzz/target -- -D warnings

fuzz-short: ## the vectors cut short and flipped, and COUNT inputs a target from a fixed seed
	$(CARGO) run --quiet --release $(FUZZ) --target-dir qa/fuzz/target --bin mutate -- --count $(COUNT)

fuzz: ## each coverage-guided target for its part of SECONDS; the seeded mutator without cargo-fuzz
	qa/fuzz/run $(SECONDS)

tidy: ## the rules that a program can enforce
	$(CARGO) test --test tidy

functional: $(KINDS) ## corpora against the release binary; one case: make encoding CASE=name

$(KINDS): release
	qa/bin/functional $@ --binary $(BINARY) $(CASE)

fuzz: ## a million mutated configurations; other ones with FUZZ_FIRST=number
	FUZZ_INPUTS=$(or $(FUZZ_INPUTS),1000000) $(CARGO) test --release --test mutation -- --nocapture

bench: ## what the program costs; EXABGP_REFERENCE=path to compare with another ExaBGP
	qa/bench/run $(BENCH)

reference: ## write doc/ anew, from the tables of the program
	EXPECT=update $(CARGO) test --test tools reference

doc: ## API documentation, warnings refused
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --no-deps

install: release ## binary, its names, completion and examples, below DESTDIR and PREFIX
	install -D -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/sbin/exabgp
	ln -sf exabgp $(DESTDIR)$(PREFIX)/sbin/exabgpcli
	ln -sf exabgp $(DESTDIR)$(PREFIX)/sbin/exabgp-cli
	install -D -m 644 $(COMPLETION).bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/exabgp
	ln -sf exabgp $(DESTDIR)$(PREFIX)/share/bash-completion/completions/exabgpcli
	ln -sf exabgp $(DESTDIR)$(PREFIX)/share/bash-completion/completions/exabgp-cli
	install -D -m 644 $(COMPLETION).zsh $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_exabgp
	install -D -m 644 $(COMPLETION).fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/exabgp.fish
	install -d $(DESTDIR)$(PREFIX)/share/exabgp
	cp -R etc/exabgp $(DESTDIR)$(PREFIX)/share/exabgp/examples
	install -D -m 644 LICENSE $(DESTDIR)$(PREFIX)/share/doc/exabgp/LICENSE
	install -D -m 644 README.md $(DESTDIR)$(PREFIX)/share/doc/exabgp/README.md

uninstall: ## undo install
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/sbin/,$(NAMES))
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/share/bash-completion/completions/,$(NAMES))
	rm -f $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_exabgp
	rm -f $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/exabgp.fish
	rm -rf $(DESTDIR)$(PREFIX)/share/exabgp $(DESTDIR)$(PREFIX)/share/doc/exabgp

clean: ## remove what was built
	$(CARGO) clean
	rm -rf qa/bench/target qa/fuzz/target

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14
