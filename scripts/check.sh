#!/usr/bin/env bash
# Format, lints and native tests: what a change needs while it is made. `make test` is the whole.
set -euo pipefail
. "$(dirname "$0")/env.sh"

has cargo || fail "cargo is missing; install Rust by rustup, then type 'make check' again."
cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 ||
  fail "rustfmt or clippy is missing; type 'rustup component add rustfmt clippy', then 'make check' again."
cargo fmt --check || fail "the sources above are not formatted; type 'make fmt'."
cargo clippy --quiet --all-targets -- -D warnings
cargo test --quiet
