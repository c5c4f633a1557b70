#!/usr/bin/env bash
# Fuzzes the recovery of a damaged journal: `fuzz.sh 600` for ten minutes. Crashing inputs stay in target/fuzz/.
set -euo pipefail
. "$(dirname "$0")/env.sh"

CARGO_FUZZ=0.13.2
seconds=${1:-60}
[[ $(cargo fuzz --version 2>/dev/null) == "cargo-fuzz $CARGO_FUZZ" ]] || {
  say "building cargo-fuzz $CARGO_FUZZ, about 2 minutes, once"
  cargo install --quiet --locked --force "cargo-fuzz@$CARGO_FUZZ" || fail "cargo-fuzz could not be built; see cargo's message above."
}
mkdir -p target/fuzz/corpus target/fuzz/artifacts
# The fuzzer's instrumentation is unstable in name only; the address sanitizer would need another toolchain, and there is
# no unsafe code for it to look at.
RUSTC_BOOTSTRAP=1 cargo fuzz run --fuzz-dir tests/fuzz --target-dir target/fuzz --sanitizer none recovery target/fuzz/corpus -- \
  -max_total_time="$seconds" -max_len=4096 -artifact_prefix=target/fuzz/artifacts/ -print_final_stats=1 2>&1 | tee target/fuzz/log.txt
runs=$(sed -nE 's/^stat::number_of_executed_units: ([0-9]+)$/\1/p' target/fuzz/log.txt)
[[ -z ${MILLRACE_FIGURES:-} ]] || printf 'damaged journals opened in %s s: %s\tfuzzing the recovery\n' "$seconds" "$runs" >>"$MILLRACE_FIGURES"
