//! Instants and zones as the browser itself reads and prints them.

use js_sys::Date;
use millrace::browser::zone;
use millrace::time::{Clock, Timestamp, Zone};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

/// Instants over two centuries, at uneven steps so that they fall on all times of day and days of the year.
fn instants_millis() -> impl Iterator<Item = i64> {
    (-1_000..1_000).map(|step| step * 3_654_321_987)
}

fn date(millis: i64) -> Date {
    Date::new(&JsValue::from_f64(millis as f64))
}

/// Seconds east of UTC on the browser's wall clock.
fn offset_at(utc_secs: i64) -> i32 {
    (date(utc_secs * 1000).get_timezone_offset() * -60.0).round() as i32
}

#[wasm_bindgen_test]
fn an_instant_is_printed_as_the_browser_prints_it() {
    for millis in instants_millis() {
        let printed = Timestamp::from_nanos(millis * 1_000_000).to_text(&Clock::Utc);
        let expected = String::from(date(millis).to_iso_string()).replace(".000Z", "Z");
        assert_eq!(printed.replace("000Z", "Z"), expected.replace("000Z", "Z"), "{millis} ms");
    }
}

#[wasm_bindgen_test]
fn an_instant_is_read_as_the_browser_reads_it() {
    for millis in instants_millis() {
        let text = String::from(date(millis).to_iso_string());
        let read = Timestamp::parse(&text, &Clock::Utc).unwrap();
        assert_eq!(read, Timestamp::from_nanos(millis * 1_000_000), "{text}");
    }
}

#[wasm_bindgen_test]
fn a_probed_zone_has_the_offsets_of_the_browser() {
    let zone = Zone::probe(offset_at);
    for utc_secs in (-9_223_372_036..9_223_372_036).step_by(1_999_993) {
        assert_eq!(zone.offset_at(utc_secs), offset_at(utc_secs), "second {utc_secs}");
    }
}

#[wasm_bindgen_test]
fn zones_are_found_by_their_names() {
    let berlin = Clock::Local(zone::named("Europe/Berlin").unwrap());
    for (local, utc) in [
        ("2026-06-05T14:30:00", "2026-06-05T12:30:00Z"),
        ("2026-12-05T14:30:00", "2026-12-05T13:30:00Z"),
        ("2026-10-25T02:30:00", "2026-10-25T00:30:00Z"),
        ("1970-06-05T14:30:00", "1970-06-05T13:30:00Z"),
    ] {
        let at = Timestamp::parse(local, &berlin).unwrap();
        assert_eq!(at.to_text(&Clock::Utc), utc);
    }
    let kathmandu = Clock::Local(zone::named("Asia/Kathmandu").unwrap());
    let at = Timestamp::parse("2026-06-05T14:30:00", &kathmandu).unwrap();
    assert_eq!(at.to_text(&Clock::Utc), "2026-06-05T08:45:00Z");
    assert_eq!(zone::named("Europe/Berln"), None);
}
