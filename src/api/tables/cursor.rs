//! The position in the rows of a query from which its next page begins.
//!
//! Rows are in order of time, equal times in order of arrival, and leave at the front. A cursor therefore names the last
//! row of a page by its time and by its place among the rows of that time: rows that arrive before it do not move it,
//! rows of the same time arrive behind it, and what was dropped before it is not counted. It needs no state beside the
//! rows, so that it holds after a reload too.

use std::fmt;
use std::ops::Range;

use crc::{CRC_32_ISCSI, Crc, NoTable};

use super::READ;
use crate::pipeline::Id;
use crate::store::Rows;

/// What a cursor of the history looks like, for the openapi document: of these every one is accepted. Those of a batch
/// are accepted as long as it is kept, which no pattern says.
pub(crate) const CURSOR_PATTERN: &str = r"^t(0|-?[1-9][0-9]{0,17}|-?[1-8][0-9]{18})\.[1-9][0-9]{0,17}\.[0-9a-f]{8}$";

/// The rows that the cursor counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    /// Those of the history at this time, in nanoseconds since the epoch.
    Time(i64),
    /// Those of the batch with this number.
    Batch(u64),
}

/// The position behind one row. As text `t<nanos>.<rows>.<mark>` or `b<batch>.<rows>.<mark>`, which readers pass on as
/// it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) group: Group,
    /// The place of the row in its group, from 1.
    place: u64,
    /// A checksum of the row's id and values, by which it is found again when rows of its group have gone.
    mark: u32,
}

impl Cursor {
    /// The position behind row `number`; a batch gives its own number, and its rows are all of `rows`.
    pub(crate) fn behind(rows: &Rows, number: usize, batch: Option<u64>) -> Self {
        let group = batch.map_or_else(|| Group::Time(rows.time(number)), Group::Batch);
        let place = (number + 1 - group.range(rows).start) as u64;
        Self { group, place, mark: mark_of(rows, number) }
    }

    /// Reads what [`fmt::Display`] writes.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let read = || {
            let mut parts = text.get(1..)?.split('.');
            let (group, place, mark) = (parts.next()?, parts.next()?, parts.next()?);
            let group = match text.get(..1)? {
                "t" => Group::Time(group.parse().ok()?),
                _ => Group::Batch(group.parse().ok()?),
            };
            Some(Self { group, place: place.parse().ok()?, mark: u32::from_str_radix(mark, 16).ok()? })
        };
        let cursor = read().filter(|cursor| cursor.place > 0 && cursor.to_string() == text);
        cursor.ok_or_else(|| format!("\"{text}\" is no cursor; take it from the Link of the page before, as it is"))
    }

    /// The search for the first row behind the position; `None` when the rows are not of the batch that it names.
    ///
    /// In the history the row itself may be gone, and then every row of its time that came before it is gone too: the
    /// next page begins with the others of this time. Rows that are alike in time, id and values cannot be told apart
    /// there, if some of them were dropped between the pages.
    pub(crate) fn seek(&self, rows: &Rows) -> Option<Seek> {
        let Range { start, end } = self.group.range(rows);
        let passed = start..end.min(start.saturating_add(usize::try_from(self.place).unwrap_or(usize::MAX)));
        let is_whole = passed.len() as u64 == self.place;
        if is_whole && mark_of(rows, passed.end - 1) == self.mark {
            return Some(Seek { mark: self.mark, left: passed.end..passed.end, next: passed.end });
        }
        match self.group {
            Group::Batch(_) => None,
            Group::Time(_) => Some(Seek { mark: self.mark, left: passed, next: start }),
        }
    }

    /// What [`Self::seek`] finds.
    #[cfg(test)]
    fn next_row(&self, rows: &Rows) -> Option<usize> {
        let mut seek = self.seek(rows)?;
        loop {
            if let Some(next) = seek.step(rows) {
                return Some(next);
            }
        }
    }
}

/// The search for the first row behind a cursor.
#[derive(Debug)]
pub(crate) struct Seek {
    mark: u32,
    /// The rows that are still to be compared with the row that the cursor names.
    left: Range<usize>,
    /// The number of the row behind the last one that was equal.
    next: usize,
}

impl Seek {
    /// Compares some rows; returns the number of the first row behind the cursor once it is known.
    pub(crate) fn step(&mut self, rows: &Rows) -> Option<usize> {
        let compared = self.left.start..self.left.end.min(self.left.start + READ);
        self.left.start = compared.end;
        let mut behind = compared.start;
        rows.visit_rows(compared, |_, id, values| {
            behind += 1;
            if mark(id, values) == self.mark {
                self.next = behind;
            }
        });
        self.left.is_empty().then_some(self.next)
    }
}

impl Group {
    fn range(self, rows: &Rows) -> Range<usize> {
        match self {
            Self::Time(nanos) => rows.partition_point(|time| time < nanos)..rows.partition_point(|time| time <= nanos),
            Self::Batch(_) => 0..rows.len(),
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.group {
            Group::Time(nanos) => write!(f, "t{nanos}")?,
            Group::Batch(number) => write!(f, "b{number}")?,
        }
        write!(f, ".{}.{:08x}", self.place, self.mark)
    }
}

/// The checksum of a row.
fn mark_of(rows: &Rows, number: usize) -> u32 {
    mark(&rows.id(number), &rows.values(number))
}

fn mark(id: &Id, values: &[f64]) -> u32 {
    const SUM: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISCSI);
    let mut digest = SUM.digest();
    digest.update(id.text().as_bytes());
    for value in values {
        digest.update(&value.to_bits().to_le_bytes());
    }
    digest.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Measures;
    use crate::store::History;
    use crate::time::Timestamp;
    use proptest::prelude::*;

    fn rows(all: &[(i64, u32)]) -> Rows {
        let (mut history, measures) = (History::new(1000), Measures::default());
        for (time, value) in all {
            history.insert(Timestamp::from_nanos(*time), Id::Text("a".into()), &measures, &[f64::from(*value)]);
        }
        history.rows(Timestamp::MIN, Timestamp::MAX, &measures)
    }

    #[test]
    fn a_cursor_reads_back_and_nothing_else_is_one() {
        for cursor in [
            Cursor { group: Group::Time(-5), place: 1, mark: 0x1f },
            Cursor { group: Group::Time(i64::MIN), place: u64::MAX, mark: u32::MAX },
            Cursor { group: Group::Batch(7), place: 3, mark: 0 },
        ] {
            assert_eq!(Cursor::parse(&cursor.to_string()), Ok(cursor));
        }
        for text in [
            "",
            "t",
            "t1",
            "t1.1",
            "t1.1.",
            "t1.0.00000000",
            "t+1.1.00000000",
            "t01.1.00000000",
            "t1.1.0",
            "t1.1.0000000G",
            "t1.1.00000000.1",
            "b-1.1.00000000",
            "x1.1.00000000",
            " t1.1.00000000",
            "\u{e9}1.1.00000000",
            "t9223372036854775808.1.00000000",
            "t1.18446744073709551616.00000000",
        ] {
            let error = Cursor::parse(text).unwrap_err();
            assert!(error.contains(text) && error.contains("Link"), "{text}: {error}");
        }
    }

    #[test]
    fn a_row_is_found_behind_late_ones_and_when_rows_of_its_time_are_gone() {
        let before = rows(&[(1, 0), (5, 1), (5, 2), (5, 3), (9, 4)]);
        let cursor = Cursor::behind(&before, 2, None);
        assert_eq!(cursor.next_row(&before), Some(3));
        for (now, next) in [
            (rows(&[(0, 9), (1, 0), (2, 9), (5, 1), (5, 2), (5, 3), (5, 9), (9, 4)]), 5),
            (rows(&[(5, 2), (5, 3), (9, 4)]), 1),
            (rows(&[(5, 3), (9, 4)]), 0),
            (rows(&[(9, 4)]), 0),
            (rows(&[(1, 0)]), 1),
            (rows(&[]), 0),
            (rows(&[(5, 8), (5, 7), (5, 6)]), 0),
        ] {
            assert_eq!(cursor.next_row(&now), Some(next), "{now:?}");
        }
    }

    #[test]
    fn a_cursor_of_another_batch_is_told() {
        let batch = rows(&[(1, 0), (1, 1), (2, 2)]);
        let cursor = Cursor::behind(&batch, 1, Some(4));
        assert_eq!((cursor.group, cursor.next_row(&batch)), (Group::Batch(4), Some(2)));
        assert_eq!(cursor.next_row(&rows(&[(1, 0), (1, 5), (2, 2)])), None);
        assert_eq!(cursor.next_row(&rows(&[(1, 0)])), None);
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn what_the_pattern_describes_is_a_cursor(
            text in proptest::string::string_regex(CURSOR_PATTERN.trim_matches(['^', '$'])).unwrap(),
        ) {
            let cursor = Cursor::parse(&text);
            prop_assert!(cursor.is_ok(), "{:?}", cursor);
            prop_assert!(cursor.unwrap().next_row(&rows(&[(0, 1), (5, 2)])).is_some());
        }

        #[test]
        fn any_text_is_a_cursor_or_is_refused(text in "[tbx][-+0-9]{0,22}[.]?[0-9]{0,22}[.]?[0-9a-fA-F]{0,9}|\\PC*") {
            if let Ok(cursor) = Cursor::parse(&text) {
                prop_assert_eq!(cursor.to_string(), text);
            }
        }
    }
}
