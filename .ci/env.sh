# Sourced by the scripts beside it: they all start in the project's folder and find its tools.
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="$PWD/.ci/bin:$PWD/node_modules/.bin:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"

say() { printf '%s: %s\n' "$(basename "$0" .sh)" "$*"; }
fail() { say "$*" >&2; exit 1; }

# A Python environment at $1 with the pinned packages of $2. False, and said, where no Python carries them: what needs
# them says that it was left out.
python_packages() {
  local venv=$1 requirements=$2 python
  cmp -s "$requirements" "$venv/installed.txt" && return
  for python in python3 python3.14 python3.13 python3.12 python3.11; do
    "$python" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    say "installing the packages of $requirements"
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
