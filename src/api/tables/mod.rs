//! The tables of an answer, made a few rows at a time, so that an answer of any size takes the memory of a few rows.
//!
//! Each of them gives the same rows as the verbs would over all rows at once; a property test holds them to it.

mod bucketed;
mod latest;
mod melted;
mod pivoted;
mod ready;
mod selection;

pub(super) use bucketed::{Bucketed, Buckets};
pub(super) use latest::{Latest, RollingSource};
pub(super) use melted::Melted;
pub(super) use pivoted::Pivoted;
pub(super) use ready::Ready;
pub(super) use selection::Selection;

use crate::frame::{Frame, FrameError};

/// Rows that are made at once; few in tests, so that they reach every seam.
const ROWS: usize = if cfg!(test) { 5 } else { 1024 };

/// A table that is read from its first row to its last.
pub(super) trait Table {
    /// What comes next.
    ///
    /// # Errors
    /// None for rows as the history keeps them.
    fn next(&mut self) -> Result<Step, FrameError>;
}

/// What comes next of a table.
pub(super) enum Step {
    /// Some rows; the first step that has any tells the columns, also where there are none.
    Rows(Frame),
    /// Nothing yet: there was something to prepare.
    Busy,
    /// Nothing any more.
    End,
}

#[cfg(test)]
mod tests;
