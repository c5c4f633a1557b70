//! Bodies of events: CSV in every dialect, NDJSON, JSON, plain and compressed, see `tests/inputs.rs`.
#![no_main]
// Each target uses one of its checks.
#![allow(dead_code)]

#[path = "../../inputs.rs"]
mod inputs;

libfuzzer_sys::fuzz_target!(|data: &[u8]| inputs::check_body(data));
