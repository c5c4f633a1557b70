#!/usr/bin/env bash
# Runs every suite, also after one has failed, and ends with the counts over all of them.
set -euo pipefail
. "$(dirname "$0")/env.sh"

passed=0 failed=0 broken=()
output=$(mktemp)
trap 'rm -f "$output"' EXIT

# Adds up what a suite passed and failed; a suite that ended badly without a failed test counts as one.
count() {
  local name=$1 status=$2 suite_passed=$3 suite_failed=$4
  [[ $status == 0 || $suite_failed -gt 0 ]] || suite_failed=1
  [[ $suite_failed == 0 ]] || broken+=("$name")
  passed=$((passed + suite_passed)) failed=$((failed + suite_failed))
  printf -- '--- %s: %d passed, %d failed (%d s)\n\n' "$name" "$suite_passed" "$suite_failed" $((SECONDS - started))
}

# Runs a suite with its output on the screen and in the file that the counts are read from.
run() {
  printf -- '--- %s\n' "$1"
  started=$SECONDS
  shift
  "$@" 2>&1 </dev/null | tee "$output"
}

# A check passes or fails as a whole.
check() {
  if run "$@"; then count "$1" 0 1 0; else count "$1" 1 0 1; fi
}

# The Rust test runners print one "test result:" line for each binary.
rust_tests() {
  local status=0
  run "$@" || status=$?
  count "$1" $status "$(sum 's/^test result: .* ([0-9]+) passed;.*/\1/p')" "$(sum 's/^test result: .* ([0-9]+) failed;.*/\1/p')"
}

# Node's test runner ends with its totals.
node_tests() {
  local status=0
  run "$@" || status=$?
  count "$1" $status "$(sum 's/^[^a-z]*pass ([0-9]+)$/\1/p')" "$(sum 's/^[^a-z]*(fail|cancelled) ([0-9]+)$/\2/p')"
}

sum() { sed -nE "$1" "$output" | awk '{ total += $1 } END { print total + 0 }'; }

# From an empty folder, so that the tests after it never see an older build.
release() { rm -rf dist && trunk build --release && node .ci/sizes.mjs dist; }

.ci/setup.sh test
wasm=(--target wasm32-unknown-unknown)
check "format" cargo fmt --check
check "lints, host" cargo clippy --all-targets -- -D warnings
check "lints, wasm32" cargo clippy --all-targets "${wasm[@]}" -- -D warnings
# With what the tests print: bytes a row of history, vectors that pass.
rust_tests "native tests" cargo test --no-fail-fast -- --show-output
rust_tests "browser tests" wasm-pack test --headless --chrome
check "release build" release
# Where Python has them, they read what the built app answers.
python_packages target/test-venv tests/e2e/requirements.txt || true
node_tests "tests of the built app" node --test --test-concurrency=1 --test-reporter=spec tests/e2e/*.spec.mjs

((failed == 0)) || say "failed: $(IFS=';'; echo "${broken[*]}")"
echo "$passed passed, $failed failed"
((failed == 0))
