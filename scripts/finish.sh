#!/usr/bin/env bash
# Trunk's post_build hook: writes the page's policy, optimises the programs and scripts of a release and tells the service
# worker which files to keep. A debug build keeps none, so that `trunk serve` never shows an older build.
set -euo pipefail
. "$(dirname "$0")/env.sh"

node scripts/csp.mjs "$TRUNK_STAGING_DIR"
[[ $TRUNK_PROFILE == release ]] || exit 0
# Functions of one name, compiled for several types, resemble each other: side by side they compress to 9 KB less.
printf '%s\0' "$TRUNK_STAGING_DIR"/*_bg.wasm |
  xargs -0 -P 2 -I {} wasm-opt -O2 --strip-producers --reorder-functions-by-name --strip-debug -o {} {}
node scripts/precache.mjs "$TRUNK_STAGING_DIR"
# Last, since what is filled in before would be optimised away while it is empty.
for script in "$TRUNK_STAGING_DIR"/*.js; do
  [[ $script == *.min.js ]] || esbuild "$script" --minify --outfile="$script" --allow-overwrite --log-level=warning
done
