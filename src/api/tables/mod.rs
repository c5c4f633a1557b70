//! The tables of a response, made a few rows at a time, so that a response of any size takes the memory of a few rows.
//!
//! Read [`Table`] first, then `latest`. Each table has the same rows as the verbs give over all rows at once; a property test checks this.

mod batch_rolling;
mod bucketed;
mod buckets;
mod cursor;
mod latest;
mod melted;
mod pivoted;
mod ready;
mod selection;

pub(super) use batch_rolling::BatchRolling;
pub(super) use bucketed::Bucketed;
pub(super) use buckets::{Buckets, FindBuckets};
pub(super) use cursor::{CURSOR_PATTERN, Cursor, Group, Seek};
pub(super) use latest::{Latest, RollingSource, WindowsOver};
pub(super) use melted::Melted;
pub(super) use pivoted::Pivoted;
pub(super) use ready::ready;
pub(super) use selection::{PickIds, Selection};

use crate::frame::{Frame, FrameError};

/// Number of rows made at once; few in tests, so that tests cross every boundary.
const ROWS: usize = if cfg!(test) { 5 } else { 1024 };
/// Maximum number of rows that a step reads: about those of a block.
const READ: usize = 8 * ROWS;

/// Tables by name, in the order of a response.
pub(super) type Tables = Vec<(&'static str, Box<dyn Table>)>;

/// A table that is read from its first row to its last.
pub(super) trait Table {
    /// The next step, which reads a bounded number of rows.
    ///
    /// # Errors
    /// None for rows as the store keeps them.
    fn next(&mut self) -> Result<Step, FrameError>;
}

/// One step through a table.
pub(super) enum Step {
    /// Some rows; the first such step defines the columns, even without rows.
    Rows(Frame),
    /// No rows yet: the step was preparation.
    Busy,
    /// The table has ended.
    End,
}

#[cfg(test)]
mod tests;
