#!/usr/bin/env bash
# Takes comments, blanks and long names out of the scripts of a release; uPlot's comes so.
set -euo pipefail
. "$(dirname "$0")/env.sh"

[[ $TRUNK_PROFILE == release ]] || exit 0
for script in "$TRUNK_STAGING_DIR"/{app-*,sw,pipeline_worker}.js; do
  node_modules/.bin/esbuild "$script" --minify --allow-overwrite --log-level=warning --outfile="$script"
done
