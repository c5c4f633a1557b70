//! What time it is.

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

/// How far the fine clock may stray from the wall clock, in milliseconds, before it is set anew: after sleep, which it
/// may not count, or when somebody sets the clock.
const STRAY_MILLIS: f64 = 500.0;

thread_local! {
    static OFFSET_MILLIS: Cell<Option<f64>> = const { Cell::new(None) };
}

/// The instant by the machine's wall clock, to a few microseconds: `Date.now()` knows only milliseconds, so
/// `performance.now()` counts from there.
pub fn now() -> Timestamp {
    let (fine, wall) = (monotonic_millis(), js_sys::Date::now());
    let offset =
        OFFSET_MILLIS.get().filter(|offset| (fine + offset - wall).abs() < STRAY_MILLIS).unwrap_or(wall - fine);
    OFFSET_MILLIS.set(Some(offset));
    Timestamp::from_millis_f64(fine + offset)
}

/// Milliseconds since the page or worker started, for measuring.
pub fn monotonic_millis() -> f64 {
    PERFORMANCE.with(Performance::now)
}
