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

.PHONY: test
test: ## Everything that must hold
	@$(STAGE) lint $(MAKE) lint
	@$(STAGE) plugin plugins/build --check
	@$(STAGE) tools tools/get --all >/dev/null
	@$(STAGE) rust cargo test --workspace --locked --no-fail-fast
	@$(STAGE) --summary

.PHONY: lint
lint: ## Formatting, clippy, licences and advisories
	@cargo fmt --all --check
	@cargo clippy --workspace --all-targets --locked --quiet -- -D warnings
	@$$(tools/get cargo-deny) --locked check --hide-inclusion-graph licenses bans sources

.PHONY: plugin
plugin: ## Build the sampling policy and put it into the chart
	@plugins/build

.PHONY: render
render: ## Render VALUES to target/render: manifests, rules, prometheus, collector
	@cargo run --quiet --locked -p harness --bin render -- --values $(VALUES) --out target/render
