#!/usr/bin/env bash
# Trunk's post_build hook: writes the page's policy, optimises the programs of a release and tells the service worker which
# files to keep. A debug build keeps none, so that `trunk serve` never shows an older build.
set -euo pipefail
. "$(dirname "$0")/env.sh"

node scripts/csp.mjs "$TRUNK_STAGING_DIR"
[[ $TRUNK_PROFILE == release ]] || exit 0
printf '%s\0' "$TRUNK_STAGING_DIR"/*_bg.wasm |
  xargs -0 -P 2 -I {} wasm-opt -O2 --strip-debug --strip-producers -o {} {}
node scripts/precache.mjs "$TRUNK_STAGING_DIR"
