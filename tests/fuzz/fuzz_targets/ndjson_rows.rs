//! Rows of NDJSON, see `tests/file_inputs.rs`.
#![no_main]
// Each target uses one of its checks.
#![allow(dead_code)]

#[path = "../../file_inputs.rs"]
mod file_inputs;

libfuzzer_sys::fuzz_target!(|data: &[u8]| file_inputs::check_lines(data));
