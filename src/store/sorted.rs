//! Rows of a range, some of them or all, in an order that somebody wants.

use std::ops::Range;

use super::history::History;
use super::order::{sort_by_id, sort_by_value};
use super::rows::Rows;
use crate::frame::ops::{Rolling, sort_by};
use crate::pipeline::{Id, RollingScope, Settings};
use crate::time::{Duration, Timestamp};

/// Blocks of files that are read to find ids or an order; older rows are left out then.
const MAX_READ: usize = 256;
/// Rows that are looked through to find ids or an order: each takes up to 28 bytes meanwhile.
const MAX_ROWS: usize = 5_000_000;
/// Rows that go through a window for a page of rolling aggregates.
const MAX_VISITED: usize = if cfg!(test) { 300 } else { 100_000 };

/// Which rows, and how they are sorted.
#[derive(Debug, Clone, PartialEq)]
pub struct RowQuery {
    /// The first instant.
    pub from: Timestamp,
    /// The last instant.
    pub until: Timestamp,
    /// Rows with one of these ids; none named: all.
    pub ids: Vec<Id>,
    /// The column that they are sorted by.
    pub by: SortBy,
}

/// What rows are sorted by; equal ones stay in order of time, then of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// Time, then order of arrival.
    Time,
    /// The text of the id.
    Id,
    /// The value; rows without one come last.
    Value,
}

/// Rows as they were when somebody asked for them, and their order.
#[derive(Debug)]
pub struct Sorted {
    /// From a window before the range on, so that rolling aggregates can be told.
    rows: Rows,
    /// The first row of the range.
    first: usize,
    /// The rows that are wanted, in their order; `None`: all, by time.
    order: Option<Vec<u32>>,
    /// Rows that do not come last in either direction.
    turned: usize,
}

impl RowQuery {
    /// Whether it takes no more than a moment, however many rows there are.
    pub fn is_plain(&self) -> bool {
        self.ids.is_empty() && self.by == SortBy::Time
    }
}

impl Sorted {
    /// The rows as they are now; `window` is how far back rolling aggregates look.
    pub fn new(history: &History, wanted: &RowQuery, window: Duration) -> Self {
        let rows = history.rows(wanted.from - window, wanted.until);
        let first = rows.partition_point(|time| time < wanted.from.as_nanos());
        Self::from_rows(rows, first, wanted)
    }

    /// The same rows in another order.
    #[must_use]
    pub fn rearranged(&self, wanted: &RowQuery) -> Self {
        Self::from_rows(self.rows.clone(), self.first, wanted)
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
            SortBy::Value => turned -= sort_by_value(&rows, &mut order),
        }
        Self { rows, first, order: Some(order), turned }
    }

    /// Rows that are wanted.
    pub fn len(&self) -> usize {
        self.order.as_ref().map_or(self.rows.len() - self.first, Vec::len)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows that this is an order of.
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// The numbers among [`Self::rows`] of a page of them, from either end.
    pub fn page(&self, places: Range<usize>, is_descending: bool) -> Vec<usize> {
        let len = self.len();
        let number = |place: usize| {
            let place = match place.checked_sub(self.turned) {
                // What comes last comes last in either direction.
                Some(place) if is_descending => len - 1 - place,
                None if is_descending => self.turned - 1 - place,
                _ => place,
            };
            self.order.as_ref().map_or(self.first + place, |order| order[place] as usize)
        };
        (places.start.min(len)..places.end.min(len)).map(number).collect()
    }

    /// The rolling aggregate of these rows as part of the stream, NaN where it is missing or where their windows hold too
    /// many rows to look.
    pub fn rolling(&self, numbers: &[usize], settings: &Settings) -> Vec<f64> {
        let mut rolled = vec![f64::NAN; numbers.len()];
        let Ok(mut rolling) = Rolling::new(&settings.rolling_window()) else { return rolled };
        if settings.rolling_scope == RollingScope::Batch {
            // Which rows were of one batch is not known any more.
            return rolled;
        }
        let mut places: Vec<u32> = (0..numbers.len() as u32).collect();
        sort_by(&mut places, &|a, b| (numbers[a as usize], a).cmp(&(numbers[b as usize], b)));
        let (mut fed, mut left) = (0, MAX_VISITED);
        for place in places {
            let number = numbers[place as usize];
            let seen_from = Timestamp::from_nanos(self.rows.time(number)) - settings.window;
            let start = self.rows.partition_point(|time| time < seen_from.as_nanos()).max(fed);
            // Rows that are left out here are not in the window of any row that follows.
            let Some(rest) = left.checked_sub(number + 1 - start) else { continue };
            (left, fed) = (rest, number + 1);
            self.rows.visit(start..fed, |time, value| rolled[place as usize] = rolling.push(time, value));
        }
        rolled
    }
}

#[cfg(test)]
#[path = "sorted_tests.rs"]
mod tests;
