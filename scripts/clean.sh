#!/usr/bin/env bash
# Removes what was built; the installed tools and npm packages stay.
set -euo pipefail
. "$(dirname "$0")/env.sh"

rm -rf dist test-results
cargo clean --quiet
