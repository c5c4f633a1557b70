//! A segment: the rows of one block in memory, in order of time.

use std::ops::Range;
use std::sync::Arc;

use super::columns::Columns;
use super::dictionary::Dictionary;
use super::ids::Ids;
use crate::frame::{Strings, StringsBuilder};
use crate::pipeline::Id;

/// Rows of a full segment: large enough that the overhead per segment is negligible, small enough that an insert in the
/// middle is cheap.
pub const SEGMENT_ROWS: usize = 8192;

/// Rows sorted by time, stored as columns.
#[derive(Debug, Clone, Default)]
pub struct Segment {
    pub(super) times: Vec<i64>,
    pub(super) columns: Columns,
    pub(super) ids: Ids,
}

/// Rows in order of time that come to a history, as columns.
#[derive(Debug)]
pub(super) struct NewRows<'a> {
    pub(super) times: &'a [i64],
    pub(super) ids: &'a Strings,
    pub(super) measures: &'a [Arc<str>],
    /// The values of each measure.
    pub(super) columns: Vec<&'a [f64]>,
}

impl Segment {
    pub(super) fn open() -> Self {
        Self { times: Vec::new(), columns: Columns::default(), ids: Ids::Open(Vec::new()) }
    }

    /// The number of rows.
    pub(super) fn len(&self) -> usize {
        self.times.len()
    }

    /// The first row's time.
    pub(super) fn first_time(&self) -> i64 {
        self.times.first().copied().unwrap_or(i64::MIN)
    }

    /// The last row's time.
    pub(super) fn last_time(&self) -> i64 {
        self.times.last().copied().unwrap_or(i64::MIN)
    }

    /// Inserts a row, with a value for each of these measures, after all rows whose time is not later.
    pub(super) fn insert(&mut self, time: i64, id: Id, measures: &[Arc<str>], values: &[f64]) {
        // Rows usually arrive in order: they go to the end, where an insert is a push.
        let row = match self.times.last() {
            Some(last) if *last > time => self.times.partition_point(|other| *other <= time),
            _ => self.len(),
        };
        self.columns.insert(self.len(), row, measures, values);
        self.times.insert(row, time);
        self.ids.insert(row, id);
    }

    /// Adds some of these rows, none of which is from before the last one.
    pub(super) fn extend(&mut self, new: &NewRows<'_>, rows: Range<usize>) {
        self.columns.extend(self.len(), new.measures, &new.columns, rows.clone());
        self.times.extend_from_slice(&new.times[rows.clone()]);
        for row in rows {
            self.ids.insert(self.ids.len(), Id::from_column(new.ids, row));
        }
    }

    /// The rows from `middle` on as a segment of their own; this keeps those before.
    pub(super) fn split_off(&mut self, middle: usize) -> Self {
        Self {
            times: self.times.split_off(middle),
            columns: self.columns.split_off(middle),
            ids: self.ids.split_off(middle),
        }
    }

    /// Brings the segment into its compact form.
    pub(super) fn seal(&mut self, dictionary: &mut Dictionary) {
        self.ids.seal(dictionary);
        self.times.shrink_to_fit();
        self.columns.seal();
    }

    /// Adds the ids of rows to a column.
    pub(super) fn push_ids(&self, rows: Range<usize>, column: &mut StringsBuilder) {
        for row in rows {
            match &self.ids {
                Ids::Uuids(uuids) => column.push_uuid(uuids[row]),
                Ids::Open(ids) => push(&ids[row], column),
                Ids::Coded { codes, ids } => push(&ids[codes[row] as usize], column),
            }
        }
    }

    /// Bytes of its rows, without id lists shared with other segments.
    pub(super) fn row_bytes(&self) -> usize {
        size_of::<Self>() + self.times.capacity() * 8 + self.columns.heap_bytes() + self.ids.row_bytes()
    }
}

fn push(id: &Id, column: &mut StringsBuilder) {
    match id {
        Id::Uuid(uuid) => column.push_uuid(*uuid),
        Id::Text(text) => column.push_shared(text),
    }
}
