//! A cache of the sorted rows that tables show, kept for as long as they are requested.

use std::rc::Rc;

use crate::store::{History, RowQuery, Sorted};
use crate::time::{Duration, Timestamp};

/// The most entries: those of a few pages.
const MAX_VIEWS: usize = 4;
/// An entry that is not requested for this long is dropped.
const KEPT_FOR: Duration = Duration::from_secs(600);
/// Up to this number of rows, an entry is sorted again whenever the history has changed.
const FEW_ROWS: usize = 50_000;
/// How long a larger entry stays as it is, for each [`ROWS_PER_TIME`] of its rows.
const AGAIN_AFTER_NANOS: i64 = 500_000_000;
const ROWS_PER_TIME: usize = 250_000;

#[derive(Debug, Default)]
pub(super) struct SortCache {
    /// In order of their last request.
    known: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    wanted: RowQuery,
    window: Duration,
    /// The number that fixes it to the rows of one moment, see `RowsView::as_of`.
    as_of: Option<u32>,
    sorted: Rc<Sorted>,
    /// Rows inserted and rows kept when it was made, when it was made, and when it was last requested.
    inserted: u64,
    kept: usize,
    made: Timestamp,
    asked: Timestamp,
}

impl SortCache {
    /// The rows in this order, and the number inserted since they were looked up: the rows of the moment at which
    /// `as_of` was first requested, or without it those of now, or of a moment ago where there are many.
    pub(super) fn get(
        &mut self,
        history: &History,
        wanted: &RowQuery,
        window: Duration,
        as_of: Option<u32>,
        now: Timestamp,
    ) -> (Rc<Sorted>, u64) {
        self.known.retain(|known| now - known.asked < KEPT_FOR);
        if as_of.is_none() && wanted.is_plain() {
            return (Rc::new(Sorted::new(history, wanted, window)), 0);
        }
        let known = self.known.iter().position(|known| (&known.wanted, known.as_of) == (wanted, as_of));
        let known = known.map(|place| self.known.remove(place));
        let known = known.filter(|known| known.window == window && known.is_current(history, now));
        let known = known.unwrap_or_else(|| {
            let moment = self.known.iter().find(|known| known.is_of_moment(wanted, window, as_of));
            let sorted = match moment {
                Some(known) => known.sorted.rearranged(wanted),
                None => Sorted::new(history, wanted, window),
            };
            Known {
                wanted: wanted.clone(),
                window,
                as_of,
                sorted: Rc::new(sorted),
                inserted: moment.map_or(history.inserted(), |known| known.inserted),
                kept: moment.map_or(history.len(), |known| known.kept),
                made: now,
                asked: now,
            }
        });
        let answer = (Rc::clone(&known.sorted), history.inserted() - known.inserted);
        self.known.push(Known { asked: now, ..known });
        if self.known.len() > MAX_VIEWS {
            self.known.remove(0);
        }
        answer
    }

    /// Drops all entries.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }
}

impl Known {
    /// Whether it can still be shown.
    fn is_current(&self, history: &History, now: Timestamp) -> bool {
        let rows = self.sorted.rows().len();
        let again = AGAIN_AFTER_NANOS * (rows / ROWS_PER_TIME).max(1) as i64;
        let is_same = (self.inserted, self.kept) == (history.inserted(), history.len());
        let is_recent = (0..again).contains(&(now - self.made).as_nanos());
        self.as_of.is_some() || is_same || rows > FEW_ROWS && is_recent
    }

    /// Whether it holds the wanted rows, perhaps in another order.
    fn is_of_moment(&self, wanted: &RowQuery, window: Duration, as_of: Option<u32>) -> bool {
        let is_same_range = (self.wanted.from, self.wanted.until) == (wanted.from, wanted.until);
        as_of.is_some() && self.as_of == as_of && self.window == window && is_same_range
    }
}
