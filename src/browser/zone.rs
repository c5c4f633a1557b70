//! The browser's time zone as a table, so that lower floors need no browser call.

use std::sync::OnceLock;

use crate::time::{Clock, Zone};

/// The sampled span: 1900 to 2100; beyond it the nearest offset applies.
const FROM_SECS: i64 = -2_208_988_800;
const UNTIL_SECS: i64 = 4_102_444_800;
/// Shorter than any period in which a zone kept an offset; some kept one for a month.
const STEP_SECS: i64 = 14 * 86_400;

/// The browser's zone, sampled every fortnight: some five thousand calls, which take a few milliseconds.
pub fn local() -> Zone {
    Zone::probe(FROM_SECS, UNTIL_SECS, STEP_SECS, |utc_secs| {
        let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(utc_secs as f64 * 1000.0));
        // Minutes west of UTC.
        (-date.get_timezone_offset() * 60.0) as i32
    })
}

/// The clock that times are shown in: UTC, or that of the browser's zone, which is sampled once.
#[must_use]
pub fn clock(is_utc: bool) -> &'static Clock {
    static LOCAL: OnceLock<Clock> = OnceLock::new();
    if is_utc { &Clock::Utc } else { LOCAL.get_or_init(|| Clock::Local(local())) }
}
