//! The wall clock and the monotonic clock.

use std::cell::Cell;

use wasm_bindgen::prelude::*;

use crate::time::Timestamp;

#[wasm_bindgen]
extern "C" {
    type Performance;
    #[wasm_bindgen(thread_local_v2, js_name = performance)]
    static PERFORMANCE: Performance;
    #[wasm_bindgen(method)]
    fn now(this: &Performance) -> f64;
}

/// Maximum drift between the fine clock and the wall clock, in milliseconds, before the fine one is set again: after
/// sleep, which it may not count, or after a change of the system time.
const STRAY_MILLIS: f64 = 500.0;

thread_local! {
    static OFFSET_MILLIS: Cell<Option<f64>> = const { Cell::new(None) };
}

/// The time of the system's clock, in whole microseconds: `Date.now()` has only milliseconds, so `performance.now()`
/// counts from there.
pub fn now() -> Timestamp {
    let (fine, wall) = (monotonic_millis(), js_sys::Date::now());
    let offset =
        OFFSET_MILLIS.get().filter(|offset| (fine + offset - wall).abs() < STRAY_MILLIS).unwrap_or(wall - fine);
    OFFSET_MILLIS.set(Some(offset));
    Timestamp::from_nanos(((fine + offset) * 1e3).round() as i64 * 1_000)
}

/// Milliseconds since the page or worker started, for durations.
pub fn monotonic_millis() -> f64 {
    PERFORMANCE.with(Performance::now)
}
