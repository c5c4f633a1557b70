# The commands of this project; each is a script in scripts/ that says what it does.
.DEFAULT_GOAL := help
.PHONY: help run dev build check test e2e prove soak fmt bench pictures fuzz setup clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## install what is missing, build a release and serve it on http://127.0.0.1:8080/ (PORT=… for another port)
	@PORT="$(PORT)" scripts/serve.sh release

dev: ## the same with a debug build, quick to build anew when a source changes
	@PORT="$(PORT)" scripts/serve.sh debug

build: ## build a release into dist/ and print what a visitor downloads and how soon it can be used
	@scripts/build.sh

check: ## format, lints and native tests: what a change needs within seconds
	@scripts/check.sh

test: ## every check and test, those in Chromium and Firefox too; ends with the counts
	@scripts/test.sh

e2e: ## tests of the app in dist/ alone: make e2e ARGS="--project=chromium tests/e2e/tabs.spec.mjs"
	@scripts/e2e.sh $(ARGS)

prove: ## the full form of every test that proves by repetition, about two and a half hours; ends with a table of figures
	@scripts/prove.sh

soak: ## an hour of two tabs, readers, queries and reloads beside twenty busy programs, on the app in dist/
	@MILLRACE_FORM=full MILLRACE_SOAK_SECONDS=3600 scripts/e2e.sh --project=chromium-measured tests/e2e/busy_machine.spec.mjs

fmt: ## format the Rust sources
	@scripts/fmt.sh

bench: ## what a batch of 10 costs in the worker, a large file beside DuckDB, Arquero and Papa Parse, and the frame beside pandas, polars, Arquero, DuckDB and plain loops
	@scripts/bench.sh

pictures: ## the README's pictures, from the app in dist/
	@node scripts/pictures.mjs

fuzz: ## ten minutes each of damaged journals, event bodies, files and previews, times and query strings, two at a time
	@scripts/fuzz.sh 600

setup: ## install all that builds and tests need
	@scripts/setup.sh test

clean: ## remove what was built; installed tools stay
	@scripts/clean.sh
