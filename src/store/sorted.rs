//! Rows of a time range, all or those of some ids, in a requested order.

use std::ops::Range;

use super::history::History;
use super::order::{sort_by_id, sort_by_value};
use super::rows::Rows;
use crate::frame::ops::sort_by;
use crate::pipeline::{Id, Measures, RollingScope, RollingWindows, Settings};
use crate::time::{Duration, Timestamp};

/// Blocks read from files to find ids or an order; older rows are left out beyond that.
const MAX_READ: usize = 256;
/// Rows searched to find ids or an order: each takes up to 28 bytes meanwhile.
const MAX_ROWS: usize = 5_000_000;
/// Rows pushed through a window for a page of rolling aggregates.
const MAX_VISITED: usize = if cfg!(test) { 400 } else { 100_000 };

/// Selects rows and their order.
#[derive(Debug, Clone, PartialEq)]
pub struct RowQuery {
    /// The first instant.
    pub from: Timestamp,
    /// The last instant.
    pub until: Timestamp,
    /// The measures that the rows are read in.
    pub measures: Measures,
    /// Rows with one of these ids; empty: all rows.
    pub ids: Vec<Id>,
    /// The column to sort by.
    pub by: SortBy,
}

/// The column to sort by; equal rows stay in order of time, then of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// Time, then order of arrival.
    Time,
    /// The text of the id.
    Id,
    /// The value of a measure, given by its place in [`RowQuery::measures`]; rows without one come last.
    Value(usize),
}

/// A snapshot of rows, and their order.
#[derive(Debug)]
pub struct Sorted {
    /// Rows from one window before the range on, so that rolling aggregates can be computed.
    rows: Rows,
    /// The first row of the range.
    first: usize,
    /// The numbers of the selected rows, in order; `None`: all, by time.
    order: Option<Vec<u32>>,
    /// The number of rows that a descending order reverses; the others, without a value, come last either way.
    turned: usize,
}

impl RowQuery {
    /// Whether the query needs no search or sort, so that its time does not grow with the number of rows.
    pub fn is_plain(&self) -> bool {
        self.ids.is_empty() && self.by == SortBy::Time
    }
}

impl Sorted {
    /// A snapshot of the rows; `window` is the length of the rolling window.
    pub fn new(history: &History, wanted: &RowQuery, window: Duration) -> Self {
        let rows = history.rows(wanted.from - window, wanted.until, &wanted.measures);
        let first = rows.partition_point(|time| time < wanted.from.as_nanos());
        Self::from_rows(rows, first, wanted)
    }

    /// The same rows in another order.
    #[must_use]
    pub fn rearranged(&self, wanted: &RowQuery) -> Self {
        Self::from_rows(self.rows.in_measures(&wanted.measures), self.first, wanted)
    }

    fn from_rows(rows: Rows, first: usize, wanted: &RowQuery) -> Self {
        if wanted.is_plain() {
            let turned = rows.len() - first;
            return Self { rows, first, order: None, turned };
        }
        let seen_from = first.max(rows.len().saturating_sub(MAX_ROWS)).max(rows.readable_from(MAX_READ));
        let mut order = match wanted.ids.is_empty() {
            true => (seen_from as u32..rows.len() as u32).collect(),
            false => rows.with_ids(seen_from, &wanted.ids.iter().cloned().collect()),
        };
        let mut turned = order.len();
        match wanted.by {
            SortBy::Time => {}
            SortBy::Id => sort_by_id(&rows, &mut order),
            SortBy::Value(measure) => turned -= sort_by_value(&rows, &mut order, measure),
        }
        Self { rows, first, order: Some(order), turned }
    }

    /// The number of selected rows.
    pub fn len(&self) -> usize {
        self.order.as_ref().map_or(self.rows.len() - self.first, Vec::len)
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows, in order of time, that [`Self::page`] numbers.
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// The numbers in [`Self::rows`] of a page of the order, ascending or descending.
    pub fn page(&self, places: Range<usize>, is_descending: bool) -> Vec<usize> {
        let len = self.len();
        let number = |place: usize| {
            let place = match place.checked_sub(self.turned) {
                // Rows without a value come last in either direction.
                Some(place) if is_descending => len - 1 - place,
                None if is_descending => self.turned - 1 - place,
                _ => place,
            };
            self.order.as_ref().map_or(self.first + place, |order| order[place] as usize)
        };
        (places.start.min(len)..places.end.min(len)).map(number).collect()
    }

    /// The rolling aggregates of these rows under the scope `stream`: for each measure one for each row. NaN where it is
    /// missing, where the windows hold more than `MAX_VISITED` values, and for all rows under the scope `batch`.
    pub fn rolling(&self, numbers: &[usize], settings: &Settings) -> Vec<Vec<f64>> {
        let measures = self.rows.measures();
        let mut rolled = vec![vec![f64::NAN; numbers.len()]; measures.count()];
        if settings.rolling_scope == RollingScope::Batch {
            // The history does not record which rows were in one batch.
            return rolled;
        }
        let windows = RollingWindows::of_measures(&settings.rolling_options(), measures.count());
        let Ok(mut windows) = windows else { return rolled };
        let mut places: Vec<u32> = (0..numbers.len() as u32).collect();
        sort_by(&mut places, &|a, b| (numbers[a as usize], a).cmp(&(numbers[b as usize], b)));
        let (mut fed, mut left) = (0, MAX_VISITED / measures.count());
        for place in places {
            let number = numbers[place as usize];
            let seen_from = Timestamp::from_nanos(self.rows.time(number)) - settings.window;
            let start = self.rows.partition_point(|time| time < seen_from.as_nanos()).max(fed);
            // Rows left out here are not in the window of any later row, since rows are visited in order of time.
            let Some(rest) = left.checked_sub(number + 1 - start) else { continue };
            (left, fed) = (rest, number + 1);
            self.rows.visit_rows(start..fed, |time, id, values| {
                for ((windows, rolled), value) in windows.iter_mut().zip(&mut rolled).zip(values) {
                    rolled[place as usize] = windows.push(time, *value, || id.clone());
                }
            });
        }
        rolled
    }
}

#[cfg(test)]
#[path = "sorted_tests.rs"]
mod tests;
