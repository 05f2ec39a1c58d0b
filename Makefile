# vllm-monitoring: the front door. `make help` lists what stands behind it.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Values to render; the chart's own by default. Example: make render VALUES=my-values.yaml
VALUES ?= chart/values.yaml

STAGE = tools/stage

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##—— The two commands ——

.PHONY: demo
demo: tools-demo plugin collector ## The main job without a cluster: real collector, real Prometheus, captured data (ONESHOT=1 ends by itself)
	@cargo run --quiet --locked -p demo

.PHONY: test
test: ## Everything that must hold: lint, Rust, Go, plugin, rules, chart, one-shot demo
	@$(STAGE) lint $(MAKE) lint
	@$(STAGE) plugin $(MAKE) plugin-check
	@$(STAGE) collector $(MAKE) collector
	@$(STAGE) tools tools/get helm prometheus promtool kubeconform >/dev/null
	@$(STAGE) rust cargo test --workspace --locked --no-fail-fast
	@$(STAGE) go $(MAKE) test-go
	@$(STAGE) demo env ONESHOT=1 $(MAKE) demo
	@$(STAGE) --summary

##—— Parts ——

.PHONY: lint
lint: ## Formatting, clippy, licences and advisories, go vet, staticcheck
	@cargo fmt --all --check
	@cargo clippy --workspace --all-targets --locked --quiet -- -D warnings
	@$$(tools/get cargo-deny) --locked check --hide-inclusion-graph licenses bans sources
	@cd collector/wasmsamplingpolicy && go vet ./... && $$(../../tools/get staticcheck) ./...

.PHONY: test-go
test-go: ## The collector's extension, through the real tail_sampling processor
	@cd collector/wasmsamplingpolicy && go test ./...

.PHONY: plugin
plugin: ## Build the sampling policy and put it into the chart
	@plugins/build

.PHONY: plugin-check
plugin-check: ## Build the sampling policy; fail where the chart holds another one
	@plugins/build --check

.PHONY: collector
collector: ## Build the collector distribution into target/collector
	@collector/build

.PHONY: render
render: ## Render VALUES to target/render: manifests, rules, prometheus, collector
	@cargo run --quiet --locked -p harness --bin render -- --values $(VALUES) --out target/render

.PHONY: bench
bench: ## Decision cost against the native policies, to target/bench.json
	@tests/bench/run

.PHONY: tools-demo
tools-demo:
	@tools/get helm prometheus >/dev/null
