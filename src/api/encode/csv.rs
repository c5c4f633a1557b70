//! A table as CSV: a header row, then the rows; missing cells are empty.

use super::Encoder;
use super::json::bare_cell;
use crate::frame::Frame;
use crate::time::Clock;

pub(super) struct Csv {
    clock: Clock,
    has_header: bool,
}

impl Csv {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, has_header: false }
    }
}

impl Encoder for Csv {
    fn open_table(&mut self, _: &str, _: &mut Vec<u8>) {}

    fn rows(&mut self, rows: &Frame, out: &mut Vec<u8>) {
        // Writing to memory cannot fail, so results are not looked at.
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(out);
        if !self.has_header {
            self.has_header = true;
            let _ = writer.write_record(rows.columns().iter().map(|(name, _)| name.as_bytes()));
        }
        let mut cell = Vec::new();
        for row in 0..rows.len() {
            for (_, column) in rows.columns() {
                cell.clear();
                bare_cell(&mut cell, column, row, &self.clock);
                let _ = writer.write_field(&cell);
            }
            let _ = writer.write_record(None::<&[u8]>);
        }
        let _ = writer.flush();
    }

    fn close_table(&mut self, _: &mut Vec<u8>) {}

    fn finish(&mut self, _: &mut Vec<u8>) {}
}
