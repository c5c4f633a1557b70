//! The rolling aggregate as rows had it on arrival: of the newest rows each one, of older ones a sample now and then.

use crate::frame::ops::{Rolling, Window};
use crate::pipeline::{RollingScope, Settings};

/// Rows of which every one is known, at least; twice as many at most. Few in tests, so that they come to an end.
const RECENT: usize = if cfg!(test) { 96 } else { 16_384 };
/// Rows that older samples are apart.
const APART: usize = 64;
/// Rows that are gone through to make a record of a history.
pub(super) const MAX_REPLAYED: usize = 2_000_000;

/// Instants and the rolling aggregate there, in order of time. Rows that come late are left out: a chart does not miss them,
/// and they would have to be put in between.
#[derive(Debug, Default)]
pub(super) struct RollingSamples {
    /// What the aggregate is of; `None` when samples of several settings may have been mixed.
    of: Option<(Window, RollingScope)>,
    older: Vec<(i64, f64)>,
    recent: Vec<(i64, f64)>,
}

impl RollingSamples {
    /// Whether it is of these settings.
    pub(super) fn is_of(&self, settings: &Settings) -> bool {
        self.of
            .as_ref()
            .is_some_and(|(window, scope)| (window, *scope) == (&settings.rolling_window(), settings.rolling_scope))
    }

    /// An empty one of these settings.
    pub(super) fn begin(settings: &Settings) -> Self {
        Self { of: Some((settings.rolling_window(), settings.rolling_scope)), ..Self::default() }
    }

    /// Tells that it has to be made anew before anybody looks.
    pub(super) fn forget(&mut self) {
        self.of = None;
    }

    /// Takes in the newest row.
    #[inline]
    pub(super) fn push(&mut self, time: i64, rolling: f64) {
        if self.recent.last().is_none_or(|(newest, _)| *newest <= time) {
            self.recent.push((time, rolling));
        }
    }

    /// Whether there are more recent rows than need be.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.recent.len() >= 2 * RECENT
    }

    /// Keeps samples of the older half of the recent rows, and none from before `first_time`.
    pub(super) fn thin(&mut self, first_time: i64) {
        let gone = self.older.partition_point(|(time, _)| *time < first_time);
        self.older.drain(..gone);
        let thinned = self.recent.len().saturating_sub(RECENT) / APART * APART;
        self.older.extend(self.recent[..thinned].iter().skip(APART - 1).step_by(APART));
        self.recent.drain(..thinned);
    }

    /// The aggregate at each of these instants, which do not fall: that of the row there, or of a sample before it; NaN
    /// before the first.
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
                // Of rows at one instant each has its own, the last one the last.
                left -= usize::from(time == at);
            }
        }
        rolling
    }

    pub(super) fn heap_bytes(&self) -> usize {
        (self.older.capacity() + self.recent.capacity()) * size_of::<(i64, f64)>()
    }

    /// Takes in what a window makes of the row that follows.
    pub(super) fn replay(&mut self, rolling: &mut Rolling, time: i64, value: f64) {
        self.push(time, rolling.push(time, value));
        if self.is_full() {
            self.thin(i64::MIN);
        }
    }
}
