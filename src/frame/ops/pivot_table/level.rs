//! Key columns as codes.

use super::numbering::{NONE, Numbering, number_column};
use super::slots::Slots;
use crate::frame::ops::sort::sort_rows;
use crate::frame::{Buffer, Column, FrameError, Name, Strings};

/// A key column as given: a code for each row, a value for each code.
#[derive(Debug, Clone)]
pub(super) struct Key {
    name: Name,
    /// For each row its code; a code that is not in `values` is a missing key.
    pub(super) codes: Buffer<u32>,
    /// For each code its value; some may occur in no row.
    values: Column,
}

impl Key {
    /// Text that has codes already keeps them; other values are numbered.
    ///
    /// # Errors
    /// [`FrameError::DtypeMismatch`] for a column of several types.
    pub(super) fn new(name: &str, column: &Column) -> Result<Self, FrameError> {
        let (name_owned, column) = (name.to_owned().into(), column.materialize());
        if let Column::String(Strings::Dictionary { codes, categories }) = &column
            && categories.len() <= 4 * codes.len()
        {
            let all = (0..categories.len() as u32).collect();
            let values = Column::String(Strings::Dictionary { codes: all, categories: categories.clone() });
            return Ok(Self { name: name_owned, codes: codes.clone(), values });
        }
        let Numbering { codes, firsts } = number_column(name, &column, false)?;
        Ok(Self { name: name_owned, codes: codes.into(), values: column.take(&firsts) })
    }

    /// The number of codes.
    pub(super) fn count(&self) -> usize {
        self.values.len()
    }
}

/// A key of a pivot: the distinct values that occur, in the order in which they are shown.
#[derive(Debug, Clone)]
pub(super) struct Level {
    /// The column's name.
    pub(super) name: Name,
    /// The distinct values, sorted or in order of appearance; a missing one is last when sorted.
    pub(super) values: Column,
    /// For each row its code.
    pub(super) codes: Buffer<u32>,
    /// For each code, and last for a missing key, the position of its value in `values`, or [`NONE`].
    pub(super) ranks: Vec<u32>,
}

impl Level {
    /// The key at position `place` of those by which rows were put into `slots`; a missing one counts only if
    /// `keep_missing`.
    pub(super) fn new(key: Key, place: usize, slots: &Slots, keep_missing: bool, sort: bool) -> Self {
        let missing = key.count() as u32;
        // The row in which each code first occurs.
        let mut firsts = vec![NONE; key.count() + 1];
        for (code, first) in slots.codes[place].iter().zip(&slots.firsts).filter(|(_, first)| **first != NONE) {
            let known = &mut firsts[*code as usize];
            *known = (*known).min(*first);
        }
        let mut shown: Vec<u32> = (0..missing).filter(|code| firsts[*code as usize] != NONE).collect();
        if sort {
            sort_rows(&key.values, &mut shown);
        }
        if keep_missing && firsts[missing as usize] != NONE {
            shown.push(missing);
        }
        if !sort {
            shown.sort_unstable_by_key(|code| firsts[*code as usize]);
        }
        let mut ranks = vec![NONE; key.count() + 1];
        shown.iter().enumerate().for_each(|(rank, code)| ranks[*code as usize] = rank as u32);
        let rows: Vec<u32> = shown.iter().map(|code| if *code == missing { Column::NO_ROW } else { *code }).collect();
        Self { name: key.name, values: key.values.gather(&rows), codes: key.codes, ranks }
    }

    /// The position of a row's value in `values`, or [`NONE`].
    pub(super) fn rank(&self, row: usize) -> u32 {
        self.ranks[(self.codes[row] as usize).min(self.ranks.len() - 1)]
    }
}
