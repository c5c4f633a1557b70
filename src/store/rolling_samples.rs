//! The rolling aggregate that rows had on arrival: of every one of the newest rows, of older rows samples.

use crate::pipeline::{RollingOptions, Settings};

/// Newest rows of which every one is kept: this many to twice as many. Small in tests, so that they reach it.
const RECENT: usize = if cfg!(test) { 96 } else { 16_384 };
/// Rows from one older sample to the next.
const APART: usize = 64;
/// Rows that are replayed at most to rebuild the samples of a history.
pub(super) const MAX_REPLAYED: usize = 2_000_000;

/// Instants and the rolling aggregate there, in order of time. Late rows are left out: a chart does not need them, and
/// they would have to be inserted in the middle.
#[derive(Debug, Default)]
pub(super) struct RollingSamples {
    /// What the samples are of; `None` when samples of several settings may be mixed.
    of: Option<RollingOptions>,
    older: Vec<(i64, f64)>,
    recent: Vec<(i64, f64)>,
}

impl RollingSamples {
    /// Whether the samples are of these settings.
    pub(super) fn is_of(&self, settings: &Settings) -> bool {
        self.of.as_ref().is_some_and(|options| *options == settings.rolling_options())
    }

    /// No samples, for these settings.
    pub(super) fn begin(settings: &Settings) -> Self {
        Self { of: Some(settings.rolling_options()), ..Self::default() }
    }

    /// Marks the samples as stale: they are rebuilt before the next read.
    pub(super) fn clear(&mut self) {
        self.of = None;
    }

    /// Adds the newest row; a late one is ignored.
    #[inline]
    pub(super) fn push(&mut self, time: i64, rolling: f64) {
        if self.recent.last().is_none_or(|(newest, _)| *newest <= time) {
            self.recent.push((time, rolling));
        }
    }

    /// Whether [`Self::thin`] is due.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.recent.len() >= 2 * RECENT
    }

    /// Reduces the older half of the recent rows to samples, and drops samples from before `first_time`.
    pub(super) fn thin(&mut self, first_time: i64) {
        let gone = self.older.partition_point(|(time, _)| *time < first_time);
        self.older.drain(..gone);
        let thinned = self.recent.len().saturating_sub(RECENT) / APART * APART;
        self.older.extend(self.recent[..thinned].iter().skip(APART - 1).step_by(APART));
        self.recent.drain(..thinned);
    }

    /// The aggregate at each of these instants, which are in ascending order: that of the row there, or of the last
    /// sample before it; NaN before the first sample.
    pub(super) fn at(&self, times: impl DoubleEndedIterator<Item = i64> + ExactSizeIterator) -> Vec<f64> {
        let mut rolling = vec![f64::NAN; times.len()];
        let mut left = self.older.len() + self.recent.len();
        let sample = |place: usize| match place.checked_sub(self.older.len()) {
            Some(place) => self.recent[place],
            None => self.older[place],
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
        (self.older.capacity() + self.recent.capacity()) * size_of::<(i64, f64)>()
    }

    /// Adds the aggregate of the next row, and thins the samples when it is due.
    pub(super) fn replay(&mut self, time: i64, rolling: f64) {
        self.push(time, rolling);
        if self.is_full() {
            self.thin(i64::MIN);
        }
    }
}
