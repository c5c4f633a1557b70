//! The rows that a response is made of.

use std::ops::Range;
use std::rc::Rc;

use rustc_hash::FxHashSet;

use crate::frame::{Frame, FrameError};
use crate::pipeline::{Id, rows_frame};
use crate::store::{self, Rows};
use crate::time::{Duration, Timestamp};

/// Some of the rows that were read, in order of time; clones share them.
#[derive(Debug, Clone)]
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

    /// The rows that have one of these ids.
    pub(crate) fn with_ids(self, wanted: &FxHashSet<Id>) -> Self {
        let mut picked = self.rows.with_ids(self.page.start, wanted);
        picked.retain(|row| self.page.contains(&(*row as usize)));
        Self { page: 0..picked.len(), picked: Some(Rc::new(picked)), rows: self.rows }
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

    /// The number of a selected row among all rows.
    pub(crate) fn number(&self, row: usize) -> usize {
        let row = self.page.start + row;
        self.picked.as_ref().map_or(row, |picked| picked[row] as usize)
    }

    /// The number, among all rows, of the first row inside the window of the first selected row.
    pub(crate) fn first_seen(&self, window: Duration) -> usize {
        if self.len() == 0 {
            return 0;
        }
        let seen_from = Timestamp::from_nanos(self.rows.time(self.number(0))).saturating_sub(window).as_nanos();
        self.rows.partition_point(|time| time < seen_from)
    }

    /// The columns of some rows of the selection.
    pub(super) fn read(&self, rows: Range<usize>) -> store::Range {
        let rows = self.page.start + rows.start..self.page.start + rows.end;
        match &self.picked {
            None => self.rows.read(rows),
            Some(picked) => self.rows.pick(&picked[rows]),
        }
    }

    /// Calls `visit` with the time, the id and the value of some rows of the selection.
    pub(super) fn visit(&self, rows: Range<usize>, visit: impl FnMut(i64, &Id, f64)) {
        let rows = self.page.start + rows.start..self.page.start + rows.end;
        match &self.picked {
            None => self.rows.visit_rows(rows, visit),
            Some(picked) => self.rows.visit_picked(&picked[rows], visit),
        }
    }

    /// Some rows of the selection as a frame of `timestamp`, `id` and `value`.
    pub(super) fn frame(&self, rows: Range<usize>) -> Result<Frame, FrameError> {
        let rows = self.read(rows);
        rows_frame(rows.times, rows.ids, rows.values)
    }
}
