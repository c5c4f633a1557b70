#!/usr/bin/env bash
# Trunk's post_build hook: writes the page's policy, optimises the programs and scripts of a release and tells the service
# worker which files to keep. A debug build keeps none, so that `trunk serve` never shows an older build.
set -euo pipefail
. "$(dirname "$0")/env.sh"

node scripts/csp.mjs "$TRUNK_STAGING_DIR"
[[ $TRUNK_PROFILE == release ]] || exit 0
# The page is built for its size, the others for their speed. Functions of one name, compiled for several types, resemble
# each other: side by side they compress to 9 KB less.
for program in "$TRUNK_STAGING_DIR"/*_bg.wasm; do
  [[ $program == */app-* ]] && level=-O2 || level=-O4
  printf '%s\0%s\0' $level "$program"
done |
  xargs -0 -n 2 -P 2 sh -c 'wasm-opt "$0" --strip-producers --reorder-functions-by-name --strip-debug -o "$1" "$1"'
node scripts/precache.mjs "$TRUNK_STAGING_DIR"
# Last, since what is filled in before would be optimised away while it is empty.
for script in "$TRUNK_STAGING_DIR"/*.js; do
  [[ $script == *.min.js ]] || esbuild "$script" --minify --outfile="$script" --allow-overwrite --log-level=warning
done
