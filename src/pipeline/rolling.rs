//! The rolling windows of the pipeline: one over all rows, or one for each id.

use super::{Id, RollingBy, RollingScope};
use crate::frame::FrameError;
use crate::frame::ops::{Rolling, RollingGroups, Window};

/// What defines a rolling aggregate: two of them are the same where these are equal.
#[derive(Debug, Clone, PartialEq)]
pub struct RollingOptions {
    /// The window and its aggregate.
    pub window: Window,
    /// How far windows look back.
    pub scope: RollingScope,
    /// Which rows share a window.
    pub by: RollingBy,
}

/// Rolling windows that take one row after the other.
#[derive(Debug)]
pub enum RollingWindows {
    /// One for all rows.
    All(Rolling),
    /// One for each id.
    Id(RollingGroups<Id>),
}

impl RollingWindows {
    /// Empty windows.
    ///
    /// # Errors
    /// [`FrameError::InvalidArgument`] when the rolling verb refuses the window.
    pub fn new(options: &RollingOptions) -> Result<Self, FrameError> {
        Ok(match options.by {
            RollingBy::All => Self::All(Rolling::new(&options.window)?),
            RollingBy::Id => Self::Id(RollingGroups::new(&options.window)?),
        })
    }

    /// Empty windows of so many measures, each with its own.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn of_measures(options: &RollingOptions, count: usize) -> Result<Vec<Self>, FrameError> {
        (0..count).map(|_| Self::new(options)).collect()
    }

    /// Adds a row and returns the aggregate of the window that ends at it; NaN where it is missing. Times never fall.
    /// The id is only made where it is needed.
    #[inline]
    pub fn push(&mut self, time_nanos: i64, value: f64, id: impl FnOnce() -> Id) -> f64 {
        match self {
            Self::All(rolling) => rolling.push(time_nanos, value),
            Self::Id(groups) => groups.push(id(), time_nanos, value),
        }
    }

    /// Adds rows as [`push`](Self::push) does, one after the other, and the aggregates to `aggregates`; `id` makes the id
    /// of a row, counted from 0.
    pub fn push_all(
        &mut self,
        times_nanos: &[i64],
        values: &[f64],
        id: impl Fn(usize) -> Id,
        aggregates: &mut Vec<f64>,
    ) {
        match self {
            Self::All(rolling) => rolling.push_all(times_nanos, values, aggregates),
            Self::Id(groups) => {
                let rows = times_nanos.iter().zip(values).enumerate();
                aggregates.extend(rows.map(|(row, (time, value))| groups.push(id(row), *time, *value)));
            }
        }
    }
}
