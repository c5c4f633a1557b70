#!/usr/bin/env bash
# Finishes a release: optimises the program, takes comments, blanks and long names out of its scripts (uPlot's comes so),
# and tells the service worker which files to keep. A debug build keeps none, so that `trunk serve` never shows what was
# built before the last.
set -euo pipefail
. "$(dirname "$0")/env.sh"

minify() {
  local script
  for script in "$@"; do
    node_modules/.bin/esbuild "$script" --minify --allow-overwrite --log-level=warning --outfile="$script"
  done
}

[[ $TRUNK_PROFILE == release ]] || exit 0
node .ci/shrink.mjs "$TRUNK_STAGING_DIR" ${FUNCTION_NAMES:+"$FUNCTION_NAMES"}
minify "$TRUNK_STAGING_DIR"/{app-*,pipeline_worker}.js
node .ci/precache.mjs "$TRUNK_STAGING_DIR"
minify "$TRUNK_STAGING_DIR/sw.js"
