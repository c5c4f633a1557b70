//! The different values of a key column.

use super::numbering::{Numbering, number_column};
use crate::frame::ops::sort::sort_rows;
use crate::frame::{Column, FrameError, Name};

/// A key column as codes into its different values.
#[derive(Debug, Clone)]
pub(super) struct Level {
    /// The column's name.
    pub(super) name: Name,
    /// The different values, sorted or in order of appearance; a missing one is last when sorted.
    pub(super) values: Column,
    /// For each row, which of the values it has, or [`NONE`](super::numbering::NONE).
    pub(super) codes: Vec<u32>,
}

impl Level {
    /// Numbers the values of `column`; missing ones get a code only if `keep_missing`.
    ///
    /// # Errors
    /// [`FrameError::DtypeMismatch`] for a column of several types.
    pub(super) fn new(name: &str, column: &Column, keep_missing: bool, sort: bool) -> Result<Self, FrameError> {
        let column = column.materialize();
        let mut numbering = number_column(name, &column, keep_missing)?;
        if sort {
            numbering = numbering.sorted(|firsts| sort_rows(&column, firsts));
        }
        let Numbering { codes, firsts } = numbering;
        Ok(Self { name: name.to_owned().into(), values: column.take(&firsts), codes })
    }
}
