#!/usr/bin/env bash
# Fuzzes the recovery of a damaged log: `.ci/fuzz.sh 600` for ten minutes. Crashing inputs stay in target/fuzz/.
set -euo pipefail
. "$(dirname "$0")/env.sh"

SECONDS_TO_RUN=${1:-60}
cargo fuzz --version >/dev/null 2>&1 || cargo install --quiet cargo-fuzz ||
  fail "cargo-fuzz could not be built; see cargo's message above."
mkdir -p target/fuzz/corpus target/fuzz/artifacts
# The fuzzer's instrumentation is unstable in name only; the address sanitizer would need another toolchain, and there is
# no unsafe code for it to look at.
RUSTC_BOOTSTRAP=1 cargo fuzz run --fuzz-dir tests/fuzz --target-dir target/fuzz --sanitizer none recovery target/fuzz/corpus -- \
  -max_total_time="$SECONDS_TO_RUN" -max_len=4096 -artifact_prefix=target/fuzz/artifacts/ -print_final_stats=1
