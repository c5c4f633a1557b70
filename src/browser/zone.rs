//! The browser's time zone as a table, so that lower floors need no browser call.

use std::cell::RefCell;
use std::sync::OnceLock;

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::time::{Clock, Zone, gmt_offset};

#[wasm_bindgen]
extern "C" {
    /// Declared here, since the one of js-sys does not catch what the constructor throws.
    #[wasm_bindgen(js_namespace = Intl)]
    type DateTimeFormat;

    #[wasm_bindgen(constructor, catch, js_namespace = Intl)]
    fn new(locale: &str, options: &Object) -> Result<DateTimeFormat, JsValue>;

    #[wasm_bindgen(method)]
    fn format(this: &DateTimeFormat, millis: f64) -> String;
}

/// Two years after the epoch, when Liberia, the last country with seconds in its offset, had given them up.
const WHOLE_MINUTES_FROM: i64 = 2 * 365 * DAY + DAY;
const DAY: i64 = 86_400;
const HALF_DAY: i32 = 43_200;

/// The browser's zone over the whole range of timestamps.
pub fn local() -> Zone {
    let date = js_sys::Date::new_0();
    Zone::probe(|utc_secs| {
        date.set_time(utc_secs as f64 * 1000.0);
        let minutes_east = -date.get_timezone_offset();
        let offset = (minutes_east * 60.0).round() as i32;
        // Offsets have been whole minutes since 1972. Some browsers cut the seconds of earlier ones: the wall clock has them.
        if utc_secs >= WHOLE_MINUTES_FROM {
            return offset;
        }
        let wall = (date.get_hours() * 3600 + date.get_minutes() * 60 + date.get_seconds()) as i32;
        let cut = wall - utc_secs.rem_euclid(DAY) as i32 - offset;
        offset + (cut + HALF_DAY).rem_euclid(2 * HALF_DAY) - HALF_DAY
    })
}

/// The zone of this name in the browser's copy of the IANA database, over the whole range of timestamps; `None` when it
/// has no such zone. Finding one takes some tens of milliseconds, so the ones that were found are kept.
pub fn named(name: &str) -> Option<Zone> {
    thread_local!(static FOUND: RefCell<Vec<(String, Zone)>> = const { RefCell::new(Vec::new()) });
    let found = FOUND.with_borrow(|found| found.iter().find(|(known, _)| known == name).map(|(_, zone)| zone.clone()));
    if found.is_some() {
        return found;
    }
    let options = Object::new();
    for (option, value) in [("timeZone", name), ("timeZoneName", "longOffset")] {
        Reflect::set(&options, &option.into(), &value.into()).ok()?;
    }
    let format = DateTimeFormat::new("en-US", &options).ok()?;
    let zone = Zone::probe(|utc_secs| gmt_offset(&format.format(utc_secs as f64 * 1000.0)).unwrap_or(0));
    FOUND.with_borrow_mut(|found| found.push((name.to_owned(), zone.clone())));
    Some(zone)
}

/// The clock that times are shown in: UTC, or that of the browser's zone, which is probed once.
#[must_use]
pub fn clock(is_utc: bool) -> &'static Clock {
    static LOCAL: OnceLock<Clock> = OnceLock::new();
    if is_utc { &Clock::Utc } else { LOCAL.get_or_init(|| Clock::Local(local())) }
}
