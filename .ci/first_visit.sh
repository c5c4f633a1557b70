#!/usr/bin/env bash
# Builds a release that notes which of its functions run, and lists those of a first visit. See first_visit.mjs.
set -euo pipefail
. "$(dirname "$0")/env.sh"

.ci/setup.sh test
mkdir -p target/first_visit
export FUNCTION_NAMES=target/first_visit/names.json
trunk build --release --dist target/first_visit/dist
node .ci/first_visit.mjs target/first_visit/dist "$FUNCTION_NAMES"
