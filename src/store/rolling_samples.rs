//! The rolling aggregate that rows had on arrival: of every one of the newest rows, of older rows samples.

use std::sync::Arc;

use crate::pipeline::{Measures, RollingOptions, Settings};

/// Newest rows of which every one is kept: this many to twice as many. Small in tests, so that they reach it.
const RECENT: usize = if cfg!(test) { 96 } else { 16_384 };
/// Rows from one older sample to the next.
const APART: usize = 64;
/// Rows that are replayed at most to rebuild the samples of a history.
pub(super) const MAX_REPLAYED: usize = 2_000_000;

/// Instants and the rolling aggregates there, one for each measure, in order of time. Late rows are left out: a chart does
/// not need them, and they would have to be inserted in the middle.
#[derive(Debug, Default)]
pub(super) struct RollingSamples {
    /// What the samples are of; `None` when samples of several settings may be mixed. None are added then.
    of: Option<(RollingOptions, Measures)>,
    older: Samples,
    recent: Samples,
}

/// Instants, and at each of them as many values as there are measures.
#[derive(Debug, Default)]
struct Samples {
    times: Vec<i64>,
    /// Row by row.
    values: Vec<f64>,
}

impl Samples {
    fn len(&self) -> usize {
        self.times.len()
    }

    #[inline]
    fn push(&mut self, time: i64, values: impl Iterator<Item = f64>) {
        self.times.push(time);
        self.values.extend(values);
    }

    /// Removes the first `rows` samples of `measures` values each.
    fn drop_first(&mut self, rows: usize, measures: usize) {
        self.times.drain(..rows);
        self.values.drain(..rows * measures);
    }

    fn heap_bytes(&self) -> usize {
        self.times.capacity() * size_of::<i64>() + self.values.capacity() * size_of::<f64>()
    }
}

impl RollingSamples {
    /// Whether the samples are of these settings.
    pub(super) fn is_of(&self, settings: &Settings) -> bool {
        self.of
            .as_ref()
            .is_some_and(|(options, measures)| *options == settings.rolling_options() && *measures == settings.measures)
    }

    /// No samples, for these settings.
    pub(super) fn begin(settings: &Settings) -> Self {
        Self { of: Some((settings.rolling_options(), settings.measures.clone())), ..Self::default() }
    }

    /// Marks the samples as stale: they are rebuilt before the next read.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Adds the rolling aggregates that rows have on arrival, a column for each of these measures; without columns
    /// nothing. Samples of other measures become stale.
    pub(super) fn append(&mut self, times: &[i64], measures: &[Arc<str>], rolling: &[Vec<f64>]) {
        if self.of.as_ref().is_none_or(|(_, known)| known.as_slice() != measures) {
            return self.clear();
        }
        if rolling.len() == measures.len() {
            for (row, time) in times.iter().enumerate() {
                self.push(*time, rolling.iter().map(|column| column.get(row).copied().unwrap_or(f64::NAN)));
            }
        }
    }

    /// Adds the newest row; a late one is ignored.
    #[inline]
    fn push(&mut self, time: i64, rolling: impl Iterator<Item = f64>) {
        if self.recent.times.last().is_none_or(|newest| *newest <= time) {
            self.recent.push(time, rolling);
        }
    }

    /// Whether [`Self::thin`] is due.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.recent.len() >= 2 * RECENT
    }

    /// Reduces the older half of the recent rows to samples, and drops samples from before `first_time`.
    pub(super) fn thin(&mut self, first_time: i64) {
        let measures = self.of.as_ref().map_or(0, |(_, measures)| measures.count());
        let gone = self.older.times.partition_point(|time| *time < first_time);
        self.older.drop_first(gone, measures);
        let thinned = self.recent.len().saturating_sub(RECENT) / APART * APART;
        for row in (APART - 1..thinned).step_by(APART) {
            let values = &self.recent.values[row * measures..][..measures];
            self.older.push(self.recent.times[row], values.iter().copied());
        }
        self.recent.drop_first(thinned, measures);
    }

    /// The aggregate of a measure at each of these instants, which are in ascending order: that of the row there, or of
    /// the last sample before it; NaN before the first sample, and for a measure that the samples lack.
    pub(super) fn at(
        &self,
        measure: &str,
        times: impl DoubleEndedIterator<Item = i64> + ExactSizeIterator,
    ) -> Vec<f64> {
        let mut rolling = vec![f64::NAN; times.len()];
        let Some((_, measures)) = &self.of else { return rolling };
        let Some(measure) = measures.position(measure) else { return rolling };
        let mut left = self.older.len() + self.recent.len();
        let sample = |place: usize| {
            let (samples, place) = match place.checked_sub(self.older.len()) {
                Some(place) => (&self.recent, place),
                None => (&self.older, place),
            };
            (samples.times[place], samples.values[place * measures.count() + measure])
        };
        for (rolling, at) in rolling.iter_mut().zip(times).rev() {
            while left > 0 && sample(left - 1).0 > at {
                left -= 1;
            }
            if left > 0 {
                let (time, value) = sample(left - 1);
                *rolling = value;
                // Rows at one instant have one sample each; the last of the instants gets the last sample.
                left -= usize::from(time == at);
            }
        }
        rolling
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.older.heap_bytes() + self.recent.heap_bytes()
    }

    /// Adds the aggregates of the next row, and thins the samples when it is due.
    pub(super) fn replay(&mut self, time: i64, rolling: &[f64]) {
        self.push(time, rolling.iter().copied());
        if self.is_full() {
            self.thin(i64::MIN);
        }
    }
}
