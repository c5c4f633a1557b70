#!/usr/bin/env bash
# Builds a release into dist/ and prints what a visitor downloads and, where Chromium is, how soon the page can be used.
set -euo pipefail
. "$(dirname "$0")/env.sh"

scripts/setup.sh build
trunk build --release || fail "the release build failed; mend what the message above names, then type this again."
node scripts/sizes.mjs dist
node scripts/first_paint.mjs dist
