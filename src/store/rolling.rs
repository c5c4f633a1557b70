//! The rolling aggregate of a chart's columns: computed exactly for few rows, taken from the samples of their arrival
//! for many.

use super::chart::Chart;
use super::history::History;
use crate::frame::{Column, Frame};
use crate::pipeline::{Id, RollingScope, RollingWindows, Settings, Store};
use crate::time::Timestamp;

use super::rolling_samples::{MAX_REPLAYED, RollingSamples};

/// Rows pushed through the window for one chart at most.
const MAX_EXACT: usize = if cfg!(test) { 150 } else { 20_000 };

impl History {
    /// The rolling aggregate at the last row of each column of a chart that begins at `from`, NaN where it is missing.
    /// [`Self::remember_rolling`] has to come first.
    pub fn rolling_of_chart(&self, chart: &Chart, from: Timestamp, until: Timestamp, settings: &Settings) -> Vec<f64> {
        let seen_from = from - settings.window;
        if settings.rolling_scope == RollingScope::Stream
            && chart.rows <= MAX_EXACT
            && self.count(seen_from, until) <= MAX_EXACT
            && let Ok(windows) = RollingWindows::new(&settings.rolling_options())
        {
            return self.exact_moving(chart, from, until, settings, windows);
        }
        self.rolling.at(chart.columns.iter().map(|column| column.last_time))
    }

    /// Rebuilds the rolling samples if they are not of these settings: under the scope `stream` from rows in memory,
    /// under `batch` from `batches`, which are the newest batches, oldest first.
    pub fn remember_rolling(&mut self, settings: &Settings, batches: &mut dyn Iterator<Item = &Frame>) {
        if self.rolling.is_of(settings) {
            return;
        }
        let mut record = RollingSamples::begin(settings);
        // A window that is refused here was refused by the settings.
        let windows = || RollingWindows::new(&settings.rolling_options());
        if settings.rolling_scope == RollingScope::Stream {
            let from = self.newest_in_memory(MAX_REPLAYED);
            if let Ok(mut windows) = windows() {
                self.look_back(from, Timestamp::MAX, &mut |time, id, value| {
                    record.replay(time, windows.push(time, value, || id.clone()));
                });
            }
        } else {
            for batch in batches {
                if let Ok(mut windows) = windows() {
                    each_row(batch, |time, id, value| record.replay(time, windows.push(time, value, id)));
                }
            }
        }
        self.rolling = record;
    }

    /// Marks the rolling samples as stale, since samples of several settings may be mixed.
    pub fn clear_rolling(&mut self) {
        self.rolling.clear();
    }

    fn exact_moving(
        &self,
        chart: &Chart,
        from: Timestamp,
        until: Timestamp,
        settings: &Settings,
        mut windows: RollingWindows,
    ) -> Vec<f64> {
        let columns = &chart.columns;
        let mut rolled = vec![f64::NAN; columns.len()];
        let mut at = 0;
        self.look_back(from - settings.window, until, &mut |time, id, value| {
            let aggregate = windows.push(time, value, || id.clone());
            if time < from.as_nanos() || value.is_nan() {
                return;
            }
            while !chart.is_by_row() && columns.get(at).is_some_and(|column| column.last_time < time) {
                at += 1;
            }
            if let Some(rolled) = rolled.get_mut(at) {
                *rolled = aggregate;
            }
            at += usize::from(chart.is_by_row());
        });
        rolled
    }
}

/// Visits the rows of a batch; the id is made only if the visitor asks for it.
fn each_row(batch: &Frame, mut visit: impl FnMut(i64, &dyn Fn() -> Id, f64)) {
    let column = |name: &str| batch.column(name).ok();
    let (times, ids, values) = (
        column("timestamp").and_then(Column::as_datetime),
        column("id").and_then(Column::as_strings),
        column("value").and_then(Column::as_float),
    );
    if let (Some(times), Some(ids), Some(values)) = (times, ids, values) {
        for (row, (time, value)) in times.iter().zip(values.iter()).enumerate() {
            visit(*time, &|| Id::from_column(ids, row), *value);
        }
    }
}
