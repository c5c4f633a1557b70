# Sourced by the scripts beside it: they all start in the project's folder and find its tools.
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="$PWD/.ci/bin:$PWD/node_modules/.bin:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"

say() { printf '%s: %s\n' "$(basename "$0" .sh)" "$*"; }
fail() { say "$*" >&2; exit 1; }
