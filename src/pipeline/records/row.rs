//! Rows as they were sent: those that can become events, and those that cannot.

use std::collections::VecDeque;

use crate::pipeline::{EventError, Id, MAX_DEAD_LETTERS};
use crate::time::Timestamp;

/// Maximum number of refused rows that an answer lists: the first ones. All are counted.
pub const MAX_LISTED: usize = 1000;

/// Maximum number of bytes of a refused row that are kept: enough for 200 characters, and for a dead letter.
const INPUT_BYTES: usize = 804;

/// A row that can become an event; timestamp and id may be missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Missing: the time of arrival.
    pub timestamp: Option<Timestamp>,
    /// Missing: a random UUID.
    pub id: Option<Id>,
    /// Always finite.
    pub value: f64,
}

/// Where a row stands in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its number, from 0; blank lines and the header of CSV are no rows.
    pub row: usize,
    /// Its first line, from 1, as an editor shows it; of a quote that never ends, the line of the quote.
    pub line: usize,
}

/// A row that cannot become an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Where it stands.
    pub place: Place,
    /// Why, in one sentence.
    pub reason: String,
    /// The row as sent, cut at some hundred bytes.
    pub input: String,
}

/// The rows of a text: `drafts` and `refusals` together count each of them once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    /// Usable rows, in order.
    pub drafts: Vec<(Place, Draft)>,
    /// The other ones.
    pub refusals: Refusals,
}

/// Refused rows: all are counted; the first ones are kept for the answer, the newest ones for the dead letters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusals {
    first: Vec<BadRow>,
    /// The newest of those that follow `first`.
    newest: VecDeque<BadRow>,
    count: usize,
}

impl Rows {
    /// Number of rows of the text.
    #[must_use]
    pub fn count(&self) -> usize {
        self.drafts.len() + self.refusals.count
    }

    /// Adds the next row.
    pub(super) fn push(&mut self, line: usize, draft: Result<Draft, EventError>, input: &[u8]) {
        let place = Place { row: self.count(), line };
        match draft {
            Ok(draft) => self.drafts.push((place, draft)),
            Err(error) => {
                let input = String::from_utf8_lossy(&input[..input.len().min(INPUT_BYTES)]).into_owned();
                self.refusals.push(BadRow { place, reason: error.to_string(), input });
            }
        }
    }
}

impl Refusals {
    /// Number of refused rows.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// The first [`MAX_LISTED`] of them, in order.
    #[must_use]
    pub fn first(&self) -> &[BadRow] {
        &self.first
    }

    /// The newest ones, in order: as many as the dead letters hold.
    pub fn newest(&self) -> impl ExactSizeIterator<Item = &BadRow> {
        let from_first = MAX_DEAD_LETTERS.saturating_sub(self.newest.len()).min(self.first.len());
        let kept = Vec::from_iter(self.first[self.first.len() - from_first..].iter().chain(&self.newest));
        kept.into_iter()
    }

    /// Adds a row that stands behind all others.
    fn push(&mut self, bad: BadRow) {
        self.count += 1;
        if self.first.len() < MAX_LISTED {
            self.first.push(bad);
            return;
        }
        if self.newest.len() == MAX_DEAD_LETTERS {
            self.newest.pop_front();
        }
        self.newest.push_back(bad);
    }

    /// Adds rows that stand anywhere among the others.
    pub fn extend(&mut self, bad: impl IntoIterator<Item = BadRow>) {
        let others = std::mem::take(self);
        let mut all: Vec<BadRow> = others.first.into_iter().chain(others.newest).collect();
        let known = all.len();
        all.extend(bad);
        let count = others.count + all.len() - known;
        all.sort_by_key(|bad| bad.place.row);
        all.into_iter().for_each(|bad| self.push(bad));
        self.count = count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bad(row: usize) -> BadRow {
        BadRow { place: Place { row, line: row + 1 }, reason: "bad".into(), input: String::new() }
    }

    fn rows<'a>(bad: impl IntoIterator<Item = &'a BadRow>) -> Vec<usize> {
        bad.into_iter().map(|bad| bad.place.row).collect()
    }

    #[test]
    fn the_first_and_the_newest_thousand_are_kept_and_all_are_counted() {
        for count in [0, 1, 999, 1000, 1500, 5000] {
            let mut refusals = Refusals::default();
            (0..count).for_each(|row| refusals.push(bad(row)));
            assert_eq!(refusals.count(), count);
            assert_eq!(rows(refusals.first()), (0..count.min(1000)).collect::<Vec<_>>());
            assert_eq!(rows(refusals.newest()), (count.saturating_sub(1000)..count).collect::<Vec<_>>());
        }
    }

    #[test]
    fn rows_that_are_refused_later_take_their_places() {
        let mut refusals = Refusals::default();
        (0..3000).map(|row| 2 * row).for_each(|row| refusals.push(bad(row)));
        refusals.extend((0..3000).map(|row| bad(2 * row + 1)));
        assert_eq!(refusals.count(), 6000);
        assert_eq!(rows(refusals.first()), (0..1000).collect::<Vec<_>>());
        assert_eq!(rows(refusals.newest()), (5000..6000).collect::<Vec<_>>());
    }
}
