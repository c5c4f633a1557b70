#!/usr/bin/env bash
# Serves the app and builds it anew when a source changes: `serve.sh release` as its users get it, `serve.sh debug` with
# quick builds. PORT names another port than 8080.
set -euo pipefail
. "$(dirname "$0")/env.sh"

PORT=${PORT:-8080}
case "${1:-}" in
  release) build=(--release) minutes="3 minutes" ;;
  debug) build=() minutes="a minute" ;;
  *) fail "type 'make run' or 'make dev'." ;;
esac
[[ $PORT =~ ^[0-9]+$ ]] && ((PORT >= 1 && PORT <= 65535)) || fail "PORT is '$PORT', which is no number from 1 to 65535; leave it out or type 'make run PORT=8081'."
if (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; then
  fail "port $PORT is taken; end the program that uses it, or type 'make $([[ $1 == release ]] && echo run || echo dev) PORT=$((PORT < 65535 ? PORT + 1 : 8080))'."
fi

scripts/setup.sh build
say "building; the first time takes about $minutes. Then http://127.0.0.1:$PORT/ answers, until Ctrl-C."
exec trunk serve "${build[@]}" --port "$PORT"
