//! Damaged files of the history, see `tests/recovery.rs`.
#![no_main]

#[path = "../../recovery.rs"]
mod recovery;

libfuzzer_sys::fuzz_target!(|data: &[u8]| recovery::check(data));
