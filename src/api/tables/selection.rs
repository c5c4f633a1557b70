//! The rows that a response is made of.

use std::ops::Range;
use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::READ;
use crate::frame::{Frame, FrameError};
use crate::pipeline::{Id, Measures, rows_frame};
use crate::store::{self, PivotById, Rows};
use crate::time::{Duration, Timestamp};

/// The rows from which a step reads, at most: every row that it wants may be in another block, and in a file.
const REACH: usize = if cfg!(test) { 10 } else { 4 * READ };

/// Some of the rows that were read, in order of time; clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    rows: Rc<Rows>,
    /// The numbers of the rows with a requested id, if the request names ids.
    picked: Option<Rc<Vec<u32>>>,
    /// The selected range of `picked`, or of all rows.
    page: Range<usize>,
}

impl Selection {
    /// All rows from number `first` on.
    pub(crate) fn new(rows: Rows, first: usize) -> Self {
        let page = first..rows.len();
        Self { rows: Rc::new(rows), picked: None, page }
    }

    /// The selected rows from number `number` among all rows on.
    pub(crate) fn since(self, number: usize) -> Self {
        let start = match &self.picked {
            Some(picked) => picked.partition_point(|row| (*row as usize) < number),
            None => number,
        };
        Self { page: start.clamp(self.page.start, self.page.end)..self.page.end, ..self }
    }

    /// At most `limit` rows, after skipping `offset`.
    pub(crate) fn with_page(self, offset: usize, limit: usize) -> Self {
        let start = self.page.start + offset.min(self.len());
        let end = start + limit.min(self.page.end - start);
        Self { page: start..end, ..self }
    }

    /// The number of selected rows.
    pub(crate) fn len(&self) -> usize {
        self.page.len()
    }

    /// The rows that these were selected from.
    pub(crate) fn all(&self) -> &Rows {
        &self.rows
    }

    /// The measures of the rows.
    pub(crate) fn measures(&self) -> &Measures {
        self.rows.measures()
    }

    /// The same rows, read in these measures.
    pub(super) fn in_measures(&self, measures: &Measures) -> Self {
        Self { rows: Rc::new(self.rows.in_measures(measures)), ..self.clone() }
    }

    /// The number of a selected row among all rows.
    pub(crate) fn number(&self, row: usize) -> usize {
        let row = self.page.start + row;
        self.picked.as_ref().map_or(row, |picked| picked[row] as usize)
    }

    /// The time of a selected row, in nanoseconds since the epoch.
    pub(super) fn time(&self, row: usize) -> i64 {
        self.rows.time(self.number(row))
    }

    /// The number, among all rows, of the first row inside the window of the first selected row.
    pub(crate) fn first_seen(&self, window: Duration) -> usize {
        if self.len() == 0 {
            return 0;
        }
        let seen_from = Timestamp::from_nanos(self.rows.time(self.number(0))).saturating_sub(window).as_nanos();
        self.rows.partition_point(|time| time < seen_from)
    }

    /// The rows of the step that begins with the selected row `first`: at most `most`, and of a few blocks.
    pub(super) fn step(&self, first: usize, most: usize) -> Range<usize> {
        let end = self.len().min(first + most);
        let end = match &self.picked {
            Some(picked) if first < end => {
                let reach = self.number(first) + REACH;
                let numbers = &picked[self.page.start + first..self.page.start + end];
                first + numbers.partition_point(|number| (*number as usize) < reach)
            }
            _ => end,
        };
        first..end
    }

    /// The columns of some rows of the selection.
    pub(super) fn read(&self, rows: Range<usize>) -> store::Range {
        let rows = self.page.start + rows.start..self.page.start + rows.end;
        match &self.picked {
            None => self.rows.read(rows),
            Some(picked) => self.rows.pick(&picked[rows]),
        }
    }

    /// Calls `visit` with the time, the id and the values of some rows of the selection.
    pub(super) fn visit(&self, rows: Range<usize>, visit: impl FnMut(i64, &Id, &[f64])) {
        let rows = self.page.start + rows.start..self.page.start + rows.end;
        match &self.picked {
            None => self.rows.visit_rows(rows, visit),
            Some(picked) => self.rows.visit_picked(&picked[rows], visit),
        }
    }

    /// Adds some rows of the selection to a pivot.
    pub(super) fn add_to(&self, pivot: &mut PivotById, rows: Range<usize>) {
        let rows = self.page.start + rows.start..self.page.start + rows.end;
        match &self.picked {
            None => pivot.add(&self.rows, rows),
            Some(picked) => pivot.add_picked(&self.rows, &picked[rows]),
        }
    }

    /// Some rows of the selection as a frame of `timestamp`, `id` and the measures.
    pub(super) fn frame(&self, rows: Range<usize>) -> Result<Frame, FrameError> {
        let rows = self.read(rows);
        rows_frame(rows.times, rows.ids, &rows.measures, rows.values)
    }
}

/// The search for the selected rows that have one of some ids.
#[derive(Debug)]
pub(crate) struct PickIds {
    selection: Selection,
    /// The number of the next row that is looked at.
    next: usize,
    picked: Vec<u32>,
}

impl PickIds {
    /// Searches all rows of a selection that is not paged and was not searched before.
    pub(crate) fn new(selection: Selection) -> Self {
        Self { next: selection.page.start, selection, picked: Vec::new() }
    }

    /// Searches the next block; returns the rows with these ids after the last one.
    pub(crate) fn step(&mut self, ids: &FxHashSet<Id>) -> Option<Selection> {
        let Selection { rows, page, .. } = &self.selection;
        if self.next < page.end {
            self.next = rows.find_ids(self.next, ids, &mut self.picked);
            return None;
        }
        let mut picked = std::mem::take(&mut self.picked);
        picked.truncate(picked.partition_point(|row| (*row as usize) < page.end));
        Some(Selection { rows: Rc::clone(rows), page: 0..picked.len(), picked: Some(Rc::new(picked)) })
    }
}
