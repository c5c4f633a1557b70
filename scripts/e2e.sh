#!/usr/bin/env bash
# Tests of the built app in dist/, or in the folder that MILLRACE_DIST names. Arguments go to Playwright; without any, the
# projects of tests/e2e/playwright.config.mjs that `make test` needs run one after the other.
set -euo pipefail
. "$(dirname "$0")/env.sh"

npm_packages
dist=${MILLRACE_DIST:-dist}
[[ -f $dist/index.html ]] || fail "$dist holds no app; type 'make build', then this again."
if (($#)); then
  exec playwright test -c tests/e2e "$@"
fi
status=0
for project in chromium chromium-measured firefox-smoke; do
  playwright test -c tests/e2e --project="$project" || status=1
done
exit $status
