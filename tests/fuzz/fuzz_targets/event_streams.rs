//! Server-Sent Events, see `tests/live_inputs.rs`.
#![no_main]
// Each target uses one of its checks.
#![allow(dead_code)]

#[path = "../../live_inputs.rs"]
mod live_inputs;

libfuzzer_sys::fuzz_target!(|data: &[u8]| live_inputs::check_events(data));
