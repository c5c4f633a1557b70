//! Tables written one after the other, piece by piece.

use std::collections::VecDeque;

use super::encode::Encoder;
use super::tables::{Step, Table, Tables};
use super::{Flow, Part};
use crate::frame::FrameError;
use crate::service::PipelineService;
use crate::time::Timestamp;

/// A part is sent once it is this large.
const PART_BYTES: usize = 128 << 10;
/// A part is sent after so many steps of its tables: rows that are pivoted may be many, and their text short.
const PART_STEPS: usize = 8;

/// The body of an answer that holds tables.
pub(super) struct Answer {
    tables: VecDeque<(&'static str, Box<dyn Table>)>,
    encoder: Box<dyn Encoder>,
    is_open: bool,
    is_finished: bool,
}

impl Answer {
    pub(super) fn new(tables: Tables, encoder: Box<dyn Encoder>) -> Self {
        Self { tables: tables.into(), encoder, is_open: false, is_finished: false }
    }

    /// Writes until there is enough to send or a table is [`Step::Busy`]; returns whether there may be more.
    fn write(&mut self, out: &mut Vec<u8>) -> Result<bool, FrameError> {
        for _ in 0..PART_STEPS {
            if out.len() >= PART_BYTES {
                break;
            }
            let Some((name, table)) = self.tables.front_mut() else {
                if !self.is_finished {
                    self.encoder.finish(out);
                }
                self.is_finished = true;
                return Ok(false);
            };
            if !self.is_open {
                self.encoder.open_table(name, out);
                self.is_open = true;
            }
            match table.next()? {
                Step::Rows(rows) => self.encoder.rows(&rows, out),
                Step::Busy => break,
                Step::End => {
                    self.encoder.close_table(out);
                    self.is_open = false;
                    self.tables.pop_front();
                }
            }
        }
        Ok(true)
    }
}

impl Flow for Answer {
    fn next(&mut self, _: &PipelineService, now: Timestamp) -> Part {
        let mut out = Vec::new();
        match self.write(&mut out) {
            _ if !out.is_empty() => Part::Bytes(out),
            Ok(true) => Part::Wait(now),
            // A verb that refuses rows of the history cuts the answer short, and no reader takes it for complete.
            Ok(false) | Err(_) => Part::End,
        }
    }
}
