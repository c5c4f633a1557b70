//! The rolling window of an endless stream.

use std::collections::VecDeque;
use std::fmt;

use super::Window;
use super::kernel::{Kernel, WithKernel, boxed, with_kernel};
use super::state::State;
use crate::frame::FrameError;
use crate::frame::ops::Agg;

/// A rolling window that takes one row after the other and continues from batch to batch.
///
/// It keeps only the rows of the window; in steady state a push allocates nothing. The results are those of
/// [`rolling`](super::rolling) over all rows at once.
pub struct Rolling {
    window: Box<dyn StreamWindow>,
}

impl fmt::Debug for Rolling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rolling").field("last_time", &self.last_time()).finish_non_exhaustive()
    }
}

impl Rolling {
    /// An empty window.
    ///
    /// # Errors
    /// [`FrameError::InvalidArgument`] for an invalid window, and for a centred one, which needs later rows.
    pub fn new(window: &Window) -> Result<Self, FrameError> {
        check(window)?;
        Ok(Self::with_checked(window))
    }

    /// An empty window that [`Self::new`] accepts.
    pub(super) fn with_checked(window: &Window) -> Self {
        Self { window: with_kernel(window, Begin { window }) }
    }

    /// Removes all rows.
    pub(super) fn restart(&mut self) {
        self.window.restart();
    }

    /// Adds a row and returns the result for the window that ends at it; NaN, as value or result, is missing.
    ///
    /// Times never fall: a row that is earlier than the last one counts as of the same time.
    pub fn push(&mut self, time_nanos: i64, value: f64) -> f64 {
        let mut answer = [f64::NAN];
        self.window.push_all(&[time_nanos], &[value], &mut answer);
        answer[0]
    }

    /// Adds rows as [`push`](Self::push) does, one after the other, and their results to `answers`.
    pub fn push_all(&mut self, times_nanos: &[i64], values: &[f64], answers: &mut Vec<f64>) {
        let before = answers.len();
        answers.resize(before + times_nanos.len().min(values.len()), f64::NAN);
        self.window.push_all(times_nanos, values, &mut answers[before..]);
    }

    /// The time of the last row.
    pub fn last_time(&self) -> Option<i64> {
        self.window.last_time()
    }
}

/// The window of a kernel that is selected at run time: one call for rows that come together, since it is compiled for
/// each kernel.
trait StreamWindow {
    /// Adds rows, and writes the result at each to its place in `answers`, which is as long.
    fn push_all(&mut self, times: &[i64], values: &[f64], answers: &mut [f64]);

    fn restart(&mut self);

    fn last_time(&self) -> Option<i64>;
}

struct StreamOf<K> {
    state: State<K>,
    rows: VecDeque<(i64, f64)>,
    last_time: Option<i64>,
    counts_infinities: bool,
}

impl<K: Kernel> StreamWindow for StreamOf<K> {
    fn push_all(&mut self, times: &[i64], values: &[f64], answers: &mut [f64]) {
        let Self { state, rows, last_time, counts_infinities } = self;
        for ((time, value), answer) in times.iter().zip(values).zip(answers) {
            let time = last_time.map_or(*time, |last| last.max(*time));
            let value = if *counts_infinities && !value.is_nan() { 1.0 } else { *value };
            *last_time = Some(time);
            rows.push_back((time, value));
            *answer = state.slide(rows.len() - 1, rows.len(), |row| rows[row].0, |row| rows[row].1);
            rows.drain(..state.renumber());
        }
    }

    fn restart(&mut self) {
        self.state.restart();
        self.rows.clear();
        self.last_time = None;
    }

    fn last_time(&self) -> Option<i64> {
        self.last_time
    }
}

struct Begin<'a> {
    window: &'a Window,
}

impl WithKernel for Begin<'_> {
    type Answer = Box<dyn StreamWindow>;

    fn with(self, kernel: impl Kernel + 'static) -> Box<dyn StreamWindow> {
        Box::new(StreamOf {
            state: State::new(self.window, kernel),
            rows: VecDeque::new(),
            last_time: None,
            counts_infinities: self.window.agg == Agg::Count,
        })
    }
}

/// A rolling window over rows that the caller keeps: however long it is, it holds none of them.
pub struct RollingOver {
    state: State<Box<dyn Kernel>>,
    counts_infinities: bool,
}

impl fmt::Debug for RollingOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RollingOver").finish_non_exhaustive()
    }
}

impl RollingOver {
    /// A window that begins with row `first`.
    ///
    /// # Errors
    /// As [`Rolling::new`].
    pub fn new(window: &Window, first: usize) -> Result<Self, FrameError> {
        check(window)?;
        let state = State::new(window, boxed(window)).starting_at(first);
        Ok(Self { state, counts_infinities: window.agg == Agg::Count })
    }

    /// Moves to the window that ends at `row` and returns its result. Call it for each row in turn; times never fall.
    pub fn slide(&mut self, row: usize, time: impl Fn(usize) -> i64, value: impl Fn(usize) -> f64) -> f64 {
        let counts_infinities = self.counts_infinities;
        self.state.slide(row, row + 1, time, |row| match value(row) {
            value if counts_infinities && !value.is_nan() => 1.0,
            value => value,
        })
    }
}

/// Refuses invalid windows and those that need later rows.
fn check(window: &Window) -> Result<(), FrameError> {
    window.check()?;
    if window.center {
        return Err(FrameError::InvalidArgument("a centred window needs rows that are still to come".to_owned()));
    }
    Ok(())
}
