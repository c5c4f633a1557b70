//! What a cell of the newest batch is made of.

use crate::api::App;
use crate::frame::ops::Closed;
use crate::frame::{Column, Frame, Strings};
use crate::pipeline::{Batch, Id, RollingScope};
use crate::protocol::{CellRef, KeptRow, MAX_LOOKED, Provenance};
use crate::time::{Duration, Timestamp};

/// Rows from before the batch that are shown.
const MAX_BEFORE: usize = 20;

/// The rows behind a row of `latest` (its window, under the settings in force), of `melted` or of `pivoted`; `None` where
/// there is no such row.
pub(super) fn looked(app: &App, batch: &Batch, look: CellRef) -> Option<Provenance> {
    let tables = &batch.tables;
    let (row, rows) = (look.row as usize, tables.latest.len());
    let found = match look.table {
        0 if row < rows => window(app, &Latest::from_frame(&tables.latest)?, row),
        1 if row < tables.melted.len() => from_rows([row.checked_rem(rows)?].into_iter()),
        2 if row < tables.pivoted.len() => {
            let (ids, pivoted) = (ids(&tables.latest)?, ids(&tables.pivoted)?);
            let id = Id::from_column(pivoted, row);
            from_rows((0..rows).filter(|row| Id::from_column(ids, *row) == id))
        }
        _ => return None,
    };
    Some(Provenance { look: Some(look), ..found })
}

/// The columns of `latest`.
struct Latest<'a> {
    times: &'a [i64],
    ids: &'a Strings,
    values: &'a [f64],
}

impl<'a> Latest<'a> {
    fn from_frame(latest: &'a Frame) -> Option<Self> {
        let times = latest.column("timestamp").ok().and_then(Column::as_datetime)?;
        let values = latest.column("value").ok().and_then(Column::as_float)?;
        Some(Self { times, ids: ids(latest)?, values })
    }
}

fn ids(table: &Frame) -> Option<&Strings> {
    table.column("id").ok().and_then(Column::as_strings)
}

/// So many rows of the batch, of which the last are named.
fn from_rows(rows: impl Iterator<Item = usize>) -> Provenance {
    let mut rows: Vec<u32> = rows.map(|row| row as u32).collect();
    let total = rows.len();
    rows.drain(..total.saturating_sub(MAX_LOOKED));
    Provenance { rows, total: total as u64, ..Provenance::default() }
}

/// The window of a row.
fn window(app: &App, latest: &Latest<'_>, row: usize) -> Provenance {
    let settings = app.engine().settings();
    let (closed, nanosecond) = (settings.closed, Duration::from_nanos(1));
    let at = Timestamp::from_nanos(latest.times[row]);
    let from = at - settings.window;
    let first = if matches!(closed, Closed::Left | Closed::Both) { from } else { from + nanosecond };
    // Closed on the right, a window ends with its row; else before the first row of its time.
    let sees_itself = matches!(closed, Closed::Right | Closed::Both);
    let last = if sees_itself { at } else { at - nanosecond };
    let place = |instant: Timestamp, is_behind: bool| {
        latest.times.partition_point(|time| *time < instant.as_nanos() || is_behind && *time == instant.as_nanos())
    };
    let (start, behind) = (place(first, false), place(last, true));
    let end = if sees_itself { row + 1 } else { behind };
    let mut looked = from_rows(start..end);
    looked.from = from.to_text(app.clock());
    if settings.rolling_scope == RollingScope::Stream {
        let all = app.history().count(first, last);
        looked.total += all.saturating_sub(behind.saturating_sub(start)) as u64;
        looked.before = before(app, latest, start..behind.max(start), (first, last));
    }
    looked
}

/// The newest rows of the history in a range but those of the batch, which are `own` there; oldest first.
fn before(
    app: &App,
    latest: &Latest<'_>,
    own: std::ops::Range<usize>,
    (first, last): (Timestamp, Timestamp),
) -> Vec<KeptRow> {
    let rows = app.history().rows(first, last);
    let mut found = Vec::new();
    let mut next = own.end;
    for row in (0..rows.len()).rev() {
        // Rows of one instant stand in order of arrival and the batch came last, so both are gone through backwards.
        let (time, value) = (rows.time(row), rows.value(row));
        if let Some(place) = next.checked_sub(1).filter(|place| *place >= own.start)
            && (latest.times[place], latest.values[place].to_bits()) == (time, value.to_bits())
            && Id::from_column(latest.ids, place) == rows.id(row)
        {
            next = place;
            continue;
        }
        let timestamp = Timestamp::from_nanos(time).to_text(app.clock());
        found.push(KeptRow { timestamp, id: rows.id(row).text().to_string(), value, rolling: None });
        if found.len() == MAX_BEFORE {
            break;
        }
    }
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Request;
    use crate::frame::ops::{Agg, Rolling, Window};
    use crate::pipeline::{Settings, rolling_name};
    use crate::protocol::View;
    use crate::runtime::snapshot;
    use crate::time::Zone;

    /// 2025-06-01T12:00:00Z.
    const NOON: i64 = 1_748_779_200_000_000_000;

    /// Two and a half batches of eight, with equal times and rows that come late.
    fn app(changes: &[(&str, &str)]) -> App {
        let all = [("source", "none"), ("clock", "utc"), ("batch_size", "8"), ("window", "4s")];
        let changes = all.iter().chain(changes).map(|(name, text)| (*name, Some(*text)));
        let settings = Settings::default().merged(changes).unwrap();
        let now = Timestamp::from_nanos(NOON);
        let mut app = App::new(settings, Zone::UTC, [3; 32], now).unwrap();
        for row in 0..28 {
            let second = [0, 1, 1, 2, 4, 3, 6, 5, 7, 7, 2, 8, 9, 7][row % 14] + row / 14 * 9;
            let body = format!(
                r#"[{{"timestamp":"2025-06-01T12:00:{second:02}Z","id":"s{}","value":{}}}]"#,
                row % 3,
                row * row % 17
            );
            assert_eq!(
                app.handle(&Request::new("POST", "events").with_body("application/json", body), now).status,
                202
            );
        }
        app
    }

    fn look(app: &mut App, table: u8, row: u32) -> Option<Provenance> {
        let view = View { look: Some(CellRef { table, row }), ..View::default() };
        snapshot(app, &view, Timestamp::from_nanos(NOON), 0.0, 0).0.batch.unwrap().looked
    }

    fn aggregate(agg: Agg, values: &[f64]) -> f64 {
        let mut all =
            Rolling::new(&Window { closed: Closed::Both, ..Window::new(Duration::from_secs(1), agg) }).unwrap();
        values.iter().fold(f64::NAN, |_, value| all.push(0, *value))
    }

    fn floats(frame: &Frame, name: &str) -> Vec<f64> {
        frame.column(name).unwrap().as_float().unwrap().to_vec()
    }

    #[test]
    fn the_rows_of_a_window_make_its_moving_aggregate() {
        for scope in ["stream", "batch"] {
            for closed in Closed::ALL {
                for agg in [Agg::Mean, Agg::Max, Agg::Sum, Agg::Median] {
                    let name = closed.name();
                    let mut app = app(&[("rolling_scope", scope), ("closed", name), ("agg", agg.name())]);
                    let latest = app.engine().latest().unwrap().tables.latest.clone();
                    let (values, rolling) = (floats(&latest, "value"), floats(&latest, &rolling_name(agg)));
                    let mut reaches_back = false;
                    for (row, rolling) in rolling.iter().enumerate() {
                        let looked = look(&mut app, 0, row as u32).unwrap();
                        assert_eq!(looked.total as usize, looked.before.len() + looked.rows.len());
                        reaches_back |= !looked.before.is_empty();
                        let before = looked.before.iter().map(|row| row.value);
                        let own = looked.rows.iter().map(|row| values[*row as usize]);
                        let made = aggregate(agg, &before.chain(own).collect::<Vec<_>>());
                        let is_same = (made - rolling).abs() < 1e-9 || made.is_nan() && rolling.is_nan();
                        assert!(is_same, "{scope} {name} {agg:?} {row}: {made} {rolling} {looked:?}");
                    }
                    assert_eq!(reaches_back, scope == "stream");
                }
            }
        }
    }

    #[test]
    fn the_rows_of_an_id_make_its_pivoted_value() {
        let mut app = app(&[("aggfunc", "max")]);
        let tables = app.engine().latest().unwrap().tables.clone();
        let (values, pivoted) = (floats(&tables.latest, "value"), floats(&tables.pivoted, "value"));
        let mut rows = 0;
        for (row, cell) in pivoted.iter().enumerate() {
            let looked = look(&mut app, 2, row as u32).unwrap();
            let own: Vec<f64> = looked.rows.iter().map(|row| values[*row as usize]).collect();
            assert_eq!((aggregate(Agg::Max, &own), looked.total as usize), (*cell, own.len()));
            rows += own.len();
        }
        assert_eq!(rows, tables.latest.len());
    }

    #[test]
    fn a_melted_row_comes_from_one_row_and_cells_that_are_not_there_from_none() {
        let mut app = app(&[]);
        let rows = app.engine().latest().unwrap().tables.latest.len() as u32;
        assert_eq!(look(&mut app, 1, rows + 2).unwrap().rows, [2]);
        for (table, row) in [(0, rows), (1, 2 * rows), (2, 99), (3, 0)] {
            assert_eq!(look(&mut app, table, row), None);
        }
    }

    #[test]
    fn a_long_window_names_its_newest_rows_and_counts_them_all() {
        let mut app = app(&[("window", "1h"), ("batch_size", "1")]);
        let looked = look(&mut app, 0, 0).unwrap();
        assert_eq!((looked.rows.len(), looked.before.len(), looked.from.as_str()), (1, 20, "2025-06-01T11:00:16Z"));
        assert!(looked.total > 20 && looked.before.is_sorted_by_key(|row| row.timestamp.clone()));
    }
}
