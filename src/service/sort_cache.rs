//! The orders of the history that tables show, kept for as long as somebody looks at them.

use std::rc::Rc;

use crate::store::{History, RowQuery, Sorted};
use crate::time::{Duration, Timestamp};

/// Orders that are kept: those of a few pages.
const MOST: usize = 4;
/// One that nobody has asked for in this time is let go.
const KEPT_FOR: Duration = Duration::from_secs(600);
/// So many rows are sorted anew whenever there are others.
const FEW_ROWS: usize = 50_000;
/// More only every half second, and less often the more they are.
const AGAIN_AFTER_NANOS: i64 = 500_000_000;
const ROWS_PER_TIME: usize = 250_000;

#[derive(Debug, Default)]
pub(super) struct SortCache {
    /// Those that were asked for last come last.
    known: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    wanted: RowQuery,
    window: Duration,
    /// The number of the moment that it stays at.
    as_of: Option<u32>,
    sorted: Rc<Sorted>,
    /// How many rows had come and how many were kept when it was made, and when that was.
    inserted: u64,
    kept: usize,
    made: Timestamp,
    asked: Timestamp,
}

impl SortCache {
    /// The rows in this order, and how many have come since they were looked up: those of the moment at which the number
    /// `as_of` was named first, or else of now, or of a moment ago where they are many.
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
        if self.known.len() > MOST {
            self.known.remove(0);
        }
        answer
    }

    /// Lets go of all.
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

    /// Whether it is of the rows that somebody wants to see in another order.
    fn is_of_moment(&self, wanted: &RowQuery, window: Duration, as_of: Option<u32>) -> bool {
        let is_same_range = (self.wanted.from, self.wanted.until) == (wanted.from, wanted.until);
        as_of.is_some() && self.as_of == as_of && self.window == window && is_same_range
    }
}
