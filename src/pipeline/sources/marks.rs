//! Where a file was read past, so that going back, or forth, does not mean to read all of it anew.

use crate::pipeline::records::Checkpoint;
use crate::time::Timestamp;

/// Bytes between two marks: 1 GB has a thousand of them.
const STEP_BYTES: u64 = 1 << 20;

/// Places between two rows, in order; each knows the newest row before it.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks(Vec<Mark>);

/// A place between two rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) place: Checkpoint,
    /// The newest time of any row before it; `None` when none has a time.
    pub(super) newest: Option<Timestamp>,
}

impl Marks {
    /// Adds a place, unless one is near before it or it was passed before.
    pub(super) fn add(&mut self, mark: Mark) {
        if self.0.last().is_none_or(|last| mark.place.bytes >= last.place.bytes.saturating_add(STEP_BYTES)) {
            self.0.push(mark);
        }
    }

    /// The last place from which this row still comes.
    pub(super) fn before_row(&self, row: u64) -> Option<Mark> {
        self.last_where(|mark| mark.place.rows <= row)
    }

    /// The last place with only older rows before it. Rows need not be in order: the first one of at least `time` comes
    /// behind it.
    pub(super) fn before_time(&self, time: Timestamp) -> Option<Mark> {
        self.last_where(|mark| mark.newest.is_none_or(|newest| newest < time))
    }

    /// The last place at most so many bytes into the file.
    pub(super) fn before_byte(&self, byte: u64) -> Option<Mark> {
        self.last_where(|mark| mark.place.bytes <= byte)
    }

    /// All three rise from mark to mark.
    fn last_where(&self, is_before: impl Fn(&Mark) -> bool) -> Option<Mark> {
        self.0.partition_point(is_before).checked_sub(1).map(|at| self.0[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_mark_before_a_row_a_time_or_a_byte_is_found() {
        let mut marks = Marks::default();
        for (mebibytes, newest) in [(1, None), (2, Some(10)), (3, Some(10)), (4, Some(30))] {
            let place = Checkpoint { bytes: mebibytes << 20, rows: 100 * mebibytes, lines: 0 };
            marks.add(Mark { place, newest: newest.map(Timestamp::from_nanos) });
            marks.add(Mark { place: Checkpoint { bytes: place.bytes + 1, ..place }, newest: None });
        }
        let rows = |mark: Option<Mark>| mark.map(|mark| mark.place.rows);
        assert_eq!(
            [99, 100, 399, 9999].map(|row| rows(marks.before_row(row))),
            [None, Some(100), Some(300), Some(400)]
        );
        let times = [9, 10, 11, 31].map(|time| rows(marks.before_time(Timestamp::from_nanos(time))));
        assert_eq!(times, [Some(100), Some(100), Some(300), Some(400)]);
        assert_eq!(rows(marks.before_byte((3 << 20) + 5)), Some(300));
    }
}
