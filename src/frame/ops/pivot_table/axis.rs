//! The labels along one side of a pivoted table, as codes.

use rustc_hash::FxHashMap;

use crate::frame::{Cell, Column, Dtype, FrameError, Name};

/// The code of a margin's label.
pub(super) const MARGIN: u32 = u32::MAX - 1;
/// The code of the empty labels below a margin's.
pub(super) const BLANK: u32 = u32::MAX - 2;

/// Labels of one or more levels.
#[derive(Debug, Clone, Default)]
pub(super) struct Axis {
    /// For each level its name and its different values.
    pub(super) levels: Vec<(Name, Column)>,
    /// For each level the code of each label: an index into its values, [`MARGIN`] or [`BLANK`].
    pub(super) codes: Vec<Vec<u32>>,
    /// The number of labels.
    pub(super) len: usize,
}

impl Axis {
    /// The label at a place, as codes.
    pub(super) fn tuple(&self, place: usize) -> Vec<u32> {
        self.codes.iter().map(|codes| codes[place]).collect()
    }

    /// Appends a label.
    pub(super) fn push(&mut self, tuple: &[u32]) {
        self.codes.iter_mut().zip(tuple).for_each(|(codes, code)| codes.push(*code));
        self.len += 1;
    }

    /// The position of each label.
    pub(super) fn places(&self) -> FxHashMap<Vec<u32>, u32> {
        (0..self.len).map(|place| (self.tuple(place), place as u32)).collect()
    }

    /// Every combination of the levels' values, and the position in it of each present label.
    ///
    /// # Errors
    /// [`FrameError::InvalidArgument`] when there would be too many.
    pub(super) fn product(self) -> Result<(Self, Vec<u32>), FrameError> {
        let sizes: Vec<usize> = self.levels.iter().map(|(_, values)| values.len()).collect();
        let len = cells(&sizes)?;
        let mut places = vec![0; self.len];
        let mut codes = Vec::with_capacity(sizes.len());
        let mut run: usize = len;
        for (old, size) in self.codes.iter().zip(&sizes) {
            run /= (*size).max(1);
            places.iter_mut().zip(old).for_each(|(place, code)| *place += code * run as u32);
            codes.push((0..len).map(|place| (place / run % size) as u32).collect());
        }
        Ok((Self { levels: self.levels, codes, len }, places))
    }

    /// One cell of the label at a place.
    pub(super) fn cell(&self, level: usize, place: usize, margins_name: &Name) -> Cell {
        self.label(level, self.codes[level][place], margins_name)
    }

    /// The value that a code of a level represents.
    pub(super) fn label(&self, level: usize, code: u32, margins_name: &Name) -> Cell {
        match code {
            MARGIN => Cell::Str(margins_name.as_ref().into()),
            BLANK => Cell::Str("".into()),
            code => self.levels[level].1.value(code as usize).into(),
        }
    }

    /// The labels as columns.
    pub(super) fn into_columns(self, margins_name: &Name) -> Vec<(Name, Column)> {
        let column = |level: usize| {
            let (codes, (name, values)) = (&self.codes[level], &self.levels[level]);
            if !codes.iter().any(|code| matches!(*code, MARGIN | BLANK)) {
                return (name.clone(), values.take(codes));
            }
            let cells: Vec<Cell> = (0..self.len).map(|place| self.cell(level, place, margins_name)).collect();
            let is_text = cells.iter().all(|cell| matches!(cell, Cell::Str(_) | Cell::Null));
            let dtype = if is_text { Dtype::String } else { Dtype::Mixed };
            (name.clone(), Column::collect(dtype, cells.iter().map(Cell::as_value)))
        };
        (0..self.levels.len()).map(column).collect()
    }
}

/// The number of cells of a table with these lengths.
///
/// # Errors
/// [`FrameError::InvalidArgument`] when there are more than a tab can hold.
pub(super) fn cells(lengths: &[usize]) -> Result<usize, FrameError> {
    const LIMIT: usize = 1 << 26;
    let count = lengths.iter().try_fold(1_usize, |count, len| count.checked_mul(*len)).filter(|count| *count <= LIMIT);
    count.ok_or_else(|| {
        FrameError::InvalidArgument(format!(
            "the pivot would have more than {LIMIT} cells; name keys with fewer values"
        ))
    })
}
