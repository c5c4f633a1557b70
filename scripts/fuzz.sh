#!/usr/bin/env bash
# Fuzzes what comes in: damaged journals, bodies of events, rows of files in each format, their previews, event streams and
# what live servers do, times, lengths of time, query strings. `fuzz.sh 600` gives each ten minutes, two at a time. Crashing inputs stay in target/fuzz/artifacts/.
set -euo pipefail
. "$(dirname "$0")/env.sh"

CARGO_FUZZ=0.13.2
TARGETS=(recovery bodies csv_rows ndjson_rows json_rows arrow_rows column_rows event_streams live_sources previews time_forms times
  durations queries)
seconds=${1:-60}
[[ $(cargo fuzz --version 2>/dev/null) == "cargo-fuzz $CARGO_FUZZ" ]] || {
  say "building cargo-fuzz $CARGO_FUZZ, about 2 minutes, once"
  cargo install --quiet --locked --force "cargo-fuzz@$CARGO_FUZZ" || fail "cargo-fuzz could not be built; see cargo's message above."
}
# The fuzzer's instrumentation is unstable in name only; the address sanitizer would need another toolchain, and there is
# no unsafe code for it to look at.
export RUSTC_BOOTSTRAP=1
options=(--fuzz-dir tests/fuzz --target-dir target/fuzz --sanitizer none)
cargo fuzz build "${options[@]}"

# Fuzzes one target and notes how often it ran.
fuzz() {
  local target=$1 log=target/fuzz/$1.txt runs status=0
  mkdir -p "target/fuzz/corpus/$target" "target/fuzz/artifacts/$target"
  cargo fuzz run "${options[@]}" "$target" "target/fuzz/corpus/$target" -- -max_total_time="$seconds" -max_len=4096 \
    -dict=tests/fuzz/inputs.dict -artifact_prefix="target/fuzz/artifacts/$target/" -print_final_stats=1 >"$log" 2>&1 || status=$?
  runs=$(sed -nE 's/^stat::number_of_executed_units: ([0-9]+)$/\1/p' "$log")
  if ((status)); then
    tail -n 40 "$log"
    say "$target: failed after ${runs:-some} runs; the input is in target/fuzz/artifacts/$target/"
    return 1
  fi
  say "$target: ${runs:-0} runs in $seconds s, nothing found"
  [[ -z ${MILLRACE_FIGURES:-} ]] ||
    printf 'inputs of the fuzz target %s in %s s: %s\tfuzzing\n' "$target" "$seconds" "$runs" >>"$MILLRACE_FIGURES"
}

# Two at a time: that is as many cores as the smallest machine has that this runs on.
failed=0
for ((first = 0; first < ${#TARGETS[@]}; first += 2)); do
  jobs=()
  for target in "${TARGETS[@]:first:2}"; do
    fuzz "$target" &
    jobs+=($!)
  done
  for job in "${jobs[@]}"; do
    wait "$job" || failed=1
  done
done
exit "$failed"
