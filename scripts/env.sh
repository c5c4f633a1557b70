# Sourced by the scripts beside it: they all start in the project's folder and find its tools.
cd "$(dirname "${BASH_SOURCE[0]}")/.."
shopt -s inherit_errexit
# cargo puts its tools where rustup has its own, but a fresh shell may not look there.
export PATH="$PWD/node_modules/.bin:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"

say() { printf '%s: %s\n' "$(basename "$0" .sh)" "$*"; }
fail() { say "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# The packages of package-lock.json; nothing happens when they are there.
npm_packages() {
  [[ node_modules/.package-lock.json -nt package-lock.json ]] && return
  has npm || fail "npm is missing; install Node.js 20 or newer, then type this again."
  [[ -w . ]] || fail "$PWD is not writable; clone the project into a folder of your own, or type 'sudo chown -R $(id -un) $PWD'."
  say "installing the locked npm packages, about 10 seconds"
  npm ci --ignore-scripts --loglevel=error ||
    fail "npm could not install the packages, see its message above; without a network connect first, then type this again."
  touch node_modules/.package-lock.json
}

# A Python environment at $1 with the pinned packages of $2. False, with a sentence, where no Python carries them: what
# needs them reports itself as skipped.
python_packages() {
  local venv=$1 requirements=$2 python
  cmp -s "$requirements" "$venv/installed.txt" && return
  for python in python3 python3.14 python3.13 python3.12 python3.11; do
    "$python" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    say "installing the packages of $requirements, about a minute"
    rm -rf "$venv"
    "$python" -m venv "$venv" && "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$requirements" &&
      cp "$requirements" "$venv/installed.txt" && return
    rm -rf "$venv"
    say "they could not be installed; see pip's message above."
    return 1
  done
  say "no Python from 3.11 on is here; $requirements is left out."
  return 1
}
