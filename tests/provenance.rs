//! What a cell of the newest batch is made of, against the values that its rows make.

use millrace::api::{App, Request};
use millrace::frame::Frame;
use millrace::frame::ops::{Agg, Closed, Rolling, Window};
use millrace::pipeline::{Settings, rolling_name};
use millrace::protocol::{CellRef, Provenance, View};
use millrace::service::{WorkerStats, snapshot};
use millrace::time::{Duration, Timestamp, Zone};

/// 2025-06-01T12:00:00Z.
const NOON: i64 = 1_748_779_200_000_000_000;

/// Two and a half batches of eight, with equal times and rows that come late.
fn app(changes: &[(&str, &str)]) -> App {
    let all = [("source", "none"), ("clock", "utc"), ("batch_size", "8"), ("window", "4s")];
    let changes = all.iter().chain(changes).map(|(name, text)| (*name, Some(*text)));
    let settings = Settings::default().merged(changes).unwrap();
    let now = Timestamp::from_nanos(NOON);
    let mut app = App::in_memory(settings, Zone::UTC, [3; 32], now).unwrap();
    for row in 0..28 {
        let second = [0, 1, 1, 2, 4, 3, 6, 5, 7, 7, 2, 8, 9, 7][row % 14] + row / 14 * 9;
        let body = format!(
            r#"[{{"timestamp":"2025-06-01T12:00:{second:02}Z","id":"s{}","value":{}}}]"#,
            row % 3,
            row * row % 17
        );
        assert_eq!(app.handle(&Request::new("POST", "events").with_body("application/json", body), now).status, 202);
    }
    app
}

fn look(app: &mut App, table: u8, row: u32) -> Option<Provenance> {
    let view = View { look: Some(CellRef { table, row }), ..View::default() };
    snapshot(app.service_mut(), &view, Timestamp::from_nanos(NOON), WorkerStats::default()).0.batch.unwrap().provenance
}

fn aggregate(agg: Agg, values: &[f64]) -> f64 {
    let mut all = Rolling::new(&Window { closed: Closed::Both, ..Window::new(Duration::from_secs(1), agg) }).unwrap();
    values.iter().fold(f64::NAN, |_, value| all.push(0, *value))
}

fn floats(frame: &Frame, name: &str) -> Vec<f64> {
    frame.column(name).unwrap().as_float().unwrap().to_vec()
}

#[test]
fn the_rows_of_a_window_make_its_moving_aggregate() {
    for (scope, by) in [("stream", "all"), ("stream", "id"), ("batch", "all"), ("batch", "id")] {
        for closed in Closed::ALL {
            for agg in [Agg::Mean, Agg::Max, Agg::Sum, Agg::Median] {
                let name = closed.name();
                let mut app =
                    app(&[("rolling_scope", scope), ("rolling_by", by), ("closed", name), ("agg", agg.name())]);
                let latest = app.service().engine().latest().unwrap().latest.clone();
                let ids = latest.column("id").unwrap().as_strings().unwrap();
                let (values, rolling) = (floats(&latest, "value"), floats(&latest, &rolling_name("value", agg)));
                let mut reaches_back = false;
                for (row, rolling) in rolling.iter().enumerate() {
                    let provenance = look(&mut app, 0, row as u32).unwrap();
                    let is_of_id = |id: &str| by == "all" || id == &*ids.get(row).unwrap();
                    assert!(provenance.before.iter().all(|row| is_of_id(&row.id)));
                    assert!(provenance.rows.iter().all(|row| is_of_id(&ids.get(*row as usize).unwrap())));
                    assert_eq!(provenance.total as usize, provenance.before.len() + provenance.rows.len());
                    reaches_back |= !provenance.before.is_empty();
                    let before = provenance.before.iter().flat_map(|row| row.values[0]);
                    let own = provenance.rows.iter().map(|row| values[*row as usize]);
                    let made = aggregate(agg, &before.chain(own).collect::<Vec<_>>());
                    let is_same = (made - rolling).abs() < 1e-9 || made.is_nan() && rolling.is_nan();
                    assert!(is_same, "{scope} {by} {name} {agg:?} {row}: {made} {rolling} {provenance:?}");
                }
                assert_eq!(reaches_back, scope == "stream");
            }
        }
    }
}

#[test]
fn the_rows_of_an_id_make_its_pivoted_value() {
    let mut app = app(&[("aggfunc", "max")]);
    let tables = app.service().engine().latest().unwrap().tables().unwrap().clone();
    let (values, pivoted) = (floats(&tables.latest, "value"), floats(&tables.pivoted, "value"));
    let mut rows = 0;
    for (row, cell) in pivoted.iter().enumerate() {
        let provenance = look(&mut app, 2, row as u32).unwrap();
        let own: Vec<f64> = provenance.rows.iter().map(|row| values[*row as usize]).collect();
        assert_eq!((aggregate(Agg::Max, &own), provenance.total as usize), (*cell, own.len()));
        rows += own.len();
    }
    assert_eq!(rows, tables.latest.len());
}

#[test]
fn a_melted_row_comes_from_one_row_and_cells_that_are_not_there_from_none() {
    let mut app = app(&[]);
    let rows = app.service().engine().latest().unwrap().latest.len() as u32;
    assert_eq!(look(&mut app, 1, rows + 2).unwrap().rows, [2]);
    for (table, row) in [(0, rows), (1, 2 * rows), (2, 99), (3, 0)] {
        assert_eq!(look(&mut app, table, row), None);
    }
}

#[test]
fn a_long_window_names_its_newest_rows_and_counts_them_all() {
    let mut app = app(&[("window", "1h"), ("batch_size", "1")]);
    let provenance = look(&mut app, 0, 0).unwrap();
    assert_eq!(
        (provenance.rows.len(), provenance.before.len(), provenance.from.as_str()),
        (1, 20, "2025-06-01T11:00:16Z")
    );
    assert!(provenance.total > 20 && provenance.before.is_sorted_by_key(|row| row.timestamp.clone()));
}
