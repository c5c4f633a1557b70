#!/usr/bin/env bash
# Formats the Rust sources.
set -euo pipefail
. "$(dirname "$0")/env.sh"

cargo fmt || fail "cargo fmt failed; run 'rustup component add rustfmt' if it is missing."
