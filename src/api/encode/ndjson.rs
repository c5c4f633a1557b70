//! A table as newline-delimited JSON.

use super::Encoder;
use super::json::records;
use crate::frame::Frame;
use crate::time::Clock;

pub(super) struct Ndjson {
    clock: Clock,
}

impl Ndjson {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock }
    }
}

impl Encoder for Ndjson {
    fn open_table(&mut self, _: &str, _: &mut Vec<u8>) {}

    fn rows(&mut self, rows: &Frame, out: &mut Vec<u8>) {
        records(out, rows, &self.clock, b"", b"\n");
    }

    fn close_table(&mut self, _: &mut Vec<u8>) {}

    fn finish(&mut self, _: &mut Vec<u8>) {}
}
