//! `history_age`: rows that are older than the newest event by more are not kept.

use std::rc::Rc;

use millrace::api::App;
use millrace::pipeline::Settings;
use millrace::service::PipelineService;
use millrace::store::{Disk, MemoryStorage, Storage};
use millrace::time::{Clock, Duration, Timestamp, Zone};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use super::service::{NOON, Service};

const ALL: &str = "query?start=1970-01-01";

/// Posts rows at these seconds after noon, whose values are the seconds; it is the time of the newest one then, unless
/// that is later by a day.
fn post(service: &mut Service, seconds: impl IntoIterator<Item = i64>) {
    let seconds: Vec<i64> = seconds.into_iter().collect();
    let newest = seconds.iter().copied().filter(|second| *second < 86_400).max().unwrap_or_default();
    post_at(service, newest, &seconds);
}

/// The same `now` seconds after noon, or later.
fn post_at(service: &mut Service, now: i64, seconds: &[i64]) {
    service.now = service.now.max(Timestamp::from_nanos(NOON + now * 1_000_000_000));
    let event = |second: i64| {
        let at = Timestamp::from_nanos(NOON + second * 1_000_000_000).to_text(&Clock::Utc);
        json!({"timestamp": at, "id": "a", "value": second})
    };
    let body: Value = seconds.iter().copied().map(event).collect();
    assert_eq!(service.post("application/json", &body.to_string()).status, 202);
}

fn open(storage: &Rc<MemoryStorage>, changes: &[(&'static str, &'static str)], now: Timestamp) -> Service {
    let all = [("source", "none"), ("clock", "utc"), ("batch_size", "1")];
    let settings = Settings::default().merged(all.iter().chain(changes).map(|(name, text)| (*name, Some(*text))));
    let disk = Disk::Files(Rc::clone(storage) as Rc<dyn Storage>);
    let service = PipelineService::open(disk, settings.unwrap(), [true; 2], Zone::UTC, [3; 32], now).unwrap();
    Service { app: App::new(service), now }
}

fn dropped_rows(service: &mut Service) -> String {
    let metrics = service.ask("GET", "metrics").text();
    let line = metrics.lines().find_map(|line| line.strip_prefix("millrace_history_dropped_rows_total "));
    line.unwrap().to_owned()
}

#[wasm_bindgen_test(unsupported = test)]
fn no_answer_has_rows_older_than_the_age() {
    let mut service = Service::new(&[("batch_size", "1"), ("history_age", "10s")]);
    post(&mut service, 0..=10);
    assert_eq!(service.values(ALL).len(), 11, "a row of exactly that age stays");
    post(&mut service, [12]);
    assert_eq!(service.values(ALL), [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 12.0]);
    post(&mut service, [1]);
    assert_eq!(service.values("query"), [1.0], "a row that comes too late is processed");
    assert_eq!(service.values(ALL)[0], 2.0, "and not kept");
    assert_eq!(
        (dropped_rows(&mut service), service.get("config")["history_age"].clone()),
        ("3".to_owned(), json!("10s"))
    );
    service.now = service.now + Duration::from_secs(86_400);
    assert_eq!(service.values(ALL).len(), 10, "time alone takes no row away");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_change_holds_at_once() {
    let mut service = Service::new(&[("batch_size", "1")]);
    post(&mut service, 0..100);
    assert_eq!(service.patch(&json!({"history_age": "30s"})).json()["history_age"], "30s");
    assert_eq!(service.values(ALL), (69..100).map(f64::from).collect::<Vec<_>>());
    assert_eq!(service.patch(&json!({"history_age": "1h"})).status, 200);
    post(&mut service, [5]);
    assert_eq!(service.values(ALL)[..2], [5.0, 69.0]);
    assert_eq!(service.patch(&json!({"history_age": null})).json()["history_age"], Value::Null);
    post(&mut service, [-86_400]);
    assert_eq!(service.values(ALL)[..2], [-86_400.0, 5.0]);
    for refused in [json!("0s"), json!("-5s"), json!("old")] {
        assert_eq!(service.patch(&json!({"history_age": refused})).status, 422, "{refused}");
    }
    let before = service.get("config");
    assert_eq!(service.patch(&json!({"rate_limit": 5.0, "history_age": "1d"})).status, 200);
    assert_eq!(service.patch(&json!({"history_age": null})).json()["rate_limit"], 5, "no other setting is cleared");
    assert_eq!(service.patch(&json!({"rate_limit": null})).json(), before);
}

#[wasm_bindgen_test(unsupported = test)]
fn age_and_number_of_rows_hold_together() {
    let mut service = Service::new(&[("batch_size", "1"), ("history_age", "20s"), ("history_rows", "10")]);
    post(&mut service, 0..30);
    assert_eq!(service.values(ALL), (20..30).map(f64::from).collect::<Vec<_>>());
    post(&mut service, [45]);
    assert_eq!(service.values(ALL), [25.0, 26.0, 27.0, 28.0, 29.0, 45.0]);
    post(&mut service, [24, 26, 40]);
    assert_eq!(service.values(ALL), [25.0, 26.0, 26.0, 27.0, 28.0, 29.0, 40.0, 45.0]);
    assert_eq!(dropped_rows(&mut service), "26");
}

#[wasm_bindgen_test(unsupported = test)]
fn an_event_from_a_wrong_clock_takes_no_row_away() {
    let mut service = Service::new(&[("batch_size", "1"), ("history_age", "10s")]);
    post(&mut service, [0, 5, 10 * 86_400]);
    assert_eq!(service.values(ALL), [0.0, 5.0, 864_000.0]);
    // Two hours ahead, such as local time that is sent as UTC: within a day it moves the watermark.
    post_at(&mut service, 5, &[7_200]);
    post_at(&mut service, 6, &[6]);
    assert_eq!(service.values(ALL), [0.0, 5.0, 6.0, 7_200.0, 864_000.0]);
}

#[wasm_bindgen_test(unsupported = test)]
fn the_same_rows_are_kept_after_the_program_ended() {
    let storage = Rc::new(MemoryStorage::tracking());
    let changes = [("history_age", "6h"), ("memory_rows", "1"), ("batch_size", "1000")];
    let mut service = open(&storage, &changes, Timestamp::from_nanos(NOON));
    // Several blocks, of which the first ones go as a whole and one in part.
    for part in 0..30 {
        post(&mut service, part * 1000..(part + 1) * 1000);
        service.app.service_mut().maintain(service.now);
    }
    let kept = service.values(ALL);
    assert_eq!((kept.len(), kept[0]), (21_601, 8399.0));
    let mut after = open(&Rc::new(storage.after_crash()), &changes, service.now);
    assert_eq!(after.values(ALL), kept);
    for service in [&mut service, &mut after] {
        post(service, 30_000..31_000);
        post(service, std::iter::repeat_n(9_000, 1000));
        post(service, std::iter::repeat_n(9_400, 1000));
        let kept = service.values(ALL);
        assert_eq!((kept.len(), kept[0], kept[1]), (22_601, 9399.0, 9400.0));
    }
    // A link that names no age leaves it as it was.
    let mut after = open(&Rc::new(storage.after_crash()), &[], service.now);
    assert_eq!(after.values(ALL), service.values(ALL));
    assert_eq!(after.get("config")["history_age"], "6h");
    assert_eq!(after.patch(&json!({"history_age": null})).status, 200);
    post(&mut after, [0]);
    assert_eq!(after.values(ALL)[..2], [0.0, 9399.0]);
}
