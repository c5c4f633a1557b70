//! What the chart of a page shows of an app, and how long it takes.

use std::rc::Rc;

use millrace::api::{App, Request};
use millrace::pipeline::{Input, Measures, Settings, Store, rows_frame};
use millrace::protocol::{CHART_COLUMNS, ChartFrame, ChartRange, ChartView, View};
use millrace::service::{PipelineService, WorkerStats, snapshot};
use millrace::store::{Disk, History, MemoryStorage, Storage};
use millrace::time::{Duration, Timestamp, Zone};
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use super::service::{NOON, Service, worked_secs};

const SECOND: i64 = 1_000_000_000;

fn chart(app: &mut App, view: &ChartView, now: i64) -> (ChartFrame, Vec<Vec<f64>>) {
    let view = View { chart: view.clone(), ..View::default() };
    let (snapshot, buffer) = snapshot(app.service_mut(), &view, Timestamp::from_nanos(now), WorkerStats::default());
    let columns = CHART_COLUMNS + 2 * view.chart.ids.len();
    assert_eq!(buffer.len() % columns, 0);
    let cut = if buffer.is_empty() {
        Vec::new()
    } else {
        buffer.chunks(buffer.len() / columns).map(<[f64]>::to_vec).collect()
    };
    (snapshot.chart, cut)
}

fn view(range: ChartRange, ids: &[&str]) -> ChartView {
    ChartView { range, columns: 1000, measures: Vec::new(), ids: ids.iter().map(ToString::to_string).collect() }
}

fn live(secs: i64) -> ChartRange {
    ChartRange::Live { span_nanos: secs * SECOND }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_chart_shows_rows_ids_and_the_moving_average() {
    let mut app = Service::filled().app;
    let (frame, columns) = chart(&mut app, &view(ChartRange::All, &["b", "", "nobody"]), NOON);
    assert_eq!(frame, ChartFrame { from: NOON, until: NOON + 9 * SECOND, rows: 10, share: 1.0, newest: None });
    let seconds: Vec<f64> = (0..10).map(f64::from).collect();
    assert_eq!(columns[0].iter().map(|time| time - (NOON / SECOND) as f64).collect::<Vec<_>>(), seconds);
    assert_eq!((&columns[2], &columns[3]), (&seconds, &seconds));
    // The mean of the five seconds up to the row.
    assert_eq!((columns[4][0], columns[4][9]), (0.0, 7.0));
    let of_b: Vec<f64> = columns[5].iter().copied().filter(|value| !value.is_nan()).collect();
    assert_eq!((of_b, columns[6][1]), (vec![1.0, 4.0, 7.0], 1.0));
    assert!(columns[7..].iter().all(|column| column.iter().all(|value| value.is_nan())));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_chart_has_a_line_for_each_measure_that_the_page_names() {
    let mut service = Service::new(&[("measures", "flow,level"), ("missing", "allow"), ("batch_size", "4")]);
    let rows = json!([
        {"timestamp": "2025-06-01T12:00:00", "id": "a", "flow": 1, "level": 10},
        {"timestamp": "2025-06-01T12:00:01", "id": "b", "flow": 2},
        {"timestamp": "2025-06-01T12:00:02", "id": "a", "level": 30},
        {"timestamp": "2025-06-01T12:00:03", "id": "b", "flow": 4, "level": 40},
    ]);
    assert_eq!(service.post("application/json", &rows.to_string()).status, 202);
    let drawn = |service: &mut Service, measures: &[&str]| {
        let measures: Vec<String> = measures.iter().map(ToString::to_string).collect();
        let chart = ChartView { measures: measures.clone(), ..view(ChartRange::All, &["b"]) };
        let view = View { chart, ..View::default() };
        let now = Timestamp::from_nanos(NOON);
        let (_, buffer) = snapshot(service.app.service_mut(), &view, now, WorkerStats::default());
        // Times, and for each measure rows, bounds, rolling aggregate and the bounds of the id.
        let columns = 1 + measures.len().max(1) * (CHART_COLUMNS - 1 + 2);
        assert_eq!(buffer.len() % columns, 0);
        let shown = |value: &f64| Some(*value).filter(|value| !value.is_nan());
        let columns = buffer.chunks(buffer.len() / columns).skip(1);
        columns.map(|column| column.iter().map(shown).collect()).collect::<Vec<Vec<_>>>()
    };
    let both = drawn(&mut service, &["level", "flow"]);
    assert_eq!(both[0], [Some(1.0), Some(0.0), Some(1.0), Some(1.0)], "rows that have the level");
    assert_eq!(both[1], [Some(10.0), None, Some(30.0), Some(40.0)]);
    assert_eq!(both[3], [Some(10.0), None, Some(20.0), Some(80.0 / 3.0)], "the mean of the levels so far");
    assert_eq!(both[4], [None, None, None, Some(40.0)], "those of b");
    assert_eq!(both[7], [Some(1.0), Some(2.0), None, Some(4.0)]);
    assert_eq!(both[10], [None, Some(2.0), None, Some(4.0)]);
    let first = drawn(&mut service, &[]);
    assert_eq!(first[1], [Some(1.0), Some(2.0), Some(4.0)], "the first measure of the settings");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_live_chart_ends_now_unless_its_rows_are_of_another_time() {
    let mut app = Service::filled().app;
    let newest = NOON + 9 * SECOND;
    let until = |app: &mut App, now: i64| {
        let (frame, columns) = chart(app, &view(live(60), &[]), now);
        assert_eq!(frame.until - frame.from, 60 * SECOND);
        (frame.until, columns[0].len())
    };
    assert_eq!(until(&mut app, newest + 30 * SECOND), (newest + 30 * SECOND, 10));
    assert_eq!(until(&mut app, newest + 60 * SECOND), (newest + 60 * SECOND, 1));
    assert_eq!(until(&mut app, newest + 61 * SECOND), (newest, 10), "rows of the past");
    assert_eq!(until(&mut app, newest - SECOND / 2), (newest, 10), "rows of a clock that is a little ahead");
    assert_eq!(until(&mut app, newest - 5 * SECOND), (newest - 4 * SECOND, 6), "rows of now and later ones");
    assert_eq!(until(&mut app, newest - 86_400 * SECOND), (newest, 10), "rows of the future");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_row_ahead_of_time_is_named_and_does_not_move_a_live_chart() {
    let mut service = Service::filled();
    let ahead = NOON + 3600 * SECOND;
    service.post_rows(&(0..10).map(|_| ("2025-06-01T13:00:00", 7.0)).collect::<Vec<_>>());
    let now = NOON + 20 * SECOND;
    let (frame, _) = chart(&mut service.app, &view(live(60), &[]), now);
    assert_eq!((frame.until, frame.rows, frame.newest), (now + SECOND, 10, Some(ahead)));
    let (frame, _) = chart(&mut service.app, &view(live(60), &[]), ahead + 2 * SECOND);
    assert_eq!((frame.until, frame.rows, frame.newest), (ahead + 2 * SECOND, 10, None));
    let (frame, _) = chart(&mut service.app, &view(ChartRange::Fixed { from: NOON, until: now }, &[]), now);
    assert_eq!(frame.newest, None, "a fixed range has no newer rows to offer");
}

#[wasm_bindgen_test(unsupported = test)]
fn waiting_events_are_in_the_chart_before_their_batch() {
    let mut service = Service::new(&[]);
    service.post_rows(&[("2025-06-01T12:00:02", 5.0), ("2025-06-01T12:00:01", 4.0), ("2025-06-01T11:58:00", 3.0)]);
    let waiting = |service: &mut Service, range, columns| {
        let view = View { chart: ChartView { columns, ..view(range, &[]) }, ..View::default() };
        let now = Timestamp::from_nanos(NOON + 3 * SECOND);
        let (snapshot, _) = snapshot(service.app.service_mut(), &view, now, WorkerStats::default());
        let noon_secs = (NOON / SECOND) as f64;
        snapshot.waiting.iter().map(|point| (point.time_secs - noon_secs, point.value)).collect::<Vec<_>>()
    };
    assert_eq!(waiting(&mut service, live(60), 1000), [(1.0, 4.0), (2.0, 5.0)], "in order of time");
    assert_eq!(waiting(&mut service, ChartRange::All, 1000).len(), 3);
    // Ten of the eleven are a batch.
    service.post_rows(&[("2025-06-01T12:00:02", 5.0); 8]);
    assert_eq!(waiting(&mut service, live(60), 1000), [(2.0, 5.0)]);
    assert_eq!(waiting(&mut service, live(60), 5), [], "narrower than a pixel");
    service.post_rows(&[("2025-06-01T12:00:02", 5.0); 9]);
    service
        .send(&Request::new("PATCH", "config").with_body("application/json", json!({"batch_size": 1000}).to_string()));
    service.post_rows(&[("2025-06-01T12:00:02", 5.0); 501]);
    assert_eq!(waiting(&mut service, live(60), 1000), [], "too many to tell apart");
}

#[wasm_bindgen_test(unsupported = test)]
fn ranges_without_rows_and_ranges_beyond_all_time_are_drawn_empty() {
    let mut empty = Service::new(&[]).app;
    let mut app = Service::filled().app;
    for range in [
        ChartRange::All,
        live(60),
        ChartRange::Live { span_nanos: i64::MIN },
        ChartRange::Fixed { from: i64::MAX, until: i64::MIN },
        ChartRange::Fixed { from: i64::MIN, until: i64::MAX },
    ] {
        let (frame, columns) = chart(&mut empty, &view(range, &["a"]), NOON);
        assert_eq!((frame.rows, frame.share, columns.len()), (0, 1.0, 0), "{range:?}");
        chart(&mut app, &view(range, &["a"]), NOON);
    }
    let (frame, _) = chart(&mut app, &view(ChartRange::Fixed { from: NOON + 3, until: NOON }, &[]), NOON);
    assert_eq!((frame.rows, frame.from), (0, NOON + 3));
    let (frame, _) = chart(&mut app, &view(ChartRange::Live { span_nanos: i64::MAX }, &[]), NOON + 20 * SECOND);
    assert_eq!(frame.rows, 10);
}

#[wasm_bindgen_test(unsupported = test)]
fn settings_that_change_are_seen_in_the_moving_line() {
    let mut service = Service::filled();
    for (agg, at_end) in [("max", 9.0), ("min", 5.0), ("count", 5.0)] {
        let body = serde_json::json!({"agg": agg}).to_string();
        let answer = service.send(&Request::new("PATCH", "config").with_body("application/json", body));
        assert_eq!(answer.status, 200, "{}", answer.text());
        let (_, columns) = chart(&mut service.app, &view(ChartRange::All, &[]), NOON);
        assert_eq!(columns[4][9], at_end, "{agg}");
    }
}

fn simulated(disk: Disk, rows: usize, changes: &[(&'static str, &'static str)]) -> (App, Timestamp) {
    let all = [("interval", "1us"), ("batch_size", "1000"), ("seed", "1"), ("distinct_ids", "100"), ("clock", "utc")];
    let changes = all.iter().chain(changes).map(|(name, text)| (*name, Some(*text)));
    let settings = Settings::default().merged(changes).unwrap();
    let mut now = Timestamp::from_nanos(NOON);
    let mut app = App::new(PipelineService::open(disk, settings, [true; 2], Zone::UTC, [0; 32], now).unwrap());
    while app.service().history().len() < rows {
        now = now + Duration::from_nanos(1_000_000);
        app.service_mut().step(Input::Tick, now).unwrap();
        app.service_mut().commit(true, now).unwrap();
        app.service_mut().maintain(now);
    }
    (app, now)
}

#[wasm_bindgen_test(unsupported = test)]
fn a_history_on_disk_is_looked_through_bit_by_bit_and_then_drawn_whole() {
    let storage = Rc::new(MemoryStorage::default());
    let few = [("memory_rows", "10000")];
    let (mut app, now) = simulated(Disk::Files(Rc::clone(&storage) as Rc<dyn Storage>), 300_000, &few);
    let ids =
        app.service().history().rows(Timestamp::MIN, Timestamp::MAX, &Measures::default()).id(0).text().to_string();
    let all = view(ChartRange::All, &[&ids]);
    let whole = |app: &mut App| {
        let shares: Vec<f32> = (0..4).map(|_| chart(app, &all, NOON).0.share).collect();
        (shares, chart(app, &all, NOON).1)
    };
    let (shares, before) = whole(&mut app);
    assert_eq!(shares[2..], [1.0, 1.0]);
    drop(app);
    let settings = Settings { paused: true, memory_rows: 10_000, ..Settings::default() };
    let disk = Disk::Files(storage as Rc<dyn Storage>);
    let mut app = App::new(PipelineService::open(disk, settings, [false, true], Zone::UTC, [0; 32], now).unwrap());
    assert!(app.service().history().rows_on_disk() > 200_000);
    let (shares, after) = whole(&mut app);
    assert!(shares[0] > 0.3 && shares[0] < 1.0 && shares[1] > shares[0] && shares[3] == 1.0, "{shares:?}");
    let extreme = |columns: &[f64], larger: fn(f64, f64) -> f64| columns.iter().copied().reduce(larger).unwrap();
    for column in [2, 5] {
        assert_eq!(extreme(&before[column], f64::min), extreme(&after[column], f64::min));
        assert_eq!(extreme(&before[column + 1], f64::max), extreme(&after[column + 1], f64::max));
    }
    assert_eq!(after[1].iter().sum::<f64>(), app.service().history().len() as f64);
    // Zoomed in, rows are read.
    let Some((_, newest)) = app.service().history().span() else { panic!("there are rows") };
    let from = newest.as_nanos() - 250_000_000;
    let close = view(ChartRange::Fixed { from, until: from + 500_000 }, &[&ids]);
    let (frame, columns) = chart(&mut app, &close, NOON);
    assert!(frame.share == 1.0 && columns[0].len() == 501 && frame.rows == 501, "{frame:?} {}", columns[0].len());
}

#[test]
#[ignore = "prints times and asserts nothing; `make prove` runs it"]
fn a_million_rows_are_drawn_in_milliseconds() {
    let (mut app, now) = simulated(Disk::None(String::new()), 1_000_000, &[]);
    let rows = app.service().history().rows(Timestamp::MIN, Timestamp::MAX, &Measures::default());
    let ids: Vec<String> = (0..8).map(|row| rows.id(row).text().to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    drop(rows);
    let time = |app: &mut App, name: &str, range: ChartRange, ids: &[&str]| {
        let view = view(range, ids);
        let start = worked_secs();
        let (frame, _) = chart(app, &view, now.as_nanos());
        let first = (worked_secs() - start) * 1e3;
        let start = worked_secs();
        (0..20).for_each(|_| drop(chart(app, &view, now.as_nanos())));
        let later = (worked_secs() - start) * 1e3 / 20.0;
        println!("{name}, {} rows: {first:.2} ms at first, then {later:.2} ms", frame.rows);
    };
    time(&mut app, "all", ChartRange::All, &[]);
    time(&mut app, "all with 8 ids", ChartRange::All, &ids);
    let from = now.as_nanos() - 500_000_000;
    time(&mut app, "50,000 rows with 8 ids", ChartRange::Fixed { from, until: from + 50_000_000 }, &ids);
    time(&mut app, "15,000 rows, window of 5s", ChartRange::Fixed { from, until: from + 15_000_000 }, &ids);
    time(&mut app, "live 60 s", live(60), &[]);
}

#[test]
#[ignore = "prints times and asserts nothing; `make prove` runs it"]
fn events_go_through_the_pipeline_fast() {
    for (name, changes) in [("1,000 a batch", vec![]), ("10 a batch", vec![("batch_size", "10")])] {
        let start = worked_secs();
        let (app, _) = simulated(Disk::None(String::new()), 1_000_000, &changes);
        println!(
            "{name}: {:.0} events a second",
            app.service().engine().counters().processed as f64 / (worked_secs() - start)
        );
    }
}

#[test]
#[ignore = "prints times and asserts nothing; `make prove` runs it"]
fn remembering_the_moving_aggregate_costs_next_to_nothing() {
    let rows = 1_000_000_i64;
    let frames: Vec<_> = (0..rows / 1000)
        .map(|batch| {
            let ids = (0..1000).map(|row| Some(format!("s{row}"))).collect();
            let times = (batch * 1000..(batch + 1) * 1000).collect();
            rows_frame(times, ids, &Measures::default(), vec![vec![1.0; 1000]]).unwrap()
        })
        .collect();
    let cases = [("without", vec![]), ("with", vec![vec![1.0; 1000]])];
    for (name, rolling) in cases.iter().cycle().take(4) {
        let mut history = History::new(rows as usize);
        let start = worked_secs();
        frames.iter().for_each(|frame| history.append(frame, rolling));
        println!("{name}: {:.1} ns a row", (worked_secs() - start) * 1e9 / rows as f64);
    }
}
