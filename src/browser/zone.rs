//! The browser's time zone as a table, so that lower floors need no browser call.

use std::sync::OnceLock;

use crate::time::{Clock, Zone};

/// The browser's zone over the whole range of timestamps.
pub fn local() -> Zone {
    let date = js_sys::Date::new_0();
    Zone::probe(|utc_secs| {
        date.set_time(utc_secs as f64 * 1000.0);
        // Minutes west of UTC; with a fraction in browsers that tell the seconds of mean solar times.
        (-date.get_timezone_offset() * 60.0).round() as i32
    })
}

/// The clock that times are shown in: UTC, or that of the browser's zone, which is probed once.
#[must_use]
pub fn clock(is_utc: bool) -> &'static Clock {
    static LOCAL: OnceLock<Clock> = OnceLock::new();
    if is_utc { &Clock::Utc } else { LOCAL.get_or_init(|| Clock::Local(local())) }
}
