//! The buffers of a message.

use std::ops::Range;
use std::rc::Rc;

/// Bytes of a column. Cloning shares them.
#[derive(Debug, Clone, Default)]
pub(super) struct Buffer {
    bytes: Rc<Vec<u8>>,
    range: Range<usize>,
}

impl Buffer {
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(self.range.clone()).unwrap_or_default()
    }

    /// Whether it has so many cells of so many bytes.
    pub(super) fn holds(&self, cells: usize, bytes: usize) -> bool {
        cells.checked_mul(bytes).is_some_and(|bytes| bytes <= self.range.len())
    }

    /// The cell at a place, of `N` bytes; zeros behind the end.
    pub(super) fn cell<const N: usize>(&self, place: usize) -> [u8; N] {
        self.bytes().get(place * N..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
    }

    /// The bit at a place, the lowest one of a byte first.
    pub(super) fn bit(&self, place: usize) -> bool {
        self.bytes().get(place / 8).is_some_and(|byte| byte >> (place % 8) & 1 == 1)
    }
}

/// The buffers of a message that are not taken yet.
pub(super) struct Body {
    bytes: Rc<Vec<u8>>,
    at: usize,
}

impl Body {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes: Rc::new(bytes), at: 0 }
    }

    /// The next buffer, of so many bytes. There are as many bytes as all lengths of the head have.
    pub(super) fn take(&mut self, length: u32) -> Buffer {
        let start = self.at;
        self.at += length as usize;
        Buffer { bytes: Rc::clone(&self.bytes), range: start..self.at }
    }
}
