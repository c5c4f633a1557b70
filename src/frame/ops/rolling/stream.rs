//! The rolling window of an endless stream.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

use super::Window;
use super::kernel::{Kernel, WithKernel, with_kernel};
use super::state::State;
use crate::frame::FrameError;
use crate::frame::ops::Agg;

/// A rolling window that takes one row after the other and continues from batch to batch.
///
/// It keeps the rows of the window, at most as many that have left it, and those that are pushed together; in steady state
/// a push allocates nothing. The results are those of [`rolling`](super::rolling) over all rows at once.
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
    /// Rows that have left the window, and behind them those of it.
    rows: Vec<(i64, f64)>,
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
            rows.push((time, value));
            *answer = state.slide(rows.len() - 1, rows.len(), |row| rows[row].0, |row| rows[row].1);
        }
        // Half of them at once: what is behind them moves.
        if 2 * state.first_row() > rows.len() {
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
            rows: Vec::new(),
            last_time: None,
            counts_infinities: self.window.agg == Agg::Count,
        })
    }
}

/// Rows that the caller of a [`RollingOver`] keeps, by their numbers.
pub trait KeptRows {
    /// The time of a row, in nanoseconds.
    fn time(&self, row: usize) -> i64;

    /// The value of a row, NaN where it is missing.
    fn value(&self, row: usize) -> f64;
}

/// A rolling window over rows that the caller keeps: however long it is, it holds none of them.
pub struct RollingOver<R> {
    window: Box<dyn OverWindow<R>>,
}

impl<R> fmt::Debug for RollingOver<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RollingOver").finish_non_exhaustive()
    }
}

impl<R: KeptRows> RollingOver<R> {
    /// A window that begins with row `first`.
    ///
    /// # Errors
    /// As [`Rolling::new`].
    pub fn new(window: &Window, first: usize) -> Result<Self, FrameError> {
        check(window)?;
        Ok(Self { window: with_kernel(window, BeginOver { window, first, over: PhantomData }) })
    }

    /// Moves over these rows, whose times never fall, and adds the result for the window that ends at each to `answers`.
    /// They follow those of the call before.
    pub fn slide(&mut self, kept: &R, rows: Range<usize>, answers: &mut Vec<f64>) {
        self.window.slide(kept, rows, answers);
    }
}

/// As [`StreamWindow`].
trait OverWindow<R> {
    fn slide(&mut self, kept: &R, rows: Range<usize>, answers: &mut Vec<f64>);
}

struct Over<K> {
    state: State<K>,
    counts_infinities: bool,
}

impl<K: Kernel, R: KeptRows> OverWindow<R> for Over<K> {
    fn slide(&mut self, kept: &R, rows: Range<usize>, answers: &mut Vec<f64>) {
        let Self { state, counts_infinities } = self;
        let value = |row| match kept.value(row) {
            value if *counts_infinities && !value.is_nan() => 1.0,
            value => value,
        };
        answers.extend(rows.map(|row| state.slide(row, row + 1, |row| kept.time(row), value)));
    }
}

struct BeginOver<'a, R> {
    window: &'a Window,
    first: usize,
    over: PhantomData<R>,
}

impl<R: KeptRows> WithKernel for BeginOver<'_, R> {
    type Answer = Box<dyn OverWindow<R>>;

    fn with(self, kernel: impl Kernel + 'static) -> Box<dyn OverWindow<R>> {
        let state = State::new(self.window, kernel).starting_at(self.first);
        Box::new(Over { state, counts_infinities: self.window.agg == Agg::Count })
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
