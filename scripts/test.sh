#!/usr/bin/env bash
# Every check and test, the short form of those that prove by repetition (`make prove` has their full form). Suites that
# follow a failed one run all the same; the last line has the counts.
set -euo pipefail
. "$(dirname "$0")/env.sh"
. scripts/counts.sh

# What the check of a fresh clone, which ran in the background, has printed.
clone_result() {
  cat "$clone_log"
  return "$clone_status"
}

scripts/setup.sh test
# It builds a release meanwhile: the last steps of a build, and of each compilation below, keep but one core busy.
clone_log=target/fresh-clone-check.log
mkdir -p target
scripts/fresh_clone.sh >"$clone_log" 2>&1 </dev/null &
clone=$!
wasm=(--target wasm32-unknown-unknown)
check "format" cargo fmt --check
check "lints, host" cargo clippy --all-targets -- -D warnings
check "lints, wasm32" cargo clippy --all-targets "${wasm[@]}" -- -D warnings
check "documentation" env RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps
rust_tests "native tests" cargo test
# The runner gives up after 20 s otherwise, which a busy machine needs to load the program. Without `--lib` cargo compiles
# the examples too, which hold no tests.
rust_tests "tests in the browser" env WASM_BINDGEN_TEST_TIMEOUT=120 wasm-pack test --headless --chrome -- --lib
wait "$clone" && clone_status=0 || clone_status=1
check "make run in a fresh clone" clone_result
# What the clone has built is what the tests use.
export MILLRACE_DIST=$PWD/target/fresh-clone/dist
check "size of a first visit" node scripts/sizes.mjs "$MILLRACE_DIST"
# Where Python has them, pandas, polars and DuckDB read what the app answers, and write files for it.
python_packages target/test-venv tests/e2e/requirements.txt || true
scripts/nats_servers.sh || true
e2e_tests "the built app in Chromium" scripts/e2e.sh --project=chromium
e2e_tests "the built app in Chromium, measured" scripts/e2e.sh --project=chromium-measured
e2e_tests "the built app in Firefox, smoke" scripts/e2e.sh --project=firefox-smoke
totals
