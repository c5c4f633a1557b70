#!/usr/bin/env bash
# Brings a Linux machine that has rustup, Node.js and git to the point where millrace builds (`setup.sh build`) and, on top
# of that, to where every test runs (`setup.sh test`). Steps that are already done are skipped without a word.
set -euo pipefail
. "$(dirname "$0")/env.sh"

TRUNK=0.21.14
WASM_PACK=0.15.1
WASM_BINDGEN=$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/[^0-9.]/, ""); print; exit }' Cargo.lock)
NODE_MAJOR=20

base() {
  [[ -w . ]] || fail "$PWD is not writable; clone the project into a folder of your own, or type 'sudo chown -R $(id -un) $PWD'."
  has rustup || fail "rustup is missing; install it from your distribution or from rustup.rs, then type this again."
  has node && has npm || fail "Node.js is missing; install version $NODE_MAJOR or newer, then type this again."
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  ((major >= NODE_MAJOR)) || fail "Node.js $(node --version) is too old; install version $NODE_MAJOR or newer, then type this again."
}

wasm_target() {
  rustup target list --installed | grep -qx wasm32-unknown-unknown && return
  say "adding Rust's wasm32-unknown-unknown target, about 10 seconds"
  rustup target add wasm32-unknown-unknown ||
    fail "rustup could not add the target, see its message above; without a network connect first, then type this again."
}

# Installs a program that cargo builds, in the version named here: prebuilt by cargo-binstall where that is installed,
# else from source.
cargo_tool() {
  local program=$1 crate=$2 version=$3 minutes=$4 found
  shift 4
  found=$("$program" --version 2>/dev/null | awk '{ print $2; exit }') || true
  [[ $found == "$version" ]] && return
  [[ -z $found ]] || say "$program $found is installed, but this project needs $version, which replaces it"
  if has cargo-binstall; then
    say "fetching $crate $version, prebuilt where that exists"
    cargo binstall --no-confirm --log-level warn "$crate@$version" && return
    say "cargo-binstall could not fetch it"
  fi
  say "building $crate $version from source, about $minutes minutes on two cores, once"
  # These tools run for seconds, so compiling them quickly matters more than making them quick. One target folder lets them
  # share dependencies and lets an interrupted build go on where it stopped.
  CARGO_TARGET_DIR=target/tools CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_DEBUG=false \
    cargo install --quiet --force "$@" "$crate@$version" ||
    fail "$crate could not be built, see cargo's message above; without a network connect first, then type this again."
}

# Installs packages of Debian and its relatives: $1 is what to call them, the rest their names.
system_packages() {
  local what=$1 root=()
  shift
  [[ $(id -u) == 0 ]] || root=(sudo -n)
  has apt-get || fail "$what is missing; install it from your distribution, then type this again."
  say "installing $what, about a minute"
  "${root[@]}" apt-get update -qq && DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq "$@" >/dev/null ||
    fail "$what could not be installed; type 'sudo apt-get install $*', then this again."
}

build_tools() {
  base
  wasm_target
  npm_packages
  # Without --locked: the lock file of wasm-bindgen-cli names a version of webpki-roots that not every registry carries.
  cargo_tool wasm-bindgen wasm-bindgen-cli "$WASM_BINDGEN" 2
  cargo_tool trunk trunk "$TRUNK" 4 --locked
}

test_tools() {
  cargo_tool wasm-pack wasm-pack "$WASM_PACK" 1 --locked
  has chromium && has chromedriver || system_packages "Chromium with its driver" chromium chromium-driver
  has firefox-esr || has firefox || system_packages "Firefox" firefox-esr
}

case "${1:-build}" in
  build) build_tools ;;
  test) build_tools; test_tools ;;
  *) fail "there is no part '$1'; type 'scripts/setup.sh build' or 'scripts/setup.sh test'." ;;
esac
rm -rf target/tools
