#!/usr/bin/env bash
# Measures the built app in headless Chromium, a file and then the frame beside their peers, and writes the README's table and
# picture of the latter. `scripts/bench.sh --only=… --works=…` measures part of it and writes neither, see benches/frame.mjs;
# `scripts/bench.sh files --mb=1024` measures a file alone, with the app in dist/.
set -euo pipefail
. "$(dirname "$0")/env.sh"

# What the comparison needs beyond the tests is installed into target/bench/, each part once. Arquero's flechette is
# pinned below 2.7, which needs a package that not every registry carries.
peers_from_npm() {
  local into=target/bench/npm
  [[ $into/node_modules/.package-lock.json -nt benches/frame/package-lock.json ]] && return
  say "installing Arquero, DuckDB and Papa Parse"
  mkdir -p $into
  cp benches/frame/package.json benches/frame/package-lock.json $into/
  (cd $into && npm ci --ignore-scripts --loglevel=error) || fail "npm ci failed in $into; see its message above, then run this again."
  touch $into/node_modules/.package-lock.json
}

# With the app's profile and optimiser, so that it is the code that users get.
frame_bench() {
  local target=wasm32-unknown-unknown
  cargo build --release --example frame_bench &&
    cargo build --release --example frame_bench --target $target &&
    wasm-bindgen --target web --no-typescript --out-dir target/bench/wasm target/$target/release/examples/frame_bench.wasm &&
    wasm-opt -O4 --output=target/bench/wasm/optimised.wasm target/bench/wasm/frame_bench_bg.wasm &&
    mv target/bench/wasm/optimised.wasm target/bench/wasm/frame_bench_bg.wasm
}

if [[ ${1:-} == files ]]; then
  npm_packages
  peers_from_npm
  exec node benches/files.mjs "${@:2}"
fi
scripts/setup.sh test
trunk build --release || fail "the release build failed; mend what the compiler says above."
frame_bench || fail "frame_bench could not be built; mend what the tools say above."
peers_from_npm
# Without them frame.mjs says so and goes on.
python_packages target/bench/venv benches/frame/requirements.txt || true
node benches/batch.mjs
node benches/journal.mjs
cargo run --release --example reading_bench
cargo run --release --example ingest_bench
cargo run --release --example query_bench
node benches/files.mjs
node benches/frame.mjs "$@"
