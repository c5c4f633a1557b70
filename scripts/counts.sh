# Sourced by test.sh and prove.sh: runs suites one after the other, also after one has failed, and adds up their counts.
passed=0 failed=0 skipped=0 broken=()
output=$(mktemp) failures=$(mktemp)
trap 'rm -f "$output" "$failures"' EXIT

# Adds a suite's counts; one that ended badly without a failed test counts as one.
count() {
  local name=$1 status=$2 suite_passed=$3 suite_failed=$4 suite_skipped=${5:-0}
  [[ $status == 0 || $suite_failed -gt 0 ]] || suite_failed=1
  if ((suite_failed > 0)); then
    broken+=("$name")
    # The runners of Rust, in a terminal and in a browser, and figures_reporter.mjs name a test that failed so.
    sed -nE 's/^(test .*) \.\.\. FAIL(ED)?$/  \1/p; s/^e2e failed: (.*)/  \1/p' "$output" >>"$failures"
  fi
  passed=$((passed + suite_passed)) failed=$((failed + suite_failed)) skipped=$((skipped + suite_skipped))
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
  count "$1" $status "$(sum 's/^test result: .* ([0-9]+) passed;.*/\1/p')" "$(sum 's/^test result: .* ([0-9]+) failed;.*/\1/p')" \
    "$(sum 's/^test result: .* ([0-9]+) ignored;.*/\1/p')"
}

# tests/e2e/support/figures_reporter.mjs prints one line of counts for each run of Playwright.
e2e_tests() {
  local status=0
  run "$@" || status=$?
  count "$1" $status "$(sum 's/^e2e: ([0-9]+) passed,.*/\1/p')" "$(sum 's/^e2e: .* ([0-9]+) failed,.*/\1/p')" \
    "$(sum 's/^e2e: .* ([0-9]+) skipped$/\1/p')"
}

sum() { sed -nE "$1" "$output" | awk '{ total += $1 } END { print total + 0 }'; }

# The line that ends a run; false when something failed.
totals() {
  printf 'all of it took %d min %d s\n' $((SECONDS / 60)) $((SECONDS % 60))
  if ((failed > 0)); then
    say "failed: $(IFS=';'; echo "${broken[*]}")"
    cat "$failures"
  fi
  if ((skipped > 0)); then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
  ((failed == 0))
}
