//! Tables that are already computed.

use super::{ROWS, Step, Table, Tables};
use crate::api::encode::json::Views;
use crate::frame::{Frame, FrameError};
use crate::pipeline;

/// The tables of a batch, as they were made.
pub(in crate::api) fn ready(tables: &pipeline::Tables) -> Tables {
    let frames = [&tables.latest, &tables.melted, &tables.pivoted];
    let ready = |frame: &Frame| -> Box<dyn Table> { Box::new(Ready::new(frame.clone())) };
    Views::NAMES.into_iter().zip(frames.map(ready)).collect()
}

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
