//! `pivoted` by time: one row for each bucket that has rows, one column for each id.

use rustc_hash::FxHashMap;

use super::{ROWS, Selection, Step, Table};
use crate::frame::ops::{Agg, pivot_by_text};
use crate::frame::{Column, Frame, FrameError};
use crate::pipeline::{Id, rows_frame};
use crate::time::{Clock, Duration, Timestamp, bucket_start};

/// Maximum number of ids that get columns of their own.
const MAX_IDS: usize = 10_000;

/// The buckets and the columns.
#[derive(Debug, Clone)]
pub(crate) struct Buckets {
    width: Duration,
    clock: Clock,
    /// The ids in the order of their columns.
    ids: Vec<Id>,
    /// Whether each id has rows in each bucket.
    is_full: bool,
}

impl Buckets {
    /// Finds the ids of some rows.
    ///
    /// # Errors
    /// A sentence when there are too many ids for columns, or one has the name of the column of times.
    pub(crate) fn new(selection: &Selection, width: Duration, clock: &Clock) -> Result<Self, String> {
        let mut found = Self { width, clock: clock.clone(), ids: Vec::new(), is_full: true };
        // For each id the last bucket with a row of it.
        let mut seen: FxHashMap<Id, i64> = FxHashMap::default();
        let (mut cells, mut buckets, mut last) = (0, 0, i64::MIN);
        for row in 0..selection.len() {
            let number = selection.number(row);
            let bucket = found.bucket(selection.all().time(number)).max(last);
            buckets += usize::from(bucket != last);
            last = bucket;
            if seen.insert(selection.all().id(number), bucket) != Some(bucket) {
                cells += 1;
            }
            if seen.len() > MAX_IDS {
                return Err(format!(
                    "each id becomes a column, and these rows have more than {MAX_IDS}; name the wanted ones in \"ids\""
                ));
            }
        }
        found.is_full = cells == buckets * seen.len();
        found.ids = seen.into_keys().collect();
        found.ids.sort_unstable();
        if found.ids.iter().any(|id| &*id.text() == "timestamp") {
            return Err(
                "an id is called \"timestamp\" like the column of times; name the wanted ones in \"ids\"".to_owned()
            );
        }
        Ok(found)
    }

    fn bucket(&self, time: i64) -> i64 {
        bucket_start(Timestamp::from_nanos(time), self.width, &self.clock).as_nanos()
    }
}

/// Buckets in order of time.
pub(crate) struct Bucketed {
    selection: Selection,
    aggfunc: Agg,
    buckets: Buckets,
    /// The next row.
    at: usize,
    /// The previous bucket.
    last: i64,
    has_begun: bool,
}

impl Bucketed {
    pub(crate) fn new(selection: Selection, aggfunc: Agg, buckets: Buckets) -> Self {
        Self { selection, aggfunc, buckets, at: 0, last: i64::MIN, has_begun: false }
    }

    /// The row after the last one in the bucket of the next row, and the start of that bucket.
    fn end_of_bucket(&mut self) -> (usize, i64) {
        let time = |row| self.selection.all().time(self.selection.number(row));
        // A wall clock set back must not put later rows into an earlier bucket.
        let bucket = self.buckets.bucket(time(self.at)).max(self.last);
        let mut end = self.at + 1;
        while end < self.selection.len() && self.buckets.bucket(time(end)).max(bucket) == bucket {
            end += 1;
        }
        self.last = bucket;
        (end, bucket)
    }
}

impl Table for Bucketed {
    fn next(&mut self) -> Result<Step, FrameError> {
        if self.at == self.selection.len() && self.has_begun {
            return Ok(Step::End);
        }
        self.has_begun = true;
        let mut starts = Vec::new();
        let mut cells: Vec<Vec<f64>> = vec![Vec::new(); self.buckets.ids.len()];
        let first = self.at;
        while self.at < self.selection.len() && self.at - first < ROWS && starts.len() * cells.len() < 64 * ROWS {
            let (end, bucket) = self.end_of_bucket();
            let rows = self.selection.read(self.at..end);
            let frame = rows_frame(rows.times, rows.ids, rows.values)?;
            let pivoted = pivot_by_text(&frame, "id", &["value"], self.aggfunc, 1)?;
            starts.push(bucket);
            cells.iter_mut().for_each(|column| column.push(f64::NAN));
            let (ids, values) = (pivoted.column("id")?, pivoted.column("value")?);
            for row in 0..pivoted.len() {
                let id = ids.as_strings().map(|ids| Id::from_column(ids, row));
                if let Some(Ok(place)) = id.map(|id| self.buckets.ids.binary_search(&id))
                    && let Some(cell) = cells[place].last_mut()
                {
                    *cell = values.value(row).to_f64().unwrap_or(f64::NAN);
                }
            }
            self.at = end;
        }
        let is_int = self.aggfunc == Agg::Count && self.buckets.is_full;
        let column = |values: Vec<f64>| match is_int {
            true => Column::Int(values.into_iter().map(|value| value as i64).collect()),
            false => Column::Float(values.into()),
        };
        let mut columns = vec![("timestamp".into(), Column::Datetime(starts.into()))];
        for (id, values) in self.buckets.ids.iter().zip(cells) {
            columns.push((id.text().to_string().into(), column(values)));
        }
        Ok(Step::Rows(Frame::new(columns)?))
    }
}
