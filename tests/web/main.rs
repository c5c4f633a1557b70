//! What only a browser can tell: one binary for `wasm-pack test`, one module for each topic.
#![cfg(target_arch = "wasm32")]
#![allow(missing_docs, clippy::unwrap_used)]

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

mod frame;
mod time;
