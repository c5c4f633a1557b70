//! The rolling window of an endless stream.

use std::collections::VecDeque;
use std::fmt;

use super::Window;
use super::kernel::{Kernel, boxed};
use super::state::State;
use crate::frame::FrameError;
use crate::frame::ops::Agg;

/// A rolling window that is fed one row after the other and carries on from batch to batch.
///
/// It keeps the rows of the window and nothing else; in steady state a push allocates nothing. The answers are those of
/// [`rolling`](super::rolling) over all rows at once.
pub struct Rolling {
    state: State<Box<dyn Kernel>>,
    rows: VecDeque<(i64, f64)>,
    last_time: Option<i64>,
    counts_infinities: bool,
}

impl fmt::Debug for Rolling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rolling")
            .field("rows", &self.rows.len())
            .field("last_time", &self.last_time)
            .finish_non_exhaustive()
    }
}

impl Rolling {
    /// An empty window.
    ///
    /// # Errors
    /// [`FrameError::InvalidArgument`] for what no window can be, and for a centred one, which needs later rows.
    pub fn new(window: &Window) -> Result<Self, FrameError> {
        window.check()?;
        if window.center {
            return Err(FrameError::InvalidArgument("a centred window needs rows that are still to come".to_owned()));
        }
        Ok(Self {
            state: State::new(window, boxed(window)),
            rows: VecDeque::new(),
            last_time: None,
            counts_infinities: window.agg == Agg::Count,
        })
    }

    /// Makes room for a window of so many rows at once, where many are to come.
    pub fn reserve(&mut self, rows: usize) {
        self.rows.reserve_exact(rows.saturating_sub(self.rows.len()));
    }

    /// Adds a row and answers for the window that ends at it; NaN, given or answered, is missing.
    ///
    /// Times never fall: a row that is earlier than the last one counts as of the same time.
    pub fn push(&mut self, time_nanos: i64, value: f64) -> f64 {
        let time = self.last_time.map_or(time_nanos, |last| last.max(time_nanos));
        let value = if self.counts_infinities && !value.is_nan() { 1.0 } else { value };
        self.last_time = Some(time);
        self.rows.push_back((time, value));

        let rows = &self.rows;
        let answer = self.state.slide(rows.len() - 1, rows.len(), |row| rows[row].0, |row| rows[row].1);
        self.rows.drain(..self.state.renumber());
        answer
    }

    /// The time of the last row.
    pub fn last_time(&self) -> Option<i64> {
        self.last_time
    }
}
