//! What the table of the whole history shows of an app.

use millrace::api::{App, Request};
use millrace::pipeline::{Input, Settings};
use millrace::protocol::{RowsSlice, RowsSort, RowsView, View};
use millrace::service::{WorkerStats, snapshot};
use millrace::time::{Duration, Timestamp, Zone};
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use super::service::{NOON, Service, worked_secs};

const SECOND: i64 = 1_000_000_000;

fn rows(app: &mut App, view: &RowsView, now: i64) -> RowsSlice {
    let view = View { rows: Some(view.clone()), ..View::default() };
    snapshot(app.service_mut(), &view, Timestamp::from_nanos(now), WorkerStats::default()).0.rows.unwrap()
}

fn values(slice: &RowsSlice) -> Vec<f64> {
    slice.rows.iter().filter_map(|row| row.values[0]).collect()
}

fn page() -> RowsView {
    RowsView { rows: 200, ..RowsView::default() }
}

#[wasm_bindgen_test(unsupported = test)]
fn rows_are_filtered_sorted_and_cut_into_pages() {
    let mut app = Service::filled().app;
    let all = rows(&mut app, &page(), NOON);
    assert_eq!((all.total, all.newer, values(&all).len()), (10, 0, 10));
    assert_eq!(
        (all.rows[4].timestamp.as_str(), all.rows[4].id.as_str(), &all.rows[4].rolling[..]),
        ("2025-06-01T12:00:04Z", "b", &[Some(2.0)][..])
    );
    let view = RowsView { sort: RowsSort::Id, is_descending: true, offset: 2, rows: 4, ..page() };
    assert_eq!(values(&rows(&mut app, &view, NOON)), [2.0, 7.0, 4.0, 1.0]);
    let view = RowsView { ids: vec!["a".to_owned(), "c".to_owned(), String::new()], from: Some(NOON + 2), ..page() };
    let some = rows(&mut app, &view, NOON);
    assert_eq!((some.total, values(&some)), (6, vec![2.0, 3.0, 5.0, 6.0, 8.0, 9.0]));
    let view = RowsView { offset: 5000, rows: 3, until: Some(NOON + 7 * SECOND), ..page() };
    let last = rows(&mut app, &view, NOON);
    assert_eq!((last.offset, values(&last)), (5, vec![5.0, 6.0, 7.0]), "past the end: the last page");
    let none = rows(&mut app, &RowsView { from: Some(NOON + 5), until: Some(NOON), ..page() }, NOON);
    assert_eq!((none.total, none.rows), (0, vec![]));
}

#[wasm_bindgen_test(unsupported = test)]
fn rows_of_a_moment_stay_while_others_come() {
    let mut service = Service::filled();
    let still = RowsView { as_of: Some(7), is_descending: true, ..page() };
    let by_value = RowsView { sort: RowsSort::Value(0), ..still.clone() };
    assert_eq!(values(&rows(&mut service.app, &still, NOON))[0], 9.0);
    let more: Vec<_> =
        (0..10).map(|row| json!({"timestamp": "2025-06-01T12:01:00", "id": "d", "value": 100 + row})).collect();
    let request = Request::new("POST", "events").with_body("application/json", json!(more).to_string());
    assert_eq!(service.send(&request).status, 202);
    for view in [&still, &by_value] {
        let slice = rows(&mut service.app, view, NOON);
        assert_eq!((slice.total, slice.newer, values(&slice)[0]), (10, 10, 9.0), "also in another order");
    }
    for view in [RowsView { as_of: None, ..by_value.clone() }, RowsView { as_of: Some(8), ..by_value }] {
        let slice = rows(&mut service.app, &view, NOON);
        assert_eq!((slice.total, slice.newer, values(&slice)[0]), (20, 0, 109.0));
    }
    assert_eq!(service.ask("DELETE", "events").status, 204);
    assert_eq!(rows(&mut service.app, &still, NOON).total, 0, "what was forgotten is not shown");
}

#[test]
#[ignore = "prints times and asserts nothing; `make prove` runs it"]
fn pages_of_a_million_rows_take_a_moment() {
    let changes = [("interval", "1us"), ("batch_size", "1000"), ("seed", "1"), ("clock", "utc")];
    let settings = Settings::default().merged(changes.map(|(name, text)| (name, Some(text)))).unwrap();
    let mut now = Timestamp::from_nanos(NOON);
    let mut app = App::in_memory(settings, Zone::UTC, [0; 32], now).unwrap();
    while app.service().history().len() < 1_000_000 {
        now = now + Duration::from_nanos(1_000_000);
        app.service_mut().step(Input::Tick, now).unwrap();
    }
    for (name, view) in [
        ("following", RowsView { is_descending: true, ..page() }),
        ("in the middle", RowsView { offset: 500_000, as_of: Some(1), ..page() }),
        ("by value", RowsView { offset: 500_000, sort: RowsSort::Value(0), as_of: Some(1), ..page() }),
        ("by id", RowsView { offset: 500_000, sort: RowsSort::Id, as_of: Some(1), ..page() }),
        ("by value, following", RowsView { sort: RowsSort::Value(0), ..page() }),
        ("one id, following", RowsView { ids: vec!["nobody".to_owned()], ..page() }),
    ] {
        let start = worked_secs();
        rows(&mut app, &view, now.as_nanos());
        let first = (worked_secs() - start) * 1e3;
        let start = worked_secs();
        (1..=20).for_each(|step| {
            rows(&mut app, &RowsView { offset: view.offset + step, ..view.clone() }, now.as_nanos() + i64::from(step));
        });
        println!("{name}: {first:.2} ms at first, then {:.2} ms", (worked_secs() - start) * 1e3 / 20.0);
    }
}
