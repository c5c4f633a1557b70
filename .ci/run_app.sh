#!/usr/bin/env bash
# Builds a release and serves it. `trunk serve` builds first and then watches the sources.
set -euo pipefail
. "$(dirname "$0")/env.sh"

.ci/setup.sh build
say "http://127.0.0.1:8080/ answers as soon as the build below is done; Ctrl-C ends it"
trunk serve --release "$@" || fail "the app could not be served; see the message above, or free port 8080 and run this again."
