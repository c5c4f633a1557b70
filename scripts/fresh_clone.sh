#!/usr/bin/env bash
# Proves that a clone just runs: clones the project, as its files are now, into target/fresh-clone, types `make run` there
# on a free port, waits in Chromium until `/latest` of the served page holds rows, and ends it. What it built stays for the
# tests of the built app: they test what a newcomer gets.
set -euo pipefail
. "$(dirname "$0")/env.sh"

clone=$PWD/target/fresh-clone
compiled=$PWD/target/fresh-clone-compiled

# The commit that the clone is made of: HEAD, or, with changes that are not committed, one of all files that git would add.
snapshot() {
  local index tree
  if [[ -z $(git status --porcelain) ]]; then
    git rev-parse HEAD
    return
  fi
  index=$(mktemp -u)
  GIT_INDEX_FILE=$index git add --all
  tree=$(GIT_INDEX_FILE=$index git write-tree)
  rm -f "$index"
  GIT_AUTHOR_NAME=check GIT_AUTHOR_EMAIL=check@localhost GIT_COMMITTER_NAME=check GIT_COMMITTER_EMAIL=check@localhost \
    git commit-tree -p HEAD -m "the files as they are" "$tree"
}

free_port() {
  node -e 'const server = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(server.address().port); server.close(); })'
}

git rev-parse --git-dir >/dev/null 2>&1 || fail "this folder is no git clone; get the project by 'git clone'."
commit=$(snapshot)
rm -rf "$clone"
git clone --quiet --no-checkout . "$clone"
git -C "$clone" -c advice.detachedHead=false checkout --quiet "$commit"

port=$(free_port)
say "make run PORT=$port in an empty clone, a first build takes minutes"
# In a process group of its own, which Ctrl-C in a terminal would end as a whole. Variables by which this run of make and
# cargo talks to its children are not a newcomer's. What cargo compiles goes beside the clone: like the tools, the
# dependencies stay for the next run, which then takes three minutes less.
log=$PWD/target/fresh-clone.log
setsid env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS CARGO_TARGET_DIR="$compiled" make -C "$clone" run PORT="$port" </dev/null >"$log" 2>&1 &
server=$!
end() { kill -TERM -- "-$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
trap end EXIT
node scripts/first_rows.mjs "http://127.0.0.1:$port/" "$server" || {
  tail -n 40 "$log" >&2
  fail "'make run' in a fresh clone does not serve the app; the end of $log stands above."
}
