//! How the cost of a row changes with the number of rows, of ids and of rows in a window.

use std::hint::black_box;
use std::sync::Arc;

use millrace::frame::ops::{Agg, Melt, PivotTable, Window, melt, pivot_table, rolling};
use millrace::frame::{Column, Frame, FrameError, Strings};
use millrace::time::Duration;

const ROWS: usize = 1_000_000;

/// The nanoseconds a row of one run of `what` at size `n`, or `None` if nothing is called so.
pub(crate) fn nanos_per_row(what: &str, n: usize, clock_millis: impl Fn() -> f64) -> Option<f64> {
    let (rows, work): (usize, Box<dyn Fn() -> Result<Frame, FrameError>>) = match what {
        "rolling_mean_rows" => (n, roll(n, 100, Agg::Mean)),
        "rolling_mean_window" => (ROWS, roll(ROWS, n, Agg::Mean)),
        "rolling_std_window" => (ROWS, roll(ROWS, n, Agg::Std)),
        "rolling_min_window" => (ROWS, roll(ROWS, n, Agg::Min)),
        "rolling_median_window" => (ROWS, roll(ROWS, n, Agg::Median)),
        "melt_rows" => {
            let frame = frame(n, 1000);
            let options = Melt { id_vars: &["id"], value_vars: Some(&["a", "b"]), ..Melt::default() };
            let written = move || {
                let melted = melt(&frame, &options)?;
                Frame::new(melted.columns().iter().map(|(name, column)| (name.clone(), column.materialize())).collect())
            };
            (2 * n, Box::new(written))
        }
        "pivot_rows" => (n, pivot(n, 1000)),
        "pivot_ids" => (ROWS, pivot(ROWS, n)),
        _ => return None,
    };
    // The first run warms up; short ones are repeated until the clock can tell.
    let repeats = (200_000 / rows).max(1);
    black_box(work().ok()?);
    let start = clock_millis();
    for _ in 0..repeats {
        black_box(work().ok()?);
    }
    Some((clock_millis() - start) * 1e6 / (repeats * rows) as f64)
}

type Run = Box<dyn Fn() -> Result<Frame, FrameError>>;

fn roll(rows: usize, window_rows: usize, agg: Agg) -> Run {
    let frame = frame(rows, 1);
    let window = Window::new(Duration::from_nanos(window_rows as i64 * 1000), agg);
    Box::new(move || rolling(&frame, "time", &["a"], &window))
}

fn pivot(rows: usize, ids: usize) -> Run {
    let frame = frame(rows, ids);
    Box::new(move || pivot_table(&frame, &PivotTable { index: &["id"], values: Some(&["a"]), ..PivotTable::default() }))
}

/// A row each microsecond, ids and values that look random.
fn frame(rows: usize, ids: usize) -> Frame {
    let mixed = |row: usize| (row as u32).wrapping_mul(2_654_435_769) ^ (row as u32 >> 7).wrapping_mul(2_246_822_519);
    let codes: Vec<u32> = (0..rows).map(|row| ((u64::from(mixed(row)) * ids as u64) >> 32) as u32).collect();
    let categories = Arc::new((0..ids).map(|id| Arc::from(format!("sensor-{id}"))).collect());
    let values = |salt: usize| (0..rows).map(|row| f64::from(mixed(row + salt)) / 1e7).collect::<Vec<f64>>();
    let columns = vec![
        ("time".into(), Column::Datetime((0..rows).map(|row| row as i64 * 1000).collect())),
        ("id".into(), Column::String(Strings::Dictionary { codes: codes.into(), categories })),
        ("a".into(), Column::from(values(0))),
        ("b".into(), Column::from(values(17))),
    ];
    Frame::new(columns).unwrap_or_default()
}
