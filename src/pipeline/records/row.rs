//! Rows as they were sent: those that can become events, and those that cannot.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::ids::Ids;
use super::ignored::Ignored;
use crate::pipeline::{EventError, Id, MAX_DEAD_LETTERS, Values};
use crate::time::Timestamp;

/// Maximum number of refused rows that an answer lists: the first ones. All are counted.
pub const MAX_LISTED: usize = 1000;

/// Maximum number of bytes of a refused row that are kept: enough for 200 characters, and for a dead letter.
pub(super) const INPUT_BYTES: usize = 804;

/// Maximum size of a row, in bytes of UTF-8: a longer one is refused, and only its start is kept.
pub const MAX_ROW_BYTES: usize = 1 << 20;

/// A row that can become an event; timestamp and id may be missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Missing: the time of arrival.
    pub timestamp: Option<Timestamp>,
    /// Missing: a random UUID.
    pub id: Option<Id>,
    /// A number for each measure of the mapping, in its order: finite, or NaN where it is missing and may be.
    pub values: Values,
}

/// Where a row stands in its text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Its number, from 0; blank lines and the header of CSV are no rows.
    pub row: usize,
    /// Its first line, from 1, as an editor shows it; of a quote that never ends, the line of the quote.
    pub line: usize,
}

/// A row that cannot become an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadRow {
    /// Where it stands.
    pub place: Place,
    /// Why, in one sentence.
    pub reason: String,
    /// The row as sent, cut at some hundred bytes.
    pub input: String,
}

/// The rows of a text, or of what was read of it so far: each is a draft or a refusal, once. Drafts may be taken out
/// while more are read.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// Usable rows, in order.
    pub drafts: Vec<(Place, Draft)>,
    /// The other ones.
    pub refusals: Refusals,
    /// Names of fields that no row is made of, each once, in the order in which they came.
    pub ignored: Ignored,
    pub(super) ids: Ids,
    /// Number of rows so far, also of drafts that were taken out.
    count: usize,
}

/// Refused rows: all are counted; the first ones are kept for the answer, the newest ones for the dead letters.
#[derive(Debug, Clone, Default)]
pub struct Refusals {
    first: Vec<BadRow>,
    /// The newest of those that follow `first`.
    newest: VecDeque<Newest>,
    count: usize,
}

/// A refused row that others may push out before anybody reads it.
#[derive(Debug, Clone)]
enum Newest {
    /// A row whose reason is known.
    Explained(BadRow),
    /// A row as sent, and what says why it was refused: of millions, the reasons of the last ones alone are shown.
    Unexplained { place: Place, row: Vec<u8>, explain: Explain },
}

/// Says why a row was refused.
pub(super) type Explain = fn(&[u8]) -> String;

impl Rows {
    /// The rows of a text from this one on, by its number from 0.
    #[must_use]
    pub fn from_row(row: u64) -> Self {
        Self { count: row as usize, ..Self::default() }
    }

    /// Goes on with another text, whose rows are numbered from this one on: ids that recur are still shared.
    pub fn number_from(&mut self, row: usize) {
        self.count = row;
    }

    /// Adds the next row, which is refused: what cannot be read as rows at all counts as one.
    pub fn refuse(&mut self, line: usize, reason: String, input: &[u8]) {
        let place = Place { row: self.count, line };
        self.count += 1;
        self.refusals.push(Newest::Explained(BadRow::new(place, reason, input)));
    }

    /// Number of rows that were read, and of those before them.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Adds the next row.
    pub(super) fn push(&mut self, line: usize, draft: Result<Draft, EventError>, input: &[u8]) {
        let place = Place { row: self.count, line };
        self.count += 1;
        match draft {
            Ok(draft) => self.drafts.push((place, draft)),
            Err(error) => self.refusals.push(Newest::Explained(BadRow::new(place, error.to_string(), input))),
        }
    }

    /// Adds the next row, which is refused: a row of up to [`INPUT_BYTES`], whose reason depends on nothing else.
    pub(super) fn push_unexplained(&mut self, line: usize, row: &[u8], explain: Explain) {
        let place = Place { row: self.count, line };
        self.count += 1;
        self.refusals.push_unexplained(place, row, explain);
    }
}

impl BadRow {
    fn new(place: Place, reason: String, input: &[u8]) -> Self {
        let input = String::from_utf8_lossy(&input[..input.len().min(INPUT_BYTES)]).into_owned();
        Self { place, reason, input }
    }
}

impl Newest {
    fn into_bad_row(self) -> BadRow {
        match self {
            Self::Explained(bad) => bad,
            Self::Unexplained { place, row, explain } => BadRow::new(place, explain(&row), &row),
        }
    }
}

/// By the rows and the names.
impl PartialEq for Rows {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count
            && self.drafts == other.drafts
            && self.refusals == other.refusals
            && self.ignored == other.ignored
    }
}

/// By what is shown of them.
impl PartialEq for Refusals {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count && self.first == other.first && self.newest() == other.newest()
    }
}

/// The refusal of a row of more than [`MAX_ROW_BYTES`].
pub(super) fn too_long<T>() -> Result<T, EventError> {
    Err(EventError::Unreadable(format!("the row has more than {MAX_ROW_BYTES} bytes; send a shorter one")))
}

/// The start of a row that is too long, as far as it is kept.
pub(super) fn start_of(row: &[u8]) -> Vec<u8> {
    row[..row.len().min(INPUT_BYTES)].to_vec()
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
    #[must_use]
    pub fn newest(&self) -> Vec<BadRow> {
        let from_first = MAX_DEAD_LETTERS.saturating_sub(self.newest.len()).min(self.first.len());
        let newest = self.newest.iter().cloned().map(Newest::into_bad_row);
        self.first[self.first.len() - from_first..].iter().cloned().chain(newest).collect()
    }

    /// Adds a row that stands behind all others.
    fn push(&mut self, bad: Newest) {
        self.count += 1;
        if self.first.len() < MAX_LISTED {
            self.first.push(bad.into_bad_row());
            return;
        }
        if self.newest.len() == MAX_DEAD_LETTERS {
            self.newest.pop_front();
        }
        self.newest.push_back(bad);
    }

    /// The same, in the memory of the row that is pushed out.
    fn push_unexplained(&mut self, place: Place, row: &[u8], explain: Explain) {
        let mut copy = Vec::new();
        if self.newest.len() == MAX_DEAD_LETTERS
            && let Some(Newest::Unexplained { row, .. }) = self.newest.pop_front()
        {
            copy = row;
            copy.clear();
        }
        copy.extend_from_slice(row);
        self.push(Newest::Unexplained { place, row: copy, explain });
    }

    /// The refused ones among the first `rows`, of which there are `count`.
    #[must_use]
    pub fn before(self, rows: usize, count: usize) -> Self {
        let newest = self.newest.into_iter().map(Newest::into_bad_row);
        let mut refusals = Self::default();
        let known = self.first.into_iter().chain(newest).filter(|bad| bad.place.row < rows);
        known.for_each(|bad| refusals.push(Newest::Explained(bad)));
        refusals.count = count;
        refusals
    }

    /// Counts rows of which nothing is known but that they were refused: an earlier attempt at the same text did so.
    pub fn count_unknown(&mut self, rows: usize) {
        self.count += rows;
    }

    /// Adds rows that stand anywhere among the others.
    pub fn extend(&mut self, bad: impl IntoIterator<Item = BadRow>) {
        let others = std::mem::take(self);
        let newest = others.newest.into_iter().map(Newest::into_bad_row);
        let mut all: Vec<BadRow> = others.first.into_iter().chain(newest).collect();
        let known = all.len();
        all.extend(bad);
        let count = others.count + all.len() - known;
        all.sort_by_key(|bad| bad.place.row);
        all.into_iter().for_each(|bad| self.push(Newest::Explained(bad)));
        self.count = count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bad(row: usize) -> BadRow {
        BadRow { place: Place { row, line: row + 1 }, reason: "bad".into(), input: String::new() }
    }

    fn refuse(refusals: &mut Refusals, row: usize) {
        refusals.push(Newest::Explained(bad(row)));
    }

    fn rows<'a>(bad: impl IntoIterator<Item = &'a BadRow>) -> Vec<usize> {
        bad.into_iter().map(|bad| bad.place.row).collect()
    }

    #[test]
    fn the_first_and_the_newest_thousand_are_kept_and_all_are_counted() {
        for count in [0, 1, 999, 1000, 1500, 5000] {
            let mut refusals = Refusals::default();
            (0..count).for_each(|row| refuse(&mut refusals, row));
            assert_eq!(refusals.count(), count);
            assert_eq!(rows(refusals.first()), (0..count.min(1000)).collect::<Vec<_>>());
            assert_eq!(rows(&refusals.newest()), (count.saturating_sub(1000)..count).collect::<Vec<_>>());
        }
    }

    #[test]
    fn rows_that_are_refused_later_take_their_places() {
        let mut refusals = Refusals::default();
        (0..3000).for_each(|row| refuse(&mut refusals, 2 * row));
        refusals.extend((0..3000).map(|row| bad(2 * row + 1)));
        assert_eq!(refusals.count(), 6000);
        assert_eq!(rows(refusals.first()), (0..1000).collect::<Vec<_>>());
        assert_eq!(rows(&refusals.newest()), (5000..6000).collect::<Vec<_>>());
    }

    #[test]
    fn a_row_without_a_reason_gets_it_when_it_is_shown() {
        let (mut rows, mut others) = (Rows::default(), Rows::default());
        let explain: Explain = |row| format!("{} is bad", String::from_utf8_lossy(row));
        for number in 0..3500 {
            let row = format!("row {number}");
            others.push(number, Err(EventError::Unreadable(format!("{row} is bad"))), row.as_bytes());
            match number % 3 {
                0 => push_explained(&mut rows, number, &row),
                _ => rows.push_unexplained(number, row.as_bytes(), explain),
            }
        }
        assert_eq!(
            (rows.refusals.first(), rows.refusals.newest()),
            (others.refusals.first(), others.refusals.newest())
        );
        assert_eq!(rows, others);
    }

    fn push_explained(rows: &mut Rows, number: usize, row: &str) {
        rows.push(number, Err(EventError::Unreadable(format!("{row} is bad"))), row.as_bytes());
    }
}
