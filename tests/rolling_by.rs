//! `rolling_by=id`: each id has windows of its own, in `latest`, `/query` and the stream alike.

use std::rc::Rc;

use millrace::api::{App, Body, Part, Request};
use millrace::pipeline::Settings;
use millrace::service::PipelineService;
use millrace::store::{Disk, MemoryStorage, Storage};
use millrace::time::{Clock, Timestamp, Zone};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use super::form::cases;
use super::service::{NOON, Service};

/// A row: seconds after noon, id, value.
type Row = (i64, String, f64);

fn post(service: &mut Service, rows: &[(i64, &str, f64)]) {
    let event = |(second, id, value): &(i64, &str, f64)| {
        let at = Timestamp::from_nanos(NOON + second * 1_000_000_000).to_text(&Clock::Utc);
        json!({"timestamp": at, "id": id, "value": value})
    };
    let body: Value = rows.iter().map(event).collect();
    assert_eq!(service.post("application/json", &body.to_string()).status, 202);
}

fn rolling(answer: &Value, name: &str) -> Vec<f64> {
    let rows = answer["latest"].as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| row[name].as_f64().unwrap_or(f64::NAN)).collect()
}

/// The batches that the stream keeps, oldest first.
fn streamed(service: &mut Service) -> Vec<Value> {
    let request = Request::new("GET", "stream?last_event_id=0");
    let Body::Flow(mut flow) = service.app.handle(&request, service.now).body else { panic!("not a flow") };
    let mut text = Vec::new();
    while let Part::Bytes(bytes) = flow.next(service.app.service(), service.now) {
        text.extend_from_slice(&bytes);
    }
    let text = String::from_utf8(text).unwrap();
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.filter_map(|line| serde_json::from_str(line).ok()).filter(|data: &Value| data["latest"].is_array()).collect()
}

#[wasm_bindgen_test(unsupported = test)]
fn each_id_has_windows_of_its_own_in_every_answer() {
    let mut service = Service::new(&[("rolling_by", "id"), ("batch_size", "3")]);
    post(&mut service, &[(0, "a", 1.0), (1, "b", 100.0), (2, "a", 3.0)]);
    let expected = [1.0, 100.0, 2.0];
    assert_eq!(rolling(&service.get("latest"), "moving_avg"), expected);
    assert_eq!(rolling(&streamed(&mut service)[0], "moving_avg"), expected);
    for target in ["query", "query?start=2025-06-01", "query?limit=9", "query?views=latest&end=2025-06-02"] {
        assert_eq!(rolling(&service.get(target), "moving_avg"), expected, "{target}");
    }
    assert_eq!(rolling(&service.get("query?start=2025-06-01T12:00:02"), "moving_avg"), [2.0], "it looks back");
    assert_eq!(rolling(&service.get("query?start=2025-06-01&offset=2"), "moving_avg"), [2.0]);
    assert_eq!(rolling(&service.get("query?start=2025-06-01&ids=a"), "moving_avg"), [1.0, 2.0]);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_request_chooses_for_itself() {
    let rows = [(0, "a", 1.0), (1, "b", 100.0), (2, "a", 3.0), (3, "b", 0.0)];
    let (all, by_id) = ([1.0, 50.5, 104.0 / 3.0, 26.0], [1.0, 100.0, 2.0, 50.0]);
    for (setting, other) in [("all", "id"), ("id", "all")] {
        let mut service = Service::new(&[("rolling_by", setting), ("batch_size", "4")]);
        post(&mut service, &rows);
        for (by, expected) in [("", setting), ("&rolling_by=all", "all"), ("&rolling_by=id", "id")] {
            let expected = if expected == "all" { all } else { by_id };
            for target in ["query?views=latest", "query?start=2025-06-01", "query?limit=4"] {
                let target = format!("{target}{by}");
                assert_eq!(rolling(&service.get(&target), "moving_avg"), expected, "{setting}, {target}");
            }
        }
        let now = service.patch(&json!({"rolling_by": other})).json();
        assert_eq!(now["rolling_by"], other);
        let expected = if other == "all" { all } else { by_id };
        assert_eq!(rolling(&service.get("query?start=2025-06-01"), "moving_avg"), expected, "changed to {other}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_change_holds_from_the_next_batch_on_and_looks_back() {
    let mut service = Service::new(&[("batch_size", "2")]);
    post(&mut service, &[(0, "a", 1.0), (1, "b", 100.0)]);
    assert_eq!(service.patch(&json!({"rolling_by": "id"})).status, 200);
    post(&mut service, &[(2, "a", 3.0), (3, "b", 0.0)]);
    assert_eq!(rolling(&service.get("latest"), "moving_avg"), [2.0, 50.0]);
    assert_eq!(service.patch(&json!({"rolling_by": null})).json()["rolling_by"], "all");
    post(&mut service, &[(4, "a", 6.0), (20, "b", 8.0)]);
    assert_eq!(rolling(&service.get("latest"), "moving_avg"), [22.0, 8.0]);
    assert_eq!(service.patch(&json!({"rolling_by": "value"})).status, 422);
}

#[wasm_bindgen_test(unsupported = test)]
fn every_batch_and_query_starts_afresh_in_batch_scope() {
    let mut service = Service::new(&[("rolling_by", "id"), ("rolling_scope", "batch"), ("batch_size", "3")]);
    post(&mut service, &[(0, "a", 1.0), (1, "b", 100.0), (2, "a", 3.0)]);
    post(&mut service, &[(3, "a", 5.0), (3, "b", 7.0), (3, "a", 7.0)]);
    assert_eq!(rolling(&service.get("latest"), "moving_avg"), [5.0, 7.0, 6.0]);
    assert_eq!(rolling(&service.get("query?start=2025-06-01T12:00:01"), "moving_avg"), [100.0, 3.0, 4.0, 53.5, 5.0]);
}

#[wasm_bindgen_test(unsupported = test)]
fn options_of_the_window_hold_for_each_id() {
    let mut service = Service::new(&[("rolling_by", "id"), ("batch_size", "6")]);
    post(&mut service, &[(0, "a", 1.0), (0, "b", 9.0), (2, "a", 3.0), (2, "a", 5.0), (4, "b", 1.0), (5, "a", 7.0)]);
    let none = f64::NAN;
    for (target, name, expected) in [
        ("min_periods=2&agg=sum", "moving_sum", [none, none, 4.0, 9.0, 10.0, 15.0]),
        ("closed=left&agg=max", "moving_max", [none, none, 1.0, 1.0, 9.0, 5.0]),
        ("closed=both&agg=count", "moving_count", [1.0, 1.0, 2.0, 3.0, 2.0, 4.0]),
        ("agg=median&window=1h", "moving_median", [1.0, 9.0, 2.0, 3.0, 5.0, 4.0]),
        ("agg=std", "moving_std", [none, none, 2.0_f64.sqrt(), 2.0, 32.0_f64.sqrt(), 2.0]),
        ("agg=min", "moving_min", [1.0, 9.0, 1.0, 1.0, 1.0, 3.0]),
    ] {
        for start in ["", "&start=2025-06-01"] {
            let found = rolling(&service.get(&format!("query?{target}{start}")), name);
            let is_same = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12 || a.is_nan() && b.is_nan());
            assert!(is_same, "{target}{start}: {found:?}");
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn windows_by_id_are_those_of_pandas() {
    let fixture: Value = serde_json::from_str(include_str!("fixtures/pandas/rolling_by_id.json")).unwrap();
    let mut service = Service::new(&[("rolling_by", "id"), ("batch_size", "60")]);
    let event = |row: &Value| {
        let nanos = NOON + (row["second"].as_f64().unwrap() * 1e9) as i64;
        let at = Timestamp::from_nanos(nanos).to_text(&Clock::Utc);
        json!({"timestamp": at, "id": row["id"], "value": row["value"]})
    };
    let body: Value = fixture["rows"].as_array().unwrap().iter().map(event).collect();
    assert_eq!(service.post("application/json", &body.to_string()).status, 202);
    for case in fixture["cases"].as_array().unwrap() {
        let query = case["query"].as_str().unwrap();
        let name = match query.rsplit('=').next().unwrap() {
            "mean" => "moving_avg".to_owned(),
            agg => format!("moving_{agg}"),
        };
        for start in ["", "&start=2025-06-01"] {
            let found = service.get(&format!("query?views=latest&{query}{start}"))["latest"].clone();
            let expected = case["expect"].as_array().unwrap();
            assert_eq!(found.as_array().unwrap().len(), expected.len());
            for (row, expected) in expected.iter().enumerate() {
                let (found, expected) = (found[row][&name].as_f64(), expected.as_f64());
                let is_near = found.zip(expected).is_some_and(|(a, b)| (a - b).abs() <= 1e-9 * b.abs().max(1.0));
                assert!(is_near || found == expected, "{query}{start}, row {row}: {found:?}, expected {expected:?}");
            }
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn windows_go_on_after_the_program_ended() {
    let storage = Rc::new(MemoryStorage::tracking());
    let open = |storage: &Rc<MemoryStorage>| {
        let changes = [("source", "none"), ("clock", "utc"), ("batch_size", "2"), ("rolling_by", "id")];
        let settings = Settings::default().merged(changes.map(|(name, text)| (name, Some(text)))).unwrap();
        let (now, disk) = (Timestamp::from_nanos(NOON), Disk::Files(Rc::clone(storage) as Rc<dyn Storage>));
        let service = PipelineService::open(disk, settings, [true; 2], Zone::UTC, [3; 32], now).unwrap();
        Service { app: App::new(service), now }
    };
    let mut service = open(&storage);
    post(&mut service, &[(0, "a", 1.0), (1, "b", 100.0), (2, "a", 3.0), (3, "b", 0.0)]);
    let mut after = open(&Rc::new(storage.after_crash()));
    assert_eq!(after.get("latest"), service.get("latest"));
    for service in [&mut service, &mut after] {
        post(service, &[(4, "a", 5.0), (5, "b", 50.0)]);
        assert_eq!(rolling(&service.get("latest"), "moving_avg"), [3.0, 50.0]);
    }
}

/// The mean of the window of 5 s of each row of the same id, in order of time and arrival.
fn naive(rows: &[Row]) -> Vec<f64> {
    let mean = |row: usize| {
        let (at, id, _) = &rows[row];
        let seen = rows[..=row].iter().filter(|other| other.0 > at - 5 && other.1 == *id);
        let values: Vec<f64> = seen.map(|other| other.2).collect();
        values.iter().sum::<f64>() / values.len() as f64
    };
    (0..rows.len()).map(mean).collect()
}

fn sorted(rows: &[Row]) -> Vec<Row> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| row.0);
    rows
}

fn is_near(found: &[f64], expected: &[f64]) -> bool {
    found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9)
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn latest_query_and_stream_equal_the_windows_of_each_id_alone(
        rows in vec((0i64..12, select(vec!["a", "b", "c", "d"]), -50i32..50), 1..60),
        batch_size in select(vec!["1", "2", "7"]),
        (first, ids) in (0i64..60, select(vec!["", "&ids=a", "&ids=b,d"])),
    ) {
        let mut service = Service::new(&[("rolling_by", "id"), ("batch_size", batch_size)]);
        let size: usize = batch_size.parse().unwrap();
        let mut known: Vec<Row> = Vec::new();
        // Times rise slowly, so that most rows are a little late.
        let rows: Vec<Row> = rows
            .into_iter()
            .enumerate()
            .map(|(number, (jitter, id, value))| (number as i64 + jitter, id.to_owned(), f64::from(value)))
            .collect();
        for batch in rows.chunks_exact(size) {
            post(&mut service, &batch.iter().map(|(time, id, value)| (*time, &**id, *value)).collect::<Vec<_>>());
            known.extend(batch.iter().cloned());
            // Rows of the batch come after those that were there at the same time; values alone do not tell them apart.
            let mut numbered: Vec<usize> = (0..known.len()).collect();
            numbered.sort_by_key(|row| known[*row].0);
            let all = naive(&sorted(&known));
            let own: Vec<f64> =
                numbered.iter().zip(&all).filter(|(row, _)| **row >= known.len() - size).map(|(_, mean)| *mean).collect();
            let latest = rolling(&service.get("latest"), "moving_avg");
            prop_assert!(is_near(&latest, &own), "{latest:?} {own:?}");
            let last = streamed(&mut service).pop().unwrap_or_default();
            prop_assert!(is_near(&rolling(&last, "moving_avg"), &own), "{last}");
        }
        let known = sorted(&known);
        let is_wanted = |row: &Row| row.0 >= first && (ids.is_empty() || ids[5..].split(',').any(|id| id == row.1));
        let expected: Vec<f64> =
            known.iter().zip(naive(&known)).filter(|(row, _)| is_wanted(row)).map(|(_, mean)| mean).collect();
        let found = rolling(&service.get(&format!("query?start=2025-06-01T12:{:02}:{:02}{ids}", first / 60, first % 60)), "moving_avg");
        prop_assert!(is_near(&found, &expected), "{found:?} {expected:?}");
    }
}
