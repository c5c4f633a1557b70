#!/usr/bin/env bash
# Brings a Linux machine that has rustup, node and npm to the point where millrace builds (`setup.sh build`)
# and, on top of that, to where every test runs (`setup.sh test`). Each step is skipped when it is already done.
set -euo pipefail
cd "$(dirname "$0")/.."

TRUNK=0.21.14
WASM_PACK=0.15.1
WASM_BINDGEN=$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/[^0-9.]/, ""); print; exit }' Cargo.lock)

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }
is_version() { has "$1" && [[ "$("$1" --version 2>/dev/null)" == "$1 $2"* ]]; }

# cargo puts its tools where rustup has its own, but a fresh shell may not look there.
export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"

need_base() {
  has rustup || fail "rustup is missing; install it from your distribution or rustup.rs, then run this again."
  has node && has npm || fail "node and npm are missing; install Node.js 20 or newer, then run this again."
}

wasm_target() {
  rustup target list --installed | grep -qx wasm32-unknown-unknown && return
  say "adding Rust's wasm32-unknown-unknown target"
  rustup target add wasm32-unknown-unknown ||
    fail "the wasm target could not be added; run 'rustup target add wasm32-unknown-unknown' and see what it says."
}

npm_packages() {
  [[ node_modules/.package-lock.json -nt package-lock.json ]] && return
  say "installing the locked npm packages"
  npm ci --ignore-scripts --loglevel=error || fail "npm ci failed; see its message above, then run this again."
  touch node_modules/.package-lock.json
}

# The tools run for seconds, so compiling them quickly matters more than making them quick; one target folder lets
# them share what they have in common and lets a broken install go on where it stopped.
cargo_tool() {
  local crate=$1 version=$2
  shift 2
  say "building $crate $version (some minutes, once)"
  CARGO_TARGET_DIR=target/tools CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_DEBUG=false \
    cargo install --quiet "$@" "$crate@$version" ||
    fail "$crate $version could not be built; run 'cargo install $* $crate@$version' and see what it says."
}

build_tools() {
  # Without --locked: its lock file names a version of webpki-roots that not every registry carries.
  is_version wasm-bindgen "$WASM_BINDGEN" || cargo_tool wasm-bindgen-cli "$WASM_BINDGEN"
  is_version trunk "$TRUNK" || cargo_tool trunk "$TRUNK" --locked
}

test_tools() {
  is_version wasm-pack "$WASM_PACK" || cargo_tool wasm-pack "$WASM_PACK" --locked
  has chromium && has chromedriver && return
  local root=()
  [[ $(id -u) == 0 ]] || root=(sudo -n)
  has apt-get || fail "Chromium and its driver are missing; install the packages that bring 'chromium' and 'chromedriver'."
  say "installing Chromium and its driver"
  "${root[@]}" apt-get update -qq && DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq chromium chromium-driver >/dev/null ||
    fail "Chromium could not be installed; run 'sudo apt-get install chromium chromium-driver', then run this again."
}

need_base
case "${1:-build}" in
  build) wasm_target; npm_packages; build_tools ;;
  test) wasm_target; npm_packages; build_tools; test_tools; rm -rf target/tools ;;
  *) fail "unknown part '$1'; the parts are build and test." ;;
esac
say "ready"
