#!/usr/bin/env bash
# Serves a debug build and rebuilds it when a source changes.
set -euo pipefail
. "$(dirname "$0")/env.sh"

.ci/setup.sh build
say "http://127.0.0.1:8080/ answers as soon as the build below is done; Ctrl-C ends it"
trunk serve "$@" || fail "the app could not be served; see the message above, or free port 8080 and run this again."
