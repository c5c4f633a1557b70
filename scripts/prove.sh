#!/usr/bin/env bash
# The full form of every test that proves by repetition, in Chromium, and all of the built app in Firefox, where each runs once
# more in its short form: about two and a half hours. Ends with the figures and the counts.
set -euo pipefail
. "$(dirname "$0")/env.sh"
. scripts/counts.sh

export MILLRACE_FORM=full
export MILLRACE_FIGURES=$PWD/target/figures.tsv

# The figures of all suites: what, how much, and by which test.
figures() {
  printf '\n%-78s %s\n' "figure" "by"
  awk -F '\t' '{ printf "%-78s %s\n", $1, $2 }' "$MILLRACE_FIGURES"
}

# What the fuzzers, which ran in the background, have found.
fuzz_result() {
  tail -n 30 "$fuzz_log"
  return "$fuzz_status"
}

scripts/setup.sh test
mkdir -p target && : >"$MILLRACE_FIGURES"
check "release build, its size and how soon it can be used" scripts/build.sh
rust_tests "native tests" cargo test --release -- --include-ignored
python_packages target/test-venv tests/e2e/requirements.txt || true
scripts/nats_servers.sh || true
e2e_tests "the built app in Chromium" scripts/e2e.sh --project=chromium
e2e_tests "the built app in Chromium, measured" scripts/e2e.sh --project=chromium-measured
check "a file of 1 GB beside its peers" scripts/bench.sh files --mb=1024
# Neither Firefox nor the fuzzers measure time, and the fuzzers take what Firefox leaves of the cores.
fuzz_log=target/fuzz.log
nice -n 19 scripts/fuzz.sh 600 >"$fuzz_log" 2>&1 </dev/null &
fuzz=$!
e2e_tests "the built app in Firefox" env MILLRACE_FORM=short scripts/e2e.sh --project=firefox
e2e_tests "kills in Firefox" scripts/e2e.sh --project=firefox-kills
wait "$fuzz" && fuzz_status=0 || fuzz_status=1
check "ten minutes of each fuzz target" fuzz_result
figures
totals
