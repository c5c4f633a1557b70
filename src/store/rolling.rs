//! The rolling aggregates of a chart's columns, one for each measure: computed exactly for few rows, taken from the samples
//! of their arrival for many.

use super::chart::Chart;
use super::columns::copy_row;
use super::history::History;
use crate::frame::{Column, Frame};
use crate::pipeline::{Id, Measures, RollingScope, RollingWindows, Settings, Store};
use crate::time::Timestamp;

use super::rolling_samples::{MAX_REPLAYED, RollingSamples};

/// Values pushed through windows for one chart at most.
const MAX_EXACT: usize = if cfg!(test) { 150 } else { 20_000 };

impl History {
    /// The rolling aggregates at the last row of each column of a chart that begins at `from`: for each of its measures
    /// one for each column, NaN where it is missing. [`Self::remember_rolling`] has to come first.
    pub fn rolling_of_chart(
        &self,
        chart: &Chart,
        from: Timestamp,
        until: Timestamp,
        settings: &Settings,
    ) -> Vec<Vec<f64>> {
        let seen_from = from - settings.window;
        let max_rows = MAX_EXACT / chart.measures.count();
        if settings.rolling_scope == RollingScope::Stream
            && chart.rows <= max_rows
            && self.count(seen_from, until) <= max_rows
            && let Some(windows) = Windows::new(settings, &chart.measures)
        {
            return self.exact_moving(chart, from, until, settings, windows);
        }
        let times = chart.columns.iter().copied();
        chart.measures.names().map(|measure| self.rolling.at(measure, times.clone())).collect()
    }

    /// Rebuilds the rolling samples if they are not of these settings: under the scope `stream` from rows in memory,
    /// under `batch` from `batches`, which are the newest batches, oldest first.
    pub fn remember_rolling(&mut self, settings: &Settings, batches: &mut dyn Iterator<Item = &Frame>) {
        if self.rolling.is_of(settings) {
            return;
        }
        let measures = &settings.measures;
        let mut record = RollingSamples::begin(settings);
        if settings.rolling_scope == RollingScope::Stream {
            let from = self.newest_in_memory(MAX_REPLAYED / measures.count());
            if let Some(mut windows) = Windows::new(settings, measures) {
                self.look_back(from, Timestamp::MAX, measures, &mut |time, id, values| {
                    record.replay(time, windows.push(time, values, &|| id.clone()));
                });
            }
        } else {
            for batch in batches {
                if let Some(mut windows) = Windows::new(settings, measures) {
                    each_row(batch, measures, |time, id, values| record.replay(time, windows.push(time, values, id)));
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
        mut windows: Windows,
    ) -> Vec<Vec<f64>> {
        let columns = &chart.columns;
        let mut rolled = vec![vec![f64::NAN; columns.len()]; chart.measures.count()];
        let mut at = 0;
        self.look_back(from - settings.window, until, &chart.measures, &mut |time, id, values| {
            let is_shown = time >= from.as_nanos() && values.iter().any(|value| !value.is_nan());
            while is_shown && !chart.is_by_row() && columns.get(at).is_some_and(|last_time| *last_time < time) {
                at += 1;
            }
            let id = || id.clone();
            for ((rolled, aggregate), value) in rolled.iter_mut().zip(windows.push(time, values, &id)).zip(values) {
                // The column shows the aggregate at the last row that has the measure.
                if let Some(rolled) = rolled.get_mut(at).filter(|_| is_shown && !value.is_nan()) {
                    *rolled = *aggregate;
                }
            }
            at += usize::from(is_shown && chart.is_by_row());
        });
        rolled
    }
}

/// The rolling windows of several measures.
struct Windows {
    windows: Vec<RollingWindows>,
    /// The aggregates at the row that was added last.
    aggregates: Vec<f64>,
}

impl Windows {
    /// Windows under these settings; `None` for one that the rolling verb refuses, which the settings have refused before.
    fn new(settings: &Settings, measures: &Measures) -> Option<Self> {
        let options = settings.rolling_options();
        let windows = RollingWindows::of_measures(&options, measures.count()).ok()?;
        Some(Self { aggregates: vec![f64::NAN; windows.len()], windows })
    }

    /// Adds a row with a value for each measure, and returns the aggregates at it. The id is made only where it is needed.
    fn push(&mut self, time: i64, values: &[f64], id: &dyn Fn() -> Id) -> &[f64] {
        for ((windows, aggregate), value) in self.windows.iter_mut().zip(&mut self.aggregates).zip(values) {
            *aggregate = windows.push(time, *value, id);
        }
        &self.aggregates
    }
}

/// Visits the rows of a batch with their values of these measures; the id is made only if the visitor asks for it.
fn each_row(batch: &Frame, measures: &Measures, mut visit: impl FnMut(i64, &dyn Fn() -> Id, &[f64])) {
    let column = |name: &str| batch.column(name).ok();
    let float = |name: &str| column(name).and_then(Column::as_float).map(|values| &**values);
    let columns: Vec<Option<&[f64]>> = measures.names().map(float).collect();
    let (times, ids) = (column("timestamp").and_then(Column::as_datetime), column("id").and_then(Column::as_strings));
    if let (Some(times), Some(ids)) = (times, ids) {
        let mut values = vec![f64::NAN; columns.len()];
        for (row, time) in times.iter().enumerate() {
            copy_row(&columns, row, &mut values);
            visit(*time, &|| Id::from_column(ids, row), &values);
        }
    }
}
