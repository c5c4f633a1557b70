# The commands of this project; each is a script in .ci/ that says what it does.
.DEFAULT_GOAL := help
.PHONY: help run dev build test fmt bench pictures first-visit fuzz clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## install what is missing, build a release and serve it on http://127.0.0.1:8080/
	@.ci/run_app.sh

dev: ## the same with a debug build that is rebuilt when a source changes
	@.ci/dev.sh

build: ## build a release into dist/ and print what a visitor downloads and how soon the page can be used
	@.ci/build.sh

test: ## every check and test, also those in the browser; ends with the counts
	@.ci/test.sh

fmt: ## format the Rust sources
	@.ci/fmt.sh

bench: ## what a batch of 10 costs in the worker, and the frame beside pandas, polars, Arquero, DuckDB and plain loops
	@.ci/bench.sh

pictures: ## the README's pictures, from the app in dist/
	@node .ci/pictures.mjs

first-visit: ## the list of functions that a first visit downloads, from a build that notes which ones run
	@.ci/first_visit.sh

fuzz: ## ten minutes of damaged logs for the recovery code
	@.ci/fuzz.sh 600

clean: ## remove what was built; installed tools stay
	@.ci/clean.sh
