//! A table as CSV: a header row, then the rows; missing cells are empty.
//!
//! Written by hand, although the csv crate reads input: its writer can quote all fields that are not numbers, and to
//! detect numbers it links the standard library's table of powers of ten, a sixteenth of the download.
//! Source: RFC 4180, with the line ends of Unix.

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
        if !self.has_header {
            self.has_header = true;
            for (place, (name, _)) in rows.columns().iter().enumerate() {
                field(out, place, |out| out.extend_from_slice(name.as_bytes()));
            }
            out.push(b'\n');
        }
        for row in 0..rows.len() {
            for (place, (_, column)) in rows.columns().iter().enumerate() {
                field(out, place, |out| bare_cell(out, column, row, &self.clock));
            }
            out.push(b'\n');
        }
    }

    fn close_table(&mut self, _: &mut Vec<u8>) {}

    fn finish(&mut self, _: &mut Vec<u8>) {}
}

/// Writes a field, then puts it in quotes if it needs them.
fn field(out: &mut Vec<u8>, place: usize, write: impl FnOnce(&mut Vec<u8>)) {
    if place > 0 {
        out.push(b',');
    }
    let start = out.len();
    write(out);
    if out[start..].iter().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        let text = out.split_off(start);
        out.push(b'"');
        for byte in text {
            out.extend_from_slice(if byte == b'"' { b"\"\"" } else { std::slice::from_ref(&byte) });
        }
        out.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Column, Strings};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn any_text_reads_back(texts in prop::collection::vec(("\\PC*|[,\"\r\n a]*", "[,\"\r\n a]*"), 0..5)) {
            let column = |pick: fn(&(String, String)) -> &String| -> Column {
                Column::String(texts.iter().map(|pair| Some(pick(pair))).collect::<Strings>())
            };
            let frame = Frame::new(vec![("a,b".into(), column(|pair| &pair.0)), ("c".into(), column(|pair| &pair.1))]).unwrap();
            let mut out = Vec::new();
            Csv::new(Clock::Utc).rows(&frame, &mut out);
            let mut reader = csv::Reader::from_reader(&out[..]);
            prop_assert_eq!(reader.headers().unwrap(), vec!["a,b", "c"]);
            let read: Vec<(String, String)> = reader.records().map(|record| {
                let record = record.unwrap();
                (record[0].to_owned(), record[1].to_owned())
            }).collect();
            prop_assert_eq!(read, texts);
        }
    }
}
