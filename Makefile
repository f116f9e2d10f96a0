# The one entry for people and CI. `make help` lists what there is.

export PYTHONDONTWRITEBYTECODE = 1

# What touches a database is tested on both engines.
ON_A_DATABASE = ^(Access|Callbacks|Concurrency|Dashboard|Database|Feedback|HTTPAPI|Notices|Outbound|PolicyServer|Recipients|Reports|SESAPI|SMTPServer|Sending|Storage)Tests

SWIFT_SOURCES = Package.swift Sources Tests

.PHONY: help run build build-release test unit-tests optimised-tests end-to-end sanitize bench soak format lint deb release clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## set up, build and start on http://127.0.0.1:8080 with SQLite and a local mailbox instead of SES
	@scripts/setup run
	swift build --product martlet
	@exec .build/debug/martlet serve

build: ## debug build of everything, unit tests included
	@scripts/setup test
	swift build --build-tests

build-release: ## optimised build of the programs that the tests start
	@scripts/setup test
	swift build -c release

test: lint unit-tests optimised-tests end-to-end ## everything that CI checks: each configuration is built once

# On both engines side by side, one core each; the tests of one engine one after the other: time-outs are measured in some.
define side_by_side
	@mkdir -p var; scripts/with-postgres $(2) > var/$@-postgres.log 2>&1 & other=$$!; \
	$(1); sqlite=$$?; \
	wait $$other; postgres=$$?; cat var/$@-postgres.log; exit $$((sqlite | postgres))
endef

UNIT_TESTS = .build/debug/martletPackageTests.xctest --testing-library swift-testing --no-parallel

unit-tests: build ## unit tests, debug
	$(call side_by_side,$(UNIT_TESTS),$(UNIT_TESTS) --filter '$(ON_A_DATABASE)')

OPTIMISED_TESTS = .build/release/optimised-tests --no-parallel

# The suites whose outcome may depend on the optimiser (docs/adr/0010-the-optimised-program-is-tested.md).
optimised-tests: build-release ## unit tests of concurrency, order and unsafe memory, optimised
	$(call side_by_side,$(OPTIMISED_TESTS),$(OPTIMISED_TESTS) --filter '$(ON_A_DATABASE)')

END_TO_END = .venv/bin/python -m pytest Tests/EndToEnd/$(ONLY)

# What ships is what is tested: the optimised program. MARTLET_TEST_CONFIGURATION=debug takes the debug build instead.
ifeq ($(MARTLET_TEST_CONFIGURATION),debug)
end-to-end: build
else
end-to-end: build-release
endif
end-to-end: ## tests of the optimised program from outside (one file: make end-to-end ONLY=test_seed.py)
	$(call side_by_side,$(END_TO_END),$(END_TO_END))

# Each is a build of its own, of 15 minutes and more on two cores: not a part of `make test`.
# Leaks are not looked for: PostgreSQL's and OpenSSL's libraries keep what they allocate once.
SANITIZED = ASAN_OPTIONS=detect_leaks=0 TSAN_OPTIONS=suppressions=$(CURDIR)/scripts/thread-sanitizer.txt

sanitize: ## unit tests under the thread and the address sanitizer, on SQLite and PostgreSQL
	@scripts/setup test
	for kind in thread address; do \
		swift build --build-tests --sanitize=$$kind --scratch-path .build-$$kind || exit; \
		$(SANITIZED) swift test --skip-build --no-parallel --sanitize=$$kind --scratch-path .build-$$kind || exit; \
		$(SANITIZED) scripts/with-postgres swift test --skip-build --no-parallel --sanitize=$$kind --scratch-path .build-$$kind \
			--filter '$(ON_A_DATABASE)' || exit; \
	done

bench: ## release build, load from this machine, one table with ratios
	@scripts/setup bench
	.venv/bin/python Benchmarks/run.py $(BENCH)

MINUTES = 60

soak: ## a deployment on SQLite and one on PostgreSQL at 80 % load, one fault after the other, for MINUTES=60
	@scripts/setup test
	swift build -c release
	$(call side_by_side,.venv/bin/python Tests/Soak/soak.py sqlite --minutes $(MINUTES),.venv/bin/python Tests/Soak/soak.py postgres --minutes $(MINUTES))

format: ## format the Swift sources in place
	swift format --in-place --parallel --recursive $(SWIFT_SOURCES)

lint: ## style check, strict
	swift format lint --strict --parallel --recursive $(SWIFT_SOURCES)

DIST = .build/dist

# Of the objects of `make build-release`, which the tests ran: the program is only linked anew.
deb: ## Debian package in .build/dist: optimised program with Swift's libraries inside, unit, settings, manual, completions
	@scripts/setup package
	swift build -c release --product martlet
	@rm -rf $(DIST)
	scripts/link-static $(DIST)/martlet
	scripts/deb $(DIST)/martlet $(DIST)

release: deb ## the package, the program as one file, its bill of materials, and SHA-256 sums of all in .build/dist
	@scripts/setup release
	lintian --fail-on error,warning $(DIST)/martlet_*.deb
	scripts/sbom $(DIST)/martlet > $(DIST)/martlet.cdx.json
	cd $(DIST) && sha256sum martlet martlet.cdx.json martlet_*.deb > SHA256SUMS

clean: ## remove what was built; keeps var/
	rm -rf .build .venv
