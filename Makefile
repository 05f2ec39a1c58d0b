# `make help` lists the targets.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Values to render; the chart's own by default. Example: make render VALUES=my-values.yaml
VALUES ?= chart/values.yaml

# What the command line sets, such as CASE=... or PUSH=1, is in the environment of each recipe. An `export` of a
# variable that is not set would set it to nothing.
#
# Read by the demo: ONESHOT=1 plays a script and ends with a verdict; REPLICAS sizes the simulated
# fleet; REPLAY=1 serves captured scrapes and spans instead; SPANS=file sends a recorded OTLP/JSON
# lines file; KEPT=file writes what was kept; PROMETHEUS_PORT and DASHBOARDS_PORT move what listens.

# A cluster is only tested on when it is named on the command line: one that the environment
# happens to name may be somebody's production.
ifeq ($(origin KUBECONFIG),command line)
export KIND_TEST_KUBECONFIG := $(KUBECONFIG)
endif

STAGE = tools/stage

.PHONY: help
help: ## List the targets (seconds)
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: collector ## The main job without a cluster: simulated fleet, real collector and Prometheus, live view (until Ctrl-C; with ONESHOT=1: 2 min)
	@tools/get helm prometheus >/dev/null
	@tools/page --if-possible dashboards/page >/dev/null
	@cargo run --quiet --locked -p demo

.PHONY: test
test: ## All tests; ends with the minutes of each part (35 min)
	@rm -f target/stages.tsv
	@$(STAGE) lint $(MAKE) lint
	@$(STAGE) plugin plugins/build --check
	@$(STAGE) validator plugins/values-validator/build helm web
	@$(STAGE) tools tools/get helm helm3 prometheus promtool pint kubeconform jaeger blackbox_exporter alertmanager amtool >/dev/null
	@$(STAGE) collector $(MAKE) collector
	@$(STAGE) programs cargo build --workspace --all-targets --locked
	@$(MAKE) --jobs=2 .stages-rust .stages-others
	@$(STAGE) --summary

# Two rows of stages beside each other: tests mostly wait for programs that they started. A demo has fixed addresses,
# so all that start one are in one row; with a third row for the cluster, its pods waited for two cores. A stage that
# fails does not hide what the later ones would say.
.PHONY: .stages-rust .stages-others
.stages-rust:
	@$(STAGE) --go-on rust tools/rust-tests --without cmd/demo
.stages-others:
	@$(STAGE) --go-on go collector/check
	@$(STAGE) --go-on docs $(MAKE) docs
	@$(STAGE) --go-on crates $(MAKE) crates
	@$(STAGE) --go-on release release/check
	@$(STAGE) --go-on advisories tools/advisories
	@$(STAGE) --go-on demo-tests tools/rust-tests --only cmd/demo
	@$(STAGE) --go-on demo $(MAKE) demo ONESHOT=1 REPLICAS= REPLAY= SPANS= KEPT=
	@$(STAGE) --go-on pages tests/pages/run --if-possible
	@$(STAGE) --go-on grafana tests/grafana/run --if-possible
	@$(STAGE) --go-on kind env -u KIND_TEST_KUBECONFIG tests/kind/run --if-possible

.PHONY: lint
lint: ## One version everywhere, shell scripts, workflows, texts, formatting, clippy (2 min)
	@tools/version --check
	@tools/lint
	@tools/rust rustfmt clippy
	@cargo fmt --all --check
	@cargo test --quiet --locked -p docs-tests
	@cargo clippy --workspace --all-targets --locked --quiet -- -D warnings

# Parts of `make test`, for work on one of them. Minutes are of two busy cores, where they were measured.
.PHONY: test-rust
test-rust: collector ## All Rust tests but the cluster's (19 min)
	@tools/get helm helm3 prometheus promtool pint kubeconform jaeger blackbox_exporter alertmanager amtool >/dev/null
	@tools/rust-tests

.PHONY: test-go
test-go: ## The collector's extensions: vet, staticcheck, tests with the race detector, fuzzers (3 min)
	@collector/check

.PHONY: test-rules
test-rules: ## Recording rules and alerts; ALERT=name runs the cases of one (8 min)
	@tools/get helm prometheus promtool blackbox_exporter >/dev/null
	@cargo test --quiet --locked -p rules-tests $(if $(ALERT),--test cases)

.PHONY: test-chart
test-chart: ## The chart: renders, values in the documents, tutorials, NOTES (5 min)
	@tools/get helm helm3 kubeconform promtool pint >/dev/null
	@cargo test --quiet --locked -p chart-tests

.PHONY: test-policy
test-policy: ## The sampling policy and its module (2 min)
	@plugins/build --check
	@cargo test --quiet --locked -p policy-kit -p policy-host -p sampling-policy-core -p policy-tests

.PHONY: test-values
test-values: ## The values validator and the schema (8 min)
	@cargo test --quiet --locked -p values-validator-core -p values-schema -p values-tests

.PHONY: test-dashboards
test-dashboards: ## The dashboards and their queries (2 min)
	@cargo test --quiet --locked -p dashboards -p dashboards-tests

.PHONY: test-grafana
test-grafana: ## The dashboards as Grafana's own packages draw them, in a browser (3 min)
	@tests/grafana/run

.PHONY: test-docs
test-docs: ## Links, words and figures of README and docs (seconds)
	@cargo test --quiet --locked -p docs-tests

.PHONY: docs
docs: ## docs/ as a book in target/book, with its links checked; builds mdBook first (seconds)
	@tools/book

# Late in `make test`: on a fresh machine cargo-deny is built first, and it says little that is new.
.PHONY: crates
crates: ## Licences, sources and bans of the Rust crates; builds cargo-deny first (seconds)
	@$$(tools/get cargo-deny) --locked check --hide-inclusion-graph licenses bans sources

.PHONY: generate
generate: ## Write every generated file again, in the right order; the list is in tools/generate (2 min)
	@tools/generate

.PHONY: generate-check
generate-check: ## Fail where a committed file is not what its generator writes (2 min)
	@tools/generate --check

.PHONY: plugin
plugin: ## Build the sampling policy and put it into the chart (14 s)
	@plugins/build

.PHONY: validator
validator: ## Build the values validator: Helm plugins, command, browser and Node; to target/validator (72 s)
	@plugins/values-validator/build

.PHONY: collector
collector: ## Build the collector distribution into target/collector (9 s)
	@collector/build

.PHONY: render
render: ## Render VALUES to target/render: manifests, rules, prometheus, collector (seconds)
	@cargo run --quiet --locked -p harness --bin render -- --values $(VALUES) --out target/render

.PHONY: bench
bench: collector ## What the policy and the rules cost, as ratios; to target/bench.json (59 min)
	@bench/run

.PHONY: situations
situations: collector ## An agent's trace of 10 minutes, a KV incident of 20 and a storm of errors of 2 through the real collector; `make test` has them compressed (32 min)
	@SITUATIONS=full cargo test --quiet --locked -p policy-tests --test collector -- --nocapture situations::agent situations::incident situations::storm

.PHONY: fuzz
fuzz: ## Fuzz the policy's exports, its settings, the OTLP reader and the values validator, FUZZ_SECONDS (60) each (3 min)
	@FUZZ_SECONDS=$${FUZZ_SECONDS:-60} cargo test --quiet --locked -p policy-tests --test fuzz -- --nocapture
	@FUZZ_SECONDS=$${FUZZ_SECONDS:-60} cargo test --quiet --locked -p values-tests --test fuzz -- --nocapture

.PHONY: pictures
pictures: ## Pictures of the pages for README and docs, after MINUTES (5) of the demo (6 min)
	@tests/pages/run pictures

# Signed by the key SIGN of the ring KEYRING, where both are given.
signed = $(if $(SIGN),--sign --key '$(SIGN)' --keyring '$(KEYRING)',--sign=false)

.PHONY: package
package: plugin ## The chart and the Helm 4 plugin as packages in target/package; SIGN=key KEYRING=file signs them (2 min)
	@plugins/values-validator/build helm
	@rm -rf target/package && mkdir -p target/package
	@$$(tools/get helm) package chart --destination target/package $(signed)
	@$$(tools/get helm) plugin package target/validator/helm/vllm-values --destination target/package $(signed)

.PHONY: images
images: ## Container images of our binaries; REGISTRY=... names them, PUSH=1 pushes them (2 min)
	@images/build

.PHONY: release-rehearsal
release-rehearsal: ## A release to a registry on loopback: build, push, sign, verify, install on kind, tamper; REPRODUCE=1 builds twice, 23 min (RELEASING.md; 16 min)
	@release/rehearse

.PHONY: advisories
advisories: collector ## Known vulnerabilities in dependencies: Go by a pinned database, Rust and npm where theirs answer (20 s)
	@tools/advisories

.PHONY: neighbours
neighbours: ## Programs of other projects beside the chart, to docs/compatibility.md: stores and sizes as processes, the rest on the kind cluster; CASE=stores, CASE=sizes, CASE=converted, CASE=keda, CASE=flux … runs one; builds them first (75 min)
	@if [[ -z "$${CASE:-}" || $$CASE == stores ]]; then tests/neighbours/run.py; fi
	@if [[ -z "$${CASE:-}" || $$CASE == sizes ]]; then tests/neighbours/run.py --sizes; fi
	@if [[ -z "$${CASE:-}" || $$CASE == converted ]]; then tests/neighbours/run.py --converted; fi
	@if [[ $${CASE:-} != stores && $${CASE:-} != sizes && $${CASE:-} != converted ]]; then KIND_TEST_THREADS=1 tests/kind/run neighbours; fi
	@tests/neighbours/run.py --page

.PHONY: kind
kind: ## A kind cluster with the chart installed and `helm test` run on it (2 min)
	@tests/kind/up

.PHONY: kind-down
kind-down: ## Remove that cluster and what it changed on this machine (5 s)
	@tests/kind/cluster down

.PHONY: kind-test
kind-test: ## The suite on a real cluster: kind's, or KUBECONFIG=... with IMAGES=...; CASE=upgrade runs one part (8 min)
	@tests/kind/run

.PHONY: faults
faults: ## Kill, cut, fill and drain on the kind cluster under load; to docs/faults.md; CASE=drain runs one (20 min)
	@tests/kind/run faults
	@cargo run --quiet --locked -p kind-tests --bin faults-page

.PHONY: peers
peers: ## Which simulated faults the alerts of other projects detect; to docs/peers.md (4 min)
	@tools/get helm promtool >/dev/null
	@cargo run --quiet --locked -p rules-tests --bin peers

.PHONY: soak
soak: collector ## Memory and series of collector and Prometheus under steady load, MINUTES (60); to docs/faults.md; fails where they grow (61 min)
	@tools/get helm prometheus >/dev/null
	@cargo build --quiet --locked -p demo -p bench --bin demo --bin soak
	@MINUTES=$${MINUTES:-60} target/debug/soak
	@cargo run --quiet --locked -p kind-tests --bin faults-page
