//! Dead letters: refused rows, kept so that no row disappears silently.

use std::borrow::Cow;
use std::collections::VecDeque;

use crate::time::Timestamp;

/// Maximum number of refused rows that are kept; older ones are only counted.
pub const MAX_DEAD_LETTERS: usize = 1000;
/// Maximum number of bytes of a refused row's input that are kept.
const INPUT_BYTES: usize = 500;

/// A refused row.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadLetter {
    /// When it arrived.
    pub arrived: Timestamp,
    /// Where it came from, such as `POST /events`.
    pub source: Cow<'static, str>,
    /// Its row number in the input, from 0.
    pub row: Option<usize>,
    /// The line of the input on which it begins, from 1, where the input is text.
    pub line: Option<u64>,
    /// Why it was refused, in one sentence.
    pub reason: String,
    /// The input, cut to 500 bytes.
    pub input: String,
}

/// The newest refused rows and the total number.
#[derive(Debug, Clone, Default)]
pub struct DeadLetters {
    kept: VecDeque<DeadLetter>,
    total: u64,
}

impl DeadLetters {
    /// Keeps a refused row and removes the oldest beyond [`MAX_DEAD_LETTERS`].
    pub fn push(&mut self, mut dead_letter: DeadLetter) {
        if dead_letter.input.len() > INPUT_BYTES {
            let cut = (0..=INPUT_BYTES).rev().find(|at| dead_letter.input.is_char_boundary(*at)).unwrap_or(0);
            dead_letter.input.truncate(cut);
            dead_letter.input.push('…');
        }
        if self.kept.len() == MAX_DEAD_LETTERS {
            self.kept.pop_front();
        }
        self.kept.push_back(dead_letter);
        self.total += 1;
    }

    /// Counts refused rows that are not kept: [`MAX_DEAD_LETTERS`] others follow at once.
    pub fn count(&mut self, rows: usize) {
        self.total += rows as u64;
    }

    /// Restores refused rows, oldest first, and their total number.
    pub fn restored(dead_letters: Vec<DeadLetter>, total: u64) -> Self {
        Self { kept: dead_letters.into(), total }
    }

    /// The kept rows, newest first.
    pub fn newest_first(&self) -> impl ExactSizeIterator<Item = &DeadLetter> {
        self.kept.iter().rev()
    }

    /// Number of rows refused since the start.
    pub fn total(&self) -> u64 {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dead_letter(row: usize, input: &str) -> DeadLetter {
        DeadLetter {
            arrived: Timestamp::default(),
            source: "test".into(),
            row: Some(row),
            line: None,
            reason: "bad".into(),
            input: input.into(),
        }
    }

    #[test]
    fn the_newest_thousand_are_kept_and_all_are_counted() {
        let mut dead_letters = DeadLetters::default();
        for row in 0..1500 {
            dead_letters.push(dead_letter(row, ""));
        }
        assert_eq!((dead_letters.newest_first().len(), dead_letters.total()), (1000, 1500));
        assert_eq!(dead_letters.newest_first().next().and_then(|dead_letter| dead_letter.row), Some(1499));
    }

    #[test]
    fn long_input_is_cut_between_characters() {
        let mut dead_letters = DeadLetters::default();
        dead_letters.push(dead_letter(0, &"é".repeat(400)));
        dead_letters.push(dead_letter(1, &format!("a{}", "é".repeat(400))));
        assert!(dead_letters.newest_first().all(|dead_letter| dead_letter.input.len() <= INPUT_BYTES + '…'.len_utf8()));
    }
}
