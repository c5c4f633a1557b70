#!/usr/bin/env bash
# Measures the built app in headless Chromium.
set -euo pipefail
. "$(dirname "$0")/env.sh"

.ci/setup.sh test
trunk build --release || fail "the release build failed; mend what the compiler says above."
node benches/batch.mjs
