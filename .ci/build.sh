#!/usr/bin/env bash
# Builds a release into dist/ and prints what a visitor downloads and how soon the page can be used.
set -euo pipefail
. "$(dirname "$0")/env.sh"

.ci/setup.sh build
trunk build --release || fail "the release build failed; mend what the compiler says above."
node .ci/sizes.mjs dist
node .ci/first_paint.mjs dist
