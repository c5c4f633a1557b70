//! The tests that look at the crate from outside, as its users do.
//!
//! They run natively, and as `#[wasm_bindgen_test(unsupported = test)]` also in a browser: `wasm-pack test --headless
//! --chrome`. What needs a crate, a clock or more time than a browser has says so by a `cfg`.

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

mod address;
mod api;
mod api_answers;
mod api_bodies;
mod api_common;
mod api_credentials;
mod api_formats;
mod api_idempotency;
mod api_limits;
mod api_measures;
#[cfg(not(target_arch = "wasm32"))]
mod api_pages;
#[cfg(not(target_arch = "wasm32"))]
mod api_properties;
mod api_query;
#[cfg(not(target_arch = "wasm32"))]
mod api_slices;
mod api_source;
mod api_stream;
#[cfg(not(target_arch = "wasm32"))]
mod arrow;
mod chart;
#[cfg(not(target_arch = "wasm32"))]
mod contract;
#[cfg(not(target_arch = "wasm32"))]
mod count;
mod durability;
mod file_inputs;
mod files;
mod float_limits;
#[cfg(not(target_arch = "wasm32"))]
mod floors;
pub(crate) mod form;
mod frame;
mod golden;
mod history_age;
mod inputs;
#[cfg(not(target_arch = "wasm32"))]
mod live;
#[cfg(not(target_arch = "wasm32"))]
mod live_columns;
mod live_inputs;
#[cfg(not(target_arch = "wasm32"))]
mod parquet_bodies;
mod provenance;
mod recovery;
mod rolling_by;
mod rows;
#[cfg(not(target_arch = "wasm32"))]
mod schemas;
pub(crate) mod service;
mod source_view;
#[cfg(not(target_arch = "wasm32"))]
mod tokens;
mod verbs;
#[cfg(target_arch = "wasm32")]
mod web;
