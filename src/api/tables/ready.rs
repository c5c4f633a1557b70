//! A table that is already computed.

use super::{ROWS, Step, Table};
use crate::frame::{Frame, FrameError};

/// A frame, returned in pieces.
pub(crate) struct Ready {
    frame: Frame,
    at: usize,
    has_begun: bool,
}

impl Ready {
    pub(crate) fn new(frame: Frame) -> Self {
        Self { frame, at: 0, has_begun: false }
    }
}

impl Table for Ready {
    fn next(&mut self) -> Result<Step, FrameError> {
        if self.at == self.frame.len() && self.has_begun {
            return Ok(Step::End);
        }
        let rows = self.at..self.frame.len().min(self.at + ROWS);
        (self.at, self.has_begun) = (rows.end, true);
        // Slicing writes views out; a table of few rows is returned whole.
        let is_whole = rows == (0..self.frame.len());
        Ok(Step::Rows(if is_whole { self.frame.clone() } else { self.frame.slice(rows) }))
    }
}
