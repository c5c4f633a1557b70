//! Reads the text of an instant from its start, a part at a time.

use super::timestamp_error::TimestampFault as Fault;

/// The unread rest of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl Cursor<'_> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    pub(super) fn skip(&mut self) {
        self.0 = self.0.get(1..).unwrap_or_default();
    }

    /// The next byte if it is one of these.
    pub(super) fn accept(&mut self, bytes: &[u8]) -> Option<u8> {
        let next = self.peek().filter(|next| bytes.contains(next))?;
        self.skip();
        Some(next)
    }

    /// Skips a text if it is next.
    pub(super) fn accept_text(&mut self, text: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }

    /// Skips a word if it is next, without regard to case.
    pub(super) fn accept_word(&mut self, word: &str) -> Option<()> {
        let (head, tail) = self.0.split_at_checked(word.len())?;
        if !head.eq_ignore_ascii_case(word.as_bytes()) {
            return None;
        }
        self.0 = tail;
        Some(())
    }

    /// Exactly `width` digits.
    pub(super) fn number(&mut self, width: usize) -> Result<u32, Fault> {
        let (head, tail) = self.0.split_at_checked(width).ok_or(Fault::Form)?;
        let digit = |number, b: &u8| b.is_ascii_digit().then(|| number * 10 + u32::from(b - b'0'));
        let number = head.iter().try_fold(0, digit).ok_or(Fault::Form)?;
        self.0 = tail;
        Ok(number)
    }

    /// One digit to `max_width`, which is at most nine.
    pub(super) fn number_up_to(&mut self, max_width: usize) -> Result<u32, Fault> {
        match self.digits().min(max_width) {
            0 => Err(Fault::Form),
            width => self.number(width),
        }
    }

    /// Up to nine digits after the point, in nanoseconds; none at all count as zero, as in `12:00:00.`.
    pub(super) fn fraction(&mut self) -> Result<u32, Fault> {
        match self.digits() {
            0 => Ok(0),
            width @ 1..=9 => Ok(self.number(width)? * 10_u32.pow(9 - width as u32)),
            _ => Err(Fault::TooFine),
        }
    }

    /// Number of digits that are next.
    pub(super) fn digits(&self) -> usize {
        self.0.iter().take_while(|byte| byte.is_ascii_digit()).count()
    }
}
