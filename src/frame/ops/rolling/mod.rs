//! Time windows that move along the rows.
//!
//! Read [`rolling`] and [`Window`] first. `state` moves the window's two ends, a `kernel` keeps the aggregate of what is
//! between them, [`Rolling`] carries both from batch to batch, and [`RollingGroups`] does so for each key.

mod bounds;
mod extrema;
mod groups;
mod kernel;
mod moments;
mod order;
mod state;
mod stream;
mod sums;
mod window;

use std::borrow::Cow;

pub use groups::RollingGroups;
pub use stream::{KeptRows, Rolling, RollingOver};
pub use window::{Closed, Interpolation, Quantile, Window};

use self::kernel::{Kernel, WithKernel, with_kernel};
use self::state::State;
use super::Agg;
use crate::frame::{Column, Dtype, Frame, FrameError, NAT};

/// Aggregates, for each row, the rows of a time window that ends at it (or has it in the middle).
///
/// *Shape*: one float column for each of `columns`, under its name, in the order of the rows. *Times*: column `on`, all
/// rising or all falling, equal neighbours allowed; falling ones are mirrored, so the window reaches to later times.
/// Not centred and closed on the right, a window never holds rows after its own, even of the same time:
///
/// ```text
/// time   value   sum of "2s"
/// 21:15:00   1   1
/// 21:15:01   2   3
/// 21:15:01   4   7        sees the row above, which does not see it
/// 21:15:02   8   14       the row two seconds older is out
/// ```
///
/// *Nulls*: missing and infinite values are left out, except that [`Agg::Count`] counts infinite ones; fewer than
/// `min_periods` values give a missing result.
/// *Errors*: [`FrameError::ColumnNotFound`]; [`FrameError::DtypeMismatch`] for times that are not datetimes and values
/// that are not numbers (any may be counted); [`FrameError::MissingTime`]; [`FrameError::Unordered`];
/// [`FrameError::InvalidArgument`] from the window.
/// *Source*: pandas `rolling("2s", on=…).agg()`, sums digit for digit; a window without length is refused.
///
/// ```
/// use millrace::frame::ops::{Agg, Window, rolling};
/// use millrace::frame::{Column, Frame};
/// use millrace::time::Duration;
///
/// let seconds = |second: i64| second * 1_000_000_000;
/// let frame = Frame::new(vec![
///     ("time".into(), Column::Datetime(vec![seconds(0), seconds(1), seconds(3)].into())),
///     ("value".into(), vec![1.0, 2.0, 4.0].into()),
/// ])?;
/// let sums = rolling(&frame, "time", &["value"], &Window::new(Duration::from_secs(2), Agg::Sum))?;
/// assert_eq!(sums.column("value")?, &Column::from(vec![1.0, 3.0, 4.0]));
/// # Ok::<(), millrace::frame::FrameError>(())
/// ```
pub fn rolling(frame: &Frame, on: &str, columns: &[&str], window: &Window) -> Result<Frame, FrameError> {
    window.check()?;
    let times = times(frame, on)?;
    if times.first() == Some(&NAT) {
        return Err(refuse_times(on, &times));
    }
    let mut answers = Vec::with_capacity(columns.len());
    for name in columns {
        let values = numbers(frame.column(name)?, name, window.agg)?;
        let answer = with_kernel(window, Roll { window, times: &times, values: &values })
            .ok_or_else(|| refuse_times(on, &times))?;
        answers.push(((*name).to_owned().into(), answer.into()));
    }
    Frame::new(answers)
}

/// One pass over a column.
struct Roll<'a> {
    window: &'a Window,
    times: &'a [i64],
    values: &'a [f64],
}

impl WithKernel for Roll<'_> {
    type Answer = Option<Vec<f64>>;

    fn with(self, kernel: impl Kernel) -> Option<Vec<f64>> {
        State::new(self.window, kernel).roll(self.times, self.values)
    }
}

/// The times of a column, rising: falling ones are mirrored.
fn times<'a>(frame: &'a Frame, on: &str) -> Result<Cow<'a, [i64]>, FrameError> {
    let column = frame.column(on)?;
    let times = match (column, column.materialize()) {
        (Column::Datetime(times), _) => Cow::Borrowed(&**times),
        (_, Column::Datetime(times)) => Cow::Owned(times.to_vec()),
        _ => {
            let found = column.dtype();
            return Err(FrameError::DtypeMismatch { column: on.to_owned(), expected: "datetimes", found });
        }
    };
    let is_falling = matches!((times.first(), times.last()), (Some(first), Some(last)) if last < first);
    Ok(if is_falling { times.iter().map(|time| time.wrapping_neg()).collect() } else { times })
}

/// The error for times that do not rise throughout.
fn refuse_times(on: &str, times: &[i64]) -> FrameError {
    let column = on.to_owned();
    if let Some(row) = times.iter().position(|time| *time == NAT) {
        return FrameError::MissingTime { column, row };
    }
    let row = times.windows(2).position(|pair| pair[0] > pair[1]).unwrap_or_default();
    FrameError::Unordered { column, row: row + 1 }
}

/// The numbers of a column, NaN where it has none; for a count, each is 1.
fn numbers<'a>(column: &'a Column, name: &str, agg: Agg) -> Result<Cow<'a, [f64]>, FrameError> {
    if agg == Agg::Count {
        return Ok((0..column.len()).map(|row| if column.is_missing(row) { f64::NAN } else { 1.0 }).collect());
    }
    match column {
        Column::Float(values) => Ok(Cow::Borrowed(values)),
        _ => match column.dtype() {
            Dtype::Float | Dtype::Int | Dtype::Bool => {
                Ok(column.values().map(|value| value.to_f64().unwrap_or(f64::NAN)).collect())
            }
            found => Err(FrameError::DtypeMismatch { column: name.to_owned(), expected: "numbers", found }),
        },
    }
}

#[cfg(test)]
mod cost_tests;
#[cfg(test)]
mod tests;
